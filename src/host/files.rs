//! Files that survive a power cut: temporary file, fsync, rename, fsync of the folder (security rule F2), and
//! the check that leaves room on the disk (F5).

use std::fs::{File, Permissions};
use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use freehold_base::{Code, Error, OrInternal as _, Result};

/// What stays free of a disk whatever is uploaded: deletes and the database need room too (security rule F5).
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    /// Share of the disk in percent, 0 to 50; 64 MiB stay free in any case.
    pub percent: u8,
}

/// The least that stays free.
const LEAST_BYTES: u64 = 64 << 20;

/// Replaces a file in one step: after a crash it has the old bytes or the new ones, never a part.
/// `mode` is the Unix mode (0o600 for secrets). The folder must exist.
///
/// # Errors
/// `DiskFull` (also on a read-only disk), `Internal`.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let folder = folder_of(path);
    let mut temp = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(|e| io("making a file", e))?;
    temp.write_all(bytes).map_err(|e| io("writing a file", e))?;
    temp.as_file().set_permissions(Permissions::from_mode(mode)).or_internal("setting a file's mode")?;
    temp.as_file().sync_all().map_err(|e| io("writing a file to disk", e))?;
    temp.persist(path).map_err(|e| io("putting a file in place", e.error))?;
    sync_folder(folder)
}

/// Makes a folder and those above it, so that they are there after a power cut.
///
/// # Errors
/// `DiskFull`, `Internal`.
pub fn make_folders(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    make_folders(above)?;
    match std::fs::create_dir(path) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(io("making a folder", e)),
        _ => {} // made by us or by a neighbour in the same moment
    }
    sync_folder(above)
}

/// The same for folders that only their owner may enter; those that are there keep their mode.
///
/// # Errors
/// `DiskFull`, `Internal`.
pub(crate) fn make_private_folders(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    make_private_folders(above)?;
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(io("making a folder", e)),
        _ => {}
    }
    sync_folder(above)
}

/// Writes a folder's list of names to disk.
///
/// # Errors
/// `DiskFull`, `Internal`.
pub fn sync_folder(path: &Path) -> Result<()> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| io("writing a folder to disk", e))
}

impl Reserve {
    /// Refuses new bytes where the disk of `folder` would have less than the reserve left.
    ///
    /// # Errors
    /// `DiskFull`; `Internal` where the disk cannot be asked.
    pub fn check_room(self, folder: &Path, wanted_bytes: u64) -> Result<()> {
        let disk = rustix::fs::statvfs(folder).or_internal("asking for free disk space")?;
        let total = disk.f_blocks.saturating_mul(disk.f_frsize);
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if self.leaves_room(total, free, wanted_bytes) { Ok(()) } else { Err(Error::code(Code::DiskFull)) }
    }

    fn leaves_room(self, total: u64, free: u64, wanted: u64) -> bool {
        let kept = (total / 100).saturating_mul(u64::from(self.percent));
        free.saturating_sub(wanted) >= kept.max(LEAST_BYTES)
    }
}

/// The folder a path stands in; `.` for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A disk without room is an ordinary day with its own code; all else is a fault.
pub(crate) fn io(doing: &'static str, e: std::io::Error) -> Error {
    match e.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => {
            Error::code(Code::DiskFull)
        }
        _ => Error::internal(doing, e),
    }
}

/// A file that somebody named, for reading: an export on the command line.
///
/// # Errors
/// As the system gives them.
pub fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// Writes a file that somebody named, from one that is open; how many bytes. One that is there is not replaced.
///
/// # Errors
/// As the system gives them.
pub fn copy_out(mut from: File, to: &Path) -> std::io::Result<u64> {
    std::io::copy(&mut from, &mut File::create_new(to)?)
}

/// Writes a file that somebody named; one that is there is not replaced.
///
/// # Errors
/// As the system gives them.
pub fn write_new(to: &Path, bytes: &[u8]) -> std::io::Result<()> {
    File::create_new(to)?.write_all(bytes)
}

/// Whether only its owner may use a file.
///
/// # Errors
/// As the system gives them.
pub fn is_private(path: &Path) -> std::io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 == 0)
}

/// Bytes of a file; 0 where it cannot be looked at.
pub fn length_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |about| about.len())
}

/// A file without a name in a folder (made where it is missing) that is gone when it is closed.
///
/// # Errors
/// `DiskFull` below the reserve, `Internal`.
pub fn scratch(folder: &Path, reserve: Reserve) -> Result<std::fs::File> {
    make_folders(folder)?;
    reserve.check_room(folder, 0)?;
    tempfile::tempfile_in(folder).map_err(|e| io("making room for a file", e))
}

/// Free bytes and all bytes of the disk that holds a folder.
///
/// # Errors
/// `Internal` where the disk cannot be asked.
pub fn disk_space(folder: &Path) -> Result<(u64, u64)> {
    let disk = rustix::fs::statvfs(folder).or_internal("asking for free disk space")?;
    Ok((disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

/// Addresses under which other machines may reach this one: the source of its way to the outside. Nothing is sent.
pub fn own_addresses() -> Vec<IpAddr> {
    // Addresses for documentation (RFC 5737, RFC 3849): the kernel only looks up its route.
    let ways = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];
    let source = |(from, to): (&str, &str)| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
    };
    ways.into_iter().filter_map(source).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_mode_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        make_folders(&dir.path().join("a/b")).unwrap();
        let path = dir.path().join("a/b/key");
        write_atomic(&path, b"old", 0o644).unwrap();
        write_atomic(&path, b"new", 0o600).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_keeps_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("taken")).unwrap();
        std::fs::write(dir.path().join("taken/file"), "kept").unwrap();
        assert!(write_atomic(&dir.path().join("taken"), b"x", 0o600).is_err());
        assert_eq!(std::fs::read(dir.path().join("taken/file")).unwrap(), b"kept");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(write_atomic(&dir.path().join("missing/file"), b"x", 0o600).is_err());
    }

    #[test]
    fn uploads_stop_at_the_reserve() {
        const GIB: u64 = 1 << 30;
        for (percent, total, free, wanted, fits) in [
            (5, 100 * GIB, 6 * GIB, 0, true),
            (5, 100 * GIB, 6 * GIB, 2 * GIB, false),
            (5, 100 * GIB, 4 * GIB, 0, false),
            (0, 100 * GIB, 4 * GIB, 0, true),
            (5, GIB, 65 << 20, 0, true),
            (0, GIB, 65 << 20, 2 << 20, false),
            (5, GIB, 10, u64::MAX, false),
        ] {
            let reserve = Reserve { percent };
            assert_eq!(reserve.leaves_room(total, free, wanted), fits, "{percent} {total} {free} {wanted}");
        }
        let full = std::io::Error::from(ErrorKind::StorageFull);
        assert_eq!(io("writing", full).as_code(), Code::DiskFull);
    }
}
