//! The chosen file: the beginning of its text, its picture, where it is served, who may read it, its versions.

use std::io::Read as _;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use freehold_base::{Code, Error, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{Kind, Metadata, OpenedFile};
use freehold_hosting::files::{self, Small, Version, encoding, is_never_served};
use freehold_publishing::media::sniff;
use freehold_publishing::media::variants::{self, Format, Wanted};
use serde::Serialize;
use tokio::sync::oneshot;

use super::asked::Asked;
use super::desk::{self, Desk};
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
/// How wide it is drawn beside the list.
const WIDTH: u32 = 640;
/// How wide it is drawn in a row of the list.
const SMALL_WIDTH: u32 = 160;

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
    why: String,
    address: String,
    address_href: String,
    never: &'static str,
    size: String,
    changed: TimeView,
    mode: String,
    mode_words: String,
    modes: Vec<ModeChoice>,
    action: String,
    can_write: bool,
    versions: Vec<VersionView>,
}

/// A kept version.
#[derive(Serialize)]
struct VersionView {
    at: TimeView,
    by: String,
    note: &'static str,
    current: bool,
    compare_href: String,
    value: String,
}

/// The file that the address chooses; none where it chooses none, or it is gone.
///
/// # Errors
/// Faults of the disk and the database.
pub async fn read(ctx: &Ctx, desk: &Desk, asked: &Asked) -> Result<Option<Opened>> {
    if asked.open.is_empty() {
        return Ok(None);
    }
    let Ok(path) = super::below(&asked.folder, &asked.open) else { return Ok(None) };
    let versions = match desk::versions(ctx, path.clone()).await {
        Ok(versions) => versions,
        Err(e) if e.status() < 500 => Vec::new(),
        Err(e) => return Err(e),
    };
    let (desk, asked) = (desk.clone(), asked.clone());
    blocking(move || opened(&desk, &asked, &path, versions)).await
}

fn opened(desk: &Desk, asked: &Asked, path: &JailPath, versions: Vec<(Version, String)>) -> Result<Option<Opened>> {
    let Ok(metadata) = desk.files.metadata(path) else { return Ok(None) };
    let address = href(&asked.base, path);
    let is_file = metadata.kind == Kind::File;
    let never = is_file && is_never_served(path);
    let shown = shown(&desk.files, path, &metadata)?;
    let served = desk.served_at(path).filter(|_| is_file && metadata.mode & 0o004 != 0);
    let text = is_file && words::may_be_text(path, metadata.bytes);
    Ok(Some(Opened {
        name: path.name(),
        icon: words::icon(path, metadata.kind, never),
        value: asked.open.clone(),
        edit_href: if text && shown.kind == "text" { format!("{address}?as=edit") } else { String::new() },
        download_href: format!("{address}?as=download"),
        close_href: asked.closed(),
        kind: shown.kind,
        lines: shown.lines,
        // The tag is another one with every change, so that a browser may keep the picture.
        picture_href: match shown.kind {
            "picture" => format!("{address}?as=picture&v={}", metadata.etag()),
            _ => String::new(),
        },
        why: shown.why,
        address: served.as_ref().map(|(address, _)| address.clone()).unwrap_or_default(),
        address_href: served.map(|(_, url)| url).unwrap_or_default(),
        never: if never { words::NEVER } else { "" },
        size: if metadata.kind == Kind::Folder { "Folder".into() } else { words::size(metadata.bytes) },
        changed: time_view(metadata.modified, desk.now),
        mode: words::octal(metadata.mode),
        mode_words: words::permission(&metadata),
        modes: modes(&metadata),
        action: href(&asked.base, &asked.folder),
        can_write: desk.can_write && matches!(metadata.kind, Kind::File | Kind::Folder),
        versions: version_views(desk, &address, &metadata, versions),
        folder: metadata.kind == Kind::Folder,
    }))
}

fn version_views(
    desk: &Desk,
    address: &str,
    metadata: &Metadata,
    versions: Vec<(Version, String)>,
) -> Vec<VersionView> {
    let bytes = i64::try_from(metadata.bytes).unwrap_or(i64::MAX);
    let view = |(n, (version, by)): (usize, (Version, String))| {
        let current = n == 0 && version.bytes == bytes;
        VersionView {
            at: time_view(version.made_at, desk.now),
            note: if by.is_empty() && version.made_by == 0 { "as it was found" } else { "" },
            by,
            current,
            compare_href: if current { String::new() } else { format!("{address}?as=version&v={}", version.id) },
            value: if current { String::new() } else { version.id.to_string() },
        }
    };
    versions.into_iter().enumerate().map(view).collect()
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

fn shown(files: &files::Desk, path: &JailPath, metadata: &Metadata) -> Result<Shown> {
    let nothing = |why: &str| Shown { kind: "none", lines: Vec::new(), why: why.to_owned() };
    match metadata.kind {
        Kind::Folder => return Ok(nothing("")),
        Kind::Link => return Ok(nothing("A link. It can be renamed and deleted here.")),
        Kind::Other => return Ok(nothing("Not a file: a pipe or a device.")),
        Kind::File => {}
    }
    if words::is_picture(path) {
        return Ok(match metadata.bytes {
            0 => nothing("This file is empty."),
            _ if is_drawn(path, metadata) => Shown { kind: "picture", ..Shown::default() },
            _ => nothing("This picture is too large to be shown here."),
        });
    }
    let mut head = Vec::new();
    match files.open(path) {
        Ok(opened) => drop(opened.file.take(HEAD).read_to_end(&mut head).or_internal("reading a file")?),
        Err(e) if e.status() < 500 => return Ok(nothing(&e.sentence())),
        Err(e) => return Err(e),
    }
    let cut = metadata.bytes > HEAD;
    // What is cut may end in the middle of a character.
    let whole = if cut { head.iter().rposition(|b| *b == b'\n').map_or(head.len(), |at| at + 1) } else { head.len() };
    let Ok((text, ..)) = encoding::read(head.get(..whole).unwrap_or_default()) else {
        return Ok(nothing("Not a text. Download it to look at it."));
    };
    let lines = text.lines().take(LINES).enumerate();
    let lines: Vec<NumberedLine> = lines.map(|(n, line)| NumberedLine { n: n + 1, text: clipped(line) }).collect();
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

/// Whether it is a picture that is drawn small.
pub(super) fn is_drawn(path: &JailPath, metadata: &Metadata) -> bool {
    metadata.kind == Kind::File && words::is_picture(path) && (1..=LARGEST_PICTURE).contains(&metadata.bytes)
}

/// A picture beside the list, drawn anew by us (security rule B6), on the image threads.
pub async fn picture(ctx: &Ctx, path: JailPath) -> Reply {
    let at = path.clone();
    let opened = desk::on(ctx, move |files| files.open(&at)).await?;
    Ok(answer(drawn(ctx, path, opened, WIDTH).await?))
}

/// The same in a row of the list, where there are many: most are kept, the others are made a few at a time, so that
/// uploads find the image threads free. For what cannot be drawn there is no content, and the row shows its icon.
pub async fn small(ctx: &Ctx, path: JailPath) -> Reply {
    let (once, again) = (path.clone(), path.clone());
    if let Small::Kept(bytes) = desk::on(ctx, move |files| files.small(&once)).await? {
        return Ok(answer(bytes));
    }
    // Nothing is held open while it waits.
    let _turn = ctx.app.media.small_turn().await?;
    let opened = match desk::on(ctx, move |files| files.small(&again)).await? {
        Small::Kept(bytes) => return Ok(answer(bytes)),
        Small::Whole(opened) => opened,
    };
    let metadata = opened.metadata;
    let bytes = match drawn(ctx, path, opened, SMALL_WIDTH).await {
        Err(e) if e.status() < 500 => return Ok(private(HttpResponse::NoContent()).finish()),
        drawn => drawn?,
    };
    let kept = bytes.clone();
    if let Err(e) = desk::on(ctx, move |files| files.keep_small(&metadata, &kept)).await {
        tracing::debug!("keeping a small picture: {e}");
    }
    Ok(answer(bytes))
}

fn answer(picture: Vec<u8>) -> HttpResponse {
    private(HttpResponse::Ok())
        .insert_header((header::CONTENT_TYPE, "image/webp"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(picture)
}

/// Kept by the browser that asked, for as long as the address stands for the same bytes, or an hour.
fn private(mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
    answer.insert_header((header::CACHE_CONTROL, "private, max-age=3600"));
    answer
}

async fn drawn(ctx: &Ctx, path: JailPath, opened: OpenedFile, width: u32) -> Result<Vec<u8>> {
    let (tell, told) = oneshot::channel();
    let done = move |result| {
        let _ = tell.send(result); // the asker may be gone
    };
    ctx.app.media.library.pool().submit(move || draw(&path, opened, width), done)?;
    told.await.map_err(|_| Error::code(Code::Busy))?
}

fn draw(path: &JailPath, opened: OpenedFile, width: u32) -> Result<Vec<u8>> {
    if opened.metadata.bytes > LARGEST_PICTURE {
        return Err(Error::refused(Code::TooLarge, words::size(LARGEST_PICTURE)));
    }
    let mut bytes = Vec::new();
    opened.file.take(LARGEST_PICTURE).read_to_end(&mut bytes).or_internal("reading a picture")?;
    let kind = sniff::identify(&path.name(), &bytes)?.kind;
    if !kind.is_raster() {
        return Err(Error::refused(Code::UnsupportedMedia, "a picture of pixels"));
    }
    Ok(variants::make(kind, &bytes, Wanted { width, format: Format::Webp })?.bytes)
}
