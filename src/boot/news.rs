//! What follows from a write before it is answered: names, rules, cached pages, jobs that wait.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_base::{Event, Result, SiteId};
use freehold_doors::pages::{self, OldHosts, SiteTables};
use freehold_doors::panel::news::News;
use freehold_doors::web::state::Web;
use freehold_host::account_dir::AccountDirs;
use freehold_hosting::access::Live;
use freehold_hosting::files::Files;
use freehold_platform::customers::AccountChanged;
use freehold_platform::sites::events::SiteDeleted;
use freehold_publishing::pages::Pages;
use freehold_publishing::plugins::Plugins;
use freehold_publishing::plugins::events::PluginsChanged;
use freehold_store::Store;

/// Who hears of a write.
pub(super) struct Ears {
    pub web: Arc<Web>,
    pub pages: Arc<Pages>,
    pub plugins: Arc<Plugins>,
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
    let tables = Arc::new(Tables::start(&ears, store.clone()));
    store.on_commit(move |events| ears.hear(&tables, events));
}

impl Ears {
    fn hear(&self, tables: &Arc<Tables>, events: &[Box<dyn Event>]) {
        // First the names: a page that was made under the old table is purged with the rest.
        tables.update(pages::old_hosts(events), pages::old_rules(events));
        self.renew_plugins(&tables.store, events);
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

impl Ears {
    /// Line-ups of plugins, before the pages that the ones of before had a hand in are purged.
    fn renew_plugins(&self, store: &Store, events: &[Box<dyn Event>]) {
        let changed = events.iter().filter_map(|e| e.as_any().downcast_ref::<PluginsChanged>().map(|e| e.site));
        let gone = events.iter().filter_map(|e| e.as_any().downcast_ref::<SiteDeleted>().map(|e| e.site));
        let sites: BTreeSet<SiteId> = changed.chain(gone).collect();
        let renewed = match sites.contains(&SiteId(0)) {
            true => self.plugins.reload(store),
            false => sites.into_iter().try_for_each(|site| self.plugins.reload_site(store, site)),
        };
        if let Err(e) = renewed {
            tracing::error!("what plugins run could not be read again: {e}");
        }
    }
}

/// How long what could not be read waits until it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Reads names and rules again, on a reader, before the write that changed them is answered. What cannot be read stays
/// marked as old and is tried until it can: a suspended site or a private folder shall not stay open.
struct Tables {
    store: Store,
    web: Arc<Web>,
    port: u16,
    dirs: AccountDirs,
    /// One at a time: of two writes at once (PostgreSQL) the older table must not come last.
    old: Mutex<Old>,
}

/// What must be read again.
#[derive(Default)]
struct Old {
    hosts: OldHosts,
    rules: BTreeSet<SiteId>,
    /// Somebody tries again.
    tried: bool,
}

impl Old {
    fn is_empty(&self) -> bool {
        self.hosts == OldHosts::None && self.rules.is_empty()
    }
}

impl Tables {
    fn start(ears: &Ears, store: Store) -> Self {
        let (web, dirs) = (Arc::clone(&ears.web), ears.files.dirs().clone());
        Self { store, web, port: ears.port, dirs, old: Mutex::default() }
    }

    fn update(self: &Arc<Self>, hosts: OldHosts, rules: impl Iterator<Item = SiteId>) {
        let rules: Vec<SiteId> = rules.collect();
        if hosts == OldHosts::None && rules.is_empty() {
            return;
        }
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        old.hosts = std::mem::take(&mut old.hosts).and(hosts);
        old.rules.extend(rules);
        self.renew(&mut old);
        if !old.is_empty() && !old.tried {
            let tables = Arc::clone(self);
            let again = move || while !tables.try_again() {};
            old.tried = std::thread::Builder::new().name("tables-again".into()).spawn(again).is_ok();
        }
    }

    /// Waits a moment and tries again; whether all is read.
    fn try_again(&self) -> bool {
        std::thread::sleep(AGAIN);
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        self.renew(&mut old);
        old.tried = !old.is_empty();
        !old.tried
    }

    fn renew(&self, old: &mut Old) {
        match self.read_hosts(&old.hosts) {
            Ok(()) => old.hosts = OldHosts::None,
            Err(e) => tracing::error!("the host table could not be read again: {e}"),
        }
        old.rules.retain(|site| match pages::renew_rules(&self.web, &self.store, *site) {
            Ok(()) => false,
            Err(e) => {
                tracing::error!("the rules of site {site} could not be read again: {e}");
                true
            }
        });
    }

    fn read_hosts(&self, old: &OldHosts) -> Result<()> {
        match old {
            OldHosts::None => {}
            OldHosts::Of(sites) => {
                self.web.hosts.swap(pages::renewed(&self.store, &self.web.hosts.now(), sites, self.port)?);
            }
            OldHosts::All => SiteTables::read(&self.store, self.port, &self.dirs)?.put(&self.web),
        }
        Ok(())
    }
}
