//! What is done with a theme: chosen, taken back, taken away.

use actix_web::web::Path;
use freehold_base::{Code, Error};
use freehold_platform::sites;
use freehold_publishing::gallery;

use super::one::named;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::web::multipart::blocking;

/// One of the buttons of a theme.
pub async fn act(ctx: Ctx, path: Path<(i64, String)>, form: Form) -> Reply {
    match form.get("do") {
        "activate" => activate(&ctx, &path.1).await,
        "remove" => remove(&ctx, &path.1, &form).await,
        "child" => child(&ctx, &path.1, &form).await,
        _ => Err(Error::invalid("do", Code::NotAllowed, "activate, remove, child").into()),
    }
}

async fn activate(ctx: &Ctx, name: &str) -> Reply {
    let card = named(ctx, name).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.write(move |tx| gallery::activate(tx, app.pages.themes(), site, &card.name)).await?;
    Ok(ctx.go(&format!("{}?done=theme", ctx.gallery_href())))
}

/// A theme that builds on this one, to be changed in its place.
async fn child(ctx: &Ctx, name: &str, form: &Form) -> Reply {
    let card = named(ctx, name).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let parent = card.name.clone();
    let owner = ctx.read(move |tx| app.gallery.shelves.may_begin(tx, site, &parent)).await?;
    let (app, actor) = (ctx.app.clone(), ctx.actor.clone());
    let (begun, parent) = (form.get("name").trim().to_owned(), card.name.clone());
    match blocking(move || app.gallery.begin(&app.store, &actor, owner, &begun, &parent)).await {
        Ok(known) => Ok(ctx.go(&format!("{}/{known}/code", ctx.gallery_href()))),
        Err(e) if e.status() < 500 => super::one::page(ctx, &card, Some((form.get("name"), &e))).await,
        Err(e) => Err(e.into()),
    }
}

/// The theme of before comes back.
pub async fn undo(ctx: Ctx) -> Reply {
    let site = ctx.site;
    ctx.write(move |tx| sites::undo::last(tx, site)).await?;
    Ok(ctx.go(&format!("{}?done=undone", ctx.gallery_href())))
}

async fn remove(ctx: &Ctx, name: &str, form: &Form) -> Reply {
    let card = named(ctx, name).await?;
    if !form.has("sure") {
        // Nobody is asked about what is refused then.
        let (app, name) = (ctx.app.clone(), card.name.clone());
        ctx.read(move |tx| app.gallery.shelves.may_remove(tx, app.pages.themes(), &name).map(drop)).await?;
        let view = Confirm {
            title: format!("Remove the theme \u{201c}{}\u{201d}?", card.title()),
            text:
                "Its folder is deleted from this server. This cannot be undone; download it first if you may need it \
                   again."
                    .into(),
            items: Vec::new(),
            keep: "Keep it",
            back: format!("{}/{}", ctx.gallery_href(), card.name),
            label: "Remove".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("do", "remove"), Sent::new("sure", 1)],
        };
        return confirm(ctx, &view).await;
    }
    let (app, name) = (ctx.app.clone(), card.name.clone());
    ctx.write(move |tx| app.gallery.shelves.check_remove(tx, app.pages.themes(), &name)).await?;
    let (desk, name) = (ctx.app.gallery.clone(), card.name);
    blocking(move || desk.remove(&name)).await?;
    Ok(ctx.go(&format!("{}?done=removed", ctx.gallery_href())))
}
