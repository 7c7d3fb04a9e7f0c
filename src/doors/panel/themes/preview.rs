//! A theme with the site's own pages before anybody else sees it (row TH02).

use actix_web::web::Path;
use freehold_base::Error;
use freehold_publishing::gallery;
use serde::Serialize;

use super::{CardView, around};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct PreviewView {
    theme: CardView,
    back_href: String,
    widths: Vec<Width>,
    /// `full`, `tablet`, `phone`.
    width: &'static str,
}

#[derive(Serialize)]
struct Width {
    label: &'static str,
    icon: &'static str,
    href: String,
    current: bool,
}

const WIDTHS: [(&str, &str, &str); 3] =
    [("full", "Wide screen", "monitor"), ("tablet", "Tablet", "tablet"), ("phone", "Phone", "smartphone")];

/// The page: a bar, and the site below it.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let (site, app, name) = (ctx.site, ctx.app.clone(), path.1.clone());
    let (card, (origin, now)) =
        ctx.read(move |tx| Ok((gallery::find(tx, app.pages.themes(), site, &name)?, around(tx, &app, site)?))).await?;
    if card.about.is_none() {
        return Err(Error::not_found("theme").into());
    }
    let theme = CardView::of(&ctx, &card, &origin, now);
    let asked = ctx.param("width").unwrap_or_default();
    let width = WIDTHS.iter().find(|(name, ..)| *name == asked).map_or("full", |(name, ..)| name);
    let title = format!("Preview of {}", theme.title);
    let frame = ctx.frame(&title, vec![crumb(&title, None)]).await?;
    let widths = WIDTHS
        .iter()
        .map(|(name, label, icon)| Width {
            label,
            icon,
            href: format!("{}?width={name}", theme.preview_href),
            current: *name == width,
        })
        .collect();
    let view = PreviewView { back_href: ctx.gallery_href(), widths, width, theme };
    Ok(ctx.page_with_frames("themes/preview.html", &frame, &view, &origin)?)
}
