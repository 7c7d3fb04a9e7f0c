//! Reading 7z. All names stand at its end, so all are looked at before a byte comes out.

use std::io::Read;

use freehold_base::{Error, Result, Timestamp};
use sevenz_rust2::{ArchiveEntry, BlockDecoder, Password};

use super::{At, Head, Promise, Scale, Weighed, broken, broken_at, check_entries, mode_of, path_of, unreadable};

/// For the list of names, in kB: the library makes room for as many entries as it has bytes, 136 bytes each.
const HEAD_KB: usize = 2 << 10;
/// For what a packing remembers, in kB. The program's own strongest setting takes 64 MB.
const MEMORY_KB: usize = 128 << 10;
/// The low half of the attributes is Windows'; with this bit the high half is a mode.
const HAS_MODE: u32 = 0x8000;
/// Windows' bit of a link.
const IS_LINK: u32 = 0x400;

/// Reads one, as [`super::read`] says. It is unpacked on this thread alone.
pub(super) fn read(
    mut file: At<'_>,
    scale: &Scale,
    begin: &mut dyn FnMut(Promise) -> Result<()>,
    each: &mut dyn FnMut(&Head, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let none = Password::empty();
    let archive = sevenz_rust2::Archive::read_with_memory_limit(&mut file, &none, HEAD_KB).map_err(refusal)?;
    check_entries(archive.files.len())?;
    let mut promise = Promise { entries: archive.files.len() as u64, bytes: 0 };
    for (index, entry) in archive.files.iter().enumerate() {
        check(entry)?;
        if archive.is_file_encrypted(index) {
            return Err(broken_at("it is locked by a password", &entry.name));
        }
        promise.bytes = promise.bytes.saturating_add(entry.size);
    }
    begin(promise)?;
    // Ours, while it goes through the library, which knows its own only.
    let mut refused = None;
    let mut one = |entry: &ArchiveEntry, bytes: &mut dyn Read| {
        refused = refused.take().or(take(entry, bytes, scale, each).err());
        Ok(refused.is_none())
    };
    let mut goes_on = Ok(true);
    for block in 0..archive.blocks.len() {
        let decoder = BlockDecoder::new_with_memory_limit(1, MEMORY_KB, block, &archive, &none, &mut file);
        goes_on = decoder.for_each_entries(&mut one);
        if !matches!(goes_on, Ok(true)) {
            break;
        }
    }
    // Folders and empty files stand in no block.
    let outside = archive.files.iter().zip(&archive.stream_map.file_block_index).filter(|(_, block)| block.is_none());
    for (entry, _) in outside {
        if !matches!(goes_on, Ok(true)) {
            break;
        }
        goes_on = one(entry, &mut std::io::empty());
    }
    match refused {
        Some(e) => Err(e),
        None => goes_on.map(drop).map_err(refusal),
    }
}

fn check(entry: &ArchiveEntry) -> Result<()> {
    path_of(&entry.name)?;
    let kind = mode(entry).unwrap_or(0) & 0o170_000;
    let is_link = entry.has_windows_attributes && entry.windows_attributes & IS_LINK != 0;
    if is_link || !matches!(kind, 0 | 0o100_000 | 0o040_000) {
        return Err(broken_at("it is a link or a device", &entry.name));
    }
    if entry.is_anti_item {
        return Err(broken_at("it says what to delete", &entry.name));
    }
    Ok(())
}

fn mode(entry: &ArchiveEntry) -> Option<u32> {
    (entry.has_windows_attributes && entry.windows_attributes & HAS_MODE != 0).then_some(entry.windows_attributes >> 16)
}

fn take(
    entry: &ArchiveEntry,
    bytes: &mut dyn Read,
    scale: &Scale,
    each: &mut dyn FnMut(&Head, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let Some(path) = path_of(&entry.name)? else { return Ok(()) };
    let is_folder = entry.is_directory;
    let modified = entry.has_last_modified_date.then(|| moment(entry.last_modified_date.into())).flatten();
    let head = Head { path, is_folder, mode: mode_of(mode(entry).unwrap_or(0), is_folder), modified };
    each(&head, &mut Weighed { inner: bytes, scale: scale.clone() })
}

/// Tenths of microseconds since 1601 in UTC, as Windows counts.
fn moment(ticks: u64) -> Option<Timestamp> {
    const TO_1970_MS: i64 = 11_644_473_600_000;
    i64::try_from(ticks / 10_000).ok().map(|ms| Timestamp(ms - TO_1970_MS))
}

fn refusal(e: sevenz_rust2::Error) -> Error {
    use sevenz_rust2::Error as E;
    match e {
        E::Io(e, _) | E::FileOpen(e, _) | E::MaybeBadPassword(e) => unreadable(e),
        E::PasswordRequired => broken("it is locked by a password"),
        E::MaxMemLimited { .. } => broken("it takes more memory to unpack than there is for one archive"),
        E::UnsupportedCompressionMethod(_) | E::Unsupported(_) | E::ExternalUnsupported => {
            broken("it is packed in a way that is not known here")
        }
        e => broken(&format!("it is no whole 7z file ({e})")),
    }
}
