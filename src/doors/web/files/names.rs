//! What the name of a file says of its type.

/// The value of `Content-Type` for a name: with its character set where it is text.
pub fn content_type(path: &str) -> String {
    let known = match ending(path).as_str() {
        // What the list does not know, or says otherwise than browsers want it.
        "js" | "mjs" | "cjs" => Some("text/javascript"),
        "webmanifest" => Some("application/manifest+json"),
        "map" => Some("application/json"),
        "md" | "markdown" => Some("text/markdown"),
        "avif" => Some("image/avif"),
        "jxl" => Some("image/jxl"),
        "glb" => Some("model/gltf-binary"),
        "ts" => Some("video/mp2t"),
        "rss" => Some("application/rss+xml"),
        "atom" => Some("application/atom+xml"),
        _ => None,
    };
    let guessed = mime_guess::from_path(path);
    let kind = known.or_else(|| guessed.first_raw()).unwrap_or("application/octet-stream");
    let is_text = kind.starts_with("text/")
        || kind.ends_with("+xml")
        || kind.ends_with("+json")
        || matches!(kind, "application/json" | "application/xml" | "application/javascript");
    if is_text && !kind.contains("charset") { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

/// What follows the last dot of the last name, in small letters.
fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or_else(String::new, |(_, end)| end.to_ascii_lowercase())
}

/// Whether files of this type get smaller when they are packed.
pub fn is_compressible(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || kind.ends_with("+xml")
        || kind.ends_with("+json")
        || kind.ends_with("/xml")
        || kind.ends_with("/json")
        || kind.ends_with("javascript")
        || matches!(
            kind,
            "application/wasm"
                | "font/ttf"
                | "font/otf"
                | "application/vnd.ms-fontobject"
                | "image/bmp"
                | "image/x-icon"
                | "image/vnd.microsoft.icon"
                | "application/x-ndjson"
                | "application/rtf"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_name() {
        for (path, expected, packs) in [
            ("/a.html", "text/html; charset=utf-8", true),
            ("/a.HTML", "text/html; charset=utf-8", true),
            ("/a.js", "text/javascript; charset=utf-8", true),
            ("/a.css", "text/css; charset=utf-8", true),
            ("/a.svg", "image/svg+xml; charset=utf-8", true),
            ("/a.json", "application/json; charset=utf-8", true),
            ("/a.wasm", "application/wasm", true),
            ("/a.png", "image/png", false),
            ("/a.woff2", "font/woff2", false),
            ("/a.mp4", "video/mp4", false),
            ("/a.tar.gz", "application/gzip", false),
            ("/a", "application/octet-stream", false),
            ("/a.b/c", "application/octet-stream", false),
        ] {
            assert_eq!(content_type(path), expected, "{path}");
            assert_eq!(is_compressible(expected), packs, "{path}");
        }
    }
}
