//! Addresses of a site.

use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, DomainId, Error, HostName, Result};
use freehold_platform::sites;
use serde::Serialize;

use super::auth::{FieldText, error_at, field_texts};
use super::build_frame::crumb;
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::refused::{Confirm, Sent, confirm};

#[derive(Serialize)]
struct DomainsView {
    base: String,
    main: String,
    rows: Vec<DomainRow>,
    host: String,
    errors: Vec<FieldText>,
    host_error: String,
    /// Records that lead here: kind and address.
    records: Vec<Record>,
    /// The address is one of the network at home or in the office.
    inside: bool,
}

/// A line to copy to where the name was bought.
#[derive(Serialize)]
struct Record {
    kind: &'static str,
    address: String,
}

/// Records for this machine, and whether its address is only known inside its own network.
fn records() -> (Vec<Record>, bool) {
    let found = freehold_host::files::own_addresses();
    let inside = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64,
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    let all_inside = !found.is_empty() && found.iter().all(inside);
    let record = |ip: &IpAddr| Record { kind: if ip.is_ipv4() { "A" } else { "AAAA" }, address: ip.to_string() };
    (found.iter().filter(|ip| all_inside || !inside(ip)).map(record).collect(), all_inside)
}

#[derive(Serialize)]
struct DomainRow {
    id: i64,
    host: String,
    url: String,
    main: bool,
    redirects: bool,
    /// Answers on this machine only.
    local: bool,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, "", None).await?)
}

async fn page(ctx: &Ctx, typed: &str, e: Option<&Error>) -> Result<HttpResponse> {
    let frame = ctx.frame("Domains", vec![crumb("Domains", None)]).await?;
    let site = ctx.site;
    let list = ctx.read(move |tx| sites::domains(tx, site)).await?;
    let rows: Vec<DomainRow> = list
        .into_iter()
        .map(|d| DomainRow {
            id: d.id.get(),
            url: ctx.app.site_origin(&d.host),
            main: d.kind == "main",
            redirects: d.kind == "redirect",
            local: HostName::parse(&d.host).is_ok_and(|h| h.is_loopback()),
            host: d.host,
        })
        .collect();
    let (records, inside) = records();
    let view = DomainsView {
        records,
        inside,
        base: format!("{}/domains", ctx.base()),
        main: rows.iter().find(|r| r.main).map(|r| r.host.clone()).unwrap_or_default(),
        rows,
        host: typed.to_owned(),
        errors: e.map(field_texts).unwrap_or_default(),
        host_error: error_at(e, "host"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "domains/list.html", &frame, &view)
}

impl Ctx {
    /// A host name as typed; the panel's own is refused: a site there would share its cookies.
    pub(super) fn host_of(&self, typed: &str) -> Result<HostName> {
        let host = sites::host_typed(typed)?;
        let panel = self.app.panel.url.split_once("://").map_or("", |(_, rest)| rest);
        let panel = panel.rsplit_once(':').map_or(panel, |(name, _)| name);
        if host.as_str().eq_ignore_ascii_case(panel) {
            return Err(Error::invalid("host", Code::Malformed, "another name than the panel\u{2019}s own"));
        }
        Ok(host)
    }
}

/// Adds a name; it leads to the main one until it is made main.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    let typed = form.get("host");
    let added = match ctx.host_of(typed) {
        Ok(host) => {
            let site = ctx.site;
            ctx.write(move |tx| sites::add_domain(tx, site, &host)).await
        }
        Err(e) => Err(e),
    };
    match added {
        Ok(_) => Ok(ctx.go(&format!("{}/domains?done=added", ctx.base()))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, typed, Some(&e)).await?),
        Err(Error::Refused { code: Code::DomainTaken, detail }) => {
            let e = Error::invalid("host", Code::DomainTaken, detail);
            Ok(page(&ctx, typed, Some(&e)).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// Makes a name main, lets it lead on or serve, removes it.
pub async fn change(ctx: Ctx, path: Path<(i64, DomainId)>, form: Form) -> Reply {
    let (site, id, wanted) = (ctx.site, path.1, form.get("do").to_owned());
    let done = match wanted.as_str() {
        "main" => "main",
        "remove" => "removed",
        _ => "changed",
    };
    if wanted == "remove" && !form.has("sure") {
        let all = ctx.read(move |tx| sites::domains(tx, site)).await?;
        let host = all.into_iter().find(|d| d.id == id).map(|d| d.host).ok_or_else(|| Error::not_found("domain"))?;
        let view = Confirm {
            title: format!("Remove {host}?"),
            text: "Who opens this name no longer finds the site. Records where you bought the name stay; you can add it again.".into(),
            items: Vec::new(),
            keep: "Keep it",
            back: format!("{}/domains", ctx.base()),
            label: "Remove".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("do", "remove"), Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    ctx.write(move |tx| match wanted.as_str() {
        "main" => sites::make_main(tx, site, id),
        "redirect" => sites::set_redirect(tx, site, id, true),
        "serve" => sites::set_redirect(tx, site, id, false),
        "remove" => sites::remove_domain(tx, site, id),
        _ => Err(Error::invalid("do", Code::NotAllowed, "main, redirect, serve, remove")),
    })
    .await?;
    Ok(ctx.go(&format!("{}/domains?done={done}", ctx.base())))
}
