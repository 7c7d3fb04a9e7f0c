//! Smaller copies: found, or made once however many ask (row ME03).

use std::fs::File;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use actix_web::web;
use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_publishing::library::Copy;
use freehold_publishing::media::Kind;
use futures_util::FutureExt as _;
use futures_util::future::Shared;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::timeout;

use super::desk::MediaDesk;

/// A copy that is being made; `Some` is why it was not.
pub(super) type Making = Shared<oneshot::Receiver<Option<Code>>>;

/// How long a visitor waits for a copy before the original is sent.
const PATIENCE: Duration = Duration::from_secs(20);

/// A copy on the disk.
pub(super) struct Got {
    pub(super) file: File,
    /// What it is: AVIF that is still being made is answered with WebP.
    pub(super) copy: Copy,
}

impl MediaDesk {
    /// The copy, made where it is missing; `None` where the original must stand in.
    pub(super) async fn copy(self: &Arc<Self>, hash: &str, kind: Kind, copy: Copy) -> Result<Option<Got>> {
        if let Some(file) = self.made(hash, copy).await? {
            return Ok(Some(Got { file, copy }));
        }
        if let Some(instead) = copy.instead() {
            self.make_quietly(hash, kind, copy);
            if let Some(file) = self.made(hash, instead).await? {
                return Ok(Some(Got { file, copy: instead }));
            }
            return self.wait_for(hash, kind, instead).await;
        }
        self.wait_for(hash, kind, copy).await
    }

    async fn wait_for(self: &Arc<Self>, hash: &str, kind: Kind, copy: Copy) -> Result<Option<Got>> {
        let outcome = timeout(PATIENCE, self.make(hash, kind, copy)).await;
        match outcome {
            Ok(Ok(())) => Ok(self.made(hash, copy).await?.map(|file| Got { file, copy })),
            Ok(Err(Code::NotFound)) => Err(Error::not_found("file")),
            // Busy, a full disk, a picture that cannot be made smaller: its original is still there.
            Ok(Err(code)) => {
                tracing::warn!("a smaller copy of {hash} could not be made: {}", code.name());
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }

    async fn made(&self, hash: &str, copy: Copy) -> Result<Option<File>> {
        let (library, hash) = (self.library.clone(), hash.to_owned());
        web::block(move || library.copy(&hash, copy)).await.or_internal("looking for a copy")?
    }

    async fn make(self: &Arc<Self>, hash: &str, kind: Kind, copy: Copy) -> Result<(), Code> {
        let making = match self.known(hash, copy) {
            Some(making) => making,
            None => {
                let permit = self.waiting.clone().acquire_owned().await.map_err(|_| Code::Busy)?;
                self.start(hash, kind, copy, permit)?
            }
        };
        match making.await {
            Ok(None) => Ok(()),
            Ok(Some(code)) => Err(code),
            Err(_) => Err(Code::Busy),
        }
    }

    /// Slow copies are made when there is room, one at a time; the next visitor asks again.
    fn make_quietly(self: &Arc<Self>, hash: &str, kind: Kind, copy: Copy) {
        if self.known(hash, copy).is_none()
            && let Ok(permit) = self.quiet.clone().try_acquire_owned()
        {
            let _ = self.start(hash, kind, copy, permit);
        }
    }

    fn known(&self, hash: &str, copy: Copy) -> Option<Making> {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        making.get(&(hash.to_owned(), copy)).cloned()
    }

    fn start(
        self: &Arc<Self>,
        hash: &str,
        kind: Kind,
        copy: Copy,
        permit: OwnedSemaphorePermit,
    ) -> Result<Making, Code> {
        let mut all = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (hash.to_owned(), copy);
        if let Some(making) = all.get(&key) {
            return Ok(making.clone()); // somebody was faster while we waited for our turn
        }
        let (tell, told) = oneshot::channel();
        let (desk, library, done_key, hash) = (Arc::clone(self), self.library.clone(), key.clone(), hash.to_owned());
        let done = move |result: Result<()>| {
            desk.making.lock().unwrap_or_else(PoisonError::into_inner).remove(&done_key);
            let _ = tell.send(result.err().map(|e| e.as_code())); // nobody may wait any more
            drop(permit);
        };
        self.library.pool().submit(move || library.make_copy(&hash, kind, copy), done).map_err(|e| e.as_code())?;
        let making = told.shared();
        all.insert(key, making.clone());
        Ok(making)
    }
}
