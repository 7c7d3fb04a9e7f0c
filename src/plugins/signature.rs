//! Signed packages: Ed25519 over the list of a package's files, by the key that the manifest names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::manifest::PublisherKey;

/// The file that holds the signature: 64 bytes in base64, one line.
pub const FILE: &str = "plugin.sig";

/// What is signed: a line with the purpose, then for each file but the signature, ordered by path, the SHA-256 of its
/// bytes in hex, two spaces, its path and a line feed.
pub(crate) fn signed_text<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut lines: Vec<(&str, String)> = files
        .into_iter()
        .filter(|(path, _)| *path != FILE)
        .map(|(path, bytes)| (path, hex(&Sha256::digest(bytes))))
        .collect();
    lines.sort_unstable();
    let mut text = String::from("freehold plugin 1\n");
    for (path, hash) in lines {
        text.push_str(&hash);
        text.push_str("  ");
        text.push_str(path);
        text.push('\n');
    }
    text
}

/// Whether the text of a `plugin.sig` is this key's signature of what is signed.
pub(crate) fn holds(key: &PublisherKey, signed: &str, file: &[u8]) -> bool {
    let bytes = std::str::from_utf8(file).ok().and_then(|text| STANDARD.decode(text.trim()).ok());
    let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let key = VerifyingKey::from_bytes(key.bytes()).ok();
    // Strict: a weak key or a second form of a signature proves nothing.
    key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(signed.as_bytes(), &signature).is_ok())
}

/// A key of somebody who publishes plugins.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From its 32 bytes, which only chance has made.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }
    /// What stands in the manifest as `publisher`.
    pub fn public(&self) -> PublisherKey {
        PublisherKey::from_bytes(self.0.verifying_key().to_bytes())
    }
    /// The text of the `plugin.sig` for these files, `plugin.toml` with this key as `publisher` among them.
    pub fn sign<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
        format!("{}\n", STANDARD.encode(self.0.sign(signed_text(files).as_bytes()).to_bytes()))
    }
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
