//! An opened folder whose opens stay below it (security rule E1): the kernel resolves every step, and links, `..`
//! and mounts by magic cannot lead out. Where the kernel has no `openat2`, the way is walked step by step without
//! following any link.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use freehold_base::{OrInternal as _, Result};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// What happens at a link on the way or at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// The open fails.
    Refuse,
    /// It is followed where it stays inside. Only for reading; without `openat2` no link is followed.
    Inside,
}

/// Tries where a rename raced with the look-up and the kernel asks to look again.
const TRIES: u32 = 64;
/// A folder on the way.
pub(crate) const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

/// The opened folder.
#[derive(Debug)]
pub(crate) struct Beneath {
    dir: OwnedFd,
    /// Walk even where the kernel could: for tests of that way.
    by_steps: bool,
}

impl Beneath {
    /// Opens a folder of ours (its own path may hold links; nothing below it may).
    ///
    /// # Errors
    /// `Internal` where it cannot be opened.
    pub(crate) fn open_folder(path: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::openat(CWD, path, flags, Mode::empty()).or_internal("opening a folder")?;
        Ok(Self { dir, by_steps: false })
    }

    /// The same folder, walked as on a kernel without `openat2`.
    #[cfg(test)]
    pub(crate) fn by_steps(self) -> Self {
        Self { by_steps: true, ..self }
    }

    /// The folder itself.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// Opens what is below. `path` has no empty step, no `.` and no `..`; the empty path is the folder itself.
    ///
    /// # Errors
    /// As the kernel gives them; a link in the way is `LOOP` or `XDEV`.
    pub(crate) fn open(&self, path: &[u8], flags: OFlags, links: Links) -> rustix::io::Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC;
        if !self.by_steps {
            match self.open_by_kernel(path, flags, links) {
                Err(Errno::NOSYS | Errno::PERM) => {} // kernels and jails without openat2
                other => return other,
            }
        }
        self.walk(path, flags | OFlags::NOFOLLOW)
    }

    fn open_by_kernel(&self, path: &[u8], flags: OFlags, links: Links) -> rustix::io::Result<OwnedFd> {
        let path = if path.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(path) };
        let mut resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        if links == Links::Refuse {
            resolve |= ResolveFlags::NO_SYMLINKS;
        }
        let mut tries = 0;
        loop {
            match rustix::fs::openat2(&self.dir, path, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) if tries < TRIES => tries += 1,
                other => return other,
            }
        }
    }

    fn walk(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let mut steps = path.split(|b| *b == b'/').filter(|step| !step.is_empty());
        let last = steps.next_back().unwrap_or(b".");
        let mut at: Option<OwnedFd> = None;
        for step in steps {
            let from = at.as_ref().map_or(self.fd(), |fd| fd.as_fd());
            at = Some(rustix::fs::openat(from, OsStr::from_bytes(step), FOLDER, Mode::empty())?);
        }
        let from = at.as_ref().map_or(self.fd(), |fd| fd.as_fd());
        rustix::fs::openat(from, OsStr::from_bytes(last), flags, Mode::empty())
    }
}
