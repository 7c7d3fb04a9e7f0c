//! Password hashing on a few threads of its own, of low priority, behind a bounded queue (security rule C5): a flood
//! of sign-ins fills the queue and is answered `Busy`; pages are served meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use freehold_base::{Code, Error, OrInternal as _, Result, Secret};

use super::keyring::Keyring;
use super::password::{Passwords, StoredHash, Verdict};

/// Waiting jobs; one more is refused with `Busy`. At cost 12 and one thread that is a wait of some 100 s at worst.
pub const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&Passwords) + Send>;

/// The pool. Clones share it; its threads end when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Hasher {
    jobs: Sender<Job>,
    passwords: Arc<Passwords>,
}

impl Hasher {
    /// Starts max(1, cores / 2) threads. `cost` is bcrypt's, 4 to 15.
    ///
    /// # Errors
    /// `Config` for another cost; `Internal` where no thread can be started.
    pub fn start(keys: &Keyring, cost: u32) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_shape(keys, cost, (cores / 2).max(1), QUEUE)
    }

    /// As [`Hasher::start`] with so many threads and so many waiting jobs.
    ///
    /// # Errors
    /// As [`Hasher::start`].
    pub fn with_shape(keys: &Keyring, cost: u32, threads: usize, queue: usize) -> Result<Self> {
        let passwords = Arc::new(Passwords::new(keys, cost)?);
        let (jobs, waiting) = bounded::<Job>(queue);
        for _ in 0..threads.max(1) {
            let (passwords, waiting) = (Arc::clone(&passwords), waiting.clone());
            let thread = std::thread::Builder::new().name("passwords".into());
            thread.spawn(move || work(&passwords, &waiting)).or_internal("starting a password thread")?;
        }
        Ok(Self { jobs, passwords })
    }

    /// Hashes a new password. Blocks the calling thread.
    ///
    /// # Errors
    /// `Busy` where the queue is full.
    pub fn hash(&self, password: Secret) -> Result<StoredHash> {
        self.wait(move |p| p.hash(&password))
    }

    /// Checks a password. Blocks the calling thread.
    ///
    /// # Errors
    /// `Busy` where the queue is full. A wrong password is `Ok(Verdict::Wrong)`.
    pub fn verify(&self, password: Secret, stored: StoredHash) -> Result<Verdict> {
        self.wait(move |p| Ok(p.verify(&password, &stored)))
    }

    /// The work of [`Hasher::verify`] for a name that nobody has; always `Wrong`.
    ///
    /// # Errors
    /// `Busy` where the queue is full.
    pub fn verify_dummy(&self, password: Secret) -> Result<Verdict> {
        self.wait(move |p| {
            p.verify_dummy(&password);
            Ok(Verdict::Wrong)
        })
    }

    /// [`Hasher::hash`] for async callers. Work whose caller has gone is skipped.
    ///
    /// # Errors
    /// As [`Hasher::hash`].
    pub async fn hash_async(&self, password: Secret) -> Result<StoredHash> {
        self.wait_async(move |p| p.hash(&password)).await
    }

    /// [`Hasher::verify`] for async callers; with `None` it is [`Hasher::verify_dummy`].
    ///
    /// # Errors
    /// As [`Hasher::verify`].
    pub async fn verify_async(&self, password: Secret, stored: Option<StoredHash>) -> Result<Verdict> {
        let job = move |p: &Passwords| match &stored {
            Some(stored) => Ok(p.verify(&password, stored)),
            None => {
                p.verify_dummy(&password);
                Ok(Verdict::Wrong)
            }
        };
        self.wait_async(job).await
    }

    /// bcrypt rounds done since the start, for metrics and tests.
    pub fn rounds(&self) -> u64 {
        self.passwords.rounds()
    }

    pub(super) fn wait<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Passwords) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = bounded(1);
        self.queue(Box::new(move |p| drop(reply.send(job(p)))))?;
        answer.recv().or_internal("waiting for a password thread")?
    }

    async fn wait_async<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Passwords) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.queue(Box::new(move |p| {
            if !reply.is_closed() {
                drop(reply.send(job(p)));
            }
        }))?;
        answer.await.or_internal("waiting for a password thread")?
    }

    pub(super) fn queue(&self, job: Job) -> Result<()> {
        self.jobs.try_send(job).map_err(|e| match e {
            TrySendError::Full(_) => Error::code(Code::Busy),
            TrySendError::Disconnected(_) => Error::internal("queueing a password", "its threads have ended"),
        })
    }
}

fn work(passwords: &Passwords, waiting: &Receiver<Job>) {
    freehold_host::threads::lower_priority();
    for job in waiting {
        // A panic must cost one answer, not the thread (security rule A4); the asker sees its channel close.
        let _ = catch_unwind(AssertUnwindSafe(|| job(passwords)));
    }
}
