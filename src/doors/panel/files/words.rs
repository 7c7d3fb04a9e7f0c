//! Files in words: what they are, who may read them, where they are served.

use freehold_base::JailPath;
use freehold_host::account_dir::{Kind, Metadata};
use freehold_hosting::files::{Family, Readers, family, readers};

use crate::panel::media::view::size_text;

/// Why a file is never served.
pub const NEVER: &str =
    "Never served to visitors: names that begin with a dot, dumps of databases, keys, and copies that editors leave.";
/// Pictures that can be drawn small: what their names end with.
const DRAWN: &[&str] = &["jpg", "jpeg", "png", "gif", "webp"];
/// Texts that read as running words rather than as code.
const WORDS: &[&str] = &["txt", "md", "log", "csv", "tsv", "html", "htm"];
/// The largest text that is offered to be edited, as the service has it.
const LARGEST_TEXT: u64 = 4 << 20;

/// The icon of a file or folder.
pub fn icon(path: &JailPath, kind: Kind, never: bool) -> &'static str {
    let end = path.extension();
    match (kind, family(path)) {
        (Kind::Folder, _) => "folder",
        (Kind::Link, _) => "link",
        _ if never => "lock",
        (_, Family::Archive) => "file-archive",
        (_, Family::Picture) => "image",
        (_, Family::Video) => "video",
        (_, Family::Audio) => "play",
        (_, Family::Text) if end == "svg" => "image",
        (_, Family::Text) if !WORDS.contains(&end.as_str()) => "file-code",
        (_, Family::Text | Family::Pdf) => "file-text",
        (_, Family::Other) => "file",
    }
}

/// Whether the panel draws it small.
pub fn is_picture(path: &JailPath) -> bool {
    DRAWN.contains(&path.extension().as_str())
}

/// Whether it can be unpacked.
pub fn is_archive(path: &JailPath) -> bool {
    family(path) == Family::Archive
}

/// Whether it is worth to be opened as a text: not too large, and its name does not speak against it.
pub fn may_be_text(path: &JailPath, bytes: u64) -> bool {
    bytes <= LARGEST_TEXT && matches!(family(path), Family::Text | Family::Other)
}

/// Bytes in words.
pub fn size(bytes: u64) -> String {
    size_text(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// The permission bits as people write them: `644`.
pub fn octal(mode: u16) -> String {
    format!("{:03o}", mode & 0o777)
}

/// Who may do what with it.
pub fn permission(metadata: &Metadata) -> String {
    let who = match readers(metadata) {
        Readers::Everyone => "everyone can read",
        Readers::Group => "you and the group can read",
        Readers::Owner => "only you can read",
        Readers::Nobody => "nobody can read",
    };
    let writes = if metadata.mode & 0o002 != 0 { ", everyone can change it" } else { "" };
    format!("{who}{writes}")
}
