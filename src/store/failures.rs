//! Failed sign-ins, counted per subject. They live in the database, so that all nodes count together (security rule C5).

use diesel::prelude::*;
use freehold_base::{Result, Timestamp};

use crate::Tx;
use crate::conn::OrDb as _;
use crate::schema::sign_in_failures;

/// Adds one failure of a subject.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, subject: &str) -> Result<()> {
    let now = tx.now().ms();
    diesel::insert_into(sign_in_failures::table)
        .values((sign_in_failures::subject.eq(subject), sign_in_failures::failed_at.eq(now)))
        .execute(tx.conn())
        .or_db("noting the failure")?;
    Ok(())
}

/// How many failures of a subject there were since a moment, and when the last one was (0: none).
///
/// # Errors
/// Database failures.
pub fn recent(tx: &mut Tx<'_>, subject: &str, since: Timestamp) -> Result<(i64, Timestamp)> {
    let (count, last): (i64, Option<i64>) = sign_in_failures::table
        .filter(sign_in_failures::subject.eq(subject))
        .filter(sign_in_failures::failed_at.gt(since.ms()))
        .select((diesel::dsl::count_star(), diesel::dsl::max(sign_in_failures::failed_at)))
        .first(tx.conn())
        .or_db("counting failures")?;
    Ok((count, Timestamp(last.unwrap_or_default())))
}

/// Forgets a subject's failures.
///
/// # Errors
/// Database failures.
pub fn clear(tx: &mut Tx<'_>, subject: &str) -> Result<()> {
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::subject.eq(subject)))
        .execute(tx.conn())
        .or_db("forgetting failures")?;
    Ok(())
}

/// Deletes old failures; gives how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::failed_at.lt(before.ms())))
        .execute(tx.conn())
        .or_db("pruning failures")
}
