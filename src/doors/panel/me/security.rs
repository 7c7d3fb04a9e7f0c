//! Password and sessions.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Error, Result, Secret, SessionId};
use freehold_platform::accounts::{Outcome, SessionToken};
use serde::Serialize;

use super::{Tab, password_words, tabs};
use crate::device::device_words;
use crate::panel::auth::error_at;
use crate::panel::build_frame::time_view;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::panel::passkey::PasskeyView;

#[derive(Serialize)]
struct SecurityView {
    tabs: Vec<Tab>,
    email: String,
    factor_on: bool,
    passkeys: Vec<KeyView>,
    passkey: PasskeyView,
    passkey_error: String,
    codes_left: i64,
    sessions: Vec<SessionView>,
    current_error: String,
    password_error: String,
}

#[derive(Serialize)]
struct KeyView {
    id: i64,
    name: String,
    created: TimeView,
    used: Option<TimeView>,
}

#[derive(Serialize)]
struct SessionView {
    id: i64,
    device: String,
    is_phone: bool,
    address: String,
    began: TimeView,
    seen: TimeView,
    this: bool,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, 200, Wrong::default()).await?)
}

/// What was wrong, at its place.
#[derive(Default)]
pub(super) struct Wrong {
    /// At the current password.
    pub current: String,
    /// At the new one.
    pub password: String,
    /// At the passkeys.
    pub passkey: String,
}

pub(super) async fn page(ctx: &Ctx, status: u16, wrong: Wrong) -> Result<HttpResponse> {
    let frame = ctx.own_frame("Sign-in").await?;
    let accounts = ctx.app.accounts.clone();
    let this = ctx.person.as_ref().map(|p| p.session);
    let (sessions, passkeys, codes_left) = ctx
        .read(move |tx| {
            let now = tx.now();
            let list = accounts.list_sessions(tx)?;
            let views = list.into_iter().map(|s| SessionView {
                id: s.id.get(),
                device: device_words(&s.agent),
                is_phone: ["iPhone", "iPad", "Android"].iter().any(|sign| s.agent.contains(sign)),
                address: s.address,
                began: time_view(s.created_at, now),
                seen: time_view(s.seen_at, now),
                this: Some(s.id) == this,
            });
            let keys = accounts.passkeys(tx)?.into_iter().map(|key| KeyView {
                id: key.id.get(),
                name: key.name,
                created: time_view(key.created_at, now),
                used: (key.used_at.ms() > 0).then(|| time_view(key.used_at, now)),
            });
            Ok((views.collect(), keys.collect(), accounts.recovery_codes_left(tx)?))
        })
        .await?;
    let person = ctx.person.as_ref();
    let view = SecurityView {
        tabs: tabs("/admin/me/security"),
        email: person.map(|p| p.email.clone()).unwrap_or_default(),
        factor_on: person.is_some_and(|p| p.has_totp),
        passkeys,
        passkey: PasskeyView::of(ctx, "/admin/me/passkeys/start", true),
        passkey_error: wrong.passkey,
        codes_left,
        sessions,
        current_error: wrong.current,
        password_error: wrong.password,
    };
    ctx.page(status, "me/security.html", &frame, &view)
}

/// Changes the password: the old one is asked for, all other sessions end.
pub async fn password(ctx: Ctx, form: Form) -> Reply {
    match change(&ctx, &form).await {
        Ok(Outcome::Done(token)) => Ok(ctx.go_with_session("/admin/me/security?done=password", &token)),
        Ok(Outcome::Refused(e)) => {
            Ok(page(&ctx, e.status(), Wrong { current: password_words(&e), ..Wrong::default() }).await?)
        }
        Err(e @ Error::Invalid(_)) => {
            Ok(page(&ctx, 422, Wrong { password: error_at(Some(&e), "password"), ..Wrong::default() }).await?)
        }
        Err(e) if e.status() == 429 => Ok(page(&ctx, 429, Wrong { current: e.sentence(), ..Wrong::default() }).await?),
        Err(e) => Err(e.into()),
    }
}

async fn change(ctx: &Ctx, form: &Form) -> Result<Outcome<SessionToken>> {
    let (email, name) = ctx.person.as_ref().map(|p| (p.email.clone(), p.name.clone())).unwrap_or_default();
    // The old one first: who does not know it learns nothing of the rules' verdict, and the failure is counted.
    let checked = ctx.check_own_password(form.get("current")).await?;
    let new = ctx.app.accounts.new_password_async(Secret::text(form.get("password")), &[&email, &name]).await?;
    let accounts = ctx.app.accounts.clone();
    ctx.write(move |tx| accounts.change_password(tx, &checked, &new)).await
}

/// Ends one session. Ending this one signs out.
pub async fn end_one(ctx: Ctx, id: Path<SessionId>) -> Reply {
    let (accounts, id) = (ctx.app.accounts.clone(), id.into_inner());
    ctx.write(move |tx| accounts.revoke_session(tx, id)).await?;
    Ok(match ctx.person.as_ref().is_some_and(|p| p.session == id) {
        true => ctx.go_signed_out("/admin/login"),
        false => ctx.go("/admin/me/security?done=session"),
    })
}

/// Ends all sessions but this one.
pub async fn end_others(ctx: Ctx) -> Reply {
    let accounts = ctx.app.accounts.clone();
    ctx.write(move |tx| accounts.revoke_other_sessions(tx)).await?;
    Ok(ctx.go("/admin/me/security?done=sessions"))
}
