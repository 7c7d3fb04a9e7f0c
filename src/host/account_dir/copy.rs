//! Copies. A tree is copied under `run/new` and moved to its place when it is whole.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::sync::PoisonError;

use freehold_base::{Code, Error, JailPath, Result, steps};
use rustix::fs::{FlockOperation, Mode};
use rustix::io::Errno;

use super::change::{Change, Replace, make_plain_folder};
use super::metadata::refusal;
use super::writer::temp_name;
use super::{AccountDir, Kind, Metadata, Next, OpenedFile, Part, Writer};
use crate::beneath::{FOLDER, Links};
use crate::files::io;

/// Bytes between two words of progress.
const STEP: u64 = 8 << 20;

/// A tree that is being made under `run/new`, out of sight; gone, with its room given back, when dropped before
/// [`Tree::place`]. No sweep takes it while it is held.
#[derive(Debug)]
pub struct Tree {
    /// Its folder's parent: paths begin with [`Tree::top`].
    run: AccountDir,
    name: String,
    _held: OwnedFd,
    is_placed: bool,
}

impl AccountDir {
    /// Begins a tree that appears under its name when it is whole. Changes in it are not put on the disk one by one.
    ///
    /// # Errors
    /// `QuotaExceeded`, `DiskFull`.
    pub fn begin_tree(&self) -> Result<Tree> {
        let fresh = self.place.fresh()?;
        let name = temp_name()?;
        let top = JailPath::root();
        let _making = self.place.making.read().unwrap_or_else(PoisonError::into_inner);
        self.place.taking(0, 1, || make_plain_folder(fresh, name.as_bytes(), 0o755, &top))?;
        steps::done("folder");
        let held = rustix::fs::openat(fresh, &*name, FOLDER, Mode::empty())
            .map_err(|e| refusal("opening a folder", &top, e))?;
        let _ = rustix::fs::flock(&held, FlockOperation::NonBlockingLockExclusive);
        Ok(Tree { run: self.part(Part::Run).unsynced(), name, _held: held, is_placed: false })
    }

    /// Copies a file or a tree to a name that is free.
    ///
    /// # Errors
    /// As [`AccountDir::copy_to`].
    pub fn copy_tree(&self, from: &JailPath, to: &JailPath, see: &mut dyn FnMut(u64) -> Result<()>) -> Result<()> {
        self.copy_to(from, (self, to), Replace::No, see)
    }

    /// Copies a file or a tree to a place of this account or another one; `see` hears of each step how many bytes came,
    /// and may end it with an error. Links and pipes are left out; a folder is not copied into itself. What stands there
    /// is replaced when the copy is whole: until then both count.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `WrongState`, `QuotaExceeded`, `DiskFull`; then nothing is left of the copy.
    pub fn copy_to(
        &self,
        from: &JailPath,
        (there, to): (&AccountDir, &JailPath),
        replace: Replace,
        see: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let is_here = self.is_same_account(there) && self.part == there.part;
        let about = self.metadata(from, Links::Refuse)?;
        match about.kind {
            Kind::File | Kind::Folder if is_here && to == from => Err(refusal("copying a file", to, Errno::EXIST)),
            Kind::File => {
                let source = self.open_read(from, Links::Refuse)?;
                let writer = there.create(to, replace, source.metadata.mode)?;
                copy_bytes(source, writer, see)
            }
            Kind::Folder if is_here && to.is_within(from) => {
                Err(Error::refused(Code::WrongState, "a folder cannot be copied into itself"))
            }
            Kind::Folder => self.copy_folder((from, about.mode), (there, to), replace, see),
            Kind::Link | Kind::Other => Err(Error::refused(Code::WrongState, "only files and folders are copied")),
        }
    }

    fn copy_folder(
        &self,
        (from, mode): (&JailPath, u16),
        (there, to): (&AccountDir, &JailPath),
        replace: Replace,
        see: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        to.check_new()?;
        if replace != Replace::All {
            there.check_free(to)?;
        }
        let tree = there.begin_tree()?;
        let (inside, top) = (tree.dir(), tree.top()?);
        let mut shut = None;
        let mut take = |path: &JailPath, about: &Metadata| {
            let below = path.strip(from).unwrap_or_default();
            let target = top.join_path(&below)?;
            match about.kind {
                Kind::Folder => inside.make_copied_folder(&target, about.mode | 0o700)?,
                Kind::File => {
                    let source = match self.open_read(path, Links::Refuse) {
                        Err(e) if e.as_code() == Code::NotFound => return Ok(Next::On), // it went meanwhile
                        source => source?,
                    };
                    copy_bytes(source, inside.create_copied(&target, about)?, see)?;
                }
                Kind::Link | Kind::Other => {}
            }
            Ok(Next::On)
        };
        self.walk_all(from, &mut take, &mut |path| shut = Some(path.clone()))?;
        // A part is no copy. What went meanwhile is not missed.
        if let Some(path) = shut.filter(|path| self.metadata(path, Links::Refuse).is_ok()) {
            return Err(Error::refused(Code::WrongState, format!("/{path} cannot be read")));
        }
        // Nobody looks into the copy who may not look into what was copied.
        inside.set_mode(&top, mode | 0o700)?;
        tree.place(there, to, replace)
    }

    /// Refuses a name that is taken.
    fn check_free(&self, path: &JailPath) -> Result<()> {
        let (folder, name) = self.above(path)?;
        match super::stat_in(&folder, name, path)? {
            Some(_) => Err(refusal("making a file", path, Errno::EXIST)),
            None => Ok(()),
        }
    }

    fn make_copied_folder(&self, path: &JailPath, mode: u16) -> Result<()> {
        let (folder, name) = self.above(path)?;
        self.place.taking(0, 1, || make_plain_folder(&folder, name, mode, path))?;
        steps::done("folder");
        Ok(())
    }

    /// Inside a tree of ours: names come from the disk and may be escaped ones.
    fn create_copied(&self, path: &JailPath, about: &Metadata) -> Result<Writer> {
        let mut writer = self.create_any(path, Replace::No, about.mode)?;
        writer.set_modified(about.modified);
        Ok(writer)
    }
}

impl Tree {
    /// The folder to work in; paths in it begin with [`Tree::top`].
    pub fn dir(&self) -> AccountDir {
        self.run.clone()
    }

    /// Where the tree begins.
    ///
    /// # Errors
    /// None in practice.
    pub fn top(&self) -> Result<JailPath> {
        JailPath::root().join("new")?.join(&self.name)
    }

    /// Puts it in its place, when everything in it is on the disk.
    ///
    /// # Errors
    /// `AlreadyExists`, `NotFound` (the folder it goes to), `DiskFull`; then nothing is left of it.
    pub fn place(mut self, there: &AccountDir, to: &JailPath, replace: Replace) -> Result<()> {
        to.check_new()?;
        if there.durable {
            self.run.sync()?;
        }
        let (folder, name) = there.above(to)?;
        let change = Change {
            from: there.place.fresh()?,
            from_name: self.name.as_bytes(),
            to: &folder,
            to_name: name,
            path: to,
        };
        there.place.rename(&change, replace)?;
        self.is_placed = true;
        there.keep(&folder)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if self.is_placed {
            return;
        }
        if let Ok(fresh) = self.run.place.fresh() {
            let _ = self.run.place.take_apart(fresh, self.name.as_bytes()); // a sweep tries again
        }
    }
}

/// Copies what the file held when it was opened.
fn copy_bytes(source: OpenedFile, mut writer: Writer, see: &mut dyn FnMut(u64) -> Result<()>) -> Result<()> {
    let mut left = source.metadata.bytes;
    while left > 0 {
        let copied = writer.copy_from(&source.file, left.min(STEP))?;
        if copied == 0 {
            break; // it was cut off meanwhile
        }
        left -= copied;
        see(copied)?;
    }
    writer.finish().map(drop)
}

impl Writer {
    /// Adds up to `most` of a file's next bytes, in the kernel where it can; how many, 0 at the end.
    ///
    /// # Errors
    /// As [`Writer::write`].
    fn copy_from(&mut self, source: &File, most: u64) -> Result<u64> {
        let place = self.place();
        let meter = place.acting()?;
        self.take(&meter, most)?;
        let copied = match rustix::fs::copy_file_range(source, None, self.file(), None, most as usize) {
            Ok(copied) => copied as u64,
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
                std::io::copy(&mut source.take(most), &mut self.file()).map_err(|e| io("copying a file", e))?
            }
            Err(e) => return Err(refusal("copying a file", &JailPath::root(), e)),
        };
        self.untake(&meter, most - copied.min(most));
        steps::done("bytes");
        Ok(copied)
    }
}
