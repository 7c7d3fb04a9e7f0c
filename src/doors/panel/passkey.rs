//! What pages with a passkey button share: how a use begins, and what comes back in the form.

use actix_web::HttpResponse;
use freehold_base::{Error, OrInternal as _};
use freehold_platform::accounts::{PasskeyAnswer, Started, Wanted};
use serde::Serialize;
use serde_json::json;

use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;

/// What the script needs to offer a passkey; without it the button does not show.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeyView {
    /// Whether passkeys work here at all.
    pub on: bool,
    /// Where a use begins.
    pub start: &'static str,
    /// The one origin that they work on.
    pub origin: String,
}

impl PasskeyView {
    /// Of a page whose uses begin at `start`; `on`: whether the person has one, where that is known.
    pub fn of(ctx: &Ctx, start: &'static str, on: bool) -> Self {
        Self { on: on && ctx.app.accounts.passkeys_work(), start, origin: ctx.app.panel.url.clone() }
    }
}

/// The answer of a device, as the script put it into the form; none where it did not.
pub fn answer_in(form: &Form) -> Option<PasskeyAnswer> {
    let text = |name| form.get(name).to_owned();
    (!form.get("credential").is_empty())
        .then(|| PasskeyAnswer { ceremony: text("ceremony"), credential: text("credential") })
}

fn started(begun: &Started) -> Reply {
    let body = json!({ "ceremony": begun.ceremony.reveal_text(), "options": begun.options });
    let body = serde_json::to_string(&body).or_internal("beginning the use of a passkey")?;
    Ok(HttpResponse::Ok().content_type("application/json").insert_header(("cache-control", "no-store")).body(body))
}

/// Begins to sign in.
pub async fn start_sign_in(ctx: Ctx) -> Reply {
    let accounts = ctx.app.accounts.clone();
    started(&ctx.write(move |tx| accounts.begin_passkey_sign_in(tx)).await?)
}

/// Begins the second step.
pub async fn start_second(ctx: Ctx) -> Reply {
    let half = ctx.half.clone().filter(|h| h.wanted() == Wanted::Code);
    let (accounts, half) = (ctx.app.accounts.clone(), half.ok_or_else(sign_in_first)?);
    started(&ctx.write(move |tx| accounts.begin_passkey_second(tx, &half)).await?)
}

/// Begins to add one, for somebody who may do nothing else yet.
pub async fn start_first(ctx: Ctx) -> Reply {
    let half = ctx.half.clone().filter(|h| h.wanted() == Wanted::Enrolment);
    let (accounts, half) = (ctx.app.accounts.clone(), half.ok_or_else(sign_in_first)?);
    started(&ctx.write(move |tx| accounts.begin_passkey_half(tx, &half)).await?)
}

/// Begins to add one.
pub async fn start_adding(ctx: Ctx) -> Reply {
    let accounts = ctx.app.accounts.clone();
    started(&ctx.write(move |tx| accounts.begin_passkey(tx)).await?)
}

/// Begins to show that it is still the same person.
pub async fn start_confirm(ctx: Ctx) -> Reply {
    let accounts = ctx.app.accounts.clone();
    started(&ctx.write(move |tx| accounts.begin_passkey_confirm(tx)).await?)
}

fn sign_in_first() -> Error {
    Error::code(freehold_base::Code::SignInRequired)
}
