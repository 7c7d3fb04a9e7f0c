//! One-time links: invitations and password resets. Only hashes are stored.

use diesel::prelude::*;
use freehold_base::{Result, Timestamp, UserId};

use crate::Tx;
use crate::conn::OrDb as _;
use crate::each_backend;
use crate::schema::{one_time_links, users};
use crate::users::User;

/// Stores a link in place of all others of its kind for this person.
///
/// # Errors
/// Database failures.
pub fn replace(tx: &mut Tx<'_>, user: UserId, kind: &str, token_hash: &str, expires_at: Timestamp) -> Result<()> {
    delete_of(tx, user, kind)?;
    diesel::insert_into(one_time_links::table)
        .values((
            one_time_links::token_hash.eq(token_hash),
            one_time_links::kind.eq(kind),
            one_time_links::user_id.eq(user.get()),
            one_time_links::created_at.eq(tx.now().ms()),
            one_time_links::expires_at.eq(expires_at.ms()),
        ))
        .execute(tx.conn())
        .or_db("storing the link")?;
    Ok(())
}

/// The person behind a link that still counts.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, kind: &str, token_hash: &str) -> Result<Option<User>> {
    let now = tx.now().ms();
    one_time_links::table
        .inner_join(users::table)
        .filter(one_time_links::token_hash.eq(token_hash))
        .filter(one_time_links::kind.eq(kind))
        .filter(one_time_links::expires_at.gt(now))
        .select(User::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the link")
}

/// Uses a link up; the person, or `None` where it is used, too old or unknown.
///
/// # Errors
/// Database failures.
pub fn take(tx: &mut Tx<'_>, kind: &str, token_hash: &str) -> Result<Option<UserId>> {
    let now = tx.now().ms();
    let user: Option<i64> = each_backend!(tx.conn(), |c| diesel::delete(
        one_time_links::table
            .filter(one_time_links::token_hash.eq(token_hash))
            .filter(one_time_links::kind.eq(kind))
            .filter(one_time_links::expires_at.gt(now))
    )
    .returning(one_time_links::user_id)
    .get_result(c)
    .optional())
    .or_db("using the link")?;
    Ok(user.map(UserId))
}

/// Takes back all links of a kind for a person.
///
/// # Errors
/// Database failures.
pub fn delete_of(tx: &mut Tx<'_>, user: UserId, kind: &str) -> Result<()> {
    diesel::delete(
        one_time_links::table.filter(one_time_links::user_id.eq(user.get())).filter(one_time_links::kind.eq(kind)),
    )
    .execute(tx.conn())
    .or_db("removing links")?;
    Ok(())
}

/// Deletes links that are too old; gives how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    diesel::delete(one_time_links::table.filter(one_time_links::expires_at.lt(before.ms())))
        .execute(tx.conn())
        .or_db("pruning links")
}
