//! The thread that lets running plugins look at their time, once a millisecond and only while any runs.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

const TICK: Duration = Duration::from_millis(1);
/// After so many ticks without a call the thread sleeps: waking it costs more than a short call.
const AWAKE: u32 = 100;

/// Starts and stops with its last owner.
#[derive(Debug)]
pub(super) struct Ticker {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    idle: u32,
    sleeps: bool,
    ended: bool,
}

/// While it lives the ticks go on.
pub(super) struct Ticking<'a>(&'a Ticker);

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine) -> Result<Self, String> {
        let shared = Arc::new(Shared::default());
        let seen = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("plugin-ticks".into()).spawn(move || seen.tick(&engine));
        thread.map_err(|e| format!("starting the thread that watches plugins: {e}"))?;
        Ok(Self { shared })
    }
    /// A call begins.
    pub(super) fn run(&self) -> Ticking<'_> {
        self.shared.change(|state| state.running += 1);
        Ticking(self)
    }
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        if state.sleeps || state.ended {
            (state.sleeps, state.idle) = (false, 0);
            self.changed.notify_all();
        }
    }
    fn tick(&self, engine: &wasmtime::Engine) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.ended {
            state.idle = if state.running == 0 { state.idle.saturating_add(1) } else { 0 };
            state.sleeps = state.idle > AWAKE;
            state = if state.sleeps {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                engine.increment_epoch();
                self.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }
}

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        self.0.shared.change(|state| state.running = state.running.saturating_sub(1));
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.change(|state| state.ended = true);
    }
}
