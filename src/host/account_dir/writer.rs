//! New files that appear whole: written in `run/new`, put on the disk, moved to their place.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, PoisonError};

use freehold_base::secret::random_token;
use freehold_base::{Code, Error, JailPath, Result, Timestamp, steps};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::change::{Change, Replace};
use super::metadata::{look, refusal};
use super::meter::Acting;
use super::open::{permissions, times};
use super::{AccountDir, Metadata, Place};
use crate::files::io;

/// Bytes written between two looks at the free space of the disk.
const LOOK: u64 = 16 << 20;

/// A file that is being written; gone, and its room given back, when dropped before [`Writer::finish`].
#[derive(Debug)]
pub struct Writer {
    dir: AccountDir,
    path: JailPath,
    replace: Replace,
    mode: u16,
    modified: Option<Timestamp>,
    file: File,
    temp: String,
    written: u64,
    looked_at: Option<u64>,
    is_placed: bool,
}

impl AccountDir {
    /// Begins a file that appears under its name when it is finished. The folder must be there.
    ///
    /// # Errors
    /// `NotFound` (the folder), `AlreadyExists`, `WrongState` (a folder has that name), `QuotaExceeded`, `DiskFull`.
    pub fn create(&self, path: &JailPath, replace: Replace, mode: u16) -> Result<Writer> {
        permissions(mode)?;
        if self.check_target(path, replace)? {
            path.check_new()?;
        }
        self.create_any(path, replace, mode)
    }

    /// The same where the name was seen on the disk: it need not be a clean one.
    pub(super) fn create_any(&self, path: &JailPath, replace: Replace, mode: u16) -> Result<Writer> {
        let (file, temp) = self.place.taking(0, 1, || self.place.make_temp())?;
        Ok(Writer {
            dir: self.clone(),
            path: path.clone(),
            replace,
            mode,
            modified: None,
            file,
            temp,
            written: 0,
            looked_at: None,
            is_placed: false,
        })
    }

    /// Refuses early what the move at the end would refuse; whether the name is free.
    fn check_target(&self, path: &JailPath, replace: Replace) -> Result<bool> {
        let (folder, name) = self.above(path)?;
        match super::stat_in(&folder, name, path)?.map(|stat| Metadata::of(&stat).kind) {
            None => Ok(true),
            Some(_) if replace == Replace::All => Ok(false),
            Some(super::Kind::Folder) if replace != Replace::No => Err(refusal("making a file", path, Errno::ISDIR)),
            Some(_) if replace != Replace::No => Ok(false),
            Some(_) => Err(refusal("making a file", path, Errno::EXIST)),
        }
    }
}

impl Place {
    /// A file in `run/new` that no sweep takes while it is open: it is locked, and the lock goes with its process.
    pub(super) fn make_temp(&self) -> Result<(File, String)> {
        let fresh = self.fresh()?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let temp = temp_name()?;
            let _making = self.making.read().unwrap_or_else(PoisonError::into_inner);
            let fd = rustix::fs::openat(fresh, &*temp, flags, Mode::RUSR | Mode::WUSR)
                .map_err(|e| refusal("making a file", &JailPath::root(), e))?;
            // A sweep of another process may have seen it between both steps.
            let is_ours = rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive).is_ok();
            if is_ours && look(&fd, &JailPath::root())?.st_nlink > 0 {
                steps::done("file");
                return Ok((File::from(fd), temp));
            }
        }
    }
}

/// A name that nobody guesses.
pub(super) fn temp_name() -> Result<String> {
    Ok(random_token()?.chars().filter(char::is_ascii_alphanumeric).take(24).collect())
}

impl Writer {
    /// Adds bytes; counted before they are written.
    ///
    /// # Errors
    /// `QuotaExceeded`, `DiskFull`, `Internal`. After an error, drop it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let place = self.place();
        let meter = place.acting()?;
        self.take(&meter, bytes.len() as u64)?;
        self.file.write_all(bytes).map_err(|e| io("writing a file", e))?;
        steps::done("bytes");
        Ok(())
    }

    /// Bytes so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Where it goes.
    pub const fn path(&self) -> &JailPath {
        &self.path
    }

    /// When it shall seem to have been written last; now otherwise.
    pub fn set_modified(&mut self, modified: Timestamp) {
        self.modified = Some(modified);
    }

    /// Counts bytes that are written next.
    pub(super) fn take(&mut self, meter: &Acting<'_>, bytes: u64) -> Result<()> {
        if self.looked_at.is_none_or(|at| self.written - at >= LOOK) {
            self.dir.place.check_disk(bytes)?;
            self.looked_at = Some(self.written);
        }
        meter.take(bytes, 0)?;
        self.written += bytes;
        Ok(())
    }

    /// Gives back bytes that were counted and not written.
    pub(super) fn untake(&mut self, meter: &Acting<'_>, bytes: u64) {
        meter.give_back(bytes, 0);
        self.written -= bytes.min(self.written);
    }

    /// What a change is counted in that changes the writer, too.
    pub(super) fn place(&self) -> Arc<Place> {
        Arc::clone(&self.dir.place)
    }

    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in its place: after a crash there is the old file or the whole new one.
    ///
    /// # Errors
    /// `NotFound` (its folder went away), `AlreadyExists`, `WrongState`, `DiskFull`; then nothing is left of it.
    pub fn finish(mut self) -> Result<Metadata> {
        rustix::fs::fchmod(&self.file, permissions(self.mode)?)
            .map_err(|e| refusal("setting permissions", &self.path, e))?;
        if let Some(modified) = self.modified {
            rustix::fs::futimens(&self.file, &times(modified)).map_err(|e| refusal("setting a time", &self.path, e))?;
        }
        if self.dir.durable {
            self.file.sync_all().map_err(|e| io("writing a file to disk", e))?;
        }
        let (folder, name) = self.dir.above(&self.path)?;
        let change = Change {
            from: self.dir.place.fresh()?,
            from_name: self.temp.as_bytes(),
            to: &folder,
            to_name: name,
            path: &self.path,
        };
        self.dir.place.rename(&change, self.replace)?;
        self.is_placed = true;
        self.dir.keep(&folder)?;
        Ok(Metadata::of(&look(&self.file, &self.path)?))
    }
}

impl std::io::Write for Writer {
    /// Refusals travel inside the error; [`typed`] takes them out again.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Writer::write(self, bytes).map_err(std::io::Error::other)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Our own error out of one of `std::io`, with its code; a full disk has its own code too.
pub fn typed(doing: &'static str, e: std::io::Error) -> Error {
    if e.get_ref().is_some_and(|inner| inner.is::<Error>()) {
        let inner = e.into_inner().and_then(|inner| inner.downcast::<Error>().ok());
        return inner.map_or_else(|| Error::code(Code::Internal), |inner| *inner);
    }
    io(doing, e)
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.is_placed {
            return;
        }
        // Where it cannot be removed it still counts; the next sweep takes it and gives its room back.
        let Ok(fresh) = self.dir.place.fresh() else { return };
        let Ok(meter) = self.dir.place.acting() else { return };
        if remove_temp(fresh, &self.temp) {
            meter.give_back(self.written, 1);
        }
    }
}

fn remove_temp(fresh: &OwnedFd, temp: &str) -> bool {
    rustix::fs::unlinkat(fresh, OsStr::from_bytes(temp.as_bytes()), AtFlags::empty()).is_ok()
}
