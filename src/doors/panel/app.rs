//! What all doors share: the database, people, templates, and how this node is reached.

use std::net::IpAddr;
use std::sync::Arc;

use freehold_base::config::Config;
use freehold_base::{Result, SiteId};
use freehold_host::arrivals::Arrivals;
use freehold_host::sandbox::Sandbox;
use freehold_hosting::cron::Live;
use freehold_hosting::domains::jobs::Desk;
use freehold_hosting::files::Files;
use freehold_hosting::terminal::Terminals;
use freehold_platform::accounts::{Accounts, Authenticated, SetupCode};
use freehold_platform::outbox::Outbox;
use freehold_platform::secrets::Keyring;
use freehold_publishing::gallery;
use freehold_publishing::pages::Pages;
use freehold_publishing::plugins;
use freehold_store::{Actor, Store, Tx};

use crate::media::MediaDesk;
use crate::panel::customers::months::KeptMonths;
use crate::panel::customers::readings::Readings;
use crate::panel::news::News;
use crate::panel::templates::Templates;
use crate::transfer::Addresses;
use crate::web::counters::Answers;
use crate::web::multipart::blocking;
use crate::web::state::Web;

/// How the panel is reached (security rule B1): links and origins come from here, never from a request.
#[derive(Clone, Debug)]
pub struct PanelOrigin {
    /// `scheme://host[:port]` that people type.
    pub url: String,
    /// Values of `Host` that the panel answers to.
    pub hosts: Vec<String>,
    /// Behind TLS: cookies get `__Host-` and `Secure`.
    pub secure: bool,
}

impl PanelOrigin {
    /// From the configuration and the port that was really bound.
    pub fn new(panel_url: &str, port: u16) -> Self {
        let url = if panel_url.is_empty() {
            format!("http://localhost:{port}")
        } else {
            panel_url.trim_end_matches('/').to_owned()
        };
        let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host).to_lowercase();
        let secure = url.starts_with("https://");
        let mut hosts = vec![host];
        if panel_url.is_empty() {
            hosts.push(format!("127.0.0.1:{port}"));
        }
        Self { url, hosts, secure }
    }
    /// All origins that the panel is reached at, as a policy names them.
    pub fn origins(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        self.hosts.iter().map(|host| format!("{scheme}://{host}")).collect::<Vec<_>>().join(" ")
    }
    /// Whether an `Origin` header names the panel itself.
    pub fn is_own(&self, origin: &str) -> bool {
        let scheme = if self.secure { "https" } else { "http" };
        self.hosts.iter().any(|h| origin.strip_prefix(scheme).and_then(|o| o.strip_prefix("://")) == Some(h))
    }
}

/// The node, as its doors see it.
pub struct App {
    /// Configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// People.
    pub accounts: Accounts,
    /// Mail on its way.
    pub outbox: Outbox,
    /// The panel's templates.
    pub templates: Templates,
    /// The one-time set-up code; none where the server is claimed.
    pub setup: Option<SetupCode>,
    /// How the panel is reached.
    pub panel: PanelOrigin,
    /// Port of the public listener, as addresses of sites name it.
    pub public_port: u16,
    /// Pages of sites and their themes.
    pub pages: Arc<Pages>,
    /// The visitors' door: its cache and what it counted.
    pub web: Arc<Web>,
    /// What the panel's listener answered.
    pub answered: Answered,
    /// Keys outside the database.
    pub keys: Arc<Keyring>,
    /// Files of the media library.
    pub media: Arc<MediaDesk>,
    /// Exports that wait for their import.
    pub arrivals: Arrivals,
    /// What goes on, for pages that show it live.
    pub news: News,
    /// Files of accounts.
    pub files: Files,
    /// Runs programs of accounts.
    pub sandbox: Sandbox,
    /// What commands say while they run.
    pub cron: Live,
    /// Terminals that are open.
    pub terminals: Terminals,
    /// Sums of traffic that are kept for a minute.
    pub months: KeptMonths,
    /// What the machine did in the last hour.
    pub readings: Readings,
    /// Where programs reach the files of accounts.
    pub file_doors: Addresses,
    /// Looks at names of sites.
    pub domains: Desk,
    /// Installs themes.
    pub gallery: gallery::jobs::Desk,
    /// Plugins, and what installs some.
    pub plugins: plugins::install::Desk,
}

/// Answers of the panel's listener, by door.
#[derive(Debug, Default)]
pub struct Answered {
    /// Pages and assets of the panel.
    pub panel: Answers,
    /// The API.
    pub api: Answers,
}

impl App {
    /// Whether this server's addresses are known inside its own network alone.
    pub fn is_inside(&self) -> bool {
        let inside = |ip: &IpAddr| match ip {
            IpAddr::V4(ip) => {
                ip.is_private() || ip.is_link_local() || ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64
            }
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
        };
        let own = &self.domains.looker.own;
        !own.is_empty() && own.iter().all(inside)
    }

    /// `http://host[:port]` of a site's host name.
    pub fn site_origin(&self, host: &str) -> String {
        match self.public_port {
            80 => format!("http://{host}"),
            port => format!("http://{host}:{port}"),
        }
    }

    /// Whether the session of a cookie lives and its person still may do this: asked again and again by what stays
    /// open. `address`: where they are.
    pub async fn still_may<T: Send + 'static>(
        self: &Arc<Self>,
        cookie: &str,
        address: &str,
        may: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> bool {
        let (accounts, cookie) = (self.accounts.clone(), cookie.to_owned());
        let found = self.read(&Actor::visitor(address), move |tx| accounts.authenticate(tx, &cookie)).await;
        let Ok(Some(Authenticated::Full(person))) = found else { return false };
        self.read(&person.actor, may).await.is_ok()
    }

    /// Reads: on this thread where reads are short (SQLite), else on the blocking pool.
    ///
    /// # Errors
    /// What `f` gives.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        actor: &Actor,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.store.is_sqlite() { self.store.read(actor, f) } else { self.store.read_async(actor, f).await }
    }

    /// Writes without blocking the thread.
    ///
    /// # Errors
    /// What `f` gives.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        actor: &Actor,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write_async(actor, f).await
    }

    /// Writes down what accounts hold, so that what is read next is so now and not some seconds ago.
    pub async fn count_now(&self) {
        let files = self.files.clone();
        if let Err(e) = blocking(move || files.flush()).await {
            tracing::warn!("writing down what accounts hold: {e}"); // what is read is some seconds old
        }
    }

    /// The origin of a site: that of its main host name.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn origin_of(&self, tx: &mut Tx<'_>, site: SiteId) -> Result<String> {
        let scope = tx.visit(site)?;
        let host = freehold_store::sites::domains(tx, scope)?.into_iter().next().map(|d| d.host).unwrap_or_default();
        Ok(self.site_origin(&host))
    }
}
