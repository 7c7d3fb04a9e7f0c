//! Entries as another system had them. Leaves behind all that a save does (`record`), without a person's form: the
//! status, dates and numbers of the other system are taken over as they are.

use freehold_base::{Capability, EntryId, Result, SiteId};
use freehold_platform::sites::Settings;
use freehold_store::{SiteScope, Tx, entries as rows};

use super::record::{self, Step};
use super::{Entry, permalink};

/// Stores an entry that comes from elsewhere: a new one (`before` is none; it gets its number) or a newer form of
/// one. Its slug is the wanted one; where the address is in use, a number is added. `plain` are its words.
///
/// # Errors
/// `Denied` without the right to import; `VersionConflict`, `NotFound` (entry above, term).
pub fn bring(
    tx: &mut Tx<'_>,
    site: SiteId,
    settings: &Settings,
    before: Option<&Entry>,
    entry: &mut Entry,
    terms: Vec<i64>,
    plain: &str,
) -> Result<()> {
    let scope = tx.authorize(site, Capability::ImportRun)?;
    if before.is_none() {
        entry.id = EntryId(rows::next_id(tx)?);
    }
    entry.version += 1;
    if entry.status == "trash" {
        entry.path = None;
        entry.trashed_at = tx.now();
    } else {
        place(tx, scope, settings, before, entry, &terms)?;
    }
    entry.search_key = record::search_key(entry);
    let step = Step {
        site: scope,
        before,
        after: entry,
        terms: Some(terms),
        plain: Some(plain),
        action: "import",
        audit: "entry.import",
    };
    record::write(tx, settings, &step)
}

fn place(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    settings: &Settings,
    before: Option<&Entry>,
    entry: &mut Entry,
    terms: &[i64],
) -> Result<()> {
    if entry.slug.is_empty() && entry.status != "draft" {
        entry.slug = format!("{}-{}", entry.kind, entry.id);
    }
    let parts = permalink::parts_of(tx, scope, entry, settings, terms)?;
    let same = before.is_some_and(|b| b.path.is_some() && permalink::path_of(entry, settings, &parts) == b.path);
    if same { Ok(()) } else { permalink::settle(tx, scope, entry, settings, &parts) }
}
