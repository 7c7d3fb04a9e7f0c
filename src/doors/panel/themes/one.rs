//! One theme: what it is, what the theme check says of it, and what can be done with it.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::Path;
use freehold_base::{Error, Result};
use freehold_publishing::gallery::{self, Card, Owner};
use freehold_publishing::themes::Origin;
use freehold_publishing::themes::check::{Level, Report};
use freehold_publishing::themes::live::split;
use serde::Serialize;

use super::code::{LinkView, drifts};
use super::{CardView, around};
use crate::panel::auth::{FieldText, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::web::multipart::blocking;

#[derive(Serialize)]
struct OneView {
    theme: CardView,
    back_href: String,
    licence: String,
    parent: String,
    package_href: String,
    /// Whether the person may take it away.
    can_remove: bool,
    findings: Vec<FindingView>,
    errors: usize,
    warnings: usize,
    css: String,
    code_href: String,
    /// Whether the person may add a theme that builds on this one.
    can_begin: bool,
    /// The name that was typed for it, and what is wrong with it.
    child: String,
    errors_of_child: Vec<FieldText>,
    /// Files of parents that changed since the theme took them over.
    drifts: Vec<LinkView>,
}

#[derive(Serialize)]
struct FindingView {
    tone: &'static str,
    icon: &'static str,
    level: &'static str,
    place: String,
    message: String,
    snippet: String,
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let (site, app, name) = (ctx.site, ctx.app.clone(), path.1.clone());
    let card = ctx.read(move |tx| gallery::find(tx, app.pages.themes(), site, &name)).await?;
    page(&ctx, &card, None).await
}

/// The page; `child`: the name that was typed for a theme that builds on this one, and why it cannot have it.
pub(super) async fn page(ctx: &Ctx, card: &Card, child: Option<(&str, &Error)>) -> Reply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let (may, (origin, now)) =
        ctx.read(move |tx| Ok((app.gallery.shelves.may_add(tx, site)?, around(tx, &app, site)?))).await?;
    let (desk, name) = (ctx.app.gallery.clone(), card.name.clone());
    let report = blocking(move || Ok(desk.report(&name))).await?;
    let theme = CardView::of(ctx, card, &origin, now);
    let about = card.manifest().map(|manifest| manifest.theme.clone()).unwrap_or_default();
    let added = matches!(card.origin, Origin::Added | Origin::Edited | Origin::Own);
    let theirs = may == Some(Owner::Everybody) || may == Some(Owner::of(&card.name));
    let drifts = if added && theirs { drifts(ctx, &card.name).await? } else { Vec::new() };
    let view = OneView {
        code_href: format!("{}/code", theme.href),
        can_begin: may.is_some() && theme.works,
        child: child.map_or_else(|| format!("{}-of-ours", split(&card.name).0), |(name, _)| name.to_owned()),
        errors_of_child: child.map(|(_, e)| field_texts(e)).unwrap_or_default(),
        drifts,
        back_href: ctx.gallery_href(),
        licence: about.license,
        parent: about.parent,
        package_href: format!("{}/package", theme.href),
        can_remove: added && theirs && (!card.active || card.origin == Origin::Edited),
        errors: report.count(Level::Error),
        warnings: report.count(Level::Warning),
        css: css_words(&report),
        findings: report.findings.iter().map(FindingView::of).collect(),
        theme,
    };
    let crumbs = vec![crumb("Themes", Some(view.back_href.clone())), crumb(&view.theme.title, None)];
    let frame = ctx.frame(&view.theme.title, crumbs).await?;
    let status = child.map_or(200, |(_, e)| e.status());
    let mut answer = ctx.page_with_frames("themes/one.html", &frame, &view, &origin)?;
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    Ok(answer)
}

fn css_words(report: &Report) -> String {
    let kb = |bytes: usize| format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100);
    match report.css {
        (0, _) => String::new(),
        (whole, packed) => format!("{} packed, {} whole", kb(packed), kb(whole)),
    }
}

impl FindingView {
    fn of(finding: &freehold_publishing::themes::check::Finding) -> Self {
        let (tone, icon) = match finding.level {
            Level::Error => ("bad", "circle-x"),
            Level::Warning => ("warn", "triangle-alert"),
            Level::Note => ("info", "info"),
        };
        let problem = &finding.problem;
        let place = match problem.line {
            0 => problem.file.clone(),
            line => format!("{}, line {line}", problem.file),
        };
        Self {
            tone,
            icon,
            level: finding.level.name(),
            place,
            message: problem.message.clone(),
            snippet: problem.snippet.clone(),
        }
    }
}

/// The theme as a zip, as it can be installed elsewhere.
pub async fn package(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let (site, app, name) = (ctx.site, ctx.app.clone(), path.1.clone());
    let card = ctx.read(move |tx| gallery::find(tx, app.pages.themes(), site, &name)).await?;
    let desk = ctx.app.gallery.clone();
    let (name, zip) = blocking(move || desk.zip(&card.name)).await?;
    Ok(sent(&name, zip))
}

fn sent(name: &str, zip: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.zip\"")))
        .body(zip)
}

/// The name of a theme in an address, as it can be known.
pub(super) async fn named(ctx: &Ctx, name: &str) -> Result<gallery::Card> {
    let (site, app, wanted) = (ctx.site, ctx.app.clone(), name.to_owned());
    let found = ctx.read(move |tx| gallery::find(tx, app.pages.themes(), site, &wanted)).await;
    found.map_err(|e| if e.status() == 404 { Error::not_found("theme") } else { e })
}
