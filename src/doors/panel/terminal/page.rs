//! The page: why there is no terminal, the form that opens one, and the terminal itself.

use actix_web::HttpResponse;
use freehold_base::Result;
use freehold_host::sandbox::Isolation;
use freehold_hosting::terminal::issue;
use serde::Serialize;

use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct TerminalView {
    action: String,
    /// Why there is none; empty where there is.
    closed: &'static str,
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

/// The page before, with the button that opens one.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, 200, String::new()).await?)
}

async fn page(ctx: &Ctx, status: u16, ticket: String) -> Result<HttpResponse> {
    let frame = ctx.frame("Terminal", vec![crumb("Terminal", None)]).await?;
    let action = format!("{}/terminal", ctx.base());
    let view = TerminalView {
        socket: format!("{action}/socket"),
        action,
        closed: closed(ctx),
        ticket,
        idle_minutes: ctx.app.config.terminal.idle_minutes,
    };
    ctx.page(status, "terminal/terminal.html", &frame, &view)
}

/// Shows the terminal with its ticket: once, in this answer. Who has not shown for a while that it is them is asked
/// first: the guard keeps the form and comes back with it.
pub async fn open(ctx: Ctx, _: Form) -> Reply {
    if !closed(&ctx).is_empty() {
        return Ok(page(&ctx, 409, String::new()).await?);
    }
    let site = ctx.site;
    let ticket = ctx.write(move |tx| issue(tx, site)).await?;
    Ok(page(&ctx, 200, ticket.reveal_text().to_owned()).await?)
}
