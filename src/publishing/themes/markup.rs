//! Pieces of HTML that templates would need long loops for: pictures, menus, comments, page links, icons.

use std::fmt::Write as _;

use freehold_base::text::escape_html;

use super::context::{CommentView, Comments, EntryView, MediaView, MenuItem, Pagination};
use super::dates;
use super::frame::Frame;

/// Deepest nesting of answers that is drawn; deeper ones stand beside their parent.
const MAX_REPLY_DEPTH: usize = 4;
const MAX_MENU_DEPTH: usize = 3;

/// Appends ` name="value"`, escaped; nothing for an empty value.
pub(crate) fn attribute(out: &mut String, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    let _ = write!(out, " {name}=\"");
    escape_html(value, out);
    out.push('"');
}

/// How a picture is wanted.
pub(crate) struct Picture<'a> {
    pub(crate) widths: &'a [u32],
    pub(crate) sizes: &'a str,
    pub(crate) class: &'a str,
    /// Whether it is seen at once, so that it is fetched first instead of lazily.
    pub(crate) eager: bool,
}

/// `<img>` with the best sizes; `<picture>` when there is more than one format.
pub(crate) fn image(media: &MediaView, wanted: &Picture<'_>) -> String {
    let mut out = String::with_capacity(512);
    let sources: Vec<&str> = ["image/avif", "image/webp"]
        .into_iter()
        .filter(|mime| *mime != media.mime && media.variants.iter().any(|v| v.mime == *mime))
        .collect();
    if !sources.is_empty() {
        out.push_str("<picture>");
    }
    for mime in &sources {
        out.push_str("<source");
        attribute(&mut out, "type", mime);
        attribute(&mut out, "srcset", &srcset(media, mime, wanted.widths));
        attribute(&mut out, "sizes", wanted.sizes);
        out.push('>');
    }
    out.push_str("<img");
    attribute(&mut out, "src", &media.url);
    let same = srcset(media, &media.mime, wanted.widths);
    attribute(&mut out, "srcset", &same);
    if !same.is_empty() {
        attribute(&mut out, "sizes", wanted.sizes);
    }
    if media.width > 0 && media.height > 0 {
        let _ = write!(out, " width=\"{}\" height=\"{}\"", media.width, media.height);
    }
    attribute(&mut out, "class", wanted.class);
    out.push_str(" alt=\"");
    escape_html(&media.alt, &mut out);
    out.push('"');
    if let Some((x, y)) = media.focus {
        let _ = write!(out, " style=\"object-position:{x}% {y}%\"");
    }
    out.push_str(if wanted.eager {
        " fetchpriority=\"high\" decoding=\"async\">"
    } else {
        " loading=\"lazy\" decoding=\"async\">"
    });
    if !sources.is_empty() {
        out.push_str("</picture>");
    }
    out
}

/// `/media/h/640.webp 640w, …` of one format, limited to the wanted widths (empty: all) and the picture's own.
pub(crate) fn srcset(media: &MediaView, mime: &str, widths: &[u32]) -> String {
    let most = widths.iter().max().copied().unwrap_or(0);
    let wanted = |width: u32| widths.is_empty() || widths.contains(&width) || (width == media.width && width <= most);
    let mut variants: Vec<_> = media.variants.iter().filter(|v| v.mime == mime && wanted(v.width)).collect();
    variants.sort_by_key(|v| v.width);
    let mut out = String::new();
    for variant in variants {
        let comma = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{comma}{} {}w", variant.url.replace([' ', ','], ""), variant.width);
    }
    out
}

/// `<ul>` of a menu; empty for a menu with nothing in it.
pub(crate) fn menu(items: &[MenuItem]) -> String {
    let mut out = String::new();
    menu_level(&mut out, items, 1);
    out
}

fn menu_level(out: &mut String, items: &[MenuItem], depth: usize) {
    if items.is_empty() || depth > MAX_MENU_DEPTH {
        return;
    }
    out.push_str("<ul>");
    for item in items {
        out.push_str("<li><a");
        attribute(out, "href", &item.url);
        if item.is_current {
            out.push_str(" aria-current=\"page\"");
        }
        if item.new_tab {
            out.push_str(" target=\"_blank\" rel=\"noopener\"");
        }
        out.push('>');
        escape_html(&item.title, out);
        out.push_str("</a>");
        menu_level(out, &item.children, depth + 1);
        out.push_str("</li>");
    }
    out.push_str("</ul>");
}

/// Links to newer and older entries; empty when there is one page.
pub(crate) fn pagination(frame: &Frame, at: &Pagination) -> String {
    let keys = if frame.page.page.kind == "search" { ("page_before", "page_after") } else { ("newer", "older") };
    turning(frame, [(&at.newer, "prev", keys.0), (&at.older, "next", keys.1)])
}

/// Links to the pages of comments before and after this one.
fn comment_pages(frame: &Frame, at: &Comments) -> String {
    turning(frame, [(&at.older, "prev", "comments_older"), (&at.newer, "next", "comments_newer")])
}

fn turning(frame: &Frame, links: [(&String, &str, &str); 2]) -> String {
    if links.iter().all(|(url, ..)| url.is_empty()) {
        return String::new();
    }
    let mut out = String::from("<nav class=\"pages\"");
    attribute(&mut out, "aria-label", frame.word("pages"));
    out.push('>');
    for (url, rel, key) in links {
        if url.is_empty() {
            out.push_str("<span></span>");
            continue;
        }
        let _ = write!(out, "<a rel=\"{rel}\"");
        attribute(&mut out, "href", url);
        out.push('>');
        escape_html(frame.word(key), &mut out);
        out.push_str("</a>");
    }
    out.push_str("</nav>");
    out
}

/// The search field, as a form that works without script.
pub(crate) fn search_form(frame: &Frame) -> String {
    let mut out = String::from("<form class=\"search\" role=\"search\" action=\"/\"><label class=\"vh\" for=\"q\">");
    escape_html(frame.word("search"), &mut out);
    out.push_str("</label><input id=\"q\" type=\"search\" name=\"s\" maxlength=\"200\" required");
    attribute(&mut out, "value", &frame.page.request.query);
    attribute(&mut out, "placeholder", frame.word("search_for"));
    out.push('>');
    // The next words are looked for in the same way.
    for choice in frame.page.page.choices.iter().filter(|c| c.is_current) {
        let value = match choice.key.as_str() {
            "newest_first" => "newest",
            key => key.strip_prefix("type_").filter(|kind| *kind != "all").unwrap_or_default(),
        };
        if !value.is_empty() {
            let _ = write!(out, "<input type=\"hidden\" name=\"{}\"", choice.group);
            attribute(&mut out, "value", value);
            out.push('>');
        }
    }
    out.push_str("<button>");
    escape_html(frame.word("search"), &mut out);
    out.push_str("</button></form>");
    out
}

/// The comments of an entry and the form for one more; empty when there are none and none are taken.
pub(crate) fn comments(frame: &Frame, entry: &EntryView) -> String {
    let all = &entry.comments;
    if all.tree.is_empty() && !all.open {
        return String::new();
    }
    let mut out = String::with_capacity(2048);
    out.push_str("<section class=\"comments\" id=\"comments\"><h2>");
    let heading = match all.count {
        0 => frame.word("comments_none").to_owned(),
        1 => frame.word("comments_one").to_owned(),
        n => frame.word("comments_many").replace("{n}", &n.to_string()),
    };
    escape_html(&heading, &mut out);
    out.push_str("</h2>");
    if matches!(frame.page.request.said.as_str(), "live" | "waiting") {
        out.push_str("<p class=\"note\" role=\"status\">");
        escape_html(
            frame.word(if frame.page.request.said == "live" { "comment_live" } else { "comment_waiting" }),
            &mut out,
        );
        out.push_str("</p>");
    }
    if !all.tree.is_empty() {
        comment_level(&mut out, frame, &all.tree, all.open, 0);
        out.push_str(&comment_pages(frame, all));
    }
    if all.open {
        comment_form(&mut out, frame, entry.id);
    } else {
        out.push_str("<p class=\"closed\">");
        escape_html(frame.word("comments_closed"), &mut out);
        out.push_str("</p>");
    }
    out.push_str("</section>");
    out
}

fn comment_level(out: &mut String, frame: &Frame, comments: &[CommentView], open: bool, depth: usize) {
    out.push_str("<ol>");
    for comment in comments {
        let _ = write!(out, "<li id=\"comment-{}\"><article><header>", comment.id);
        signed(out, frame, comment);
        out.push_str("</header>");
        out.push_str(&comment.html);
        if open {
            let page = frame.page.entry.as_ref().filter(|e| e.comments.pages > 1).map_or(0, |e| e.comments.page);
            let at = if page > 0 { format!("comments={page}&amp;") } else { String::new() };
            let _ = write!(out, "<a class=\"answer\" rel=\"nofollow\" href=\"?{at}reply={}#reply\"", comment.id);
            let label = frame.word("reply_to").replace("{name}", &comment.author);
            attribute(out, "aria-label", &label);
            out.push('>');
            escape_html(frame.word("reply"), out);
            out.push_str("</a>");
        }
        out.push_str("</article>");
        if !comment.replies.is_empty() && depth + 1 < MAX_REPLY_DEPTH {
            comment_level(out, frame, &comment.replies, open, depth + 1);
        }
        out.push_str("</li>");
        if depth + 1 >= MAX_REPLY_DEPTH {
            flat(out, frame, &comment.replies);
        }
    }
    out.push_str("</ol>");
}

/// Answers below the deepest level, one after the other.
fn flat(out: &mut String, frame: &Frame, comments: &[CommentView]) {
    let mut waiting: Vec<&CommentView> = comments.iter().rev().collect();
    while let Some(comment) = waiting.pop() {
        let _ = write!(out, "<li id=\"comment-{}\"><article><header>", comment.id);
        signed(out, frame, comment);
        out.push_str("</header>");
        out.push_str(&comment.html);
        out.push_str("</article></li>");
        waiting.extend(comment.replies.iter().rev());
    }
}

fn signed(out: &mut String, frame: &Frame, comment: &CommentView) {
    out.push_str("<b>");
    if comment.url.starts_with("https://") || comment.url.starts_with("http://") {
        out.push_str("<a rel=\"nofollow ugc noopener\"");
        attribute(out, "href", &comment.url);
        out.push('>');
        escape_html(&comment.author, out);
        out.push_str("</a>");
    } else {
        escape_html(&comment.author, out);
    }
    out.push_str("</b>");
    if comment.by_author {
        out.push_str(" <span class=\"sc spot\">");
        escape_html(frame.word("author"), out);
        out.push_str("</span>");
    }
    let _ = write!(out, " <a class=\"when\" href=\"#comment-{}\">", comment.id);
    out.push_str(&time(frame, comment.published_at, "long"));
    out.push_str("</a>");
}

fn comment_form(out: &mut String, frame: &Frame, entry: i64) {
    let (request, typed) = (&frame.page.request, &frame.page.typed);
    let reply = if request.reply > 0 { request.reply.to_string() } else { String::new() };
    out.push_str("<form class=\"say\" id=\"reply\" method=\"post\" action=\"/_/comment\"><h3>");
    escape_html(frame.word(if reply.is_empty() { "comment_write" } else { "comment_answer" }), out);
    out.push_str("</h3>");
    if !typed.refused.is_empty() {
        out.push_str("<p class=\"note\" role=\"alert\">");
        escape_html(&typed.refused, out);
        out.push_str("</p>");
    }
    let _ = write!(out, "<input type=\"hidden\" name=\"entry\" value=\"{entry}\">");
    let _ = write!(out, "<input type=\"hidden\" name=\"parent\" value=\"{reply}\">");
    out.push_str("<p class=\"trap\" aria-hidden=\"true\"><label>Website <input name=\"website2\" tabindex=\"-1\" autocomplete=\"off\"></label></p>");
    let fields = [
        ("name", "text", "name", "comment_name", 80, " required", &typed.name),
        ("email", "email", "email", "comment_email", 254, " required", &typed.email),
        ("url", "url", "url", "comment_url", 200, "", &typed.url),
    ];
    out.push_str("<div class=\"row\">");
    for (name, kind, fill, key, max, more, value) in fields {
        let _ = write!(out, "<label for=\"c-{name}\">");
        escape_html(frame.word(key), out);
        let _ = write!(
            out,
            "<input id=\"c-{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{fill}\" maxlength=\"{max}\"{more}"
        );
        attribute(out, "value", value);
        out.push_str("></label>");
    }
    out.push_str("</div><label for=\"c-body\">");
    escape_html(frame.word("comment_body"), out);
    out.push_str("<textarea id=\"c-body\" name=\"body\" rows=\"6\" maxlength=\"20000\" required>");
    // A line feed right after the tag is not part of the text (WHATWG HTML section 13.1.2.5).
    if typed.body.starts_with('\n') {
        out.push('\n');
    }
    escape_html(&typed.body, out);
    out.push_str("</textarea></label><button class=\"pill\">");
    escape_html(frame.word("comment_send"), out);
    out.push_str("</button></form>");
}

/// What stands in the place of a text that the visitor may not read: the question for its password, or a sentence.
pub(crate) fn unlock(frame: &Frame) -> String {
    let Some(entry) = frame.page.entry.as_ref().filter(|e| !e.can_read) else { return String::new() };
    let mut out = String::with_capacity(512);
    if !entry.needs_password {
        out.push_str("<p class=\"note\">");
        escape_html(frame.word("members_only"), &mut out);
        out.push_str("</p>");
        return out;
    }
    out.push_str("<form class=\"say\" id=\"unlock\" method=\"post\" action=\"/_/unlock\">");
    let wrong = frame.page.request.said == "wrong";
    let _ = write!(out, "<p class=\"note\" role=\"{}\">", if wrong { "alert" } else { "note" });
    escape_html(frame.word(if wrong { "password_wrong" } else { "password_needed" }), &mut out);
    let _ = write!(out, "</p><input type=\"hidden\" name=\"entry\" value=\"{}\"><label for=\"u-password\">", entry.id);
    escape_html(frame.word("password"), &mut out);
    out.push_str("<input id=\"u-password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" maxlength=\"100\" required></label><button class=\"pill\">");
    escape_html(frame.word("password_send"), &mut out);
    out.push_str("</button></form>");
    out
}

/// `<time datetime="…">20 November 2026</time>`.
pub(crate) fn time(frame: &Frame, ms: i64, format: &str) -> String {
    let at = dates::local(ms, frame.zone);
    let shown = dates::show(&at, format, |w| frame.word(w)).unwrap_or_default();
    let mut out = String::with_capacity(96);
    let _ = write!(out, "<time datetime=\"{}\">", dates::machine(&at));
    escape_html(&shown, &mut out);
    out.push_str("</time>");
    out
}

/// The icons every theme has, drawn with lines in a 24 × 24 box.
pub(crate) fn icon(name: &str) -> Option<String> {
    let path = match name {
        "menu" => "<path d=\"M4 7h16M4 12h16M4 17h16\"/>",
        "search" => "<circle cx=\"11\" cy=\"11\" r=\"6.5\"/><path d=\"m16 16 4.500 4.500\"/>",
        "moon" => "<path d=\"M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z\"/>",
        "close" => "<path d=\"M6 6l12 12M18 6 6 18\"/>",
        "left" => "<path d=\"m14 6-6 6 6 6\"/>",
        "right" => "<path d=\"m10 6 6 6-6 6\"/>",
        "feed" => "<path d=\"M5 5a14 14 0 0 1 14 14M5 11a8 8 0 0 1 8 8\"/><circle cx=\"6\" cy=\"18\" r=\"1\"/>",
        "download" => "<path d=\"M12 4v11m-5-5 5 5 5-5M5 20h14\"/>",
        _ => return None,
    };
    Some(format!("<svg class=\"i\" viewBox=\"0 0 24 24\" width=\"20\" height=\"20\" aria-hidden=\"true\">{path}</svg>"))
}
