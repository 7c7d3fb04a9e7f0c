//! Time that does not jump with the wall clock while the process runs (security rule F11).

use std::time::Instant;

use freehold_base::{Clock, Timestamp};

/// The wall clock of the start plus what a monotonic clock has counted since.
///
/// For the ages of sessions: setting the machine's clock ends nobody's session and lengthens none.
#[derive(Clone, Debug)]
pub struct SteadyClock {
    wall: Clock,
    anchor: Option<(Timestamp, Instant)>,
}

impl SteadyClock {
    /// Anchored now, for a running node.
    pub fn anchored(wall: Clock) -> Self {
        let anchor = Some((wall.now(), Clock::instant()));
        Self { wall, anchor }
    }
    /// Follows the given clock, for tests that move it by hand.
    pub fn following(wall: Clock) -> Self {
        Self { wall, anchor: None }
    }
    /// Now; never goes back when anchored.
    pub fn now(&self) -> Timestamp {
        match self.anchor {
            Some((start, instant)) => start.plus(Clock::instant().saturating_duration_since(instant)),
            None => self.wall.now(),
        }
    }
}
