//! From bytes to a stored, clean file that no site has yet.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_host::blobs::Incoming;

use super::Library;
use super::shelf::Claim;
use crate::media::sniff::HEAD_BYTES;
use crate::media::{self, Identified, Kind, MAX_PICTURE_BYTES};

/// How often a job asks again while the image threads are busy, and how long it waits between: two minutes in all.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(200);

/// A stored file. It stays on the disk while this (or a clone) lives, and longer only if [`super::add`] was committed
/// meanwhile; after a failure call [`Library::sweep`].
#[derive(Clone, Debug)]
pub struct Arrived {
    /// SHA-256 of the clean bytes.
    pub hash: String,
    /// What it is.
    pub kind: Kind,
    /// A safe name with the kind's one ending.
    pub file_name: String,
    /// Size of the clean bytes.
    pub bytes: u64,
    /// Pixels; 0 where it has none.
    pub width: u32,
    /// Pixels; 0 where it has none.
    pub height: u32,
    /// Main colour; empty where it has none.
    pub colour: String,
    _claim: Arc<Claim>,
}

impl Library {
    /// What an upload is: quick, to be asked before the bytes are worked on. `file_name` as the sender wrote it.
    ///
    /// # Errors
    /// `UnsupportedMedia` with the reason, `TooLarge` for pictures beyond [`MAX_PICTURE_BYTES`].
    pub fn identify(&self, incoming: &mut Incoming, file_name: &str) -> Result<Identified> {
        let head = incoming.head(HEAD_BYTES)?;
        let mut found = media::identify(file_name, &head)?;
        if found.kind.is_picture() && incoming.len() > MAX_PICTURE_BYTES {
            return Err(Error::refused(Code::TooLarge, format!("{} MB of a picture", MAX_PICTURE_BYTES >> 20)));
        }
        // `640.jpg` is the name of a copy: an original must not be mistaken for one.
        if found.file_name.split('.').next().is_some_and(|stem| stem.bytes().all(|b| b.is_ascii_digit())) {
            found.file_name.insert_str(0, "file-");
        }
        Ok(found)
    }

    /// Cleans (pictures: 30 to 500 ms of work, so on the [`Library::pool`]) and stores an upload.
    ///
    /// # Errors
    /// `MediaBroken`, `TooLarge`, `DiskFull`, `Internal`.
    pub fn keep(&self, mut incoming: Incoming, found: &Identified) -> Result<Arrived> {
        let mut shape = (0, 0, String::new());
        let (claim, hash, bytes) = if found.kind.is_picture() {
            let bytes = incoming.head(MAX_PICTURE_BYTES)?;
            drop(incoming);
            let clean = media::clean(found.kind, &bytes)?;
            shape = (clean.width, clean.height, clean.colour);
            let limit = clean.bytes.len() as u64;
            self.claim(|blobs| blobs.put(&*clean.bytes, limit).map(|s| (s.hash, s.len)))?
        } else {
            self.claim(|blobs| blobs.keep(incoming).map(|s| (s.hash, s.len)))?
        };
        Ok(Arrived {
            hash: hash.as_str().to_owned(),
            kind: found.kind,
            file_name: found.file_name.clone(),
            bytes,
            width: shape.0,
            height: shape.1,
            colour: shape.2,
            _claim: Arc::new(claim),
        })
    }

    /// Reads, identifies, cleans and stores; waits for the image threads. For jobs and the command line.
    ///
    /// # Errors
    /// As [`Library::identify`] and [`Library::keep`]; `Busy` where the image threads stay full for two minutes.
    pub fn receive(&self, mut source: impl Read, file_name: &str) -> Result<Arrived> {
        let mut incoming = self.begin()?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = source.read(&mut buffer).or_internal("reading a file")?;
            match buffer.get(..n) {
                Some(part) if n > 0 => incoming.write(part)?,
                _ => break,
            }
        }
        let found = self.identify(&mut incoming, file_name)?;
        if !found.kind.is_picture() {
            return self.keep(incoming, &found);
        }
        self.keep_on_pool(incoming, &found)
    }

    fn keep_on_pool(&self, incoming: Incoming, found: &Identified) -> Result<Arrived> {
        // A refused task is dropped with all it owns; the upload must outlive it.
        let waiting = Arc::new(Mutex::new(Some(incoming)));
        for _ in 0..TRIES {
            let (me, found, mine) = (self.clone(), found.clone(), Arc::clone(&waiting));
            let done = self.pool().run(move || {
                let taken = mine.lock().unwrap_or_else(PoisonError::into_inner).take();
                let incoming = taken.ok_or_else(|| Error::internal("keeping a picture", "taken twice"))?;
                me.keep(incoming, &found)
            });
            match done {
                Err(e) if e.as_code() == Code::Busy => std::thread::sleep(PAUSE),
                other => return other,
            }
        }
        Err(Error::code(Code::Busy))
    }
}
