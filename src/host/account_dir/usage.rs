//! Counting what an account holds, by looking. What counts must not be hidden from it: folders that are shut are opened
//! for the look and shut again, and no tree is too deep, because only single names are opened, from the folder above.

use std::ffi::OsStr;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;

use freehold_base::{Code, Error, JailPath, Result};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::metadata::{look, refusal};
use super::read::names_in;
use super::{AccountDir, Kind, Metadata, Part, Place, stat_in};
use crate::beneath::{Beneath, FOLDER};

/// What its owner needs to look into a folder.
const OPEN: u16 = 0o500;

/// What an account holds on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Lengths of its files, each name counted.
    pub bytes: u64,
    /// Its files, folders, links and all else.
    pub files: u64,
}

impl AccountDir {
    /// What lies below one folder of this part.
    ///
    /// # Errors
    /// `NotFound`; `Busy` where it was moved meanwhile.
    pub fn usage_of(&self, path: &JailPath) -> Result<Usage> {
        let mut usage = Usage::default();
        let (top, shut) = match path.split() {
            None => enter(&self.folder(path)?, b".")?,
            Some((above, name)) => enter(&self.folder(&above)?, name)?,
        };
        usage.add(top, shut)?;
        Ok(usage)
    }

    /// What the whole account holds: home, trash, versions, and what is being written. The folders that every
    /// account has do not count. This is what its meter shows.
    ///
    /// # Errors
    /// `Internal`; `Busy` where a folder was moved meanwhile.
    pub fn usage(&self) -> Result<Usage> {
        self.place.count()
    }
}

impl Place {
    pub(super) fn count(&self) -> Result<Usage> {
        let mut all = Usage::default();
        for part in Part::ALL {
            let part: &Beneath = self.part(part)?;
            let (top, shut) = enter(part.fd(), b".")?;
            all.add(top, shut)?;
        }
        let run = self.part(Part::Run)?;
        let own = super::WORK.iter().filter(|name| super::read::look_in(run.fd(), name.as_bytes()).is_some()).count();
        all.files = all.files.saturating_sub(own as u64);
        Ok(all)
    }
}

/// A folder on the way down.
struct Level {
    /// Disk and number: the way up must lead back to it.
    id: (u64, u64),
    /// Folders in it that were not entered yet.
    left: Vec<Vec<u8>>,
    /// Its mode, where it is shut again when it is left.
    shut: Option<u16>,
}

impl Usage {
    /// Adds what is below an opened folder. One handle is open at a time, however deep it goes.
    fn add(&mut self, top: OwnedFd, shut: Option<u16>) -> Result<()> {
        let mut at = top;
        let mut way = vec![self.level(&at, shut)?];
        let done = self.descend(&mut at, &mut way);
        // Where it broke off, what is still open on the way up is shut as well.
        while way.len() > 1 && done.is_err() {
            if leave(&mut at, &mut way).is_err() {
                break;
            }
        }
        if let Some(top) = way.first() {
            shut_again(&at, top.shut);
        }
        done
    }

    fn descend(&mut self, at: &mut OwnedFd, way: &mut Vec<Level>) -> Result<()> {
        while let Some(level) = way.last_mut() {
            let Some(name) = level.left.pop() else {
                if way.len() == 1 {
                    return Ok(());
                }
                leave(at, way)?;
                continue;
            };
            let (folder, shut) = match enter(&*at, &name) {
                Err(e) if e.as_code() == Code::NotFound => continue, // it went meanwhile
                entered => entered?,
            };
            let level = self.level(&folder, shut).inspect_err(|_| shut_again(&folder, shut))?;
            *at = folder;
            way.push(level);
        }
        Ok(())
    }

    /// Counts the names of one folder.
    fn level(&mut self, folder: &OwnedFd, shut: Option<u16>) -> Result<Level> {
        let top = JailPath::root();
        let id = id(folder)?;
        let mut left = Vec::new();
        for name in names_in(folder, &top)? {
            let Some(stat) = stat_in(folder, &name.bytes, &top)? else { continue };
            let about = Metadata::of(&stat);
            self.bytes = self.bytes.saturating_add(about.bytes);
            self.files += 1;
            if about.kind == Kind::Folder {
                left.push(name.bytes);
            }
        }
        Ok(Level { id, left, shut })
    }
}

fn id(folder: &OwnedFd) -> Result<(u64, u64)> {
    let stat = look(folder, &JailPath::root())?;
    Ok((stat.st_dev, stat.st_ino))
}

/// Goes up one level.
fn leave(at: &mut OwnedFd, way: &mut Vec<Level>) -> Result<()> {
    let above = rustix::fs::openat(&*at, "..", FOLDER, Mode::empty());
    let Some(left) = way.pop() else { return Ok(()) };
    shut_again(at, left.shut);
    let above = above.map_err(|e| refusal("counting files", &JailPath::root(), e))?;
    let expected = way.last().map(|level| level.id);
    if Some(id(&above)?) != expected {
        way.clear(); // it was moved: what is above it now is none of this
        return Err(Error::code(Code::Busy));
    }
    *at = above;
    Ok(())
}

/// Opens a folder by its name in the one above, with its mode where it had to be opened up for that.
fn enter(above: impl std::os::fd::AsFd, name: &[u8]) -> Result<(OwnedFd, Option<u16>)> {
    let wrong = |e: Errno| refusal("counting files", &JailPath::root(), e);
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let found = rustix::fs::openat(above, OsStr::from_bytes(name), flags, Mode::empty()).map_err(wrong)?;
    let mode = Metadata::of(&look(&found, &JailPath::root())?).mode;
    let shut = (mode & OPEN != OPEN).then_some(mode);
    if let Some(mode) = shut {
        set_mode(&found, mode | OPEN).map_err(wrong)?;
    }
    let opened = rustix::fs::openat(&found, ".", FOLDER, Mode::empty()).map_err(wrong);
    opened.map(|folder| (folder, shut)).inspect_err(|_| shut_again(&found, shut))
}

fn shut_again(folder: &OwnedFd, shut: Option<u16>) {
    if let Some(mode) = shut
        && let Err(e) = set_mode(folder, mode)
    {
        tracing::debug!("shutting a folder again: {e}");
    }
}

/// By its own entry in /proc: that needs no right to read it.
fn set_mode(folder: &OwnedFd, mode: u16) -> rustix::io::Result<()> {
    rustix::fs::chmod(format!("/proc/self/fd/{}", folder.as_raw_fd()), Mode::from_raw_mode(u32::from(mode)))
}
