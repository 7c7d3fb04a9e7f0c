//! Texts and numbers for HTML.

/// A size for people: "1.2 MB".
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// Writes text so that it is safe between tags and in quoted attributes.
pub(super) fn escape(out: &mut String, text: &str) {
    // Without a way out, so that the compiler can look at many bytes at once.
    let plain = text.bytes().fold(true, |plain, b| plain & (b != b'&') & (b != b'<') & (b != b'>') & (b != b'"'));
    if plain {
        return out.push_str(text);
    }
    let mut done = 0;
    for (i, b) in text.bytes().enumerate() {
        let entity = match b {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        out.push_str(text.get(done..i).unwrap_or_default());
        out.push_str(entity);
        done = i + 1;
    }
    out.push_str(text.get(done..).unwrap_or_default());
}
