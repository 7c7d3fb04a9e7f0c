//! "Where to?": the page that asks for a folder before something is moved, copied or unpacked.

use freehold_base::{JailPath, Result};
use freehold_hosting::files::Desk;
use serde::Serialize;

use super::desk;
use super::tree::folders;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

/// Folders offered.
const OFFERED: usize = 200;
/// How deep they are looked for.
const DEEP: usize = 4;

/// A folder to choose.
#[derive(Serialize)]
pub struct Place {
    value: String,
    label: String,
    depth: usize,
}

/// The page; its places are put in by [`ask`].
#[derive(Default, Serialize)]
pub struct PlaceView {
    /// The question.
    pub title: String,
    /// What it is about.
    pub sub: String,
    /// Where the form goes.
    pub action: String,
    /// The things, from `from`.
    pub ids: Vec<String>,
    /// The folder they stand in.
    pub from: String,
    /// Folders to choose from.
    pub places: Vec<Place>,
    /// Whether there are more, in words.
    pub more: &'static str,
    /// What was typed.
    pub into: String,
    /// Why it was refused.
    pub error: String,
    /// Words of the button.
    pub label: &'static str,
    /// What the button does.
    pub act: String,
    /// Where "leave it" leads.
    pub back_href: String,
}

/// Asks for a folder.
///
/// # Errors
/// Faults of the database.
pub async fn ask(ctx: &Ctx, mut view: PlaceView) -> Reply {
    let status = if view.error.is_empty() { 200 } else { 422 };
    let (places, more) = desk::on(ctx, |files| Ok(offered(&files))).await?;
    view.places = places;
    view.more = if more { "There are more folders; type the path of another one." } else { "" };
    let frame = ctx.frame("Files", vec![crumb("Files", Some(super::base(ctx))), crumb(&view.title, None)]).await?;
    Ok(ctx.page(status, "files/place.html", &frame, &view)?)
}

/// The first folders from the top, parents before children, and whether there are more.
fn offered(files: &Desk) -> (Vec<Place>, bool) {
    let mut places = vec![Place { value: "/".into(), label: "Home".into(), depth: 0 }];
    let mut waiting = folders(files, &JailPath::root()).0;
    waiting.reverse();
    while let Some(path) = waiting.pop() {
        if places.len() > OFFERED {
            return (places, true);
        }
        let depth = path.depth();
        places.push(Place { value: path.to_string(), label: path.name(), depth: depth.min(DEEP) });
        if depth < DEEP {
            waiting.extend(folders(files, &path).0.into_iter().rev());
        }
    }
    (places, false)
}

/// The folder that a form names: the ticked one, else the typed one. `/` is the home folder itself.
///
/// # Errors
/// `Invalid("path")`.
pub fn chosen(place: &str, typed: &str) -> Result<JailPath> {
    let text = if place.is_empty() { typed.trim() } else { place };
    JailPath::parse_absolute(text)
}
