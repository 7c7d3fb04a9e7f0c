//! Reading folders: one page of a list, everything below.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;

use freehold_base::{Code, JailPath, Result, jail_path};
use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::metadata::{kind_of, refusal};
use super::{AccountDir, Kind, Metadata};
use crate::beneath::{Beneath, FOLDER, Links};

/// One name of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in text, see [`freehold_base::jail_path`]; `folder.join(&name)` is its path.
    pub name: String,
    /// What is known of it.
    pub metadata: Metadata,
}

/// The order of a list. Folders stand before files in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name, capital and small letters alike, numbers by their size.
    #[default]
    Name,
    /// By length.
    Size,
    /// By the time of the last write.
    Modified,
    /// By what follows the last dot, then by name.
    Type,
}

/// Which part of a folder is wanted.
#[derive(Clone, Debug)]
pub struct ListOptions {
    /// Its order.
    pub sort: Sort,
    /// The other way round (folders stay first).
    pub descending: bool,
    /// How many are left out at the beginning.
    pub skip: usize,
    /// How many are wanted at most.
    pub take: usize,
    /// Only names that contain this, capital and small letters alike.
    pub containing: Option<String>,
    /// Whether names that begin with a dot are shown.
    pub hidden: bool,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self { sort: Sort::Name, descending: false, skip: 0, take: usize::MAX, containing: None, hidden: true }
    }
}

/// A page of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The page.
    pub entries: Vec<Entry>,
    /// How many names the whole list has.
    pub total: usize,
}

/// A folder that is read piece by piece, in no order: however large it is, little of it is held.
#[derive(Debug)]
pub struct OpenFolder {
    dir: Dir,
    path: JailPath,
}

impl OpenFolder {
    /// The next names, at most so many; none at the end.
    ///
    /// # Errors
    /// `Internal`.
    pub fn next(&mut self, most: usize) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        while entries.len() < most
            && let Some(entry) = self.dir.next()
        {
            let entry = match entry {
                Err(Errno::NOENT) => break, // the folder was deleted
                entry => entry.map_err(|e| refusal("reading a folder", &self.path, e))?,
            };
            let name = entry.file_name().to_bytes();
            let folder = self.dir.fd().map_err(|e| refusal("reading a folder", &self.path, e))?;
            if name != b"."
                && name != b".."
                && let Some(metadata) = look_in(folder, name)
            {
                entries.push(Entry { name: jail_path::escape(name), metadata });
            }
        }
        Ok(entries)
    }
}

/// What a walk does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Goes on, into a folder too.
    On,
    /// Goes on, but not into this folder.
    Skip,
    /// Ends.
    Stop,
}

/// A name as the folder gives it.
pub(super) struct Name {
    pub(super) bytes: Vec<u8>,
    pub(super) kind: Option<Kind>,
}

impl AccountDir {
    /// A page of a folder. By name only the names of the page are looked at, so that a folder of 100,000 is quick.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn list(&self, path: &JailPath, options: &ListOptions) -> Result<Listing> {
        let folder = self.folder(path)?;
        let mut names = names_in(&folder, path)?;
        let wanted = options.containing.as_deref().map(str::to_lowercase);
        names.retain(|name| {
            (options.hidden || name.bytes.first() != Some(&b'.'))
                && wanted.as_ref().is_none_or(|w| jail_path::escape(&name.bytes).to_lowercase().contains(w))
        });
        let total = names.len();
        let entries = match options.sort {
            Sort::Name | Sort::Type => page_by_name(&folder, names, options),
            Sort::Size | Sort::Modified => page_by_metadata(&folder, names, options),
        };
        Ok(Listing { entries, total })
    }

    /// A folder to be read piece by piece.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn read_folder(&self, path: &JailPath) -> Result<OpenFolder> {
        let dir = Dir::new(self.folder(path)?).map_err(|e| refusal("reading a folder", path, e))?;
        Ok(OpenFolder { dir, path: path.clone() })
    }

    /// Everything below a folder, a folder before what is in it, names in the order of their bytes; never through a
    /// link. Folders that may not be read, or were replaced while walking, are shown and not entered.
    ///
    /// # Errors
    /// `NotFound` (the folder itself); what `see` returns.
    pub fn walk(&self, path: &JailPath, see: &mut dyn FnMut(&JailPath, &Metadata) -> Result<Next>) -> Result<()> {
        self.walk_all(path, see, &mut |_| {})
    }

    /// The same; `shut` hears of each folder that was not entered, or not read to its end.
    ///
    /// # Errors
    /// As [`AccountDir::walk`].
    pub fn walk_all(
        &self,
        path: &JailPath,
        see: &mut dyn FnMut(&JailPath, &Metadata) -> Result<Next>,
        shut: &mut dyn FnMut(&JailPath),
    ) -> Result<()> {
        walk(self.root()?, path, see, shut)
    }
}

fn walk(
    root: &Beneath,
    path: &JailPath,
    see: &mut dyn FnMut(&JailPath, &Metadata) -> Result<Next>,
    shut: &mut dyn FnMut(&JailPath),
) -> Result<()> {
    let open = |path: &JailPath| {
        root.open(path.as_bytes(), FOLDER, Links::Refuse).map_err(|e| refusal("opening a folder", path, e))
    };
    let first = open(path)?;
    let mut waiting = vec![path.clone()];
    let mut opened = Some(first);
    // Folders are opened by their whole path, one at a time: a deep tree takes no more handles than a flat one.
    while let Some(at) = waiting.pop() {
        let folder = match opened.take() {
            Some(folder) => folder,
            None => match open(&at) {
                Ok(folder) => folder,
                Err(e) if matches!(e.as_code(), Code::NotFound | Code::WrongState | Code::TooLong) => {
                    shut(&at);
                    continue;
                }
                Err(e) => return Err(e),
            },
        };
        let mut names = names_in(&folder, &at)?;
        names.sort_unstable_by(|a, b| a.bytes.cmp(&b.bytes));
        let mut below = Vec::new();
        for name in &names {
            let Some(metadata) = look_in(&folder, &name.bytes) else { continue };
            let Ok(path) = at.join_disk(&name.bytes) else {
                shut(&at); // deeper than a path can say
                continue;
            };
            match see(&path, &metadata)? {
                Next::Stop => return Ok(()),
                Next::On if metadata.kind == Kind::Folder => below.push(path),
                Next::On | Next::Skip => {}
            }
        }
        waiting.extend(below.into_iter().rev());
    }
    Ok(())
}

/// All names of a folder, in no order.
pub(super) fn names_in(folder: impl AsFd, path: &JailPath) -> Result<Vec<Name>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder).map_err(|e| refusal("reading a folder", path, e))? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(Errno::NOENT) => break, // the folder was deleted
            Err(e) => return Err(refusal("reading a folder", path, e)),
        };
        let bytes = entry.file_name().to_bytes();
        if bytes != b"." && bytes != b".." {
            let kind = entry.file_type();
            let kind = (kind != FileType::Unknown).then(|| kind_of(kind));
            names.push(Name { bytes: bytes.to_vec(), kind });
        }
    }
    Ok(names)
}

/// What a name in a folder stands for; `None` where it is gone.
pub(super) fn look_in(folder: impl AsFd, name: &[u8]) -> Option<Metadata> {
    let stat = rustix::fs::statat(folder, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some(Metadata::of(&stat))
}

fn page_by_name(folder: &OwnedFd, names: Vec<Name>, options: &ListOptions) -> Vec<Entry> {
    let by_type = options.sort == Sort::Type;
    let mut rows: Vec<_> = names
        .into_iter()
        .map(|name| {
            let kind = name.kind.or_else(|| look_in(folder, &name.bytes).map(|m| m.kind));
            let text = jail_path::escape(&name.bytes);
            let kind_of = if by_type { extension(&text) } else { String::new() };
            (kind != Some(Kind::Folder), kind_of, order(&text), text, name.bytes)
        })
        .collect();
    rows.sort_unstable_by(|a, b| {
        let names = (&a.1, &a.2, &a.3).cmp(&(&b.1, &b.2, &b.3));
        a.0.cmp(&b.0).then(if options.descending { names.reverse() } else { names })
    });
    let page = rows.into_iter().skip(options.skip).take(options.take);
    page.filter_map(|(.., name, bytes)| Some(Entry { metadata: look_in(folder, &bytes)?, name })).collect()
}

fn page_by_metadata(folder: &OwnedFd, names: Vec<Name>, options: &ListOptions) -> Vec<Entry> {
    let mut rows: Vec<_> = names
        .into_iter()
        .filter_map(|name| {
            let metadata = look_in(folder, &name.bytes)?;
            let key = if options.sort == Sort::Size { metadata.bytes as i64 } else { metadata.modified_ns };
            Some((metadata.kind != Kind::Folder, key, name.bytes, metadata))
        })
        .collect();
    rows.sort_unstable_by(|a, b| {
        let keys = a.1.cmp(&b.1);
        let keys = if options.descending { keys.reverse() } else { keys };
        a.0.cmp(&b.0).then(keys).then_with(|| a.2.cmp(&b.2))
    });
    let page = rows.into_iter().skip(options.skip).take(options.take);
    page.map(|(.., bytes, metadata)| Entry { name: jail_path::escape(&bytes), metadata }).collect()
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or(String::new(), |(_, e)| e.to_lowercase())
}

/// The name in small letters, with each run of digits led by its length: `img9` stands before `img10`.
fn order(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 4);
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        if !c.is_ascii_digit() {
            key.extend(c.to_lowercase());
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest[..end].trim_start_matches('0');
        // One character that grows with the count of digits and stands where a digit would.
        key.push('0');
        key.push(char::from_u32(0x100 + digits.len() as u32).unwrap_or('0'));
        key.push_str(digits);
        rest = &rest[end..];
    }
    key
}
