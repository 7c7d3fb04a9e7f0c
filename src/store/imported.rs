//! What an import made of what: running it again changes nothing (row IE01).

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::Result;

use crate::conn::OrDb as _;
use crate::schema::imported_items;
use crate::{SiteScope, Tx, each_backend};

/// What one thing of a source became.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Imported {
    /// `item`, `comment`, `file`, `menu` …
    pub kind: String,
    /// Its name or number in the source.
    pub source_id: String,
    /// What it is here.
    pub target_id: i64,
    /// What the source looked like when it was taken over; empty where nobody compares.
    pub fingerprint: String,
}

/// What was imported from a source, in order of kind and name, after `(kind, source_id)`; at most `limit` rows.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, source: &str, after: (&str, &str), limit: i64) -> Result<Vec<Imported>> {
    let (kind, id) = (after.0.to_owned(), after.1.to_owned());
    imported_items::table
        .filter(imported_items::site_id.eq(site.get()))
        .filter(imported_items::source.eq(source))
        .filter(
            imported_items::kind
                .gt(kind.clone())
                .or(imported_items::kind.eq(kind).and(imported_items::source_id.gt(id))),
        )
        .order((imported_items::kind, imported_items::source_id))
        .limit(limit)
        .select((
            imported_items::kind,
            imported_items::source_id,
            imported_items::target_id,
            imported_items::fingerprint,
        ))
        .load(tx.conn())
        .or_db("looking for an earlier import")
}

/// Notes what a thing of a source became; an older note of it is replaced.
///
/// # Errors
/// Database failures.
pub fn note(tx: &mut Tx<'_>, site: SiteScope, source: &str, thing: &Imported) -> Result<()> {
    let row = (
        imported_items::site_id.eq(site.get()),
        imported_items::source.eq(source),
        imported_items::kind.eq(&thing.kind),
        imported_items::source_id.eq(&thing.source_id),
        imported_items::target_id.eq(thing.target_id),
        imported_items::fingerprint.eq(&thing.fingerprint),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(imported_items::table)
        .values(row)
        .on_conflict((imported_items::site_id, imported_items::source, imported_items::kind, imported_items::source_id))
        .do_update()
        .set((
            imported_items::target_id.eq(excluded(imported_items::target_id)),
            imported_items::fingerprint.eq(excluded(imported_items::fingerprint)),
        ))
        .execute(c))
    .or_db("noting the import")?;
    Ok(())
}
