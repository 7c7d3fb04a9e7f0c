//! Texts of a theme, changed in place (row TH09): a text is compiled with all the rest before it is kept, what it said
//! before is kept too, and who takes over a parent's file hears when the parent changes it (row TH04).

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use freehold_base::secret::hex;
use freehold_base::{Code, Error, Result, SiteId};
use freehold_store::theme_texts::{self as rows, State, ThemeFile, ThemeScope};
use freehold_store::{Actor, Store, Tx, audit};
use sha2::{Digest as _, Sha256};

use super::jobs::Desk;
use super::{NOT_HERE, Owner, Shelves};
use crate::themes::files::limit_of;
use crate::themes::live::split;
use crate::themes::package::belongs;
use crate::themes::{Origin, Problem, Theme, ThemeFiles, sample};

/// Endings of files that are text to write in.
const TEXTS: &[&str] = &["html", "xml", "svg", "toml", "css", "js", "mjs", "json", "md", "txt"];
/// Folders whose files a child can take over from its parent.
const TAKEN_OVER: &[&str] = &["templates/", "components/", "blocks/", "widgets/", "static/"];

/// A file of a theme or of one that it builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its place in the theme's folder.
    pub path: String,
    /// How large it is.
    pub bytes: usize,
    /// The theme whose file it is: empty for the theme itself, else the folder of a parent.
    pub from: String,
    /// Whether it can be written in.
    pub is_text: bool,
}

/// What a file of a theme says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeText {
    /// The text.
    pub text: String,
    /// Tells it from every other state; empty where the theme has no such file of its own yet.
    pub etag: String,
    /// As in [`Part`].
    pub from: String,
}

/// What shall become of a file.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its place in the theme's folder.
    pub path: String,
    /// Its new text; none: it goes, and a parent's file counts again.
    pub text: Option<String>,
    /// What it was when it was read, as [`ThemeText::etag`] says.
    pub etag: String,
}

/// A file of a parent that a theme took over, and that is another one by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Its place.
    pub path: String,
    /// The parent's folder.
    pub parent: String,
    /// What the parent's file said when it was taken over.
    pub base: String,
    /// What it says now.
    pub theirs: String,
    /// What the theme's own file says.
    pub own: String,
}

impl Shelves {
    /// Whether the actor may change texts of a theme; whose it is and where that is written down.
    fn may_write(&self, tx: &mut Tx<'_>, name: &str) -> Result<(ThemeScope, audit::Chain)> {
        let owner = Owner::of(name);
        let chain = self.authorize(tx, owner)?;
        let scope = match owner {
            Owner::Everybody => ThemeScope::everybody(tx.authorize_server(freehold_base::Capability::ServerManage)?),
            Owner::Site(site) => ThemeScope::of(tx.authorize(site, freehold_base::Capability::SettingsManage)?),
        };
        Ok((scope, chain))
    }

    /// States that a theme's file had, the newest first.
    ///
    /// # Errors
    /// `Denied`; `WrongState` where themes are not theirs to change.
    pub fn states(&self, tx: &mut Tx<'_>, name: &str, path: &str) -> Result<Vec<State>> {
        let (scope, _) = self.may_write(tx, name)?;
        rows::states(tx, scope, ThemeFile { theme: split(name).0, path })
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Shelves::states`]; `NotFound("version")`.
    pub fn state(&self, tx: &mut Tx<'_>, name: &str, path: &str, id: i64) -> Result<State> {
        let (scope, _) = self.may_write(tx, name)?;
        rows::state(tx, scope, ThemeFile { theme: split(name).0, path }, id)
    }

    /// Whose a theme is that the actor begins on a site to build on `parent`: that of a site alone has children of that
    /// site alone.
    ///
    /// # Errors
    /// `Denied`; `WrongState` where themes are not theirs to add.
    pub fn may_begin(&self, tx: &mut Tx<'_>, site: SiteId, parent: &str) -> Result<Owner> {
        let may = self.may_add(tx, site)?.ok_or_else(|| Error::refused(Code::WrongState, NOT_HERE))?;
        Ok(match Owner::of(parent) {
            Owner::Everybody => may,
            own @ Owner::Site(_) => own,
        })
    }

    /// Lets the actor begin a theme that builds on another, and writes that down.
    ///
    /// # Errors
    /// `Denied`; `WrongState` where themes are not theirs to add.
    pub(super) fn check_begin(&self, tx: &mut Tx<'_>, owner: Owner, name: &str) -> Result<()> {
        let chain = self.authorize(tx, owner)?;
        tx.audit(chain, "theme.begin", name, "");
        Ok(())
    }

    /// A theme goes: nothing is known of its files any more.
    pub(super) fn forget_texts(&self, tx: &mut Tx<'_>, name: &str) -> Result<()> {
        let (scope, _) = self.may_write(tx, name)?;
        rows::forget(tx, scope, split(name).0)
    }

    /// Notes that the parent's file as it is now is known, and the theme's own stays as it is.
    ///
    /// # Errors
    /// `Denied`; `WrongState` where themes are not theirs to change.
    pub fn still_fine(&self, tx: &mut Tx<'_>, name: &str, drift: &Drift) -> Result<()> {
        let (scope, chain) = self.may_write(tx, name)?;
        rows::set_base(tx, scope, ThemeFile { theme: split(name).0, path: &drift.path }, &drift.theirs)?;
        tx.audit(chain, "theme.still_fine", format!("{name}/{}", drift.path), "");
        Ok(())
    }
}

impl Desk {
    /// All files of a theme, and those of its parents that it can take over; by their places.
    ///
    /// # Errors
    /// `NotFound("theme")`; `TemplateBroken` where its folder cannot be read.
    pub fn parts(&self, name: &str) -> Result<Vec<Part>> {
        let own = self.own(name)?;
        let mut parts: BTreeMap<String, Part> = BTreeMap::new();
        for (path, bytes) in own.all() {
            parts.insert(path.clone(), part(path, bytes, ""));
        }
        for parent in self.parents(name) {
            let taken = |path: &&String| TAKEN_OVER.iter().any(|folder| path.starts_with(folder)) && is_text(path);
            for (path, bytes) in parent.all().iter().filter(|(path, _)| taken(path)) {
                parts.entry(path.clone()).or_insert_with(|| part(path, bytes, parent.name()));
            }
        }
        Ok(parts.into_values().collect())
    }

    /// What a file says: the theme's own, or that of the nearest parent that has it; for a new file nothing.
    ///
    /// # Errors
    /// `NotFound("theme")`, `NotFound("file")`; `WrongState` for what is no text.
    pub fn text(&self, name: &str, path: &str) -> Result<ThemeText> {
        let own = self.own(name)?;
        let files = std::iter::once((own, String::new()));
        let parents = self.parents(name).into_iter().map(|files| (files.clone(), files.name().to_owned()));
        let found = files.chain(parents).find_map(|(files, from)| Some((files.all().get(path)?.clone(), from)));
        let (bytes, from) = found.ok_or_else(|| Error::not_found("file"))?;
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) if is_text(path) => text.to_owned(),
            _ => return Err(Error::refused(Code::WrongState, "this file is no text")),
        };
        let etag = if from.is_empty() { etag(&bytes) } else { String::new() };
        Ok(ThemeText { text, etag, from })
    }

    /// Changes a file of a theme. The theme is compiled with it and draws the sample pages first: what does not work
    /// is refused, and visitors see what was there.
    ///
    /// # Errors
    /// `Denied`, `NotFound`; `Invalid("path")`; `TooLarge`; `VersionConflict` where somebody else changed the file
    /// since it was read; `ThemeTextBroken` with file and line; `WrongState` for a theme that we ship.
    pub fn change(&self, store: &Store, actor: &Actor, name: &str, change: &Change) -> Result<ThemeText> {
        // From the look at what is there to the new folder in its place nobody else changes a theme.
        let _one = self.editing.lock().unwrap_or_else(PoisonError::into_inner);
        let own = self.own(name)?;
        if self.themes.origin(name) == Some(Origin::Shipped) {
            let why = "this theme comes with Freehold; make one that builds on it, and change that";
            return Err(Error::refused(Code::WrongState, why));
        }
        let path = change.path.as_str();
        check_place(path, change.text.as_deref())?;
        let before = own.all().get(path).cloned();
        if before.as_ref().map(|bytes| etag(bytes)).unwrap_or_default() != change.etag {
            return Err(Error::code(Code::VersionConflict));
        }
        let mut files = own.all().clone();
        match &change.text {
            Some(text) => drop(files.insert(path.to_owned(), Arc::from(text.as_bytes()))),
            None if before.is_none() => return Err(Error::not_found("file")),
            None => drop(files.remove(path)),
        }
        let files = ThemeFiles::from_parts(own.name(), files);
        self.tries(&files, name).map_err(|problem| broken(&problem))?;
        let taken_over = match (&before, &change.text) {
            (None, Some(_)) => text_of(&self.parents(name), path).map(|(_, text)| text.to_owned()),
            _ => None,
        };
        let said = before.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        self.write_down(store, actor, name, change, said, taken_over)?;
        self.shelves.of(Owner::of(name)).put(split(name).0, files.all())?;
        self.reload(name);
        let text = change.text.clone().unwrap_or_default();
        let etag = change.text.as_ref().map(|text| etag(text.as_bytes())).unwrap_or_default();
        Ok(ThemeText { text, etag, from: String::new() })
    }

    fn write_down(
        &self,
        store: &Store,
        actor: &Actor,
        name: &str,
        change: &Change,
        said: Option<String>,
        taken_over: Option<String>,
    ) -> Result<()> {
        let (shelves, name, path) = (self.shelves.clone(), name.to_owned(), change.path.clone());
        let goes = change.text.is_none();
        store.write(actor, move |tx| {
            let (scope, chain) = shelves.may_write(tx, &name)?;
            let file = ThemeFile { theme: split(&name).0, path: &path };
            if let Some(said) = &said {
                rows::keep(tx, scope, file, said)?;
            }
            if let Some(base) = &taken_over {
                rows::set_base(tx, scope, file, base)?;
            }
            if goes {
                rows::forget_base(tx, scope, file)?;
            }
            let action = if goes { "theme.delete_file" } else { "theme.write_file" };
            tx.audit(chain, action, format!("{name}/{path}"), "");
            Ok(())
        })
    }

    /// Files of parents that a theme took over and that say something else by now.
    ///
    /// # Errors
    /// Database failures; `NotFound("theme")`.
    pub fn drift(&self, tx: &mut Tx<'_>, name: &str) -> Result<Vec<Drift>> {
        let (scope, _) = self.shelves.may_write(tx, name)?;
        let (own, parents) = (self.own(name)?, self.parents(name));
        let mut drift = Vec::new();
        for (path, base) in rows::bases(tx, scope, split(name).0)? {
            let Some(mine) = own.all().get(&path).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { continue };
            let Some((parent, theirs)) = text_of(&parents, &path) else { continue };
            if theirs != base && theirs != mine {
                let (parent, theirs, own) = (parent.to_owned(), theirs.to_owned(), mine.to_owned());
                drift.push(Drift { path, parent, base, theirs, own });
            }
        }
        Ok(drift)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Desk::drift`]; `NotFound("file")` where the parent did not change it.
    pub fn drift_of(&self, tx: &mut Tx<'_>, name: &str, path: &str) -> Result<Drift> {
        let found = self.drift(tx, name)?.into_iter().find(|drift| drift.path == path);
        found.ok_or_else(|| Error::not_found("file"))
    }

    /// Notes what parents say of files that themes have of their own, where it is not noted yet: a theme that came as a
    /// folder is known from now on.
    ///
    /// # Errors
    /// Database failures.
    pub fn note_bases(&self, store: &Store) -> Result<()> {
        let wanted: Vec<(String, Vec<(String, String)>)> =
            self.themes.names().into_iter().map(|name| (name.clone(), self.shared(&name))).collect();
        for (name, files) in wanted.into_iter().filter(|(_, files)| !files.is_empty()) {
            let shelves = self.shelves.clone();
            let known = store.read(&Actor::system(), |tx| {
                let (scope, _) = shelves.may_write(tx, &name)?;
                rows::bases(tx, scope, split(&name).0)
            });
            let known = match known {
                Err(e) if e.as_code() == Code::NotFound => continue, // the site is gone
                known => known?,
            };
            let new: Vec<_> = files.into_iter().filter(|(path, _)| !known.iter().any(|(k, _)| k == path)).collect();
            if new.is_empty() {
                continue;
            }
            store.write(&Actor::system(), move |tx| {
                let (scope, _) = shelves.may_write(tx, &name)?;
                let theme = split(&name).0;
                new.iter().try_for_each(|(path, text)| rows::set_base(tx, scope, ThemeFile { theme, path }, text))
            })?;
        }
        Ok(())
    }

    /// Files that a theme and a parent of it have, with the parent's text.
    fn shared(&self, name: &str) -> Vec<(String, String)> {
        let parents = self.parents(name);
        let Ok(own) = self.own(name) else { return Vec::new() };
        let taken = |path: &&String| TAKEN_OVER.iter().any(|folder| path.starts_with(folder)) && is_text(path);
        let paths = own.all().keys().filter(taken);
        paths.filter_map(|path| Some((path.clone(), text_of(&parents, path)?.1.to_owned()))).collect()
    }

    /// Whether a parent of a theme has a file of this place.
    pub fn parent_has(&self, name: &str, path: &str) -> bool {
        self.parents(name).iter().any(|parent| parent.all().contains_key(path))
    }

    fn own(&self, name: &str) -> Result<ThemeFiles> {
        self.themes.own_files(name)?.ok_or_else(|| Error::not_found("theme"))
    }

    /// The themes that one builds on, the nearest first; none where that cannot be said.
    fn parents(&self, name: &str) -> Vec<ThemeFiles> {
        self.themes.chain(name).map(|chain| chain.into_iter().skip(1).collect()).unwrap_or_default()
    }

    /// Whether a theme of these files works.
    fn tries(&self, files: &ThemeFiles, name: &str) -> std::result::Result<(), Problem> {
        let chain = self.themes.chain_of(files.clone(), split(name).1)?;
        sample::try_all(&Theme::compile(&chain)?)
    }
}

/// The nearest of these that has a file, and what it says there.
fn text_of<'a>(parents: &'a [ThemeFiles], path: &str) -> Option<(&'a str, &'a str)> {
    parents.iter().find_map(|parent| Some((parent.name(), std::str::from_utf8(parent.all().get(path)?).ok()?)))
}

fn part(path: &str, bytes: &[u8], from: &str) -> Part {
    Part { path: path.to_owned(), bytes: bytes.len(), from: from.to_owned(), is_text: is_text(path) }
}

/// Tells a text from all others.
fn etag(bytes: &[u8]) -> String {
    let mut whole = hex(&Sha256::digest(bytes));
    whole.truncate(32);
    whole
}

fn is_text(path: &str) -> bool {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    TEXTS.contains(&end)
}

fn check_place(path: &str, text: Option<&str>) -> Result<()> {
    let leads_elsewhere = path.split('/').any(|step| step.is_empty() || step.starts_with('.')) || path.contains('\0');
    if leads_elsewhere || path.len() > 200 || !belongs(path) || !is_text(path) {
        let where_to = "a text in templates/, components/, blocks/, widgets/, patterns/, locales/ or static/";
        return Err(Error::invalid("path", Code::NotAllowed, where_to));
    }
    if text.is_none() && path == "theme.toml" {
        return Err(Error::refused(Code::WrongState, "a theme cannot be without its theme.toml"));
    }
    let most = limit_of(path).min(1 << 20);
    if text.is_some_and(|text| text.len() as u64 > most) {
        return Err(Error::refused(Code::TooLarge, format!("{} KiB", most / 1024)));
    }
    Ok(())
}

/// The text does not work.
fn broken(problem: &Problem) -> Error {
    let snippet = if problem.snippet.is_empty() { String::new() } else { format!(" ({})", problem.snippet) };
    Error::refused(Code::ThemeTextBroken, format!("{problem}{snippet}"))
}
