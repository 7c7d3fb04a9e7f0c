//! One connection type for both databases.

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use freehold_base::{Code, Error, OrInternal as _, Result};

/// How long the writer waits for a lock of another process, in milliseconds.
pub(crate) const WRITER_PATIENCE_MS: u32 = 5000;

/// Tells each statement to the log (target `sql`, level trace), without the values bound to it: they may be secrets
/// (security rule C10). Tests count and read statements there.
fn trace(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event
        && tracing::enabled!(target: "sql", tracing::Level::TRACE)
    {
        let text = query.to_string();
        let statement = text.split(" -- binds: ").next().unwrap_or_default();
        tracing::trace!(target: "sql", "{statement}");
    }
}

/// A connection to SQLite or PostgreSQL.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The file in the data folder.
    Sqlite(SqliteConnection),
    /// A server.
    Pg(PgConnection),
}

/// Length that the write-ahead log is cut to, in bytes; a longer one is started over by the writer.
pub(crate) const LOG_BYTES: u64 = 8 << 20;

impl Conn {
    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Runs statements that have no parameters and give no rows.
    pub(crate) fn run(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(c) => c.batch_execute(sql),
            Self::Pg(c) => c.batch_execute(sql),
        }
    }

    /// Opens the SQLite file for writing: WAL, FULL, foreign keys (security rule F1).
    pub(crate) fn sqlite_writer(path: &str) -> Result<Self> {
        crate::patience::install();
        let mut c = SqliteConnection::establish(path).or_internal("opening the database")?;
        c.set_instrumentation(trace);
        // busy_timeout first: switching to WAL needs the lock of a process that is just ending.
        c.batch_execute(&format!(
            "PRAGMA busy_timeout = {WRITER_PATIENCE_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; \
             PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = {};",
            LOG_BYTES
        ))
        .or_internal("preparing the database")?;
        Ok(Self::Sqlite(c))
    }

    /// Opens the SQLite file for reading only.
    pub(crate) fn sqlite_reader(path: &str) -> Result<Self> {
        crate::patience::install();
        let mut c = SqliteConnection::establish(path).or_internal("opening the database")?;
        c.set_instrumentation(trace);
        c.batch_execute(
            "PRAGMA busy_timeout = 1000; PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY; \
             PRAGMA mmap_size = 268435456;",
        )
        .or_internal("preparing a reader")?;
        Ok(Self::Sqlite(c))
    }

    /// Connects to PostgreSQL with the time limits of security rule F7.
    pub(crate) fn postgres(url: &str) -> Result<Self> {
        let mut c = PgConnection::establish(url).map_err(|e| {
            Error::refused(
                Code::Config,
                format!("database_url: the server does not answer ({e}); check address, user and password"),
            )
        })?;
        c.set_instrumentation(trace);
        c.batch_execute(
            "SET statement_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'; SET timezone = 'UTC'",
        )
        .or_internal("preparing a connection")?;
        Ok(Self::Pg(c))
    }
}

/// Runs one expression on the connection behind [`Conn`], for what the common backend cannot say
/// (RETURNING, ON CONFLICT, several rows at once).
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::conn::Conn::Sqlite($c) => $body,
            $crate::conn::Conn::Pg($c) => $body,
        }
    };
}

/// Turns a database failure into ours: serialization failures may be retried, a unique key becomes a conflict,
/// a full disk says so.
pub(crate) fn db_error(doing: &'static str, e: diesel::result::Error) -> Error {
    use diesel::result::{DatabaseErrorKind as Kind, Error as E};
    match &e {
        E::NotFound => Error::not_found("row"),
        E::DatabaseError(Kind::SerializationFailure, _) => Error::Retry,
        E::DatabaseError(kind, info) => {
            let text = info.message();
            if text.contains("deadlock detected") || text.contains("could not serialize") {
                Error::Retry
            } else if text.contains("disk is full") || text.contains("No space left") {
                Error::code(Code::DiskFull)
            } else if matches!(kind, Kind::UniqueViolation) {
                Error::refused(Code::AlreadyExists, info.constraint_name().unwrap_or("this").to_owned())
            } else if ["database is locked", "interrupted", "canceling statement due to", "idle-in-transaction timeout"]
                .iter()
                .any(|t| text.contains(t))
            {
                Error::code(Code::Busy)
            } else {
                Error::internal(doing, e)
            }
        }
        _ => Error::internal(doing, e),
    }
}

/// [`db_error`] as a method.
pub trait OrDb<T> {
    /// `doing` reads as "reading the entry".
    fn or_db(self, doing: &'static str) -> Result<T>;
}

impl<T> OrDb<T> for QueryResult<T> {
    fn or_db(self, doing: &'static str) -> Result<T> {
        self.map_err(|e| db_error(doing, e))
    }
}
