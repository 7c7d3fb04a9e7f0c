//! What the hosting admin decides: which plugin may do what it asks for, which newer version takes the place of the one
//! that is here, which one is stopped or goes (row PL02, rule D6).

use std::sync::Arc;

use freehold_base::{Capability, Code, Error, OrInternal as _, Result, SiteId};
use freehold_platform::jobs::{self, NewJob};
use freehold_plugins::hooks::Hook;
use freehold_plugins::manifest::Manifest;
use freehold_plugins::package::Signed;
use freehold_store::plugins::{self as rows, Plugin as Row};
use freehold_store::{ServerScope, Store, Tx, audit};

use super::events::PluginsChanged;
use super::files;
use super::live::Plugins;
use super::parts::{About, Origin, Plugin, Standing};
use super::tell::{self, FORGET, Life};

/// Sites that are read at once.
const SITES: i64 = 200;

/// A plugin with the number of sites that it is on.
#[derive(Clone, Debug)]
pub struct Card {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// How many sites switched it on.
    pub sites: i64,
}

/// All plugins, those that run first, those that we ship and nobody uses last.
///
/// # Errors
/// `Denied`.
pub fn all(tx: &mut Tx<'_>, plugins: &Plugins) -> Result<Vec<Card>> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    let counts = rows::counts(tx, server)?;
    let sites = |id: &str| counts.iter().find(|(known, _)| known == id).map_or(0, |(_, n)| *n);
    let mut cards: Vec<Card> =
        plugins.all().into_iter().map(|plugin| Card { sites: sites(&plugin.id), plugin }).collect();
    cards.sort_by_key(|card| (card.plugin.row.is_none(), card.plugin.title().to_lowercase()));
    Ok(cards)
}

/// One of them.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`.
pub fn find(tx: &mut Tx<'_>, plugins: &Plugins, id: &str) -> Result<Card> {
    all(tx, plugins)?.into_iter().find(|card| card.plugin.id == id).ok_or_else(|| Error::not_found("plugin"))
}

/// What a person is asked to agree to.
#[derive(Clone, Debug)]
pub struct Question {
    /// What the files say.
    pub about: Arc<About>,
    /// What was agreed to before.
    pub before: Option<Manifest>,
    /// Why a person is asked again; empty at the first time.
    pub why: String,
    /// Whether another version runs meanwhile.
    pub is_update: bool,
}

impl Plugin {
    /// What a person is to agree to; none where nothing waits.
    pub fn question(&self) -> Option<Question> {
        let before = self.row.as_ref().and_then(|row| Manifest::parse(&row.granted).ok());
        if let Some((about, why)) = &self.waiting {
            return Some(Question { about: Arc::clone(about), before, why: why.clone(), is_update: true });
        }
        let why = match &self.standing {
            Standing::New => String::new(),
            Standing::Held(why) => why.clone(),
            _ => return None,
        };
        Some(Question { about: Arc::clone(self.about.as_ref()?), before, why, is_update: false })
    }
}

impl Plugins {
    /// From now on plugins that fail too often are stopped for good, until a person lets them run again.
    ///
    /// # Errors
    /// `Internal` where no thread can be started.
    pub fn mind(&self, store: &Store) -> Result<()> {
        let (tell, heard) = crossbeam_channel::bounded::<(String, String)>(64);
        let _ = self.shared.tripped.set(tell);
        let store = store.clone();
        let mind = move || {
            // It ends when the last of us who tell is gone.
            for (id, why) in heard {
                if let Err(e) = stop_by_itself(&store, &id, &why) {
                    tracing::error!("the plugin {id} failed too often, and that could not be written down: {e}");
                }
            }
        };
        let started = std::thread::Builder::new().name("plugins".into()).spawn(mind);
        started.map(drop).map_err(|e| Error::internal("minding plugins", e))
    }

    /// Looks whether a version that somebody is about to agree to works at all, and makes its code ready: seconds of
    /// work, so never inside a transaction.
    ///
    /// # Errors
    /// `NotFound("plugin")`; `PluginRefused` with the reason.
    pub fn make_ready(&self, id: &str) -> Result<()> {
        let plugin = self.find(id)?;
        let package = match &plugin.waiting {
            Some(_) => files::of_folder(self.waiting().root(), id)?,
            None => self.package(id)?.0,
        };
        self.check_code(&package)
    }

    /// Takes the files of a plugin away that [`remove`] let go.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn take_away(&self, store: &Store, id: &str) -> Result<()> {
        self.live().remove(id)?;
        self.waiting().remove(id)?;
        self.reload(store)
    }
}

/// Agrees to what a plugin may do, or to its newer version. `digest`: of the files that the person saw.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`; `WrongState` where nothing waits, or its files have changed since.
pub fn allow(tx: &mut Tx<'_>, plugins: &Plugins, id: &str, digest: &str) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    tx.need_fresh("let a plugin run")?;
    let plugin = plugins.find(id)?;
    let question = plugin.question().ok_or_else(|| wrong_state("there is nothing to agree to"))?;
    if question.about.digest != digest {
        return Err(wrong_state("its files have changed since you looked; look at it again"));
    }
    let (now, about) = (tx.now(), &question.about);
    let before = rows::find(tx, id)?;
    let row = row_of(about, before.as_ref(), now);
    rows::put(tx, server, &row)?;
    if let Some(before) = before.filter(|before| before.version != row.version) {
        tell_upgraded(tx, server, &about.manifest, &before.version)?;
    }
    written(tx, "plugin.allow", &format!("{} {}", row.title, row.version));
    Ok(())
}

/// The row of a version that was agreed to.
pub(super) fn row_of(about: &About, before: Option<&Row>, now: freehold_base::Timestamp) -> Row {
    let manifest = &about.manifest;
    Row {
        id: manifest.id.to_string(),
        title: manifest.name.clone(),
        version: manifest.version.to_string(),
        publisher: match about.signed {
            Signed::No => String::new(),
            Signed::By(key) => key.to_string(),
        },
        digest: about.digest.clone(),
        granted: about.text.clone(),
        state: rows::ENABLED.into(),
        reason: String::new(),
        waiting: String::new(),
        installed_at: before.map_or(now, |row| row.installed_at),
        changed_at: now,
    }
}

/// Tells a plugin on each of its sites that it is a newer version now.
pub(super) fn tell_upgraded(tx: &mut Tx<'_>, server: ServerScope, manifest: &Manifest, from: &str) -> Result<()> {
    if !manifest.hooks.contains_key(&Hook::PluginLifecycle) {
        return Ok(());
    }
    let id = manifest.id.as_str();
    let mut after = SiteId(0);
    loop {
        let sites = rows::sites_of(tx, server, id, after, SITES)?;
        let Some(last) = sites.last().copied() else { return Ok(()) };
        for site in sites {
            let scope = tx.visit(site)?;
            if rows::on_site(tx, scope, id)?.is_some_and(|on| on.is_on) {
                tell::tell(tx, scope, id, Hook::PluginLifecycle, Life::Upgraded { from }.input())?;
            }
        }
        after = last;
    }
}

/// Leaves the newer version that waits.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`; `WrongState` where none waits.
pub fn refuse(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let row = rows::find(tx, id)?.ok_or_else(|| Error::not_found("plugin"))?;
    if row.waiting.is_empty() {
        return Err(wrong_state("no newer version waits"));
    }
    let (title, changed_at) = (row.title.clone(), tx.now());
    rows::put(tx, server, &Row { waiting: String::new(), changed_at, ..row })?;
    written(tx, "plugin.refuse", &title);
    Ok(())
}

/// Stops a plugin on all sites, or lets it run again.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`.
pub fn run(tx: &mut Tx<'_>, id: &str, runs: bool) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let row = rows::find(tx, id)?.ok_or_else(|| Error::not_found("plugin"))?;
    let (state, act) = if runs { (rows::ENABLED, "plugin.start") } else { (rows::STOPPED, "plugin.stop") };
    let (title, changed_at) = (row.title.clone(), tx.now());
    rows::put(tx, server, &Row { state: state.into(), reason: String::new(), changed_at, ..row })?;
    written(tx, act, &title);
    Ok(())
}

/// Stops a plugin that failed too often; the installation's own act.
fn stop_by_itself(store: &Store, id: &str, why: &str) -> Result<()> {
    let (id, why) = (id.to_owned(), why.to_owned());
    store.write(&freehold_store::Actor::system(), move |tx| {
        let server = tx.authorize_server(Capability::ServerManage)?;
        let Some(row) = rows::find(tx, &id)?.filter(|row| row.state == rows::ENABLED) else { return Ok(()) };
        let (title, changed_at) = (row.title.clone(), tx.now());
        let reason = format!("It failed five times within a minute and was stopped. The last time: {why}");
        rows::put(tx, server, &Row { state: rows::STOPPED.into(), reason, changed_at, ..row })?;
        written(tx, "plugin.stop", &title);
        Ok(())
    })
}

/// Lets a plugin go; its files are taken away once that is committed ([`Plugins::take_away`]). `with_data`: also what
/// sites set of it and what it keeps for them.
///
/// # Errors
/// `Denied`, `NotFound("plugin")`; `WrongState` where sites use it, or where we ship it and nobody agreed to it.
pub fn remove(tx: &mut Tx<'_>, plugins: &Plugins, id: &str, with_data: bool) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let plugin = plugins.find(id)?;
    if plugin.origin == Some(Origin::Shipped) && plugin.row.is_none() {
        return Err(wrong_state("this plugin belongs to Freehold and stays"));
    }
    let counts = rows::counts(tx, server)?;
    match counts.iter().find(|(known, _)| known == id).map_or(0, |(_, n)| *n) {
        0 => {}
        1 => return Err(wrong_state("a site uses it; switch it off there first")),
        n => return Err(wrong_state(format!("{n} sites use it; switch it off there first"))),
    }
    rows::remove(tx, server, id)?;
    if with_data {
        let payload = serde_json::to_string(id).or_internal("writing what to forget")?;
        let run_at = tx.now();
        let job = NewJob { site: SiteId(0), kind: FORGET, payload: &payload, run_at, unique_key: None };
        jobs::enqueue(tx, &job)?;
    }
    written(tx, "plugin.remove", &plugin.title());
    Ok(())
}

/// The act in the log of the installation, and the news.
pub(super) fn written(tx: &mut Tx<'_>, act: &'static str, what: &str) {
    tx.audit(audit::Chain::Server, act, format!("\u{201c}{what}\u{201d}"), "");
    tx.announce(PluginsChanged { site: SiteId(0) });
}

fn wrong_state(why: impl Into<String>) -> Error {
    Error::refused(Code::WrongState, why)
}
