//! The list: what waits, runs, ended and failed.

use freehold_base::{Result, SiteId, Timestamp};
use freehold_platform::jobs::{self, Job, JobFilter};
use freehold_platform::sites::settings;
use freehold_platform::upkeep::ROUTINE;
use freehold_store::Tx;
use serde::Serialize;

use super::{home, place, words};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

/// Jobs on one page.
const ROWS: i64 = 50;

/// Tabs: words, name in the address, states.
const TABS: &[(&str, &str, &[&str])] = &[
    ("All", "", &[]),
    ("Running", "running", &["running"]),
    ("Waiting", "waiting", &["waiting", "paused"]),
    ("Failed", "failed", &["failed"]),
    ("Done", "done", &["done"]),
    ("Stopped", "cancelled", &["cancelled"]),
];

#[derive(Serialize)]
struct ListView {
    title: &'static str,
    sub: &'static str,
    action: String,
    tabs: Vec<Tab>,
    keep: Vec<Keep>,
    query: String,
    state: String,
    rows: Vec<JobRow>,
    /// Turns routine work on and off; none where there is no such work, or everything is searched.
    routine: Option<Tab>,
    of_server: bool,
    summary: String,
    prev: String,
    next: String,
    clear: String,
}

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
    count: Option<i64>,
}

#[derive(Serialize)]
struct Keep {
    name: &'static str,
    value: String,
}

/// A job as lists show it.
#[derive(Serialize)]
pub struct JobRow {
    id: i64,
    title: String,
    href: String,
    kind: String,
    site: String,
    state: &'static str,
    tone: &'static str,
    running: bool,
    percent: Option<i64>,
    step: String,
    result: String,
    when_label: &'static str,
    when: TimeView,
    took: String,
    attempts: i64,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Jobs", vec![crumb("Jobs", None)]).await?;
    let site = place(&ctx);
    let (query, state) = (ctx.param("q").unwrap_or_default(), ctx.param("state").unwrap_or_default());
    let before = ctx.param("before").and_then(|b| b.parse().ok()).unwrap_or(0);
    let tab = TABS.iter().find(|(_, name, _)| *name == state).unwrap_or(&TABS[0]);
    let kinds = (!query.trim().is_empty()).then(|| words::kinds(&query));
    // Who searches, searches all.
    let folds = site.is_none() && kinds.is_none();
    let routine = ctx.param("routine").as_deref() == Some("1");
    let quiet: &[&str] = if folds && !routine { ROUTINE } else { &[] };
    let filter = JobFilter { states: tab.2.to_vec(), kinds, quiet };
    let (found, counts) = ctx
        .read(move |tx| {
            let found = jobs::search(tx, site, &filter, before, ROWS + 1)?;
            let all = JobFilter { quiet, ..JobFilter::default() };
            let counts = if site.is_none() { jobs::counts(tx, &all)? } else { Vec::new() };
            Ok((rows(tx, site, found)?, counts))
        })
        .await?;
    let mut rows = found;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let action = home(site);
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let of = |state: &str, routine| {
        format!("{action}?state={state}&q={encoded}{}", if routine && folds { "&routine=1" } else { "" })
    };
    let at = |state: &str| of(state, routine);
    let count = |states: &[&str]| {
        let of = |(name, _): &&(String, i64)| states.contains(&name.as_str());
        (site.is_none() && !states.is_empty()).then(|| counts.iter().filter(of).map(|(_, n)| n).sum())
    };
    let tabs = TABS.iter().map(|(label, name, states)| Tab {
        label,
        href: at(name),
        current: *name == tab.1,
        count: count(states),
    });
    let view = ListView {
        title: "Jobs",
        sub: "Work that goes on in the background. You can close this page; nothing stops.",
        tabs: tabs.collect(),
        keep: vec![Keep { name: "state", value: tab.1.to_owned() }],
        state: tab.1.to_owned(),
        of_server: site.is_none(),
        routine: folds.then(|| Tab { label: "Routine work", href: of(tab.1, !routine), current: routine, count: None }),
        summary: format!("{} shown", rows.len()),
        prev: if before > 0 { at(tab.1) } else { String::new() },
        next: rows.last().filter(|_| more).map_or_else(String::new, |r| format!("{}&before={}", at(tab.1), r.id)),
        clear: action.clone(),
        rows,
        query,
        action,
    };
    Ok(ctx.page(200, "jobs/list.html", &frame, &view)?)
}

/// Jobs as rows, with the titles of their sites.
fn rows(tx: &mut Tx<'_>, place: Option<SiteId>, found: Vec<Job>) -> Result<Vec<JobRow>> {
    let now = tx.now();
    let mut titles = std::collections::HashMap::new();
    let mut rows = Vec::new();
    for job in found {
        if place.is_none() && job.site_id != SiteId(0) && !titles.contains_key(&job.site_id) {
            titles.insert(job.site_id, title_of(tx, job.site_id)?);
        }
        let site = titles.get(&job.site_id).cloned().unwrap_or_default();
        rows.push(row(&job, &home(place), site, now));
    }
    Ok(rows)
}

fn title_of(tx: &mut Tx<'_>, site: SiteId) -> Result<String> {
    match tx.scope_of(site) {
        Ok(scope) => Ok(settings::read(tx, scope)?.general.title),
        Err(e @ freehold_base::Error::Internal { .. }) => Err(e),
        Err(_) => Ok(String::new()), // deleted since
    }
}

/// A job as lists show it; `home` is the address of its list.
pub fn row(job: &Job, home: &str, site: String, now: Timestamp) -> JobRow {
    let (state, tone, _) = words::state(&job.state);
    let (when_label, at) = moment(job);
    JobRow {
        id: job.id.get(),
        title: words::title_of(job),
        href: format!("{home}/{}", job.id),
        kind: job.kind.clone(),
        site,
        state,
        tone,
        running: job.state == "running",
        percent: words::progress(job.done, job.total),
        step: if job.state == "running" {
            words::step(&job.kind, "running", job.done, job.total)
        } else {
            String::new()
        },
        result: words::result(job),
        when_label,
        when: coming(at, now),
        took: words::took(job),
        attempts: job.attempts,
    }
}

/// The moment that matters in a state.
fn moment(job: &Job) -> (&'static str, Timestamp) {
    match job.state.as_str() {
        "waiting" => ("Next run", job.run_at),
        "paused" => ("Was due", job.run_at),
        "running" => ("Began", job.started_at),
        _ => ("Ended", job.ended_at),
    }
}

/// A moment for people, also one that is still to come.
pub fn coming(at: Timestamp, now: Timestamp) -> TimeView {
    let view = time_view(at, now);
    let ms = at.ms() - now.ms();
    let text = match ms {
        ..=0 => return view,
        1..60_000 => "in less than a minute".to_owned(),
        60_000..3_600_000 => format!("in {} min", ms / 60_000),
        3_600_000..86_400_000 => format!("in {} h", ms / 3_600_000),
        _ => at.utc().format("%-d %b %Y").to_string(),
    };
    TimeView { text, ..view }
}
