//! What a plugin may do only so often, over all its calls.

use freehold_base::Timestamp;

/// Bytes of log a second.
const LOG: f64 = 10_000.0;
/// Requests to other servers a minute.
const FETCHES: f64 = 30.0;

/// Two buckets that fill with time.
#[derive(Debug)]
pub(super) struct Rates {
    log: Bucket,
    fetches: Bucket,
    dropped: u64,
}

#[derive(Debug)]
struct Bucket {
    holds: f64,
    size: f64,
    per_ms: f64,
    seen: Option<Timestamp>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { log: Bucket::new(LOG, LOG / 1e3), fetches: Bucket::new(FETCHES, FETCHES / 60e3), dropped: 0 }
    }
}

impl Rates {
    /// Whether a line of this many bytes may be written; `Some(n)` with how many were dropped since the last.
    pub(super) fn log(&mut self, now: Timestamp, bytes: usize) -> Option<u64> {
        #[allow(clippy::cast_precision_loss, reason = "at most some thousands")]
        if self.log.take(now, bytes as f64 + 20.0) {
            Some(std::mem::take(&mut self.dropped))
        } else {
            self.dropped += 1;
            None
        }
    }
    /// Whether a request may go out.
    pub(super) fn fetch(&mut self, now: Timestamp) -> bool {
        self.fetches.take(now, 1.0)
    }
}

impl Bucket {
    fn new(size: f64, per_ms: f64) -> Self {
        Self { holds: size, size, per_ms, seen: None }
    }
    fn take(&mut self, now: Timestamp, amount: f64) -> bool {
        let since = self.seen.map_or(0, |seen| now.ms().saturating_sub(seen.ms())).clamp(0, 3_600_000);
        self.seen = Some(now);
        #[allow(clippy::cast_precision_loss, reason = "at most an hour")]
        let filled = (self.holds + since as f64 * self.per_ms).min(self.size);
        let enough = filled >= amount;
        self.holds = if enough { filled - amount } else { filled };
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: D5
    #[test]
    fn a_flood_is_cut_and_time_brings_more() {
        let mut rates = Rates::default();
        let at = |ms: i64| Timestamp(1_000_000 + ms);
        assert_eq!((0..100).filter(|_| rates.fetch(at(0))).count(), 30);
        assert_eq!((0..100).filter(|_| rates.fetch(at(4_001))).count(), 2);
        assert_eq!((0..1_000).filter(|_| rates.log(at(0), 80).is_some()).count(), 100);
        assert_eq!(rates.log(at(1_000), 80), Some(900), "the first after says how many are missing");
        // The clock goes back: nothing is won, nothing is locked.
        assert!(!(0..30).all(|_| rates.fetch(at(-60_000))));
        assert!(rates.fetch(at(0)));
    }
}
