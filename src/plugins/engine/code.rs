//! From a component's bytes to code that can be run, through the cache.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use freehold_base::Secret;
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};

use super::cache::{self, CodeCache, Compiler};
use super::settings;
use super::state::State;
use super::wit;

/// A component that can be run.
pub(super) struct Ready {
    pub(super) pre: InstancePre<State>,
    pub(super) call: ComponentExportIndex,
    pub(super) render: ComponentExportIndex,
    /// Only the runner has it.
    pub(super) hooks: Option<ComponentExportIndex>,
}

/// What makes and keeps code.
pub(super) struct Coder {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) cache: Arc<dyn CodeCache>,
    pub(super) secret: Secret,
    pub(super) compiler: Arc<dyn Compiler>,
}

/// Makes machine code of a component: what a child process does for the node (security rule D5). Reads nothing, writes
/// nothing; memory and time are the caller's to bound.
///
/// # Errors
/// Why it is not a component that this program runs, in words.
pub fn machine_code(component: &[u8]) -> Result<Vec<u8>, String> {
    let engine = Engine::new(&settings::for_compiling()).map_err(|e| said(&e))?;
    engine.precompile_component(component).map_err(|e| said(&e))
}

impl Coder {
    /// The component ready to run, its code from the cache or made now.
    pub(super) fn ready(&self, bytes: &[u8]) -> Result<Ready, String> {
        let key = cache::key(bytes, &self.compiler_name());
        let component = match self.kept(&key) {
            Some(component) => component,
            None => self.made(&key, bytes)?,
        };
        self.linked(&component)
    }

    fn kept(&self, key: &str) -> Option<Component> {
        let sealed = self.cache.get(key)?;
        loaded(&self.engine, cache::open(&self.secret, key, &sealed)?).ok()
    }

    fn made(&self, key: &str, bytes: &[u8]) -> Result<Component, String> {
        let code = self.compiler.compile(bytes)?;
        let component = loaded(&self.engine, &code).map_err(|e| said(&e))?;
        if let Some(sealed) = cache::seal(&self.secret, key, &code) {
            self.cache.put(key, &sealed);
        }
        Ok(component)
    }

    fn linked(&self, component: &Component) -> Result<Ready, String> {
        let missing = |name: &str| format!("it has no export {name} of the world freehold:plugin/plugin@1.0.0");
        let export = |name: &str| component.get_export_index(None, name);
        let pre = self.linker.instantiate_pre(component).map_err(|e| said(&e))?;
        Ok(Ready {
            pre,
            call: export("call").ok_or_else(|| missing("call"))?,
            render: export("render").ok_or_else(|| missing("render"))?,
            hooks: export("hooks"),
        })
    }

    /// Changes with wasmtime, its settings, and the machine.
    fn compiler_name(&self) -> [u8; 8] {
        let mut hasher = std::hash::DefaultHasher::new();
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish().to_le_bytes()
    }
}

/// The linker of every component: the host interface, and nothing of WASI.
pub(super) fn linker(engine: &Engine) -> Result<Linker<State>, String> {
    let mut linker = Linker::new(engine);
    wit::freehold::plugin::host::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut linker, |state| state)
        .map_err(|e| said(&e))?;
    Ok(linker)
}

/// Machine code that this program made: just now by its compiler, or kept under a seal that only it can make.
#[allow(unsafe_code, reason = "wasmtime trusts machine code blindly; both callers have made sure that it is ours")]
fn loaded(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are what `precompile_component` returned, unchanged: see `kept` (HMAC) and `made`.
    unsafe { Component::deserialize(engine, code) }
}

/// An error of wasmtime with its causes, in one line.
pub(super) fn said(error: &wasmtime::Error) -> String {
    let text: Vec<String> = error.chain().map(ToString::to_string).collect();
    text.join(": ").replace('\n', " ")
}
