//! The guided set-up of a name: records to copy, what the world sees, and what is done by itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::Result;
use freehold_hosting::domains::jobs::pace;
use freehold_hosting::domains::{CHALLENGE, Look, providers};
use freehold_platform::sites::{domains as service, names};
use freehold_store::sites::Domain;
use serde::Serialize;

use super::{list, words};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct OneView {
    base: String,
    /// The address of this page, and of its health.
    href: String,
    host: String,
    shown: String,
    url: String,
    /// Whether the name on the screen differs from the one in records.
    punycode: bool,
    warning: String,
    added: TimeView,
    live: bool,
    here: bool,
    done: bool,
    is_main: bool,
    becomes_main: bool,
    local: bool,
    inside: bool,
    looked: bool,
    provider: Option<ProviderView>,
    zone: String,
    records: Vec<RecordView>,
    old: Vec<OldView>,
    mail: String,
    problem: String,
    challenge: Option<Challenge>,
    preview: String,
    mailto: String,
    watch: Watch,
    /// Asked for again by the page's own script.
    poll: String,
}

#[derive(Serialize)]
struct ProviderView {
    name: String,
    url: &'static str,
    way: String,
    initials: String,
    hue: u16,
}

#[derive(Serialize)]
struct RecordView {
    kind: String,
    name: String,
    value: String,
    seen: bool,
}

#[derive(Serialize)]
struct OldView {
    kind: String,
    value: String,
}

/// A text record that shows whose a name is, before it points here.
#[derive(Serialize)]
struct Challenge {
    name: String,
    value: String,
    seen: bool,
    /// Nothing else shows it.
    needed: bool,
    /// Because another account has or claims the name too.
    others: bool,
    /// Nor does this, as long as another site has the name.
    kept: bool,
}

/// The part that changes by itself.
#[derive(Serialize)]
struct Watch {
    summary: String,
    next: String,
    new: usize,
    all: usize,
    lines: Vec<SeenView>,
    ago: String,
}

#[derive(Serialize)]
struct SeenView {
    who: String,
    server: String,
    values: String,
    says: String,
    tone: &'static str,
    icon: &'static str,
}

struct State {
    domain: Domain,
    look: Option<Look>,
    /// Another account has or claims it too.
    others: bool,
    /// Another site has it, and a text record here changes nothing.
    kept: bool,
    now: freehold_base::Timestamp,
}

/// The page; its part that changes by itself where the script asks for that alone.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let (site, name) = (ctx.site, path.into_inner().1);
    let state = ctx
        .read(move |tx| {
            let domain = service::named(tx, site, &name)?;
            let look = service::last_look(tx, site, domain.id, "setup")?;
            let look = look.and_then(|(found, _)| serde_json::from_str(&found).ok());
            let others = !domain.is_live() && service::is_claimed_by_others(tx, site, &domain)?;
            let kept = !domain.is_live() && service::is_kept_elsewhere(tx, site, &domain)?;
            Ok(State { domain, look, others, kept, now: tx.now() })
        })
        .await?;
    if ctx.part {
        return Ok(part(&ctx, state)?);
    }
    let shown = names::shown(&state.domain.host);
    let crumbs = vec![crumb("Domains", Some(ctx.domains_href())), crumb(&shown, None)];
    let frame = ctx.frame(&shown, crumbs).await?;
    Ok(ctx.page(200, "domains/one.html", &frame, &view(&ctx, state))?)
}

/// What only a whole page can show, as one number: it is read anew where that changed.
fn mark(state: &State) -> String {
    let mut hasher = DefaultHasher::new();
    state.domain.state.hash(&mut hasher);
    state.domain.kind.hash(&mut hasher);
    (&state.domain.points, state.others, state.kept).hash(&mut hasher);
    if let Some(look) = &state.look {
        (look.records.iter().map(|r| r.seen).collect::<Vec<_>>(), look.old.len(), look.challenge).hash(&mut hasher);
        (&look.problem, look.servers.len(), look.is_done()).hash(&mut hasher);
    }
    format!("{:x}", hasher.finish())
}

fn part(ctx: &Ctx, state: State) -> Result<HttpResponse> {
    if ctx.param("mark").is_some_and(|m| m != mark(&state)) {
        return Ok(HttpResponse::Ok().insert_header(("hx-refresh", "true")).finish());
    }
    ctx.part("domains/one.html", "watch", &view(ctx, state))
}

fn watch(state: &State) -> Watch {
    let empty = Look::default();
    let look = state.look.as_ref().unwrap_or(&empty);
    let (new, all) = look.networks();
    let provider = providers::of(&look.servers).map(|p| p.name);
    let lines = look.seen.iter().map(|s| {
        let (tone, icon) = words::mark(s.says);
        let who = match (s.own, provider) {
            (true, Some(company)) => format!("Your name server ({company})"),
            (true, None) => "Your name server".to_owned(),
            (false, _) => s.who.clone(),
        };
        let values = if s.values.is_empty() { "\u{2013}".to_owned() } else { s.values.join(", ") };
        SeenView { who, server: s.server.clone(), values, says: words::says(s), tone, icon }
    });
    let age =
        std::time::Duration::from_millis(u64::try_from(state.now.ms() - state.domain.created_at.ms()).unwrap_or(0));
    let waits = !(look.is_done() && state.domain.is_live());
    Watch {
        summary: if state.look.is_some() { words::summary(look) } else { "Asking name servers\u{2026}".to_owned() },
        next: match pace(age) {
            Some(each) if waits && each.as_secs() < 60 => format!("Looks again every {} s", each.as_secs()),
            Some(each) if waits && each.as_secs() < 3600 => format!("Looks again every {} min", each.as_secs() / 60),
            _ if waits => "Looks again every hour".to_owned(),
            _ => String::new(),
        },
        ago: ago(state),
        new,
        all,
        lines: lines.collect(),
    }
}

fn ago(state: &State) -> String {
    match (state.now.ms() - state.domain.looked_at.ms()) / 1000 {
        _ if state.domain.looked_at.ms() == 0 => String::new(),
        seconds @ ..60 => format!("{} s ago", seconds.max(0)),
        _ => time_view(state.domain.looked_at, state.now).text,
    }
}

fn view(ctx: &Ctx, state: State) -> OneView {
    let watch = watch(&state);
    let mark = mark(&state);
    let base = ctx.domains_href();
    let State { domain, look, others, kept, now } = state;
    let looked = look.is_some();
    let look = look.unwrap_or_default();
    let shown = names::shown(&domain.host);
    let href = format!("{base}/{}", domain.host);
    let local = service::name_of(&domain).is_ok_and(|name| names::is_local(&name));
    let done = look.is_done() && domain.is_live();
    let challenge =
        (!domain.is_live() && !domain.proof_token.is_empty()).then(|| challenge(&domain, &look, (others, kept)));
    let records: Vec<RecordView> = look
        .records
        .iter()
        .map(|r| RecordView { kind: r.kind.clone(), name: r.name.clone(), value: r.value.clone(), seen: r.seen })
        .collect();
    OneView {
        url: ctx.app.site_origin(domain.host.trim_start_matches("*.")),
        punycode: shown != domain.host,
        warning: names::warning(&domain.host).unwrap_or_default(),
        added: time_view(domain.created_at, now),
        live: domain.is_live(),
        here: domain.points == "here",
        is_main: domain.kind == "main",
        becomes_main: domain.becomes == "main",
        inside: list::records(&ctx.app).1,
        provider: provider(&look, &domain),
        old: look.old.iter().map(|o| OldView { kind: o.kind.clone(), value: o.value.clone() }).collect(),
        mail: look.mail.join(", "),
        problem: look.problem.clone(),
        preview: list::preview(&ctx.app, ctx.site),
        mailto: mailto(&shown, &look, &records),
        zone: if look.zone.is_empty() {
            names::registered(domain.host.trim_start_matches("*.")).to_owned()
        } else {
            look.zone.clone()
        },
        poll: if done || local { String::new() } else { format!("{href}?mark={mark}") },
        host: domain.host,
        local,
        done,
        looked,
        records,
        challenge,
        watch,
        shown,
        href,
        base,
    }
}

fn challenge(domain: &Domain, look: &Look, (others, kept): (bool, bool)) -> Challenge {
    let host = domain.host.trim_start_matches("*.");
    let zone = if look.zone.is_empty() { names::registered(host) } else { &look.zone };
    let below = host.strip_suffix(zone).unwrap_or_default().trim_end_matches('.');
    let name = if below.is_empty() { CHALLENGE.to_owned() } else { format!("{CHALLENGE}.{below}") };
    let needed = others || kept || domain.points == "here";
    Challenge { name, value: domain.proof_token.clone(), seen: look.challenge, needed, others, kept }
}

fn provider(look: &Look, domain: &Domain) -> Option<ProviderView> {
    let known = providers::of(&look.servers)?;
    let zone = if look.zone.is_empty() { domain.host.as_str() } else { look.zone.as_str() };
    Some(ProviderView {
        name: known.name.to_owned(),
        url: known.url,
        way: known.way.replace("the domain", &names::shown(zone)).replace("the zone", &names::shown(zone)),
        initials: known.name.chars().take(1).collect(),
        hue: 300,
    })
}

/// A mail with the steps, for who looks after the name; whoever presses it chooses to whom.
fn mailto(shown: &str, look: &Look, records: &[RecordView]) -> String {
    let mut text = format!("Please add these DNS records for {shown}:\n\n");
    for r in records {
        text.push_str(&format!("{}  {}  {}\n", r.kind, r.name, r.value));
    }
    for old in &look.old {
        text.push_str(&format!("\nPlease remove: {} {}", old.kind, old.value));
    }
    text.push_str("\n\nMail records (MX, SPF) stay as they are.\n");
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("mailto:?subject={}&body={}", encode(&format!("DNS records for {shown}")), encode(&text))
}
