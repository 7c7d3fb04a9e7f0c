//! Looking at an export and importing it as jobs: people follow them, stop them, and go on later.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use freehold_base::{Capability, Clock, Code, Error, JobId, OrInternal as _, Result, Role, SiteId, UserId};
use freehold_host::arrivals::Arrivals;
use freehold_host::outbound::BlockingOutbound;
use freehold_platform::jobs::{self, Context, Failure, Handlers, JobFilter, Lane, NewJob};
use freehold_platform::secrets::Keyring;
use freehold_store::Tx;
use serde::{Deserialize, Serialize};

use super::{Import, MediaMode, OnDisk, Options, Origin, Report, Source};
use crate::library::Library;

/// Looks what is in an export.
pub const LOOK: &str = "import.look";
/// Imports it.
pub const RUN: &str = "import.wxr";
/// Sent files whose import never came are kept so long.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Time between two notes of progress: each is a write.
const NOTE_EACH: Duration = Duration::from_millis(400);

/// Where the export lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Sent in; taken away when its import is done.
    Sent(String),
    /// Put into the import folder by whoever runs the machine.
    Put(String),
    /// Anywhere on the machine: from the command line only.
    Path(PathBuf),
}

/// What becomes of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// Fetched from the other site.
    Download,
    /// Shown from the other site.
    Link,
    /// Left alone.
    Skip,
    /// Taken from a copy of `wp-content/uploads` on this machine.
    Folder(PathBuf),
}

impl Media {
    /// As the importer takes it.
    pub fn mode(&self) -> MediaMode {
        match self {
            Self::Download | Self::Folder(_) => MediaMode::Take,
            Self::Link => MediaMode::Link,
            Self::Skip => MediaMode::Skip,
        }
    }
}

/// What is to be imported, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The export.
    pub place: Place,
    /// Its name, as the person knows it.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What becomes of files.
    pub media: Media,
    /// Role of people who are new on the site.
    pub role: String,
    /// Take what is complete of a file that ends too early.
    pub partial: bool,
    /// The job that looked at it before; 0 for none.
    pub looked: i64,
}

impl Order {
    /// Reads it from a job.
    ///
    /// # Errors
    /// `Internal`.
    pub fn of(job: &jobs::Job) -> Result<Self> {
        serde_json::from_str(&job.payload).or_internal("reading an import")
    }
    fn role(&self) -> Result<Role> {
        let role = Role::by_name(&self.role).filter(|r| Role::OF_SITES.contains(r) && *r != Role::Administrator);
        let choices = "subscriber, contributor, author, editor";
        role.ok_or_else(|| Error::invalid("author_role", Code::NotAllowed, choices))
    }
}

/// Queues a look at an export.
///
/// # Errors
/// `Denied`; `Invalid("author_role")`.
pub fn look_later(tx: &mut Tx<'_>, site: SiteId, order: &Order) -> Result<JobId> {
    queue(tx, site, LOOK, order)
}

/// Queues an import.
///
/// # Errors
/// `Denied`; `Invalid("author_role")`; `WrongState` while another import of the site waits or runs.
pub fn run_later(tx: &mut Tx<'_>, site: SiteId, order: &Order) -> Result<JobId> {
    let scope = tx.authorize(site, Capability::ImportRun)?;
    if running(tx, site)?.is_some() {
        return Err(Error::refused(Code::WrongState, "another import of this site is not done yet"));
    }
    let id = queue(tx, site, RUN, order)?;
    tx.audit_site(scope, "import.run", format!("\u{201c}{}\u{201d}", order.name));
    Ok(id)
}

/// The import of a site that waits or runs.
///
/// # Errors
/// `Denied`.
pub fn running(tx: &mut Tx<'_>, site: SiteId) -> Result<Option<jobs::Job>> {
    let filter =
        JobFilter { states: vec!["waiting", "running"], kinds: Some(vec![RUN.to_owned()]), ..JobFilter::default() };
    Ok(jobs::search(tx, Some(site), &filter, 0, 1)?.pop())
}

/// The newest looks and imports of a site.
///
/// # Errors
/// `Denied`.
pub fn recent(tx: &mut Tx<'_>, site: SiteId, limit: i64) -> Result<Vec<jobs::Job>> {
    let filter = JobFilter { states: Vec::new(), kinds: Some(vec![RUN.to_owned()]), ..JobFilter::default() };
    jobs::search(tx, Some(site), &filter, 0, limit)
}

fn queue(tx: &mut Tx<'_>, site: SiteId, kind: &'static str, order: &Order) -> Result<JobId> {
    let scope = tx.authorize(site, Capability::ImportRun)?;
    if !scope.capabilities().contains(order.role()?.capabilities()) {
        return Err(Error::denied());
    }
    if !matches!(order.place, Place::Sent(_)) {
        // What lies on the machine is the business of whoever runs it.
        tx.authorize_server(Capability::ServerManage)?;
    }
    let payload = serde_json::to_string(order).or_internal("writing an import")?;
    let run_at = tx.now();
    jobs::enqueue(tx, &NewJob { site, kind, payload: &payload, run_at, unique_key: None })
}

/// What the jobs work with.
#[derive(Clone)]
pub struct Desk {
    /// Where exports lie.
    pub arrivals: Arrivals,
    /// Where files go.
    pub library: Library,
    /// Seals passwords of entries.
    pub keys: Arc<Keyring>,
    /// Where downloads grow.
    pub cache: PathBuf,
    /// Makes the outgoing client: only for imports that fetch files.
    pub outbound: Arc<dyn Fn() -> Result<BlockingOutbound> + Send + Sync>,
}

/// An open file that is read from its start as often as needed.
struct Opened(File);

impl Source for Opened {
    fn open(&self) -> Result<Box<dyn BufRead>> {
        let mut file = self.0.try_clone().or_internal("reading an export")?;
        file.rewind().or_internal("reading an export")?;
        Ok(Box::new(BufReader::with_capacity(256 << 10, file)))
    }
}

/// Adds the handlers.
pub fn register(handlers: &mut Handlers, desk: &Desk) {
    let own = desk.clone();
    handlers.add(LOOK, move |job| own.look(job));
    let own = desk.clone();
    handlers.add_to(Lane::Long, RUN, move |job| own.run(job));
}

impl Desk {
    fn source(&self, order: &Order) -> Result<Box<dyn Source>> {
        Ok(match &order.place {
            Place::Sent(name) => Box::new(Opened(self.arrivals.open_sent(name)?)),
            Place::Put(name) => Box::new(Opened(self.arrivals.open_put(name)?)),
            Place::Path(path) => Box::new(OnDisk(path.clone())),
        })
    }

    fn look(&self, job: &Context<'_>) -> std::result::Result<String, Failure> {
        let order: Order = job.payload()?;
        job.progress(0, 0, "Reading the file")?;
        let report = self.import(job, &order, None, |import| import.look())?;
        written(&report)
    }

    fn run(&self, job: &Context<'_>) -> std::result::Result<String, Failure> {
        let order: Order = job.payload()?;
        let origin = match &order.media {
            Media::Download => Some(Origin::Web(Box::new((self.outbound)()?), self.cache.clone())),
            Media::Folder(folder) => Some(Origin::Folder(folder.clone())),
            Media::Link | Media::Skip => None,
        };
        let mut stopped = None;
        let mut noted: Option<(Instant, &'static str)> = None;
        let report = self.import(job, &order, origin.as_ref(), |import| {
            import.run(&mut |p| {
                let now = Clock::instant();
                if noted.is_some_and(|(at, stage)| stage == p.stage && now - at < NOTE_EACH) {
                    return true;
                }
                noted = Some((now, p.stage));
                let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                match job.progress(number(p.done), number(p.total), p.stage) {
                    Ok(()) => true,
                    Err(why) => {
                        stopped = Some(why);
                        false
                    }
                }
            })
        })?;
        if let Some(why) = stopped {
            return Err(why);
        }
        if let Place::Sent(name) = &order.place {
            self.arrivals.remove_sent(name)?;
        }
        written(&report)
    }

    fn import(
        &self,
        job: &Context<'_>,
        order: &Order,
        origin: Option<&Origin>,
        act: impl FnOnce(&Import<'_>) -> Result<Report>,
    ) -> Result<Report> {
        let source = self.source(order)?;
        let importer = Some(UserId(job.job.created_by)).filter(|user| user.get() > 0);
        act(&Import {
            store: job.store,
            site: job.site(),
            keys: &self.keys,
            source: &*source,
            options: Options {
                media: order.media.mode(),
                author_role: order.role()?,
                importer,
                partial: order.partial,
            },
            files: origin.map(|origin| (origin, &self.library)),
        })
    }
}

fn written(report: &Report) -> std::result::Result<String, Failure> {
    serde_json::to_string(report).map_err(|e| Failure::Final(Error::internal("writing the report", e)))
}
