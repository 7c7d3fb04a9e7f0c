//! Unsaved work: kept one second after the last key, shown again when its writer comes back (row CM13).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Path};
use chrono::TimeZone as _;
use freehold_base::{Capability, Code, EntryId, Error, Result, SiteId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::{self, Target, versions};
use freehold_store::Tx;
use serde::Serialize;
use serde_json::json;

use crate::panel::build_frame::time_view;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

/// Largest unsaved text that is kept, in bytes.
const LARGEST: usize = 4 << 20;

/// What was typed and never saved.
pub(super) struct Unsaved {
    /// Version that it was typed on.
    pub(super) base: i64,
    /// Its fields.
    pub(super) form: Form,
    at: TimeView,
}

/// The note above the text.
#[derive(Serialize)]
pub(super) struct UnsavedView {
    at: TimeView,
    /// Where "forget" posts.
    discard_action: String,
    /// Where the words are shown; empty when they are shown already.
    show_href: String,
    /// Somebody saved after they were typed.
    older: bool,
}

impl Unsaved {
    /// As the page shows it for an entry that stands at `version`.
    pub(super) fn view(self, base: &str, id: EntryId, version: i64, shown: bool) -> UnsavedView {
        let older = self.base != version;
        UnsavedView {
            at: self.at,
            discard_action: format!("{base}/entries/{id}/discard"),
            show_href: if older && !shown { "?unsaved=1".into() } else { String::new() },
            older,
        }
    }
}

/// Unsaved work of who asks.
pub(super) async fn find(ctx: &Ctx, id: EntryId) -> Result<Option<Unsaved>> {
    let site = ctx.site;
    let (found, now) = ctx.read(move |tx| Ok((versions::autosaved(tx, site, id)?, tx.now()))).await?;
    let Some((base, text, at)) = found else { return Ok(None) };
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(&text) else { return Ok(None) };
    Ok(Some(Unsaved { base, form: Form::of_json(&fields), at: time_view(Timestamp(at), now) }))
}

fn fields(body: &[u8]) -> Result<serde_json::Map<String, serde_json::Value>> {
    if body.len() > LARGEST {
        return Err(Error::refused(Code::TooLarge, "4 MB"));
    }
    serde_json::from_slice(body).map_err(|_| Error::refused(Code::BadRequest, "the body is not a JSON object"))
}

/// Saves what is being typed: in a draft as the draft itself, in something live beside it. Words that could not be
/// saved (a wrong address, somebody saved in between, somebody else holds the entry) are kept all the same; the answer
/// says which it was: `{saved}` or `{kept, why}`, 409 `{by, at, version}` or 409 `{locked_by}`.
pub async fn keep(ctx: Ctx, path: Path<(i64, EntryId)>, body: Bytes) -> Reply {
    let fields = fields(&body)?;
    let form = Form::of_json(&fields);
    let (site, id, base) = (ctx.site, path.1, form.number("version"));
    let json = serde_json::Value::Object(fields).to_string();
    let entry = ctx.read(move |tx| Ok(content::lists::find(tx, site, id)?.0)).await?;
    let mut why = String::new();
    if content::saves_itself(&entry) {
        match save(&ctx, id, base, &form, &entry.kind, json.clone()).await {
            Ok((saved, left)) => {
                let why = if left { "New tags and categories are added when you press Save." } else { "" };
                return Ok(HttpResponse::Ok().json(json!({ "saved": true, "version": saved, "why": why })));
            }
            Err(e) if e.as_code() == Code::VersionConflict || e.as_code() == Code::EntryLocked => {}
            Err(e) if e.status() == 422 => why = e.to_string(),
            Err(e) => return Err(e.into()),
        }
    }
    let (current, lock) = ctx
        .write(move |tx| {
            let current = versions::autosave(tx, site, id, base, &json)?;
            Ok((current, locked(tx, site, id)?))
        })
        .await?;
    if let Some(name) = lock {
        return Ok(HttpResponse::Conflict().json(json!({ "locked_by": name })));
    }
    if current != base {
        let (by, at, version) = ctx.read(move |tx| last_save(tx, site, id)).await?;
        let by = if ctx.person.as_ref().is_some_and(|me| me.name == by) { "You".to_owned() } else { by };
        return Ok(HttpResponse::Conflict().json(json!({ "by": by, "at": at, "version": version })));
    }
    Ok(HttpResponse::Ok().json(json!({ "kept": true, "why": why })))
}

/// Takes or renews the lock; the name of who else has it.
fn locked(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<Option<String>> {
    match content::locks::renew(tx, site, id) {
        Ok(()) => Ok(None),
        Err(Error::Refused { code: Code::EntryLocked, detail }) => Ok(Some(detail)),
        Err(e) => Err(e),
    }
}

async fn save(ctx: &Ctx, id: EntryId, base: i64, form: &Form, kind: &str, json: String) -> Result<(i64, bool)> {
    let sent = super::save::sent(ctx, form, kind).await?;
    let site = ctx.site;
    ctx.write(move |tx| {
        content::locks::renew(tx, site, id)?;
        let (entry, left) = super::save::typed(tx, site, &Target::Existing(id, Some(base)), &sent)?;
        // What waits for the button is kept beside the entry; all else is in it.
        if left {
            versions::autosave(tx, site, id, entry.version, &json)?;
        } else {
            versions::discard_autosave(tx, site, id)?;
        }
        Ok((entry.version, left))
    })
    .await
}

/// Who saved last, when by the site's clock, and the version now.
pub(super) fn last_save(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<(String, String, i64)> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let (entry, _) = content::lists::find(tx, site, id)?;
    let zone = settings::read(tx, scope)?.general.timezone.parse().unwrap_or(chrono_tz::UTC);
    let by = versions::list(tx, site, id, 0, 1)?.into_iter().next().and_then(|l| l.author_name).unwrap_or_default();
    let at = zone.from_utc_datetime(&entry.updated_at.utc().naive_utc()).format("%H:%M").to_string();
    Ok((by, at, entry.version))
}

/// The first words of something new make it a draft; answers where it lives now.
pub async fn begin(ctx: Ctx, body: Bytes) -> Reply {
    let fields = fields(&body)?;
    let form = Form::of_json(&fields);
    let (site, kind, base) = (ctx.site, ctx.noun().kind, ctx.base());
    let sent = super::save::sent(&ctx, &form, kind).await?;
    let json = serde_json::Value::Object(fields).to_string();
    let (entry, left) = ctx
        .write(move |tx| {
            let (entry, left) = super::save::typed(tx, site, &Target::New(kind.into()), &sent)?;
            content::locks::take(tx, site, entry.id, false)?;
            if left {
                versions::autosave(tx, site, entry.id, entry.version, &json)?;
            }
            Ok((entry, left))
        })
        .await?;
    let href = format!("{base}/{}/{}", ctx.noun().plural, entry.id);
    let own = format!("{base}/entries/{}", entry.id);
    Ok(HttpResponse::Ok().json(json!({
        "saved": true,
        "why": if left { "New tags and categories are added when you press Save." } else { "" },
        "id": entry.id,
        "version": entry.version,
        "action": &href,
        "href": &href,
        "autosave_url": format!("{own}/autosave"),
        "lock_url": format!("{own}/lock"),
        "versions_href": format!("{own}/versions"),
    })))
}

/// Forgets it.
pub async fn discard(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    ctx.write(move |tx| versions::discard_autosave(tx, site, id)).await?;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}/{}s/{id}", ctx.base(), entry.kind)))
}
