//! The socket: what is typed goes in as bytes, what the shell says comes out as bytes, filtered; sizes are short texts.
//! The ticket comes as a sub-protocol, so that no log of addresses holds it.

use std::rc::Rc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{CloseCode, CloseReason, Message, MessageStream, Session};
use freehold_base::{AccountId, Clock, Code, Error, OrInternal as _, Result, SiteId};
use freehold_host::sandbox::{Limits, Order, Size, Terminal, Work};
use freehold_hosting::terminal::{Filter, Seat, enter, may_stay, note_closed};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{MissedTickBehavior, interval};

use super::page::closed;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::news::Ear;
use crate::web::connection::Progress;

/// Name of our protocol; the ticket stands beside it as `ticket.TOKEN`.
const PROTOCOL: &str = "freehold.terminal";
const TICKET: &str = "ticket.";
/// Pieces of output that may wait for a slow browser; then the shell waits.
const WAITING: usize = 32;
/// The largest message: a long paste comes in several.
const MESSAGE: usize = 64 << 10;
/// How often the connection is tried, and the right looked at again.
const BEAT: Duration = Duration::from_secs(10);
/// The longest terminal.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// Terms of a terminal that a browser may name.
const TERM: &str = "xterm-256color";

/// What a browser sends as text.
#[derive(Deserialize)]
struct Resize {
    columns: u16,
    rows: u16,
}

/// Opens the socket.
pub async fn open(ctx: Ctx, request: HttpRequest, payload: Payload) -> Reply {
    let token = asked(&ctx, &request)?;
    let look = ctx.clone();
    // The first look at this machine's sandbox runs a program.
    let why = web::block(move || closed(&look)).await.or_internal("looking for a sandbox")?;
    if !why.is_empty() {
        return Err(Error::refused(Code::WrongState, why).into());
    }
    let person = ctx.person.clone().ok_or_else(|| Error::code(Code::SignInRequired))?;
    let seat = ctx.app.terminals.sit(person.user)?;
    let ear = ctx.app.news.listen(person.session)?;
    let site = ctx.site;
    let account = ctx.write(move |tx| enter(tx, site, &token)).await?.into_result()?;
    match begin(&ctx, &request, payload, account, ear).await {
        Ok((answer, open)) => {
            // Bytes that come from now on are no head of a request.
            if let Some(progress) = request.conn_data::<Rc<Progress>>() {
                progress.upgraded();
            }
            actix_web::rt::spawn(open.work(ctx, seat));
            Ok(answer)
        }
        Err(e) => {
            let why = e.sentence();
            ctx.write(move |tx| {
                note_closed(tx, site, account, &why);
                Ok(())
            })
            .await?;
            Err(e.into())
        }
    }
}

/// The ticket of a request that really asks for our socket, from our own pages.
fn asked(ctx: &Ctx, request: &HttpRequest) -> Result<String> {
    let text = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !text(header::UPGRADE).eq_ignore_ascii_case("websocket") {
        return Err(Error::refused(Code::BadRequest, "this address is a WebSocket"));
    }
    // Browsers let any page open sockets to any place, with cookies: the guard does not look at GET.
    if !ctx.app.panel.is_own(text(header::ORIGIN)) {
        return Err(Error::code(Code::ForeignOrigin));
    }
    let protocols = text(header::SEC_WEBSOCKET_PROTOCOL).split(',').map(str::trim);
    let token = protocols.filter_map(|p| p.strip_prefix(TICKET)).next().unwrap_or_default();
    Ok(token.chars().take(100).collect())
}

/// A terminal with its socket.
struct Open {
    site: SiteId,
    account: AccountId,
    terminal: Terminal,
    output: Receiver<Vec<u8>>,
    session: Session,
    messages: MessageStream,
    filter: Filter,
    idle: Duration,
    /// Hears that the node stops.
    ear: Ear,
}

async fn begin(
    ctx: &Ctx,
    request: &HttpRequest,
    payload: Payload,
    account: AccountId,
    ear: Ear,
) -> Result<(HttpResponse, Open)> {
    let handled = actix_ws::handle_with_protocols(request, payload, &[PROTOCOL]);
    let (answer, session, messages) = handled.map_err(|e| Error::refused(Code::BadRequest, e.to_string()))?;
    let order = Order {
        account,
        work: Work::Shell,
        limits: Limits::default(),
        network: ctx.app.config.sandbox.network,
        timeout: LONGEST,
        environment: vec![("TERM", TERM.to_owned())],
    };
    let (tell, output) = channel(WAITING);
    let hear = move |bytes: &[u8]| tell.blocking_send(bytes.to_vec()).is_ok();
    let (sandbox, files) = (ctx.app.sandbox.clone(), ctx.app.files.clone());
    let opened = web::block(move || {
        files.check_start(account)?;
        let over = move || files.count_again(account);
        sandbox.open_terminal(&order, Size { columns: 80, rows: 24 }, hear, over)
    });
    let terminal = opened.await.or_internal("opening a terminal")??;
    let idle = Duration::from_secs(ctx.app.config.terminal.idle_minutes.max(1) * 60);
    let messages = messages.max_frame_size(MESSAGE);
    let filter = Filter::default();
    let open = Open { site: ctx.site, account, terminal, output, session, messages, filter, idle, ear };
    Ok((answer, open))
}

impl Open {
    async fn work(mut self, ctx: Ctx, _seat: Seat) {
        let begun = Clock::instant();
        let why = self.go_on(&ctx).await;
        let reason = CloseReason { code: CloseCode::Normal, description: Some(why.to_owned()) };
        let _ = self.session.clone().close(Some(reason)).await;
        drop(self.terminal); // the shell and all it started
        let (site, account) = (self.site, self.account);
        let detail = format!("{why}; {} s", begun.elapsed().as_secs());
        let noted = ctx.write(move |tx| {
            note_closed(tx, site, account, &detail);
            Ok(())
        });
        if let Err(e) = noted.await {
            tracing::error!("noting a closed terminal: {e}");
        }
    }

    /// Until it is over; gives why.
    async fn go_on(&mut self, ctx: &Ctx) -> &'static str {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut typed = Clock::instant();
        loop {
            tokio::select! {
                said = self.output.recv() => {
                    let Some(bytes) = said else { return "the shell ended" };
                    let shown = self.filter.pass(&bytes);
                    if !shown.is_empty() && self.session.binary(shown).await.is_err() {
                        return "the browser left";
                    }
                }
                message = self.messages.recv() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        typed = Clock::instant();
                        if !self.terminal.type_in(&bytes) {
                            return "more was typed than the shell reads";
                        }
                    }
                    Some(Ok(Message::Text(text))) => {
                        if let Ok(Resize { columns, rows }) = serde_json::from_str(&text) {
                            self.terminal.resize(Size { columns, rows });
                        }
                    }
                    Some(Ok(Message::Ping(bytes))) => {
                        let _ = self.session.pong(&bytes).await;
                    }
                    Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return "the browser left",
                    Some(Ok(_)) => {}
                },
                news = self.ear.news.recv() => if matches!(news, Err(RecvError::Closed)) {
                    return "Freehold stopped";
                },
                _ = beat.tick() => {
                    if typed.elapsed() >= self.idle {
                        return "nobody typed for a while";
                    }
                    if !self.still_may(ctx).await {
                        return "the session ended, or the right to it";
                    }
                    if self.session.ping(b"").await.is_err() {
                        return "the browser left";
                    }
                }
            }
        }
    }

    /// The session lives, and its person may still have a terminal there.
    async fn still_may(&self, ctx: &Ctx) -> bool {
        let Some(cookie) = &ctx.cookie else { return false };
        let (site, account) = (self.site, self.account);
        ctx.app.still_may(cookie, &ctx.actor.address, move |tx| may_stay(tx, site, account)).await
    }
}
