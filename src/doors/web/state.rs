//! Everything the visitors' door shares between its workers.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use freehold_base::{Clock, Result};
use tokio::sync::Semaphore;

use super::access_log::AccessLog;
use super::cache::PageCache;
use super::connection::OpenConnections;
use super::counters::Counters;
use super::finisher::Finisher;
use super::flight::Flights;
use super::hosts::{HostTable, Hosts};
use super::negative::Negative;
use super::source::PageSource;
use super::traffic::Books;

/// Settings of the door.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Threads; each keeps its own connections.
    pub workers: usize,
    /// True behind TLS: part of the cache key.
    pub secure: bool,
    /// Proxies whose forwarding header is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Off only for benches.
    pub cache_enabled: bool,
    /// Memory for ready pages.
    pub cache_bytes: usize,
    /// Where large pages lie as nameless files that the kernel sends itself; none: in memory.
    pub pages_folder: Option<PathBuf>,
    /// A head must be complete within this time.
    pub head_timeout: Duration,
    /// A connection whose client takes no byte for this long is cut.
    pub stall_timeout: Duration,
    /// An idle connection stays this long.
    pub keep_alive: Duration,
    /// Open answers may take this long once the server stops.
    pub shutdown_timeout: Duration,
    /// Connections of one worker; more wait in the kernel.
    pub max_connections: usize,
    /// Renders on the blocking pool at once, where the source blocks; more are refused with 503.
    pub max_blocking: usize,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, usize::from).min(64),
            secure: false,
            trusted_proxies: Vec::new(),
            cache_enabled: true,
            cache_bytes: 64 << 20,
            pages_folder: None,
            head_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(15),
            keep_alive: Duration::from_secs(75),
            shutdown_timeout: Duration::from_secs(10),
            max_connections: 25_000,
            max_blocking: 256,
        }
    }
}

/// The door's state. Purge with `web.cache.purge(&[…])`, change hosts with `web.hosts.swap(…)`.
pub struct Web {
    /// Names and their sites.
    pub hosts: Hosts,
    /// Ready pages.
    pub cache: Arc<PageCache>,
    /// What the cache did.
    pub counters: Counters,
    /// Connections of visitors.
    pub connections: OpenConnections,
    /// Settings.
    pub settings: WebSettings,
    /// The access log.
    pub log: AccessLog,
    pub(crate) books: Books,
    pub(crate) negative: Negative,
    pub(crate) flights: Flights,
    pub(crate) finisher: Finisher,
    pub(crate) source: Arc<dyn PageSource>,
    pub(crate) blocking: Semaphore,
    pub(crate) clock: Clock,
    faults: AtomicU64,
}

impl Web {
    /// Puts the parts together and starts the finisher's thread.
    ///
    /// # Errors
    /// `Internal` where the thread cannot be started.
    pub fn new(
        settings: WebSettings,
        hosts: HostTable,
        source: Arc<dyn PageSource>,
        log: AccessLog,
        clock: Clock,
    ) -> Result<Arc<Self>> {
        let cache = Arc::new(PageCache::new(settings.cache_bytes, settings.cache_enabled));
        Ok(Arc::new(Self {
            hosts: Hosts::new(hosts),
            finisher: Finisher::start(Arc::clone(&cache), settings.pages_folder.clone())?,
            cache,
            counters: Counters::default(),
            connections: OpenConnections::default(),
            log,
            books: Books::default(),
            negative: Negative::default(),
            flights: Flights::default(),
            source,
            blocking: Semaphore::new(settings.max_blocking),
            settings,
            clock,
            faults: AtomicU64::new(0),
        }))
    }

    /// A name for a fault that stands in the log and in the answer, so that a person can bring the two together.
    pub(crate) fn fault_id(&self) -> String {
        format!("{:x}-{:x}", self.clock.now().ms(), self.faults.fetch_add(1, Ordering::Relaxed))
    }
}
