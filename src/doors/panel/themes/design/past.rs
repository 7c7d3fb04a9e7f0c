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
    /// Whether its theme is on this server.
    can_come_back: bool,
    /// Where bringing it back posts.
    action: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let (past, now) =
        ctx.read(move |tx| Ok((designs::history(tx, app.pages.themes(), site)?, Moment::at(tx, site)?))).await?;
    let can_undo = past.first().is_some_and(|row| row.is_live) && past.get(1).is_some_and(|row| row.can_come_back);
    let view = PastView {
        rows: past.into_iter().map(|past| row(&ctx, past, now)).collect(),
        back_href: ctx.design_href(),
        undo_action: format!("{}-undo", ctx.designs_href()),
        can_undo,
    };
    let crumbs = vec![crumb("Customise", Some(ctx.design_href())), crumb("Earlier designs", None)];
    let frame = ctx.frame("Earlier designs", crumbs).await?;
    Ok(ctx.page(200, "themes/history.html", &frame, &view)?)
}

fn row(ctx: &Ctx, past: designs::Past, now: Moment) -> Row {
    // Of a theme that is gone its folder's name and the ids of its settings are all that is left.
    let about = past.can_come_back.then(|| ctx.app.pages.themes().get(&past.row.theme));
    let setting = |id: &String| about.as_ref()?.manifest().settings.iter().find(|s| s.id == *id);
    let name = |id: &String| setting(id).map_or_else(|| id.clone(), |s| s.title().to_owned());
    let folder = past.row.theme.split('@').next().unwrap_or_default();
    let title = about.as_ref().map_or(folder, |about| &about.manifest().theme.name);
    Row {
        how: how(&past.row.how),
        at: time_view(past.row.published_at, now),
        theme: title.to_owned(),
        changed: past.changed.iter().map(name).collect::<Vec<_>>().join(", "),
        is_live: past.is_live,
        can_come_back: past.can_come_back,
        action: format!("{}/{}", ctx.designs_href(), past.row.id),
        by: past.by,
    }
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
