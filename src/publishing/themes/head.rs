//! `head()`: what a page says about itself to browsers, search engines and shared links.

use std::fmt::Write as _;

use freehold_base::text::escape_html;
use serde_json::json;

use super::context::{MediaView, Page};
use super::dates;
use super::frame::Frame;
use super::manifest::Kind;
use super::markup::attribute;
use super::share;

/// Everything between `<head>` and `</head>` but the character set and viewport, which come first.
pub(crate) fn head(frame: &Frame) -> String {
    let page = &*frame.page;
    let mut out = String::with_capacity(3072);
    out.push_str(
        "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
    );
    match page.page.browser_title.as_str() {
        "" => escape_html(&full_title(page), &mut out),
        title => escape_html(title, &mut out),
    }
    out.push_str("</title>");
    files(frame, &mut out);
    about(frame, &mut out);
    shared(frame, &mut out);
    structured(frame, &mut out);
    css_values(frame, &mut out);
    if let Some(slot) = page.slots.get("head") {
        out.push_str(slot);
    }
    out
}

/// `Title · Site`, or the site's name with its tagline on the home page.
fn full_title(page: &Page) -> String {
    let site = page.site.title.as_str();
    match (page.page.title.as_str(), page.site.tagline.as_str()) {
        ("", "") => site.to_owned(),
        ("", tagline) => format!("{site} · {tagline}"),
        (title, _) if title == site => site.to_owned(),
        (title, _) => format!("{title} · {site}"),
    }
}

/// Addresses to send as `Link: <…>; rel=preload` and their kind: `style` or `font`.
pub(crate) fn preloads(frame_assets: &super::frame::Fixed) -> Vec<(String, &'static str)> {
    let of = |paths: &[String], kind| {
        paths.iter().filter_map(|p| Some((frame_assets.assets.get(p)?.url.clone(), kind))).collect::<Vec<_>>()
    };
    let wanted = &frame_assets.manifest.preload;
    [of(&wanted.styles, "style"), of(&wanted.fonts, "font")].concat()
}

fn files(frame: &Frame, out: &mut String) {
    let wanted = &frame.fixed.manifest.preload;
    for url in wanted.fonts.iter().filter_map(|p| frame.asset_url(p)) {
        out.push_str("<link rel=\"preload\" as=\"font\" type=\"font/woff2\" crossorigin");
        attribute(out, "href", url);
        out.push('>');
    }
    for url in wanted.styles.iter().filter_map(|p| frame.asset_url(p)) {
        out.push_str("<link rel=\"stylesheet\"");
        attribute(out, "href", url);
        out.push('>');
    }
}

fn link(out: &mut String, rel: &str, href: &str) {
    if !href.is_empty() {
        let _ = write!(out, "<link rel=\"{rel}\"");
        attribute(out, "href", href);
        out.push('>');
    }
}

fn meta(out: &mut String, key: &str, name: &str, content: &str) {
    if !content.is_empty() {
        let _ = write!(out, "<meta {key}=\"{name}\"");
        attribute(out, "content", content);
        out.push('>');
    }
}

fn about(frame: &Frame, out: &mut String) {
    let page = &*frame.page;
    meta(out, "name", "description", description(page));
    let hidden = page.page.noindex || !page.site.is_public || page.request.is_preview || page.page.status >= 400;
    meta(out, "name", "robots", if hidden { "noindex,follow" } else { "max-image-preview:large" });
    link(out, "canonical", &page.page.canonical);
    link(out, "prev", &page.page.pagination.newer);
    link(out, "next", &page.page.pagination.older);
    for other in &page.page.alternates {
        out.push_str("<link rel=\"alternate\"");
        attribute(out, "hreflang", &other.locale);
        attribute(out, "href", &other.url);
        out.push('>');
    }
    if !page.site.feed_url.is_empty() {
        out.push_str("<link rel=\"alternate\" type=\"application/rss+xml\"");
        attribute(out, "title", &page.site.title);
        attribute(out, "href", &page.site.feed_url);
        out.push('>');
    }
    if !page.page.feed.is_empty() {
        out.push_str("<link rel=\"alternate\" type=\"application/rss+xml\"");
        attribute(out, "title", if page.page.title.is_empty() { &page.site.title } else { &page.page.title });
        attribute(out, "href", &page.page.feed);
        out.push('>');
    }
    link(out, "icon", page.site.icon.as_ref().map_or("/favicon.ico", MediaView::small));
    link(out, "apple-touch-icon", page.site.icon.as_ref().map_or("", |icon| &icon.url));
}

fn description(page: &Page) -> &str {
    let entry = page.entry.as_ref().map_or("", |e| e.excerpt.as_str());
    [page.page.description.as_str(), entry, page.site.tagline.as_str()]
        .into_iter()
        .find(|d| !d.is_empty())
        .unwrap_or("")
}

fn picture(page: &Page) -> Option<&MediaView> {
    page.page.image.as_ref().or_else(|| page.entry.as_ref()?.image.as_ref())
}

fn absolute(page: &Page, url: &str) -> String {
    if url.starts_with('/') { format!("{}{url}", page.site.url) } else { url.to_owned() }
}

/// Width of pictures on shared links; services refuse or cut larger ones.
const SHARED_WIDTH: u32 = 1280;

/// A large picture's JPEG copy for shared links, which every service reads; a small one as it is.
fn shared_copy(image: &MediaView) -> (String, u32, u32) {
    let stem = image.variants.iter().find_map(|v| v.url.strip_suffix(&format!("/{SHARED_WIDTH}.webp")));
    match stem {
        Some(stem) if image.width > SHARED_WIDTH => {
            let height = u64::from(image.height) * u64::from(SHARED_WIDTH) / u64::from(image.width);
            (format!("{stem}/{SHARED_WIDTH}.jpg"), SHARED_WIDTH, u32::try_from(height).unwrap_or(0))
        }
        _ => (image.url.clone(), image.width, image.height),
    }
}

fn shared(frame: &Frame, out: &mut String) {
    let page = &*frame.page;
    let title = if page.page.title.is_empty() { &page.site.title } else { &page.page.title };
    meta(out, "property", "og:type", if page.entry.is_some() { "article" } else { "website" });
    meta(out, "property", "og:title", title);
    meta(out, "property", "og:site_name", &page.site.title);
    meta(out, "property", "og:description", description(page));
    meta(out, "property", "og:url", &page.page.canonical);
    meta(out, "property", "og:locale", &page.site.locale.replace('-', "_"));
    if let Some(image) = picture(page) {
        let (url, width, height) = shared_copy(image);
        meta(out, "property", "og:image", &absolute(page, &url));
        if width > 0 {
            meta(out, "property", "og:image:width", &width.to_string());
            meta(out, "property", "og:image:height", &height.to_string());
        }
        meta(out, "property", "og:image:alt", &image.alt);
    } else if !page.page.share.is_empty() {
        meta(out, "property", "og:image", &absolute(page, &page.page.share));
        meta(out, "property", "og:image:width", &share::WIDTH.to_string());
        meta(out, "property", "og:image:height", &share::HEIGHT.to_string());
        meta(out, "property", "og:image:alt", title);
    }
    if let Some(entry) = &page.entry {
        meta(out, "property", "article:published_time", &dates::machine(&dates::local(entry.published_at, frame.zone)));
        meta(out, "property", "article:modified_time", &dates::machine(&dates::local(entry.updated_at, frame.zone)));
        for author in &entry.authors {
            meta(out, "property", "article:author", &absolute(page, &author.url));
        }
        if let Some(section) = entry.terms.get("category").and_then(|terms| terms.first()) {
            meta(out, "property", "article:section", &section.name);
        }
        for tag in entry.terms.get("tag").into_iter().flatten().take(10) {
            meta(out, "property", "article:tag", &tag.name);
        }
    }
    let has_picture = picture(page).is_some() || !page.page.share.is_empty();
    let card = if has_picture { "summary_large_image" } else { "summary" };
    meta(out, "name", "twitter:card", card);
}

/// JSON-LD. Not a script that runs: a data block, which no content policy for scripts stops.
fn structured(frame: &Frame, out: &mut String) {
    let page = &*frame.page;
    let data = match &page.entry {
        Some(entry) => json!({
            "@context": "https://schema.org",
            "@type": if entry.kind == "page" { "WebPage" } else { "BlogPosting" },
            "headline": entry.title,
            "description": description(page),
            "url": absolute(page, &page.page.canonical),
            "datePublished": dates::machine(&dates::local(entry.published_at, frame.zone)),
            "dateModified": dates::machine(&dates::local(entry.updated_at, frame.zone)),
            "author": entry.authors.iter().map(|a| json!({"@type": "Person", "name": a.name, "url": absolute(page, &a.url)})).collect::<Vec<_>>(),
            "image": picture(page).map(|i| absolute(page, &i.url)),
            "publisher": {"@type": "Organization", "name": page.site.title, "url": page.site.url},
        }),
        None if page.page.kind == "home" || page.page.kind == "front" => json!({
            "@context": "https://schema.org", "@type": "WebSite", "name": page.site.title, "url": page.site.url,
            "description": page.site.tagline,
            "potentialAction": {"@type": "SearchAction", "target": format!("{}/?s={{search_term_string}}", page.site.url),
                "query-input": "required name=search_term_string"},
        }),
        None => return,
    };
    out.push_str("<script type=\"application/ld+json\">");
    out.push_str(&script_json(&data));
    out.push_str("</script>");
}

/// JSON that cannot end the element it stands in.
pub(crate) fn script_json(data: &serde_json::Value) -> String {
    data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The settings that write CSS variables where they differ from the theme's defaults, and styles of the site's own.
fn css_values(frame: &Frame, out: &mut String) {
    let (mut rules, mut own) = (String::new(), String::new());
    for setting in &frame.fixed.manifest.settings {
        let Some(value) = frame.page.settings.get(&setting.id).and_then(|v| setting.settle(v)) else { continue };
        if value == setting.default {
            continue;
        }
        if let Some(text) = setting.css_text(&value) {
            let _ = write!(rules, "{}:{text};", setting.css_var);
        }
        if let (Kind::Code, Some(text)) = (setting.kind, value.as_str()) {
            own.push_str(text);
            own.push('\n');
        }
    }
    if !rules.is_empty() {
        let _ = write!(out, "<style>:root{{{rules}}}</style>");
    }
    if !own.is_empty() {
        let _ = write!(out, "<style>{own}</style>");
    }
}
