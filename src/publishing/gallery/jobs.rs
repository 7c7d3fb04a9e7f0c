//! Installing a theme as a job: fetched, read, looked at, and only then put where pages are drawn from (row TH01).

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freehold_base::{Code, Error, JobId, OrInternal as _, Result, SiteId};
use freehold_host::arrivals::Arrivals;
use freehold_host::files::{Reserve, scratch};
use freehold_host::outbound::{BlockingOutbound, Limits};
use freehold_platform::jobs::{self, Context, Failure, Handlers, Lane, NewJob};
use freehold_store::Tx;
use serde::{Deserialize, Serialize};

use super::look::Reports;
use super::{Owner, Shelves};
use crate::themes::check::{Level, check};
use crate::themes::live::{own_name, split};
use crate::themes::package::refused;
use crate::themes::{Manifest, Origin, Package, Theme, ThemeFiles, Themes, sample};

/// Installs a theme, or puts a newer one in place of it.
pub const INSTALL: &str = "theme.install";
/// Largest archive, in bytes.
pub const MAX_ARCHIVE_BYTES: u64 = 64 << 20;
/// Themes that a site has for itself, at most: each is kept in memory.
const MAX_OWN: usize = 5;
/// How long another server may take to send one.
const FETCH: Duration = Duration::from_secs(180);

/// Where a theme comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Sent in; taken away when the job is done.
    Sent(String),
    /// An archive on another server.
    Address(String),
    /// A folder of this machine: from the command line only.
    Folder(PathBuf),
    /// An archive on this machine: from the command line only.
    File(PathBuf),
}

/// What is to be installed, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Where it is.
    pub place: Place,
    /// Its file's name or its address, as the person knows it.
    pub source: String,
    /// Name of its folder; empty: made from the theme's own name.
    pub name: String,
    /// Whose it shall be: a site; 0 for all sites.
    pub site: SiteId,
    /// Also where the same or a newer version is there, or one by somebody else.
    pub replace: bool,
}

impl Order {
    fn owner(&self) -> Owner {
        if self.site == SiteId(0) { Owner::Everybody } else { Owner::Site(self.site) }
    }

    /// Reads it from a job.
    ///
    /// # Errors
    /// `Internal`.
    pub fn of(job: &jobs::Job) -> Result<Self> {
        serde_json::from_str(&job.payload).or_internal("reading what to install")
    }
}

/// What was installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// How the theme is known.
    pub theme: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Whether it took the place of another version.
    pub replaced: bool,
    /// What of the archive is no part of a theme: the first names.
    pub left_out: Vec<String>,
    /// Findings of the theme check that are no errors.
    pub warnings: usize,
}

/// Queues the installing of a theme.
///
/// # Errors
/// `Denied`; `Invalid("address")`, `Invalid("name")`.
pub fn install_later(tx: &mut Tx<'_>, shelves: &Shelves, order: &Order) -> Result<JobId> {
    check_order(tx, shelves, order)?;
    let payload = serde_json::to_string(order).or_internal("writing what to install")?;
    let run_at = tx.now();
    jobs::enqueue(tx, &NewJob { site: order.site, kind: INSTALL, payload: &payload, run_at, unique_key: None })
}

/// Whether the actor may have this installed; writes down that it is. For who then calls [`Desk::install`] itself.
///
/// # Errors
/// As [`install_later`].
pub fn check_order(tx: &mut Tx<'_>, shelves: &Shelves, order: &Order) -> Result<()> {
    let chain = shelves.authorize(tx, order.owner())?;
    match &order.place {
        Place::Address(address) => shelves.check_address(address)?,
        Place::Sent(_) => {}
        // What lies on the machine is the business of whoever runs it.
        Place::Folder(_) | Place::File(_) => {
            tx.authorize_server(freehold_base::Capability::ServerManage)?;
        }
    }
    if !order.name.is_empty() && !crate::themes::files::is_name(&order.name) {
        return Err(Error::invalid("name", Code::NotAllowed, "a-z, 0-9, - and _"));
    }
    tx.audit(chain, "theme.install", format!("\u{201c}{}\u{201d}", order.source), "");
    Ok(())
}

/// Hears the names of themes that are new or changed.
pub type Heard = Arc<dyn Fn(&[String]) + Send + Sync>;

/// What the job works with.
#[derive(Clone)]
pub struct Desk {
    /// The node's themes.
    pub themes: Arc<Themes>,
    /// Where they lie.
    pub shelves: Shelves,
    /// Where sent archives lie.
    pub arrivals: Arrivals,
    /// Where downloads grow.
    pub cache: PathBuf,
    /// What stays free of the disk.
    pub reserve: Reserve,
    /// Makes the outgoing client.
    pub outbound: Arc<dyn Fn() -> Result<BlockingOutbound> + Send + Sync>,
    /// Hears which themes are new or changed.
    pub changed: Heard,
    /// What the theme check found, by the hash of a chain.
    pub reports: Reports,
    /// Held while a text of a theme is changed.
    pub editing: Arc<Mutex<()>>,
}

/// Adds the handler.
pub fn register(handlers: &mut Handlers, desk: &Desk) {
    let desk = desk.clone();
    handlers.add_to(Lane::Outside, INSTALL, move |job| desk.job(job));
}

impl Desk {
    fn job(&self, job: &Context<'_>) -> std::result::Result<String, Failure> {
        let order: Order = job.payload()?;
        let report = self.install(&order, &mut |step, words| match job.progress(step, 3, words) {
            Ok(()) => Ok(()),
            Err(Failure::Cancelled) => Err(Stopped::Asked),
            Err(Failure::Later(e) | Failure::Final(e)) => Err(Stopped::By(e)),
        });
        let failed = match report {
            Ok(report) => {
                self.forget(&order)?;
                return serde_json::to_string(&report)
                    .map_err(|e| Failure::Final(Error::internal("writing the report", e)));
            }
            Err(Stopped::Asked) => return Err(Failure::Cancelled),
            Err(Stopped::By(e)) => Failure::from(e),
        };
        if matches!(failed, Failure::Final(_)) {
            self.forget(&order)?;
        }
        Err(failed)
    }

    /// Installs it now; `told` hears each step.
    ///
    /// # Errors
    /// `ThemeRefused`, `ArchiveRefused`, `OutboundRefused` with the reason; what `told` gives.
    pub fn install(
        &self,
        order: &Order,
        told: &mut dyn FnMut(i64, &str) -> std::result::Result<(), Stopped>,
    ) -> std::result::Result<Report, Stopped> {
        told(0, "fetching the theme")?;
        let package = self.package(order)?;
        told(1, "looking at the theme")?;
        let (report, files) = self.look(order, package)?;
        told(2, "putting it in place")?;
        self.shelves.of(order.owner()).put(files.name(), files.all())?;
        self.reload(&report.theme);
        Ok(report)
    }

    /// Reads the themes' folders again after one of them was changed. Its pages are drawn anew also where the watch of
    /// the folders was faster.
    pub(super) fn reload(&self, name: &str) {
        let mut changed = self.themes.reload();
        if !changed.iter().any(|known| known == name) {
            changed.push(name.to_owned());
        }
        (self.changed)(&changed);
    }

    fn forget(&self, order: &Order) -> Result<()> {
        match &order.place {
            Place::Sent(name) => self.arrivals.remove_sent(name),
            _ => Ok(()),
        }
    }

    fn package(&self, order: &Order) -> Result<Package> {
        match &order.place {
            Place::Sent(name) => Package::of_archive(&self.arrivals.open_sent(name)?, &order.name),
            Place::Folder(folder) => Package::of_folder(folder, &order.name),
            Place::File(path) => {
                let file = freehold_host::files::open(path).map_err(|e| refused(format!("it cannot be read: {e}")))?;
                Package::of_archive(&file, &order.name)
            }
            Place::Address(address) => {
                let file = scratch(&self.cache, self.reserve)?;
                let to = file.try_clone().or_internal("fetching a theme")?;
                let limits = Limits { max_bytes: MAX_ARCHIVE_BYTES, timeout: FETCH };
                let saved = (self.outbound)()?.get_to_file(address, limits, to)?;
                if self.shelves.check_address(&saved.final_url).is_err() {
                    return Err(refused("the address leads on to one that does not begin with https://"));
                }
                if saved.status != 200 {
                    return Err(refused(format!("the address answers with {}", saved.status)));
                }
                Package::of_archive(&file, &order.name).map_err(|e| match saved.content_type.as_deref() {
                    Some(kind) if kind.starts_with("text/html") => refused(
                        "the address shows a page; give that of the archive itself, which ends with .zip or .tar.gz",
                    ),
                    _ => e,
                })
            }
        }
    }

    /// Whether the theme can be put where it belongs, and works.
    fn look(&self, order: &Order, package: Package) -> Result<(Report, ThemeFiles)> {
        let Package { files, left_out } = package;
        let owner = order.owner();
        let site = (order.site != SiteId(0)).then_some(order.site);
        let known = site.map_or_else(|| files.name().to_owned(), |site| own_name(files.name(), site));
        let wrong = |problem: crate::themes::Problem| refused(problem.to_string());
        let manifest = Manifest::read(&files).map_err(wrong)?;
        let before = match self.themes.origin(&known) {
            None => None,
            Some(Origin::Shipped) if owner == Owner::Everybody => {
                return Err(refused(format!("Freehold has a theme named {known}; give this one another name")));
            }
            Some(_) => {
                let before = self.themes.chain(&known).ok().and_then(|chain| Manifest::read(chain.first()?).ok());
                if before.is_none() && !order.replace {
                    return Err(refused(format!(
                        "{known} is here and broken. Choose \u{201c}replace\u{201d} to install this one all the same"
                    )));
                }
                before
            }
        };
        if let (Some(before), false) = (&before, order.replace) {
            check_update(before, &manifest)?;
        }
        if let (None, Some(site)) = (&before, site) {
            self.check_room(site)?;
        }
        let chain = self.themes.chain_of(files.clone(), site).map_err(wrong)?;
        let theme = Theme::compile(&chain).map_err(wrong)?;
        sample::try_all(&theme).map_err(wrong)?;
        let report = Report {
            theme: known,
            title: manifest.theme.name,
            version: manifest.theme.version,
            replaced: before.is_some(),
            left_out,
            warnings: check(&chain).count(Level::Warning),
        };
        Ok((report, files))
    }
}

impl Desk {
    /// Whether a site may have one more theme for itself.
    pub(super) fn check_room(&self, site: SiteId) -> Result<()> {
        let own = self.themes.known(site).iter().filter(|name| split(name).1.is_some()).count();
        if own < MAX_OWN {
            return Ok(());
        }
        Err(refused(format!("the site has {MAX_OWN} themes of its own; remove one first")))
    }
}

/// Why an installation stopped.
#[derive(Debug)]
pub enum Stopped {
    /// Somebody asked.
    Asked,
    /// It cannot be done.
    By(Error),
}

impl From<Error> for Stopped {
    fn from(e: Error) -> Self {
        Self::By(e)
    }
}

/// A theme takes the place of another one by itself only where it is a later version by the same author (rule D6).
fn check_update(before: &Manifest, new: &Manifest) -> Result<()> {
    let (old, new) = (&before.theme, &new.theme);
    if old.author != new.author || old.name != new.name {
        return Err(refused(format!(
            "another theme has this name already: {} by {}. Give this one another name, or choose \u{201c}replace\u{201d} to put it in the place of that one",
            old.name,
            if old.author.is_empty() { "nobody who says so" } else { &old.author }
        )));
    }
    if !is_later(&new.version, &old.version) {
        return Err(refused(format!(
            "version {} is here, and this is {}. Choose \u{201c}replace\u{201d} to install it all the same",
            old.version, new.version
        )));
    }
    Ok(())
}

/// Whether a version comes after another: number by number; what is no number is compared as text.
fn is_later(new: &str, old: &str) -> bool {
    let steps = |version: &str| -> Vec<(u64, String)> {
        let parts = version.trim_start_matches('v').split(['.', '-', '+']);
        parts.map(|part| part.parse().map_or_else(|_| (0, part.to_owned()), |n| (n, String::new()))).collect()
    };
    steps(new) > steps(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_one_after_the_other() {
        for (new, old, later) in [
            ("1.10.0", "1.9.9", true),
            ("1.9.9", "1.10.0", false),
            ("2", "1.99", true),
            ("1.0", "1.0", false),
            ("1.0.1", "1.0", true),
            ("v2.0", "1.0", true),
            ("1.0-beta", "1.0", true),
        ] {
            assert_eq!(is_later(new, old), later, "{new} {old}");
        }
    }

    #[test]
    fn d06_only_a_later_version_by_the_same_author_takes_a_place_by_itself() {
        let of = |name: &str, author: &str, version: &str| {
            let text = format!("[theme]\nname = \"{name}\"\nauthor = \"{author}\"\nversion = \"{version}\"\napi = 1\n");
            Manifest::read(&ThemeFiles::from_memory("x", [("theme.toml", text)])).unwrap()
        };
        let before = of("Meadow", "Ida", "1.2");
        assert!(check_update(&before, &of("Meadow", "Ida", "1.3")).is_ok());
        for other in
            [of("Meadow", "Ida", "1.2"), of("Meadow", "Ida", "1.1"), of("Meadow", "Eve", "9"), of("Lawn", "Ida", "9")]
        {
            assert!(check_update(&before, &other).is_err(), "{:?}", other.theme);
        }
    }
}
