//! A plugin as files: what may be in it, and who signed it. Knows no disk and no archive; it is given paths and bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::manifest::{Manifest, PublisherKey};
use crate::problem::{Problems, shown};
use crate::signature;

/// The largest `plugin.wasm`, in bytes.
pub const MAX_COMPONENT: usize = 8 << 20;
/// The largest `plugin.js`, in bytes.
pub const MAX_SCRIPT: usize = 512 << 10;
/// The largest package, unpacked, in bytes.
pub const MAX_PACKAGE: usize = 16 << 20;
/// The most files of a package.
pub const MAX_FILES: usize = 500;
/// The longest path, in bytes.
const MAX_PATH: usize = 200;

/// What a plugin runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// The text of `plugin.js`.
    Script(Arc<str>),
    /// The bytes of `plugin.wasm`.
    Component(Arc<[u8]>),
}

/// Who signed a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Nobody.
    No,
    /// The holder of this key, which the manifest names too.
    By(PublisherKey),
}

/// A plugin whose files were looked at.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its `plugin.toml`.
    pub manifest: Manifest,
    /// What it runs.
    pub code: Code,
    /// All its files by path, those two among them.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// SHA-256 over paths and contents, in hex: two packages with one digest are the same.
    pub digest: String,
    /// Who signed it.
    pub signed: Signed,
}

impl Package {
    /// Looks at the files of a plugin. Paths are as in an archive or below the plugin's folder: `/` between parts.
    ///
    /// # Errors
    /// Everything that is wrong with paths, sizes, manifest, code and signature, each with its file.
    pub fn read(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let files = gathered(files, &mut problems);
        if !problems.0.is_empty() {
            return Err(problems);
        }
        let manifest = manifest(&files, &mut problems);
        let code = code(&files, &mut problems);
        let signed_text = signature::signed_text(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref())));
        let signed = manifest.as_ref().map(|m| signed(m, &files, &signed_text, &mut problems));
        let mut digest = Sha256::new_with_prefix(signed_text.as_bytes());
        digest.update(files.get(signature::FILE).map_or(&[][..], |bytes| bytes));
        let digest = signature::hex(&digest.finalize());
        let parts = manifest.zip(code).zip(signed);
        problems.or(parts).map(|((manifest, code), signed)| Self { manifest, code, files, digest, signed })
    }
}

/// The files with sound paths, within the limits; the sum is watched before anything is kept.
fn gathered(
    given: impl IntoIterator<Item = (String, Vec<u8>)>,
    problems: &mut Problems,
) -> BTreeMap<String, Arc<[u8]>> {
    let mut files = BTreeMap::new();
    let mut folded = std::collections::BTreeSet::new();
    let mut sum = 0usize;
    for (path, bytes) in given {
        sum = sum.saturating_add(bytes.len());
        if sum > MAX_PACKAGE || files.len() >= MAX_FILES {
            let wrong = format!("is larger than {} MiB or has more than {MAX_FILES} files", MAX_PACKAGE >> 20);
            problems.add("the package", wrong, "Leave out what the plugin does not need to run.");
            break;
        }
        if let Some(wrong) = path_trick(&path) {
            problems.add(shown(&path), wrong, "Give it a plain relative name such as assets/style.css.");
        } else if !folded.insert(path.to_lowercase()) {
            problems.add(shown(&path), "stands in the package twice", "Names may not differ in case alone.");
        } else {
            files.insert(path, Arc::from(bytes));
        }
    }
    for path in files.keys() {
        let folder = format!("{path}/");
        if files.range(folder.clone()..).next().is_some_and(|(other, _)| other.starts_with(&folder)) {
            problems.add(shown(path), "is a file and a folder", "Rename one of them.");
        }
    }
    files
}

/// What is wrong with a path; none where nothing is.
fn path_trick(path: &str) -> Option<&'static str> {
    let part_is = |test: &dyn Fn(&str) -> bool| path.split('/').any(test);
    Some(match path {
        "" => "has no name",
        _ if path.len() > MAX_PATH || path.split('/').count() > 8 => "has a path that is too long or too deep",
        _ if path.starts_with('/') => "has an absolute path",
        _ if path.contains(['\\', ':']) => "has a path of another system",
        _ if path.chars().any(char::is_control) => "has control characters in its path",
        _ if part_is(&|part| part == "..") => "has a path that leads out of the package",
        _ if part_is(&|part| part.is_empty() || part == ".") => "has an empty part in its path",
        _ if part_is(&|part| part.ends_with(['.', ' '])) => "has a part that ends in a dot or a space",
        _ => return None,
    })
}

fn manifest(files: &BTreeMap<String, Arc<[u8]>>, problems: &mut Problems) -> Option<Manifest> {
    let Some(bytes) = files.get("plugin.toml") else {
        let deeper = files.keys().find(|path| path.ends_with("/plugin.toml"));
        let next = match deeper {
            Some(path) => format!("It is in {path}: pack the files, not the folder around them."),
            None => "Add it; the guide has an example.".to_owned(),
        };
        problems.add("plugin.toml", "is missing", next);
        return None;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        problems.add("plugin.toml", "is not UTF-8", "Save it as UTF-8.");
        return None;
    };
    Manifest::parse(text).map_err(|more| problems.0.extend(more.0)).ok()
}

fn code(files: &BTreeMap<String, Arc<[u8]>>, problems: &mut Problems) -> Option<Code> {
    match (files.get("plugin.js"), files.get("plugin.wasm")) {
        (Some(_), Some(_)) => problems.add("plugin.js", "stands beside plugin.wasm", "Keep the one that shall run."),
        (None, None) => problems.add("plugin.js", "is missing, and plugin.wasm too", "Add one of them."),
        (Some(bytes), None) if bytes.len() > MAX_SCRIPT => {
            problems.add(
                "plugin.js",
                format!("is larger than {} KiB", MAX_SCRIPT >> 10),
                "Leave out what is not used.",
            );
        }
        (Some(bytes), None) => match std::str::from_utf8(bytes) {
            Ok(text) => return Some(Code::Script(Arc::from(text))),
            Err(_) => problems.add("plugin.js", "is not UTF-8", "Save it as UTF-8."),
        },
        (None, Some(bytes)) if bytes.len() > MAX_COMPONENT => {
            problems.add("plugin.wasm", format!("is larger than {} MiB", MAX_COMPONENT >> 20), "Build it for size.");
        }
        // A component's head: the magic bytes, then 13 as the version and 1 as the layer; a module has 1 and 0.
        (None, Some(bytes)) if bytes.starts_with(b"\0asm\x0d\0\x01\0") => return Some(Code::Component(bytes.clone())),
        (None, Some(bytes)) if bytes.starts_with(b"\0asm") => {
            problems.add("plugin.wasm", "is a core module", "Make a component of it (wasm-tools component new).");
        }
        (None, Some(_)) => problems.add("plugin.wasm", "is not WebAssembly", "Build the plugin again."),
    }
    None
}

fn signed(
    manifest: &Manifest,
    files: &BTreeMap<String, Arc<[u8]>>,
    signed_text: &str,
    problems: &mut Problems,
) -> Signed {
    match (files.get(signature::FILE), manifest.publisher) {
        (None, _) => Signed::No,
        (Some(_), None) => {
            let next = "Write publisher = \"ed25519:…\" with the key that signed.";
            problems.add(signature::FILE, "is there, but the manifest names no publisher", next);
            Signed::No
        }
        (Some(file), Some(key)) if signature::holds(&key, signed_text, file) => Signed::By(key),
        (Some(_), Some(_)) => {
            let next = "Files were changed after signing, or somebody else signed. Get the package from its publisher.";
            problems.add(signature::FILE, "is not the publisher's signature of these files", next);
            Signed::No
        }
    }
}

#[cfg(test)]
mod tests;
