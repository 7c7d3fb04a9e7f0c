//! Installing a plugin as a job: fetched, read, looked at, and put where it waits for a person, or, where it is a later
//! version that asks for nothing new, in place of the one that is here (row PL02, rule D6).

use std::sync::Arc;

use freehold_base::{Capability, Error, JobId, OrInternal as _, Result, SiteId};
use freehold_platform::jobs::{self, Context, Failure, Handlers, Lane, NewJob};
use freehold_plugins::package::Package;
use freehold_plugins::update::{Verdict, judge};
use freehold_store::plugins::{self as rows, Plugin as Row};
use freehold_store::{Actor, Store, Tx, audit};
use serde::{Deserialize, Serialize};

use super::admin::{row_of, tell_upgraded, written};
use super::files::{self, MAX_ARCHIVE_BYTES, refused};
use super::live::Plugins;
use super::offered;
use super::parts::{About, Origin, Waiting, installed, sentences};
pub use crate::bring::Place;
use crate::bring::{self, Bring, Brought};
pub use crate::gallery::jobs::Stopped;

/// Installs a plugin, or a newer version of one.
pub const INSTALL: &str = "plugin.install";

/// What is to be installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Where it is.
    pub place: Place,
    /// Its file's name or its address, as the person knows it.
    pub source: String,
}

impl Order {
    /// Reads it from a job.
    ///
    /// # Errors
    /// `Internal`.
    pub fn of(job: &jobs::Job) -> Result<Self> {
        serde_json::from_str(&job.payload).or_internal("reading what to install")
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is here, and waits for a person.
    #[default]
    Held,
    /// It took the place of the version before.
    Updated,
    /// It waits for a person, and the version before runs on.
    Waits,
}

/// What was installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Its id.
    pub plugin: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why a newer version waits; empty where none does.
    pub why: String,
}

/// Queues the installing of a plugin.
///
/// # Errors
/// `Denied`; `Invalid("address")`.
pub fn install_later(tx: &mut Tx<'_>, desk: &Desk, order: &Order) -> Result<JobId> {
    check_order(tx, desk, order)?;
    let payload = serde_json::to_string(order).or_internal("writing what to install")?;
    let run_at = tx.now();
    jobs::enqueue(tx, &NewJob { site: SiteId(0), kind: INSTALL, payload: &payload, run_at, unique_key: None })
}

/// Whether the actor may have this installed; writes down that it is. For who then calls [`Desk::install`] itself.
///
/// # Errors
/// As [`install_later`].
pub fn check_order(tx: &mut Tx<'_>, desk: &Desk, order: &Order) -> Result<()> {
    tx.authorize_server(Capability::ServerManage)?;
    bring::check(tx, &desk.bring.plain, &order.place)?;
    tx.audit(audit::Chain::Server, "plugin.install", format!("\u{201c}{}\u{201d}", order.source), "");
    Ok(())
}

/// What the job works with.
#[derive(Clone)]
pub struct Desk {
    /// The node's plugins.
    pub plugins: Arc<Plugins>,
    /// Brings them.
    pub bring: Bring,
}

/// Adds the handler.
pub fn register(handlers: &mut Handlers, desk: &Desk) {
    let desk = desk.clone();
    handlers.add_to(Lane::Outside, INSTALL, move |job| desk.job(job));
}

impl Desk {
    fn job(&self, job: &Context<'_>) -> std::result::Result<String, Failure> {
        let order: Order = job.payload()?;
        let report = self.install(job.store, &order, &mut |step, words| match job.progress(step, 3, words) {
            Ok(()) => Ok(()),
            Err(Failure::Cancelled) => Err(Stopped::Asked),
            Err(Failure::Later(e) | Failure::Final(e)) => Err(Stopped::By(e)),
        });
        let failed = match report {
            Ok(report) => {
                self.bring.forget(&order.place)?;
                return serde_json::to_string(&report)
                    .map_err(|e| Failure::Final(Error::internal("writing the report", e)));
            }
            Err(Stopped::Asked) => return Err(Failure::Cancelled),
            Err(Stopped::By(e)) => Failure::from(e),
        };
        if matches!(failed, Failure::Final(_)) {
            self.bring.forget(&order.place)?;
        }
        Err(failed)
    }

    /// Installs it now; `told` hears each step.
    ///
    /// # Errors
    /// `PluginRefused`, `ArchiveRefused`, `OutboundRefused` with the reason; what `told` gives.
    pub fn install(
        &self,
        store: &Store,
        order: &Order,
        told: &mut dyn FnMut(i64, &str) -> std::result::Result<(), Stopped>,
    ) -> std::result::Result<Report, Stopped> {
        told(0, "fetching the plugin")?;
        let package = match self.bring.open(&order.place, MAX_ARCHIVE_BYTES, refused)? {
            Brought::Folder(folder) => files::of_any_folder(&folder)?,
            Brought::Archive(file) => files::of_archive(&file)?,
        };
        told(1, "looking at the plugin")?;
        offered::check(&package.manifest)?;
        let found = self.plugins.find(package.manifest.id.as_str()).ok();
        if found.as_ref().is_some_and(|known| known.origin == Some(Origin::Shipped)) {
            let why = format!("Freehold has a plugin named {}; give this one another id", package.manifest.id);
            return Err(refused(why).into());
        }
        told(2, "putting it in place")?;
        let row = found.and_then(|known| known.row.clone());
        Ok(match row {
            None => self.first(store, &package)?,
            Some(row) => self.newer(store, &row, &package)?,
        })
    }

    /// Nobody agreed to it yet: it waits.
    fn first(&self, store: &Store, package: &Package) -> Result<Report> {
        self.plugins.live().put(package.manifest.id.as_str(), &package.files)?;
        self.plugins.reload(store)?;
        Ok(report(package, Outcome::Held, String::new()))
    }

    fn newer(&self, store: &Store, row: &Row, package: &Package) -> Result<Report> {
        if row.digest == package.digest {
            return Err(refused(format!("this very version {} is here already", row.version)));
        }
        let installed = installed(row).ok_or_else(|| Error::internal("reading what was agreed to", row.id.clone()))?;
        let reasons = match judge(&installed, package)? {
            Verdict::Go => return self.go(store, package),
            Verdict::Held(reasons) => reasons,
        };
        let why = sentences(reasons.iter(), package);
        let waiting = Waiting { digest: package.digest.clone(), why: why.clone() };
        let waiting = serde_json::to_string(&waiting).or_internal("writing what waits")?;
        let id = row.id.clone();
        store.write(&Actor::system(), move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let row = rows::find(tx, &id)?.ok_or_else(|| Error::not_found("plugin"))?;
            let changed_at = tx.now();
            rows::put(tx, server, &Row { waiting: waiting.clone(), changed_at, ..row })
        })?;
        // The row first: what lies there without one is swept away.
        self.plugins.waiting().put(&row.id, &package.files)?;
        self.plugins.reload(store)?;
        Ok(report(package, Outcome::Waits, why))
    }

    /// It asks for nothing new: it takes the place of the version before.
    fn go(&self, store: &Store, package: &Package) -> Result<Report> {
        if !self.plugins.is_safe_mode() {
            self.plugins.check_code(package)?;
        }
        self.plugins.live().put(package.manifest.id.as_str(), &package.files)?;
        let about = About::of(package);
        store.write(&Actor::system(), move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let before = rows::find(tx, about.manifest.id.as_str())?.ok_or_else(|| Error::not_found("plugin"))?;
            let fresh = row_of(&about, Some(&before), tx.now());
            // One that was stopped stays so.
            rows::put(tx, server, &Row { state: before.state.clone(), reason: before.reason.clone(), ..fresh })?;
            tell_upgraded(tx, server, &about.manifest, &before.version)?;
            written(tx, "plugin.update", &format!("{} {}", about.manifest.name, about.manifest.version));
            Ok(())
        })?;
        Ok(report(package, Outcome::Updated, String::new()))
    }
}

fn report(package: &Package, outcome: Outcome, why: String) -> Report {
    let manifest = &package.manifest;
    Report {
        plugin: manifest.id.to_string(),
        title: manifest.name.clone(),
        version: manifest.version.to_string(),
        outcome,
        why,
    }
}
