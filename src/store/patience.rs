//! Ends readers that take too long (security rule F4): a snapshot that is held keeps SQLite's log from starting over.
//!
//! A running statement is ended by SQLite itself, which asks [`tick`] every few thousand steps; a reader that sits on
//! its snapshot between statements loses it at the next one, see `Tx::conn`. PostgreSQL has time limits of its own.
//! The only unsafe code of this crate: diesel does not show the handle that SQLite wants its question asked on.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::sync::Once;
use std::time::Instant;

use freehold_base::Clock;
use libsqlite3_sys as ffi;

/// Steps of SQLite's machine between two looks at the clock: well under a millisecond.
const STEPS: c_int = 4096;

thread_local! {
    /// Statements run on the thread that set the limit.
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A time limit of this thread's reads; the one before comes back when it is dropped.
pub(crate) struct Limit(Option<Instant>);

/// Reads of this thread end at `until`.
pub(crate) fn limit(until: Instant) -> Limit {
    Limit(UNTIL.replace(Some(until)))
}

impl Drop for Limit {
    fn drop(&mut self) {
        UNTIL.set(self.0);
    }
}

/// Whether this thread's reads have had their time.
pub(crate) fn is_over() -> bool {
    // A thread that is just ending has no limits any more.
    UNTIL.try_with(Cell::get).ok().flatten().is_some_and(|until| Clock::instant() >= until)
}

/// Makes every connection that SQLite opens from now on ask.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    // SAFETY: `opened` has the signature that SQLite asks for, and lives as long as the program.
    ONCE.call_once(|| unsafe {
        ffi::sqlite3_auto_extension(Some(opened));
    });
}

unsafe extern "C" fn opened(db: *mut ffi::sqlite3, _: *mut *mut c_char, _: *const ffi::sqlite3_api_routines) -> c_int {
    // SAFETY: SQLite calls this with the handle it has just opened; `tick` reads nothing through its argument.
    unsafe { ffi::sqlite3_progress_handler(db, STEPS, Some(tick), std::ptr::null_mut()) };
    ffi::SQLITE_OK
}

/// Not 0: the statement ends with "interrupted".
unsafe extern "C" fn tick(_: *mut c_void) -> c_int {
    c_int::from(is_over())
}
