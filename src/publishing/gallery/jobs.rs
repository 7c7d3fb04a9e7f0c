//! Installing a theme as a job: fetched, read, looked at, and only then put where pages are drawn from (row TH01).

use std::sync::Arc;

use freehold_base::{Code, Error, JobId, OrInternal as _, Result, SiteId};
use freehold_platform::jobs::{self, Context, Failure, Handlers, Lane, NewJob};
use freehold_store::Tx;
use serde::{Deserialize, Serialize};

use super::look::Reports;
use super::{Owner, Shelves};
pub use crate::bring::Place;
use crate::bring::{self, Bring, Brought};
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
    bring::check(tx, &shelves.plain, &order.place)?;
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
    /// Brings them.
    pub bring: Bring,
    /// Hears which themes are new or changed.
    pub changed: Heard,
    /// What the theme check found, by the hash of a chain.
    pub reports: Reports,
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
        let changed = self.themes.reload();
        (self.changed)(&changed);
        Ok(report)
    }

    fn package(&self, order: &Order) -> Result<Package> {
        match self.bring.open(&order.place, MAX_ARCHIVE_BYTES, refused)? {
            Brought::Folder(folder) => Package::of_folder(&folder, &order.name),
            Brought::Archive(file) => Package::of_archive(&file, &order.name),
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
        let own = site.map_or(0, |site| self.themes.known(site).iter().filter(|name| split(name).1.is_some()).count());
        if before.is_none() && own >= MAX_OWN {
            return Err(refused(format!("the site has {MAX_OWN} themes of its own; remove one first")));
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
