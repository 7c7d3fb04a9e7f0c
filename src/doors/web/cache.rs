//! The page cache. Readers look into an immutable map that is swapped whole (a wait-free load); writers, one at a
//! time, copy the one small map they change.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use freehold_base::SiteId;

use super::coding::Coding;
use super::index::Index;
use super::page::CachedPage;
use super::tag::Tag;

/// Maps; a writer copies one of them. At 20,000 small pages one has about 80 entries and copies in 1 µs.
const SHARDS: u64 = 256;

/// What tells two pages apart (security rule B10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageKey<'a> {
    /// https.
    pub secure: bool,
    /// The site that the host table gave: a name that leads to another site tomorrow finds nothing of today's.
    pub site: SiteId,
    /// The origin that its pages print; all names of a site share its pages.
    pub origin: &'a str,
    /// Canonical path.
    pub path: &'a str,
    /// Allowed sorted query.
    pub query: &'a str,
}

#[derive(Debug)]
struct Slot {
    secure: bool,
    site: SiteId,
    origin: Box<str>,
    path: Box<str>,
    query: Box<str>,
    page: Arc<CachedPage>,
    used: AtomicBool,
}

impl Slot {
    fn is(&self, key: &PageKey<'_>) -> bool {
        *self.path == *key.path
            && *self.query == *key.query
            && self.site == key.site
            && *self.origin == *key.origin
            && self.secure == key.secure
    }
}

/// The key of the maps is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*b);
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

type Shard = HashMap<u64, Arc<Slot>, BuildHasherDefault<Unhashed>>;

/// What became of a page that was offered to the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is there for the next request.
    Yes,
    /// Something it was made from was purged while it was made.
    Overtaken,
    /// The cache is off, the page may not be stored, or it is larger than an eighth of the cache.
    No,
}

/// Ready pages, bounded in bytes.
#[derive(Debug)]
pub struct PageCache {
    enabled: bool,
    max_bytes: usize,
    key: RandomState,
    shards: Box<[ArcSwap<Shard>]>,
    epoch: AtomicU64,
    index: Mutex<Index>,
    pages: AtomicUsize,
}

impl PageCache {
    /// A cache of at most `max_bytes`; `enabled: false` stores nothing (benches).
    pub fn new(max_bytes: usize, enabled: bool) -> Self {
        Self {
            enabled,
            max_bytes,
            key: RandomState::new(),
            shards: (0..SHARDS).map(|_| ArcSwap::default()).collect(),
            epoch: AtomicU64::new(1),
            index: Mutex::default(),
            pages: AtomicUsize::new(0),
        }
    }

    /// False where it stores nothing.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The hash all other calls want.
    pub fn hash(&self, key: &PageKey<'_>) -> u64 {
        self.key.hash_one(key)
    }

    /// Calls `read` with the stored page, if there is one. Waits for nobody.
    pub fn hit<R>(&self, hash: u64, key: &PageKey<'_>, read: impl FnOnce(&Arc<CachedPage>) -> R) -> Option<R> {
        let shard = self.shard(hash)?.load();
        let slot = shard.get(&hash).filter(|slot| slot.is(key))?;
        // Written only when it changes: the line stays shared between the workers.
        if !slot.used.load(Ordering::Relaxed) {
            slot.used.store(true, Ordering::Relaxed);
        }
        Some(read(&slot.page))
    }

    /// The number of purges so far. Read it *before* reading what a page is made from, and hand it to
    /// [`PageCache::store`].
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Stores a page that was made since `since`.
    pub fn store(&self, hash: u64, key: &PageKey<'_>, page: &Arc<CachedPage>, since: u64) -> Stored {
        let weight = page.weight();
        if !self.enabled || !page.cacheable || weight > self.max_bytes / 8 {
            return Stored::No;
        }
        let mut index = self.lock();
        if index.is_overtaken(&page.tags, since) {
            return Stored::Overtaken;
        }
        self.remove(&mut index, hash);
        let slot = Slot {
            secure: key.secure,
            site: key.site,
            origin: key.origin.into(),
            path: key.path.into(),
            query: key.query.into(),
            page: Arc::clone(page),
            used: AtomicBool::new(false),
        };
        self.change(hash, |shard| shard.insert(hash, Arc::new(slot)));
        index.add(hash, &page.tags, weight);
        self.pages.fetch_add(1, Ordering::Relaxed);
        self.shrink(&mut index);
        Stored::Yes
    }

    /// Keeps a compressed form of a page, and its weight while the page is stored.
    pub fn keep(&self, hash: u64, page: &Arc<CachedPage>, coding: Coding, bytes: Bytes) {
        let mut index = self.lock();
        let stored = self.slot(hash).is_some_and(|slot| Arc::ptr_eq(&slot.page, page));
        let grown = page.keep(coding, bytes);
        if stored {
            index.bytes = index.bytes.saturating_add_signed(grown);
            self.shrink(&mut index);
        }
    }

    /// Removes every page that carries one of the tags. When it returns, no request gets one of them, and no render
    /// that began before can store one. Call it after the commit and before the writer is answered.
    pub fn purge(&self, tags: &[Tag]) {
        if tags.is_empty() {
            return;
        }
        let mut index = self.lock();
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        for hash in index.purge(tags, epoch) {
            self.remove(&mut index, hash);
        }
    }

    /// Removes everything, as [`PageCache::purge`].
    pub fn purge_all(&self) {
        let mut index = self.lock();
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        index.purge_all(epoch);
        for shard in &self.shards {
            shard.store(Arc::default());
        }
        self.pages.store(0, Ordering::Relaxed);
    }

    /// Bytes taken.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Pages stored.
    pub fn len(&self) -> usize {
        self.pages.load(Ordering::Relaxed)
    }

    /// True where nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, hash: u64) -> Option<&ArcSwap<Shard>> {
        // The maps use the low bits.
        self.shards.get(usize::try_from(hash >> 56).ok()?)
    }

    fn slot(&self, hash: u64) -> Option<Arc<Slot>> {
        self.shard(hash)?.load().get(&hash).cloned()
    }

    /// Only with the index locked: there is one writer at a time.
    fn change<R>(&self, hash: u64, change: impl FnOnce(&mut Shard) -> R) {
        if let Some(place) = self.shard(hash) {
            let mut shard = Shard::clone(&place.load());
            change(&mut shard);
            place.store(Arc::new(shard));
        }
    }

    fn remove(&self, index: &mut Index, hash: u64) {
        if let Some(slot) = self.slot(hash) {
            self.change(hash, |shard| shard.remove(&hash));
            index.remove(hash, &slot.page.tags, slot.page.weight());
            self.pages.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Second chance: the page that stood longest goes, unless it was read since it was last looked at.
    fn shrink(&self, index: &mut Index) {
        while index.bytes > self.max_bytes {
            let Some(hash) = index.oldest() else { return };
            match self.slot(hash) {
                Some(slot) if slot.used.swap(false, Ordering::Relaxed) => index.spare(hash),
                Some(_) => self.remove(index, hash),
                None => {} // purged meanwhile
            }
        }
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
