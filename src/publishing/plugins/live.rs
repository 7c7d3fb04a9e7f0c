//! The plugins of this node: what their folders hold, what people agreed to, what runs, and where. Kept in memory and put
//! together anew when a change was committed; asking never waits for that. A newer state that cannot run leaves the last
//! good one in place (rule F9).

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use freehold_base::{AccountId, Capability, Error, Result, Secret, SiteId};
use freehold_host::files::Reserve;
use freehold_host::rooted::Rooted;
use freehold_host::shelf::Shelf;
use freehold_host::threads;
use freehold_platform::secrets::Keyring;
use freehold_plugins::costs::Costs;
use freehold_plugins::engine::{Engine, Setup};
use freehold_plugins::hooks::Hook;
use freehold_plugins::manifest::PluginId;
use freehold_plugins::package::Package;
use freehold_plugins::update::{Reason, Verdict, judge};
use freehold_store::plugins::{self as rows, OnSite, Plugin as Row};
use freehold_store::{Actor, Store};

use super::parts::{
    About, LineUp, Origin, Placed, Plugin, Shared, Standing, Unit, Waiting, installed, sentences, why_of,
};
use super::said::Said;
use super::settings::Values;
use super::world::World;
use super::{code, files, offered};

/// Rows that are read at once.
const ROWS: i64 = 1000;

/// Where plugins lie, and how they run.
pub struct Options {
    /// Folder of the plugins that were added.
    pub folder: PathBuf,
    /// Folder of newer versions that wait.
    pub waiting: PathBuf,
    /// Folder of machine code: can be deleted.
    pub cache: PathBuf,
    /// What stays free of the disk.
    pub reserve: Reserve,
    /// None runs.
    pub safe_mode: bool,
}

/// The plugins of this node.
pub struct Plugins {
    live: Shelf,
    waiting: Shelf,
    safe_mode: bool,
    cache: PathBuf,
    engine: Mutex<Option<Engine>>,
    pub(super) shared: Arc<Shared>,
    known: ArcSwap<BTreeMap<String, Arc<Plugin>>>,
    /// In the order in which they are asked.
    sites: ArcSwap<HashMap<SiteId, Arc<[Placed]>>>,
    /// One at a time.
    reloading: Mutex<()>,
}

impl std::fmt::Debug for Plugins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugins").field("live", &self.live).finish_non_exhaustive()
    }
}

impl Plugins {
    /// Of these folders; none is known before [`Plugins::reload`].
    pub fn new(options: Options, keys: Arc<Keyring>) -> Self {
        let shared = Shared {
            store: OnceLock::new(),
            keys,
            said: Said::default(),
            tripped: OnceLock::new(),
            page_us: AtomicU64::new(0),
        };
        Self {
            live: Shelf::new(&options.folder, options.reserve),
            waiting: Shelf::new(&options.waiting, options.reserve),
            safe_mode: options.safe_mode,
            cache: options.cache,
            engine: Mutex::default(),
            shared: Arc::new(shared),
            known: ArcSwap::default(),
            sites: ArcSwap::default(),
            reloading: Mutex::default(),
        }
    }

    /// Whether none runs, whatever people chose.
    pub fn is_safe_mode(&self) -> bool {
        self.safe_mode
    }
    /// The plugins that are here, those that we ship among them, by their ids.
    pub fn all(&self) -> Vec<Arc<Plugin>> {
        self.known.load().values().cloned().collect()
    }
    /// One of them.
    ///
    /// # Errors
    /// `NotFound("plugin")`.
    pub fn find(&self, id: &str) -> Result<Arc<Plugin>> {
        self.known.load().get(id).cloned().ok_or_else(|| Error::not_found("plugin"))
    }
    /// What plugins said of late.
    pub fn said(&self) -> &Said {
        &self.shared.said
    }
    /// The share of the time of pages that a plugin took, in percent; none where there were no such pages yet.
    pub fn share_of_pages(&self, plugin: &Plugin) -> Option<u64> {
        let all = self.shared.page_us.load(Ordering::Relaxed);
        let unit = plugin.unit.as_ref()?;
        let spent = unit.costs.get(&Hook::EntryRender)?.figures().spent.as_micros();
        (all > 0).then(|| u64::try_from(spent * 100 / u128::from(all)).unwrap_or(100).min(100))
    }
    /// Counts the time of a page of a site on which plugins run.
    pub(crate) fn count_page(&self, site: SiteId, took: Duration) {
        if !self.sites.load().contains_key(&site) {
            return;
        }
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.shared.page_us.fetch_add(us, Ordering::Relaxed);
    }
    pub(super) fn keys(&self) -> &Keyring {
        &self.shared.keys
    }
    pub(super) fn live(&self) -> &Shelf {
        &self.live
    }
    pub(super) fn waiting(&self) -> &Shelf {
        &self.waiting
    }
    /// Takes away what an earlier run left half written.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn sweep(&self) -> Result<()> {
        self.live.sweep()?;
        self.waiting.sweep()
    }

    /// The plugins of a site, in the order in which they are asked; `account`: whose the site is.
    pub(crate) fn line_up(&self, site: SiteId, account: AccountId) -> LineUp {
        let placed = self.sites.load().get(&site).cloned().unwrap_or_default();
        LineUp { site, account, placed, shared: Arc::clone(&self.shared) }
    }
    /// One plugin as a site has it, whether or not it is on there.
    pub(super) fn placed(&self, on: &OnSite) -> Option<Placed> {
        let unit = self.known.load().get(&on.plugin_id)?.unit.clone()?;
        Some(Placed { unit, values: Arc::new(Values::read(&on.settings, &on.secrets)) })
    }

    /// Puts everything together as folders and database have it.
    ///
    /// # Errors
    /// Database failures; what is wrong with one plugin's files is no failure.
    pub fn reload(&self, store: &Store) -> Result<()> {
        let _one = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.shared.store.set(store.clone());
        let system = Actor::system();
        let rows = store.read(&system, rows::all)?;
        let before = self.known.load_full();
        let known: BTreeMap<String, Arc<Plugin>> = self
            .ids(&rows)
            .into_iter()
            .map(|id| {
                let row = rows.iter().find(|row| row.id == id).cloned();
                let plugin = Arc::new(self.stand(&id, row, before.get(&id)));
                (id, plugin)
            })
            .collect();
        self.known.store(Arc::new(known));
        let mut all: Vec<OnSite> = Vec::new();
        loop {
            let last = all.last().map(|on| (on.site_id, on.plugin_id.clone())).unwrap_or_default();
            let more = store.read(&system, move |tx| {
                let server = tx.authorize_server(Capability::ServerRead)?;
                rows::running(tx, server, (last.0, &last.1), ROWS)
            })?;
            let done = more.len() < usize::try_from(ROWS).unwrap_or(usize::MAX);
            all.extend(more);
            if done {
                break;
            }
        }
        let mut sites: HashMap<SiteId, Vec<OnSite>> = HashMap::new();
        for on in all {
            sites.entry(on.site_id).or_default().push(on);
        }
        let sites = sites.into_iter().map(|(site, on)| (site, self.in_order(&on))).collect();
        self.sites.store(Arc::new(sites));
        Ok(())
    }

    /// Reads anew what one site wants.
    ///
    /// # Errors
    /// Database failures.
    pub fn reload_site(&self, store: &Store, site: SiteId) -> Result<()> {
        let _one = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let found = store.read(&Actor::system(), move |tx| {
            let scope = tx.visit(site)?;
            rows::of_site(tx, scope)
        });
        let on: Vec<OnSite> = match found {
            Err(e) if e.status() == 404 => Vec::new(),
            found => found?.into_iter().filter(|on| on.is_on).collect(),
        };
        let line_up = self.in_order(&on);
        self.sites.rcu(|sites| {
            let mut sites = HashMap::clone(sites);
            if line_up.is_empty() {
                sites.remove(&site);
            } else {
                sites.insert(site, Arc::clone(&line_up));
            }
            sites
        });
        Ok(())
    }

    /// Plugins that run there, each after those that it wants to run after.
    fn in_order(&self, on: &[OnSite]) -> Arc<[Placed]> {
        let mut left: Vec<Placed> = on.iter().filter_map(|on| self.placed(on)).collect();
        let mut order: Vec<Placed> = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let waits_for = |this: &Placed, other: &Placed| {
                let (own, others) = (&this.unit.about.manifest, &other.unit.about.manifest);
                this.unit.id != other.unit.id
                    && (own.order.after.contains(&others.id) || others.order.before.contains(&own.id))
            };
            // Where they wait for each other in a circle, the first by name goes first.
            let next = left.iter().position(|this| !left.iter().any(|other| waits_for(this, other))).unwrap_or(0);
            order.push(left.remove(next));
        }
        order.into()
    }

    /// Ids of plugins that are here, and of those that were.
    fn ids(&self, rows: &[Row]) -> Vec<String> {
        let in_folder = Rooted::open(self.live.root()).and_then(|root| root.names());
        let mut ids = files::shipped_ids();
        ids.extend(in_folder.unwrap_or_default().into_iter().filter(|name| is_id(name)));
        ids.extend(rows.iter().map(|row| row.id.clone()));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The files of a plugin: what lies in the folder comes before what we ship.
    pub(super) fn package(&self, id: &str) -> Result<(Package, Origin)> {
        match files::of_folder(self.live.root(), id) {
            Err(e) if e.status() == 404 || !self.live.root().is_dir() => Ok((files::shipped(id)?, Origin::Shipped)),
            read => Ok((read?, Origin::Added)),
        }
    }

    /// How a plugin stands now.
    fn stand(&self, id: &str, row: Option<Row>, before: Option<&Arc<Plugin>>) -> Plugin {
        if let Some(row) = &row {
            self.finish_update(id, row);
        }
        let found = self.package(id).and_then(|(package, origin)| {
            offered::check(&package.manifest)?;
            Ok((package, origin))
        });
        let waiting = row.as_ref().and_then(|row| self.waits(id, row));
        let (package, origin) = match found {
            Ok(found) => found,
            Err(e) => {
                let why = if e.status() == 404 { "its files are gone".to_owned() } else { why_of(&e) };
                // The last good one runs on.
                let last = before.filter(|last| last.unit.is_some() && last.row == row);
                return Plugin {
                    id: id.to_owned(),
                    origin: None,
                    about: last.and_then(|last| last.about.clone()),
                    standing: Standing::Broken(why),
                    unit: last.and_then(|last| last.unit.clone()),
                    row,
                    waiting,
                };
            }
        };
        let about = Arc::new(About::of(&package));
        let mut standing = standing(row.as_ref(), &package);
        let mut unit = None;
        if standing == Standing::Enabled && !self.safe_mode {
            match self.unit(id, &package, &about, before) {
                Ok(made) => unit = Some(made),
                Err(why) => {
                    standing = Standing::Broken(why);
                    unit = before.filter(|last| last.row == row).and_then(|last| last.unit.clone());
                }
            }
        }
        Plugin { id: id.to_owned(), origin: Some(origin), about: Some(about), row, standing, waiting, unit }
    }

    /// An update that was agreed to and not yet put in place: the node fell in between.
    fn finish_update(&self, id: &str, row: &Row) {
        let waiting = files::of_folder(self.waiting.root(), id).ok();
        let Some(package) = waiting.filter(|package| package.digest == row.digest) else { return };
        let is_live = self.package(id).is_ok_and(|(package, _)| package.digest == row.digest);
        let put = if is_live { Ok(()) } else { self.live.put(id, &package.files) };
        if let Err(e) = put.and_then(|()| self.waiting.remove(id)) {
            tracing::warn!("the newer version of the plugin {id} could not be put in place: {e}");
        }
    }

    /// A newer version that waits, as its row has the reasons.
    fn waits(&self, id: &str, row: &Row) -> Option<(Arc<About>, String)> {
        if row.waiting.is_empty() {
            let swept = self.waiting.remove(id);
            swept.map_err(|e| tracing::warn!("a newer version of {id} that nobody wants stays: {e}")).ok()?;
            return None;
        }
        let waiting: Waiting = serde_json::from_str(&row.waiting).ok()?;
        let package = files::of_folder(self.waiting.root(), id).ok().filter(|p| p.digest == waiting.digest)?;
        Some((Arc::new(About::of(&package)), waiting.why))
    }

    /// What can be called: the one of before where the files are the same.
    fn unit(
        &self,
        id: &str,
        package: &Package,
        about: &Arc<About>,
        before: Option<&Arc<Plugin>>,
    ) -> Result<Arc<Unit>, String> {
        let last = before.and_then(|last| last.unit.clone());
        if let Some(last) = last.filter(|last| last.about.digest == package.digest && !last.is_open()) {
            return Ok(last);
        }
        self.fresh(id, package, about).map_err(|e| why_of(&e))
    }

    /// A package that is ready to be called. The first one takes seconds: not while somebody waits for a page.
    fn fresh(&self, id: &str, package: &Package, about: &Arc<About>) -> Result<Arc<Unit>> {
        let compiled = self.engine()?.prepare(package)?;
        let costs = about.manifest.hooks.keys().map(|hook| (*hook, Costs::default())).collect();
        Ok(Arc::new(Unit { id: id.to_owned(), about: Arc::clone(about), compiled, costs, breaker: Mutex::default() }))
    }

    /// Whether a package can be called at all, and listens where its manifest says so.
    ///
    /// # Errors
    /// `PluginRefused` with the reason.
    pub(super) fn check_code(&self, package: &Package) -> Result<()> {
        if self.is_safe_mode() {
            return Err(files::refused("this server runs in safe mode, in which no plugin can be tried"));
        }
        let unit = self.fresh(package.manifest.id.as_str(), package, &Arc::new(About::of(package)))?;
        let placed = Placed { unit, values: Arc::default() };
        let host = Box::new(World::of(&self.alone(SiteId(0), AccountId(0)), &placed));
        Ok(placed.unit.compiled.check(host)?)
    }

    /// A line-up of nobody, for one call.
    pub(super) fn alone(&self, site: SiteId, account: AccountId) -> LineUp {
        LineUp { site, account, placed: Arc::default(), shared: Arc::clone(&self.shared) }
    }

    fn engine(&self) -> Result<Engine> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*engine {
            return Ok(engine.clone());
        }
        let setup = Setup {
            cache: Arc::new(code::Kept::open(&self.cache)),
            cache_key: Secret::text(self.shared.keys.sign("plugin code", b"cache")),
            compiler: Arc::new(code::ByHelper),
            places: u32::try_from(threads::cores()).unwrap_or(1).saturating_mul(4).clamp(4, 32),
        };
        let made = Engine::new(setup).map_err(|e| Error::internal("starting the engine of plugins", e))?;
        Ok(engine.insert(made).clone())
    }
}

/// Whether a folder's name is an id.
fn is_id(name: &str) -> bool {
    PluginId::parse(name).is_some()
}

/// How a plugin stands whose files can be read.
fn standing(row: Option<&Row>, package: &Package) -> Standing {
    let Some(row) = row else { return Standing::New };
    if let Some(why) = held(row, package) {
        return Standing::Held(why);
    }
    match row.state.as_str() {
        rows::ENABLED => Standing::Enabled,
        _ => Standing::Stopped(row.reason.clone()),
    }
}

/// Why the files are not what a person agreed to; none where they are, or ask for no more.
fn held(row: &Row, package: &Package) -> Option<String> {
    if row.digest == package.digest {
        return None;
    }
    let Some(installed) = installed(row) else { return Some("what was agreed to cannot be read".into()) };
    match judge(&installed, package) {
        Err(problems) => Some(problems.to_string()),
        Ok(Verdict::Go) => None,
        Ok(Verdict::Held(reasons)) => {
            // Who works on a folder need not count up its version with every save.
            let reasons: Vec<&Reason> = reasons.iter().filter(|r| !matches!(r, Reason::NotLater(_))).collect();
            (!reasons.is_empty()).then(|| sentences(reasons.into_iter(), package))
        }
    }
}
