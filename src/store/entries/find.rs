//! Single entries.

use diesel::prelude::*;
use freehold_base::{EntryId, Error, Result, SiteId, Timestamp};

use super::{Author, Cover, Entry};
use crate::access::DELETED;
use crate::conn::OrDb as _;
use crate::one_of::one_of;
use crate::schema::{entries, media, sites, users};
use crate::{SiteScope, Tx, each_backend};

/// One entry.
///
/// # Errors
/// `NotFound("entry")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: EntryId) -> Result<Entry> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::id.eq(id.get()))
        .select(Entry::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the entry")?
        .ok_or_else(|| Error::not_found("entry"))
}

/// The entry at an address, with author and cover, in one statement.
///
/// # Errors
/// Database failures.
pub fn find_by_path(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<Option<(Entry, Author, Option<Cover>)>> {
    // On the connection itself: its type alone finds the prepared statement, without a text of 70 columns.
    each_backend!(tx.conn(), |c| entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id))))
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::path.eq(path))
        .select((Entry::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .first(c)
        .optional())
    .or_db("reading the entry")
}

/// As [`find_by_path`] by id.
///
/// # Errors
/// Database failures.
pub fn find_with_author(
    tx: &mut Tx<'_>,
    site: SiteScope,
    id: EntryId,
) -> Result<Option<(Entry, Author, Option<Cover>)>> {
    entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id))))
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::id.eq(id.get()))
        .select((Entry::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .first(tx.conn())
        .optional()
        .or_db("reading the entry")
}

/// Whether an address is in use by another entry.
///
/// # Errors
/// Database failures.
pub fn path_taken(tx: &mut Tx<'_>, site: SiteScope, path: &str, but: EntryId) -> Result<bool> {
    let found: Option<i64> = entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::path.eq(path))
        .filter(entries::id.ne(but.get()))
        .select(entries::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the address")?;
    Ok(found.is_some())
}

/// Children of an entry, in their order; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn children(tx: &mut Tx<'_>, site: SiteScope, parent: EntryId) -> Result<Vec<Entry>> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::parent_id.eq(parent.get()))
        .order((entries::position, entries::id))
        .limit(1000)
        .select(Entry::as_select())
        .load(tx.conn())
        .or_db("reading the pages below")
}

/// Documents of several entries, as JSON, in one statement and no order.
///
/// # Errors
/// Database failures.
pub fn documents(tx: &mut Tx<'_>, site: SiteScope, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(one_of(tx, entries::id, ids))
        .select((entries::id, entries::document))
        .load(tx.conn())
        .or_db("reading the entries")
}

/// Entries in the trash since before `limit`, any site; at most 100. For the job that empties it.
///
/// # Errors
/// Database failures.
pub fn long_trashed(tx: &mut Tx<'_>, limit: Timestamp) -> Result<Vec<(SiteId, EntryId)>> {
    let rows: Vec<(i64, i64)> = entries::table
        .filter(entries::status.eq("trash"))
        .filter(entries::trashed_at.lt(limit.ms()))
        .filter(entries::site_id.ne_all(sites::table.filter(sites::status.eq(DELETED)).select(sites::id)))
        .order(entries::id)
        .limit(100)
        .select((entries::site_id, entries::id))
        .load(tx.conn())
        .or_db("looking through the trash")?;
    Ok(rows.into_iter().map(|(s, e)| (SiteId(s), EntryId(e))).collect())
}
