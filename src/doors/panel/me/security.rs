//! Password and sessions.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Error, Result, Secret, SessionId};
use freehold_platform::accounts::{Outcome, SessionToken};
use serde::Serialize;

use super::{Tab, password_words, tabs};
use crate::panel::auth::error_at;
use crate::panel::build_frame::time_view;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct SecurityView {
    tabs: Vec<Tab>,
    email: String,
    factor_on: bool,
    codes_left: i64,
    sessions: Vec<SessionView>,
    current_error: String,
    password_error: String,
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

/// A browser in words: `Firefox on Linux`.
pub fn device_words(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)], other: &'static str| {
        table.iter().find(|(sign, _)| agent.contains(sign)).map_or(other, |(_, word)| word)
    };
    let browsers = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    match (first(&browsers, ""), first(&systems, "")) {
        ("", "") => "Unknown browser".to_owned(),
        ("", system) => system.to_owned(),
        (browser, "") => browser.to_owned(),
        (browser, system) => format!("{browser} on {system}"),
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, 200, String::new(), String::new()).await?)
}

async fn page(ctx: &Ctx, status: u16, current_error: String, password_error: String) -> Result<HttpResponse> {
    let frame = ctx.own_frame("Sign-in").await?;
    let accounts = ctx.app.accounts.clone();
    let this = ctx.person.as_ref().map(|p| p.session);
    let (sessions, codes_left) = ctx
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
            Ok((views.collect(), accounts.recovery_codes_left(tx)?))
        })
        .await?;
    let person = ctx.person.as_ref();
    let view = SecurityView {
        tabs: tabs("/admin/me/security"),
        email: person.map(|p| p.email.clone()).unwrap_or_default(),
        factor_on: person.is_some_and(|p| p.has_totp),
        codes_left,
        sessions,
        current_error,
        password_error,
    };
    ctx.page(status, "me/security.html", &frame, &view)
}

/// Changes the password: the old one is asked for, all other sessions end.
pub async fn password(ctx: Ctx, form: Form) -> Reply {
    match change(&ctx, &form).await {
        Ok(Outcome::Done(token)) => Ok(ctx.go_with_session("/admin/me/security?done=password", &token)),
        Ok(Outcome::Refused(e)) => Ok(page(&ctx, e.status(), password_words(&e), String::new()).await?),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, 422, String::new(), error_at(Some(&e), "password")).await?),
        Err(e) if e.status() == 429 => Ok(page(&ctx, 429, e.sentence(), String::new()).await?),
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

#[cfg(test)]
mod tests {
    use super::device_words;

    #[test]
    fn browsers_have_names() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1";
        assert_eq!(device_words(firefox), "Firefox on Linux");
        assert_eq!(device_words(edge), "Edge on Windows");
        assert_eq!(device_words(phone), "Safari on iPhone");
        assert_eq!(device_words(""), "Unknown browser");
    }
}
