//! Packs files in the background, and closes those that nobody asks for any more.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use freehold_base::{Clock, OrInternal as _, Result};
use freehold_host::packed::Packed;

use super::find::{form, packed_name, read_all};
use super::folder::Stamp;
use super::shelf::{CLOSE_MS, Held, IN_MEMORY, Known, OpenFile, Shelf};
use crate::web::coding::{Coding, Effort};

/// Files that may wait. Beyond that a file stays as it is until somebody asks again.
const QUEUE: usize = 256;
/// Larger files are sent as they are: packing one would hold its bytes in memory. Chosen so that the largest scripts
/// of usual sites are packed.
const MOST_BYTES: u64 = 8 << 20;

struct Job {
    known: Arc<Known>,
    coding: Coding,
}

/// The one thread that does it. It ends with its owner.
#[derive(Debug)]
pub struct Packer(SyncSender<Job>);

impl Packer {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Internal` where it cannot be started.
    pub fn start(shelf: Arc<Shelf>, packed: Option<Arc<Packed>>) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("packer".into())
            .spawn(move || work(&shelf, packed.as_deref(), &jobs))
            .or_internal("starting the packer")?;
        Ok(Self(queue))
    }

    /// Has a form made, the first time somebody would like it.
    pub fn press(&self, known: &Arc<Known>, coding: Coding) {
        if known.plain.len <= MOST_BYTES && self.0.try_send(Job { known: Arc::clone(known), coding }).is_err() {
            known.forget_wanted(coding);
        }
    }
}

fn work(shelf: &Shelf, packed: Option<&Packed>, jobs: &Receiver<Job>) {
    freehold_host::threads::lower_priority();
    if let Some(packed) = packed {
        packed.sweep();
    }
    loop {
        match jobs.recv_timeout(Duration::from_millis(CLOSE_MS)) {
            // Alone with it, the shelf has dropped it: nobody would get the form.
            Ok(job) if Arc::strong_count(&job.known) == 1 => {}
            Ok(Job { known, coding }) => {
                if let Err(error) = press(packed, &known, coding) {
                    tracing::warn!(%error, path = &*known.path, "a file could not be packed");
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                shelf.sweep(shelf.ms(Clock::instant()));
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn press(packed: Option<&Packed>, known: &Known, coding: Coding) -> Result<()> {
    let Some(stamp) = known.seen.first().copied().flatten() else { return Ok(()) };
    let plain = match &known.plain.held {
        Held::Bytes(bytes) => bytes.clone(),
        Held::File(file) => {
            let bytes = read_all(&file.0, known.plain.len)?;
            if Stamp::of(&file.0)? != stamp {
                return Ok(()); // it is being written: the next look finds another file
            }
            bytes
        }
    };
    if plain.len() as u64 != known.plain.len {
        return Ok(());
    }
    let small = coding.encode(&plain, Effort::Best)?;
    // A packet less is worth a little; a byte less is not.
    if small.len() + 64 >= plain.len() {
        return Ok(());
    }
    let (len, held) = keep(packed, &packed_name(&stamp, coding), small)?;
    known.keep(Arc::new(form(&known.headers, Some(coding), &stamp, len, held)));
    Ok(())
}

/// Keeps a packed form for the next start, and for as long as it is asked for: a large one on the disk alone.
fn keep(packed: Option<&Packed>, name: &str, bytes: Bytes) -> Result<(u64, Held)> {
    let len = bytes.len() as u64;
    let Some(packed) = packed else { return Ok((len, Held::Bytes(bytes))) };
    if let Err(error) = packed.put(name, &bytes) {
        tracing::debug!(%error, "a packed file is not kept");
        return Ok((len, Held::Bytes(bytes)));
    }
    match packed.file(name)? {
        Some(file) if len > IN_MEMORY => Ok((len, Held::File(OpenFile::keep(file)))),
        _ => Ok((len, Held::Bytes(bytes))),
    }
}
