//! Help: keys, where things are, what to do when.

use serde::Serialize;

use super::build_frame::crumb;
use super::ctx::Ctx;
use super::failure::Reply;

#[derive(Serialize)]
struct HelpView {
    base: String,
    server: bool,
    version: &'static str,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Help", vec![crumb("Help", None)]).await?;
    let view = HelpView {
        base: frame.site.as_ref().map(|s| s.href.clone()).unwrap_or_default(),
        server: frame.hats,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(ctx.page(200, "system/help.html", &frame, &view)?)
}
