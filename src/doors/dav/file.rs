//! An opened file of WebDAV. Reads and writes go to threads that may wait for the disk; while one piece is written the
//! next one is read from the network.

use std::io::SeekFrom;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use dav_server::fs::{DavFile, DavMetaData, FsError, FsFuture};
use freehold_base::{Error, Result, Timestamp};
use freehold_host::account_dir::{Metadata, OpenedFile, WriteFile, Writer};
use freehold_hosting::access::Lease;
use tokio::task::JoinHandle;

use super::fs::{Meta, refused, waiting};

/// Bytes that are gathered before they are written.
const PIECE: usize = 1 << 20;

/// What is behind a file.
enum Inside {
    /// Reads at offsets.
    Reads(Arc<OpenedFile>),
    /// A whole new file, in its place when it ends.
    Whole(Option<Writer>),
    /// Writes in place.
    Parts(Arc<WriteFile>),
    /// Whole, and in its place.
    Done(Metadata),
}

/// One file of one request.
pub(super) struct OpenFile {
    inside: Arc<Mutex<Inside>>,
    lease: Lease,
    at: u64,
    /// How long it shall be in the end.
    size: Option<u64>,
    gathered: Vec<Bytes>,
    weight: usize,
    /// The piece that is being written.
    writing: Option<JoinHandle<std::result::Result<(), FsError>>>,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenFile")
    }
}

impl OpenFile {
    fn new(inside: Inside, lease: Lease, at: u64, size: Option<u64>) -> Box<Self> {
        let inside = Arc::new(Mutex::new(inside));
        Box::new(Self { inside, lease, at, size, gathered: Vec::new(), weight: 0, writing: None })
    }
    pub(super) fn reading(file: OpenedFile, lease: Lease) -> Box<Self> {
        Self::new(Inside::Reads(Arc::new(file)), lease, 0, None)
    }
    pub(super) fn whole(mut file: Writer, lease: Lease, size: Option<u64>, modified: Option<Timestamp>) -> Box<Self> {
        if let Some(modified) = modified {
            file.set_modified(modified);
        }
        Self::new(Inside::Whole(Some(file)), lease, 0, size)
    }
    pub(super) fn parts(file: WriteFile, lease: Lease, at: u64) -> Box<Self> {
        Self::new(Inside::Parts(Arc::new(file)), lease, at, None)
    }

    async fn gather(&mut self, bytes: Bytes) -> std::result::Result<(), FsError> {
        self.weight += bytes.len();
        self.gathered.push(bytes);
        if self.weight >= PIECE { self.send().await } else { Ok(()) }
    }

    /// Begins to write what is gathered, after the piece before it.
    async fn send(&mut self) -> std::result::Result<(), FsError> {
        self.settle().await?;
        if self.gathered.is_empty() {
            return Ok(());
        }
        let (pieces, weight) = (std::mem::take(&mut self.gathered), std::mem::take(&mut self.weight));
        let (inside, lease, at) = (Arc::clone(&self.inside), self.lease.clone(), self.at);
        self.at += weight as u64;
        self.lease.count(weight);
        let work = move || {
            lease.check_write()?;
            write(&mut inside.lock().unwrap_or_else(PoisonError::into_inner), &pieces, at)
        };
        self.writing = Some(tokio::task::spawn_blocking(move || work().map_err(|e| refused(&e))));
        Ok(())
    }

    async fn settle(&mut self) -> std::result::Result<(), FsError> {
        match self.writing.take() {
            Some(writing) => writing.await.unwrap_or(Err(FsError::GeneralFailure)),
            None => Ok(()),
        }
    }
}

fn write(inside: &mut Inside, pieces: &[Bytes], mut at: u64) -> Result<()> {
    for piece in pieces {
        match inside {
            Inside::Whole(Some(file)) => file.write(piece)?,
            Inside::Parts(file) => file.write_at(at, piece)?,
            Inside::Whole(None) | Inside::Reads(_) | Inside::Done(_) => return Err(Error::denied()),
        }
        at += piece.len() as u64;
    }
    Ok(())
}

/// Puts a whole file in its place. One that is shorter than announced is a torn upload: nothing of it stays.
fn finish(inside: &mut Inside, size: Option<u64>) -> Result<()> {
    let Inside::Whole(file) = inside else { return Ok(()) };
    let Some(file) = file.take() else { return Err(Error::denied()) };
    if size.is_some_and(|size| size != file.written()) {
        return Err(Error::refused(freehold_base::Code::BadRequest, "the upload ended early"));
    }
    let metadata = file.finish()?;
    *inside = Inside::Done(metadata);
    Ok(())
}

impl DavFile for OpenFile {
    fn metadata(&'_ mut self) -> FsFuture<'_, Box<dyn DavMetaData>> {
        let inside = Arc::clone(&self.inside);
        waiting(move || {
            let metadata = match &*inside.lock().unwrap_or_else(PoisonError::into_inner) {
                Inside::Reads(file) => file.metadata,
                Inside::Parts(file) => file.metadata()?,
                Inside::Done(metadata) => *metadata,
                Inside::Whole(_) => return Err(Error::not_found("file")),
            };
            Ok(Box::new(Meta(metadata)) as Box<dyn DavMetaData>)
        })
    }

    fn write_buf(&'_ mut self, mut buf: Box<dyn Buf + Send>) -> FsFuture<'_, ()> {
        let bytes = buf.copy_to_bytes(buf.remaining());
        Box::pin(self.gather(bytes))
    }

    fn write_bytes(&'_ mut self, buf: Bytes) -> FsFuture<'_, ()> {
        Box::pin(self.gather(buf))
    }

    fn read_bytes(&'_ mut self, count: usize) -> FsFuture<'_, Bytes> {
        let (inside, lease, at) = (Arc::clone(&self.inside), self.lease.clone(), self.at);
        let read = waiting(move || {
            lease.check()?;
            let file = match &*inside.lock().unwrap_or_else(PoisonError::into_inner) {
                Inside::Reads(file) => Arc::clone(file),
                _ => return Err(Error::denied()),
            };
            let mut buffer = vec![0; count];
            let n = file.file.read_at(&mut buffer, at).map_err(|e| Error::internal("reading a file", e))?;
            buffer.truncate(n);
            Ok(Bytes::from(buffer))
        });
        Box::pin(async move {
            let bytes = read.await?;
            // A file that was cut off meanwhile must not seem whole: the connection ends.
            if bytes.is_empty() && count > 0 {
                return Err(FsError::GeneralFailure);
            }
            self.at += bytes.len() as u64;
            self.lease.count(bytes.len());
            Ok(bytes)
        })
    }

    fn seek(&'_ mut self, pos: SeekFrom) -> FsFuture<'_, u64> {
        Box::pin(async move {
            self.at = match pos {
                SeekFrom::Start(at) => at,
                SeekFrom::Current(by) => self.at.saturating_add_signed(by),
                SeekFrom::End(_) => return Err(FsError::NotImplemented),
            };
            Ok(self.at)
        })
    }

    fn flush(&'_ mut self) -> FsFuture<'_, ()> {
        Box::pin(async move {
            self.send().await?;
            self.settle().await?;
            let (inside, size) = (Arc::clone(&self.inside), self.size);
            waiting(move || finish(&mut inside.lock().unwrap_or_else(PoisonError::into_inner), size)).await
        })
    }
}
