//! One command: what it does, when it runs next, what came of its last runs.

use actix_web::web::Path;
use freehold_base::{CronJobId, Result, SiteId, Timestamp};
use freehold_hosting::cron::{self, work};
use freehold_store::Tx;
use freehold_store::cron::CronJob;
use freehold_store::cron_runs::CronRun;
use serde::Serialize;

use super::edit::Preview;
use super::list::{in_its_zone, when};
use super::{IsolationView, Numbers, words};
use crate::panel::build_frame::{Moment, crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct OneView {
    action: String,
    edit_href: String,
    name: String,
    when: String,
    command: String,
    is_url: bool,
    enabled: bool,
    late: Option<TimeView>,
    live: bool,
    runs: Vec<RunRow>,
    preview: Preview,
    overlap: &'static str,
    timeout: String,
    jitter: String,
    mail: &'static str,
    mail_to: String,
    alive_url: String,
    grace: String,
    isolation: IsolationView,
}

/// A run as lists show it.
#[derive(Serialize)]
pub struct RunRow {
    href: String,
    at: TimeView,
    state: &'static str,
    tone: &'static str,
    by_hand: bool,
    message: String,
    exit: String,
    took: String,
}

impl RunRow {
    /// Of a run; `base` is the address of its command.
    pub fn of(run: &CronRun, base: &str, now: Moment) -> Self {
        let (state, tone) = words::state(&run.state);
        let at = if run.started_at.ms() > 0 { run.started_at } else { run.run_at };
        Self {
            href: format!("{base}/runs/{}", run.id),
            at: time_view(at, now),
            state,
            tone,
            by_hand: run.cause == "hand",
            message: run.message.clone(),
            exit: if run.exit_status >= 0 { run.exit_status.to_string() } else { String::new() },
            took: took(run, now.now()),
        }
    }
}

/// How long a run took, or takes so far.
pub fn took(run: &CronRun, now: Timestamp) -> String {
    let until = if run.ended_at.ms() > 0 { run.ended_at } else { now };
    if run.started_at.ms() == 0 { String::new() } else { words::took(until.ms() - run.started_at.ms()) }
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<Numbers>) -> Reply {
    let (site, id, base) = (ctx.site, path.job, ctx.cron());
    let isolation = IsolationView::of(&ctx);
    let view = ctx.read(move |tx| read(tx, site, id, &base, isolation)).await?;
    let frame = ctx.frame(&view.name, vec![crumb("Commands", Some(ctx.cron())), crumb(&view.name, None)]).await?;
    Ok(ctx.page(200, "cron/one.html", &frame, &view)?)
}

fn read(tx: &mut Tx<'_>, site: SiteId, id: CronJobId, base: &str, isolation: IsolationView) -> Result<OneView> {
    let job = cron::find(tx, site, id)?;
    let runs = cron::runs(tx, site, id, 0, cron::KEPT)?;
    let now = in_its_zone(&job, Moment::at(tx, site)?);
    let here = format!("{base}/{id}");
    let length = |s: i64| work::spoken(std::time::Duration::from_secs(s.unsigned_abs()));
    Ok(OneView {
        action: here.clone(),
        edit_href: format!("{here}/edit"),
        when: when(&job),
        is_url: job.kind == "url",
        late: (job.alarmed_at.ms() > 0).then(|| time_view(job.alarmed_at, now)),
        live: runs.iter().any(|r| matches!(r.state.as_str(), "waiting" | "running")),
        runs: runs.iter().map(|run| RunRow::of(run, &here, now)).collect(),
        preview: Preview::of(&job.schedule, &job.time_zone, now.now()),
        overlap: words::label(words::OVERLAP, &job.overlap),
        timeout: length(job.timeout_s),
        jitter: if job.jitter_s > 0 { format!("up to {}", length(job.jitter_s)) } else { String::new() },
        mail: words::label(words::MAIL, &job.mail_when),
        mail_to: mail_to(tx, &job)?,
        grace: if job.grace_s > 0 { length(job.grace_s) } else { String::new() },
        name: job.name,
        command: job.command,
        enabled: job.enabled,
        alive_url: job.alive_url,
        isolation,
    })
}

/// Who gets the mail, by name.
fn mail_to(tx: &mut Tx<'_>, job: &CronJob) -> Result<String> {
    if job.mail_when == "never" || job.mail_to == 0 {
        return Ok(String::new());
    }
    match freehold_store::users::find(tx, job.mail_to.into()) {
        Ok(user) => Ok(user.name),
        Err(e @ freehold_base::Error::Internal { .. }) => Err(e),
        Err(_) => Ok(String::new()), // left since
    }
}
