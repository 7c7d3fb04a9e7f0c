//! What is done with one account, and with several at once.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{AccountId, Code, Error, PlanId, Result, SiteId};
use freehold_hosting::moves;
use freehold_platform::customers::{accounts, graveyard, suspend};
use freehold_platform::sites;
use freehold_store::Tx;
use serde::Serialize;

use super::account::{self, Shown};
use super::list::{self, HERE};
use super::words::{counted, is_of_limits};
use crate::panel::auth::error_at;
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::media::view::size_text;
use crate::panel::several::{Pressed, Refused, each, joined};
use crate::web::multipart::blocking;

/// Title, note, plan, or a site that moves here.
pub async fn change(ctx: Ctx, id: Path<AccountId>, form: Form) -> Reply {
    let (id, typed) = (id.into_inner(), form.clone());
    let changed = if form.get("do") == "move" {
        take_site(&ctx, id, typed.get("site").to_owned()).await
    } else {
        ctx.write(move |tx| run(tx, id, &typed)).await
    };
    let e = match changed {
        Ok(done) => return Ok(ctx.go(&format!("{HERE}/{id}?done={done}"))),
        Err(e) => e,
    };
    let (status, said) = (e.status(), |field: &str| error_at(Some(&e), field));
    let shown = match (form.get("do"), &e) {
        ("rename", Error::Invalid(_)) => {
            let words = if said("title").is_empty() { said("note") } else { said("title") };
            Shown { title: (form.get("title").to_owned(), words), ..Shown::default() }
        }
        ("move", Error::Invalid(_) | Error::Refused { .. }) => {
            let words = match &e {
                Error::Invalid(_) => said("site"),
                e => e.sentence(),
            };
            // The account itself is missing, or not theirs: that is another page.
            if matches!(&e, Error::Refused { code: Code::NotFound, detail } if detail == "account")
                || e.as_code() == Code::Denied
            {
                return Err(e.into());
            }
            Shown { moved: (form.get("site").to_owned(), words), ..Shown::default() }
        }
        (_, e) if is_of_limits(e) => Shown { error: e.sentence(), ..Shown::default() },
        ("plan", Error::Invalid(_)) => Shown { error: said("plan"), ..Shown::default() },
        _ => return Err(e.into()),
    };
    Ok(account::page(&ctx, id, status, shown).await?)
}

fn run(tx: &mut Tx<'_>, id: AccountId, form: &Form) -> Result<&'static str> {
    match form.get("do") {
        "rename" => accounts::rename(tx, id, form.get("title"), form.get("note")).map(|()| "changed"),
        "plan" => {
            let over = accounts::change_plan(tx, id, PlanId(form.number("plan")))?;
            Ok(if over.is_empty() { "plan" } else { "plan-over" })
        }
        _ => {
            tx.authorize_account(id, freehold_base::Capability::AccountsManage)?;
            Err(Error::refused(Code::WrongState, "the form has no such button"))
        }
    }
}

/// A site moves here, with its files.
async fn take_site(ctx: &Ctx, id: AccountId, typed: String) -> Result<&'static str> {
    let site = ctx
        .read(move |tx| {
            tx.authorize_account(id, freehold_base::Capability::AccountsManage)?;
            site_named(tx, &typed)
        })
        .await?;
    let (app, actor) = (ctx.app.clone(), ctx.actor.clone());
    blocking(move || moves::move_site(&app.store, &app.files, &actor, site, id)).await?;
    Ok("moved-site")
}

/// The site that a host name or number means; whether the person may touch it is asked by who moves it.
fn site_named(tx: &mut Tx<'_>, text: &str) -> Result<SiteId> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("site", Code::Required, ""));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(SiteId(number));
    }
    let host = sites::host_typed(text).map_err(|e| Error::invalid("site", e.as_code(), ""))?;
    freehold_store::sites::of_host(tx, host.as_str())?.ok_or_else(|| Error::not_found("site"))
}

/// Suspends, or ends a suspension.
pub async fn suspension(ctx: Ctx, id: Path<AccountId>, form: Form) -> Reply {
    let (id, reason) = (id.into_inner(), form.get("reason").to_owned());
    let end = form.get("do") == "end";
    let done =
        ctx.write(move |tx| if end { suspend::unsuspend(tx, id) } else { suspend::suspend(tx, id, &reason) }).await;
    match done {
        Ok(()) => Ok(ctx.go(&format!("{HERE}/{id}?done={}", if end { "unsuspended" } else { "suspended" }))),
        Err(e @ Error::Invalid(_)) => {
            let shown =
                Shown { reason: (form.get("reason").to_owned(), error_at(Some(&e), "reason")), ..Shown::default() };
            Ok(account::page(&ctx, id, 422, shown).await?)
        }
        Err(e) if e.as_code() == Code::WrongState => {
            Ok(account::page(&ctx, id, e.status(), Shown { error: e.sentence(), ..Shown::default() }).await?)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Serialize)]
struct CloseView {
    here: String,
    action: String,
    title: String,
    /// It lies in the graveyard: what ends is its time there.
    closed: bool,
    sites: Vec<String>,
    hosts: Vec<String>,
    more_hosts: usize,
    people: Vec<String>,
    disk: String,
    gone_at: String,
    error: String,
}

/// Names that are shown of what goes.
const NAMES: usize = 12;

/// What would go, and the field for the name.
pub async fn close_form(ctx: Ctx, id: Path<AccountId>) -> Reply {
    Ok(close_page(&ctx, id.into_inner(), 200, String::new()).await?)
}

async fn close_page(ctx: &Ctx, id: AccountId, status: u16, error: String) -> Result<HttpResponse> {
    ctx.app.count_now().await;
    let (goes, closed, now) = ctx
        .read(move |tx| {
            let goes = graveyard::preview(tx, id)?;
            let scope = tx.authorize_account(id, freehold_base::Capability::AccountsTerminate)?;
            let closed = freehold_store::accounts::find(tx, scope)?.status == "terminated";
            Ok((goes, closed, tx.now()))
        })
        .await?;
    let heading = if closed { "End now" } else { "Close the account" };
    let crumbs = vec![
        crumb("Accounts", Some(HERE.into())),
        crumb(&goes.title, Some(format!("{HERE}/{id}"))),
        crumb(heading, None),
    ];
    let frame = ctx.frame(heading, crumbs).await?;
    let view = CloseView {
        here: format!("{HERE}/{id}"),
        action: format!("{HERE}/{id}/close"),
        title: goes.title,
        closed,
        sites: goes.sites,
        more_hosts: goes.hosts.len().saturating_sub(NAMES),
        hosts: goes.hosts.into_iter().take(NAMES).collect(),
        people: goes.people,
        disk: size_text(goes.disk_bytes),
        gone_at: time_view(goes.gone_at, now).text,
        error,
    };
    ctx.page(status, "customers/close.html", &frame, &view)
}

/// Closes an account, ends it now, or takes it back.
pub async fn close(ctx: Ctx, id: Path<AccountId>, form: Form) -> Reply {
    let (id, typed, wanted) = (id.into_inner(), form.get("typed").to_owned(), form.get("do").to_owned());
    let back = wanted == "restore";
    let done = ctx
        .write(move |tx| {
            if wanted == "restore" {
                return graveyard::restore(tx, id);
            }
            let title = graveyard::preview(tx, id)?.title;
            if typed.trim() != title {
                return Err(Error::invalid("typed", Code::Malformed, format!("its title, {title}")));
            }
            if wanted == "end" { graveyard::end_now(tx, id) } else { graveyard::terminate(tx, id).map(|_| ()) }
        })
        .await;
    match done {
        Ok(()) if back => Ok(ctx.go(&format!("{HERE}/{id}?done=taken-back"))),
        Ok(()) if form.get("do") == "end" => Ok(ctx.go(&format!("{HERE}?show=closed&done=ending"))),
        Ok(()) => Ok(ctx.go(&format!("{HERE}/{id}?done=closed"))),
        Err(e @ Error::Invalid(_)) => Ok(close_page(&ctx, id, 422, error_at(Some(&e), "typed")).await?),
        Err(e) if is_of_limits(&e) => {
            Ok(account::page(&ctx, id, e.status(), Shown { error: e.sentence(), ..Shown::default() }).await?)
        }
        Err(e) => Err(e.into()),
    }
}

fn suspend_one(tx: &mut Tx<'_>, _: SiteId, id: i64, reason: &str) -> Result<()> {
    suspend::suspend(tx, AccountId(id), reason)
}

fn unsuspend_one(tx: &mut Tx<'_>, _: SiteId, id: i64, _: &str) -> Result<()> {
    suspend::unsuspend(tx, AccountId(id))
}

fn plan_one(tx: &mut Tx<'_>, _: SiteId, id: i64, plan: &str) -> Result<()> {
    accounts::change_plan(tx, AccountId(id), PlanId(plan.parse().unwrap_or(0))).map(|_| ())
}

#[derive(Serialize)]
struct ReasonView {
    action: &'static str,
    ids: Vec<i64>,
    count: String,
    error: String,
    reason: String,
}

/// Suspends the chosen accounts, or ends their suspension.
pub async fn bulk_suspend(ctx: Ctx, form: Form) -> Reply {
    let mut pressed = Pressed::of(&ctx, &form);
    let reason = form.get("reason").trim().to_owned();
    if pressed.act == "unsuspend" {
        return Ok(finish(&ctx, &pressed, unsuspend_one, "unsuspended").await?);
    }
    if pressed.ids.is_empty() {
        return Ok(ctx.go(HERE));
    }
    if reason.is_empty() {
        // Without script no dialog asked for it.
        let error = if pressed.sure { "Say why: their people read it." } else { "" };
        let frame = ctx.frame("Suspend", vec![crumb("Accounts", Some(HERE.into())), crumb("Suspend", None)]).await?;
        let view = ReasonView {
            action: "/admin/server/accounts/bulk/suspend",
            count: counted(i64::try_from(pressed.ids.len()).unwrap_or(0), "account", "accounts"),
            ids: pressed.ids,
            error: error.into(),
            reason,
        };
        return Ok(ctx.page(if error.is_empty() { 200 } else { 422 }, "customers/reason.html", &frame, &view)?);
    }
    pressed.act = reason;
    Ok(finish(&ctx, &pressed, suspend_one, "suspended").await?)
}

/// Gives the chosen accounts another plan.
pub async fn bulk_plan(ctx: Ctx, form: Form) -> Reply {
    let mut pressed = Pressed::of(&ctx, &form);
    pressed.act = form.get("plan").to_owned();
    Ok(finish(&ctx, &pressed, plan_one, "plan").await?)
}

async fn finish(ctx: &Ctx, pressed: &Pressed, one: crate::panel::several::One, done: &str) -> Result<HttpResponse> {
    if pressed.ids.is_empty() {
        return Ok(ctx.go(HERE));
    }
    let outcome = each(ctx, pressed, one).await?;
    if outcome.refused.is_empty() {
        return Ok(ctx.go(&format!("{HERE}?done={done}&ids={}", joined(&outcome.done))));
    }
    let titles = ctx.read(accounts::titles).await?;
    let name = |id: i64| {
        titles.iter().find(|(a, _)| a.get() == id).map_or_else(|| format!("Account {id}"), |(_, title)| title.clone())
    };
    list::page(ctx, Refused::of(&outcome, name)).await
}
