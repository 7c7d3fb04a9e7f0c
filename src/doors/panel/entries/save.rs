//! Saving what the writing page sent.

use std::sync::Arc;

use chrono::{LocalResult, NaiveDateTime, TimeZone as _};
use freehold_base::{Capability, Code, EntryId, Error, MediaId, Result, SiteId, TermId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::{
    self, Body, Changes, Entry, Intent, Label, Prepared, Target, TermsOf, prepare, versions,
};
use freehold_publishing::pages::Pages;
use freehold_store::Tx;

use super::{Noun, edit};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

/// Stores something new.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    finish(&ctx, None, &form).await
}

/// Stores an entry.
pub async fn update(ctx: Ctx, form: Form) -> Reply {
    let id = ctx.entry_id()?;
    finish(&ctx, Some(id), &form).await
}

async fn finish(ctx: &Ctx, id: Option<EntryId>, form: &Form) -> Reply {
    match store(ctx, id, form).await {
        Ok(entry) if form.get("do") == "share" => Ok(ctx.go(&format!("{}/entries/{}/share", ctx.base(), entry.id))),
        Ok(entry) => {
            let done = match (form.get("do"), entry.status.as_str()) {
                ("publish" | "schedule", "scheduled") => "scheduled",
                ("publish" | "schedule", _) => "published",
                ("unpublish", _) => "draft",
                ("review", _) => "review",
                _ => "saved",
            };
            Ok(ctx.go(&format!("{}/{}/{}?done={done}", ctx.base(), ctx.noun().plural, entry.id)))
        }
        // What was typed comes back with the reason; nothing of it is lost.
        Err(e) if matches!(e.status(), 409 | 422) => {
            if let (409, Some(id)) = (e.status(), id) {
                aside(ctx, id, form).await?;
            }
            edit::refused(ctx, id, form, &e).await
        }
        Err(e) => Err(e.into()),
    }
}

/// Keeps what somebody typed beside an entry that was saved, or taken over, by somebody else.
async fn aside(ctx: &Ctx, id: EntryId, form: &Form) -> Result<()> {
    let (site, base, json) = (ctx.site, form.number("version"), form.to_json());
    ctx.write(move |tx| versions::autosave(tx, site, id, base, &json).map(|_| ())).await
}

/// A form, checked and measured.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) prepared: Prepared,
    when: When,
    new_category: String,
    /// Somebody chose to save over words that came in between.
    over: bool,
    pages: Arc<Pages>,
}

impl Sent {
    /// A template is one that the theme offers, or the one that the entry has.
    fn check_template(&self, tx: &mut Tx<'_>, site: SiteId, kind: &str, before: Option<&Entry>) -> Result<()> {
        let Some(wanted) = &self.prepared.changes.template else { return Ok(()) };
        if before.is_some_and(|e| e.template == *wanted) {
            return Ok(());
        }
        self.pages.check_template(tx, site, kind, wanted)
    }
}

/// What the form says about going live.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// Nothing: the field is not there.
    Unsaid,
    /// The field is empty.
    AtOnce,
    /// At this minute.
    At(Timestamp),
}

impl When {
    /// The date to store, if it changes.
    fn date(self, entry: Option<&Entry>, intent: Intent, now: Timestamp) -> Option<Timestamp> {
        let old = entry.map_or(Timestamp(0), |e| e.published_at);
        let live = entry.is_some_and(|e| matches!(e.status.as_str(), "published" | "scheduled"));
        match self {
            Self::Unsaid => None,
            // The field shows no seconds: the same minute is the same moment.
            Self::At(at) => (at.ms() != old.ms() - old.ms().rem_euclid(60_000)).then_some(at),
            Self::AtOnce if old == Timestamp(0) => None,
            Self::AtOnce if intent == Intent::Publish || live && intent == Intent::Keep => Some(now),
            Self::AtOnce => (old > now).then_some(Timestamp(0)),
        }
    }
}

/// What a form means for the site of the address.
pub(super) async fn sent(ctx: &Ctx, form: &Form, kind: &str) -> Result<Sent> {
    let site = ctx.site;
    let (zone, raw) = ctx
        .read(move |tx| {
            let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
            Ok((settings::read(tx, scope)?.general.timezone, scope.has(Capability::EntriesRawHtml)))
        })
        .await?;
    let mut changes = changes(form, kind);
    if form.has("password") {
        changes.password = Some(content::password::seal(&ctx.app.keys, site, form.get("password"))?);
    }
    let when = match moment(form.get("publish_at"), &zone)? {
        Some(at) => When::At(at),
        None if form.has("publish_at") => When::AtOnce,
        None => When::Unsaid,
    };
    Ok(Sent {
        prepared: prepare(changes, raw)?,
        when,
        new_category: form.get("new_category").trim().to_owned(),
        over: form.has("over"),
        pages: Arc::clone(&ctx.app.pages),
    })
}

/// Saves what somebody types in a draft. Half-typed tags and categories are not made: true where some are left.
pub(super) fn typed(tx: &mut Tx<'_>, site: SiteId, target: &Target, sent: &Sent) -> Result<(Entry, bool)> {
    let entry = match target {
        Target::Existing(id, _) => Some(content::lists::find(tx, site, *id)?.0),
        Target::New(_) => None,
    };
    let kind = match (target, &entry) {
        (Target::New(kind), _) => kind.as_str(),
        (_, entry) => entry.as_ref().map_or("", |e| &e.kind),
    };
    sent.check_template(tx, site, kind, entry.as_ref())?;
    let mut prepared = sent.prepared.clone();
    prepared.changes.published_at = sent.when.date(entry.as_ref(), Intent::Keep, tx.now());
    let mut left = !sent.new_category.is_empty();
    if let Some(tags) = &prepared.changes.tags
        && !content::terms::are_known_tags(tx, site, tags)?
    {
        prepared.changes.tags = None;
        left = true;
    }
    // What somebody saves over another's words is a version of its own: the one before keeps the other's.
    let saved = if sent.over {
        content::save(tx, site, target, &prepared, Intent::Keep)?
    } else {
        content::keep(tx, site, target, &prepared)?
    };
    Ok((saved, left))
}

/// An entry of this noun; those of another one are not here.
pub(super) fn of_noun(tx: &mut Tx<'_>, site: SiteId, id: EntryId, noun: Noun) -> Result<(Entry, Vec<Label>)> {
    let found = content::lists::find(tx, site, id)?;
    if found.0.kind == noun.kind { Ok(found) } else { Err(Error::not_found(noun.kind)) }
}

async fn store(ctx: &Ctx, id: Option<EntryId>, form: &Form) -> Result<Entry> {
    let (site, noun) = (ctx.site, ctx.noun());
    let sent = sent(ctx, form, noun.kind).await?;
    let intent = match form.get("do") {
        "publish" | "schedule" => Intent::Publish,
        "unpublish" => Intent::Draft,
        "review" => Intent::Submit,
        _ => Intent::Keep,
    };
    // "Save mine over it" names the version that it was shown.
    let seen = ctx.param("over").and_then(|v| v.parse().ok()).unwrap_or_else(|| form.number("version"));
    let target = match id {
        Some(id) => Target::Existing(id, Some(seen)),
        None => Target::New(noun.kind.into()),
    };
    ctx.write(move |tx| {
        let entry = match id {
            Some(id) => Some(writable(tx, site, id, noun)?),
            None => None,
        };
        sent.check_template(tx, site, noun.kind, entry.as_ref())?;
        let mut prepared = sent.prepared.clone();
        prepared.changes.published_at = sent.when.date(entry.as_ref(), intent, tx.now());
        if !sent.new_category.is_empty() {
            let input = content::terms::TermInput { name: sent.new_category.clone(), ..Default::default() };
            let term = content::terms::add(tx, site, "category", &input)?;
            prepared.changes.terms.get_or_insert_default().push(term);
        }
        let saved = content::save(tx, site, &target, &prepared, intent)?;
        versions::discard_autosave(tx, site, saved.id)?;
        Ok(saved)
    })
    .await
}

/// An entry that nobody else writes in.
fn writable(tx: &mut Tx<'_>, site: SiteId, id: EntryId, noun: Noun) -> Result<Entry> {
    let (entry, _) = of_noun(tx, site, id, noun)?;
    match content::locks::held_by_other(tx, site, id)? {
        Some(lock) => Err(Error::refused(Code::EntryLocked, lock.user_name.unwrap_or_default())),
        None => Ok(entry),
    }
}

/// Tags as typed: separated by commas.
pub(super) fn tags_of(form: &Form) -> Vec<String> {
    form.get("tags").split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

fn changes(form: &Form, kind: &str) -> Changes {
    let text = |name: &str| Some(form.get(name).to_owned());
    let body = match (form.get("source"), form.get("document")) {
        ("markdown", _) => Some(Body::Markdown(form.get("markdown").to_owned())),
        (_, "") => None,
        (_, json) => Some(Body::Json(json.to_owned())),
    };
    let post = kind == "post";
    Changes {
        title: text("title"),
        slug: text("slug"),
        excerpt: text("excerpt"),
        body,
        visibility: Some(if form.get("visibility").is_empty() { "public" } else { form.get("visibility") }.to_owned()),
        cover: Some(MediaId(form.number("cover_id"))),
        // The field is there only where the theme offers a choice.
        template: form.has("template").then(|| form.get("template").to_owned()),
        sticky: post.then(|| form.has("sticky")),
        comments_open: Some(form.has("comments_open")),
        seo_title: text("seo_title"),
        seo_description: text("seo_description"),
        // The form shows categories and tags; what an import or a plugin put into other taxonomies stays.
        terms_of: TermsOf::Only(vec!["category".into()]),
        terms: post.then(|| form.all("categories").iter().filter_map(|id| id.parse().ok().map(TermId)).collect()),
        tags: post.then(|| tags_of(form)),
        parent: (!post).then(|| EntryId(form.number("parent"))),
        position: (!post).then(|| form.number("menu_order")),
        ..Default::default()
    }
}

/// `2026-11-23T08:00` in a time zone; `None` for nothing.
pub(in crate::panel) fn moment(text: &str, zone: &str) -> Result<Option<Timestamp>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid("publish_at", Code::DateMalformed, "");
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
        .map_err(|_| wrong())?;
    let zone: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::UTC);
    let at = match zone.from_local_datetime(&naive) {
        LocalResult::Single(at) => at,
        LocalResult::Ambiguous(first, _) => first,
        // The hour that a clock change skips: as if it had not been changed.
        LocalResult::None => zone.from_utc_datetime(&naive),
    };
    Ok(Some(Timestamp(at.timestamp_millis())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_sites_zone() {
        assert_eq!(moment("2026-11-23T08:00", "Europe/Stockholm").unwrap().unwrap().rfc3339(), "2026-11-23T07:00:00Z");
        assert_eq!(moment("", "UTC").unwrap(), None);
        assert!(moment("tomorrow", "UTC").is_err());
    }

    #[test]
    fn an_empty_date_means_at_once_and_the_same_minute_means_unchanged() {
        let (minute, now) = (Timestamp(1_795_161_600_000), Timestamp(1_795_161_700_000));
        let seconds = Timestamp(minute.ms() + 30_500);
        let ahead = Timestamp(now.ms() + 3_600_000);
        let entry = |status: &str, at: Timestamp| Entry { status: status.into(), published_at: at, ..Entry::default() };
        let (keep, publish, draft) = (Intent::Keep, Intent::Publish, Intent::Draft);
        for (name, when, status, at, intent, wanted) in [
            ("not in the form", When::Unsaid, "published", seconds, publish, None),
            ("an update keeps the seconds", When::At(minute), "published", seconds, publish, None),
            ("another minute", When::At(ahead), "published", seconds, publish, Some(ahead)),
            ("emptied and published", When::AtOnce, "scheduled", ahead, publish, Some(now)),
            ("emptied and saved while it waits", When::AtOnce, "scheduled", ahead, keep, Some(now)),
            ("emptied and taken back", When::AtOnce, "scheduled", ahead, draft, Some(Timestamp(0))),
            ("a draft's plan is dropped", When::AtOnce, "draft", ahead, keep, Some(Timestamp(0))),
            ("a draft that was live keeps its date", When::AtOnce, "draft", seconds, keep, None),
            ("nothing was set", When::AtOnce, "draft", Timestamp(0), publish, None),
        ] {
            assert_eq!(when.date(Some(&entry(status, at)), intent, now), wanted, "{name}");
        }
        assert_eq!(When::At(ahead).date(None, publish, now), Some(ahead));
    }
}
