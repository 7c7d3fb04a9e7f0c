//! Setting up the second factor: the parts that the profile and the sign-in share, and the sign-in's page.

use actix_web::HttpResponse;
use freehold_base::{Code, Error, Result, Secret};
use freehold_platform::accounts::{Enrolment, HalfSession, Outcome, Wanted};
use freehold_platform::secrets::qr;
use serde::Serialize;

use super::arrive::arrive;
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::frame::Frame;
use super::passkey::{PasskeyView, answer_in};

/// What a page shows to set an app up. As secret as the key it shows.
#[derive(Serialize)]
pub struct EnrolView {
    qr_size: i32,
    qr_path: String,
    key: String,
}

impl EnrolView {
    /// Draws the code.
    ///
    /// # Errors
    /// `Internal` where it does not fit.
    pub fn of(enrolment: &Enrolment) -> Result<Self> {
        let qr = qr::draw(enrolment.uri.reveal_text())?;
        Ok(Self { qr_size: qr.size, qr_path: qr.path, key: in_fours(enrolment.secret_text.reveal_text()) })
    }
}

/// `ABCD EFGH …`: people type it from the screen.
fn in_fours(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Recovery codes, shown once.
#[derive(Serialize)]
pub struct CodesView {
    codes: Vec<String>,
    /// The codes as a file.
    file: String,
    next: String,
}

impl CodesView {
    /// The codes of a set; `next` is where the person goes from there.
    pub fn of(codes: &[Secret], host: &str, next: &str) -> Self {
        let codes: Vec<String> = codes.iter().map(|c| c.reveal_text().to_owned()).collect();
        let text = format!("Freehold recovery codes for {host}\r\nEach works once.\r\n\r\n{}\r\n", codes.join("\r\n"));
        let encoded: String =
            percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
        Self { codes, file: format!("data:text/plain;charset=utf-8,{encoded}"), next: next.to_owned() }
    }
}

#[derive(Serialize)]
struct HalfView {
    reachable: bool,
    passkey: PasskeyView,
    action: String,
    enrol: Option<EnrolView>,
    error: String,
}

fn wanted(ctx: &Ctx) -> Result<HalfSession> {
    let half = ctx.half.clone().filter(|h| h.wanted() == Wanted::Enrolment);
    half.ok_or_else(|| Error::code(Code::SignInRequired))
}

async fn half_page(ctx: &Ctx, status: u16, error: String) -> Result<HttpResponse> {
    let (accounts, half) = (ctx.app.accounts.clone(), wanted(ctx)?);
    let pending = ctx.read(move |tx| accounts.pending_factor_half(tx, &half)).await?;
    let enrol = pending.as_ref().map(EnrolView::of).transpose()?;
    ctx.page(
        status,
        "auth/factor.html",
        &Frame::plain("Two-step sign-in"),
        &HalfView {
            reachable: !ctx.app.config.panel.ip().is_loopback(),
            passkey: PasskeyView::of(ctx, "/admin/login/factor/passkey", true),
            action: super::auth::with_next("/admin/login/factor", &ctx.wanted_page()),
            enrol,
            error,
        },
    )
}

/// For a hosting admin whose panel other machines reach: nothing else opens before this is done (rule C5).
pub async fn half_form(ctx: Ctx) -> Reply {
    if ctx.half.as_ref().is_some_and(|h| h.wanted() == Wanted::Code) {
        return Ok(ctx.go(&super::auth::with_next("/admin/login/code", &ctx.wanted_page())));
    }
    Ok(half_page(&ctx, 200, String::new()).await?)
}

/// Begins, or takes the first code.
pub async fn half(ctx: Ctx, form: Form) -> Reply {
    let (accounts, half) = (ctx.app.accounts.clone(), wanted(&ctx)?);
    if form.get("do") == "begin" {
        ctx.write(move |tx| accounts.enrol_half(tx, &half).map(|_| ())).await?;
        return Ok(ctx.go(&super::auth::with_next("/admin/login/factor", &ctx.wanted_page())));
    }
    let (code, answer, name) =
        (form.get("code").to_owned(), answer_in(&form), super::me::passkeys::name_in(&ctx, &form));
    let (app, device) = (ctx.app.clone(), ctx.device.clone());
    let outcome = ctx
        .write(move |tx| {
            let done = match &answer {
                Some(answer) => match accounts.add_passkey_half(tx, &half, answer, &name)? {
                    Outcome::Done(added) => Outcome::Done((added.token, added.recovery_codes)),
                    Outcome::Refused(e) => Outcome::Refused(e),
                },
                None => match accounts.confirm_factor_half(tx, &half, &code)? {
                    Outcome::Done(set) => Outcome::Done((set.token, set.recovery_codes)),
                    Outcome::Refused(e) => Outcome::Refused(e),
                },
            };
            match done {
                Outcome::Done((token, codes)) => {
                    Ok(Outcome::Done((arrive(&app, tx, &token, device.as_deref())?, codes)))
                }
                Outcome::Refused(e) => Ok(Outcome::Refused(e)),
            }
        })
        .await?;
    match outcome {
        Outcome::Done((arrived, codes)) => {
            let host = ctx.app.panel.hosts.first().cloned().unwrap_or_default();
            let view = CodesView::of(&codes, &host, &ctx.wanted_page());
            Ok(ctx.page_arrived("auth/codes.html", &Frame::plain("Recovery codes"), &view, &arrived)?)
        }
        Outcome::Refused(e) => Ok(half_page(&ctx, e.status(), e.sentence()).await?),
    }
}
