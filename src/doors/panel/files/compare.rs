//! A kept version of a file beside the file as it is.

use freehold_base::{Error, JailPath};
use serde::Serialize;

use super::desk;
use super::href;
use super::sides::{self, LineView, Side};
use crate::panel::build_frame::crumb;
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
    let version = ctx.param("v").unwrap_or_default();
    let desk = desk::reading(ctx).await?;
    let all = desk::versions(ctx, &path).await?;
    let this = all.iter().find(|v| v.is(&version)).ok_or_else(|| Error::not_found("version"))?;
    let (when, by) = this.words();
    let old = desk::version_text(ctx, path.clone(), version.clone()).await?;
    let now = desk::read_text(ctx, path.clone()).await?;
    let (lines, cut) = sides::lines(&old, &now.text);
    let base = super::base(ctx);
    let folder = path.parent().unwrap_or_default();
    let name = path.name();
    let open: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let view = CompareView {
        back_href: format!("{}?open={open}", href(&base, &folder)),
        action: href(&base, &folder),
        value: name.clone(),
        version,
        can_write: desk.can_write,
        left: Side { name: when, by },
        right: Side { name: "As it is now".into(), by: String::new() },
        lines,
        cut,
        name,
    };
    let frame = ctx.frame("Versions", vec![crumb("Files", Some(base)), crumb(&view.name, None)]).await?;
    Ok(ctx.page(200, "files/compare.html", &frame, &view)?)
}
