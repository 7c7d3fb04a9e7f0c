//! Security rule B8: files that are two things at once. Whatever a file pretends to be, what is stored holds none of
//! the sender's bytes that a browser or PHP would run, and is served with a type that runs nothing.

use super::sniff::{Kind, identify, served_as};
use super::{clean, samples, svg};

const PHP: &[u8] = b"<?php system($_GET['c']); ?>";
const JS: &[u8] = b"*/=1;alert('pwned')//";
const HTML: &[u8] = b"<html><script>alert('pwned')</script></html>";

struct Case {
    what: String,
    name: &'static str,
    bytes: Vec<u8>,
}

fn case(what: impl Into<String>, name: &'static str, parts: &[&[u8]]) -> Case {
    Case { what: what.into(), name, bytes: parts.concat() }
}

fn jpeg_segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &len[..], body].concat()
}

fn png_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let crc = [&kind[..], body].concat().iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
    });
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), &kind[..], body, &(!crc).to_be_bytes()].concat()
}

fn riff_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let pad = vec![0; body.len() % 2];
    [&kind[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), body, &pad].concat()
}

/// Pictures with something added at the end, in metadata, or in front.
fn pictures_with_passengers(cases: &mut Vec<Case>) {
    for (kind, bytes) in samples::pictures() {
        for (label, load) in [("php", PHP), ("js", JS), ("html", HTML)] {
            cases.push(case(format!("{kind:?} with {label} behind"), "x.php.jpg", &[&bytes, load]));
            cases.push(case(format!("{label} before {kind:?}"), "x.jpg", &[load, &bytes]));
        }
        cases.push(case(format!("{kind:?} with a zip behind"), "x.jar", &[&bytes, b"PK\x03\x04", PHP]));
        cases.push(case(format!("{kind:?} cut in half"), "x.png", &[&bytes[..bytes.len() / 2], PHP]));
    }
    let jpeg = &samples::pictures()[0].1;
    for marker in [0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xef, 0xfe] {
        let segment = jpeg_segment(marker, &[PHP, HTML].concat());
        cases.push(case(format!("php in segment {marker:x}"), "x.phtml", &[&jpeg[..2], &segment, &jpeg[2..]]));
    }
    let png = &samples::pictures()[1].1;
    for kind in [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prIv"] {
        let chunk = png_chunk(kind, &[b"Comment\0", HTML, PHP].concat());
        let label = String::from_utf8_lossy(kind);
        cases.push(case(format!("html in {label}"), "x.html", &[&png[..33], &chunk, &png[33..]]));
    }
    let webp = &samples::pictures()[3].1;
    for kind in [b"EXIF", b"XMP ", b"JUNK"] {
        let mut bytes = [&webp[..], &riff_chunk(kind, PHP)].concat();
        let size = u32::try_from(bytes.len() - 8).unwrap().to_le_bytes();
        bytes[4..8].copy_from_slice(&size);
        cases.push(case(format!("php in {}", String::from_utf8_lossy(kind)), "x.webp", &[&bytes]));
    }
}

/// GIF and BMP as scripts: the header reads as the start of a statement.
fn pictures_as_scripts(cases: &mut Vec<Case>) {
    let gif = samples::gif(48, 32);
    cases.push(case("gif header as script", "x.js", &[b"GIF89a/*", &gif[8..], JS]));
    cases.push(case("gif that is only a script", "x.gif", &[b"GIF89a=1;alert('pwned');"]));
    cases.push(case("gif header and html", "x.gif", &[b"GIF89a", HTML]));
    let comment = [&[0x21, 0xfe, u8::try_from(PHP.len()).unwrap()][..], PHP, &[0]].concat();
    cases.push(case("php in a gif comment", "x.gif.php5", &[&gif[..19], &comment, &gif[19..]]));
    let application =
        [&[0x21, 0xff, 11][..], b"XMP DataXMP", &[u8::try_from(HTML.len()).unwrap()], HTML, &[0]].concat();
    cases.push(case("html in a gif application block", "x.gif", &[&gif[..19], &application, &gif[19..]]));
    cases.push(case("bmp script", "x.bmp", &[b"BM/*\0\0\0\0\0", JS]));
    cases.push(case("riff script", "x.webp", &[b"RIFF/*\0\0WEBPVP8 ", JS]));
}

/// Bombs and ruins.
fn bombs(cases: &mut Vec<Case>) {
    for (w, h) in [(60_000u32, 60_000u32), (u32::MAX, 1), (1, u32::MAX), (0, 5), (8001, 8000), (40_000, 1)] {
        let head = [&w.to_be_bytes()[..], &h.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        let bytes = [
            &b"\x89PNG\r\n\x1a\n"[..],
            &png_chunk(b"IHDR", &head),
            &png_chunk(b"IDAT", b"x\x9c\x03\0\0\0\0\x01"),
            &png_chunk(b"IEND", b""),
        ]
        .concat();
        cases.push(case(format!("png of {w} x {h}"), "x.png", &[&bytes]));
    }
    let gif =
        [&b"GIF89a\xff\xff\xff\xff\x80\0\0"[..], &[0; 6], b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x01\0\0;"].concat();
    cases.push(case("gif of 65535 x 65535", "x.gif", &[&gif]));
    let jpeg = &samples::pictures()[0].1;
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    let mut huge = jpeg.clone();
    huge[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    cases.push(case("jpeg of 65535 x 65535", "x.jpg", &[&huge]));
    for (label, bytes) in [
        ("nothing", &b""[..]),
        ("one zero", b"\0"),
        ("zeros", &[0; 4096]),
        ("jpeg head", b"\xff\xd8\xff"),
        ("png head", b"\x89PNG\r\n\x1a\n"),
        ("gif head", b"GIF89a"),
        ("riff head", b"RIFF\xff\xff\xff\xffWEBP"),
        ("webp canvas only", b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff"),
    ] {
        cases.push(case(label, "x.jpg", &[bytes]));
    }
}

/// Other files under a picture's name.
fn liars(cases: &mut Vec<Case>) {
    for (label, bytes) in [
        ("php", PHP),
        ("html", HTML),
        ("xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("xml with a style sheet", b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><x/>"),
        ("windows program", b"MZ\x90\0\x03\0\0\0"),
        ("shell script", b"#!/bin/sh\nid\n"),
        ("utf-16 html", b"\xff\xfe<\0h\0t\0m\0l\0>\0"),
        ("utf-7 html", b"+ADw-script+AD4-alert(1)"),
        ("htaccess", b"AddType application/x-httpd-php .jpg"),
        ("phar", b"<?php __HALT_COMPILER(); ?>\0\0"),
        ("mhtml", b"MIME-Version: 1.0\r\n\r\n<html>"),
        ("flash", b"CWS\x0a\0\0\0\0\x78\x9c"),
        ("pdf", b"%PDF-1.7 /JavaScript (app.alert(1))"),
        ("mp3 with html", b"ID3\x04\0\0\0\0\0\0<html><script>alert(1)</script>"),
        ("zip", b"PK\x03\x04<html><script>alert(1)</script>"),
        ("avif", b"\0\0\0\x1cftypavif\0\0\0\0mif1avif"),
        ("heic", b"\0\0\0\x18ftypheic\0\0\0\0heic"),
    ] {
        cases.push(case(label, "photo.jpg", &[bytes]));
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    pictures_with_passengers(&mut cases);
    pictures_as_scripts(&mut cases);
    bombs(&mut cases);
    liars(&mut cases);
    for vector in svg::tests_vectors() {
        let text = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>{vector}</svg>"
        );
        cases.push(case(format!("svg {vector}"), "x.svg", &[text.as_bytes()]));
    }
    cases
}

#[test]
fn no_polyglot_keeps_foreign_bytes_or_gets_a_type_that_runs() {
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let (mut kept, mut refused) = (0, 0);
    for Case { what, name, bytes } in cases {
        let Ok(file) = identify(name, &bytes[..bytes.len().min(65_536)]) else {
            refused += 1;
            continue;
        };
        assert_eq!(file.file_name.matches('.').count(), 1, "{what}");
        assert!(file.file_name.ends_with(file.kind.extension()), "{what}: {}", file.file_name);
        let served = served_as(file.kind);
        assert!(!served.content_type.contains("html") && !served.content_type.contains("script"), "{what}");
        if !file.kind.is_picture() {
            // Kept as it came, under a type that no browser runs.
            assert!(served.attachment || matches!(file.kind, Kind::Pdf | Kind::Mp3), "{what}: {:?}", file.kind);
            continue;
        }
        let Ok(clean) = clean(file.kind, &bytes) else {
            refused += 1;
            continue;
        };
        kept += 1;
        for load in [PHP, JS, HTML, b"<?php", b"<script", b"alert(", b"PK\x03\x04"] {
            assert!(
                !clean.bytes.windows(load.len()).any(|w| w == load),
                "{what} keeps {}",
                String::from_utf8_lossy(load)
            );
        }
        if file.kind == Kind::Svg {
            svg::assert_harmless(std::str::from_utf8(&clean.bytes).unwrap());
            assert!(served.csp.is_some_and(|csp| csp.ends_with("sandbox")));
        }
    }
    assert!(kept >= 60 && refused >= 40, "kept {kept}, refused {refused}");
}

#[test]
fn bombs_are_refused_before_they_are_decoded() {
    let mut list = Vec::new();
    bombs(&mut list);
    for Case { what, name, bytes } in list {
        let kept = identify(name, &bytes).is_ok_and(|file| clean(file.kind, &bytes).is_ok());
        assert!(!kept, "{what} was accepted");
    }
}

#[test]
fn damaged_pictures_never_panic() {
    // A fixed walk over damage: every kind, every 7th byte flipped in turn.
    for (kind, bytes) in samples::pictures() {
        for at in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            let _ = clean(kind, &damaged); // refused or cleaned; only a panic fails
        }
    }
}
