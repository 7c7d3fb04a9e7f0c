//! Slow work: queued in the transaction that wants it, done by workers, with progress, retry and cancel (row OP05).

mod service;
mod runner;

pub use freehold_store::jobs::{Job, JobFilter, NewJob};
pub use runner::{Context, Failure, Handlers, Lane, Pace, Runner};
pub use service::{
    JobChanged, JobQueued, about, cancel, counts, drop_unique, enqueue, find, list, pause, resume, retry, run_now,
    search,
};
