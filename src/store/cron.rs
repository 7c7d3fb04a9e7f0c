//! Commands of accounts that run at set times (rows H115, H116).

use diesel::prelude::*;
use freehold_base::{AccountId, CronJobId, Error, Result, SiteId, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::{accounts, cron_jobs, sites};
use crate::{AccountScope, Tx, each_backend};

/// Status of an account whose commands run.
const ACTIVE: &str = "active";

/// A command's row.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = cron_jobs)]
pub struct CronJob {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: CronJobId,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// What people call it.
    pub name: String,
    /// `command` or `url`.
    pub kind: String,
    /// What the account's shell gets, or the address that is called.
    pub command: String,
    /// Five fields.
    pub schedule: String,
    /// In which time zone they are meant.
    pub time_zone: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// `skip`, `queue` or `kill`: what happens when it is due and still runs.
    pub overlap: String,
    /// It begins up to so many seconds late.
    pub jitter_s: i64,
    /// It is ended after so many seconds.
    pub timeout_s: i64,
    /// `never`, `failure` or `change`.
    pub mail_when: String,
    /// Who gets the mail: a person; 0 for nobody.
    pub mail_to: i64,
    /// Called after each run that went well; may be empty.
    pub alive_url: String,
    /// An alarm when no run went well so many seconds after it was due; 0 for none.
    pub grace_s: i64,
    /// When it is due next; 0 for never.
    #[diesel(deserialize_as = i64)]
    pub next_at: Timestamp,
    /// The last moment of its schedule that was dealt with; 0 before.
    #[diesel(deserialize_as = i64)]
    pub last_due_at: Timestamp,
    /// When the alarm is given unless a run goes well before; 0 for never.
    #[diesel(deserialize_as = i64)]
    pub alarm_at: Timestamp,
    /// When the alarm was given; 0 while all is well.
    #[diesel(deserialize_as = i64)]
    pub alarmed_at: Timestamp,
    /// State of the last run that ended; empty before.
    pub last_state: String,
    /// When it ended; 0 before.
    #[diesel(deserialize_as = i64)]
    pub last_ended_at: Timestamp,
    /// Rises with each save.
    pub version: i64,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it was last saved.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Timestamp,
}

/// What somebody sets of a command.
#[derive(Clone, Debug, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = cron_jobs)]
pub struct CronFields {
    /// What people call it.
    pub name: String,
    /// `command` or `url`.
    pub kind: String,
    /// What the account's shell gets, or the address that is called.
    pub command: String,
    /// Five fields.
    pub schedule: String,
    /// In which time zone they are meant.
    pub time_zone: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// `skip`, `queue` or `kill`.
    pub overlap: String,
    /// It begins up to so many seconds late.
    pub jitter_s: i64,
    /// It is ended after so many seconds.
    pub timeout_s: i64,
    /// `never`, `failure` or `change`.
    pub mail_when: String,
    /// Who gets the mail.
    pub mail_to: i64,
    /// Called after each run that went well.
    pub alive_url: String,
    /// Seconds until the alarm; 0 for none.
    pub grace_s: i64,
}

/// When a command is due, and when its alarm is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// Due next; 0 for never.
    pub next_at: Timestamp,
    /// The alarm; 0 for never.
    pub alarm_at: Timestamp,
}

/// Adds a command.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, account: AccountScope, f: &CronFields, at: Moments) -> Result<CronJobId> {
    let now = tx.now().ms();
    let row = (
        cron_jobs::account_id.eq(account.id().get()),
        (cron_jobs::name.eq(&f.name), cron_jobs::kind.eq(&f.kind), cron_jobs::command.eq(&f.command)),
        (cron_jobs::schedule.eq(&f.schedule), cron_jobs::time_zone.eq(&f.time_zone), cron_jobs::enabled.eq(f.enabled)),
        (cron_jobs::overlap.eq(&f.overlap), cron_jobs::jitter_s.eq(f.jitter_s), cron_jobs::timeout_s.eq(f.timeout_s)),
        (cron_jobs::mail_when.eq(&f.mail_when), cron_jobs::mail_to.eq(f.mail_to)),
        (cron_jobs::alive_url.eq(&f.alive_url), cron_jobs::grace_s.eq(f.grace_s)),
        (cron_jobs::next_at.eq(at.next_at.ms()), cron_jobs::alarm_at.eq(at.alarm_at.ms())),
        (cron_jobs::last_due_at.eq(0), cron_jobs::alarmed_at.eq(0), cron_jobs::last_state.eq("")),
        (cron_jobs::last_ended_at.eq(0), cron_jobs::version.eq(1)),
        (cron_jobs::created_at.eq(now), cron_jobs::updated_at.eq(now)),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(cron_jobs::table)
        .values(row)
        .returning(cron_jobs::id)
        .get_result(c))
    .or_db("adding the command")?;
    Ok(CronJobId(id))
}

/// Changes a command that has this version; its alarm is quiet again.
///
/// # Errors
/// `VersionConflict`.
pub fn update(
    tx: &mut Tx<'_>,
    account: AccountScope,
    id: CronJobId,
    version: i64,
    fields: &CronFields,
    at: Moments,
) -> Result<()> {
    let now = tx.now().ms();
    let this = cron_jobs::table
        .filter(cron_jobs::account_id.eq(account.id().get()))
        .filter(cron_jobs::id.eq(id.get()))
        .filter(cron_jobs::version.eq(version));
    let changed = diesel::update(this)
        .set((
            fields,
            (cron_jobs::next_at.eq(at.next_at.ms()), cron_jobs::alarm_at.eq(at.alarm_at.ms())),
            cron_jobs::alarmed_at.eq(0),
            cron_jobs::version.eq(version + 1),
            cron_jobs::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .or_db("changing the command")?;
    if changed == 1 { Ok(()) } else { Err(Error::code(freehold_base::Code::VersionConflict)) }
}

/// Removes a command with its results.
///
/// # Errors
/// `NotFound("command")`.
pub fn delete(tx: &mut Tx<'_>, account: AccountScope, id: CronJobId) -> Result<()> {
    let this = cron_jobs::table.filter(cron_jobs::account_id.eq(account.id().get())).filter(cron_jobs::id.eq(id.get()));
    let gone = diesel::delete(this).execute(tx.conn()).or_db("removing the command")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("command")) }
}

/// One command of an account.
///
/// # Errors
/// `NotFound("command")`.
pub fn find(tx: &mut Tx<'_>, account: AccountScope, id: CronJobId) -> Result<CronJob> {
    cron_jobs::table
        .filter(cron_jobs::account_id.eq(account.id().get()))
        .filter(cron_jobs::id.eq(id.get()))
        .select(CronJob::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the command")?
        .ok_or_else(|| Error::not_found("command"))
}

/// Commands of an account, the oldest first; at most `limit` after number `after`.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, account: AccountScope, after: CronJobId, limit: i64) -> Result<Vec<CronJob>> {
    cron_jobs::table
        .filter(cron_jobs::account_id.eq(account.id().get()))
        .filter(cron_jobs::id.gt(after.get()))
        .order(cron_jobs::id)
        .limit(limit.clamp(1, 200))
        .select(CronJob::as_select())
        .load(tx.conn())
        .or_db("listing commands")
}

/// How many commands an account has.
///
/// # Errors
/// Database failures.
pub fn count(tx: &mut Tx<'_>, account: AccountScope) -> Result<i64> {
    cron_jobs::table
        .filter(cron_jobs::account_id.eq(account.id().get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting commands")
}

/// Whether an account is in use: of a suspended one nothing runs.
///
/// # Errors
/// Database failures.
pub fn is_active(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    let status: Option<String> = accounts::table
        .filter(accounts::id.eq(account.get()))
        .select(accounts::status)
        .first(tx.conn())
        .optional()
        .or_db("reading the account")?;
    Ok(status.as_deref() == Some(ACTIVE))
}

/// A site of the account, for addresses in the panel.
///
/// # Errors
/// Database failures.
pub fn site_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<SiteId>> {
    let id: Option<i64> = sites::table
        .filter(sites::account_id.eq(account.get()))
        .filter(sites::status.ne(crate::access::DELETED))
        .order(sites::id)
        .select(sites::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for a site")?;
    Ok(id.map(SiteId))
}

// What follows is for the scheduler, which looks at all accounts.

/// Commands of accounts in use that are due, the longest waiting first.
///
/// # Errors
/// Database failures.
pub fn due(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<CronJob>> {
    let now = tx.now().ms();
    cron_jobs::table
        .inner_join(accounts::table)
        .filter(accounts::status.eq(ACTIVE))
        .filter(cron_jobs::next_at.gt(0))
        .filter(cron_jobs::next_at.le(now))
        .order((cron_jobs::next_at, cron_jobs::id))
        .limit(limit)
        .select(CronJob::as_select())
        .load(tx.conn())
        .or_db("looking for due commands")
}

/// Commands whose alarm is due.
///
/// # Errors
/// Database failures.
pub fn late(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<CronJob>> {
    let now = tx.now().ms();
    cron_jobs::table
        .inner_join(accounts::table)
        .filter(accounts::status.eq(ACTIVE))
        .filter(cron_jobs::alarm_at.gt(0))
        .filter(cron_jobs::alarm_at.le(now))
        .order((cron_jobs::alarm_at, cron_jobs::id))
        .limit(limit)
        .select(CronJob::as_select())
        .load(tx.conn())
        .or_db("looking for late commands")
}

/// Commands whose last moment lies after `at`: the clock was set back since.
///
/// # Errors
/// Database failures.
pub fn ahead_of(tx: &mut Tx<'_>, at: Timestamp, limit: i64) -> Result<Vec<CronJob>> {
    cron_jobs::table
        .filter(cron_jobs::next_at.gt(0))
        .filter(cron_jobs::last_due_at.gt(at.ms()))
        .order(cron_jobs::id)
        .limit(limit)
        .select(CronJob::as_select())
        .load(tx.conn())
        .or_db("looking for commands ahead of the clock")
}

/// The next moment at which a command or an alarm is due.
///
/// # Errors
/// Database failures.
pub fn next_moment(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    let next: Option<i64> = cron_jobs::table
        .inner_join(accounts::table)
        .filter(accounts::status.eq(ACTIVE))
        .filter(cron_jobs::next_at.gt(0))
        .select(diesel::dsl::min(cron_jobs::next_at))
        .first(tx.conn())
        .or_db("looking for due commands")?;
    let alarm: Option<i64> = cron_jobs::table
        .inner_join(accounts::table)
        .filter(accounts::status.eq(ACTIVE))
        .filter(cron_jobs::alarm_at.gt(0))
        .select(diesel::dsl::min(cron_jobs::alarm_at))
        .first(tx.conn())
        .or_db("looking for late commands")?;
    Ok([next, alarm].into_iter().flatten().min().map(Timestamp))
}

/// Notes that a moment of the schedule is dealt with. False where another node did it.
///
/// # Errors
/// Database failures.
pub fn advance(tx: &mut Tx<'_>, job: &CronJob, due: Timestamp, next: Timestamp) -> Result<bool> {
    let this = cron_jobs::table.filter(cron_jobs::id.eq(job.id.get())).filter(cron_jobs::next_at.eq(job.next_at.ms()));
    let moved = diesel::update(this)
        .set((cron_jobs::next_at.eq(next.ms()), cron_jobs::last_due_at.eq(due.ms())))
        .execute(tx.conn())
        .or_db("moving the command on")?;
    Ok(moved == 1)
}

/// Notes that the alarm was given. False where another node gave it.
///
/// # Errors
/// Database failures.
pub fn set_alarmed(tx: &mut Tx<'_>, job: &CronJob) -> Result<bool> {
    let now = tx.now().ms();
    let this =
        cron_jobs::table.filter(cron_jobs::id.eq(job.id.get())).filter(cron_jobs::alarm_at.eq(job.alarm_at.ms()));
    let given = diesel::update(this)
        .set((cron_jobs::alarm_at.eq(0), cron_jobs::alarmed_at.eq(now)))
        .execute(tx.conn())
        .or_db("giving the alarm")?;
    Ok(given == 1)
}

/// Notes how the last run ended; after one that went well the alarm is quiet until the next.
///
/// # Errors
/// Database failures.
pub fn note_end(tx: &mut Tx<'_>, id: CronJobId, state: &str, alarm_at: Option<Timestamp>) -> Result<()> {
    let now = tx.now().ms();
    let this = cron_jobs::table.filter(cron_jobs::id.eq(id.get()));
    diesel::update(this)
        .set((cron_jobs::last_state.eq(state), cron_jobs::last_ended_at.eq(now)))
        .execute(tx.conn())
        .or_db("noting the run")?;
    if let Some(alarm_at) = alarm_at {
        diesel::update(this)
            .set((cron_jobs::alarm_at.eq(alarm_at.ms()), cron_jobs::alarmed_at.eq(0)))
            .execute(tx.conn())
            .or_db("noting the run")?;
    }
    Ok(())
}

/// A command by its number alone.
///
/// # Errors
/// Database failures.
pub fn of_run(tx: &mut Tx<'_>, id: CronJobId) -> Result<Option<CronJob>> {
    cron_jobs::table
        .filter(cron_jobs::id.eq(id.get()))
        .select(CronJob::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the command")
}

/// Another moment for the alarm; 0 for none.
///
/// # Errors
/// Database failures.
pub fn set_alarm(tx: &mut Tx<'_>, id: CronJobId, alarm_at: Timestamp) -> Result<()> {
    diesel::update(cron_jobs::table.filter(cron_jobs::id.eq(id.get())))
        .set(cron_jobs::alarm_at.eq(alarm_at.ms()))
        .execute(tx.conn())
        .or_db("setting the alarm")?;
    Ok(())
}
