//! The client for jobs and other synchronous code.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use bytes::Bytes;
use freehold_base::{Error, OrInternal as _, Result};
use tokio::runtime::{Builder, Runtime};

use super::{Fetched, Limits, Outbound, Saved};

/// [`Outbound`] that waits. Not for an async task: it would hold up its thread.
#[derive(Clone)]
pub struct BlockingOutbound {
    outbound: Outbound,
    /// Its own thread; ends with the last clone.
    runtime: Arc<Runtime>,
}

impl BlockingOutbound {
    /// A client with a thread of its own, for jobs and the command line. Drop it outside of async tasks.
    ///
    /// # Errors
    /// `Internal` where the thread cannot be started.
    pub fn start(outbound: Outbound) -> Result<Self> {
        let own = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(4)
            .thread_name("outbound")
            .enable_all()
            .build()
            .or_internal("starting the outgoing client")?;
        Ok(Self { outbound, runtime: Arc::new(own) })
    }

    /// As [`Outbound::get`].
    ///
    /// # Errors
    /// As there.
    pub fn get(&self, url: &str, limits: Limits) -> Result<Fetched> {
        let (outbound, url) = (self.outbound.clone(), url.to_owned());
        self.wait(async move { outbound.get(&url, limits).await })
    }

    /// As [`Outbound::get_to_file`].
    ///
    /// # Errors
    /// As there.
    pub fn get_to_file(&self, url: &str, limits: Limits, file: File) -> Result<Saved> {
        let (outbound, url) = (self.outbound.clone(), url.to_owned());
        self.wait(async move { outbound.get_to_file(&url, limits, file).await })
    }

    /// As [`Outbound::post`].
    ///
    /// # Errors
    /// As there.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>, limits: Limits) -> Result<Fetched> {
        let (outbound, url, body) = (self.outbound.clone(), url.to_owned(), body.into());
        let headers: Vec<(String, String)> = headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        self.wait(async move {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            outbound.post(&url, &headers, body, limits).await
        })
    }

    /// Spawned and waited for, since `block_on` panics on a thread that belongs to a runtime.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        let (done, result) = sync_channel(1);
        self.runtime.spawn(async move {
            let _ = done.send(work.await); // nobody waits any more only when the caller's thread is gone
        });
        result.recv().unwrap_or_else(|e| Err(Error::internal("waiting for a request", e)))
    }
}
