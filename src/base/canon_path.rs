//! The path of a request, decoded once (security rule B4). What is matched is what is acted on.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

/// Longest path accepted, in bytes as sent.
pub const MAX_PATH_BYTES: usize = 4096;

/// What must be escaped when a canonical path is written into an address (RFC 3986, `pchar` and `/`).
pub const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRefusal {
    /// It does not start with `/`.
    NotAbsolute,
    /// It is longer than [`MAX_PATH_BYTES`].
    TooLong,
    /// A `%` without two hexadecimal digits.
    Escape,
    /// `.` or `..` as a segment.
    DotSegment,
    /// An encoded slash, or a backslash in either form.
    Separator,
    /// NUL or another control character, or a line separator.
    Control,
    /// Not UTF-8 after decoding.
    Encoding,
}

/// A path in its one form: starts with `/`, percent-decoded once, UTF-8 in NFC, no `.` or `..` segment, no empty
/// segment but the last, no backslash, no control character. A slash in it was a slash in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonPath<'a>(Cow<'a, str>);

impl<'a> CanonPath<'a> {
    /// Reads the path of a request target. Paths that are in canonical form already are borrowed.
    ///
    /// # Errors
    /// The first [`PathRefusal`] met; the request is answered with 400.
    pub fn parse(raw: &'a str) -> Result<Self, PathRefusal> {
        if !raw.starts_with('/') {
            return Err(PathRefusal::NotAbsolute);
        }
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathRefusal::TooLong);
        }
        if is_plain(raw) {
            return Ok(Self(Cow::Borrowed(raw)));
        }
        decode(raw).map(|text| Self(Cow::Owned(text)))
    }

    /// The decoded path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as it stands in an address: the same bytes for every way of writing it.
    pub fn encoded(&self) -> Cow<'_, str> {
        utf8_percent_encode(&self.0, ESCAPED).into()
    }

    /// Detached from the request.
    pub fn into_owned(self) -> CanonPath<'static> {
        CanonPath(Cow::Owned(self.0.into_owned()))
    }

    /// Its segments, without empty ones.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|s| !s.is_empty())
    }
}

/// True where the text is its own canonical form. May say false for some that are (`/.well-known`).
fn is_plain(raw: &str) -> bool {
    let mut after_slash = false;
    for b in raw.bytes() {
        let ok = match b {
            b'/' | b'.' => !after_slash,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b'@' | b':' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => false,
        };
        if !ok {
            return false;
        }
        after_slash = b == b'/';
    }
    true
}

fn decode(raw: &str) -> Result<String, PathRefusal> {
    let bytes = unescape(raw.as_bytes())?;
    let text = String::from_utf8(bytes).map_err(|_| PathRefusal::Encoding)?;
    let text: String = if text.is_ascii() { text } else { text.nfc().collect() };
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return Err(PathRefusal::Control);
    }
    without_empty_segments(&text)
}

/// Undoes percent-encoding once. Slashes and backslashes may not hide in it.
fn unescape(raw: &[u8]) -> Result<Vec<u8>, PathRefusal> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(&b) = rest.next() {
        let byte = match b {
            b'%' => {
                let (Some(high), Some(low)) = (rest.next().and_then(hex), rest.next().and_then(hex)) else {
                    return Err(PathRefusal::Escape);
                };
                match high << 4 | low {
                    b'/' => return Err(PathRefusal::Separator),
                    byte => byte,
                }
            }
            byte => byte,
        };
        if byte == b'\\' {
            return Err(PathRefusal::Separator);
        }
        out.push(byte);
    }
    Ok(out)
}

fn hex(digit: &u8) -> Option<u8> {
    char::from(*digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// Joins repeated slashes (so that `//host` can never be read as an address) and refuses dot segments.
fn without_empty_segments(text: &str) -> Result<String, PathRefusal> {
    let mut out = String::with_capacity(text.len());
    for segment in text.split('/').filter(|s| !s.is_empty()) {
        if matches!(segment, "." | "..") {
            return Err(PathRefusal::DotSegment);
        }
        out.push('/');
        out.push_str(segment);
    }
    if text.ends_with('/') {
        out.push('/');
    }
    Ok(out)
}
