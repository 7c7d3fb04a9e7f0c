//! What a plugin asks for, in plain words, before any of it runs (row PL02).

use actix_web::web::Path;
use freehold_base::Capability as C;
use freehold_publishing::plugins::{admin, consent};
use serde::Serialize;

use super::{Want, by, signed, wants};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct ConsentView {
    title: String,
    version: String,
    by: String,
    description: String,
    licence: String,
    action: String,
    back_href: String,
    /// Of the files that are shown: what is agreed to.
    digest: String,
    is_update: bool,
    /// The version that runs meanwhile; empty for none.
    before: String,
    why: String,
    wants: Vec<Want>,
    gone: Vec<String>,
    signed: String,
    may: bool,
}

/// The page.
pub async fn show(ctx: Ctx, id: Path<String>) -> Reply {
    let (app, id) = (ctx.app.clone(), id.into_inner());
    let card = ctx.read(move |tx| admin::find(tx, &app.plugins.plugins, &id)).await?;
    let plugin = &card.plugin;
    let here = format!("/admin/server/plugins/{}", plugin.id);
    // Nothing waits any more: somebody else decided meanwhile.
    let Some(asked) = plugin.question() else { return Ok(ctx.go(&here)) };
    let manifest = &asked.about.manifest;
    let before = asked.before.as_ref();
    let less = before.map(|before| (before, consent::difference(before, manifest).less));
    let view = ConsentView {
        title: manifest.name.clone(),
        version: manifest.version.to_string(),
        by: by(plugin),
        description: manifest.description.clone(),
        licence: manifest.license.clone(),
        back_href: if plugin.row.is_some() { here.clone() } else { "/admin/server/plugins".into() },
        action: here,
        digest: asked.about.digest.clone(),
        is_update: asked.is_update,
        before: before.map(|m| m.version.to_string()).unwrap_or_default(),
        why: asked.why.clone(),
        wants: wants(manifest, before),
        gone: less.map(|(old, less)| less.iter().map(|ask| ask.sentence(old)).collect()).unwrap_or_default(),
        signed: signed(&asked.about, plugin.origin),
        may: ctx.actor.grants.on_server().has(C::ServerManage),
    };
    let crumbs = vec![crumb("Plugins", Some("/admin/server/plugins".into())), crumb(&view.title, None)];
    let frame = ctx.frame(&view.title, crumbs).await?;
    Ok(ctx.page(200, "plugins/consent.html", &frame, &view)?)
}
