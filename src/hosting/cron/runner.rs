//! The scheduler of a node: one thread that sleeps until the next moment, and one for each run that goes on. It looks
//! at the clock once a minute, at the database when something is due, was asked for, or the clock was set.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use freehold_base::secret::random_token;
use freehold_base::{AccountId, Clock, CronJobId, CronRunId, Error, Result};
use freehold_host::sandbox::Stop;
use freehold_store::cron::{self as rows, CronJob};
use freehold_store::cron_runs::{self as run_rows, CronRun, Ended};
use freehold_store::{Actor, Store, Tx};

use super::live::Live;
use super::places::Places;
use super::plan::{Tick, tick};
use super::rules::alarm_at;
use super::service::{CronChanged, KEPT};
use super::work::{Outcome, Post, Tools};

/// How long a node may be silent before its runs count as interrupted.
const LEASE: Duration = Duration::from_secs(30);
/// How often leases are prolonged, and runs asked whether they shall go on.
const BEAT: Duration = Duration::from_secs(8);
/// The clock is looked at again after this long.
const IDLE: Duration = Duration::from_secs(60);
/// Runs of one account at once.
const PER_ACCOUNT: usize = 3;
/// A step of the wall clock that is no step of time.
const SET: i64 = 5_000;

/// What planning and doing need. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub store: Store,
    /// Mail.
    pub post: Post,
    /// What runs say.
    pub live: Live,
    tools: Arc<dyn Tools>,
    places: Places,
    held: Arc<Mutex<HashMap<CronRunId, Held>>>,
    /// Ends that the database did not take: a full disk. Their runs stay in hand until it does.
    unstored: Arc<Mutex<Vec<Ending>>>,
    closing: Arc<AtomicBool>,
}

/// A run in hand.
#[derive(Clone, Debug)]
struct Held {
    token: String,
    stop: Stop,
    since: Instant,
}

/// A run that was taken and is to be done.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The run as it was taken.
    pub run: CronRun,
    job: CronJob,
    token: String,
    stop: Stop,
}

/// What goes on, on all nodes: one run of a command at once, a few of an account.
#[derive(Default)]
struct AtWork {
    jobs: Vec<CronJobId>,
    accounts: HashMap<AccountId, usize>,
}

impl AtWork {
    fn read(tx: &mut Tx<'_>) -> Result<Self> {
        let mut all = Self::default();
        run_rows::going_on(tx)?.into_iter().for_each(|(_, account, job)| all.add(account, job));
        Ok(all)
    }

    fn add(&mut self, account: AccountId, job: CronJobId) {
        self.jobs.push(job);
        *self.accounts.entry(account).or_default() += 1;
    }

    fn full(&self) -> Vec<AccountId> {
        self.accounts.iter().filter(|(_, runs)| **runs >= PER_ACCOUNT).map(|(account, _)| *account).collect()
    }
}

/// What came of a run, on its way to the database.
#[derive(Clone, Debug)]
struct Ending {
    run: CronRun,
    token: String,
    outcome: Outcome,
    output: String,
    bytes: i64,
}

impl Desk {
    /// Does at most as many runs at once as there are places.
    pub fn new(store: Store, post: Post, tools: Arc<dyn Tools>, places: Places) -> Self {
        let (live, held, unstored, closing) = (Live::default(), Arc::default(), Arc::default(), Arc::default());
        Self { store, post, live, tools, places, held, unstored, closing }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<CronRunId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes runs that may begin: one of a command, a few of an account, and no more than this node does at once.
    ///
    /// # Errors
    /// Database failures.
    pub fn take(&self) -> Result<Vec<Taken>> {
        let free = self.places.free(self.held().values().map(|held| held.since.elapsed()));
        if free == 0 || self.closing.load(Ordering::SeqCst) {
            return Ok(Vec::new());
        }
        if self.store.read(&Actor::system(), |tx| run_rows::first_ready(tx, &[], &[]))?.is_none() {
            return Ok(Vec::new());
        }
        // Whatever can fail comes first: what is taken is done.
        let stops = (0..free).map(|_| Stop::new()).collect::<Result<Vec<_>>>()?;
        let token = random_token()?;
        let mine = token.clone();
        let taken = self.store.write(&Actor::system(), move |tx| {
            let mut at_work = AtWork::read(tx)?;
            let mut taken = Vec::new();
            while taken.len() < free {
                let Some(run) = run_rows::first_ready(tx, &at_work.full(), &at_work.jobs)? else { break };
                at_work.add(run.account_id, run.cron_job_id);
                let until = tx.now().plus(LEASE);
                let Some(job) = rows::of_run(tx, run.cron_job_id)? else { continue };
                if run_rows::begin(tx, run.id, &mine, until)? {
                    tx.announce(CronChanged { account: run.account_id, job: run.cron_job_id, run: run.id });
                    taken.push((run, job));
                }
            }
            Ok(taken)
        })?;
        let mut all = Vec::new();
        for ((run, job), stop) in taken.into_iter().zip(stops) {
            self.held().insert(run.id, Held { token: token.clone(), stop: stop.clone(), since: Clock::instant() });
            self.live.begin(run.id);
            all.push(Taken { run, job, token: token.clone(), stop });
        }
        Ok(all)
    }

    /// Does a run to its end, and stores what came of it.
    pub fn perform(&self, taken: &Taken) {
        let (id, job) = (taken.run.id, &taken.job);
        if self.closing.load(Ordering::SeqCst) {
            taken.stop.ask();
        }
        let mut hear = |bytes: &[u8]| self.live.hear(id, bytes);
        let done = catch_unwind(AssertUnwindSafe(|| self.tools.perform(job, &taken.stop, &mut hear)));
        let mut outcome = done.unwrap_or_else(|_| Outcome {
            state: "failed",
            exit_status: -1,
            message: "Something went wrong on the server.".into(),
        });
        if outcome.state == "done"
            && !job.alive_url.is_empty()
            && let Err(e) = self.tools.alive(&job.alive_url)
        {
            outcome.message = format!("It went well, but its alive address did not: {}", e.sentence());
        }
        if outcome.state == "stopped" && self.closing.load(Ordering::SeqCst) {
            outcome.state = "interrupted";
            outcome.message = "Freehold was stopped while it ran; it was not begun again.".into();
        }
        self.end(taken, outcome);
    }

    /// Ends a run that could not even begin.
    fn give_up(&self, taken: &Taken) {
        let message = "The server could not start it.".to_owned();
        self.end(taken, Outcome { state: "failed", exit_status: -1, message });
    }

    fn end(&self, taken: &Taken, outcome: Outcome) {
        let id = taken.run.id;
        let heard = self.live.since(id, u64::MAX).map_or(0, |heard| heard.upto);
        let ending = Ending {
            run: taken.run.clone(),
            token: taken.token.clone(),
            outcome,
            output: self.live.text(id).unwrap_or_default(),
            bytes: i64::try_from(heard).unwrap_or(i64::MAX),
        };
        if let Err(e) = self.put_away(&ending) {
            tracing::error!("run {id}: its end could not be stored, and is tried again: {e}");
            self.unstored().push(ending);
        }
    }

    fn unstored(&self) -> std::sync::MutexGuard<'_, Vec<Ending>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the ends that could not be stored before.
    pub fn store_again(&self) {
        let waiting = std::mem::take(&mut *self.unstored());
        for ending in waiting {
            if self.put_away(&ending).is_err() {
                self.unstored().push(ending);
            }
        }
    }

    /// Stores an end; only then it is out of our hands, and pages find it in the database.
    fn put_away(&self, ending: &Ending) -> Result<()> {
        self.store_end(ending.clone())?;
        self.live.end(ending.run.id);
        self.held().remove(&ending.run.id);
        Ok(())
    }

    fn store_end(&self, ending: Ending) -> Result<()> {
        let post = self.post.clone();
        self.store.write(&Actor::system(), move |tx| {
            let Ending { run, token, outcome, output, bytes } = &ending;
            let ended = Ended {
                state: outcome.state,
                exit_status: outcome.exit_status,
                message: outcome.message.clone(),
                output: output.clone(),
                output_bytes: *bytes,
            };
            if !run_rows::end(tx, run.id, token, &ended)? {
                return Ok(()); // removed, or given up for lost
            }
            let Some(job) = rows::of_run(tx, run.cron_job_id)? else { return Ok(()) };
            let alarm = (outcome.state == "done").then(|| alarm_at(job.next_at, job.jitter_s, job.grace_s));
            rows::note_end(tx, job.id, outcome.state, alarm)?;
            let before = run_rows::previous(tx, job.id, run.id)?;
            post.ended(tx, &job, before.as_ref(), outcome, output)?;
            run_rows::prune(tx, job.id, KEPT)?;
            tx.announce(CronChanged { account: run.account_id, job: job.id, run: run.id });
            Ok(())
        })
    }

    /// Prolongs the leases of runs in hand and stops those that shall not go on: stopped, replaced, removed, of a
    /// suspended account.
    ///
    /// # Errors
    /// Database failures.
    pub fn beat(&self) -> Result<()> {
        let mine: Vec<(CronRunId, String)> = self.held().iter().map(|(id, h)| (*id, h.token.clone())).collect();
        if mine.is_empty() {
            return Ok(());
        }
        let over = self.store.bookkeep(move |tx| {
            let until = tx.now().plus(LEASE);
            let mut over = Vec::new();
            for (id, token) in &mine {
                if !run_rows::keep(tx, *id, token, until)? {
                    over.push(*id);
                }
            }
            Ok(over)
        })?;
        for id in over {
            if let Some(held) = self.held().get(&id) {
                held.stop.ask();
            }
        }
        Ok(())
    }

    fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        for held in self.held().values() {
            held.stop.ask();
        }
    }
}

/// The scheduler's threads.
pub struct Runner {
    desk: Desk,
    wake: Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Runner {
    /// Starts it. On the only node of a database, what went on when it fell is noted first.
    ///
    /// # Errors
    /// `Internal` where a thread cannot be started.
    pub fn start(desk: Desk) -> Result<Self> {
        let (wake, sleeper) = bounded(64);
        let work = Work { desk: desk.clone(), wake: wake.clone(), runs: Vec::new() };
        let thread = std::thread::Builder::new()
            .name("cron".into())
            .spawn(move || work.work(&sleeper))
            .map_err(|e| Error::internal("starting the scheduler", e))?;
        Ok(Self { desk, wake, thread: Some(thread) })
    }

    /// A function that wakes it: called when something was asked for.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let wake = self.wake.clone();
        move || {
            let _ = wake.try_send(()); // a full channel means that it is awake
        }
    }

    /// Ends what goes on, and stops.
    pub fn stop(mut self) {
        self.desk.close();
        let _ = self.wake.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    desk: Desk,
    wake: Sender<()>,
    runs: Vec<std::thread::JoinHandle<()>>,
}

impl Work {
    fn work(mut self, sleeper: &Receiver<()>) {
        let mut alone = self.desk.store.is_sqlite();
        let clock = self.desk.store.clock().clone();
        while !self.desk.closing.load(Ordering::SeqCst) {
            let wait = match self.turn(&mut alone) {
                Ok(wait) => wait,
                Err(e) => {
                    tracing::warn!("commands at set times: {e}");
                    Duration::from_secs(1)
                }
            };
            sleep(sleeper, wait, &clock);
            while sleeper.try_recv().is_ok() {}
        }
        for run in self.runs.drain(..) {
            let _ = run.join();
        }
        self.desk.store_again();
    }

    /// Deals with everything that is due; gives how long there is nothing more to do.
    fn turn(&mut self, alone: &mut bool) -> Result<Duration> {
        let desk = &self.desk;
        desk.store_again();
        desk.beat()?;
        let Tick { next, more } = tick(&desk.store, &desk.post, *alone)?;
        *alone = false; // what goes on from here is in hand
        for taken in desk.take()? {
            let (hand, wake, given) = (desk.clone(), self.wake.clone(), taken.clone());
            // The program is started on this thread and is killed if it ends: it waits for the program.
            let run = std::thread::Builder::new().name("cron-run".into()).spawn(move || {
                hand.perform(&given);
                let _ = wake.try_send(());
            });
            match run {
                Ok(run) => self.runs.push(run),
                Err(e) => {
                    tracing::error!("run {}: no thread for it: {e}", taken.run.id);
                    desk.give_up(&taken);
                }
            }
        }
        self.runs.retain(|run| !run.is_finished());
        if more {
            return Ok(Duration::ZERO);
        }
        let busy = !self.desk.held().is_empty();
        let most = if busy || !self.desk.store.is_sqlite() { BEAT } else { Duration::MAX };
        let until = next.map(|at| at.ms() - self.desk.store.clock().now().ms());
        // What is due already waits for a place: whoever ends wakes this thread.
        let until = until.map_or(most, |ms| if ms <= 0 { most.min(IDLE) } else { millis(ms) });
        Ok(until.min(most))
    }
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(1))
}

/// Sleeps so long, or until somebody wakes it, or the wall clock was set (security rule F11): time that passed by the
/// wall is compared once a minute with time that passed.
fn sleep(sleeper: &Receiver<()>, wait: Duration, clock: &Clock) {
    let (begun, at) = (Clock::instant(), clock.now());
    loop {
        let left = wait.saturating_sub(begun.elapsed());
        if left.is_zero() || sleeper.recv_timeout(left.min(IDLE)).is_ok() {
            return;
        }
        let passed = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        if (clock.now().ms() - at.ms() - passed).abs() > SET {
            return;
        }
    }
}
