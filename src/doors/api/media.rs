//! The media library: upload, list, read, describe, delete.

use actix_web::HttpRequest;
use actix_web::web::{self, Payload};
use freehold_base::{Code, Cursor, Error, MediaId, OrInternal as _};
use freehold_publishing::library::{self, Description, Details};
use freehold_store::media::{Filter, Media};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;
use super::views::MediaView;
use crate::media::incoming;

/// Parameters of the list.
pub const QUERY: &[&str] = &["family", "q", "needs_alt", "unused", "uploaded_by", "limit", "after", "fields"];

/// Words about a file. What is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MediaInput {
    /// Title, at most 200 characters.
    pub title: Option<String>,
    /// Description for people who do not see it, at most 1,000 characters.
    pub alt: Option<String>,
    /// It says nothing: needs no description.
    pub decorative: Option<bool>,
    /// Words below it, at most 1,000 characters.
    pub caption: Option<String>,
    /// Who made it, at most 200 characters.
    pub credit: Option<String>,
    /// Under which terms, at most 200 characters.
    pub licence: Option<String>,
}

/// A page of files, newest first.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let filter = Filter {
        family: query.get("family").map(str::to_owned),
        text: query.get("q").map(str::to_owned),
        needs_alt: query.get("needs_alt") == Some("true"),
        unused: query.get("unused") == Some("true"),
        uploaded_by: query.number("uploaded_by")?,
        ..Default::default()
    };
    let site = ctx.site;
    let rows = ctx.read(move |tx| library::list(tx, site, &filter, &page)).await?;
    let origin = ctx.origin();
    let cursor = |m: &Media| Cursor { key: m.created_at.ms().to_string(), id: m.id.get() };
    let list = List::of(rows, limit, cursor, |m| MediaView::new(m, &origin));
    Ok(ok(&list, query.get("fields"))?)
}

/// One file.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<MediaId>("id", "media")?);
    let media = ctx.read(move |tx| library::find(tx, site, id)).await?;
    Ok(ok(&MediaView::new(media, &ctx.origin()), None)?)
}

/// Takes one file in: `multipart/form-data` with a part `file`. Bytes that the site has already answer with their row.
pub async fn create(ctx: ApiCtx, request: HttpRequest, payload: Payload) -> ApiReply {
    let library = ctx.app.media.library.clone();
    let mut sent = incoming::read(&request, payload, &library).await?.files;
    let Some((_, file)) = sent.pop().filter(|_| sent.is_empty()) else {
        return Err(Error::refused(Code::BadRequest, "one part with a file is expected").into());
    };
    let (site, file) = (ctx.site, file?);
    let arrived = file.clone();
    let added = ctx.write(move |tx| library::add(tx, site, &arrived, &Details::default())).await;
    let added = match added {
        Ok(added) => added,
        Err(e) => {
            // Bytes that no row names go again.
            let (store, hash) = (ctx.app.store.clone(), file.hash.clone());
            drop(file);
            web::block(move || library.sweep(&store, &hash)).await.or_internal("removing a refused file")??;
            return Err(e.into());
        }
    };
    let location = format!("/api/v1/sites/{site}/media/{}", added.media.id);
    let view = MediaView::new(added.media, &ctx.origin());
    Ok(if added.new { created(&view, &location)? } else { ok(&view, None)? })
}

/// Describes a file.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<MediaId>("id", "media")?);
    let input: MediaInput = strict::read(&ctx.body(payload).await?)?;
    let old = ctx.read(move |tx| library::find(tx, site, id)).await?;
    let words = Description {
        title: input.title.unwrap_or(old.title),
        alt: input.alt.unwrap_or(old.alt),
        decorative: input.decorative.unwrap_or(old.decorative),
        caption: input.caption.unwrap_or(old.caption),
        credit: input.credit.unwrap_or(old.credit),
        licence: input.licence.unwrap_or(old.licence),
    };
    let media = ctx.write(move |tx| library::describe(tx, site, id, &words)).await?;
    Ok(ok(&MediaView::new(media, &ctx.origin()), None)?)
}

/// Deletes a file; with `?force=true` also one that is in use.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let force = ctx.query(&["force"])?.get("force") == Some("true");
    let (site, id) = (ctx.site, ctx.id::<MediaId>("id", "media")?);
    ctx.write(move |tx| library::delete(tx, site, id, force)).await?;
    Ok(done())
}
