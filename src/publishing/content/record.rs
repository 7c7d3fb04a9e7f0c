//! What every committed change of an entry leaves behind: terms, counts, index, version, old address, news.
//! One place, so that no way of changing an entry can forget one of them.

use std::time::Duration;

use freehold_base::{EntryId, Result, Timestamp};
use freehold_platform::jobs::{self, NewJob};
use freehold_platform::sites::Settings;
use freehold_store::{
    SiteScope, Tx, counters, entries as rows, media_uses, paths, revisions, search, terms as term_rows,
};

use super::events::EntryChanged;
use super::{Entry, permalink};
use crate::document::Document;

/// An entry before and after.
pub(super) struct Step<'a> {
    pub site: SiteScope,
    /// None for a new one.
    pub before: Option<&'a Entry>,
    pub after: &'a Entry,
    /// The terms it shall have; `None`: those it has.
    pub terms: Option<Vec<i64>>,
    /// Words for the index where they are known already.
    pub plain: Option<&'a str>,
    /// What the version calls it: `save`, `publish`, `trash`, `typing` …
    pub action: &'static str,
    /// The audit log's name of it.
    pub audit: &'static str,
}

/// What a version is called that grows while its writer types.
pub(super) const TYPING: &str = "typing";

/// Key of an entry in the search index: newest first is the index's own order.
/// Seconds since 1970 above, the low 20 bits of the id below.
pub(super) fn search_key(entry: &Entry) -> i64 {
    let at: Timestamp = if entry.published_at.ms() == 0 { entry.created_at } else { entry.published_at };
    (at.ms().div_euclid(1000) << 20) | (entry.id.get() & 0xF_FFFF)
}

/// Writes all of it. The entry's row itself is written here too.
pub(super) fn write(tx: &mut Tx<'_>, settings: &Settings, step: &Step<'_>) -> Result<()> {
    let (site, after) = (step.site, step.after);
    match step.before {
        Some(before) => rows::update(tx, site, after, before.version)?,
        None => rows::insert(tx, site, after)?,
    }
    let held: Vec<i64> = match step.before {
        Some(_) => term_rows::held(tx, site, after.id)?.into_iter().map(|(id, _)| id).collect(),
        None => Vec::new(),
    };
    let wanted = step.terms.clone().unwrap_or_else(|| held.clone());
    let listed = after.is_live();
    let was_listed = step.before.is_some_and(Entry::is_live);
    let dated = step.before.is_none_or(|b| b.published_at != after.published_at);
    if wanted != held || listed != was_listed || (dated && !wanted.is_empty()) {
        term_rows::set(tx, site, after.id, &wanted, listed, after.published_at)?;
    }
    count(tx, step)?;
    index(tx, step)?;
    shows(tx, step)?;
    let grew = version(tx, step, &wanted)?;
    addresses(tx, settings, step)?;
    timer(tx, step)?;
    // A session of writing stands in the audit log once, as it is one version.
    if !grew {
        tx.audit_site(site, step.audit, format!("{} {} \u{201c}{}\u{201d}", after.kind, after.id, after.title));
    }
    let mut terms = held;
    terms.extend(wanted.iter().filter(|id| !terms.contains(id)).copied().collect::<Vec<_>>());
    tx.announce(EntryChanged {
        site: site.id(),
        id: after.id,
        kind: after.kind.clone(),
        author: after.author_id,
        was_live: was_listed,
        is_live: listed,
        renamed: step.before.is_some_and(|b| b.title != after.title || b.path != after.path || b.is_live() != listed),
        terms,
    });
    Ok(())
}

fn count(tx: &mut Tx<'_>, step: &Step<'_>) -> Result<()> {
    let name = |e: &Entry| format!("{}.{}", e.kind, e.status);
    let now = name(step.after);
    let was = step.before.map(name);
    if was.as_ref() != Some(&now) {
        if let Some(was) = was {
            counters::add(tx, step.site, &was, -1)?;
        }
        counters::add(tx, step.site, &now, 1)?;
    }
    Ok(())
}

fn is_visible(e: &Entry) -> bool {
    e.status == "published" && e.visibility == "public"
}

/// The index holds everything but the trash; visitors find only what they may read (row SE03).
fn index(tx: &mut Tx<'_>, step: &Step<'_>) -> Result<()> {
    let after = step.after;
    let same = |b: &Entry| {
        b.search_key == after.search_key
            && b.title == after.title
            && b.document == after.document
            && is_visible(b) == is_visible(after)
            && (b.status == "trash") == (after.status == "trash")
    };
    if step.before.is_some_and(same) {
        return Ok(());
    }
    if let Some(before) = step.before.filter(|b| b.status != "trash") {
        search::remove(tx, step.site, before.search_key)?;
    }
    if after.status == "trash" {
        return Ok(());
    }
    let read;
    let plain = match step.plain {
        Some(plain) => plain,
        None => {
            read = Document::parse(&after.document)?.to_plain();
            &read
        }
    };
    search::put(tx, step.site, after.search_key, is_visible(after), &after.title, plain)
}

/// The files it shows, so that each file can say where it stands (row ME07).
fn shows(tx: &mut Tx<'_>, step: &Step<'_>) -> Result<()> {
    let after = step.after;
    if step.before.is_some_and(|b| b.document == after.document && b.cover_id == after.cover_id) {
        return Ok(());
    }
    let mut ids = Document::parse(&after.document)?.media_ids();
    let cover = after.cover_id.get();
    if cover > 0 && !ids.contains(&cover) {
        ids.push(cover);
    }
    if step.before.is_none() && ids.is_empty() {
        return Ok(());
    }
    media_uses::set(tx, step.site, after.id, &ids)
}

/// The whole editable state as a version. Moves between statuses without a new text are versions too: they can be
/// looked at and restored like any other. True where the version of this session of writing grew instead.
fn version(tx: &mut Tx<'_>, step: &Step<'_>, terms: &[i64]) -> Result<bool> {
    let (site, after) = (step.site, step.after);
    let snapshot = super::versions::Snapshot::of(after, terms).to_json()?;
    if let Some(same) = session(tx, step)? {
        revisions::grow(tx, site, after.id, same, after.version, &snapshot)?;
        return Ok(true);
    }
    revisions::add(tx, site, after.id, after.version, step.action, &snapshot)?;
    Ok(false)
}

/// A version grows for so long; then the next one begins.
const LONGEST_SESSION: Duration = Duration::from_secs(1800);

/// The newest version, if it is what the same person types in this session and nothing big went since: words that
/// somebody deletes by mistake stay in the version before.
fn session(tx: &mut Tx<'_>, step: &Step<'_>) -> Result<Option<i64>> {
    let (Some(before), TYPING) = (step.before, step.action) else { return Ok(None) };
    let Some(newest) = revisions::list(tx, step.site, before.id, 0, 1)?.into_iter().next() else { return Ok(None) };
    let mine = newest.action == TYPING && Some(newest.author_id) == tx.actor().user().map(i64::from);
    let recent = newest.created_at > tx.now().minus(LONGEST_SESSION).ms();
    let lost = before.word_count >= 20 && step.after.word_count * 2 < before.word_count;
    if !mine || !recent || lost {
        return Ok(None);
    }
    // The lock is as old as the page that is open.
    let lock = revisions::lock_of(tx, step.site, before.id, Timestamp(0))?;
    let same_page = lock.is_none_or(|lock| lock.user_id != newest.author_id || lock.taken_at <= newest.created_at);
    Ok(same_page.then_some(newest.id))
}

/// An address that was live once leads to the entry for ever; pages below move along.
fn addresses(tx: &mut Tx<'_>, settings: &Settings, step: &Step<'_>) -> Result<()> {
    let after = step.after;
    let Some(before) = step.before else {
        return match &after.path {
            Some(path) => paths::forget(tx, step.site, path),
            None => Ok(()),
        };
    };
    if before.path == after.path {
        return Ok(());
    }
    if let Some(path) = &after.path {
        paths::forget(tx, step.site, path)?;
    }
    if let (Some(old), Some(_), true) = (&before.path, &after.path, before.published_at.ms() > 0) {
        paths::remember(tx, step.site, old, &paths::Target::Entry(after.id))?;
    }
    if after.path.is_some() {
        move_children(tx, settings, step.site, after, 0)?;
    }
    Ok(())
}

fn move_children(tx: &mut Tx<'_>, settings: &Settings, site: SiteScope, parent: &Entry, depth: usize) -> Result<()> {
    if depth > 12 || parent.kind == "post" {
        return Ok(());
    }
    for child in rows::children(tx, site, parent.id)? {
        if child.status == "trash" {
            continue;
        }
        let mut moved = child.clone();
        let parts = permalink::Parts { parent: parent.path.clone().unwrap_or_default(), ..Default::default() };
        permalink::settle(tx, site, &mut moved, settings, &parts)?;
        if moved.path == child.path {
            continue;
        }
        moved.version += 1;
        rows::update(tx, site, &moved, child.version)?;
        if let (Some(old), true) = (&child.path, child.published_at.ms() > 0) {
            paths::remember(tx, site, old, &paths::Target::Entry(child.id))?;
        }
        if let Some(path) = &moved.path {
            paths::forget(tx, site, path)?;
        }
        tx.announce(EntryChanged {
            site: site.id(),
            id: moved.id,
            kind: moved.kind.clone(),
            author: moved.author_id,
            was_live: child.is_live(),
            is_live: moved.is_live(),
            renamed: true,
            terms: Vec::new(),
        });
        move_children(tx, settings, site, &moved, depth + 1)?;
    }
    Ok(())
}

/// Name of the one waiting job that makes an entry public at its time.
pub(super) fn timer_key(id: EntryId) -> String {
    format!("entry.publish:{id}")
}

fn timer(tx: &mut Tx<'_>, step: &Step<'_>) -> Result<()> {
    let after = step.after;
    let was = step.before.filter(|b| b.status == "scheduled");
    if after.status == "scheduled" {
        let payload = format!("{{\"entry\":{}}}", after.id);
        jobs::enqueue(
            tx,
            &NewJob {
                site: step.site.id(),
                kind: super::jobs::PUBLISH,
                payload: &payload,
                run_at: after.published_at,
                unique_key: Some(&timer_key(after.id)),
            },
        )?;
    } else if was.is_some() {
        jobs::drop_unique(tx, &timer_key(after.id))?;
    }
    Ok(())
}
