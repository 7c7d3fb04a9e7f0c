//! Packing and unpacking as jobs: people follow them, stop them, and they are done again after a crash.

use std::time::{Duration, Instant};

use freehold_base::{AccountId, Clock, Code, Error, JailPath, JobId, OrInternal as _, Result};
use freehold_host::account_dir::Links;
use freehold_platform::jobs::{self, Context, Failure, Handlers, Lane, NewJob};
use freehold_store::Actor;
use serde::{Deserialize, Serialize};

use super::desk::Act;
use super::unpack::{Existing, Target};
use super::work::Work;
use super::{Clash, Desk, Files, Format, follow, upkeep};

/// Makes an archive.
pub const PACK: &str = "files.pack";
/// Unpacks one.
pub const UNPACK: &str = "files.unpack";
/// Time between two notes of progress: each is a write.
const NOTE_EACH: Duration = Duration::from_millis(400);
/// Things that go into one archive.
const MOST: usize = 1000;

/// What a job did: its result, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Where it lies now; empty where a job was done again after a crash.
    pub path: String,
    /// Files and folders.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct PackOrder {
    account: i64,
    paths: Vec<String>,
    target: String,
    format: String,
    clash: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct UnpackOrder {
    account: i64,
    archive: String,
    folder: String,
    /// `None`: a new folder.
    existing: Option<Existing>,
}

impl Desk {
    /// Queues the making of an archive at `target`.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `Invalid`, `Denied`.
    pub fn pack_later(&self, paths: &[JailPath], target: &JailPath, format: Format, clash: Clash) -> Result<JobId> {
        if paths.is_empty() || paths.len() > MOST {
            return Err(Error::invalid("path", Code::Required, ""));
        }
        if !Format::MADE.contains(&format) {
            return Err(Error::invalid("archive", Code::NotAllowed, Format::NAMES));
        }
        self.looking(&paths.iter().collect::<Vec<_>>())?;
        for path in paths {
            self.home.metadata(path, Links::Refuse)?;
        }
        target.check_new()?;
        if clash == Clash::Refuse && self.home.metadata(target, Links::Refuse).is_ok() {
            return Err(Error::refused(Code::AlreadyExists, target.name()));
        }
        let order = PackOrder {
            account: self.account().get(),
            paths: paths.iter().map(ToString::to_string).collect(),
            target: target.to_string(),
            format: format.name().into(),
            clash: clash.name().into(),
        };
        self.queue(PACK, Act::on("file.pack", &paths.iter().collect::<Vec<_>>()).to(target), &order)
    }

    /// Queues the unpacking of an archive; without a target into a new folder beside it that has its name.
    ///
    /// # Errors
    /// `NotFound`, `ArchiveRefused` where it is none, `Denied`.
    pub fn unpack_later(&self, archive: &JailPath, target: Option<&Target>) -> Result<JobId> {
        self.looking(&[archive])?;
        self.home.metadata(archive, Links::Refuse)?;
        if Format::of(archive).is_none() {
            return Err(freehold_host::archive::broken("it is not a zip, tar.gz, tar.zst or tar"));
        }
        let (folder, existing) = match target {
            Some(Target::NewFolder(folder)) => (folder.clone(), None),
            Some(Target::Into(folder, existing)) => (folder.clone(), Some(*existing)),
            None => (archive.parent().unwrap_or_default().join(&Format::stem(archive))?, None),
        };
        let order = UnpackOrder {
            account: self.account().get(),
            archive: archive.to_string(),
            folder: folder.to_string(),
            existing,
        };
        self.queue(UNPACK, Act::on("file.unpack", &[archive]).to(&folder), &order)
    }

    fn queue(&self, kind: &'static str, act: Act, order: &impl Serialize) -> Result<JobId> {
        let payload = serde_json::to_string(order).or_internal("writing a job")?;
        let site = self.site();
        self.noting(act, move |tx, _| {
            let run_at = tx.now();
            jobs::enqueue(tx, &NewJob { site, kind, payload: &payload, run_at, unique_key: None })
        })
    }
}

/// Adds the handlers.
pub fn register(handlers: &mut Handlers, files: &Files) {
    let own = files.clone();
    handlers.add_to(Lane::Long, PACK, move |job| run_pack(&own, job));
    let own = files.clone();
    handlers.add_to(Lane::Long, UNPACK, move |job| run_unpack(&own, job));
    follow::register(handlers, files);
    upkeep::register(handlers, files);
}

fn run_pack(files: &Files, job: &Context<'_>) -> std::result::Result<String, Failure> {
    let order: PackOrder = job.payload()?;
    let work = Work::of(&system_desk(files, AccountId(order.account))?.home, job.job.id.get())?;
    if let Some(report) = concluded(job, &work)? {
        return Ok(report);
    }
    let paths: Vec<JailPath> = order.paths.iter().map(|path| JailPath::parse(path)).collect::<Result<_>>()?;
    let (target, format) = (JailPath::parse(&order.target)?, Format::by_name(&order.format)?);
    let clash = Clash::by_name(&order.clash)?;
    let mut told = Told::new(job, "Packing");
    let packed = work.pack(&paths, (&target, clash), format, &mut |done, total| told.note(done, total));
    let (path, bytes) = told.settle(packed)?;
    let path = path.map(|path| path.to_string()).unwrap_or_default();
    conclude(job, &work, &Report { path, entries: paths.len() as u64, bytes })
}

fn run_unpack(files: &Files, job: &Context<'_>) -> std::result::Result<String, Failure> {
    let order: UnpackOrder = job.payload()?;
    let work = Work::of(&system_desk(files, AccountId(order.account))?.home, job.job.id.get())?;
    if let Some(report) = concluded(job, &work)? {
        return Ok(report);
    }
    let (archive, folder) = (JailPath::parse(&order.archive)?, JailPath::parse(&order.folder)?);
    let target = match order.existing {
        Some(existing) => Target::Into(folder, existing),
        None => Target::NewFolder(folder),
    };
    let mut told = Told::new(job, "Unpacking");
    let out = work.unpack(&archive, &target, &mut |done, total| told.note(done, total));
    let out = told.settle(out)?;
    let path = out.path.map(|path| path.to_string()).unwrap_or_default();
    conclude(job, &work, &Report { path, entries: out.entries, bytes: out.bytes })
}

/// The report of a job that was done before a crash; what is left of its work goes.
fn concluded(job: &Context<'_>, work: &Work) -> Result<Option<String>> {
    if job.job.result.is_empty() {
        return Ok(None);
    }
    work.clear()?;
    Ok(Some(job.job.result.clone()))
}

/// First the report, then the folder of the work: a job that finds neither would do everything again.
fn conclude(job: &Context<'_>, work: &Work, report: &Report) -> std::result::Result<String, Failure> {
    let report = serde_json::to_string(report).or_internal("writing a report")?;
    job.conclude(&report)?;
    work.clear()?;
    Ok(report)
}

/// Notes progress now and then, and keeps the reason where somebody wants the job to stop.
struct Told<'a, 'b> {
    job: &'a Context<'b>,
    message: &'static str,
    at: Option<Instant>,
    stopped: Option<Failure>,
}

impl<'a, 'b> Told<'a, 'b> {
    fn new(job: &'a Context<'b>, message: &'static str) -> Self {
        Self { job, message, at: None, stopped: None }
    }

    fn note(&mut self, done: u64, total: u64) -> Result<()> {
        let now = Clock::instant();
        if self.at.is_some_and(|at| now - at < NOTE_EACH) {
            return Ok(());
        }
        self.at = Some(now);
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.job.progress(number(done), number(total), self.message).map_err(|why| {
            self.stopped = Some(why);
            Error::code(Code::Busy)
        })
    }

    fn settle<T>(self, done: Result<T>) -> std::result::Result<T, Failure> {
        match (done, self.stopped) {
            (Ok(done), _) => Ok(done),
            (Err(_), Some(why)) => Err(why),
            (Err(e), None) => Err(Failure::from(e)),
        }
    }
}

/// The system at the files of an account.
pub(super) fn system_desk(files: &Files, account: AccountId) -> Result<Desk> {
    files.of_account(&Actor::system(), account)
}
