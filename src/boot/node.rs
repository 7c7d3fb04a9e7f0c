//! The node: its parts put together, served until somebody asks it to stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use freehold_base::Secret;
use freehold_base::config::Config;
use freehold_doors::api;
use freehold_doors::bookkeeper::Bookkeeper;
use freehold_doors::cli::hands::Hands;
use freehold_doors::cli::perform::answer;
use freehold_doors::gatekeeper::Gatekeeper;
use freehold_doors::media::{self, MediaDesk};
use freehold_doors::pages::{self, SitePages, SiteTables};
use freehold_doors::panel::app::{App, PanelOrigin};
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
use freehold_host::local::LocalSocket;
use freehold_host::mail::Mailer;
use freehold_hosting::access::{self, Live};
use freehold_hosting::cron::{self};
use freehold_hosting::domains::jobs::{NIGHTLY, until_night};
use freehold_hosting::files::{self, Files};
use freehold_hosting::terminal::Terminals;
use freehold_platform::accounts::{SetupCode, first_run};
use freehold_platform::customers::traffic::Traffic;
use freehold_platform::customers::{graveyard, warnings};
use freehold_platform::jobs::Runner;
use freehold_platform::outbox::Outbox;
use freehold_platform::secrets::Keyring;
use freehold_platform::{audit, sites, upkeep};
use freehold_publishing::gallery::Shelves;
use freehold_publishing::pages::Pages;
use freehold_publishing::{content, import};
use freehold_store::{Actor, Store};

use super::news::{self, Ears};
use super::parts::*;
use super::{Base, socket_path};

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

/// Builds a node: listeners bound, workers started, nothing served yet.
///
/// # Errors
/// With the next step in words.
pub fn build(base: Base) -> Result<Node> {
    let Base { config, store, keys, .. } = base;
    let listeners = (bind(config.listen, "listen")?, bind(config.panel, "panel")?);
    let addresses = (listeners.0.local_addr()?, listeners.1.local_addr()?);
    let themes = Arc::new(open_themes(&config)?);
    let shelves = Shelves::new(&themes, reserve(&config), config.themes.owners_may_add, &config.outbound.allow)?;
    shelves.sweep()?;
    let plugins = open_plugins(&config, &keys);
    plugins.sweep()?;
    plugins.reload(&store)?;
    let pages = Arc::new(Pages::new(Arc::clone(&themes)).with_plugins(Arc::clone(&plugins)));
    let files = open_files(&config, &store)?;
    let web = build_web(&config, &store, &keys, &pages, (addresses.0.port(), files.dirs()))?;
    let panel = PanelOrigin::new(&config.panel_url, addresses.1.port());
    let accounts = accounts(&config, &store, &keys, &panel.url)?;
    let mailer = Mailer::from_url(&config.mail.smtp_url, &config.mail.from, &config.outbound.allow)?;
    let outbox = Outbox::new(Arc::clone(&keys), mailer);
    let media = MediaDesk::new(store.clone(), open_library(&config)?);
    let arrivals = Arrivals::new(&config.data.join("import"), reserve(&config));
    let domains = look_desk(&config)?;
    put_name_rules(&config, &store, &panel.url)?;
    let late = LateApp::default();
    let gallery = gallery_desk(&config, &store, (&themes, &shelves, &arrivals), &web);
    let plugins = plugin_desk(&config, &plugins, &arrivals);
    let parts = (&media.library, &arrivals, &keys, &files, &domains, &gallery, &plugins);
    let runner = start_jobs(&config, &store, &outbox, &accounts, parts, &late)?;
    let sandbox = sandbox(&config);
    sandbox.probe_in_background();
    if let Some(wrong) = Facts::of(&config).believed_commands() {
        tracing::warn!("{wrong}");
    }
    let (commands, live) = start_cron(&config, &store, (&outbox, &panel.url), &sandbox, &files)?;
    let terminals = Terminals::new(config.terminal.sessions);
    let news = News::default();
    let sessions = Live::default();
    let ears = Ears {
        web: Arc::clone(&web),
        pages: Arc::clone(&pages),
        plugins: Arc::clone(&plugins.plugins),
        files: files.clone(),
        live: sessions.clone(),
        news: news.clone(),
        port: addresses.0.port(),
        wake_jobs: Box::new(runner.waker()),
        wake_cron: Box::new(commands.waker()),
    };
    news::listen(&store, ears);
    plugins.plugins.mind(&store)?;
    let _ = web.gate.set(Gatekeeper::new(store.clone(), accounts.clone()));
    let doors = transfer_listeners(&config);
    let identity = transfer_identity(&config, &store, &keys, doors.ftp.is_some())?;
    let file_doors = doors.addresses(access::identity::fingerprint(&identity.host_key)?);
    let traffic = Arc::<Traffic>::default();
    let desk = access::Desk::new(store.clone(), accounts.clone(), files.dirs().clone(), sessions, Arc::clone(&traffic));
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
        gallery,
        plugins,
    });
    late.stands(&app);
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

/// The one-time code of a server that nobody claimed yet, and how it is shown.
fn set_up_code(store: &Store, keys: Arc<Keyring>) -> Result<(Option<SetupCode>, Option<Secret>)> {
    if store.read(&Actor::system(), first_run::is_claimed)? {
        return Ok((None, None));
    }
    let (code, shown) = SetupCode::issue(keys, store.clock().clone())?;
    Ok((Some(code), Some(shown)))
}

/// The audit log is looked at so long after the start: nothing of it makes a start slower.
const AUDIT_AFTER: Duration = Duration::from_secs(600);

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
        let store = self.app.store.clone();
        let watching = themes.watch(move |name| pages::purge_theme(&web, &store, name));
        // A machine may have no watch left for us: a changed theme is then seen at the next start.
        let _watching = watching.map_err(|e| tracing::warn!("themes are not watched: {e}")).ok();
        let _socket = open_socket(&self);
        let _books = Bookkeeper::start(Arc::clone(&self.web), Arc::clone(&self.traffic), self.app.store.clone())?;
        let _reader = Reader::start(Arc::clone(&self.app))?;
        let app = &self.app;
        let files = freehold_doors::both(pages::routes(&self.pages), media::public::routes(&app.media));
        let framers = app.panel.origins();
        let desk = VisitorDesk::new(app.store.clone(), Arc::clone(&self.pages), Arc::clone(&app.keys), framers);
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
            begin_upkeep(&self.app);
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

/// Sweeps what an earlier run left, and queues what comes again and again.
fn begin_upkeep(app: &App) {
    let (store, arrivals) = (app.store.clone(), app.arrivals.clone());
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
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Listens for commands. A node whose socket cannot be opened serves all the same.
fn open_socket(node: &Node) -> Option<LocalSocket> {
    let (app, data, gallery) = (&node.app, node.app.config.data.clone(), node.app.gallery.clone());
    let plugins = app.plugins.clone();
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
        open_gallery: Arc::new(move || Ok(gallery.clone())),
        open_plugins: Arc::new(move || Ok(plugins.clone())),
    };
    let started = LocalSocket::start(&socket_path(&data), move |line| answer(&hands, line));
    started.map_err(|e| tracing::warn!("commands cannot reach this node: {e}")).ok()
}
