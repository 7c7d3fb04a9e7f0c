//! `freehold theme read`, `write` and others about single files of a theme.

use std::io::Read as _;
use std::path::Path;

use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_publishing::gallery::texts::Change;
use freehold_store::Actor;
use serde_json::json;

use super::commands::{Done, Theme};
use super::hands::{Hands, table};
use crate::api::theme_texts::{DriftView, PartView, StateView};
use crate::panel::themes::parent::{Keep, settle};

/// One of the commands about files of a theme.
///
/// # Errors
/// What the services give.
pub fn text(hands: &Hands, command: &Theme) -> Result<Done> {
    match command {
        Theme::Files { theme } => files(hands, theme),
        Theme::Read { theme, path } => {
            let text = hands.gallery()?.text(theme, path)?;
            let json = json!({ "path": path, "text": text.text, "etag": text.etag, "from": text.from });
            Ok(Done::data(text.text, json))
        }
        Theme::Write { theme, path, from } => {
            let said =
                read(from).map_err(|e| Error::invalid("from", Code::NotAllowed, format!("{}: {e}", from.display())))?;
            change(hands, theme, path, Some(said))?;
            Ok(Done::said(format!("{theme} has {path}."), json!({ "theme": theme, "path": path })))
        }
        Theme::Drop { theme, path } => {
            change(hands, theme, path, None)?;
            Ok(Done::said(format!("{theme} has no {path} of its own."), json!({ "theme": theme, "path": path })))
        }
        Theme::States { theme, path } => states(hands, theme, path),
        Theme::Restore { theme, path, state } => {
            let (desk, of, at, id) = (hands.gallery()?, theme.clone(), path.clone(), *state);
            let state = hands.read(move |tx| desk.shelves.state(tx, &of, &at, id))?;
            change(hands, theme, path, Some(state.text))?;
            Ok(Done::said(format!("{path} is as it was."), json!({ "theme": theme, "path": path })))
        }
        Theme::ParentChanges { theme } => changes(hands, theme),
        Theme::Settle { theme, path, keep } => {
            settle(&hands.gallery()?, &hands.store, &Actor::system(), theme, path, Keep::by_name(keep)?)?;
            Ok(Done::said(format!("{path} is settled."), json!({ "theme": theme, "path": path, "keep": keep })))
        }
        _ => Err(Error::internal("running a command", "it is not about a file of a theme")),
    }
}

/// A text of this machine, a byte more than any theme may have at most: the service says what is too much.
fn read(from: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    freehold_host::files::open(from)?.take((1 << 20) + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// As the file is now, whoever wrote it: one command is one look.
fn change(hands: &Hands, theme: &str, path: &str, text: Option<String>) -> Result<()> {
    let desk = hands.gallery()?;
    let etag = match desk.text(theme, path) {
        Ok(text) => text.etag,
        Err(e) if e.as_code() == Code::NotFound => String::new(),
        Err(e) => return Err(e),
    };
    desk.change(&hands.store, &Actor::system(), theme, &Change { path: path.to_owned(), text, etag }).map(drop)
}

fn files(hands: &Hands, theme: &str) -> Result<Done> {
    let parts: Vec<PartView> = hands.gallery()?.parts(theme)?.into_iter().map(PartView::from).collect();
    let rows: Vec<Vec<String>> =
        parts.iter().map(|part| vec![part.path.clone(), part.bytes.to_string(), part.from.clone()]).collect();
    let json = serde_json::to_value(&parts).or_internal("writing files")?;
    Ok(Done::data(table(&["file", "bytes", "of"], &rows), json))
}

fn states(hands: &Hands, theme: &str, path: &str) -> Result<Done> {
    let (desk, of, at) = (hands.gallery()?, theme.to_owned(), path.to_owned());
    let states = hands.read(move |tx| desk.shelves.states(tx, &of, &at))?;
    let states: Vec<StateView> = states.into_iter().map(StateView::from).collect();
    let row = |s: &StateView| vec![s.id.to_string(), s.until.clone(), s.text.len().to_string()];
    let rows: Vec<Vec<String>> = states.iter().map(row).collect();
    let json = serde_json::to_value(&states).or_internal("writing states")?;
    Ok(Done::data(table(&["state", "until", "bytes"], &rows), json))
}

fn changes(hands: &Hands, theme: &str) -> Result<Done> {
    let (desk, of) = (hands.gallery()?, theme.to_owned());
    let found = hands.read(move |tx| desk.drift(tx, &of))?;
    let found: Vec<DriftView> = found.into_iter().map(DriftView::from).collect();
    let rows: Vec<Vec<String>> = found.iter().map(|d| vec![d.path.clone(), d.parent.clone()]).collect();
    let json = serde_json::to_value(&found).or_internal("writing what changed")?;
    Ok(Done::data(table(&["file", "changed by"], &rows), json))
}
