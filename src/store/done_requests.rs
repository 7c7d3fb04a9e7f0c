//! Requests that carried an `Idempotency-Key`: what they made is remembered for a day (row AP01).

use std::time::Duration;

use diesel::prelude::*;
use freehold_base::{Code, Error, Result, UserId};

use crate::Tx;
use crate::conn::OrDb as _;
use crate::schema::done_requests;

/// How long a key is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// What a person's request with this key made, if it was done before.
///
/// # Errors
/// `Duplicate` where the key came with another request.
pub fn find(tx: &mut Tx<'_>, user: UserId, key: &str, digest: &str) -> Result<Option<i64>> {
    let since = tx.now().minus(REMEMBERED).ms();
    let known: Option<(String, i64)> = done_requests::table
        .filter(done_requests::user_id.eq(user.get()))
        .filter(done_requests::request_key.eq(key))
        .filter(done_requests::created_at.gt(since))
        .select((done_requests::digest, done_requests::made_id))
        .first(tx.conn())
        .optional()
        .or_db("looking for the request")?;
    match known {
        Some((known, made)) if known == digest => Ok(Some(made)),
        Some(_) => Err(Error::code(Code::Duplicate)),
        None => Ok(None),
    }
}

/// Remembers what a request made, and forgets what is older than a day.
///
/// # Errors
/// `AlreadyExists` where the same key came twice at once: the write is tried again by its sender.
pub fn remember(tx: &mut Tx<'_>, user: UserId, key: &str, digest: &str, made: i64) -> Result<()> {
    let (now, since) = (tx.now().ms(), tx.now().minus(REMEMBERED).ms());
    diesel::delete(done_requests::table.filter(done_requests::created_at.le(since)))
        .execute(tx.conn())
        .or_db("forgetting old requests")?;
    diesel::insert_into(done_requests::table)
        .values((
            done_requests::user_id.eq(user.get()),
            done_requests::request_key.eq(key),
            done_requests::digest.eq(digest),
            done_requests::made_id.eq(made),
            done_requests::created_at.eq(now),
        ))
        .execute(tx.conn())
        .or_db("remembering the request")?;
    Ok(())
}
