//! The node as one plugin sees it on one site: its own settings, secrets and values, and nothing else (rules A5, D5). What
//! the manifest allows, what a hook may reach and how often was looked at before anything here is asked.

use std::sync::Arc;

use freehold_base::{AccountId, Code, Error, Result, Secret, SiteId, Timestamp};
use freehold_plugins::engine::{Host, Level, Request, Response};
use freehold_store::{Actor, SiteScope, Store, Tx, plugin_values};

use super::parts::{LineUp, Placed, Shared, Unit};
use super::said::Line;
use super::settings::{Place, Values};

/// What a plugin is told where the fault is ours.
const OURS: &str = "Freehold could not do that now; its log says why";
/// What it is told where this release has no such function. A manifest that asks for one is refused when it comes.
const NOT_YET: &str = "this release of Freehold does not do that";

/// One plugin on one site, for one call.
pub(super) struct World {
    unit: Arc<Unit>,
    values: Arc<Values>,
    site: SiteId,
    account: AccountId,
    shared: Arc<Shared>,
}

impl World {
    pub(super) fn of(line_up: &LineUp, placed: &Placed) -> Self {
        Self {
            unit: Arc::clone(&placed.unit),
            values: Arc::clone(&placed.values),
            site: line_up.site,
            account: line_up.account,
            shared: Arc::clone(&line_up.shared),
        }
    }

    fn store(&self) -> Result<&Store> {
        self.shared.store.get().ok_or_else(|| Error::internal("working for a plugin", "there is no database yet"))
    }

    fn read<T>(&self, f: impl FnOnce(&mut Tx<'_>, SiteScope, &str) -> Result<T>) -> Result<T, String> {
        let (site, account, id) = (self.site, self.account, self.unit.id.as_str());
        let read = |tx: &mut Tx<'_>| {
            let scope = scope(tx, site, account)?;
            f(tx, scope, id)
        };
        // A visitor, whoever asked for the page: a plugin has no rights of its own.
        self.store().and_then(|store| store.read(&Actor::visitor(""), read)).map_err(|e| self.told(e))
    }

    fn write(&self, f: impl Fn(&mut Tx<'_>, SiteScope, &str) -> Result<()> + Send + 'static) -> Result<(), String> {
        let (site, account, id) = (self.site, self.account, self.unit.id.clone());
        let write = move |tx: &mut Tx<'_>| {
            let scope = scope(tx, site, account)?;
            f(tx, scope, &id)
        };
        self.store().and_then(|store| store.write(&Actor::system(), write)).map_err(|e| self.told(e))
    }

    /// A refusal in the words of its code; of a fault of ours the plugin hears nothing.
    fn told(&self, e: Error) -> String {
        match e {
            Error::Refused { .. } | Error::Invalid(_) if e.as_code() != Code::Busy => e.sentence(),
            e => {
                tracing::warn!("working for the plugin {}: {e}", self.unit.id);
                OURS.to_owned()
            }
        }
    }
}

fn scope(tx: &mut Tx<'_>, site: SiteId, account: AccountId) -> Result<SiteScope> {
    if account == AccountId(0) { tx.visit(site) } else { Ok(tx.visit_known(site, account)) }
}

impl Host for World {
    fn now(&mut self) -> Timestamp {
        self.shared.store.get().map_or(Timestamp(0), |store| store.clock().now())
    }
    fn log(&mut self, level: Level, line: &str) {
        let at = self.now();
        self.shared.said.add(&self.unit.id, Line { at, site: self.site, level, text: line.to_owned() });
    }
    fn setting(&mut self, id: &str) -> Option<String> {
        let setting = self.unit.about.manifest.setting(id)?;
        Some(self.values.of(setting).to_string())
    }
    fn secret(&mut self, id: &str) -> Result<Option<Secret>, String> {
        let place = Place { site: self.site, plugin: &self.unit.id };
        self.values.secret(&self.shared.keys, &place, id).map_err(|e| self.told(e))
    }
    fn kv_get(&mut self, key: &str) -> Result<Option<String>, String> {
        self.read(|tx, site, plugin| plugin_values::get(tx, site, plugin, key))
    }
    fn kv_set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(move |tx, site, plugin| plugin_values::set(tx, site, plugin, &key, &value))
    }
    fn kv_delete(&mut self, key: &str) -> Result<(), String> {
        let key = key.to_owned();
        self.write(move |tx, site, plugin| plugin_values::remove(tx, site, plugin, &key))
    }
    fn kv_list(&mut self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, String> {
        let limit = i64::try_from(limit).unwrap_or(plugin_values::MOST_LISTED);
        self.read(|tx, site, plugin| plugin_values::names(tx, site, plugin, prefix, after.unwrap_or_default(), limit))
    }
    fn entry(&mut self, _: i64) -> Result<Option<String>, String> {
        Err(NOT_YET.to_owned())
    }
    fn entries(&mut self, _: &str) -> Result<String, String> {
        Err(NOT_YET.to_owned())
    }
    fn fetch(&mut self, _: Request) -> Result<Response, String> {
        Err(NOT_YET.to_owned())
    }
    fn mail(&mut self, _: &str, _: &str, _: &str) -> Result<(), String> {
        Err(NOT_YET.to_owned())
    }
    fn notify(&mut self, _: &str, _: &str) -> Result<(), String> {
        Err(NOT_YET.to_owned())
    }
}
