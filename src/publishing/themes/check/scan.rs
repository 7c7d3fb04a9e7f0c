//! A template's text in parts: what is written as it is, and the words of its tags. For looking, not for running: what
//! the engine would refuse was refused before.

use crate::themes::instrument::{skip_word_tag, string_len};

/// A part of a template.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// Text, with where it begins.
    Text(usize, &'a str),
    /// `{{ … }}` or `{% … %}`.
    Words(Vec<Word<'a>>, bool),
}

/// A word of a tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Word<'_> {
    /// Whether it can be a name.
    pub(super) fn is_name(&self) -> bool {
        self.text.bytes().next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic())
    }
}

impl<'a> Part<'a> {
    pub(super) fn as_text(&self) -> Option<(usize, &'a str)> {
        match self {
            Self::Text(at, text) => Some((*at, *text)),
            Self::Words(..) => None,
        }
    }
}

/// All parts in their order; comments are left out.
pub(super) fn parts(source: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("{#") {
            at += rest.find("#}").map_or(rest.len(), |end| end + 2);
        } else if rest.starts_with("{{") {
            at = words(source, at + 2, "}}", true, &mut parts);
        } else if rest.starts_with("{%") {
            let raw = rest.get(2..).is_some_and(|inside| skip_word_tag(inside, "raw").is_some());
            at = if raw {
                let end = rest.find("endraw").unwrap_or(rest.len());
                at + rest.get(end..).and_then(|tail| tail.find("%}")).map_or(rest.len(), |close| end + close + 2)
            } else {
                words(source, at + 2, "%}", false, &mut parts)
            };
        } else {
            let end = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
            parts.push(Part::Text(at, rest.get(..end).unwrap_or_default()));
            at += end;
        }
    }
    parts
}

/// Adds the words from `at` to the closing mark; where the text goes on.
fn words<'a>(source: &'a str, mut at: usize, close: &str, printed: bool, parts: &mut Vec<Part<'a>>) -> usize {
    let mut words = Vec::new();
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(close) {
            at += 2;
            break;
        }
        let first = rest.as_bytes().first().copied().unwrap_or_default();
        let len = match first {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'"' | b'\'' | b'`' => string_len(rest.as_bytes()).unwrap_or(rest.len()),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                rest.bytes().take_while(|c| c.is_ascii_alphanumeric() || *c == b'_').count()
            }
            b'0'..=b'9' => rest.bytes().take_while(|c| c.is_ascii_digit() || *c == b'.').count(),
            _ if ["==", "!=", ">=", "<=", "</", "/>", "?.", "?[", "//", "**"].iter().any(|op| rest.starts_with(op)) => {
                2
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        words.push(Word { text: rest.get(..len).unwrap_or_default(), at });
        at += len;
    }
    parts.push(Part::Words(words, printed));
    at
}
