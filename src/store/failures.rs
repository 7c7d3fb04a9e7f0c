//! Failed sign-ins, counted per subject. They live in the database, so that all nodes count together (security rule C5).

use diesel::prelude::*;
use freehold_base::{Result, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::sign_in_failures;
use crate::{ServerScope, Tx};

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

/// How many failures of a subject there were within a time.
///
/// # Errors
/// Database failures.
pub fn between(tx: &mut Tx<'_>, subject: &str, from: Timestamp, until: Timestamp) -> Result<i64> {
    sign_in_failures::table
        .filter(sign_in_failures::subject.eq(subject))
        .filter(sign_in_failures::failed_at.ge(from.ms()))
        .filter(sign_in_failures::failed_at.lt(until.ms()))
        .count()
        .get_result(tx.conn())
        .or_db("counting failures")
}

/// Subjects that begin with a word and failed at least so often since a moment, by their names, with count and last
/// failure; at most 200.
///
/// # Errors
/// Database failures.
pub fn busiest(
    tx: &mut Tx<'_>,
    _server: ServerScope,
    word: &str,
    since: Timestamp,
    at_least: i64,
) -> Result<Vec<(String, i64, Timestamp)>> {
    let rows: Vec<(String, i64, Option<i64>)> = sign_in_failures::table
        .filter(sign_in_failures::failed_at.gt(since.ms()))
        .filter(sign_in_failures::subject.like(format!("{word}%")))
        .group_by(sign_in_failures::subject)
        .having(diesel::dsl::count(sign_in_failures::id).ge(at_least))
        .select((
            sign_in_failures::subject,
            diesel::dsl::count(sign_in_failures::id),
            diesel::dsl::max(sign_in_failures::failed_at),
        ))
        .order(sign_in_failures::subject)
        .limit(200)
        .load(tx.conn())
        .or_db("counting failures")?;
    Ok(rows.into_iter().map(|(subject, n, last)| (subject, n, Timestamp(last.unwrap_or_default()))).collect())
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
