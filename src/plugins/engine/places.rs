//! How many calls run at once, how long others wait, and how deep plugins call each other.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use freehold_base::Clock;

/// Plugins may lead to calls of plugins so deep.
const DEPTH: u32 = 3;

/// The free places of the pool.
#[derive(Debug)]
pub(super) struct Places {
    free: Mutex<usize>,
    given_back: Condvar,
}

/// One taken place.
pub(super) struct Place<'a>(&'a Places);

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), given_back: Condvar::new() }
    }
    /// Takes a place; none where all stay taken for as long as it may wait.
    pub(super) fn take(&self, longest: Duration) -> Option<Place<'_>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if *free == 0 {
            free = self.wait(free, Clock::instant() + longest);
        }
        *free = free.checked_sub(1)?;
        Some(Place(self))
    }
    fn wait<'a>(
        &'a self,
        mut free: std::sync::MutexGuard<'a, usize>,
        until: Instant,
    ) -> std::sync::MutexGuard<'a, usize> {
        while *free == 0 {
            let left = until.saturating_duration_since(Clock::instant());
            if left.is_zero() {
                break;
            }
            free = self.given_back.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        free
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.given_back.notify_one();
    }
}

thread_local! {
    /// Calls of plugins that this thread is in.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// One call on this thread.
pub(super) struct Inside(());

impl Inside {
    /// Goes one deeper; none where that is too deep.
    pub(super) fn enter() -> Option<Self> {
        INSIDE.with(|depth| (depth.get() < DEPTH).then(|| depth.set(depth.get() + 1))).map(|()| Self(()))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_and_waited_for() {
        let places = Places::new(1);
        let taken = places.take(Duration::ZERO).expect("free");
        assert!(places.take(Duration::ZERO).is_none());
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| places.take(Duration::from_secs(600)).is_some());
            drop(taken);
            assert!(waits.join().expect("no panic"));
        });
        assert!(places.take(Duration::ZERO).is_some());
    }

    #[test]
    fn calls_inside_calls_go_three_deep() {
        let held: Vec<Inside> = (0..DEPTH).filter_map(|_| Inside::enter()).collect();
        assert_eq!(held.len(), 3);
        assert!(Inside::enter().is_none());
        drop(held);
        assert!(Inside::enter().is_some());
    }
}
