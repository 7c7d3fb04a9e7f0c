//! The plugins that a site can use.

use freehold_base::Capability as C;
use freehold_publishing::plugins::sites;
use serde::Serialize;

use super::standing;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct SiteView {
    safe_mode: bool,
    /// Empty where the person adds none.
    add_href: &'static str,
    plugins: Vec<CardView>,
}

#[derive(Serialize)]
struct CardView {
    title: String,
    description: String,
    state: &'static str,
    tone: &'static str,
    note: String,
    is_on: bool,
    works: bool,
    href: String,
}

/// A word for a plugin on a site, its tone, and what is to be said.
pub(super) fn on_here(card: &sites::Card) -> (&'static str, &'static str, String) {
    match (standing(&card.plugin), card.is_on) {
        (("May run", ..), true) => ("On", "good", String::new()),
        (("May run", ..), false) => ("Off", "ring", String::new()),
        ((_, tone, _), is_on) => {
            let words = "It is stopped on this server; whoever runs the server decides when it runs again.";
            (if is_on { "Stopped" } else { "Off" }, if is_on { tone } else { "ring" }, words.to_owned())
        }
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Plugins", vec![crumb("Plugins", None)]).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let cards = ctx.read(move |tx| sites::list(tx, &app.plugins.plugins, site)).await?;
    let runs_server = ctx.actor.grants.on_server().has(C::ServerManage);
    let card = |card: &sites::Card| {
        let (state, tone, note) = on_here(card);
        CardView {
            title: card.plugin.title(),
            description: card.plugin.manifest().map(|m| m.description.clone()).unwrap_or_default(),
            state,
            tone,
            note,
            is_on: card.is_on,
            works: card.is_on || card.plugin.is_offered(),
            href: format!("{}/plugins/{}", ctx.base(), card.plugin.id),
        }
    };
    let view = SiteView {
        safe_mode: ctx.app.plugins.plugins.is_safe_mode(),
        add_href: if runs_server { "/admin/server/plugins" } else { "" },
        plugins: cards.iter().map(card).collect(),
    };
    Ok(ctx.page(200, "plugins/site.html", &frame, &view)?)
}
