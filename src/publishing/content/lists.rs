//! Reading entries for people who work on the site.

use freehold_base::{Capability, EntryId, Error, Page, Result, SiteId};
use freehold_store::{SiteScope, Tx, counters, entries as rows, search, terms};

use super::{CardRow, Entry, Filter, Label, Sort, rights};

/// A list for the panel and the API: somebody who may not write everything sees own entries only.
/// `text` searches title and body.
///
/// # Errors
/// `Denied`.
pub fn list(
    tx: &mut Tx<'_>,
    site: SiteId,
    filter: &Filter,
    text: &str,
    sort: Sort,
    page: &Page,
) -> Result<Vec<(CardRow, Vec<Label>)>> {
    let (scope, filter) = narrowed(tx, site, filter, text)?;
    let rows = rows::list(tx, scope, &filter, sort, page)?;
    with_terms(tx, scope, rows)
}

/// How many rows [`list`] has in all its pages.
///
/// # Errors
/// `Denied`.
pub fn count(tx: &mut Tx<'_>, site: SiteId, filter: &Filter, text: &str) -> Result<i64> {
    let (scope, filter) = narrowed(tx, site, filter, text)?;
    rows::count(tx, scope, &filter)
}

/// The filter with what the actor may see and what was searched for put in.
fn narrowed(tx: &mut Tx<'_>, site: SiteId, filter: &Filter, text: &str) -> Result<(SiteScope, Filter)> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let mut filter = filter.clone();
    if !scope.has(Capability::EntriesWriteAll) {
        filter.author = tx.actor().user();
    }
    let words = search::words_of(text);
    if !words.is_empty() {
        let found = found(tx, scope, &words, &filter)?;
        filter.ids = Some(match filter.ids {
            Some(only) => found.into_iter().filter(|id| only.contains(id)).collect(),
            None => found,
        });
    }
    Ok((scope, filter))
}

/// Who wrote entries of a kind, for people who may see those of others.
///
/// # Errors
/// `Denied`.
pub fn authors(tx: &mut Tx<'_>, site: SiteId, kind: &str) -> Result<Vec<(i64, String)>> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    if scope.has(Capability::EntriesWriteAll) { rows::authors_of(tx, scope, kind) } else { Ok(Vec::new()) }
}

/// Matches of a search: the newest 500 of the kind. Filters and sort work on those.
fn found(tx: &mut Tx<'_>, scope: SiteScope, words: &[String], filter: &Filter) -> Result<Vec<i64>> {
    let kind = filter.kind.as_deref();
    let order = search::Order::Newest;
    search::find(tx, scope, &search::Query { words, visible_only: false, kind, order, skip: 0, limit: 500 })
}

fn with_terms(tx: &mut Tx<'_>, scope: SiteScope, cards: Vec<CardRow>) -> Result<Vec<(CardRow, Vec<Label>)>> {
    let ids: Vec<i64> = cards.iter().map(|(c, ..)| c.id.get()).collect();
    let held = terms::of_entries(tx, scope, &ids)?;
    Ok(cards
        .into_iter()
        .map(|card| {
            let of = held.iter().filter(|(id, _)| *id == card.0.id).map(|(_, t)| t.clone()).collect();
            (card, of)
        })
        .collect())
}

/// One entry with its terms, for editing.
///
/// # Errors
/// `Denied`, `NotFound("entry")`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<(Entry, Vec<Label>)> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    let entry = rows::find(tx, scope, id)?;
    if !rights::may_read(tx, scope, &entry) {
        return Err(Error::not_found("entry"));
    }
    let terms = terms::of_entries(tx, scope, &[id.get()])?.into_iter().map(|(_, t)| t).collect();
    Ok((entry, terms))
}

/// Counts: `post.published` and the like. Kept ones of the whole site; for somebody who may not write everything,
/// those of own entries, as in [`list`].
///
/// # Errors
/// `Denied`.
pub fn counts(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<(String, i64)>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    match tx.actor().user() {
        Some(user) if !scope.has(Capability::EntriesWriteAll) => {
            let own = rows::counts_of(tx, scope, user)?;
            Ok(own.into_iter().map(|(kind, status, n)| (format!("{kind}.{status}"), n)).collect())
        }
        _ => counters::all(tx, scope),
    }
}
