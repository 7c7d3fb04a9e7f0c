//! From moments to rows: what is due becomes a run, what is late gives its alarm, what fell is noted. All in the
//! database; nothing runs here.

use std::time::Duration;

use freehold_base::{CronJobId, CronRunId, Result, Timestamp};
use freehold_store::cron::{self as rows, CronJob};
use freehold_store::cron_runs::{self as run_rows, NewRun};
use freehold_store::{Actor, Store, Tx};
use sha2::Digest as _;

use super::rules::alarm_at;
use super::schedule::{Schedule, zone};
use super::service::{CronChanged, KEPT};
use super::work::Post;

/// Runs of one command that may wait where its rule is to queue.
pub const QUEUE: usize = 10;
/// A moment that passed while no node was up is made up if it is younger than this.
pub const MADE_UP: Duration = Duration::from_secs(86_400);
/// A clock that is set back further than this makes schedules begin anew.
pub const CLOCK_SET_BACK: Duration = Duration::from_secs(3 * 3600);
/// Commands of one transaction.
const AT_ONCE: i64 = 100;

/// What a look at the schedules found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// When to look next; none where nothing is set up.
    pub next: Option<Timestamp>,
    /// More is due than one look deals with.
    pub more: bool,
}

/// Deals with everything that is due now. `fallen`: what went on belongs to nobody any more (the start of the only
/// node on a database).
///
/// # Errors
/// Database failures; what was not dealt with is dealt with by the next look.
pub fn tick(store: &Store, post: &Post, fallen: bool) -> Result<Tick> {
    // Looking first keeps an idle node off the writer.
    let wanted = store.read(&Actor::system(), move |tx| {
        let ahead = Timestamp(tx.now().ms() + millis(CLOCK_SET_BACK));
        Ok(!rows::due(tx, 1)?.is_empty()
            || !rows::late(tx, 1)?.is_empty()
            || !rows::ahead_of(tx, ahead, 1)?.is_empty()
            || !run_rows::fallen(tx, fallen)?.is_empty())
    })?;
    if wanted {
        let post = post.clone();
        store.write(&Actor::system(), move |tx| {
            note_fallen(tx, &post, fallen)?;
            begin_anew(tx)?;
            for job in rows::due(tx, AT_ONCE)? {
                due(tx, &job)?;
            }
            for job in rows::late(tx, AT_ONCE)? {
                if rows::set_alarmed(tx, &job)? {
                    post.alarm(tx, &job)?;
                }
            }
            Ok(())
        })?;
    }
    let next = store.read(&Actor::system(), |tx| {
        let planned = rows::next_moment(tx)?;
        let more = planned.is_some_and(|at| at <= tx.now());
        let next = [planned, run_rows::next_moment(tx)?].into_iter().flatten().min();
        Ok(Tick { next, more })
    })?;
    Ok(next)
}

fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

/// Runs that were cut short with their node: noted, and not begun again, for half of their work may be done.
fn note_fallen(tx: &mut Tx<'_>, post: &Post, all: bool) -> Result<()> {
    for run in run_rows::fallen(tx, all)? {
        if !run_rows::interrupt(tx, &run, "Freehold stopped while it ran; it was not begun again.")? {
            continue;
        }
        rows::note_end(tx, run.cron_job_id, "interrupted", None)?;
        if let Some(job) = rows::of_run(tx, run.cron_job_id)?.filter(|job| job.mail_when != "never") {
            post.interrupted(tx, &job)?;
        }
        tx.announce(CronChanged { account: run.account_id, job: run.cron_job_id, run: run.id });
    }
    Ok(())
}

/// After the clock was set back by hours: schedules go on from its time. A smaller step repeats nothing.
fn begin_anew(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now();
    for job in rows::ahead_of(tx, Timestamp(now.ms() + millis(CLOCK_SET_BACK)), AT_ONCE)? {
        let next = schedule_of(&job).and_then(|s| s.next_after(now)).unwrap_or_default();
        rows::advance(tx, &job, now, next)?;
        let alarm = alarm_at(next, job.jitter_s, job.grace_s);
        rows::set_alarm(tx, job.id, alarm)?;
    }
    Ok(())
}

/// The schedule of a stored command; none where a later release cannot read it any more.
pub fn schedule_of(job: &CronJob) -> Option<Schedule> {
    Schedule::parse(&job.schedule, zone(&job.time_zone).ok()?).ok()
}

/// One command that is due: its newest moment that passed, and on to the next.
fn due(tx: &mut Tx<'_>, job: &CronJob) -> Result<()> {
    let now = tx.now();
    let schedule = schedule_of(job);
    let last = schedule.as_ref().map_or(job.next_at, |s| s.last_until(job.next_at, now));
    let next = schedule.and_then(|s| s.next_after(now)).unwrap_or_default();
    if !rows::advance(tx, job, last, next)? {
        return Ok(()); // another node was there first
    }
    if now.ms() - last.ms() > millis(MADE_UP) {
        let new = NewRun { state: "skipped", message: "Missed: no node was up.", ..of(job, "schedule", last, last) };
        put(tx, &new)?;
        return Ok(());
    }
    let begin = Timestamp(last.ms() + spread_ms(job.id, last, job.jitter_s));
    let made_up = now.ms() - last.ms() > 120_000;
    let note = if made_up { "Made up for: no node was up at its time." } else { "" };
    plan_run(tx, job, "schedule", (last, begin), note)?;
    Ok(())
}

fn of<'a>(job: &CronJob, cause: &'static str, due_at: Timestamp, run_at: Timestamp) -> NewRun<'a> {
    NewRun { account: job.account_id, job: job.id, cause, due_at, run_at, state: "waiting", message: "" }
}

/// Plans a run by the rule for overlaps; the moments are the one it belongs to and the one it begins at.
pub fn plan_run(
    tx: &mut Tx<'_>,
    job: &CronJob,
    cause: &'static str,
    (due_at, run_at): (Timestamp, Timestamp),
    note: &str,
) -> Result<Option<CronRunId>> {
    let open = run_rows::open(tx, job.id)?;
    let skipped = match job.overlap.as_str() {
        "queue" if open.len() > QUEUE => Some("Skipped: ten runs wait already."),
        "queue" | "kill" => None,
        _ if !open.is_empty() => Some("Skipped: the run before it still went on."),
        _ => None,
    };
    if job.overlap == "kill" {
        for (id, _) in &open {
            run_rows::ask_stop(tx, *id, "Ended: a later run took its place.")?;
        }
    }
    let (state, message) = skipped.map_or(("waiting", note), |why| ("skipped", why));
    put(tx, &NewRun { state, message, ..of(job, cause, due_at, run_at) })
}

/// Writes a run down. Where it never begins, no end of it makes the list short again.
fn put(tx: &mut Tx<'_>, new: &NewRun<'_>) -> Result<Option<CronRunId>> {
    let planned = run_rows::plan(tx, new)?;
    if let Some(run) = planned {
        if new.state == "skipped" {
            run_rows::prune(tx, new.job, KEPT)?;
        }
        tx.announce(CronChanged { account: new.account, job: new.job, run });
    }
    Ok(planned)
}

/// How late this moment of this command begins, so that many commands of one minute do not begin together. Always the
/// same for the same moment: a second node, or a second look, finds the same.
fn spread_ms(job: CronJobId, due: Timestamp, jitter_s: i64) -> i64 {
    if jitter_s <= 0 {
        return 0;
    }
    let digest = sha2::Sha256::digest(format!("{job} {}", due.ms()).as_bytes());
    let number = digest.iter().take(6).fold(0_i64, |n, b| (n << 8) | i64::from(*b));
    number % (jitter_s * 1000 + 1)
}
