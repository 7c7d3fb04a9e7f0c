//! Earlier states of text files: the last twenty of each, compressed, each bytes once (row H088). They follow a file
//! that is renamed or moved.

use freehold_base::{Code, JailPath, OrInternal as _, Result, Timestamp};
use freehold_host::account_dir::{AccountDir, Links, Part, Replace};
use freehold_store::files::{self as rows, Version};
use freehold_store::{FilesScope, Tx};
use sha2::{Digest as _, Sha256};

use super::usage::signed;
use super::{Desk, Saved, Text};

/// States of a file that are kept.
pub(super) const KEPT: usize = 20;
/// How hard they are compressed: texts of some kilobytes, while somebody waits.
const LEVEL: i32 = 3;
/// A version is not longer than a text that can be edited.
const MOST_BYTES: u64 = super::text::MOST_BYTES;

impl Desk {
    /// States that a file had, newest first.
    ///
    /// # Errors
    /// `Denied`, `NotFound`.
    pub fn versions(&self, path: &JailPath) -> Result<Vec<Version>> {
        let scope = self.looking(&[path])?;
        let text = path.to_string();
        self.store().read(&self.actor, |tx| rows::versions(tx, scope, &text))
    }

    /// The bytes of one state.
    ///
    /// # Errors
    /// `NotFound("version")`, `Denied`.
    pub fn version(&self, path: &JailPath, id: i64) -> Result<(Version, Vec<u8>)> {
        let scope = self.looking(&[path])?;
        let text = path.to_string();
        let version = self.store().read(&self.actor, |tx| rows::version(tx, scope, &text, id))?;
        let bytes = unpack(&self.home, &version.hash)?;
        Ok((version, bytes))
    }

    /// One state as a text.
    ///
    /// # Errors
    /// As [`Desk::version`].
    pub fn version_text(&self, path: &JailPath, id: i64) -> Result<Text> {
        let (version, bytes) = self.version(path, id)?;
        Text::of(&bytes, format!("version-{}", version.id), version.made_at)
    }

    /// Brings a state back as the newest one.
    ///
    /// # Errors
    /// `NotFound`, `QuotaExceeded`, `DiskFull`, `Denied`.
    pub fn restore_version(&self, path: &JailPath, id: i64) -> Result<Saved> {
        let (_, bytes) = self.version(path, id)?;
        let known = match self.home.metadata(path, Links::Refuse) {
            Ok(metadata) => Some(metadata),
            Err(e) if e.as_code() == Code::NotFound => None,
            Err(e) => return Err(e),
        };
        self.store_text("file.restore_version", path, &bytes, known)
    }
}

/// A state that lies in its place and waits for its row.
pub(super) struct Packed {
    hash: String,
    bytes: i64,
    made_by: Option<i64>,
    made_at: Option<Timestamp>,
}

impl Packed {
    /// Notes it; by its maker, at its time. Gives the hashes of states that went for it.
    pub(super) fn note(&self, tx: &mut Tx<'_>, scope: FilesScope, path: &str) -> Result<Vec<String>> {
        let new = Version {
            id: 0,
            account_id: scope.account(),
            path: path.to_owned(),
            hash: self.hash.clone(),
            bytes: self.bytes,
            made_by: self.made_by.unwrap_or_else(|| tx.actor().user().map_or(0, i64::from)),
            made_at: self.made_at.unwrap_or_else(|| tx.now()),
        };
        rows::add_version(tx, scope, &new)?;
        rows::prune_versions(tx, scope, path, KEPT)
    }
}

/// Puts a state into its place. `found_at`: when it was last written, for one that was found on the disk. Nothing
/// where the account's space is used up: a text is saved all the same.
pub(super) fn pack(home: &AccountDir, bytes: &[u8], found_at: Option<Timestamp>) -> Result<Option<Packed>> {
    let hash = hex(&Sha256::digest(bytes));
    match put(home, &hash, bytes) {
        Err(e) if e.as_code() == Code::QuotaExceeded => return Ok(None),
        other => other?,
    }
    let packed = Packed { hash, bytes: signed(bytes.len() as u64), made_by: found_at.map(|_| 0), made_at: found_at };
    Ok(Some(packed))
}

fn put(home: &AccountDir, hash: &str, bytes: &[u8]) -> Result<()> {
    let shelf = home.part(Part::Versions);
    let path = place(hash)?;
    if shelf.metadata(&path, Links::Refuse).is_ok() {
        return Ok(());
    }
    let packed = zstd::bulk::compress(bytes, LEVEL).or_internal("packing a version")?;
    shelf.make_folders(&path.parent().unwrap_or_default())?;
    let mut writer = shelf.create(&path, Replace::Yes, 0o600)?;
    writer.write(&packed)?;
    writer.finish().map(drop)
}

/// Puts a state of one account's into its place of another's. One that is lost is lost there as well.
pub(super) fn bring(from: &AccountDir, to: &AccountDir, hash: &str) -> Result<()> {
    let (here, there, path) = (from.part(Part::Versions), to.part(Part::Versions), place(hash)?);
    if there.metadata(&path, Links::Refuse).is_ok() {
        return Ok(());
    }
    there.make_folders(&path.parent().unwrap_or_default())?;
    match here.copy_to(&path, (&there, &path), Replace::Yes, &mut |_| Ok(())) {
        Err(e) if e.as_code() == Code::NotFound => Ok(()),
        copied => copied,
    }
}

fn unpack(home: &AccountDir, hash: &str) -> Result<Vec<u8>> {
    use std::io::Read as _;
    let opened = home.part(Part::Versions).open_read(&place(hash)?, Links::Refuse)?;
    let mut bytes = Vec::new();
    let reader = zstd::stream::read::Decoder::new(opened.file).or_internal("reading a version")?;
    reader.take(MOST_BYTES).read_to_end(&mut bytes).or_internal("reading a version")?;
    Ok(bytes)
}

/// Takes away states that no row names any more. Nobody is between a state in its place and its row meanwhile: the same
/// bytes may come back in this moment.
pub(super) fn forget(desk: &Desk, hashes: Vec<String>) -> Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    let _resting = desk.home.resting();
    let all = hashes.clone();
    let kept = desk.after(move |tx, scope| rows::hashes_in_use(tx, scope, &all))?;
    for hash in hashes.iter().filter(|hash| !kept.contains(hash)) {
        match desk.home.part(Part::Versions).remove_file(&place(hash)?) {
            Err(e) if e.as_code() != Code::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// `ab/cdef…`: folders of some hundred names.
pub(super) fn place(hash: &str) -> Result<JailPath> {
    let (folder, name) = hash.split_at_checked(2).unwrap_or(("00", hash));
    JailPath::root().join(folder)?.join(name)
}

/// The hash of a state's place.
pub(super) fn hash_of(place: &JailPath) -> String {
    place.to_string().replace('/', "")
}

fn hex(bytes: &[u8]) -> String {
    freehold_base::secret::hex(bytes)
}
