//! One run of a command: started, heard, ended.

use std::process::Stdio;
use std::time::Duration;

use freehold_base::{Clock, Error, Result};

use super::watch::{Stop, Watched, spawn_heard, wait_for};
use super::{Order, Sandbox, program};

/// A program that says more than this is ended: nobody reads it, and saying it costs the others.
const MOST_OUTPUT: u64 = 256 << 20;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status; 128 and the number of the signal where one ended it.
    Exit(i32),
    /// Its time was over.
    TimedOut,
    /// Somebody asked to stop it.
    Stopped,
    /// It said too much.
    TooMuch,
}

/// What came of a run.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// How long it took.
    pub took: Duration,
}

impl Sandbox {
    /// Runs a command to its end on this thread; `hear` gets what it says as it says it.
    ///
    /// # Errors
    /// `WrongState` where no programs run here, with the reason; `Internal` where it cannot be started.
    pub fn run(&self, order: &Order<'_>, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Result<Ran> {
        let (tools, home) = (self.tools()?, self.home(order.account)?);
        let mut command = program::of_order(tools, order, &home).ok_or_else(no_walls)?;
        command.stdin(Stdio::null());
        let begun = Clock::instant();
        let mut group = spawn_heard(&mut command)?;
        let mut said = 0_u64;
        let ended = wait_for(&mut group, stop, order.timeout, &mut |bytes| {
            said += bytes.len() as u64;
            hear(bytes);
            said <= MOST_OUTPUT
        })?;
        let end = match ended {
            Watched::Exited(status) => End::Exit(status),
            Watched::TimedOut => End::TimedOut,
            Watched::Stopped => End::Stopped,
            Watched::TooMuch => End::TooMuch,
        };
        Ok(Ran { end, took: begun.elapsed() })
    }
}

pub(super) fn no_walls() -> Error {
    Error::internal("starting a program", "the sandbox is gone")
}
