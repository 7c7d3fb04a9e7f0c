//! What is known of a name: its kind, length, time and mode.

use std::os::fd::AsFd;

use freehold_base::{Code, Error, JailPath, Result, Timestamp};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A link. It is shown, and can be renamed and deleted; nothing is written through it.
    Link,
    /// A pipe, a socket, a device: never opened.
    Other,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: Kind,
    /// Length of a regular file; 0 for all else.
    pub bytes: u64,
    /// When it was last written.
    pub modified: Timestamp,
    /// The nine permission bits.
    pub mode: u16,
    /// Nanoseconds of `modified` since 1970: two saves within a millisecond differ here.
    pub modified_ns: i64,
    /// The number of the file on its disk.
    pub inode: u64,
}

impl Metadata {
    pub(super) fn of(stat: &Stat) -> Self {
        let kind = kind_of(FileType::from_raw_mode(stat.st_mode));
        let bytes = if kind == Kind::File { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 };
        #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)] // types differ by machine
        let nanos = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        #[allow(clippy::useless_conversion)]
        let seconds = i64::from(stat.st_mtime);
        Self {
            kind,
            bytes,
            modified: Timestamp(seconds.saturating_mul(1000).saturating_add(nanos / 1_000_000)),
            mode: (stat.st_mode & 0o777) as u16,
            modified_ns: seconds.saturating_mul(1_000_000_000).saturating_add(nanos),
            inode: stat.st_ino,
        }
    }

    /// A word that changes with every save, for `ETag` and `If-Match`; without quotes.
    pub fn etag(&self) -> String {
        format!("{:x}-{:x}-{:x}", self.inode, self.bytes, self.modified_ns)
    }
}

pub(super) fn kind_of(kind: FileType) -> Kind {
    match kind {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    }
}

/// Looks at an opened file or folder.
pub(super) fn look(fd: impl AsFd, path: &JailPath) -> Result<Stat> {
    rustix::fs::fstat(fd).map_err(|e| refusal("looking at a file", path, e))
}

/// The kernel's refusal in words a person can act on. What is missing, a link in the way and a way out look alike.
pub(super) fn refusal(doing: &'static str, path: &JailPath, e: Errno) -> Error {
    match e {
        Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::XDEV | Errno::NXIO | Errno::STALE => missing(),
        Errno::EXIST => Error::refused(Code::AlreadyExists, path.name()),
        Errno::NOTEMPTY => Error::refused(Code::WrongState, "the folder is not empty"),
        Errno::ISDIR => Error::refused(Code::WrongState, "it is a folder"),
        Errno::ACCESS => Error::refused(Code::WrongState, "its permissions do not allow it; change them first"),
        Errno::NAMETOOLONG => Error::invalid("path", Code::TooLong, "255"),
        Errno::TXTBSY | Errno::BUSY => Error::refused(Code::WrongState, "it is in use"),
        Errno::NOSPC | Errno::DQUOT | Errno::ROFS | Errno::FBIG => Error::code(Code::DiskFull),
        Errno::AGAIN | Errno::MFILE | Errno::NFILE => Error::code(Code::Busy),
        other => Error::internal(doing, other),
    }
}

/// There is nothing, or nothing that may be reached.
pub(super) fn missing() -> Error {
    Error::not_found("file or folder")
}
