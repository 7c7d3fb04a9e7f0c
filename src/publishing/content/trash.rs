//! Trash: away, but not lost (row CM17).

use std::time::Duration;

use freehold_base::{Code, EntryId, Error, Result, SiteId, Timestamp};
use freehold_platform::sites::settings;
use freehold_store::{SiteScope, Tx, counters, entries as rows, search};

use super::events::EntryChanged;
use super::record::{self, Step};
use super::{Entry, permalink, rights};

/// How long the trash keeps things.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Puts an entry into the trash: its address is free, its status remembered.
///
/// # Errors
/// `Denied`, `NotFound("entry")`.
pub fn trash(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<Entry> {
    let (scope, before) = open(tx, site, id)?;
    if before.status == "trash" {
        return Ok(before);
    }
    let settings = settings::read(tx, scope)?;
    let mut after = before.clone();
    after.status_before_trash.clone_from(&before.status);
    after.status = "trash".into();
    after.trashed_at = tx.now();
    after.path = None;
    finish(tx, scope, &settings, &before, after, "entry.trash")
}

/// Brings an entry back to its old status and address (or the next free one).
///
/// # Errors
/// `Denied`, `NotFound("entry")`, `WrongState`.
pub fn restore(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<Entry> {
    let (scope, before) = open(tx, site, id)?;
    if before.status != "trash" {
        return Err(Error::refused(Code::WrongState, "it is not in the trash"));
    }
    let settings = settings::read(tx, scope)?;
    let mut after = before.clone();
    after.status = match before.status_before_trash.as_str() {
        "scheduled" if before.published_at <= tx.now() => "draft".into(), // its time passed while it lay there
        "" => "draft".into(),
        old => old.into(),
    };
    after.trashed_at = Timestamp(0);
    let terms: Vec<i64> = freehold_store::terms::held(tx, scope, id)?.into_iter().map(|(t, _)| t).collect();
    let parts = permalink::parts_of(tx, scope, &after, &settings, &terms)?;
    permalink::settle(tx, scope, &mut after, &settings, &parts)?;
    finish(tx, scope, &settings, &before, after, "entry.restore")
}

fn open(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<(SiteScope, Entry)> {
    let scope = tx.authorize(site, freehold_base::Capability::EntriesWriteOwn)?;
    let entry = rows::find(tx, scope, id)?;
    rights::to_change(tx, scope, &entry)?;
    Ok((scope, entry))
}

fn finish(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    settings: &freehold_platform::sites::Settings,
    before: &Entry,
    mut after: Entry,
    audit: &'static str,
) -> Result<Entry> {
    after.version += 1;
    let action = if audit == "entry.trash" { "trash" } else { "restore" };
    let step = Step { site: scope, before: Some(before), after: &after, terms: None, plain: None, action, audit };
    record::write(tx, settings, &step)?;
    Ok(after)
}

/// Deletes an entry of the trash for good, with its versions and comments.
///
/// # Errors
/// `Denied`, `NotFound("entry")`, `WrongState` where it is not in the trash.
pub fn delete(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<()> {
    let (scope, entry) = open(tx, site, id)?;
    if entry.status != "trash" {
        return Err(Error::refused(Code::WrongState, "move it to the trash first"));
    }
    search::remove(tx, scope, entry.search_key)?;
    freehold_store::comments::uncount(tx, scope, id)?;
    freehold_store::terms::set(tx, scope, id, &[], false, entry.published_at)?;
    counters::add(tx, scope, &format!("{}.trash", entry.kind), -1)?;
    for child in rows::children(tx, scope, id)? {
        let mut moved = child.clone();
        moved.parent_id = entry.parent_id;
        moved.version += 1;
        rows::update(tx, scope, &moved, child.version)?;
    }
    rows::delete(tx, scope, id)?;
    tx.audit_site(scope, "entry.delete", format!("{} {id} \u{201c}{}\u{201d}", entry.kind, entry.title));
    tx.announce(EntryChanged {
        site,
        id,
        kind: entry.kind,
        author: entry.author_id,
        was_live: false,
        is_live: false,
        in_menus: false,
        terms: Vec::new(),
        neighbours: Vec::new(),
    });
    Ok(())
}
