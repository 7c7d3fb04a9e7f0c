//! Queueing, listing, hurrying and stopping jobs.

use freehold_base::{Capability, JobId, Result, SiteId, event};
use freehold_store::jobs::{self as rows, Ending, Job, JobFilter, NewJob};
use freehold_store::{SiteScope, Tx, audit};
use serde::Deserialize;

/// A job was queued or moved: workers look for due work.
#[derive(Clone, Copy, Debug)]
pub struct JobQueued {
    /// Which.
    pub id: JobId,
}
event!(JobQueued, "job.queued");

/// A job began, went on or ended: for whoever follows it.
#[derive(Clone, Debug)]
pub struct JobChanged {
    /// Which.
    pub id: JobId,
    /// Its site; `SiteId(0)` for the installation's.
    pub site: SiteId,
    /// Its kind.
    pub kind: String,
    /// Who asked for it; 0 for the system.
    pub created_by: i64,
    /// Its state now.
    pub state: &'static str,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 while unknown.
    pub total: i64,
    /// What it is doing, or why it failed.
    pub message: String,
}
event!(JobChanged, "job.changed");

impl JobChanged {
    /// As its row has it, in another state.
    pub fn of(job: &Job, state: &'static str) -> Self {
        Self {
            id: job.id,
            site: job.site_id,
            kind: job.kind.clone(),
            created_by: job.created_by,
            state,
            done: job.done,
            total: job.total,
            message: job.message.clone(),
        }
    }

    pub(super) fn ended(job: &Job, ending: &Ending) -> Self {
        let (state, message) = match ending {
            Ending::Done(_) => ("done", String::new()),
            Ending::Failed(why) => ("failed", why.clone()),
            Ending::Again(why, _) => ("waiting", why.clone()),
            Ending::Cancelled => ("cancelled", String::new()),
        };
        Self { message, ..Self::of(job, state) }
    }
}

/// Queues a job in the caller's transaction. The caller was authorized for what the job does.
///
/// # Errors
/// Database failures.
pub fn enqueue(tx: &mut Tx<'_>, job: &NewJob<'_>) -> Result<JobId> {
    let id = rows::enqueue(tx, job)?;
    tx.announce(JobQueued { id });
    Ok(id)
}

/// Drops the waiting job with this key.
///
/// # Errors
/// Database failures.
pub fn drop_unique(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    rows::drop_unique(tx, key)
}

/// Jobs, newest first, before job `before` (0: the newest): of one site, or of all.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: Option<SiteId>, before: i64, limit: i64) -> Result<Vec<Job>> {
    search(tx, site, &JobFilter::default(), before, limit)
}

/// As [`list`], only those that a filter lets through.
///
/// # Errors
/// `Denied`.
pub fn search(tx: &mut Tx<'_>, site: Option<SiteId>, filter: &JobFilter, before: i64, limit: i64) -> Result<Vec<Job>> {
    match site {
        Some(site) => {
            let scope = tx.authorize(site, Capability::SiteRead)?;
            let found = rows::list(tx, scope, filter, before, limit)?;
            Ok(found.into_iter().map(|job| shown(scope, job)).collect())
        }
        None => {
            let server = tx.authorize_server(Capability::ServerRead)?;
            rows::list_all(tx, server, filter, before, limit)
        }
    }
}

/// One job: of a site that the actor may read, or any for the hosting admin.
///
/// # Errors
/// `NotFound("job")`.
pub fn find(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<Job> {
    match site {
        Some(site) => {
            let scope = tx.authorize(site, Capability::SiteRead)?;
            Ok(shown(scope, rows::find(tx, scope, id)?))
        }
        None => {
            let server = tx.authorize_server(Capability::ServerRead)?;
            rows::find_any(tx, server, id)
        }
    }
}

/// How many jobs that a filter lets through are in which state.
///
/// # Errors
/// `Denied`.
pub fn counts(tx: &mut Tx<'_>, filter: &JobFilter) -> Result<Vec<(String, i64)>> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    rows::count_by_state(tx, server, filter)
}

/// The domain that a job is about; empty where it is about none.
pub fn about(job: &Job) -> String {
    #[derive(Deserialize)]
    struct About {
        host: String,
    }
    // A job of an earlier release names it only in its report.
    let named = [&job.payload, &job.result].into_iter().find_map(|text| serde_json::from_str::<About>(text).ok());
    named.map(|about| about.host).unwrap_or_default()
}

/// An import's report names what is in it, drafts and private things too: only for people who may import.
fn shown(scope: SiteScope, mut job: Job) -> Job {
    if job.kind.starts_with("import.") && !scope.has(Capability::ImportRun) {
        job.result.clear();
    }
    job
}

/// What somebody needs to stop a job of a site, or to begin it again.
fn needed(kind: &str) -> Capability {
    match kind {
        // Halfway stopped it would leave a site's files with the account that had it before.
        "site.carry" => Capability::ServerManage,
        kind if kind.starts_with("files.") => Capability::FilesWrite,
        kind if kind.starts_with("theme.") || kind.starts_with("design.") => Capability::SettingsManage,
        _ => Capability::ImportRun,
    }
}

fn may_change(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<(Job, audit::Chain)> {
    match site {
        Some(site) => {
            let scope = tx.authorize(site, Capability::SiteRead)?;
            let job = rows::find(tx, scope, id)?;
            scope.need(needed(&job.kind))?;
            Ok((job, audit::Chain::Account(scope.account(), site)))
        }
        None => {
            let server = tx.authorize_server(Capability::ServerManage)?;
            Ok((rows::find_any(tx, server, id)?, audit::Chain::Server))
        }
    }
}

/// Asks a job to stop.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn cancel(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<()> {
    let (job, chain) = may_change(tx, site, id)?;
    rows::cancel(tx, id)?;
    tx.audit(chain, "job.cancel", named(&job), "");
    if job.state == "waiting" || job.state == "paused" {
        tx.announce(JobChanged::of(&job, "cancelled"));
    }
    Ok(())
}

/// Puts a failed or cancelled job back into the queue, with all its tries.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn retry(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<()> {
    let (job, chain) = may_change(tx, site, id)?;
    rows::retry(tx, id)?;
    tx.audit(chain, "job.retry", named(&job), "");
    tx.announce(JobChanged::of(&job, "waiting"));
    tx.announce(JobQueued { id });
    Ok(())
}

/// Lets a waiting or paused job begin now.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn run_now(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<()> {
    let (job, chain) = may_change(tx, site, id)?;
    rows::run_now(tx, id)?;
    tx.audit(chain, "job.run", named(&job), "");
    tx.announce(JobQueued { id });
    Ok(())
}

/// Holds a waiting job of the installation back until it is resumed.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn pause(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    set_paused(tx, id, true, "job.pause")
}

/// Lets a paused job wait for its time again.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn resume(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    set_paused(tx, id, false, "job.resume")?;
    tx.announce(JobQueued { id });
    Ok(())
}

fn set_paused(tx: &mut Tx<'_>, id: JobId, paused: bool, act: &'static str) -> Result<()> {
    let (job, chain) = may_change(tx, None, id)?;
    rows::set_paused(tx, id, paused)?;
    tx.audit(chain, act, named(&job), "");
    Ok(())
}

/// A job as the audit log names it: `12 mail.send`.
fn named(job: &Job) -> String {
    format!("{} {}", job.id, job.kind)
}
