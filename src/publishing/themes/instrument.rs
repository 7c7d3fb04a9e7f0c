//! Puts the render guard's calls into a template's text, and refuses what they could not watch.
//!
//! After every `for`, `block`, `component`, `set` and before every `include` comes a tick with the bytes of text that
//! follow in that part; printed values pass through a counting filter. Everything is inserted on the same line, so
//! that errors keep their line. The scanner reads text, comments, raw parts, strings and ends of tags exactly as the
//! engine's own lexer does; otherwise a template could hide a loop from it.

use super::files::MAX_TEMPLATE_BYTES;
use super::problem::Problem;

/// Most `~` in one expression (security rule D2): each can add a whole value.
const MAX_CONCATENATIONS: usize = 16;
/// Most elements written out in one expression.
const MAX_COMMAS: usize = 64;

/// The template with the guard's calls.
///
/// # Errors
/// It is too large, names the guard or the engine's own variables, has too many concatenations or elements in one
/// expression, or a list comprehension (a loop the guard cannot enter).
pub(crate) fn instrument(name: &str, source: &str) -> Result<String, Problem> {
    if source.len() as u64 > MAX_TEMPLATE_BYTES {
        return Err(Problem::of_file(name, "A template holds at most 256 KiB."));
    }
    let mut pass = Pass { name, source, at: 0, edits: Vec::new(), open: Vec::new(), text: Vec::new() };
    pass.run()?;
    Ok(pass.written())
}

/// One insertion: where, its text, and which counter of text bytes it carries.
struct Edit {
    at: usize,
    before: String,
    counter: Option<usize>,
    after: String,
}

struct Pass<'a> {
    name: &'a str,
    source: &'a str,
    at: usize,
    edits: Vec<Edit>,
    /// Open tags: their word and the counter that text inside adds to.
    open: Vec<(&'a str, Option<usize>)>,
    /// Bytes of text per counter.
    text: Vec<usize>,
}

impl<'a> Pass<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn wrong<T>(&self, at: usize, message: &str) -> Result<T, Problem> {
        Err(Problem::at_byte(self.name, self.source, at, message))
    }

    fn run(&mut self) -> Result<(), Problem> {
        while !self.rest().is_empty() {
            let rest = self.rest();
            if rest.starts_with("{{") {
                self.variable()?;
            } else if rest.starts_with("{%") {
                if !self.raw() {
                    self.tag()?;
                }
            } else if rest.starts_with("{#") {
                // an unclosed comment is the engine's to refuse
                let skip = 2 + usize::from(rest.as_bytes().get(2) == Some(&b'-'));
                let inside = rest.get(skip..).unwrap_or_default();
                self.at += inside.find("#}").map_or(rest.len(), |end| skip + end + 2);
            } else {
                let markers = ["{{", "{%", "{#"];
                let end = markers.iter().filter_map(|m| rest.find(m)).min().unwrap_or(rest.len());
                self.add_text(end);
                self.at += end;
            }
        }
        Ok(())
    }

    fn add_text(&mut self, bytes: usize) {
        let counter = self.open.iter().rev().find_map(|(_, counter)| *counter);
        if let Some(total) = counter.and_then(|c| self.text.get_mut(c)) {
            *total += bytes;
        }
    }

    /// Skips `{% raw %}…{% endraw %}`; false when this is another tag.
    fn raw(&mut self) -> bool {
        let rest = self.rest();
        let Some(mut offset) = rest.get(2..).and_then(|r| skip_word_tag(r, "raw")).map(|n| n + 2) else {
            return false;
        };
        while let Some(found) = rest.get(offset..).and_then(|r| r.find("{%")) {
            offset += found + 2;
            if let Some(end) = rest.get(offset..).and_then(|r| skip_word_tag(r, "endraw")) {
                self.add_text(offset + end);
                self.at += offset + end;
                return true;
            }
        }
        self.at = self.source.len();
        true
    }

    /// `{{ expression }}`: counted when printed, unless it is a component, which prints itself.
    fn variable(&mut self) -> Result<(), Problem> {
        let start = self.at + 2 + usize::from(self.rest().as_bytes().get(2) == Some(&b'-'));
        let tokens = self.tokens(start, "}}")?;
        self.check(&tokens)?;
        let component = tokens.words.first().is_some_and(|t| t.text == "<");
        if !component && !tokens.words.is_empty() {
            self.insert(start, "(", None, "");
            self.insert(tokens.end, ")|__print ", None, "");
        }
        self.at = tokens.after;
        Ok(())
    }

    fn tag(&mut self) -> Result<(), Problem> {
        let tag_start = self.at;
        let start = self.at + 2 + usize::from(self.rest().as_bytes().get(2) == Some(&b'-'));
        let tokens = self.tokens(start, "%}")?;
        let word = tokens.words.first().map_or("", |t| t.text);
        let rest = Tokens { words: tokens.words.get(1..).unwrap_or_default().to_vec(), ..tokens };
        self.check(&rest)?;
        self.at = rest.after;
        let trims = if rest.trims { "-}}" } else { "}}" };
        let second = rest.words.first().map_or("", |t| t.text);
        match word {
            "for" | "block" => self.enter(word, "", trims),
            "component" => {
                let stored = parameters(&rest.words);
                self.enter(word, &stored, trims);
            }
            "set" | "set_global" => {
                let is_block = rest.words.get(1).is_none_or(|t| t.text != "=");
                if is_block {
                    self.enter("set", "", trims);
                } else {
                    self.insert(self.at, &format!("{{{{ __tick_0(value={second}) "), None, trims);
                }
            }
            "include" => self.insert(tag_start, "{{ __tick_0() }}", None, ""),
            "if" | "filter" => self.open.push((word, None)),
            "<" => self.open.push(("component call", None)),
            // `</name>` lexes as one token in the engine; text after it belongs to the part around the call
            "endfor" | "endblock" | "endcomponent" | "endset" | "endif" | "endfilter" | "</" => {
                self.open.pop();
            }
            _ => {}
        }
        Ok(())
    }

    /// Opens a part with a tick that carries the bytes of its text.
    fn enter(&mut self, word: &'a str, stored: &str, trims: &'static str) {
        let counter = self.text.len();
        self.text.push(0);
        self.open.push((word, Some(counter)));
        self.insert(self.at, "{{ __tick_", Some(counter), &format!("({stored}) {trims}"));
    }

    fn insert(&mut self, at: usize, before: &str, counter: Option<usize>, after: &str) {
        self.edits.push(Edit { at, before: before.to_owned(), counter, after: after.to_owned() });
    }

    /// Reads the tokens from `start` up to `close`, skipping strings as the engine does.
    fn tokens(&self, start: usize, close: &str) -> Result<Tokens<'a>, Problem> {
        let bytes = self.source.as_bytes();
        let mut words = Vec::new();
        let mut at = start;
        while let Some(&b) = bytes.get(at) {
            let here = self.source.get(at..).unwrap_or_default();
            if b.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            if here.starts_with(close) {
                return Ok(Tokens { words, end: at, after: at + 2, trims: false });
            }
            if b == b'-' && here.get(1..).is_some_and(|r| r.starts_with(close)) {
                return Ok(Tokens { words, end: at, after: at + 3, trims: true });
            }
            let len = match b {
                b'"' | b'\'' | b'`' => match string_len(here.as_bytes()) {
                    Some(len) => len,
                    None => return self.wrong(at, "This text has no closing quote."),
                },
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                    here.bytes().take_while(|c| c.is_ascii_alphanumeric() || *c == b'_').count()
                }
                _ if ["//", "**", "==", "!=", ">=", "<=", "</", "?.", "?["].iter().any(|op| here.starts_with(op)) => 2,
                _ => here.chars().next().map_or(1, char::len_utf8),
            };
            words.push(Token { text: here.get(..len).unwrap_or_default(), at });
            at += len;
        }
        self.wrong(start, "This tag is not closed.")
    }

    fn check(&self, tokens: &Tokens<'a>) -> Result<(), Problem> {
        let count = |text: &str| tokens.words.iter().filter(|t| t.text == text).count();
        let at = tokens.words.first().map_or(self.at, |t| t.at);
        if count("~") > MAX_CONCATENATIONS {
            return self.wrong(at, "An expression joins at most 16 texts with ~. Use {% set %} in between.");
        }
        if count(",") > MAX_COMMAS {
            return self.wrong(at, "An expression has at most 64 elements or arguments.");
        }
        for (i, token) in tokens.words.iter().enumerate() {
            let near =
                |offset: isize| i.checked_add_signed(offset).and_then(|j| tokens.words.get(j)).map_or("", |t| t.text);
            if token.text.starts_with("__") {
                return self.wrong(token.at, "Names that begin with __ belong to the program.");
            }
            // `for` as an argument's name (`label(for="x")`) is followed by `=`
            if token.text == "for" && near(1) != "=" && near(-1) != "." {
                return self.wrong(token.at, "Lists are not built with `for` inside an expression. Use {% for %}.");
            }
        }
        Ok(())
    }

    fn written(self) -> String {
        let mut out = String::with_capacity(self.source.len() + self.edits.len() * 24);
        let mut edits = self.edits;
        edits.sort_by_key(|e| e.at);
        let mut from = 0;
        for edit in &edits {
            out.push_str(self.source.get(from..edit.at).unwrap_or_default());
            out.push_str(&edit.before);
            if let Some(bytes) = edit.counter.and_then(|c| self.text.get(c)) {
                out.push_str(&steps(*bytes).to_string());
            }
            out.push_str(&edit.after);
            from = edit.at;
        }
        out.push_str(self.source.get(from..).unwrap_or_default());
        out
    }
}

#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    at: usize,
}

struct Tokens<'a> {
    words: Vec<Token<'a>>,
    /// Where the closing mark begins, and where the text goes on.
    end: usize,
    after: usize,
    /// Whether it closes with a dash.
    trims: bool,
}

/// Which `__tick_…` stands for this much text: 0 for none, else the power of two that is not below it. A number in
/// the name costs nothing when it is called; an argument would cost a map.
fn steps(bytes: usize) -> u32 {
    if bytes == 0 { 0 } else { bytes.next_power_of_two().trailing_zeros().max(1) }
}

/// The names a component's definition binds, as arguments of a tick: `a=a, rest=rest, `.
fn parameters(words: &[Token<'_>]) -> String {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut expects = false;
    for token in words {
        match token.text {
            "(" | "[" | "{" => {
                depth += 1;
                expects = depth == 1;
            }
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 1 => expects = true,
            "." | "@" => {}
            name => {
                let ident = name.bytes().next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic());
                if depth == 1 && expects && ident {
                    names.push(name);
                }
                expects = false;
            }
        }
        if depth == 0 && token.text == ")" {
            break;
        }
    }
    names.iter().map(|n| format!("p_{n}={n}, ")).collect()
}

/// Length of a quoted text with its quotes; backslashes escape one byte.
pub(crate) fn string_len(text: &[u8]) -> Option<usize> {
    let quote = *text.first()?;
    let mut escaped = false;
    for (i, &b) in text.iter().enumerate().skip(1) {
        if escaped {
            escaped = false;
        } else if b == b'\\' {
            escaped = true;
        } else if b == quote {
            return Some(i + 1);
        }
    }
    None
}

/// Passes over ` - word -%}` behind a `{%`; its length, or none when another word stands there.
pub(crate) fn skip_word_tag(text: &str, word: &str) -> Option<usize> {
    let white = |c: char| c.is_ascii_whitespace();
    let rest = text.strip_prefix('-').unwrap_or(text).trim_start_matches(white);
    let rest = rest.strip_prefix(word)?.trim_start_matches(white);
    let rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}
