//! What stands behind one call: its bounds and what it took of them.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use freehold_base::Clock;
use rustix::time::{ClockId, clock_gettime};
use wasmtime::ResourceLimiter;

use super::bounds::Bounds;
use super::fault::{Cost, FaultKind};
use super::host::Host;
use super::rates::Rates;
use super::settings::MEMORY;
use crate::hooks::Hook;
use crate::manifest::Manifest;

/// Ends a call from inside: the kind, and the sentence for it.
#[derive(Debug)]
pub(super) struct Stop(pub(super) FaultKind, pub(super) String);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

impl std::error::Error for Stop {}

/// The plugin of a call.
pub(super) struct Plugin {
    pub(super) manifest: Manifest,
    pub(super) rates: Mutex<Rates>,
}

/// One call.
pub(super) struct State {
    pub(super) plugin: Arc<Plugin>,
    pub(super) hook: Hook,
    pub(super) host: Box<dyn Host>,
    pub(super) bounds: Bounds,
    pub(super) fetches: u32,
    host_calls: u32,
    memory: usize,
    memory_peak: usize,
    began: Instant,
    began_computing: Duration,
}

impl State {
    pub(super) fn new(plugin: Arc<Plugin>, hook: Hook, host: Box<dyn Host>, bounds: Bounds, began: Instant) -> Self {
        Self {
            plugin,
            hook,
            host,
            bounds,
            fetches: 0,
            host_calls: 0,
            memory: 0,
            memory_peak: 0,
            began,
            began_computing: computing(),
        }
    }
    /// What the call took until now.
    pub(super) fn cost(&self) -> Cost {
        Cost {
            spent: computing().saturating_sub(self.began_computing),
            waited: Clock::instant().saturating_duration_since(self.began),
            memory_peak: self.memory_peak,
            host_calls: self.host_calls,
        }
    }
    /// Ends the call where its time is over.
    pub(super) fn in_time(&self) -> Result<(), Stop> {
        let cost = self.cost();
        let ms = |d: Duration| d.as_millis();
        if cost.spent > self.bounds.computing {
            let text = format!("it computed longer than {} ms and was stopped", ms(self.bounds.computing));
            return Err(Stop(FaultKind::Deadline, text));
        }
        if cost.waited > self.bounds.waiting {
            let text = format!("it took longer than {} ms and was stopped", ms(self.bounds.waiting));
            return Err(Stop(FaultKind::Deadline, text));
        }
        Ok(())
    }
    /// What is left of the time on the wall.
    pub(super) fn left(&self) -> Duration {
        self.bounds.waiting.saturating_sub(Clock::instant().saturating_duration_since(self.began))
    }
    /// Counts a call to the host; ends the call where there were too many, or its time is over.
    pub(super) fn count(&mut self) -> Result<(), Stop> {
        if self.host_calls >= self.bounds.host_calls {
            let text = format!("it called the host more than {} times", self.bounds.host_calls);
            return Err(Stop(FaultKind::HostCalls, text));
        }
        self.host_calls += 1;
        self.in_time()
    }
}

/// Computing time of this thread.
fn computing() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let all = self.memory.saturating_add(desired.saturating_sub(current));
        let most = self.bounds.memory.min(MEMORY);
        if all > most {
            let text = format!("it wanted more than {} MiB of memory", most >> 20);
            return Err(wasmtime::Error::new(Stop(FaultKind::Memory, text)));
        }
        self.memory = all;
        self.memory_peak = self.memory_peak.max(all);
        Ok(true)
    }
    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired > 20_000 {
            let text = "it wanted a table of more than 20,000 elements".to_owned();
            return Err(wasmtime::Error::new(Stop(FaultKind::Memory, text)));
        }
        Ok(true)
    }
    fn instances(&self) -> usize {
        30
    }
    fn tables(&self) -> usize {
        6
    }
    fn memories(&self) -> usize {
        2
    }
}
