//! Addresses of entries and terms (rows CM21, CM22).

use chrono::Datelike as _;
use freehold_base::{EntryId, Result};
use freehold_platform::sites::{Settings, settings::RESERVED};
use freehold_store::{SiteScope, Tx, entries as rows};

use super::Entry;

/// Numbers after a slug that are tried one by one.
const IN_ORDER: u64 = 8;
/// Longest tree of pages.
const MAX_DEPTH: usize = 12;

/// What a pattern needs beside the entry.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Slug of the author.
    pub author: String,
    /// Slug of the first category.
    pub category: String,
    /// Address of the page above; empty for none.
    pub parent: String,
}

/// The address that the settings give an entry; none without a slug.
pub fn path_of(entry: &Entry, settings: &Settings, parts: &Parts) -> Option<String> {
    if entry.slug.is_empty() {
        return None;
    }
    if entry.kind == "post" {
        return Some(from_pattern(entry, settings, parts));
    }
    let above = parts.parent.trim_end_matches('/');
    if entry.kind == "page" {
        return Some(format!("{above}/{}/", entry.slug));
    }
    let base = if above.is_empty() { format!("/{}", entry.kind) } else { above.to_owned() };
    Some(format!("{base}/{}/", entry.slug))
}

fn from_pattern(entry: &Entry, settings: &Settings, parts: &Parts) -> String {
    let at = if entry.published_at.ms() == 0 { entry.created_at } else { entry.published_at };
    let zone: chrono_tz::Tz = settings.general.timezone.parse().unwrap_or(chrono_tz::UTC);
    let date = at.utc().with_timezone(&zone);
    let category = if parts.category.is_empty() { "uncategorized" } else { &parts.category };
    settings
        .permalinks
        .post
        .replace("{year}", &format!("{:04}", date.year()))
        .replace("{month}", &format!("{:02}", date.month()))
        .replace("{day}", &format!("{:02}", date.day()))
        .replace("{slug}", &entry.slug)
        .replace("{id}", &entry.id.to_string())
        .replace("{author}", &parts.author)
        .replace("{category}", category)
}

/// Whether an address would hide one of the site's own (design.md section 9).
pub fn is_reserved(path: &str, settings: &Settings) -> bool {
    let mut parts = path.trim_start_matches('/').split('/');
    let first = parts.next().unwrap_or_default();
    let alone = parts.next().is_none_or(str::is_empty);
    // Four digits are a year's archive, where nothing stands below them.
    let year = first.len() == 4 && first.bytes().all(|b| b.is_ascii_digit()) && alone;
    RESERVED.contains(&first)
        || year
        || (alone && (first == settings.permalinks.category_base || first == settings.permalinks.tag_base))
}

/// A free address of the form slug, slug-2, slug-3 …; sets the entry's slug and path. Small numbers are tried in
/// their order; where many have the same title, the end of the row is found by halving.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    site: SiteScope,
    entry: &mut Entry,
    settings: &Settings,
    parts: &Parts,
) -> Result<()> {
    let wanted = entry.slug.clone();
    let mut free = |n: u64, entry: &mut Entry| -> Result<bool> {
        if n > 1 {
            entry.slug = format!("{wanted}-{n}");
        }
        entry.path = path_of(entry, settings, parts);
        let Some(path) = &entry.path else { return Ok(true) };
        Ok(!is_reserved(path, settings) && !rows::path_taken(tx, site, path, entry.id)? && !term_has(tx, site, path)?)
    };
    for n in 1..=IN_ORDER {
        if free(n, entry)? {
            return Ok(());
        }
    }
    let (mut taken, mut open) = (IN_ORDER, IN_ORDER * 2);
    while !free(open, entry)? {
        (taken, open) = (open, open * 2);
    }
    while open - taken > 1 {
        let middle = taken + (open - taken) / 2;
        if free(middle, entry)? { open = middle } else { taken = middle }
    }
    free(open, entry).map(|_| ())
}

fn term_has(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<bool> {
    // Terms' addresses have two parts or more.
    if path.trim_matches('/').contains('/') {
        Ok(freehold_store::terms::find_by_path(tx, site, path)?.is_some())
    } else {
        Ok(false)
    }
}

/// Reads what the pattern needs.
pub(super) fn parts_of(
    tx: &mut Tx<'_>,
    site: SiteScope,
    entry: &Entry,
    settings: &Settings,
    terms: &[i64],
) -> Result<Parts> {
    let mut parts = Parts::default();
    if entry.parent_id != EntryId(0) {
        parts.parent = rows::find(tx, site, entry.parent_id)?.path.unwrap_or_default();
    }
    if entry.kind == "post" {
        if settings.permalinks.post.contains("{author}") {
            parts.author = rows::author(tx, entry.author_id)?.map(|a| a.slug).unwrap_or_default();
        }
        if settings.permalinks.post.contains("{category}") {
            for id in terms {
                let term = freehold_store::terms::find(tx, site, (*id).into())?;
                if term.taxonomy == "category" {
                    parts.category = term.slug;
                    break;
                }
            }
        }
    }
    Ok(parts)
}

/// Whether `parent` stands below `entry` (or is it): a tree must not bite its tail.
pub(super) fn is_below(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, parent: EntryId) -> Result<bool> {
    let mut at = parent;
    for _ in 0..MAX_DEPTH {
        if at == EntryId(0) {
            return Ok(false);
        }
        if at == entry {
            return Ok(true);
        }
        at = rows::find(tx, site, at)?.parent_id;
    }
    Ok(true)
}
