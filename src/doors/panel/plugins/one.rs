//! One plugin of the installation: how it stands, what it may do, what it costs, what it said.

use actix_web::web::Path;
use freehold_base::Capability as C;
use freehold_publishing::plugins::Origin;
use freehold_publishing::plugins::{Standing, admin};
use serde::Serialize;

use super::{CostsView, LineView, Want, by, costs, lines, signed, standing, wants};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct OneView {
    title: String,
    version: String,
    description: String,
    by: String,
    licence: String,
    signed: String,
    folder: String,
    state: &'static str,
    tone: &'static str,
    reason: String,
    waiting: String,
    consent_href: String,
    action: String,
    may: bool,
    can_stop: bool,
    can_start: bool,
    can_remove: bool,
    wants: Vec<Want>,
    sites: i64,
    costs: CostsView,
    log: Vec<LineView>,
}

/// The page.
pub async fn show(ctx: Ctx, id: Path<String>) -> Reply {
    let (app, id) = (ctx.app.clone(), id.into_inner());
    let (card, now) = ctx.read(move |tx| Ok((admin::find(tx, &app.plugins.plugins, &id)?, tx.now()))).await?;
    let (plugin, plugins) = (&card.plugin, &ctx.app.plugins.plugins);
    let here = format!("/admin/server/plugins/{}", plugin.id);
    let (state, tone, reason) = standing(plugin);
    let asked = plugin.question();
    let is_ours = plugin.origin == Some(Origin::Shipped);
    let text =
        |of: fn(&freehold_publishing::plugins::Manifest) -> String| plugin.manifest().map(of).unwrap_or_default();
    let waiting =
        plugin.waiting.as_ref().map(|(about, _)| format!("Version {} waits for you.", about.manifest.version));
    let view = OneView {
        title: plugin.title(),
        version: text(|m| m.version.to_string()),
        description: text(|m| m.description.clone()),
        by: by(plugin),
        licence: text(|m| m.license.clone()),
        signed: plugin.about.as_ref().map(|about| signed(about, plugin.origin)).unwrap_or_default(),
        folder: if is_ours { "part of Freehold".into() } else { format!("plugins/{}", plugin.id) },
        state,
        tone,
        reason: if matches!(plugin.standing, Standing::New) {
            "It does nothing until you have agreed to what it may do.".into()
        } else {
            reason
        },
        waiting: waiting.unwrap_or_default(),
        consent_href: asked.map(|_| format!("{here}/consent")).unwrap_or_default(),
        may: ctx.actor.grants.on_server().has(C::ServerManage),
        can_stop: plugin.row.is_some() && !matches!(plugin.standing, Standing::Stopped(_)),
        can_start: matches!(plugin.standing, Standing::Stopped(_)),
        can_remove: !is_ours || plugin.row.is_some(),
        wants: plugin.manifest().map(|m| wants(m, None)).unwrap_or_default(),
        sites: card.sites,
        costs: costs(plugins, plugin),
        log: lines(plugins, &plugin.id, None, now),
        action: here,
    };
    let crumbs = vec![crumb("Plugins", Some("/admin/server/plugins".into())), crumb(&view.title, None)];
    let frame = ctx.frame(&view.title, crumbs).await?;
    Ok(ctx.page(200, "plugins/one.html", &frame, &view)?)
}
