//! Finishes stored pages off the request's way: presses them harder, and lays large ones in files that the kernel
//! sends itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use freehold_base::{OrInternal as _, Result};

use super::cache::PageCache;
use super::coding::{Coding, Effort};
use super::page::{CachedPage, Form};

/// Pages that may wait. Beyond that the page stays as it is until somebody asks again.
const QUEUE: usize = 256;

enum Job {
    Press { hash: u64, page: Arc<CachedPage>, coding: Coding },
    Lay(Arc<Form>),
}

/// The one thread that does it. It ends with its owner.
#[derive(Debug)]
pub struct Finisher(SyncSender<Job>);

impl Finisher {
    /// Starts the thread. Files are laid in `folder`; in memory where there is none.
    ///
    /// # Errors
    /// `Internal` where the thread cannot be started.
    pub fn start(cache: Arc<PageCache>, folder: Option<PathBuf>) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("finisher".into())
            .spawn(move || work(&cache, folder.as_deref(), &jobs))
            .or_internal("starting the finisher")?;
        Ok(Self(queue))
    }

    /// Has the best form made of a page, the first time somebody would like it.
    pub fn improve(&self, hash: u64, page: &Arc<CachedPage>, coding: Coding) {
        if self.0.try_send(Job::Press { hash, page: Arc::clone(page), coding }).is_err() {
            page.forget_wanted(coding);
        }
    }

    /// Has the file of a large body laid, the first time somebody would like it.
    pub fn lay(&self, form: &Arc<Form>) {
        if form.wants_file() && self.0.try_send(Job::Lay(Arc::clone(form))).is_err() {
            form.forget_file();
        }
    }
}

fn work(cache: &PageCache, folder: Option<&std::path::Path>, jobs: &Receiver<Job>) {
    // Behind the workers: a visitor never waits for a better form of somebody else's page.
    freehold_host::threads::lower_priority();
    while let Ok(job) = jobs.recv() {
        match job {
            // Alone with the page, the cache has dropped it: nobody would get the better form.
            Job::Press { page, .. } if Arc::strong_count(&page) == 1 => {}
            Job::Press { hash, page, coding } => match coding.encode(&page.identity.body, Effort::Best) {
                Ok(bytes) => cache.keep(hash, &page, coding, bytes),
                Err(error) => tracing::warn!(%error, "a page could not be compressed"),
            },
            Job::Lay(form) if Arc::strong_count(&form) == 1 => {}
            Job::Lay(form) => form.lay(folder),
        }
    }
}
