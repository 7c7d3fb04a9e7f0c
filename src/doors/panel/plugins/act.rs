//! What the hosting admin does with a plugin: lets it run, leaves a newer version, stops it, takes it away.

use actix_web::web::Path;
use freehold_base::{Code, Error};
use freehold_publishing::plugins::admin;

use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::web::multipart::blocking;

/// One of the buttons of a plugin.
pub async fn act(ctx: Ctx, id: Path<String>, form: Form) -> Reply {
    let (app, wanted) = (ctx.app.clone(), id.into_inner());
    let card = ctx.read(move |tx| admin::find(tx, &app.plugins.plugins, &wanted)).await?;
    let id = card.plugin.id.clone();
    let here = format!("/admin/server/plugins/{id}");
    let done = match form.get("do") {
        "allow" => {
            let is_update = card.plugin.question().is_some_and(|asked| asked.is_update);
            allow(&ctx, id, form.get("digest").to_owned()).await?;
            if is_update { "plugin-updated" } else { "plugin-allowed" }
        }
        "refuse" => {
            ctx.write(move |tx| admin::refuse(tx, &id)).await?;
            "plugin-refused"
        }
        "stop" => {
            ctx.write(move |tx| admin::run(tx, &id, false)).await?;
            "plugin-stopped"
        }
        "start" => {
            ctx.write(move |tx| admin::run(tx, &id, true)).await?;
            "plugin-started"
        }
        "remove" => return remove(&ctx, &card, &form).await,
        _ => return Err(Error::invalid("do", Code::NotAllowed, "allow, refuse, stop, start, remove").into()),
    };
    Ok(ctx.go(&format!("{here}?done={done}")))
}

async fn allow(ctx: &Ctx, id: String, digest: String) -> freehold_base::Result<()> {
    let (plugins, ready) = (ctx.app.plugins.plugins.clone(), id.clone());
    blocking(move || plugins.make_ready(&ready)).await?;
    let app = ctx.app.clone();
    ctx.write(move |tx| admin::allow(tx, &app.plugins.plugins, &id, &digest)).await
}

async fn remove(ctx: &Ctx, card: &admin::Card, form: &Form) -> Reply {
    let id = card.plugin.id.clone();
    if !form.has("sure") {
        let view = Confirm {
            title: format!("Remove the plugin \u{201c}{}\u{201d}?", card.plugin.title()),
            text: "Its files are deleted from this server. What sites set of it stays for the day it comes back."
                .into(),
            items: Vec::new(),
            keep: "Keep it",
            back: format!("/admin/server/plugins/{id}"),
            label: "Remove".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("do", "remove"), Sent::new("sure", 1)],
        };
        return confirm(ctx, &view).await;
    }
    let (app, gone, with_data) = (ctx.app.clone(), id.clone(), form.has("data"));
    ctx.write(move |tx| admin::remove(tx, &app.plugins.plugins, &gone, with_data)).await?;
    let app = ctx.app.clone();
    blocking(move || app.plugins.plugins.take_away(&app.store, &id)).await?;
    Ok(ctx.go("/admin/server/plugins?done=removed"))
}
