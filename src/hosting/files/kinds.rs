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
    if super::archive::Format::of(path).is_some() {
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

/// Whether a file is never served, wherever it lies: dot files and folders (but `.well-known`), dumps of databases,
/// copies that editors leave, private keys.
pub fn is_never_served(path: &JailPath) -> bool {
    let names: Vec<String> = path.names().map(|name| String::from_utf8_lossy(name).to_lowercase()).collect();
    let hidden = |name: &String| name.starts_with('.') && name != ".well-known";
    if names.iter().any(hidden) {
        return true;
    }
    let Some(name) = names.last() else { return false };
    const ENDS: &[&str] = &[
        ".sql", ".sql.gz", ".sql.zip", ".sqlite", ".sqlite3", ".db", ".bak", ".old", ".orig", ".swp", ".swo", "~",
        ".pem", ".key", ".pfx", ".p12", ".kdbx", ".mdb", ".dump",
    ];
    const NAMES: &[&str] =
        &["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", "auth.json", "wp-config.php.bak", "credentials"];
    ENDS.iter().any(|end| name.ends_with(end)) || NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

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
