//! The security page of the server: the report, who must have a second factor, networks that are kept out.

use actix_web::HttpResponse;
use freehold_base::{Capability as C, Error, Result};
use freehold_platform::accounts::networks::{self, Why};
use freehold_platform::accounts::{FactorRule, policy};
use serde::Serialize;

use crate::panel::auth::error_at;
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::security::{self, Facts, Fix, Line, State};

const HERE: &str = "/admin/server/security";
const NETWORKS: &str = "/admin/server/security/networks";
/// Hours that the picture of failed sign-ins shows.
const HOURS: u32 = 24;
/// Height of the picture.
const HIGH: i64 = 72;

#[derive(Serialize)]
struct SecurityView {
    action: &'static str,
    may: bool,
    bad: usize,
    lines: Vec<LineView>,
    rule: Vec<RuleView>,
    reachable: bool,
    chart: ChartView,
    networks_href: &'static str,
}

#[derive(Serialize)]
struct LineView {
    name: &'static str,
    tone: &'static str,
    word: &'static str,
    title: String,
    text: String,
    about: Vec<AboutView>,
    href: &'static str,
    button: &'static str,
    act: &'static str,
    paste_where: &'static str,
    paste: String,
}

#[derive(Serialize)]
struct AboutView {
    text: String,
    href: String,
}

#[derive(Serialize)]
struct RuleView {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    on: bool,
}

#[derive(Serialize)]
struct ChartView {
    total: i64,
    most: i64,
    bars: Vec<BarView>,
}

#[derive(Serialize)]
struct BarView {
    x: i64,
    y: i64,
    height: i64,
    hour: String,
    count: i64,
}

impl LineView {
    fn of(line: Line) -> Self {
        let (tone, word) = match line.state {
            State::Good => ("good", "Fine"),
            State::Look => ("warn", "Look"),
            State::Bad => ("bad", "Mend"),
        };
        let mut view = Self {
            name: line.name,
            tone,
            word,
            title: line.title,
            text: line.text,
            about: line.about.into_iter().map(|(text, href)| AboutView { text, href }).collect(),
            href: "",
            button: "",
            act: "",
            paste_where: "",
            paste: String::new(),
        };
        match line.fix {
            Fix::Nothing => {}
            Fix::Page(label, href) => (view.button, view.href) = (label, href),
            Fix::Button(label, act) => (view.button, view.act) = (label, act),
            Fix::Paste(place, text) => (view.paste_where, view.paste) = (place, text),
        }
        view
    }
}

fn rule_views(rule: FactorRule) -> Vec<RuleView> {
    let line = |name, label, help, on| RuleView { name, label, help, on };
    vec![
        line(
            "hosting_admins",
            "Hosting admins and auditors",
            "Who runs or sees this whole server.",
            rule.hosting_admins,
        ),
        line("resellers", "Resellers", "Who sells web space here.", rule.resellers),
        line("owners", "Owners of accounts", "", rule.owners),
        line("everybody", "Everybody", "Each person who signs in to the panel.", rule.everybody),
    ]
}

fn chart(hours: Vec<(freehold_base::Timestamp, i64)>) -> ChartView {
    let most = hours.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let bars = (0i64..)
        .zip(hours.iter())
        .map(|(place, (from, count))| {
            // One failure shows as well as a thousand: at least two pixels.
            let height = if *count == 0 { 0 } else { (count * HIGH / most.max(1)).max(2) };
            let hour = from.utc().format("%H:%M").to_string();
            BarView { x: place * 20, y: HIGH - height, height, hour, count: *count }
        })
        .collect();
    ChartView { total: hours.iter().map(|(_, n)| n).sum(), most, bars }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Security", vec![crumb("Security", None)]).await?;
    let (accounts, facts) = (ctx.app.accounts.clone(), Facts::of(&ctx.app.config));
    let (lines, rule, hours) = ctx
        .read(move |tx| {
            let lines = security::report(tx, &accounts, &facts)?;
            Ok((lines, policy::rule(tx)?, networks::failures_by_hour(tx, HOURS)?))
        })
        .await?;
    let view = SecurityView {
        action: HERE,
        may: ctx.actor.grants.on_server().has(C::ServerManage),
        bad: lines.iter().filter(|l| l.state != State::Good).count(),
        lines: lines.into_iter().map(LineView::of).collect(),
        rule: rule_views(rule),
        reachable: !ctx.app.config.panel.ip().is_loopback(),
        chart: chart(hours),
        networks_href: NETWORKS,
    };
    Ok(ctx.page(200, "server/security.html", &frame, &view)?)
}

/// A button of the page.
pub async fn act(ctx: Ctx, form: Form) -> Reply {
    if form.get("do") == "end-old" {
        let accounts = ctx.app.accounts.clone();
        ctx.write(move |tx| security::end_old_sessions(tx, &accounts).map(|_| ())).await?;
        return Ok(ctx.go(&format!("{HERE}?done=sessions-of")));
    }
    let rule = FactorRule::of(form.all("rule"));
    ctx.write(move |tx| policy::set_rule(tx, rule)).await?;
    Ok(ctx.go(&format!("{HERE}?done=factor-rule")))
}

#[derive(Serialize)]
struct NetworksView {
    action: &'static str,
    may: bool,
    rows: Vec<NetworkView>,
    allowed: Vec<String>,
    network: String,
    error: String,
}

#[derive(Serialize)]
struct NetworkView {
    network: String,
    why: String,
    blocked: bool,
    at: TimeView,
}

/// Networks that are kept out.
pub async fn networks_page(ctx: Ctx) -> Reply {
    Ok(networks_view(&ctx, "", None).await?)
}

async fn networks_view(ctx: &Ctx, typed: &str, e: Option<&Error>) -> Result<HttpResponse> {
    let crumbs = vec![crumb("Security", Some(HERE.into())), crumb("Networks", None)];
    let frame = ctx.frame("Networks that are kept out", crumbs).await?;
    let rows = ctx
        .read(|tx| {
            let now = tx.now();
            let out = networks::list(tx)?.into_iter().map(|k| NetworkView {
                why: match k.why {
                    Why::Blocked { .. } => "Blocked until it is let in".to_owned(),
                    Why::Failures { count, seconds } => {
                        format!("{count} failed sign-ins within an hour; waits {seconds} seconds more")
                    }
                },
                blocked: matches!(k.why, Why::Blocked { .. }),
                at: time_view(k.at, now),
                network: k.network,
            });
            Ok(out.collect())
        })
        .await?;
    let view = NetworksView {
        action: NETWORKS,
        may: ctx.actor.grants.on_server().has(C::ServerManage),
        rows,
        allowed: ctx.app.config.guard.allow.clone(),
        network: typed.to_owned(),
        error: error_at(e, "network"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "server/networks.html", &frame, &view)
}

/// Blocks a network or lets it in.
pub async fn networks_act(ctx: Ctx, form: Form) -> Reply {
    let (network, let_in) = (form.get("network").to_owned(), form.get("do") == "let-in");
    let typed = network.clone();
    let done =
        ctx.write(move |tx| if let_in { networks::let_in(tx, &network) } else { networks::block(tx, &network) }).await;
    match done {
        Ok(_) => Ok(ctx.go(&format!("{NETWORKS}?done={}", if let_in { "network-in" } else { "network-blocked" }))),
        Err(e @ Error::Invalid(_)) => Ok(networks_view(&ctx, &typed, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}
