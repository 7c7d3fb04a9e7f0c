//! Slow work: queued in the transaction that wants it, done by workers, with progress, retry and cancel (row OP05).

mod runner;
mod service;

pub use freehold_store::jobs::{Job, NewJob};
pub use runner::{Context, Failure, Handlers, Runner};
pub use service::{JobQueued, cancel, drop_unique, enqueue, find, list, retry};
