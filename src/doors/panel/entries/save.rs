//! Saving what the writing page sent.

use chrono::{LocalResult, NaiveDateTime, TimeZone as _};
use freehold_base::{Capability, Code, EntryId, Error, MediaId, Result, TermId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::{self, Body, Changes, Entry, Intent, Prepared, Target, prepare};

use super::edit;
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
        Err(e) if matches!(e.status(), 409 | 422) => edit::refused(ctx, id, form, &e).await,
        Err(e) => Err(e.into()),
    }
}

/// What a form means, checked and measured, for the site of the address.
pub(super) async fn prepared(ctx: &Ctx, form: &Form) -> Result<Prepared> {
    let site = ctx.site;
    let (zone, raw) = ctx
        .read(move |tx| {
            let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
            Ok((settings::read(tx, scope)?.general.timezone, scope.has(Capability::EntriesRawHtml)))
        })
        .await?;
    let mut changes = changes(form, &zone, ctx.noun().kind)?;
    changes.password = Some(content::password::seal(&ctx.app.keys, site, form.get("password"))?);
    prepare(changes, raw)
}

async fn store(ctx: &Ctx, id: Option<EntryId>, form: &Form) -> Result<Entry> {
    let site = ctx.site;
    let prepared = prepared(ctx, form).await?;
    let intent = match form.get("do") {
        "publish" | "schedule" => Intent::Publish,
        "unpublish" => Intent::Draft,
        "review" => Intent::Submit,
        _ => Intent::Keep,
    };
    let target = match id {
        Some(id) => Target::Existing(id, Some(form.number("version"))),
        None => Target::New(ctx.noun().kind.into()),
    };
    let new_category = form.get("new_category").trim().to_owned();
    ctx.write(move |tx| {
        let mut prepared = prepared.clone();
        if !new_category.is_empty() {
            let input = content::terms::TermInput { name: new_category.clone(), ..Default::default() };
            let term = content::terms::add(tx, site, "category", &input)?;
            prepared.changes.terms.get_or_insert_default().push(term);
        }
        content::save(tx, site, &target, &prepared, intent)
    })
    .await
}

/// Tags as typed: separated by commas.
pub(super) fn tags_of(form: &Form) -> Vec<String> {
    form.get("tags").split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

fn changes(form: &Form, zone: &str, kind: &str) -> Result<Changes> {
    let text = |name: &str| Some(form.get(name).to_owned());
    let body = match (form.get("source"), form.get("document")) {
        ("markdown", _) => Some(Body::Markdown(form.get("markdown").to_owned())),
        (_, "") => None,
        (_, json) => Some(Body::Json(json.to_owned())),
    };
    let post = kind == "post";
    Ok(Changes {
        title: text("title"),
        slug: text("slug"),
        excerpt: text("excerpt"),
        body,
        visibility: Some(if form.get("visibility").is_empty() { "public" } else { form.get("visibility") }.to_owned()),
        cover: Some(MediaId(form.number("cover_id"))),
        template: text("template"),
        sticky: post.then(|| form.has("sticky")),
        comments_open: Some(form.has("comments_open")),
        seo_title: text("seo_title"),
        seo_description: text("seo_description"),
        terms: post.then(|| form.all("categories").iter().filter_map(|id| id.parse().ok().map(TermId)).collect()),
        tags: post.then(|| tags_of(form)),
        parent: (!post).then(|| EntryId(form.number("parent"))),
        position: (!post).then(|| form.number("menu_order")),
        published_at: moment(form.get("publish_at"), zone)?,
        ..Default::default()
    })
}

/// `2026-11-23T08:00` in a time zone; `None` for nothing.
fn moment(text: &str, zone: &str) -> Result<Option<Timestamp>> {
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
}
