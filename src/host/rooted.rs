//! Folders that no link leads out of (security rule E1): every open starts at an opened folder, the kernel
//! refuses links and `..`, and what was opened is looked at after opening, never before.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::Path;

use freehold_base::{Code, Error, OrInternal as _, Result};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::beneath::{Beneath, Links};

/// An opened folder. Names given to it are relative, with `/` between their steps.
#[derive(Debug)]
pub struct Rooted {
    dir: Beneath,
}

impl Rooted {
    /// Opens a folder of our own (its own path may contain links; nothing below it may).
    ///
    /// # Errors
    /// `Internal` where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { dir: Beneath::open_folder(path)? })
    }

    /// A regular file for reading; `None` where there is none: missing, a folder, a device, a link, or a name that
    /// would lead out.
    ///
    /// # Errors
    /// `Internal` on faults of the disk or missing rights.
    pub fn file(&self, name: &str) -> Result<Option<File>> {
        if !is_plain(name) {
            return Ok(None);
        }
        // NONBLOCK: opening a planted FIFO must not wait for a writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let fd = match self.dir.open(name.as_bytes(), flags, Links::Refuse) {
            Ok(fd) => fd,
            Err(Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::XDEV | Errno::NAMETOOLONG | Errno::NXIO) => {
                return Ok(None);
            }
            Err(e) => return Err(Error::internal("opening a file", e)),
        };
        let stat = rustix::fs::fstat(&fd).or_internal("looking at a file")?;
        Ok((FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| File::from(fd)))
    }

    /// A regular file's bytes; `None` as with [`Rooted::file`].
    ///
    /// # Errors
    /// `TooLarge` past `max_bytes`; `Internal` on faults of the disk.
    pub fn read(&self, name: &str, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.file(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).or_internal("reading a file")?;
        if bytes.len() as u64 > max_bytes {
            return Err(Error::refused(Code::TooLarge, format!("{max_bytes} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Names that stand in this folder, whatever they are.
    ///
    /// # Errors
    /// `Internal` on faults of the disk.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(self.dir.fd()).or_internal("reading a folder")? {
            let entry = entry.or_internal("reading a folder")?;
            if let Ok(name) = entry.file_name().to_str() {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Everything below a folder, in the order of names and never through a link. `keep` says of each name whether
    /// it is wanted; a folder that is not is not opened. `None` where there is no such folder, or a link on its way.
    ///
    /// # Errors
    /// `TooLarge` past `most` names; `Malformed` for a name that is not UTF-8; `Internal` on faults of the disk.
    pub fn list(&self, folder: &str, most: usize, keep: &dyn Fn(&str) -> bool) -> Result<Option<Vec<Found>>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        if !folder.is_empty() && !is_plain(folder) {
            return Ok(None);
        }
        let dir = match self.dir.open(folder.as_bytes(), flags, Links::Refuse) {
            Ok(dir) => dir,
            Err(Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::XDEV | Errno::NAMETOOLONG) => return Ok(None),
            Err(e) => return Err(Error::internal("opening a folder", e)),
        };
        let mut found = Vec::new();
        list_into(&dir, "", most, keep, &mut found)?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Some(found))
    }
}

/// What stands below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Name below the folder, with `/` between its steps.
    pub name: String,
    /// What it is; links are not followed.
    pub kind: FoundKind,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a pipe.
    Other,
}

/// Levels of folders that are looked into.
const LEVELS: usize = 12;

fn list_into(
    dir: &OwnedFd,
    above: &str,
    most: usize,
    keep: &dyn Fn(&str) -> bool,
    found: &mut Vec<Found>,
) -> Result<()> {
    for entry in Dir::read_from(dir).or_internal("reading a folder")? {
        let entry = entry.or_internal("reading a folder")?;
        let Ok(step) = entry.file_name().to_str() else {
            return Err(Error::refused(Code::Malformed, "a name that is not UTF-8"));
        };
        if step == "." || step == ".." || !keep(step) {
            continue;
        }
        let name = if above.is_empty() { step.to_owned() } else { format!("{above}/{step}") };
        let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let kind = match rustix::fs::statat(dir, step, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
            Err(Errno::NOENT) => continue, // gone since
            Err(e) => return Err(Error::internal("looking at a file", e)),
        };
        let below =
            if kind == FileType::Directory { rustix::fs::openat(dir, step, folder, Mode::empty()).ok() } else { None };
        let kind = match (kind, &below) {
            (FileType::RegularFile, _) => FoundKind::File,
            (FileType::Directory, Some(_)) => FoundKind::Folder,
            _ => FoundKind::Other,
        };
        found.push(Found { name: name.clone(), kind });
        if found.len() > most {
            return Err(Error::refused(Code::TooLarge, format!("{most} files")));
        }
        if let Some(below) = below.filter(|_| name.matches('/').count() + 1 < LEVELS) {
            list_into(&below, &name, most, keep, found)?;
        }
    }
    Ok(())
}

/// Relative, no empty or dotted steps, no NUL.
fn is_plain(name: &str) -> bool {
    !name.contains('\0') && name.split('/').all(|step| !step.is_empty() && step != "." && step != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::fs::write(at("sub/page.html"), "hello").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), at("link")).unwrap();
        std::os::unix::fs::symlink(outside.path(), at("linked-folder")).unwrap();
        std::os::unix::fs::symlink(at("sub/page.html"), at("inner-link")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();

        let root = Rooted::open(dir.path()).unwrap();
        assert_eq!(root.read("sub/page.html", 5).unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(root.read("sub/page.html", 4).unwrap_err().as_code(), Code::TooLarge);
        let walked = Rooted { dir: Beneath::open_folder(dir.path()).unwrap().by_steps() };
        assert!(walked.file("sub/page.html").unwrap().is_some());
        assert!(walked.file("linked-folder/secret").unwrap().is_none() && walked.file("link").unwrap().is_none());
        let all = |folder: &str| root.list(folder, 100, &|step| step != "skipped").unwrap();
        std::fs::create_dir(at("sub/skipped")).unwrap();
        std::fs::write(at("sub/skipped/x"), "x").unwrap();
        let found = |name: &str, kind| Found { name: name.into(), kind };
        let expected = [
            found("inner-link", FoundKind::Other),
            found("link", FoundKind::Other),
            found("linked-folder", FoundKind::Other),
            found("pipe", FoundKind::Other),
            found("sub", FoundKind::Folder),
            found("sub/page.html", FoundKind::File),
        ];
        assert_eq!(all("").unwrap(), expected);
        assert_eq!(all("sub").unwrap(), [found("page.html", FoundKind::File)]);
        for none in ["linked-folder", "missing", "..", "sub/..", "/", "link", "sub/page.html"] {
            assert_eq!(all(none), None, "{none}");
        }
        assert_eq!(root.list("", 3, &|_| true).unwrap_err().as_code(), Code::TooLarge);
        for name in [
            "link",
            "linked-folder/secret",
            "inner-link",
            "sub",
            "pipe",
            "missing",
            "",
            "/etc/passwd",
            "../secret",
            "sub/../sub/page.html",
            "./sub/page.html",
            "sub//page.html",
            "sub/page.html/",
            "sub/page.html\0.txt",
        ] {
            assert!(root.file(name).unwrap().is_none(), "{name:?} was opened");
        }
    }
}
