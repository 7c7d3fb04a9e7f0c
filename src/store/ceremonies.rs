//! What the server keeps between the start and the end of using a passkey: good once, for some minutes. It never leaves
//! the server; the browser has only a name for it.

use diesel::prelude::*;
use freehold_base::{Result, SessionId, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::ceremonies;
use crate::{Tx, each_backend};

/// A use of a passkey that was begun.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = ceremonies)]
pub struct Ceremony {
    /// Hash of its name.
    pub token_hash: String,
    /// `add`, `sign_in`, `second` or `confirm`.
    pub purpose: String,
    /// The session that began it; 0: nobody's.
    #[diesel(deserialize_as = i64)]
    pub session_id: SessionId,
    /// The network it was begun from.
    pub network: String,
    /// What the end is compared with.
    pub state: String,
    /// Until when it can be ended.
    #[diesel(deserialize_as = i64)]
    pub expires_at: Timestamp,
}

/// Keeps one.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, new: &Ceremony) -> Result<()> {
    diesel::insert_into(ceremonies::table)
        .values((
            ceremonies::token_hash.eq(&new.token_hash),
            ceremonies::purpose.eq(&new.purpose),
            ceremonies::session_id.eq(new.session_id.get()),
            ceremonies::network.eq(&new.network),
            ceremonies::state.eq(&new.state),
            ceremonies::expires_at.eq(new.expires_at.ms()),
        ))
        .execute(tx.conn())
        .or_db("keeping the challenge")?;
    Ok(())
}

/// How many of a network are open.
///
/// # Errors
/// Database failures.
pub fn open_of(tx: &mut Tx<'_>, network: &str) -> Result<i64> {
    let now = tx.now().ms();
    ceremonies::table
        .filter(ceremonies::network.eq(network))
        .filter(ceremonies::expires_at.gt(now))
        .count()
        .get_result(tx.conn())
        .or_db("counting challenges")
}

/// Gives one out and forgets it: it is good once. None where it is unknown, used or too old.
///
/// # Errors
/// Database failures.
pub fn take(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<Ceremony>> {
    let found: Option<Ceremony> =
        each_backend!(tx.conn(), |c| diesel::delete(ceremonies::table.filter(ceremonies::token_hash.eq(token_hash)))
            .returning(Ceremony::as_returning())
            .get_result(c)
            .optional())
        .or_db("taking the challenge")?;
    let now = tx.now();
    Ok(found.filter(|c| c.expires_at > now))
}

/// Deletes those that cannot be ended any more; gives how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>) -> Result<usize> {
    let now = tx.now().ms();
    diesel::delete(ceremonies::table.filter(ceremonies::expires_at.le(now)))
        .execute(tx.conn())
        .or_db("forgetting challenges")
}
