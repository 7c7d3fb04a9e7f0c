//! Facts of the installation as a whole: name and value.

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::Result;

use crate::conn::OrDb as _;
use crate::schema::installation;
use crate::{Tx, each_backend};

/// One fact, if it was ever set.
///
/// # Errors
/// Database failures.
pub fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    installation::table
        .filter(installation::name.eq(name))
        .select(installation::value)
        .first(tx.conn())
        .optional()
        .or_db("reading the installation")
}

/// Sets one fact.
///
/// # Errors
/// Database failures.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<()> {
    each_backend!(tx.conn(), |c| diesel::insert_into(installation::table)
        .values((installation::name.eq(name), installation::value.eq(value)))
        .on_conflict(installation::name)
        .do_update()
        .set(installation::value.eq(excluded(installation::value)))
        .execute(c))
    .or_db("writing the installation")?;
    Ok(())
}
