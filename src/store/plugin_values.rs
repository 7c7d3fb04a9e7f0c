//! What plugins keep for sites: values by name. A plugin sees those of its own on the site that it works for, and no
//! others (row PL06, rule D5).

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{Code, Error, Result, SiteId};

use crate::conn::OrDb as _;
use crate::schema::{plugin_sites, plugin_values as kept};
use crate::{ServerScope, SiteScope, Tx, each_backend};

/// Bytes of a name at most.
pub const MOST_NAME: usize = 200;
/// Bytes that all plugins keep for one site at most, names among them.
pub const MOST_BYTES: i64 = 50 << 20;
/// Names of one list.
pub const MOST_LISTED: i64 = 200;
/// Values that go in one step.
const STEP: i64 = 200;

/// One value.
///
/// # Errors
/// Database failures.
pub fn get(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, name: &str) -> Result<Option<String>> {
    kept::table
        .filter(kept::site_id.eq(site.get()))
        .filter(kept::plugin_id.eq(plugin))
        .filter(kept::name.eq(name))
        .select(kept::value)
        .first(tx.conn())
        .optional()
        .or_db("reading a plugin's value")
}

/// Names that begin so, in the order of their bytes, after one of them; at most `limit` (1 to 200).
///
/// # Errors
/// Database failures.
pub fn names(
    tx: &mut Tx<'_>,
    site: SiteScope,
    plugin: &str,
    prefix: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<String>> {
    let mut found: Vec<String> = kept::table
        .filter(kept::site_id.eq(site.get()))
        .filter(kept::plugin_id.eq(plugin))
        .filter(kept::name.ge(prefix))
        .filter(kept::name.gt(after))
        .order(kept::name)
        .limit(limit.clamp(1, MOST_LISTED))
        .select(kept::name)
        .load(tx.conn())
        .or_db("listing a plugin's values")?;
    // By order, not by pattern: what begins so stands together.
    found.retain(|name| name.starts_with(prefix));
    Ok(found)
}

/// Keeps a value under a name, in place of the one before.
///
/// # Errors
/// `TooLong` for the name; `TooLarge` where the site's plugins keep too much already; `NotFound("plugin")` where the
/// site never had it.
pub fn set(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, name: &str, value: &str) -> Result<()> {
    if name.is_empty() || name.len() > MOST_NAME {
        return Err(Error::refused(Code::TooLong, MOST_NAME.to_string()));
    }
    let before = size_of(tx, site, plugin, name)?;
    let after = (name.len() + value.len()) as i64;
    let all: Vec<i64> = plugin_sites::table
        .filter(plugin_sites::site_id.eq(site.get()))
        .select(plugin_sites::kept_bytes)
        .load(tx.conn())
        .or_db("counting what plugins keep")?;
    if all.iter().sum::<i64>() - before + after > MOST_BYTES {
        return Err(Error::refused(Code::TooLarge, format!("{} MB of all plugins of a site", MOST_BYTES >> 20)));
    }
    grow(tx, site, plugin, after - before)?;
    let row = (kept::site_id.eq(site.get()), kept::plugin_id.eq(plugin), kept::name.eq(name), kept::value.eq(value));
    each_backend!(tx.conn(), |c| diesel::insert_into(kept::table)
        .values(row)
        .on_conflict((kept::site_id, kept::plugin_id, kept::name))
        .do_update()
        .set(kept::value.eq(excluded(kept::value)))
        .execute(c))
    .or_db("keeping a plugin's value")?;
    Ok(())
}

/// Forgets a value; quiet where there is none.
///
/// # Errors
/// Database failures.
pub fn remove(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, name: &str) -> Result<()> {
    let before = size_of(tx, site, plugin, name)?;
    if before == 0 {
        return Ok(());
    }
    grow(tx, site, plugin, -before)?;
    let one =
        kept::table.filter(kept::site_id.eq(site.get())).filter(kept::plugin_id.eq(plugin)).filter(kept::name.eq(name));
    diesel::delete(one).execute(tx.conn()).or_db("forgetting a plugin's value")?;
    Ok(())
}

/// Forgets some of what a plugin keeps for a site; 0 where nothing is left.
///
/// # Errors
/// Database failures.
pub fn erase_some(tx: &mut Tx<'_>, _server: ServerScope, site: SiteId, plugin: &str) -> Result<usize> {
    forget_some(tx, site, plugin)
}

pub(crate) fn forget_some(tx: &mut Tx<'_>, site: SiteId, plugin: &str) -> Result<usize> {
    let names: Vec<String> = kept::table
        .filter(kept::site_id.eq(site.get()))
        .filter(kept::plugin_id.eq(plugin))
        .order(kept::name)
        .limit(STEP)
        .select(kept::name)
        .load(tx.conn())
        .or_db("forgetting a plugin's values")?;
    let some = kept::table
        .filter(kept::site_id.eq(site.get()))
        .filter(kept::plugin_id.eq(plugin))
        .filter(kept::name.eq_any(names));
    diesel::delete(some).execute(tx.conn()).or_db("forgetting a plugin's values")
}

/// Bytes of a name with its value; 0 where there is none.
fn size_of(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, name: &str) -> Result<i64> {
    let size = diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(OCTET_LENGTH(value) AS BIGINT)");
    let found: Option<i64> = kept::table
        .filter(kept::site_id.eq(site.get()))
        .filter(kept::plugin_id.eq(plugin))
        .filter(kept::name.eq(name))
        .select(size)
        .first(tx.conn())
        .optional()
        .or_db("reading a plugin's value")?;
    Ok(found.map_or(0, |value| value + name.len() as i64))
}

/// Counts what a plugin keeps for a site.
fn grow(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, by: i64) -> Result<()> {
    let one =
        plugin_sites::table.filter(plugin_sites::site_id.eq(site.get())).filter(plugin_sites::plugin_id.eq(plugin));
    let rows = diesel::update(one)
        .set(plugin_sites::kept_bytes.eq(plugin_sites::kept_bytes + by))
        .execute(tx.conn())
        .or_db("counting what a plugin keeps")?;
    if rows == 0 { Err(Error::not_found("plugin")) } else { Ok(()) }
}
