//! The threads that work on pictures: few, of low priority, behind a short queue, so that pages are served
//! meanwhile and a flood of uploads is answered with "busy" instead of with all memory (rules B8, F13).

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_host::threads;

type Task = Box<dyn FnOnce() + Send>;

/// The pool. Clones share the threads; they end when the last clone is dropped and the queue is empty.
#[derive(Clone)]
pub struct ImagePool {
    tasks: Sender<Task>,
    workers: usize,
}

impl ImagePool {
    /// `max(1, cores / 2)` threads, and 8 waiting tasks for each: at half a second a picture nobody waits longer
    /// than about four seconds; more are told to come again.
    ///
    /// # Errors
    /// `Internal` where no thread can be started.
    pub fn new() -> Result<Self> {
        let workers = (threads::cores() / 2).max(1);
        Self::with_size(workers, workers * 8)
    }

    /// As [`ImagePool::new`] with a size of one's own.
    ///
    /// # Errors
    /// As there.
    pub fn with_size(workers: usize, queue: usize) -> Result<Self> {
        let (tasks, work): (Sender<Task>, Receiver<Task>) = bounded(queue);
        for n in 0..workers {
            let work = work.clone();
            let run = move || {
                threads::lower_priority();
                work.into_iter().for_each(|task| task());
            };
            std::thread::Builder::new()
                .name(format!("image-{n}"))
                .spawn(run)
                .or_internal("starting an image thread")?;
        }
        Ok(Self { tasks, workers })
    }

    /// How many threads work.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Runs `work` on a thread of the pool and hands its result to `done` there (a oneshot's `send`, for async code).
    /// A panic in a decoder becomes `MediaBroken`; the thread goes on.
    ///
    /// # Errors
    /// `Busy` when the queue is full; `done` is not called then.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) -> Result<()> {
        let task = move || {
            // Unwind safety: `work` owns what it touches, and all of it is dropped with the panic.
            let result = catch_unwind(AssertUnwindSafe(work));
            done(result.unwrap_or_else(|_| Err(Error::refused(Code::MediaBroken, "a picture"))));
        };
        match self.tasks.try_send(Box::new(task)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Error::code(Code::Busy)),
        }
    }

    /// Runs `work` on a thread of the pool; the result is fetched from the answer.
    ///
    /// # Errors
    /// As [`ImagePool::submit`].
    pub fn start<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<Pending<T>> {
        let (done, result) = bounded(1);
        self.submit(work, move |value| {
            let _ = done.send(value); // nobody may wait any more
        })?;
        Ok(Pending(result))
    }

    /// Runs `work` on a thread of the pool and waits: for jobs and the command line.
    ///
    /// # Errors
    /// `Busy`, or what `work` says.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        self.start(work)?.wait()
    }
}

/// A result that is still being made.
pub struct Pending<T>(Receiver<Result<T>>);

impl<T> Pending<T> {
    /// Waits for it.
    ///
    /// # Errors
    /// What the work says.
    pub fn wait(self) -> Result<T> {
        self.0.recv().unwrap_or_else(|e| Err(Error::internal("waiting for an image", e)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_full_queue_is_busy_and_recovers() {
        let pool = ImagePool::with_size(1, 1).unwrap();
        let (release, held) = channel::<()>();
        let (entered, started) = channel();
        let first = pool
            .start(move || {
                entered.send(()).unwrap();
                held.recv().unwrap();
                Ok(1)
            })
            .unwrap();
        started.recv().unwrap(); // the one thread is taken; one more may wait
        let second = pool.start(|| Ok(2)).unwrap();
        assert_eq!(pool.start(|| Ok(3)).err().unwrap().as_code(), Code::Busy);
        release.send(()).unwrap();
        assert_eq!((first.wait().unwrap(), second.wait().unwrap(), pool.run(|| Ok(4)).unwrap()), (1, 2, 4));
    }

    #[test]
    fn a_panicking_decoder_is_a_broken_picture_and_the_thread_lives() {
        let pool = ImagePool::with_size(1, 4).unwrap();
        let broken = pool.run::<()>(|| panic!("decoder")).unwrap_err();
        assert_eq!(broken.as_code(), Code::MediaBroken);
        assert_eq!(pool.run(|| Ok(7)).unwrap(), 7);
        assert!(ImagePool::new().unwrap().workers() >= 1);
    }
}
