//! Storing entries.

use diesel::prelude::*;
use freehold_base::{Code, EntryId, Error, Result};

use super::Entry;
use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::schema::entries;
use crate::{SiteScope, Tx};

/// The next number of the one sequence for entries, media and menu items.
///
/// # Errors
/// Database failures.
pub fn next_id(tx: &mut Tx<'_>) -> Result<i64> {
    use diesel::sql_types::BigInt;
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let sql: &[&str] = if tx.conn().is_sqlite() {
        &["UPDATE content_ids SET next = next + 1 RETURNING next - 1 AS id"]
    } else {
        &["SELECT nextval('content_ids') AS id"]
    };
    Statement::new(sql).get_result::<Next>(tx.conn()).map(|n| n.id).or_db("numbering")
}

/// Stores a new entry.
///
/// # Errors
/// `SlugTaken` where its address is in use.
pub fn insert(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry) -> Result<()> {
    own(site, entry)?;
    let row = entry.clone();
    diesel::insert_into(entries::table)
        .values(row)
        .execute(tx.conn())
        .or_db("storing the entry")
        .map_err(|e| taken(e, entry))?;
    Ok(())
}

/// Stores a changed entry over `version`.
///
/// # Errors
/// `VersionConflict` where somebody saved since; `SlugTaken`.
pub fn update(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry, version: i64) -> Result<()> {
    own(site, entry)?;
    let row = entry.clone();
    let changed = diesel::update(
        entries::table
            .filter(entries::site_id.eq(site.get()))
            .filter(entries::id.eq(entry.id.get()))
            .filter(entries::version.eq(version)),
    )
    .set(row)
    .execute(tx.conn())
    .or_db("storing the entry")
    .map_err(|e| taken(e, entry))?;
    if changed == 1 { Ok(()) } else { Err(Error::code(Code::VersionConflict)) }
}

fn own(site: SiteScope, entry: &Entry) -> Result<()> {
    if entry.site_id == site.id() { Ok(()) } else { Err(Error::not_found("entry")) }
}

fn taken(e: Error, entry: &Entry) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::invalid("slug", Code::SlugTaken, entry.path.clone().unwrap_or_default()),
        _ => e,
    }
}

/// Deletes an entry for good.
///
/// # Errors
/// `NotFound("entry")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteScope, id: EntryId) -> Result<()> {
    let gone = diesel::delete(entries::table.filter(entries::site_id.eq(site.get())).filter(entries::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the entry")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("entry")) }
}

/// Changes the number of approved comments by `by`.
///
/// # Errors
/// Database failures.
pub fn add_comments(tx: &mut Tx<'_>, site: SiteScope, id: EntryId, by: i64) -> Result<()> {
    diesel::update(entries::table.filter(entries::site_id.eq(site.get())).filter(entries::id.eq(id.get())))
        .set(entries::comment_count.eq(entries::comment_count + by))
        .execute(tx.conn())
        .or_db("counting comments")?;
    Ok(())
}
