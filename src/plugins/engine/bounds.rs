//! What one call may take.

use std::time::Duration;

use crate::hooks::Hook;

/// The bounds of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Computing time of the thread.
    pub computing: Duration,
    /// Time by the clock on the wall, waiting for a free place and for the host included. Longer than `computing`: on
    /// a busy machine a plugin is not to blame for the time that others had.
    pub waiting: Duration,
    /// Bytes of memory.
    pub memory: usize,
    /// Bytes of the answer.
    pub output: usize,
    /// Bytes of what it is given.
    pub input: usize,
    /// Calls to the host.
    pub host_calls: u32,
    /// Requests to other servers among them.
    pub fetches: u32,
}

impl Bounds {
    /// The bounds of a hook: 32 MiB, 1 MiB in and out, 1,000 calls to the host, 5 requests, and its own time.
    pub fn of(hook: Hook) -> Self {
        let computing = hook.deadline();
        Self {
            computing,
            waiting: computing * 5 + Duration::from_secs(2),
            memory: 32 << 20,
            output: 1 << 20,
            input: 1 << 20,
            host_calls: 1_000,
            fetches: 5,
        }
    }
}
