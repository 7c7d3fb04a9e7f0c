//! `freehold plugin …`

use std::fmt::Write as _;

use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_publishing::plugins::admin::{self, Question};
use freehold_publishing::plugins::install::{Order, Outcome, Place, Stopped, check_order};
use freehold_publishing::plugins::settings::Wanted;
use freehold_publishing::plugins::{consent, sites};
use serde_json::json;

use super::commands::{Done, Plugin};
use super::hands::{Hands, table};
use crate::api::plugins::{AsksView, PluginView, SitePluginView};

/// `freehold plugin …`
///
/// # Errors
/// What the services give.
pub fn plugin(hands: &Hands, command: &Plugin) -> Result<Done> {
    match command {
        Plugin::List { site: None } => list(hands),
        Plugin::List { site: Some(site) } => of_site(hands, site),
        Plugin::Show { plugin, site: None } => show(hands, plugin),
        Plugin::Show { plugin, site: Some(site) } => on_site(hands, plugin, site, String::new()),
        Plugin::Install { from } => install(hands, from),
        Plugin::Enable { plugin, site: None, yes } => enable(hands, plugin, *yes),
        Plugin::Enable { plugin, site: Some(site), .. } => switch(hands, plugin, site, true),
        Plugin::Disable { plugin, site: Some(site) } => switch(hands, plugin, site, false),
        Plugin::Disable { plugin, site: None } => {
            let (desk, id) = (hands.plugins()?, plugin.clone());
            desk.plugins.find(plugin)?;
            hands.write(move |tx| admin::run(tx, &id, false))?;
            Ok(Done::said(format!("The plugin {plugin} is stopped on all sites."), json!({ "plugin": plugin })))
        }
        Plugin::Refuse { plugin } => {
            let id = plugin.clone();
            hands.write(move |tx| admin::refuse(tx, &id))?;
            Ok(Done::said(format!("The version of {plugin} that is here stays."), json!({ "plugin": plugin })))
        }
        Plugin::Settings { plugin, site, values, secret_stdin, secret } => {
            let secret = secret_stdin.as_deref().zip(secret.as_deref());
            settings(hands, plugin, site, &wanted(values, secret)?)
        }
        Plugin::Delete { plugin, with_data, yes } => {
            if !yes {
                return Err(Error::refused(Code::WrongState, "this deletes the plugin's files, for good; say --yes"));
            }
            let (desk, id, with_data) = (hands.plugins()?, plugin.clone(), *with_data);
            let plugins = desk.plugins.clone();
            hands.write(move |tx| admin::remove(tx, &plugins, &id, with_data))?;
            desk.plugins.take_away(&hands.store, plugin)?;
            Ok(Done::said(format!("The plugin {plugin} is removed."), json!({ "plugin": plugin })))
        }
    }
}

fn list(hands: &Hands) -> Result<Done> {
    let desk = hands.plugins()?;
    let cards = hands.read(move |tx| admin::all(tx, &desk.plugins))?;
    let views: Vec<PluginView> = cards.iter().map(PluginView::from).collect();
    let waits = |view: &PluginView| view.asks.as_ref().filter(|asks| asks.is_update).map(|asks| asks.version.clone());
    let row = |view: &PluginView| {
        let waits = waits(view).map(|version| format!("{version} waits")).unwrap_or_default();
        vec![
            view.id.clone(),
            view.title.clone(),
            view.version.clone(),
            view.state.clone(),
            view.sites.to_string(),
            waits,
        ]
    };
    let rows: Vec<Vec<String>> = views.iter().map(row).collect();
    let json = serde_json::to_value(views).or_internal("writing plugins")?;
    Ok(Done::data(table(&["id", "title", "version", "state", "sites", "newer"], &rows), json))
}

fn of_site(hands: &Hands, site: &str) -> Result<Done> {
    let (desk, site) = (hands.plugins()?, hands.site(site)?);
    let cards = hands.read(move |tx| sites::list(tx, &desk.plugins, site))?;
    let views: Vec<SitePluginView> = cards.iter().map(SitePluginView::from).collect();
    let word = |view: &SitePluginView| match (view.on, view.runs) {
        (true, true) => "on",
        (true, false) => "on, stopped here",
        (false, _) => "off",
    };
    let row =
        |view: &SitePluginView| vec![view.id.clone(), view.title.clone(), view.version.clone(), word(view).to_owned()];
    let rows: Vec<Vec<String>> = views.iter().map(row).collect();
    let json = serde_json::to_value(views).or_internal("writing plugins")?;
    Ok(Done::data(table(&["id", "title", "version", "state"], &rows), json))
}

fn card(hands: &Hands, id: &str) -> Result<admin::Card> {
    let (desk, id) = (hands.plugins()?, id.to_owned());
    hands.read(move |tx| admin::find(tx, &desk.plugins, &id))
}

fn show(hands: &Hands, id: &str) -> Result<Done> {
    let card = card(hands, id)?;
    let view = PluginView::from(&card);
    let mut out = format!("{} {}: {}", view.title, view.version, view.state);
    if !view.reason.is_empty() {
        let _ = write!(out, " ({})", view.reason);
    }
    view.may.iter().for_each(|may| drop(write!(out, "\n  {may}")));
    if let Some(asked) = card.plugin.question() {
        out.push_str("\n\n");
        out.push_str(&asks(&asked));
    }
    for cost in &view.costs {
        let _ =
            write!(out, "\n{}: {} calls, usually {} µs, {} failed", cost.hook, cost.calls, cost.p50_us, cost.faults);
    }
    let json = serde_json::to_value(&view).or_internal("writing a plugin")?;
    Ok(Done::data(out, json))
}

/// What somebody is asked to agree to, in words.
fn asks(asked: &Question) -> String {
    let manifest = &asked.about.manifest;
    let mut out = format!("Version {} may, on each site that switches it on:", manifest.version);
    let before = asked.before.as_ref();
    let more = before.map(|before| consent::difference(before, manifest).more).unwrap_or_default();
    for ask in consent::asks(manifest) {
        let mark = if more.contains(&ask) { "new: " } else { "" };
        let _ = write!(out, "\n  {mark}{}", ask.sentence(manifest));
    }
    if consent::asks(manifest).is_empty() {
        out.push_str("\n  do nothing but its own work");
    }
    if !asked.why.is_empty() {
        let _ = write!(out, "\n{}", asked.why);
    }
    out
}

fn install(hands: &Hands, from: &str) -> Result<Done> {
    let order = Order { place: Place::of(from), source: from.to_owned() };
    let desk = hands.plugins()?;
    let (checked, asked) = (desk.clone(), order.clone());
    hands.write(move |tx| check_order(tx, &checked, &asked))?;
    let report = desk.install(&hands.store, &order, &mut |_, _| Ok(())).map_err(|stopped| match stopped {
        Stopped::By(e) => e,
        Stopped::Asked => Error::internal("installing a plugin", "it was stopped"),
    })?;
    let next = match report.outcome {
        Outcome::Held => format!("It does nothing yet: freehold plugin enable {}.", report.plugin),
        Outcome::Updated => "It asks for nothing new and runs in place of the version before.".to_owned(),
        Outcome::Waits => {
            format!("The version before runs on. {} Agree with: freehold plugin enable {}.", report.why, report.plugin)
        }
    };
    let json = serde_json::to_value(&report).or_internal("writing what was installed")?;
    Ok(Done::said(format!("{} {} is here. {next}", report.title, report.version), json))
}

/// Agrees to what waits; one that was stopped runs again.
fn enable(hands: &Hands, id: &str, yes: bool) -> Result<Done> {
    let (desk, card) = (hands.plugins()?, card(hands, id)?);
    let Some(asked) = card.plugin.question() else {
        let wanted = id.to_owned();
        hands.write(move |tx| admin::run(tx, &wanted, true))?;
        return Ok(Done::said(format!("The plugin {id} may run."), json!({ "plugin": id })));
    };
    if !yes {
        let json = serde_json::to_value(AsksView::from(&asked)).or_internal("writing what is asked")?;
        let words = format!("Nothing is changed yet. Agree with: freehold plugin enable {id} --yes");
        return Ok(Done { out: asks(&asked), words, json, good: true });
    }
    desk.plugins.make_ready(id)?;
    let (plugins, wanted, digest) = (desk.plugins.clone(), id.to_owned(), asked.about.digest.clone());
    hands.write(move |tx| admin::allow(tx, &plugins, &wanted, &digest))?;
    let version = asked.about.manifest.version.to_string();
    let words =
        format!("{} {version} may run. Switch it on: freehold plugin enable {id} --site HOST.", card.plugin.title());
    Ok(Done::said(words, json!({ "plugin": id, "version": version })))
}

fn switch(hands: &Hands, id: &str, site: &str, is_on: bool) -> Result<Done> {
    let (desk, number, wanted) = (hands.plugins()?, hands.site(site)?, id.to_owned());
    hands.write(move |tx| sites::switch(tx, &desk.plugins, number, &wanted, is_on))?;
    let word = if is_on { "on" } else { "off" };
    on_site(hands, id, site, format!("The plugin {id} is {word} on site {number}."))
}

fn settings(hands: &Hands, id: &str, site: &str, wanted: &Wanted) -> Result<Done> {
    let mut words = String::new();
    if !wanted.is_empty() {
        let (desk, number, plugin, wanted) = (hands.plugins()?, hands.site(site)?, id.to_owned(), wanted.clone());
        hands.write(move |tx| sites::set(tx, &desk.plugins, number, &plugin, &wanted))?;
        words = "Saved.".to_owned();
    }
    on_site(hands, id, site, words)
}

fn on_site(hands: &Hands, id: &str, site: &str, words: String) -> Result<Done> {
    let (desk, site, id) = (hands.plugins()?, hands.site(site)?, id.to_owned());
    let card = hands.read(move |tx| sites::find(tx, &desk.plugins, site, &id))?;
    let view = SitePluginView::from(&card);
    let mut rows: Vec<Vec<String>> =
        view.settings.iter().map(|(id, value)| vec![id.clone(), value.to_string()]).collect();
    rows.extend(view.secrets.iter().map(|id| vec![id.clone(), "(kept, never shown)".to_owned()]));
    let json = serde_json::to_value(&view).or_internal("writing a plugin")?;
    Ok(Done { out: table(&["setting", "value"], &rows), words, json, good: true })
}

/// `SETTING=VALUE`; an empty value forgets.
fn wanted(values: &[String], secret: Option<(&str, &str)>) -> Result<Wanted> {
    let mut wanted = Wanted::new();
    for value in values {
        let (id, value) = value
            .split_once('=')
            .ok_or_else(|| Error::invalid("values", Code::Malformed, format!("SETTING=VALUE, not {value}")))?;
        wanted.insert(id.to_owned(), (!value.is_empty()).then(|| value.to_owned()));
    }
    wanted.extend(secret.map(|(id, value)| (id.to_owned(), Some(value.to_owned()))));
    Ok(wanted)
}
