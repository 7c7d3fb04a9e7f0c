//! Slow work as rows: done once, with progress (row OP05).

use diesel::dsl::not;
use diesel::prelude::*;
use freehold_base::{Error, JobId, Result, SiteId, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::jobs;
use crate::{Conn, ServerScope, SiteScope, Tx, each_backend};

/// A query on jobs, narrowed by a filter.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $before:expr) => {{
        let mut query = $query.into_boxed();
        if !$filter.states.is_empty() {
            query = query.filter(jobs::state.eq_any(&$filter.states));
        }
        if let Some(kinds) = &$filter.kinds {
            query = query.filter(jobs::kind.eq_any(kinds));
        }
        if !$filter.quiet.is_empty() {
            let silent = jobs::state.eq("done").or(jobs::state.eq("waiting").and(jobs::attempts.eq(0)));
            let own = jobs::kind.eq_any($filter.quiet).and(jobs::created_by.eq(0));
            query = query.filter(not(own.and(silent)));
        }
        if $before > 0 {
            query = query.filter(jobs::id.lt($before));
        }
        query
    }};
}

/// A job's row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct Job {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: JobId,
    /// Its site; 0 for the installation's.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// Which handler does it: `import.wxr`.
    pub kind: String,
    /// The handler's arguments, as JSON.
    pub payload: String,
    /// `waiting`, `paused`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 while unknown.
    pub total: i64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// The handler's report, as JSON.
    pub result: String,
    /// Times it was begun.
    pub attempts: i64,
    /// Not before this moment.
    #[diesel(deserialize_as = i64)]
    pub run_at: Timestamp,
    /// A worker holds it until then.
    #[diesel(deserialize_as = i64)]
    pub lease_until: Timestamp,
    /// Fencing token of that worker (security rule F7).
    pub lease_token: String,
    /// Somebody asked to stop it.
    pub cancel_asked: bool,
    /// Who asked for it; 0 for the system.
    pub created_by: i64,
    /// When it was asked for.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it last began; 0 before.
    #[diesel(deserialize_as = i64)]
    pub started_at: Timestamp,
    /// When it ended; 0 before.
    #[diesel(deserialize_as = i64)]
    pub ended_at: Timestamp,
}

/// A job to be queued.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Its site; `SiteId(0)` for the installation's.
    pub site: SiteId,
    /// Which handler.
    pub kind: &'a str,
    /// Its arguments, as JSON.
    pub payload: &'a str,
    /// Not before this moment.
    pub run_at: Timestamp,
    /// At most one waiting job with this key; a second one moves its time.
    pub unique_key: Option<&'a str>,
}

/// Which jobs a worker looks for.
#[derive(Clone, Debug)]
pub struct Kinds {
    /// Kinds that are named.
    pub named: Vec<&'static str>,
    /// Those are the ones; else all others are.
    pub only: bool,
}

/// Which jobs a list shows; all where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// In one of these states.
    pub states: Vec<&'static str>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<String>>,
    /// Without those of these kinds that nobody asked for and that have nothing to tell: they went well, or wait for
    /// their first try.
    pub quiet: &'static [&'static str],
}

/// Queues a job; a waiting one with the same key gets the new time and payload instead.
///
/// # Errors
/// Database failures.
pub fn enqueue(tx: &mut Tx<'_>, job: &NewJob<'_>) -> Result<JobId> {
    if let Some(key) = job.unique_key {
        let existing: Option<i64> = jobs::table
            .filter(jobs::unique_key.eq(key))
            .select(jobs::id)
            .first(tx.conn())
            .optional()
            .or_db("looking for the job")?;
        if let Some(id) = existing {
            diesel::update(jobs::table.filter(jobs::id.eq(id)))
                .set((jobs::run_at.eq(job.run_at.ms()), jobs::payload.eq(job.payload)))
                .execute(tx.conn())
                .or_db("moving the job")?;
            return Ok(JobId(id));
        }
    }
    let row = (
        jobs::site_id.eq(job.site.get()),
        jobs::kind.eq(job.kind),
        jobs::payload.eq(job.payload),
        jobs::state.eq("waiting"),
        (jobs::done.eq(0), jobs::total.eq(0), jobs::message.eq(""), jobs::result.eq(""), jobs::attempts.eq(0)),
        jobs::run_at.eq(job.run_at.ms()),
        (jobs::lease_until.eq(0), jobs::lease_token.eq(""), jobs::cancel_asked.eq(false)),
        jobs::unique_key.eq(job.unique_key),
        jobs::created_by.eq(tx.actor().user().map_or(0, i64::from)),
        jobs::created_at.eq(tx.now().ms()),
        (jobs::started_at.eq(0), jobs::ended_at.eq(0)),
    );
    let id: i64 =
        each_backend!(tx.conn(), |c| diesel::insert_into(jobs::table).values(row).returning(jobs::id).get_result(c))
            .or_db("queueing the job")?;
    Ok(JobId(id))
}

/// Takes the next due job under a lease; `None` when nothing is due. A job whose worker died is due again.
///
/// # Errors
/// Database failures.
pub fn claim(tx: &mut Tx<'_>, kinds: &Kinds, token: &str, lease_until: Timestamp) -> Result<Option<Job>> {
    let now = tx.now().ms();
    let due = jobs::state
        .eq("waiting")
        .and(jobs::run_at.le(now))
        .or(jobs::state.eq("running").and(jobs::lease_until.lt(now)));
    let mine = jobs::kind.eq_any(&kinds.named).eq(kinds.only);
    let next = jobs::table.filter(due).filter(mine).order((jobs::run_at, jobs::id)).select(jobs::id);
    let id: Option<i64> = match tx.conn() {
        Conn::Sqlite(c) => next.first(c).optional(),
        // A row that another worker is just taking is passed over.
        Conn::Pg(c) => next.for_update().skip_locked().first(c).optional(),
    }
    .or_db("looking for due jobs")?;
    let Some(id) = id else { return Ok(None) };
    diesel::update(jobs::table.filter(jobs::id.eq(id)))
        .set((
            jobs::state.eq("running"),
            jobs::lease_until.eq(lease_until.ms()),
            jobs::lease_token.eq(token),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::started_at.eq(now),
            jobs::unique_key.eq(None::<String>),
        ))
        .execute(tx.conn())
        .or_db("taking a job")?;
    jobs::table.filter(jobs::id.eq(id)).select(Job::as_select()).first(tx.conn()).optional().or_db("reading the job")
}

/// When the next waiting job is due.
///
/// # Errors
/// Database failures.
pub fn next_due(tx: &mut Tx<'_>, kinds: &Kinds) -> Result<Option<Timestamp>> {
    let at: Option<i64> = jobs::table
        .filter(jobs::state.eq("waiting"))
        .filter(jobs::kind.eq_any(&kinds.named).eq(kinds.only))
        .select(diesel::dsl::min(jobs::run_at))
        .first(tx.conn())
        .or_db("looking for due jobs")?;
    Ok(at.map(Timestamp))
}

/// Notes progress and prolongs the lease. False: the job is no longer this worker's, or somebody asked to stop it.
///
/// # Errors
/// Database failures.
pub fn progress(
    tx: &mut Tx<'_>,
    id: JobId,
    token: &str,
    done: i64,
    total: i64,
    message: &str,
    lease: Timestamp,
) -> Result<bool> {
    let mine =
        jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::lease_token.eq(token)).filter(jobs::state.eq("running"));
    diesel::update(mine)
        .set((jobs::done.eq(done), jobs::total.eq(total), jobs::message.eq(message), jobs::lease_until.eq(lease.ms())))
        .execute(tx.conn())
        .or_db("noting progress")?;
    let go_on: Option<bool> = mine.select(jobs::cancel_asked).first(tx.conn()).optional().or_db("reading the job")?;
    Ok(go_on == Some(false))
}

/// Notes the report of a job that its worker still holds, before it ends. False: it is no longer this worker's.
///
/// # Errors
/// Database failures.
pub fn note_result(tx: &mut Tx<'_>, id: JobId, token: &str, result: &str) -> Result<bool> {
    let mine =
        jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::lease_token.eq(token)).filter(jobs::state.eq("running"));
    let noted = diesel::update(mine).set(jobs::result.eq(result)).execute(tx.conn()).or_db("noting a report")?;
    Ok(noted == 1)
}

/// Prolongs the lease of a job whose worker still works.
///
/// # Errors
/// Database failures.
pub fn keep(tx: &mut Tx<'_>, id: JobId, token: &str, lease: Timestamp) -> Result<()> {
    let mine =
        jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::lease_token.eq(token)).filter(jobs::state.eq("running"));
    diesel::update(mine).set(jobs::lease_until.eq(lease.ms())).execute(tx.conn()).or_db("keeping a job")?;
    Ok(())
}

/// Gives back what workers held that are gone: for the start of the only node on a database.
///
/// # Errors
/// Database failures.
pub fn release_all(tx: &mut Tx<'_>) -> Result<usize> {
    diesel::update(jobs::table.filter(jobs::state.eq("running")))
        .set((jobs::lease_until.eq(0), jobs::lease_token.eq("")))
        .execute(tx.conn())
        .or_db("giving jobs back")
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum Ending {
    /// Done, with its report.
    Done(String),
    /// Failed for good.
    Failed(String),
    /// Failed; again at this moment.
    Again(String, Timestamp),
    /// Stopped because somebody asked.
    Cancelled,
}

/// Ends a job that this worker holds; a worker that lost its lease changes nothing: false.
///
/// # Errors
/// Database failures.
pub fn end(tx: &mut Tx<'_>, id: JobId, token: &str, ending: &Ending) -> Result<bool> {
    let now = tx.now().ms();
    let mine = jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::lease_token.eq(token));
    let (state, message, result, run_at, ended) = match ending {
        Ending::Done(report) => ("done", None, Some(report.as_str()), None, now),
        Ending::Failed(why) => ("failed", Some(why.as_str()), None, None, now),
        Ending::Again(why, at) => ("waiting", Some(why.as_str()), None, Some(at.ms()), 0),
        Ending::Cancelled => ("cancelled", Some("Stopped on request"), None, None, now),
    };
    let ended = diesel::update(mine)
        .set((jobs::state.eq(state), jobs::ended_at.eq(ended), jobs::lease_token.eq("")))
        .execute(tx.conn())
        .or_db("ending the job")?;
    if ended == 0 {
        return Ok(false);
    }
    let this = jobs::table.filter(jobs::id.eq(id.get()));
    if let Some(message) = message {
        diesel::update(this).set(jobs::message.eq(message)).execute(tx.conn()).or_db("ending the job")?;
    }
    if let Some(result) = result {
        diesel::update(this).set(jobs::result.eq(result)).execute(tx.conn()).or_db("ending the job")?;
    }
    if let Some(at) = run_at {
        diesel::update(this).set(jobs::run_at.eq(at)).execute(tx.conn()).or_db("ending the job")?;
    }
    Ok(true)
}

/// Asks a job to stop: a waiting one is cancelled at once, a running one at its next step.
///
/// # Errors
/// `NotFound("job")`.
pub fn cancel(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    let this = jobs::table.filter(jobs::id.eq(id.get()));
    let now = tx.now().ms();
    let waiting = diesel::update(this.filter(jobs::state.eq_any(["waiting", "paused"])))
        .set((jobs::state.eq("cancelled"), jobs::ended_at.eq(now), jobs::unique_key.eq(None::<String>)))
        .execute(tx.conn())
        .or_db("cancelling the job")?;
    let running = diesel::update(this.filter(jobs::state.eq("running")))
        .set(jobs::cancel_asked.eq(true))
        .execute(tx.conn())
        .or_db("cancelling the job")?;
    if waiting + running > 0 { Ok(()) } else { Err(Error::not_found("job")) }
}

/// Drops the waiting job with this key, if there is one.
///
/// # Errors
/// Database failures.
pub fn drop_unique(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    diesel::delete(jobs::table.filter(jobs::unique_key.eq(key)).filter(jobs::state.eq_any(["waiting", "paused"])))
        .execute(tx.conn())
        .or_db("dropping the job")?;
    Ok(())
}

/// Puts an ended job back into the queue, with all its tries.
///
/// # Errors
/// `NotFound("job")` where it has not ended.
pub fn retry(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    let now = tx.now().ms();
    let ended = jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::state.eq_any(["failed", "cancelled"]));
    let changed = diesel::update(ended)
        .set((
            jobs::state.eq("waiting"),
            (jobs::run_at.eq(now), jobs::attempts.eq(0), jobs::cancel_asked.eq(false), jobs::ended_at.eq(0)),
        ))
        .execute(tx.conn())
        .or_db("repeating the job")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("job")) }
}

/// Makes a waiting or paused job due now.
///
/// # Errors
/// `NotFound("job")` where it does not wait.
pub fn run_now(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    let now = tx.now().ms();
    let waits = jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::state.eq_any(["waiting", "paused"]));
    let changed = diesel::update(waits)
        .set((jobs::state.eq("waiting"), jobs::run_at.eq(now)))
        .execute(tx.conn())
        .or_db("hurrying the job")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("job")) }
}

/// Holds a waiting job back, or lets a paused one wait for its time again.
///
/// # Errors
/// `NotFound("job")` where it is not in the other state.
pub fn set_paused(tx: &mut Tx<'_>, id: JobId, paused: bool) -> Result<()> {
    let (from, to) = if paused { ("waiting", "paused") } else { ("paused", "waiting") };
    let this = jobs::table.filter(jobs::id.eq(id.get())).filter(jobs::state.eq(from));
    let changed = diesel::update(this).set(jobs::state.eq(to)).execute(tx.conn()).or_db("pausing the job")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("job")) }
}

/// One job of a site.
///
/// # Errors
/// `NotFound("job")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: JobId) -> Result<Job> {
    jobs::table
        .filter(jobs::site_id.eq(site.get()))
        .filter(jobs::id.eq(id.get()))
        .select(Job::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the job")?
        .ok_or_else(|| Error::not_found("job"))
}

/// Any job, for the hosting admin.
///
/// # Errors
/// `NotFound("job")`.
pub fn find_any(tx: &mut Tx<'_>, _server: ServerScope, id: JobId) -> Result<Job> {
    jobs::table
        .filter(jobs::id.eq(id.get()))
        .select(Job::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the job")?
        .ok_or_else(|| Error::not_found("job"))
}

/// A job that somebody asked for themselves.
///
/// # Errors
/// `NotFound("job")`.
pub fn find_own(tx: &mut Tx<'_>, user: UserId, kind: &str, id: JobId) -> Result<Job> {
    jobs::table
        .filter(jobs::id.eq(id.get()))
        .filter(jobs::kind.eq(kind))
        .filter(jobs::created_by.eq(user.get()))
        .select(Job::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the job")?
        .ok_or_else(|| Error::not_found("job"))
}

/// The newest jobs of a kind that somebody asked for themselves.
///
/// # Errors
/// Database failures.
pub fn list_own(tx: &mut Tx<'_>, user: UserId, kind: &str, limit: i64) -> Result<Vec<Job>> {
    jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::created_by.eq(user.get()))
        .order(jobs::id.desc())
        .limit(limit)
        .select(Job::as_select())
        .load(tx.conn())
        .or_db("listing jobs")
}

/// Jobs of a site, newest first, before job `before` (0: from the end).
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, filter: &JobFilter, before: i64, limit: i64) -> Result<Vec<Job>> {
    let query = narrowed!(jobs::table.filter(jobs::site_id.eq(site.get())), filter, before);
    query.order(jobs::id.desc()).limit(limit).select(Job::as_select()).load(tx.conn()).or_db("listing jobs")
}

/// All jobs, newest first, before job `before` (0: from the end).
///
/// # Errors
/// Database failures.
pub fn list_all(
    tx: &mut Tx<'_>,
    _server: ServerScope,
    filter: &JobFilter,
    before: i64,
    limit: i64,
) -> Result<Vec<Job>> {
    let query = narrowed!(jobs::table, filter, before);
    query.order(jobs::id.desc()).limit(limit).select(Job::as_select()).load(tx.conn()).or_db("listing jobs")
}

/// Whether any job is due now.
///
/// # Errors
/// Database failures.
pub fn any_due(tx: &mut Tx<'_>, kinds: &Kinds) -> Result<bool> {
    let now = tx.now().ms();
    let due = jobs::state
        .eq("waiting")
        .and(jobs::run_at.le(now))
        .or(jobs::state.eq("running").and(jobs::lease_until.lt(now)));
    let id: Option<i64> = jobs::table
        .filter(due)
        .filter(jobs::kind.eq_any(&kinds.named).eq(kinds.only))
        .select(jobs::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for due jobs")?;
    Ok(id.is_some())
}

/// How many jobs are in which state.
///
/// # Errors
/// Database failures.
pub fn count_by_state(tx: &mut Tx<'_>, _server: ServerScope, filter: &JobFilter) -> Result<Vec<(String, i64)>> {
    let counts = jobs::table.group_by(jobs::state).select((jobs::state, diesel::dsl::count_star()));
    narrowed!(counts, filter, 0).order(jobs::state).load(tx.conn()).or_db("counting jobs")
}

/// Deletes jobs that ended before `before`, and those of the `recurring` kinds that went well before `own`; how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp, own: Timestamp, recurring: &[&str]) -> Result<usize> {
    let ended = jobs::state.eq_any(["done", "failed", "cancelled"]).and(jobs::ended_at.lt(before.ms()));
    let small = jobs::state.eq("done").and(jobs::ended_at.lt(own.ms())).and(jobs::kind.eq_any(recurring.to_vec()));
    diesel::delete(jobs::table.filter(ended.or(small))).execute(tx.conn()).or_db("deleting old jobs")
}
