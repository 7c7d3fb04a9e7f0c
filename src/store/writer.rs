//! SQLite's one writer: a thread that takes jobs from a queue and commits many at once (security rule F1).
//!
//! The jobs of a commit run one after the other. Where one fails, all are undone and run again, each in a savepoint,
//! so that one failure leaves the others whole: at each savepoint the search index writes what it holds back, and
//! failures are rare. A job is answered only after the commit that holds it is on the disk, and after its news went out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use freehold_base::{Clock, Code, Error, Event, Result, steps};

use crate::conn::{Conn, OrDb as _};
use crate::wal::Wal;
use crate::{Actor, Tx};

/// News of one job.
pub(crate) type News = Vec<Box<dyn Event>>;
/// Called with the news of each committed job, before the job is answered.
pub(crate) type Listener = Arc<dyn Fn(&[Box<dyn Event>]) + Send + Sync>;

/// One unit of writing.
pub(crate) trait Job: Send {
    /// Does the work; again where a neighbour failed.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
    /// Who asked.
    fn actor(&self) -> &Actor;
    /// Called once, after the commit or the failure.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

/// What the writer did so far. Group sizes: one bucket for 1, 2, up to 4, 8, 16, 32, 64, 128 jobs in a commit.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) commits: AtomicU64,
    pub(crate) jobs: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) groups: [AtomicU64; 8],
}

impl Figures {
    fn note(&self, done: usize, failed: usize) {
        self.commits.fetch_add(u64::from(done > 0), Ordering::Relaxed);
        self.jobs.fetch_add(done as u64, Ordering::Relaxed);
        self.failed.fetch_add(failed as u64, Ordering::Relaxed);
        let size = (done + failed).max(1);
        let bucket = (usize::BITS - (size - 1).leading_zeros()) as usize;
        if let Some(counter) = self.groups.get(bucket.min(7)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Whom the writer tells, and what it counts.
pub(crate) struct Desk {
    pub(crate) clock: Clock,
    pub(crate) listener: Arc<std::sync::OnceLock<Listener>>,
    pub(crate) figures: Arc<Figures>,
}

/// Most jobs in one commit. Chosen so that one commit stays under about 20 ms of work.
const BATCH: usize = 128;

/// Starts the thread. It ends when the last sender is gone.
pub(crate) fn start(mut conn: Conn, mut wal: Wal, desk: Desk) -> Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded::<Box<dyn Job>>(4096);
    std::thread::Builder::new()
        .name("store-writer".into())
        .spawn(move || serve(&mut conn, &mut wal, &desk, &receiver))
        .map_err(|e| Error::internal("starting the writer", e))?;
    Ok(sender)
}

/// Commits whose jobs are kept apart after one failed beside others: somebody who sends what is refused all the time
/// must not have everybody's work done twice.
const CAREFUL: u32 = 32;

fn serve(conn: &mut Conn, wal: &mut Wal, desk: &Desk, jobs: &Receiver<Box<dyn Job>>) {
    let mut careful = 0;
    loop {
        let first = match wal.rest() {
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(rest) => jobs.recv_timeout(rest),
        };
        match first {
            Ok(first) => {
                let batch = std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)).collect();
                serve_batch(conn, desk, batch, &mut careful);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        wal.look(conn);
    }
}

fn serve_batch(conn: &mut Conn, desk: &Desk, batch: Vec<Box<dyn Job>>, careful: &mut u32) {
    let (done, failed) = match commit(conn, &desk.clock, batch, careful) {
        Ok(parts) => parts,
        Err((batch, e)) => {
            // Nothing of this batch is on the disk.
            let (message, code) = (e.to_string(), e.as_code());
            for job in batch {
                job.answer(Some(match code {
                    Code::Internal => Error::internal("committing", message.clone()),
                    _ => Error::code(code),
                }));
            }
            return;
        }
    };
    desk.figures.note(done.len(), failed.len());
    if let Some(listener) = desk.listener.get() {
        for (_, news) in done.iter().filter(|(_, news)| !news.is_empty()) {
            listener(news);
        }
    }
    for (job, _) in done {
        job.answer(None);
    }
    for (job, error) in failed {
        job.answer(Some(error));
    }
}

type Done = Vec<(Box<dyn Job>, News)>;
type Failed = Vec<(Box<dyn Job>, Error)>;
/// A batch of which nothing is on the disk, and why.
type Lost = (Vec<Box<dyn Job>>, Error);

fn commit(
    conn: &mut Conn,
    clock: &Clock,
    mut batch: Vec<Box<dyn Job>>,
    careful: &mut u32,
) -> Result<(Done, Failed), Lost> {
    if *careful > 0 && batch.len() > 1 {
        *careful -= 1;
        return apart(conn, clock, batch);
    }
    match together(conn, clock, &mut batch) {
        Ok(news) => Ok((batch.into_iter().zip(news).collect(), Vec::new())),
        // Nothing to keep of others.
        Err(Stop::Job(e)) if batch.len() == 1 => Ok((Vec::new(), batch.into_iter().zip([e]).collect())),
        Err(Stop::Job(_)) => {
            *careful = CAREFUL;
            apart(conn, clock, batch)
        }
        Err(Stop::Ground(e)) => Err((batch, e)),
    }
}

/// Why the jobs of a commit were not done together.
enum Stop {
    /// One of them failed; all are undone.
    Job(Error),
    /// There is no transaction, or it could not be ended: what ran may not run again.
    Ground(Error),
}

/// All jobs in one transaction; nothing where one of them fails.
fn together(conn: &mut Conn, clock: &Clock, batch: &mut [Box<dyn Job>]) -> Result<Vec<News>, Stop> {
    conn.run("BEGIN IMMEDIATE").or_db("beginning to write").map_err(Stop::Ground)?;
    let mut all = Vec::with_capacity(batch.len());
    for job in batch {
        let result = work(conn, clock, &mut **job);
        if !is_open(conn) {
            return Err(Stop::Ground(
                result.err().unwrap_or_else(|| Error::internal("writing", "the ground was lost")),
            ));
        }
        match result {
            Ok(news) => all.push(news),
            Err(e) => {
                return Err(match conn.run("ROLLBACK").or_db("ending a write") {
                    Ok(()) => Stop::Job(e),
                    Err(lost) => Stop::Ground(lost),
                });
            }
        }
    }
    match conn.run("COMMIT").or_db("committing") {
        Ok(()) => {
            steps::done("commit");
            Ok(all)
        }
        Err(e) => {
            let _ = conn.run("ROLLBACK");
            Err(Stop::Ground(e))
        }
    }
}

/// Whether the transaction is still there: where the disk is full or broken, SQLite may have rolled everything back by
/// itself, also under a read whose failure nobody minded. A transaction within one is refused and changes nothing.
fn is_open(conn: &mut Conn) -> bool {
    let begun = conn.run("BEGIN").is_ok();
    if begun {
        let _ = conn.run("ROLLBACK");
    }
    !begun
}

/// Each job in a savepoint, so that those that fail leave nothing and the others are kept.
fn apart(conn: &mut Conn, clock: &Clock, batch: Vec<Box<dyn Job>>) -> Result<(Done, Failed), Lost> {
    if let Err(e) = conn.run("BEGIN IMMEDIATE").or_db("beginning to write") {
        return Err((batch, e));
    }
    let (mut done, mut failed): (Done, Failed) = (Vec::new(), Vec::new());
    let mut waiting = batch.into_iter();
    let mut lost = None;
    for mut job in waiting.by_ref() {
        match one(conn, clock, &mut *job) {
            Ok(Ok(news)) => done.push((job, news)),
            Ok(Err(e)) => failed.push((job, e)),
            Err(e) => {
                failed.push((job, Error::Retry));
                lost = Some(e);
                break;
            }
        }
    }
    let end = match lost {
        None => conn.run("COMMIT").or_db("committing"),
        Some(e) => Err(e),
    };
    if let Err(e) = end {
        let _ = conn.run("ROLLBACK");
        let begun = done.into_iter().map(|(job, _)| job).chain(failed.into_iter().map(|(job, _)| job));
        return Err((begun.chain(waiting).collect(), e));
    }
    steps::done("commit");
    Ok((done, failed))
}

/// One job in its savepoint. The outer failure says that the savepoint could not be ended: where the disk is full,
/// SQLite may have rolled everything back by itself, and what runs then would be a transaction of its own.
fn one(conn: &mut Conn, clock: &Clock, job: &mut dyn Job) -> Result<Result<News>> {
    conn.run("SAVEPOINT job").or_db("beginning to write")?;
    let result = work(conn, clock, job);
    let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    match (conn.run(end).or_db("ending a write"), result) {
        (Ok(()), result) => Ok(result),
        // What made SQLite give up says more than that there is nothing to roll back.
        (Err(_), Err(e)) | (Err(e), Ok(_)) => Err(e),
    }
}

fn work(conn: &mut Conn, clock: &Clock, job: &mut dyn Job) -> Result<News> {
    let actor = job.actor().clone();
    catch_unwind(AssertUnwindSafe(|| {
        let mut tx = Tx::new(conn, &actor, clock.now(), true);
        job.run(&mut tx)?;
        tx.finish()
    }))
    .unwrap_or_else(|_| Err(Error::internal("writing", "the write panicked")))
}
