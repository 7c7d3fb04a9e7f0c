//! The first step: a file.

use actix_web::{HttpRequest, HttpResponse, web};
use freehold_base::{Capability as C, Error, JobId, Result, SiteId};
use freehold_publishing::import::jobs::{self as service, Media, Order};
use serde::Serialize;

use super::upload::{self, Chosen};
use super::{Step, size, steps};
use crate::panel::auth::{FieldText, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::jobs::list::{JobRow, row};
use crate::panel::media::upload::wants_json;

/// Earlier imports that are shown.
const EARLIER: i64 = 5;

#[derive(Serialize)]
struct ChooseView {
    action: String,
    steps: Vec<Step>,
    limit: String,
    errors: Vec<FieldText>,
    put: Vec<PutView>,
    folder: String,
    running_href: String,
    earlier: Vec<JobRow>,
}

#[derive(Serialize)]
struct PutView {
    name: String,
    size: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, 200, None).await?)
}

async fn page(ctx: &Ctx, status: u16, e: Option<&Error>) -> Result<HttpResponse> {
    let frame = ctx.frame("Import", vec![crumb("Import", None)]).await?;
    let site = ctx.site;
    let (running, earlier) = ctx
        .read(move |tx| {
            let now = tx.now();
            let home = format!("/admin/s/{site}/import");
            let running = service::running(tx, site)?.map_or_else(String::new, |job| format!("{home}/{}", job.id));
            let found = service::recent(tx, site, EARLIER)?;
            Ok((running, found.iter().map(|job| row(job, &home, String::new(), now)).collect()))
        })
        .await?;
    let arrivals = &ctx.app.arrivals;
    let runs_it = ctx.actor.grants.on_server().has(C::ServerManage);
    let put = if runs_it { arrivals.put()? } else { Vec::new() };
    let folder = std::path::absolute(arrivals.folder()).unwrap_or_else(|_| arrivals.folder().to_owned());
    let view = ChooseView {
        action: format!("/admin/s/{site}/import"),
        steps: steps(0),
        limit: size(limit(ctx)),
        errors: e.map(field_texts).unwrap_or_default(),
        put: put.into_iter().map(|(name, bytes)| PutView { name, size: size(bytes) }).collect(),
        folder: if runs_it { folder.display().to_string() } else { String::new() },
        running_href: running,
        earlier,
    };
    ctx.page(status, "import/choose.html", &frame, &view)
}

/// Largest export, in bytes.
fn limit(ctx: &Ctx) -> u64 {
    ctx.app.config.limits.import_mb.saturating_mul(1 << 20)
}

/// What a script hears of a file that came in.
#[derive(Serialize)]
struct Sent {
    id: JobId,
    next: String,
}

/// Takes a file in and lets it be looked at.
pub async fn store(ctx: Ctx, request: HttpRequest, payload: web::Payload) -> Reply {
    let chosen = match upload::read(&request, payload, &ctx.app.arrivals, limit(&ctx)).await {
        Ok(chosen) => chosen,
        Err(e @ Error::Invalid(_)) if !wants_json(&request) => return Ok(page(&ctx, 422, Some(&e)).await?),
        Err(e) => return Err(e.into()),
    };
    let id = look(&ctx, ctx.site, chosen).await?;
    let next = format!("/admin/s/{}/import/{id}", ctx.site);
    if wants_json(&request) {
        return Ok(HttpResponse::Ok().json(Sent { id, next }));
    }
    Ok(ctx.go(&next))
}

async fn look(ctx: &Ctx, site: SiteId, chosen: Chosen) -> Result<JobId> {
    let order = Order {
        place: chosen.place,
        name: chosen.name,
        bytes: chosen.bytes,
        media: Media::Skip,
        role: "author".to_owned(),
        partial: false,
        looked: 0,
    };
    ctx.write(move |tx| service::look_later(tx, site, &order)).await
}
