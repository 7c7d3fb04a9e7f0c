//! Parts of a node, each opened as the configuration says.

use std::net::TcpListener;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use freehold_base::config::Config;
use freehold_base::{Capability, Error, Network};
use freehold_doors::pages::purge_theme;
use freehold_doors::panel::customers::table::LateApp;
use freehold_doors::transfer::{Identity, Listeners};
use freehold_doors::web::state::Web;
use freehold_host::arrivals::Arrivals;
use freehold_host::dns::{self, Dns};
use freehold_host::files::Reserve;
use freehold_host::outbound::{BlockingOutbound, Outbound};
use freehold_host::sandbox::{Places, Sandbox};
use freehold_hosting as hosting;
use freehold_hosting::access::{self};
use freehold_hosting::cron::work::{Machine, Post};
use freehold_hosting::cron::{self, Desk};
use freehold_hosting::domains::Looker;
use freehold_hosting::domains::jobs::Desk as Lookout;
use freehold_hosting::files::{self, Files, Limits};
use freehold_hosting::first_page;
use freehold_platform::accounts::{Accounts, Options};
use freehold_platform::customers::{bulk, warnings};
use freehold_platform::jobs::{Handlers, Runner};
use freehold_platform::outbox::Outbox;
use freehold_platform::secrets::{Hasher, Keyring, SteadyClock};
use freehold_platform::sites::names::Rules;
use freehold_platform::{audit, limits, upkeep};
use freehold_publishing::designs;
use freehold_publishing::gallery::{self, Shelves};
use freehold_publishing::library::{self, Library};
use freehold_publishing::themes::Themes;
use freehold_publishing::{content, import};
use freehold_store::{Actor, Store};

/// Listeners of the doors to files. A port that is in use leaves its door closed: pages matter more.
pub(super) fn transfer_listeners(config: &Config) -> Listeners {
    let open = |key: &str, text: &str| {
        let address = freehold_base::config::listener(text).flatten()?;
        let bound = TcpListener::bind(address);
        bound
            .map_err(|e| tracing::warn!("{key} is off: {address} cannot be used ({e}); set another with {key} = …"))
            .ok()
    };
    Listeners {
        sftp: open("sftp", &config.sftp),
        webdav: open("webdav", &config.webdav),
        ftp: open("ftp", &config.ftp),
    }
}

/// What the doors to files show of themselves.
pub(super) fn transfer_identity(config: &Config, store: &Store, keys: &Keyring, with_ftp: bool) -> Result<Identity> {
    let names = ["localhost".to_owned()];
    let made = || freehold_doors::ftp::self_signed(&names);
    Ok(Identity {
        host_key: access::identity::host_key(store, keys)?,
        certificate: with_ftp.then(|| access::identity::certificate(store, keys, made)).transpose()?,
        passive: config.passive_ports()?,
        trusted: config.trusted_proxies.clone(),
    })
}

/// Workers for usual jobs: mail, files, upkeep. What is to be published and imports have their own.
const WORKERS: usize = 4;

/// The outgoing client for jobs and the command line, on a thread of its own.
///
/// # Errors
/// Where TLS or the thread cannot be set up.
pub fn outbound(config: &Config) -> Result<BlockingOutbound> {
    let mut own = own_addresses(config);
    own.extend([config.listen.ip(), config.panel.ip()]);
    Ok(BlockingOutbound::start(Outbound::new(&config.outbound.allow, own)?)?)
}

pub(super) fn start_jobs(
    config: &Config,
    store: &Store,
    outbox: &Outbox,
    accounts: &Accounts,
    (library, arrivals, keys, files, domains, themes): (
        &Library,
        &Arrivals,
        &Arc<Keyring>,
        &Files,
        &Lookout,
        &gallery::jobs::Desk,
    ),
    late: &LateApp,
) -> Result<Runner> {
    let mut handlers = Handlers::default();
    first_page::register(&mut handlers, files.dirs());
    hosting::domains::jobs::register(&mut handlers, domains);
    content::jobs::register(&mut handlers);
    outbox.register(&mut handlers, accounts);
    upkeep::register(&mut handlers, accounts);
    warnings::register(&mut handlers, outbox);
    bulk::register(&mut handlers, late.open());
    audit::register(&mut handlers);
    library::jobs::register(&mut handlers, library);
    files::register(&mut handlers, files);
    freehold_hosting::ends::register(&mut handlers, files);
    freehold_hosting::moves::register(&mut handlers, files);
    let client = config.clone();
    let desk = import::jobs::Desk {
        arrivals: arrivals.clone(),
        library: library.clone(),
        keys: Arc::clone(keys),
        cache: config.data.join("cache"),
        outbound: Arc::new(move || outbound(&client).map_err(|e| Error::internal("starting the outgoing client", e))),
    };
    import::jobs::register(&mut handlers, &desk);
    gallery::jobs::register(&mut handlers, themes);
    designs::jobs::register(&mut handlers, &themes.themes);
    Ok(Runner::start(store, &handlers, WORKERS)?)
}

/// The themes of this node.
pub(super) fn open_themes(config: &Config) -> Result<Themes> {
    let (all, own) = (config.data.join("themes"), config.data.join("site-themes"));
    std::fs::create_dir_all(&all)?;
    std::fs::create_dir_all(&own)?;
    Themes::open_with(Some(&all), Some(&own)).map_err(|p| anyhow::anyhow!("the built-in theme is broken: {p:?}"))
}

/// What installs themes.
pub(super) fn gallery_desk(
    config: &Config,
    store: &Store,
    (themes, shelves, arrivals): (&Arc<Themes>, &Shelves, &Arrivals),
    web: &Arc<Web>,
) -> gallery::jobs::Desk {
    let (web, store) = (Arc::clone(web), store.clone());
    let changed = move |names: &[String]| names.iter().for_each(|name| purge_theme(&web, &store, name));
    gallery_of(config, (themes, shelves, arrivals), Arc::new(changed))
}

/// The same for a command where no node runs: nobody has ready pages.
pub(super) fn gallery_alone(base: &super::Base) -> impl Fn() -> freehold_base::Result<gallery::jobs::Desk> + use<> {
    let config = base.config.clone();
    move || {
        let themes = Arc::new(open_themes(&config).map_err(|e| Error::internal("opening the themes", e))?);
        let shelves = Shelves::new(&themes, reserve(&config), config.themes.owners_may_add, &config.outbound.allow)?;
        let arrivals = Arrivals::new(&config.data.join("import"), reserve(&config));
        Ok(gallery_of(&config, (&themes, &shelves, &arrivals), Arc::new(|_: &[String]| {})))
    }
}

fn gallery_of(
    config: &Config,
    (themes, shelves, arrivals): (&Arc<Themes>, &Shelves, &Arrivals),
    changed: gallery::jobs::Heard,
) -> gallery::jobs::Desk {
    let client = config.clone();
    gallery::jobs::Desk {
        themes: Arc::clone(themes),
        shelves: shelves.clone(),
        arrivals: arrivals.clone(),
        cache: config.data.join("cache"),
        reserve: reserve(config),
        outbound: Arc::new(move || outbound(&client).map_err(|e| Error::internal("starting the outgoing client", e))),
        changed,
        reports: gallery::Reports::default(),
        editing: Arc::default(),
    }
}

/// The files of accounts, within what their plans allow.
pub(super) fn open_files(config: &Config, store: &Store) -> Result<Files> {
    let plans = store.clone();
    let limits = move |account| {
        plans.read(&Actor::system(), |tx| {
            let scope = tx.authorize_account(account, Capability::AccountRead)?;
            let limits = limits::of(tx, scope)?;
            Ok(Limits { bytes: limits.disk_bytes(), files: limits.files })
        })
    };
    Ok(Files::open(store, &config.data.join("accounts"), reserve(config), Arc::new(limits))?)
}

/// What runs programs of accounts.
pub(super) fn sandbox(config: &Config) -> Sandbox {
    Sandbox::new(Places { data: config.data.clone(), one_trust_domain: config.sandbox.one_trust_domain })
}

/// Commands of accounts at set times; and what they say while they run.
pub(super) fn start_cron(
    config: &Config,
    store: &Store,
    (outbox, panel_url): (&Outbox, &str),
    sandbox: &Sandbox,
    files: &Files,
) -> Result<(cron::Runner, cron::Live)> {
    let (client, started) = (config.clone(), OnceLock::<BlockingOutbound>::new());
    let start = move || match started.get() {
        Some(client) => Ok(client.clone()),
        None => {
            let made = outbound(&client).map_err(|e| Error::internal("starting the outgoing client", e))?;
            Ok(started.get_or_init(|| made).clone())
        }
    };
    let machine = Machine::new(sandbox.clone(), files.clone(), Arc::new(start), config.sandbox.network);
    let post = Post::new(outbox.clone(), panel_url);
    let desk = Desk::new(store.clone(), post, Arc::new(machine), cron::Places::new(&config.cron));
    let live = desk.live.clone();
    Ok((cron::Runner::start(desk)?, live))
}

/// The addresses of this machine, as its owner says or as it finds them.
fn own_addresses(config: &Config) -> Vec<std::net::IpAddr> {
    match config.public_addresses.as_slice() {
        [] => freehold_host::files::own_addresses(),
        known => known.to_vec(),
    }
}

/// What looks at names of sites.
///
/// # Errors
/// Where the configuration names an address that is none.
pub(super) fn look_desk(config: &Config) -> Result<Lookout> {
    let options = dns::Options {
        resolvers: config.dns.resolvers.clone(),
        roots: config.dns.roots.clone(),
        port: config.dns.port,
        allow: config.outbound.allow.clone(),
        ..dns::Options::default()
    };
    let own = own_addresses(config);
    let name_servers = config.dns.name_servers.iter().map(|n| n.trim_end_matches('.').to_lowercase()).collect();
    let looker = Looker { dns: Dns::new(&options)?, own, name_servers };
    let client = config.clone();
    let outbound = move || outbound(&client).map_err(|e| Error::internal("starting the outgoing client", e));
    Ok(Lookout::new(looker, config.dns.rdap.clone(), outbound))
}

/// What this installation says of names, for every door.
pub(super) fn put_name_rules(config: &Config, store: &Store, panel_url: &str) -> Result<()> {
    let host = panel_url.split_once("://").map_or(panel_url, |(_, rest)| rest);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_lowercase();
    let rules = Rules {
        reserved: vec![host],
        preview: config.domains.preview.to_lowercase(),
        check_ownership: config.domains.check_ownership,
    };
    if store.read(&Actor::system(), Rules::read)? == rules {
        return Ok(());
    }
    // A start on a disk that cannot be written to serves all the same, by the rules of before.
    if let Err(e) = store.write(&Actor::system(), move |tx| rules.put(tx)) {
        tracing::warn!("the rules of names could not be written: {e}");
    }
    Ok(())
}

/// The files of the media library.
///
/// # Errors
/// Where the data folder cannot be used.
pub fn open_library(config: &Config) -> Result<Library> {
    let cache = config.data.join("cache").join("images");
    let max_bytes = config.limits.upload_mb.saturating_mul(1 << 20);
    Ok(Library::open(&config.data.join("media"), &cache, max_bytes, reserve(config))?)
}

pub(super) fn reserve(config: &Config) -> Reserve {
    Reserve { percent: config.limits.keep_free_percent }
}

pub(super) fn accounts(config: &Config, store: &Store, keys: &Arc<Keyring>, panel_url: &str) -> Result<Accounts> {
    let hasher = Hasher::start(keys, config.password.bcrypt_cost)?;
    let options = Options { panel_url: panel_url.to_owned(), beyond_loopback: !config.panel.ip().is_loopback() };
    let allow = config.guard.allow.iter().map(|n| Network::parse("guard.allow", n)).collect::<Result<Vec<_>, _>>()?;
    let steady = SteadyClock::anchored(store.clock().clone());
    Ok(Accounts::new(Arc::clone(keys), hasher, steady, options).allowing(allow))
}
