//! WordPress's block markup: `<!-- wp:name {json} -->…<!-- /wp:name -->`.
//!
//! The HTML in a block says by itself what it is, so the comments of blocks we know are dropped and the HTML is read
//! like any other. Blocks we do not know are taken out whole, byte for byte.

use super::super::{Kind, Node};
use super::flow::{Kept, Stash};
use super::line::Spaces;
use super::{classic, read};

/// One comment of a block.
struct Delimiter<'a> {
    start: usize,
    end: usize,
    name: &'a str,
    json: &'a str,
    is_close: bool,
    is_empty: bool,
    /// The closing comment of an opening one, as a place in the list.
    partner: Option<usize>,
}

/// What happens to a block.
enum Treatment {
    /// Its HTML is read; its attributes may be needed.
    Read,
    /// It is a classic text.
    Classic,
    /// It is HTML as written.
    Html,
    /// It shows nothing.
    Drop,
    /// It is kept as it is.
    Keep,
}

fn treatment(name: &str) -> Treatment {
    match name {
        "paragraph" | "heading" | "list" | "list-item" | "quote" | "pullquote" | "code" | "preformatted" | "verse"
        | "image" | "gallery" | "table" | "embed" | "separator" | "file" | "more" | "nextpage" | "group"
        | "columns" | "column" | "buttons" | "button" => Treatment::Read,
        name if name.starts_with("core-embed/") => Treatment::Read,
        "freeform" | "classic" | "shortcode" => Treatment::Classic,
        "html" => Treatment::Html,
        "spacer" => Treatment::Drop,
        _ => Treatment::Keep,
    }
}

/// The source with every block comment gone and everything that HTML cannot say in the stash.
pub(super) fn rewrite(source: &str, stash: &mut Stash) -> String {
    let list = delimiters(source);
    let mut out = String::with_capacity(source.len());
    let (mut at, mut open, mut i) = (0, 0usize, 0);
    while let Some(delimiter) = list.get(i) {
        let between = source.get(at..delimiter.start).unwrap_or_default();
        between_blocks(between, open, stash, &mut out);
        at = delimiter.end;
        i += 1;
        if delimiter.is_close {
            open = open.saturating_sub(usize::from(delimiter.partner.is_some()));
            continue;
        }
        let last = delimiter.partner.and_then(|partner| list.get(partner));
        if last.is_none() && !delimiter.is_empty {
            continue; // never closed: what follows is read as if it stood alone
        }
        let whole = source.get(delimiter.start..last.map_or(delimiter.end, |last| last.end)).unwrap_or_default();
        let inner = last.map_or("", |last| source.get(delimiter.end..last.start).unwrap_or_default());
        let nodes = match treatment(delimiter.name) {
            Treatment::Read => {
                open += usize::from(last.is_some());
                let numbered = matches!(delimiter.name, "image" | "file");
                if let Some(json) = serde_json::from_str(delimiter.json).ok().filter(|_| numbered) {
                    out.push_str(&stash.keep(Kept::Attributes(json)));
                }
                continue;
            }
            Treatment::Classic => classic_text(inner),
            Treatment::Html => vec![Node::leaf(Kind::Html { source: inner.trim().into(), raw: false })],
            Treatment::Drop => Vec::new(),
            Treatment::Keep => vec![Node::leaf(Kind::Imported { kind: delimiter.name.into(), raw: whole.into() })],
        };
        out.push_str(&stash.keep(Kept::Nodes(nodes)));
        at = last.map_or(delimiter.end, |last| last.end);
        i = delimiter.partner.map_or(i, |partner| partner + 1);
    }
    between_blocks(source.get(at..).unwrap_or_default(), open, stash, &mut out);
    out
}

/// Text outside of all blocks is a classic text.
fn between_blocks(text: &str, open: usize, stash: &mut Stash, out: &mut String) {
    if open == 0 && !text.trim().is_empty() {
        out.push_str(&stash.keep(Kept::Nodes(classic_text(text))));
    } else {
        out.push_str(text);
    }
}

fn classic_text(text: &str) -> Vec<Node> {
    let mut stash = Stash::default();
    let source = classic::rewrite(text, &mut stash);
    read(&source, &stash, Spaces::Lines)
}

fn delimiters(source: &str) -> Vec<Delimiter<'_>> {
    let mut list: Vec<Delimiter<'_>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(start) = source.get(at..).and_then(|rest| rest.find("<!--")).map(|i| at + i) {
        let Some(length) = source.get(start..).and_then(|rest| rest.find("-->")) else { break };
        at = start + length + 3;
        let Some(mut delimiter) = delimiter(source, start, at) else { continue };
        let here = list.len();
        if delimiter.is_close {
            // Blocks left open inside are closed with their parent; 64 levels back are enough to find it.
            let back = open.iter().rev().take(64).position(|i| list.get(*i).is_some_and(|o| o.name == delimiter.name));
            if let Some(back) = back {
                open.truncate(open.len() - back);
                delimiter.partner = open.pop();
                if let Some(opening) = delimiter.partner.and_then(|i| list.get_mut(i)) {
                    opening.partner = Some(here);
                }
            }
        } else if !delimiter.is_empty {
            open.push(here);
        }
        list.push(delimiter);
    }
    list
}

fn delimiter(source: &str, start: usize, end: usize) -> Option<Delimiter<'_>> {
    let inner = source.get(start + 4..end - 3)?.trim();
    let (is_close, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let inner = inner.strip_prefix("wp:")?;
    let name_end = inner.find(|c: char| c.is_whitespace() || c == '{').unwrap_or(inner.len());
    let (name, rest) = inner.split_at_checked(name_end)?;
    let (is_empty, json) = rest.strip_suffix('/').map_or((false, rest), |rest| (!is_close, rest));
    let name = name.strip_prefix("core/").unwrap_or(name);
    Some(Delimiter { start, end, name, json: json.trim(), is_close, is_empty, partner: None })
}
