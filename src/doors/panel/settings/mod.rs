//! Settings of a site, a page for each group. What every page does stands here; what it holds, in `fields`.

pub mod danger;
mod choices;
mod fields;

pub use choices::zone_names;

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Capability as C, Error, Result, SiteId};
use freehold_platform::sites::{self, Settings, settings};
use freehold_store::Tx;
use serde::Serialize;

use self::choices::Choices;
use self::fields::{PAGES, SettingsPage};
use super::auth::{FieldText, field_texts};
use super::build_frame::crumb;
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct SettingsView {
    tabs: Vec<Tab>,
    action: String,
    base: String,
    main_url: String,
    /// Values by field.
    v: BTreeMap<&'static str, String>,
    /// Refusals by field.
    e: BTreeMap<&'static str, String>,
    errors: Vec<FieldText>,
    choices: Choices,
}

/// The tabs of the settings; deleting is the account's business.
fn tabs(ctx: &Ctx, current: &str, may_delete: bool, of_files: bool) -> Vec<Tab> {
    let base = format!("{}/settings", ctx.base());
    let tab = |name: &str, label| Tab { label, href: format!("{base}/{name}"), current: name == current };
    let mut tabs: Vec<Tab> =
        PAGES.iter().filter(|p| !of_files || p.name == "general").map(|p| tab(p.name, p.label)).collect();
    if ctx.actor.grants.on_server().has(C::ServerManage) {
        tabs.push(Tab { label: "Mail", href: "/admin/server/settings".into(), current: false });
    }
    if may_delete {
        tabs.push(tab("delete", "Delete"));
    }
    tabs
}

/// `/settings`: its first page.
pub async fn first(ctx: Ctx) -> Reply {
    Ok(ctx.go(&format!("{}/settings/general", ctx.base())))
}

fn page_of(name: &str) -> Result<&'static SettingsPage> {
    PAGES.iter().find(|p| p.name == name).ok_or_else(|| Error::not_found("page"))
}

/// One page.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    Ok(render(&ctx, page_of(&path.1)?, None).await?)
}

/// Whether a site is made of files: most of the settings are about pages that it has not.
fn is_of_files(tx: &mut Tx<'_>, site: SiteId) -> Result<bool> {
    let scope = tx.scope_of(site)?;
    Ok(freehold_store::sites::find(tx, scope)?.kind == "static")
}

fn read(tx: &mut Tx<'_>, site: SiteId) -> Result<(Settings, bool)> {
    let scope = tx.authorize(site, C::SettingsManage)?;
    Ok((settings::read(tx, scope)?, scope.has(C::AccountSites)))
}

/// `wrong`: what was typed, and why it was refused.
async fn render(ctx: &Ctx, page: &'static SettingsPage, wrong: Option<(&Form, &Error)>) -> Result<HttpResponse> {
    let settings_href = format!("{}/settings", ctx.base());
    let frame = ctx.frame(page.label, vec![crumb("Settings", Some(settings_href)), crumb(page.label, None)]).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let (now, may_delete, choices, main_url, of_files) = ctx
        .read(move |tx| {
            let of_files = is_of_files(tx, site)?;
            let (now, may_delete) = read(tx, site)?;
            let choices = Choices::of(tx, site, page.name, &now)?;
            Ok((now, may_delete, choices, app.origin_of(tx, site)?, of_files))
        })
        .await?;
    let mut v: BTreeMap<&'static str, String> = (page.values)(&now).into_iter().collect();
    let mut e: BTreeMap<&'static str, String> = v.keys().map(|name| (*name, String::new())).collect();
    if let Some((typed, error)) = wrong {
        for (name, value) in &mut v {
            typed.get(name).clone_into(value);
        }
        for field in error.fields() {
            if let Some(text) = e.get_mut(&*field.field) {
                *text = field.sentence();
            }
        }
    }
    let view = SettingsView {
        tabs: tabs(ctx, page.name, may_delete, of_files),
        action: format!("{}/settings/{}", ctx.base(), page.name),
        base: ctx.base(),
        main_url,
        v,
        e,
        errors: wrong.map(|(_, e)| field_texts(e)).unwrap_or_default(),
        choices,
    };
    ctx.page(if wrong.is_some() { 422 } else { 200 }, page.template, &frame, &view)
}

/// Saves one page; the rest of the settings stays as it is.
pub async fn save(ctx: Ctx, path: Path<(i64, String)>, form: Form) -> Reply {
    let page = page_of(&path.1)?;
    let (site, typed) = (ctx.site, form.clone());
    let saved = ctx
        .write(move |tx| {
            let (mut wanted, _) = read(tx, site)?;
            (page.apply)(&mut wanted, &typed)?;
            settings::save(tx, site, &wanted)
        })
        .await;
    match saved {
        Ok(_) => Ok(ctx.go(&format!("{}/settings/{}?done=settings", ctx.base(), page.name))),
        Err(e @ Error::Invalid(_)) => Ok(render(&ctx, page, Some((&form, &e))).await?),
        Err(e) => Err(e.into()),
    }
}

/// Takes the person's last change back.
pub async fn undo(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let page = page_of(&path.1)?;
    let site = ctx.site;
    ctx.write(move |tx| sites::undo::last(tx, site)).await?;
    Ok(ctx.go(&format!("{}/settings/{}?done=undone", ctx.base(), page.name)))
}

/// The address that a typed pattern gives the newest post, while it is typed.
pub async fn example(ctx: Ctx) -> Reply {
    let (site, pattern) = (ctx.site, ctx.param("custom").unwrap_or_default());
    let view = ctx
        .read(move |tx| {
            let (now, _) = read(tx, site)?;
            choices::example(tx, site, &now, &pattern)
        })
        .await?;
    Ok(ctx.page(200, "settings/example.html", &super::frame::Frame::plain(""), &view)?)
}
