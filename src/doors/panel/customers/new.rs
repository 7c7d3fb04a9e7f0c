//! A new account: who it is for, what it may use, where its first site answers.

use actix_web::HttpResponse;
use freehold_base::error::Refusals;
use freehold_base::{AccountId, Code, Error, HostName, PlanId, ResellerId, Result};
use freehold_platform::customers::{plans, resellers};
use freehold_platform::sites::{self, Settings};
use freehold_publishing::starts::Start;
use serde::Serialize;

use super::account::{self, Shown};
use super::list::{HERE, May};
use super::words::{OptionView, is_of_limits};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::inviting::Told;
use crate::panel::opening::{self, FirstSite, NewCustomer, Opened};

#[derive(Serialize)]
struct NewView {
    title: String,
    owner: String,
    plans: Vec<OptionView>,
    plan: String,
    no_plans: bool,
    may_plans: bool,
    resellers: Vec<OptionView>,
    reseller: String,
    host: String,
    start: String,
    mail: bool,
    errors: Vec<FieldText>,
    error: String,
    title_error: String,
    owner_error: String,
    plan_error: String,
    host_error: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None).await?)
}

async fn page(ctx: &Ctx, typed: &Form, e: Option<&Error>) -> Result<HttpResponse> {
    let may = May::of(ctx);
    let (plans, sellers) = ctx.read(|tx| Ok((plans::list(tx)?, resellers::list(tx)?))).await?;
    let crumbs = vec![crumb("Accounts", Some(HERE.into())), crumb("New account", None)];
    let frame = ctx.frame("New account", crumbs).await?;
    let mut options: Vec<OptionView> = plans.iter().map(|(p, _)| OptionView::new(p.id, &p.name)).collect();
    let no_plans = options.is_empty();
    if may.server {
        options.push(OptionView::new(0, "No plan: nothing is limited"));
    }
    let mut sold_by = Vec::new();
    if may.server && !sellers.is_empty() {
        sold_by.push(OptionView::new(0, "This server"));
        sold_by.extend(sellers.iter().map(|r| OptionView::new(r.reseller.id, &r.reseller.name)));
    }
    let is_field = |e: &&Error| matches!(e, Error::Invalid(_));
    let wanted =
        |name: &str| if typed.has(name) { typed.get(name).to_owned() } else { ctx.param(name).unwrap_or_default() };
    let view = NewView {
        title: typed.get("title").to_owned(),
        owner: typed.get("owner").to_owned(),
        plans: options,
        plan: wanted("plan"),
        no_plans,
        may_plans: may.plans,
        resellers: sold_by,
        reseller: wanted("reseller"),
        host: typed.get("host").to_owned(),
        start: if typed.has("start") { typed.get("start").to_owned() } else { "business".to_owned() },
        mail: ctx.app.outbox.is_on(),
        errors: e.filter(is_field).map(field_texts).unwrap_or_default(),
        error: e.filter(|e| !is_field(e)).map(Error::sentence).unwrap_or_default(),
        title_error: error_at(e, "title"),
        owner_error: error_at(e, "owner"),
        plan_error: error_at(e, "plan"),
        host_error: error_at(e, "host"),
    };
    ctx.page(e.map_or(200, Error::status), "customers/new.html", &frame, &view)
}

/// What was typed, checked as far as that goes without the database.
fn wanted(form: &Form) -> Result<NewCustomer> {
    let mut refused = Refusals::default();
    let title = refused.take(freehold_base::text::required_line("title", form.get("title"), 120))?;
    let owner = match form.get("owner").trim() {
        "" => None,
        email => refused.take(freehold_base::text::email("owner", email))?,
    };
    let host: Option<HostName> = match form.get("host").trim() {
        "" => None,
        typed => refused.take(sites::host_typed(typed))?,
    };
    refused.check()?;
    let mut settings = Settings::default();
    settings.general.timezone =
        form.get("time_zone").parse::<chrono_tz::Tz>().map_or("UTC", |zone| zone.name()).to_owned();
    if let Some(language) = sites::language(form.get("language")) {
        settings.general.locale = language;
    }
    let site = match form.get("start") {
        "none" => None,
        start => Some(FirstSite { host, start: Start::by_name(start), settings }),
    };
    let (plan, reseller) = (PlanId(form.number("plan")), ResellerId(form.number("reseller")));
    Ok(NewCustomer { title: title.unwrap_or_default(), owner, owner_name: String::new(), plan, reseller, site })
}

/// Makes the account with its owner's invitation and its first site.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let made = match wanted(&form) {
        Ok(new) => {
            let app = ctx.app.clone();
            let from = ctx.person.as_ref().map(|p| p.name.clone()).unwrap_or_default();
            ctx.write(move |tx| opening::open(&app, tx, &from, &new)).await
        }
        Err(e) => Err(e),
    };
    match made {
        Ok(opened) => answer(&ctx, opened).await,
        Err(Error::Refused { code: Code::DomainTaken, detail }) => {
            let e = Error::invalid("host", Code::DomainTaken, detail);
            Ok(page(&ctx, &form, Some(&e)).await?)
        }
        Err(e) if e.as_code() == Code::EmailMalformed => Ok(page(&ctx, &form, Some(&at_owner(e))).await?),
        Err(e) if matches!(e, Error::Invalid(_)) || is_of_limits(&e) => Ok(page(&ctx, &form, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// The invitation's field is called otherwise on this page.
fn at_owner(e: Error) -> Error {
    Error::invalid("owner", e.as_code(), "")
}

/// Ends on the account's page; an invitation that no mail carries is shown there, once.
async fn answer(ctx: &Ctx, opened: Opened) -> Reply {
    let id: AccountId = opened.account;
    match opened.owner.as_ref().map(|invited| ctx.told(invited)) {
        Some(Told::Link(link, link_for)) => {
            let shown = Shown { link, link_for, made: true, ..Shown::default() };
            Ok(account::page(ctx, id, 200, shown).await?)
        }
        _ => Ok(ctx.go(&format!("{HERE}/{id}?done=account"))),
    }
}
