//! A new site: by the hosting admin for anybody, by account owners for themselves.

use actix_web::HttpResponse;
use freehold_base::error::Refusals;
use freehold_base::{AccountId, Code, Error, PlanId, ResellerId, Result, SiteId};
use freehold_platform::customers::accounts;
use freehold_platform::sites::{self, Settings};
use freehold_publishing::starts::Start;
use freehold_store::Tx;
use serde::Serialize;

use super::app::App;
use super::auth::{FieldText, error_at, field_texts};
use super::build_frame::crumb;
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::opening::{self, FirstSite, NewCustomer};
use freehold_base::HostName;

#[derive(Serialize)]
struct NewSiteView {
    title: String,
    host: String,
    accounts: Vec<OptionView>,
    account: String,
    owner: String,
    start: String,
    may_open: bool,
    mail: bool,
    errors: Vec<FieldText>,
    title_error: String,
    host_error: String,
    owner_error: String,
}

#[derive(Serialize)]
struct OptionView {
    value: String,
    label: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None).await?)
}

async fn page(ctx: &Ctx, typed: &Form, e: Option<&Error>) -> Result<HttpResponse> {
    let may_open = ctx.actor.grants.on_server().has(freehold_base::Capability::ServerManage);
    let own = ctx.read(accounts::own).await?;
    let frame = ctx.frame("New site", vec![crumb("New site", None)]).await?;
    let option = |value: String, label: String| OptionView { value, label };
    let mut accounts: Vec<OptionView> =
        own.into_iter().map(|a| option(a.id.to_string(), format!("Account {}", a.title))).collect();
    if may_open {
        accounts.push(option("new".into(), "A new account for somebody else".into()));
    }
    let view = NewSiteView {
        title: typed.get("title").to_owned(),
        host: typed.get("host").to_owned(),
        accounts,
        account: if typed.has("account") {
            typed.get("account").to_owned()
        } else {
            ctx.param("account").unwrap_or_default()
        },
        owner: typed.get("owner").to_owned(),
        start: if typed.has("start") { typed.get("start").to_owned() } else { "journal".to_owned() },
        may_open,
        mail: ctx.app.outbox.is_on(),
        errors: e.map(field_texts).unwrap_or_default(),
        title_error: error_at(e, "title"),
        host_error: error_at(e, "host"),
        owner_error: error_at(e, "owner"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "server/new_site.html", &frame, &view)
}

/// What was typed, checked as far as that goes without the database.
struct Wanted {
    title: String,
    /// None: `NAME.localhost`.
    host: Option<HostName>,
    account: Option<AccountId>,
    owner: String,
    start: Start,
    settings: Settings,
}

fn wanted(form: &Form) -> Result<Wanted> {
    let mut refused = Refusals::default();
    let title = refused.take(freehold_base::text::required_line("title", form.get("title"), 120))?;
    let host = match form.get("host").trim() {
        "" => None,
        typed => refused.take(sites::host_typed(typed))?,
    };
    let account = form.get("account").parse().ok();
    let owner = match account {
        Some(_) => String::new(),
        None => refused.take(freehold_base::text::email("owner", form.get("owner")))?.unwrap_or_default(),
    };
    refused.check()?;
    let mut settings = Settings::default();
    settings.general.timezone =
        form.get("time_zone").parse::<chrono_tz::Tz>().map_or("UTC", |zone| zone.name()).to_owned();
    if let Some(language) = sites::language(form.get("language")) {
        settings.general.locale = language;
    }
    Ok(Wanted {
        title: title.unwrap_or_default(),
        host,
        account,
        owner,
        start: Start::by_name(form.get("start")),
        settings,
    })
}

/// Makes the site; a new account and its owner's invitation with it.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let of_files = form.get("start") == "files";
    let made = match wanted(&form) {
        Ok(wanted) => {
            let app = ctx.app.clone();
            let from = ctx.person.as_ref().map(|p| p.name.clone()).unwrap_or_default();
            ctx.write(move |tx| make(&app, tx, &from, &wanted)).await
        }
        Err(e) => Err(e),
    };
    match made {
        Ok(site) if of_files => Ok(ctx.go(&format!("/admin/s/{site}?done=site-files"))),
        Ok(site) => Ok(ctx.go(&format!("/admin/s/{site}?done=site"))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, Some(&e)).await?),
        Err(Error::Refused { code: code @ (Code::DomainTaken | Code::DomainOverlaps), detail }) => {
            let e = Error::invalid("host", code, detail);
            Ok(page(&ctx, &form, Some(&e)).await?)
        }
        Err(e) => Err(e.into()),
    }
}

fn make(app: &App, tx: &mut Tx<'_>, from: &str, wanted: &Wanted) -> Result<SiteId> {
    let site = FirstSite { host: wanted.host.clone(), start: wanted.start, settings: wanted.settings.clone() };
    if let Some(account) = wanted.account {
        return opening::first_site(tx, account, &wanted.title, &site);
    }
    let new = NewCustomer {
        title: wanted.title.clone(),
        owner: Some(wanted.owner.clone()),
        owner_name: String::new(),
        plan: PlanId(0),
        reseller: ResellerId(0),
        site: Some(site),
    };
    opening::open(app, tx, from, &new)?.site.ok_or_else(|| Error::not_found("site"))
}
