//! `freehold cron …`

use freehold_base::{CronJobId, CronRunId, Result};
use freehold_hosting::cron::{self, CronInput, Schedule, zone};
use freehold_store::cron_runs::CronRun;
use serde_json::{Value, json};

use super::commands::{Cron, CronOptions, Done};
use super::hands::{Hands, table};
use crate::api::cron::CommandView;

/// Runs that the log shows.
const SHOWN: i64 = 50;

/// `freehold cron …`
///
/// # Errors
/// What the services give.
pub fn cron(hands: &Hands, command: &Cron) -> Result<Done> {
    match command {
        Cron::List { site } => list(hands, site),
        Cron::Show { id, site } => show(hands, site, CronJobId(*id)),
        Cron::Add { site, options } => {
            let site = hands.site(site)?;
            let input = over(options, CronInput { schedule: String::new(), ..CronInput::default() });
            let id = hands.write(move |tx| cron::add(tx, site, &input))?;
            Ok(Done::said(format!("Command {id} is set up."), json!({ "id": id })))
        }
        Cron::Set { id, site, options } => {
            let (site, id) = (hands.site(site)?, CronJobId(*id));
            let before = hands.read(move |tx| cron::find(tx, site, id))?;
            let input = over(options, CronInput::from(&before));
            hands.write(move |tx| cron::change(tx, site, id, before.version, &input))?;
            Ok(Done::said(format!("Command {id} is changed."), json!({ "id": id })))
        }
        Cron::Remove { id, site } => {
            let (site, id) = (hands.site(site)?, CronJobId(*id));
            hands.write(move |tx| cron::remove(tx, site, id))?;
            Ok(Done::said(format!("Command {id} is removed, with its results."), json!({ "id": id })))
        }
        Cron::Run { id, site } => {
            let (site, id) = (hands.site(site)?, CronJobId(*id));
            let run = hands.write(move |tx| cron::run_now(tx, site, id))?;
            Ok(Done::said(format!("Run {run} of command {id} begins as soon as a node is up."), json!({ "run": run })))
        }
        Cron::Stop { id, run, site } => {
            let (site, id, run) = (hands.site(site)?, CronJobId(*id), CronRunId(*run));
            hands.write(move |tx| cron::stop(tx, site, id, run))?;
            Ok(Done::said(format!("Run {run} is asked to stop."), json!({ "run": run })))
        }
        Cron::Log { id, run, site } => log(hands, site, CronJobId(*id), *run),
        Cron::Next { schedule, time_zone } => next(hands, schedule, time_zone),
    }
}

fn over(options: &CronOptions, before: CronInput) -> CronInput {
    let o = options.clone();
    let url = o.url.is_some();
    CronInput {
        name: o.name.unwrap_or(before.name),
        kind: if url { "url".into() } else { o.command.as_ref().map_or(before.kind, |_| "command".into()) },
        command: o.url.or(o.command).unwrap_or(before.command),
        schedule: o.schedule.unwrap_or(before.schedule),
        time_zone: o.time_zone.unwrap_or(before.time_zone),
        enabled: o.enabled.unwrap_or(before.enabled),
        overlap: o.overlap.unwrap_or(before.overlap),
        jitter_s: o.jitter_s.unwrap_or(before.jitter_s),
        timeout_s: o.timeout_s.unwrap_or(before.timeout_s),
        mail_when: o.mail_when.unwrap_or(before.mail_when),
        alive_url: o.alive_url.unwrap_or(before.alive_url),
        grace_s: o.grace_s.unwrap_or(before.grace_s),
    }
}

fn shown(view: &CommandView) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}

fn list(hands: &Hands, site: &str) -> Result<Done> {
    let site = hands.site(site)?;
    let (all, now) = hands.read(move |tx| Ok((cron::list(tx, site, CronJobId(0), cron::MOST)?, tx.now())))?;
    let views: Vec<CommandView> = all.into_iter().map(|job| CommandView::new(job, now)).collect();
    let rows: Vec<Vec<String>> = views
        .iter()
        .map(|v| {
            let next = v.next.first().cloned().unwrap_or_else(|| "off".into());
            vec![v.id.to_string(), v.name.clone(), v.words.clone(), next, v.last_state.clone()]
        })
        .collect();
    let json: Vec<Value> = views.iter().map(shown).collect();
    Ok(Done::data(table(&["id", "name", "when", "next", "last"], &rows), json.into()))
}

fn show(hands: &Hands, site: &str, id: CronJobId) -> Result<Done> {
    let site = hands.site(site)?;
    let (job, now) = hands.read(move |tx| Ok((cron::find(tx, site, id)?, tx.now())))?;
    let json = shown(&CommandView::new(job, now));
    Ok(Done::data(serde_json::to_string_pretty(&json).unwrap_or_default(), json))
}

fn log(hands: &Hands, site: &str, id: CronJobId, run: Option<i64>) -> Result<Done> {
    let site = hands.site(site)?;
    let Some(run) = run else {
        let all = hands.read(move |tx| cron::runs(tx, site, id, 0, SHOWN))?;
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|r| vec![r.id.to_string(), r.state.clone(), r.due_at.rfc3339(), status(r), r.message.clone()])
            .collect();
        let json: Vec<Value> = all.into_iter().map(of_run).collect();
        return Ok(Done::data(table(&["run", "state", "due", "exit", "message"], &rows), json.into()));
    };
    let run = hands.read(move |tx| cron::run(tx, site, id, CronRunId(run)))?;
    let words = format!("{} {}", run.state, run.message);
    let (output, json) = (run.output.clone(), of_run(run));
    Ok(Done { words, ..Done::data(output, json) })
}

fn status(run: &CronRun) -> String {
    if run.exit_status >= 0 { run.exit_status.to_string() } else { String::new() }
}

fn of_run(run: CronRun) -> Value {
    serde_json::to_value(crate::api::cron::CommandRunView::from(run)).unwrap_or_default()
}

fn next(hands: &Hands, schedule: &str, time_zone: &str) -> Result<Done> {
    let schedule = Schedule::parse(schedule, zone(time_zone)?)?;
    let upcoming = schedule.upcoming(hands.store.clock().now(), 5);
    let lines: Vec<String> = upcoming.iter().map(|at| schedule.shown(*at)).collect();
    let moments: Vec<String> = upcoming.iter().map(|at| at.rfc3339()).collect();
    let json = json!({ "words": schedule.words(), "fields": schedule.fields(), "next": moments });
    let words = format!("{}: {}", schedule.fields(), schedule.words());
    Ok(Done { words, ..Done::data(lines.join("\n"), json) })
}
