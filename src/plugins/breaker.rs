//! Switches a plugin off that fails again and again (security rule D5).

use std::collections::VecDeque;
use std::time::Duration;

use freehold_base::Timestamp;

/// So many faults within [`WINDOW`] open it.
pub const FAULTS: usize = 5;
/// How long a fault counts.
pub const WINDOW: Duration = Duration::from_secs(60);

/// The faults of one plugin lately. Knows no clock: each call says when it is.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    faults: VecDeque<Timestamp>,
    open: bool,
}

impl Breaker {
    /// Notes a fault. True where this one opened it: the moment to tell the admin, once.
    pub fn fault(&mut self, now: Timestamp) -> bool {
        if self.open {
            return false;
        }
        let start = now.minus(WINDOW);
        // A clock that went back must not let old faults count for ever.
        self.faults.retain(|at| *at > start && *at <= now);
        self.faults.push_back(now);
        self.open = self.faults.len() >= FAULTS;
        self.open
    }
    /// Whether the plugin is off.
    pub fn is_open(&self) -> bool {
        self.open
    }
    /// A person switched the plugin on again: it begins without faults.
    pub fn close(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: D5
    #[test]
    fn five_faults_in_a_minute_open_it_once() {
        let mut breaker = Breaker::default();
        let opened: Vec<bool> = (0..7).map(|n| breaker.fault(Timestamp(n * 10_000))).collect();
        assert_eq!(opened, [false, false, false, false, true, false, false]);
        assert!(breaker.is_open());
        breaker.close();
        assert!(!breaker.is_open() && !breaker.fault(Timestamp(80_000)));
    }

    #[test]
    fn faults_that_are_far_apart_do_not() {
        let mut breaker = Breaker::default();
        assert!((0..100).all(|n| !breaker.fault(Timestamp(n * 15_001))), "five never fit into a minute");
        // The clock went back an hour: what lies ahead counts no more.
        let mut breaker = Breaker::default();
        (0..4).for_each(|_| _ = breaker.fault(Timestamp(3_600_000)));
        assert!(!breaker.fault(Timestamp(0)));
    }
}
