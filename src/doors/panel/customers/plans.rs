//! Plans: the list, and one of them.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::text::grouped;
use freehold_base::{Error, Features, Page, PageSize, PlanId, ResellerId, Result};
use freehold_platform::customers::accounts;
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::{self, ResellerEdit};
use freehold_platform::limits::{Limits, Resource};
use freehold_store::Tx;
use freehold_store::accounts::AccountFilter;
use freehold_store::plans::Plan;
use serde::Serialize;

use super::limits_form::{self, FeatureCheck, LimitGroup, OF_PLANS, features, features_of, groups, of_plan};
use super::list::{HERE as ACCOUNTS, May};
use super::words::{counted, is_of_limits, size};
use crate::panel::auth::{FieldText, error_at};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

const HERE: &str = "/admin/server/plans";
/// Accounts that are shown of those that have a plan.
const USERS: u16 = 20;

#[derive(Serialize)]
struct PlansView {
    query: String,
    rows: Vec<PlanRow>,
    ready: Vec<PlanRow>,
    may: May,
    summary: String,
}

#[derive(Serialize)]
struct PlanRow {
    id: i64,
    href: String,
    name: String,
    owner: String,
    disk: String,
    traffic: String,
    sites: String,
    features: String,
    accounts: i64,
    accounts_href: String,
    own: bool,
}

fn limit(n: Option<u64>) -> String {
    n.map_or_else(|| "No limit".to_owned(), grouped)
}

fn bytes(n: Option<u64>) -> String {
    n.map_or_else(|| "No limit".to_owned(), |n| size(i64::try_from(n).unwrap_or(i64::MAX)).replace(".0 ", " "))
}

fn row(edit: &PlanEdit, id: PlanId, owner: String, accounts: i64, own: bool) -> PlanRow {
    let missing: Vec<&str> =
        freehold_base::Feature::ALL.iter().filter(|f| !edit.features.has(**f)).map(|f| f.label()).collect();
    PlanRow {
        id: id.get(),
        href: format!("{HERE}/{id}"),
        name: edit.name.clone(),
        owner,
        disk: bytes(edit.limits.disk_bytes()),
        traffic: bytes(edit.limits.traffic_bytes()),
        sites: limit(edit.limits.most(Resource::Sites)),
        features: match missing.len() {
            0 => "Everything".into(),
            n if n == freehold_base::Feature::ALL.len() => "Only its sites".into(),
            _ => format!("All but {}", missing.join(", ")),
        },
        accounts,
        accounts_href: format!("{ACCOUNTS}?plan={id}"),
        own,
    }
}

/// The list.
pub async fn show(ctx: Ctx) -> Reply {
    let (may, query) = (May::of(&ctx), ctx.param("q").unwrap_or_default());
    let wanted = query.trim().to_lowercase();
    let rows = ctx
        .read(move |tx| {
            let sellers = resellers::list(tx)?;
            let all = may.server;
            let rows =
                plans::list(tx)?.into_iter().filter(|(p, _)| p.name.to_lowercase().contains(&wanted)).map(|(p, n)| {
                    let owner =
                        sellers.iter().find(|r| r.reseller.id == p.reseller_id).map(|r| r.reseller.name.clone());
                    let own = all || p.reseller_id != ResellerId(0);
                    let owner = owner.unwrap_or_else(|| "This server".into());
                    row(&PlanEdit::of(&p), p.id, owner, n, own)
                });
            Ok(rows.collect::<Vec<_>>())
        })
        .await?;
    let frame = ctx.frame("Plans", vec![crumb("Plans", None)]).await?;
    let none = rows.is_empty() && query.is_empty();
    let ready = if none && may.plans { plans::ready() } else { Vec::new() };
    let view = PlansView {
        summary: counted(i64::try_from(rows.len()).unwrap_or(0), "plan", "plans"),
        rows,
        ready: ready.iter().map(|edit| row(edit, PlanId(0), String::new(), 0, true)).collect(),
        may,
        query,
    };
    Ok(ctx.page(200, "customers/plans.html", &frame, &view)?)
}

/// Makes the three plans that are offered where there are none.
pub async fn make_ready(ctx: Ctx) -> Reply {
    ctx.write(|tx| {
        tx.authorize_customers(freehold_base::Capability::PlansManage)?;
        // Pressed twice: what is there already stays.
        if !plans::list(tx)?.is_empty() {
            return Ok(());
        }
        let may = giveable(tx)?;
        for mut edit in plans::ready() {
            edit.features = edit.features.iter().filter(|f| may.has(*f)).fold(Features::NONE, Features::with);
            plans::create(tx, &edit)?;
        }
        Ok(())
    })
    .await?;
    Ok(ctx.go(&format!("{HERE}?done=added")))
}

/// Features that who asks may give: a reseller only what it has.
fn giveable(tx: &mut Tx<'_>) -> Result<Features> {
    let own = tx.authorize_customers(freehold_base::Capability::AccountsRead)?;
    match own.resellers().and_then(|ids| ids.first()) {
        Some(id) => Ok(ResellerEdit::of(&resellers::find(tx, ResellerId(*id))?).features),
        None => Ok(Features::ALL),
    }
}

#[derive(Serialize)]
struct PlanView {
    action: String,
    copy_href: String,
    title: String,
    name: String,
    name_error: String,
    groups: Vec<LimitGroup>,
    suspend: bool,
    features: Vec<FeatureCheck>,
    new: bool,
    may_change: bool,
    owner: String,
    users: Vec<User>,
    used: i64,
    all_href: String,
    errors: Vec<FieldText>,
    error: String,
}

#[derive(Serialize)]
struct User {
    title: String,
    href: String,
    owner: String,
}

/// What the page shows beside what is stored.
#[derive(Default)]
struct Typed<'a> {
    form: Option<&'a Form>,
    e: Option<&'a Error>,
}

/// An empty plan, or a copy of another one.
pub async fn new(ctx: Ctx) -> Reply {
    let of = ctx.param("copy").and_then(|id| id.parse::<i64>().ok());
    let edit = match of {
        Some(id) => {
            let mut edit = PlanEdit::of(&ctx.read(move |tx| plans::find(tx, PlanId(id))).await?);
            edit.name = format!("{} (copy)", edit.name);
            edit
        }
        None => PlanEdit { name: String::new(), limits: Limits::default(), features: Features::ALL },
    };
    Ok(page(&ctx, None, edit, 200, Typed::default()).await?)
}

/// One plan.
pub async fn one(ctx: Ctx, id: Path<PlanId>) -> Reply {
    let id = id.into_inner();
    let plan = ctx.read(move |tx| plans::find(tx, id)).await?;
    let edit = PlanEdit::of(&plan);
    Ok(page(&ctx, Some(plan), edit, 200, Typed::default()).await?)
}

async fn page(ctx: &Ctx, plan: Option<Plan>, edit: PlanEdit, status: u16, typed: Typed<'_>) -> Result<HttpResponse> {
    let may = May::of(ctx);
    let id = plan.as_ref().map(|p| p.id);
    let (able, users, used, owner) = ctx
        .read(move |tx| {
            let able = giveable(tx)?;
            let Some(plan) = plan else { return Ok((able, Vec::new(), 0, None)) };
            let filter = AccountFilter { plan: Some(plan.id), ..AccountFilter::default() };
            let (lines, _) = accounts::list(tx, &filter, &Page { size: PageSize::new(USERS), after: None })?;
            let used = plans::list(tx)?.into_iter().find(|(p, _)| p.id == plan.id).map_or(0, |(_, n)| n);
            let users = lines.into_iter().map(|l| User {
                href: format!("{ACCOUNTS}/{}", l.account.id),
                title: l.account.title,
                owner: l.owner.map(|p| p.email).unwrap_or_default(),
            });
            let users = users.collect::<Vec<_>>();
            let owner = match plan.reseller_id {
                ResellerId(0) => "this server".to_owned(),
                id => resellers::find(tx, id)?.name,
            };
            Ok((able, users, used, Some((owner, plan.reseller_id != ResellerId(0)))))
        })
        .await?;
    let heading = if id.is_some() { edit.name.clone() } else { "New plan".to_owned() };
    let frame = ctx.frame(&heading, vec![crumb("Plans", Some(HERE.into())), crumb(&heading, None)]).await?;
    let Typed { form, e } = typed;
    let is_field = |e: &&&Error| matches!(e, Error::Invalid(_));
    let on = form.map_or(edit.features, features_of);
    let view = PlanView {
        action: id.map_or_else(|| format!("{HERE}/new"), |id| format!("{HERE}/{id}")),
        copy_href: id.map_or_else(String::new, |id| format!("{HERE}/new?copy={id}")),
        title: heading,
        name: form.map_or_else(|| edit.name.clone(), |f| f.get("name").to_owned()),
        name_error: error_at(e, "name"),
        groups: groups(OF_PLANS, &edit.limits, form, e),
        suspend: form.map_or(edit.limits.suspend_over_traffic, |f| f.has("suspend_over_traffic")),
        features: features(on, able),
        new: id.is_none(),
        may_change: may.plans && owner.as_ref().is_none_or(|(_, own)| may.server || *own),
        owner: owner.map(|(name, _)| name).unwrap_or_default(),
        users,
        used,
        all_href: id.map_or_else(String::new, |id| format!("{ACCOUNTS}?plan={id}")),
        errors: e.as_ref().filter(is_field).map(|e| limits_form::errors(e)).unwrap_or_default(),
        error: e.as_ref().filter(|e| !is_field(e)).map(|e| e.sentence()).unwrap_or_default(),
    };
    ctx.page(status, "customers/plan.html", &frame, &view)
}

fn typed(form: &Form) -> Result<PlanEdit> {
    Ok(PlanEdit { name: form.get("name").to_owned(), limits: of_plan(form)?, features: features_of(form) })
}

/// A refusal that this page shows.
fn shown(e: &Error) -> bool {
    matches!(e, Error::Invalid(_)) || is_of_limits(e)
}

/// Makes a plan.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let made = match typed(&form) {
        Ok(edit) => ctx.write(move |tx| plans::create(tx, &edit)).await,
        Err(e) => Err(e),
    };
    match made {
        Ok(_) => Ok(ctx.go(&format!("{HERE}?done=added"))),
        Err(e) if shown(&e) => {
            let empty = PlanEdit { name: String::new(), limits: Limits::default(), features: Features::ALL };
            Ok(page(&ctx, None, empty, e.status(), Typed { form: Some(&form), e: Some(&e) }).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// Changes a plan, or deletes it.
pub async fn change(ctx: Ctx, id: Path<PlanId>, form: Form) -> Reply {
    let id = id.into_inner();
    let delete = form.get("do") == "delete";
    let plan = ctx.read(move |tx| plans::find(tx, id)).await?;
    let done = if delete {
        ctx.write(move |tx| plans::delete(tx, id)).await
    } else {
        match typed(&form) {
            Ok(edit) => ctx.write(move |tx| plans::change(tx, id, &edit)).await,
            Err(e) => Err(e),
        }
    };
    match done {
        Ok(()) if delete => Ok(ctx.go(&format!("{HERE}?done=removed"))),
        Ok(()) => Ok(ctx.go(&format!("{HERE}/{id}?done=saved"))),
        Err(e) if shown(&e) => {
            let edit = PlanEdit::of(&plan);
            let form = (!delete).then_some(&form);
            Ok(page(&ctx, Some(plan), edit, e.status(), Typed { form, e: Some(&e) }).await?)
        }
        Err(e) => Err(e.into()),
    }
}
