//! What is done with a theme's files: checked, packed, taken away, begun.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{Code, Error, Result};
use freehold_host::archive;
use freehold_store::{Actor, Store};

use super::Owner;
use super::jobs::Desk;
use crate::themes::check::{Level, Report, check};
use crate::themes::live::{own_name, split};
use crate::themes::load::chain_hash;
use crate::themes::package::refused;
use crate::themes::{Manifest, Package, Problem, scaffold};

/// Reports that are kept; then all are made anew.
const KEPT: usize = 100;

/// Reports of the theme check by the hash of a chain: a check draws all pages of a site.
#[derive(Clone, Default)]
pub struct Reports(Arc<Mutex<HashMap<String, Arc<Report>>>>);

impl Desk {
    /// What the theme check says of a theme. It draws two dozen pages: not on a thread that others wait for.
    pub fn report(&self, name: &str) -> Arc<Report> {
        let chain = match self.themes.chain(name) {
            Ok(chain) => chain,
            Err(problem) => return Arc::new(failed(problem)),
        };
        let hash = chain_hash(&chain);
        let kept = || self.reports.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().get(&hash) {
            return Arc::clone(known);
        }
        let report = Arc::new(check(&chain));
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(hash, Arc::clone(&report));
        report
    }

    /// What the theme check says of a folder or an archive of this machine, which need not be installed.
    pub fn report_of(&self, path: &std::path::Path) -> Report {
        let whole = path.display().to_string();
        let read = if path.is_dir() {
            Package::of_folder(path, "")
        } else {
            let file = freehold_host::files::open(path).map_err(|e| refused(format!("it cannot be read: {e}")));
            file.and_then(|file| Package::of_archive(&file, ""))
        };
        let package = match read {
            Ok(package) => package,
            Err(e) => return failed(Problem::of_file(whole, e.sentence())),
        };
        match self.themes.chain_of(package.files, None) {
            Ok(chain) => check(&chain),
            Err(problem) => failed(problem),
        }
    }

    /// A theme as a zip, in a folder of its name: that name, and the bytes.
    ///
    /// # Errors
    /// `NotFound("theme")`; `TemplateBroken` where its files cannot be read.
    pub fn zip(&self, name: &str) -> Result<(String, Vec<u8>)> {
        let chain = self.themes.chain(name)?;
        let theme = chain.first().ok_or_else(|| Error::not_found("theme"))?;
        let bare = split(name).0.to_owned();
        let files = theme.all().iter().map(|(path, bytes)| (format!("{bare}/{path}"), &bytes[..]));
        Ok((bare.clone(), archive::zip_of(files, Vec::new())?))
    }

    /// Takes the folder of a theme away, which [`super::Shelves::check_remove`] let go.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.shelves.take_away(name)?;
        self.reload(name);
        Ok(())
    }

    /// Writes a new theme to begin with; how it is known. `parent`: the theme it builds on; empty for none.
    ///
    /// # Errors
    /// `Denied`; `WrongState` where themes are not the actor's to add; `Invalid` (`name`, `child_of`); `ThemeRefused`
    /// where the site has enough of its own.
    pub fn begin(&self, store: &Store, actor: &Actor, owner: Owner, name: &str, parent: &str) -> Result<String> {
        let _one = self.editing.lock().unwrap_or_else(PoisonError::into_inner);
        if !crate::themes::files::is_name(name) {
            return Err(Error::invalid("name", Code::NotAllowed, "a-z, 0-9, - and _"));
        }
        let known = match owner {
            Owner::Everybody => name.to_owned(),
            Owner::Site(site) => own_name(name, site),
        };
        if self.themes.origin(&known).is_some() {
            return Err(Error::invalid("name", Code::AlreadyExists, name));
        }
        if let Owner::Site(site) = owner {
            self.check_room(site)?;
        }
        let of = match parent {
            "" => None,
            // A theme of a site alone is nothing that another site's, or everybody's, could build on.
            parent if self.themes.names().iter().any(|known| known == parent) && owner.reaches(parent) => {
                Some((split(parent).0, self.themes.get(parent)))
            }
            _ => {
                let mut fitting = self.themes.names();
                fitting.retain(|known| owner.reaches(known));
                return Err(Error::invalid("child_of", Code::NotAllowed, fitting.join(", ")));
            }
        };
        let of = of.as_ref().map(|(parent, theme)| (*parent, theme.manifest()));
        let files = scaffold::new(name, of);
        Manifest::read(&files)?;
        let (shelves, begun) = (self.shelves.clone(), known.clone());
        store.write(actor, move |tx| shelves.check_begin(tx, owner, &begun))?;
        self.shelves.of(owner).put(name, files.all())?;
        self.reload(&known);
        self.note_bases(store)?;
        Ok(known)
    }
}

/// A report that says why there is none.
fn failed(problem: Problem) -> Report {
    let finding = crate::themes::check::Finding { level: Level::Error, code: "manifest", problem };
    Report { findings: vec![finding], ..Report::default() }
}
