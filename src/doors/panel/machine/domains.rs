//! All names of the installation, whoever has them.

use actix_web::web::Path;
use freehold_base::{Code, Cursor, DomainId, Error, Page, PageSize, SiteId};
use freehold_platform::sites::{domains as service, names};
use freehold_store::domains::{Listed, Wanted};
use serde::Serialize;

use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::domains::words;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

/// Names on one page.
const ROWS: usize = 50;

#[derive(Serialize)]
struct DomainsView {
    query: String,
    tabs: Vec<Tab>,
    keep: Vec<Keep>,
    rows: Vec<Row>,
    summary: String,
    first: String,
    next: String,
    filtered: bool,
    may_manage: bool,
}

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Keep {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    site: i64,
    site_name: String,
    host: String,
    shown: String,
    href: String,
    account: String,
    live: bool,
    state: &'static str,
    used_for: &'static str,
    points: &'static str,
    tone: &'static str,
    icon: &'static str,
    added: TimeView,
}

/// What a view of the list lets through: name in the address, words, state, where it leads.
const VIEWS: &[(&str, &str, &str, &str)] = &[
    ("", "All", "", ""),
    ("waiting", "Not shown to be theirs yet", "pending", ""),
    ("elsewhere", "Lead elsewhere", "live", "elsewhere"),
    ("partly", "Lead to two servers", "live", "partly"),
];

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Domains", vec![crumb("Domains", None)]).await?;
    let query = ctx.param("q").unwrap_or_default();
    let view = ctx.param("view").unwrap_or_default();
    let (_, _, state, points) = VIEWS.iter().find(|(name, ..)| *name == view).copied().unwrap_or(VIEWS[0]);
    let text = sought(&query);
    let wanted = Wanted { text, state: state.to_owned(), points: points.to_owned() };
    let after = ctx.param("after").and_then(|text| Cursor::decode(&text));
    let began = after.is_some();
    let size = PageSize::new(u16::try_from(ROWS + 1).unwrap_or(PageSize::MAX));
    let page = Page { size, after };
    let (mut rows, now) = ctx.read(move |tx| Ok((service::all_domains(tx, &wanted, &page)?, tx.now()))).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let at = |view: &str| format!("/admin/server/domains?q={encoded}&view={view}");
    let next = rows.last().filter(|_| more).map(|last| {
        let cursor = Cursor { key: last.domain.host.clone(), id: last.domain.id.get() }.encode();
        let cursor: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
        format!("{}&after={cursor}", at(&view))
    });
    let shown = rows.len();
    let view = DomainsView {
        tabs: VIEWS.iter().map(|(name, label, ..)| Tab { label, href: at(name), current: *name == view }).collect(),
        summary: match (shown, more || began) {
            (1, false) => "1 name".into(),
            (n, false) => format!("{n} names"),
            (n, true) => format!("{n} names on this page"),
        },
        first: if began { at(&view) } else { String::new() },
        next: next.unwrap_or_default(),
        filtered: !query.is_empty() || !view.is_empty(),
        keep: vec![Keep { name: "view", value: view }],
        rows: rows.into_iter().map(|listed| row(listed, now)).collect(),
        may_manage: ctx.actor.grants.on_server().has(freehold_base::Capability::ServerManage),
        query,
    };
    Ok(ctx.page(200, "server/domains.html", &frame, &view)?)
}

/// What stands in the database for what a person types: names of other scripts stand there in punycode.
fn sought(query: &str) -> String {
    let text = query.trim().to_lowercase();
    if text.is_ascii() {
        return text;
    }
    freehold_platform::sites::name_typed(&text).map(|name| name.as_str().to_owned()).unwrap_or(text)
}

fn row(listed: Listed, now: freehold_base::Timestamp) -> Row {
    let domain = &listed.domain;
    let (points, tone, icon) = words::points(domain);
    let proof = match domain.proof.as_str() {
        "txt" => "Shown by a text record",
        "ns" => "Shown by its name servers",
        "points" => "Shown by pointing here",
        "admin" => "Let in by a hosting admin",
        _ => "Added by a hosting admin",
    };
    Row {
        id: domain.id.get(),
        site: domain.site_id.get(),
        site_name: listed.site.clone(),
        href: format!("/admin/s/{}/domains/{}", domain.site_id, domain.host),
        shown: names::shown(&domain.host),
        account: listed.account_title.clone(),
        live: domain.is_live(),
        state: if domain.is_live() { proof } else { "Not shown to be theirs yet" },
        used_for: words::used_for(domain).0,
        added: time_view(domain.created_at, now),
        host: domain.host.clone(),
        points,
        tone,
        icon,
    }
}

/// Lets a claim be live by the word of the hosting admin.
pub async fn approve(ctx: Ctx, path: Path<i64>, form: Form) -> Reply {
    let (id, site) = (DomainId(path.into_inner()), SiteId(form.get("site").parse().unwrap_or(0)));
    if form.get("do") != "approve" {
        return Err(Error::invalid("do", Code::NotAllowed, "approve").into());
    }
    ctx.write(move |tx| service::prove(tx, site, id, "admin")).await?;
    Ok(ctx.go("/admin/server/domains?done=approved-name"))
}
