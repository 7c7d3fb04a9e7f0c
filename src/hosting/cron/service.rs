//! Setting commands up, running them now, reading what they said. Each function takes the site whose page it is asked
//! from; commands belong to the site's account.

use freehold_base::{AccountId, Capability, Code, CronJobId, CronRunId, Error, Result, SiteId, Timestamp, event};
use freehold_platform::limits::{self, Resource};
use freehold_store::cron::{self as rows, CronJob, Moments};
use freehold_store::cron_runs::{self as run_rows, CronRun};
use freehold_store::{AccountScope, Tx, audit};

use super::plan::plan_run;
use super::rules::{CronInput, checked, moments};
use super::schedule::Schedule;

/// Commands of an account.
pub const MOST: i64 = 100;
/// Results of a command that are kept.
pub const KEPT: i64 = 50;

/// There is something for the scheduler: a command changed, a run was asked for or shall stop.
#[derive(Clone, Copy, Debug)]
pub struct CronAsked {
    /// Whose.
    pub account: AccountId,
}
event!(CronAsked, "cron.asked");

/// A run began or ended: for whoever follows it.
#[derive(Clone, Copy, Debug)]
pub struct CronChanged {
    /// Whose.
    pub account: AccountId,
    /// Of which command.
    pub job: CronJobId,
    /// Which run.
    pub run: CronRunId,
}
event!(CronChanged, "cron.changed");

/// The account of a site, for somebody who may set up commands there. A token that is bound to a site is not enough:
/// commands are the whole account's.
fn allowed(tx: &mut Tx<'_>, site: SiteId) -> Result<AccountScope> {
    let account = tx.authorize(site, Capability::CronManage)?.account();
    tx.authorize_account(account, Capability::CronManage)
}

/// The commands, the oldest first, after number `after`.
///
/// # Errors
/// `NotFound("site")`, `Denied`.
pub fn list(tx: &mut Tx<'_>, site: SiteId, after: CronJobId, limit: i64) -> Result<Vec<CronJob>> {
    let account = allowed(tx, site)?;
    rows::list(tx, account, after, limit)
}

/// One command.
///
/// # Errors
/// `NotFound("command")`, `Denied`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: CronJobId) -> Result<CronJob> {
    let account = allowed(tx, site)?;
    rows::find(tx, account, id)
}

/// Adds a command.
///
/// # Errors
/// `Invalid`, `Denied`; `LimitReached`, `WrongState` where the account has as many as it may.
pub fn add(tx: &mut Tx<'_>, site: SiteId, input: &CronInput) -> Result<CronJobId> {
    let account = allowed(tx, site)?;
    let (fields, schedule) = checked(input, tx.actor().user())?;
    within_limit(tx, account)?;
    let at = moments(&fields, &schedule, tx.now())?;
    let id = rows::insert(tx, account, &fields, at)?;
    note(tx, account, site, "cron.add", id, &fields.name, &fields.schedule);
    Ok(id)
}

/// The one place that asks how many commands an account may have: by its plan, and in all.
fn within_limit(tx: &mut Tx<'_>, account: AccountScope) -> Result<()> {
    let used = rows::count(tx, account)?;
    limits::need_room(tx, account, Resource::CronJobs, used)?;
    if used < MOST {
        return Ok(());
    }
    Err(Error::refused(Code::WrongState, format!("an account has at most {MOST} commands; remove one first")))
}

/// Changes a command that has this version.
///
/// # Errors
/// `Invalid`, `NotFound("command")`, `VersionConflict`, `Denied`.
pub fn change(tx: &mut Tx<'_>, site: SiteId, id: CronJobId, version: i64, input: &CronInput) -> Result<()> {
    let account = allowed(tx, site)?;
    let old = rows::find(tx, account, id)?;
    let (mut fields, schedule) = checked(input, tx.actor().user())?;
    if fields.mail_to == 0 {
        fields.mail_to = old.mail_to; // changed from the machine's own command line
    }
    let at = moments_of_change(&old, &fields, &schedule, tx.now())?;
    rows::update(tx, account, id, version, &fields, at)?;
    note(tx, account, site, "cron.change", id, &fields.name, &fields.schedule);
    Ok(())
}

/// A schedule that stays keeps its next moment: saving a command in the minute it is due loses no run.
fn moments_of_change(old: &CronJob, fields: &rows::CronFields, schedule: &Schedule, now: Timestamp) -> Result<Moments> {
    let fresh = moments(fields, schedule, now)?;
    let same = (&old.schedule, &old.time_zone) == (&fields.schedule, &fields.time_zone);
    if !(same && fields.enabled && old.enabled && old.next_at.ms() > 0) {
        return Ok(fresh);
    }
    let alarm_at = super::rules::alarm_at(old.next_at, fields.jitter_s, fields.grace_s);
    Ok(Moments { next_at: old.next_at, alarm_at })
}

/// Lets a command run by itself, or not.
///
/// # Errors
/// `NotFound("command")`, `Denied`.
pub fn set_enabled(tx: &mut Tx<'_>, site: SiteId, id: CronJobId, enabled: bool) -> Result<()> {
    let account = allowed(tx, site)?;
    let old = rows::find(tx, account, id)?;
    let input = CronInput { enabled, ..CronInput::from(&old) };
    change(tx, site, id, old.version, &input)
}

/// Removes a command with its results; what runs is ended.
///
/// # Errors
/// `NotFound("command")`, `Denied`.
pub fn remove(tx: &mut Tx<'_>, site: SiteId, id: CronJobId) -> Result<()> {
    let account = allowed(tx, site)?;
    let old = rows::find(tx, account, id)?;
    rows::delete(tx, account, id)?;
    note(tx, account, site, "cron.remove", id, &old.name, "");
    Ok(())
}

/// Asks for a run now, beside the schedule; the rule for overlaps holds.
///
/// # Errors
/// `NotFound("command")`, `Denied`; `WrongState` where it runs already and a second run is skipped, or the account is
/// suspended.
pub fn run_now(tx: &mut Tx<'_>, site: SiteId, id: CronJobId) -> Result<CronRunId> {
    let account = allowed(tx, site)?;
    let job = rows::find(tx, account, id)?;
    if !rows::is_active(tx, account.id())? {
        return Err(Error::refused(Code::WrongState, "the account is suspended, and nothing of it runs"));
    }
    if job.overlap == "skip" && !run_rows::open(tx, id)?.is_empty() {
        return Err(Error::refused(Code::WrongState, "it runs already, and its rule is to skip a second run"));
    }
    let now = tx.now();
    let run = plan_run(tx, &job, "hand", (now, now), "")?.ok_or_else(|| Error::code(Code::Duplicate))?;
    note(tx, account, site, "cron.run", id, &job.name, "");
    Ok(run)
}

/// Asks a run to stop.
///
/// # Errors
/// `NotFound("run")`, `Denied`.
pub fn stop(tx: &mut Tx<'_>, site: SiteId, id: CronJobId, run: CronRunId) -> Result<()> {
    let account = allowed(tx, site)?;
    let job = rows::find(tx, account, id)?;
    run_rows::find(tx, account, id, run)?;
    run_rows::ask_stop(tx, run, "Stopped on request.")?;
    note(tx, account, site, "cron.stop", id, &job.name, &format!("run {run}"));
    tx.announce(CronChanged { account: account.id(), job: id, run });
    Ok(())
}

/// Runs of a command, newest first, before number `before` (0: from the end).
///
/// # Errors
/// `NotFound("command")`, `Denied`.
pub fn runs(tx: &mut Tx<'_>, site: SiteId, id: CronJobId, before: i64, limit: i64) -> Result<Vec<CronRun>> {
    let account = allowed(tx, site)?;
    rows::find(tx, account, id)?;
    run_rows::list(tx, account, id, before, limit)
}

/// One run.
///
/// # Errors
/// `NotFound("run")`, `Denied`.
pub fn run(tx: &mut Tx<'_>, site: SiteId, id: CronJobId, run: CronRunId) -> Result<CronRun> {
    let account = allowed(tx, site)?;
    run_rows::find(tx, account, id, run)
}

/// The audit row names the command and its schedule, never what it does: that may hold a password.
fn note(
    tx: &mut Tx<'_>,
    account: AccountScope,
    site: SiteId,
    act: &'static str,
    id: CronJobId,
    name: &str,
    detail: &str,
) {
    tx.audit(audit::Chain::Account(account.id(), site), act, format!("{id} {name}"), detail);
    tx.announce(CronAsked { account: account.id() });
}

impl From<&CronJob> for CronInput {
    fn from(job: &CronJob) -> Self {
        Self {
            name: job.name.clone(),
            kind: job.kind.clone(),
            command: job.command.clone(),
            schedule: job.schedule.clone(),
            time_zone: job.time_zone.clone(),
            enabled: job.enabled,
            overlap: job.overlap.clone(),
            jitter_s: job.jitter_s,
            timeout_s: job.timeout_s,
            mail_when: job.mail_when.clone(),
            alive_url: job.alive_url.clone(),
            grace_s: job.grace_s,
        }
    }
}
