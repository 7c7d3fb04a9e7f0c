//! Runs plugins: every call in a fresh instance with its own memory, time and count of calls, in one pool for the node.
//! No files, no sockets, no environment: a component can reach the functions of [`Host`] and nothing else.

mod wit;
mod bounds;
mod fault;
mod host;
mod cache;
mod settings;
mod rates;
mod places;
mod ticker;
mod state;
mod functions;
mod code;
mod call;

pub use bounds::Bounds;
pub use cache::{CodeCache, CompileHere, Compiler, NoCache};
pub use call::Compiled;
pub use code::machine_code;
pub use fault::{Answer, Cost, Fault, FaultKind};
pub use host::{Allowed, Host, Level, Request, Response};

use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::Secret;

use crate::package::{Code, Package};
use crate::problem::Problems;
use code::{Coder, Ready};

/// The component that runs scripts, made by `build.rs`.
static RUNNER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runner.wasm"));

/// What an engine is made with.
pub struct Setup {
    /// Where machine code is kept.
    pub cache: Arc<dyn CodeCache>,
    /// Seals what is kept; stays the same over restarts, at least 16 bytes.
    pub cache_key: Secret,
    /// Makes machine code.
    pub compiler: Arc<dyn Compiler>,
    /// Calls at once; more wait. 1 to 1,000. Each takes some 8 GiB of addresses and no memory while it is free.
    pub places: u32,
}

/// Runs plugins; one for the node, cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    coder: Coder,
    /// Made with the first script.
    runner: Mutex<Option<Arc<Ready>>>,
    places: places::Places,
    ticker: ticker::Ticker,
}

impl Engine {
    /// Reserves the places and starts the thread that watches the time of calls.
    ///
    /// # Errors
    /// The machine gives no addresses or no thread; in words.
    pub fn new(setup: Setup) -> Result<Self, String> {
        let places = setup.places.clamp(1, 1_000);
        let engine = wasmtime::Engine::new(&settings::for_running(places)).map_err(|e| code::said(&e))?;
        let coder = Coder {
            linker: code::linker(&engine)?,
            cache: setup.cache,
            secret: setup.cache_key,
            compiler: setup.compiler,
            engine: engine.clone(),
        };
        let places = places::Places::new(places as usize);
        Ok(Self(Arc::new(Inner { coder, runner: Mutex::new(None), places, ticker: ticker::Ticker::start(engine)? })))
    }

    /// Makes a package ready to be called. The first time a component is seen this takes seconds; it does not run it.
    ///
    /// # Errors
    /// Why its `plugin.wasm` cannot run here.
    pub fn prepare(&self, package: &Package) -> Result<Compiled, Problems> {
        let (ready, script) = match &package.code {
            Code::Script(text) => (self.runner(), Some(Arc::clone(text))),
            Code::Component(bytes) => (self.0.coder.ready(bytes).map(Arc::new), None),
        };
        match ready {
            Ok(ready) => Ok(Compiled::new(self.clone(), ready, script, package.manifest.clone())),
            Err(reason) => {
                let mut problems = Problems::default();
                let file = if script.is_some() { "the script runner" } else { "plugin.wasm" };
                problems.add(file, reason, "Build it for the world freehold:plugin/plugin@1.0.0, without WASI.");
                Err(problems)
            }
        }
    }

    /// Makes the runner of scripts ready, so that the first script does not wait for it.
    ///
    /// # Errors
    /// In words; a script would fail in the same way.
    pub fn warm(&self) -> Result<(), String> {
        self.runner().map(|_| ())
    }

    fn runner(&self) -> Result<Arc<Ready>, String> {
        let mut runner = self.0.runner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = runner.as_ref() {
            return Ok(Arc::clone(ready));
        }
        let ready = Arc::new(self.0.coder.ready(RUNNER)?);
        *runner = Some(Arc::clone(&ready));
        Ok(ready)
    }
}

#[cfg(test)]
mod tests;
