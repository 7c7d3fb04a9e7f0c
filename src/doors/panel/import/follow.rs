//! From the look to the report: one page whose address holds the job's number.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, Error, JobId, Result, SiteId};
use freehold_platform::jobs::{self, Job};
use freehold_platform::sites::settings;
use freehold_publishing::import::Report;
use freehold_publishing::import::jobs::{self as service, Media, Order, RUN};
use freehold_store::Tx;
use serde::Serialize;

use super::parts::{Part, parts};
use super::{Step, size, steps};
use crate::panel::auth::{FieldText, field_texts};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::panel::jobs::one::{JobCard, Numbers};
use crate::panel::jobs::words;

/// Notes that the page shows.
const NOTES: usize = 200;

#[derive(Serialize)]
struct FollowView {
    action: String,
    home: String,
    steps: Vec<Step>,
    /// `look`, `looked`, `look-failed`, `run`, `done`, `failed` or `stopped`.
    stage: &'static str,
    file: String,
    size: String,
    title: String,
    address: String,
    card: JobCard,
    live: bool,
    stopping: bool,
    message: String,
    incomplete: String,
    parts: Vec<Part>,
    files: bool,
    media: String,
    role: String,
    roles: Vec<RoleView>,
    errors: Vec<FieldText>,
    summary: String,
    took: String,
    ended: Option<TimeView>,
    notes: Vec<NoteView>,
    more_notes: u64,
    site_url: String,
    busy: bool,
}

#[derive(Serialize)]
struct RoleView {
    value: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct NoteView {
    kind: String,
    item: String,
    why: String,
}

const ROLES: &[RoleView] = &[
    RoleView { value: "subscriber", label: "Subscriber: reads" },
    RoleView { value: "contributor", label: "Contributor: writes for review" },
    RoleView { value: "author", label: "Author: writes and publishes own posts" },
    RoleView { value: "editor", label: "Editor: everything that is written" },
];

/// The page.
pub async fn show(ctx: Ctx, path: Path<Numbers>) -> Reply {
    Ok(page(&ctx, path.id(), &Form::default(), None).await?)
}

async fn page(ctx: &Ctx, id: JobId, form: &Form, e: Option<&Error>) -> Result<HttpResponse> {
    let (app, site) = (ctx.app.clone(), ctx.site);
    let found = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            Found::read(tx, site, id, origin)
        })
        .await?;
    let view = found.view(site, form, e);
    let home = view.home.clone();
    let frame = ctx.frame("Import", vec![crumb("Import", Some(home)), crumb(&view.file, None)]).await?;
    ctx.page(if e.is_some() { 422 } else { 200 }, "import/follow.html", &frame, &view)
}

/// A job of an import with what is known beside it.
struct Found {
    job: Job,
    order: Order,
    report: Option<Report>,
    origin: String,
    busy: bool,
    here: String,
    ended: Option<TimeView>,
}

impl Found {
    fn read(tx: &mut Tx<'_>, site: SiteId, id: JobId, origin: String) -> Result<Self> {
        let (job, order) = find(tx, site, id)?;
        let mut report: Option<Report> = serde_json::from_str(&job.result).ok();
        if report.is_none() && order.looked > 0 {
            // While it runs, what the look found tells what is to come.
            let looked = jobs::find(tx, Some(site), JobId(order.looked)).ok();
            report = looked.and_then(|job| serde_json::from_str(&job.result).ok());
        }
        let scope = tx.scope_of(site)?;
        let here = settings::read(tx, scope)?.general.title;
        let busy = service::running(tx, site)?.is_some_and(|running| running.id != id);
        let ended = (job.ended_at.ms() > 0).then(|| time_view(job.ended_at, tx.now()));
        Ok(Self { job, order, report, origin, busy, here, ended })
    }

    fn stage(&self) -> &'static str {
        match (self.job.kind == RUN, self.job.state.as_str()) {
            (false, "done") => "looked",
            (false, "failed" | "cancelled") => "look-failed",
            (false, _) => "look",
            (true, "done") => "done",
            (true, "failed") => "failed",
            (true, "cancelled") => "stopped",
            (true, _) => "run",
        }
    }

    fn view(self, site: SiteId, form: &Form, e: Option<&Error>) -> FollowView {
        let stage = self.stage();
        let home = format!("/admin/s/{site}/import");
        let action = format!("{home}/{}", self.job.id);
        let step = match stage {
            "look" | "looked" | "look-failed" => 1,
            "done" => 3,
            _ => 2,
        };
        let report = self.report.unwrap_or_default();
        let typed = |name: &str, otherwise: &str| match form.get(name) {
            "" => otherwise.to_owned(),
            value => value.to_owned(),
        };
        let notes = report.notes.iter().take(NOTES);
        FollowView {
            card: JobCard::of(&self.job, format!("/admin/s/{site}/jobs/{}", self.job.id)),
            steps: steps(step),
            file: self.order.name.clone(),
            size: if self.order.bytes > 0 { size(self.order.bytes) } else { String::new() },
            title: if report.title.is_empty() { self.order.name.clone() } else { report.title.clone() },
            address: report.address.clone(),
            live: matches!(stage, "look" | "run"),
            stopping: self.job.cancel_asked,
            message: self.job.message.clone(),
            incomplete: report.incomplete.clone().unwrap_or_default(),
            parts: parts(&report),
            files: report.kinds.contains_key("attachment"),
            media: typed("media", "download"),
            role: typed("author_role", "author"),
            roles: ROLES.iter().map(|r| RoleView { value: r.value, label: r.label }).collect(),
            errors: e.map(field_texts).unwrap_or_default(),
            summary: format!("{} into {}", words::result(&self.job), self.here),
            took: words::took(&self.job),
            ended: self.ended,
            notes: notes.map(|n| NoteView { kind: n.kind.clone(), item: n.item.clone(), why: n.why.clone() }).collect(),
            more_notes: report.more_notes + (report.notes.len().saturating_sub(NOTES)) as u64,
            site_url: self.origin,
            busy: self.busy,
            stage,
            action,
            home,
        }
    }
}

/// A job of the site that belongs to an import, with its order.
fn find(tx: &mut Tx<'_>, site: SiteId, id: JobId) -> Result<(Job, Order)> {
    let job = jobs::find(tx, Some(site), id)?;
    if !job.kind.starts_with("import.") {
        return Err(Error::not_found("job"));
    }
    let order = Order::of(&job)?;
    Ok((job, order))
}

/// One of the page's buttons.
pub async fn act(ctx: Ctx, path: Path<Numbers>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.id());
    let typed = form.clone();
    let next = match ctx.write(move |tx| run(tx, site, id, &typed)).await {
        Ok(next) => next,
        Err(e @ Error::Invalid(_)) => return Ok(page(&ctx, id, &form, Some(&e)).await?),
        Err(e) => return Err(e.into()),
    };
    Ok(ctx.go(&format!("/admin/s/{site}/import/{next}")))
}

/// Does it; gives the job to follow from here on.
fn run(tx: &mut Tx<'_>, site: SiteId, id: JobId, form: &Form) -> Result<JobId> {
    let (job, order) = find(tx, site, id)?;
    match form.get("do") {
        "run" => {
            let media = match form.get("media") {
                "download" => Media::Download,
                "link" => Media::Link,
                "skip" => Media::Skip,
                _ => return Err(Error::invalid("media", Code::NotAllowed, "download, link, skip")),
            };
            let role = form.get("author_role").to_owned();
            service::run_later(tx, site, &Order { media, role, looked: id.get(), ..order })
        }
        // Only what is complete of a file that ends too early.
        "partial" => service::look_later(tx, site, &Order { partial: true, ..order }),
        "again" => jobs::retry(tx, Some(site), id).map(|()| job.id),
        "stop" => jobs::cancel(tx, Some(site), id).map(|()| job.id),
        _ => Err(Error::invalid("do", Code::NotAllowed, "the buttons of the page")),
    }
}
