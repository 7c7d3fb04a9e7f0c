//! Plugins: what is installed and may run, for the hosting admin; what a site uses and how it is set, for its people.

pub mod act;
pub mod add;
pub mod consent;
pub mod installed;
pub mod of_site;
pub mod on_site;
pub mod one;

use std::collections::BTreeSet;
use std::time::Duration;

use freehold_base::{SiteId, Timestamp};
use freehold_publishing::plugins::Origin;
use freehold_publishing::plugins::consent::Ask;
use freehold_publishing::plugins::said::Level;
use freehold_publishing::plugins::{Hook, Manifest, Plugin, Plugins, Standing};
use serde::Serialize;

use crate::panel::build_frame::time_view;
use crate::panel::frame::TimeView;
use crate::panel::media::view::size_text;

/// Lines of a log that are shown.
const LINES: usize = 30;

/// One thing that a plugin may do.
#[derive(Serialize)]
struct Want {
    icon: &'static str,
    text: String,
    detail: String,
    is_new: bool,
}

/// What a plugin may do, in plain words; hosts stand below what they are for. `before`: what was agreed to earlier.
fn wants(manifest: &Manifest, before: Option<&Manifest>) -> Vec<Want> {
    use freehold_publishing::plugins::consent::asks;
    let known: BTreeSet<Ask> = before.map(asks).unwrap_or_default();
    let is_new = |ask: &Ask| before.is_some() && !known.contains(ask);
    asks(manifest)
        .iter()
        .map(|ask| Want { icon: icon(ask), text: ask.sentence(manifest), detail: String::new(), is_new: is_new(ask) })
        .collect()
}

fn icon(ask: &Ask) -> &'static str {
    match ask {
        Ask::Host(_) => "globe",
        Ask::Hook(_) => "pencil",
        Ask::Capability(capability) => match capability.name() {
            "kv" => "database",
            "secrets" => "key-round",
            "entries:read" => "file-text",
            "http:fetch" => "send",
            "mail:send" => "mail",
            _ => "bell",
        },
    }
}

/// How a plugin stands: a word, its tone, the reason.
fn standing(plugin: &Plugin) -> (&'static str, &'static str, String) {
    match &plugin.standing {
        Standing::New => ("Waits for you", "warn", String::new()),
        Standing::Held(why) => ("Held", "warn", why.clone()),
        Standing::Enabled => ("May run", "good", String::new()),
        Standing::Stopped(why) if why.is_empty() => ("Stopped", "ring", String::new()),
        Standing::Stopped(why) => ("Stopped", "bad", why.clone()),
        Standing::Broken(why) => ("Broken", "bad", format!("It cannot be used: {why}.")),
    }
}

/// Who made it, and where it comes from.
fn by(plugin: &Plugin) -> String {
    let author = plugin.manifest().map(|m| m.author.clone()).unwrap_or_default();
    match (plugin.origin, author.as_str()) {
        (Some(Origin::Shipped), _) => "Freehold".to_owned(),
        (_, "") => "Nobody says so".to_owned(),
        _ => author,
    }
}

/// Who signed what a plugin's files are.
fn signed(about: &freehold_publishing::plugins::parts::About, origin: Option<Origin>) -> String {
    match (about.publisher(), origin) {
        (Some(key), _) => format!("by {key}"),
        (None, Some(Origin::Shipped)) => "with Freehold itself".to_owned(),
        (None, _) => "by nobody".to_owned(),
    }
}

/// What a plugin cost.
#[derive(Serialize)]
struct CostsView {
    share: String,
    rows: Vec<CostRow>,
}

#[derive(Serialize)]
struct CostRow {
    hook: &'static str,
    calls: u64,
    p50: String,
    p99: String,
    memory: String,
    faults: u64,
}

fn costs(plugins: &Plugins, plugin: &Plugin) -> CostsView {
    let row = |(hook, figures): (Hook, freehold_publishing::plugins::Figures)| CostRow {
        hook: called_for(hook),
        calls: figures.calls,
        p50: span(figures.p50),
        p99: span(figures.p99),
        memory: size_text(i64::try_from(figures.memory_peak).unwrap_or(i64::MAX)),
        faults: figures.faults,
    };
    let share = plugins.share_of_pages(plugin).map(|share| format!("{share} % of the time of pages"));
    CostsView { share: share.unwrap_or_default(), rows: plugin.costs().into_iter().map(row).collect() }
}

/// What a hook is, in words.
fn called_for(hook: Hook) -> &'static str {
    match hook {
        Hook::EntryRender => "A post or page is shown",
        Hook::PluginLifecycle => "It is switched on or off",
        Hook::SettingsChanged => "Its settings change",
        other => other.name(),
    }
}

/// A short time: `40 µs`, `1.2 ms`.
fn span(time: Duration) -> String {
    match time.as_micros() {
        us @ ..1000 => format!("{us} µs"),
        us @ ..10_000 => format!("{}.{} ms", us / 1000, us % 1000 / 100),
        us => format!("{} ms", us / 1000),
    }
}

/// A line of a log.
#[derive(Serialize)]
struct LineView {
    at: TimeView,
    tone: &'static str,
    site: String,
    text: String,
}

fn lines(plugins: &Plugins, id: &str, site: Option<SiteId>, now: Timestamp) -> Vec<LineView> {
    let lines = plugins.said().newest(id, site, LINES).into_iter();
    lines
        .map(|line| LineView {
            at: time_view(line.at, now),
            tone: match line.level {
                Level::Debug | Level::Info => "",
                Level::Warn => "warn",
                Level::Error => "bad",
            },
            site: if site.is_some() { String::new() } else { format!("site {}", line.site) },
            text: line.text,
        })
        .collect()
}
