//! Files that wait for work: sent in by people, or put into the folder by whoever runs the machine.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use freehold_base::secret::random_token;
use freehold_base::{Code, Error, OrInternal as _, Result, Timestamp};
use tempfile::NamedTempFile;

use crate::files::{Reserve, io, make_folders, sync_folder};
use crate::rooted::Rooted;

/// Where sent files lie, below the folder.
const SENT: &str = "sent";
/// Bytes between two looks at the free space.
const LOOK: u64 = 16 << 20;
/// Most files that a list shows.
const SHOWN: usize = 200;

/// The folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Arrivals {
    folder: PathBuf,
    reserve: Reserve,
}

/// A file on its way in; gone when dropped before [`Arriving::keep`].
#[derive(Debug)]
pub struct Arriving {
    file: NamedTempFile,
    sent: PathBuf,
    len: u64,
    looked_at: u64,
    max_bytes: u64,
    reserve: Reserve,
}

impl Arrivals {
    /// Files of this folder; it is made when the first one comes.
    pub fn new(folder: &Path, reserve: Reserve) -> Self {
        Self { folder: folder.to_owned(), reserve }
    }

    /// The folder, for people who put files there.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins a file of at most `max_bytes`.
    ///
    /// # Errors
    /// `DiskFull` below the reserve, `Internal`.
    pub fn begin(&self, max_bytes: u64) -> Result<Arriving> {
        let sent = self.folder.join(SENT);
        make_folders(&sent)?;
        self.reserve.check_room(&sent, 0)?;
        let file = NamedTempFile::new_in(&sent).map_err(|e| io("beginning an upload", e))?;
        Ok(Arriving { file, sent, len: 0, looked_at: 0, max_bytes, reserve: self.reserve })
    }

    /// A sent file, for reading.
    ///
    /// # Errors
    /// `NotFound("file")`: it was taken away when its work was done, or lay too long.
    pub fn open_sent(&self, name: &str) -> Result<File> {
        self.open_in(&self.folder.join(SENT), name)
    }

    /// A file that somebody put into the folder itself, for reading.
    ///
    /// # Errors
    /// `NotFound("file")`.
    pub fn open_put(&self, name: &str) -> Result<File> {
        self.open_in(&self.folder, name)
    }

    fn open_in(&self, folder: &Path, name: &str) -> Result<File> {
        let gone = || Error::not_found("file");
        let root = Rooted::open(folder).map_err(|_| gone())?;
        root.file(name)?.ok_or_else(gone)
    }

    /// Names and sizes of what lies in the folder itself, by name; at most 200.
    ///
    /// # Errors
    /// `Internal`.
    pub fn put(&self) -> Result<Vec<(String, u64)>> {
        let mut found = Vec::new();
        let Ok(all) = std::fs::read_dir(&self.folder) else { return Ok(found) };
        for one in all {
            let one = one.or_internal("reading the import folder")?;
            let about = one.metadata().or_internal("reading the import folder")?;
            if let (true, Ok(name)) = (about.is_file(), one.file_name().into_string()) {
                found.push((name, about.len()));
            }
        }
        found.sort();
        found.truncate(SHOWN);
        Ok(found)
    }

    /// Takes a sent file away; fine where it is gone.
    ///
    /// # Errors
    /// `Internal`.
    pub fn remove_sent(&self, name: &str) -> Result<()> {
        if name.contains('/') {
            return Err(Error::not_found("file"));
        }
        match std::fs::remove_file(self.folder.join(SENT).join(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io("removing an upload", e)),
            _ => Ok(()),
        }
    }

    /// Takes away sent files that lie since `age` before `now`; how many.
    ///
    /// # Errors
    /// `Internal`.
    pub fn sweep(&self, now: Timestamp, age: Duration) -> Result<usize> {
        let Ok(all) = std::fs::read_dir(self.folder.join(SENT)) else { return Ok(0) };
        let mut gone = 0;
        for one in all {
            let one = one.or_internal("reading the import folder")?;
            let written = one.metadata().and_then(|m| m.modified()).or_internal("reading the import folder")?;
            let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            if Timestamp(0).plus(since) < now.minus(age) {
                std::fs::remove_file(one.path()).or_internal("removing an upload")?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

impl Arriving {
    /// Adds bytes.
    ///
    /// # Errors
    /// `TooLarge`, `DiskFull`, `Internal`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.len += bytes.len() as u64;
        if self.len > self.max_bytes {
            return Err(Error::refused(Code::TooLarge, format!("{} MB", self.max_bytes >> 20)));
        }
        if self.len - self.looked_at >= LOOK {
            self.reserve.check_room(&self.sent, bytes.len() as u64)?;
            self.looked_at = self.len;
        }
        self.file.write_all(bytes).map_err(|e| io("writing an upload", e))
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// Keeps it under a name that nobody guesses; it is there after a power cut.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn keep(self) -> Result<String> {
        let name: String = random_token()?.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        self.file.as_file().sync_all().map_err(|e| io("writing an upload to disk", e))?;
        self.file.persist(self.sent.join(&name)).map_err(|e| io("putting an upload in place", e.error))?;
        sync_folder(&self.sent)?;
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn arrivals(folder: &Path) -> Arrivals {
        Arrivals::new(&folder.join("import"), Reserve { percent: 0 })
    }

    #[test]
    fn a_file_comes_in_is_read_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let all = arrivals(folder.path());
        assert_eq!(all.put().unwrap(), [], "no folder yet");
        let mut one = all.begin(10).unwrap();
        one.write(b"seven").unwrap();
        assert_eq!(one.bytes(), 5);
        let name = one.keep().unwrap();
        let mut text = String::new();
        all.open_sent(&name).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "seven");
        assert_eq!(all.put().unwrap(), [], "what was sent is not among what was put there");
        all.remove_sent(&name).unwrap();
        all.remove_sent(&name).unwrap();
        assert_eq!(all.open_sent(&name).unwrap_err().as_code(), Code::NotFound);
    }

    #[test]
    fn a_file_that_is_too_large_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let all = arrivals(folder.path());
        let mut one = all.begin(4).unwrap();
        assert_eq!(one.write(b"seven").unwrap_err().as_code(), Code::TooLarge);
        drop(one);
        assert_eq!(std::fs::read_dir(all.folder().join(SENT)).unwrap().count(), 0);
    }

    #[test]
    fn names_lead_nowhere_else_and_old_files_go() {
        let folder = tempfile::tempdir().unwrap();
        let all = arrivals(folder.path());
        let name = all.begin(4).unwrap().keep().unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::fs::write(all.folder().join("site.xml"), "12").unwrap();
        assert_eq!(all.put().unwrap(), [("site.xml".to_owned(), 2)]);
        for bad in ["../secret", "/etc/passwd", "sent/../../secret"] {
            assert!(all.open_put(bad).is_err(), "{bad}");
            assert!(all.open_sent(bad).is_err(), "{bad}");
        }
        assert!(all.remove_sent("../site.xml").is_err());
        let now = freehold_base::Clock::system().now();
        assert_eq!(all.sweep(now, Duration::from_secs(60)).unwrap(), 0);
        assert_eq!(all.sweep(now.plus(Duration::from_secs(120)), Duration::from_secs(60)).unwrap(), 1);
        assert!(all.open_sent(&name).is_err());
    }
}
