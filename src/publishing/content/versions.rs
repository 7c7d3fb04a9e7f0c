//! Versions: every save is one, and so is a session of writing in a draft; any can be looked at and brought back, whole
//! or by the block. And unsaved work (row CM13).

use std::collections::HashMap;

use freehold_base::{Capability, EntryId, Error, MediaId, Result, RevisionId, SiteId, TermId};
use freehold_store::revisions::{self as rows, RevisionLine};
use freehold_store::{SiteScope, Tx, entries};
use serde::{Deserialize, Serialize};

use super::change::{Body, Changes, TermsOf};
use super::prepare::prepare;
use super::save::{Intent, Target, save};
use super::{Entry, rights};
use crate::document::Document;

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
    /// The state of an entry as it is.
    ///
    /// # Errors
    /// `Internal` where the stored document is none.
    pub fn now(entry: &Entry, terms: &[super::Label]) -> Result<Self> {
        let ids: Vec<i64> = terms.iter().map(|t| t.id.get()).collect();
        let json = Self::of(entry, &ids).to_json()?;
        serde_json::from_str(&json).map_err(|e| Error::internal("reading the entry", e))
    }
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
    let scope = readable(tx, site, id)?;
    rows::list(tx, scope, id, before, limit)
}

/// One version.
///
/// # Errors
/// `Denied`, `NotFound`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: EntryId, revision: RevisionId) -> Result<(i64, Snapshot)> {
    let scope = readable(tx, site, id)?;
    let (version, json) = rows::snapshot(tx, scope, id, revision)?;
    let snapshot = serde_json::from_str(&json).map_err(|e| Error::internal("reading the version", e))?;
    Ok((version, snapshot))
}

/// Brings a version back as a new one; status and address stay as they are now. `seen`: the version of the entry that
/// somebody looked at, if it matters. What the actor typed and did not save stays beside it.
///
/// # Errors
/// As saving.
pub fn restore(tx: &mut Tx<'_>, site: SiteId, id: EntryId, revision: RevisionId, seen: Option<i64>) -> Result<Entry> {
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
        terms_of: TermsOf::All,
        ..Default::default()
    };
    // The text was cleaned when it was stored; raw HTML of somebody who might write it stays.
    let mut prepared = prepare(changes, true)?;
    if freehold_store::media::find(tx, scope, MediaId(s.cover)).is_err() {
        prepared.changes.cover = Some(MediaId(0));
    }
    save(tx, site, &Target::Existing(id, seen), &prepared, Intent::Keep)
}

/// One block on its way back: which of the old version, and what it does to the text as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneBlock {
    /// The block of the old version; none takes the present one away.
    pub old: Option<usize>,
    /// The present block that it replaces; none puts it in.
    pub new: Option<usize>,
    /// Where it is put in.
    pub at: usize,
}

/// Brings one block of a version back into the text as it is at version `seen` of the entry.
///
/// # Errors
/// As saving; `NotFound("block")`.
pub fn restore_block(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: EntryId,
    revision: RevisionId,
    seen: i64,
    block: OneBlock,
) -> Result<Entry> {
    let (_, s) = find(tx, site, id, revision)?;
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let mut now = Document::parse(&entries::find(tx, scope, id)?.document)?;
    let mut old = Document::parse(&s.document.to_string())?;
    let missing = || Error::not_found("block");
    let back = match block.old {
        Some(at) if at < old.content.len() => Some(old.content.swap_remove(at)),
        Some(_) => return Err(missing()),
        None => None,
    };
    match (back, block.new) {
        (Some(node), Some(at)) => *now.content.get_mut(at).ok_or_else(missing)? = node,
        (Some(node), None) if block.at <= now.content.len() => now.content.insert(block.at, node),
        (None, Some(at)) if at < now.content.len() => drop(now.content.remove(at)),
        _ => return Err(missing()),
    }
    let changes = Changes { body: Some(Body::Json(now.to_json())), ..Default::default() };
    save(tx, site, &Target::Existing(id, Some(seen)), &prepare(changes, true)?, Intent::Keep)
}

/// Where a version stands among the others.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its line.
    pub line: RevisionLine,
    /// How many there are.
    pub count: i64,
    /// How many are newer.
    pub newer: i64,
    /// The one before.
    pub older_id: Option<RevisionId>,
    /// The one after.
    pub newer_id: Option<RevisionId>,
}

/// Where a version stands.
///
/// # Errors
/// `Denied`, `NotFound`.
pub fn place(tx: &mut Tx<'_>, site: SiteId, id: EntryId, revision: RevisionId) -> Result<Place> {
    let scope = readable(tx, site, id)?;
    let line = rows::line(tx, scope, id, revision)?;
    let (count, newer) = rows::count(tx, scope, id, revision)?;
    let older = rows::list(tx, scope, id, revision.get(), 1)?.into_iter().next();
    let newer_id = rows::next(tx, scope, id, revision)?;
    Ok(Place { line, count, newer, older_id: older.map(|l| RevisionId(l.id)), newer_id })
}

/// What a version changed against the one before it, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Words that came.
    pub added: usize,
    /// Words that went.
    pub removed: usize,
    /// Something beside the words: terms, cover, settings.
    pub beside: bool,
    /// It is the first: all of its words are new.
    pub first: bool,
    /// The status it moved the entry to; empty where it did not.
    pub status: String,
}

/// Bytes of snapshots that are read to count words; longer texts are listed without figures.
const COUNTED_BYTES: usize = 3 << 20;

/// What these versions changed, newest first as [`list`] gives them; `older` is the one before the last of them.
/// Empty where the texts are too long to count.
///
/// # Errors
/// `Denied`, `NotFound("entry")`.
pub fn changed(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: EntryId,
    lines: &[RevisionLine],
    older: Option<RevisionId>,
) -> Result<Vec<Changed>> {
    let scope = readable(tx, site, id)?;
    let entry = entries::find(tx, scope, id)?;
    if entry.document.len().saturating_mul(lines.len() + 1) > COUNTED_BYTES {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = lines.iter().map(|l| l.id).chain(older.map(RevisionId::get)).collect();
    let mut states = rows::snapshots(tx, scope, id, &ids)?.into_iter();
    let mut before = if older.is_some() { states.next().and_then(|(_, json)| Words::of(&json)) } else { None };
    let mut all = Vec::new();
    for (_, json) in states {
        let Some(now) = Words::of(&json) else { return Ok(Vec::new()) };
        all.push(now.against(before.as_ref()));
        before = Some(now);
    }
    all.reverse();
    Ok(all)
}

/// The words of a version, counted, and all the rest of it.
struct Words {
    words: HashMap<String, usize>,
    status: String,
    rest: Snapshot,
}

impl Words {
    fn of(json: &str) -> Option<Self> {
        let mut rest: Snapshot = serde_json::from_str(json).ok()?;
        let document = Document::parse(&rest.document.take().to_string()).ok()?;
        let mut words = HashMap::new();
        for text in [std::mem::take(&mut rest.title), std::mem::take(&mut rest.excerpt), document.to_plain()] {
            for word in text.split_whitespace() {
                *words.entry(word.to_owned()).or_insert(0) += 1;
            }
        }
        (rest.slug, rest.published_at) = (String::new(), 0); // they follow the title and the status
        let status = std::mem::take(&mut rest.status);
        Some(Self { words, status, rest })
    }
    fn against(&self, before: Option<&Self>) -> Changed {
        let none = HashMap::new();
        let old = before.map_or(&none, |b| &b.words);
        let more = |a: &HashMap<String, usize>, b: &HashMap<String, usize>| {
            a.iter().map(|(word, n)| n.saturating_sub(b.get(word).copied().unwrap_or(0))).sum()
        };
        Changed {
            added: more(&self.words, old),
            removed: more(old, &self.words),
            beside: before.is_some_and(|b| b.rest != self.rest),
            first: before.is_none(),
            status: match before {
                Some(b) if b.status != self.status => self.status.clone(),
                _ => String::new(),
            },
        }
    }
}

/// The scope, if the actor may read the entry.
fn readable(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<SiteScope> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let entry = entries::find(tx, scope, id)?;
    if rights::may_read(tx, scope, &entry) { Ok(scope) } else { Err(Error::not_found("entry")) }
}

/// Those of the terms that still exist.
fn known_terms(tx: &mut Tx<'_>, scope: SiteScope, ids: &[i64]) -> Result<Vec<TermId>> {
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
