//! The words of JSON, read from a text that stays in memory.
//!
//! Not serde: a node's type decides how its attributes are read, and an unknown node is kept byte for byte. With
//! serde each of the two means to buffer or to read every level again (64 levels of it); this reads once.
//! serde_json still checks whatever is kept unread and decodes strings with escapes.

use std::borrow::Cow;

use freehold_base::{Code, Error, Result};

/// A refusal of the document, with what is wrong.
pub(super) fn malformed(detail: impl Into<String>) -> Error {
    Error::refused(Code::DocumentMalformed, detail)
}

/// A value of an attribute.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Text(Cow<'a, str>),
    /// Lists, objects, fractions: kept, not read.
    Other,
}

/// A place in a JSON text.
pub(super) struct Reader<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, pos: 0 }
    }

    pub const fn pos(&self) -> usize {
        self.pos
    }

    pub const fn go_to(&mut self, pos: usize) {
        self.pos = pos;
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b) = bytes.get(self.pos) {
            match b {
                b' ' | b'\n' | b'\r' | b'\t' => self.pos += 1,
                b => return Some(*b),
            }
        }
        None
    }

    /// Takes `byte` if it is next.
    pub fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.pos += usize::from(found);
        found
    }

    pub fn expect(&mut self, byte: u8) -> Result<()> {
        if self.takes(byte) {
            Ok(())
        } else {
            Err(malformed(format!("“{}” is missing at byte {}", char::from(byte), self.pos)))
        }
    }

    /// The next key of an object, or `None` at its end. `first` is true before the first one.
    pub fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>> {
        if !self.more(first, b'}')? {
            return Ok(None);
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Whether a list or an object goes on.
    pub fn more(&mut self, first: &mut bool, end: u8) -> Result<bool> {
        if *first {
            *first = false;
            if self.takes(end) {
                return Ok(false);
            }
        } else if self.takes(end) {
            return Ok(false);
        } else {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// A string.
    pub fn string(&mut self) -> Result<Cow<'a, str>> {
        self.expect(b'"')?;
        let start = self.pos;
        let rest = self.text.get(start..).unwrap_or_default();
        // Nearly all texts have no escapes; for them one search and one check are enough.
        if let Some(text) = rest.find('"').and_then(|end| rest.get(..end)).filter(|text| is_plain(text)) {
            self.pos += text.len() + 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut bytes = rest.bytes().enumerate();
        while let Some((i, b)) = bytes.next() {
            match b {
                b'"' => {
                    self.pos = start + i + 1;
                    return self.decoded(start, start + i);
                }
                b'\\' => drop(bytes.next()),
                0..0x20 => break,
                _ => {}
            }
        }
        Err(malformed(format!("a text is not closed at byte {start}")))
    }

    fn decoded(&self, start: usize, end: usize) -> Result<Cow<'a, str>> {
        let quoted = self.text.get(start - 1..end + 1).unwrap_or_default();
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|e| malformed(format!("{e} (byte {start})")))
    }

    /// The value here, read where it is simple.
    pub fn value(&mut self) -> Result<Value<'a>> {
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'n') if self.text.get(self.pos..self.pos + 4) == Some("null") => {
                self.pos += 4;
                Ok(Value::Null)
            }
            Some(b'1'..=b'9') => {
                let rest = self.text.get(self.pos..).unwrap_or_default();
                let digits = rest.bytes().take(18).take_while(u8::is_ascii_digit).count();
                match rest.as_bytes().get(digits) {
                    Some(b',' | b'}' | b']' | b' ') => {
                        self.pos += digits;
                        Ok(rest.get(..digits).and_then(|raw| raw.parse().ok()).map_or(Value::Other, Value::Int))
                    }
                    _ => Ok(self.skip()?.parse().map_or(Value::Other, Value::Int)),
                }
            }
            _ => Ok(match self.skip()? {
                "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                raw => raw.parse().map_or(Value::Other, Value::Int),
            }),
        }
    }

    /// The value here as it is written; checked to be JSON.
    pub fn skip(&mut self) -> Result<&'a str> {
        self.peek();
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                let raw = rest.get(..values.byte_offset()).unwrap_or_default();
                self.pos += raw.len();
                Ok(raw)
            }
            Some(Err(e)) => Err(malformed(format!("{e} (after byte {})", self.pos))),
            None => Err(malformed("it ends too early")),
        }
    }

    /// What was written from `start` to here.
    pub fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.pos).unwrap_or_default()
    }
}

/// Whether a text stands in JSON as it is. Without a way out, so that the compiler can look at many bytes at once.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, b| plain & (b >= 0x20) & (b != b'\\'))
}

/// How deep lists and objects are nested in a checked JSON text.
pub fn nesting(raw: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for b in raw.bytes() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Writes a string with its quotes.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut done = 0;
    for (i, b) in text.bytes().enumerate() {
        let escape = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(done..i).unwrap_or_default());
        if escape.is_empty() {
            out.push_str(&format!("\\u{b:04x}"));
        } else {
            out.push_str(escape);
        }
        done = i + 1;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out.push('"');
}
