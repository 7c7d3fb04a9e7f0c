//! Settings of sites: one JSON value per group.

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{Result, SiteId};

use crate::conn::OrDb as _;
use crate::like::escaped;
use crate::schema::settings;
use crate::{ServerScope, SiteScope, Tx, each_backend};

/// All groups of a site with their JSON.
///
/// # Errors
/// Database failures.
pub fn all(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(String, String)>> {
    settings::table
        .filter(settings::site_id.eq(site.get()))
        .order(settings::name)
        .select((settings::name, settings::value))
        .load(tx.conn())
        .or_db("reading settings")
}

/// The JSON of one group, if it was ever written.
///
/// # Errors
/// Database failures.
pub fn get(tx: &mut Tx<'_>, site: SiteScope, name: &str) -> Result<Option<String>> {
    settings::table
        .filter(settings::site_id.eq(site.get()))
        .filter(settings::name.eq(name))
        .select(settings::value)
        .first(tx.conn())
        .optional()
        .or_db("reading settings")
}

/// Sites with this text in one group, whatever stands around it: by their numbers, at most `limit`, with the group's
/// JSON. For the hosting admin: it looks at all sites.
///
/// # Errors
/// Database failures.
pub fn sites_with(
    tx: &mut Tx<'_>,
    _server: ServerScope,
    name: &str,
    text: &str,
    limit: i64,
) -> Result<Vec<(SiteId, String)>> {
    let rows: Vec<(i64, String)> = settings::table
        .filter(settings::name.eq(name))
        .filter(settings::value.like(format!("%{}%", escaped(text))).escape('\\'))
        .order(settings::site_id)
        .limit(limit)
        .select((settings::site_id, settings::value))
        .load(tx.conn())
        .or_db("looking through settings")?;
    Ok(rows.into_iter().map(|(site, json)| (SiteId(site), json)).collect())
}

/// Writes one group.
///
/// # Errors
/// Database failures.
pub fn set(tx: &mut Tx<'_>, site: SiteScope, name: &str, json: &str) -> Result<()> {
    set_raw(tx, site.id(), name, json)
}

fn set_raw(tx: &mut Tx<'_>, site: SiteId, name: &str, json: &str) -> Result<()> {
    let row = (settings::site_id.eq(site.get()), settings::name.eq(name), settings::value.eq(json));
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values(row)
        .on_conflict((settings::site_id, settings::name))
        .do_update()
        .set(settings::value.eq(excluded(settings::value)))
        .execute(c))
    .or_db("writing settings")?;
    Ok(())
}
