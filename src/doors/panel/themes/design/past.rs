//! What was live: a list, each of which can be live again.

use actix_web::web::Path;
use freehold_base::DesignStateId;
use freehold_publishing::designs;
use serde::Serialize;

use crate::panel::build_frame::{Moment, crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct PastView {
    rows: Vec<Row>,
    back_href: String,
    undo_action: String,
    /// Whether the last publication can be taken back.
    can_undo: bool,
}

#[derive(Serialize)]
struct Row {
    /// `Published`, `Went live by itself` …
    how: &'static str,
    by: String,
    at: TimeView,
    theme: String,
    /// The settings that differ from the one before.
    changed: String,
    is_live: bool,
    /// Where bringing it back posts.
    action: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let (past, now) = ctx.read(move |tx| Ok((designs::history(tx, site)?, Moment::at(tx, site)?))).await?;
    let can_undo = past.len() > 1 && past.first().is_some_and(|row| row.is_live);
    let row = |past: designs::Past| {
        let theme = app.pages.themes().get(&past.row.theme);
        let settings = &theme.manifest().settings;
        let name = |id: &String| settings.iter().find(|s| s.id == *id).map_or(id.as_str(), |s| s.title()).to_owned();
        Row {
            how: how(&past.row.how),
            at: time_view(past.row.published_at, now),
            changed: past.changed.iter().map(name).collect::<Vec<_>>().join(", "),
            is_live: past.is_live,
            action: format!("{}/{}", ctx.designs_href(), past.row.id),
            by: past.by,
            theme: past.row.theme,
        }
    };
    let view = PastView {
        rows: past.into_iter().map(row).collect(),
        back_href: ctx.design_href(),
        undo_action: format!("{}-undo", ctx.designs_href()),
        can_undo,
    };
    let crumbs = vec![crumb("Customise", Some(ctx.design_href())), crumb("Earlier designs", None)];
    let frame = ctx.frame("Earlier designs", crumbs).await?;
    Ok(ctx.page(200, "themes/history.html", &frame, &view)?)
}

fn how(how: &str) -> &'static str {
    match how {
        "publish" => "Published",
        "schedule" => "Went live by itself",
        "undo" => "Taken back",
        "restore" => "Brought back",
        _ => "Was there before",
    }
}

/// Takes the last publication back.
pub async fn undo(ctx: Ctx) -> Reply {
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.write(move |tx| designs::undo(tx, app.pages.themes(), site)).await?;
    Ok(ctx.go(&format!("{}?done=design-undone", ctx.design_href())))
}

/// Brings one of them back.
pub async fn restore(ctx: Ctx, path: Path<(i64, DesignStateId)>) -> Reply {
    let (site, app, id) = (ctx.site, ctx.app.clone(), path.1);
    ctx.write(move |tx| designs::restore(tx, app.pages.themes(), site, id)).await?;
    Ok(ctx.go(&format!("{}?done=design-back", ctx.designs_href())))
}
