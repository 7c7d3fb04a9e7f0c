//! Machine code of components, kept so that it is made once: what it is filed under, and that it is ours.

use freehold_base::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::signature::hex;

/// Where machine code is kept. The node gives one that stores in its own folder; losing it costs time only.
pub trait CodeCache: Send + Sync {
    /// What is filed under a key (64 hex digits); none also where reading fails.
    fn get(&self, key: &str) -> Option<Vec<u8>>;
    /// Files it; where that fails the cache says so in the log and the node goes on.
    fn put(&self, key: &str, bytes: &[u8]);
}

/// Makes machine code of a component. The node gives one that does it in a child with limits (security rule D5), which
/// calls [`super::machine_code`].
pub trait Compiler: Send + Sync {
    /// The machine code, or why there is none, in words.
    fn compile(&self, component: &[u8]) -> Result<Vec<u8>, String>;
}

/// Makes machine code in this process: for tests, and inside the child.
#[derive(Clone, Copy, Debug, Default)]
pub struct CompileHere;

impl Compiler for CompileHere {
    fn compile(&self, component: &[u8]) -> Result<Vec<u8>, String> {
        super::machine_code(component)
    }
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl CodeCache for NoCache {
    fn get(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
    fn put(&self, _: &str, _: &[u8]) {}
}

const SEAL: usize = 32;

/// What a component's code is filed under: its bytes, and the compiler with its settings.
pub(super) fn key(component: &[u8], compiler: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update((compiler.len() as u64).to_le_bytes());
    hash.update(compiler);
    hash.update(component);
    hex(&hash.finalize())
}

/// Code with a seal in front that only this installation can make: machine code that somebody else laid into the cache,
/// or that a crash tore, is not run.
pub(super) fn seal(secret: &Secret, key: &str, code: &[u8]) -> Option<Vec<u8>> {
    let mut sealed = mac(secret, key, code)?.finalize().into_bytes().to_vec();
    sealed.extend_from_slice(code);
    Some(sealed)
}

/// The code behind a seal; none where it is not ours, or filed under another key.
pub(super) fn open<'a>(secret: &Secret, key: &str, sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (seal, code) = sealed.split_at_checked(SEAL)?;
    mac(secret, key, code)?.verify_slice(seal).is_ok().then_some(code)
}

fn mac(secret: &Secret, key: &str, code: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal()).ok()?;
    mac.update(key.as_bytes());
    mac.update(code);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: D5
    #[test]
    fn code_that_is_not_ours_is_not_opened() {
        let ours = Secret::new(b"key".to_vec());
        let sealed = seal(&ours, "k", b"code").expect("sealed");
        assert_eq!(open(&ours, "k", &sealed), Some(&b"code"[..]));
        assert_eq!(open(&ours, "other", &sealed), None);
        assert_eq!(open(&Secret::new(b"other".to_vec()), "k", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&ours, "k", &changed), None, "{at}");
            assert_eq!(open(&ours, "k", &sealed[..at]), None, "{at}");
        }
    }

    #[test]
    fn another_compiler_or_component_has_another_key() {
        let keys = [key(b"a", b"1"), key(b"a", b"2"), key(b"b", b"1"), key(b"", b"1a")];
        assert!(keys.iter().enumerate().all(|(n, key)| key.len() == 64 && !keys[..n].contains(key)));
    }
}
