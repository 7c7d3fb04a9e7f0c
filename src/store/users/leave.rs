//! What happens to the work of somebody who goes.

use diesel::prelude::*;
use freehold_base::{Error, Result, UserId};

use crate::conn::OrDb as _;
use crate::schema::{entries, media, sites, users};
use crate::{ServerScope, SiteScope, Tx};

/// Sites on which somebody wrote entries, at most 10,000. Looks at each site by its own index.
///
/// # Errors
/// Database failures.
pub fn sites_written_on(tx: &mut Tx<'_>, _server: ServerScope, id: UserId) -> Result<Vec<i64>> {
    sites::table
        .filter(diesel::dsl::exists(
            entries::table.filter(entries::site_id.eq(sites::id)).filter(entries::author_id.eq(id.get())),
        ))
        .order(sites::id)
        .limit(10_000)
        .select(sites::id)
        .load(tx.conn())
        .or_db("looking for the person's entries")
}

/// Gives the entries and media of one person on a site to another; the number of entries.
///
/// # Errors
/// Database failures.
pub fn reassign(tx: &mut Tx<'_>, site: SiteScope, from: UserId, to: UserId) -> Result<usize> {
    let moved = diesel::update(
        entries::table.filter(entries::site_id.eq(site.get())).filter(entries::author_id.eq(from.get())),
    )
    .set(entries::author_id.eq(to.get()))
    .execute(tx.conn())
    .or_db("giving the entries to somebody else")?;
    diesel::update(media::table.filter(media::site_id.eq(site.get())).filter(media::uploaded_by.eq(from.get())))
        .set(media::uploaded_by.eq(to.get()))
        .execute(tx.conn())
        .or_db("giving the media to somebody else")?;
    Ok(moved)
}

/// Deletes a person with their roles, sessions, tokens and links.
///
/// # Errors
/// `WrongState` where they still own entries.
pub fn delete(tx: &mut Tx<'_>, _server: ServerScope, id: UserId) -> Result<()> {
    let gone =
        diesel::delete(users::table.filter(users::id.eq(id.get()))).execute(tx.conn()).or_db("deleting the person")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("person")) }
}
