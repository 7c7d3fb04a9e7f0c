//! First run, signing in and out.

use actix_web::web;
use chrono::Datelike as _;
use freehold_base::{Capability, Code, Error, HostName, Result, Secret, SiteId};
use freehold_platform::accounts::{Claim, Outcome, SignIn, Wanted, first_run};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_publishing::starts::{self, Start};
use serde::Serialize;

use super::arrive::{Arrived, arrive};
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::frame::Frame;
use super::passkey::{PasskeyView, answer_in};

#[derive(Serialize, Default)]
struct SetupView {
    action: String,
    site_title: String,
    start: String,
    email: String,
    time_zone: String,
    errors: Vec<FieldText>,
    field_errors: SetupErrors,
    ready: String,
    today: String,
    address: String,
}

#[derive(Serialize, Default)]
struct SetupErrors {
    site_title: String,
    email: String,
    password: String,
}

#[derive(Serialize)]
pub(super) struct FieldText {
    pub field: String,
    pub text: String,
}

/// The refused fields for the summary on top of a form.
pub(super) fn field_texts(e: &Error) -> Vec<FieldText> {
    e.fields().iter().map(|f| FieldText { field: f.field.to_string(), text: f.sentence() }).collect()
}

/// The sentence at one field; empty where it is fine.
pub(super) fn error_at(e: Option<&Error>, field: &str) -> String {
    e.and_then(|e| e.fields().iter().find(|f| f.field == field).map(freehold_base::FieldError::sentence))
        .unwrap_or_default()
}

/// The set-up page of the one-time link.
pub async fn setup_form(ctx: Ctx, code: web::Path<String>) -> Reply {
    check_code(&ctx, &code)?;
    Ok(setup_page(&ctx, &code, &Form::default(), None)?)
}

fn check_code(ctx: &Ctx, code: &str) -> Result<freehold_store::Actor> {
    let setup = ctx.app.setup.as_ref().ok_or_else(|| Error::code(Code::SetupLink))?;
    setup.check(code, &ctx.actor.address)
}

fn setup_page(ctx: &Ctx, code: &str, typed: &Form, e: Option<&Error>) -> Result<actix_web::HttpResponse> {
    let today = ctx.app.store.clock().now().utc();
    let start = match typed.get("start") {
        "" => "journal",
        s => s,
    };
    let view = SetupView {
        action: format!("/admin/setup/{code}"),
        site_title: typed.get("site_title").into(),
        start: start.into(),
        email: typed.get("email").into(),
        errors: e.map(field_texts).unwrap_or_default(),
        field_errors: SetupErrors {
            site_title: error_at(e, "site_title"),
            email: error_at(e, "email"),
            password: error_at(e, "password"),
        },
        ready: "Server ready".into(),
        today: format!("{} {} {}", today.format("%A"), today.day(), today.format("%B %Y")),
        address: ctx.app.site_origin("127.0.0.1"),
        ..Default::default()
    };
    let status = if e.is_some() { 422 } else { 200 };
    ctx.page(status, "auth/setup.html", &Frame::plain("Set up"), &view)
}

/// Makes the first person, account, site and post, and signs in.
pub async fn setup(ctx: Ctx, code: web::Path<String>, form: Form) -> Reply {
    let mut ctx = ctx;
    ctx.actor = check_code(&ctx, &code)?;
    match claim(&ctx, &form).await {
        Ok((to, arrived)) => {
            if let Some(setup) = &ctx.app.setup {
                setup.spend();
            }
            Ok(ctx.go_arrived(&to, &arrived))
        }
        Err(e @ Error::Invalid(_)) => Ok(setup_page(&ctx, &code, &form, Some(&e))?),
        Err(e) => Err(e.into()),
    }
}

async fn claim(ctx: &Ctx, form: &Form) -> Result<(String, Arrived)> {
    let mut refused = freehold_base::error::Refusals::default();
    let title = refused.take(freehold_base::text::required_line("site_title", form.get("site_title"), 120))?;
    let email = refused.take(freehold_base::text::email("email", form.get("email")))?;
    let context = [form.get("email"), form.get("site_title")];
    let hashed = ctx.app.accounts.new_password_async(Secret::text(form.get("password")), &context).await;
    let password = refused.take(hashed)?;
    refused.check()?;
    let (Some(title), Some(email), Some(password)) = (title, email, password) else {
        return Err(Error::code(Code::BadRequest));
    };
    let name = email.split('@').next().unwrap_or("Owner").to_owned();
    let new = FirstRun {
        title,
        email,
        name,
        password,
        host: "127.0.0.1".into(),
        time_zone: form.get("time_zone").into(),
        language: form.get("language").into(),
        start: Start::by_name(form.get("start")),
    };
    let (app, agent, device) = (ctx.app.clone(), ctx.agent.clone(), ctx.device.clone());
    let then_import = form.get("then") == "import";
    ctx.write(move |tx| {
        let (user, site, entry) = first_run_site(tx, &new)?;
        let begun = app.accounts.begin_claimed(tx, user, &agent)?;
        let arrived = arrive(&app, tx, begun.token(), device.as_deref())?;
        let next = if then_import { "import".to_owned() } else { format!("posts/{entry}") };
        Ok((format!("/admin/s/{site}/{next}"), arrived))
    })
    .await
}

/// All that the first run makes.
#[derive(Clone, Debug)]
pub struct FirstRun {
    /// Title of the first site.
    pub title: String,
    /// The hosting admin's address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their password.
    pub password: freehold_platform::accounts::NewPassword,
    /// Main host name of the site.
    pub host: String,
    /// Time zone; UTC where it is none.
    pub time_zone: String,
    /// Language; `en` where it is none.
    pub language: String,
    /// What the site starts from.
    pub start: Start,
}

/// Makes person, account, site and what it starts from in one transaction. The browser's set-up page and
/// `freehold setup` both call it.
///
/// # Errors
/// `SetupDone`, `Invalid`.
pub fn first_run_site(
    tx: &mut freehold_store::Tx<'_>,
    new: &FirstRun,
) -> Result<(freehold_base::UserId, SiteId, freehold_base::EntryId)> {
    let claim = Claim { email: new.email.clone(), name: new.name.clone(), password: new.password.clone() };
    let claimed = first_run::claim(tx, &claim)?;
    let mut settings = Settings::default();
    settings.general.timezone = new.time_zone.parse::<chrono_tz::Tz>().map_or("UTC", |tz| tz.name()).to_owned();
    if let Some(language) = sites::language(&new.language) {
        settings.general.locale = language;
    }
    let host = HostName::parse(&new.host)?;
    let site = sites::create(tx, &NewSite { account: claimed.account, title: new.title.clone(), host, settings })?;
    let entry = starts::fill(tx, site, new.start, &new.title)?;
    Ok((claimed.user, site, entry))
}

#[derive(Serialize)]
struct LoginView {
    host: String,
    action: &'static str,
    next: String,
    email: String,
    error: String,
    notice: &'static str,
    forgot_href: &'static str,
    passkey: PasskeyView,
}

fn login_page(ctx: &Ctx, status: u16, next: &str, email: &str, error: String) -> Result<actix_web::HttpResponse> {
    let notice = match ctx.param("done").as_deref() {
        Some("reset") => "Your new password is set. Sign in with it.",
        Some("invited") => "Your password is set. Sign in to begin.",
        _ => "",
    };
    let host = ctx.app.panel.hosts.first().cloned().unwrap_or_default();
    let view = LoginView {
        host,
        action: "/admin/login",
        next: local(next).to_owned(),
        email: email.to_owned(),
        error,
        notice,
        forgot_href: "/admin/forgot",
        passkey: PasskeyView::of(ctx, "/admin/login/passkey/start", true),
    };
    ctx.page(status, "auth/login.html", &Frame::plain("Sign in"), &view)
}

/// An address of the panel itself; anything else becomes its start.
pub(super) fn local(next: &str) -> &str {
    let fine = next.starts_with("/admin") && !next.contains(['\\', '\r', '\n']) && !next.starts_with("//");
    if fine { next } else { "/admin" }
}

/// A step of signing in that remembers where the person wanted to go.
pub(super) fn with_next(step: &str, next: &str) -> String {
    match local(next) {
        "/admin" => step.to_owned(),
        next => format!("{step}?next={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>()),
    }
}

impl Ctx {
    /// Where the person wanted to go before they were asked to sign in.
    pub(super) fn wanted_page(&self) -> String {
        local(&self.param("next").unwrap_or_default()).to_owned()
    }
}

/// The sign-in page.
pub async fn login_form(ctx: Ctx) -> Reply {
    let next = ctx.param("next").unwrap_or_default();
    Ok(login_page(&ctx, 200, &next, "", String::new())?)
}

/// Signs in: the same answer and the same work for unknown and wrong (rule C5).
pub async fn login(ctx: Ctx, form: Form) -> Reply {
    let next = form.get("next").to_owned();
    match try_login(&ctx, &form).await {
        Ok((arrived, full)) => {
            let to = if full { local(&next).to_owned() } else { with_next("/admin/login/code", &next) };
            Ok(ctx.go_arrived(&to, &arrived))
        }
        Err(e) if matches!(e.status(), 401 | 429) || e.as_code() == Code::NetworkBlocked => {
            Ok(login_page(&ctx, e.status(), &next, form.get("email"), e.sentence())?)
        }
        Err(e) => Err(e.into()),
    }
}

async fn try_login(ctx: &Ctx, form: &Form) -> Result<(Arrived, bool)> {
    let (accounts, email, device) = (ctx.app.accounts.clone(), form.get("email").to_owned(), ctx.device.clone());
    let prepare = move |tx: &mut freehold_store::Tx<'_>| {
        let known = accounts.knows_device(tx, &email, device.as_deref())?;
        accounts.prepare_from(tx, &email, known)
    };
    let attempt = ctx.read(prepare).await?;
    let checked = ctx.app.accounts.check_async(attempt, Secret::text(form.get("password"))).await?;
    let (app, agent, previous, device) = (ctx.app.clone(), ctx.agent.clone(), ctx.cookie.clone(), ctx.device.clone());
    let outcome = ctx
        .write(move |tx| match app.accounts.finish(tx, &checked, &agent, previous.as_deref())? {
            Outcome::Done(begun) => {
                let full = matches!(begun, SignIn::Full(_));
                Ok(Outcome::Done((arrive(&app, tx, begun.token(), device.as_deref())?, full)))
            }
            Outcome::Refused(e) => Ok(Outcome::Refused(e)),
        })
        .await?;
    outcome.into_result()
}

/// Signs in with the passkey whose answer the script put into the form.
pub async fn passkey(ctx: Ctx, form: Form) -> Reply {
    let next = form.get("next").to_owned();
    let answer = answer_in(&form).unwrap_or_default();
    let (app, agent, previous, device) = (ctx.app.clone(), ctx.agent.clone(), ctx.cookie.clone(), ctx.device.clone());
    let outcome = ctx
        .write(move |tx| match app.accounts.passkey_sign_in(tx, &answer, &agent, previous.as_deref())? {
            Outcome::Done(begun) => arrive(&app, tx, begun.token(), device.as_deref()).map(Outcome::Done),
            Outcome::Refused(e) => Ok(Outcome::Refused(e)),
        })
        .await?;
    match outcome {
        Outcome::Done(arrived) => Ok(ctx.go_arrived(local(&next), &arrived)),
        Outcome::Refused(e) => Ok(login_page(&ctx, e.status(), &next, "", e.sentence())?),
    }
}

#[derive(Serialize)]
struct CodeView {
    action: String,
    recovery: bool,
    with_app: bool,
    passkey: PasskeyView,
    other_href: String,
    cancel_action: &'static str,
    error: String,
}

fn code_page(ctx: &Ctx, status: u16, recovery: bool, error: String) -> Result<actix_web::HttpResponse> {
    let action = with_next("/admin/login/code", &ctx.wanted_page());
    let and = if action.contains('?') { "&" } else { "?" };
    let other_href = if recovery { action.clone() } else { format!("{action}{and}recovery=1") };
    let half = ctx.half.as_ref();
    let passkey = PasskeyView::of(
        ctx,
        "/admin/login/code/passkey",
        !recovery && half.is_some_and(freehold_platform::accounts::HalfSession::has_passkeys),
    );
    let with_app = half.is_some_and(freehold_platform::accounts::HalfSession::has_totp);
    let view = CodeView { action, recovery, with_app, passkey, other_href, cancel_action: "/admin/logout", error };
    ctx.page(status, "auth/code.html", &Frame::plain("Enter your code"), &view)
}

/// The page for the second factor.
pub async fn code_form(ctx: Ctx) -> Reply {
    if ctx.half.as_ref().is_some_and(|h| h.wanted() == Wanted::Enrolment) {
        return Ok(ctx.go(&with_next("/admin/login/factor", &ctx.wanted_page())));
    }
    let recovery = ctx.param("recovery").is_some();
    Ok(code_page(&ctx, 200, recovery, String::new())?)
}

/// Checks the second factor.
pub async fn code(ctx: Ctx, form: Form) -> Reply {
    let half =
        ctx.half.clone().filter(|h| h.wanted() == Wanted::Code).ok_or_else(|| Error::code(Code::SignInRequired))?;
    let recovery = form.has("recovery_code");
    let given = form.get(if recovery { "recovery_code" } else { "code" }).to_owned();
    let (app, device, answer) = (ctx.app.clone(), ctx.device.clone(), answer_in(&form));
    let outcome = ctx
        .write(move |tx| {
            let done = match &answer {
                Some(answer) => app.accounts.passkey_second(tx, &half, answer)?,
                None => app.accounts.second_factor(tx, &half, &given)?,
            };
            match done {
                Outcome::Done(begun) => arrive(&app, tx, begun.token(), device.as_deref()).map(Outcome::Done),
                Outcome::Refused(e) => Ok(Outcome::Refused(e)),
            }
        })
        .await?;
    match outcome {
        Outcome::Done(arrived) => Ok(ctx.go_arrived(&ctx.wanted_page(), &arrived)),
        Outcome::Refused(e) => Ok(code_page(&ctx, e.status(), recovery, e.sentence())?),
    }
}

/// Signs out.
pub async fn logout(ctx: Ctx) -> Reply {
    if let Some(cookie) = ctx.cookie.clone() {
        let accounts = ctx.app.accounts.clone();
        ctx.write(move |tx| accounts.sign_out(tx, &cookie)).await?;
    }
    Ok(ctx.go_signed_out("/admin/login"))
}

/// `/admin`: where a person's own way begins.
pub async fn start(ctx: Ctx) -> Reply {
    let recent = ctx.recent.clone();
    let site = ctx.read(move |tx| super::build_frame::first_site(tx, &recent)).await?;
    match site {
        Some(site) => {
            let done = ctx.param("done").filter(|d| d == "site-deleted").map_or("", |_| "?done=site-deleted");
            Ok(ctx.go(&format!("/admin/s/{site}{done}")))
        }
        None if ctx.actor.grants.on_customers().has(Capability::AccountsRead) => Ok(ctx.go("/admin/server")),
        None => Ok(without_site(&ctx).await?),
    }
}

/// Somebody who has no site here: their account is suspended, they look after its plan, or hold no role that does more
/// than read.
async fn without_site(ctx: &Ctx) -> Result<actix_web::HttpResponse> {
    if let Some(page) = super::refused::suspended(ctx, 200).await? {
        return Ok(page);
    }
    let sees = |role: &freehold_base::Role| role.capabilities().has(Capability::UsageRead);
    let account = ctx.actor.grants.accounts.iter().find(|(_, role)| sees(role));
    let to = account.map_or_else(|| "/admin/me".to_owned(), |(id, _)| format!("/admin/account/{id}/usage"));
    Ok(ctx.go(&to))
}

/// The person's colours: light, dark or as the system has it.
pub async fn appearance(ctx: Ctx, form: Form) -> Reply {
    let theme = form.get("theme").to_owned();
    ctx.write(move |tx| {
        let me = freehold_platform::accounts::profile::show(tx)?;
        let mut appearance = freehold_platform::accounts::Appearance::parse(&me.appearance);
        appearance.theme.clone_from(&theme);
        let edit =
            freehold_platform::accounts::ProfileEdit { name: me.name, bio: me.bio, locale: me.locale, appearance };
        freehold_platform::accounts::profile::update(tx, &edit)
    })
    .await?;
    Ok(ctx.go(if ctx.from.is_empty() { "/admin" } else { &ctx.from }))
}
