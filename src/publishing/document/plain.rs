//! A document as plain text: for search, excerpts, feeds and counting.

use super::dom::Dom;
use super::{Document, Kind, Node};

impl Document {
    /// All text that visitors read, captions included; one line per paragraph, row or item.
    pub fn to_plain(&self) -> String {
        let mut out = String::new();
        lines(&mut out, &self.content, true);
        out.truncate(out.trim_end().len());
        out
    }

    /// The first `words` words of the running text, with "…" where more follows. Where an author set a "read more"
    /// marker, nothing after it. Captions, code and raw HTML are left out unless there is nothing else.
    pub fn excerpt(&self, words: usize) -> String {
        let end = self.content.iter().position(|node| node.is_marker("more")).unwrap_or(self.content.len());
        let mut text = String::new();
        lines(&mut text, self.content.get(..end).unwrap_or_default(), false);
        if text.trim().is_empty() {
            text = self.to_plain();
        }
        let mut out = String::new();
        for (i, word) in text.split_whitespace().enumerate() {
            if i == words {
                out.push('…');
                break;
            }
            if i > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
        out
    }

    /// Words of the text; in scripts without spaces (Chinese, Japanese) each character counts.
    pub fn word_count(&self) -> usize {
        self.to_plain().split_whitespace().map(words_in).sum()
    }
}

fn words_in(word: &str) -> usize {
    let spaceless = word.chars().filter(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')).count();
    spaceless.max(1)
}

pub(super) fn lines(out: &mut String, nodes: &[Node], all: bool) {
    for node in nodes {
        match &node.kind {
            Kind::Text(text) => out.push_str(text),
            Kind::HardBreak => out.push('\n'),
            Kind::Image(image) if all => line(out, image.caption.as_deref().unwrap_or_default()),
            Kind::File(file) => line(out, file.name.as_deref().unwrap_or_default()),
            Kind::Html { source: html, .. } | Kind::Imported { raw: html, .. } if all => line(out, &html_text(html)),
            Kind::CodeBlock(_) if !all => {}
            Kind::Paragraph | Kind::Heading(_) | Kind::CodeBlock(_) => {
                lines(out, &node.content, all);
                end_line(out);
            }
            Kind::TableHeader(..) | Kind::TableCell(..) => {
                lines(out, &node.content, all);
                out.truncate(out.trim_end_matches('\n').len());
                out.push('\t');
            }
            Kind::TableRow => {
                lines(out, &node.content, all);
                end_line(out);
            }
            _ => lines(out, &node.content, all),
        }
    }
}

fn line(out: &mut String, text: &str) {
    if !text.trim().is_empty() {
        out.push_str(text.trim());
        out.push('\n');
    }
}

fn end_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.truncate(out.trim_end_matches('\t').len());
        out.push('\n');
    }
}

/// The readable text of HTML, white space joined.
pub(super) fn html_text(html: &str) -> String {
    let text = match Dom::parse(&spaced(html)) {
        Ok(dom) => dom.text(Dom::ROOT),
        Err(_) => strip_tags(html),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Keeps the words of neighbouring blocks apart: "<li>a</li><li>b</li>" reads "a b".
fn spaced(html: &str) -> String {
    const BLOCKS: [&str; 14] = [
        "</p", "</li", "</h", "</div", "</td", "</th", "</tr", "</dt", "</dd", "</pre", "</fig", "</cap", "</sum",
        "</opt",
    ];
    let mut out = String::with_capacity(html.len() + 64);
    for (i, part) in html.split('<').enumerate() {
        if i > 0 {
            let lower: String = part.chars().take(5).flat_map(char::to_lowercase).collect();
            if BLOCKS.iter().any(|block| lower.starts_with(block.trim_start_matches('<'))) {
                out.push(' ');
            }
            out.push('<');
        }
        out.push_str(part);
    }
    out
}

/// What stands between tags, in one pass whatever the HTML is like; for HTML past the bounds of the parser.
pub(super) fn strip_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        decode(&mut out, text);
        if !is_tag(tag) {
            out.push('<');
            rest = tag.get(1..).unwrap_or_default();
            continue;
        }
        let end = if tag.starts_with("<!--") { tag.find("-->").map(|i| i + 3) } else { tag.find('>').map(|i| i + 1) };
        // An unclosed tag ends the search at once; looking on for each "<" would be quadratic.
        let Some(end) = end else { return out };
        out.push(' ');
        rest = tag.get(end..).unwrap_or_default();
    }
    decode(&mut out, rest);
    out
}

fn decode(out: &mut String, text: &str) {
    if text.contains('&') {
        let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
        out.push_str(&plain.replace("&#39;", "'").replace("&amp;", "&"));
    } else {
        out.push_str(text);
    }
}

fn is_tag(text: &str) -> bool {
    text.as_bytes().get(1).is_some_and(|b| matches!(b, b'/' | b'!' | b'?') || b.is_ascii_alphabetic())
}
