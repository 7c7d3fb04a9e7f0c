//! Keeps SQLite's write-ahead log short (security rule F4). SQLite copies it into the database by itself after some
//! 4 MB; where readers stand in the way of starting it over, the writer asks again until it is short.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use freehold_base::Clock;

use crate::Conn;

/// Longer than this, the writer tries to start the log over.
const LONG: u64 = crate::conn::LOG_BYTES;
/// Longer than this, somebody should look: readers hold their snapshots, or the disk is slow.
const ALARM: u64 = 64 << 20;
/// Between two tries, and the longest that a try waits for readers: writers wait meanwhile.
const PAUSE: Duration = Duration::from_millis(500);
const WAIT_MS: u32 = 50;

/// The writer's eye on the log.
pub(crate) struct Wal {
    file: PathBuf,
    next: Option<Instant>,
    alarmed: bool,
}

impl Wal {
    /// Of the database in this file.
    pub fn of(database: &std::path::Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-wal");
        Self { file: name.into(), next: None, alarmed: false }
    }

    fn len(&self) -> u64 {
        std::fs::metadata(&self.file).map_or(0, |m| m.len())
    }

    /// How long the writer may sleep without work: for ever where the log is short.
    pub fn rest(&self) -> Option<Duration> {
        self.next.map(|next| next.saturating_duration_since(Clock::instant()))
    }

    /// After a commit, or a rest: starts the log over where it is long and no reader is in the way.
    pub fn look(&mut self, conn: &mut Conn) {
        let before = self.len();
        if before <= LONG {
            (self.next, self.alarmed) = (None, false);
            return;
        }
        if self.next.is_some_and(|next| Clock::instant() < next) {
            return;
        }
        let tried = conn.run(&format!(
            "PRAGMA busy_timeout = {WAIT_MS}; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = {};",
            crate::conn::WRITER_PATIENCE_MS
        ));
        if let Err(e) = tried {
            tracing::warn!("starting the write-ahead log over: {e}");
        }
        let after = self.len();
        self.next = (after > LONG).then(|| Clock::instant() + PAUSE);
        if after > ALARM && !self.alarmed {
            tracing::error!(bytes = after, "the write-ahead log grows: readers hold on to old pages");
        }
        self.alarmed = after > ALARM;
    }
}
