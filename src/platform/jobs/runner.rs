//! Workers: threads that take due jobs under a lease and do them. Nothing polls: a worker sleeps until the next due
//! moment or until a job is queued. What has its hour (a post that goes live), what takes long (an import) and what waits
//! for strangers (name servers) have workers of their own: the mail waits for none of them.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use freehold_base::secret::random_token;
use freehold_base::{Code, Error, JobId, Result, SiteId, Timestamp};
use freehold_store::jobs::{self as rows, Ending, Job, Kinds};
use freehold_store::{Actor, Store};

use super::service::JobChanged;

/// How long the node of a worker may be silent before its job is given to another one.
const LEASE: Duration = Duration::from_secs(60);
/// How often the leases of jobs in hand are prolonged, whatever their handlers do.
const BEAT: Duration = Duration::from_secs(15);
/// A node with nothing due looks again after this long: on PostgreSQL another node may have queued work.
const IDLE: Duration = Duration::from_secs(30);
/// Tries of a job whose failure may pass.
const TRIES: i64 = 5;
/// Workers of the prompt lane.
const PROMPT: usize = 1;
/// Workers of the long lane.
const LONG: usize = 2;
/// Workers of the lane that waits for other machines.
const OUTSIDE: usize = 2;

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

/// Which workers do a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Short work that has its hour.
    Prompt,
    /// All else, and kinds that nobody knows.
    Usual,
    /// Work of minutes and hours.
    Long,
    /// Short work that waits for machines of others, which may let it wait.
    Outside,
}

/// Handlers by kind.
#[derive(Clone, Default)]
pub struct Handlers {
    by_kind: HashMap<&'static str, (Lane, Handler)>,
}

impl Handlers {
    /// Adds a handler.
    pub fn add(
        &mut self,
        kind: &'static str,
        handler: impl Fn(&Context<'_>) -> std::result::Result<String, Failure> + Send + Sync + 'static,
    ) {
        self.add_to(Lane::Usual, kind, handler);
    }

    /// Adds a handler that the workers of a lane run.
    pub fn add_to(
        &mut self,
        lane: Lane,
        kind: &'static str,
        handler: impl Fn(&Context<'_>) -> std::result::Result<String, Failure> + Send + Sync + 'static,
    ) {
        self.by_kind.insert(kind, (lane, Arc::new(handler)));
    }

    /// What the workers of a lane look for.
    fn kinds(&self, lane: Lane) -> Kinds {
        let only = lane != Lane::Usual;
        let named = self.by_kind.iter().filter(|(_, (of, _))| if only { *of == lane } else { *of != Lane::Usual });
        Kinds { named: named.map(|(kind, _)| *kind).collect(), only }
    }
}

/// What a handler works with.
pub struct Context<'a> {
    /// The database.
    pub store: &'a Store,
    /// The job's row as it was taken.
    pub job: &'a Job,
    token: &'a str,
    lease: Duration,
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
    /// Notes progress; fails with `Cancelled` where the work must stop. Each call is a write: not more than a few in a
    /// second.
    ///
    /// # Errors
    /// `Cancelled`; database failures.
    pub fn progress(&self, done: i64, total: i64, message: &str) -> std::result::Result<(), Failure> {
        let (token, message, lease) = (self.token.to_owned(), message.to_owned(), self.lease);
        let news = JobChanged { done, total, message: message.clone(), ..JobChanged::of(self.job, "running") };
        let go_on = self.store.bookkeep(move |tx| {
            let until = tx.now().plus(lease);
            let go_on = rows::progress(tx, news.id, &token, done, total, &message, until)?;
            if go_on {
                tx.announce(news.clone());
            }
            Ok(go_on)
        })?;
        if go_on { Ok(()) } else { Err(Failure::Cancelled) }
    }
    /// Notes the report while the traces of the work are still there: where the node falls between taking them away
    /// and the job's end, the next worker finds it in `job.result` and knows that nothing is left to do.
    ///
    /// # Errors
    /// `Cancelled` where the job is somebody else's by now; database failures.
    pub fn conclude(&self, report: &str) -> std::result::Result<(), Failure> {
        let (id, token, report) = (self.job.id, self.token.to_owned(), report.to_owned());
        let mine = self.store.bookkeep(move |tx| rows::note_result(tx, id, &token, &report))?;
        if mine { Ok(()) } else { Err(Failure::Cancelled) }
    }
}

/// Times of a runner; tests have their own.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long the node of a worker may be silent.
    pub lease: Duration,
    /// How often leases are prolonged.
    pub beat: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { lease: LEASE, beat: BEAT }
    }
}

/// Jobs in hand, with their tokens.
type Held = Arc<Mutex<Vec<(JobId, String)>>>;

/// The workers of a node.
pub struct Runner {
    wakes: Vec<Sender<()>>,
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
    heart: (Option<Sender<()>>, std::thread::JoinHandle<()>),
}

/// What a worker knows.
#[derive(Clone)]
struct Worker {
    store: Store,
    handlers: Handlers,
    kinds: Kinds,
    stop: Arc<AtomicBool>,
    wake: Sender<()>,
    sleepers: Receiver<()>,
    held: Held,
    lease: Duration,
}

impl Runner {
    /// Starts `workers` threads for usual work, and those of the other lanes.
    ///
    /// # Errors
    /// `Internal` where a thread cannot be started; database failures.
    pub fn start(store: &Store, handlers: &Handlers, workers: usize) -> Result<Self> {
        Self::start_at(store, handlers, workers, Pace::default())
    }

    /// As [`Runner::start`], at another pace.
    ///
    /// # Errors
    /// As [`Runner::start`].
    pub fn start_at(store: &Store, handlers: &Handlers, workers: usize, pace: Pace) -> Result<Self> {
        if store.is_sqlite() {
            // One node to a file: whoever held a job is gone. On PostgreSQL another node may be at it.
            store.bookkeep(|tx| rows::release_all(tx).map(|_| ()))?;
        }
        let (stop, held) = (Arc::new(AtomicBool::new(false)), Held::default());
        let (mut wakes, mut threads) = (Vec::new(), Vec::new());
        let usual = (Lane::Usual, workers.max(1));
        for (lane, count) in [(Lane::Prompt, PROMPT), usual, (Lane::Long, LONG), (Lane::Outside, OUTSIDE)] {
            let kinds = handlers.kinds(lane);
            if kinds.only && kinds.named.is_empty() {
                continue;
            }
            let (wake, sleepers) = crossbeam_channel::bounded(64);
            wakes.push(wake.clone());
            let worker = Worker {
                store: store.clone(),
                handlers: handlers.clone(),
                kinds,
                stop: Arc::clone(&stop),
                wake,
                sleepers,
                held: Arc::clone(&held),
                lease: pace.lease,
            };
            for n in 0..count {
                let worker = worker.clone();
                let name = format!("job-{lane:?}-{n}").to_lowercase();
                let thread = std::thread::Builder::new().name(name).spawn(move || worker.work());
                threads.push(thread.map_err(|e| Error::internal("starting a job worker", e))?);
            }
        }
        let heart = start_heart(store.clone(), held, pace)?;
        Ok(Self { wakes, stop, threads, heart })
    }

    /// A function that wakes a worker of each lane: called when a job was queued.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let wakes = self.wakes.clone();
        move || {
            for wake in &wakes {
                let _ = wake.try_send(()); // a full channel means that all are awake
            }
        }
    }

    /// Stops after the jobs in hand.
    pub fn stop(mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for wake in &self.wakes {
            for _ in &self.threads {
                let _ = wake.try_send(());
            }
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        self.heart.0 = None;
        let _ = self.heart.1.join();
    }
}

/// Prolongs the leases of jobs in hand: a handler that waits for a slow mail server keeps its job. A job is given
/// away only where its whole node fell silent.
fn start_heart(store: Store, held: Held, pace: Pace) -> Result<(Option<Sender<()>>, std::thread::JoinHandle<()>)> {
    let (stop, asked) = crossbeam_channel::bounded::<()>(0);
    let thread = std::thread::Builder::new()
        .name("job-heart".into())
        .spawn(move || {
            while asked.recv_timeout(pace.beat) == Err(RecvTimeoutError::Timeout) {
                let mine = held.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if mine.is_empty() {
                    continue;
                }
                let kept = store.bookkeep(move |tx| {
                    let until = tx.now().plus(pace.lease);
                    mine.iter().try_for_each(|(id, token)| rows::keep(tx, *id, token, until))
                });
                if let Err(e) = kept {
                    tracing::warn!("keeping jobs: {e}");
                }
            }
        })
        .map_err(|e| Error::internal("starting the heart of the jobs", e))?;
    Ok((Some(stop), thread))
}

impl Worker {
    fn work(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            match self.take() {
                Ok(Some((job, token))) => {
                    let _ = self.wake.try_send(()); // there may be more: another worker looks too
                    self.hold(&job, &token);
                    self.one(&job, &token);
                    self.let_go(&token);
                }
                Ok(None) => self.sleep(),
                Err(e) => {
                    tracing::warn!("looking for jobs: {e}");
                    let _ = self.sleepers.recv_timeout(Duration::from_secs(1));
                }
            }
        }
    }

    fn hold(&self, job: &Job, token: &str) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push((job.id, token.to_owned()));
    }

    fn let_go(&self, token: &str) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, held)| held != token);
    }

    fn sleep(&self) {
        let kinds = &self.kinds;
        let next =
            self.store.read(&Actor::system(), |tx| Ok(rows::next_due(tx, kinds)?.map(|at| at.ms() - tx.now().ms())));
        let wait = match next {
            Ok(Some(ms)) => Duration::from_millis(u64::try_from(ms.max(1)).unwrap_or(1)).min(IDLE),
            _ => IDLE,
        };
        let _ = self.sleepers.recv_timeout(wait);
    }

    fn take(&self) -> Result<Option<(Job, String)>> {
        // Looking first keeps idle workers off the writer.
        if !self.store.read(&Actor::system(), |tx| rows::any_due(tx, &self.kinds))? {
            return Ok(None);
        }
        let token = random_token()?;
        let (mine, kinds, lease) = (token.clone(), self.kinds.clone(), self.lease);
        let job = self.store.bookkeep(move |tx| {
            let until = tx.now().plus(lease);
            let job = rows::claim(tx, &kinds, &mine, until)?;
            if let Some(job) = &job {
                tx.announce(JobChanged::of(job, "running"));
            }
            Ok(job)
        })?;
        Ok(job.map(|job| (job, token)))
    }

    fn one(&self, job: &Job, token: &str) {
        let context = Context { store: &self.store, job, token, lease: self.lease };
        let result = match self.handlers.by_kind.get(job.kind.as_str()) {
            Some((_, handler)) => catch_unwind(AssertUnwindSafe(|| handler(&context)))
                .unwrap_or_else(|_| Err(Failure::Final(Error::internal("doing the job", "the job panicked")))),
            None => Err(Failure::Final(Error::internal("doing the job", format!("no handler for {}", job.kind)))),
        };
        let ending = ending_of(job, result, self.store.clock().now());
        let (id, token) = (job.id, token.to_owned());
        let news = JobChanged::ended(job, &ending);
        let stored = self.store.bookkeep(move |tx| {
            if rows::end(tx, id, &token, &ending)? {
                tx.announce(news.clone());
            }
            Ok(())
        });
        if let Err(e) = stored {
            tracing::error!("job {id}: its end could not be stored: {e}");
        }
    }
}

fn ending_of(job: &Job, result: std::result::Result<String, Failure>, now: Timestamp) -> Ending {
    match result {
        Ok(report) => Ending::Done(report),
        Err(Failure::Cancelled) => Ending::Cancelled,
        Err(Failure::Later(e)) if job.attempts < TRIES => {
            tracing::warn!("job {} ({}), try {}: {e}", job.id, job.kind, job.attempts);
            let delay = Duration::from_secs(10 << job.attempts.clamp(0, 10));
            Ending::Again(e.sentence(), now.plus(delay))
        }
        Err(Failure::Later(e) | Failure::Final(e)) => {
            tracing::error!("job {} ({}) failed: {e}", job.id, job.kind);
            Ending::Failed(e.sentence())
        }
    }
}
