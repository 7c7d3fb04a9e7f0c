//! Themes of a site: which it can choose, which it has, what the theme check says; adding and removing.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use freehold_base::{Code, Error, Result, SiteId};
use freehold_publishing::gallery::jobs::install_later;
use freehold_publishing::gallery::{self, Card, NOT_HERE, Owner};
use freehold_publishing::themes::Origin;
use freehold_publishing::themes::check::{Finding, Report};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::files::JobRef;
use super::strict;
use crate::panel::themes::add;
use crate::web::multipart::blocking;

/// Parameters of the list.
pub const QUERY: &[&str] = &["fields"];

/// A theme that a site can choose.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThemeView {
    /// How it is known: its folder's name, with `@` and the site's number where it is the site's own.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Who made it.
    pub author: String,
    /// One sentence.
    pub description: String,
    /// The folder of the theme it builds on; empty for none.
    pub parent: String,
    /// `shipped`, `edited` (shipped, and changed on this server), `added` (for all sites) or `own` (for this site).
    pub origin: String,
    /// Whether the site is drawn by it.
    pub active: bool,
    /// What is wrong with its newest version; null where nothing is.
    pub problem: Option<String>,
}

/// What the theme check says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThemeReport {
    /// Whether the theme can be used.
    pub passes: bool,
    /// Bytes of style that every page loads.
    pub css_bytes: usize,
    /// The same packed.
    pub css_packed_bytes: usize,
    /// Findings, errors first.
    pub findings: Vec<FindingView>,
}

/// One finding of the theme check.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// `error`, `warning` or `note`.
    pub level: String,
    /// Its kind: `unknown-name`, `safe`, `a11y-alt` …
    pub code: String,
    /// The file, with the theme's name in front.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// The line itself.
    pub snippet: String,
}

/// A theme with what the theme check says of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThemeWithReport {
    /// The theme.
    #[serde(flatten)]
    pub theme: ThemeView,
    /// What the check says.
    pub check: ThemeReport,
}

/// Which theme a site shall have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeInput {
    /// How it is known.
    pub name: String,
}

impl From<&Card> for ThemeView {
    fn from(card: &Card) -> Self {
        let about = card.manifest().map(|manifest| manifest.theme.clone()).unwrap_or_default();
        Self {
            name: card.name.clone(),
            title: card.title(),
            version: about.version,
            author: about.author,
            description: about.description,
            parent: about.parent,
            origin: origin(card.origin).to_owned(),
            active: card.active,
            problem: card.problem.as_ref().map(ToString::to_string),
        }
    }
}

/// The word for where a theme comes from.
pub(crate) const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Shipped => "shipped",
        Origin::Edited => "edited",
        Origin::Added => "added",
        Origin::Own => "own",
    }
}

impl From<&Report> for ThemeReport {
    fn from(report: &Report) -> Self {
        Self {
            passes: report.passes(),
            css_bytes: report.css.0,
            css_packed_bytes: report.css.1,
            findings: report.findings.iter().map(FindingView::from).collect(),
        }
    }
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        let problem = &finding.problem;
        Self {
            level: finding.level.name().to_owned(),
            code: finding.code.to_owned(),
            file: problem.file.clone(),
            line: problem.line,
            message: problem.message.clone(),
            snippet: problem.snippet.clone(),
        }
    }
}

/// The themes that the site can choose, the one it has first.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let cards = ctx.read(move |tx| gallery::list(tx, app.pages.themes(), site)).await?;
    let list = List { items: cards.iter().map(ThemeView::from).collect::<Vec<_>>(), next: None };
    Ok(ok(&list, query.get("fields"))?)
}

async fn card(ctx: &ApiCtx, name: String) -> Result<Card> {
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.read(move |tx| gallery::find(tx, app.pages.themes(), site, &name)).await
}

/// One theme with what the theme check says of it.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let card = card(&ctx, ctx.text("name")).await?;
    let (desk, name) = (ctx.app.gallery.clone(), card.name.clone());
    let report = blocking(move || Ok(desk.report(&name))).await?;
    let view = ThemeWithReport { theme: ThemeView::from(&card), check: ThemeReport::from(&*report) };
    Ok(ok(&view, None)?)
}

/// Gives the site another theme.
pub async fn choose(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: ThemeInput = strict::read(&ctx.body(payload).await?)?;
    let (site, app, name) = (ctx.site, ctx.app.clone(), input.name.clone());
    ctx.write(move |tx| gallery::activate(tx, app.pages.themes(), site, &name)).await.map_err(|e| match e {
        Error::Invalid(fields) => Error::Invalid(
            fields.into_iter().map(|f| freehold_base::FieldError { field: "name".into(), ..f }).collect(),
        ),
        e => e,
    })?;
    Ok(ok(&ThemeView::from(&card(&ctx, input.name).await?), None)?)
}

/// Lets a theme be installed: for all sites by whoever runs the server, else for this site where the configuration lets
/// its people do so.
pub async fn install(ctx: ApiCtx, request: HttpRequest, payload: Payload) -> ApiReply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let owner = ctx.read(move |tx| app.gallery.shelves.may_add(tx, site)).await?;
    let whose = match owner {
        Some(Owner::Everybody) => SiteId(0),
        Some(Owner::Site(site)) => site,
        None => return Err(Error::refused(Code::WrongState, NOT_HERE).into()),
    };
    let order = add::read(&ctx.app.arrivals, &request, payload).await?.order(whose)?;
    let app = ctx.app.clone();
    let job = ctx.write(move |tx| install_later(tx, &app.gallery.shelves, &order)).await?;
    let location = match whose {
        SiteId(0) => format!("/api/v1/jobs/{job}"),
        site => format!("/api/v1/sites/{site}/jobs/{job}"),
    };
    Ok(created(&JobRef { job: job.get() }, &location)?)
}

/// Removes a theme that was added.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let card = card(&ctx, ctx.text("name")).await?;
    let (app, name) = (ctx.app.clone(), card.name.clone());
    ctx.write(move |tx| app.gallery.shelves.check_remove(tx, app.pages.themes(), &name)).await?;
    let desk = ctx.app.gallery.clone();
    blocking(move || desk.remove(&card.name)).await?;
    Ok(done())
}
