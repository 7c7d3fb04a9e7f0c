//! Telling owners in time: at 80, 90 and 100 % of the disk and of the month's traffic, once each. Where the plan says
//! so, an account whose traffic is used up is suspended until a new month or a larger plan ends it.

use std::time::Duration;

use freehold_base::{AccountId, Capability, Page, PageSize, Result, Role};
use freehold_store::accounts::{self as rows, Account, AccountFilter};
use freehold_store::roles::{self, RolePlace};
use freehold_store::{AccountScope, Actor, Store, Tx, traffic as stored};

use super::accounts::Line;
use super::traffic::month_of;
use super::{accounts, resellers, suspend};
use crate::jobs::{Failure, Handlers};
use crate::limits;
use crate::outbox::{Letter, Outbox};
use crate::upkeep;

/// The recurring job.
pub const WARN: &str = "accounts.warn";
/// How often it looks.
const EVERY: Duration = Duration::from_secs(3600);
/// Why an account is suspended whose traffic is used up: who reads these words knows that it ends by itself.
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
    handlers.add(WARN, move |job| {
        job.store.write(&Actor::system(), look_later)?;
        Ok::<_, Failure>(look(job.store, &outbox)?)
    });
}

/// Queues the next look.
///
/// # Errors
/// Database failures.
pub fn look_later(tx: &mut Tx<'_>) -> Result<()> {
    upkeep::queue(tx, WARN, EVERY)
}

/// Tells who must be told, suspends whose plan says so, and ends such suspensions whose reason is gone; gives how many of
/// each as JSON.
///
/// # Errors
/// Database failures.
pub fn look(store: &Store, outbox: &Outbox) -> Result<String> {
    let (mut told, mut opened) = (0, 0);
    for line in lines(store, "suspended", |line| line.account.suspended_reason == OVER_TRAFFIC && !is_used_up(line))? {
        let id = line.account.id;
        opened += usize::from(store.write(&Actor::system(), move |tx| {
            let scope = tx.authorize_account(id, Capability::AccountsManage)?;
            open_again(tx, scope)
        })?);
    }
    // Only who has news is written to: the others are compared here, not by the writer.
    for line in lines(store, "active", |line| steps(line) != told_of(&line.account))? {
        let outbox = outbox.clone();
        told += store.write(&Actor::system(), move |tx| warn(tx, &outbox, &line))?;
    }
    Ok(format!("{{\"told\":{told},\"opened\":{opened}}}"))
}

/// Accounts of a status that `wanted` picks.
fn lines(store: &Store, status: &str, wanted: impl Fn(&Line) -> bool) -> Result<Vec<Line>> {
    let mut page = Page { size: PageSize::new(200), after: None };
    let mut all = Vec::new();
    loop {
        let filter = AccountFilter { status: Some(status.into()), ..AccountFilter::default() };
        let (lines, next) = store.read(&Actor::system(), |tx| accounts::list(tx, &filter, &page))?;
        all.extend(lines.into_iter().filter(|line| wanted(line)));
        match next {
            Some(next) => page.after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The steps that an account's disk and month's traffic have reached.
fn steps(line: &Line) -> (i64, i64) {
    (step_of(line.disk_bytes, line.limits.disk_bytes()), step_of(line.traffic_bytes, line.limits.traffic_bytes()))
}

/// The steps that its owners were told of last.
fn told_of(account: &Account) -> (i64, i64) {
    (account.disk_warned, account.traffic_warned)
}

/// Whether its plan suspends it for its traffic.
fn is_used_up(line: &Line) -> bool {
    line.limits.suspend_over_traffic && steps(line).1 == 100
}

/// Ends a suspension for used up traffic where the month or the plan is another one now; gives whether it did.
///
/// # Errors
/// Database failures.
pub(super) fn open_again(tx: &mut Tx<'_>, scope: AccountScope) -> Result<bool> {
    let account = rows::find(tx, scope)?;
    if account.status != "suspended" || account.suspended_reason != OVER_TRAFFIC {
        return Ok(false);
    }
    let limits = limits::of(tx, scope)?;
    let (from, to) = month_of(tx.now());
    let sent = stored::of_account(tx, scope, from, to)?.iter().map(|d| d.bytes).fold(0, i64::saturating_add);
    if limits.suspend_over_traffic && step_of(sent, limits.traffic_bytes()) == 100 {
        return Ok(false);
    }
    suspend::lift(tx, scope, &account)?;
    Ok(true)
}

/// Tells an account's owners what is new; gives how many letters were queued.
fn warn(tx: &mut Tx<'_>, outbox: &Outbox, line: &Line) -> Result<usize> {
    let id = line.account.id;
    let scope = tx.authorize_account(id, Capability::AccountsManage)?;
    let account = rows::find(tx, scope)?;
    let (before, now) = (told_of(&account), steps(line));
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
    if is_used_up(line) && account.status == "active" {
        suspend::suspend(tx, id, OVER_TRAFFIC)?;
        news.push("The account is suspended until next month, or until its plan is larger.".into());
    }
    if news.is_empty() { Ok(0) } else { tell(tx, outbox, id, line, &news.join("\n")) }
}

fn tell(tx: &mut Tx<'_>, outbox: &Outbox, id: AccountId, line: &Line, news: &str) -> Result<usize> {
    let sender = resellers::brand_of(tx, line.account.reseller_id)?.map(|brand| brand.sender());
    let owners = roles::people_of(tx, RolePlace::Account(id))?;
    let mut told = 0;
    for (person, _) in owners.iter().filter(|(_, role)| matches!(role, Role::Owner | Role::Billing)) {
        let letter = Letter::usage(&person.email, &person.name, &line.account.title, news);
        outbox.queue(tx, &letter.sent_by(sender.as_ref()))?;
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
