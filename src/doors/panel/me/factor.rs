//! Two-step sign-in: on, off, new recovery codes.

use actix_web::HttpResponse;
use freehold_base::{Error, Result};
use freehold_platform::accounts::Outcome;
use serde::Serialize;

use super::password_words;
use crate::panel::ctx::Ctx;
use crate::panel::factor::{CodesView, EnrolView};
use crate::panel::failure::Reply;
use crate::panel::form::Form;

const HERE: &str = "/admin/me/factor";
const BACK: &str = "/admin/me/security";

#[derive(Serialize, Default)]
struct FactorView {
    on: bool,
    with_codes: bool,
    codes_left: i64,
    enrol: Option<EnrolView>,
    code_error: String,
    codes_error: String,
    off_error: String,
}

/// The page: begin, or the code to scan, or what to do with a factor that is set.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, 200, FactorView::default()).await?)
}

async fn page(ctx: &Ctx, status: u16, wrong: FactorView) -> Result<HttpResponse> {
    let frame = ctx.own_frame("Two-step sign-in").await?;
    let accounts = ctx.app.accounts.clone();
    let (pending, codes_left) =
        ctx.read(move |tx| Ok((accounts.pending_factor(tx)?, accounts.recovery_codes_left(tx)?))).await?;
    let on = ctx.person.as_ref().is_some_and(|p| p.has_totp);
    let with_codes = on || ctx.person.as_ref().is_some_and(|p| p.passkeys > 0);
    let enrol = pending.as_ref().filter(|_| !on).map(EnrolView::of).transpose()?;
    ctx.page(status, "me/factor.html", &frame, &FactorView { on, with_codes, codes_left, enrol, ..wrong })
}

/// What a button of the page asks for.
pub async fn act(ctx: Ctx, form: Form) -> Reply {
    match form.get("do") {
        "begin" => begin(ctx).await,
        "confirm" => confirm(ctx, &form).await,
        "codes" => new_codes(ctx, &form).await,
        "off" => off(ctx, &form).await,
        _ => Ok(ctx.go(HERE)),
    }
}

async fn begin(ctx: Ctx) -> Reply {
    let accounts = ctx.app.accounts.clone();
    ctx.write(move |tx| accounts.enrol(tx).map(|_| ())).await?;
    Ok(ctx.go(HERE))
}

async fn confirm(ctx: Ctx, form: &Form) -> Reply {
    let (accounts, code) = (ctx.app.accounts.clone(), form.get("code").to_owned());
    match ctx.write(move |tx| accounts.confirm_factor(tx, &code)).await? {
        Outcome::Done(set) => {
            let frame = ctx.own_frame("Recovery codes").await?;
            let view = CodesView::of(&set.recovery_codes, &host(&ctx), BACK);
            Ok(ctx.page_with_session("me/codes.html", &frame, &view, &set.token)?)
        }
        Outcome::Refused(e) => {
            let wrong = FactorView { code_error: e.sentence(), ..Default::default() };
            Ok(page(&ctx, e.status(), wrong).await?)
        }
    }
}

async fn new_codes(ctx: Ctx, form: &Form) -> Reply {
    let wrong = |e: &Error| FactorView { codes_error: password_words(e), ..Default::default() };
    let checked = match ctx.check_own_password(form.get("codes_password")).await {
        Ok(checked) => checked,
        Err(e) if e.status() == 429 => return Ok(page(&ctx, 429, wrong(&e)).await?),
        Err(e) => return Err(e.into()),
    };
    let accounts = ctx.app.accounts.clone();
    match ctx.write(move |tx| accounts.renew_recovery_codes(tx, &checked)).await? {
        Outcome::Done(codes) => {
            let frame = ctx.own_frame("Recovery codes").await?;
            Ok(ctx.page(200, "me/codes.html", &frame, &CodesView::of(&codes, &host(&ctx), BACK))?)
        }
        Outcome::Refused(e) => Ok(page(&ctx, e.status(), wrong(&e)).await?),
    }
}

async fn off(ctx: Ctx, form: &Form) -> Reply {
    let wrong = |e: &Error| FactorView { off_error: password_words(e), ..Default::default() };
    let checked = match ctx.check_own_password(form.get("off_password")).await {
        Ok(checked) => checked,
        Err(e) if e.status() == 429 => return Ok(page(&ctx, 429, wrong(&e)).await?),
        Err(e) => return Err(e.into()),
    };
    let accounts = ctx.app.accounts.clone();
    match ctx.write(move |tx| accounts.disable_factor(tx, &checked)).await? {
        Outcome::Done(token) => Ok(ctx.go_with_session(&format!("{BACK}?done=factor-off"), &token)),
        Outcome::Refused(e) => Ok(page(&ctx, e.status(), wrong(&e)).await?),
    }
}

fn host(ctx: &Ctx) -> String {
    ctx.app.panel.hosts.first().cloned().unwrap_or_default()
}
