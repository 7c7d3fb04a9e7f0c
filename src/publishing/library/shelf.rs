//! The files themselves: originals, the cache of smaller copies, and who may delete them when.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use freehold_base::Result;
use freehold_host::blobs::{BlobHash, Blobs, Incoming};
use freehold_host::derived::Derived;
use freehold_host::files::Reserve;
use freehold_store::{Actor, Store, media as rows};

use crate::media::ImagePool;

/// The library's files on this machine. Cheap to clone.
#[derive(Clone)]
pub struct Library {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) blobs: Blobs,
    pub(super) made: Derived,
    pub(super) pool: ImagePool,
    max_bytes: u64,
    reserve: Reserve,
    /// Shared while a file is kept and claimed, alone while one is deleted: a file that was just stored again must
    /// not go with the row that was its last use before.
    gate: RwLock<()>,
    claims: Mutex<HashMap<BlobHash, usize>>,
}

/// Holds a file on the disk until its row is committed.
pub(super) struct Claim {
    inner: Arc<Inner>,
    hash: BlobHash,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claim({})", self.hash.as_str())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = self.inner.claims.lock().unwrap_or_else(PoisonError::into_inner);
        match claims.get_mut(&self.hash) {
            Some(n) if *n > 1 => *n -= 1,
            _ => drop(claims.remove(&self.hash)),
        }
    }
}

impl Library {
    /// Opens the store of originals in `folder` and the cache of copies in `cache`, both made where they are missing.
    /// Uploads of more than `max_bytes` are refused, and all where the disk would lose its reserve.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn open(folder: &Path, cache: &Path, max_bytes: u64, reserve: Reserve) -> Result<Self> {
        let inner = Inner {
            blobs: Blobs::open(folder, reserve)?,
            made: Derived::open(cache)?,
            pool: ImagePool::new()?,
            max_bytes,
            reserve,
            gate: RwLock::default(),
            claims: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Largest upload in bytes.
    pub fn max_bytes(&self) -> u64 {
        self.inner.max_bytes
    }

    /// What stays free of the disk.
    pub fn reserve(&self) -> Reserve {
        self.inner.reserve
    }

    /// The threads that pictures are cleaned and made smaller on.
    pub fn pool(&self) -> &ImagePool {
        &self.inner.pool
    }

    /// Begins an upload; nothing is left of it when it is dropped.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn begin(&self) -> Result<Incoming> {
        self.inner.blobs.begin(self.inner.max_bytes)
    }

    /// An original for reading; `None` where the disk has none of that name.
    ///
    /// # Errors
    /// `Internal`.
    pub fn original(&self, hash: &str) -> Result<Option<File>> {
        match BlobHash::parse(hash) {
            Some(hash) => self.inner.blobs.open_blob(&hash),
            None => Ok(None),
        }
    }

    /// Stores bytes that are ready and claims them in the same moment.
    pub(super) fn claim(
        &self,
        store: impl FnOnce(&Blobs) -> Result<(BlobHash, u64)>,
    ) -> Result<(Claim, BlobHash, u64)> {
        let _shared = self.inner.gate.read().unwrap_or_else(PoisonError::into_inner);
        let (hash, len) = store(&self.inner.blobs)?;
        let mut claims = self.inner.claims.lock().unwrap_or_else(PoisonError::into_inner);
        *claims.entry(hash.clone()).or_default() += 1;
        let claim = Claim { inner: Arc::clone(&self.inner), hash: hash.clone() };
        Ok((claim, hash, len))
    }

    /// Deletes a file and what was made from it, if no site has it and no upload holds it. Says whether it went.
    /// Reads the database: never on an async thread.
    ///
    /// # Errors
    /// `Internal`, `Busy`.
    pub fn sweep(&self, store: &Store, hash: &str) -> Result<bool> {
        let Some(hash) = BlobHash::parse(hash) else { return Ok(false) };
        let _alone = self.inner.gate.write().unwrap_or_else(PoisonError::into_inner);
        let held = self.inner.claims.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&hash);
        if held || store.read(&Actor::system(), |tx| rows::hash_in_use(tx, hash.as_str()))? {
            return Ok(false);
        }
        self.inner.made.forget(&hash)?;
        self.inner.blobs.delete(&hash)
    }
}
