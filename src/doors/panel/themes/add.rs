//! Adding a theme: a file or an address, then a page that says what came of it.

use actix_multipart::Multipart;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, web};
use freehold_base::{Code, Error, JobId, Result, SiteId};
use freehold_host::arrivals::Arriving;
use freehold_platform::jobs::{self, Job};
use freehold_publishing::gallery::jobs::{INSTALL, MAX_ARCHIVE_BYTES, Order, Place, Report, install_later};
use freehold_publishing::gallery::{NOT_HERE, Owner};
use freehold_store::Tx;
use futures_util::StreamExt as _;
use serde::Serialize;

use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::jobs::one::{JobCard, Numbers};
use crate::panel::media::upload::wants_json;
use crate::web::limits::{BodyRules, GuardedBody};
use crate::web::multipart::{self, blocking, broken, text};

#[derive(Serialize)]
struct AddView {
    action: String,
    back_href: String,
    /// `all sites`, `this site`; empty where the person may add none.
    add_for: &'static str,
    limit: String,
    errors: Vec<FieldText>,
    address: String,
    name: String,
    replace: bool,
    address_error: String,
    name_error: String,
}

/// What was typed.
#[derive(Clone, Default)]
pub(crate) struct Typed {
    pub address: String,
    pub name: String,
    pub replace: bool,
    /// A file that came in: where it lies and how it is called.
    pub sent: Option<(String, String)>,
}

impl Typed {
    /// What the job is to do.
    ///
    /// # Errors
    /// `Invalid("file")` where there is neither a file nor an address.
    pub fn order(self, site: SiteId) -> Result<Order> {
        let (place, source) = match (self.sent, self.address.trim()) {
            (Some((kept, file)), _) => (Place::Sent(kept), file),
            (None, "") => return Err(Error::invalid("file", Code::Required, "")),
            (None, address) => (Place::Address(address.to_owned()), address.to_owned()),
        };
        Ok(Order { place, source, name: self.name.trim().to_owned(), site, replace: self.replace })
    }
}

/// For whom the person may add a theme; none where themes are added by whoever runs the server.
async fn owner(ctx: &Ctx) -> Result<Option<Owner>> {
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.read(move |tx| app.gallery.shelves.may_add(tx, site)).await
}

fn site_of(owner: Owner) -> SiteId {
    match owner {
        Owner::Everybody => SiteId(0),
        Owner::Site(site) => site,
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let owner = owner(&ctx).await?;
    Ok(page(&ctx, owner, &Typed::default(), None).await?)
}

async fn page(ctx: &Ctx, owner: Option<Owner>, typed: &Typed, e: Option<&Error>) -> Result<HttpResponse> {
    let crumbs = vec![crumb("Themes", Some(ctx.gallery_href())), crumb("Add a theme", None)];
    let frame = ctx.frame("Add a theme", crumbs).await?;
    let view = AddView {
        action: format!("{}/theme-add", ctx.base()),
        back_href: ctx.gallery_href(),
        add_for: match owner {
            Some(Owner::Everybody) => "all sites",
            Some(Owner::Site(_)) => "this site",
            None => "",
        },
        limit: format!("{} MB", MAX_ARCHIVE_BYTES / 1_000_000),
        errors: e.map(field_texts).unwrap_or_default(),
        address: typed.address.clone(),
        name: typed.name.clone(),
        replace: typed.replace,
        address_error: error_at(e, "address"),
        name_error: error_at(e, "name"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "themes/add.html", &frame, &view)
}

#[derive(Serialize)]
struct Begun {
    id: JobId,
    next: String,
}

/// Takes a file or an address and lets it be installed.
pub async fn store(ctx: Ctx, request: HttpRequest, payload: web::Payload) -> Reply {
    let owner = owner(&ctx).await?;
    let Some(whose) = owner else { return Err(Error::refused(Code::WrongState, NOT_HERE).into()) };
    let typed = read(&ctx.app.arrivals, &request, payload).await?;
    let app = ctx.app.clone();
    let begun = match typed.clone().order(site_of(whose)) {
        Ok(order) => ctx.write(move |tx| install_later(tx, &app.gallery.shelves, &order)).await,
        Err(e) => Err(e),
    };
    match begun {
        Ok(id) => {
            let next = format!("{}/theme-jobs/{id}", ctx.base());
            if wants_json(&request) {
                return Ok(HttpResponse::Ok().json(Begun { id, next }));
            }
            Ok(ctx.go(&next))
        }
        Err(e @ Error::Invalid(_)) if !wants_json(&request) => Ok(page(&ctx, owner, &typed, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// Reads the form; a file goes to the disk as it comes.
pub(crate) async fn read(
    arrivals: &freehold_host::arrivals::Arrivals,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Typed> {
    let rules = BodyRules::up_to(MAX_ARCHIVE_BYTES + (1 << 20));
    let mut form = Multipart::new(request.headers(), GuardedBody::new(payload, rules));
    let mut typed = Typed::default();
    while let Some(field) = form.next().await {
        let field = field.map_err(|e| broken(&e, rules))?;
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
        match (name.as_str(), file) {
            ("file", Some(file)) if !file.is_empty() && typed.sent.is_none() => {
                let begun = arrivals.clone();
                let arriving = blocking(move || begun.begin(MAX_ARCHIVE_BYTES)).await?;
                let arriving = multipart::file(field, rules, arriving, Arriving::write).await??;
                let kept = blocking(move || arriving.keep()).await?;
                typed.sent = Some((kept, file.chars().take(200).collect()));
            }
            (known, _) => {
                let value = text(field, rules).await?;
                match known {
                    "address" => typed.address = value,
                    "name" => typed.name = value,
                    "replace" => typed.replace = !value.is_empty(),
                    _ => {}
                }
            }
        }
    }
    Ok(typed)
}

#[derive(Serialize)]
struct FollowView {
    card: JobCard,
    source: String,
    /// `run`, `done`, `failed`.
    stage: &'static str,
    message: String,
    report: Report,
    theme_href: String,
    preview_href: String,
    add_href: String,
    back_href: String,
    /// Whether the theme is one that this site can choose.
    here: bool,
}

/// A job of the site, or of the installation for who may see those.
fn find(tx: &mut Tx<'_>, site: SiteId, id: JobId) -> Result<(Job, Order)> {
    let job = match jobs::find(tx, Some(site), id) {
        Err(e) if e.as_code() == Code::NotFound => jobs::find(tx, None, id).map_err(|_| Error::not_found("job"))?,
        found => found?,
    };
    if job.kind != INSTALL {
        return Err(Error::not_found("job"));
    }
    let order = Order::of(&job)?;
    Ok((job, order))
}

/// How far it is, and what came of it.
pub async fn follow(ctx: Ctx, path: Path<Numbers>) -> Reply {
    let (site, id) = (ctx.site, path.id());
    let (job, order) = ctx.read(move |tx| find(tx, site, id)).await?;
    let stage = match job.state.as_str() {
        "done" => "done",
        "failed" | "cancelled" => "failed",
        _ => "run",
    };
    let report: Report = serde_json::from_str(&job.result).unwrap_or_default();
    let theme_href = format!("{}/{}", ctx.gallery_href(), report.theme);
    let jobs_href = match order.site {
        SiteId(0) => format!("/admin/server/jobs/{id}"),
        _ => format!("{}/theme-jobs/{id}", ctx.base()),
    };
    let view = FollowView {
        card: JobCard::of(&job, jobs_href),
        source: order.source,
        stage,
        message: if job.message.is_empty() { "It was stopped.".to_owned() } else { job.message.clone() },
        here: ctx.app.pages.themes().offers(site, &report.theme),
        preview_href: format!("{theme_href}/preview"),
        theme_href,
        report,
        add_href: format!("{}/theme-add", ctx.base()),
        back_href: ctx.gallery_href(),
    };
    let crumbs = vec![crumb("Themes", Some(view.back_href.clone())), crumb("Add a theme", None)];
    let frame = ctx.frame("Add a theme", crumbs).await?;
    Ok(ctx.page(200, "themes/follow.html", &frame, &view)?)
}
