//! The page: why there is no terminal, the form that opens one, and the terminal itself.

use actix_web::HttpResponse;
use freehold_base::{Error, Result};
use freehold_host::sandbox::Isolation;
use freehold_hosting::terminal::{issue, needs_fresh};
use serde::Serialize;

use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::me::password_words;

#[derive(Serialize)]
struct TerminalView {
    action: String,
    /// Why there is none; empty where there is.
    closed: &'static str,
    email: String,
    error: String,
    /// A ticket that opens the socket once; empty before.
    ticket: String,
    socket: String,
    idle_minutes: u64,
}

/// Why no terminal opens on this node; empty where one does.
pub fn closed(ctx: &Ctx) -> &'static str {
    if !ctx.app.config.terminal.enabled {
        return "Terminals are off on this server. Its hosting admin turns them on in the configuration \
                (terminal.enabled).";
    }
    match ctx.app.sandbox.isolation() {
        Isolation::Sandboxed => "",
        Isolation::OneTrustDomain => {
            "There is no terminal here: it opens in a sandbox only, and this machine allows none."
        }
        refused @ Isolation::Refused(_) => refused.sentence(),
    }
}

/// The page before: who are you?
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, 200, String::new(), String::new()).await?)
}

async fn page(ctx: &Ctx, status: u16, error: String, ticket: String) -> Result<HttpResponse> {
    let frame = ctx.frame("Terminal", vec![crumb("Terminal", None)]).await?;
    let action = format!("{}/terminal", ctx.base());
    let view = TerminalView {
        socket: format!("{action}/socket"),
        action,
        closed: closed(ctx),
        email: ctx.person.as_ref().map(|p| p.email.clone()).unwrap_or_default(),
        error,
        ticket,
        idle_minutes: ctx.app.config.terminal.idle_minutes,
    };
    ctx.page(status, "terminal/terminal.html", &frame, &view)
}

/// Checks the password, and shows the terminal with its ticket: once, in this answer.
pub async fn open(ctx: Ctx, form: Form) -> Reply {
    if !closed(&ctx).is_empty() {
        return Ok(page(&ctx, 409, String::new(), String::new()).await?);
    }
    let checked = match ctx.check_own_password(form.get("password")).await {
        Ok(checked) => checked,
        Err(e) if e.status() == 429 => return Ok(page(&ctx, 429, e.sentence(), String::new()).await?),
        Err(e) => return Err(e.into()),
    };
    let (accounts, site) = (ctx.app.accounts.clone(), ctx.site);
    // The outcome of the check is stored whatever it is: failures count.
    let outcome = ctx.write(move |tx| accounts.confirm_own(tx, &checked)).await?;
    let fresh = match needs_fresh(outcome) {
        Ok(fresh) => fresh,
        Err(e @ Error::Internal { .. }) => return Err(e.into()),
        Err(e) => return Ok(page(&ctx, e.status(), password_words(&e), String::new()).await?),
    };
    let ticket = ctx.write(move |tx| issue(tx, site, fresh)).await?;
    Ok(page(&ctx, 200, String::new(), ticket.reveal_text().to_owned()).await?)
}
