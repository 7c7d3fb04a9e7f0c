//! Opening files: for reading, and for writing in place at any offset.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU64, Ordering};

use freehold_base::{Code, Error, JailPath, Result, Timestamp, steps};
use rustix::fs::{FileType, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;

use super::metadata::{look, missing, refusal};
use super::{AccountDir, Kind, Metadata};
use crate::beneath::Links;
use crate::files::io;

/// Bytes written between two looks at the free space of the disk.
const LOOK: u64 = 16 << 20;

/// A regular file, opened for reading.
#[derive(Debug)]
pub struct OpenedFile {
    /// The file, at its beginning.
    pub file: File,
    /// What was opened, looked at after opening.
    pub metadata: Metadata,
}

/// What happens where a file is missing or there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// It must be there.
    Never,
    /// It is made where it is missing.
    IfMissing,
    /// It must be missing.
    New,
}

/// How a file is opened for writing.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions {
    /// What happens where it is missing or there.
    pub create: Create,
    /// Whether it begins empty.
    pub truncate: bool,
    /// Permissions of a new file.
    pub mode: u16,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { create: Create::Never, truncate: false, mode: 0o644 }
    }
}

/// A regular file, opened for writing in place. What is written stays when it is dropped: for clients that write at
/// offsets (SFTP) and for uploads that go on later. A new file that shall appear whole is an [`AccountDir::create`].
#[derive(Debug)]
pub struct WriteFile {
    dir: AccountDir,
    file: File,
    path: JailPath,
    since_look: AtomicU64,
}

impl AccountDir {
    /// What a path stands for; a link is shown as a link unless it shall be followed.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn metadata(&self, path: &JailPath, links: Links) -> Result<Metadata> {
        let mut flags = OFlags::PATH;
        if links == Links::Refuse {
            flags |= OFlags::NOFOLLOW;
        }
        let opened = self.root()?.open(path.as_bytes(), flags, links);
        let fd = opened.map_err(|e| refusal("looking at a file", path, e))?;
        Ok(Metadata::of(&look(&fd, path)?))
    }

    /// Opens a regular file for reading: one open and one look.
    ///
    /// # Errors
    /// `NotFound` where there is none: missing, a pipe or a device, a link that is not followed or leads out.
    /// `WrongState` for a folder, and where its permissions forbid it.
    pub fn open_read(&self, path: &JailPath, links: Links) -> Result<OpenedFile> {
        // NONBLOCK: opening a planted pipe must not wait for a writer.
        let mut flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        if links == Links::Refuse {
            flags |= OFlags::NOFOLLOW;
        }
        let opened = self.root()?.open(path.as_bytes(), flags, links);
        let fd = opened.map_err(|e| refusal("opening a file", path, e))?;
        let stat = self.check_regular(&fd, path)?;
        Ok(OpenedFile { file: File::from(fd), metadata: Metadata::of(&stat) })
    }

    /// Opens a regular file for reading and writing in place; never through a link.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `WrongState`, `QuotaExceeded`, `DiskFull`.
    pub fn open_write(&self, path: &JailPath, options: WriteOptions) -> Result<WriteFile> {
        let fd = match options.create {
            Create::Never => self.open_existing(path)?,
            Create::New => self.make_file(path, options.mode)?,
            Create::IfMissing => match self.open_existing(path) {
                Err(e) if e.as_code() == Code::NotFound => match self.make_file(path, options.mode) {
                    // A link or a pipe stands there, or a neighbour was faster.
                    Err(e) if e.as_code() == Code::AlreadyExists => self.open_existing(path)?,
                    other => other?,
                },
                other => other?,
            },
        };
        let file = WriteFile { dir: self.clone(), file: File::from(fd), path: path.clone(), since_look: LOOK.into() };
        if options.truncate {
            file.set_len(0)?;
        }
        Ok(file)
    }

    fn open_existing(&self, path: &JailPath) -> Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let opened = self.root()?.open(path.as_bytes(), flags, Links::Refuse);
        let fd = opened.map_err(|e| refusal("opening a file", path, e))?;
        self.check_regular(&fd, path)?;
        Ok(fd)
    }

    fn make_file(&self, path: &JailPath, mode: u16) -> Result<OwnedFd> {
        path.check_new()?;
        let (folder, name) = self.above(path)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = permissions(mode)?;
        let fd = self.place.taking(0, 1, || {
            rustix::fs::openat(&folder, OsStr::from_bytes(name), flags, mode)
                .map_err(|e| refusal("making a file", path, e))
        })?;
        // Whatever the mask of the process is: what the web server shall read, it may.
        rustix::fs::fchmod(&fd, mode).map_err(|e| refusal("making a file", path, e))?;
        steps::done("file");
        self.keep(&folder)?;
        Ok(fd)
    }

    /// After opening: a regular file, and no second name of somebody else's file (security rule E2).
    pub(super) fn check_regular(&self, fd: &OwnedFd, path: &JailPath) -> Result<Stat> {
        let stat = look(fd, path)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile if stat.st_nlink > 1 && stat.st_uid != self.place.owner => Err(missing()),
            FileType::RegularFile => Ok(stat),
            FileType::Directory => Err(refusal("opening a file", path, Errno::ISDIR)),
            _ => Err(missing()),
        }
    }

    /// Sets the permissions of a file or folder, on what was opened.
    ///
    /// # Errors
    /// `Invalid("mode")` for more than the nine bits; `NotFound` for links and all that is no file or folder;
    /// `WrongState` for the top.
    pub fn set_mode(&self, path: &JailPath, mode: u16) -> Result<()> {
        let mode = permissions(mode)?;
        if path.is_root() {
            return Err(super::top());
        }
        let fd = self.open_for_change(path)?;
        match rustix::fs::fchmod(&fd, mode) {
            // Opened by its name only, because it may not be read: its own entry in /proc reaches the same file.
            Err(Errno::BADF) => {
                use std::os::fd::AsRawFd as _;
                let own = format!("/proc/self/fd/{}", fd.as_raw_fd());
                rustix::fs::chmod(own, mode).map_err(|e| refusal("setting permissions", path, e))
            }
            other => other.map_err(|e| refusal("setting permissions", path, e)),
        }
    }

    /// Sets when a file or folder was last written.
    ///
    /// # Errors
    /// `NotFound` for links and all that is no file or folder.
    pub fn set_times(&self, path: &JailPath, modified: Timestamp) -> Result<()> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let opened = self.root()?.open(path.as_bytes(), flags, Links::Refuse);
        let fd = opened.map_err(|e| refusal("setting a time", path, e))?;
        if !matches!(Metadata::of(&look(&fd, path)?).kind, Kind::File | Kind::Folder) {
            return Err(missing());
        }
        rustix::fs::futimens(&fd, &times(modified)).map_err(|e| refusal("setting a time", path, e))
    }

    /// A file or folder for changing what is known of it.
    fn open_for_change(&self, path: &JailPath) -> Result<OwnedFd> {
        let root = self.root()?;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let fd = match root.open(path.as_bytes(), OFlags::RDONLY | flags, Links::Refuse) {
            Err(Errno::ACCESS) => root.open(path.as_bytes(), OFlags::PATH | OFlags::NOFOLLOW, Links::Refuse),
            other => other,
        };
        let fd = fd.map_err(|e| refusal("opening a file", path, e))?;
        let stat = look(&fd, path)?;
        match Metadata::of(&stat).kind {
            Kind::Folder => Ok(fd),
            Kind::File => self.check_regular(&fd, path).map(|_| fd),
            Kind::Link | Kind::Other => Err(missing()),
        }
    }
}

impl WriteFile {
    /// Writes all bytes at an offset. What it grows by is counted; where it fails, only what came to be stays counted.
    ///
    /// # Errors
    /// `QuotaExceeded` (nothing was written), `DiskFull`, `NotFound` where it was deleted meanwhile.
    pub fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.look_at_disk(bytes.len() as u64)?;
        let end = offset.checked_add(bytes.len() as u64).ok_or_else(|| Error::code(Code::DiskFull))?;
        self.resizing(
            |_| Ok(end),
            false,
            |_| self.file.write_all_at(bytes, offset).map_err(|e| io("writing a file", e)),
        )
    }

    /// Writes all bytes at the end; where they begin.
    ///
    /// # Errors
    /// As [`WriteFile::write_at`].
    pub fn append(&self, bytes: &[u8]) -> Result<u64> {
        self.look_at_disk(bytes.len() as u64)?;
        let more = bytes.len() as u64;
        let end = |before: u64| before.checked_add(more).ok_or_else(|| Error::code(Code::DiskFull));
        self.resizing(end, false, |at| {
            self.file.write_all_at(bytes, at).map(|()| at).map_err(|e| io("writing a file", e))
        })
    }

    /// Makes it this long: cut off, or grown by zeros.
    ///
    /// # Errors
    /// As [`WriteFile::write_at`].
    pub fn set_len(&self, bytes: u64) -> Result<()> {
        self.resizing(
            |_| Ok(bytes),
            true,
            |_| {
                rustix::fs::ftruncate(&self.file, bytes).map_err(|e| refusal("changing a file's length", &self.path, e))
            },
        )
    }

    /// Reads at an offset; how many bytes, 0 at the end.
    ///
    /// # Errors
    /// `Internal`.
    pub fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<usize> {
        self.file.read_at(bytes, offset).map_err(|e| io("reading a file", e))
    }

    /// What it is now.
    ///
    /// # Errors
    /// `Internal`.
    pub fn metadata(&self) -> Result<Metadata> {
        Ok(Metadata::of(&look(&self.file, &self.path)?))
    }

    /// Sets when it was last written.
    ///
    /// # Errors
    /// `Internal`.
    pub fn set_times(&self, modified: Timestamp) -> Result<()> {
        rustix::fs::futimens(&self.file, &times(modified)).map_err(|e| refusal("setting a time", &self.path, e))
    }

    /// Sets its permissions.
    ///
    /// # Errors
    /// `Invalid("mode")`.
    pub fn set_mode(&self, mode: u16) -> Result<()> {
        rustix::fs::fchmod(&self.file, permissions(mode)?).map_err(|e| refusal("setting permissions", &self.path, e))
    }

    /// Everything written is on the disk when this returns.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|e| io("writing a file to disk", e))
    }

    /// Counts a change of length around it: `act` gets the length before. `exact`: it ends `end` bytes long; otherwise
    /// at least.
    fn resizing<T>(
        &self,
        end: impl FnOnce(u64) -> Result<u64>,
        exact: bool,
        act: impl FnOnce(u64) -> Result<T>,
    ) -> Result<T> {
        let place = &self.dir.place;
        let meter = place.acting()?;
        let stat = look(&self.file, &self.path)?;
        let _held = place.lock_length(stat.st_ino);
        let stat = look(&self.file, &self.path)?;
        if stat.st_nlink == 0 {
            return Err(missing());
        }
        let before = Metadata::of(&stat).bytes;
        let end = end(before)?;
        let grows = end.saturating_sub(before);
        meter.take(grows, 0)?;
        let done = act(before);
        let after = match &done {
            Ok(_) if exact => end,
            Ok(_) => before.max(end),
            Err(_) => look(&self.file, &self.path).map_or(before, |stat| Metadata::of(&stat).bytes),
        };
        meter.give_back((before + grows).saturating_sub(after), 0);
        steps::done("bytes");
        done
    }

    fn look_at_disk(&self, wanted: u64) -> Result<()> {
        if self.since_look.fetch_add(wanted, Ordering::Relaxed) + wanted >= LOOK {
            self.dir.place.check_disk(wanted)?;
            self.since_look.store(0, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The nine bits; none that change who a program runs as.
pub(super) fn permissions(mode: u16) -> Result<Mode> {
    if mode > 0o777 {
        return Err(Error::invalid("mode", Code::NotAllowed, "three digits from 0 to 7, as 644"));
    }
    Ok(Mode::from_raw_mode(u32::from(mode)))
}

pub(super) fn times(modified: Timestamp) -> Timestamps {
    let at = Timespec { tv_sec: modified.0.div_euclid(1000), tv_nsec: modified.0.rem_euclid(1000) * 1_000_000 };
    Timestamps { last_access: at, last_modification: at }
}
