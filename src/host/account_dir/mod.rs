//! The files of accounts (security rules E1, F2, F3). An [`AccountDir`] is an opened folder; every step from it goes
//! through the kernel's `openat2`, which lets no link lead out, and only regular files and folders are opened.
//! What was opened is looked at after opening, never before.
//!
//! * Reading may follow links that stay inside, where the caller wants it; writing follows none.
//! * A new file is written under a name in `run/` and moved to its place when it is whole: a folder that is served
//!   never shows a part of a file, and what a crash leaves is swept when the account is opened next.
//! * Every byte and every name is counted by the account's [`Meter`] before it exists and given back when it is gone;
//!   whoever writes (panel, WebDAV, SFTP, FTP, jobs) shares it, because it comes with the opened folder.
//! * Everything here waits for the disk: call it from a thread that may wait.
//!
//! There is no function that makes a link. Names that are not clean are shown escaped, see [`freehold_base::jail_path`].

mod change;
mod copy;
mod metadata;
mod meter;
mod open;
mod read;
mod remove;
mod sweep;
mod usage;
mod writer;

use std::collections::{HashMap, HashSet, VecDeque};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use freehold_base::{AccountId, Code, Error, JailPath, OrInternal as _, Result, steps};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat};

pub use self::change::Replace;
pub use self::copy::Tree;
pub use self::metadata::{Kind, Metadata};
use self::metadata::{look, refusal};
use self::meter::Acting;
pub use self::meter::{Counter, Meter, Meters, Room, Unmetered};
pub use self::open::{Create, OpenedFile, WriteFile, WriteOptions};
pub use self::read::{Entry, ListOptions, Listing, Next, OpenFolder, Sort};
pub use self::remove::TakenAway;
pub use self::usage::Usage;
pub use self::writer::{Writer, typed};
pub use crate::beneath::Links;
use crate::beneath::{Beneath, FOLDER};
use crate::derived::Derived;
use crate::files::Reserve;

/// One of the folders of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// What the account's people see.
    Home,
    /// What they deleted.
    Trash,
    /// Earlier versions of their text files.
    Versions,
    /// Ours: what is being written or sent.
    Run,
}

impl Part {
    /// All of them; all of them count.
    pub const ALL: [Part; 4] = [Part::Home, Part::Trash, Part::Versions, Part::Run];

    const fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Trash => "trash",
            Self::Versions => "versions",
            Self::Run => "run",
        }
    }
}

/// The folders of all accounts, `data/accounts`. Cheap to clone.
#[derive(Clone)]
pub struct AccountDirs(Arc<Dirs>);

struct Dirs {
    folder: PathBuf,
    reserve: Reserve,
    meters: Arc<dyn Meters>,
    /// A cell for each account: opening one waits for its disk and keeps nobody else waiting.
    open: Mutex<HashMap<AccountId, Arc<Mutex<Weak<Place>>>>>,
    kept: Mutex<VecDeque<AccountDir>>,
    /// Accounts whose folders were taken away: nobody who comes late makes them again. Numbers are never given twice.
    gone: Mutex<HashSet<AccountId>>,
}

/// Homes that stay open for whoever comes next: a process has a bounded number of handles for everything it does.
const KEPT: usize = 128;

impl AccountDirs {
    /// Accounts below this folder (made when the first one is opened), counted by these meters.
    pub fn new(folder: &Path, reserve: Reserve, meters: Arc<dyn Meters>) -> Self {
        Self(Arc::new(Dirs {
            folder: folder.to_owned(),
            reserve,
            meters,
            open: Mutex::default(),
            kept: Mutex::default(),
            gone: Mutex::default(),
        }))
    }

    /// The home of an account; it and its neighbours are made where they are missing, for their owner only.
    /// Everybody who opens the same account shares one handle and one meter.
    ///
    /// # Errors
    /// `NotFound("account")` where it was removed; `DiskFull`, `Internal`.
    pub fn open(&self, account: AccountId) -> Result<AccountDir> {
        let cell = self.cell(account);
        let mut known = cell.lock().unwrap_or_else(PoisonError::into_inner);
        if self.gone().contains(&account) {
            return Err(Error::not_found("account"));
        }
        let place = match known.upgrade() {
            Some(place) => place,
            None => {
                let place = Arc::new(self.open_place(account)?);
                *known = Arc::downgrade(&place);
                place
            }
        };
        Ok(AccountDir { place, part: Part::Home, durable: true })
    }

    /// As [`AccountDirs::open`], for what is opened again and again: the last homes opened so stay open.
    ///
    /// # Errors
    /// As [`AccountDirs::open`].
    pub fn open_kept(&self, account: AccountId) -> Result<AccountDir> {
        let home = self.open(account)?;
        let mut kept = self.kept();
        if self.gone().contains(&account) {
            return Err(Error::not_found("account"));
        }
        if !kept.iter().any(|one| one.is_same_account(&home)) {
            if kept.len() >= KEPT {
                kept.pop_front();
            }
            kept.push_back(home.clone());
        }
        Ok(home)
    }

    fn gone(&self) -> MutexGuard<'_, HashSet<AccountId>> {
        self.0.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<AccountDir>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cell(&self, account: AccountId) -> Arc<Mutex<Weak<Place>>> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = open.get(&account) {
            return Arc::clone(cell);
        }
        if open.len() >= 64 && open.len().is_power_of_two() {
            let is_used = |cell: &Arc<Mutex<Weak<Place>>>| {
                Arc::strong_count(cell) > 1 || cell.try_lock().is_ok_and(|place| place.strong_count() > 0)
            };
            open.retain(|_, cell| is_used(cell));
        }
        Arc::clone(open.entry(account).or_default())
    }

    /// Accounts that have folders, by number.
    ///
    /// # Errors
    /// `Internal`.
    pub fn accounts(&self) -> Result<Vec<AccountId>> {
        let mut found = Vec::new();
        let all = match std::fs::read_dir(&self.0.folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            all => all.or_internal("reading the folder of accounts")?,
        };
        for one in all {
            let name = one.or_internal("reading the folder of accounts")?.file_name();
            found.extend(name.to_str().and_then(|name| name.parse().ok()).map(AccountId));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Where files made from an account's files are kept. They do not count, may be deleted at any time, and go with
    /// the account.
    ///
    /// # Errors
    /// `NotFound("account")` where it was removed; `DiskFull`, `Internal`.
    pub fn derived(&self, account: AccountId) -> Result<Derived> {
        if self.gone().contains(&account) {
            return Err(Error::not_found("account"));
        }
        Derived::open(&self.0.folder.join(account.to_string()).join("derived"))
    }

    /// Takes the folders of an account away, with everything in them. It is out of its place at once.
    ///
    /// # Errors
    /// `Internal`; it may be called again.
    pub fn remove(&self, account: AccountId) -> Result<()> {
        {
            let cell = self.cell(account);
            let _opening = cell.lock().unwrap_or_else(PoisonError::into_inner);
            self.gone().insert(account);
        }
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
        self.kept().retain(|home| home.account() != account);
        let gone = self.0.folder.join(format!("gone-{account}"));
        remove::take_all_apart(&gone)?; // what an earlier attempt left
        match std::fs::rename(self.0.folder.join(account.to_string()), &gone) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::internal("taking an account's files away", e));
            }
            _ => steps::done("name"),
        }
        // Who opened it before it went may still be at work in it, and makes or deletes a name meanwhile.
        let mut tries = 1;
        while let Err(e) = remove::take_all_apart(&gone) {
            if tries == REMOVE_TRIES {
                return Err(e);
            }
            tries += 1;
        }
        steps::done("delete");
        Ok(())
    }

    fn open_place(&self, account: AccountId) -> Result<Place> {
        let folder = self.0.folder.join(account.to_string());
        for part in Part::ALL {
            let path = folder.join(part.name());
            if !path.is_dir() {
                crate::files::make_private_folders(&path)?;
                steps::done("folder");
            }
        }
        for work in WORK {
            let path = folder.join(Part::Run.name()).join(work);
            if !path.is_dir() {
                crate::files::make_private_folders(&path)?;
                steps::done("folder");
            }
        }
        let home = Beneath::open_folder(&folder.join(Part::Home.name()))?;
        let owner = look(home.fd(), &JailPath::root())?.st_uid;
        let parts = [OnceLock::from(home), OnceLock::new(), OnceLock::new(), OnceLock::new()];
        Ok(Place {
            account,
            folder,
            owner,
            parts,
            fresh: OnceLock::new(),
            meters: Arc::clone(&self.0.meters),
            meter: OnceLock::new(),
            counting: Mutex::default(),
            reserve: self.0.reserve,
            names: Mutex::default(),
            lengths: std::array::from_fn(|_| Mutex::default()),
            moving: RwLock::default(),
            making: RwLock::default(),
        })
    }
}

/// Folders of `run` that every account has: new files, uploads on their way, work of jobs. Like the parts themselves they
/// do not count.
const WORK: [&str; 3] = ["new", "uploads", "jobs"];

/// How often [`AccountDirs::remove`] goes through what is left before it says that it could not.
const REMOVE_TRIES: u32 = 4;

/// How many locks the files of an account share for their lengths.
const LENGTHS: usize = 32;

/// What all handles of an account share.
struct Place {
    account: AccountId,
    folder: PathBuf,
    /// The uid that owns the home.
    owner: u32,
    parts: [OnceLock<Beneath>; 4],
    /// `run/new`, where new files are written.
    fresh: OnceLock<OwnedFd>,
    meters: Arc<dyn Meters>,
    /// Known from the first change on: who only reads counts nothing.
    meter: OnceLock<Arc<dyn Meter>>,
    counting: Mutex<()>,
    reserve: Reserve,
    /// Held from the look at a name to its change, so that what goes is given back exactly once. Taken before a
    /// lock of `lengths`, never after it; nothing is written to disk under it.
    names: Mutex<()>,
    /// Held from the look at a file's length to its change, by the file's number.
    lengths: [Mutex<()>; LENGTHS],
    /// See [`AccountDir::moving`].
    moving: RwLock<()>,
    /// Held by who makes a name in `run/new` until it has locked it, so that a sweep meets none in between.
    making: RwLock<()>,
}

impl Place {
    fn part(&self, part: Part) -> Result<&Beneath> {
        let slot = &self.parts[part as usize];
        if let Some(opened) = slot.get() {
            return Ok(opened);
        }
        let opened = Beneath::open_folder(&self.folder.join(part.name()))?;
        Ok(slot.get_or_init(|| opened))
    }

    /// `run/new`; what a crash left there is swept when it is first used.
    fn fresh(&self) -> Result<&OwnedFd> {
        if let Some(opened) = self.fresh.get() {
            return Ok(opened);
        }
        let path = self.folder.join(Part::Run.name()).join("new");
        let opened =
            rustix::fs::openat(CWD, &path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .or_internal("opening a folder")?;
        self.meter()?;
        let opened = self.fresh.get_or_init(|| opened);
        self.sweep(opened)?;
        Ok(opened)
    }

    /// Asked before each change, so that what is counted at first is the disk before it.
    fn meter(&self) -> Result<&dyn Meter> {
        if let Some(meter) = self.meter.get() {
            return Ok(meter.as_ref());
        }
        let _counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.meter.get().is_none() {
            let meter = self.meters.of(self.account, &|| self.count())?;
            let _ = self.meter.set(meter);
        }
        self.meter.get().map(AsRef::as_ref).ok_or_else(|| Error::code(Code::Busy))
    }

    /// The meter for one change: held until the disk is changed and the change is counted.
    fn acting(&self) -> Result<Acting<'_>> {
        self.meter().map(Acting::new)
    }

    fn lock_names(&self) -> MutexGuard<'_, ()> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_length(&self, inode: u64) -> MutexGuard<'_, ()> {
        self.lengths[(inode % LENGTHS as u64) as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room, acts, and gives the room back where the act failed.
    fn taking<T>(&self, bytes: u64, files: u64, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let meter = self.acting()?;
        meter.take(bytes, files)?;
        act().inspect_err(|_| meter.give_back(bytes, files))
    }

    /// Refuses new bytes where the disk has only its reserve left (security rule F5).
    fn check_disk(&self, wanted: u64) -> Result<()> {
        self.reserve.check_room(&self.folder, wanted)
    }
}

/// An opened folder of an account, and the way to everything below it. Cheap to clone.
#[derive(Clone)]
pub struct AccountDir {
    place: Arc<Place>,
    part: Part,
    /// Whether each change is on the disk before it is answered.
    durable: bool,
}

impl AccountDir {
    /// Another folder of the same account.
    pub fn part(&self, part: Part) -> Self {
        Self { part, ..self.clone() }
    }

    /// The same folder, where a change may be answered before it is on the disk: for many changes that end with one
    /// [`AccountDir::sync`].
    pub fn unsynced(&self) -> Self {
        Self { durable: false, ..self.clone() }
    }

    /// Everything that was written before is on the disk when this returns.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn sync(&self) -> Result<()> {
        rustix::fs::syncfs(self.root()?.fd()).map_err(|e| refusal("writing to disk", &JailPath::root(), e))
    }

    /// Takes away what a crash left half written. Nothing is asked of the meter where there is nothing.
    ///
    /// # Errors
    /// Faults of the disk.
    pub fn sweep(&self) -> Result<()> {
        let new = JailPath::root().join("new")?;
        let run = self.part(Part::Run);
        match run.list(&new, &ListOptions::default()) {
            Ok(list) if list.total > 0 => self.place.sweep(self.place.fresh()?),
            Err(e) if e.as_code() != Code::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// What the account holds and may hold.
    ///
    /// # Errors
    /// Faults of the database and of the disk, where it is counted for the first time.
    pub fn room(&self) -> Result<Room> {
        Ok(self.place.meter()?.room())
    }

    /// Whether a program that writes past the meter may begin: the account holds no more than it may, and the disk has
    /// more than its reserve.
    ///
    /// # Errors
    /// `QuotaExceeded`, `DiskFull`.
    pub fn check_room(&self) -> Result<()> {
        self.room()?.check()?;
        self.place.check_disk(0)
    }

    /// For the layer above: held from its note of a move to the move that makes it true, so that whoever tidies the
    /// account never meets one between.
    pub fn moving(&self) -> RwLockReadGuard<'_, ()> {
        self.place.moving.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the layer above: nobody is between a note and its move while this is held.
    pub fn resting(&self) -> RwLockWriteGuard<'_, ()> {
        self.place.moving.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose folder it is.
    pub fn account(&self) -> AccountId {
        self.place.account
    }

    /// Whether this is a handle of the same account.
    pub fn is_same_account(&self, other: &AccountDir) -> bool {
        Arc::ptr_eq(&self.place, &other.place)
    }

    fn root(&self) -> Result<&Beneath> {
        self.place.part(self.part)
    }

    /// A folder, opened without following a link.
    fn folder(&self, path: &JailPath) -> Result<OwnedFd> {
        self.root()?.open(path.as_bytes(), FOLDER, Links::Refuse).map_err(|e| refusal("opening a folder", path, e))
    }

    /// The folder a path stands in, and its name there.
    fn above<'a>(&self, path: &'a JailPath) -> Result<(OwnedFd, &'a [u8])> {
        let (parent, name) = path.split().ok_or_else(top)?;
        Ok((self.folder(&parent)?, name))
    }

    /// Writes a folder's list of names to disk where this handle promises that.
    fn keep(&self, folder: &OwnedFd) -> Result<()> {
        if !self.durable {
            return Ok(());
        }
        rustix::fs::fsync(folder).map_err(|e| refusal("writing a folder to disk", &JailPath::root(), e))
    }
}

impl std::fmt::Debug for AccountDir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountDir({}/{})", self.place.folder.display(), self.part.name())
    }
}

/// The top of a folder is not moved, replaced or deleted.
fn top() -> Error {
    Error::refused(Code::WrongState, "this is the top folder of the account")
}

/// What a name in a folder stands for; `None` where there is none.
fn stat_in(folder: &OwnedFd, name: &[u8], path: &JailPath) -> Result<Option<Stat>> {
    use std::os::unix::ffi::OsStrExt as _;
    match rustix::fs::statat(folder, std::ffi::OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(e) => Err(refusal("looking at a file", path, e)),
    }
}

#[cfg(test)]
mod tests;
