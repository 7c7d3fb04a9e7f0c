//! Commands at set times, and what came of them: the twin of the panel's pages (rows H115 to H117).

use actix_web::web::Payload;
use freehold_base::{CronJobId, CronRunId, Cursor};
use freehold_hosting::cron::{self, CronInput, Schedule, zone};
use freehold_store::cron::CronJob;
use freehold_store::cron_runs::CronRun;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;
use super::views::moment;

/// Parameters of the lists.
pub const QUERY: &[&str] = &["limit", "after", "fields"];

/// A command to make or change. What is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CommandInput {
    /// What people call it, at most 100 characters.
    pub name: Option<String>,
    /// `command` or `url`.
    pub kind: Option<String>,
    /// What the account's shell gets, or the address that is called.
    pub command: Option<String>,
    /// Words such as `Every weekday at 07:30`, or five fields.
    pub schedule: Option<String>,
    /// Time zone of the schedule; UTC without one.
    pub time_zone: Option<String>,
    /// Whether it runs by itself.
    pub enabled: Option<bool>,
    /// `skip`, `queue` or `kill`: when it is due and still runs.
    pub overlap: Option<String>,
    /// It begins up to so many seconds late.
    pub jitter_s: Option<i64>,
    /// It is ended after so many seconds.
    pub timeout_s: Option<i64>,
    /// `never`, `failure` or `change`.
    pub mail_when: Option<String>,
    /// Called after each run that went well.
    pub alive_url: Option<String>,
    /// An alarm when no run went well so many seconds after it was due; 0 for none.
    pub grace_s: Option<i64>,
}

impl CommandInput {
    /// As the service takes it, on top of what there is.
    fn over(self, before: CronInput) -> CronInput {
        CronInput {
            name: self.name.unwrap_or(before.name),
            kind: self.kind.unwrap_or(before.kind),
            command: self.command.unwrap_or(before.command),
            schedule: self.schedule.unwrap_or(before.schedule),
            time_zone: self.time_zone.unwrap_or(before.time_zone),
            enabled: self.enabled.unwrap_or(before.enabled),
            overlap: self.overlap.unwrap_or(before.overlap),
            jitter_s: self.jitter_s.unwrap_or(before.jitter_s),
            timeout_s: self.timeout_s.unwrap_or(before.timeout_s),
            mail_when: self.mail_when.unwrap_or(before.mail_when),
            alive_url: self.alive_url.unwrap_or(before.alive_url),
            grace_s: self.grace_s.unwrap_or(before.grace_s),
        }
    }
}

/// A command.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandView {
    /// Its id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// `command` or `url`.
    pub kind: String,
    /// What runs, or is called.
    pub command: String,
    /// Five fields.
    pub schedule: String,
    /// The same in words.
    pub words: String,
    /// Time zone of the schedule.
    pub time_zone: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// `skip`, `queue` or `kill`.
    pub overlap: String,
    /// Seconds.
    pub jitter_s: i64,
    /// Seconds.
    pub timeout_s: i64,
    /// `never`, `failure` or `change`.
    pub mail_when: String,
    /// Called after each run that went well.
    pub alive_url: String,
    /// Seconds until the alarm; 0 for none.
    pub grace_s: i64,
    /// The next five moments.
    pub next: Vec<String>,
    /// State of the last run that ended; empty before.
    pub last_state: String,
    /// When it ended.
    pub last_ended_at: Option<String>,
    /// When the alarm was given; null while all is well.
    pub late_since: Option<String>,
    /// Rises with each change.
    pub version: i64,
}

impl CommandView {
    /// Of a command, as known at a moment.
    pub fn new(job: CronJob, now: freehold_base::Timestamp) -> Self {
        let schedule = zone(&job.time_zone).and_then(|zone| Schedule::parse(&job.schedule, zone)).ok();
        let upcoming = schedule.as_ref().filter(|_| job.enabled).map(|s| s.upcoming(now, 5)).unwrap_or_default();
        Self {
            id: job.id.get(),
            words: schedule.map(|s| s.words()).unwrap_or_default(),
            next: upcoming.into_iter().map(|at| at.rfc3339()).collect(),
            last_ended_at: moment(job.last_ended_at),
            late_since: moment(job.alarmed_at),
            name: job.name,
            kind: job.kind,
            command: job.command,
            schedule: job.schedule,
            time_zone: job.time_zone,
            enabled: job.enabled,
            overlap: job.overlap,
            jitter_s: job.jitter_s,
            timeout_s: job.timeout_s,
            mail_when: job.mail_when,
            alive_url: job.alive_url,
            grace_s: job.grace_s,
            last_state: job.last_state,
            version: job.version,
        }
    }
}

/// A run of a command.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandRunView {
    /// Its id.
    pub id: i64,
    /// Its command.
    pub command: i64,
    /// `schedule` or `hand`.
    pub cause: String,
    /// `waiting`, `running`, `done`, `failed`, `timed_out`, `stopped`, `skipped` or `interrupted`.
    pub state: String,
    /// Exit status or HTTP status; null where there is none.
    pub exit_status: Option<i64>,
    /// Why it ended as it did.
    pub message: String,
    /// What it said: the beginning and the end; of a run that goes on, so far.
    pub output: String,
    /// How much it said.
    pub output_bytes: i64,
    /// The moment it belongs to.
    pub due_at: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
}

impl From<CronRun> for CommandRunView {
    fn from(run: CronRun) -> Self {
        Self {
            id: run.id.get(),
            command: run.cron_job_id.get(),
            exit_status: (run.exit_status >= 0).then_some(run.exit_status),
            due_at: moment(run.due_at),
            started_at: moment(run.started_at),
            ended_at: moment(run.ended_at),
            cause: run.cause,
            state: run.state,
            message: run.message,
            output: run.output,
            output_bytes: run.output_bytes,
        }
    }
}

/// A page of commands, the oldest first.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let (site, after) = (ctx.site, CronJobId(page.after.as_ref().map_or(0, |c| c.id)));
    let (rows, now) = ctx.read(move |tx| Ok((cron::list(tx, site, after, page.size.get())?, tx.now()))).await?;
    let cursor = |job: &CronJob| Cursor { key: String::new(), id: job.id.get() };
    Ok(ok(&List::of(rows, limit, cursor, |job| CommandView::new(job, now)), query.get("fields"))?)
}

/// One command.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    let (job, now) = ctx.read(move |tx| Ok((cron::find(tx, site, id)?, tx.now()))).await?;
    Ok(ok(&CommandView::new(job, now), None)?)
}

/// Adds a command.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: CommandInput = strict::read(&ctx.body(payload).await?)?;
    let site = ctx.site;
    let fresh = CronInput { schedule: String::new(), ..CronInput::default() };
    let wanted = input.over(fresh);
    let (job, now) = ctx
        .write(move |tx| {
            let id = cron::add(tx, site, &wanted)?;
            Ok((cron::find(tx, site, id)?, tx.now()))
        })
        .await?;
    let location = format!("/api/v1/sites/{site}/cron/{}", job.id);
    Ok(created(&CommandView::new(job, now), &location)?)
}

/// Changes a command.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    let input: CommandInput = strict::read(&ctx.body(payload).await?)?;
    let before = ctx.read(move |tx| cron::find(tx, site, id)).await?;
    let wanted = input.over(CronInput::from(&before));
    let (job, now) = ctx
        .write(move |tx| {
            cron::change(tx, site, id, before.version, &wanted)?;
            Ok((cron::find(tx, site, id)?, tx.now()))
        })
        .await?;
    Ok(ok(&CommandView::new(job, now), None)?)
}

/// Removes a command with its results.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    ctx.write(move |tx| cron::remove(tx, site, id)).await?;
    Ok(done())
}

/// Runs of a command, newest first.
pub async fn runs(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    let before = page.after.as_ref().map_or(0, |c| c.id);
    let rows = ctx.read(move |tx| cron::runs(tx, site, id, before, page.size.get())).await?;
    let cursor = |run: &CronRun| Cursor { key: String::new(), id: run.id.get() };
    Ok(ok(&List::of(rows, limit, cursor, CommandRunView::from), query.get("fields"))?)
}

/// One run.
pub async fn run(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    let number = ctx.id::<CronRunId>("run", "run")?;
    let mut run = ctx.read(move |tx| cron::run(tx, site, id, number)).await?;
    if let Some(so_far) = ctx.app.cron.text(number) {
        run.output = so_far;
    }
    Ok(ok(&CommandRunView::from(run), None)?)
}

/// Runs a command now.
pub async fn run_now(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    let run = ctx
        .write(move |tx| {
            let run = cron::run_now(tx, site, id)?;
            cron::run(tx, site, id, run)
        })
        .await?;
    let location = format!("/api/v1/sites/{site}/cron/{id}/runs/{}", run.id);
    Ok(created(&CommandRunView::from(run), &location)?)
}

/// Asks a run to stop.
pub async fn stop(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CronJobId>("id", "command")?);
    let run = ctx.id::<CronRunId>("run", "run")?;
    ctx.write(move |tx| cron::stop(tx, site, id, run)).await?;
    Ok(done())
}
