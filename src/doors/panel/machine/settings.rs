//! The installation: mail, addresses, version, data.

use actix_web::HttpResponse;
use freehold_base::{Error, Result};
use freehold_platform::outbox::Letter;
use serde::Serialize;

use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct ServerView {
    mail: bool,
    mail_server: String,
    mail_from: String,
    to: String,
    sent: String,
    error: String,
    version: &'static str,
    database: &'static str,
    data: String,
    panel_url: String,
    panel_listen: String,
    listen: String,
    secure: bool,
    needs_factor: bool,
}

/// Host and port of the mail server, never its password.
fn server_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, "", String::new()).await?)
}

async fn page(ctx: &Ctx, sent: &str, error: String) -> Result<HttpResponse> {
    let frame = ctx.frame("Settings", vec![crumb("Settings", None)]).await?;
    let config = &ctx.app.config;
    let data = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
    let view = ServerView {
        mail: ctx.app.outbox.is_on(),
        mail_server: server_of(&config.mail.smtp_url),
        mail_from: config.mail.from.clone(),
        to: ctx.person.as_ref().map(|p| p.email.clone()).unwrap_or_default(),
        sent: sent.to_owned(),
        error,
        version: env!("CARGO_PKG_VERSION"),
        database: if ctx.app.store.is_sqlite() { "SQLite, in the data folder" } else { "PostgreSQL" },
        data: data.display().to_string(),
        panel_url: ctx.app.panel.url.clone(),
        panel_listen: config.panel.to_string(),
        listen: config.listen.to_string(),
        secure: ctx.app.panel.secure,
        needs_factor: !config.panel.ip().is_loopback(),
    };
    ctx.page(if view.error.is_empty() { 200 } else { 502 }, "server/settings.html", &frame, &view)
}

/// Sends a mail to try the server out; the answer waits for it, on a thread that may wait.
pub async fn try_mail(ctx: Ctx, form: Form) -> Reply {
    let to = freehold_base::text::email("to", form.get("to"));
    let to = match to {
        Ok(to) => to,
        Err(e) => return Ok(page(&ctx, "", e.sentence()).await?),
    };
    let (outbox, letter) = (ctx.app.outbox.clone(), Letter::trial(&to, &ctx.app.panel.url));
    let sent = actix_web::web::block(move || outbox.send(&letter))
        .await
        .map_err(|e| Error::internal("sending a mail", e.to_string()))?;
    match sent {
        Ok(()) => Ok(page(&ctx, &to, String::new()).await?),
        Err(e) => Ok(page(&ctx, "", e.sentence()).await?),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_password_of_the_mail_server_is_not_shown() {
        assert_eq!(super::server_of("smtps://mara:se@cret@mail.example.org:465/?x"), "mail.example.org:465");
        assert_eq!(super::server_of("smtp://127.0.0.1:25"), "127.0.0.1:25");
    }
}
