//! A path inside one account's folder, checked once where it comes in.
//!
//! On the disk a name is bytes. In text each byte that is not part of clean UTF-8, and each control character, is
//! written as U+FFFD followed by two hexadecimal digits (`\u{FFFD}FF` for the byte 0xFF), and so is U+FFFD itself.
//! Every name on a disk has exactly one such text and every text that is accepted stands for one name, so that a
//! name which an old archive or a program left behind can be shown, renamed and deleted. New names are clean: what
//! makes a file asks [`JailPath::check_new`].

use std::fmt;

use crate::{Code, Error, Result};

/// Bytes of one name at most, as file systems have it.
pub const NAME_BYTES: usize = 255;
/// Bytes of a whole path at most: the kernel takes 4,096 with the closing NUL.
pub const PATH_BYTES: usize = 4095;
/// Stands before the two digits of a byte that cannot be shown.
const ESCAPE: char = '\u{FFFD}';

/// A path below an account's folder: names with `/` between them, none of them empty, `.` or `..`, none with a NUL.
/// The empty path is the folder itself.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JailPath {
    /// As on the disk, with `/` between the names.
    bytes: Vec<u8>,
}

impl JailPath {
    /// The folder itself.
    pub const fn root() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Reads a relative path: `""`, `"docs"`, `"docs/a.txt"`. A leading or closing `/`, an empty name, `.` and `..` are
    /// refused. A backslash is an ordinary character.
    ///
    /// # Errors
    /// `Invalid("path")` with `Malformed` or `TooLong`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut path = Self::root();
        if !text.is_empty() {
            for name in text.split('/') {
                path = path.join(name)?;
            }
        }
        Ok(path)
    }

    /// Reads what a file client sends: the same, but a leading and a closing `/` fall away.
    ///
    /// # Errors
    /// `Invalid("path")`.
    pub fn parse_absolute(text: &str) -> Result<Self> {
        let text = text.strip_prefix('/').unwrap_or(text);
        Self::parse(text.strip_suffix('/').unwrap_or(text))
    }

    /// Where `text` leads from here, as a shell's `cd` has it: `/` at its beginning starts at the top, `.` stays,
    /// `..` goes up and at the top stays there. By words only: no link is looked at.
    ///
    /// # Errors
    /// `Invalid("path")`.
    pub fn resolve(&self, text: &str) -> Result<Self> {
        let mut at = if text.starts_with('/') { Self::root() } else { self.clone() };
        for name in text.split('/') {
            at = match name {
                "" | "." => at,
                ".." => at.parent().unwrap_or_default(),
                name => at.join(name)?,
            };
        }
        Ok(at)
    }

    /// The path of something in this folder.
    ///
    /// # Errors
    /// `Invalid("path")` where it is no single name.
    pub fn join(&self, name: &str) -> Result<Self> {
        self.join_disk(&unescape(name)?)
    }

    /// The path of something in this folder, by its bytes on the disk.
    ///
    /// # Errors
    /// `Invalid("path")` where it is no single name.
    pub fn join_disk(&self, name: &[u8]) -> Result<Self> {
        if name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') || name.contains(&0) {
            return Err(malformed("a name is not empty, not “.” or “..”, and has no “/”"));
        }
        if name.len() > NAME_BYTES {
            return Err(Error::invalid("path", Code::TooLong, NAME_BYTES.to_string()));
        }
        let mut bytes = Vec::with_capacity(self.bytes.len() + name.len() + 1);
        bytes.extend_from_slice(&self.bytes);
        if !bytes.is_empty() {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(name);
        if bytes.len() > PATH_BYTES {
            return Err(Error::invalid("path", Code::TooLong, PATH_BYTES.to_string()));
        }
        Ok(Self { bytes })
    }

    /// The path `below` below this folder.
    ///
    /// # Errors
    /// `Invalid("path")` where both together are too long.
    pub fn join_path(&self, below: &JailPath) -> Result<Self> {
        below.names().try_fold(self.clone(), |at, name| at.join_disk(name))
    }

    /// The bytes on the disk.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is the account's folder itself.
    pub fn is_root(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The names, outermost first, as on the disk.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.bytes.split(|b| *b == b'/').filter(|name| !name.is_empty())
    }

    /// How many names it has.
    pub fn depth(&self) -> usize {
        self.names().count()
    }

    /// Folder and last name as on the disk; `None` for the top.
    pub fn split(&self) -> Option<(JailPath, &[u8])> {
        if self.is_root() {
            return None;
        }
        Some(match self.bytes.iter().rposition(|b| *b == b'/') {
            Some(at) => (Self { bytes: self.bytes[..at].to_vec() }, &self.bytes[at + 1..]),
            None => (Self::root(), &self.bytes[..]),
        })
    }

    /// The folder it stands in; `None` for the top.
    pub fn parent(&self) -> Option<JailPath> {
        self.split().map(|(parent, _)| parent)
    }

    /// The last name in text; empty for the top.
    pub fn name(&self) -> String {
        self.split().map(|(_, name)| escape(name)).unwrap_or_default()
    }

    /// What follows the last dot of its name, in lower case; empty where there is none, or the name begins with it.
    pub fn extension(&self) -> String {
        let name = self.name();
        match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension.to_lowercase(),
            _ => String::new(),
        }
    }

    /// Whether it is `folder` or stands somewhere below it.
    pub fn is_within(&self, folder: &JailPath) -> bool {
        self.strip(folder).is_some()
    }

    /// Its path seen from `folder`; `None` where it does not stand below it.
    pub fn strip(&self, folder: &JailPath) -> Option<JailPath> {
        if folder.is_root() {
            return Some(self.clone());
        }
        match self.bytes.strip_prefix(&folder.bytes[..])? {
            [] => Some(Self::root()),
            [b'/', rest @ ..] => Some(Self { bytes: rest.to_vec() }),
            _ => None,
        }
    }

    /// Whether some name of it is hidden: begins with a dot.
    pub fn is_hidden(&self) -> bool {
        self.names().any(|name| name.first() == Some(&b'.'))
    }

    /// Whether all its names are clean: UTF-8 without control characters.
    pub fn is_clean(&self) -> bool {
        std::str::from_utf8(&self.bytes).is_ok_and(|text| !text.chars().any(is_escaped))
    }

    /// Refuses a last name that nothing new may have: bytes that are not UTF-8, control characters.
    ///
    /// # Errors
    /// `Invalid("path")`; also for the top, which is there already.
    pub fn check_new(&self) -> Result<()> {
        let Some((_, name)) = self.split() else { return Err(malformed("a name is needed")) };
        match std::str::from_utf8(name) {
            Ok(text) if !text.chars().any(is_escaped) => Ok(()),
            _ => Err(malformed("a new name is plain text without control characters")),
        }
    }
}

impl fmt::Display for JailPath {
    /// The text form, as [`JailPath::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            if at > 0 {
                f.write_str("/")?;
            }
            f.write_str(&escape(name))?;
        }
        Ok(())
    }
}

impl fmt::Debug for JailPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// The text of a name on the disk.
pub fn escape(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_escaped(c) {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|b| escape_byte(&mut text, b));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|b| escape_byte(&mut text, *b));
    }
    text
}

fn escape_byte(text: &mut String, byte: u8) {
    use fmt::Write as _;
    let _ = write!(text, "{ESCAPE}{byte:02X}"); // a String takes everything
}

/// Characters that are written as bytes although they are valid.
fn is_escaped(c: char) -> bool {
    c == ESCAPE || c.is_control()
}

/// The bytes of a name's text; only the one text that [`escape`] gives is accepted.
fn unescape(text: &str) -> Result<Vec<u8>> {
    if !text.chars().any(is_escaped) {
        return Ok(text.as_bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split(ESCAPE);
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or_else(|| malformed("it has a character that no name has"))?);
        bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
    }
    if escape(&bytes) == text { Ok(bytes) } else { Err(malformed("it has a control character")) }
}

fn malformed(why: &str) -> Error {
    Error::invalid("path", Code::Malformed, why)
}

#[cfg(test)]
#[path = "jail_path_tests.rs"]
mod tests;
