//! Counts that are kept in the same transaction as what they count.

use diesel::prelude::*;
use freehold_base::Result;

use crate::conn::OrDb as _;
use crate::schema::counters;
use crate::{SiteScope, Tx, each_backend};

/// Changes a count by `by`.
///
/// # Errors
/// Database failures.
pub fn add(tx: &mut Tx<'_>, site: SiteScope, name: &str, by: i64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    let row = (counters::site_id.eq(site.get()), counters::name.eq(name), counters::value.eq(by));
    each_backend!(tx.conn(), |c| diesel::insert_into(counters::table)
        .values(row)
        .on_conflict((counters::site_id, counters::name))
        .do_update()
        .set(counters::value.eq(counters::value + by))
        .execute(c))
    .or_db("counting")?;
    Ok(())
}

/// All counts of a site.
///
/// # Errors
/// Database failures.
pub fn all(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(String, i64)>> {
    counters::table
        .filter(counters::site_id.eq(site.get()))
        .order(counters::name)
        .select((counters::name, counters::value))
        .load(tx.conn())
        .or_db("reading counts")
}
