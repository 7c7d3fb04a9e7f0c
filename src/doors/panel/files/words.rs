//! Files in words: what they are, who may read them, where they are served.

use freehold_host::account_dir::Kind;

use crate::panel::media::view::size_text;

/// Pictures that can be shown small: their ends of name.
const PICTURES: &[&str] = &["jpg", "jpeg", "png", "gif", "webp"];
/// Archives that can be unpacked, longest end first.
const ARCHIVES: &[&str] = &[".tar.gz", ".tar.zst", ".tgz", ".tzst", ".tar", ".zip"];
/// What text files end with, beside those whose first bytes say so.
const CODE: &[&str] = &[
    "css", "js", "mjs", "cjs", "ts", "tsx", "jsx", "html", "htm", "php", "py", "rb", "pl", "sh", "json", "xml", "yml",
    "yaml", "toml", "sql", "rs", "go", "java", "c", "h", "vue", "svelte", "scss", "less",
];

/// What follows the last dot, in small letters.
fn end_of(name: &str) -> String {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or_else(String::new, |(_, end)| end.to_lowercase())
}

/// The icon of a file or folder.
pub fn icon(name: &str, kind: Kind, never: bool) -> &'static str {
    if kind == Kind::Folder {
        return "folder";
    }
    if kind == Kind::Link {
        return "link";
    }
    let end = end_of(name);
    match end.as_str() {
        _ if never => "lock",
        _ if is_archive(name) => "file-archive",
        "html" | "htm" => "file",
        end if CODE.contains(&end) => "file-code",
        end if PICTURES.contains(&end) => "image",
        "svg" | "avif" | "ico" | "bmp" | "heic" => "image",
        "mp4" | "webm" | "mov" | "mkv" => "video",
        "mp3" | "ogg" | "wav" | "m4a" | "flac" => "play",
        "txt" | "md" | "log" | "csv" | "pdf" | "doc" | "docx" | "odt" => "file-text",
        _ => "file",
    }
}

/// Whether the panel shows it small.
pub fn is_picture(name: &str) -> bool {
    PICTURES.contains(&end_of(name).as_str())
}

/// Whether it can be unpacked.
pub fn is_archive(name: &str) -> bool {
    let name = name.to_lowercase();
    ARCHIVES.iter().any(|end| name.ends_with(end))
}

/// The name of a folder for what an archive holds: its own without the end.
pub fn without_archive_end(name: &str) -> &str {
    let small = name.to_lowercase();
    ARCHIVES.iter().find(|end| small.ends_with(*end)).and_then(|end| name.get(..name.len() - end.len())).unwrap_or(name)
}

/// Whether it is worth to be opened as text: not too large, and its name does not speak against it.
pub fn may_be_text(name: &str, bytes: u64) -> bool {
    const LARGEST: u64 = 2_000_000;
    let end = end_of(name);
    let closed = [
        "pdf", "doc", "docx", "odt", "xlsx", "woff", "woff2", "ttf", "otf", "ico", "avif", "heic", "bmp", "exe", "so",
        "wasm", "gz", "zst", "7z", "xz", "bz2", "sqlite", "db",
    ];
    let moving = matches!(icon(name, Kind::File, false), "video" | "play");
    bytes <= LARGEST && !is_picture(name) && !is_archive(name) && !moving && !closed.contains(&end.as_str())
}

/// Bytes in words.
pub fn size(bytes: u64) -> String {
    size_text(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// The permission bits as people write them: `644`.
pub fn octal(mode: u16) -> String {
    format!("{:03o}", mode & 0o777)
}
