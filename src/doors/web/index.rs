//! The writers' side of the page cache: which pages carry which tag, how much memory they take, who goes first.
//! Readers never touch it.

use std::collections::{HashMap, HashSet, VecDeque};

use super::tag::Tag;

/// Tags whose last purge is remembered one by one; beyond that all are taken as purged now.
const MAX_REMEMBERED: usize = 16_384;

/// Bookkeeping of stored pages by the hash of their key.
#[derive(Debug, Default)]
pub struct Index {
    by_tag: HashMap<Tag, HashSet<u64>>,
    purged_at: HashMap<Tag, u64>,
    /// Renders that began before this epoch are stale whatever their tags.
    floor: u64,
    /// Every stored page at least once; pages that are gone are skipped when met.
    queue: VecDeque<u64>,
    queued: HashSet<u64>,
    /// Memory taken by stored pages.
    pub bytes: usize,
}

impl Index {
    /// Notes a purge and names the pages it removes.
    pub fn purge(&mut self, tags: &[Tag], epoch: u64) -> HashSet<u64> {
        let mut hashes = HashSet::new();
        for tag in tags {
            self.purged_at.insert(*tag, epoch);
            hashes.extend(self.by_tag.get(tag).into_iter().flatten());
        }
        if self.purged_at.len() > MAX_REMEMBERED {
            self.purged_at.clear();
            self.floor = epoch;
        }
        hashes
    }

    /// Notes a purge of everything.
    pub fn purge_all(&mut self, epoch: u64) {
        *self = Self { floor: epoch, ..Self::default() };
    }

    /// True where a page made since this epoch read something that was purged after.
    pub fn is_overtaken(&self, tags: &[Tag], since: u64) -> bool {
        self.floor > since || tags.iter().any(|tag| self.purged_at.get(tag).is_some_and(|at| *at > since))
    }

    /// A page was stored.
    pub fn add(&mut self, hash: u64, tags: &[Tag], bytes: usize) {
        for tag in tags {
            self.by_tag.entry(*tag).or_default().insert(hash);
        }
        self.bytes += bytes;
        if self.queued.insert(hash) {
            self.queue.push_back(hash);
        }
    }

    /// A page was removed.
    pub fn remove(&mut self, hash: u64, tags: &[Tag], bytes: usize) {
        for tag in tags {
            if let Some(hashes) = self.by_tag.get_mut(tag) {
                hashes.remove(&hash);
                if hashes.is_empty() {
                    self.by_tag.remove(tag);
                }
            }
        }
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// The page that has stood longest in the queue.
    pub fn oldest(&mut self) -> Option<u64> {
        let hash = self.queue.pop_front()?;
        self.queued.remove(&hash);
        Some(hash)
    }

    /// Gives a page another round: somebody read it.
    pub fn spare(&mut self, hash: u64) {
        if self.queued.insert(hash) {
            self.queue.push_back(hash);
        }
    }
}
