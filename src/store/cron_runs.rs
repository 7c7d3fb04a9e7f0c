//! Runs of commands: each moment of a schedule once, under a lease while it goes on.

use diesel::prelude::*;
use freehold_base::{AccountId, CronJobId, CronRunId, Error, Result, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::{accounts, cron_jobs, cron_runs};
use crate::{AccountScope, Tx, each_backend};

/// A run's row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = cron_runs)]
pub struct CronRun {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: CronRunId,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// Of which command.
    #[diesel(deserialize_as = i64)]
    pub cron_job_id: CronJobId,
    /// `schedule` or `hand`.
    pub cause: String,
    /// The moment it belongs to.
    #[diesel(deserialize_as = i64)]
    pub due_at: Timestamp,
    /// It begins not before this moment.
    #[diesel(deserialize_as = i64)]
    pub run_at: Timestamp,
    /// `waiting`, `running`, `done`, `failed`, `timed_out`, `stopped`, `skipped` or `interrupted`.
    pub state: String,
    /// A node holds it until then.
    #[diesel(deserialize_as = i64)]
    pub lease_until: Timestamp,
    /// Fencing token of that node (security rule F7).
    pub lease_token: String,
    /// Somebody, or a later run, asked it to stop.
    pub stop_asked: bool,
    /// Exit status or HTTP status; -1 where there is none.
    pub exit_status: i64,
    /// Why it ended as it did, in words; may be empty.
    pub message: String,
    /// What it said: the beginning and the end.
    pub output: String,
    /// How much it said.
    pub output_bytes: i64,
    /// Who asked for it; 0 for the schedule.
    pub asked_by: i64,
    /// When it was planned.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it began; 0 before.
    #[diesel(deserialize_as = i64)]
    pub started_at: Timestamp,
    /// When it ended; 0 before.
    #[diesel(deserialize_as = i64)]
    pub ended_at: Timestamp,
}

/// A run to be planned.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// Whose.
    pub account: AccountId,
    /// Of which command.
    pub job: CronJobId,
    /// `schedule` or `hand`.
    pub cause: &'static str,
    /// The moment it belongs to.
    pub due_at: Timestamp,
    /// It begins not before this moment.
    pub run_at: Timestamp,
    /// `waiting` or `skipped`.
    pub state: &'static str,
    /// Why it is skipped, or what else is to be said.
    pub message: &'a str,
}

/// Plans a run. None where this moment of the schedule was planned before.
///
/// # Errors
/// Database failures.
pub fn plan(tx: &mut Tx<'_>, new: &NewRun<'_>) -> Result<Option<CronRunId>> {
    let known: Option<i64> = cron_runs::table
        .filter(cron_runs::cron_job_id.eq(new.job.get()))
        .filter(cron_runs::cause.eq(new.cause))
        .filter(cron_runs::due_at.eq(new.due_at.ms()))
        .select(cron_runs::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the run")?;
    if known.is_some() {
        return Ok(None);
    }
    let now = tx.now().ms();
    let row = (
        cron_runs::account_id.eq(new.account.get()),
        cron_runs::cron_job_id.eq(new.job.get()),
        (cron_runs::cause.eq(new.cause), cron_runs::due_at.eq(new.due_at.ms()), cron_runs::run_at.eq(new.run_at.ms())),
        (cron_runs::state.eq(new.state), cron_runs::message.eq(new.message)),
        (cron_runs::lease_until.eq(0), cron_runs::lease_token.eq(""), cron_runs::stop_asked.eq(false)),
        (cron_runs::exit_status.eq(-1), cron_runs::output.eq(""), cron_runs::output_bytes.eq(0)),
        cron_runs::asked_by.eq(tx.actor().user().map_or(0, i64::from)),
        (cron_runs::created_at.eq(now), cron_runs::started_at.eq(0)),
        cron_runs::ended_at.eq(if new.state == "waiting" { 0 } else { now }),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(cron_runs::table)
        .values(row)
        .returning(cron_runs::id)
        .get_result(c))
    .or_db("planning a run")?;
    Ok(Some(CronRunId(id)))
}

/// Runs of a command that wait or go on: number and state, the oldest first.
///
/// # Errors
/// Database failures.
pub fn open(tx: &mut Tx<'_>, job: CronJobId) -> Result<Vec<(CronRunId, String)>> {
    let rows: Vec<(i64, String)> = cron_runs::table
        .filter(cron_runs::cron_job_id.eq(job.get()))
        .filter(cron_runs::state.eq_any(["waiting", "running"]))
        .order(cron_runs::id)
        .limit(100)
        .select((cron_runs::id, cron_runs::state))
        .load(tx.conn())
        .or_db("reading open runs")?;
    Ok(rows.into_iter().map(|(id, state)| (CronRunId(id), state)).collect())
}

/// One run of an account's command.
///
/// # Errors
/// `NotFound("run")`.
pub fn find(tx: &mut Tx<'_>, account: AccountScope, job: CronJobId, id: CronRunId) -> Result<CronRun> {
    cron_runs::table
        .filter(cron_runs::account_id.eq(account.id().get()))
        .filter(cron_runs::cron_job_id.eq(job.get()))
        .filter(cron_runs::id.eq(id.get()))
        .select(CronRun::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the run")?
        .ok_or_else(|| Error::not_found("run"))
}

/// Runs of a command, newest first, before number `before` (0: from the end).
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, account: AccountScope, job: CronJobId, before: i64, limit: i64) -> Result<Vec<CronRun>> {
    let mut query = cron_runs::table
        .filter(cron_runs::account_id.eq(account.id().get()))
        .filter(cron_runs::cron_job_id.eq(job.get()))
        .into_boxed();
    if before > 0 {
        query = query.filter(cron_runs::id.lt(before));
    }
    query
        .order(cron_runs::id.desc())
        .limit(limit.clamp(1, 200))
        .select(CronRun::as_select())
        .load(tx.conn())
        .or_db("listing runs")
}

/// Asks a run to stop: one that waits ends now, one that goes on is ended by the node that holds it.
///
/// # Errors
/// Database failures.
pub fn ask_stop(tx: &mut Tx<'_>, id: CronRunId, why: &str) -> Result<()> {
    let now = tx.now().ms();
    let this = cron_runs::table.filter(cron_runs::id.eq(id.get()));
    diesel::update(this.filter(cron_runs::state.eq("waiting")))
        .set((cron_runs::state.eq("stopped"), cron_runs::message.eq(why), cron_runs::ended_at.eq(now)))
        .execute(tx.conn())
        .or_db("stopping a run")?;
    diesel::update(this.filter(cron_runs::state.eq("running")))
        .set((cron_runs::stop_asked.eq(true), cron_runs::message.eq(why)))
        .execute(tx.conn())
        .or_db("stopping a run")?;
    Ok(())
}

// What follows is for the scheduler, which looks at all accounts.

/// When the next waiting run of an account in use may begin.
///
/// # Errors
/// Database failures.
pub fn next_moment(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    let at: Option<i64> = cron_runs::table
        .inner_join(cron_jobs::table.inner_join(accounts::table))
        .filter(accounts::status.eq("active"))
        .filter(cron_runs::state.eq("waiting"))
        .select(diesel::dsl::min(cron_runs::run_at))
        .first(tx.conn())
        .or_db("looking for runs")?;
    Ok(at.map(Timestamp))
}

/// The run that may begin and waits longest, of an account in use; none of these accounts and commands, so that what
/// they have waiting, however much, stands in nobody's way.
///
/// # Errors
/// Database failures.
pub fn first_ready(tx: &mut Tx<'_>, full: &[AccountId], busy: &[CronJobId]) -> Result<Option<CronRun>> {
    let now = tx.now().ms();
    cron_runs::table
        .inner_join(cron_jobs::table.inner_join(accounts::table))
        .filter(accounts::status.eq("active"))
        .filter(cron_runs::state.eq("waiting"))
        .filter(cron_runs::run_at.le(now))
        .filter(cron_runs::account_id.ne_all(full.iter().map(|id| id.get())))
        .filter(cron_runs::cron_job_id.ne_all(busy.iter().map(|id| id.get())))
        .order((cron_runs::run_at, cron_runs::id))
        .select(CronRun::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for runs")
}

/// Runs that go on: number, account and command of each.
///
/// # Errors
/// Database failures.
pub fn going_on(tx: &mut Tx<'_>) -> Result<Vec<(CronRunId, AccountId, CronJobId)>> {
    let rows: Vec<(i64, i64, i64)> = cron_runs::table
        .filter(cron_runs::state.eq("running"))
        .order(cron_runs::id)
        .limit(1000)
        .select((cron_runs::id, cron_runs::account_id, cron_runs::cron_job_id))
        .load(tx.conn())
        .or_db("reading running commands")?;
    Ok(rows.into_iter().map(|(id, account, job)| (id.into(), account.into(), job.into())).collect())
}

/// Takes a waiting run under a lease. False where another node took it, or it was stopped.
///
/// # Errors
/// Database failures.
pub fn begin(tx: &mut Tx<'_>, id: CronRunId, token: &str, lease_until: Timestamp) -> Result<bool> {
    let now = tx.now().ms();
    let this = cron_runs::table.filter(cron_runs::id.eq(id.get())).filter(cron_runs::state.eq("waiting"));
    let taken = diesel::update(this)
        .set((
            cron_runs::state.eq("running"),
            cron_runs::lease_token.eq(token),
            cron_runs::lease_until.eq(lease_until.ms()),
            cron_runs::started_at.eq(now),
        ))
        .execute(tx.conn())
        .or_db("beginning a run")?;
    Ok(taken == 1)
}

/// Prolongs a lease; false where the run shall stop, its account is not in use any more, or it is not this node's.
///
/// # Errors
/// Database failures.
pub fn keep(tx: &mut Tx<'_>, id: CronRunId, token: &str, lease_until: Timestamp) -> Result<bool> {
    let mine = cron_runs::table
        .filter(cron_runs::id.eq(id.get()))
        .filter(cron_runs::lease_token.eq(token))
        .filter(cron_runs::state.eq("running"));
    diesel::update(mine).set(cron_runs::lease_until.eq(lease_until.ms())).execute(tx.conn()).or_db("keeping a run")?;
    go_on(tx, id, token)
}

/// Whether a run that this node holds shall go on.
///
/// # Errors
/// Database failures.
pub fn go_on(tx: &mut Tx<'_>, id: CronRunId, token: &str) -> Result<bool> {
    let asked: Option<(bool, String)> = cron_runs::table
        .inner_join(cron_jobs::table.inner_join(accounts::table))
        .filter(cron_runs::id.eq(id.get()))
        .filter(cron_runs::lease_token.eq(token))
        .filter(cron_runs::state.eq("running"))
        .select((cron_runs::stop_asked, accounts::status))
        .first(tx.conn())
        .optional()
        .or_db("reading a run")?;
    Ok(asked.is_some_and(|(asked, status)| !asked && status == "active"))
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `done`, `failed`, `timed_out` or `stopped`.
    pub state: &'static str,
    /// Exit status or HTTP status; -1 where there is none.
    pub exit_status: i64,
    /// Why, in words; what was noted before stays where this is empty.
    pub message: String,
    /// What it said.
    pub output: String,
    /// How much.
    pub output_bytes: i64,
}

/// Ends a run that this node holds; a node that lost its lease changes nothing: false.
///
/// # Errors
/// Database failures.
pub fn end(tx: &mut Tx<'_>, id: CronRunId, token: &str, ended: &Ended) -> Result<bool> {
    let now = tx.now().ms();
    let this = cron_runs::table.filter(cron_runs::id.eq(id.get()));
    let mine = this.filter(cron_runs::lease_token.eq(token)).filter(cron_runs::state.eq("running"));
    let stored = diesel::update(mine)
        .set((
            cron_runs::state.eq(ended.state),
            cron_runs::exit_status.eq(ended.exit_status),
            cron_runs::output.eq(&ended.output),
            cron_runs::output_bytes.eq(ended.output_bytes),
            cron_runs::ended_at.eq(now),
            cron_runs::lease_until.eq(0),
        ))
        .execute(tx.conn())
        .or_db("ending a run")?;
    if stored == 1 && !ended.message.is_empty() {
        diesel::update(this).set(cron_runs::message.eq(&ended.message)).execute(tx.conn()).or_db("ending a run")?;
    }
    Ok(stored == 1)
}

/// The last run of a command that ended by itself before run `before`: what a change is measured by.
///
/// # Errors
/// Database failures.
pub fn previous(tx: &mut Tx<'_>, job: CronJobId, before: CronRunId) -> Result<Option<CronRun>> {
    cron_runs::table
        .filter(cron_runs::cron_job_id.eq(job.get()))
        .filter(cron_runs::id.lt(before.get()))
        .filter(cron_runs::state.eq_any(["done", "failed", "timed_out"]))
        .order(cron_runs::id.desc())
        .select(CronRun::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the run before")
}

/// Runs whose node fell silent, or all that go on where `all`: for the start of the only node on a database.
///
/// # Errors
/// Database failures.
pub fn fallen(tx: &mut Tx<'_>, all: bool) -> Result<Vec<CronRun>> {
    let now = tx.now().ms();
    let mut query = cron_runs::table.filter(cron_runs::state.eq("running")).into_boxed();
    if !all {
        query = query.filter(cron_runs::lease_until.lt(now));
    }
    query
        .order(cron_runs::id)
        .limit(1000)
        .select(CronRun::as_select())
        .load(tx.conn())
        .or_db("looking for interrupted runs")
}

/// Notes that a run was cut short with its node; it is not begun again. False where it ended meanwhile.
///
/// # Errors
/// Database failures.
pub fn interrupt(tx: &mut Tx<'_>, run: &CronRun, message: &str) -> Result<bool> {
    let now = tx.now().ms();
    let this = cron_runs::table
        .filter(cron_runs::id.eq(run.id.get()))
        .filter(cron_runs::state.eq("running"))
        .filter(cron_runs::lease_token.eq(&run.lease_token));
    let noted = diesel::update(this)
        .set((cron_runs::state.eq("interrupted"), cron_runs::message.eq(message), cron_runs::ended_at.eq(now)))
        .execute(tx.conn())
        .or_db("noting an interrupted run")?;
    Ok(noted == 1)
}

/// Deletes all but the newest `keep` runs of a command; those that wait or go on stay.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>, job: CronJobId, keep: i64) -> Result<usize> {
    let newest: Option<i64> = cron_runs::table
        .filter(cron_runs::cron_job_id.eq(job.get()))
        .order(cron_runs::id.desc())
        .offset(keep)
        .select(cron_runs::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for old runs")?;
    let Some(last) = newest else { return Ok(0) };
    diesel::delete(
        cron_runs::table
            .filter(cron_runs::cron_job_id.eq(job.get()))
            .filter(cron_runs::id.le(last))
            .filter(cron_runs::ended_at.gt(0)),
    )
    .execute(tx.conn())
    .or_db("deleting old runs")
}
