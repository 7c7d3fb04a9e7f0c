//! The versions of an entry: who changed what, and back again (row CM11).

mod asked;
mod fields;
mod history;
mod read;
mod view;
mod words;

use actix_web::web::Path;
use freehold_base::{EntryId, Error, Result, RevisionId, SiteId};
use freehold_publishing::content::versions::{self, OneBlock};
use freehold_store::Tx;

use self::asked::{Asked, Chosen};
use self::read::read;
use super::unsaved;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

/// The newest change.
pub async fn newest(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    page(&ctx, path.1, Chosen::Newest).await
}

/// One version, or with `unsaved` what the person typed and did not save.
pub async fn show(ctx: Ctx, path: Path<(i64, EntryId, String)>) -> Reply {
    let chosen = match path.2.as_str() {
        "unsaved" => Chosen::Unsaved,
        id => Chosen::One(id.parse().map_err(|_| Error::not_found("version"))?),
    };
    page(&ctx, path.1, chosen).await
}

/// Brings a version back.
pub async fn restore(ctx: Ctx, path: Path<(i64, EntryId, RevisionId)>, form: Form) -> Reply {
    let (site, id, revision) = (ctx.site, path.1, path.2);
    let seen = form.has("seen").then(|| form.number("seen"));
    let before = ctx
        .write(move |tx| {
            let before = last(tx, site, id)?;
            versions::restore(tx, site, id, revision, seen)?;
            Ok(before)
        })
        .await?;
    let done = if form.has("undo") { "undone" } else { "back" };
    Ok(ctx.go(&format!("{}/entries/{id}/versions?done={done}&undo={before}", ctx.base())))
}

/// Brings one block of a version back.
pub async fn restore_block(ctx: Ctx, path: Path<(i64, EntryId, RevisionId)>, form: Form) -> Reply {
    let (site, id, revision) = (ctx.site, path.1, path.2);
    let number = |name: &str| form.get(name).parse::<usize>().ok();
    let block = OneBlock { old: number("old"), new: number("new"), at: number("at").unwrap_or(0) };
    let seen = form.number("seen");
    let before = ctx
        .write(move |tx| {
            let before = last(tx, site, id)?;
            versions::restore_block(tx, site, id, revision, seen, block)?;
            Ok(before)
        })
        .await?;
    let view = if form.get("view") == "text" { "&view=text" } else { "" };
    Ok(ctx.go(&format!("{}/entries/{id}/versions/{revision}?done=block&undo={before}{view}", ctx.base())))
}

/// The newest version before a change: what undo brings back.
fn last(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<i64> {
    Ok(versions::list(tx, site, id, 0, 1)?.first().map_or(0, |l| l.id))
}

async fn page(ctx: &Ctx, id: EntryId, chosen: Chosen) -> Reply {
    let typed = match chosen {
        Chosen::Unsaved => Some(unsaved::find(ctx, id).await?.ok_or_else(|| Error::not_found("version"))?.form),
        _ => None,
    };
    let (asked, site) = (Asked::of(ctx, id, chosen, typed), ctx.site);
    let view = ctx.read(move |tx| read(tx, site, id, &asked)).await?;
    let mut frame = ctx.frame(&format!("Versions of {}", view.title), vec![crumb("Versions", None)]).await?;
    frame.flash.clear(); // the page says it in place, beside what it is about
    Ok(ctx.page(200, "entries/versions.html", &frame, &view)?)
}
