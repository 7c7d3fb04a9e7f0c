//! New addresses for everything on a site, after its patterns changed (row CM22). Old ones lead on.

use freehold_base::{Cursor, EntryId, Page, PageSize, Result, SiteId, TermId};
use freehold_platform::jobs::{Context, Failure};
use freehold_platform::sites::settings;
use freehold_store::{Actor, SiteScope, Tx, entries as rows, paths, terms as term_rows};

use super::events::EntryChanged;
use super::{Entry, permalink, record, terms};

/// Entries in one transaction.
const BATCH: i64 = 100;
/// Terms read at once.
const TERMS: u16 = PageSize::MAX;

/// Walks through terms and posts. May run twice: what has its address already is left alone.
pub(super) fn run(job: &Context<'_>) -> Result<String, Failure> {
    let site = job.site();
    job.store.write(&Actor::system(), move |tx| move_terms(tx, site))?;
    let (mut after, mut moved, mut seen) = (EntryId(0), 0, 0);
    loop {
        let (last, changed, looked) = job.store.write(&Actor::system(), move |tx| batch(tx, site, after))?;
        moved += changed;
        seen += looked;
        job.progress(seen, 0, "New addresses")?;
        match last {
            Some(id) => after = id,
            None => return Ok(format!("{{\"moved\":{moved}}}")),
        }
    }
}

/// Moves one batch: its last entry where more may follow, how many moved, how many there were.
fn batch(tx: &mut Tx<'_>, site: SiteId, after: EntryId) -> Result<(Option<EntryId>, i64, i64)> {
    let scope = tx.scope_of(site)?;
    let settings = settings::read(tx, scope)?;
    let entries = rows::with_address(tx, scope, "post", after, BATCH)?;
    let mut moved = 0;
    for entry in &entries {
        let held: Vec<i64> = term_rows::held(tx, scope, entry.id)?.into_iter().map(|(id, _)| id).collect();
        let parts = permalink::parts_of(tx, scope, entry, &settings, &held)?;
        if permalink::path_of(entry, &settings, &parts) == entry.path {
            continue;
        }
        let mut after = entry.clone();
        permalink::settle(tx, scope, &mut after, &settings, &parts)?;
        move_entry(tx, scope, entry, &after, held)?;
        moved += 1;
    }
    let looked = i64::try_from(entries.len()).unwrap_or(BATCH);
    Ok((entries.last().filter(|_| looked == BATCH).map(|e| e.id), moved, looked))
}

/// The version stays: nobody who writes in it now has lost anything.
fn move_entry(tx: &mut Tx<'_>, site: SiteScope, before: &Entry, after: &Entry, terms: Vec<i64>) -> Result<()> {
    rows::update(tx, site, after, before.version)?;
    if let (Some(old), true) = (&before.path, before.published_at.ms() > 0) {
        paths::remember(tx, site, old, &paths::Target::Entry(after.id))?;
    }
    if let Some(path) = &after.path {
        paths::forget(tx, site, path)?;
    }
    let (in_menus, neighbours) = (record::stands_in_menus(tx, site, after)?, record::neighbours(tx, site, after)?);
    tx.announce(EntryChanged {
        site: site.id(),
        id: after.id,
        kind: after.kind.clone(),
        author: after.author_id,
        was_live: before.is_live(),
        is_live: after.is_live(),
        in_menus,
        terms,
        neighbours,
    });
    Ok(())
}

/// Terms at the top of their tree; those below follow them.
fn move_terms(tx: &mut Tx<'_>, site: SiteId) -> Result<()> {
    let scope = tx.scope_of(site)?;
    let settings = settings::read(tx, scope)?;
    for taxonomy in ["category", "tag"] {
        let base = terms::base_path(taxonomy, &settings);
        let mut page = Page { size: PageSize::new(TERMS), after: None };
        loop {
            let list = term_rows::list(tx, scope, Some(taxonomy), &page)?;
            for term in list.iter().filter(|t| t.parent_id == TermId(0)) {
                let path = format!("{base}{}/", term.slug);
                if term.path != path {
                    terms::store(tx, scope, term, &super::Term { path, ..term.clone() })?;
                }
            }
            match list.last() {
                Some(last) if list.len() == usize::from(TERMS) => {
                    page.after = Some(Cursor { key: last.name.clone(), id: last.id.get() });
                }
                _ => break,
            }
        }
    }
    Ok(())
}
