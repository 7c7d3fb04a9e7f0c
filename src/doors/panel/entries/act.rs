//! Acts on entries from lists and from the writing page's script.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, EntryId, Error, Page, PageSize, Result, SiteId};
use freehold_publishing::content::{self, Changes, Filter, Intent, Sort, Target, prepare, trash};
use freehold_store::Tx;
use serde_json::json;

use super::asked::Asked;
use super::list;
use super::{list_of, shown_title};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::panel::several::{self, Pressed, Refused, joined};

/// Back to the list as it was, with a word about what was done.
fn back(ctx: &Ctx, kind: &str, done: &str) -> String {
    let query = Asked::of(ctx).query();
    let and = if query.is_empty() || done.is_empty() { "" } else { "&" };
    let question = if query.is_empty() && done.is_empty() { "" } else { "?" };
    format!("{}/{}{question}{query}{and}{done}", ctx.base(), list_of(kind))
}

/// To the trash, with a way back.
pub async fn to_trash(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let entry = ctx.write(move |tx| trash::trash(tx, site, id)).await?;
    Ok(ctx.go(&back(&ctx, &entry.kind, &format!("done=trashed&ids={id}"))))
}

/// Back from the trash.
pub async fn restore(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let entry = ctx.write(move |tx| trash::restore(tx, site, id)).await?;
    Ok(ctx.go(&back(&ctx, &entry.kind, "done=restored")))
}

/// One of the trash, for good; asks first.
pub async fn delete(ctx: Ctx, path: Path<(i64, EntryId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    if !form.has("sure") {
        let view = Confirm {
            title: format!("Delete “{}” for good?", shown_title(&entry.title)),
            text: "It is gone with its versions and comments. This cannot be undone.".into(),
            items: Vec::new(),
            keep: "Keep it",
            back: back(&ctx, &entry.kind, ""),
            label: "Delete for good".into(),
            action: format!("{}?{}", ctx.path, ctx.query),
            fields: vec![Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    ctx.write(move |tx| trash::delete(tx, site, id)).await?;
    Ok(ctx.go(&back(&ctx, &entry.kind, "done=deleted")))
}

/// Everything in the trash of a kind that the person may delete, for good; asks first.
pub async fn empty(ctx: Ctx, form: Form) -> Reply {
    let kind = form.get("kind").to_owned();
    let kind = if kind.is_empty() { "post".to_owned() } else { kind };
    let filter = Filter { kind: Some(kind.clone()), status: Some("trash".into()), ..Default::default() };
    let (site, wanted) = (ctx.site, filter.clone());
    let count = ctx.read(move |tx| content::lists::count(tx, site, &wanted, "")).await?;
    let here = format!("{}/{}?status=trash", ctx.base(), list_of(&kind));
    if count == 0 {
        return Ok(ctx.go(&here));
    }
    if !form.has("sure") {
        let view = Confirm {
            title: format!(
                "Empty the trash? {count} {} for good.",
                if count == 1 { "entry goes" } else { "entries go" }
            ),
            text: "They are gone with their versions and comments. This cannot be undone.".into(),
            items: titles(&ctx, filter, 20).await?.into_iter().map(|(_, title)| title).collect(),
            keep: "Keep them",
            back: here,
            label: "Empty the trash".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("kind", &kind), Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    let mut left = count;
    while left > 0 {
        let wanted = filter.clone();
        let gone = ctx.write(move |tx| empty_some(tx, site, &wanted)).await?;
        left = if gone == 0 { 0 } else { left - gone };
    }
    Ok(ctx.go(&format!("{here}&done=emptied")))
}

/// Deletes some of the trash; how many.
fn empty_some(tx: &mut Tx<'_>, site: SiteId, filter: &Filter) -> Result<i64> {
    let page = Page { size: PageSize::new(50), after: None };
    let found = content::lists::list(tx, site, filter, "", Sort::Updated, &page)?;
    let mut gone = 0;
    for ((card, ..), _) in found {
        trash::delete(tx, site, card.id)?;
        gone += 1;
    }
    Ok(gone)
}

async fn titles(ctx: &Ctx, filter: Filter, many: u16) -> Result<Vec<(i64, String)>> {
    let site = ctx.site;
    let page = Page { size: PageSize::new(many), after: None };
    let found = ctx.read(move |tx| content::lists::list(tx, site, &filter, "", Sort::Updated, &page)).await?;
    Ok(found.into_iter().map(|((card, ..), _)| (card.id.get(), shown_title(&card.title))).collect())
}

/// Several at once. Rows that are refused are named, the others are done.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let pressed = Pressed::of(&ctx, &form);
    let Some(first) = pressed.ids.first().copied() else {
        return Ok(ctx.go(&back(&ctx, &ctx.param("type").unwrap_or_else(|| "post".into()), "")));
    };
    if !["publish", "draft", "archive", "trash", "restore", "delete"].contains(&pressed.act.as_str()) {
        return Err(Error::invalid("do", Code::NotAllowed, "publish, draft, archive, trash, restore, delete").into());
    }
    let site = ctx.site;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, EntryId(first))).await?;
    let of_these = |status: Option<&str>| Filter {
        ids: Some(pressed.ids.clone()),
        status: status.map(str::to_owned),
        ..Default::default()
    };
    if pressed.act == "delete" && !pressed.sure {
        let names = titles(&ctx, of_these(Some("trash")), PageSize::MAX).await?;
        let mut fields: Vec<Sent> = pressed.ids.iter().map(|id| Sent::new("ids", id)).collect();
        fields.extend([Sent::new("do", "delete"), Sent::new("sure", 1)]);
        let view = Confirm {
            title: format!(
                "Delete {} for good?",
                if names.len() == 1 { "this entry".into() } else { format!("{} entries", names.len()) }
            ),
            text: "Gone with their versions and comments. This cannot be undone.".into(),
            items: names.into_iter().map(|(_, title)| title).take(20).collect(),
            keep: "Keep them",
            back: back(&ctx, &entry.kind, ""),
            label: "Delete for good".into(),
            action: format!("{}?{}", ctx.path, ctx.query),
            fields,
        };
        return confirm(&ctx, &view).await;
    }
    let outcome = several::each(&ctx, &pressed, one).await?;
    let word = match pressed.act.as_str() {
        "publish" => "published",
        "draft" => "draft",
        "archive" => "archived",
        "restore" => "restored",
        "delete" => "deleted",
        _ => "trashed",
    };
    if outcome.refused.is_empty() {
        return Ok(ctx.go(&back(&ctx, &entry.kind, &format!("done={word}&ids={}", joined(&outcome.done)))));
    }
    let mut names = titles(&ctx, of_these(None), PageSize::MAX).await?;
    names.extend(titles(&ctx, of_these(Some("trash")), PageSize::MAX).await?);
    let name = |id| {
        names.iter().find(|(n, _)| *n == id).map_or_else(|| "An entry that is gone".to_owned(), |(_, t)| t.clone())
    };
    let status = if outcome.done.is_empty() { 409 } else { 200 };
    list::with(&ctx, &entry.kind, Refused::of(&outcome, name), status).await
}

fn one(tx: &mut Tx<'_>, site: SiteId, id: i64, act: &str) -> Result<()> {
    let nothing = || prepare(Changes::default(), false);
    let id = EntryId(id);
    let target = Target::Existing(id, None);
    match act {
        "publish" => content::save(tx, site, &target, &nothing()?, Intent::Publish).map(|_| ()),
        "draft" => content::save(tx, site, &target, &nothing()?, Intent::Draft).map(|_| ()),
        "archive" => content::save(tx, site, &target, &nothing()?, Intent::Archive).map(|_| ()),
        "restore" => trash::restore(tx, site, id).map(|_| ()),
        "delete" => trash::delete(tx, site, id),
        _ => trash::trash(tx, site, id).map(|_| ()),
    }
}

/// An entry, whatever its noun.
pub async fn open(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}/{}/{id}", ctx.base(), list_of(&entry.kind))))
}

/// A sign of life of the writing page, or with `release=1` its end (row CM15).
pub async fn lock(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    if ctx.param("release").is_some() {
        ctx.write(move |tx| content::locks::release(tx, site, id)).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    match ctx.write(move |tx| content::locks::renew(tx, site, id)).await {
        Ok(()) => Ok(HttpResponse::Ok().json(json!({ "locked_by": "" }))),
        Err(Error::Refused { code: Code::EntryLocked, detail }) => {
            Ok(HttpResponse::Ok().json(json!({ "locked_by": detail })))
        }
        Err(e) => Err(e.into()),
    }
}

/// Frees an entry that somebody left open.
pub async fn check_in(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    ctx.write(move |tx| content::locks::release(tx, site, id)).await?;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&back(&ctx, &entry.kind, "done=freed")))
}

/// Takes an entry over from somebody else.
pub async fn take_over(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    ctx.write(move |tx| content::locks::take(tx, site, id, true)).await?;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}/{}/{id}", ctx.base(), list_of(&entry.kind))))
}
