//! What a file is, told from its bytes; and how each kind is served.

use freehold_base::text::slugify;
use freehold_base::{Code, Error, Result};

/// How many bytes [`identify`] wants to see.
pub const HEAD_BYTES: u64 = 64 << 10;

macro_rules! kinds {
    ($($name:ident, $extension:literal, $mime:literal, $shown:ident;)*) => {
        /// The kinds of file that are accepted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $(#[doc = $mime] $name),* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Kind] = &[$(Kind::$name),*];
            /// The one ending of its files, without the dot.
            pub const fn extension(self) -> &'static str {
                match self { $(Kind::$name => $extension),* }
            }
            /// Its media type, without parameters.
            pub const fn mime(self) -> &'static str {
                match self { $(Kind::$name => $mime),* }
            }
            const fn shown(self) -> Shown {
                match self { $(Kind::$name => Shown::$shown),* }
            }
        }
    };
}

enum Shown {
    Inline,
    Drawing,
    Attachment,
}

kinds! {
    Jpeg, "jpg", "image/jpeg", Inline;
    Png, "png", "image/png", Inline;
    Gif, "gif", "image/gif", Inline;
    Webp, "webp", "image/webp", Inline;
    Svg, "svg", "image/svg+xml", Drawing;
    Pdf, "pdf", "application/pdf", Inline;
    Mp3, "mp3", "audio/mpeg", Inline;
    Ogg, "ogg", "audio/ogg", Inline;
    Wav, "wav", "audio/wav", Inline;
    M4a, "m4a", "audio/mp4", Inline;
    Mp4, "mp4", "video/mp4", Inline;
    Webm, "webm", "video/webm", Inline;
    Zip, "zip", "application/zip", Attachment;
    Txt, "txt", "text/plain", Attachment;
    Csv, "csv", "text/csv", Attachment;
    Docx, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Attachment;
    Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Attachment;
    Odt, "odt", "application/vnd.oasis.opendocument.text", Attachment;
}

impl Kind {
    /// The kind of a stored media type.
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.mime() == mime)
    }
    /// Is it a raster picture, of which smaller ones can be made?
    pub const fn is_raster(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp)
    }
    /// Is it a picture: to be cleaned before it is stored?
    pub const fn is_picture(self) -> bool {
        self.is_raster() || matches!(self, Self::Svg)
    }
}

/// How a file is answered; the door adds `X-Content-Type-Options: nosniff` to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServedAs {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Content-Disposition: attachment`?
    pub attachment: bool,
    /// `Content-Security-Policy`.
    pub csp: Option<&'static str>,
}

/// What an unknown file is answered with.
pub const UNKNOWN: ServedAs =
    ServedAs { content_type: "application/octet-stream", attachment: true, csp: Some("default-src 'none'; sandbox") };

/// How a kind is answered (security rule B8).
pub const fn served_as(kind: Kind) -> ServedAs {
    let content_type = match kind {
        // Without a charset a browser guesses one; and a table is text to everything but a spreadsheet.
        Kind::Txt => "text/plain; charset=utf-8",
        Kind::Csv => "text/csv; charset=utf-8",
        other => other.mime(),
    };
    match kind.shown() {
        Shown::Inline => ServedAs { content_type, attachment: false, csp: None },
        Shown::Attachment => ServedAs { content_type, attachment: true, csp: UNKNOWN.csp },
        Shown::Drawing => {
            let csp = Some("default-src 'none'; style-src 'unsafe-inline'; sandbox");
            ServedAs { content_type, attachment: false, csp }
        }
    }
}

/// A file whose kind is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Told from the bytes.
    pub kind: Kind,
    /// A safe name with exactly one ending, the kind's: `shell.php.jpg` becomes `shell-php.jpg`.
    pub file_name: String,
}

/// Tells a file's kind from its first [`HEAD_BYTES`] bytes; of the name only the stem is believed, and whether
/// text is a table.
///
/// # Errors
/// `UnsupportedMedia` with the reason: pages, scripts, programs, AVIF and HEIC, unknown kinds.
pub fn identify(file_name: &str, head: &[u8]) -> Result<Identified> {
    let kind = kind_of(file_name, head)?;
    Ok(Identified { kind, file_name: safe_name(file_name, kind) })
}

pub(super) fn refused(why: &str) -> Error {
    Error::refused(Code::UnsupportedMedia, why)
}

fn kind_of(file_name: &str, head: &[u8]) -> Result<Kind> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let starts = |magic: &[u8]| at(0, magic);
    match head {
        [] => Err(refused("the file is empty")),
        _ if starts(b"\xff\xd8\xff") => Ok(Kind::Jpeg),
        _ if starts(b"\x89PNG\r\n\x1a\n") => Ok(Kind::Png),
        _ if starts(b"GIF87a") || starts(b"GIF89a") => Ok(Kind::Gif),
        _ if starts(b"RIFF") && at(8, b"WEBP") => Ok(Kind::Webp),
        _ if starts(b"RIFF") && at(8, b"WAVE") => Ok(Kind::Wav),
        _ if starts(b"%PDF-") => Ok(Kind::Pdf),
        _ if starts(b"OggS") => Ok(Kind::Ogg),
        _ if starts(b"ID3") || is_mpeg_frame(head) => Ok(Kind::Mp3),
        _ if at(4, b"ftyp") => iso_media(head),
        _ if starts(b"\x1a\x45\xdf\xa3") => matroska(head),
        _ if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => Ok(archive(head)),
        _ if infer::is_app(head) || starts(b"MZ") => Err(refused("programs are not stored here")),
        _ => text(file_name, head),
    }
}

/// An MPEG audio frame header: sync, layer III, a real bit rate and sampling rate.
fn is_mpeg_frame(head: &[u8]) -> bool {
    matches!(head, [0xff, 0xfa | 0xfb | 0xf2 | 0xf3, third, ..]
        if !matches!(third >> 4, 0 | 0xf) && (third >> 2) & 3 != 3)
}

/// The brand of an ISO base media file (ISO/IEC 14496-12): video, audio, or a picture we cannot decode.
fn iso_media(head: &[u8]) -> Result<Kind> {
    let size = head.first_chunk().map_or(0, |b: &[u8; 4]| u32::from_be_bytes(*b)) as usize;
    let box_end = size.clamp(12, 256).min(head.len());
    let brands: Vec<&[u8]> = head.get(8..box_end).unwrap_or_default().chunks_exact(4).collect();
    let has = |wanted: &[&[u8; 4]]| brands.iter().any(|b| wanted.iter().any(|w| b == &w.as_slice()));
    if has(&[b"avif", b"avis"]) {
        return Err(refused(
            "AVIF pictures cannot be checked here; save it as JPEG, PNG or WebP (AVIF is made for visitors)",
        ));
    }
    if has(&[b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"]) {
        return Err(refused("HEIC pictures cannot be checked here; export it as JPEG"));
    }
    if has(&[b"M4A ", b"M4B "]) {
        return Ok(Kind::M4a);
    }
    if has(&[b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"]) {
        return Ok(Kind::Mp4);
    }
    Err(refused("this kind of video is not known; MP4 and WebM are accepted"))
}

fn matroska(head: &[u8]) -> Result<Kind> {
    let start = head.get(..128.min(head.len())).unwrap_or_default();
    if contains(start, b"webm") {
        Ok(Kind::Webm)
    } else {
        Err(refused("Matroska video is not shown by browsers; save it as WebM or MP4"))
    }
}

/// Office files are archives that say what they are in their first entries.
fn archive(head: &[u8]) -> Kind {
    if head.get(30..).is_some_and(|h| h.starts_with(b"mimetypeapplication/vnd.oasis.opendocument.text")) {
        Kind::Odt
    } else if contains(head, b"[Content_Types].xml") && contains(head, b"word/") {
        Kind::Docx
    } else if contains(head, b"[Content_Types].xml") && contains(head, b"xl/") {
        Kind::Xlsx
    } else {
        Kind::Zip
    }
}

/// Text, a drawing, or something that would run.
fn text(file_name: &str, head: &[u8]) -> Result<Kind> {
    let unknown = || refused("its kind is not known here");
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end inside a character.
        Err(e) if e.error_len().is_none() => {
            std::str::from_utf8(head.get(..e.valid_up_to()).unwrap_or_default()).map_err(|_| unknown())?
        }
        Err(_) => return Err(unknown()),
    };
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        return Err(unknown());
    }
    let lower = text.to_ascii_lowercase();
    if is_drawing(&lower) {
        return Ok(Kind::Svg);
    }
    if lower.starts_with("#!") || lower.contains("<?php") || lower.contains("<?=") {
        return Err(refused("scripts are not stored here"));
    }
    if lower.trim_start().starts_with('<')
        || ["<script", "<html", "<!doctype", "<iframe", "<body"].iter().any(|t| lower.contains(t))
    {
        return Err(refused("web pages are not stored here; paste the text into a page"));
    }
    let table = file_name.to_ascii_lowercase().ends_with(".csv");
    Ok(if table { Kind::Csv } else { Kind::Txt })
}

/// Is the first element `svg`? Declarations and comments may stand before it.
fn is_drawing(lower: &str) -> bool {
    let mut rest = lower.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?xml") => "?>",
            _ if rest.starts_with("<!doctype svg") => ">",
            _ => break,
        };
        match rest.split_once(end) {
            Some((_, after)) => rest = after.trim_start(),
            None => return false,
        }
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name =
        name.split_once(':').filter(|(p, _)| p.bytes().all(|b| b.is_ascii_alphanumeric())).map_or(name, |(_, n)| n);
    name.strip_prefix("svg")
        .is_some_and(|after| after.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/')))
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|w| w == what)
}

/// At most 100 letters, digits and hyphens, and the kind's ending.
fn safe_name(name: &str, kind: Kind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let mut slug = slugify(stem);
    slug.truncate(100); // ASCII by construction
    let slug = slug.trim_matches('-');
    format!("{}.{}", if slug.is_empty() { "file" } else { slug }, kind.extension())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_one_ending_and_it_is_the_kinds() {
        for (name, safe) in [
            ("Sommer am See.JPEG", "sommer-am-see.jpg"),
            ("shell.php.jpg", "shell-php.jpg"),
            ("x.phtml", "x.jpg"),
            ("..\\..\\evil.php", "evil.jpg"),
            ("../../../etc/passwd", "passwd.jpg"),
            (".htaccess", "file.jpg"),
            ("a\0.php", "a.jpg"),
            ("x.jpg/y.php", "y.jpg"),
            ("\u{202e}gpj.exe", "gpj.jpg"),
            ("CON", "con.jpg"),
            ("", "file.jpg"),
            ("x.php%00.jpg", "x-php-00.jpg"),
        ] {
            assert_eq!(safe_name(name, Kind::Jpeg), safe, "{name:?}");
        }
        assert!(safe_name(&"x".repeat(5000), Kind::Png).len() <= 104);
    }

    #[test]
    fn kinds_come_from_the_bytes() {
        let mp4 = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42";
        let zip = |names: &str| [b"PK\x03\x04".as_slice(), &[0; 26], names.as_bytes()].concat();
        for (name, bytes, kind) in [
            ("a.txt", b"%PDF-1.7".to_vec(), Kind::Pdf),
            ("a.mp4", mp4.to_vec(), Kind::Mp4),
            ("a.mp4", b"\0\0\0\x14ftypM4A \0\0\0\0M4A ".to_vec(), Kind::M4a),
            ("a", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec(), Kind::Webm),
            ("a", b"ID3\x04".to_vec(), Kind::Mp3),
            ("a", b"\xff\xfb\x90\x64".to_vec(), Kind::Mp3),
            ("a", b"OggS".to_vec(), Kind::Ogg),
            ("a", b"RIFF\0\0\0\0WAVEfmt ".to_vec(), Kind::Wav),
            ("a.jpg", zip("x.txt"), Kind::Zip),
            ("a", zip("[Content_Types].xml word/document.xml"), Kind::Docx),
            ("a", zip("[Content_Types].xml xl/workbook.xml"), Kind::Xlsx),
            ("a", zip("mimetypeapplication/vnd.oasis.opendocument.text"), Kind::Odt),
            ("a.csv", b"a;b\n1;2\n".to_vec(), Kind::Csv),
            ("a.html", b"plain words, 1 < 2".to_vec(), Kind::Txt),
            ("a", "caf\u{e9}".as_bytes()[..4].to_vec(), Kind::Txt),
            ("a.txt", b"<?xml version='1.0'?>\n<!-- x --><svg xmlns='x'/>".to_vec(), Kind::Svg),
        ] {
            assert_eq!(
                identify(name, &bytes).map(|f| f.kind).ok(),
                Some(kind),
                "{name} {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn what_would_run_or_cannot_be_checked_is_refused_with_the_reason() {
        for (bytes, why) in [
            (&b""[..], "empty"),
            (b"<!DOCTYPE html><p>", "web pages"),
            (b"  <script>alert(1)</script>", "web pages"),
            (b"hello <script>alert(1)</script>", "web pages"),
            (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "web pages"),
            (b"<svgx onload='x'/>", "web pages"),
            (b"<?php system('id');", "scripts"),
            (b"words <?= `id` ?>", "scripts"),
            (b"#!/bin/sh\nid", "scripts"),
            (b"MZ\x90\0", "programs"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "programs"),
            (b"\0asm\x01\0\0\0", "programs"),
            (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", "AVIF"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
            (b"\x01\x02\x03\x04", "not known"),
            (b"text\0with zero", "not known"),
            (b"\xff\xfe<\0h\0t\0m\0l\0", "not known"),
        ] {
            let error = identify("photo.jpg", bytes).unwrap_err();
            assert_eq!(error.as_code(), Code::UnsupportedMedia);
            assert!(error.sentence().contains(why), "{:?}: {}", String::from_utf8_lossy(bytes), error.sentence());
        }
    }

    #[test]
    fn nothing_is_served_with_a_type_that_runs_scripts_outside_a_sandbox() {
        for kind in Kind::ALL {
            let served = served_as(*kind);
            let runs = ["html", "xml", "script", "svg"].iter().any(|t| served.content_type.contains(t));
            let office = served.content_type.contains("openxmlformats");
            let caged = served.csp.is_some_and(|csp| csp.contains("default-src 'none'") && csp.ends_with("sandbox"));
            assert!(!runs || caged && (served.attachment || *kind == Kind::Svg || office), "{kind:?}");
            assert_eq!(Kind::from_mime(kind.mime()), Some(*kind));
        }
        const { assert!(UNKNOWN.attachment) };
    }
}
