//! Builds the node from its configuration and runs it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result};
use freehold_base::config::Config;
use freehold_base::{Clock, Code, Error, HostName, Secret, SiteId};
use freehold_doors::cli::commands::Ask;
use freehold_doors::cli::hands::Hands;
use freehold_doors::cli::perform::Answer;
use freehold_doors::panel::app::PanelOrigin;
use freehold_doors::panel::auth::{FirstRun, first_run_site};
use freehold_doors::security::Facts;
use freehold_host::local::{self};
use freehold_platform::accounts::first_run;
use freehold_platform::secrets::Keyring;
use freehold_publishing::starts::Start;
use freehold_store::{Actor, Store, StoreOptions};

mod news;
mod node;
mod parts;

pub use self::node::{Node, build};
use self::parts::{accounts, look_desk, open_files, reserve, sandbox};
pub use self::parts::{open_library, outbound};

/// Readers of SQLite, or connections to PostgreSQL.
const CONNECTIONS: u32 = 16;

/// Database and keys: what every command needs.
pub struct Base {
    /// Configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Keys outside the database.
    pub keys: Arc<Keyring>,
    /// Held where no node runs on the data folder, so that none starts meanwhile.
    _lock: Option<Lock>,
}

/// Opens database and keys.
///
/// # Errors
/// With the next step in words.
pub fn open(config: Config, clock: Clock) -> Result<Base> {
    let store = Store::open(&store_options(&config), clock)?;
    with_keys(config, store, None)
}

/// As [`open`], for a command that no node took. On SQLite nobody writes beside a node; on PostgreSQL the command is
/// one more node.
///
/// # Errors
/// With the next step in words.
pub fn open_for_command(config: Config, clock: Clock) -> Result<Base> {
    let options = store_options(&config);
    match lock(&config.data) {
        Ok(alone) => {
            let store = Store::open(&options, clock)?;
            with_keys(config, store, Some(alone))
        }
        Err(_) if !config.database_url.is_empty() => {
            let store = Store::open_beside(&options, clock)?;
            with_keys(config, store, None)
        }
        Err(_) => Err(anyhow::anyhow!(
            "a Freehold runs on {} and takes no commands; see its log, and stop it before you go on",
            config.data.display()
        )),
    }
}

/// Takes migrations back until `to` is the newest; gives the names of those that are gone.
///
/// # Errors
/// `NotFound` where the database has no such migration; where one cannot be taken back.
pub fn migrate_back(config: &Config, to: &str) -> Result<Vec<String>> {
    Ok(Store::migrate_back(&store_options(config), to)?)
}

fn store_options(config: &Config) -> StoreOptions {
    StoreOptions { data: config.data.clone(), database_url: config.database_url.clone(), readers: CONNECTIONS }
}

fn with_keys(config: Config, store: Store, lock: Option<Lock>) -> Result<Base> {
    let path = config.data.join("key");
    let claimed = store.read(&Actor::system(), first_run::is_claimed)?;
    // A lost key of a server in use must not be replaced by a new one in silence.
    let keys = if claimed { Keyring::load(&path)? } else { Keyring::open_or_create(&path)? };
    Ok(Base { config, store, keys: Arc::new(keys), _lock: lock })
}

/// Holds `run/lock` of a data folder while it lives: one node to a folder.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "held, not read")] std::fs::File);

/// Takes the lock of a data folder.
///
/// # Errors
/// Where another process holds it.
pub fn lock(data: &Path) -> Result<Lock> {
    let folder = data.join("run");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("the data folder {} cannot be used; choose another with --data", data.display()))?;
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    file.try_lock().map_err(|_| {
        anyhow::anyhow!(
            "another Freehold runs on {}; stop it first, or choose another folder with --data",
            data.display()
        )
    })?;
    Ok(Lock(file))
}

/// `freehold setup`: the first run without a browser, for an owner with e-mail and password. Gives the first site.
///
/// # Errors
/// `SetupDone`, `Invalid`.
pub fn setup(base: &Base, owner: (&str, &str), title: &str, host: &str, start: Start) -> freehold_base::Result<SiteId> {
    let (email, password) = owner;
    let accounts = accounts(&base.config, &base.store, &base.keys, "").map_err(|e| Error::internal("starting", e))?;
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let password = accounts.new_password(Secret::text(password), &[email, title])?;
    let new = FirstRun {
        title: title.to_owned(),
        email: email.to_owned(),
        name,
        password,
        host: HostName::parse(host)?.as_str().to_owned(),
        time_zone: String::new(),
        language: String::new(),
        start,
    };
    base.store.write(&Actor::system(), move |tx| first_run_site(tx, &new)).map(|(_, site, _)| site)
}

/// What commands work with, where no node runs.
///
/// # Errors
/// Where the password hasher cannot be started.
pub fn hands(base: &Base) -> Result<Hands> {
    let panel = PanelOrigin::new(&base.config.panel_url, base.config.panel.port());
    let accounts = accounts(&base.config, &base.store, &base.keys, &panel.url)?;
    Ok(Hands {
        store: base.store.clone(),
        accounts,
        data: base.config.data.clone(),
        reserve: reserve(&base.config),
        facts: Facts::of(&base.config),
        files: open_files(&base.config, &base.store)?,
        domains: look_desk(&base.config)?,
        sandbox: sandbox(&base.config),
        library: None,
        web: None,
        open_gallery: Arc::new(parts::gallery_alone(base)),
        open_plugins: Arc::new(parts::plugins_alone(base)),
    })
}

/// Asks the node that runs on the data folder; `None` where none does.
///
/// # Errors
/// Where it listens but cannot be understood.
pub fn ask_node(config: &Config, ask: &Ask) -> Result<Option<Answer>> {
    let question = serde_json::to_string(ask)?;
    match local::ask(&socket_path(&config.data), &question)? {
        Some(line) => Ok(Some(serde_json::from_str(&line).context("the node is of another release")?)),
        None => Ok(None),
    }
}

fn socket_path(data: &Path) -> std::path::PathBuf {
    data.join("run").join("freehold.sock")
}

/// The site that a host name means.
///
/// # Errors
/// `NotFound("site")`.
pub fn site_of(store: &Store, host: &str) -> freehold_base::Result<SiteId> {
    let all = store.read(&Actor::system(), freehold_platform::sites::hosts)?;
    all.iter()
        .find(|h| h.host == host || h.site.to_string() == host)
        .map(|h| h.site)
        .ok_or_else(|| Error::refused(Code::NotFound, "site"))
}

/// Logging to standard error, once.
pub fn start_log(filter: &str) {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| "info".into());
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    });
}
