//! Telling owners in time: at 80, 90 and 100 % of the disk and of the month's traffic, once each. Where the plan says
//! so, an account whose traffic is used up is suspended.

use std::time::Duration;

use freehold_base::{AccountId, Capability, Page, PageSize, Result, Role};
use freehold_store::accounts::{self as rows, AccountFilter};
use freehold_store::roles::{self, RolePlace};
use freehold_store::{Actor, Tx, traffic as stored};

use super::accounts::Line;
use super::{accounts, suspend};
use crate::jobs::{Context, Failure, Handlers};
use crate::outbox::{Letter, Outbox};
use crate::upkeep;

/// The recurring job.
pub const WARN: &str = "accounts.warn";
/// How often it looks.
const EVERY: Duration = Duration::from_secs(3600);
/// Why an account is suspended whose traffic is used up.
const OVER_TRAFFIC: &str = "the traffic of this month is used up";

/// The step that a share of a limit has reached: 0, 80, 90 or 100.
pub fn step_of(used: i64, most: Option<u64>) -> i64 {
    let (Some(most), Ok(used)) = (most, u64::try_from(used)) else { return 0 };
    // A limit of nothing is full at the first byte.
    let percent = used.saturating_mul(100).checked_div(most).unwrap_or(if used > 0 { 100 } else { 0 });
    match percent {
        100.. => 100,
        90.. => 90,
        80.. => 80,
        _ => 0,
    }
}

/// Adds the handler.
pub fn register(handlers: &mut Handlers, outbox: &Outbox) {
    let outbox = outbox.clone();
    handlers.add(WARN, move |job| run(job, &outbox));
}

/// Queues the next look.
///
/// # Errors
/// Database failures.
pub fn look_later(tx: &mut Tx<'_>) -> Result<()> {
    upkeep::queue(tx, WARN, EVERY)
}

fn run(job: &Context<'_>, outbox: &Outbox) -> Result<String, Failure> {
    job.store.write(&Actor::system(), look_later)?;
    let mut page = Page { size: PageSize::new(200), after: None };
    let mut told = 0;
    loop {
        let wanted = page.clone();
        let filter = AccountFilter { status: Some("active".into()), ..AccountFilter::default() };
        let (lines, next) = job.store.read(&Actor::system(), |tx| accounts::list(tx, &filter, &wanted))?;
        for line in lines.into_iter().filter(|l| !l.plan.is_empty()) {
            let outbox = outbox.clone();
            told += job.store.write(&Actor::system(), move |tx| warn(tx, &outbox, &line))?;
        }
        match next {
            Some(next) => page.after = Some(next),
            None => return Ok(format!("{{\"told\":{told}}}")),
        }
    }
}

/// Tells an account's owners what is new; gives how many letters were queued.
fn warn(tx: &mut Tx<'_>, outbox: &Outbox, line: &Line) -> Result<usize> {
    let id = line.account.id;
    let scope = tx.authorize_account(id, Capability::AccountsManage)?;
    let before = stored::warned(tx, scope)?;
    let now =
        (step_of(line.disk_bytes, line.limits.disk_bytes()), step_of(line.traffic_bytes, line.limits.traffic_bytes()));
    if now == before {
        return Ok(0);
    }
    // Where it became less, the next rise is told of again.
    stored::set_warned(tx, scope, now.0, now.1)?;
    let mut news = Vec::new();
    if now.0 > before.0 {
        news.push(format!(
            "The disk is {} % full: {} of {} MB.",
            now.0,
            line.disk_bytes / 1_000_000,
            line.limits.disk_mb.unwrap_or(0)
        ));
    }
    if now.1 > before.1 {
        let used = line.traffic_bytes / 1_000_000_000;
        news.push(format!(
            "This month's traffic is {} % used: {used} of {} GB.",
            now.1,
            line.limits.traffic_gb.unwrap_or(0)
        ));
    }
    if now.1 == 100 && line.limits.suspend_over_traffic && rows::find(tx, scope)?.status == "active" {
        suspend::suspend(tx, id, OVER_TRAFFIC)?;
        news.push("The account is suspended until next month, or until its plan is larger.".into());
    }
    if news.is_empty() { Ok(0) } else { tell(tx, outbox, id, &line.account.title, &news.join("\n")) }
}

fn tell(tx: &mut Tx<'_>, outbox: &Outbox, id: AccountId, title: &str, news: &str) -> Result<usize> {
    let owners = roles::people_of(tx, RolePlace::Account(id))?;
    let mut told = 0;
    for (person, _) in owners.iter().filter(|(_, role)| matches!(role, Role::Owner | Role::Billing)) {
        outbox.queue(tx, &Letter::usage(&person.email, &person.name, title, news))?;
        told += 1;
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_reached_at_80_90_and_100() {
        for (used, most, step) in [
            (79, Some(100), 0),
            (80, Some(100), 80),
            (89, Some(100), 80),
            (90, Some(100), 90),
            (100, Some(100), 100),
            (500, Some(100), 100),
            (500, None, 0),
            (0, Some(0), 0),
            (1, Some(0), 100),
            (-1, Some(100), 0),
        ] {
            assert_eq!(step_of(used, most), step, "{used} of {most:?}");
        }
    }
}
