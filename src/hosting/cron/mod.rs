//! Commands of accounts that run at set times: in words or five fields, in a time zone, each moment once (rows H115 to
//! H117).
//!
//! What this noun promises. A moment of a schedule becomes a row before anything runs, and is dealt with once: after a
//! fall of the node, a run that waited goes on waiting, and one that went on is noted as interrupted and not begun
//! again. Moments that passed while no node was up are made up once, by the newest of them, if that is younger than a
//! day. A clock that is set back repeats nothing for three hours; set back further, schedules begin anew from its time.
//! Of a suspended account nothing runs. No account has more than three runs at once, and a run that has gone on for ten
//! minutes leaves its place to others, so that nobody's commands of hours keep those of others from beginning.
//!
//! Knows no HTTP and no files: what runs goes through [`work::Tools`].

mod words;
pub mod schedule;
mod rules;
mod service;
mod live;
mod plan;
pub mod work;
mod places;
mod runner;

pub use live::{Heard, Live};
pub use places::Places;
pub use plan::{CLOCK_SET_BACK, MADE_UP, QUEUE, Tick, tick};
pub use rules::{CronInput, DEFAULT_TIMEOUT_S, MAX_GRACE_S, MAX_JITTER_S, MAX_TIMEOUT_S};
pub use runner::{Desk, Runner};
pub use schedule::{Schedule, zone};
pub use service::{
    CronAsked, CronChanged, KEPT, MOST, add, change, find, list, remove, run, run_now, runs, set_enabled, stop,
};
