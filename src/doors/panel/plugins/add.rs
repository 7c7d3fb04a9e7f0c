//! Adding a plugin: a file or an address, then a page that says what came of it.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, web};
use freehold_base::{Code, Error, JobId, Result};
use freehold_platform::jobs::{self, Job};
use freehold_publishing::plugins::files::MAX_ARCHIVE_BYTES;
use freehold_publishing::plugins::install::{INSTALL, Order, Outcome, Place, Report, install_later};
use freehold_store::Tx;
use serde::Serialize;

use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::jobs::one::JobCard;
use crate::panel::media::upload::wants_json;
use crate::panel::themes::add::{Typed, read};

const HREF: &str = "/admin/server/plugin-add";
const BACK: &str = "/admin/server/plugins";

#[derive(Serialize)]
struct AddView {
    action: &'static str,
    back_href: &'static str,
    limit: String,
    errors: Vec<FieldText>,
    address: String,
    address_error: String,
}

/// What the job is to do.
///
/// # Errors
/// `Invalid("file")` where there is neither a file nor an address.
pub(crate) fn order(typed: Typed) -> Result<Order> {
    let (place, source) = match (typed.sent, typed.address.trim()) {
        (Some((kept, file)), _) => (Place::Sent(kept), file),
        (None, "") => return Err(Error::invalid("file", Code::Required, "")),
        (None, address) => (Place::Address(address.to_owned()), address.to_owned()),
    };
    Ok(Order { place, source })
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Typed::default(), None).await?)
}

async fn page(ctx: &Ctx, typed: &Typed, e: Option<&Error>) -> Result<HttpResponse> {
    let crumbs = vec![crumb("Plugins", Some(BACK.into())), crumb("Add a plugin", None)];
    let frame = ctx.frame("Add a plugin", crumbs).await?;
    let view = AddView {
        action: HREF,
        back_href: BACK,
        limit: format!("{} MB", MAX_ARCHIVE_BYTES / 1_000_000),
        errors: e.map(field_texts).unwrap_or_default(),
        address: typed.address.clone(),
        address_error: error_at(e, "address"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "plugins/add.html", &frame, &view)
}

#[derive(Serialize)]
struct Begun {
    id: JobId,
    next: String,
}

/// Takes a file or an address and lets it be installed.
pub async fn store(ctx: Ctx, request: HttpRequest, payload: web::Payload) -> Reply {
    let typed = read(&ctx.app.arrivals, &request, payload).await?;
    let app = ctx.app.clone();
    let begun = match order(typed.clone()) {
        Ok(order) => ctx.write(move |tx| install_later(tx, &app.plugins, &order)).await,
        Err(e) => Err(e),
    };
    match begun {
        Ok(id) => {
            let next = format!("/admin/server/plugin-jobs/{id}");
            if wants_json(&request) {
                return Ok(HttpResponse::Ok().json(Begun { id, next }));
            }
            Ok(ctx.go(&next))
        }
        Err(e @ Error::Invalid(_)) if !wants_json(&request) => Ok(page(&ctx, &typed, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

#[derive(Serialize)]
struct FollowView {
    card: JobCard,
    source: String,
    /// `run`, `done`, `failed`.
    stage: &'static str,
    message: String,
    report: Report,
    next_href: String,
    next_label: &'static str,
    add_href: &'static str,
    back_href: &'static str,
}

fn find(tx: &mut Tx<'_>, id: JobId) -> Result<(Job, Order)> {
    let job = jobs::find(tx, None, id)?;
    if job.kind != INSTALL {
        return Err(Error::not_found("job"));
    }
    let order = Order::of(&job)?;
    Ok((job, order))
}

/// How far it is, and what came of it.
pub async fn follow(ctx: Ctx, id: Path<i64>) -> Reply {
    let id = JobId(id.into_inner());
    let (job, order) = ctx.read(move |tx| find(tx, id)).await?;
    let stage = match job.state.as_str() {
        "done" => "done",
        "failed" | "cancelled" => "failed",
        _ => "run",
    };
    let report: Report = serde_json::from_str(&job.result).unwrap_or_default();
    let one = format!("{BACK}/{}", report.plugin);
    let (next_href, next_label) = match report.outcome {
        Outcome::Held => (format!("{one}/consent"), "See what it may do"),
        Outcome::Waits => (format!("{one}/consent"), "See what is different"),
        Outcome::Updated => (one, "Look at it"),
    };
    let view = FollowView {
        card: JobCard::of(&job, format!("/admin/server/jobs/{id}")),
        source: order.source,
        stage,
        message: if job.message.is_empty() { "It was stopped.".to_owned() } else { job.message.clone() },
        report,
        next_href,
        next_label,
        add_href: HREF,
        back_href: BACK,
    };
    let crumbs = vec![crumb("Plugins", Some(BACK.into())), crumb("Add a plugin", None)];
    let frame = ctx.frame("Add a plugin", crumbs).await?;
    Ok(ctx.page(200, "plugins/follow.html", &frame, &view)?)
}
