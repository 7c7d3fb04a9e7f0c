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

/// When the `most`-th newest failure of a subject since a moment happened; `None` where there were fewer.
///
/// # Errors
/// Database failures.
pub fn nth_newest(tx: &mut Tx<'_>, subject: &str, since: Timestamp, most: i64) -> Result<Option<Timestamp>> {
    let at: Option<i64> = sign_in_failures::table
        .filter(sign_in_failures::subject.eq(subject))
        .filter(sign_in_failures::failed_at.gt(since.ms()))
        .order(sign_in_failures::failed_at.desc())
        .limit(1)
        .offset(most - 1) // bounded by the limit itself, not a page of a list
        .select(sign_in_failures::failed_at)
        .first(tx.conn())
        .optional()
        .or_db("counting failures")?;
    Ok(at.map(Timestamp))
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
