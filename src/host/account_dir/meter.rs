//! What an account may hold and holds: asked before every byte and every name, told of everything that goes.

use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{AccountId, Code, Error, Result};

use super::Usage;

/// What an account holds and may hold. Bytes are the lengths of its files; files are its files, folders and links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes it holds.
    pub used_bytes: u64,
    /// Names it holds.
    pub used_files: u64,
    /// Bytes it may hold; `None` for no limit.
    pub most_bytes: Option<u64>,
    /// Names it may hold; `None` for no limit.
    pub most_files: Option<u64>,
}

impl Room {
    /// Whether it holds no more than it may: what is not written through a meter can lead beyond.
    ///
    /// # Errors
    /// `QuotaExceeded`.
    pub fn check(&self) -> Result<()> {
        if let Some(most) = self.most_bytes.filter(|most| self.used_bytes > *most) {
            let detail = format!("{} of {} are in use", in_words(self.used_bytes), in_words(most));
            return Err(Error::refused(Code::QuotaExceeded, detail));
        }
        if let Some(most) = self.most_files.filter(|most| self.used_files > *most) {
            let detail = format!("{} of {most} files and folders are in use", self.used_files);
            return Err(Error::refused(Code::QuotaExceeded, detail));
        }
        Ok(())
    }
}

/// Counts one account. What was taken and did not come to be is given back, so that the count equals the disk.
pub trait Meter: Send + Sync {
    /// Takes room before it is used.
    ///
    /// # Errors
    /// `QuotaExceeded`; then nothing was taken.
    fn take(&self, bytes: u64, files: u64) -> Result<()>;
    /// Gives room back after it became free.
    fn give_back(&self, bytes: u64, files: u64);
    /// A change is on its way: until it ends, what is counted and what is on the disk may differ.
    fn begin(&self) {}
    /// A change that began is over: counted, and on the disk.
    fn end(&self) {}
    /// Where it stands.
    fn room(&self) -> Room;
}

/// A change on its way, from before room is taken until the disk and what is given back say the same.
pub(super) struct Acting<'a>(&'a dyn Meter);

impl<'a> Acting<'a> {
    pub(super) fn new(meter: &'a dyn Meter) -> Self {
        meter.begin();
        Self(meter)
    }
}

impl<'a> std::ops::Deref for Acting<'a> {
    type Target = dyn Meter + 'a;
    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Gives each account its meter: asked once for each time an account is opened, before its first change.
pub trait Meters: Send + Sync {
    /// The meter of an account; `count` looks what is on its disk, which may take long.
    ///
    /// # Errors
    /// Faults of the database and of the disk.
    fn of(&self, account: AccountId, count: &dyn Fn() -> Result<Usage>) -> Result<Arc<dyn Meter>>;
}

/// Counts in memory.
#[derive(Debug, Default)]
pub struct Counter(Mutex<Room>);

impl Counter {
    /// Begins where an account stands.
    pub fn new(room: Room) -> Self {
        Self(Mutex::new(room))
    }

    /// Changes what it holds or may hold, in one step.
    pub fn change(&self, change: impl FnOnce(&mut Room)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Meter for Counter {
    fn take(&self, bytes: u64, files: u64) -> Result<()> {
        let mut room = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (used_bytes, used_files) = (room.used_bytes.saturating_add(bytes), room.used_files.saturating_add(files));
        if bytes > 0 && room.most_bytes.is_some_and(|most| used_bytes > most) {
            let most = room.most_bytes.unwrap_or_default();
            let detail = format!("{} of {} are in use", in_words(room.used_bytes), in_words(most));
            return Err(Error::refused(Code::QuotaExceeded, detail));
        }
        if files > 0 && room.most_files.is_some_and(|most| used_files > most) {
            let most = room.most_files.unwrap_or_default();
            let detail = format!("{} of {most} files and folders are in use", room.used_files);
            return Err(Error::refused(Code::QuotaExceeded, detail));
        }
        (room.used_bytes, room.used_files) = (used_bytes, used_files);
        Ok(())
    }

    fn give_back(&self, bytes: u64, files: u64) {
        self.change(|room| {
            room.used_bytes = room.used_bytes.saturating_sub(bytes);
            room.used_files = room.used_files.saturating_sub(files);
        });
    }

    fn room(&self) -> Room {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A meter that counts nothing and refuses nothing: for tests and tools.
#[derive(Debug, Default)]
pub struct Unmetered;

impl Meter for Unmetered {
    fn take(&self, _: u64, _: u64) -> Result<()> {
        Ok(())
    }
    fn give_back(&self, _: u64, _: u64) {}
    fn room(&self) -> Room {
        Room::default()
    }
}

impl Meters for Unmetered {
    fn of(&self, _: AccountId, _: &dyn Fn() -> Result<Usage>) -> Result<Arc<dyn Meter>> {
        Ok(Arc::new(Self))
    }
}

/// `1.5 GB`, in powers of ten as disks are sold.
fn in_words(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => {
            let tenths = bytes.saturating_mul(10) / size;
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}
