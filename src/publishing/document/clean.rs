//! HTML from people: bounds first, then the allow-list (security rule D4).
//!
//! The bounds come first because the cleaner's parser is quadratic in depth (200,000 levels: 108 s).

use std::sync::LazyLock;

use ammonia::Builder;
use freehold_base::{Code, Error, Result};

use super::dom::{Dom, Excess};
use super::{embed, plain};

/// Bytes of HTML that are cleaned at once.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Levels of elements.
pub const MAX_DEPTH: u32 = super::dom::MAX_DEPTH;

/// HTML that may stand in a page: elements of text, tables, images, and players of known sites.
/// Never a script, a style, an `on…` attribute or an address with another scheme than http, https, mailto, tel.
///
/// # Errors
/// `TooLarge` over 2 MiB, `TooDeep` over 256 levels; nothing was cleaned then.
pub fn clean_html(html: &str) -> Result<String> {
    check_bounds(html)?;
    Ok(POST_CONTENT.clean(html).to_string())
}

/// As [`clean_html`] for what a program made of the HTML of an entry: what our own pages have besides stays too, such as
/// pictures in several sizes, and names that links inside the page lead to.
///
/// # Errors
/// As [`clean_html`].
pub fn clean_page_html(html: &str) -> Result<String> {
    check_bounds(html)?;
    Ok(PAGE_CONTENT.clean(html).to_string())
}

/// As [`clean_html`]; HTML past the bounds becomes its text.
pub(super) fn clean_or_text(html: &str) -> String {
    clean_html(html).unwrap_or_else(|_| {
        let mut out = String::from("<p>");
        super::escape::escape(&mut out, plain::strip_tags(html).trim());
        out + "</p>"
    })
}

fn check_bounds(html: &str) -> Result<()> {
    if html.len() > MAX_BYTES {
        return Err(Error::refused(Code::TooLarge, "2 MiB"));
    }
    // So little cannot pass any bound; nearly all posts end here.
    let tags = html.bytes().filter(|b| *b == b'<').count();
    if html.len() <= 16 * 1024 && tags < MAX_DEPTH as usize - 8 {
        return Ok(());
    }
    match Dom::parse(html) {
        Ok(_) => Ok(()),
        Err(Excess::Depth) => Err(Error::refused(Code::TooDeep, MAX_DEPTH.to_string())),
        Err(Excess::Size) => Err(Error::refused(Code::TooLarge, "8,000 attributes in a tag")),
    }
}

static POST_CONTENT: LazyLock<Builder<'static>> = LazyLock::new(post_content);

static PAGE_CONTENT: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = post_content();
    builder
        .add_tags(["picture"])
        .add_generic_attributes(["id", "role", "aria-label", "aria-labelledby", "aria-describedby", "aria-hidden"])
        .add_tag_attributes("source", ["srcset", "sizes", "media"])
        .add_tag_attributes("img", ["srcset", "sizes", "fetchpriority"])
        .add_tag_attributes("iframe", ["title", "referrerpolicy"])
        .add_tag_attributes("time", ["datetime"]);
    builder
});

fn post_content() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .add_tags(["section", "main", "iframe", "video", "audio", "source", "track", "big", "font", "address"])
        .add_generic_attributes(["class", "dir"])
        .add_tag_attributes("iframe", ["src", "width", "height", "allowfullscreen", "loading"])
        .add_tag_attributes("video", ["src", "poster", "controls", "width", "height", "loop", "muted", "preload"])
        .add_tag_attributes("audio", ["src", "controls", "loop", "preload"])
        .add_tag_attributes("source", ["src", "type"])
        .add_tag_attributes("track", ["src", "kind", "srclang", "label"])
        .add_tag_attributes("img", ["loading", "decoding"])
        .add_tag_attributes("a", ["target", "download"])
        .add_tag_attributes("ol", ["type", "reversed"])
        .add_tag_attributes("li", ["value"])
        .add_tag_attributes("td", ["colspan", "rowspan"])
        .add_tag_attributes("th", ["colspan", "rowspan", "scope"])
        .add_tag_attributes("details", ["open"])
        .add_clean_content_tags(["template", "noembed", "noframes", "xmp"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener"))
        .attribute_filter(|tag, name, value| match (tag, name) {
            ("iframe", "src") => embed::is_player(value).then(|| value.into()),
            ("video", "poster") | ("source" | "track" | "video" | "audio", "src") => {
                super::is_safe_url(value).then(|| value.into())
            }
            ("a", "target") => matches!(value, "_blank" | "_self").then(|| value.into()),
            _ => Some(value.into()),
        });
    // An address that no browser follows and that the cleaner does not check.
    for tag in ["blockquote", "q", "del", "ins"] {
        builder.rm_tag_attributes(tag, ["cite"]);
    }
    for heading in ["h1", "h2", "h3", "h4", "h5", "h6"] {
        builder.add_tag_attributes(heading, ["id"]);
    }
    builder
}
