//! What the page cache did (feature OP07). Each worker counts for itself; readers add up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How an answer came to be. Also the word in the access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// From memory.
    Hit,
    /// Rendered, and stored.
    Miss,
    /// Waited for another request's render.
    Shared,
    /// Known not to exist, answered from memory.
    Absent,
    /// Not from the cache: it is switched off.
    Off,
    /// Not from the cache: the request carries credentials.
    Personal,
    /// Rendered, and not stored: the source forbids it, or it sets a cookie.
    Private,
    /// Rendered, and not stored: something it was made from changed meanwhile.
    Overtaken,
    /// Rendered, and not stored: an address that does not exist, an error, or too large.
    Unstored,
    /// Another route answered: media, forms, assets, redirects of names, refusals.
    Route,
}

impl Outcome {
    /// All, in the order of their numbers.
    pub const ALL: [Outcome; 10] = [
        Outcome::Hit,
        Outcome::Miss,
        Outcome::Shared,
        Outcome::Absent,
        Outcome::Off,
        Outcome::Personal,
        Outcome::Private,
        Outcome::Overtaken,
        Outcome::Unstored,
        Outcome::Route,
    ];

    /// The word in the access log and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Hit => "hit",
            Outcome::Miss => "miss",
            Outcome::Shared => "shared",
            Outcome::Absent => "absent",
            Outcome::Off => "off",
            Outcome::Personal => "personal",
            Outcome::Private => "private",
            Outcome::Overtaken => "overtaken",
            Outcome::Unstored => "unstored",
            Outcome::Route => "route",
        }
    }
}

/// One worker's counts. On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct WorkerCounters([AtomicU64; Outcome::ALL.len()]);

impl WorkerCounters {
    /// Counts one answer.
    pub fn count(&self, outcome: Outcome) {
        if let Some(counter) = self.0.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// All workers' counts.
#[derive(Debug, Default)]
pub struct Counters(Mutex<Vec<Arc<WorkerCounters>>>);

impl Counters {
    /// Counts for one more worker.
    pub fn join(&self) -> Arc<WorkerCounters> {
        let counters = Arc::new(WorkerCounters::default());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&counters));
        counters
    }

    /// Answers so far, by how they came to be.
    pub fn totals(&self) -> Vec<(&'static str, u64)> {
        let workers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = |outcome: Outcome| {
            let of = |w: &Arc<WorkerCounters>| w.0.get(outcome as usize).map_or(0, |c| c.load(Ordering::Relaxed));
            workers.iter().map(of).sum()
        };
        Outcome::ALL.into_iter().map(|outcome| (outcome.name(), total(outcome))).collect()
    }
}
