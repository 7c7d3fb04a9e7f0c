//! The handle that everything above holds: reads and writes as closures on a [`Tx`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use crossbeam_channel::Sender;
use freehold_base::{Clock, Code, Error, Event, Result};
use tokio::sync::{Semaphore, oneshot};

use crate::conn::{Conn, OrDb as _};
use crate::wal::Wal;
use crate::writer::{Job, Listener};
use crate::{Actor, Tx, migrate, patience, writer};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Folder of the database file and its snapshots.
    pub data: PathBuf,
    /// `postgres://…`; empty: SQLite.
    pub database_url: String,
    /// Read connections, 1 to 64.
    pub readers: u32,
}

/// Isolation of writes on PostgreSQL.
const SERIALIZABLE: &str = "SERIALIZABLE";
/// Longest time that a read keeps its snapshot.
const READ_LIMIT_MS: u64 = 5000;
/// How long a write waits for a connection to PostgreSQL: as long as a statement may take. Many clients at once are
/// served one after the other, as SQLite's writer does.
const WRITE_PATIENCE: Duration = Duration::from_secs(5);
/// Tries of a write on PostgreSQL that others made impossible.
const TRIES: usize = 5;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: r2d2::Pool<Manager>,
    writer: Option<Sender<Box<dyn Job>>>,
    listener: Arc<OnceLock<Listener>>,
    clock: Clock,
    /// Bounds what runs on the blocking pool: reads of lists, and everything on PostgreSQL.
    blocking: Arc<Semaphore>,
    /// Longest read (security rule F4).
    read_limit_ms: AtomicU64,
    figures: Arc<writer::Figures>,
    /// PostgreSQL: first tries of writes share it, further tries have it alone.
    lane: RwLock<()>,
}

/// What the writer did since the start, for metrics. All zero on PostgreSQL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriterFigures {
    /// Writes that wait.
    pub queue: usize,
    /// Commits.
    pub commits: u64,
    /// Writes that were committed.
    pub writes: u64,
    /// Writes that failed and left nothing.
    pub failed: u64,
    /// Commits by the number of their writes: 1, 2, up to 4, 8, 16, 32, 64, 128.
    pub groups: [u64; 8],
}

/// Opens read connections (SQLite) or all connections (PostgreSQL).
struct Manager {
    sqlite: Option<String>,
    url: String,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;
    fn connect(&self) -> Result<Conn> {
        match &self.sqlite {
            Some(path) => Conn::sqlite_reader(path),
            None => Conn::postgres(&self.url),
        }
    }
    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        conn.run("SELECT 1").or_db("asking the database")
    }
    fn has_broken(&self, conn: &mut Conn) -> bool {
        match conn {
            Conn::Sqlite(_) => false,
            Conn::Pg(c) => diesel::r2d2::R2D2Connection::is_broken(c),
        }
    }
}

/// Logs connection failures as one warning each.
#[derive(Debug)]
struct PoolErrors;
impl r2d2::HandleError<Error> for PoolErrors {
    fn handle_error(&self, e: Error) {
        tracing::warn!("database connection: {e}");
    }
}

impl Store {
    /// Opens and migrates the database.
    ///
    /// # Errors
    /// `DatabaseNewer`, `Config` (address, rights of the folder), database failures.
    pub fn open(options: &StoreOptions, clock: Clock) -> Result<Self> {
        Self::open_as(options, clock, true)
    }

    /// As [`Store::open`] beside a node that runs: for a short write of the command line that no node keeps in memory.
    ///
    /// # Errors
    /// `WrongState` where the database is of another release: migrating is not done under a running node.
    pub fn open_beside(options: &StoreOptions, clock: Clock) -> Result<Self> {
        Self::open_as(options, clock, false)
    }

    /// Takes migrations back until `to` is the newest, with nobody else on the database; gives their numbers.
    ///
    /// # Errors
    /// `NotFound("migration")`; database failures.
    pub fn migrate_back(options: &StoreOptions, to: &str) -> Result<Vec<String>> {
        let path = options.data.join("freehold.db");
        let sqlite = options.database_url.is_empty();
        let mut conn = if sqlite { open_file(&options.data, &path)? } else { Conn::postgres(&options.database_url)? };
        migrate::back_to(&mut conn, to, &options.data.join("snapshots"))
    }

    fn open_as(options: &StoreOptions, clock: Clock, may_migrate: bool) -> Result<Self> {
        let sqlite = options.database_url.is_empty();
        let path = options.data.join("freehold.db");
        let mut first = if sqlite { open_file(&options.data, &path)? } else { Conn::postgres(&options.database_url)? };
        if !may_migrate && migrate::pending(&mut first)? > 0 {
            return Err(Error::refused(Code::WrongState, "the running node is of another release; stop it first"));
        }
        for name in migrate::run(&mut first, &options.data.join("snapshots"))? {
            tracing::info!("migrated: {name}");
        }
        let listener = Arc::new(OnceLock::new());
        let figures = Arc::new(writer::Figures::default());
        let desk =
            writer::Desk { clock: clock.clone(), listener: Arc::clone(&listener), figures: Arc::clone(&figures) };
        let writer = if sqlite { Some(writer::start(first, Wal::of(&path), desk)?) } else { None };
        let manager = Manager { sqlite: sqlite.then(|| path.display().to_string()), url: options.database_url.clone() };
        let pool = r2d2::Pool::builder()
            .max_size(options.readers.clamp(1, 64))
            .min_idle(Some(1))
            .test_on_check_out(!sqlite)
            .connection_timeout(Duration::from_secs(1))
            .error_handler(Box::new(PoolErrors))
            .build_unchecked(manager);
        let read_limit_ms = AtomicU64::new(READ_LIMIT_MS);
        let blocking = Arc::new(Semaphore::new(options.readers.clamp(1, 64) as usize));
        let lane = RwLock::new(());
        Ok(Self { inner: Arc::new(Inner { pool, writer, listener, clock, blocking, read_limit_ms, figures, lane }) })
    }

    /// Whether reads are short enough for a worker thread: SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.inner.writer.is_some()
    }

    /// What the writer did since the start.
    pub fn writer_figures(&self) -> WriterFigures {
        let figures = &self.inner.figures;
        let mut groups = [0; 8];
        for (to, from) in groups.iter_mut().zip(&figures.groups) {
            *to = from.load(Ordering::Relaxed);
        }
        WriterFigures {
            queue: self.inner.writer.as_ref().map_or(0, Sender::len),
            commits: figures.commits.load(Ordering::Relaxed),
            writes: figures.jobs.load(Ordering::Relaxed),
            failed: figures.failed.load(Ordering::Relaxed),
            groups,
        }
    }

    /// The clock that transactions read.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Sets who hears of committed events, once. It is called before a write is answered, so it must be quick.
    pub fn on_commit(&self, listener: impl Fn(&[Box<dyn Event>]) + Send + Sync + 'static) {
        let _ = self.inner.listener.set(Arc::new(listener));
    }

    /// Reads in one consistent snapshot.
    ///
    /// # Errors
    /// What `f` gives; `Busy` when no connection is free within a second.
    pub fn read<T>(&self, actor: &Actor, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.with_reader(|conn, now| {
            let begin = if conn.is_sqlite() { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
            conn.run(begin).or_db("beginning to read")?;
            let (result, cut) = guarded(conn, actor, now, f);
            let end = conn.run("ROLLBACK").or_db("ending a read");
            match result {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(_) if cut => Err(Error::code(Code::Busy)),
                Ok(result) => end.and(result),
            }
        })
    }

    /// Reads without a snapshot of its own: for one or two short indexed statements on a visitor's way.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn peek<T>(&self, actor: &Actor, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.with_reader(|conn, now| {
            let mut tx = Tx::new(conn, actor, now, false);
            let result = f(&mut tx);
            if tx.is_cut() { Err(Error::code(Code::Busy)) } else { result }
        })
    }

    fn with_reader<T>(&self, f: impl FnOnce(&mut Conn, freehold_base::Timestamp) -> Result<T>) -> Result<T> {
        let mut conn = self.inner.pool.get().map_err(|_| Error::code(Code::Busy))?;
        let time = Duration::from_millis(self.inner.read_limit_ms.load(Ordering::Relaxed));
        let _limit = patience::limit(Clock::instant() + time);
        f(&mut conn, self.inner.clock.now())
    }

    /// Another time limit for reads: tests do not wait five seconds.
    pub(crate) fn set_read_limit(&self, limit: Duration) {
        self.inner.read_limit_ms.store(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Writes and waits for the commit. Never on an async worker thread: see [`Store::write_async`].
    ///
    /// # Errors
    /// What `f` gives, and nothing is written then; database failures.
    pub fn write<T: Send + 'static>(
        &self,
        actor: &Actor,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.inner.writer {
            Some(queue) => {
                let (sender, receiver) = crossbeam_channel::bounded(1);
                let answer = move |result| {
                    let _ = sender.send(result);
                };
                send(queue, actor, f, answer)?;
                receiver.recv().map_err(|_| Error::code(Code::Busy))?
            }
            None => self.write_postgres(actor, &f, SERIALIZABLE),
        }
    }

    /// Writes rows of single owners, fenced by their own tokens (jobs): PostgreSQL needs no SERIALIZABLE for these,
    /// and many workers would only make each other try again. Never on an async worker thread.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn bookkeep<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        if self.is_sqlite() {
            self.write(&Actor::system(), f)
        } else {
            self.write_postgres(&Actor::system(), &f, "READ COMMITTED")
        }
    }

    /// [`Store::write`] without blocking the thread.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_async<T: Send + 'static>(
        &self,
        actor: &Actor,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Some(queue) = &self.inner.writer else {
            let (store, actor) = (self.clone(), actor.clone());
            let write = move || store.write_postgres(&actor, &f, SERIALIZABLE);
            return self.on_blocking_pool(WRITE_PATIENCE, write).await;
        };
        let (sender, receiver) = oneshot::channel();
        let answer = move |result| {
            let _ = sender.send(result);
        };
        send(queue, actor, f, answer)?;
        receiver.await.map_err(|_| Error::code(Code::Busy))?
    }

    /// [`Store::read`] on the bounded blocking pool.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_async<T: Send + 'static>(
        &self,
        actor: &Actor,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (store, actor) = (self.clone(), actor.clone());
        self.on_blocking_pool(Duration::from_secs(1), move || store.read(&actor, f)).await
    }

    async fn on_blocking_pool<T: Send + 'static>(
        &self,
        patience: Duration,
        f: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let wait = tokio::time::timeout(patience, self.inner.blocking.clone().acquire_owned());
        let permit = match wait.await {
            Ok(Ok(permit)) => permit,
            _ => return Err(Error::code(Code::Busy)),
        };
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            f()
        })
        .await
        .map_err(|e| Error::internal("working in the background", e))?
    }

    /// Up to five tries, all but the first alone; the news of a try that did not commit are dropped.
    fn write_postgres<T>(
        &self,
        actor: &Actor,
        f: &(impl Fn(&mut Tx<'_>) -> Result<T> + ?Sized),
        isolation: &str,
    ) -> Result<T> {
        for n in 0..TRIES {
            let tried = {
                // Who lost against another write goes on alone: of many writes at once each loses once at most, and
                // no connection is held by somebody who waits.
                let lane = &self.inner.lane;
                let _together = (n == 0).then(|| lane.read().unwrap_or_else(PoisonError::into_inner));
                let _alone = (n > 0).then(|| lane.write().unwrap_or_else(PoisonError::into_inner));
                let conn = self.inner.pool.get_timeout(WRITE_PATIENCE);
                let mut conn = conn.map_err(|_| Error::code(Code::Busy))?;
                self.try_postgres(&mut conn, actor, f, isolation)
            };
            match tried {
                Err(Error::Retry) => {}
                Ok((value, news)) => {
                    if let (Some(listener), false) = (self.inner.listener.get(), news.is_empty()) {
                        listener(&news);
                    }
                    return Ok(value);
                }
                Err(e) => return Err(e),
            }
        }
        Err(Error::code(Code::Busy))
    }

    fn try_postgres<T>(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        f: &(impl Fn(&mut Tx<'_>) -> Result<T> + ?Sized),
        isolation: &str,
    ) -> Result<(T, writer::News)> {
        conn.run(&format!("BEGIN ISOLATION LEVEL {isolation}")).or_db("beginning to write")?;
        // A panic must not leave the transaction open on a connection that others get.
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut tx = Tx::new(conn, actor, self.inner.clock.now(), true);
            f(&mut tx).and_then(|value| Ok((value, tx.finish()?)))
        }))
        .unwrap_or_else(|_| Err(Error::internal("writing", "the write panicked")));
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        conn.run(end).or_db("committing")?;
        freehold_base::steps::done("commit");
        result
    }
}

/// Runs a reader; a panic of it comes back as a value, so that its connection is left clean.
fn guarded<T>(
    conn: &mut Conn,
    actor: &Actor,
    now: freehold_base::Timestamp,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T>,
) -> (std::thread::Result<Result<T>>, bool) {
    let mut tx = Tx::new(conn, actor, now, false);
    let result = catch_unwind(AssertUnwindSafe(|| f(&mut tx)));
    (result, tx.is_cut())
}

fn open_file(data: &Path, path: &Path) -> Result<Conn> {
    let cannot = |e: std::io::Error| {
        Error::refused(
            Code::Config,
            format!("the data folder {} cannot be used ({e}); choose another with --data", data.display()),
        )
    };
    std::fs::create_dir_all(data).map_err(cannot)?;
    // SQLite would say only "unable to open database file".
    std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(cannot)?;
    Conn::sqlite_writer(&path.display().to_string())
}

/// A closure as a job of the writer.
struct Closure<T, F, A> {
    actor: Actor,
    f: F,
    value: Option<T>,
    answer: A,
}

impl<T, F, A> Job for Closure<T, F, A>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T> + Send,
    A: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.value = Some((self.f)(tx)?);
        Ok(())
    }
    fn actor(&self) -> &Actor {
        &self.actor
    }
    fn answer(self: Box<Self>, failure: Option<Error>) {
        let result = match (failure, self.value) {
            (Some(e), _) => Err(e),
            (None, Some(value)) => Ok(value),
            (None, None) => Err(Error::code(Code::Busy)),
        };
        (self.answer)(result);
    }
}

fn send<T: Send + 'static>(
    queue: &Sender<Box<dyn Job>>,
    actor: &Actor,
    f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    answer: impl FnOnce(Result<T>) + Send + 'static,
) -> Result<()> {
    let job = Closure { actor: actor.clone(), f, value: None, answer };
    queue.try_send(Box::new(job)).map_err(|_| Error::code(Code::Busy))
}
