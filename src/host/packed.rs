//! Packed forms of files that visitors ask for. The folder is a cache: what is missing is made again, and the whole of
//! it may be deleted at any time.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use freehold_base::{Error, OrInternal as _, Result};

use crate::files::{make_folders, write_atomic};

/// The cache of packed forms.
#[derive(Debug)]
pub struct Packed {
    folder: PathBuf,
    max_bytes: u64,
    /// Bytes that came since it was swept.
    grown: AtomicU64,
}

impl Packed {
    /// In this folder (made where it is missing), with about so many bytes at most.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn open(folder: &Path, max_bytes: u64) -> Result<Self> {
        make_folders(folder)?;
        Ok(Self { folder: folder.to_owned(), max_bytes, grown: AtomicU64::new(0) })
    }

    /// A form for reading; `None` where it is not there. `name`: letters, digits, hyphens and one dot.
    ///
    /// # Errors
    /// `Internal`.
    pub fn file(&self, name: &str) -> Result<Option<File>> {
        if !is_name(name) {
            return Ok(None);
        }
        match File::open(self.folder.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::internal("opening a packed file", e)),
        }
    }

    /// Keeps a form; after a crash it is there whole or not at all.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if !is_name(name) {
            return Err(Error::internal("naming a packed file", name.to_owned()));
        }
        make_folders(&self.folder)?;
        write_atomic(&self.folder.join(name), bytes, 0o600)?;
        let grown = self.grown.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if grown > self.max_bytes / 8 {
            self.sweep();
        }
        Ok(())
    }

    /// Deletes the oldest forms where all together are too large.
    pub fn sweep(&self) {
        self.grown.store(0, Ordering::Relaxed);
        if let Err(error) = self.try_sweep() {
            tracing::debug!(%error, "packed files are not swept");
        }
    }

    fn try_sweep(&self) -> Result<()> {
        let mut all: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(&self.folder).or_internal("reading a folder")?.flatten() {
            if let Ok(about) = entry.metadata() {
                all.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len(), entry.path()));
            }
        }
        all.sort_unstable();
        let mut sum: u64 = all.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in all {
            if sum <= self.max_bytes {
                break;
            }
            // Somebody who is reading it keeps it.
            if std::fs::remove_file(path).is_ok() {
                sum = sum.saturating_sub(bytes);
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    !name.is_empty() && name.len() <= 120 && name.bytes().all(plain) && name.matches('.').count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_found_again_and_the_oldest_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let packed = Packed::open(&dir.path().join("a/b"), 3000).unwrap();
        assert!(packed.file("x.gz").unwrap().is_none());
        for (n, name) in ["1.gz", "2.gz", "3.gz"].into_iter().enumerate() {
            write_atomic(&packed.folder.join(name), &[0; 1200], 0o600).unwrap();
            let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000 + n as u64);
            File::options().write(true).open(packed.folder.join(name)).unwrap().set_modified(at).unwrap();
        }
        packed.sweep();
        let there = |name: &str| packed.file(name).unwrap().is_some();
        assert!(!there("1.gz") && there("2.gz") && there("3.gz"));
        for wrong in ["", "..", "../x.gz", "a/b.gz", "a.b.gz", "x"] {
            assert!(packed.put(wrong, b"x").is_err() && !there(wrong), "{wrong}");
        }
    }
}
