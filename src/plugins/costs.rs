//! What plugins cost: calls, times, faults and memory of each, counted without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Steps of the histogram: four in each doubling, from 1 µs to over an hour.
const STEPS: usize = 128;

/// What one plugin cost since the node started. 1.1 KiB.
#[derive(Debug)]
pub struct Costs {
    calls: AtomicU64,
    faults: AtomicU64,
    spent_us: AtomicU64,
    memory_peak: AtomicU64,
    steps: [AtomicU64; STEPS],
}

/// Figures at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls, those that failed among them.
    pub calls: u64,
    /// Calls that failed.
    pub faults: u64,
    /// The time of all together.
    pub spent: Duration,
    /// Half of the calls took no longer, within a quarter.
    pub p50: Duration,
    /// Of a hundred calls 99 took no longer, within a quarter.
    pub p99: Duration,
    /// The most memory that one call held, in bytes.
    pub memory_peak: u64,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            calls: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            spent_us: AtomicU64::new(0),
            memory_peak: AtomicU64::new(0),
            steps: [const { AtomicU64::new(0) }; STEPS],
        }
    }
}

impl Costs {
    /// Counts a call.
    pub fn add(&self, spent: Duration, memory_peak: usize, faulted: bool) {
        let us = u64::try_from(spent.as_micros()).unwrap_or(u64::MAX);
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.faults.fetch_add(u64::from(faulted), Ordering::Relaxed);
        self.spent_us.fetch_add(us, Ordering::Relaxed);
        self.memory_peak.fetch_max(memory_peak as u64, Ordering::Relaxed);
        self.steps[step(us)].fetch_add(1, Ordering::Relaxed);
    }
    /// The figures now. Calls that end meanwhile may be in some of them and not in others.
    pub fn figures(&self) -> Figures {
        let counts: Vec<u64> = self.steps.iter().map(|step| step.load(Ordering::Relaxed)).collect();
        Figures {
            calls: self.calls.load(Ordering::Relaxed),
            faults: self.faults.load(Ordering::Relaxed),
            spent: Duration::from_micros(self.spent_us.load(Ordering::Relaxed)),
            p50: quantile(&counts, 50),
            p99: quantile(&counts, 99),
            memory_peak: self.memory_peak.load(Ordering::Relaxed),
        }
    }
}

/// The step of a time: its highest bit and the two below.
fn step(us: u64) -> usize {
    if us < 4 {
        return usize::try_from(us).unwrap_or(0);
    }
    let high = us.ilog2();
    let quarter = (us >> (high - 2)) & 3;
    (high as usize * 4 - 4 + usize::try_from(quarter).unwrap_or(0)).min(STEPS - 1)
}

/// The longest time of a step, in µs.
fn end(step: usize) -> u64 {
    if step < 4 {
        return step as u64;
    }
    let (high, quarter) = (step / 4 + 1, step as u64 % 4);
    ((4 + quarter + 1) << (high - 2)) - 1
}

fn quantile(counts: &[u64], percent: u64) -> Duration {
    let all: u64 = counts.iter().sum();
    let wanted = (all * percent).div_ceil(100).max(1);
    let mut seen = 0;
    for (at, count) in counts.iter().enumerate() {
        seen += count;
        if seen >= wanted {
            return Duration::from_micros(end(at));
        }
    }
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_every_time_within_a_quarter() {
        for us in (0..5_000).chain([1 << 20, (1 << 30) + 7, u64::from(u32::MAX)]) {
            let end = end(step(us));
            assert!(end >= us && end <= us + us / 4, "{us}: {end}");
        }
        assert_eq!(step(u64::MAX), STEPS - 1);
    }

    #[test]
    fn figures_follow_the_calls() {
        let costs = Costs::default();
        assert_eq!(costs.figures(), Figures::default());
        for n in 1..=100u64 {
            costs.add(Duration::from_micros(n * 10), 1_000, n == 100);
        }
        costs.add(Duration::from_secs(2), 5_000, true);
        let figures = costs.figures();
        assert_eq!((figures.calls, figures.faults, figures.memory_peak), (101, 2, 5_000));
        assert!((500..=640).contains(&figures.p50.as_micros()), "{figures:?}");
        assert!((990..=1_280).contains(&figures.p99.as_micros()), "{figures:?}");
        assert_eq!(figures.spent, Duration::from_micros(50_500 + 2_000_000));
    }
}
