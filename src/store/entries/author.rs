//! People as authors.

use diesel::prelude::*;
use freehold_base::{Error, Result, UserId};

use super::Author;
use crate::Tx;
use crate::conn::OrDb as _;
use crate::schema::users;

/// Name and slug of a person, if there is one with this id.
///
/// # Errors
/// Database failures.
pub fn author(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Author>> {
    users::table
        .filter(users::id.eq(user.get()))
        .select(Author::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the author")
}

/// The author with a slug.
///
/// # Errors
/// Database failures.
pub fn author_by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Author>> {
    users::table
        .filter(users::slug.eq(slug))
        .select(Author::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the author")
}

/// The person who came first: the author of what nobody in particular writes.
///
/// # Errors
/// `NotFound("person")` before the set-up.
pub fn first_user(tx: &mut Tx<'_>) -> Result<UserId> {
    let id: Option<i64> =
        users::table.order(users::id).select(users::id).first(tx.conn()).optional().or_db("reading people")?;
    id.map(UserId).ok_or_else(|| Error::not_found("person"))
}
