//! Bringing in a WordPress export: a look into it first, then the import itself. Both are jobs of the site.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use freehold_base::{Capability, Code, Error, JobId, Result};
use freehold_platform::jobs;
use freehold_publishing::import::jobs::{self as service, Media, Order, Place};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, created};
use super::files::JobRef;
use super::strict;
use crate::panel::import::upload;

/// How an export that was looked at is brought in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// What becomes of files: `download`, `link` or `skip`.
    pub media: String,
    /// Role of people who are new on the site: `subscriber`, `contributor`, `author` or `editor`.
    #[serde(default = "author")]
    pub author_role: String,
    /// Take what is complete of a file that ends too early.
    #[serde(default)]
    pub partial: bool,
}

fn author() -> String {
    "author".to_owned()
}

fn media_of(word: &str) -> Result<Media> {
    match word {
        "download" => Ok(Media::Download),
        "link" => Ok(Media::Link),
        "skip" => Ok(Media::Skip),
        _ => Err(Error::invalid("media", Code::NotAllowed, "download, link, skip")),
    }
}

fn begun(ctx: &ApiCtx, job: JobId) -> ApiReply {
    Ok(created(&JobRef { job: job.get() }, &format!("/api/v1/sites/{}/jobs/{job}", ctx.site))?)
}

/// Takes an export in and looks into it: the job's result says what is there.
pub async fn create(ctx: ApiCtx, request: HttpRequest, payload: Payload) -> ApiReply {
    let most = ctx.app.config.limits.import_mb.saturating_mul(1 << 20);
    let chosen = upload::read(&request, payload, &ctx.app.arrivals, most).await?;
    if !matches!(chosen.place, Place::Sent(_)) {
        return Err(Error::invalid("file", Code::Required, "").into());
    }
    let order = Order {
        place: chosen.place,
        name: chosen.name,
        bytes: chosen.bytes,
        media: Media::Skip,
        role: author(),
        partial: false,
        looked: 0,
    };
    let site = ctx.site;
    let job = ctx.write(move |tx| service::look_later(tx, site, &order)).await?;
    begun(&ctx, job)
}

/// Brings in what a job looked at.
pub async fn run(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<JobId>("id", "job")?);
    let input: ImportInput = strict::read(&ctx.body(payload).await?)?;
    let (media, role, partial) = (media_of(&input.media)?, input.author_role, input.partial);
    let job = ctx
        .write(move |tx| {
            tx.authorize(site, Capability::ImportRun)?;
            let looked = jobs::find(tx, Some(site), id)?;
            if !looked.kind.starts_with("import.") {
                return Err(Error::not_found("job"));
            }
            let order = Order::of(&looked)?;
            let order = Order { media: media.clone(), role: role.clone(), partial, looked: id.get(), ..order };
            service::run_later(tx, site, &order)
        })
        .await?;
    begun(&ctx, job)
}
