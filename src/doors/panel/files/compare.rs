//! A kept version of a file beside the file as it is.

use freehold_base::{Error, JailPath};
use serde::Serialize;

use super::desk;
use super::href;
use super::sides::{self, LineView, Side};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct CompareView {
    name: String,
    back_href: String,
    action: String,
    value: String,
    version: String,
    can_write: bool,
    left: Side,
    right: Side,
    lines: Vec<LineView>,
    cut: bool,
}

/// The page.
pub async fn show(ctx: &Ctx, path: JailPath) -> Reply {
    let id: i64 = ctx.param("v").and_then(|id| id.parse().ok()).unwrap_or(0);
    let desk = desk::open(ctx).await?;
    let versions = desk::versions(ctx, path.clone()).await?;
    let (version, by) =
        versions.into_iter().find(|(version, _)| version.id == id).ok_or_else(|| Error::not_found("version"))?;
    let at = path.clone();
    let (old, now) = desk::on(ctx, move |files| Ok((files.version_text(&at, id)?, files.read_text(&at)?))).await?;
    let (lines, cut) = sides::lines(&old.text, &now.text);
    let base = super::base(ctx);
    let name = path.name();
    let view = CompareView {
        back_href: super::edit::chosen_in_list(&base, &path),
        action: href(&base, &path.parent().unwrap_or_default()),
        value: name.clone(),
        version: id.to_string(),
        can_write: desk.can_write,
        left: Side { name: time_view(version.made_at, desk.now).text, by },
        right: Side { name: "As it is now".into(), by: String::new() },
        lines,
        cut,
        name,
    };
    let frame = ctx.frame("Versions", vec![crumb("Files", Some(base)), crumb(&view.name, None)]).await?;
    Ok(ctx.page(200, "files/compare.html", &frame, &view)?)
}
