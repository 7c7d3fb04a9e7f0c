//! The plugins of the installation.

use freehold_base::Capability as C;
use freehold_publishing::plugins::Origin;
use freehold_publishing::plugins::Standing;
use freehold_publishing::plugins::admin;
use serde::Serialize;

use super::{by, standing};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct InstalledView {
    safe_mode: bool,
    may: bool,
    add_href: &'static str,
    plugins: Vec<CardView>,
    shipped: Vec<CardView>,
}

#[derive(Serialize)]
struct CardView {
    title: String,
    version: String,
    description: String,
    by: String,
    state: &'static str,
    tone: &'static str,
    waiting: String,
    sites: i64,
    href: String,
}

impl CardView {
    fn of(card: &admin::Card) -> Self {
        let plugin = &card.plugin;
        let (state, tone, _) = standing(plugin);
        let waiting = plugin.waiting.as_ref().map(|(about, _)| format!("Version {} waits", about.manifest.version));
        let asks = plugin.question().is_some_and(|asked| !asked.is_update);
        let href = format!("/admin/server/plugins/{}", plugin.id);
        Self {
            title: plugin.title(),
            version: plugin.manifest().map(|m| m.version.to_string()).unwrap_or_default(),
            description: plugin.manifest().map(|m| m.description.clone()).unwrap_or_default(),
            by: by(plugin),
            state,
            tone,
            waiting: waiting.unwrap_or_default(),
            sites: card.sites,
            href: if asks { format!("{href}/consent") } else { href },
        }
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Plugins", vec![crumb("Plugins", None)]).await?;
    let app = ctx.app.clone();
    let cards = ctx.read(move |tx| admin::all(tx, &app.plugins.plugins)).await?;
    let unused =
        |card: &&admin::Card| card.plugin.origin == Some(Origin::Shipped) && card.plugin.standing == Standing::New;
    let view = InstalledView {
        safe_mode: ctx.app.plugins.plugins.is_safe_mode(),
        may: ctx.actor.grants.on_server().has(C::ServerManage),
        add_href: "/admin/server/plugin-add",
        plugins: cards.iter().filter(|card| !unused(card)).map(CardView::of).collect(),
        shipped: cards.iter().filter(unused).map(CardView::of).collect(),
    };
    Ok(ctx.page(200, "plugins/server.html", &frame, &view)?)
}
