//! Queueing, listing and stopping jobs.

use freehold_base::{Capability, JobId, Result, SiteId, event};
use freehold_store::jobs::{self as rows, Job, NewJob};
use freehold_store::{Tx, audit};

/// A job was queued or moved: workers look for due work.
#[derive(Clone, Copy, Debug)]
pub struct JobQueued {
    /// Which.
    pub id: JobId,
}
event!(JobQueued, "job.queued");

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
    match site {
        Some(site) => {
            let scope = tx.authorize(site, Capability::SiteRead)?;
            rows::list(tx, scope, before, limit)
        }
        None => {
            let server = tx.authorize_server(Capability::ServerRead)?;
            rows::list_all(tx, server, before, limit)
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
            rows::find(tx, scope, id)
        }
        None => {
            let server = tx.authorize_server(Capability::ServerRead)?;
            rows::find_any(tx, server, id)
        }
    }
}

fn may_change(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<audit::Chain> {
    match site {
        Some(site) => {
            let scope = tx.authorize(site, Capability::ImportRun)?;
            rows::find(tx, scope, id)?;
            Ok(audit::Chain::Account(scope.account(), site))
        }
        None => {
            let server = tx.authorize_server(Capability::ServerManage)?;
            rows::find_any(tx, server, id)?;
            Ok(audit::Chain::Server)
        }
    }
}

/// Asks a job to stop.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn cancel(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<()> {
    let chain = may_change(tx, site, id)?;
    rows::cancel(tx, id)?;
    tx.audit(chain, "job.cancel", id.to_string(), "");
    Ok(())
}

/// Puts a failed or cancelled job back into the queue.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn retry(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId) -> Result<()> {
    let chain = may_change(tx, site, id)?;
    rows::retry(tx, id)?;
    tx.audit(chain, "job.retry", id.to_string(), "");
    tx.announce(JobQueued { id });
    Ok(())
}
