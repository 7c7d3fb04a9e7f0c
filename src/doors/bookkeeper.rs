//! Every ten seconds what visitors were sent goes into the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use freehold_base::{OrInternal as _, Result, SiteId};
use freehold_platform::customers::traffic::{FLUSH_EVERY, Traffic};
use freehold_store::Store;

use crate::web::state::Web;

/// The thread that has the books written down. Ends, after a last time, when it is dropped.
pub struct Bookkeeper {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bookkeeper {
    /// Starts it.
    ///
    /// # Errors
    /// `Internal` where the thread cannot be started.
    pub fn start(web: Arc<Web>, traffic: Arc<Traffic>, store: Store) -> Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let work = move || {
            while !ends.load(Ordering::Acquire) {
                std::thread::park_timeout(FLUSH_EVERY);
                write_down(&web, &traffic, &store);
            }
        };
        let thread = std::thread::Builder::new().name("traffic".into()).spawn(work).or_internal("starting a thread")?;
        Ok(Self { over, thread: Some(thread) })
    }
}

impl Drop for Bookkeeper {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn write_down(web: &Web, traffic: &Traffic, store: &Store) {
    let sums = web.books.take();
    if !sums.is_empty() {
        let accounts = web.hosts.now().accounts();
        // A site that is gone meanwhile belongs to nobody: its last seconds are not counted.
        for (site, (requests, bytes)) in sums {
            if let Some(account) = accounts.get(&SiteId(site)) {
                traffic.counter(*account, SiteId(site), "web").add(requests, bytes);
            }
        }
    }
    if let Err(e) = traffic.flush(store) {
        tracing::warn!("traffic could not be written down and is counted on: {e}");
    }
}
