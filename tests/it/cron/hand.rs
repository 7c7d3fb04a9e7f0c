//! A scheduler with its clock in the test's hand, and a hand in place of the machine. On both databases.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freehold_base::{AccountId, CronJobId, HostName, Result, Role, SessionId, SiteId, Timestamp};
use freehold_host::mail::Mailer;
use freehold_host::sandbox::Stop;
use freehold_hosting::cron::work::{Outcome, Post, Tools};
use freehold_hosting::cron::{self, CronInput, Desk, Places, Tick, tick};
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::outbox::Outbox;
use freehold_platform::secrets::Keyring;
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::cron::CronJob;
use freehold_store::cron_runs::CronRun;
use freehold_store::roles::{self, RolePlace};
use freehold_store::{Actor, ActorKind, Tx, testing};

use crate::support::{START, TestStore, stores};

pub(super) const MINE: SiteId = SiteId(1);
pub(super) const THEIRS: SiteId = SiteId(2);
pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// A hand in place of the machine: what it says and how it ends is set by the test.
pub(super) struct Hand {
    pub(super) begun: AtomicUsize,
    pub(super) says: Mutex<(Outcome, String)>,
    /// Wait until somebody asks to stop.
    pub(super) holds: Mutex<bool>,
    pub(super) alive: AtomicUsize,
}

impl Tools for Hand {
    fn perform(&self, _: &CronJob, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Outcome {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let (outcome, text) = self.says.lock().unwrap().clone();
        hear(text.as_bytes());
        while *self.holds.lock().unwrap() && !stop.is_asked() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if stop.is_asked() {
            return Outcome { state: "stopped", exit_status: -1, message: String::new() };
        }
        outcome
    }
    fn alive(&self, _: &str) -> Result<()> {
        self.alive.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

pub(super) fn well() -> Outcome {
    Outcome { state: "done", exit_status: 0, message: String::new() }
}

pub(super) fn badly() -> Outcome {
    Outcome { state: "failed", exit_status: 1, message: "It was not there.".into() }
}

pub(super) fn places() -> Places {
    Places::new(&freehold_base::config::Cron::default())
}

pub(super) struct World {
    pub(super) t: TestStore,
    pub(super) hand: Arc<Hand>,
    pub(super) desk: Desk,
    pub(super) post: Post,
    pub(super) owner: Actor,
    pub(super) stranger: Actor,
}

pub(super) fn worlds() -> Vec<World> {
    stores().into_iter().map(World::new).collect()
}

pub(super) fn person(t: &TestStore, name: &'static str, account: AccountId) -> Actor {
    let id = t
        .store
        .write(&Actor::system(), move |tx| {
            let new = freehold_store::users::NewUser {
                email: &format!("{name}@example.org"),
                name,
                slug: name,
                password_hash: "x",
                password_scheme: "",
                status: "active",
            };
            let id = freehold_store::users::insert(tx, &new)?;
            roles::set(tx, RolePlace::Account(account), id, Role::Owner)?;
            Ok(id)
        })
        .unwrap();
    let grants = t.store.read(&Actor::system(), |tx| roles::grants_of(tx, id)).unwrap();
    let kind = ActorKind::User { user: id, session: SessionId(1) };
    Actor { kind, grants: Arc::new(grants), ..Actor::system() }
}

impl World {
    pub(super) fn new(t: TestStore) -> Self {
        let accounts = t
            .store
            .write(&Actor::system(), |tx| {
                let server = tx.authorize_server(freehold_base::Capability::ServerManage)?;
                let mut accounts = Vec::new();
                for (name, host, wanted) in [("mine", "a.example", MINE), ("theirs", "b.example", THEIRS)] {
                    let account = testing::account(tx, server, name)?;
                    let host = HostName::parse(host)?;
                    let new = NewSite { account, title: name.into(), host, settings: Settings::default() };
                    assert_eq!(sites::create(tx, &new)?, wanted);
                    accounts.push(account);
                }
                Ok(accounts)
            })
            .unwrap();
        let keys = Arc::new(Keyring::open_or_create(&t._folder.path().join("key")).unwrap());
        let mailer = Mailer::from_url("smtp://127.0.0.1:9", "freehold@localhost", &["127.0.0.1:9".to_owned()]).unwrap();
        let post = Post::new(Outbox::new(keys, mailer), "http://panel.example");
        let hand = Arc::new(Hand {
            begun: AtomicUsize::new(0),
            says: Mutex::new((well(), String::new())),
            holds: Mutex::new(false),
            alive: AtomicUsize::new(0),
        });
        let desk = Desk::new(t.store.clone(), post.clone(), hand.clone(), places());
        let (owner, stranger) = (person(&t, "owner", accounts[0]), person(&t, "stranger", accounts[1]));
        Self { t, hand, desk, post, owner, stranger }
    }
    pub(super) fn add(&self, change: impl Fn(&mut CronInput) + Send + 'static) -> CronJobId {
        self.t
            .store
            .write(&self.owner, move |tx| {
                let mut input = CronInput {
                    name: "Backup".into(),
                    command: "./backup".into(),
                    schedule: "*/10 * * * *".into(),
                    ..CronInput::default()
                };
                change(&mut input);
                cron::add(tx, MINE, &input)
            })
            .unwrap()
    }
    /// A command of the other account, asked for now.
    pub(super) fn theirs(&self) -> CronJobId {
        let asked = self.t.store.write(&self.stranger, |tx| {
            let input = CronInput {
                name: "Theirs".into(),
                command: "true".into(),
                schedule: "0 0 1 1 *".into(),
                ..CronInput::default()
            };
            let id = cron::add(tx, THEIRS, &input)?;
            cron::run_now(tx, THEIRS, id)?;
            Ok(id)
        });
        asked.unwrap()
    }
    pub(super) fn read<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.t.store.read(&self.owner, f).unwrap()
    }
    pub(super) fn job(&self, id: CronJobId) -> CronJob {
        self.read(|tx| cron::find(tx, MINE, id))
    }
    /// Oldest first.
    pub(super) fn runs(&self, id: CronJobId) -> Vec<CronRun> {
        let mut all = self.read(|tx| cron::runs(tx, MINE, id, 0, 200));
        all.reverse();
        all
    }
    pub(super) fn states(&self, id: CronJobId) -> Vec<String> {
        self.runs(id).into_iter().map(|r| r.state).collect()
    }
    pub(super) fn tick(&self) -> Tick {
        tick(&self.t.store, &self.post, false).unwrap()
    }
    /// Time goes on, what is due is planned and done.
    pub(super) fn after(&self, ms: i64) {
        self.t.clock.advance(Duration::from_millis(ms.unsigned_abs()));
        self.look();
    }
    pub(super) fn look(&self) {
        self.tick();
        for taken in self.desk.take().unwrap() {
            self.desk.perform(&taken);
        }
    }
    pub(super) fn mails(&self) -> usize {
        let filter = JobFilter { states: Vec::new(), kinds: Some(vec!["mail.send".into()]), ..JobFilter::default() };
        self.t.store.read(&Actor::system(), |tx| Ok(jobs::search(tx, None, &filter, 0, 200)?.len())).unwrap()
    }
    pub(super) fn says(&self, outcome: Outcome, text: &str) {
        *self.hand.says.lock().unwrap() = (outcome, text.to_owned());
    }
    pub(super) fn begun(&self) -> usize {
        self.hand.begun.load(Ordering::SeqCst)
    }
}

pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp(START.ms() + ms)
}
