//! All addresses of a site.

use freehold_base::{Result, SiteId, Timestamp};
use freehold_hosting::domains::Look;
use freehold_platform::sites::{self, domains as service, names};
use freehold_store::Tx;
use freehold_store::sites::Domain;
use serde::Serialize;

use super::words;
use crate::panel::app::App;
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

#[derive(Serialize)]
struct ListView {
    base: String,
    main: String,
    rows: Vec<Row>,
    records: Vec<Record>,
    inside: bool,
    preview: String,
}

/// A line to copy to where the name was bought.
#[derive(Serialize)]
pub(super) struct Record {
    pub kind: &'static str,
    pub address: String,
}

#[derive(Serialize)]
struct Row {
    host: String,
    shown: String,
    url: String,
    main: bool,
    redirects: bool,
    wildcard: bool,
    local: bool,
    /// Not live, or not here yet: the set-up goes on.
    unfinished: bool,
    sub: String,
    used_for: &'static str,
    points: String,
    tone: &'static str,
    icon: &'static str,
    looked: String,
}

/// Records for this machine, and whether its address is only known inside its own network.
pub(super) fn records(app: &App) -> (Vec<Record>, bool) {
    let own = &app.domains.looker.own;
    let record =
        |ip: &std::net::IpAddr| Record { kind: if ip.is_ipv4() { "A" } else { "AAAA" }, address: ip.to_string() };
    (own.iter().map(record).collect(), app.is_inside())
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Domains", vec![crumb("Domains", None)]).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let rows = ctx.read(move |tx| rows(tx, &app, site)).await?;
    let (records, inside) = records(&ctx.app);
    let view = ListView {
        base: ctx.domains_href(),
        main: rows.iter().find(|r| r.main).map(|r| r.shown.clone()).unwrap_or_default(),
        preview: preview(&ctx.app, site),
        rows,
        records,
        inside,
    };
    Ok(ctx.page(200, "domains/list.html", &frame, &view)?)
}

/// Where the site can be looked at before its own name points here; empty where it has no such address.
pub(super) fn preview(app: &App, site: SiteId) -> String {
    match app.config.domains.preview.as_str() {
        "" => String::new(),
        below => app.site_origin(&format!("site-{site}.{below}")),
    }
}

fn rows(tx: &mut Tx<'_>, app: &App, site: SiteId) -> Result<Vec<Row>> {
    let now = tx.now();
    let mut rows = Vec::new();
    let mut all = sites::domains(tx, site)?;
    let main = all.iter().find(|d| d.kind == "main").map(|d| bare(&d.host).to_owned()).unwrap_or_default();
    // The main name first; a name with www. beside the one without.
    all.sort_by_cached_key(|d| {
        let name = bare(&d.host).to_owned();
        (d.kind != "main", name != main, name.clone(), d.host.len() > name.len())
    });
    for domain in all {
        let look = match is_unfinished(&domain) {
            true => service::last_look(tx, site, domain.id, "setup")?.map(|(found, _)| found),
            false => None,
        };
        rows.push(row(app, domain, look, now));
    }
    Ok(rows)
}

/// A name without what stands before it.
fn bare(host: &str) -> &str {
    host.strip_prefix("www.").or_else(|| host.strip_prefix("*.")).unwrap_or(host)
}

fn is_unfinished(domain: &Domain) -> bool {
    let local = service::name_of(domain).is_ok_and(|name| names::is_local(&name));
    !local && (!domain.is_live() || domain.points != "here")
}

fn row(app: &App, domain: Domain, look: Option<String>, now: Timestamp) -> Row {
    let unfinished = is_unfinished(&domain);
    let local = service::name_of(&domain).is_ok_and(|name| names::is_local(&name));
    let (used_for, sentence) = words::used_for(&domain);
    let (words_of, tone, icon) = words::points(&domain);
    let mut points = words_of.to_owned();
    let look: Option<Look> = look.and_then(|text| serde_json::from_str(&text).ok());
    if let Some(look) = look.filter(|l| l.records.len() > 1 && domain.points != "elsewhere") {
        let missing = look.records.iter().filter(|r| !r.seen).count();
        if missing > 0 {
            points = format!("{missing} of {} records missing", look.records.len());
        }
    }
    let added = time_view(domain.created_at, now).text;
    Row {
        shown: names::shown(&domain.host),
        url: app.site_origin(domain.host.trim_start_matches("*.")),
        main: domain.kind == "main",
        redirects: domain.kind == "redirect",
        wildcard: domain.kind == "wildcard",
        sub: match (domain.is_live(), domain.becomes.as_str()) {
            (false, "main") => format!("Added {added}; becomes the main address"),
            (false, _) => format!("Added {added}"),
            (true, "main") => "Becomes the main address once it points here".to_owned(),
            (true, _) => sentence,
        },
        looked: if domain.looked_at.ms() > 0 { time_view(domain.looked_at, now).text } else { String::new() },
        host: domain.host,
        local,
        unfinished,
        used_for,
        points,
        tone,
        icon,
    }
}
