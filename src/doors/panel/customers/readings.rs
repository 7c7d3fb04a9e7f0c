//! What this node answered and what the machine did, read every ten seconds and kept for an hour: for the overview.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use freehold_base::{OrInternal as _, Result};
use freehold_host::machine::{Ticks, ticks};

use crate::panel::app::App;
use crate::web::counters::{AnswerTotals, BUCKETS};

/// Between two readings.
const EVERY: Duration = Duration::from_secs(10);
/// Readings that are kept: an hour.
const KEPT: usize = 360;

/// One look.
#[derive(Clone, Debug)]
pub struct Reading {
    /// When, in milliseconds since the first one.
    pub at_ms: u64,
    /// Answers of all doors so far.
    pub answers: u64,
    /// Time of the processors so far.
    pub ticks: Ticks,
    buckets: [u64; BUCKETS],
}

impl Reading {
    /// Answers a second since an earlier look; none where no time went by.
    pub fn rate_since(&self, earlier: &Reading) -> Option<f64> {
        let ms = self.at_ms.checked_sub(earlier.at_ms).filter(|ms| *ms > 0)?;
        Some(self.answers.saturating_sub(earlier.answers) as f64 * 1000.0 / ms as f64)
    }
    /// What half of the answers since an earlier look took less than, in microseconds: the upper end of its bucket.
    pub fn median_us_since(&self, earlier: &Reading) -> Option<u64> {
        let new: Vec<u64> =
            self.buckets.iter().zip(earlier.buckets).map(|(now, then)| now.saturating_sub(then)).collect();
        let half = new.iter().sum::<u64>().div_ceil(2);
        if half == 0 {
            return None;
        }
        let mut below = 0;
        new.iter()
            .position(|n| {
                below += n;
                below >= half
            })
            .map(|bucket| 1 << bucket.min(31))
    }
}

/// The readings of the last hour.
#[derive(Debug)]
pub struct Readings {
    began: Instant,
    kept: Mutex<VecDeque<Reading>>,
}

impl Default for Readings {
    fn default() -> Self {
        Self { began: freehold_base::Clock::instant(), kept: Mutex::default() }
    }
}

impl Readings {
    /// All of them, oldest first.
    pub fn all(&self) -> Vec<Reading> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
    fn take(&self, app: &App) {
        let mut total: AnswerTotals = app.web.counters.answers();
        app.answered.panel.add_to(&mut total);
        app.answered.api.add_to(&mut total);
        let reading = Reading {
            at_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            answers: total.classes.iter().sum(),
            ticks: ticks().unwrap_or_default(),
            buckets: total.buckets,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(reading);
    }
}

/// The thread that reads. Ends when it is dropped.
pub struct Reader {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Starts it.
    ///
    /// # Errors
    /// `Internal` where the thread cannot be started.
    pub fn start(app: Arc<App>) -> Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let work = move || {
            while !ends.load(Ordering::Acquire) {
                app.readings.take(&app);
                std::thread::park_timeout(EVERY);
            }
        };
        let thread =
            std::thread::Builder::new().name("readings".into()).spawn(work).or_internal("starting a thread")?;
        Ok(Self { over, thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_and_a_median_are_those_between_two_looks() {
        let look = |at_ms, answers, buckets: &[(usize, u64)]| {
            let mut all = [0; BUCKETS];
            buckets.iter().for_each(|(n, count)| all[*n] = *count);
            Reading { at_ms, answers, ticks: Ticks::default(), buckets: all }
        };
        let (first, last) = (look(0, 100, &[(3, 100)]), look(10_000, 150, &[(3, 110), (11, 40)]));
        assert_eq!(last.rate_since(&first), Some(5.0));
        assert_eq!(last.median_us_since(&first), Some(2048));
        assert_eq!((first.rate_since(&first), first.median_us_since(&first)), (None, None));
    }
}
