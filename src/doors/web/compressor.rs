//! Presses stored pages harder, off the request's way.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use freehold_base::{OrInternal as _, Result};

use super::cache::PageCache;
use super::coding::{Coding, Effort};
use super::page::CachedPage;

/// Pages that may wait. Beyond that the page stays as it is until somebody asks again.
const QUEUE: usize = 256;

struct Job {
    hash: u64,
    page: Arc<CachedPage>,
    coding: Coding,
}

/// The one thread that makes the best forms. It ends with its owner.
#[derive(Debug)]
pub struct Compressor(SyncSender<Job>);

impl Compressor {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Internal` where the thread cannot be started.
    pub fn start(cache: Arc<PageCache>) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("compressor".into())
            .spawn(move || work(&cache, &jobs))
            .or_internal("starting the compressor")?;
        Ok(Self(queue))
    }

    /// Has the best form made of a page, the first time somebody would like it.
    pub fn improve(&self, hash: u64, page: &Arc<CachedPage>, coding: Coding) {
        if self.0.try_send(Job { hash, page: Arc::clone(page), coding }).is_err() {
            page.forget_wanted(coding);
        }
    }
}

fn work(cache: &PageCache, jobs: &Receiver<Job>) {
    // Behind the workers: a visitor never waits for a better form of somebody else's page.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "the compressor keeps its priority");
    }
    while let Ok(job) = jobs.recv() {
        // Alone with the page, the cache has dropped it: nobody would get the better form.
        if Arc::strong_count(&job.page) == 1 {
            continue;
        }
        match job.coding.encode(&job.page.identity.body, Effort::Best) {
            Ok(bytes) => cache.keep(job.hash, &job.page, job.coding, bytes),
            Err(error) => tracing::warn!(%error, "a page could not be compressed"),
        }
    }
}
