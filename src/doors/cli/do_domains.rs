//! `freehold domain …`

use freehold_base::{Code, Error, Page, PageSize, Result, SiteId};
use freehold_hosting::domains::health::{Fix, Tone};
use freehold_platform::sites::domains::{Add, Kind};
use freehold_platform::sites::{self, domains as service, names as rules};
use freehold_store::domains::Wanted;
use freehold_store::sites::Domain as Row;
use serde_json::{Value, json};

use super::commands::{Domain, Done};
use super::hands::{Hands, table};

/// `freehold domain …`
///
/// # Errors
/// What the services give.
pub fn domain(hands: &Hands, command: &Domain) -> Result<Done> {
    match command {
        Domain::List { site: Some(site) } => {
            let site = hands.site(site)?;
            names(hands, site)
        }
        Domain::List { site: None } => all(hands),
        Domain::Add { host, site, kind, main } => add(hands, host, site, kind, *main),
        Domain::Main { host } => {
            let row = found(hands, host)?;
            hands.write({
                let (site, id) = (row.site_id, row.id);
                move |tx| sites::make_main(tx, site, id)
            })?;
            let words = format!("{} is the main name of site {}.", row.host, row.site_id);
            Ok(Done::said(words, json!({ "site": row.site_id, "id": row.id })))
        }
        Domain::Set { host, kind } => {
            let (row, kind) = (found(hands, host)?, kind_of(kind)?);
            let (site, id) = (row.site_id, row.id);
            hands.write(move |tx| sites::set_redirect(tx, site, id, kind == Kind::Redirect))?;
            Ok(Done::said(format!("{} is changed.", row.host), json!({ "site": site, "id": id, "kind": kind.name() })))
        }
        Domain::Approve { host, site } => approve(hands, host, site.as_deref()),
        Domain::Check { host } => check(hands, host),
        Domain::Remove { host } => {
            let row = found(hands, host)?;
            let (site, id) = (row.site_id, row.id);
            hands.write(move |tx| sites::remove_domain(tx, site, id))?;
            Ok(Done::said(format!("{} is removed.", row.host), json!({ "site": site, "id": id })))
        }
    }
}

fn kind_of(text: &str) -> Result<Kind> {
    let known = Kind::by_name(text).filter(|k| *k != Kind::Wildcard);
    known.ok_or_else(|| Error::invalid("kind", Code::NotAllowed, "redirect, alias"))
}

fn add(hands: &Hands, host: &str, site: &str, kind: &str, main: bool) -> Result<Done> {
    let (site, name, kind) = (hands.site(site)?, sites::name_typed(host)?, kind_of(kind)?);
    let new = Add { name, kind, becomes_main: main };
    let row = hands.write(move |tx| service::add(tx, site, &new))?;
    let words = match (row.kind.as_str(), main) {
        (_, true) => format!("{} becomes the main name of site {site} once it points here.", row.host),
        ("redirect", _) => format!("{} leads to the main name of site {site}.", row.host),
        _ => format!("{} shows site {site}.", row.host),
    };
    Ok(Done::said(words, json!({ "id": row.id, "host": row.host, "kind": row.kind, "state": row.state })))
}

/// The row of a name as people type it, of whatever site.
fn found(hands: &Hands, host: &str) -> Result<Row> {
    let name = sites::name_typed(host)?;
    hands.read(move |tx| service::somewhere(tx, name.as_str()))
}

fn approve(hands: &Hands, host: &str, site: Option<&str>) -> Result<Done> {
    let name = sites::name_typed(host)?;
    let row = match site {
        None => found(hands, host)?,
        Some(site) => {
            let site = hands.site(site)?;
            hands.read(move |tx| service::named(tx, site, name.as_str()))?
        }
    };
    let (site, id) = (row.site_id, row.id);
    hands.write(move |tx| service::prove(tx, site, id, "admin"))?;
    Ok(Done::said(format!("{} is served by site {site}.", row.host), json!({ "site": site, "id": id })))
}

fn columns(row: &Row) -> Vec<String> {
    let points = if row.points.is_empty() { "-" } else { &row.points };
    vec![row.id.to_string(), rules::shown(&row.host), row.kind.clone(), row.state.clone(), points.to_owned()]
}

fn as_json(row: &Row) -> Value {
    json!({ "id": row.id, "site": row.site_id, "host": row.host, "kind": row.kind, "state": row.state,
        "points": row.points, "proof": if row.is_live() { row.proof.as_str() } else { "" } })
}

/// Names of one site.
pub(super) fn names(hands: &Hands, site: SiteId) -> Result<Done> {
    let all = hands.read(move |tx| sites::domains(tx, site))?;
    let rows: Vec<Vec<String>> = all.iter().map(columns).collect();
    let json: Vec<Value> = all.iter().map(as_json).collect();
    Ok(Done::data(table(&["id", "host", "kind", "state", "points"], &rows), json!({ "site": site, "domains": json })))
}

/// Names of all sites.
fn all(hands: &Hands) -> Result<Done> {
    let (mut rows, mut json) = (Vec::new(), Vec::new());
    let mut page = Page { size: PageSize::new(PageSize::MAX), after: None };
    loop {
        let at = page.clone();
        let some = hands.read(move |tx| service::all_domains(tx, &Wanted::default(), &at))?;
        let Some(last) = some.last() else { break };
        page.after = Some(freehold_base::Cursor { key: last.domain.host.clone(), id: last.domain.id.get() });
        for listed in some {
            let mut line = columns(&listed.domain);
            line.push(listed.account_name.clone());
            rows.push(line);
            let mut one = as_json(&listed.domain);
            one["account"] = json!(listed.account);
            json.push(one);
        }
    }
    let head = ["id", "host", "kind", "state", "points", "account"];
    Ok(Done::data(table(&head, &rows), json!({ "domains": json })))
}

fn check(hands: &Hands, host: &str) -> Result<Done> {
    let row = found(hands, host)?;
    let health = hands.domains.check(&hands.store, row.site_id, row.id)?;
    let mut lines = Vec::new();
    for line in &health.lines {
        let mark = match line.tone {
            Tone::Good => "ok  ",
            Tone::Warn => "warn",
            Tone::Bad => "BAD ",
            Tone::Info => "    ",
        };
        lines.push(format!("{mark}  {:<8}{}", line.key, line.text));
        if let Some(Fix::Paste { kind, name, value }) = &line.fix {
            lines.push(format!("              add: {name}  {kind}  {value}"));
        }
    }
    let json = serde_json::to_value(&health).map_err(|e| Error::internal("writing the health of a name", e))?;
    let mut done = Done::data(lines.join("\n"), json);
    done.good = health.counts().0 == 0;
    Ok(done)
}
