//! Which entry shows which file: kept with every save, so that a file can say where it stands.

use diesel::prelude::*;
use freehold_base::{EntryId, MediaId, Result};

use crate::conn::OrDb as _;
use crate::schema::{entries, media_uses, terms};
use crate::{SiteScope, Tx};

/// An entry that shows a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which.
    pub entry: EntryId,
    /// Content type.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Status; `trash` too.
    pub status: String,
}

/// Sets what an entry shows, all of it; at most 1,000 files are noted.
///
/// # Errors
/// Database failures.
pub fn set(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, media: &[i64]) -> Result<()> {
    diesel::delete(
        media_uses::table.filter(media_uses::site_id.eq(site.get())).filter(media_uses::entry_id.eq(entry.get())),
    )
    .execute(tx.conn())
    .or_db("noting what an entry shows")?;
    for id in media.iter().take(1000) {
        diesel::insert_into(media_uses::table)
            .values((
                media_uses::site_id.eq(site.get()),
                media_uses::media_id.eq(id),
                media_uses::entry_id.eq(entry.get()),
            ))
            .execute(tx.conn())
            .or_db("noting what an entry shows")?;
    }
    Ok(())
}

/// Entries that show a file, newest change first; at most `limit`.
///
/// # Errors
/// Database failures.
pub fn of(tx: &mut Tx<'_>, site: SiteScope, media: MediaId, limit: i64) -> Result<Vec<Use>> {
    let rows: Vec<(i64, String, String, String)> = media_uses::table
        .inner_join(entries::table)
        .filter(media_uses::site_id.eq(site.get()))
        .filter(entries::site_id.eq(site.get()))
        .filter(media_uses::media_id.eq(media.get()))
        .order((entries::updated_at.desc(), entries::id.desc()))
        .limit(limit)
        .select((entries::id, entries::kind, entries::title, entries::status))
        .load(tx.conn())
        .or_db("looking where a file stands")?;
    let make = |(id, kind, title, status)| Use { entry: EntryId(id), kind, title, status };
    Ok(rows.into_iter().map(make).collect())
}

/// Names of the terms whose picture a file is; at most 50.
///
/// # Errors
/// Database failures.
pub fn terms_of(tx: &mut Tx<'_>, site: SiteScope, media: MediaId) -> Result<Vec<String>> {
    terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::image_id.eq(media.get()))
        .order(terms::name)
        .limit(50)
        .select(terms::name)
        .load(tx.conn())
        .or_db("looking where a file stands")
}
