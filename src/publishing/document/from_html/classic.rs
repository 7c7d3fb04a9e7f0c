//! WordPress's classic texts: the shortcodes of its core. Others stay as text, as in WordPress without the plugin.

use super::super::escape::escape;
use super::super::{Image, Kind, Node, embed, is_safe_url};
use super::flow::{Kept, Stash};

/// Turns `[caption]` into a figure, and `[gallery]` and `[embed]` into blocks that wait in the stash.
pub(super) fn rewrite(source: &str, stash: &mut Stash) -> String {
    let source = source.replace("\r\n", "\n");
    let mut out = String::with_capacity(source.len() + 64);
    let mut rest = source.as_str();
    let (mut captions, mut embeds) = (true, true);
    while let Some(at) = rest.find('[') {
        let (before, code) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let taken = if (code.starts_with("[caption") || code.starts_with("[wp_caption")) && captions {
            let made = caption(code, &mut out);
            captions = made.is_some();
            made
        } else if code.starts_with("[gallery") {
            gallery(code, stash, &mut out)
        } else if code.starts_with("[embed") && embeds {
            let made = embedded(code, stash, &mut out);
            embeds = made.is_some();
            made
        } else {
            None
        };
        match taken {
            Some(length) => rest = code.get(length..).unwrap_or_default(),
            None => {
                out.push('[');
                rest = code.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// The head of a shortcode without its brackets, and its length.
fn head(code: &str) -> Option<(&str, usize)> {
    let end = code.bytes().take(4000).position(|b| b == b']')?;
    Some((code.get(1..end)?, end + 1))
}

/// A shortcode with content: head, content, whole length.
fn enclosing<'a>(code: &'a str, close: &str) -> Option<(&'a str, &'a str, usize)> {
    let (head, start) = head(code)?;
    let inner = code.get(start..)?;
    let end = inner.find(close)?;
    Some((head, inner.get(..end)?, start + end + close.len()))
}

/// The value of `name="value"`, also with single quotes or none.
fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = head;
    loop {
        let at = rest.find(name)?;
        let before = rest.get(..at)?.chars().next_back();
        let after = rest.get(at + name.len()..)?.trim_start();
        rest = rest.get(at + name.len()..)?;
        let Some(value) = after.strip_prefix('=').filter(|_| before.is_none_or(char::is_whitespace)) else { continue };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        return match quote {
            Some(quote) => value.get(1..)?.split(quote).next(),
            None => value.split_whitespace().next(),
        };
    }
}

fn caption(code: &str, out: &mut String) -> Option<usize> {
    let close = if code.starts_with("[wp_caption") { "[/wp_caption]" } else { "[/caption]" };
    let (head, inner, length) = enclosing(code, close)?;
    let image = inner.find("<img")?;
    let mut end = image + inner.get(image..)?.find('>')? + 1;
    if inner.get(end..)?.trim_start().starts_with("</a>") {
        end += inner.get(end..)?.find("</a>")? + 4;
    }
    let align = value(head, "align").filter(|align| align.bytes().all(|b| b.is_ascii_alphanumeric())).unwrap_or("");
    out.push_str(&format!("<figure class=\"wp-caption {align}\">{}<figcaption>", inner.get(..end)?.trim()));
    match value(head, "caption") {
        Some(text) => escape(out, text),
        None => out.push_str(inner.get(end..)?.trim()),
    }
    out.push_str("</figcaption></figure>");
    Some(length)
}

/// `[gallery ids="1,2" columns="2"]`. Without ids it shows all images attached to the post: an empty gallery here,
/// which the importer can fill.
fn gallery(code: &str, stash: &mut Stash, out: &mut String) -> Option<usize> {
    let (head, length) = head(code)?;
    let ids = value(head, "ids").or_else(|| value(head, "include")).unwrap_or_default();
    let images = ids.split(',').filter_map(|id| id.trim().parse().ok()).take(500);
    let images = images.map(|id| Node::leaf(Kind::Image(Box::new(Image { media_id: Some(id), ..Image::default() }))));
    let columns = value(head, "columns").and_then(|n| n.parse().ok());
    let node = Node::new(Kind::Gallery(columns), images.collect());
    out.push_str(&stash.keep(Kept::Nodes(vec![node])));
    Some(length)
}

fn embedded(code: &str, stash: &mut Stash, out: &mut String) -> Option<usize> {
    let (_, inner, length) = enclosing(code, "[/embed]")?;
    let url = inner.trim();
    if !url.starts_with("http") || !is_safe_url(url) {
        return None;
    }
    let provider = embed::find(url).map(|found| found.provider.into());
    out.push_str(&stash.keep(Kept::Nodes(vec![Node::leaf(Kind::Embed { url: url.into(), provider })])));
    Some(length)
}
