//! The chosen file: the beginning of its text, its picture, where it is served, who may read it, its versions.

use std::io::Read as _;

use actix_web::HttpResponse;
use actix_web::http::header;
use freehold_base::{Error, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{AccountDir, Kind, Metadata};
use freehold_publishing::media::sniff;
use freehold_publishing::media::variants::{self, Format, Wanted};
use serde::Serialize;
use tokio::sync::oneshot;

use super::asked::Asked;
use super::desk::{self, Desk, VersionView, access, text};
use super::{href, words};
use crate::panel::build_frame::time_view;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::web::multipart::blocking;

/// Bytes of a text that are shown.
const HEAD: u64 = 24 << 10;
/// Lines of it.
const LINES: usize = 200;
/// Largest picture that is drawn small.
const LARGEST_PICTURE: u64 = 40 << 20;
/// How wide it is drawn.
const WIDTH: u32 = 640;

#[derive(Serialize)]
struct NumberedLine {
    n: usize,
    text: String,
}

/// A choice of who may read it.
#[derive(Serialize)]
struct ModeChoice {
    value: String,
    label: &'static str,
    help: &'static str,
    on: bool,
}

/// The chosen file.
#[derive(Serialize)]
pub struct Opened {
    name: String,
    value: String,
    icon: &'static str,
    folder: bool,
    edit_href: String,
    download_href: String,
    close_href: String,
    kind: &'static str,
    lines: Vec<NumberedLine>,
    picture_href: String,
    pixels: String,
    why: String,
    address: String,
    address_href: String,
    never: String,
    size: String,
    changed: TimeView,
    mode: String,
    mode_words: &'static str,
    modes: Vec<ModeChoice>,
    action: String,
    can_write: bool,
    versions: Vec<VersionView>,
}

/// The file that the address chooses; none where it chooses none, or it is gone.
///
/// # Errors
/// Faults of the disk.
pub fn opened(desk: &Desk, asked: &Asked, versions: Vec<VersionView>) -> Result<Option<Opened>> {
    if asked.open.is_empty() {
        return Ok(None);
    }
    let Ok(path) = super::below(&asked.folder, &asked.open) else { return Ok(None) };
    let Ok(metadata) = desk.dir.metadata(&path, desk::LINKS) else { return Ok(None) };
    let name = path.name();
    let address = href(&asked.base, &path);
    let never = access::never_served(&path);
    let shown = shown(&desk.dir, &path, &name, &metadata)?;
    let served = if never.is_some() || metadata.kind != Kind::File { None } else { desk.served_at(&path) };
    let folder = metadata.kind == Kind::Folder;
    let text = metadata.kind == Kind::File && words::may_be_text(&name, metadata.bytes);
    Ok(Some(Opened {
        icon: words::icon(&name, metadata.kind, never.is_some()),
        value: asked.open.clone(),
        edit_href: if text && shown.kind != "none" { format!("{address}?as=edit") } else { String::new() },
        download_href: format!("{address}?as=download"),
        close_href: asked.closed(),
        kind: shown.kind,
        lines: shown.lines,
        picture_href: if shown.kind == "picture" {
            format!("{address}?as=picture&v={}", metadata.etag())
        } else {
            String::new()
        },
        pixels: String::new(),
        why: shown.why,
        address: served.as_ref().map(|(path, _)| path.clone()).unwrap_or_default(),
        address_href: served.map(|(_, url)| url).unwrap_or_default(),
        never: never.map(|why| format!("Never served to visitors: {why}.")).unwrap_or_default(),
        size: if folder { "Folder".into() } else { words::size(metadata.bytes) },
        changed: time_view(metadata.modified, desk.now),
        mode: words::octal(metadata.mode),
        mode_words: access::in_words(metadata.mode, metadata.kind),
        modes: modes(&metadata),
        action: href(&asked.base, &asked.folder),
        can_write: desk.can_write,
        versions,
        folder,
        name,
    }))
}

/// The choices that people understand; what is set now is among them where it is none of these.
fn modes(metadata: &Metadata) -> Vec<ModeChoice> {
    let folder = metadata.kind == Kind::Folder;
    let choices = if folder {
        [
            (0o755, "Everyone", "Visitors get what is in it where a site serves it."),
            (0o700, "Only you", "Nothing in it is served."),
        ]
    } else {
        [(0o644, "Everyone", "Visitors get it where a site serves it."), (0o600, "Only you", "It is not served.")]
    };
    choices
        .into_iter()
        .map(|(mode, label, help)| ModeChoice { value: words::octal(mode), label, help, on: metadata.mode == mode })
        .collect()
}

/// What is shown of a file.
#[derive(Default)]
struct Shown {
    kind: &'static str,
    lines: Vec<NumberedLine>,
    why: String,
}

fn shown(dir: &AccountDir, path: &JailPath, name: &str, metadata: &Metadata) -> Result<Shown> {
    let nothing = |why: &str| Shown { kind: "none", lines: Vec::new(), why: why.to_owned() };
    match metadata.kind {
        Kind::Folder => return Ok(nothing("")),
        Kind::Link => return Ok(nothing("A link. It can be renamed and deleted here.")),
        Kind::Other => return Ok(nothing("Not a file: a pipe or a device.")),
        Kind::File => {}
    }
    if words::is_picture(name) {
        return Ok(if metadata.bytes <= LARGEST_PICTURE {
            Shown { kind: "picture", ..Shown::default() }
        } else {
            nothing("This picture is too large to be shown here.")
        });
    }
    let mut head = Vec::new();
    match dir.open_read(path, desk::LINKS) {
        Ok(opened) => drop(opened.file.take(HEAD).read_to_end(&mut head).or_internal("reading a file")?),
        Err(e) if e.status() < 500 => return Ok(nothing(&e.sentence())),
        Err(e) => return Err(e),
    }
    let Some(text) = text::head(&head) else { return Ok(nothing("Not a text. Download it to look at it.")) };
    let cut = metadata.bytes > HEAD;
    let mut lines: Vec<NumberedLine> =
        text.lines().take(LINES).enumerate().map(|(n, line)| NumberedLine { n: n + 1, text: clipped(line) }).collect();
    if cut && lines.len() > 1 && lines.len() < LINES {
        lines.pop(); // the last line may be half of one
    }
    let why = match (metadata.bytes, cut || text.lines().nth(LINES).is_some()) {
        (0, _) => "This file is empty.".to_owned(),
        (_, true) => format!("The first {} lines.", lines.len()),
        _ => String::new(),
    };
    Ok(Shown { kind: "text", lines, why })
}

/// A line of bounded length.
fn clipped(line: &str) -> String {
    const MOST: usize = 400;
    let mut text: String = line.chars().take(MOST).collect();
    if line.chars().nth(MOST).is_some() {
        text.push('…');
    }
    text
}

/// A small picture, drawn anew by us (security rule B6).
pub async fn picture(ctx: &Ctx, path: JailPath) -> Reply {
    let desk = desk::reading(ctx).await?;
    let pool = ctx.app.media.library.pool().clone();
    let (tell, told) = oneshot::channel();
    let done = move |result| {
        let _ = tell.send(result); // the asker may be gone
    };
    pool.submit(move || small(&desk.dir, &path), done)?;
    let bytes = told.await.map_err(|_| Error::code(freehold_base::Code::Busy))??;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/webp"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(bytes))
}

fn small(dir: &AccountDir, path: &JailPath) -> Result<Vec<u8>> {
    let opened = dir.open_read(path, desk::LINKS)?;
    if opened.metadata.bytes > LARGEST_PICTURE {
        return Err(Error::refused(freehold_base::Code::TooLarge, words::size(LARGEST_PICTURE)));
    }
    let mut bytes = Vec::new();
    opened.file.take(LARGEST_PICTURE).read_to_end(&mut bytes).or_internal("reading a picture")?;
    let found = sniff::identify(&path.name(), &bytes)?;
    if !found.kind.is_raster() {
        return Err(Error::refused(freehold_base::Code::UnsupportedMedia, "a picture of pixels"));
    }
    Ok(variants::make(found.kind, &bytes, Wanted { width: WIDTH, format: Format::Webp })?.bytes)
}

/// Refuses what is no folder that can be listed, for pages that need one.
///
/// # Errors
/// `NotFound`.
pub async fn need_folder(desk: &Desk, path: &JailPath) -> Result<()> {
    let (dir, path) = (desk.dir.clone(), path.clone());
    blocking(move || match dir.metadata(&path, desk::LINKS)?.kind {
        Kind::Folder => Ok(()),
        _ => Err(Error::not_found("folder")),
    })
    .await
}
