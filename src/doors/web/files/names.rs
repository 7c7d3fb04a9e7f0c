//! What the name of a file says: whether it is anybody's business, and what it is.

/// Endings of names that are never sent: dumps, copies that editors and people leave beside a file, keys, and
/// programs, whose text is not meant for readers.
const KEPT_BACK: &[&str] = &[
    "~",
    ".bak",
    ".backup",
    ".old",
    ".orig",
    ".save",
    ".swp",
    ".swo",
    ".tmp",
    ".sql",
    ".sqlite",
    ".sqlite3",
    ".db",
    ".dump",
    ".mdb",
    ".env",
    ".pem",
    ".key",
    ".pfx",
    ".p12",
    ".kdbx",
    ".ppk",
    ".php",
    ".phtml",
    ".phar",
    ".inc",
    ".phps",
    ".cgi",
    ".pl",
    ".htpasswd",
    ".log",
];

/// Beginnings of names that are never sent: settings with passwords in them.
const SECRETS: &[&str] = &[
    "wp-config",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "id_dsa",
    "configuration.php",
    "settings.php",
    "localsettings.php",
];

/// Endings of packed files; what was packed counts too.
const PACKED: &[&str] = &[".gz", ".br", ".zst", ".bz2", ".xz", ".zip", ".7z"];

/// Whether an address names something that is answered as if it were missing (canonical path).
pub fn is_kept_back(path: &str) -> bool {
    let mut steps = path.split('/').filter(|step| !step.is_empty()).peekable();
    // Proofs of who owns a name, and where machines look for what a site offers (RFC 8615).
    if steps.peek() == Some(&".well-known") {
        steps.next();
    }
    path.contains('\u{FFFD}') || steps.any(is_step_kept_back)
}

fn is_step_kept_back(step: &str) -> bool {
    if step.starts_with('.') {
        return true;
    }
    let ends = |text: &str, end: &str| {
        text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|t| t.eq_ignore_ascii_case(end))
    };
    let begins = |text: &str| step.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let bare = PACKED.iter().find(|end| ends(step, end)).and_then(|end| step.get(..step.len() - end.len()));
    KEPT_BACK.iter().any(|end| ends(step, end) || bare.is_some_and(|bare| ends(bare, end)))
        || SECRETS.iter().any(|start| begins(start))
}

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

    // rule: B4
    #[test]
    fn b4_what_is_nobodys_business_is_never_sent() {
        for (path, kept) in [
            ("/index.html", false),
            ("/.well-known/security.txt", false),
            ("/.well-known/acme-challenge/x", false),
            ("/.well-known/.git/config", true),
            ("/a/.well-known/x", true),
            ("/.git/config", true),
            ("/a/.git/HEAD", true),
            ("/.env", true),
            ("/prod.env", true),
            ("/.htaccess", true),
            ("/.htpasswd", true),
            ("/dump.sql", true),
            ("/DUMP.SQL", true),
            ("/dump.sql.gz", true),
            ("/dump.sql.zst", true),
            ("/old.zip", false),
            ("/site.bak", true),
            ("/site.bak.zip", true),
            ("/index.html~", true),
            ("/index.html.old", true),
            ("/.index.html.swp", true),
            ("/wp-config.php", true),
            ("/wp-config-sample.php", true),
            ("/wp-config.txt", true),
            ("/x.jpg/y.php", true),
            ("/server.key", true),
            ("/id_rsa", true),
            ("/data.sqlite3", true),
            ("/app.js.map", false),
            ("/monkey", false),
            ("/sold", false),
            ("/threshold.html", false),
            ("/a\u{FFFD}2e", true),
            ("/", false),
        ] {
            assert_eq!(is_kept_back(path), kept, "{path}");
        }
    }

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
