//! What was found on the disk, ready to be sent again: small files in memory, larger ones open.
//!
//! What it gives was compared with the disk at most [`HARD_MS`] ago. From [`SOFT_MS`] on one request has it compared
//! again while the others are served, so that a file that is asked for all the time waits for no disk.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::http::header::{HeaderName, HeaderValue};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use freehold_base::{Clock, SiteId};

use super::folder::Stamp;
use crate::web::coding::{Accepted, Coding};

/// From this age on somebody has the file compared with the disk.
pub const SOFT_MS: u64 = 500;
/// Nothing older than this is given.
pub const HARD_MS: u64 = 1000;
/// Files up to this size are kept in memory.
pub const IN_MEMORY: u64 = 64 * 1024;
/// Most files that are kept open at once; a process may often have 1,024 open, connections among them.
const MOST_OPEN: usize = 128;
/// Open files that nobody asked for so long are closed: a deleted file would keep its room on the disk.
pub const CLOSE_MS: u64 = 2000;
/// Memory that an entry takes beside its body (counted, then rounded up).
const OVERHEAD: usize = 2048;
const SHARDS: u64 = 16;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// A file that stays open, counted while it does.
#[derive(Debug)]
pub struct OpenFile(pub File);

impl OpenFile {
    /// Keeps a file open.
    pub fn keep(file: File) -> Arc<Self> {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self(file))
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The bytes of a form.
#[derive(Clone, Debug)]
pub enum Held {
    /// In memory.
    Bytes(Bytes),
    /// On the disk.
    File(Arc<OpenFile>),
}

/// A file in one coding.
#[derive(Debug)]
pub struct Form {
    /// Its coding; none: as it is.
    pub coding: Option<Coding>,
    /// Length.
    pub len: u64,
    /// Strong: each coding has its own.
    pub etag: HeaderValue,
    /// Head of a whole answer, from the status line up to `date: `.
    pub head: Box<[u8]>,
    /// What is sent.
    pub held: Held,
}

/// A file as it was found.
#[derive(Debug)]
pub struct Known {
    /// Its site.
    pub site: SiteId,
    /// The address it was found for.
    pub path: Box<str>,
    /// The state of the site's rules that its headers came from.
    pub rules: u64,
    /// What was seen on the disk: the file itself, and packed ones beside it.
    pub seen: [Option<Stamp>; 4],
    /// False where it was written so shortly before it was read that another write would show the same time.
    pub settled: bool,
    /// Headers of every answer; those of its codings aside.
    pub headers: Box<[(HeaderName, HeaderValue)]>,
    /// Whether packing makes it smaller.
    pub compressible: bool,
    /// The file as it is.
    pub plain: Arc<Form>,
    /// Its packed forms.
    pub packed: [ArcSwapOption<Form>; 3],
    asked: AtomicU8,
    checked: AtomicU64,
    checking: AtomicBool,
    used: AtomicBool,
}

/// What a [`Known`] is made of.
pub struct Making {
    /// As [`Known::site`].
    pub site: SiteId,
    /// As [`Known::path`].
    pub path: Box<str>,
    /// As [`Known::rules`].
    pub rules: u64,
    /// As [`Known::seen`].
    pub seen: [Option<Stamp>; 4],
    /// As [`Known::settled`].
    pub settled: bool,
    /// As [`Known::headers`].
    pub headers: Box<[(HeaderName, HeaderValue)]>,
    /// As [`Known::compressible`].
    pub compressible: bool,
    /// As [`Known::plain`].
    pub plain: Arc<Form>,
    /// Packed forms that are there.
    pub packed: Vec<Arc<Form>>,
    /// When the disk was looked at, by [`Shelf::ms`].
    pub checked: u64,
}

impl Known {
    /// Puts it together.
    pub fn new(making: Making) -> Self {
        let known = Self {
            site: making.site,
            path: making.path,
            rules: making.rules,
            seen: making.seen,
            settled: making.settled,
            headers: making.headers,
            compressible: making.compressible,
            plain: making.plain,
            packed: Default::default(),
            asked: AtomicU8::new(0),
            checked: AtomicU64::new(making.checked),
            checking: AtomicBool::new(false),
            used: AtomicBool::new(false),
        };
        making.packed.into_iter().for_each(|form| known.keep(form));
        known
    }

    /// Keeps a packed form.
    pub fn keep(&self, form: Arc<Form>) {
        if let Some(slot) = form.coding.and_then(|coding| self.packed.get(coding.slot())) {
            slot.store(Some(form));
        }
    }

    /// The form for this client, of what is there now.
    pub fn form(&self, accepted: Accepted) -> Arc<Form> {
        let packed = |coding: Coding| self.packed.get(coding.slot()).and_then(ArcSwapOption::load_full);
        let found = if self.compressible { accepted.iter().find_map(packed) } else { None };
        found.unwrap_or_else(|| Arc::clone(&self.plain))
    }

    /// All forms that are there.
    pub fn forms(&self) -> impl Iterator<Item = Arc<Form>> {
        std::iter::once(Arc::clone(&self.plain)).chain(self.packed.iter().filter_map(ArcSwapOption::load_full))
    }

    /// The coding this client would like best and that nobody asked for before. The caller has it made. None of a file
    /// that was just written: what is packed is kept under its times, and another write could show the same.
    pub fn wanted(&self, accepted: Accepted) -> Option<Coding> {
        let coding = accepted.first().filter(|_| self.compressible && self.settled)?;
        if self.packed.get(coding.slot())?.load().is_some() {
            return None;
        }
        let bit = 1u8 << coding.slot();
        let known = self.asked.load(Ordering::Relaxed) & bit != 0;
        (!known && self.asked.fetch_or(bit, Ordering::Relaxed) & bit == 0).then_some(coding)
    }

    /// Lets the next client ask again: the form could not be made now.
    pub fn forget_wanted(&self, coding: Coding) {
        self.asked.fetch_and(!(1 << coding.slot()), Ordering::Relaxed);
    }

    /// The disk was looked at, and it is as it was.
    pub fn confirm(&self, now: u64) {
        self.checked.store(now, Ordering::Relaxed);
        self.checking.store(false, Ordering::Relaxed);
    }

    fn is_open(&self) -> bool {
        self.forms().any(|form| matches!(form.held, Held::File(_)))
    }

    fn weight(&self) -> usize {
        let body = match &self.plain.held {
            Held::Bytes(bytes) => bytes.len(),
            Held::File(_) => 0,
        };
        // Packed forms of a small file are smaller than it is; those of a large one may each be in memory.
        let packed = match (self.compressible, body) {
            (false, _) => 0,
            (true, 0) => usize::try_from(IN_MEMORY).unwrap_or(0),
            (true, body) => body,
        };
        body + packed + OVERHEAD
    }
}

/// What the shelf has for an address.
pub enum Got {
    /// Fresh.
    Fresh(Arc<Known>),
    /// Fresh enough, and this request is the one that has it compared with the disk.
    Check(Arc<Known>),
    /// Nothing, or nothing that may be given.
    Nothing,
}

#[derive(Debug, Default)]
struct Shard {
    map: HashMap<u64, Arc<Known>>,
    queue: VecDeque<u64>,
    bytes: usize,
}

/// The shelf. No lock of it is held longer than a look takes.
#[derive(Debug)]
pub struct Shelf {
    key: RandomState,
    begun: Instant,
    /// Bytes of one shard.
    max_bytes: usize,
    shards: Box<[Mutex<Shard>]>,
}

impl Shelf {
    /// A shelf of at most `max_bytes`.
    pub fn new(max_bytes: usize) -> Self {
        let shards = usize::try_from(SHARDS).unwrap_or(1);
        Self {
            key: RandomState::new(),
            begun: Clock::instant(),
            max_bytes: max_bytes / shards,
            shards: (0..shards).map(|_| Mutex::default()).collect(),
        }
    }

    /// A moment as the shelf counts it.
    pub fn ms(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    /// What is there for an address under these rules.
    pub fn get(&self, site: SiteId, path: &str, rules: u64, now: u64) -> Got {
        let Some(known) = self.look(site, path).filter(|known| known.rules == rules) else { return Got::Nothing };
        let age = now.saturating_sub(known.checked.load(Ordering::Relaxed));
        if age >= HARD_MS {
            return Got::Nothing;
        }
        // Written only when it changes: the line stays shared between the workers.
        if !known.used.load(Ordering::Relaxed) {
            known.used.store(true, Ordering::Relaxed);
        }
        if age >= SOFT_MS && !known.checking.swap(true, Ordering::Relaxed) {
            Got::Check(known)
        } else {
            Got::Fresh(known)
        }
    }

    /// What is there for an address, however old.
    pub fn look(&self, site: SiteId, path: &str) -> Option<Arc<Known>> {
        let hash = self.hash(site, path);
        let is_it = |known: &&Arc<Known>| known.site == site && *known.path == *path;
        self.with(hash, |shard| shard.map.get(&hash).filter(is_it).cloned())
    }

    /// Puts something there; not where too many files are open already.
    pub fn put(&self, known: &Arc<Known>) {
        if known.is_open() && OPEN.load(Ordering::Relaxed) > MOST_OPEN || known.weight() > self.max_bytes / 4 {
            return;
        }
        let hash = self.hash(known.site, &known.path);
        self.with(hash, |shard| {
            shard.remove(hash);
            shard.bytes += known.weight();
            shard.map.insert(hash, Arc::clone(known));
            shard.queue.push_back(hash);
            shard.shrink(self.max_bytes);
        });
    }

    /// Takes away what is there for an address.
    pub fn remove(&self, site: SiteId, path: &str) {
        let hash = self.hash(site, path);
        self.with(hash, |shard| shard.remove(hash));
    }

    /// Closes files that nobody asked for.
    pub fn sweep(&self, now: u64) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let age = |known: &Known| now.saturating_sub(known.checked.load(Ordering::Relaxed));
            let old = shard.map.iter().filter(|(_, known)| known.is_open() && age(known) > CLOSE_MS);
            let old: Vec<u64> = old.map(|(hash, _)| *hash).collect();
            old.into_iter().for_each(|hash| shard.remove(hash));
        }
    }

    /// Bytes taken, about.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|s| s.lock().unwrap_or_else(PoisonError::into_inner).bytes).sum()
    }

    fn hash(&self, site: SiteId, path: &str) -> u64 {
        self.key.hash_one((site, path))
    }

    fn with<R>(&self, hash: u64, work: impl FnOnce(&mut Shard) -> R) -> R {
        let place = usize::try_from(hash % SHARDS).unwrap_or_default();
        match self.shards.get(place) {
            Some(shard) => work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner)),
            None => work(&mut Shard::default()),
        }
    }
}

impl Shard {
    fn remove(&mut self, hash: u64) {
        if let Some(known) = self.map.remove(&hash) {
            self.bytes = self.bytes.saturating_sub(known.weight());
        }
    }

    /// Second chance: what stands longest goes, unless it was read since it was last looked at.
    fn shrink(&mut self, max: usize) {
        while self.bytes > max {
            let Some(hash) = self.queue.pop_front() else { return };
            match self.map.get(&hash) {
                Some(known) if known.used.swap(false, Ordering::Relaxed) => self.queue.push_back(hash),
                _ => self.remove(hash), // or gone meanwhile
            }
        }
        // An address that is put again stands in the queue twice.
        if self.queue.len() > 4 * self.map.len() + 64 {
            let mut seen = HashSet::new();
            let map = &self.map;
            self.queue.retain(|hash| map.contains_key(hash) && seen.insert(*hash));
        }
    }
}
