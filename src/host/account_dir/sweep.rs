//! What a crash left in `run/new`: files nobody holds any more, trees that were half deleted or half copied.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::PoisonError;

use freehold_base::{JailPath, Result, steps};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};

use super::read::{look_in, names_in};
use super::{Kind, Place};

impl Place {
    /// Deletes what lies in `run/new` and is held by nobody; its room is given back.
    pub(super) fn sweep(&self, fresh: &OwnedFd) -> Result<()> {
        for name in names_in(fresh, &JailPath::root())? {
            match look_in(fresh, &name.bytes) {
                Some(about) if about.kind == Kind::Folder => {
                    if let Some(_held) = self.lock(fresh, &name.bytes, OFlags::DIRECTORY) {
                        // What cannot be deleted now waits for the next sweep.
                        let _ = self.take_apart(fresh, &name.bytes);
                    }
                }
                Some(about) => {
                    let meter = self.acting()?;
                    let held = self.lock(fresh, &name.bytes, OFlags::empty());
                    let name = OsStr::from_bytes(&name.bytes);
                    if held.is_some() && rustix::fs::unlinkat(fresh, name, AtFlags::empty()).is_ok() {
                        meter.give_back(about.bytes, 1);
                        steps::done("delete");
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Holds a name where nobody else does.
    fn lock(&self, fresh: &OwnedFd, name: &[u8], flags: OFlags) -> Option<OwnedFd> {
        let _nobody_makes = self.making.write().unwrap_or_else(PoisonError::into_inner);
        let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(fresh, OsStr::from_bytes(name), flags, Mode::empty()).ok()?;
        rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive).ok()?;
        Some(fd)
    }
}
