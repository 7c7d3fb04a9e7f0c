//! Folders and names: made, moved.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;

use freehold_base::{Code, Error, JailPath, Result, steps};
use rustix::fs::{Mode, RenameFlags, Stat};
use rustix::io::Errno;

use super::metadata::refusal;
use super::open::permissions;
use super::remove::unlock_if_shut;
use super::writer::temp_name;
use super::{AccountDir, Kind, Metadata, Place, stat_in};
use crate::beneath::FOLDER;

/// What happens where the name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// It is refused.
    No,
    /// A file is replaced in one step; a folder only where it is empty and a folder comes.
    Yes,
    /// Whatever stands there goes, a full folder with all below it: in one step, when what comes is whole.
    All,
    /// As with `Yes`, only while what stands there is still this (`None`: nothing); else it is a `VersionConflict`.
    Only(Option<Metadata>),
}

/// One rename between opened folders.
pub(super) struct Change<'a> {
    pub(super) from: &'a OwnedFd,
    pub(super) from_name: &'a [u8],
    pub(super) to: &'a OwnedFd,
    pub(super) to_name: &'a [u8],
    /// Where it goes, for messages.
    pub(super) path: &'a JailPath,
}

/// Makes a folder with just these permissions, whatever the mask of the process is.
pub(super) fn make_plain_folder(above: &OwnedFd, name: &[u8], mode: u16, path: &JailPath) -> Result<()> {
    let (name, mode) = (OsStr::from_bytes(name), permissions(mode)?);
    rustix::fs::mkdirat(above, name, mode).map_err(|e| refusal("making a folder", path, e))?;
    if let Ok(made) = rustix::fs::openat(above, name, FOLDER, Mode::empty()) {
        let _ = rustix::fs::fchmod(&made, mode); // somebody may have moved it meanwhile
    }
    Ok(())
}

impl AccountDir {
    /// Makes a folder; the one above must be there.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `QuotaExceeded`, `DiskFull`, `Invalid`.
    pub fn make_folder(&self, path: &JailPath) -> Result<()> {
        path.check_new()?;
        let (folder, name) = self.above(path)?;
        self.place.taking(0, 1, || make_plain_folder(&folder, name, 0o755, path))?;
        steps::done("folder");
        self.keep(&folder)
    }

    /// Makes a folder and those above it; fine where they are there.
    ///
    /// # Errors
    /// `AlreadyExists` where a file or a link has one of the names; `QuotaExceeded`, `DiskFull`, `Invalid`.
    pub fn make_folders(&self, path: &JailPath) -> Result<()> {
        let Some(parent) = path.parent() else { return Ok(()) };
        match self.make_folder(path) {
            Err(e) if e.as_code() == Code::NotFound => {
                self.make_folders(&parent)?;
                self.make_folders_again(path)
            }
            other => self.fine_if_folder(path, other),
        }
    }

    fn make_folders_again(&self, path: &JailPath) -> Result<()> {
        let made = self.make_folder(path);
        self.fine_if_folder(path, made)
    }

    fn fine_if_folder(&self, path: &JailPath, made: Result<()>) -> Result<()> {
        match made {
            Err(e) if e.as_code() == Code::AlreadyExists => self.folder(path).map(drop).map_err(|_| e),
            other => other,
        }
    }

    /// Moves a file, folder or link to another name or place of this folder.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `WrongState` (into itself, over a full folder or what it stands in), `Invalid`.
    pub fn rename(&self, from: &JailPath, to: &JailPath, replace: Replace) -> Result<()> {
        self.move_to(from, self, to, replace)
    }

    /// Moves a file, folder or link into another folder of the same account (the trash, or out of it).
    ///
    /// # Errors
    /// As [`AccountDir::rename`].
    pub fn move_to(&self, from: &JailPath, there: &AccountDir, to: &JailPath, replace: Replace) -> Result<()> {
        if !self.is_same_account(there) {
            return Err(Error::internal("moving a file", "both places belong to one account"));
        }
        let (from_folder, from_name) = self.above(from)?;
        let (to_folder, to_name) = there.above(to)?;
        if from_name != to_name {
            to.check_new()?;
        }
        if replace == Replace::All
            && self.part == there.part
            && from != to
            && (from.is_within(to) || to.is_within(from))
        {
            return Err(into_itself());
        }
        let change = Change { from: &from_folder, from_name, to: &to_folder, to_name, path: to };
        self.place.rename(&change, replace)?;
        there.keep(&to_folder)?;
        self.keep(&from_folder)
    }

    /// Gives a folder to another account, in one step: at every moment it lies with one of the two. What both hold is
    /// to be counted anew afterwards; whether there is room is asked before.
    ///
    /// # Errors
    /// `NotFound`; `AlreadyExists` where the place is taken; `Internal` where both are one account.
    pub fn give_to(&self, from: &JailPath, there: &AccountDir, to: &JailPath) -> Result<()> {
        if self.account() == there.account() {
            return Err(Error::internal("giving a folder away", "both places belong to one account"));
        }
        let (from_folder, from_name) = self.above(from)?;
        let (to_folder, to_name) = there.above(to)?;
        {
            let (_ours, _theirs) = (self.place.acting()?, there.place.acting()?);
            let _held = there.place.lock_names();
            let change = Change { from: &from_folder, from_name, to: &to_folder, to_name, path: to };
            if stat_in(change.to, change.to_name, change.path)?.is_some() {
                return Err(refusal("giving a folder away", to, Errno::EXIST));
            }
            rename_new(&change)?;
        }
        there.keep(&to_folder)?;
        self.keep(&from_folder)
    }
}

impl Place {
    /// Renames, and gives back the room of what was replaced.
    pub(super) fn rename(&self, change: &Change<'_>, replace: Replace) -> Result<()> {
        let meter = self.acting()?;
        // Opened before the lock: it may be swept, and that locks names.
        let fresh = if replace == Replace::All { Some(self.fresh()?) } else { None };
        let held = self.lock_names();
        let old = stat_in(change.to, change.to_name, change.path)?;
        if let Replace::Only(known) = replace
            && !is_same(old.as_ref().map(Metadata::of), known)
        {
            return Err(Error::code(Code::VersionConflict));
        }
        let Some(old) = old else { return rename_new(change).inspect(|()| steps::done("name")) };
        let source = stat_in(change.from, change.from_name, change.path)?.ok_or_else(super::metadata::missing)?;
        if (source.st_dev, source.st_ino) == (old.st_dev, old.st_ino) {
            return Ok(()); // the same file under the same name: the kernel would do nothing either
        }
        if replace == Replace::No {
            return Err(refusal("moving a file", change.path, Errno::EXIST));
        }
        if let Some(fresh) = fresh
            && [&source, &old].into_iter().any(is_folder)
        {
            let gone = swap(change, fresh)?;
            steps::done("name");
            drop(held); // a large tree takes its time
            // It is out of sight; what cannot be deleted now waits for the next sweep.
            let _ = self.throw_away(fresh, &gone, is_folder(&old));
            return Ok(());
        }
        let _length = self.lock_length(old.st_ino);
        let old = stat_in(change.to, change.to_name, change.path)?;
        rename_over(change)?;
        if let Some(old) = old {
            meter.give_back(Metadata::of(&old).bytes, 1);
        }
        steps::done("name");
        Ok(())
    }

    /// Deletes what was brought to `run/new`.
    fn throw_away(&self, fresh: &OwnedFd, name: &str, is_folder: bool) -> Result<()> {
        if is_folder {
            self.take_apart(fresh, name.as_bytes())
        } else {
            self.unlink(fresh, name.as_bytes(), &JailPath::root())
        }
    }
}

fn is_folder(stat: &Stat) -> bool {
    Metadata::of(stat).kind == Kind::Folder
}

/// Both names change their places, then what stood there goes out of sight; its name there. At every moment something
/// whole stands there. A machine that falls between both steps leaves the old thing where the new one came from.
fn swap(change: &Change<'_>, fresh: &OwnedFd) -> Result<String> {
    let gone = temp_name()?;
    let unlocked = unlock_if_shut(change.to, change.to_name);
    let swapped = swap_to(change, (fresh, OsStr::from_bytes(gone.as_bytes())));
    if let (Err(_), Some(unlocked)) = (&swapped, &unlocked) {
        unlocked.lock_again();
    }
    swapped.map(|()| gone)
}

fn swap_to(change: &Change<'_>, (fresh, aside): (&OwnedFd, &OsStr)) -> Result<()> {
    let (from, to) = (OsStr::from_bytes(change.from_name), OsStr::from_bytes(change.to_name));
    let exchange = || rustix::fs::renameat_with(change.from, from, change.to, to, RenameFlags::EXCHANGE);
    match exchange() {
        Ok(()) => rustix::fs::renameat(change.from, from, fresh, aside)
            .inspect_err(|_| {
                let _ = exchange();
            })
            .map_err(|e| moving(change, e)),
        // File systems without that flag: for a moment nothing stands there.
        Err(Errno::INVAL | Errno::NOSYS) => {
            rustix::fs::renameat(change.to, to, fresh, aside).map_err(|e| moving(change, e))?;
            rename_over(change).inspect_err(|_| {
                let _ = rustix::fs::renameat(fresh, aside, change.to, to);
            })
        }
        Err(e) => Err(moving(change, e)),
    }
}

fn rename_over(change: &Change<'_>) -> Result<()> {
    let (from, to) = (OsStr::from_bytes(change.from_name), OsStr::from_bytes(change.to_name));
    rustix::fs::renameat(change.from, from, change.to, to).map_err(|e| moving(change, e))
}

/// Whether nobody wrote since.
fn is_same(now: Option<Metadata>, known: Option<Metadata>) -> bool {
    match (now, known) {
        (Some(now), Some(known)) => now.kind == known.kind && now.etag() == known.etag(),
        (None, None) => true,
        _ => false,
    }
}

/// Never over anything: the kernel refuses it where a neighbour was faster.
fn rename_new(change: &Change<'_>) -> Result<()> {
    let (from, to) = (OsStr::from_bytes(change.from_name), OsStr::from_bytes(change.to_name));
    match rustix::fs::renameat_with(change.from, from, change.to, to, RenameFlags::NOREPLACE) {
        // File systems without that flag; the lock on names keeps our own writers apart.
        Err(Errno::INVAL | Errno::NOSYS) => rename_over(change),
        other => other.map_err(|e| moving(change, e)),
    }
}

fn moving(change: &Change<'_>, e: Errno) -> Error {
    match e {
        Errno::INVAL => into_itself(),
        e => refusal("moving a file", change.path, e),
    }
}

fn into_itself() -> Error {
    Error::refused(Code::WrongState, "a folder cannot be moved into itself")
}
