//! Files as the panel shows them.

use freehold_base::capability::Capabilities;
use freehold_base::{Capability, UserId};
use freehold_publishing::library::{self, Media, Uses};
use freehold_publishing::media::Kind;
use serde::Serialize;

use crate::panel::auth::FieldText;
use crate::panel::build_frame::{Moment, time_view};
use crate::panel::entries::{list_of, shown_title, status_word};
use crate::panel::frame::TimeView;
use crate::panel::thumbs::thumb;

/// A file as scripts get it: the answer to an upload, an item of the picker.
#[derive(Serialize)]
pub struct Item {
    /// Its number.
    pub id: i64,
    /// Its address.
    pub url: String,
    /// A small picture of it; empty where it is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub thumb: String,
    /// Description.
    pub alt: String,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// File name.
    pub name: String,
    /// Size.
    pub bytes: i64,
}

/// One tile of the grid.
#[derive(Serialize)]
pub struct Tile {
    id: i64,
    href: String,
    name: String,
    size: String,
    thumb: String,
    icon: &'static str,
    needs_alt: bool,
    current: bool,
    kind: &'static str,
    pixels: String,
    added: TimeView,
}

/// A place where a file stands.
#[derive(Serialize)]
pub struct Place {
    title: String,
    href: String,
    note: &'static str,
    icon: &'static str,
}

/// The chosen file.
#[derive(Serialize)]
pub struct Opened {
    id: i64,
    name: String,
    kind: &'static str,
    preview: String,
    icon: &'static str,
    is_picture: bool,
    pixels: String,
    size: String,
    added: TimeView,
    by: String,
    public_url: String,
    download: String,
    title: String,
    alt: String,
    decorative: bool,
    caption: String,
    credit: String,
    licence: String,
    places: Vec<Place>,
    places_label: String,
    can_write: bool,
    can_delete: bool,
    /// Refused words.
    pub(super) errors: Vec<FieldText>,
    save_action: String,
    delete_action: String,
    close_href: String,
}

impl Opened {
    /// Puts back what somebody typed and what was refused.
    pub fn typed(&mut self, words: library::Description) {
        self.title = words.title;
        self.alt = words.alt;
        self.decorative = words.decorative;
        self.caption = words.caption;
        self.credit = words.credit;
        self.licence = words.licence;
    }
}

/// `4.2 MB`, in steps of 1,000.
pub fn size_text(bytes: i64) -> String {
    let tenths = |unit: i64| {
        let n = (bytes * 10 + unit / 2) / unit;
        if n >= 100 { format!("{}", n / 10) } else { format!("{}.{}", n / 10, n % 10) }
    };
    match bytes {
        ..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", (bytes + 500) / 1000),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

fn small(m: &Media, width: u32) -> String {
    thumb(&m.hash, &m.filename, &m.content_type, width)
}

fn icon(m: &Media) -> &'static str {
    match m.content_type.split('/').next() {
        Some("image") => "image",
        Some("audio") => "play",
        Some("video") => "video",
        Some("text") => "file-text",
        _ if m.content_type == "application/pdf" => "file-text",
        _ if m.content_type == "application/zip" => "archive",
        _ => "file",
    }
}

fn kind_word(m: &Media) -> &'static str {
    match Kind::from_mime(&m.content_type) {
        Some(Kind::Jpeg) => "JPEG picture",
        Some(Kind::Png) => "PNG picture",
        Some(Kind::Gif) => "GIF picture",
        Some(Kind::Webp) => "WebP picture",
        Some(Kind::Svg) => "SVG drawing",
        Some(Kind::Pdf) => "PDF document",
        Some(Kind::Mp3 | Kind::Ogg | Kind::Wav | Kind::M4a) => "Sound",
        Some(Kind::Mp4 | Kind::Webm) => "Film",
        Some(Kind::Zip) => "ZIP archive",
        Some(Kind::Txt) => "Text",
        Some(Kind::Csv | Kind::Xlsx) => "Table",
        Some(Kind::Docx | Kind::Odt) => "Document",
        None => "File",
    }
}

/// For scripts.
pub fn item(m: &Media) -> Item {
    let pixels = |n: i64| Some(n).filter(|n| *n > 0);
    Item {
        id: m.id.get(),
        url: library::address(m),
        thumb: small(m, 320),
        alt: m.alt.clone(),
        width: pixels(m.width),
        height: pixels(m.height),
        name: m.filename.clone(),
        bytes: m.bytes,
    }
}

/// For the grid.
pub fn tile(m: &Media, href: String, current: bool, now: Moment) -> Tile {
    let picture = m.content_type.starts_with("image/");
    Tile {
        id: m.id.get(),
        href,
        name: m.filename.clone(),
        size: size_text(m.bytes),
        thumb: small(m, 320),
        icon: icon(m),
        needs_alt: picture && m.alt.is_empty() && !m.decorative,
        current,
        kind: kind_word(m),
        pixels: if m.width > 0 { format!("{} × {}", m.width, m.height) } else { String::new() },
        added: time_view(m.created_at, now),
    }
}

/// Addresses of the panel that the chosen file's forms lead to.
pub struct Addresses<'a> {
    /// `/admin/s/1`
    pub base: &'a str,
    /// The list's query without the chosen file.
    pub query: &'a str,
    /// The site's public origin.
    pub origin: &'a str,
}

/// The chosen file with all that is known of it.
pub fn opened(
    m: &Media,
    uses: Uses,
    by: String,
    rights: Capabilities,
    user: Option<UserId>,
    at: &Addresses<'_>,
    now: Moment,
) -> Opened {
    let Addresses { base, query, origin } = at;
    let tail = |more: &str| match (query.is_empty(), more.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("?{more}"),
        (false, true) => format!("?{query}"),
        (false, false) => format!("?{query}&{more}"),
    };
    let id = m.id.get();
    let mine = user.is_some_and(|u| u.get() == m.uploaded_by);
    let can_write = rights.has(Capability::MediaWrite);
    let count = uses.count();
    Opened {
        id,
        name: m.filename.clone(),
        kind: kind_word(m),
        preview: small(m, 640),
        icon: icon(m),
        is_picture: m.content_type.starts_with("image/"),
        pixels: if m.width > 0 { format!("{} × {}", m.width, m.height) } else { String::new() },
        size: size_text(m.bytes),
        added: time_view(m.created_at, now),
        by,
        public_url: format!("{origin}{}", library::address(m)),
        download: library::address(m),
        title: m.title.clone(),
        alt: m.alt.clone(),
        decorative: m.decorative,
        caption: m.caption.clone(),
        credit: m.credit.clone(),
        licence: m.licence.clone(),
        places: places(uses, base),
        places_label: match count {
            0 => "Used nowhere".into(),
            1 => "Used in 1 place".into(),
            n => format!("Used in {n} places"),
        },
        can_write,
        can_delete: can_write && (mine || rights.has(Capability::MediaManage)),
        errors: Vec::new(),
        save_action: format!("{base}/media/{id}{}", tail("")),
        delete_action: format!("{base}/media/{id}/delete{}", tail("")),
        close_href: format!("{base}/media{}", tail("")),
    }
}

fn places(uses: Uses, base: &str) -> Vec<Place> {
    let mut all: Vec<Place> = uses
        .entries
        .into_iter()
        .map(|u| Place {
            title: shown_title(&u.title),
            href: format!("{base}/{}/{}", list_of(&u.kind), u.entry),
            note: if u.status == "published" { "" } else { status_word(&u.status, "").0 },
            icon: if u.kind == "page" { "file" } else { "pencil" },
        })
        .collect();
    let other = |title: String, href: String, icon| Place { title, href, note: "", icon };
    all.extend(uses.terms.into_iter().map(|name| other(name, format!("{base}/terms/category"), "folder-tree")));
    if uses.icon {
        all.push(other("The site's icon".into(), format!("{base}/settings"), "settings"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shown_in_steps_of_a_thousand() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (86_400, "86 kB"),
            (1_250_000, "1.3 MB"),
            (41_000_000, "41 MB"),
            (3_100_000_000, "3.1 GB"),
        ] {
            assert_eq!(size_text(bytes), text);
        }
    }
}
