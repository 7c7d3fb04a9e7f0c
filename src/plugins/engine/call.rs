//! One call of a plugin, from its place in the pool to the answer or the fault.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use freehold_base::Clock;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};

use super::Engine;
use super::bounds::Bounds;
use super::code::{Ready, said};
use super::fault::{Answer, Cost, Fault, FaultKind};
use super::host::Host;
use super::places::Inside;
use super::state::{Plugin, State, Stop};
use crate::hooks::Hook;
use crate::manifest::Manifest;
use crate::problem::Problems;

/// A plugin that is ready to be called; cheap to clone. A call under way goes on while a new version takes its place.
#[derive(Clone)]
pub struct Compiled {
    engine: Engine,
    ready: Arc<Ready>,
    script: Option<Arc<str>>,
    plugin: Arc<Plugin>,
}

/// What a plugin says: an answer, or a sentence why there is none.
type Told<T> = (Result<T, String>,);

/// How long the check of a script may compute.
const CHECK: Duration = Duration::from_secs(2);

impl Compiled {
    pub(super) fn new(engine: Engine, ready: Arc<Ready>, script: Option<Arc<str>>, manifest: Manifest) -> Self {
        Self { engine, ready, script, plugin: Arc::new(Plugin { manifest, rates: Mutex::default() }) }
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.plugin.manifest
    }

    /// Calls a hook other than `entry.render` with its input as JSON; the answer is JSON. Blocks the thread, which needs
    /// 1 MiB of free stack.
    ///
    /// # Errors
    /// The [`Fault`]; the plugin's instance is gone in any case.
    pub fn call(&self, hook: Hook, input: &str, host: Box<dyn Host>, bounds: Bounds) -> Result<Answer, Fault> {
        let ready = &self.ready;
        let answer: Answer = self.run(hook, input.len(), host, bounds, |store, instance| match &self.script {
            Some(script) => told(store, instance, &ready.call, (&**script, hook.name(), input)),
            None => told(store, instance, &ready.call, (hook.name(), input)),
        })?;
        fits(&answer.value, bounds, answer.cost)?;
        if serde_json::from_str::<serde::de::IgnoredAny>(&answer.value).is_err() {
            let fault = Fault::new(FaultKind::BadAnswer, format!("its answer to {hook} is not JSON"));
            return Err(Fault { cost: answer.cost, ..fault });
        }
        Ok(answer)
    }

    /// Calls `entry.render` with the HTML and what is known of the entry as JSON: the new HTML, or none where it stays.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn render(
        &self,
        html: &str,
        context: &str,
        host: Box<dyn Host>,
        bounds: Bounds,
    ) -> Result<Answer<Option<String>>, Fault> {
        let (ready, size) = (&self.ready, html.len() + context.len());
        let answer: Answer<Option<String>> =
            self.run(Hook::EntryRender, size, host, bounds, |store, instance| match &self.script {
                Some(script) => told(store, instance, &ready.render, (&**script, html, context)),
                None => told(store, instance, &ready.render, (html, context)),
            })?;
        fits(answer.value.as_deref().unwrap_or_default(), bounds, answer.cost)?;
        Ok(answer)
    }

    /// Runs a script once without calling it, and compares where it listens with its manifest. Nothing to do for a
    /// component.
    ///
    /// # Errors
    /// The script's own error with its line, or the hooks that stand in one of both alone.
    pub fn check(&self, host: Box<dyn Host>) -> Result<(), Problems> {
        let (Some(script), Some(hooks)) = (&self.script, &self.ready.hooks) else { return Ok(()) };
        let mut problems = Problems::default();
        let hook = self.plugin.manifest.hooks.keys().next().copied().unwrap_or(Hook::PluginLifecycle);
        let bounds = Bounds { computing: CHECK, ..Bounds::of(hook) };
        let listed = self.run(hook, script.len(), host, bounds, |store, instance| {
            told::<_, String>(store, instance, hooks, (&**script,))
        });
        match listed {
            Ok(answer) => {
                let listed: Vec<String> = serde_json::from_str(&answer.value).unwrap_or_default();
                self.compare(&listed, &mut problems);
            }
            Err(fault) => {
                let place = fault.line.map_or("plugin.js".to_owned(), |line| format!("plugin.js, line {line}"));
                problems.add(place, fault.text, "Mend the script.");
            }
        }
        problems.or(Some(()))
    }

    fn compare(&self, listed: &[String], problems: &mut Problems) {
        let named = &self.plugin.manifest.hooks;
        for name in listed {
            match Hook::parse(name) {
                None => problems.unknown("plugin.js", "a hook", name, Hook::ALL.iter().map(|hook| hook.name())),
                Some(hook) if !named.contains_key(&hook) => {
                    let next = format!("Add \"{hook}\" = true under [hooks].");
                    problems.add("plugin.js", format!("listens to {hook}, which plugin.toml does not name"), next);
                }
                Some(_) => {}
            }
        }
        for hook in named.keys().filter(|hook| !listed.iter().any(|name| name == hook.name())) {
            let next = format!("Write freehold.on(\"{hook}\", …), or take the line out of plugin.toml.");
            problems.add("plugin.js", format!("does not listen to {hook}, which plugin.toml names"), next);
        }
    }

    /// One call in an instance of its own.
    fn run<T>(
        &self,
        hook: Hook,
        input: usize,
        host: Box<dyn Host>,
        bounds: Bounds,
        call: impl FnOnce(&mut Store<State>, &Instance) -> wasmtime::Result<Result<T, String>>,
    ) -> Result<Answer<T>, Fault> {
        if input > bounds.input {
            return Err(Fault::new(FaultKind::Input, format!("its input is larger than {} KiB", bounds.input >> 10)));
        }
        if !self.plugin.manifest.hooks.contains_key(&hook) {
            return Err(Fault::new(FaultKind::NotListening, format!("its plugin.toml does not listen to {hook}")));
        }
        let began = Clock::instant();
        let Some(_inside) = Inside::enter() else {
            return Err(Fault::new(FaultKind::Depth, "plugins called each other more than three deep"));
        };
        let inner = &self.engine.0;
        let Some(_place) = inner.places.take(bounds.waiting) else {
            return Err(Fault::new(FaultKind::Busy, "too many plugins run at once"));
        };
        let _ticking = inner.ticker.run();
        let state = State::new(Arc::clone(&self.plugin), hook, host, bounds, began);
        let mut store = store(&inner.coder.engine, state);
        let started = self.ready.pre.instantiate(&mut store);
        let result = match started {
            Ok(instance) => call(&mut store, &instance).map_err(|e| fault(&e, FaultKind::Trap)),
            Err(e) => Err(fault(&e, FaultKind::Broken)),
        };
        let cost = store.data().cost();
        match result {
            Ok(Ok(value)) => Ok(Answer { value, cost }),
            Ok(Err(text)) => Err(Fault { cost, ..self.exception(&text) }),
            Err(fault) => Err(Fault { cost, ..fault }),
        }
    }

    /// What the plugin said went wrong; the runner says it as JSON with a line.
    fn exception(&self, text: &str) -> Fault {
        #[derive(serde::Deserialize)]
        struct Thrown {
            text: String,
            line: Option<u32>,
        }
        match serde_json::from_str::<Thrown>(text) {
            Ok(thrown) if self.script.is_some() => {
                Fault { line: thrown.line, ..Fault::new(FaultKind::Exception, thrown.text) }
            }
            _ => Fault::new(FaultKind::Exception, text),
        }
    }
}

fn store(engine: &wasmtime::Engine, state: State) -> Store<State> {
    // What a guest hands over at once: the largest body and some words around it.
    let handed = state.bounds.output + (1 << 20);
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    store.set_hostcall_fuel(handed);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| match store.data().in_time() {
        Ok(()) => Ok(UpdateDeadline::Continue(1)),
        Err(stop) => Err(wasmtime::Error::new(stop)),
    });
    store
}

/// Calls one export.
fn told<P, T>(
    store: &mut Store<State>,
    instance: &Instance,
    export: &ComponentExportIndex,
    input: P,
) -> wasmtime::Result<Result<T, String>>
where
    P: ComponentNamedList + Lower + Send + Sync,
    Told<T>: ComponentNamedList + Lift + Send + Sync + 'static,
{
    let function = instance.get_typed_func::<P, Told<T>>(&mut *store, export)?;
    Ok(function.call(&mut *store, input)?.0)
}

/// The fault behind an error of wasmtime: ours, a trap, or `other`.
fn fault(error: &wasmtime::Error, other: FaultKind) -> Fault {
    if let Some(Stop(kind, text)) = error.downcast_ref::<Stop>() {
        return Fault::new(*kind, text.clone());
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return Fault::new(FaultKind::Busy, "too many plugins run at once");
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Fault::new(FaultKind::Trap, "it called itself too deep and was stopped"),
        Some(trap) => Fault::new(FaultKind::Trap, format!("it did what is not allowed: {trap}")),
        // wasmtime has no public type for it; a test holds the words.
        None if said(error).contains("fuel allocated for hostcalls has been exhausted") => {
            Fault::new(FaultKind::Output, "it handed over more at once than it may")
        }
        None => Fault::new(other, said(error)),
    }
}

fn fits(output: &str, bounds: Bounds, cost: Cost) -> Result<(), Fault> {
    if output.len() <= bounds.output {
        return Ok(());
    }
    let fault = Fault::new(FaultKind::Output, format!("its answer is larger than {} KiB", bounds.output >> 10));
    Err(Fault { cost, ..fault })
}
