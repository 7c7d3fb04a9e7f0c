//! Telling plugins what happened: a job for each, written with what happened and tried again where the plugin fails
//! (events of the hooks' table).

use std::sync::Arc;

use freehold_base::{Capability, Error, OrInternal as _, Result, SiteId};
use freehold_platform::jobs::{self, Context, Failure, Handlers, Lane, NewJob};
use freehold_plugins::hooks::Hook;
use freehold_store::plugins as rows;
use freehold_store::{Actor, SiteScope, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::live::Plugins;

/// Tells one plugin of one site what happened.
pub const TELL: &str = "plugin.tell";
/// Forgets what a plugin that was removed kept for sites.
pub const FORGET: &str = "plugin.forget";
/// Tries before a plugin is told no more.
const TRIES: i64 = 5;
/// Sites that are read at once.
const SITES: i64 = 200;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    plugin: String,
    hook: String,
    input: Value,
}

/// Tells a plugin of a site; the caller's transaction says whether it comes to that.
///
/// # Errors
/// Database failures.
pub(super) fn tell(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, hook: Hook, input: Value) -> Result<()> {
    let told = Told { plugin: plugin.to_owned(), hook: hook.name().to_owned(), input };
    let payload = serde_json::to_string(&told).or_internal("writing what a plugin is told")?;
    let run_at = tx.now();
    jobs::enqueue(tx, &NewJob { site: site.id(), kind: TELL, payload: &payload, run_at, unique_key: None })?;
    Ok(())
}

/// What `plugin.lifecycle` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life<'a> {
    Activated,
    Deactivated,
    Upgraded { from: &'a str },
}

impl Life<'_> {
    pub(super) fn input(self) -> Value {
        match self {
            Self::Activated => json!({ "event": "activated" }),
            Self::Deactivated => json!({ "event": "deactivated" }),
            Self::Upgraded { from } => json!({ "event": "upgraded", "from": from }),
        }
    }
}

/// Adds the handlers.
pub fn register(handlers: &mut Handlers, plugins: &Arc<Plugins>) {
    let told = Arc::clone(plugins);
    handlers.add_to(Lane::Outside, TELL, move |job| told.tell(job));
    handlers.add(FORGET, forget);
}

impl Plugins {
    fn tell(&self, job: &Context<'_>) -> std::result::Result<String, Failure> {
        let told: Told = job.payload()?;
        let done = |how: &str| Ok(json!({ "plugin": told.plugin, "hook": told.hook, "how": how }).to_string());
        let Some(hook) = Hook::parse(&told.hook) else { return done("this release has no such hook") };
        let (site, plugin) = (job.site(), told.plugin.clone());
        let found = job.store.read(&Actor::system(), move |tx| {
            let scope = tx.authorize(site, Capability::SiteRead)?;
            Ok((rows::on_site(tx, scope, &plugin)?, scope.account()))
        })?;
        let (Some(on), account) = found else { return done("the site has nothing of it") };
        let Some(placed) = self.placed(&on) else { return done("it does not run") };
        if !placed.unit.listens(hook) {
            return done("it does not listen");
        }
        if placed.unit.is_open() {
            return done("it is stopped");
        }
        let line_up = self.alone(site, account);
        match line_up.call(&placed, hook, &told.input.to_string()) {
            Ok(_) => done("told"),
            Err(fault) if job.job.attempts < TRIES && hook != Hook::SettingsChanged => {
                Err(Failure::Later(Error::internal("telling a plugin", fault)))
            }
            Err(fault) => Err(Failure::Final(Error::internal("telling a plugin", fault))),
        }
    }
}

/// Forgets bit by bit what a plugin kept, and what sites set of it.
fn forget(job: &Context<'_>) -> std::result::Result<String, Failure> {
    let plugin: String = job.payload()?;
    let system = Actor::system();
    let mut values: usize = 0;
    loop {
        let id = plugin.clone();
        let sites = job.store.read(&system, move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            // One that came back meanwhile keeps what it has.
            let gone = rows::find(tx, &id)?.is_none();
            if gone { rows::sites_of(tx, server, &id, SiteId(0), SITES) } else { Ok(Vec::new()) }
        })?;
        let Some(site) = sites.first().copied() else { break };
        let id = plugin.clone();
        values += job.store.write(&system, move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let some = freehold_store::plugin_values::erase_some(tx, server, site, &id)?;
            if some == 0 {
                rows::forget_site(tx, server, site, &id)?;
            }
            Ok(some)
        })?;
    }
    Ok(json!({ "deleted": values }).to_string())
}
