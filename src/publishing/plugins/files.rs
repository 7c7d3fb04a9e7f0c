//! A plugin's files: out of an archive, a folder, or the program itself. Read within bounds, never through a link (rules
//! D6, E1, E3); what may be in them is looked at by the crate of plugins.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_host::archive::{self, Format};
use freehold_host::rooted::{FoundKind, Rooted};
use freehold_plugins::package::{MAX_FILES, MAX_PACKAGE, Package};

/// Largest archive, in bytes.
pub const MAX_ARCHIVE_BYTES: u64 = MAX_PACKAGE as u64;
const MANIFEST: &str = "plugin.toml";

/// What we ship, embedded.
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../plugins"]
struct Shipped;

/// The plugin is refused.
pub(super) fn refused(why: impl Into<String>) -> Error {
    Error::refused(Code::PluginRefused, why.into())
}

fn too_much() -> Error {
    refused(format!("it has more than {MAX_FILES} files or {} MiB", MAX_PACKAGE >> 20))
}

/// Ids of the plugins that we ship.
pub fn shipped_ids() -> Vec<String> {
    let mut ids: Vec<String> =
        Shipped::iter().filter_map(|p| p.strip_suffix("/plugin.toml").map(str::to_owned)).collect();
    ids.sort_unstable();
    ids
}

/// A plugin that we ship.
///
/// # Errors
/// `PluginRefused` where it is broken; `NotFound("plugin")` where we ship none of this id.
pub(super) fn shipped(id: &str) -> Result<Package> {
    let prefix = format!("{id}/");
    let inside = |path: &str| path.strip_prefix(&prefix).map(str::to_owned);
    let files: Vec<(String, Vec<u8>)> =
        Shipped::iter().filter_map(|path| Some((inside(&path)?, Shipped::get(&path)?.data.into_owned()))).collect();
    if files.is_empty() {
        return Err(Error::not_found("plugin"));
    }
    Ok(Package::read(files)?)
}

/// Reads an archive: a zip, or a tar.gz as Git hosts send it, with or without a folder around the files.
///
/// # Errors
/// `ArchiveRefused`, `PluginRefused` with the reason.
pub(super) fn of_archive(file: &File) -> Result<Package> {
    let mut head = [0; 4];
    let read = file.read_at(&mut head, 0).or_internal("reading an archive")?;
    let format = Format::of_bytes(head.get(..read).unwrap_or_default());
    let format = format.ok_or_else(|| archive::broken("it is neither a zip nor a tar.gz"))?;
    let mut files = BTreeMap::new();
    let (mut bytes, mut names) = (0, 0);
    let mut begin = |promise: archive::Promise| match usize::try_from(promise.entries) {
        Ok(entries) if entries <= 4 * MAX_FILES => Ok(()),
        _ => Err(too_much()),
    };
    let mut each = |head: &archive::Head, from: &mut dyn Read| {
        names += 1;
        if names > 4 * MAX_FILES {
            return Err(too_much());
        }
        if head.is_folder || !head.path.to_string().split('/').all(is_kept) {
            return Ok(());
        }
        let left = MAX_PACKAGE.saturating_sub(bytes);
        let mut kept = Vec::new();
        from.take(left as u64 + 1).read_to_end(&mut kept).map_err(archive::unreadable)?;
        bytes += kept.len();
        if bytes > MAX_PACKAGE {
            return Err(too_much());
        }
        match files.insert(head.path.to_string(), kept) {
            None => Ok(()),
            Some(_) => Err(refused(format!("it has \u{201c}{}\u{201d} twice", head.path))),
        }
    };
    archive::read(format, file, &mut begin, &mut each)?;
    Ok(Package::read(unwrapped(files))?)
}

/// Whether a name is looked at: hidden files and copies of editors are no part of a plugin.
fn is_kept(name: &str) -> bool {
    !name.starts_with('.') && !name.ends_with('~')
}

/// The files without the one folder that holds them all.
fn unwrapped(files: BTreeMap<String, Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    let first = files.keys().next().and_then(|path| path.split_once('/')).map(|(folder, _)| format!("{folder}/"));
    let around = first.filter(|folder| !files.contains_key(MANIFEST) && files.keys().all(|p| p.starts_with(folder)));
    match around {
        Some(folder) => files.into_iter().map(|(path, bytes)| (path.replacen(&folder, "", 1), bytes)).collect(),
        None => files.into_iter().collect(),
    }
}

/// Reads a folder anywhere on the machine.
///
/// # Errors
/// As [`of_folder`].
pub(super) fn of_any_folder(folder: &Path) -> Result<Package> {
    let whole = folder.canonicalize().map_err(|e| refused(format!("{}: {e}", folder.display())))?;
    match (whole.parent(), whole.file_name().and_then(|name| name.to_str())) {
        (Some(above), Some(name)) => of_folder(above, name),
        _ => Err(refused("this is no folder of a plugin")),
    }
}

/// Reads `root/name`. A link anywhere in it refuses the plugin.
///
/// # Errors
/// `PluginRefused` with the reason; `NotFound("plugin")` where there is no such folder.
pub(super) fn of_folder(root: &Path, name: &str) -> Result<Package> {
    let root = Rooted::open(root)?;
    let found = root.list(name, MAX_FILES, &is_kept).map_err(|e| match e.as_code() {
        Code::TooLarge => too_much(),
        Code::Malformed => refused("a file's name is not UTF-8"),
        _ => e,
    })?;
    let mut files = Vec::new();
    let mut bytes = 0;
    for file in found.ok_or_else(|| Error::not_found("plugin"))? {
        match file.kind {
            FoundKind::Folder => continue,
            FoundKind::Other => return Err(refused(format!("{} is a link or a device", file.name))),
            FoundKind::File => {}
        }
        let read = root.read(&format!("{name}/{}", file.name), MAX_PACKAGE as u64).map_err(|e| match e.as_code() {
            Code::TooLarge => too_much(),
            _ => e,
        })?;
        let read = read.ok_or_else(|| refused(format!("{} is a link or a device", file.name)))?;
        bytes += read.len();
        if bytes > MAX_PACKAGE {
            return Err(too_much());
        }
        files.push((file.name, read));
    }
    if files.is_empty() {
        return Err(Error::not_found("plugin"));
    }
    Ok(Package::read(files)?)
}
