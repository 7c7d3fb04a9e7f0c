//! Versions: every save is one; any can be looked at and brought back. And unsaved work (row CM13).

use freehold_base::{Capability, EntryId, Error, MediaId, Result, RevisionId, SiteId, TermId};
use freehold_store::revisions::{self as rows, RevisionLine};
use freehold_store::{Tx, entries};
use serde::{Deserialize, Serialize};

use super::change::{Body, Changes};
use super::prepare::prepare;
use super::save::{Intent, Target, save};
use super::{Entry, rights};

/// The editable state of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Status at that time.
    pub status: String,
    /// Title.
    pub title: String,
    /// Slug.
    pub slug: String,
    /// Written excerpt.
    pub excerpt: String,
    /// The document.
    pub document: serde_json::Value,
    /// Further fields.
    pub fields: serde_json::Value,
    /// Visibility.
    pub visibility: String,
    /// Page above.
    pub parent: i64,
    /// Cover image.
    pub cover: i64,
    /// Template.
    pub template: String,
    /// Stays on top.
    pub sticky: bool,
    /// Accepts comments.
    pub comments_open: bool,
    /// Title for search engines.
    pub seo_title: String,
    /// Description for search engines.
    pub seo_description: String,
    /// When it goes or went live.
    pub published_at: i64,
    /// Ids of its terms.
    pub terms: Vec<i64>,
}

/// [`Snapshot`] for writing: documents go through as the JSON text they are.
#[derive(Serialize)]
pub(super) struct SnapshotRef<'a> {
    status: &'a str,
    title: &'a str,
    slug: &'a str,
    excerpt: &'a str,
    document: &'a serde_json::value::RawValue,
    fields: &'a serde_json::value::RawValue,
    visibility: &'a str,
    parent: i64,
    cover: i64,
    template: &'a str,
    sticky: bool,
    comments_open: bool,
    seo_title: &'a str,
    seo_description: &'a str,
    published_at: i64,
    terms: &'a [i64],
}

/// Something that becomes a version.
pub(super) struct SnapshotOf<'a>(&'a Entry, &'a [i64]);

impl Snapshot {
    pub(super) fn of<'a>(entry: &'a Entry, terms: &'a [i64]) -> SnapshotOf<'a> {
        SnapshotOf(entry, terms)
    }
}

impl SnapshotOf<'_> {
    pub(super) fn to_json(&self) -> Result<String> {
        let wrong = |e: serde_json::Error| Error::internal("writing the version", e);
        let e = self.0;
        serde_json::to_string(&SnapshotRef {
            status: &e.status,
            title: &e.title,
            slug: &e.slug,
            excerpt: &e.excerpt,
            document: serde_json::from_str(&e.document).map_err(wrong)?,
            fields: serde_json::from_str(&e.fields).map_err(wrong)?,
            visibility: &e.visibility,
            parent: e.parent_id.get(),
            cover: e.cover_id.get(),
            template: &e.template,
            sticky: e.sticky,
            comments_open: e.comments_open,
            seo_title: &e.seo_title,
            seo_description: &e.seo_description,
            published_at: e.published_at.ms(),
            terms: self.1,
        })
        .map_err(wrong)
    }
}

/// Versions, newest first, before version-row `before` (0: the newest).
///
/// # Errors
/// `Denied`, `NotFound("entry")`.
pub fn list(tx: &mut Tx<'_>, site: SiteId, id: EntryId, before: i64, limit: i64) -> Result<Vec<RevisionLine>> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let entry = entries::find(tx, scope, id)?;
    if !rights::may_read(tx, scope, &entry) {
        return Err(Error::not_found("entry"));
    }
    rows::list(tx, scope, id, before, limit)
}

/// One version.
///
/// # Errors
/// `Denied`, `NotFound`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: EntryId, revision: RevisionId) -> Result<(i64, Snapshot)> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let entry = entries::find(tx, scope, id)?;
    if !rights::may_read(tx, scope, &entry) {
        return Err(Error::not_found("entry"));
    }
    let (version, json) = rows::snapshot(tx, scope, id, revision)?;
    let snapshot = serde_json::from_str(&json).map_err(|e| Error::internal("reading the version", e))?;
    Ok((version, snapshot))
}

/// Brings a version back as a new one; status and address stay as they are now.
///
/// # Errors
/// As saving.
pub fn restore(tx: &mut Tx<'_>, site: SiteId, id: EntryId, revision: RevisionId) -> Result<Entry> {
    let (_, s) = find(tx, site, id, revision)?;
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let terms = known_terms(tx, scope, &s.terms)?;
    let changes = Changes {
        title: Some(s.title),
        excerpt: Some(s.excerpt),
        body: Some(Body::Json(s.document.to_string())),
        fields: Some(s.fields.to_string()),
        cover: Some(MediaId(s.cover)),
        template: Some(s.template),
        sticky: Some(s.sticky),
        comments_open: Some(s.comments_open),
        seo_title: Some(s.seo_title),
        seo_description: Some(s.seo_description),
        terms: Some(terms),
        ..Default::default()
    };
    // The text was cleaned when it was stored; raw HTML of somebody who might write it stays.
    let mut prepared = prepare(changes, true)?;
    if freehold_store::media::find(tx, scope, MediaId(s.cover)).is_err() {
        prepared.changes.cover = Some(MediaId(0));
    }
    save(tx, site, &Target::Existing(id, None), &prepared, Intent::Keep)
}

/// Those of the terms that still exist.
fn known_terms(tx: &mut Tx<'_>, scope: freehold_store::SiteScope, ids: &[i64]) -> Result<Vec<TermId>> {
    let mut known = Vec::new();
    for id in ids {
        if freehold_store::terms::find(tx, scope, TermId(*id)).is_ok() {
            known.push(TermId(*id));
        }
    }
    Ok(known)
}

/// Keeps unsaved work beside the entry; visitors and other people do not see it. Gives the entry's version now: where
/// it is not `base`, somebody saved in between.
///
/// # Errors
/// `Denied`, `NotFound("entry")`, `TooLarge`.
pub fn autosave(tx: &mut Tx<'_>, site: SiteId, id: EntryId, base: i64, json: &str) -> Result<i64> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let entry = entries::find(tx, scope, id)?;
    rights::to_change(tx, scope, &entry)?;
    let user = tx.actor().user().ok_or_else(Error::denied)?;
    rows::autosave(tx, scope, id, user, base, json)?;
    Ok(entry.version)
}

/// Unsaved work of the actor: base version, JSON, when.
///
/// # Errors
/// `Denied`, `NotFound("entry")`.
pub fn autosaved(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<Option<(i64, String, i64)>> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    match tx.actor().user() {
        Some(user) => rows::autosaved(tx, scope, id, user),
        None => Ok(None),
    }
}

/// Forgets the actor's unsaved work.
///
/// # Errors
/// `Denied`.
pub fn discard_autosave(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<()> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    match tx.actor().user() {
        Some(user) => rows::forget_autosave(tx, scope, id, user),
        None => Ok(()),
    }
}
