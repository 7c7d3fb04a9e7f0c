//! Forgotten passwords and invitations: the pages behind one-time links.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, Error, Result, Secret, text};
use freehold_platform::accounts::{LinkKind, NewPassword};
use serde::Serialize;

use super::auth::error_at;
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::frame::Frame;

#[derive(Serialize)]
struct ForgotView {
    action: &'static str,
    email: String,
    sent: bool,
    mail: bool,
    login_href: &'static str,
    error: String,
}

fn forgot_page(ctx: &Ctx, status: u16, email: &str, sent: bool, error: String) -> Result<HttpResponse> {
    let mail = ctx.app.outbox.is_on();
    let view =
        ForgotView { action: "/admin/forgot", email: email.to_owned(), sent, mail, login_href: "/admin/login", error };
    ctx.page(status, "auth/forgot.html", &Frame::plain("A new password"), &view)
}

/// Asks who wants a new password.
pub async fn forgot_form(ctx: Ctx) -> Reply {
    Ok(forgot_page(&ctx, 200, "", false, String::new())?)
}

/// Takes the request. Known and unknown addresses get the same answer after the same work: a worker looks who it is
/// (rule C5).
pub async fn forgot(ctx: Ctx, form: Form) -> Reply {
    let typed = form.get("email").to_owned();
    match ask(&ctx, &typed).await {
        Ok(email) => Ok(forgot_page(&ctx, 200, &email, true, String::new())?),
        Err(e) if matches!(e.status(), 422 | 429) => Ok(forgot_page(&ctx, e.status(), &typed, false, e.sentence())?),
        Err(e) => Err(e.into()),
    }
}

async fn ask(ctx: &Ctx, typed: &str) -> Result<String> {
    let email = text::email("email", typed)?;
    let (accounts, outbox, asked) = (ctx.app.accounts.clone(), ctx.app.outbox.clone(), email.clone());
    ctx.write(move |tx| {
        if accounts.ask_reset(tx, &asked)? {
            outbox.queue_reset(tx, &asked)?;
        }
        Ok(())
    })
    .await?;
    Ok(email)
}

#[derive(Serialize)]
struct ResetView {
    action: String,
    email: String,
    error: String,
}

/// Who a link belongs to: address and name.
async fn person_of(ctx: &Ctx, kind: LinkKind, code: &str) -> Result<(String, String)> {
    let (accounts, code) = (ctx.app.accounts.clone(), code.to_owned());
    ctx.read(move |tx| accounts.open_link(tx, kind, &code).map(|u| (u.email, u.name))).await
}

async fn new_password(ctx: &Ctx, form: &Form, context: [&str; 2]) -> Result<NewPassword> {
    ctx.app.accounts.new_password_async(Secret::text(form.get("password")), &context).await
}

fn reset_page(ctx: &Ctx, status: u16, code: &str, email: String, error: String) -> Result<HttpResponse> {
    let view = ResetView { action: format!("/admin/reset/{code}"), email, error };
    ctx.page(status, "auth/reset.html", &Frame::plain("A new password"), &view)
}

/// The page behind a reset link. Looking at it does not use it up: mail scanners open links.
pub async fn reset_form(ctx: Ctx, code: Path<String>) -> Reply {
    let (email, _) = person_of(&ctx, LinkKind::Reset, &code).await?;
    Ok(reset_page(&ctx, 200, &code, email, String::new())?)
}

/// Sets the new password; the link is used up, all sessions end.
pub async fn reset(ctx: Ctx, code: Path<String>, form: Form) -> Reply {
    let (email, name) = person_of(&ctx, LinkKind::Reset, &code).await?;
    let new = match new_password(&ctx, &form, [&email, &name]).await {
        Ok(new) => new,
        Err(e @ Error::Invalid(_)) => return Ok(reset_page(&ctx, 422, &code, email, e.sentence())?),
        Err(e) => return Err(e.into()),
    };
    let (accounts, token) = (ctx.app.accounts.clone(), code.into_inner());
    ctx.write(move |tx| accounts.reset_password(tx, &token, &new)).await?;
    Ok(ctx.go_signed_out("/admin/login?done=reset"))
}

#[derive(Serialize)]
struct InviteView {
    action: String,
    email: String,
    name: String,
    host: String,
    name_error: String,
    password_error: String,
}

fn invite_page(ctx: &Ctx, code: &str, email: String, name: String, e: Option<&Error>) -> Result<HttpResponse> {
    let view = InviteView {
        action: format!("/admin/invite/{code}"),
        email,
        name,
        host: ctx.app.panel.hosts.first().cloned().unwrap_or_default(),
        name_error: error_at(e, "name"),
        password_error: error_at(e, "password"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "auth/invite.html", &Frame::plain("Welcome"), &view)
}

/// The page behind an invitation.
pub async fn invite_form(ctx: Ctx, code: Path<String>) -> Reply {
    let (email, name) = person_of(&ctx, LinkKind::Invite, &code).await?;
    Ok(invite_page(&ctx, &code, email, name, None)?)
}

/// Takes an invitation: name and first password.
pub async fn invite(ctx: Ctx, code: Path<String>, form: Form) -> Reply {
    let (email, _) = person_of(&ctx, LinkKind::Invite, &code).await?;
    match accept(&ctx, &code, &email, &form).await {
        Ok(()) => Ok(ctx.go_signed_out("/admin/login?done=invited")),
        Err(e @ Error::Invalid(_)) => Ok(invite_page(&ctx, &code, email, form.get("name").to_owned(), Some(&e))?),
        Err(e) => Err(e.into()),
    }
}

async fn accept(ctx: &Ctx, code: &str, email: &str, form: &Form) -> Result<()> {
    let mut refused = freehold_base::error::Refusals::default();
    let name = refused.take(text::required_line("name", form.get("name"), 100))?;
    let password = refused.take(new_password(ctx, form, [email, form.get("name")]).await)?;
    refused.check()?;
    let (Some(name), Some(password)) = (name, password) else { return Err(Error::code(Code::BadRequest)) };
    let (accounts, token) = (ctx.app.accounts.clone(), code.to_owned());
    ctx.write(move |tx| accounts.accept_invitation(tx, &token, &name, &password)).await?;
    Ok(())
}
