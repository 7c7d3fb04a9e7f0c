//! Is a name well set up? Each line that is not has one button, or the text to paste.

use actix_web::web::Path;
use freehold_base::Result;
use freehold_hosting::domains::health::{Fix, Health, Line, Tone};
use freehold_platform::sites::{domains as service, names};
use serde::Serialize;

use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct HealthView {
    base: String,
    href: String,
    setup_href: String,
    shown: String,
    local: bool,
    checked: Option<TimeView>,
    /// A look was asked for and has not come.
    waiting: bool,
    sum: String,
    lines: Vec<LineView>,
}

#[derive(Serialize)]
struct LineView {
    label: &'static str,
    tone: &'static str,
    icon: &'static str,
    word: &'static str,
    text: String,
    found: Vec<String>,
    fix: &'static str,
    record: Option<Record>,
    add: String,
}

#[derive(Serialize)]
struct Record {
    kind: String,
    name: String,
    value: String,
}

fn label(key: &str) -> &'static str {
    match key {
        "ns" => "Name servers",
        "address" => "Address",
        "www" => "With www",
        "caa" => "Certificate authorities (CAA)",
        "mx" => "Mail (MX)",
        "spf" => "Senders (SPF)",
        "dkim" => "Signed mail (DKIM)",
        "dmarc" => "Forged mail (DMARC)",
        "expiry" => "Registration",
        _ => "Other",
    }
}

fn line(line: Line) -> LineView {
    let (tone, icon, word) = match line.tone {
        Tone::Good => ("good", "circle-check", "Well"),
        Tone::Warn => ("warn", "triangle-alert", "Could be better"),
        Tone::Bad => ("bad", "circle-x", "Does not work"),
        Tone::Info => ("mut3", "info", "For information"),
    };
    let (fix, record, add) = match line.fix {
        None => ("", None, String::new()),
        Some(Fix::Paste { kind, name, value }) => ("paste", Some(Record { kind, name, value }), String::new()),
        Some(Fix::AddName(host)) => ("add", None, host),
        Some(Fix::SetUp) => ("setup", None, String::new()),
    };
    LineView { label: label(&line.key), tone, icon, word, text: line.text, found: line.found, fix, record, add }
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let (site, name) = (ctx.site, path.into_inner().1);
    let (domain, health, now) = ctx
        .read(move |tx| {
            let domain = service::named(tx, site, &name)?;
            let found = service::last_look(tx, site, domain.id, "health")?;
            Ok((domain, found, tx.now()))
        })
        .await?;
    let shown = names::shown(&domain.host);
    let setup_href = format!("{}/{}", ctx.domains_href(), domain.host);
    let crumbs = vec![
        crumb("Domains", Some(ctx.domains_href())),
        crumb(&shown, Some(setup_href.clone())),
        crumb("Health", None),
    ];
    let frame = ctx.frame(&format!("Health of {shown}"), crumbs).await?;
    let asked: i64 = ctx.param("asked").and_then(|at| at.parse().ok()).unwrap_or(0);
    let checked_at = health.as_ref().map_or(0, |(_, at)| at.ms());
    let found: Health = health.as_ref().and_then(|(text, _)| serde_json::from_str(text).ok()).unwrap_or_default();
    let view = HealthView {
        base: ctx.domains_href(),
        href: format!("{setup_href}/health"),
        setup_href,
        shown,
        local: service::name_of(&domain).is_ok_and(|name| names::is_local(&name)),
        checked: health.as_ref().map(|(_, at)| time_view(*at, now)),
        // A job that fails does not keep a page waiting for ever.
        waiting: asked > checked_at && now.ms() - asked < 60_000,
        sum: sum(&found),
        lines: found.lines.into_iter().map(line).collect(),
    };
    if ctx.part && view.waiting {
        return Ok(actix_web::HttpResponse::NoContent().finish());
    }
    if ctx.part {
        return Ok(actix_web::HttpResponse::Ok().insert_header(("hx-refresh", "true")).finish());
    }
    Ok(ctx.page(200, "domains/health.html", &frame, &view)?)
}

fn sum(health: &Health) -> String {
    match health.counts() {
        _ if health.lines.is_empty() => String::new(),
        (0, 0) => "All is well.".into(),
        (0, 1) => "One thing could be better.".into(),
        (0, some) => format!("{some} things could be better."),
        (1, _) => "One thing does not work.".into(),
        (some, _) => format!("{some} things do not work."),
    }
}

/// Asks for a look now.
pub async fn check(ctx: Ctx, path: Path<(i64, String)>, _form: Form) -> Reply {
    let (site, name) = (ctx.site, path.into_inner().1);
    let asked: Result<_> = ctx.write(move |tx| Ok((service::check_now(tx, site, &name)?.host, tx.now()))).await;
    let (host, now) = asked?;
    Ok(ctx.go(&format!("{}/{host}/health?asked={}", ctx.domains_href(), now.ms())))
}
