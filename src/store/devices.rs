//! Browsers that people signed in with: who comes with one of them is never locked out by the failures of others.

use diesel::prelude::*;
use freehold_base::{Result, Timestamp, UserId};

use crate::Tx;
use crate::conn::OrDb as _;
use crate::schema::{known_devices, users};

/// Browsers that are remembered of one person.
const REMEMBERED: i64 = 50;

/// How a browser stands to its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// They signed in with it before.
    Known,
    /// It is the first one.
    First,
    /// They signed in with others before.
    New,
}

/// Whether the person with this address signed in with this browser since a moment. The same work for every address.
///
/// # Errors
/// Database failures.
pub fn knows_email(tx: &mut Tx<'_>, email: &str, device_hash: &str, since: Timestamp) -> Result<bool> {
    let people = users::table.filter(users::email.eq(email)).select(users::id);
    let n: i64 = known_devices::table
        .filter(known_devices::user_id.eq_any(people))
        .filter(known_devices::device_hash.eq(device_hash))
        .filter(known_devices::seen_at.gt(since.ms()))
        .count()
        .get_result(tx.conn())
        .or_db("looking for the browser")?;
    Ok(n > 0)
}

/// Notes that a person signed in with a browser.
///
/// # Errors
/// Database failures.
pub fn see(tx: &mut Tx<'_>, user: UserId, device_hash: &str) -> Result<Seen> {
    let now = tx.now().ms();
    let seen = diesel::update(
        known_devices::table
            .filter(known_devices::user_id.eq(user.get()))
            .filter(known_devices::device_hash.eq(device_hash)),
    )
    .set(known_devices::seen_at.eq(now))
    .execute(tx.conn())
    .or_db("noting the browser")?;
    if seen > 0 {
        return Ok(Seen::Known);
    }
    let others: i64 = known_devices::table
        .filter(known_devices::user_id.eq(user.get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting browsers")?;
    diesel::insert_into(known_devices::table)
        .values((
            known_devices::user_id.eq(user.get()),
            known_devices::device_hash.eq(device_hash),
            known_devices::created_at.eq(now),
            known_devices::seen_at.eq(now),
        ))
        .execute(tx.conn())
        .or_db("noting the browser")?;
    forget_oldest(tx, user)?;
    Ok(if others == 0 { Seen::First } else { Seen::New })
}

fn forget_oldest(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let ids: Vec<i64> = known_devices::table
        .filter(known_devices::user_id.eq(user.get()))
        .order((known_devices::seen_at.desc(), known_devices::id.desc()))
        .offset(REMEMBERED)
        .limit(100)
        .select(known_devices::id)
        .load(tx.conn())
        .or_db("listing browsers")?;
    if !ids.is_empty() {
        diesel::delete(known_devices::table.filter(known_devices::id.eq_any(ids)))
            .execute(tx.conn())
            .or_db("forgetting browsers")?;
    }
    Ok(())
}

/// Forgets all browsers of a person: each is new again.
///
/// # Errors
/// Database failures.
pub fn forget(tx: &mut Tx<'_>, user: UserId) -> Result<usize> {
    diesel::delete(known_devices::table.filter(known_devices::user_id.eq(user.get())))
        .execute(tx.conn())
        .or_db("forgetting browsers")
}

/// Deletes browsers that were not seen since a moment; gives how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>, seen_before: Timestamp) -> Result<usize> {
    diesel::delete(known_devices::table.filter(known_devices::seen_at.lt(seen_before.ms())))
        .execute(tx.conn())
        .or_db("forgetting browsers")
}
