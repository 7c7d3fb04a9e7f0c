//! What a file of a theme said before, beside what it says now.

use actix_web::web::Path;
use freehold_base::Error;
use freehold_store::theme_texts::State;
use serde::Serialize;

use super::code::{crumbs, file_href};
use super::one::named;
use crate::panel::build_frame::{Moment, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::files::desk::named as named_people;
use crate::panel::files::sides::{self, LineView, Side};
use crate::panel::frame::TimeView;
use crate::web::multipart::blocking;

#[derive(Serialize)]
struct StatesView {
    path: String,
    /// The last step of the path.
    name: String,
    action: String,
    back_href: String,
    /// Newest first.
    states: Vec<StateView>,
    /// The one that is shown; 0 where there is none.
    shown: i64,
    etag: String,
    left: Side,
    right: Side,
    lines: Vec<LineView>,
    cut: bool,
}

#[derive(Serialize)]
struct StateView {
    id: i64,
    /// Until when the file said so.
    at: TimeView,
    /// Who changed it then; empty where nobody knows.
    by: String,
    href: String,
}

/// The page: the state that the address names, or the newest.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let card = named(&ctx, &path.1).await?;
    let file = ctx.param("file").ok_or_else(|| Error::not_found("file"))?;
    let (app, name, at) = (ctx.app.clone(), card.name.clone(), file.clone());
    let states = ctx.read(move |tx| app.gallery.shelves.states(tx, &name, &at)).await?;
    let (desk, name, at) = (ctx.app.gallery.clone(), card.name.clone(), file.clone());
    // A file that was deleted has states and no text.
    let now = blocking(move || Ok(desk.text(&name, &at).ok().filter(|text| text.from.is_empty()))).await?;
    let (text, etag) = now.map(|text| (text.text, text.etag)).unwrap_or_default();
    let wanted = ctx.param("version").and_then(|id| id.parse::<i64>().ok());
    let shown = match wanted {
        Some(id) => Some(states.iter().find(|state| state.id == id).ok_or_else(|| Error::not_found("version"))?),
        None => states.first(),
    };
    let (lines, cut) = shown.map(|state| sides::lines(&state.text, &text)).unwrap_or_default();
    let site = ctx.site;
    let now = ctx.read(move |tx| Moment::at(tx, site)).await?;
    let href = |state: &State| format!("{}&version={}", file_href(&ctx, &card.name, "states", &file), state.id);
    let until = shown.map(|state| format!("Until {}", time_view(state.made_at, now).text)).unwrap_or_default();
    let shown = shown.map_or(0, |state| state.id);
    let view_of = |(state, by): (State, String)| StateView {
        id: state.id,
        at: time_view(state.made_at, now),
        href: href(&state),
        by,
    };
    let states = named_people(&ctx, states, |state| state.made_by).await?;
    let view = StatesView {
        action: format!("{}/{}/code", ctx.gallery_href(), card.name),
        back_href: file_href(&ctx, &card.name, "code", &file),
        shown,
        left: Side { name: until, by: String::new() },
        right: Side { name: "Now".into(), by: String::new() },
        states: states.into_iter().map(view_of).collect(),
        name: super::code::last(&file),
        path: file,
        etag,
        lines,
        cut,
    };
    let frame = ctx.frame(&view.path, crumbs(&ctx, &card, &view.path)).await?;
    Ok(ctx.page(200, "themes/states.html", &frame, &view)?)
}
