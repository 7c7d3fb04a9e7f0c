//! Saving: the second half, in the write.

use freehold_base::text::slugify;
use freehold_base::{Capability, Code, EntryId, Error, MediaId, Result, SiteId, TermId, UserId};
use freehold_platform::sites::{Settings, settings};
use freehold_store::{ActorKind, SiteScope, Tx, entries as rows, roles};

use super::prepare::Prepared;
use super::record::{self, Step};
use super::{Changes, Entry, permalink, rights, terms};

/// What is saved.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A new entry of this content type.
    New(String),
    /// An entry, as somebody saw it at this version; `None` compares nothing.
    Existing(EntryId, Option<i64>),
}

/// Where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It stays what it is; new ones are drafts.
    Keep,
    /// A draft, taken back if it was live.
    Draft,
    /// To somebody who may publish it.
    Submit,
    /// Public: now, or at its date where that lies ahead.
    Publish,
    /// Out of sight, but kept.
    Archive,
}

const EMPTY_DOCUMENT: &str = r#"{"type":"doc","attrs":{"version":1},"content":[]}"#;

/// Saves an entry.
///
/// Announces `EntryChanged`. Errors: `Denied`, `NotFound("entry")`, `VersionConflict`, `Invalid` (title to publish,
/// slug, parent).
///
/// # Errors
/// See above.
pub fn save(tx: &mut Tx<'_>, site: SiteId, target: &Target, prepared: &Prepared, intent: Intent) -> Result<Entry> {
    store(tx, site, target, prepared, intent, None)
}

/// What saves itself while somebody types: what visitors do not see. Words of something live are kept beside it, by
/// [`super::versions::autosave`], until their writer publishes them.
pub fn saves_itself(entry: &Entry) -> bool {
    !matches!(entry.status.as_str(), "published" | "scheduled" | "trash")
}

/// Saves what is being typed, second by second. One session of writing is one version.
///
/// # Errors
/// As [`save`]; `WrongState` for what does not save itself.
pub fn keep(tx: &mut Tx<'_>, site: SiteId, target: &Target, prepared: &Prepared) -> Result<Entry> {
    store(tx, site, target, prepared, Intent::Keep, Some(record::TYPING))
}

fn store(
    tx: &mut Tx<'_>,
    site: SiteId,
    target: &Target,
    prepared: &Prepared,
    intent: Intent,
    named: Option<&'static str>,
) -> Result<Entry> {
    let (scope, before) = open(tx, site, target)?;
    if named.is_some() && before.as_ref().is_some_and(|b| !saves_itself(b)) {
        return Err(Error::refused(Code::WrongState, "visitors see it; it is published by hand"));
    }
    let settings = settings::read(tx, scope)?;
    let mut after = match &before {
        Some(entry) => entry.clone(),
        None => blank(tx, scope, target, &settings)?,
    };
    apply(tx, scope, &mut after, prepared)?;
    let status_before = after.status.clone();
    decide(tx, scope, &mut after, intent)?;
    let terms = wanted_terms(tx, scope, &after, before.is_none(), &prepared.changes)?;
    place(tx, scope, &mut after, before.as_ref(), &settings, prepared, terms.as_deref())?;
    after.updated_at = tx.now();
    after.version += 1;
    after.search_key = record::search_key(&after);
    let moved = after.status != status_before || before.is_none() && intent == Intent::Publish;
    let action = named.unwrap_or(if moved { "publish" } else { "save" });
    let audit = match (&before, after.status.as_str(), after.status != status_before) {
        (None, ..) => "entry.create",
        (_, "published", true) => "entry.publish",
        (_, "scheduled", true) => "entry.schedule",
        (_, "draft", true) => "entry.unpublish",
        _ => "entry.save",
    };
    let plain = prepared.text.as_ref().map(|t| t.plain.as_str());
    let step = Step { site: scope, before: before.as_ref(), after: &after, terms, plain, action, audit };
    record::write(tx, &settings, &step)?;
    Ok(after)
}

fn open(tx: &mut Tx<'_>, site: SiteId, target: &Target) -> Result<(SiteScope, Option<Entry>)> {
    match target {
        Target::New(kind) => Ok((rights::to_create(tx, site, kind)?, None)),
        Target::Existing(id, version) => {
            let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
            let entry = rows::find(tx, scope, *id)?;
            rights::to_change(tx, scope, &entry)?;
            if version.is_some_and(|v| v != entry.version) {
                return Err(Error::code(Code::VersionConflict));
            }
            if entry.status == "trash" {
                return Err(Error::refused(Code::WrongState, "it is in the trash; restore it first"));
            }
            Ok((scope, Some(entry)))
        }
    }
}

fn blank(tx: &mut Tx<'_>, scope: SiteScope, target: &Target, settings: &Settings) -> Result<Entry> {
    let kind = match target {
        Target::New(kind) => kind.clone(),
        Target::Existing(..) => String::new(),
    };
    let author = match tx.actor().user() {
        Some(user) => user,
        None => rows::first_user(tx)?, // the command line and imports write in the name of the first person
    };
    let comments_open = settings.discussion.open && kind == "post";
    Ok(Entry {
        id: EntryId(rows::next_id(tx)?),
        document: EMPTY_DOCUMENT.into(),
        comments_open,
        created_at: tx.now(),
        updated_at: tx.now(),
        ..Entry::blank(scope.id(), &kind, author)
    })
}

fn apply(tx: &mut Tx<'_>, scope: SiteScope, e: &mut Entry, prepared: &Prepared) -> Result<()> {
    let c = &prepared.changes;
    if let Some(author) = c.author.filter(|a| *a != e.author_id) {
        scope.need(Capability::EntriesWriteAll)?;
        set_author(tx, scope, e, author)?;
    }
    if let Some(parent) = c.parent.filter(|p| *p != e.parent_id) {
        if permalink::is_below(tx, scope, e.id, parent)? {
            return Err(Error::invalid("parent", Code::TermCircle, ""));
        }
        e.parent_id = parent;
    }
    if let Some(cover) = c.cover.filter(|m| *m != e.cover_id) {
        if cover != MediaId(0) {
            freehold_store::media::find(tx, scope, cover)?;
        }
        e.cover_id = cover;
    }
    let put = |to: &mut String, from: &Option<String>| {
        if let Some(value) = from {
            to.clone_from(value);
        }
    };
    put(&mut e.title, &c.title);
    put(&mut e.excerpt, &c.excerpt);
    put(&mut e.visibility, &c.visibility);
    if let Some(password) = &c.password {
        password.as_str().clone_into(&mut e.password);
    }
    put(&mut e.template, &c.template);
    put(&mut e.seo_title, &c.seo_title);
    put(&mut e.seo_description, &c.seo_description);
    put(&mut e.fields, &c.fields);
    e.position = c.position.unwrap_or(e.position);
    e.sticky = c.sticky.unwrap_or(e.sticky);
    e.comments_open = c.comments_open.unwrap_or(e.comments_open);
    e.published_at = c.published_at.unwrap_or(e.published_at);
    if let Some(text) = &prepared.text {
        e.document.clone_from(&text.json);
        e.word_count = text.words;
        e.summary.clone_from(&text.summary);
    }
    if !e.excerpt.is_empty() {
        e.summary.clone_from(&e.excerpt);
    } else if c.excerpt.is_some() && prepared.text.is_none() {
        e.summary = super::prepare::measure(&crate::document::Document::parse(&e.document)?).summary;
    }
    Ok(())
}

/// People who do not write on the site are as missing (rule C2); who sees all people of the installation may name any.
fn set_author(tx: &mut Tx<'_>, scope: SiteScope, e: &mut Entry, author: UserId) -> Result<()> {
    let sees_all = tx.actor().kind == ActorKind::System || tx.actor().grants.on_server().has(Capability::ServerRead);
    let is_known = rows::author(tx, author)?.is_some() && (sees_all || writes_on(tx, scope, author)?);
    if !is_known {
        return Err(Error::invalid("author", Code::NotFound, "person"));
    }
    e.author_id = author;
    Ok(())
}

fn writes_on(tx: &mut Tx<'_>, scope: SiteScope, user: UserId) -> Result<bool> {
    let holder = tx.holder_of(scope.id())?;
    Ok(roles::grants_of(tx, user)?.on_site(scope.id(), &holder).has(Capability::EntriesWriteOwn))
}

/// Sets status and time of going live by what is wanted.
fn decide(tx: &mut Tx<'_>, scope: SiteScope, e: &mut Entry, intent: Intent) -> Result<()> {
    let now = tx.now();
    match intent {
        Intent::Keep => {
            // A new date of something public moves it between now and later.
            if matches!(e.status.as_str(), "published" | "scheduled") {
                rights::to_publish(tx, scope, e)?;
                if e.published_at.ms() == 0 {
                    e.published_at = now;
                }
                e.status = if e.published_at > now { "scheduled" } else { "published" }.into();
            }
        }
        Intent::Draft => e.status = "draft".into(),
        Intent::Submit => e.status = "pending".into(),
        Intent::Archive => {
            rights::to_publish(tx, scope, e)?;
            e.status = "archived".into();
        }
        Intent::Publish => {
            rights::to_publish(tx, scope, e)?;
            if e.title.is_empty() {
                return Err(Error::invalid("title", Code::Required, ""));
            }
            if e.published_at.ms() == 0 {
                e.published_at = now;
            }
            e.status = if e.published_at > now { "scheduled" } else { "published" }.into();
        }
    }
    Ok(())
}

fn wanted_terms(tx: &mut Tx<'_>, scope: SiteScope, e: &Entry, is_new: bool, c: &Changes) -> Result<Option<Vec<i64>>> {
    if c.terms.is_none() && c.tags.is_none() {
        return Ok(None);
    }
    let held = if is_new { Vec::new() } else { freehold_store::terms::of_entries(tx, scope, &[e.id.get()])? };
    let replaced =
        |taxonomy: &str| c.terms.is_some() && c.terms_of.has(taxonomy) || c.tags.is_some() && taxonomy == "tag";
    let mut wanted: Vec<i64> = held.iter().filter(|(_, t)| !replaced(&t.taxonomy)).map(|(_, t)| t.id.get()).collect();
    wanted.extend(c.terms.iter().flatten().map(|TermId(id)| *id));
    for name in c.tags.iter().flatten().filter(|n| !n.is_empty()) {
        wanted.push(terms::find_or_add(tx, scope, "tag", name)?.get());
    }
    wanted.sort_unstable();
    wanted.dedup();
    Ok(Some(wanted))
}

/// Gives the entry its slug and address.
fn place(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    after: &mut Entry,
    before: Option<&Entry>,
    settings: &Settings,
    prepared: &Prepared,
    terms: Option<&[i64]>,
) -> Result<()> {
    match prepared.changes.slug.as_deref() {
        Some(slug) if !slug.is_empty() => {
            after.slug = match slugify(slug) {
                s if s.is_empty() => {
                    return Err(Error::invalid("slug", Code::Malformed, "letters and digits, such as fresh-bread"));
                }
                s => s,
            };
        }
        // An address that was never public follows the title.
        _ if after.slug.is_empty()
            || (prepared.changes.slug.is_some() && before.is_none_or(|b| b.published_at.ms() == 0)) =>
        {
            after.slug = slugify(&after.title);
        }
        _ => {}
    }
    if after.slug.is_empty() && after.status != "draft" {
        after.slug = format!("{}-{}", after.kind, after.id);
    }
    let held;
    let terms = match terms {
        Some(terms) => terms,
        None => {
            held = freehold_store::terms::held(tx, scope, after.id)?.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
            &held
        }
    };
    let parts = permalink::parts_of(tx, scope, after, settings, terms)?;
    if let Some(before) = before
        && before.path.is_some()
        && permalink::path_of(after, settings, &parts) == before.path
    {
        after.path.clone_from(&before.path);
        return Ok(());
    }
    permalink::settle(tx, scope, after, settings, &parts)
}
