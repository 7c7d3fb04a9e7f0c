//! Unpacking archives (security rule E3). Everything comes out in the folder of its job (see [`Work`]), counted against
//! the account's space while it comes.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;

use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{AccountDir, Create, Kind, Links, ListOptions, Replace, WriteOptions};
use freehold_host::archive::{self, Format, Head, Promise};

use super::Clash;
use super::work::Work;

/// What happens to files that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// The archive is refused before anything is moved.
    Refuse,
    /// They are replaced.
    Replace,
}

/// Where an archive is unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Into a new folder; one of that name gets a number.
    NewFolder(JailPath),
    /// Into a folder that is there, beside what is in it.
    Into(JailPath, Existing),
}

/// Bytes that are written at once.
const STEP: usize = 128 << 10;

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unpacked {
    pub(super) entries: u64,
    pub(super) bytes: u64,
    /// Where it lies; unknown where a job was done again after a crash.
    pub(super) path: Option<JailPath>,
}

impl Work {
    /// Unpacks an archive and puts it into its place.
    pub(super) fn unpack(
        &self,
        archive: &JailPath,
        target: &Target,
        see: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<Unpacked> {
        let (out, path) = self.through(|| self.come_out(archive, see), || self.place(target).map(Some))?;
        Ok(Unpacked { path, ..out.unwrap_or_default() })
    }

    fn come_out(&self, archive: &JailPath, see: &mut dyn FnMut(u64, u64) -> Result<()>) -> Result<Unpacked> {
        let opened = self.home.open_read(archive, Links::Refuse)?;
        let format = Format::of(archive).ok_or_else(|| archive::broken("it is not a zip, tar.gz, tar.zst or tar"))?;
        let run = self.run.unsynced();
        run.make_folders(&self.thing)?;
        let out = come_out(&run, &self.thing, &opened.file, format, see)?;
        run.sync()?;
        Ok(out)
    }

    fn place(&self, target: &Target) -> Result<JailPath> {
        match target {
            Target::NewFolder(wanted) => {
                let (path, ()) = Clash::KeepBoth.settle(&self.home, wanted, |path, replace| {
                    self.run.move_to(&self.thing, &self.home, path, replace)
                })?;
                Ok(path)
            }
            Target::Into(folder, existing) => {
                if *existing == Existing::Refuse {
                    self.check_free(&self.thing, folder)?;
                }
                self.merge(&self.thing, folder)?;
                Ok(folder.clone())
            }
        }
    }

    /// Refuses where a file would stand on something else.
    fn check_free(&self, from: &JailPath, to: &JailPath) -> Result<()> {
        for entry in self.run.list(from, &ListOptions::default())?.entries {
            let (from, to) = (from.join(&entry.name)?, to.join(&entry.name)?);
            match self.home.metadata(&to, Links::Refuse) {
                Err(e) if e.as_code() == Code::NotFound => {}
                Err(e) => return Err(e),
                Ok(there) if there.kind == Kind::Folder && entry.metadata.kind == Kind::Folder => {
                    self.check_free(&from, &to)?;
                }
                Ok(_) => return Err(Error::refused(Code::AlreadyExists, to.to_string())),
            }
        }
        Ok(())
    }

    /// Moves everything of one folder into another; what is there is replaced by files, entered by folders.
    fn merge(&self, from: &JailPath, to: &JailPath) -> Result<()> {
        for entry in self.run.list(from, &ListOptions::default())?.entries {
            let (from, to) = (from.join(&entry.name)?, to.join(&entry.name)?);
            let there = match self.home.metadata(&to, Links::Refuse) {
                Err(e) if e.as_code() == Code::NotFound => None,
                there => Some(there?.kind),
            };
            match (entry.metadata.kind, there) {
                (Kind::Folder, Some(Kind::Folder)) => self.merge(&from, &to)?,
                (Kind::Folder, Some(_)) => return Err(Error::refused(Code::AlreadyExists, to.to_string())),
                _ => self.run.move_to(&from, &self.home, &to, Replace::Yes)?,
            }
        }
        Ok(())
    }
}

fn come_out(
    run: &AccountDir,
    tree: &JailPath,
    archive: &File,
    format: Format,
    see: &mut dyn FnMut(u64, u64) -> Result<()>,
) -> Result<Unpacked> {
    let mut out = Unpacked::default();
    let mut folders = HashSet::new();
    let mut buffer = vec![0; STEP];
    let promised = std::cell::Cell::new(0);
    let mut entry = |head: &Head, bytes: &mut dyn Read| {
        out.entries += 1;
        let path = tree.join_path(&head.path)?;
        let folder = if head.is_folder { Some(path.clone()) } else { path.parent() };
        if let Some(folder) = folder.filter(|folder| !folders.contains(folder)) {
            make_folders(run, &folder, head)?;
            folders.insert(folder);
        }
        if !head.is_folder {
            let entries = out.entries - 1;
            out.bytes += write_file(run, &path, head, bytes, &mut buffer, &mut || see(entries, promised.get()))?;
        }
        see(out.entries, promised.get())
    };
    let mut begin = |promise: Promise| {
        promised.set(promise.entries);
        check_room(run, promise)
    };
    archive::read(format, archive, &mut begin, &mut entry)?;
    Ok(out)
}

/// What a zip promises is asked for at once; what really comes is counted all the same.
fn check_room(run: &AccountDir, promise: Promise) -> Result<()> {
    let room = run.room()?;
    let left = |most: Option<u64>, used: u64| most.map_or(u64::MAX, |most| most.saturating_sub(used));
    let fits = promise.bytes <= left(room.most_bytes, room.used_bytes)
        && promise.entries <= left(room.most_files, room.used_files);
    if fits {
        return Ok(());
    }
    let why = format!("the archive has {} files with {} bytes", promise.entries, promise.bytes);
    Err(Error::refused(Code::QuotaExceeded, why))
}

fn make_folders(run: &AccountDir, folder: &JailPath, head: &Head) -> Result<()> {
    run.make_folders(folder).map_err(|e| match e.as_code() {
        Code::AlreadyExists => twice(head),
        _ => e,
    })
}

fn write_file(
    run: &AccountDir,
    path: &JailPath,
    head: &Head,
    bytes: &mut dyn Read,
    buffer: &mut [u8],
    go_on: &mut dyn FnMut() -> Result<()>,
) -> Result<u64> {
    let options = WriteOptions { create: Create::New, truncate: false, mode: head.mode };
    let file = run.open_write(path, options).map_err(|e| match e.as_code() {
        Code::AlreadyExists => twice(head),
        _ => e,
    })?;
    let mut at = 0;
    loop {
        let count = fill(bytes, buffer)?;
        if count == 0 {
            break;
        }
        file.write_at(at, &buffer[..count])?;
        at += count as u64;
        go_on()?; // one entry may be many gigabytes
    }
    if let Some(modified) = head.modified {
        file.set_times(modified)?;
    }
    Ok(at)
}

/// Fills the buffer as far as it goes: one write for most files.
fn fill(bytes: &mut dyn Read, buffer: &mut [u8]) -> Result<usize> {
    let mut at = 0;
    while at < buffer.len() {
        match bytes.read(&mut buffer[at..]) {
            Ok(0) => break,
            Ok(count) => at += count,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(archive::unreadable(e)),
        }
    }
    Ok(at)
}

fn twice(head: &Head) -> Error {
    archive::broken(&format!("it has \u{201c}{}\u{201d} twice", head.path))
}
