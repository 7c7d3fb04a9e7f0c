//! Old addresses: each answers 301 to where its thing is now (row CM21).

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{EntryId, Result, TermId};

use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::schema::old_paths;
use crate::{SiteScope, Tx, each_backend};

/// Where an old address leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// To an entry, wherever it is now.
    Entry(EntryId),
    /// To a term, wherever it is now.
    Term(TermId),
    /// To an address.
    Address(String),
}

/// Remembers an old address.
///
/// # Errors
/// Database failures.
pub fn remember(tx: &mut Tx<'_>, site: SiteScope, path: &str, target: &Target) -> Result<()> {
    let (entry, term, address) = match target {
        Target::Entry(id) => (id.get(), 0, ""),
        Target::Term(id) => (0, id.get(), ""),
        Target::Address(a) => (0, 0, a.as_str()),
    };
    let row = (
        old_paths::site_id.eq(site.get()),
        old_paths::path.eq(path),
        old_paths::entry_id.eq(entry),
        old_paths::term_id.eq(term),
        old_paths::target.eq(address),
        old_paths::created_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(old_paths::table)
        .values(row)
        .on_conflict((old_paths::site_id, old_paths::path))
        .do_update()
        .set((
            old_paths::entry_id.eq(excluded(old_paths::entry_id)),
            old_paths::term_id.eq(excluded(old_paths::term_id)),
            old_paths::target.eq(excluded(old_paths::target)),
        ))
        .execute(c))
    .or_db("remembering the old address")?;
    Ok(())
}

/// Old addresses of one term lead to another one from now on.
///
/// # Errors
/// Database failures.
pub fn retarget_term(tx: &mut Tx<'_>, site: SiteScope, from: TermId, into: TermId) -> Result<()> {
    diesel::update(
        old_paths::table.filter(old_paths::site_id.eq(site.get())).filter(old_paths::term_id.eq(from.get())),
    )
    .set(old_paths::term_id.eq(into.get()))
    .execute(tx.conn())
    .or_db("moving old addresses")?;
    Ok(())
}

/// Forgets an old address that is in use again.
///
/// # Errors
/// Database failures.
pub fn forget(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<()> {
    diesel::delete(old_paths::table.filter(old_paths::site_id.eq(site.get())).filter(old_paths::path.eq(path)))
        .execute(tx.conn())
        .or_db("forgetting the old address")?;
    Ok(())
}

const KNOWN: &str = "SELECT site_id AS n FROM entries WHERE site_id = ? AND path IN (?, ?) \
    UNION ALL SELECT site_id AS n FROM terms WHERE site_id = ? AND path IN (?, ?) \
    UNION ALL SELECT site_id AS n FROM old_paths WHERE site_id = ? AND path IN (?, ?) LIMIT 1";

/// Whether an address, or the same one with another slash at its end, is or was one of an entry or a term.
///
/// # Errors
/// Database failures.
pub fn is_known(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        #[allow(dead_code)] // only whether there is a row counts
        n: i64,
    }
    let (s, closed) = (site.get(), format!("{path}/"));
    let three = [(); 3].iter().fold(Statement::new(&[KNOWN]), |st, ()| st.number(s).text(path).text(&closed));
    let found: Vec<Found> = three.load(tx.conn()).or_db("looking for the address")?;
    Ok(!found.is_empty())
}

/// Where an old address leads, if it is known.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<Option<Target>> {
    let row: Option<(i64, i64, String)> = old_paths::table
        .filter(old_paths::site_id.eq(site.get()))
        .filter(old_paths::path.eq(path))
        .select((old_paths::entry_id, old_paths::term_id, old_paths::target))
        .first(tx.conn())
        .optional()
        .or_db("looking for the old address")?;
    Ok(row.map(|(entry, term, target)| match (entry, term) {
        (0, 0) => Target::Address(target),
        (0, term) => Target::Term(TermId(term)),
        (entry, _) => Target::Entry(EntryId(entry)),
    }))
}
