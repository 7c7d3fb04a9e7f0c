//! How the site looks: its themes, seen with the site's own pages, chosen, added, checked and taken away.

pub mod act;
pub mod add;
pub mod design;
pub mod gallery;
pub mod one;
pub mod code;
pub mod states;
pub mod parent;
pub mod preview;

use std::time::Duration;

use freehold_base::{Result, SiteId, Timestamp};
use freehold_platform::secrets::tokens::{ThemeGrant, sign_theme};
use freehold_publishing::gallery::Card;
use freehold_publishing::themes::Origin;
use freehold_store::Tx;
use serde::Serialize;

use crate::panel::app::App;
use crate::panel::ctx::Ctx;

/// How long the address of a preview works at least; the same address for an hour, so that a page that is loaded again
/// shows the same frames.
const WORKS: Duration = Duration::from_secs(2 * 3600);
const HOUR_MS: i64 = 3_600_000;

/// The address of a theme's preview on the site, with a slash at its end.
fn preview_of(app: &App, origin: &str, site: SiteId, theme: &str, now: Timestamp) -> String {
    let expires_at = Timestamp((now.plus(WORKS).ms() / HOUR_MS + 1) * HOUR_MS);
    let token = sign_theme(&app.keys, &ThemeGrant { site, theme: theme.to_owned(), expires_at });
    format!("{origin}/_/theme/{token}/")
}

/// Origin of the site, and now.
fn around(tx: &mut Tx<'_>, app: &App, site: SiteId) -> Result<(String, Timestamp)> {
    Ok((app.origin_of(tx, site)?, tx.now()))
}

/// A theme as its card shows it.
#[derive(Serialize)]
struct CardView {
    name: String,
    title: String,
    version: String,
    author: String,
    description: String,
    /// `Freehold`, `All sites`, `This site`.
    origin: &'static str,
    active: bool,
    /// What is wrong with its newest version; empty where nothing is.
    problem: String,
    /// Whether it can be chosen at all.
    works: bool,
    /// Address of its preview; empty where it cannot draw.
    frame: String,
    href: String,
    preview_href: String,
}

impl CardView {
    fn of(ctx: &Ctx, card: &Card, origin: &str, now: Timestamp) -> Self {
        let about = card.manifest().map(|manifest| manifest.theme.clone()).unwrap_or_default();
        let works = card.about.is_some();
        let href = format!("{}/theme/{}", ctx.base(), card.name);
        Self {
            title: card.title(),
            version: about.version,
            author: about.author,
            description: about.description,
            origin: origin_words(card.origin),
            active: card.active,
            problem: card.problem.as_ref().map(ToString::to_string).unwrap_or_default(),
            works,
            frame: if works { preview_of(&ctx.app, origin, ctx.site, &card.name, now) } else { String::new() },
            preview_href: format!("{href}/preview"),
            href,
            name: card.name.clone(),
        }
    }
}

fn origin_words(origin: Origin) -> &'static str {
    match origin {
        Origin::Shipped => "Comes with Freehold",
        Origin::Edited => "Comes with Freehold, changed on this server",
        Origin::Added => "Added for all sites",
        Origin::Own => "Added for this site",
    }
}

impl Ctx {
    /// The gallery.
    fn gallery_href(&self) -> String {
        format!("{}/theme", self.base())
    }
}
