//! What a file is, in words: who may read it, what it shows as, whether it is ever served.

use freehold_base::JailPath;
use freehold_host::account_dir::Metadata;

/// Who may read something, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Everyone on the machine, and so the web server.
    Everyone,
    /// Its owner and the group.
    Group,
    /// Its owner only.
    Owner,
    /// Nobody.
    Nobody,
}

impl Readers {
    /// The word on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Everyone => "Everyone",
            Self::Group => "You and the group",
            Self::Owner => "Only you",
            Self::Nobody => "Nobody",
        }
    }
}

/// Who may read something.
pub const fn readers(metadata: &Metadata) -> Readers {
    match metadata.mode {
        mode if mode & 0o004 != 0 => Readers::Everyone,
        mode if mode & 0o040 != 0 => Readers::Group,
        mode if mode & 0o400 != 0 => Readers::Owner,
        _ => Readers::Nobody,
    }
}

/// What a file shows as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A picture that browsers show.
    Picture,
    /// Text that can be edited.
    Text,
    /// Sound.
    Audio,
    /// Film.
    Video,
    /// An archive that can be unpacked here.
    Archive,
    /// A PDF.
    Pdf,
    /// All else.
    Other,
}

/// By the name alone: what a file is said to be.
pub fn family(path: &JailPath) -> Family {
    const TEXT: &str = "txt md html htm css scss less js mjs ts tsx jsx json xml yml yaml toml ini conf cfg php py rb rs go \
    java c h cpp sh sql csv tsv log vue svelte twig tera env htaccess gitignore webmanifest svg";
    let name = path.name().to_lowercase();
    if super::Format::of(path).is_some() {
        return Family::Archive;
    }
    match path.extension().as_str() {
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "ico" | "bmp" => Family::Picture,
        "mp3" | "ogg" | "oga" | "wav" | "flac" | "m4a" | "opus" => Family::Audio,
        "mp4" | "webm" | "mov" | "m4v" | "ogv" => Family::Video,
        "pdf" => Family::Pdf,
        extension if TEXT.split(' ').any(|known| known == extension) => Family::Text,
        "" if matches!(name.as_str(), ".env" | ".htaccess" | ".gitignore" | "readme" | "license" | "makefile") => {
            Family::Text
        }
        _ => Family::Other,
    }
}

/// Endings of names of secrets: dumps, copies that editors and people leave beside a file, keys.
const SECRET_ENDS: &[&str] = &[
    "~",
    ".bak",
    ".backup",
    ".old",
    ".orig",
    ".save",
    ".swp",
    ".swo",
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
    ".htpasswd",
];
/// Beginnings of names of secrets: settings with passwords in them, keys.
const SECRET_STARTS: &[&str] = &[
    "wp-config",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "id_dsa",
    "configuration.php",
    "settings.php",
    "localsettings.php",
];
/// Files that are secrets by their whole name.
const SECRET_NAMES: &[&str] = &["auth.json", "credentials"];
/// Endings of programs and what they write for themselves: not meant for readers, though rarely a secret.
const PROGRAM_ENDS: &[&str] = &[".php", ".phtml", ".phar", ".inc", ".phps", ".cgi", ".pl", ".log", ".tmp"];
/// Endings of packed files; what was packed counts too.
const PACKED: &[&str] = &[".gz", ".br", ".zst", ".bz2", ".xz", ".zip", ".7z"];

/// Whether a file is never served, wherever it lies; see [`is_kept_back`].
pub fn is_never_served(path: &JailPath) -> bool {
    is_kept_back(&String::from_utf8_lossy(path.as_bytes()))
}

/// Whether an address or path names something that is answered as if it were missing: dot files and folders (but
/// `.well-known`, where proofs of who owns a name lie), secrets, programs, and what is no text.
pub fn is_kept_back(path: &str) -> bool {
    path.contains('\u{FFFD}')
        || steps(path).any(|step| step.starts_with('.') && step != ".well-known" || ends(step, PROGRAM_ENDS))
        || is_secret(path)
}

/// Whether a path looks like a secret by one of its names.
pub fn is_secret(path: &str) -> bool {
    let begins = |step: &str, start: &&str| step.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
    let is_step = |step: &str| ends(step, SECRET_ENDS) || SECRET_STARTS.iter().any(|start| begins(step, start));
    let last = path.rsplit('/').next().unwrap_or_default();
    steps(path).any(is_step) || SECRET_NAMES.iter().any(|name| last.eq_ignore_ascii_case(name))
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !step.is_empty())
}

/// Whether a name has one of these endings, as it stands or packed.
fn ends(step: &str, with: &[&str]) -> bool {
    let one = |text: &str, end: &&str| {
        text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|t| t.eq_ignore_ascii_case(end))
    };
    let bare = PACKED.iter().find(|end| one(step, end)).and_then(|end| step.get(..step.len() - end.len()));
    with.iter().any(|end| one(step, end) || bare.is_some_and(|bare| one(bare, end)))
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
            ("/a/.well-known/x", false),
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
            ("/auth.json", true),
            ("/app/credentials", true),
            ("/credentials/", false),
            ("/credentials/index.html", false),
            ("/debug.log", true),
            ("/lib/db.inc", true),
            ("/upload.tmp", true),
        ] {
            assert_eq!(is_kept_back(path), kept, "{path}");
            if let Ok(inside) = JailPath::parse(path.trim_matches('/')) {
                let said = kept || path == "/credentials/";
                assert_eq!(is_never_served(&inside), said, "the panel says the same of {path}");
            }
        }
    }

    #[test]
    fn what_shall_never_be_served_is_known_by_its_name() {
        let path = |text: &str| JailPath::parse(text).unwrap();
        for never in [
            ".env",
            "a/.git/config",
            "a/.env.local",
            "dump.sql",
            "backup/db.SQL.gz",
            "wp-config.php~",
            "a.php.bak",
            "key.pem",
            "id_rsa",
            ".htpasswd",
            "a/.well-known/.env",
            "data.sqlite",
        ] {
            assert!(is_never_served(&path(never)), "{never}");
        }
        for fine in ["index.html", ".well-known/security.txt", "sql.html", "keys.html", "a.env.html", "old/a.txt"] {
            assert!(!is_never_served(&path(fine)), "{fine}");
        }
        assert_eq!(family(&path("a.tar.gz")), Family::Archive);
        assert_eq!(family(&path("a.CSS")), Family::Text);
        assert_eq!(family(&path(".htaccess")), Family::Text);
        assert_eq!(family(&path("a.bin")), Family::Other);
    }
}
