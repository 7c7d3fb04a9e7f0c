//! Looking for people.

use diesel::prelude::*;
use freehold_base::{Error, Page, Result, UserId};

use super::{Person, User};
use crate::conn::OrDb as _;
use crate::like::{lower, pattern};
use crate::schema::{held_roles, users};
use crate::{ServerScope, SiteScope, Tx};

/// The person with this address, for signing in.
///
/// # Errors
/// Database failures.
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<User>> {
    users::table
        .filter(users::email.eq(email))
        .select(User::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the person")
}

/// One person.
///
/// # Errors
/// `NotFound("person")`.
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<User> {
    users::table
        .filter(users::id.eq(id.get()))
        .select(User::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the person")?
        .ok_or_else(|| Error::not_found("person"))
}

/// Slugs that are `slug` or begin with it and a hyphen; at most 1000.
///
/// # Errors
/// Database failures.
pub fn slugs_like(tx: &mut Tx<'_>, slug: &str) -> Result<Vec<String>> {
    users::table
        .filter(users::slug.eq(slug).or(users::slug.like(format!("{slug}-%"))))
        .order(users::slug)
        .limit(1000)
        .select(users::slug)
        .load(tx.conn())
        .or_db("looking for a free address")
}

/// Which people are wanted.
#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    /// Part of the name or address, in any case of ASCII letters.
    pub search: String,
    /// Only this status; empty: all.
    pub status: String,
    /// From the other end, for the page before a place.
    pub back: bool,
}

/// People of the installation, by name.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, _server: ServerScope, filter: &PeopleFilter, page: &Page) -> Result<Vec<Person>> {
    let mut query = users::table.limit(page.size.get()).select(Person::as_select()).into_boxed();
    if !filter.status.is_empty() {
        query = query.filter(users::status.eq(filter.status.clone()));
    }
    if !filter.search.is_empty() {
        let like = pattern(&filter.search);
        query =
            query.filter(lower(users::name).like(like.clone()).escape('\\').or(users::email.like(like).escape('\\')));
    }
    query = if filter.back {
        query.order((users::name.desc(), users::id.desc()))
    } else {
        query.order((users::name.asc(), users::id.asc()))
    };
    if let Some(after) = &page.after {
        let key = after.key.clone();
        query = if filter.back {
            query.filter(users::name.lt(key.clone()).or(users::name.eq(key).and(users::id.lt(after.id))))
        } else {
            query.filter(users::name.gt(key.clone()).or(users::name.eq(key).and(users::id.gt(after.id))))
        };
    }
    query.load(tx.conn()).or_db("listing people")
}

/// People who hold a role on the site, by name, with the role's name.
///
/// # Errors
/// Database failures.
pub fn list_of_site(
    tx: &mut Tx<'_>,
    site: SiteScope,
    filter: &PeopleFilter,
    page: &Page,
) -> Result<Vec<(Person, String)>> {
    let mut query = held_roles::table
        .inner_join(users::table)
        .filter(held_roles::scope.eq("site"))
        .filter(held_roles::scope_id.eq(site.get()))
        .limit(page.size.get())
        .select((Person::as_select(), held_roles::role))
        .into_boxed();
    if !filter.status.is_empty() {
        query = query.filter(users::status.eq(filter.status.clone()));
    }
    if !filter.search.is_empty() {
        let like = pattern(&filter.search);
        query =
            query.filter(lower(users::name).like(like.clone()).escape('\\').or(users::email.like(like).escape('\\')));
    }
    query = if filter.back {
        query.order((users::name.desc(), users::id.desc()))
    } else {
        query.order((users::name.asc(), users::id.asc()))
    };
    if let Some(after) = &page.after {
        let key = after.key.clone();
        query = if filter.back {
            query.filter(users::name.lt(key.clone()).or(users::name.eq(key).and(users::id.lt(after.id))))
        } else {
            query.filter(users::name.gt(key.clone()).or(users::name.eq(key).and(users::id.gt(after.id))))
        };
    }
    query.load(tx.conn()).or_db("listing the site's people")
}
