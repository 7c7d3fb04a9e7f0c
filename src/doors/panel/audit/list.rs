//! The audit log as a page.

use freehold_base::text::grouped;
use freehold_base::{Capability as C, Result, Timestamp};
use freehold_platform::audit::{self, Found, Row, VERIFY};
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::upkeep;
use freehold_store::Tx;
use serde::Serialize;

use super::{Asked, NOUNS, Names};
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::changes::describe;
use crate::panel::ctx::Ctx;
use crate::panel::customers::limits_form;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

/// Rows on one page.
const ROWS: i64 = 50;

#[derive(Serialize)]
struct AuditView {
    of_server: bool,
    action: String,
    who: String,
    what: String,
    from: String,
    until: String,
    choices: Vec<Choice>,
    filtered: bool,
    rows: Vec<RowView>,
    summary: String,
    prev: String,
    next: String,
    export_href: String,
    chain: Option<ChainView>,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct RowView {
    who: String,
    who_href: String,
    initials: String,
    hue: u16,
    did: String,
    what: String,
    href: String,
    detail: String,
    address: String,
    by_token: bool,
    at: TimeView,
}

/// Whether the log is whole, as the last look found.
#[derive(Serialize)]
struct ChainView {
    tone: &'static str,
    text: String,
    at: Option<TimeView>,
    checking: bool,
    may_check: bool,
    job_href: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Audit log", vec![crumb("Audit log", None)]).await?;
    let asked = Asked::of(&ctx);
    let may_check = ctx.actor.grants.on_server().has(C::ServerManage);
    let view = ctx.read(move |tx| read(tx, &asked, may_check)).await?;
    Ok(ctx.page(200, "audit/list.html", &frame, &view)?)
}

fn read(tx: &mut Tx<'_>, asked: &Asked, may_check: bool) -> Result<AuditView> {
    let filter = asked.filter(tx)?;
    let mut found = audit::list(tx, asked.site, &filter, asked.before, ROWS + 1)?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let (home, query) = (asked.home(), asked.query());
    let next = found.last().filter(|_| more).map(|r| format!("{home}?{query}&before={}", r.id));
    let (mut names, now) = (Names::default(), tx.now());
    let mut rows = Vec::new();
    for row in found {
        rows.push(view_of(tx, &row, &mut names, &home, now)?);
    }
    Ok(AuditView {
        of_server: asked.site.is_none(),
        summary: format!("{} shown", rows.len()),
        prev: if asked.before > 0 { format!("{home}?{query}") } else { String::new() },
        next: next.unwrap_or_default(),
        export_href: format!("{home}/export"),
        choices: NOUNS.iter().map(|(value, label)| Choice { value, label }).collect(),
        filtered: !query.is_empty(),
        who: asked.who.clone(),
        what: asked.what.clone(),
        from: asked.from.clone(),
        until: asked.until.clone(),
        action: home,
        rows,
        chain: if asked.site.is_none() { Some(chain(tx, may_check)?) } else { None },
    })
}

fn view_of(tx: &mut Tx<'_>, row: &Row, names: &mut Names, home: &str, now: Timestamp) -> Result<RowView> {
    let (who, email) = names.of(tx, row)?;
    let base = match row.site_id {
        0 => String::new(),
        site => format!("/admin/s/{site}"),
    };
    let change = describe(&row.action, &row.object, &base);
    let encoded: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    Ok(RowView {
        who_href: if email.is_empty() { String::new() } else { format!("{home}?who={encoded}") },
        initials: freehold_base::text::initials(&who),
        hue: hue(row.actor_id),
        who,
        did: change.did,
        what: change.what,
        href: change.href,
        detail: detail(&row.detail),
        address: row.address.clone(),
        by_token: row.actor == "token",
        at: time_view(row.acted_at, now),
    })
}

/// What else is known of a change; limits, which are kept as they are stored, in words.
fn detail(kept: &str) -> String {
    let words = limits_form::words(kept).unwrap_or_else(|| kept.to_owned());
    words.chars().take(200).collect()
}

/// What the last look at the chains found.
fn chain(tx: &mut Tx<'_>, may_check: bool) -> Result<ChainView> {
    let filter =
        |states: Vec<&'static str>| JobFilter { states, kinds: Some(vec![VERIFY.to_owned()]), ..JobFilter::default() };
    let checking = !jobs::search(tx, None, &filter(vec!["running"]), 0, 1)?.is_empty();
    let last = jobs::search(tx, None, &filter(vec!["done", "failed"]), 0, 1)?.pop();
    let now = tx.now();
    let Some(job) = last else {
        let text = "Whether rows were changed or removed has not been checked yet.".to_owned();
        return Ok(ChainView { tone: "", text, at: None, checking, may_check, job_href: String::new() });
    };
    let (tone, text) = if job.state == "failed" {
        ("bad", job.message.clone())
    } else {
        let found: Found = serde_json::from_str(&job.result).unwrap_or_default();
        ("good", format!("The log is whole: {} rows, none changed or removed.", grouped(found.rows)))
    };
    let at = Some(time_view(job.ended_at, now));
    Ok(ChainView { tone, text, at, checking, may_check, job_href: format!("/admin/server/jobs/{}", job.id) })
}

/// Lets the log be looked at now.
pub async fn check(ctx: Ctx) -> Reply {
    ctx.write(|tx| {
        tx.authorize_server(C::ServerManage)?;
        upkeep::queue(tx, VERIFY, std::time::Duration::ZERO)
    })
    .await?;
    Ok(ctx.go("/admin/server/audit?done=checking"))
}
