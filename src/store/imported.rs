//! What an import made of what: running it again changes nothing (row IE01).

use diesel::prelude::*;
use freehold_base::Result;

use crate::conn::OrDb as _;
use crate::schema::imported_items;
use crate::{SiteScope, Tx};

/// What a source's item became, if it was imported before.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, source: &str, kind: &str, source_id: &str) -> Result<Option<i64>> {
    imported_items::table
        .filter(imported_items::site_id.eq(site.get()))
        .filter(imported_items::source.eq(source))
        .filter(imported_items::kind.eq(kind))
        .filter(imported_items::source_id.eq(source_id))
        .select(imported_items::target_id)
        .first(tx.conn())
        .optional()
        .or_db("looking for an earlier import")
}

/// Notes what a source's item became.
///
/// # Errors
/// Database failures.
pub fn note(tx: &mut Tx<'_>, site: SiteScope, source: &str, kind: &str, source_id: &str, target: i64) -> Result<()> {
    diesel::insert_into(imported_items::table)
        .values((
            imported_items::site_id.eq(site.get()),
            imported_items::source.eq(source),
            imported_items::kind.eq(kind),
            imported_items::source_id.eq(source_id),
            imported_items::target_id.eq(target),
        ))
        .execute(tx.conn())
        .or_db("noting the import")?;
    Ok(())
}
