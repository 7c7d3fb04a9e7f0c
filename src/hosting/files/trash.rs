//! The trash (row H080): deleted things stay thirty days and come back to where they were. The row says first what will
//! happen, the move makes it true; whatever a crash leaves between both is put right by [`tidy`].

use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{Kind, Links, Part, Replace};
use freehold_store::files::{self as rows, Trashed};

use super::desk::{Act, reach, reaches};
use super::usage::signed;
use super::{Clash, Desk};

/// Things of one act at most.
const MOST: usize = 1000;

impl Desk {
    /// Puts files and folders into the trash; the ids they have there. It ends at the first that is refused.
    ///
    /// # Errors
    /// `NotFound`, `WrongState` for the top folder, `Denied`.
    pub fn trash(&self, paths: &[JailPath]) -> Result<Vec<i64>> {
        if paths.len() > MOST {
            return Err(Error::invalid("path", Code::TooLarge, format!("{MOST} things at once")));
        }
        paths.iter().map(|path| self.trash_one(path)).collect()
    }

    fn trash_one(&self, path: &JailPath) -> Result<i64> {
        if path.is_root() {
            return Err(super::arrange::top());
        }
        self.looking(&[path])?;
        let about = self.home.metadata(path, Links::Refuse)?;
        let (kind, bytes, files) = match about.kind {
            Kind::Folder => {
                let usage = self.home.usage_of(path)?;
                ("folder", usage.bytes, usage.files + 1)
            }
            Kind::File => ("file", about.bytes, 1),
            Kind::Link | Kind::Other => ("link", 0, 1),
        };
        let name = path.to_string();
        let act = Act::on("file.trash", &[path]);
        let _moving = self.home.moving();
        let id = self
            .noting(act.clone(), move |tx, scope| rows::trash(tx, scope, &name, kind, signed(bytes), signed(files)))?;
        let there = self.home.part(Part::Trash);
        self.home.move_to(path, &there, &place(id)?, Replace::No).inspect_err(|e| {
            self.note_refusal(&act, e);
            if let Err(e) = self.after(move |tx, scope| rows::forget_trashed(tx, scope, &[id])) {
                tracing::warn!("forgetting what did not go to the trash: {e}");
            }
        })?;
        Ok(id)
    }

    /// What lies in the trash, newest first, before `before` (0: the newest).
    ///
    /// # Errors
    /// `Denied`.
    pub fn trashed(&self, before: i64, limit: i64) -> Result<Vec<Trashed>> {
        self.store().read(&self.actor, |tx| {
            let scope = self.at.authorize(tx, freehold_base::Capability::FilesRead)?;
            let Some(below) = reach(tx, scope)? else { return Ok(Vec::new()) };
            rows::trashed(tx, scope, below.as_deref(), before, limit)
        })
    }

    /// Brings something back to where it was, with folders that are gone; where it lies now.
    ///
    /// # Errors
    /// `NotFound("file")`, `AlreadyExists` (with `Clash::Refuse`), `Denied`.
    pub fn restore(&self, id: i64, clash: Clash) -> Result<JailPath> {
        let one = self.one_trashed(id)?;
        let path = JailPath::parse(&one.path)?;
        let act = Act::on("file.restore", &[&path]);
        let _moving = self.home.moving();
        let there = self.home.part(Part::Trash);
        let (path, ()) = self.doing(act, || {
            self.home.make_folders(&path.parent().unwrap_or_default())?;
            clash.settle(&self.home, &path, |path, replace| there.move_to(&place(id)?, &self.home, path, replace))
        })?;
        self.after(move |tx, scope| rows::forget_trashed(tx, scope, &[id]))?;
        Ok(path)
    }

    /// Deletes things of the trash for good.
    ///
    /// # Errors
    /// `NotFound("file")`, `Denied`.
    pub fn delete_for_good(&self, ids: &[i64]) -> Result<()> {
        for id in ids {
            let one = self.one_trashed(*id)?;
            self.remove_trashed(&one)?;
        }
        Ok(())
    }

    /// Empties the trash; how many things went.
    ///
    /// # Errors
    /// `Denied`.
    pub fn empty_trash(&self) -> Result<usize> {
        let mut gone = 0;
        loop {
            let some = self.trashed(0, 200)?;
            if some.is_empty() {
                return Ok(gone);
            }
            for one in &some {
                self.remove_trashed(one)?;
                gone += 1;
            }
        }
    }

    fn one_trashed(&self, id: i64) -> Result<Trashed> {
        self.store().read(&self.actor, |tx| {
            let scope = self.at.authorize(tx, freehold_base::Capability::FilesRead)?;
            let one = rows::find_trashed(tx, scope, id)?;
            if reaches(tx, scope, &one.path) { Ok(one) } else { Err(Error::not_found("file")) }
        })
    }

    /// First the row, then the bytes: bytes without a row are swept.
    pub(super) fn remove_trashed(&self, one: &Trashed) -> Result<()> {
        let (id, path) = (one.id, JailPath::parse(&one.path)?);
        let act = Act::on("file.delete", &[&path]);
        let moving = self.home.moving();
        self.noting(act, move |tx, scope| rows::forget_trashed(tx, scope, &[id]))?;
        let gone = match self.home.part(Part::Trash).take_away(&place(id)?) {
            Err(e) if e.as_code() == Code::NotFound => return Ok(()),
            gone => gone?,
        };
        drop(moving); // a large tree takes its time
        gone.delete()
    }
}

/// Its place in the trash folder.
pub(super) fn place(id: i64) -> Result<JailPath> {
    JailPath::root().join(&id.to_string())
}

/// Puts right what a crash left: rows whose thing never came or is back, things that no row names.
pub(super) fn tidy(desk: &Desk) -> Result<()> {
    let resting = desk.home.resting();
    let there = desk.home.part(Part::Trash);
    let mut before = 0;
    let mut known = std::collections::HashSet::new();
    loop {
        let some = desk.trashed(before, 1000)?;
        let Some(last) = some.last() else { break };
        before = last.id;
        let mut lost = Vec::new();
        for one in &some {
            match there.metadata(&place(one.id)?, Links::Refuse) {
                Err(e) if e.as_code() == Code::NotFound => lost.push(one.id),
                _ => {
                    known.insert(one.id.to_string());
                }
            }
        }
        if !lost.is_empty() {
            desk.after(move |tx, scope| rows::forget_trashed(tx, scope, &lost))?;
        }
    }
    let mut gone = Vec::new();
    for entry in there.list(&JailPath::root(), &Default::default())?.entries {
        if !known.contains(&entry.name) {
            gone.push(there.take_away(&JailPath::root().join(&entry.name)?)?);
        }
    }
    drop(resting);
    gone.into_iter().try_for_each(|one| one.delete())
}
