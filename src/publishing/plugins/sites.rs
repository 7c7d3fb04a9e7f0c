//! Plugins of one site: which are on, and what people set of them (row PL04).

use std::sync::Arc;

use freehold_base::{Capability, Code, Error, Result, SiteId};
use freehold_plugins::hooks::Hook;
use freehold_store::plugins::{self as rows, Choice, OnSite};
use freehold_store::{SiteScope, Tx};
use serde_json::json;

use super::events::PluginsChanged;
use super::live::Plugins;
use super::parts::Plugin;
use super::settings::{Place, Values, Wanted};
use super::tell::{self, Life};

/// A plugin as a site has it.
#[derive(Clone, Debug)]
pub struct Card {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// Whether it is on here.
    pub is_on: bool,
    /// What people set.
    pub values: Values,
    /// Bytes that it keeps for the site.
    pub kept_bytes: i64,
}

impl Card {
    fn of(plugin: Arc<Plugin>, on: Option<&OnSite>) -> Self {
        Self {
            plugin,
            is_on: on.is_some_and(|on| on.is_on),
            values: on.map(|on| Values::read(&on.settings, &on.secrets)).unwrap_or_default(),
            kept_bytes: on.map_or(0, |on| on.kept_bytes),
        }
    }
}

/// The plugins that a site can use: those that the hosting admin agreed to.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, plugins: &Plugins, site: SiteId) -> Result<Vec<Card>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let on = rows::of_site(tx, scope)?;
    let known = plugins.all().into_iter().filter(|plugin| plugin.row.is_some());
    let mut cards: Vec<Card> =
        known.map(|plugin| Card::of(Arc::clone(&plugin), on.iter().find(|on| on.plugin_id == plugin.id))).collect();
    cards.sort_by_key(|card| (!card.is_on, card.plugin.title().to_lowercase()));
    Ok(cards)
}

/// One of them.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`.
pub fn find(tx: &mut Tx<'_>, plugins: &Plugins, site: SiteId, id: &str) -> Result<Card> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    known(tx, plugins, scope, id).map(|(card, _)| card)
}

fn known(tx: &mut Tx<'_>, plugins: &Plugins, scope: SiteScope, id: &str) -> Result<(Card, Option<OnSite>)> {
    let plugin = plugins.find(id)?;
    if plugin.row.is_none() {
        return Err(Error::not_found("plugin"));
    }
    let on = rows::on_site(tx, scope, id)?;
    Ok((Card::of(plugin, on.as_ref()), on))
}

/// Switches a plugin on or off on a site.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`; `WrongState` where it does not run on this server; `Invalid` naming the setting that
/// it cannot work without.
pub fn switch(tx: &mut Tx<'_>, plugins: &Plugins, site: SiteId, id: &str, is_on: bool) -> Result<()> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let (card, _) = known(tx, plugins, scope, id)?;
    if card.is_on == is_on {
        return Ok(());
    }
    if is_on && !card.plugin.is_offered() {
        return Err(Error::refused(Code::WrongState, "this plugin is stopped on this server"));
    }
    let missing = card.plugin.manifest().and_then(|manifest| card.values.missing(manifest));
    if let (true, Some(setting)) = (is_on, missing) {
        return Err(Error::invalid(setting.id.clone(), Code::Required, ""));
    }
    store(tx, scope, id, is_on, &card.values)?;
    let life = if is_on { Life::Activated } else { Life::Deactivated };
    if listens(&card.plugin, Hook::PluginLifecycle) {
        tell::tell(tx, scope, id, Hook::PluginLifecycle, life.input())?;
    }
    written(tx, scope, if is_on { "plugin.switch_on" } else { "plugin.switch_off" }, &card.plugin);
    Ok(())
}

/// Sets what is named of a plugin's settings on a site.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`; `Invalid` naming every field.
pub fn set(tx: &mut Tx<'_>, plugins: &Plugins, site: SiteId, id: &str, wanted: &Wanted) -> Result<()> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let (card, _) = known(tx, plugins, scope, id)?;
    let manifest = card.plugin.manifest().ok_or_else(|| Error::not_found("plugin"))?;
    let before = card.values.clone();
    let place = Place { site, plugin: id };
    let values = card.values.clone().with(manifest, wanted, plugins.keys(), &place)?;
    if let (true, Some(setting)) = (card.is_on, values.missing(manifest)) {
        return Err(Error::invalid(setting.id.clone(), Code::Required, ""));
    }
    if values == before {
        return Ok(());
    }
    store(tx, scope, id, card.is_on, &values)?;
    if card.is_on && listens(&card.plugin, Hook::SettingsChanged) {
        let changed: Vec<&String> = wanted.keys().collect();
        tell::tell(tx, scope, id, Hook::SettingsChanged, json!({ "changed": changed }))?;
    }
    written(tx, scope, "plugin.set", &card.plugin);
    Ok(())
}

fn store(tx: &mut Tx<'_>, scope: SiteScope, id: &str, is_on: bool, values: &Values) -> Result<()> {
    let (settings, secrets) = values.columns()?;
    rows::choose(tx, scope, id, &Choice { is_on, settings: &settings, secrets: &secrets })
}

fn listens(plugin: &Plugin, hook: Hook) -> bool {
    plugin.manifest().is_some_and(|manifest| manifest.hooks.contains_key(&hook))
}

fn written(tx: &mut Tx<'_>, scope: SiteScope, act: &'static str, plugin: &Plugin) {
    tx.audit_site(scope, act, format!("\u{201c}{}\u{201d}", plugin.title()));
    tx.announce(PluginsChanged { site: scope.id() });
}
