//! A file that a theme took over from its parent, and that the parent changed since: both changes, and what to keep
//! (row TH04).

use actix_web::web::Path;
use freehold_base::{Code, Error, Result};
use freehold_hosting::text_diff::merge;
use freehold_publishing::gallery::jobs::Desk;
use freehold_publishing::gallery::texts::{Change, Drift};
use freehold_store::{Actor, Store};
use serde::Serialize;

use super::code::{crumbs, file_href};
use super::one::named;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::files::sides::{self, LineView, Side};
use crate::panel::form::Form;
use crate::web::multipart::blocking;

/// What a file says from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What it says now: the parent's change is of no matter here.
    Own,
    /// Its own with the parent's change in it.
    Both,
    /// What the parent's says: the theme has none of its own any more.
    Theirs,
}

impl Keep {
    /// By its word: `own`, `both`, `theirs`.
    ///
    /// # Errors
    /// `Invalid("keep")`.
    pub fn by_name(name: &str) -> Result<Self> {
        match name {
            "own" => Ok(Self::Own),
            "both" => Ok(Self::Both),
            "theirs" => Ok(Self::Theirs),
            _ => Err(Error::invalid("keep", Code::NotAllowed, "own, both, theirs")),
        }
    }
}

/// Settles what becomes of a file whose parent's was changed.
///
/// # Errors
/// `NotFound("file")` where the parent did not change it; `WrongState` where both changed the same lines; as
/// [`Desk::change`].
pub fn settle(desk: &Desk, store: &Store, actor: &Actor, name: &str, path: &str, keep: Keep) -> Result<()> {
    let (asked, of, at) = (desk.clone(), name.to_owned(), path.to_owned());
    let drift = store.read(actor, |tx| asked.drift_of(tx, &of, &at))?;
    let text = match keep {
        Keep::Own => None,
        Keep::Theirs => Some(None),
        Keep::Both => Some(Some(merge(&drift.base, &drift.own, &drift.theirs).ok_or_else(|| {
            let why = "both changed the same lines; open the file, change it by hand, and say that it is still fine";
            Error::refused(Code::WrongState, why)
        })?)),
    };
    if let Some(text) = text {
        let etag = desk.text(name, path)?.etag;
        desk.change(store, actor, name, &Change { path: path.to_owned(), text, etag })?;
    }
    if keep == Keep::Theirs {
        return Ok(());
    }
    let (shelves, of) = (desk.shelves.clone(), name.to_owned());
    store.write(actor, move |tx| shelves.still_fine(tx, &of, &drift))
}

#[derive(Serialize)]
struct ParentView {
    path: String,
    /// The last step of the path.
    name: String,
    parent: String,
    action: String,
    back_href: String,
    edit_href: String,
    /// Whether both changes fit together.
    fits: bool,
    left: Side,
    right: Side,
    lines: Vec<LineView>,
    cut: bool,
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let card = named(&ctx, &path.1).await?;
    let file = ctx.param("file").ok_or_else(|| Error::not_found("file"))?;
    let (desk, name) = (ctx.app.gallery.clone(), card.name.clone());
    let drift: Drift = ctx.read(move |tx| desk.drift_of(tx, &name, &file)).await?;
    let (lines, cut) = sides::lines(&drift.base, &drift.theirs);
    let view = ParentView {
        action: format!("{}/{}/parent", ctx.gallery_href(), card.name),
        back_href: format!("{}/{}/code", ctx.gallery_href(), card.name),
        edit_href: file_href(&ctx, &card.name, "code", &drift.path),
        fits: merge(&drift.base, &drift.own, &drift.theirs).is_some(),
        left: Side { name: format!("{} when you took it over", drift.parent), by: String::new() },
        right: Side { name: format!("{} now", drift.parent), by: String::new() },
        name: super::code::last(&drift.path),
        path: drift.path,
        parent: drift.parent,
        lines,
        cut,
    };
    let frame = ctx.frame(&view.path, crumbs(&ctx, &card, &view.path)).await?;
    Ok(ctx.page(200, "themes/parent.html", &frame, &view)?)
}

/// What was chosen.
pub async fn act(ctx: Ctx, path: Path<(i64, String)>, form: Form) -> Reply {
    let card = named(&ctx, &path.1).await?;
    let keep = Keep::by_name(form.get("keep"))?;
    let (app, actor, name, file) = (ctx.app.clone(), ctx.actor.clone(), card.name.clone(), form.get("path").to_owned());
    blocking(move || settle(&app.gallery, &app.store, &actor, &name, &file, keep)).await?;
    Ok(ctx.go(&format!("{}/{}/code?done=saved", ctx.gallery_href(), card.name)))
}
