//! The list of posts or pages.

use freehold_base::{Capability, Cursor, Error, Page, PageSize, Result, SiteId};
use freehold_publishing::content::{self, CardRow, Filter, Label};
use freehold_store::Tx;

use super::asked::{Asked, Editing};
use super::export::export;
use super::list_of;
use super::list_view::{ListView, chips, filters, present, row};
use crate::panel::build_frame::{Moment, crumb};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::several::Refused;

/// The page, its changing part, or the whole list as a table for spreadsheets.
pub async fn show(ctx: Ctx) -> Reply {
    let asked = Asked::of(&ctx);
    if let Some(kind) = ctx.param("type").filter(|kind| !kind.is_empty() && *kind != asked.noun.kind) {
        return Ok(ctx.go(&format!("{}/{}?{}", ctx.base(), list_of(&kind), asked.query())));
    }
    if ctx.param("export").is_some() {
        return Ok(export(&ctx, asked).await?);
    }
    page(&ctx, asked, Refused::default(), 200).await
}

/// The list of a kind with what was refused on top.
pub(super) async fn with(ctx: &Ctx, kind: &str, refused: Refused, status: u16) -> Reply {
    let mut ctx = ctx.clone();
    ctx.path = format!("{}/{}", ctx.base(), list_of(kind));
    let asked = Asked::of(&ctx);
    page(&ctx, asked, refused, status).await
}

async fn page(ctx: &Ctx, asked: Asked, refused: Refused, status: u16) -> Reply {
    let label = asked.noun.label;
    let (app, site, base) = (ctx.app.clone(), ctx.site, ctx.base());
    let mut view = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            let counts = content::lists::counts(tx, site)?;
            let own = !matches!(asked.noun.kind, "post" | "page");
            if own && !counts.iter().any(|(name, _)| name.split_once('.').is_some_and(|(k, _)| k == asked.noun.kind)) {
                return Err(Error::not_found("page"));
            }
            read(tx, site, &asked, &base, &origin, &counts)
        })
        .await?;
    view.refused = refused;
    if ctx.part {
        return Ok(ctx.part("entries/list.html", "list", &view)?);
    }
    let frame = ctx.frame(label, vec![crumb(label, None)]).await?;
    Ok(ctx.page(status, "entries/list.html", &frame, &view)?)
}

fn read(
    tx: &mut Tx<'_>,
    site: SiteId,
    asked: &Asked,
    base: &str,
    origin: &str,
    counts: &[(String, i64)],
) -> Result<ListView> {
    let now = Moment::at(tx, site)?;
    let top = Page { size: PageSize::new(200), after: None };
    let categories = content::terms::list(tx, site, Some("category"), &top)?;
    let authors = content::lists::authors(tx, site, asked.noun.kind)?;
    let editing = editing(tx, site)?;
    let filter = asked.filter(tx, site, now, &editing)?;
    let found = one_page(tx, site, asked, &filter)?;
    let matching = if asked.is_filtered() {
        content::lists::count(tx, site, &filter, &asked.text)?
    } else {
        total(counts, asked.noun.kind, &asked.status)
    };
    let mut view = present(asked, base, counts, matching, &found);
    view.filters = filters(asked, &categories, &authors, counts);
    view.chips = chips(asked, base, &categories, &authors);
    view.rows = found.rows.into_iter().map(|(card, terms)| row(asked, base, origin, card, &terms, now)).collect();
    view.mark(base, editing);
    if !tx.authorize(site, Capability::EntriesWriteOwn)?.has(Capability::ImportRun) {
        view.import_href.clear();
    }
    Ok(view)
}

/// Rows of a page, and whether there are more on either side.
pub(super) struct Found {
    pub(super) rows: Vec<(CardRow, Vec<Label>)>,
    pub(super) before: bool,
    pub(super) after: bool,
}

/// The page after a place, or the one before it: then the same list is read from its other end.
fn one_page(tx: &mut Tx<'_>, site: SiteId, asked: &Asked, filter: &Filter) -> Result<Found> {
    let size = asked.size();
    let (back, place) = match Cursor::decode(&asked.before) {
        Some(place) => (true, Some(place)),
        None => (false, Cursor::decode(&asked.after)),
    };
    let began = place.is_some();
    let sort = if back { asked.sort().reversed() } else { asked.sort() };
    let page = Page { size: PageSize::new(size + 1), after: place };
    let mut rows = content::lists::list(tx, site, filter, &asked.text, sort, &page)?;
    let more = rows.len() > usize::from(size);
    rows.truncate(usize::from(size));
    if back {
        rows.reverse();
    }
    Ok(Found { rows, before: if back { more } else { began }, after: if back { true } else { more } })
}

pub(super) fn total(counts: &[(String, i64)], kind: &str, status: &str) -> i64 {
    let of = |name: &str| {
        name.split_once('.')
            .is_some_and(|(k, s)| k == kind && if status.is_empty() { s != "trash" } else { s == status })
    };
    counts.iter().filter(|(name, _)| of(name)).map(|(_, n)| n).sum()
}

/// Live locks, for people who may free them.
pub(super) fn editing(tx: &mut Tx<'_>, site: SiteId) -> Result<Editing> {
    if !tx.authorize(site, Capability::EntriesWriteOwn)?.has(Capability::EntriesWriteAll) {
        return Ok(Vec::new());
    }
    let locks = content::locks::list(tx, site)?;
    Ok(locks.into_iter().map(|lock| (lock.entry_id, lock.user_name.unwrap_or_default())).collect())
}
