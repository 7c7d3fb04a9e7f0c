//! The `$P$` hashes of older WordPress: checked only, never made.
//!
//! Format: `$P$`, one character for log2 of the rounds, 8 characters of salt, 22 of hash; MD5 chained over the
//! password. Source: Solar Designer, "Portable PHP password hashing framework" (public domain).

use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// WordPress uses 13. More than 20 in an imported hash would only be there to keep a core busy.
const ROUNDS_LOG2: std::ops::RangeInclusive<usize> = 7..=20;

/// Does the password belong to the hash? `false` for anything that is not a `$P$` or `$H$` hash.
pub fn verify(password: &[u8], stored: &str) -> bool {
    let stored = stored.as_bytes();
    let (Some(rounds), Some(salt), Some(hash)) = (rounds(stored), stored.get(4..12), stored.get(12..34)) else {
        return false;
    };
    if stored.len() != 34 {
        return false;
    }
    let mut digest: [u8; 16] = Md5::new().chain_update(salt).chain_update(password).finalize().into();
    for _ in 0..rounds {
        digest = Md5::new().chain_update(digest).chain_update(password).finalize().into();
    }
    encode(&digest).ct_eq(hash).into()
}

fn rounds(stored: &[u8]) -> Option<usize> {
    if !stored.starts_with(b"$P$") && !stored.starts_with(b"$H$") {
        return None;
    }
    let log2 = ALPHABET.iter().position(|c| Some(c) == stored.get(3))?;
    ROUNDS_LOG2.contains(&log2).then(|| 1 << log2)
}

/// Base64 with the low bits first: 3 bytes give 4 characters, the last byte 2.
fn encode(digest: &[u8; 16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    for group in digest.chunks(3) {
        let mut bits = group.iter().rev().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
        for _ in 0..=group.len() {
            out.push(ALPHABET.get(bits & 63).copied().unwrap_or(b'.'));
            bits >>= 6;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_test_vector_verifies() {
        // From the framework's own test program.
        let stored = "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0";
        assert!(verify(b"test12345", stored));
        assert!(!verify(b"test12346", stored));
        assert!(!verify(b"test12345", &stored[..33]));
    }

    #[test]
    fn a_hash_that_asks_for_endless_rounds_is_refused() {
        assert!(!verify(b"test12345", "$P$zIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"));
    }
}
