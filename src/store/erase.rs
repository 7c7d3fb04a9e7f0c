//! The end of a site. First nobody finds it any more ([`retire`]); then its rows go in small steps ([`erase`]), so that a
//! large site does not hold up everybody else's writes.

use diesel::prelude::*;
use freehold_base::{Code, Error, Result, SiteId};

use crate::access::DELETED;
use crate::conn::OrDb as _;
use crate::schema::{
    comments, counters, design_drafts, design_states, entries, held_roles, imported_items, jobs, media, menus,
    old_paths, private_folder_users, private_folders, revisions, settings, site_domains, site_headers, site_redirects,
    sites, terms, theme_bases, theme_states, tokens,
};
use crate::{ServerScope, SiteScope, Tx, search};

/// Rows of one step.
const STEP: i64 = 500;
/// Entries of one step: each takes its terms, versions and more along.
const ENTRIES: i64 = 100;

/// What a step deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Rows; 0: the site is gone.
    pub rows: usize,
    /// Bytes of files that another site may have too.
    pub hashes: Vec<String>,
}

/// Takes a site away from everybody: its names are free, its roles, tokens and waiting jobs are gone.
///
/// # Errors
/// Database failures.
pub fn retire(tx: &mut Tx<'_>, site: SiteScope) -> Result<()> {
    let s = site.get();
    diesel::delete(site_domains::table.filter(site_domains::site_id.eq(s)))
        .execute(tx.conn())
        .or_db("deleting the site's names")?;
    diesel::delete(held_roles::table.filter(held_roles::scope.eq("site")).filter(held_roles::scope_id.eq(s)))
        .execute(tx.conn())
        .or_db("deleting the site's roles")?;
    diesel::delete(tokens::table.filter(tokens::site_id.eq(s)))
        .execute(tx.conn())
        .or_db("deleting the site's tokens")?;
    diesel::delete(jobs::table.filter(jobs::site_id.eq(s)).filter(jobs::state.ne("running")))
        .execute(tx.conn())
        .or_db("deleting the site's jobs")?;
    diesel::update(jobs::table.filter(jobs::site_id.eq(s)))
        .set(jobs::cancel_asked.eq(true))
        .execute(tx.conn())
        .or_db("stopping the site's jobs")?;
    // No name that people give has this sign.
    diesel::update(sites::table.filter(sites::id.eq(s)))
        .set((sites::status.eq(DELETED), sites::name.eq(format!("~{s}"))))
        .execute(tx.conn())
        .or_db("deleting the site")?;
    Ok(())
}

/// Deletes up to some hundred rows of a retired site by their ids.
macro_rules! some_of {
    ($tx:expr, $site:expr, $table:ident) => {{
        let ids: Vec<i64> = $table::table
            .filter($table::site_id.eq($site))
            .order($table::id)
            .limit(STEP)
            .select($table::id)
            .load($tx.conn())
            .or_db("erasing a site")?;
        diesel::delete($table::table.filter($table::site_id.eq($site)).filter($table::id.eq_any(ids)))
            .execute($tx.conn())
            .or_db("erasing a site")?
    }};
}

/// One step of erasing a site that was [`retire`]d; a site that is not is left alone.
///
/// # Errors
/// `Busy` while a job of the site runs; `WrongState` where the site was not retired; database failures.
pub fn erase(tx: &mut Tx<'_>, _server: ServerScope, site: SiteId) -> Result<Erased> {
    let status: Option<String> = sites::table
        .filter(sites::id.eq(site.get()))
        .select(sites::status)
        .first(tx.conn())
        .optional()
        .or_db("looking for the site")?;
    match status.as_deref() {
        None => return Ok(Erased::default()),
        Some(DELETED) => {}
        Some(_) => return Err(Error::refused(Code::WrongState, "the site was not deleted")),
    }
    let s = site.get();
    for step in [
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, comments)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, revisions)),
        some_entries,
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, terms)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, menus)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, site_redirects)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, site_headers)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, private_folder_users)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, private_folders)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, theme_states)),
        |tx: &mut Tx<'_>, s: i64| Ok(some_of!(tx, s, theme_bases)),
        some_paths,
        some_imported,
    ] {
        let rows = step(tx, s)?;
        if rows > 0 {
            return Ok(Erased { rows, hashes: Vec::new() });
        }
    }
    let hashes = some_files(tx, s)?;
    if !hashes.is_empty() {
        return Ok(Erased { rows: hashes.len(), hashes });
    }
    the_rest(tx, s)?;
    Ok(Erased::default())
}

/// Entries with all that hangs on them, and their words in the search index.
fn some_entries(tx: &mut Tx<'_>, s: i64) -> Result<usize> {
    let found: Vec<(i64, i64)> = entries::table
        .filter(entries::site_id.eq(s))
        .order(entries::id)
        .limit(ENTRIES)
        .select((entries::id, entries::search_key))
        .load(tx.conn())
        .or_db("erasing a site")?;
    for (_, key) in &found {
        search::forget(tx, *key)?;
    }
    let ids: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
    diesel::delete(entries::table.filter(entries::site_id.eq(s)).filter(entries::id.eq_any(ids)))
        .execute(tx.conn())
        .or_db("erasing a site")
}

fn some_paths(tx: &mut Tx<'_>, s: i64) -> Result<usize> {
    let found: Vec<String> = old_paths::table
        .filter(old_paths::site_id.eq(s))
        .order(old_paths::path)
        .limit(STEP)
        .select(old_paths::path)
        .load(tx.conn())
        .or_db("erasing a site")?;
    diesel::delete(old_paths::table.filter(old_paths::site_id.eq(s)).filter(old_paths::path.eq_any(found)))
        .execute(tx.conn())
        .or_db("erasing a site")
}

/// What imports noted, of one kind of one source at a time: that is how it is indexed.
fn some_imported(tx: &mut Tx<'_>, s: i64) -> Result<usize> {
    let first: Option<(String, String)> = imported_items::table
        .filter(imported_items::site_id.eq(s))
        .order((imported_items::source, imported_items::kind, imported_items::source_id))
        .select((imported_items::source, imported_items::kind))
        .first(tx.conn())
        .optional()
        .or_db("erasing a site")?;
    let Some((source, kind)) = first else { return Ok(0) };
    let ids: Vec<String> = imported_items::table
        .filter(imported_items::site_id.eq(s))
        .filter(imported_items::source.eq(&source))
        .filter(imported_items::kind.eq(&kind))
        .order(imported_items::source_id)
        .limit(STEP)
        .select(imported_items::source_id)
        .load(tx.conn())
        .or_db("erasing a site")?;
    let some = imported_items::table
        .filter(imported_items::site_id.eq(s))
        .filter(imported_items::source.eq(&source))
        .filter(imported_items::kind.eq(&kind))
        .filter(imported_items::source_id.eq_any(ids));
    diesel::delete(some).execute(tx.conn()).or_db("erasing a site")
}

fn some_files(tx: &mut Tx<'_>, s: i64) -> Result<Vec<String>> {
    let found: Vec<(i64, String)> = media::table
        .filter(media::site_id.eq(s))
        .order(media::id)
        .limit(STEP)
        .select((media::id, media::hash))
        .load(tx.conn())
        .or_db("erasing a site")?;
    let (ids, hashes): (Vec<i64>, Vec<String>) = found.into_iter().unzip();
    diesel::delete(media::table.filter(media::site_id.eq(s)).filter(media::id.eq_any(ids)))
        .execute(tx.conn())
        .or_db("erasing a site")?;
    Ok(hashes)
}

/// What every site has a handful of, and the site itself.
fn the_rest(tx: &mut Tx<'_>, s: i64) -> Result<()> {
    let running: Option<i64> = jobs::table
        .filter(jobs::site_id.eq(s))
        .filter(jobs::state.eq("running"))
        .select(jobs::id)
        .first(tx.conn())
        .optional()
        .or_db("erasing a site")?;
    if running.is_some() {
        return Err(Error::code(Code::Busy));
    }
    diesel::delete(jobs::table.filter(jobs::site_id.eq(s))).execute(tx.conn()).or_db("erasing a site")?;
    diesel::delete(counters::table.filter(counters::site_id.eq(s))).execute(tx.conn()).or_db("erasing a site")?;
    diesel::delete(settings::table.filter(settings::site_id.eq(s))).execute(tx.conn()).or_db("erasing a site")?;
    for rows in [
        diesel::delete(design_drafts::table.filter(design_drafts::site_id.eq(s))).execute(tx.conn()),
        diesel::delete(design_states::table.filter(design_states::site_id.eq(s))).execute(tx.conn()),
    ] {
        rows.or_db("erasing a site")?;
    }
    diesel::delete(sites::table.filter(sites::id.eq(s))).execute(tx.conn()).or_db("erasing a site")?;
    Ok(())
}
