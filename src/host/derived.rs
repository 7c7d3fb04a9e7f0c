//! Files made from blobs (smaller pictures): `ab/<hash>/<name>`. The folder is a cache: what is missing is made
//! again, and the whole of it may be deleted at any time.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use freehold_base::{Error, Result};

use crate::blobs::BlobHash;
use crate::files::{io, make_folders, write_atomic};
use crate::rooted::Rooted;

/// The cache of made files.
#[derive(Debug)]
pub struct Derived {
    folder: PathBuf,
}

impl Derived {
    /// Opens the cache, made where it is missing.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn open(folder: &Path) -> Result<Self> {
        make_folders(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    fn place(of: &BlobHash) -> String {
        format!("{}/{}", of.as_str().get(..2).unwrap_or_default(), of.as_str())
    }

    /// A made file for reading; `None` where it is not there (yet). `name`: letters, digits, hyphens and one dot.
    ///
    /// # Errors
    /// `Internal`.
    pub fn file(&self, of: &BlobHash, name: &str) -> Result<Option<File>> {
        if !is_name(name) || !self.folder.is_dir() {
            return Ok(None);
        }
        // Opened anew each time: the folder may have been deleted and made again.
        Rooted::open(&self.folder)?.file(&format!("{}/{name}", Self::place(of)))
    }

    /// Keeps a made file; after a crash it is there whole or not at all.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn put(&self, of: &BlobHash, name: &str, bytes: &[u8]) -> Result<()> {
        if !is_name(name) {
            return Err(Error::internal("naming a made file", name.to_owned()));
        }
        let folder = self.folder.join(Self::place(of));
        make_folders(&folder)?;
        write_atomic(&folder.join(name), bytes, 0o600)
    }

    /// Forgets all that was made from a blob.
    ///
    /// # Errors
    /// `Internal`.
    pub fn forget(&self, of: &BlobHash) -> Result<()> {
        match std::fs::remove_dir_all(self.folder.join(Self::place(of))) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(io("deleting made files", e)),
            _ => Ok(()),
        }
    }
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    !name.is_empty() && name.len() <= 64 && name.bytes().all(plain) && name.matches('.').count() == 1
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_made_is_found_and_forgotten_and_the_folder_may_vanish() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("cache/images");
        let made = Derived::open(&folder).unwrap();
        let hash = BlobHash::parse(&"a".repeat(64)).unwrap();
        assert!(made.file(&hash, "320.webp").unwrap().is_none());
        made.put(&hash, "320.webp", b"small").unwrap();
        let mut text = String::new();
        made.file(&hash, "320.webp").unwrap().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "small");
        made.forget(&hash).unwrap();
        assert!(made.file(&hash, "320.webp").unwrap().is_none());
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(made.file(&hash, "320.webp").unwrap().is_none());
        made.put(&hash, "320.webp", b"again").unwrap();
        assert!(made.file(&hash, "320.webp").unwrap().is_some());
        for wrong in ["", "..", "../x.y", "a/b.c", "a.b.c", "x"] {
            assert!(made.put(&hash, wrong, b"x").is_err() && made.file(&hash, wrong).unwrap().is_none(), "{wrong}");
        }
    }
}
