//! The list.

use freehold_base::{CronJobId, Result, SiteId, Timestamp};
use freehold_hosting::cron::{self, Schedule, zone};
use freehold_store::Tx;
use freehold_store::cron::CronJob;
use serde::Serialize;

use super::{IsolationView, words};
use crate::panel::build_frame::{Moment, crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct ListView {
    new_href: String,
    isolation: IsolationView,
    rows: Vec<Row>,
    full: bool,
}

/// A command as the list shows it.
#[derive(Serialize)]
struct Row {
    href: String,
    action: String,
    name: String,
    when: String,
    state: &'static str,
    tone: &'static str,
    last: Option<TimeView>,
    next: Option<TimeView>,
    late: bool,
    enabled: bool,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Commands", vec![crumb("Commands", None)]).await?;
    let (site, base) = (ctx.site, ctx.cron());
    let rows = ctx.read(move |tx| rows(tx, site, &base)).await?;
    let view = ListView {
        new_href: format!("{}/new", ctx.cron()),
        isolation: IsolationView::of(&ctx),
        full: i64::try_from(rows.len()).is_ok_and(|n| n >= cron::MOST),
        rows,
    };
    Ok(ctx.page(200, "cron/list.html", &frame, &view)?)
}

fn rows(tx: &mut Tx<'_>, site: SiteId, base: &str) -> Result<Vec<Row>> {
    let all = cron::list(tx, site, CronJobId(0), cron::MOST)?;
    let now = Moment::at(tx, site)?;
    Ok(all.iter().map(|job| row(job, base, now)).collect())
}

/// The present in a command's own zone: what its schedule says and when it runs are told alike.
pub fn in_its_zone(job: &CronJob, now: Moment) -> Moment {
    zone(&job.time_zone).map_or(now, |zone| now.in_zone(zone))
}

fn row(job: &CronJob, base: &str, now: Moment) -> Row {
    let now = in_its_zone(job, now);
    let (state, tone) = words::state(&job.last_state);
    let past = |at: Timestamp| (at.ms() > 0).then(|| time_view(at, now));
    Row {
        href: format!("{base}/{}", job.id),
        action: format!("{base}/{}", job.id),
        name: job.name.clone(),
        when: when(job),
        state,
        tone,
        last: past(job.last_ended_at),
        next: past(job.next_at),
        late: job.alarmed_at.ms() > 0,
        enabled: job.enabled,
    }
}

/// A stored schedule in words, with its zone where it has one.
pub fn when(job: &CronJob) -> String {
    let schedule = zone(&job.time_zone).and_then(|zone| Schedule::parse(&job.schedule, zone));
    let words = schedule.map_or_else(|_| job.schedule.clone(), |s| s.words());
    format!("{words} \u{b7} {}", job.time_zone.replace('_', " "))
}
