//! Names, versions and keys, checked once.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A plugin's id: 2 to 50 lower-case letters, digits and single hyphens, a letter first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginId(String);

impl PluginId {
    /// Reads an id; none where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let shape = text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-') && !text.contains("--");
        ((2..=50).contains(&text.len()) && letters && shape).then(|| Self(text.to_owned()))
    }
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version as in semantic versioning 2.0: `1.4.0`, `2.0.0-beta.1`. Ordered as there, without what follows a `+`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(semver::Version);

impl Version {
    /// Reads a version; none where it is not one, or longer than 40 characters.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= 40).then(|| semver::Version::parse(text).ok()).flatten().map(Self)
    }
    /// Whether it comes after the other.
    pub fn is_later_than(&self, other: &Self) -> bool {
        self.0.cmp_precedence(&other.0).is_gt()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The public key of who publishes a plugin (Ed25519), written `ed25519:` and base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublisherKey([u8; 32]);

impl PublisherKey {
    /// Reads a key; none where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("ed25519:")?).ok()?;
        bytes.try_into().ok().map(Self)
    }
    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// A short form that people can compare: `3f9a-01c2-77de-b410`.
    pub fn fingerprint(&self) -> String {
        use sha2::Digest as _;
        let hash = sha2::Sha256::digest(self.0);
        let groups: Vec<String> =
            hash.chunks(2).take(4).map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
        groups.join("-")
    }
}

impl fmt::Display for PublisherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublisherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublisherKey({})", self.fingerprint())
    }
}
