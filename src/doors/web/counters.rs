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

/// Buckets of the times: up to 2^n microseconds, n from 0; the last one holds all that took longer (0.5 s).
pub const BUCKETS: usize = 20;

/// How many answers of which kind, and how long they took.
#[derive(Debug, Default)]
pub struct Answers {
    classes: [AtomicU64; 5],
    buckets: [AtomicU64; BUCKETS],
    sum_us: AtomicU64,
}

impl Answers {
    /// Counts one answer.
    pub fn count(&self, status: u16, took_us: u64) {
        let class = usize::from((status / 100).saturating_sub(1));
        if let Some(counter) = self.classes.get(class) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        // 2^(n-1) < took <= 2^n
        let bits = 64 - took_us.saturating_sub(1).leading_zeros() as usize;
        if let Some(counter) = self.buckets.get(bits.min(BUCKETS - 1)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// Adds these to a sum.
    pub fn add_to(&self, total: &mut AnswerTotals) {
        let add = |to: &mut [u64], from: &[AtomicU64]| {
            for (to, from) in to.iter_mut().zip(from) {
                *to += from.load(Ordering::Relaxed);
            }
        };
        add(&mut total.classes, &self.classes);
        add(&mut total.buckets, &self.buckets);
        total.sum_us += self.sum_us.load(Ordering::Relaxed);
    }
}

/// A sum of [`Answers`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerTotals {
    /// By first digit of the status, 1 to 5.
    pub classes: [u64; 5],
    /// By time, see [`BUCKETS`].
    pub buckets: [u64; BUCKETS],
    /// Microseconds of all answers together.
    pub sum_us: u64,
}

/// One worker's counts. On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct WorkerCounters {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    answers: Answers,
}

impl WorkerCounters {
    /// Counts one answer.
    pub fn count(&self, outcome: Outcome) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts its status and time.
    pub fn took(&self, status: u16, took_us: u64) {
        self.answers.count(status, took_us);
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
            let of =
                |w: &Arc<WorkerCounters>| w.outcomes.get(outcome as usize).map_or(0, |c| c.load(Ordering::Relaxed));
            workers.iter().map(of).sum()
        };
        Outcome::ALL.into_iter().map(|outcome| (outcome.name(), total(outcome))).collect()
    }
    /// Status classes and times of all answers so far.
    pub fn answers(&self) -> AnswerTotals {
        let mut total = AnswerTotals::default();
        for worker in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            worker.answers.add_to(&mut total);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_class_and_time() {
        let answers = Answers::default();
        for (status, took) in [(200, 0), (200, 1), (304, 2), (404, 3), (500, 4), (200, 1 << 40), (999, 5)] {
            answers.count(status, took);
        }
        let mut total = AnswerTotals::default();
        answers.add_to(&mut total);
        assert_eq!(total.classes, [0, 3, 1, 1, 1]);
        assert_eq!(total.buckets[..4], [2, 1, 2, 1]);
        assert_eq!((total.buckets[BUCKETS - 1], total.buckets.iter().sum::<u64>()), (1, 7));
    }
}
