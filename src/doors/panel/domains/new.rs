//! A name is typed, as people paste it; what it shall do is said in words.

use actix_web::HttpResponse;
use freehold_base::{Capability as C, Code, DomainName, Error, Result, SiteId};
use freehold_platform::sites::domains::{Add, Kind};
use freehold_platform::sites::{self, NewSite, Settings, domains as service, names};
use freehold_store::Tx;
use serde::Serialize;

use super::list;
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct NewView {
    base: String,
    main: String,
    host: String,
    what: String,
    www: bool,
    becomes_main: bool,
    own_site: bool,
    errors: Vec<FieldText>,
    host_error: String,
    inside: bool,
}

/// The form.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None).await?)
}

async fn page(ctx: &Ctx, typed: &Form, e: Option<&Error>) -> Result<HttpResponse> {
    let crumbs = vec![crumb("Domains", Some(ctx.domains_href())), crumb("Add a domain", None)];
    let frame = ctx.frame("Add a domain", crumbs).await?;
    let site = ctx.site;
    let (main, own_site) = ctx
        .read(move |tx| {
            let scope = tx.scope_of(site)?;
            let main = sites::domains(tx, site)?.into_iter().next().map(|d| d.host).unwrap_or_default();
            Ok((main, scope.has(C::AccountSites)))
        })
        .await?;
    let fresh = typed.get("host").is_empty();
    let view = NewView {
        base: ctx.domains_href(),
        main: names::shown(&main),
        host: typed.get("host").to_owned(),
        what: if typed.has("what") { typed.get("what").to_owned() } else { "main".to_owned() },
        www: fresh || typed.has("www"),
        becomes_main: typed.has("becomes_main"),
        own_site,
        errors: e.map(field_texts).unwrap_or_default(),
        host_error: error_at(e, "host"),
        inside: list::records(&ctx.app).1,
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "domains/new.html", &frame, &view)
}

/// Adds what was typed, and goes on to its set-up.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    let typed = form.clone();
    let site = ctx.site;
    let added = ctx.write(move |tx| put(tx, site, &typed)).await;
    match added {
        Ok((site, name)) if names::is_local(&name) => Ok(ctx.go(&format!("/admin/s/{site}/domains?done=added"))),
        Ok((site, name)) => Ok(ctx.go(&format!("/admin/s/{site}/domains/{name}?done=added"))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, Some(&e)).await?),
        Err(Error::Refused { code: code @ (Code::DomainTaken | Code::DomainOverlaps), detail }) => {
            let e = Error::invalid("host", code, detail);
            Ok(page(&ctx, &form, Some(&e)).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// The name, its `www.` where wished, and where it stands now: an own site is a new one.
fn put(tx: &mut Tx<'_>, site: SiteId, form: &Form) -> Result<(SiteId, DomainName)> {
    let name = sites::name_typed(form.get("host"))?;
    let what = form.get("what");
    if what == "site" {
        return own_site(tx, site, &name, form);
    }
    let kind = if matches!(what, "alias" | "main") { Kind::Alias } else { Kind::Redirect };
    let new = Add { name: name.clone(), kind, becomes_main: what == "main" };
    service::add(tx, site, &new)?;
    add_www(tx, site, &name, form)?;
    Ok((site, name))
}

/// A site of its own in the same account, with its own root: never a folder of this one (row H023).
fn own_site(tx: &mut Tx<'_>, site: SiteId, name: &DomainName, form: &Form) -> Result<(SiteId, DomainName)> {
    if name.is_wildcard() {
        return Err(Error::invalid("host", Code::Malformed, "one name for a site of its own, without a star"));
    }
    let account = tx.authorize(site, C::DomainsManage)?.account();
    let title = names::shown(name.as_str());
    let new = NewSite { account, title, host: name.host().clone(), settings: Settings::default() };
    let made = sites::create(tx, &new)?;
    service::look_now(tx, made, name.as_str())?;
    add_www(tx, made, name, form)?;
    Ok((made, name.clone()))
}

/// `www.` before a registered name leads to it. Where it stands already, here or elsewhere, it stays as it is.
fn add_www(tx: &mut Tx<'_>, site: SiteId, name: &DomainName, form: &Form) -> Result<()> {
    if !form.has("www") || name.is_wildcard() || names::is_local(name) || !names::is_registered(name.as_str()) {
        return Ok(());
    }
    let www = DomainName::parse(&format!("www.{name}"))?;
    if service::named(tx, site, www.as_str()).is_ok() {
        return Ok(());
    }
    match service::add(tx, site, &Add { name: www, kind: Kind::Redirect, becomes_main: false }) {
        Err(Error::Refused { code: Code::DomainTaken | Code::DomainOverlaps, .. }) | Ok(_) => Ok(()),
        Err(e) => Err(e),
    }
}
