//! The media store: files named by their content, `ab/cd/<sha256>`, each written once and never changed.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use freehold_base::secret::hex;
use freehold_base::{Code, Error, OrInternal as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::files::{Reserve, folder_of, io, make_folders, sync_folder};
use crate::rooted::Rooted;

/// Where uploads grow until they are named.
const INCOMING: &str = "incoming";

/// SHA-256 of a file's bytes: its name in the store and in addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobHash(String);

impl BlobHash {
    /// Reads 64 lower-case hex digits; nothing else names a blob.
    pub fn parse(text: &str) -> Option<Self> {
        let ok = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        ok.then(|| Self(text.to_owned()))
    }
    /// 64 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// `ab/cd/<hash>`: two levels keep folders small at a million files.
    fn place(&self) -> String {
        let at = |range| self.0.get(range).unwrap_or_default();
        format!("{}/{}/{}", at(0..2), at(2..4), self.0)
    }
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub hash: BlobHash,
    /// Its length in bytes.
    pub len: u64,
}

/// The store on this machine's disk.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
    root: Rooted,
    reserve: Reserve,
}

impl Blobs {
    /// Opens the store, made where it is missing; uploads cut off by a crash are removed.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn open(folder: &Path, reserve: Reserve) -> Result<Self> {
        let incoming = folder.join(INCOMING);
        make_folders(&incoming)?;
        for left in std::fs::read_dir(&incoming).or_internal("reading the media folder")? {
            let left = left.or_internal("reading the media folder")?.path();
            std::fs::remove_file(left).or_internal("removing a broken upload")?;
        }
        Ok(Self { folder: folder.to_owned(), root: Rooted::open(folder)?, reserve })
    }

    /// Begins an upload of at most `max_bytes`.
    ///
    /// # Errors
    /// `DiskFull` below the reserve, `Internal`.
    pub fn begin(&self, max_bytes: u64) -> Result<Incoming> {
        self.reserve.check_room(&self.folder, 0)?;
        let file = NamedTempFile::new_in(self.folder.join(INCOMING)).map_err(|e| io("beginning an upload", e))?;
        Ok(Incoming { file, hasher: Sha256::new(), len: 0, max_bytes, checked_at: 0, reserve: self.reserve })
    }

    /// Stores all of `source`, at most `max_bytes`.
    ///
    /// # Errors
    /// `TooLarge`, `DiskFull`, `Internal`.
    pub fn put(&self, mut source: impl Read, max_bytes: u64) -> Result<Stored> {
        let mut incoming = self.begin(max_bytes)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = source.read(&mut buffer).or_internal("reading an upload")?;
            match buffer.get(..n) {
                Some(part) if n > 0 => incoming.write(part)?,
                _ => return self.keep(incoming),
            }
        }
    }

    /// Names a finished upload and makes it durable. The same bytes twice are one file.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn keep(&self, incoming: Incoming) -> Result<Stored> {
        let hash = BlobHash(hex(&incoming.hasher.finalize()));
        let stored = Stored { hash, len: incoming.len };
        if self.len(&stored.hash)? == Some(stored.len) {
            return Ok(stored);
        }
        let path = self.folder.join(stored.hash.place());
        make_folders(folder_of(&path))?;
        incoming.file.as_file().sync_all().map_err(|e| io("writing an upload to disk", e))?;
        incoming.file.persist(&path).map_err(|e| io("putting an upload in place", e.error))?;
        sync_folder(folder_of(&path))?;
        Ok(stored)
    }

    /// The file for reading; `None` where there is none.
    ///
    /// # Errors
    /// `Internal`.
    pub fn open_blob(&self, hash: &BlobHash) -> Result<Option<File>> {
        self.root.file(&hash.place())
    }

    /// All bytes of a file of at most `max_bytes`; `None` where there is none.
    ///
    /// # Errors
    /// `TooLarge`, `Internal`.
    pub fn read(&self, hash: &BlobHash, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        self.root.read(&hash.place(), max_bytes)
    }

    /// Removes a file; says whether it was there. Call it after the commit that forgot its last use.
    ///
    /// # Errors
    /// `Internal`.
    pub fn delete(&self, hash: &BlobHash) -> Result<bool> {
        match std::fs::remove_file(self.folder.join(hash.place())) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(io("deleting a file", e)),
        }
    }

    fn len(&self, hash: &BlobHash) -> Result<Option<u64>> {
        let Some(file) = self.open_blob(hash)? else { return Ok(None) };
        Ok(Some(file.metadata().or_internal("looking at a file")?.len()))
    }
}

/// An upload that is still arriving; gone when dropped.
#[derive(Debug)]
pub struct Incoming {
    file: NamedTempFile,
    hasher: Sha256,
    len: u64,
    max_bytes: u64,
    checked_at: u64,
    reserve: Reserve,
}

impl Incoming {
    /// Adds bytes.
    ///
    /// # Errors
    /// `TooLarge` past the limit, `DiskFull`, `Internal`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let len = self.len.saturating_add(bytes.len() as u64);
        if len > self.max_bytes {
            return Err(Error::refused(Code::TooLarge, format!("{} MB", self.max_bytes >> 20)));
        }
        // Asked again every 8 MiB: one upload must not eat the reserve.
        if len >= self.checked_at.saturating_add(8 << 20) {
            self.reserve.check_room(folder_of(self.file.path()), bytes.len() as u64)?;
            self.checked_at = len;
        }
        self.file.write_all(bytes).map_err(|e| io("writing an upload", e))?;
        self.hasher.update(bytes);
        self.len = len;
        Ok(())
    }
    /// Bytes so far.
    pub fn len(&self) -> u64 {
        self.len
    }
    /// Has nothing arrived yet?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// The first `max` bytes, for telling its type.
    ///
    /// # Errors
    /// `Internal`.
    pub fn head(&mut self, max: u64) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let file = self.file.as_file_mut();
        file.seek(SeekFrom::Start(0)).or_internal("reading an upload")?;
        (&mut *file).take(max).read_to_end(&mut head).or_internal("reading an upload")?;
        file.seek(SeekFrom::End(0)).or_internal("reading an upload")?;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests run on full disks too.
    const RESERVE: Reserve = Reserve { percent: 0 };

    #[test]
    fn the_same_bytes_are_one_file_named_by_their_hash() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&dir.path().join("media"), RESERVE).unwrap();
        let stored = blobs.put(&b"hello"[..], 10).unwrap();
        let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!((stored.hash.as_str(), stored.len), (hash, 5));
        assert!(dir.path().join("media/2c/f2").join(hash).is_file());
        assert_eq!(blobs.put(&b"hello"[..], 10).unwrap(), stored);
        assert_eq!(blobs.read(&stored.hash, 10).unwrap().as_deref(), Some(&b"hello"[..]));
        assert!(blobs.delete(&stored.hash).unwrap() && !blobs.delete(&stored.hash).unwrap());
        assert!(blobs.open_blob(&stored.hash).unwrap().is_none());
    }

    #[test]
    fn a_refused_or_abandoned_upload_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path(), RESERVE).unwrap();
        let left = || std::fs::read_dir(dir.path().join(INCOMING)).unwrap().count();
        assert_eq!(blobs.put(&[0; 11][..], 10).unwrap_err().as_code(), Code::TooLarge);
        let mut upload = blobs.begin(10).unwrap();
        upload.write(b"hello").unwrap();
        assert_eq!((upload.head(4).unwrap(), upload.len(), left()), (b"hell".to_vec(), 5, 1));
        upload.write(b"!").unwrap();
        drop(upload);
        assert_eq!(left(), 0);
        std::fs::write(dir.path().join(INCOMING).join("cut-off"), "x").unwrap();
        Blobs::open(dir.path(), RESERVE).unwrap();
        assert_eq!(left(), 0);
    }

    #[test]
    fn only_a_hash_names_a_blob() {
        for wrong in ["", "../../etc/passwd", &"A".repeat(64), &"a".repeat(63), &"g".repeat(64), &"/".repeat(64)] {
            assert!(BlobHash::parse(wrong).is_none(), "{wrong}");
        }
        assert!(BlobHash::parse(&"a".repeat(64)).is_some());
    }

    #[test]
    fn a_torn_file_is_mended_by_the_next_upload() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path(), RESERVE).unwrap();
        let stored = blobs.put(&b"hello"[..], 10).unwrap();
        std::fs::write(dir.path().join(stored.hash.place()), "he").unwrap();
        blobs.put(&b"hello"[..], 10).unwrap();
        assert_eq!(blobs.read(&stored.hash, 10).unwrap().as_deref(), Some(&b"hello"[..]));
    }
}
