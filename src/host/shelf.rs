//! Packages that stand in a folder of ours, each a folder of files: put there and taken away as a whole. Whoever reads
//! the folder sees a package as it was or as it is, never a part of it, also after a crash.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use freehold_base::{Code, Error, OrInternal as _, Result};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::files::{Reserve, io, make_folders, sync_folder};

/// How packages are named that are still being written.
const NEW: &str = ".new-";

/// The folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shelf {
    root: PathBuf,
    reserve: Reserve,
}

impl Shelf {
    /// Packages of this folder; it is made when the first one comes.
    pub fn new(root: &Path, reserve: Reserve) -> Self {
        Self { root: root.to_owned(), reserve }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Packages of a folder below this one.
    pub fn below(&self, name: &str) -> Self {
        Self { root: self.root.join(name), reserve: self.reserve }
    }

    /// Puts a package in place of the one that has its name, if there is one. `files`: bytes by their place in it.
    ///
    /// # Errors
    /// `Malformed` for a name that could lead elsewhere; `DiskFull`, `Internal`.
    pub fn put(&self, name: &str, files: &BTreeMap<String, Arc<[u8]>>) -> Result<()> {
        if !is_plain(name) || name.contains('/') || !files.keys().all(|path| is_plain(path)) {
            return Err(Error::refused(Code::Malformed, "a name that leads elsewhere"));
        }
        make_folders(&self.root)?;
        let bytes = files.values().map(|bytes| bytes.len() as u64).sum();
        self.reserve.check_room(&self.root, bytes)?;
        // Dropped, it takes away what is in it: the new one that was not put, or the old one that was put away.
        let making = tempfile::Builder::new().prefix(NEW).tempdir_in(&self.root);
        let making = making.map_err(|e| io("making a package", e))?;
        fill(making.path(), files)?;
        exchange(making.path(), &self.root.join(name))?;
        sync_folder(&self.root)
    }

    /// Takes a package away; false where there is none.
    ///
    /// # Errors
    /// `Malformed`, `DiskFull`, `Internal`.
    pub fn remove(&self, name: &str) -> Result<bool> {
        if !is_plain(name) || name.contains('/') {
            return Err(Error::refused(Code::Malformed, "a name that leads elsewhere"));
        }
        let there = self.root.join(name);
        if there.symlink_metadata().is_err() {
            return Ok(false);
        }
        // In one step out of sight, then bit by bit.
        let away = tempfile::Builder::new().prefix(NEW).tempdir_in(&self.root);
        let away = away.map_err(|e| io("taking a package away", e))?;
        match fs::rename(&there, away.path().join(name)) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
            done => done.map_err(|e| io("taking a package away", e))?,
        }
        sync_folder(&self.root)?;
        Ok(true)
    }

    /// Takes away what an earlier run left half written; before anybody else puts something here.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn sweep(&self) -> Result<()> {
        let Ok(all) = fs::read_dir(&self.root) else { return Ok(()) };
        for one in all {
            let one = one.or_internal("reading a folder")?;
            let is_new = one.file_name().to_string_lossy().starts_with(NEW);
            if is_new && one.file_type().is_ok_and(|kind| kind.is_dir()) {
                fs::remove_dir_all(one.path()).map_err(|e| io("removing what was half written", e))?;
            }
        }
        Ok(())
    }
}

fn fill(folder: &Path, files: &BTreeMap<String, Arc<[u8]>>) -> Result<()> {
    let doing = "writing a package";
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for (path, bytes) in files {
        let to = folder.join(path);
        if let Some(above) = to.parent() {
            fs::create_dir_all(above).map_err(|e| io(doing, e))?;
            folders.extend(above.ancestors().take_while(|a| a.starts_with(folder)).map(Path::to_owned));
        }
        let mut file = File::create_new(&to).map_err(|e| io(doing, e))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| io(doing, e))?;
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755)).or_internal(doing)?;
    folders.iter().rev().try_for_each(|folder| sync_folder(folder))
}

/// Puts `new` where `old` is, and what was there where `new` was.
fn exchange(new: &Path, old: &Path) -> Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::NOENT) => fs::rename(new, old).map_err(|e| io("putting a package in place", e)),
        // A file system without it: for a moment there is none.
        Err(Errno::INVAL | Errno::NOSYS) => {
            let doing = "putting a package in place";
            let aside = new.with_extension("old");
            fs::rename(old, &aside).map_err(|e| io(doing, e))?;
            fs::rename(new, old).map_err(|e| io(doing, e))?;
            fs::rename(&aside, new).map_err(|e| io(doing, e))
        }
        Err(e) => Err(io("putting a package in place", e.into())),
    }
}

/// Relative, no empty or dotted steps, no NUL.
fn is_plain(name: &str) -> bool {
    !name.contains('\0') && name.split('/').all(|step| !step.is_empty() && step != "." && step != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> BTreeMap<String, Arc<[u8]>> {
        all.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect()
    }

    #[test]
    fn a_package_is_put_replaced_and_taken_away_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(&dir.path().join("themes"), Reserve { percent: 0 });
        assert!(!shelf.remove("meadow").unwrap(), "there is no folder yet");
        shelf.put("meadow", &files(&[("theme.toml", "one"), ("static/css/a.css", "x"), ("old.txt", "x")])).unwrap();
        shelf.put("meadow", &files(&[("theme.toml", "two"), ("static/css/a.css", "y")])).unwrap();
        let read = |path: &str| fs::read_to_string(shelf.root().join("meadow").join(path)).ok();
        assert_eq!((read("theme.toml").as_deref(), read("static/css/a.css").as_deref()), (Some("two"), Some("y")));
        assert_eq!(read("old.txt"), None);
        assert_eq!(fs::read_dir(shelf.root()).unwrap().count(), 1, "nothing is left beside it");
        assert!(shelf.remove("meadow").unwrap());
        assert_eq!(fs::read_dir(shelf.root()).unwrap().count(), 0);
    }

    #[test]
    fn no_name_leads_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path(), Reserve { percent: 0 });
        for (name, path) in [("../x", "a"), ("x/y", "a"), ("", "a"), ("x", "../a"), ("x", "/a"), ("x", "b/../../a")] {
            assert_eq!(
                shelf.put(name, &files(&[(path, "x")])).unwrap_err().as_code(),
                Code::Malformed,
                "{name} {path}"
            );
        }
        assert_eq!(shelf.remove("..").unwrap_err().as_code(), Code::Malformed);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_crash_left_is_swept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path(), Reserve { percent: 0 });
        shelf.put("meadow", &files(&[("theme.toml", "one")])).unwrap();
        fs::create_dir_all(dir.path().join(".new-abc/static")).unwrap();
        shelf.sweep().unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
