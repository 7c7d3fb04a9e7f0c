//! "Show that it is you": where a form goes that asks for a fresh proof, and where it goes on from.
//!
//! The guard keeps the form and leads here. With the proof the session is fresh, and the page leads back to where the
//! form was sent, with nothing but its name: what was typed stays on the server. Script goes on by itself; without it
//! one press does.

use actix_web::HttpResponse;
use freehold_base::{Code, Error, Result, Secret};
use freehold_platform::accounts::{Held, Outcome, SessionToken};
use serde::Serialize;

use super::auth::local;
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::{Form, HELD};
use super::frame::Frame;
use super::me::password_words;
use super::passkey::{PasskeyView, answer_in};

/// The page.
pub const HERE: &str = "/admin/confirm";

#[derive(Serialize)]
struct ConfirmView {
    held: String,
    next: String,
    doing: String,
    email: String,
    passkey: PasskeyView,
    with_code: bool,
    error: String,
    password_error: String,
    code_error: String,
}

#[derive(Serialize)]
struct GoView {
    action: String,
    name: &'static str,
    held: String,
    label: String,
}

/// What waits, if anything does: its name and what it does.
async fn waiting(ctx: &Ctx, held: &str) -> Result<Option<Held>> {
    if held.is_empty() {
        return Ok(None);
    }
    let (accounts, held) = (ctx.app.accounts.clone(), held.to_owned());
    ctx.read(move |tx| accounts.held(tx, &held)).await.map(Some)
}

async fn page(ctx: &Ctx, status: u16, (held, next): (&str, &str), wrong: Option<&Error>) -> Result<HttpResponse> {
    let waits = waiting(ctx, held).await?;
    let person = ctx.person.as_ref();
    let at = |codes: &[Code]| wrong.filter(|e| codes.contains(&e.as_code())).map(password_words).unwrap_or_default();
    let (password_error, code_error) = (at(&[Code::SignInWrong]), at(&[Code::CodeWrong]));
    let placed = !password_error.is_empty() || !code_error.is_empty();
    let view = ConfirmView {
        held: held.to_owned(),
        next: next.to_owned(),
        doing: waits.map(|w| w.doing).unwrap_or_default(),
        email: person.map(|p| p.email.clone()).unwrap_or_default(),
        passkey: PasskeyView::of(ctx, "/admin/confirm/passkey", person.is_some_and(|p| p.passkeys > 0)),
        with_code: person.is_some_and(|p| p.has_totp || p.passkeys > 0),
        error: wrong.filter(|_| !placed).map(Error::sentence).unwrap_or_default(),
        password_error,
        code_error,
    };
    ctx.page(status, "auth/confirm.html", &Frame::plain("Show that it is you"), &view)
}

/// Asks for the proof.
pub async fn show(ctx: Ctx) -> Reply {
    let (held, next) = (ctx.param("held").unwrap_or_default(), ctx.wanted_page());
    Ok(page(&ctx, 200, (&held, &next), None).await?)
}

/// Takes the proof; then the form goes on.
pub async fn confirm(ctx: Ctx, form: Form) -> Reply {
    let (held, next) = (form.get("held"), local(form.get("next")));
    match prove(&ctx, &form).await {
        Ok(token) => Ok(go_on(&ctx, (held, next), &token).await?),
        Err(e) if matches!(e.status(), 401 | 429) && e.as_code() != Code::SignInRequired => {
            Ok(page(&ctx, e.status(), (held, next), Some(&e)).await?)
        }
        Err(e) => Err(e.into()),
    }
}

async fn prove(ctx: &Ctx, form: &Form) -> Result<SessionToken> {
    let accounts = ctx.app.accounts.clone();
    let outcome = match answer_in(form) {
        Some(answer) => ctx.write(move |tx| accounts.confirm_by_passkey(tx, &answer)).await?,
        None => {
            let proof = accounts.clone();
            let attempt = ctx.read(move |tx| proof.prepare_proof(tx)).await?;
            let checked = accounts.check_async(attempt, Secret::text(form.get("password"))).await?;
            let code = form.get("code").to_owned();
            ctx.write(move |tx| accounts.confirm_by_password(tx, &checked, &code)).await?
        }
    };
    Outcome::into_result(outcome)
}

async fn go_on(ctx: &Ctx, (held, next): (&str, &str), token: &Secret) -> Result<HttpResponse> {
    let Some(waits) = waiting(ctx, held).await? else { return Ok(ctx.go_with_session(next, token)) };
    let mut label = waits.doing;
    if let Some(first) = label.get(..1) {
        label = first.to_uppercase() + label.get(1..).unwrap_or_default();
    }
    let view = GoView { action: waits.path, name: HELD, held: held.to_owned(), label };
    ctx.page_with_session("auth/go.html", &Frame::plain("It is you"), &view, token)
}

/// Keeps a form that asks for a proof, and leads to the page that takes one.
pub(super) async fn hold(ctx: &Ctx, path: &str, doing: &str, form: &Form) -> Result<HttpResponse> {
    let (accounts, path, doing, form) = (ctx.app.accounts.clone(), path.to_owned(), doing.to_owned(), form.to_json());
    let name = ctx.write(move |tx| accounts.hold(tx, &path, &doing, &form)).await?;
    Ok(ctx.go(&format!("{HERE}?held={}", name.reveal_text())))
}
