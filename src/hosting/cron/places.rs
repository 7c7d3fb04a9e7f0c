//! How many runs a node does at once. Whoever goes on for hours leaves their place: three accounts with commands of a
//! day would otherwise keep everybody else's from beginning.

use std::time::Duration;

use freehold_base::config;

/// A run that has gone on for so long leaves its place to others.
const LONG_AFTER: Duration = Duration::from_secs(600);

/// Places for runs.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Runs at once; more wait.
    pub at_once: usize,
    /// Runs beside them that have gone on for long. More than that count as all do.
    pub long: usize,
    /// What is long.
    pub long_after: Duration,
}

impl Places {
    /// As configured; one at least.
    pub fn new(cron: &config::Cron) -> Self {
        Self { at_once: cron.at_once.max(1), long: cron.long, long_after: LONG_AFTER }
    }

    /// How many are free beside runs that have gone on for so long.
    pub(super) fn free(&self, ages: impl Iterator<Item = Duration>) -> usize {
        let (mut short, mut long) = (0, 0);
        for age in ages {
            *(if age < self.long_after { &mut short } else { &mut long }) += 1;
        }
        self.at_once.saturating_sub(short + usize::saturating_sub(long, self.long))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_leave_their_places_and_are_bounded() {
        let places = Places::new(&config::Cron { at_once: 8, long: 8 });
        let free = |short: usize, long: usize| {
            let ages = [vec![Duration::from_secs(599); short], vec![Duration::from_secs(600); long]].concat();
            places.free(ages.into_iter())
        };
        assert_eq!((free(0, 0), free(8, 0), free(0, 8), free(3, 8)), (8, 0, 8, 5));
        assert_eq!((free(0, 12), free(4, 12), free(8, 12)), (4, 0, 0), "four more than may be beside");
        assert_eq!(Places::new(&config::Cron { at_once: 0, long: 0 }).free(std::iter::empty()), 1);
    }
}
