//! Values that PHP's `serialize` wrote, as they stand in WordPress meta (`_wp_attachment_metadata`).
//!
//! Source: the format as PHP writes it: `a:1:{s:5:"width";i:640;}`. Objects are read as their fields; references are
//! refused. Nothing is ever built or run.

const MAX_DEPTH: usize = 32;

/// A value of PHP.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `N;`
    Null,
    /// `b:1;`
    Bool(bool),
    /// `i:5;`
    Int(i64),
    /// `d:0.5;`
    Float(f64),
    /// `s:3:"abc";`, the length in bytes.
    Text(String),
    /// An array or an object's fields: keys and values in order.
    List(Vec<(Value, Value)>),
}

impl Value {
    /// The value of a key of a list.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::List(list) => list.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number; also one that is written as a text.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// Reads a serialized value; `None` for anything else, and for more than 32 levels.
pub fn parse(raw: &str) -> Option<Value> {
    let mut reader = Reader { rest: raw.trim().as_bytes() };
    let value = reader.value(0)?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text.as_bytes())?;
        Some(())
    }

    /// What stands before `end`, which is taken as well.
    fn until(&mut self, end: u8) -> Option<&'a str> {
        let at = self.rest.iter().take(64).position(|b| *b == end)?;
        let text = std::str::from_utf8(self.take(at)?).ok()?;
        self.take(1)?;
        Some(text)
    }

    fn quoted(&mut self) -> Option<String> {
        let length: usize = self.until(b':')?.parse().ok()?;
        self.expect("\"")?;
        let bytes = self.take(length)?;
        self.expect("\"")?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let kind = *self.take(1)?.first()?;
        if kind == b'N' {
            self.expect(";")?;
            return Some(Value::Null);
        }
        self.expect(":")?;
        Some(match kind {
            b'b' => Value::Bool(self.until(b';')? == "1"),
            b'i' => Value::Int(self.until(b';')?.parse().ok()?),
            b'd' => Value::Float(self.until(b';')?.parse().ok()?),
            b's' => {
                let text = self.quoted()?;
                self.expect(";")?;
                Value::Text(text)
            }
            b'a' => self.list(depth)?,
            b'O' => {
                self.quoted()?;
                self.expect(":")?;
                self.list(depth)?
            }
            _ => return None,
        })
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let count: usize = self.until(b':')?.parse().ok()?;
        self.expect("{")?;
        let mut list = Vec::new();
        for _ in 0..count {
            list.push((self.value(depth + 1)?, self.value(depth + 1)?));
        }
        self.expect("}")?;
        Some(Value::List(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_attachment_is_read() {
        let raw = r#"a:4:{s:5:"width";i:640;s:6:"height";s:3:"480";s:4:"file";s:14:"2013/03/ä.jpg";s:5:"sizes";a:1:{s:5:"thumb";a:1:{s:4:"file";s:1:"t";}}}"#;
        let value = parse(raw).unwrap();
        assert_eq!(value.get("width").and_then(Value::as_int), Some(640));
        assert_eq!(value.get("height").and_then(Value::as_int), Some(480));
        assert_eq!(value.get("file").and_then(Value::as_str), Some("2013/03/ä.jpg"));
        assert!(value.get("sizes").and_then(|s| s.get("thumb")).is_some());
    }

    #[test]
    fn broken_deep_and_lying_values_are_refused() {
        for raw in ["", "a:1:{", "s:9:\"a\";", "a:99999999999:{}", "i:1", "O:1:\"A\":1:{R:1;i:1;}", "x", "i:1;i:2;"] {
            assert_eq!(parse(raw), None, "{raw}");
        }
        let deep = "a:1:{i:0;".repeat(10_000);
        assert_eq!(parse(&deep), None);
    }
}
