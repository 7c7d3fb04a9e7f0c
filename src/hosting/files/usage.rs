//! What each account holds: counted in memory, written down some seconds after a change, read again at the next start.
//! After a crash the disk is asked: what was written down is only believed where nothing could change since.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_base::{AccountId, Code, OrInternal as _, Result};
use freehold_host::account_dir::{Counter, Meter, Meters, Room, Usage};
use freehold_store::{Store, files as rows};

/// A change is written down this long after it, together with all others of that time.
const REST: Duration = Duration::from_secs(5);

/// What an account may hold; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes.
    pub bytes: Option<u64>,
    /// Files and folders.
    pub files: Option<u64>,
}

/// Says what an account may hold.
pub type LimitsOf = Arc<dyn Fn(AccountId) -> Result<Limits> + Send + Sync>;

/// The meters of all accounts.
pub(super) struct Counts {
    store: Store,
    limits: LimitsOf,
    known: Mutex<HashMap<AccountId, Arc<Count>>>,
    /// One writes down at a time: what is older never comes last, and who waited reads what is so now.
    writing: Mutex<()>,
    wake: SyncSender<()>,
}

/// The meter of one account.
pub(super) struct Count {
    account: AccountId,
    counter: Counter,
    /// Changes that ended, and those on their way: a look at the disk holds where none was there all the while.
    changes: AtomicU64,
    acting: AtomicU64,
    is_dirty: AtomicBool,
    wake: SyncSender<()>,
}

impl Counts {
    pub(super) fn start(store: Store, limits: LimitsOf) -> Result<Arc<Self>> {
        let (wake, woken) = sync_channel(1);
        let counts = Arc::new(Self { store, limits, known: Mutex::default(), writing: Mutex::default(), wake });
        let weak = Arc::downgrade(&counts);
        std::thread::Builder::new()
            .name("file-counts".into())
            .spawn(move || write_down(&weak, &woken))
            .or_internal("starting a thread")?;
        Ok(counts)
    }

    fn all(&self) -> Vec<Arc<Count>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(super) fn refresh(&self, account: AccountId) -> Result<()> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned();
        let Some(count) = known else { return Ok(()) };
        let limits = (self.limits)(account)?;
        count.counter.change(|room| (room.most_bytes, room.most_files) = (limits.bytes, limits.files));
        Ok(())
    }

    /// An account that is gone.
    pub(super) fn forget(&self, account: AccountId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    pub(super) fn flush(&self) -> Result<()> {
        self.write(false)
    }

    pub(super) fn close(&self) -> Result<()> {
        self.write(true)
    }

    fn write(&self, is_exact: bool) -> Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.store.clock().now();
        let is_due = |count: &Arc<Count>| count.is_dirty.swap(false, Ordering::AcqRel) || is_exact;
        let due: Vec<Arc<Count>> = self.all().into_iter().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let rows: Vec<rows::Usage> = due.iter().map(|count| count.row(is_exact, now)).collect();
        let written = self.store.bookkeep(move |tx| rows.iter().try_for_each(|row| rows::set_usage(tx, *row)));
        written.inspect_err(|_| due.iter().for_each(|count| count.touch()))
    }

    /// Sets a count to what `look` finds on the disk, unless the account never rests that long; whether it was set.
    pub(super) fn recount(&self, account: AccountId, look: &dyn Fn() -> Result<Usage>) -> Result<bool> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned();
        let Some(count) = known else { return Ok(false) };
        for _ in 0..3 {
            let before = count.changes.load(Ordering::SeqCst);
            let seen = match look() {
                Err(e) if e.as_code() == Code::Busy => continue, // a folder was moved while it was looked at
                seen => seen?,
            };
            let mut is_set = false;
            count.counter.change(|room| {
                if count.has_rested_since(before) {
                    (room.used_bytes, room.used_files, is_set) = (seen.bytes, seen.files, true);
                }
            });
            if is_set {
                count.touch();
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Meters for Counts {
    fn of(&self, account: AccountId, count: &dyn Fn() -> Result<Usage>) -> Result<Arc<dyn Meter>> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&account) {
            return Ok(known.clone());
        }
        let written = self.store.bookkeep(move |tx| {
            let written = rows::usage(tx, account)?;
            if let Some(usage) = written {
                rows::set_usage(tx, rows::Usage { is_exact: false, ..usage })?;
            }
            Ok(written)
        })?;
        let held = match written.filter(|usage| usage.is_exact) {
            Some(usage) => Usage { bytes: unsigned(usage.disk_bytes), files: unsigned(usage.files) },
            None => count()?,
        };
        let limits = (self.limits)(account)?;
        let room =
            Room { used_bytes: held.bytes, used_files: held.files, most_bytes: limits.bytes, most_files: limits.files };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let made = known.entry(account).or_insert_with(|| {
            Arc::new(Count {
                account,
                counter: Counter::new(room),
                changes: AtomicU64::new(0),
                acting: AtomicU64::new(0),
                is_dirty: AtomicBool::new(true),
                wake: self.wake.clone(),
            })
        });
        Ok(made.clone())
    }
}

impl Count {
    fn touch(&self) {
        self.is_dirty.store(true, Ordering::Release);
        match self.wake.try_send(()) {
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Whether no change was on its way since `before`. One that begins from here on finds the count as it is set, and
    /// the disk as it was looked at.
    fn has_rested_since(&self, before: u64) -> bool {
        self.acting.load(Ordering::SeqCst) == 0 && self.changes.load(Ordering::SeqCst) == before
    }

    fn row(&self, is_exact: bool, counted_at: freehold_base::Timestamp) -> rows::Usage {
        let room = self.counter.room();
        rows::Usage {
            account_id: self.account,
            disk_bytes: signed(room.used_bytes),
            files: signed(room.used_files),
            is_exact,
            counted_at,
        }
    }
}

impl Meter for Count {
    fn take(&self, bytes: u64, files: u64) -> Result<()> {
        self.counter.take(bytes, files)?;
        self.touch();
        Ok(())
    }

    fn give_back(&self, bytes: u64, files: u64) {
        self.counter.give_back(bytes, files);
        self.touch();
    }

    fn begin(&self) {
        self.acting.fetch_add(1, Ordering::SeqCst);
    }

    fn end(&self) {
        // In this order: who sees nothing on its way sees that it was.
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.acting.fetch_sub(1, Ordering::SeqCst);
    }

    fn room(&self) -> Room {
        self.counter.room()
    }
}

/// Sleeps until something changed, lets more come, and writes it down. Ends with the counts.
fn write_down(counts: &std::sync::Weak<Counts>, woken: &Receiver<()>) {
    loop {
        match woken.recv_timeout(REST) {
            Ok(()) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) if counts.strong_count() > 0 => continue,
            Err(_) => return,
        }
        std::thread::sleep(REST);
        let Some(counts) = counts.upgrade() else { return };
        if let Err(e) = counts.flush() {
            tracing::warn!("writing down what accounts hold: {e}");
        }
    }
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
