//! Storing entries.

use diesel::prelude::*;
use freehold_base::{Code, EntryId, Error, Result};

use super::Entry;
use crate::cached::{Statement, insert_row};
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
    let next = if tx.conn().is_sqlite() {
        // Without RETURNING, and `OR FAIL`: a statement that may have to be undone alone makes the search index write
        // all that it holds back for the commit.
        Statement::new(&["UPDATE OR FAIL content_ids SET next = next + 1"]).execute(tx.conn()).or_db("numbering")?;
        Statement::new(&["SELECT next - 1 AS id FROM content_ids"])
    } else {
        Statement::new(&["SELECT nextval('content_ids') AS id"])
    };
    next.get_result::<Next>(tx.conn()).map(|n| n.id).or_db("numbering")
}

/// Stores a new entry.
///
/// # Errors
/// `SlugTaken` where its address is in use.
pub fn insert(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry) -> Result<()> {
    own(site, entry)?;
    let e = entry;
    insert_row!("entries", {
        id: e.id.get(), site_id: e.site_id.get(), public_id: &e.public_id, kind: &e.kind, status: &e.status,
        status_before_trash: &e.status_before_trash, visibility: &e.visibility, password: &e.password,
        title: &e.title, slug: &e.slug, path: &e.path, excerpt: &e.excerpt, summary: &e.summary,
        document: &e.document, fields: &e.fields, author_id: e.author_id.get(), parent_id: e.parent_id.get(),
        cover_id: e.cover_id.get(), template: &e.template, position: e.position, sticky: e.sticky,
        comments_open: e.comments_open, comment_count: e.comment_count, seo_title: &e.seo_title,
        seo_description: &e.seo_description, word_count: e.word_count, published_at: e.published_at.ms(),
        created_at: e.created_at.ms(), updated_at: e.updated_at.ms(), trashed_at: e.trashed_at.ms(),
        version: e.version, search_key: e.search_key,
    })
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
