//! A small installation in a folder, with the jobs of hosting.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use freehold_base::{AccountId, Capability, Clock, HostName, Result, SiteId, Timestamp};
use freehold_host::files::Reserve;
use freehold_hosting::files::{self, Desk, Files, Limits};
use freehold_hosting::{ends, first_page};
use freehold_platform::customers::graveyard;
use freehold_platform::jobs::{self, Handlers, JobFilter, Runner};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_platform::upkeep;
use freehold_store::{Actor, Store, StoreOptions, Tx, testing};

use crate::orphans;
pub use crate::shared::at;
use crate::shared::put;

const START: Timestamp = Timestamp(1_795_161_600_000);
/// When somebody starts a node again that fell.
const AGAIN: Timestamp = Timestamp(START.0 + 2 * 3600 * 1000);

pub struct Town {
    pub store: Store,
    pub clock: Clock,
    pub files: Files,
    pub folder: PathBuf,
    runner: Option<Runner>,
}

impl Town {
    /// Account 1 with site 1, on a fresh database.
    pub fn found(folder: &Path) -> Self {
        let town = Self::open(folder, START);
        town.writes(|tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let account = testing::account(tx, server, "harbour")?;
            sites::create_of_files(tx, &new_site(account, "harbour.localhost")).map(|_| ())
        });
        town
    }

    /// A node that starts on what another one left.
    pub fn again(folder: &Path) -> Self {
        Self::open(folder, AGAIN)
    }

    fn open(folder: &Path, now: Timestamp) -> Self {
        let clock = Clock::fixed(now);
        let options = StoreOptions { data: folder.to_owned(), database_url: String::new(), readers: 4 };
        let store = Store::open(&options, clock.clone()).unwrap();
        let limits: files::LimitsOf = Arc::new(|_| Ok(Limits { bytes: Some(10_000_000), files: Some(10_000) }));
        let files = Files::open(&store, &folder.join("accounts"), Reserve { percent: 0 }, limits).unwrap();
        let mut handlers = Handlers::default();
        files::register(&mut handlers, &files);
        first_page::register(&mut handlers, files.dirs());
        ends::register(&mut handlers, &files);
        erase(&mut handlers);
        handlers.add(sites::domains::WATCH, |_| Ok("{}".into())); // what it looks at is no matter here
        let runner = Runner::start(&store, &handlers, 1).unwrap();
        let wake = runner.waker();
        store.on_commit(move |news| {
            if news.iter().any(|e| e.name() == "job.queued") {
                wake();
            }
        });
        Self { store, clock, files, folder: folder.to_owned(), runner: Some(runner) }
    }

    pub fn writes<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.store.write(&Actor::system(), f).unwrap()
    }

    pub fn reads<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.store.read(&Actor::system(), f).unwrap()
    }

    /// Nothing is left of what fell, and what is counted is what the disk holds.
    pub fn checks(&self, place: &str) {
        let mut found = orphans::found(&self.store, &self.folder.join("accounts"));
        for account in orphans::accounts(&self.store) {
            let home = self.files.dirs().open(account.id).unwrap();
            let (seen, room) = (home.usage().unwrap(), home.room().unwrap());
            if (room.used_bytes, room.used_files) != (seen.bytes, seen.files) {
                found.push(format!("account {}: counted {room:?}, on the disk {seen:?}", account.id));
            }
        }
        assert!(found.is_empty(), "{place}:\n{}", found.join("\n"));
    }

    pub fn desk(&self) -> Desk {
        self.files.of_account(&Actor::system(), AccountId(1)).unwrap()
    }

    pub fn account_folder(&self, account: AccountId) -> PathBuf {
        self.folder.join("accounts").join(account.to_string())
    }

    /// Puts a file there, with the folders above it.
    pub fn puts(&self, path: &str, bytes: &[u8]) {
        put(&self.desk(), path, bytes);
    }

    /// Some files in two folders.
    pub fn fills(&self) {
        self.puts("site/index.html", b"<h1>hello</h1>");
        self.puts("site/css/a.css", &[b'x'; 3000]);
        self.puts("site/css/deep/b.css", b"b");
    }

    /// Waits until nothing runs and nothing is due.
    pub fn works_off(&self) {
        for _ in 0..20_000 {
            let now = self.clock.now();
            let open = JobFilter { states: vec!["waiting", "running"], ..JobFilter::default() };
            let all = self.reads(|tx| jobs::search(tx, None, &open, 0, 200));
            if !all.iter().any(|job| job.state == "running" || job.run_at <= now) {
                return;
            }
            if let Some(runner) = &self.runner {
                runner.waker()();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("jobs never end");
    }

    /// What a node does by itself after its start and in the hour after it.
    pub fn settles(&self) {
        self.writes(|tx| {
            upkeep::queue(tx, files::TIDY, Duration::ZERO)?;
            upkeep::queue(tx, graveyard::PURGE, Duration::from_secs(600))
        });
        for _ in 0..5 {
            self.works_off();
            self.clock.advance(Duration::from_secs(700));
        }
        self.works_off();
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if let Some(runner) = self.runner.take() {
            runner.stop();
        }
    }
}

/// The rows of a deleted site go; files of its library are publishing's.
fn erase(handlers: &mut Handlers) {
    handlers.add(sites::ERASE, |job| {
        let payload: std::collections::HashMap<String, i64> = job.payload()?;
        let site = SiteId(payload["site"]);
        while job.store.write(&Actor::system(), move |tx| sites::erase_some(tx, site))?.rows > 0 {}
        Ok("{}".into())
    });
}

pub fn new_site(account: AccountId, host: &str) -> NewSite {
    NewSite { account, title: host.into(), host: HostName::parse(host).unwrap(), settings: Settings::default() }
}
