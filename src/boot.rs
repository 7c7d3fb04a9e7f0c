//! Builds the node from its configuration and runs it.

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use freehold_base::config::Config;
use freehold_base::{Capability, Clock, Code, Error, HostName, Network, Secret, SiteId};
use freehold_doors::api;
use freehold_doors::bookkeeper::Bookkeeper;
use freehold_doors::cli::commands::Ask;
use freehold_doors::cli::hands::Hands;
use freehold_doors::cli::perform::{Answer, answer};
use freehold_doors::gatekeeper::Gatekeeper;
use freehold_doors::media::{self, MediaDesk};
use freehold_doors::pages::{self, OldHosts, SitePages, SiteTables};
use freehold_doors::panel::app::{App, PanelOrigin};
use freehold_doors::panel::auth::{FirstRun, first_run_site};
use freehold_doors::panel::customers::readings::Reader;
use freehold_doors::panel::customers::table::LateApp;
use freehold_doors::panel::news::News;
use freehold_doors::panel::templates::Templates;
use freehold_doors::security::Facts;
use freehold_doors::transfer::{Identity, Listeners, Transfer};
use freehold_doors::visitor::{self, VisitorDesk};
use freehold_doors::web::access_log::{AccessLog, LogPlan};
use freehold_doors::web::state::{Web, WebSettings};
use freehold_host::account_dir::AccountDirs;
use freehold_host::arrivals::Arrivals;
use freehold_host::dns::{self, Dns};
use freehold_host::files::Reserve;
use freehold_host::local::{self, LocalSocket};
use freehold_host::mail::Mailer;
use freehold_host::outbound::{BlockingOutbound, Outbound};
use freehold_host::sandbox::{Places, Sandbox};
use freehold_hosting as hosting;
use freehold_hosting::access::{self, Live};
use freehold_hosting::cron::work::{Machine, Post};
use freehold_hosting::cron::{self, Desk};
use freehold_hosting::domains::Looker;
use freehold_hosting::domains::jobs::{Desk as Lookout, NIGHTLY, until_night};
use freehold_hosting::files::{self, Files, Limits};
use freehold_hosting::first_page;
use freehold_hosting::terminal::Terminals;
use freehold_platform::accounts::{Accounts, Options, SetupCode, first_run};
use freehold_platform::customers::AccountChanged;
use freehold_platform::customers::traffic::Traffic;
use freehold_platform::customers::{bulk, graveyard, warnings};
use freehold_platform::jobs::{Handlers, Runner};
use freehold_platform::outbox::Outbox;
use freehold_platform::secrets::{Hasher, Keyring, SteadyClock};
use freehold_platform::sites::names::Rules;
use freehold_platform::{audit, limits, sites, upkeep};
use freehold_publishing::library::{self, Library};
use freehold_publishing::pages::Pages;
use freehold_publishing::starts::Start;
use freehold_publishing::themes::Themes;
use freehold_publishing::{content, import};
use freehold_store::{Actor, Store, StoreOptions};

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
}

/// Opens database and keys.
///
/// # Errors
/// With the next step in words.
pub fn open(config: Config, clock: Clock) -> Result<Base> {
    let store = Store::open(&store_options(&config), clock)?;
    with_keys(config, store)
}

/// As [`open`], also beside a node that runs on the same data folder.
///
/// # Errors
/// With the next step in words.
pub fn open_beside(config: Config, clock: Clock) -> Result<Base> {
    let alone = lock(&config.data);
    let options = store_options(&config);
    let store = if alone.is_ok() { Store::open(&options, clock)? } else { Store::open_beside(&options, clock)? };
    with_keys(config, store)
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

fn with_keys(config: Config, store: Store) -> Result<Base> {
    let path = config.data.join("key");
    let claimed = store.read(&Actor::system(), first_run::is_claimed)?;
    // A lost key of a server in use must not be replaced by a new one in silence.
    let keys = if claimed { Keyring::load(&path)? } else { Keyring::open_or_create(&path)? };
    Ok(Base { config, store, keys: Arc::new(keys) })
}

/// Holds `run/lock` of a data folder while it lives: one node to a folder.
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

/// A node that is ready to run.
pub struct Node {
    /// What doors share.
    pub app: Arc<App>,
    /// The visitors' door.
    pub web: Arc<Web>,
    /// Pages and themes.
    pub pages: Arc<Pages>,
    /// `host:port` of both listeners as bound.
    pub addresses: (std::net::SocketAddr, std::net::SocketAddr),
    /// The set-up code as shown, once; none where the server is claimed.
    pub setup_code: Option<Secret>,
    /// What everybody was sent.
    pub traffic: Arc<Traffic>,
    listeners: (TcpListener, TcpListener),
    transfer: (access::Desk, Listeners, Identity),
    files: Files,
    runner: Runner,
    cron: cron::Runner,
}

fn bind(address: std::net::SocketAddr, key: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("{address} is in use or not allowed; set another address with --{key}"))
}

/// Listeners of the doors to files. A port that is in use leaves its door closed: pages matter more.
fn transfer_listeners(config: &Config) -> Listeners {
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
fn transfer_identity(config: &Config, store: &Store, keys: &Keyring, with_ftp: bool) -> Result<Identity> {
    let names = ["localhost".to_owned()];
    let made = || freehold_doors::ftp::self_signed(&names);
    Ok(Identity {
        host_key: access::identity::host_key(store, keys)?,
        certificate: with_ftp.then(|| access::identity::certificate(store, keys, made)).transpose()?,
        passive: config.passive_ports()?,
        trusted: config.trusted_proxies.clone(),
    })
}

/// Builds a node: listeners bound, workers started, nothing served yet.
///
/// # Errors
/// With the next step in words.
pub fn build(base: Base) -> Result<Node> {
    let Base { config, store, keys } = base;
    let listeners = (bind(config.listen, "listen")?, bind(config.panel, "panel")?);
    let addresses = (listeners.0.local_addr()?, listeners.1.local_addr()?);
    let themes_folder = config.data.join("themes");
    std::fs::create_dir_all(&themes_folder)?;
    let themes =
        Themes::open(Some(&themes_folder)).map_err(|p| anyhow::anyhow!("the built-in theme is broken: {p:?}"))?;
    let pages = Arc::new(Pages::new(Arc::new(themes)));
    let files = open_files(&config, &store)?;
    let dirs = files.dirs().clone();
    let web = build_web(&config, &store, &keys, &pages, (addresses.0.port(), &dirs))?;
    let panel = PanelOrigin::new(&config.panel_url, addresses.1.port());
    let accounts = accounts(&config, &store, &keys, &panel.url)?;
    let mailer = Mailer::from_url(&config.mail.smtp_url, &config.mail.from, &config.outbound.allow)?;
    let outbox = Outbox::new(Arc::clone(&keys), mailer);
    let media = MediaDesk::new(store.clone(), open_library(&config)?);
    let arrivals = Arrivals::new(&config.data.join("import"), reserve(&config));
    let domains = look_desk(&config)?;
    put_name_rules(&config, &store, &panel.url)?;
    let late = LateApp::default();
    let parts = (&media.library, &arrivals, &keys, &files, &domains);
    let runner = start_jobs(&config, &store, &outbox, &accounts, parts, &late)?;
    let sandbox = sandbox(&config);
    sandbox.probe_in_background();
    let (commands, live) = start_cron(&config, &store, (&outbox, &panel.url), &sandbox)?;
    let terminals = Terminals::new(config.terminal.sessions);
    let news = News::default();
    let sessions = Live::default();
    let wakers = (runner.waker(), commands.waker(), news.clone(), (sessions.clone(), files.clone()));
    listen_to_news(&store, &web, &pages, (addresses.0.port(), dirs), wakers);
    let _ = web.gate.set(Gatekeeper::new(store.clone(), accounts.hasher()));
    let doors = transfer_listeners(&config);
    let identity = transfer_identity(&config, &store, &keys, doors.ftp.is_some())?;
    let file_doors = doors.addresses(access::identity::fingerprint(&identity.host_key)?);
    let desk = access::Desk::new(store.clone(), accounts.clone(), files.dirs().clone(), sessions);
    let transfer = (desk, doors, identity);
    let (setup, setup_code) = set_up_code(&store, Arc::clone(&keys))?;
    let (templates, public_port) = (Templates::default(), addresses.0.port());
    let (pages_too, web_too) = (Arc::clone(&pages), Arc::clone(&web));
    let app = Arc::new(App {
        config,
        store,
        accounts,
        outbox,
        templates,
        setup,
        panel,
        public_port,
        pages: pages_too,
        web: web_too,
        answered: Default::default(),
        keys,
        media,
        arrivals,
        news,
        files,
        sandbox,
        cron: live,
        terminals,
        months: Default::default(),
        readings: Default::default(),
        file_doors,
        domains,
    });
    late.stands(&app);
    let traffic = Arc::default();
    let files = app.files.clone();
    Ok(Node { app, web, pages, addresses, setup_code, traffic, listeners, transfer, files, runner, cron: commands })
}

fn build_web(
    config: &Config,
    store: &Store,
    keys: &Arc<Keyring>,
    pages: &Arc<Pages>,
    (port, dirs): (u16, &AccountDirs),
) -> Result<Arc<Web>> {
    let settings = WebSettings {
        trusted_proxies: config.trusted_proxies.clone(),
        cache_enabled: config.cache.enabled,
        cache_bytes: usize::try_from(config.cache.memory_mb).unwrap_or(64) << 20,
        pages_folder: Some(config.data.join("run")),
        packed_folder: Some(config.data.join("cache").join("packed")),
        ..Default::default()
    };
    let log = AccessLog::start(LogPlan::new(config.data.join("logs").join("access.log")), store.clock().clone())?;
    let source = Arc::new(SitePages::new(store.clone(), Arc::clone(pages), Arc::clone(keys)));
    let mut tables = SiteTables::read(store, port, dirs)?;
    let web = Web::new(settings, tables.take_hosts(), source, log, store.clock().clone())?;
    tables.put_roots(&web);
    web.rules.replace(store.read(&Actor::system(), sites::rules::load_all)?);
    Ok(web)
}

/// Workers for usual jobs: mail, files, upkeep. What is to be published and imports have their own.
const WORKERS: usize = 4;
/// The audit log is looked at so long after the start: nothing of it makes a start slower.
const AUDIT_AFTER: Duration = Duration::from_secs(600);

/// The outgoing client for jobs and the command line, on a thread of its own.
///
/// # Errors
/// Where TLS or the thread cannot be set up.
pub fn outbound(config: &Config) -> Result<BlockingOutbound> {
    let own = vec![config.listen.ip(), config.panel.ip()];
    Ok(BlockingOutbound::start(Outbound::new(&config.outbound.allow, own)?)?)
}

fn start_jobs(
    config: &Config,
    store: &Store,
    outbox: &Outbox,
    accounts: &Accounts,
    (library, arrivals, keys, files, domains): (&Library, &Arrivals, &Arc<Keyring>, &Files, &Lookout),
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
    Ok(Runner::start(store, &handlers, WORKERS)?)
}

/// The files of accounts, within what their plans allow.
fn open_files(config: &Config, store: &Store) -> Result<Files> {
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

/// Commands of accounts at set times; and what they say while they run.
fn start_cron(
    config: &Config,
    store: &Store,
    (outbox, panel_url): (&Outbox, &str),
    sandbox: &Sandbox,
) -> Result<(cron::Runner, cron::Live)> {
    let (client, started) = (config.clone(), OnceLock::<BlockingOutbound>::new());
    let start = move || match started.get() {
        Some(client) => Ok(client.clone()),
        None => {
            let made = outbound(&client).map_err(|e| Error::internal("starting the outgoing client", e))?;
            Ok(started.get_or_init(|| made).clone())
        }
    };
    let machine = Machine::new(sandbox.clone(), Arc::new(start), config.sandbox.network);
    let post = Post::new(outbox.clone(), panel_url);
    let desk = Desk::new(store.clone(), post, Arc::new(machine), config.cron.at_once);
    let live = desk.live.clone();
    Ok((cron::Runner::start(desk)?, live))
}

/// What looks at names of sites.
///
/// # Errors
/// Where the configuration names an address that is none.
fn look_desk(config: &Config) -> Result<Lookout> {
    let options = dns::Options {
        resolvers: config.dns.resolvers.clone(),
        roots: config.dns.roots.clone(),
        port: config.dns.port,
        allow: config.outbound.allow.clone(),
        ..dns::Options::default()
    };
    let own = match config.public_addresses.as_slice() {
        [] => freehold_host::files::own_addresses(),
        known => known.to_vec(),
    };
    let name_servers = config.dns.name_servers.iter().map(|n| n.trim_end_matches('.').to_lowercase()).collect();
    let looker = Looker { dns: Dns::new(&options)?, own, name_servers };
    let client = config.clone();
    let outbound = move || outbound(&client).map_err(|e| Error::internal("starting the outgoing client", e));
    Ok(Lookout::new(looker, config.dns.rdap.clone(), outbound))
}

/// What this installation says of names, for every door.
fn put_name_rules(config: &Config, store: &Store, panel_url: &str) -> Result<()> {
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

fn reserve(config: &Config) -> Reserve {
    Reserve { percent: config.limits.keep_free_percent }
}

fn listen_to_news(
    store: &Store,
    web: &Arc<Web>,
    pages: &Arc<Pages>,
    (port, dirs): (u16, AccountDirs),
    (wake, wake_cron, news, (live, files)): (
        impl Fn() + Send + Sync + 'static,
        impl Fn() + Send + Sync + 'static,
        News,
        (Live, Files),
    ),
) {
    let (cache, pages) = (Arc::clone(web), Arc::clone(pages));
    let hosts = HostsUpdate::start(store.clone(), Arc::clone(web), port, dirs);
    let reader = store.clone();
    store.on_commit(move |events| {
        // First the names: a page that was made under the old table is purged with the rest.
        hosts.update(&pages::old_hosts(events));
        pages::renew_rules(&cache, &reader, events);
        pages::purge(&cache, &pages, events);
        news.tell(events);
        live.hear(events);
        for changed in events.iter().filter_map(|e| e.as_any().downcast_ref::<AccountChanged>()) {
            if let Err(e) = files.limits_changed(changed.account) {
                tracing::warn!("what account {} may hold could not be read: {e}", changed.account);
            }
        }
        if events.iter().any(|e| e.name() == "job.queued") {
            wake();
        }
        // Of a suspended account nothing runs, from now on.
        if events.iter().any(|e| matches!(e.name(), "cron.asked" | "account.changed")) {
            wake_cron();
        }
    });
}

/// Reads the host table again, on a reader, before the write that changed it is answered.
struct HostsUpdate {
    store: Store,
    web: Arc<Web>,
    port: u16,
    dirs: AccountDirs,
    /// One at a time: of two writes at once (PostgreSQL) the older table must not come last.
    turn: Mutex<()>,
}

impl HostsUpdate {
    fn start(store: Store, web: Arc<Web>, port: u16, dirs: AccountDirs) -> Self {
        Self { store, web, port, dirs, turn: Mutex::new(()) }
    }
    fn update(&self, old: &OldHosts) {
        if *old == OldHosts::None {
            return;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = match old {
            OldHosts::Of(sites) => pages::renewed(&self.store, &self.web.hosts.now(), sites, self.port)
                .map(|table| self.web.hosts.swap(table)),
            OldHosts::None | OldHosts::All => {
                SiteTables::read(&self.store, self.port, &self.dirs).map(|tables| tables.put(&self.web))
            }
        };
        match renewed {
            Ok(()) => {}
            Err(e) => tracing::error!("the host table could not be read again: {e}"),
        }
    }
}

/// The one-time code of a server that nobody claimed yet, and how it is shown.
fn set_up_code(store: &Store, keys: Arc<Keyring>) -> Result<(Option<SetupCode>, Option<Secret>)> {
    if store.read(&Actor::system(), first_run::is_claimed)? {
        return Ok((None, None));
    }
    let (code, shown) = SetupCode::issue(keys, store.clock().clone())?;
    Ok((Some(code), Some(shown)))
}

fn accounts(config: &Config, store: &Store, keys: &Arc<Keyring>, panel_url: &str) -> Result<Accounts> {
    let hasher = Hasher::start(keys, config.password.bcrypt_cost)?;
    let options = Options { panel_url: panel_url.to_owned(), beyond_loopback: !config.panel.ip().is_loopback() };
    let allow = config.guard.allow.iter().map(|n| Network::parse("guard.allow", n)).collect::<Result<Vec<_>, _>>()?;
    let steady = SteadyClock::anchored(store.clock().clone());
    Ok(Accounts::new(Arc::clone(keys), hasher, steady, options).allowing(allow))
}

impl Node {
    /// The line for the terminal: where to go next.
    pub fn greeting(&self) -> String {
        let panel = &self.app.panel.url;
        match &self.setup_code {
            Some(code) => format!("Open {panel}/admin/setup/{}", code.reveal_text()),
            None => format!("Open {panel}/admin"),
        }
    }

    /// Serves until a signal asks to stop.
    ///
    /// # Errors
    /// Where a listener fails.
    pub fn run(self) -> Result<()> {
        let themes = Arc::clone(self.pages.themes());
        let web = Arc::clone(&self.web);
        // A page of any site may stand on the theme that changed.
        let _watching = themes.watch(move |_| web.cache.purge_all())?;
        let _socket = open_socket(&self);
        let _books = Bookkeeper::start(Arc::clone(&self.web), Arc::clone(&self.traffic), self.app.store.clone())?;
        let _reader = Reader::start(Arc::clone(&self.app))?;
        let app = &self.app;
        let files = freehold_doors::both(pages::routes(&self.pages), media::public::routes(&app.media));
        let desk = VisitorDesk::new(app.store.clone(), Arc::clone(&self.pages), Arc::clone(&app.keys));
        // Last: one of its routes looks at every address.
        let site_routes = freehold_doors::both(files, visitor::routes(&desk));
        let (desk, listeners, identity) = self.transfer;
        let transfer = Transfer::start(&desk, listeners, &identity)?;
        let hang_up = transfer.stopper();
        let system = freehold_doors::runtime();
        let served = system.block_on(async move {
            let sites = freehold_doors::web::server::start(self.listeners.0, Arc::clone(&self.web), site_routes)?;
            let panel =
                freehold_doors::panel::server::start(self.listeners.1, Arc::clone(&self.app), api::routes::configure)?;
            // After the listeners: starting waits for no disk.
            let store = self.app.store.clone();
            let arrivals = self.app.arrivals.clone();
            let now = store.clock().now();
            tokio::task::spawn_blocking(move || {
                if let Err(e) = arrivals.sweep(now, import::jobs::KEPT) {
                    tracing::warn!("removing old exports: {e}");
                }
            });
            tokio::spawn(async move {
                let system = Actor::system();
                let begun = store.write_async(&system, |tx| {
                    upkeep::queue(tx, upkeep::UPKEEP, Duration::ZERO)?;
                    upkeep::queue(tx, audit::VERIFY, AUDIT_AFTER)?;
                    upkeep::queue(tx, warnings::WARN, AUDIT_AFTER)?;
                    upkeep::queue(tx, files::TIDY, Duration::ZERO)?;
                    upkeep::queue(tx, files::RECOUNT, AUDIT_AFTER)?;
                    upkeep::queue(tx, graveyard::PURGE, AUDIT_AFTER)?;
                    upkeep::queue(tx, NIGHTLY, until_night(tx.now()))?;
                    upkeep::queue(tx, content::jobs::EMPTY_TRASH, Duration::ZERO)
                });
                if let Err(e) = begun.await {
                    tracing::warn!("queueing the upkeep: {e}");
                }
            });
            let (stop, news) = ((sites.handle(), panel.handle()), self.app.news.clone());
            tokio::spawn(async move {
                wait_for_signal().await;
                news.close(); // streams of live news end by themselves
                let _ = hang_up.send(true);
                tokio::join!(stop.0.stop(true), stop.1.stop(true));
            });
            let (a, b) = tokio::join!(sites, panel);
            self.cron.stop();
            self.runner.stop();
            self.app.files.close()?;
            self.web.log.stop();
            a?;
            b?;
            Ok(())
        });
        transfer.stop();
        if let Err(e) = self.files.close() {
            tracing::warn!("writing down what accounts hold: {e}");
        }
        served
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
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

fn sandbox(config: &Config) -> Sandbox {
    Sandbox::new(Places { data: config.data.clone(), one_trust_domain: config.sandbox.one_trust_domain })
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

/// Listens for commands. A node whose socket cannot be opened serves all the same.
fn open_socket(node: &Node) -> Option<LocalSocket> {
    let (app, data) = (&node.app, node.app.config.data.clone());
    let hands = Hands {
        store: app.store.clone(),
        accounts: app.accounts.clone(),
        data: data.clone(),
        reserve: reserve(&app.config),
        facts: Facts::of(&app.config),
        files: app.files.clone(),
        domains: app.domains.clone(),
        sandbox: app.sandbox.clone(),
        library: Some(app.media.library.clone()),
        web: Some(Arc::clone(&node.web)),
    };
    let started = LocalSocket::start(&socket_path(&data), move |line| answer(&hands, line));
    started.map_err(|e| tracing::warn!("commands cannot reach this node: {e}")).ok()
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
