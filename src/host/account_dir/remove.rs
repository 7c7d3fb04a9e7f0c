//! Deleting. A tree leaves its place in one step and is taken apart under `run/new`; what a crash leaves of it is swept.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use freehold_base::{Code, Error, JailPath, Result, steps};
use rustix::fs::{AtFlags, CWD, Mode};
use rustix::io::Errno;

use super::change::{Change, Replace};
use super::metadata::{missing, refusal};
use super::read::{Name, look_in, names_in};
use super::writer::temp_name;
use super::{AccountDir, Kind, Metadata, Place, stat_in};
use crate::beneath::FOLDER;

impl AccountDir {
    /// Deletes a file, link or anything else that is no folder.
    ///
    /// # Errors
    /// `NotFound`, `WrongState` for a folder.
    pub fn remove_file(&self, path: &JailPath) -> Result<()> {
        let (folder, name) = self.above(path)?;
        self.place.unlink(&folder, name, path)?;
        self.keep(&folder)
    }

    /// Deletes an empty folder.
    ///
    /// # Errors
    /// `NotFound`, `WrongState` where it is not empty, or no folder.
    pub fn remove_empty_folder(&self, path: &JailPath) -> Result<()> {
        let (folder, name) = self.above(path)?;
        self.place.remove_folder(&folder, name).map_err(|e| match e {
            Errno::NOTDIR => Error::refused(Code::WrongState, "it is not a folder"),
            e => refusal("deleting a folder", path, e),
        })?;
        self.keep(&folder)
    }

    /// Deletes whatever has this name, a folder with everything below it. It is gone from its place at once.
    ///
    /// # Errors
    /// `NotFound`; `Internal` where a part could not be deleted (it is out of sight, and tried again later).
    pub fn remove_tree(&self, path: &JailPath) -> Result<()> {
        self.take_away(path)?.delete()
    }

    /// The first step of [`AccountDir::remove_tree`], quick however much there is: what has this name is out of sight.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn take_away(&self, path: &JailPath) -> Result<TakenAway> {
        let (folder, name) = self.above(path)?;
        let stat = stat_in(&folder, name, path)?.ok_or_else(missing)?;
        if Metadata::of(&stat).kind != Kind::Folder {
            self.remove_file(path)?;
            return Ok(TakenAway { from: self.clone(), name: None });
        }
        let fresh = self.place.fresh()?;
        let gone = temp_name()?;
        let change = Change { from: &folder, from_name: name, to: fresh, to_name: gone.as_bytes(), path };
        self.place.rename(&change, Replace::No)?;
        self.keep(&folder)?;
        Ok(TakenAway { from: self.clone(), name: Some(gone) })
    }
}

/// A tree that is out of sight and still counts. What is not deleted is swept later.
#[derive(Debug)]
#[must_use]
pub struct TakenAway {
    from: AccountDir,
    name: Option<String>,
}

impl TakenAway {
    /// Deletes it.
    ///
    /// # Errors
    /// `Internal` where a part could not be deleted.
    pub fn delete(self) -> Result<()> {
        match self.name {
            Some(name) => self.from.place.take_apart(self.from.place.fresh()?, name.as_bytes()),
            None => Ok(()),
        }
    }
}

impl Place {
    /// Removes a name that is no folder, and gives its room back.
    pub(super) fn unlink(&self, folder: &OwnedFd, name: &[u8], path: &JailPath) -> Result<()> {
        let meter = self.acting()?;
        let _held = self.lock_names();
        let stat = stat_in(folder, name, path)?.ok_or_else(missing)?;
        let _length = self.lock_length(stat.st_ino);
        let stat = stat_in(folder, name, path)?.ok_or_else(missing)?;
        rustix::fs::unlinkat(folder, OsStr::from_bytes(name), AtFlags::empty())
            .map_err(|e| refusal("deleting a file", path, e))?;
        meter.give_back(Metadata::of(&stat).bytes, 1);
        steps::done("delete");
        Ok(())
    }

    fn remove_folder(&self, folder: &OwnedFd, name: &[u8]) -> rustix::io::Result<()> {
        let meter = self.acting().map_err(|_| Errno::IO)?;
        let _held = self.lock_names();
        rustix::fs::unlinkat(folder, OsStr::from_bytes(name), AtFlags::REMOVEDIR)?;
        meter.give_back(0, 1);
        steps::done("delete");
        Ok(())
    }

    /// Deletes a folder of `run/new` with everything below it.
    pub(super) fn take_apart(&self, fresh: &OwnedFd, name: &[u8]) -> Result<()> {
        Removal { above: fresh, counted: Some(self) }.all(vec![name.to_vec()])
    }
}

/// Deletes a folder of ours with everything below it, counted by nobody. Well where it is not there.
pub(super) fn take_all_apart(folder: &Path) -> Result<()> {
    let internal = |e| Error::internal("deleting an account's files", e);
    let above = match rustix::fs::openat(CWD, folder, FOLDER, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        opened => opened.map_err(internal)?,
    };
    let removal = Removal { above: &above, counted: None };
    let mut waiting = Vec::new();
    for Name { bytes, kind } in names_in(&above, &JailPath::root())? {
        if kind.or_else(|| look_in(&above, &bytes).map(|m| m.kind)) == Some(Kind::Folder) {
            waiting.push(bytes);
        } else {
            removal.unlink(&above, &bytes)?;
        }
    }
    removal.all(waiting)?;
    rustix::fs::rmdir(folder).map_err(internal)
}

/// Trees of one folder that are deleted, perhaps by several at once: what is gone already is done. What is below them is brought up to that folder one by one, so that no depth
/// needs more than two handles.
struct Removal<'a> {
    above: &'a OwnedFd,
    /// Whose room is given back.
    counted: Option<&'a Place>,
}

impl Removal<'_> {
    fn all(&self, mut waiting: Vec<Vec<u8>>) -> Result<()> {
        let mut first_error = None;
        while let Some(name) = waiting.pop() {
            if let Err(e) = self.empty(&name, &mut waiting) {
                first_error.get_or_insert(e);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    fn unlink(&self, folder: &OwnedFd, name: &[u8]) -> Result<()> {
        let top = JailPath::root();
        let done = match self.counted {
            Some(place) => place.unlink(folder, name, &top),
            None => rustix::fs::unlinkat(folder, OsStr::from_bytes(name), AtFlags::empty())
                .map_err(|e| refusal("deleting a file", &top, e)),
        };
        done.or_else(|e| if e.as_code() == Code::NotFound { Ok(()) } else { Err(e) })
    }

    fn remove_folder(&self, folder: &OwnedFd, name: &[u8]) -> rustix::io::Result<()> {
        let done = match self.counted {
            Some(place) => place.remove_folder(folder, name),
            None => rustix::fs::unlinkat(folder, OsStr::from_bytes(name), AtFlags::REMOVEDIR),
        };
        done.or_else(|e| if e == Errno::NOENT { Ok(()) } else { Err(e) })
    }

    fn empty(&self, name: &[u8], waiting: &mut Vec<Vec<u8>>) -> Result<()> {
        let fresh = self.above;
        let top = JailPath::root();
        let internal = |e| Error::internal("deleting a folder", e);
        let folder = match rustix::fs::openat(fresh, OsStr::from_bytes(name), FOLDER, Mode::empty()) {
            Err(Errno::ACCESS) => {
                unlock_if_shut(fresh, name);
                rustix::fs::openat(fresh, OsStr::from_bytes(name), FOLDER, Mode::empty()).map_err(internal)?
            }
            Err(Errno::NOENT) => return Ok(()),
            other => other.map_err(internal)?,
        };
        // A folder that may not be written is written all the same: its owner deletes it.
        let _ = rustix::fs::fchmod(&folder, Mode::RWXU);
        for Name { bytes, kind } in names_in(&folder, &top)? {
            let kind = kind.or_else(|| look_in(&folder, &bytes).map(|m| m.kind));
            if kind != Some(Kind::Folder) {
                self.unlink(&folder, &bytes)?;
                continue;
            }
            match self.remove_folder(&folder, &bytes) {
                Ok(()) => continue,
                Err(Errno::NOTEMPTY | Errno::EXIST) => {}
                Err(e) => return Err(internal(e)),
            }
            let up = temp_name()?.into_bytes();
            unlock_if_shut(&folder, &bytes);
            match rustix::fs::renameat(&folder, OsStr::from_bytes(&bytes), fresh, OsStr::from_bytes(&up)) {
                Ok(()) => waiting.push(up),
                Err(Errno::NOENT) => {}
                Err(e) => return Err(internal(e)),
            }
        }
        drop(folder);
        self.remove_folder(fresh, name).map_err(internal)
    }
}

/// A folder whose owner was given all rights on it, and the mode that it had.
pub(super) struct Unlocked {
    folder: OwnedFd,
    mode: Mode,
}

impl Unlocked {
    /// Gives it its mode back.
    pub(super) fn lock_again(&self) {
        let _ = set_mode(&self.folder, self.mode);
    }
}

/// Moving a folder to another one writes its `..`: it must be writable for its owner. None where it was.
pub(super) fn unlock_if_shut(above: &OwnedFd, name: &[u8]) -> Option<Unlocked> {
    let mode = look_in(above, name).map(|m| m.mode).filter(|mode| mode & 0o700 != 0o700)?;
    // A handle that needs no right on the folder.
    let flags = rustix::fs::OFlags::PATH
        | rustix::fs::OFlags::NOFOLLOW
        | rustix::fs::OFlags::DIRECTORY
        | rustix::fs::OFlags::CLOEXEC;
    let folder = rustix::fs::openat(above, OsStr::from_bytes(name), flags, Mode::empty()).ok()?;
    set_mode(&folder, Mode::RWXU).ok()?;
    Some(Unlocked { folder, mode: Mode::from_raw_mode(u32::from(mode)) })
}

fn set_mode(folder: &OwnedFd, mode: Mode) -> rustix::io::Result<()> {
    use std::os::fd::AsRawFd as _;
    rustix::fs::chmod(format!("/proc/self/fd/{}", folder.as_raw_fd()), mode)
}
