//! Forms that wait until their person proved anew that it is them. What was typed is sealed.

use diesel::prelude::*;
use freehold_base::{Result, SessionId, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::held_forms;
use crate::{Tx, each_backend};

/// Forms that wait for one session at a time: more is no person.
const OF_SESSION: i64 = 5;

/// A form that waits.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = held_forms)]
pub struct HeldForm {
    /// Hash of its name.
    pub token_hash: String,
    /// The session that sent it.
    #[diesel(deserialize_as = i64)]
    pub session_id: SessionId,
    /// Where it was sent.
    pub path: String,
    /// What it does, in words.
    pub doing: String,
    /// What was typed, sealed.
    pub sealed: String,
    /// Until when it waits.
    #[diesel(deserialize_as = i64)]
    pub expires_at: Timestamp,
}

/// Keeps one; the oldest of its session gives way.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, new: &HeldForm) -> Result<()> {
    let older: Vec<String> = held_forms::table
        .filter(held_forms::session_id.eq(new.session_id.get()))
        .order((held_forms::expires_at.desc(), held_forms::token_hash))
        .offset(OF_SESSION - 1)
        .limit(100)
        .select(held_forms::token_hash)
        .load(tx.conn())
        .or_db("listing forms that wait")?;
    diesel::delete(held_forms::table.filter(held_forms::token_hash.eq_any(older)))
        .execute(tx.conn())
        .or_db("forgetting forms that wait")?;
    diesel::insert_into(held_forms::table)
        .values((
            held_forms::token_hash.eq(&new.token_hash),
            held_forms::session_id.eq(new.session_id.get()),
            held_forms::path.eq(&new.path),
            held_forms::doing.eq(&new.doing),
            held_forms::sealed.eq(&new.sealed),
            held_forms::expires_at.eq(new.expires_at.ms()),
        ))
        .execute(tx.conn())
        .or_db("keeping the form")?;
    Ok(())
}

/// One of a session's forms, to look at.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, session: SessionId, token_hash: &str) -> Result<Option<HeldForm>> {
    let now = tx.now().ms();
    held_forms::table
        .filter(held_forms::token_hash.eq(token_hash))
        .filter(held_forms::session_id.eq(session.get()))
        .filter(held_forms::expires_at.gt(now))
        .select(HeldForm::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the form")
}

/// Gives one of a session's forms out and forgets it: it is good once.
///
/// # Errors
/// Database failures.
pub fn take(tx: &mut Tx<'_>, session: SessionId, token_hash: &str) -> Result<Option<HeldForm>> {
    let found: Option<HeldForm> = each_backend!(tx.conn(), |c| diesel::delete(
        held_forms::table
            .filter(held_forms::token_hash.eq(token_hash))
            .filter(held_forms::session_id.eq(session.get()))
    )
    .returning(HeldForm::as_returning())
    .get_result(c)
    .optional())
    .or_db("taking the form")?;
    let now = tx.now();
    Ok(found.filter(|f| f.expires_at > now))
}

/// Deletes those that waited too long; gives how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>) -> Result<usize> {
    let now = tx.now().ms();
    diesel::delete(held_forms::table.filter(held_forms::expires_at.le(now)))
        .execute(tx.conn())
        .or_db("forgetting forms that wait")
}
