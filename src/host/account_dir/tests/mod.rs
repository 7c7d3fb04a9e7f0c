//! The file layer on a real disk: what it promises of names, counts and links.

mod counting;
mod links;
mod names;

use std::path::PathBuf;
use std::sync::Arc;

use freehold_base::{AccountId, JailPath, Result};

use super::*;

/// One account in a folder of its own, with a meter.
pub(super) struct Town {
    pub(super) folder: tempfile::TempDir,
    pub(super) counter: Arc<Counter>,
    pub(super) dirs: AccountDirs,
    pub(super) home: AccountDir,
}

struct One(Arc<Counter>);

impl Meters for One {
    fn of(&self, _: AccountId, _: &dyn Fn() -> Result<Usage>) -> Result<Arc<dyn Meter>> {
        Ok(self.0.clone())
    }
}

impl Town {
    pub(super) fn new() -> Self {
        Self::with(Room::default())
    }

    pub(super) fn with(room: Room) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let counter = Arc::new(Counter::new(room));
        let meters = Arc::new(One(counter.clone()));
        let dirs = AccountDirs::new(&folder.path().join("accounts"), Reserve { percent: 0 }, meters);
        let home = dirs.open(AccountId(7)).unwrap();
        Self { folder, counter, dirs, home }
    }

    /// The same on a kernel without `openat2`.
    pub(super) fn by_steps() -> Self {
        let town = Self::new();
        let mut place = town.dirs.open_place(AccountId(7)).unwrap();
        let opened = Beneath::open_folder(&town.disk("")).unwrap().by_steps();
        place.parts[0] = OnceLock::from(opened);
        let home = AccountDir { place: Arc::new(place), part: Part::Home, durable: true };
        Self { home, ..town }
    }

    pub(super) fn disk(&self, path: &str) -> PathBuf {
        self.folder.path().join("accounts/7/home").join(path)
    }

    pub(super) fn puts(&self, path: &str, text: &str) -> Metadata {
        let mut writer = self.home.create(&at(path), Replace::Yes, 0o644).unwrap();
        writer.write(text.as_bytes()).unwrap();
        writer.finish().unwrap()
    }

    pub(super) fn reads(&self, path: &str) -> String {
        std::fs::read_to_string(self.disk(path)).unwrap()
    }

    /// The meter says what the disk says.
    pub(super) fn check_count(&self) -> Usage {
        let on_disk = self.home.usage().unwrap();
        let room = self.counter.room();
        assert_eq!((room.used_bytes, room.used_files), (on_disk.bytes, on_disk.files), "counted, on the disk");
        on_disk
    }

    /// Nothing is left in `run/new`.
    pub(super) fn check_swept(&self) {
        let fresh = self.folder.path().join("accounts/7/run/new");
        let left: Vec<_> =
            std::fs::read_dir(fresh).map(|all| all.flatten().map(|e| e.file_name()).collect()).unwrap_or_default();
        assert!(left.is_empty(), "left in run/new: {left:?}");
    }
}

pub(super) fn at(path: &str) -> JailPath {
    JailPath::parse(path).unwrap()
}
