//! Workers: threads that take due jobs under a lease and do them. Nothing polls: a worker sleeps until the next due
//! moment or until a job is queued.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use freehold_base::secret::random_token;
use freehold_base::{Code, Error, JobId, Result, SiteId};
use freehold_store::jobs::{self as rows, Ending, Job};
use freehold_store::{Actor, Store};

/// How long a worker may be silent before its job is given to another one.
const LEASE: Duration = Duration::from_secs(60);
/// A node with nothing due looks again after this long: on PostgreSQL another node may have queued work.
const IDLE: Duration = Duration::from_secs(30);
/// Tries of a job whose failure may pass.
const TRIES: i64 = 5;

/// Why a job's handler stopped.
#[derive(Debug)]
pub enum Failure {
    /// May work later: tried again after 10 s, doubled each time.
    Later(Error),
    /// Will never work.
    Final(Error),
    /// Somebody asked to stop.
    Cancelled,
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        match (&e, e.as_code()) {
            (Error::Internal { .. } | Error::Retry, _) | (_, Code::Busy | Code::DiskFull | Code::MailFailed) => {
                Self::Later(e)
            }
            _ => Self::Final(e),
        }
    }
}

/// Does one kind of job; gives its report as JSON. May run twice without harm.
pub type Handler = Arc<dyn Fn(&Context<'_>) -> std::result::Result<String, Failure> + Send + Sync>;

/// Handlers by kind.
#[derive(Clone, Default)]
pub struct Handlers {
    by_kind: HashMap<&'static str, Handler>,
}

impl Handlers {
    /// Adds a handler.
    pub fn add(
        &mut self,
        kind: &'static str,
        handler: impl Fn(&Context<'_>) -> std::result::Result<String, Failure> + Send + Sync + 'static,
    ) {
        self.by_kind.insert(kind, Arc::new(handler));
    }
}

/// What a handler works with.
pub struct Context<'a> {
    /// The database.
    pub store: &'a Store,
    /// The job's row as it was taken.
    pub job: &'a Job,
    token: &'a str,
}

impl Context<'_> {
    /// The job's site; `SiteId(0)` for the installation's.
    pub fn site(&self) -> SiteId {
        self.job.site_id
    }
    /// The arguments.
    ///
    /// # Errors
    /// `Final` where they cannot be read.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> std::result::Result<T, Failure> {
        serde_json::from_str(&self.job.payload).map_err(|e| Failure::Final(Error::internal("reading the job", e)))
    }
    /// Notes progress; fails with `Cancelled` where the work must stop.
    ///
    /// # Errors
    /// `Cancelled`; database failures.
    pub fn progress(&self, done: i64, total: i64, message: &str) -> std::result::Result<(), Failure> {
        let (id, token, message) = (self.job.id, self.token.to_owned(), message.to_owned());
        let go_on = self.store.bookkeep(move |tx| {
            let lease = tx.now().plus(LEASE);
            rows::progress(tx, id, &token, done, total, &message, lease)
        })?;
        if go_on { Ok(()) } else { Err(Failure::Cancelled) }
    }
}

/// The workers of a node.
pub struct Runner {
    wake: Sender<()>,
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Runner {
    /// Starts `workers` threads.
    ///
    /// # Errors
    /// `Internal` where a thread cannot be started.
    pub fn start(store: &Store, handlers: &Handlers, workers: usize) -> Result<Self> {
        let (wake, sleepers) = crossbeam_channel::bounded(64);
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for n in 0..workers.max(1) {
            let (store, handlers, stop, wake, sleepers) =
                (store.clone(), handlers.clone(), stop.clone(), wake.clone(), sleepers.clone());
            let thread = std::thread::Builder::new()
                .name(format!("job-{n}"))
                .spawn(move || work(&store, &handlers, &stop, &wake, &sleepers))
                .map_err(|e| Error::internal("starting a job worker", e))?;
            threads.push(thread);
        }
        Ok(Self { wake, stop, threads })
    }

    /// A function that wakes a worker: called when a job was queued.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let wake = self.wake.clone();
        move || {
            let _ = wake.try_send(()); // a full channel means that all are awake
        }
    }

    /// Stops after the jobs in hand.
    pub fn stop(mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for _ in &self.threads {
            let _ = self.wake.try_send(());
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn work(store: &Store, handlers: &Handlers, stop: &AtomicBool, wake: &Sender<()>, sleepers: &Receiver<()>) {
    while !stop.load(Ordering::SeqCst) {
        match take(store) {
            Ok(Some((job, token))) => {
                let _ = wake.try_send(()); // there may be more: another worker looks too
                one(store, handlers, &job, &token);
            }
            Ok(None) => sleep(store, sleepers),
            Err(e) => {
                tracing::warn!("looking for jobs: {e}");
                let _ = sleepers.recv_timeout(Duration::from_secs(1));
            }
        }
    }
}

fn sleep(store: &Store, sleepers: &Receiver<()>) {
    let next = store.read(&Actor::system(), |tx| Ok(rows::next_due(tx)?.map(|at| at.ms() - tx.now().ms())));
    let wait = match next {
        Ok(Some(ms)) => Duration::from_millis(u64::try_from(ms.max(1)).unwrap_or(1)).min(IDLE),
        _ => IDLE,
    };
    let _ = sleepers.recv_timeout(wait);
}

fn take(store: &Store) -> Result<Option<(Job, String)>> {
    // Looking first keeps idle workers off the writer.
    let due = store.read(&Actor::system(), rows::any_due)?;
    if !due {
        return Ok(None);
    }
    let token = random_token()?;
    let mine = token.clone();
    let job = store.bookkeep(move |tx| {
        let lease = tx.now().plus(LEASE);
        rows::claim(tx, &mine, lease)
    })?;
    Ok(job.map(|job| (job, token)))
}

fn one(store: &Store, handlers: &Handlers, job: &Job, token: &str) {
    let context = Context { store, job, token };
    let result = match handlers.by_kind.get(job.kind.as_str()) {
        Some(handler) => catch_unwind(AssertUnwindSafe(|| handler(&context)))
            .unwrap_or_else(|_| Err(Failure::Final(Error::internal("doing the job", "the job panicked")))),
        None => Err(Failure::Final(Error::internal("doing the job", format!("no handler for {}", job.kind)))),
    };
    let ending = match result {
        Ok(report) => Ending::Done(report),
        Err(Failure::Cancelled) => Ending::Cancelled,
        Err(Failure::Later(e)) if job.attempts < TRIES => {
            tracing::warn!("job {} ({}), try {}: {e}", job.id, job.kind, job.attempts);
            let delay = Duration::from_secs(10 << job.attempts.clamp(0, 10));
            Ending::Again(e.sentence(), store.clock().now().plus(delay))
        }
        Err(Failure::Later(e) | Failure::Final(e)) => {
            tracing::error!("job {} ({}) failed: {e}", job.id, job.kind);
            Ending::Failed(e.sentence())
        }
    };
    let (id, token): (JobId, String) = (job.id, token.to_owned());
    if let Err(e) = store.bookkeep(move |tx| rows::end(tx, id, &token, &ending)) {
        tracing::error!("job {id}: its end could not be stored: {e}");
    }
}
