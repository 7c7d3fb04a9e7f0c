//! All themes that the site can choose, the one it has first, each with the site's own home page.

use freehold_publishing::gallery::{self, Owner};
use serde::Serialize;

use super::{CardView, around};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct GalleryView {
    active: Option<CardView>,
    others: Vec<CardView>,
    site_url: String,
    add_href: String,
    /// For whom a theme would be added; empty where the person may add none.
    add_for: &'static str,
    menus_href: String,
    customise_href: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Themes", vec![crumb("Themes", None)]).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let (cards, may_add, (origin, now)) = ctx
        .read(move |tx| {
            let cards = gallery::list(tx, app.pages.themes(), site)?;
            Ok((cards, app.gallery.shelves.may_add(tx, site)?, around(tx, &app, site)?))
        })
        .await?;
    let mut cards: Vec<CardView> = cards.iter().map(|card| CardView::of(&ctx, card, &origin, now)).collect();
    let active = cards.iter().position(|card| card.active).map(|at| cards.remove(at));
    let view = GalleryView {
        active,
        others: cards,
        site_url: origin.clone(),
        add_href: format!("{}/theme-add", ctx.base()),
        add_for: match may_add {
            Some(Owner::Everybody) => "all sites",
            Some(Owner::Site(_)) => "this site",
            None => "",
        },
        menus_href: format!("{}/menus", ctx.base()),
        customise_href: format!("{}/theme-customise", ctx.base()),
    };
    Ok(ctx.page_with_frames("themes/gallery.html", &frame, &view, &origin)?)
}
