//! Machine code of plugins: made by a helper with bounds of its own, kept in the cache folder (rule D5).

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use freehold_base::Result;
use freehold_host::blobs::BlobHash;
use freehold_host::derived::Derived;
use freehold_host::helper;
use freehold_plugins::engine::{CodeCache, Compiler};

/// Name of the made file beside its key.
const NAME: &str = "code.bin";
/// The word of the command line that makes this program such a helper.
pub const COMMAND: &str = "compile-plugin";
/// How long a compilation may take, and what it may give.
const BOUNDS: helper::Bounds = helper::Bounds { time: Duration::from_secs(300), output: 256 << 20 };
/// What the helper may take: address space, seconds of computing.
const MEMORY: u64 = 4 << 30;
const SECONDS: u64 = 240;

/// Keeps machine code in a folder; without it, none is kept.
pub(super) struct Kept(Option<Derived>);

impl Kept {
    pub(super) fn open(folder: &Path) -> Self {
        let opened = Derived::open(folder);
        Self(opened.map_err(|e| tracing::warn!("code of plugins is not kept: {e}")).ok())
    }
}

impl CodeCache for Kept {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut file = self.0.as_ref()?.file(&BlobHash::parse(key)?, NAME).ok()??;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
    fn put(&self, key: &str, bytes: &[u8]) {
        let (Some(folder), Some(key)) = (&self.0, BlobHash::parse(key)) else { return };
        if let Err(e) = folder.put(&key, NAME, bytes) {
            tracing::warn!("code of a plugin is not kept: {e}");
        }
    }
}

/// Asks this program, started anew, for the machine code.
#[derive(Debug)]
pub(super) struct ByHelper;

impl Compiler for ByHelper {
    fn compile(&self, component: &[u8]) -> std::result::Result<Vec<u8>, String> {
        helper::ask(&[COMMAND], component, BOUNDS).map_err(|e| {
            tracing::warn!("compiling a plugin: {e}");
            "it cannot be compiled within its bounds".to_owned()
        })
    }
}

/// The helper's work: the machine code of a component, within bounds.
///
/// # Errors
/// `Internal` where there is none.
pub fn work(component: &[u8]) -> Result<Vec<u8>> {
    helper::bound_myself(MEMORY, SECONDS)?;
    freehold_plugins::engine::machine_code(component)
        .map_err(|e| freehold_base::Error::internal("compiling a plugin", e))
}
