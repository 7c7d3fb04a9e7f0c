//! Text files as people edit them: which encoding, which ends of lines. In the editor a text is UTF-8 with `\n`; saved
//! again it is as it was.

use encoding_rs::{Encoding as Table, WINDOWS_1252};
use freehold_base::{Code, Error, Result};

/// How a text is written in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 with a mark at its beginning.
    Utf8Bom,
    /// UTF-16, small end first, with a mark.
    Utf16Le,
    /// UTF-16, big end first, with a mark.
    Utf16Be,
    /// Windows-1252, which holds ISO 8859-1.
    Windows1252,
}

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// `\n`.
    #[default]
    Lf,
    /// `\r\n`.
    CrLf,
    /// `\r`, of old Macs.
    Cr,
    /// Several kinds; kept as they are.
    Mixed,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Encoding; 5] = [Self::Utf8, Self::Utf8Bom, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];

    /// The word in forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Bom => "utf-8-bom",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The word on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with mark",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// Finds one by its word.
    ///
    /// # Errors
    /// `Invalid("encoding")`.
    pub fn by_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|encoding| encoding.name() == name);
        found.ok_or_else(|| Error::invalid("encoding", Code::NotAllowed, Self::ALL.map(Self::name).join(", ")))
    }
}

impl LineEnds {
    /// All of them.
    pub const ALL: [LineEnds; 4] = [Self::Lf, Self::CrLf, Self::Cr, Self::Mixed];

    /// The word in forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lf => "lf",
            Self::CrLf => "crlf",
            Self::Cr => "cr",
            Self::Mixed => "mixed",
        }
    }

    /// Finds one by its word.
    ///
    /// # Errors
    /// `Invalid("line_ends")`.
    pub fn by_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|ends| ends.name() == name);
        found.ok_or_else(|| Error::invalid("line_ends", Code::NotAllowed, Self::ALL.map(Self::name).join(", ")))
    }

    /// How the lines of a text end.
    pub fn of(text: &str) -> Self {
        let crlf = text.matches("\r\n").count();
        let lf = text.matches('\n').count() - crlf;
        let cr = text.matches('\r').count() - crlf;
        match (lf > 0, crlf > 0, cr > 0) {
            (_, false, false) => Self::Lf,
            (false, true, false) => Self::CrLf,
            (false, false, true) => Self::Cr,
            _ => Self::Mixed,
        }
    }
}

/// Reads bytes as a text for the editor.
///
/// # Errors
/// `UnsupportedMedia` where they are no text.
pub fn read(bytes: &[u8]) -> Result<(String, Encoding, LineEnds)> {
    let (text, encoding) = decode(bytes)?;
    let ends = LineEnds::of(&text);
    let text = match ends {
        LineEnds::Lf | LineEnds::Mixed => text,
        LineEnds::CrLf => text.replace("\r\n", "\n"),
        LineEnds::Cr => text.replace('\r', "\n"),
    };
    Ok((text, encoding, ends))
}

fn decode(bytes: &[u8]) -> Result<(String, Encoding)> {
    let binary = || Error::refused(Code::UnsupportedMedia, "it is not a text");
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return match std::str::from_utf8(rest) {
            Ok(text) if !text.contains('\0') => Ok((text.to_owned(), Encoding::Utf8Bom)),
            _ => Err(binary()),
        };
    }
    for (mark, encoding) in [(b"\xFF\xFE", Encoding::Utf16Le), (b"\xFE\xFF", Encoding::Utf16Be)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let text = decode_utf16(rest, encoding == Encoding::Utf16Le).ok_or_else(binary)?;
            return if text.contains('\0') { Err(binary()) } else { Ok((text, encoding)) };
        }
    }
    if bytes.contains(&0) {
        return Err(binary());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), Encoding::Utf8));
    }
    // Texts of old editors; bytes that are control characters there are no text.
    if bytes.iter().any(|b| matches!(b, 0..=8 | 14..=26 | 28..=31 | 127)) {
        return Err(binary());
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    Ok((text.into_owned(), Encoding::Windows1252))
}

fn decode_utf16(bytes: &[u8], small_end_first: bool) -> Option<String> {
    if bytes.len() % 2 == 1 {
        return None;
    }
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if small_end_first { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    char::decode_utf16(units).collect::<std::result::Result<String, _>>().ok()
}

/// Writes an editor's text as bytes.
///
/// # Errors
/// `Invalid("text")` where the encoding has no place for a character.
pub fn write(text: &str, encoding: Encoding, ends: LineEnds) -> Result<Vec<u8>> {
    let text = match ends {
        LineEnds::Mixed => text.to_owned(),
        LineEnds::Lf => text.replace("\r\n", "\n"),
        LineEnds::CrLf => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        LineEnds::Cr => text.replace("\r\n", "\n").replace('\n', "\r"),
    };
    match encoding {
        Encoding::Utf8 => Ok(text.into_bytes()),
        Encoding::Utf8Bom => Ok([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        Encoding::Utf16Le => Ok(encode_utf16(&text, b"\xFF\xFE", u16::to_le_bytes)),
        Encoding::Utf16Be => Ok(encode_utf16(&text, b"\xFE\xFF", u16::to_be_bytes)),
        Encoding::Windows1252 => encode_table(&text, WINDOWS_1252),
    }
}

fn encode_utf16(text: &str, mark: &[u8; 2], order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(order)).collect()
}

fn encode_table(text: &str, table: &'static Table) -> Result<Vec<u8>> {
    let mut encoder = table.new_encoder();
    let most = encoder.max_buffer_length_from_utf8_without_replacement(text.len()).unwrap_or(text.len());
    let mut bytes = Vec::with_capacity(most);
    match encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true).0 {
        encoding_rs::EncoderResult::InputEmpty => Ok(bytes),
        encoding_rs::EncoderResult::Unmappable(c) => {
            let why = format!("Windows-1252 has no \u{201c}{c}\u{201d}; save as UTF-8");
            Err(Error::invalid("text", Code::NotAllowed, why))
        }
        encoding_rs::EncoderResult::OutputFull => Err(Error::internal("writing a text", "the buffer was too small")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // row: H078
    #[test]
    fn a_text_is_saved_in_the_encoding_and_with_the_ends_it_had() {
        let cases: &[(&[u8], &str, Encoding, LineEnds)] = &[
            (b"a\nb\n", "a\nb\n", Encoding::Utf8, LineEnds::Lf),
            (b"", "", Encoding::Utf8, LineEnds::Lf),
            ("é\r\nb".as_bytes(), "é\nb", Encoding::Utf8, LineEnds::CrLf),
            (b"a\rb", "a\nb", Encoding::Utf8, LineEnds::Cr),
            (b"a\r\nb\nc", "a\r\nb\nc", Encoding::Utf8, LineEnds::Mixed),
            (b"\xEF\xBB\xBFa", "a", Encoding::Utf8Bom, LineEnds::Lf),
            (b"\xFF\xFEa\0\r\0\n\0", "a\n", Encoding::Utf16Le, LineEnds::CrLf),
            (b"\xFE\xFF\0a\xD8\x3D\xDE\x00", "a\u{1F600}", Encoding::Utf16Be, LineEnds::Lf),
            (b"caf\xE9 \x80", "café €", Encoding::Windows1252, LineEnds::Lf),
        ];
        for (bytes, text, encoding, ends) in cases {
            let read = read(bytes).unwrap();
            assert_eq!((read.0.as_str(), read.1, read.2), (*text, *encoding, *ends), "{bytes:?}");
            assert_eq!(write(&read.0, read.1, read.2).unwrap(), *bytes);
        }
    }

    #[test]
    fn what_is_no_text_is_not_opened_as_one() {
        for bytes in
            [&b"a\0b"[..], b"\x89PNG\r\n\x1A\n\0", b"\xFF\xFEa", b"\xFF\xFE\x00\xD8", b"\x01\xFF", b"\xEF\xBB\xBF\xFF"]
        {
            assert_eq!(read(bytes).unwrap_err().as_code(), Code::UnsupportedMedia, "{bytes:?}");
        }
        let e = write("a\u{65E5}", Encoding::Windows1252, LineEnds::Lf).unwrap_err();
        assert_eq!((e.as_code(), e.fields()[0].field.as_ref()), (Code::NotAllowed, "text"));
    }
}
