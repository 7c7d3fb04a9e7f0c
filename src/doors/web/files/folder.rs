//! The folder of a site, through the account's confined folder (security rule E1): no link is followed, and only
//! regular files and folders are opened. Everything here waits for the disk.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;

use freehold_base::{AccountId, Code, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{AccountDir, AccountDirs, Entry, Kind, Links, ListOptions, Metadata};
use unicode_normalization::UnicodeNormalization as _;

/// What tells one state of a file from another. The time of the last change of anything (`ctime`) is part of it:
/// nobody can set it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Number of its disk.
    pub disk: u64,
    /// Number of the file there.
    pub inode: u64,
    /// Length.
    pub bytes: u64,
    /// Nanoseconds of the last write since 1970.
    pub modified_ns: i64,
    /// Nanoseconds of the last change of anything.
    pub changed_ns: i64,
}

impl Stamp {
    /// Of an opened file.
    ///
    /// # Errors
    /// `Internal`.
    pub fn of(file: &File) -> Result<Self> {
        let about = file.metadata().or_internal("looking at a file")?;
        let ns = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Ok(Self {
            disk: about.dev(),
            inode: about.ino(),
            bytes: about.len(),
            modified_ns: ns(about.mtime(), about.mtime_nsec()),
            changed_ns: ns(about.ctime(), about.ctime_nsec()),
        })
    }

    /// Seconds of the last write since 1970.
    pub fn modified(&self) -> i64 {
        self.modified_ns.div_euclid(1_000_000_000)
    }
}

/// The bits by which everybody, and so the web server, may read a file, and go through a folder.
const READ: u16 = 0o004;
const ENTER: u16 = 0o001;

/// Whether its own permissions let the web server in: who closes a file to others means visitors too.
pub fn is_open(about: &Metadata) -> bool {
    about.mode & if about.kind == Kind::Folder { ENTER } else { READ } != 0
}

/// Whether a folder above it is closed.
fn is_closed_off(home: &AccountDir, place: &JailPath) -> Result<bool> {
    let mut above = place.parent();
    while let Some(folder) = above.filter(|folder| !folder.is_root()) {
        match home.metadata(&folder, Links::Refuse) {
            Ok(about) if is_open(&about) => {}
            Ok(_) => return Ok(true),
            Err(e) if e.as_code() == Code::NotFound => return Ok(true), // moved away meanwhile
            Err(e) => return Err(e),
        }
        above = folder.parent();
    }
    Ok(false)
}

/// What stands at an address.
#[derive(Debug)]
pub enum Opened {
    /// A regular file.
    File(File, Stamp),
    /// A folder.
    Folder,
}

/// The folder that a site is served from.
pub struct Root {
    dirs: AccountDirs,
    account: AccountId,
    folder: JailPath,
}

impl Root {
    /// This folder of this account's home; opened when a visitor comes, for as long as not too many others come.
    pub fn new(dirs: AccountDirs, account: AccountId, folder: JailPath) -> Self {
        Self { dirs, account, folder }
    }

    fn home(&self) -> Result<AccountDir> {
        self.dirs.open_kept(self.account)
    }

    /// Opens what stands at a canonical address; `None` where there is nothing that may be reached. Names that were
    /// written with their accents apart (as some systems do) are found too.
    ///
    /// # Errors
    /// `Busy` where too many files are open; `Internal`.
    pub fn open(&self, path: &str) -> Result<Option<Opened>> {
        let found = self.open_as(path)?;
        if found.is_some() || path.is_ascii() {
            return Ok(found);
        }
        self.open_as(&path.nfd().collect::<String>())
    }

    fn open_as(&self, path: &str) -> Result<Option<Opened>> {
        let Some(place) = self.place(path) else { return Ok(None) };
        let home = self.home()?;
        let opened = match home.open_read(&place, Links::Refuse) {
            Ok(opened) if !is_open(&opened.metadata) => None,
            Ok(opened) => {
                let stamp = Stamp::of(&opened.file)?;
                Some(Opened::File(opened.file, stamp))
            }
            Err(e) => match e.as_code() {
                Code::WrongState => {
                    let folder = home.metadata(&place, Links::Refuse);
                    // The home itself is closed to others on the machine, whatever is served from it.
                    let is_fit = |m: Metadata| m.kind == Kind::Folder && (place.is_root() || is_open(&m));
                    folder.is_ok_and(is_fit).then_some(Opened::Folder)
                }
                Code::NotFound | Code::TooLong | Code::Malformed => None,
                _ => return Err(e),
            },
        };
        match opened {
            Some(_) if is_closed_off(&home, &place)? => Ok(None),
            opened => Ok(opened),
        }
    }

    /// What is in a folder, folders first and by name: at most `most` names, and how many there are. `None` where its
    /// permissions keep others from reading it.
    ///
    /// # Errors
    /// `NotFound`, `Internal`.
    pub fn list(&self, path: &str, most: usize) -> Result<Option<(Vec<Entry>, usize)>> {
        let place = self.place(path).ok_or_else(|| freehold_base::Error::not_found("folder"))?;
        let home = self.home()?;
        if !place.is_root() && home.metadata(&place, Links::Refuse)?.mode & READ == 0 {
            return Ok(None);
        }
        let options = ListOptions { take: most, hidden: false, ..Default::default() };
        let list = home.list(&place, &options)?;
        Ok(Some((list.entries, list.total)))
    }

    fn place(&self, path: &str) -> Option<JailPath> {
        let below = JailPath::parse_absolute(path).ok()?;
        self.folder.join_path(&below).ok()
    }
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Root({} {:?})", self.account, self.folder)
    }
}
