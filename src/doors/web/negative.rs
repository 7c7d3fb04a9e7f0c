//! Addresses that are known not to exist, in a fixed amount of memory. No locks.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Places; a new address takes the place of an old one (32 KiB).
const PLACES: u64 = 4096;

/// Remembers hashes of missing addresses together with the purge epoch at which they were missing, so that any
/// change of anything makes all of them unknown again.
///
/// A place holds one keyed 64-bit hash of (address, epoch). That an existing address is taken for a missing one
/// needs two equal keyed hashes at one place: 2^-64 per look, and nobody outside knows the key.
#[derive(Debug)]
pub struct Negative {
    key: RandomState,
    places: Box<[AtomicU64]>,
}

impl Default for Negative {
    fn default() -> Self {
        Self { key: RandomState::new(), places: (0..PLACES).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Negative {
    /// True where this address was missing and nothing was purged since.
    pub fn knows(&self, address: u64, epoch: u64) -> bool {
        self.place(address).is_some_and(|place| place.load(Ordering::Relaxed) == self.mark(address, epoch))
    }

    /// Remembers a missing address. `epoch` is the one read before it was looked up.
    pub fn remember(&self, address: u64, epoch: u64) {
        if let Some(place) = self.place(address) {
            place.store(self.mark(address, epoch), Ordering::Relaxed);
        }
    }

    fn place(&self, address: u64) -> Option<&AtomicU64> {
        self.places.get(usize::try_from(address % PLACES).ok()?)
    }

    fn mark(&self, address: u64, epoch: u64) -> u64 {
        self.key.hash_one((address, epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_address_is_known_until_the_next_purge() {
        let negative = Negative::default();
        assert!(!negative.knows(7, 0));
        negative.remember(7, 0);
        assert!(negative.knows(7, 0) && !negative.knows(7, 1) && !negative.knows(8, 0));
        negative.remember(7 + PLACES, 0);
        assert!(!negative.knows(7, 0), "the place was taken");
    }
}
