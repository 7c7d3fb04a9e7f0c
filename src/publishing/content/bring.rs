//! Entries as another system had them. Leaves behind all that a save does (`record`), without a person's form: the
//! status, dates and numbers of the other system are taken over as they are.

use freehold_base::{Capability, EntryId, MediaId, Result, SiteId, Timestamp, UserId};
use freehold_platform::sites::Settings;
use freehold_store::{SiteScope, Tx, entries as rows};

use super::record::{self, Step};
use super::{Entry, permalink};

/// An entry without anything, to be filled by an import.
pub fn blank(site: SiteId, kind: &str, author: UserId) -> Entry {
    Entry {
        id: EntryId(0),
        site_id: site,
        public_id: freehold_base::text::uuid(),
        kind: kind.to_owned(),
        status: "draft".into(),
        status_before_trash: String::new(),
        visibility: "public".into(),
        password: String::new(),
        title: String::new(),
        slug: String::new(),
        path: None,
        excerpt: String::new(),
        summary: String::new(),
        document: String::new(),
        fields: "{}".into(),
        author_id: author,
        parent_id: EntryId(0),
        cover_id: MediaId(0),
        template: String::new(),
        position: 0,
        sticky: false,
        comments_open: false,
        comment_count: 0,
        seo_title: String::new(),
        seo_description: String::new(),
        word_count: 0,
        published_at: Timestamp(0),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        trashed_at: Timestamp(0),
        version: 0,
        search_key: 0,
    }
}

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
