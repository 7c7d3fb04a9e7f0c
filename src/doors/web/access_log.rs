//! The access log: each worker fills a buffer of its own, one thread writes them to the file.
//!
//! A request never waits for the disk: where a buffer is full, lines are dropped and counted.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use freehold_base::{Clock, OrInternal as _, Result};

use super::access_record::{AccessRecord, Lines};

/// Room of one buffer: about 4,000 lines; a worker has two.
const BUFFER_BYTES: usize = 1 << 20;
/// How often the file is written.
const PERIOD: Duration = Duration::from_millis(200);

/// Where the log goes and when it starts a new file.
#[derive(Clone, Debug)]
pub struct LogPlan {
    /// `data/logs/access.log`.
    pub file: PathBuf,
    /// A file of this size is put aside as `access.log.1`.
    pub rotate_bytes: u64,
    /// How many put-aside files are kept.
    pub keep: u32,
}

impl LogPlan {
    /// 64 MiB a file, four old ones kept.
    pub fn new(file: PathBuf) -> Self {
        Self { file, rotate_bytes: 64 << 20, keep: 4 }
    }
}

/// A worker's end of the log.
#[derive(Debug)]
pub struct LogBuffer {
    started: Instant,
    // Two, so that the writer's swap of one never costs a line.
    buffers: [Mutex<Vec<u8>>; 2],
    dropped: AtomicU64,
}

impl LogBuffer {
    fn new(started: Instant) -> Self {
        Self { started, buffers: Default::default(), dropped: AtomicU64::new(0) }
    }

    /// The log's clock at a moment, for [`AccessRecord::at_us`].
    pub fn clock_us(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }

    /// Adds a line. Never waits.
    pub fn push(&self, record: &AccessRecord<'_>) {
        for buffer in &self.buffers {
            if let Ok(mut bytes) = buffer.try_lock()
                && bytes.len() < BUFFER_BYTES
            {
                record.put(&mut bytes);
                return;
            }
        }
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

type Buffers = Arc<Mutex<Vec<Arc<LogBuffer>>>>;

/// The log. Dropping it writes what is left.
#[derive(Debug)]
pub struct AccessLog {
    started: Instant,
    buffers: Buffers,
    writer: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl AccessLog {
    /// No file: lines are thrown away.
    pub fn off() -> Self {
        Self { started: Clock::instant(), buffers: Buffers::default(), writer: Mutex::new(None) }
    }

    /// Opens the file and starts the writer.
    ///
    /// # Errors
    /// `Internal` where the file cannot be opened or the thread not started.
    pub fn start(plan: LogPlan, clock: Clock) -> Result<Self> {
        let started = Clock::instant();
        let buffers = Buffers::default();
        let out = LogFile::open(plan).or_internal("opening the access log")?;
        let mut writer = Writer { started, clock, buffers: Arc::clone(&buffers), out, lines: Lines::default() };
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("access-log".into())
            .spawn(move || writer.run(&stopped))
            .or_internal("starting the access log")?;
        Ok(Self { started, buffers, writer: Mutex::new(Some((stop, thread))) })
    }

    /// A buffer for one more worker; `None` where the log is off.
    pub fn join(&self) -> Option<Arc<LogBuffer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?;
        let buffer = Arc::new(LogBuffer::new(self.started));
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&buffer));
        Some(buffer)
    }

    /// Lines lost because a buffer was full.
    pub fn dropped(&self) -> u64 {
        let buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        buffers.iter().map(|b| b.dropped.load(Ordering::Relaxed)).sum()
    }

    /// Writes what is left and ends the thread. Later lines are lost.
    pub fn stop(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = writer {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the access log's thread died");
            }
        }
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Writer {
    started: Instant,
    clock: Clock,
    buffers: Buffers,
    out: LogFile,
    lines: Lines,
}

impl Writer {
    fn run(&mut self, stopped: &Receiver<()>) {
        let mut spare = Vec::new();
        let mut text = Vec::new();
        loop {
            let last = stopped.recv_timeout(PERIOD) != Err(RecvTimeoutError::Timeout);
            self.collect(&mut spare, &mut text);
            if !text.is_empty() {
                self.out.write(&text);
                text.clear();
                text.shrink_to(BUFFER_BYTES);
            }
            if last {
                return;
            }
        }
    }

    /// Takes every buffer by swapping in an empty one, so that a worker is kept out for nanoseconds only.
    fn collect(&mut self, spare: &mut Vec<u8>, text: &mut Vec<u8>) {
        let buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = self.clock.now();
        let now_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        for buffer in buffers.iter().flat_map(|b| &b.buffers) {
            std::mem::swap(&mut *buffer.lock().unwrap_or_else(PoisonError::into_inner), spare);
            self.lines.write(spare, now, now_us, text);
            spare.clear();
        }
    }
}

struct LogFile {
    plan: LogPlan,
    file: Option<File>,
    bytes: u64,
}

impl LogFile {
    fn open(plan: LogPlan) -> std::io::Result<Self> {
        if let Some(folder) = plan.file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let (file, bytes) = append_to(&plan.file)?;
        Ok(Self { plan, file: Some(file), bytes })
    }

    /// A full disk costs lines, never a request: the next write tries again.
    fn write(&mut self, text: &[u8]) {
        if self.bytes >= self.plan.rotate_bytes {
            self.file = None;
            self.put_aside();
        }
        if self.file.is_none() {
            match append_to(&self.plan.file) {
                Ok((file, bytes)) => (self.file, self.bytes) = (Some(file), bytes),
                Err(error) => tracing::warn!(%error, "the access log cannot be opened"),
            }
        }
        if let Some(file) = &mut self.file {
            match file.write_all(text) {
                Ok(()) => self.bytes += u64::try_from(text.len()).unwrap_or_default(),
                Err(error) => {
                    tracing::warn!(%error, "the access log cannot be written");
                    self.file = None;
                }
            }
        }
    }

    fn put_aside(&self) {
        for number in (0..self.plan.keep).rev() {
            let (from, to) = (numbered(&self.plan.file, number), numbered(&self.plan.file, number + 1));
            match std::fs::rename(&from, &to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "the access log cannot be put aside");
                }
                _ => {}
            }
        }
    }
}

fn append_to(path: &Path) -> std::io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

/// `access.log`, `access.log.1` …
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use actix_web::http::{Method, Version};

    use super::*;
    use crate::web::counters::Outcome;

    fn record(target: &str) -> AccessRecord<'_> {
        AccessRecord {
            at_us: 0,
            took_us: 1,
            client: IpAddr::from([127, 0, 0, 1]),
            site: 1,
            status: 200,
            bytes: 5,
            outcome: Outcome::Miss,
            version: Version::HTTP_11,
            method: &Method::GET,
            target,
            referrer: b"",
            agent: b"test",
        }
    }

    #[test]
    fn lines_are_in_the_file_when_the_log_stops() {
        let folder = tempfile::tempdir().expect("folder");
        let plan = LogPlan::new(folder.path().join("logs/access.log"));
        let log = AccessLog::start(plan.clone(), Clock::system()).expect("starts");
        let (one, two) = (log.join().expect("buffer"), log.join().expect("buffer"));
        one.push(&record("/one"));
        two.push(&record("/two"));
        log.stop();
        let text = std::fs::read_to_string(&plan.file).expect("file");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("\"GET /one HTTP/1.1\" 200 5 \"-\" \"test\" 1 miss 1"), "{text}");
        assert_eq!(log.dropped(), 0);
    }

    #[test]
    fn a_full_buffer_drops_lines_and_counts_them() {
        let buffer = LogBuffer::new(Clock::instant());
        let long = "/".repeat(1000);
        let mut pushed = 0;
        while buffer.dropped.load(Ordering::Relaxed) == 0 && pushed < 100_000 {
            buffer.push(&record(&long));
            pushed += 1;
        }
        assert!((1500..3000).contains(&pushed), "{pushed}");
    }

    #[test]
    fn old_files_are_put_aside_and_the_oldest_goes() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("access.log");
        let mut log = LogFile::open(LogPlan { file: file.clone(), rotate_bytes: 4, keep: 2 }).expect("opens");
        for text in ["one1\n", "two2\n", "three\n", "four\n"] {
            log.write(text.as_bytes());
        }
        let read = |number| std::fs::read_to_string(numbered(&file, number)).unwrap_or_default();
        assert_eq!([read(0), read(1), read(2), read(3)].map(|t| t.trim().to_owned()), ["four", "three", "two2", ""]);
    }
}
