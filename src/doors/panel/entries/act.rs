//! Acts on entries from lists and from the writing page's script.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, EntryId, Error, Result};
use freehold_publishing::content::{self, Changes, Intent, Target, prepare, trash};
use serde_json::json;

use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

fn list_of(ctx: &Ctx, kind: &str) -> String {
    format!("{}/{}", ctx.base(), if kind == "page" { "pages" } else { "posts" })
}

/// To the trash, with a way back.
pub async fn to_trash(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let entry = ctx.write(move |tx| trash::trash(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}?done=trashed&id={id}", list_of(&ctx, &entry.kind))))
}

/// Back from the trash.
pub async fn restore(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let entry = ctx.write(move |tx| trash::restore(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}?done=restored", list_of(&ctx, &entry.kind))))
}

/// Several at once; all or none.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let ids: Vec<EntryId> = form.all("ids").iter().filter_map(|id| id.parse().ok()).collect();
    let act = form.get("do").to_owned();
    let Some(first) = ids.first().copied() else {
        return Ok(ctx.go(&format!("{}/posts", ctx.base())));
    };
    let site = ctx.site;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, first)).await?;
    let doing = act.clone();
    ctx.write(move |tx| {
        for id in &ids {
            one(tx, site, *id, &doing)?;
        }
        Ok(())
    })
    .await?;
    let done = match act.as_str() {
        "publish" => "published",
        "draft" => "draft",
        "archive" => "archived",
        "restore" => "restored",
        "delete" => "deleted",
        _ => "trashed",
    };
    let tail = if act == "delete" || act == "restore" { "&status=trash" } else { "" };
    Ok(ctx.go(&format!("{}?done={done}{tail}", list_of(&ctx, &entry.kind))))
}

fn one(tx: &mut freehold_store::Tx<'_>, site: freehold_base::SiteId, id: EntryId, act: &str) -> Result<()> {
    let nothing = || prepare(Changes::default(), false);
    let target = Target::Existing(id, None);
    match act {
        "publish" => content::save(tx, site, &target, &nothing()?, Intent::Publish).map(|_| ()),
        "draft" => content::save(tx, site, &target, &nothing()?, Intent::Draft).map(|_| ()),
        "archive" => content::save(tx, site, &target, &nothing()?, Intent::Archive).map(|_| ()),
        "trash" => trash::trash(tx, site, id).map(|_| ()),
        "restore" => trash::restore(tx, site, id).map(|_| ()),
        "delete" => trash::delete(tx, site, id),
        _ => Err(Error::invalid("do", Code::NotAllowed, "publish, draft, archive, trash, restore, delete")),
    }
}

/// An entry, whatever its noun.
pub async fn open(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}/{id}", list_of(&ctx, &entry.kind))))
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
    Ok(ctx.go(&format!("{}?done=freed", list_of(&ctx, &entry.kind))))
}

/// Takes an entry over from somebody else.
pub async fn take_over(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    ctx.write(move |tx| content::locks::take(tx, site, id, true)).await?;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}/{id}", list_of(&ctx, &entry.kind))))
}
