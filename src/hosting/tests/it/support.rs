//! One account with its files, on a fresh database of each kind.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freehold_base::{AccountId, Capability, Clock, JailPath, JobId, Result, Role, SessionId, SiteId, Timestamp};
use freehold_host::account_dir::Part;
use freehold_host::files::Reserve;
use freehold_hosting::files::{self, Desk, Files, Limits, NewText};
use freehold_platform::jobs::{self, Handlers, Runner};
use freehold_store::roles::{self, RolePlace};
use freehold_store::users::{self, NewUser};
use freehold_store::{Actor, ActorKind, Store, StoreOptions, audit, sites};

pub use crate::shared::at;
use crate::shared::put;

const START: Timestamp = Timestamp(1_795_161_600_000);

pub struct Town {
    pub store: Store,
    pub clock: Clock,
    pub files: Files,
    pub account: AccountId,
    pub site: SiteId,
    pub limits: Arc<Mutex<Limits>>,
    pub folder: tempfile::TempDir,
}

#[allow(clippy::disallowed_methods)] // how ./test tells its server to the tests
fn postgres_url() -> Option<String> {
    std::env::var("FREEHOLD_TEST_POSTGRES_URL").ok()
}

#[allow(clippy::disallowed_methods)]
pub fn full() -> bool {
    std::env::var("FREEHOLD_TEST_FULL").is_ok_and(|v| v == "1")
}

/// One town on each kind of database.
pub fn towns() -> Vec<Town> {
    let mut urls = vec![String::new()];
    if let Some(url) = postgres_url() {
        urls.push(freehold_store::testing::fresh_database(&url).unwrap());
    }
    urls.into_iter().map(Town::on).collect()
}

/// A town on SQLite: for what no database knows of.
pub fn town() -> Town {
    Town::on(String::new())
}

impl Town {
    fn on(database_url: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(START);
        let options = StoreOptions { data: folder.path().to_owned(), database_url, readers: 4 };
        let store = Store::open(&options, clock.clone()).unwrap();
        let (account, site) = store
            .write(&Actor::system(), |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                let account = freehold_store::testing::account(tx, server, "harbour")?;
                let scope = tx.authorize_account(account, Capability::AccountSites)?;
                Ok((account, sites::create(tx, scope, "harbour", "static")?))
            })
            .unwrap();
        let limits = Arc::new(Mutex::new(Limits::default()));
        let files = Self::open(&store, &folder, &limits);
        Self { store, clock, files, account, site, limits, folder }
    }

    fn open(store: &Store, folder: &tempfile::TempDir, limits: &Arc<Mutex<Limits>>) -> Files {
        let own = limits.clone();
        let limits: files::LimitsOf = Arc::new(move |_| Ok(*own.lock().unwrap()));
        Files::open(store, &folder.path().join("accounts"), Reserve { percent: 0 }, limits).unwrap()
    }

    /// As after a crash: what was in memory is gone.
    pub fn starts_again(self) -> Self {
        let files = Self::open(&self.store, &self.folder, &self.limits);
        Self { files, ..self }
    }

    pub fn allows(&self, bytes: u64, names: u64) {
        *self.limits.lock().unwrap() = Limits { bytes: Some(bytes), files: Some(names) };
        self.files.limits_changed(self.account).unwrap();
    }

    pub fn desk(&self) -> Desk {
        self.files.of_site(&Actor::system(), self.site).unwrap()
    }

    pub fn disk(&self, path: &str) -> PathBuf {
        self.folder.path().join(format!("accounts/{}/home", self.account)).join(path)
    }

    pub fn reads(&self, path: &str) -> String {
        std::fs::read_to_string(self.disk(path)).unwrap()
    }

    /// Puts a file there through the desk.
    pub fn puts(&self, path: &str, bytes: &[u8]) {
        put(&self.desk(), path, bytes);
    }

    /// What is counted is what the disk holds.
    pub fn check_count(&self) -> (u64, u64) {
        let home = self.files.dirs().open(self.account).unwrap();
        let (seen, room) = (home.usage().unwrap(), home.room().unwrap());
        assert_eq!((room.used_bytes, room.used_files), (seen.bytes, seen.files), "counted, on the disk");
        (seen.bytes, seen.files)
    }

    /// Nothing is left where things are made.
    pub fn check_swept(&self) {
        let run = self.files.dirs().open(self.account).unwrap().part(Part::Run);
        let mut left = Vec::new();
        run.walk(&JailPath::root(), &mut |path, _| {
            if path.depth() > 1 {
                left.push(path.to_string());
            }
            Ok(freehold_host::account_dir::Next::On)
        })
        .unwrap();
        assert!(left.is_empty(), "left in run: {left:?}");
    }

    pub fn names(&self, folder: &str) -> Vec<String> {
        let list = self.desk().list(&at(folder), &Default::default()).unwrap();
        list.entries.into_iter().map(|entry| entry.name).collect()
    }

    pub fn audit(&self) -> Vec<String> {
        let rows = self.store.read(&Actor::system(), |tx| {
            let scope = tx.authorize_server(Capability::ServerRead)?;
            audit::list_all(tx, scope, &Default::default(), 0, 1000)
        });
        rows.unwrap().into_iter().map(|row| format!("{} {}", row.action, row.object)).collect()
    }

    /// Runs the jobs that wait until this one ended; its row.
    pub fn works_off(&self, id: JobId) -> jobs::Job {
        let mut handlers = Handlers::default();
        files::register(&mut handlers, &self.files);
        freehold_hosting::ends::register(&mut handlers, &self.files);
        let runner = Runner::start(&self.store, &handlers, 1).unwrap();
        let find = || self.store.read(&Actor::system(), |tx| jobs::find(tx, None, id)).unwrap();
        for _ in 0..12_000 {
            let job = find();
            if !matches!(job.state.as_str(), "waiting" | "running") {
                runner.stop();
                return job;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{:?}", find());
    }

    /// Somebody with a role on the account, or on nothing.
    pub fn person(&self, role: Option<Role>) -> Actor {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let email = format!("p{}@example.org", NEXT.fetch_add(1, Ordering::SeqCst));
        let account = self.account;
        let made = self.store.write(&Actor::system(), move |tx| {
            let new = NewUser {
                email: &email,
                name: "",
                slug: email.split('@').next().unwrap_or("p"),
                password_hash: "",
                password_scheme: "",
                status: "active",
            };
            let user = users::insert(tx, &new)?;
            if let Some(role) = role {
                roles::set(tx, RolePlace::Account(account), user, role)?;
            }
            Ok((user, roles::grants_of(tx, user)?))
        });
        let (user, grants) = made.unwrap();
        let kind = ActorKind::User { user, session: SessionId(0) };
        Actor { kind, grants: Arc::new(grants), ..Actor::visitor("192.0.2.1") }
    }
}

pub fn text(text: &str, etag: Option<&str>) -> NewText {
    NewText { text: text.into(), etag: etag.map(str::to_owned), ..NewText::default() }
}

/// The code of a result that must be an error.
pub fn refusal<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => "none",
        Err(e) => e.as_code().name(),
    }
}
