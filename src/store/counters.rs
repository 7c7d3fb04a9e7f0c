//! Counts that are kept in the same transaction as what they count.

use diesel::prelude::*;
use freehold_base::Result;

use crate::cached::insert_row;
use crate::conn::OrDb as _;
use crate::schema::counters;
use crate::{SiteScope, Tx};

/// Changes a count by `by`.
///
/// # Errors
/// Database failures.
pub fn add(tx: &mut Tx<'_>, site: SiteScope, name: &str, by: i64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    insert_row!(
        "counters",
        { site_id: site.get(), name: name, value: by },
        "ON CONFLICT (site_id, name) DO UPDATE SET value = counters.value + excluded.value"
    )
    .execute(tx.conn())
    .or_db("counting")?;
    Ok(())
}

/// One count; 0 where nothing was counted.
///
/// # Errors
/// Database failures.
pub fn one(tx: &mut Tx<'_>, site: SiteScope, name: &str) -> Result<i64> {
    let value: Option<i64> = counters::table
        .filter(counters::site_id.eq(site.get()))
        .filter(counters::name.eq(name))
        .select(counters::value)
        .first(tx.conn())
        .optional()
        .or_db("reading a count")?;
    Ok(value.unwrap_or(0))
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
