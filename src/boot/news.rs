//! What follows from a write before it is answered: names, rules, cached pages, jobs that wait.

use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::Event;
use freehold_doors::pages::{self, OldHosts, SiteTables};
use freehold_doors::panel::news::News;
use freehold_doors::web::state::Web;
use freehold_host::account_dir::AccountDirs;
use freehold_hosting::access::Live;
use freehold_hosting::files::Files;
use freehold_platform::customers::AccountChanged;
use freehold_publishing::pages::Pages;
use freehold_store::Store;

/// Who hears of a write.
pub(super) struct Ears {
    pub web: Arc<Web>,
    pub pages: Arc<Pages>,
    pub files: Files,
    pub live: Live,
    pub news: News,
    /// The port that sites are asked for at.
    pub port: u16,
    /// Wakes the runner of jobs.
    pub wake_jobs: Box<dyn Fn() + Send + Sync>,
    /// Wakes what runs commands at set times.
    pub wake_cron: Box<dyn Fn() + Send + Sync>,
}

/// From now on every write is heard of.
pub(super) fn listen(store: &Store, ears: Ears) {
    let reader = store.clone();
    let hosts = HostsUpdate::start(&ears, store.clone());
    store.on_commit(move |events| ears.hear(&reader, &hosts, events));
}

impl Ears {
    fn hear(&self, store: &Store, hosts: &HostsUpdate, events: &[Box<dyn Event>]) {
        // First the names: a page that was made under the old table is purged with the rest.
        hosts.update(&pages::old_hosts(events));
        pages::renew_rules(&self.web, store, events);
        pages::purge(&self.web, &self.pages, events);
        self.news.tell(events);
        self.live.hear(events);
        for changed in events.iter().filter_map(|e| e.as_any().downcast_ref::<AccountChanged>()) {
            if let Err(e) = self.files.limits_changed(changed.account) {
                tracing::warn!("what account {} may hold could not be read: {e}", changed.account);
            }
        }
        if events.iter().any(|e| e.name() == "job.queued") {
            (self.wake_jobs)();
        }
        // Of a suspended account nothing runs, from now on.
        if events.iter().any(|e| matches!(e.name(), "cron.asked" | "account.changed")) {
            (self.wake_cron)();
        }
    }
}

/// Reads the host table again, on a reader, before the write that changed it is answered.
struct HostsUpdate {
    store: Store,
    web: Arc<Web>,
    port: u16,
    dirs: AccountDirs,
    /// One at a time: of two writes at once (PostgreSQL) the older table must not come last.
    turn: Mutex<()>,
}

impl HostsUpdate {
    fn start(ears: &Ears, store: Store) -> Self {
        let (web, dirs) = (Arc::clone(&ears.web), ears.files.dirs().clone());
        Self { store, web, port: ears.port, dirs, turn: Mutex::new(()) }
    }

    fn update(&self, old: &OldHosts) {
        if *old == OldHosts::None {
            return;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = match old {
            OldHosts::Of(sites) => pages::renewed(&self.store, &self.web.hosts.now(), sites, self.port)
                .map(|table| self.web.hosts.swap(table)),
            OldHosts::None | OldHosts::All => {
                SiteTables::read(&self.store, self.port, &self.dirs).map(|tables| tables.put(&self.web))
            }
        };
        if let Err(e) = renewed {
            tracing::error!("the host table could not be read again: {e}");
        }
    }
}
