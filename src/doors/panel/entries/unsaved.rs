//! Unsaved work: kept one second after the last key, shown again when its writer comes back (row CM13).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Path};
use freehold_base::{Code, EntryId, Error, Result, Timestamp};
use freehold_publishing::content::{self, Intent, versions};
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

/// Keeps what is being typed; 409 where somebody saved in between, and the words are kept all the same.
pub async fn keep(ctx: Ctx, path: Path<(i64, EntryId)>, body: Bytes) -> Reply {
    let fields = fields(&body)?;
    let base = fields.get("version").and_then(serde_json::Value::as_i64).unwrap_or(0);
    let (site, id, json) = (ctx.site, path.1, serde_json::Value::Object(fields).to_string());
    let current = ctx.write(move |tx| versions::autosave(tx, site, id, base, &json)).await?;
    if current == base { Ok(HttpResponse::Ok().json(json!({}))) } else { Ok(HttpResponse::Conflict().json(json!({}))) }
}

/// The first words of something new make it a draft; answers where it lives now.
pub async fn begin(ctx: Ctx, body: Bytes) -> Reply {
    let form = Form::of_json(&fields(&body)?);
    let prepared = super::save::prepared(&ctx, &form).await?;
    let (site, kind, base) = (ctx.site, ctx.noun().kind, ctx.base());
    let target = content::Target::New(kind.into());
    let entry = ctx.write(move |tx| content::save(tx, site, &target, &prepared, Intent::Keep)).await?;
    let href = format!("{base}/{}/{}", ctx.noun().plural, entry.id);
    let own = format!("{base}/entries/{}", entry.id);
    Ok(HttpResponse::Ok().json(json!({
        "version": entry.version,
        "action": &href,
        "href": &href,
        "autosave_url": format!("{own}/autosave"),
        "lock_url": format!("{own}/lock"),
    })))
}

/// Forgets it.
pub async fn discard(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    ctx.write(move |tx| versions::discard_autosave(tx, site, id)).await?;
    let (entry, _) = ctx.read(move |tx| content::lists::find(tx, site, id)).await?;
    Ok(ctx.go(&format!("{}/{}s/{id}", ctx.base(), entry.kind)))
}
