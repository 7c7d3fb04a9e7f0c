//! Many accounts from a table: choose it, see what would come of every line, let it be done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use actix_multipart::Multipart;
use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse};
use bytes::BytesMut;
use freehold_base::{Code, Error, JobId, ResellerId, Result};
use freehold_platform::customers::bulk::{self, Open, Refused, Report, Row};
use freehold_platform::sites::Settings;
use freehold_publishing::starts::Start;
use futures_util::StreamExt as _;
use serde::Serialize;

use super::list::HERE as ACCOUNTS;
use crate::panel::app::App;
use crate::panel::auth::error_at;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::jobs::list::{JobRow, row};
use crate::panel::jobs::one::JobCard;
use crate::panel::opening::{self, FirstSite, NewCustomer};
use crate::web::limits::{BodyRules, GuardedBody};
use crate::web::multipart::broken;

const HERE: &str = "/admin/server/accounts/import";
/// Largest table, in bytes.
const MOST_BYTES: u64 = 1_000_000;
/// Refused lines that are shown.
const SHOWN: usize = 200;

/// How a line's account is opened: with a first site that welcomes.
///
/// # Errors
/// As [`opening::open`].
fn open_line(app: &App, tx: &mut freehold_store::Tx<'_>, new: &bulk::Create) -> Result<freehold_base::AccountId> {
    let site = FirstSite { host: new.domain.clone(), start: Start::by_name("business"), settings: Settings::default() };
    let from = match tx.actor().user() {
        Some(user) => freehold_store::users::find(tx, user)?.name,
        None => String::new(),
    };
    let customer = NewCustomer {
        title: new.title.clone(),
        owner: new.owner.clone(),
        owner_name: String::new(),
        plan: new.plan,
        reseller: ResellerId(0),
        site: Some(site),
    };
    Ok(opening::open(app, tx, &from, &customer)?.account)
}

/// The node, for jobs that begin before it stands.
#[derive(Clone, Default)]
pub struct LateApp(Arc<OnceLock<Weak<App>>>);

impl LateApp {
    /// It stands now.
    pub fn stands(&self, app: &Arc<App>) {
        let _ = self.0.set(Arc::downgrade(app));
    }
    /// What the job opens accounts with.
    pub fn open(&self) -> Open {
        let late = self.clone();
        Arc::new(move |tx, new| {
            // A job that was left from before the start waits until the node stands.
            let app = late.0.get().and_then(Weak::upgrade).ok_or_else(|| Error::code(Code::Busy))?;
            open_line(&app, tx, new)
        })
    }
}

#[derive(Serialize)]
struct ChooseView {
    error: String,
    text: String,
    most: usize,
    mail: bool,
    recent: Vec<JobRow>,
}

#[derive(Serialize)]
struct LookView {
    text: String,
    good: usize,
    lines: Vec<LineView>,
    refused: usize,
    more: usize,
}

#[derive(Serialize)]
struct LineView {
    line: usize,
    act: &'static str,
    title: String,
    detail: String,
    why: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(choose(&ctx, 200, String::new(), String::new()).await?)
}

async fn choose(ctx: &Ctx, status: u16, error: String, text: String) -> Result<HttpResponse> {
    let recent = ctx
        .read(|tx| {
            let now = tx.now();
            Ok(bulk::recent(tx, 5)?.iter().map(|job| row(job, HERE, String::new(), now)).collect())
        })
        .await?;
    let crumbs = vec![crumb("Accounts", Some(ACCOUNTS.into())), crumb("From a table", None)];
    let frame = ctx.frame("Accounts from a table", crumbs).await?;
    let view = ChooseView { error, text, most: bulk::MOST, mail: ctx.app.outbox.is_on(), recent };
    ctx.page(status, "customers/table.html", &frame, &view)
}

/// Reads the form: a file, or lines that were pasted.
async fn table_text(request: &HttpRequest, payload: web::Payload) -> Result<String> {
    let rules = BodyRules::up_to(MOST_BYTES * 2);
    let mut form = Multipart::new(request.headers(), GuardedBody::new(payload, rules));
    let (mut file, mut pasted) = (String::new(), String::new());
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|e| broken(&e, rules))?;
        let is_file = field.name() == Some("file");
        let mut bytes = BytesMut::new();
        while let Some(part) = field.next().await {
            bytes.extend_from_slice(&part.map_err(|e| broken(&e, rules))?);
            if bytes.len() as u64 > MOST_BYTES {
                return Err(Error::invalid("file", Code::TooLarge, "1 MB"));
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if is_file {
            file = text;
        } else {
            pasted = text;
        }
    }
    Ok(if file.trim().is_empty() { pasted } else { file })
}

/// Tries every line and keeps nothing.
pub async fn look(ctx: Ctx, request: HttpRequest, payload: web::Payload) -> Reply {
    let text = match table_text(&request, payload).await {
        Ok(text) => text,
        Err(e @ Error::Invalid(_)) => return Ok(choose(&ctx, 422, error_at(Some(&e), "file"), String::new()).await?),
        Err(e) => return Err(e.into()),
    };
    let table = match bulk::parse(&text) {
        Ok(table) => table,
        Err(e) => return Ok(choose(&ctx, 422, error_at(Some(&e), "file"), text).await?),
    };
    let mut lines: Vec<LineView> = table.refused.iter().map(not_read).collect();
    let mut good = 0;
    for row in &table.rows {
        let why = tried(&ctx, row).await?;
        good += usize::from(why.is_empty());
        lines.push(line_view(row, why));
    }
    lines.sort_by_key(|l| (l.why.is_empty(), l.line));
    let refused = lines.len() - good;
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let crumbs = vec![
        crumb("Accounts", Some(ACCOUNTS.into())),
        crumb("From a table", Some(HERE.into())),
        crumb("What would happen", None),
    ];
    let frame = ctx.frame("What would happen", crumbs).await?;
    Ok(ctx.page(200, "customers/table_look.html", &frame, &LookView { text, good, lines, refused, more })?)
}

fn not_read(refused: &Refused) -> LineView {
    LineView {
        line: refused.line,
        act: "",
        title: refused.title.clone(),
        detail: String::new(),
        why: refused.why.clone(),
    }
}

fn line_view(row: &Row, why: String) -> LineView {
    let parts = [&row.owner, &row.plan, &row.domain, &row.reason];
    let detail: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).map(String::as_str).collect();
    let title = if row.title.is_empty() { row.domain.clone() } else { row.title.clone() };
    LineView { line: row.line, act: row.act.name(), title, detail: detail.join(" · "), why }
}

/// Does a line in a write that is taken back: exactly what the job would meet. Gives why it would be refused, or "".
async fn tried(ctx: &Ctx, row: &Row) -> Result<String> {
    let (one, app) = (row.clone(), ctx.app.clone());
    let passed = Arc::new(AtomicBool::new(false));
    let (seen, opens): (_, Open) = (Arc::clone(&passed), Arc::new(move |tx, new| open_line(&app, tx, new)));
    let outcome: Result<()> = ctx
        .write(move |tx| {
            seen.store(false, Ordering::Release);
            bulk::perform(tx, &one, &opens)?;
            seen.store(true, Ordering::Release);
            // A refusal takes everything back.
            Err(Error::refused(Code::WrongState, "only tried"))
        })
        .await;
    match outcome {
        _ if passed.load(Ordering::Acquire) => Ok(String::new()),
        Err(e @ (Error::Invalid(_) | Error::Refused { .. })) if e.as_code() != Code::Busy => {
            Ok(bulk::refused(row, &e).why)
        }
        Err(e) => Err(e),
        Ok(()) => Ok(String::new()),
    }
}

/// Lets the lines be done.
pub async fn run(ctx: Ctx, form: Form) -> Reply {
    let table = match bulk::parse(form.get("text")) {
        Ok(table) => table,
        Err(e) => return Ok(choose(&ctx, 422, error_at(Some(&e), "file"), form.get("text").to_owned()).await?),
    };
    let id = ctx.write(move |tx| bulk::later(tx, &table.rows)).await?;
    Ok(ctx.go(&format!("{HERE}/{id}")))
}

#[derive(Serialize)]
struct FollowView {
    card: JobCard,
    live: bool,
    stage: &'static str,
    message: String,
    done: usize,
    refused: Vec<Refused>,
    more: usize,
    mail: bool,
}

/// How far it is, and what came of it.
pub async fn follow(ctx: Ctx, id: Path<JobId>) -> Reply {
    let id = id.into_inner();
    let job = ctx.read(move |tx| bulk::find(tx, id)).await?;
    let report: Report = serde_json::from_str(&job.result).unwrap_or_default();
    let crumbs = vec![
        crumb("Accounts", Some(ACCOUNTS.into())),
        crumb("From a table", Some(HERE.into())),
        crumb("How far it is", None),
    ];
    let frame = ctx.frame("Accounts from a table", crumbs).await?;
    let live = ["waiting", "running"].contains(&job.state.as_str());
    let view = FollowView {
        card: JobCard::of(&job, format!("{HERE}/{id}")),
        live,
        stage: match job.state.as_str() {
            "done" => "done",
            "failed" => "failed",
            "cancelled" => "stopped",
            _ => "run",
        },
        message: job.message.clone(),
        done: report.done,
        more: report.refused.len().saturating_sub(SHOWN),
        refused: report.refused.into_iter().take(SHOWN).collect(),
        mail: ctx.app.outbox.is_on(),
    };
    Ok(ctx.page(200, "customers/table_follow.html", &frame, &view)?)
}
