//! Small work that comes back by itself: what nobody can use any more is deleted.

use std::time::Duration;

use freehold_base::{Result, SiteId};
use freehold_store::{Actor, Tx, jobs as rows};

use crate::accounts::Accounts;
use crate::jobs::{self, Handlers, NewJob};
use crate::sites::domains::{CHECK, WATCH};

/// Deletes ended sessions, used links, old failures and old jobs.
pub const UPKEEP: &str = "upkeep";
/// How often.
const EVERY: Duration = Duration::from_secs(3600);
/// Jobs that ended are kept so long: for people who look what ran.
const JOBS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Routine jobs that went well are kept so long.
const OWN_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Kinds that are routine: they come back by themselves, and looks at names, which come often.
pub const ROUTINE: &[&str] = &[
    UPKEEP,
    "trash.empty",
    "audit.verify",
    "accounts.warn",
    "accounts.purge",
    "files.tidy",
    "files.recount",
    "domain.nightly",
    WATCH,
    CHECK,
];

/// Whether a kind comes back by itself as long as the node runs.
pub fn is_recurring(kind: &str) -> bool {
    ROUTINE.contains(&kind) && kind != WATCH && kind != CHECK
}

/// Queues a recurring job, `after` from now: one of its kind waits at a time. Its handler queues the next one.
///
/// # Errors
/// Database failures.
pub fn queue(tx: &mut Tx<'_>, kind: &'static str, after: Duration) -> Result<()> {
    let run_at = tx.now().plus(after);
    jobs::enqueue(tx, &NewJob { site: SiteId(0), kind, payload: "{}", run_at, unique_key: Some(kind) })?;
    Ok(())
}

/// Makes a recurring job run now instead of later.
///
/// # Errors
/// Database failures.
pub fn hurry(tx: &mut Tx<'_>, kind: &'static str) -> Result<()> {
    jobs::drop_unique(tx, kind)?;
    queue(tx, kind, Duration::ZERO)
}

/// Adds the handler.
pub fn register(handlers: &mut Handlers, accounts: &Accounts) {
    let accounts = accounts.clone();
    handlers.add(UPKEEP, move |job| {
        let accounts = accounts.clone();
        let deleted = job.store.write(&Actor::system(), move |tx| {
            // The next one first: it stands even where this one fails.
            queue(tx, UPKEEP, EVERY)?;
            let now = tx.now();
            let old = rows::prune(tx, now.minus(JOBS_KEPT), now.minus(OWN_KEPT), ROUTINE)?;
            Ok(accounts.prune(tx)? + old)
        })?;
        Ok(format!("{{\"deleted\":{deleted}}}"))
    });
}
