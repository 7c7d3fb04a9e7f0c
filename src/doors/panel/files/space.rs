//! Which folders take the space: the largest first, each with its share of what the account holds.

use freehold_hosting::files::FolderSize;
use serde::Serialize;

use super::{desk, href, words};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct Row {
    name: String,
    href: String,
    size: String,
    files: u64,
    /// Percent of all that the account holds.
    share: u64,
    /// Not all of it could be read.
    part: bool,
}

#[derive(Serialize)]
struct SpaceView {
    sub: String,
    files_href: String,
    again_href: String,
    seen_at: TimeView,
    rows: Vec<Row>,
}

/// The page; with `look=again` the disk is asked anew.
pub async fn show(ctx: Ctx) -> Reply {
    let anew = ctx.param("look").as_deref() == Some("again");
    let desk = desk::open(&ctx).await?;
    let (largest, room) = desk::on(&ctx, move |files| Ok((files.largest(anew)?, files.room()?))).await?;
    let base = super::base(&ctx);
    let folders = &largest.folders;
    // What was seen may be more than what is there by now.
    let all = folders.iter().map(|folder| folder.bytes).fold(room.used_bytes.max(1), u64::max);
    let view = SpaceView {
        sub: format!("{} in {}", words::size(room.used_bytes), names(room.used_files)),
        files_href: base.clone(),
        again_href: format!("{base}-space?look=again"),
        seen_at: time_view(largest.seen_at, desk.now),
        rows: folders.iter().map(|folder| row(&base, folder, all)).collect(),
    };
    let frame = ctx.frame("Largest folders", vec![crumb("Files", Some(base)), crumb("Largest folders", None)]).await?;
    Ok(ctx.page(200, "files/space.html", &frame, &view)?)
}

fn row(base: &str, folder: &FolderSize, all: u64) -> Row {
    Row {
        name: folder.path.to_string(),
        href: href(base, &folder.path),
        size: words::size(folder.bytes),
        files: folder.files,
        share: folder.bytes.saturating_mul(100) / all,
        part: !folder.is_whole,
    }
}

fn names(count: u64) -> String {
    match count {
        1 => "1 file or folder".into(),
        n => format!("{} files and folders", freehold_base::text::grouped(n)),
    }
}
