//! This very program as a helper: started anew with no environment and bounds of its own, given bytes, asked for bytes.
//! What it works on may be hostile; where it falls, only it does (security rule D5).

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use freehold_base::{Clock, Error, OrInternal as _, Result};
use rustix::process::{Resource, Rlimit, setrlimit};

/// How often a helper is looked at while it works.
const LOOK: Duration = Duration::from_millis(5);

/// What a helper may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long.
    pub time: Duration,
    /// Bytes that it may give.
    pub output: u64,
}

/// Starts this program with these arguments, gives it `input` and what it says of it.
///
/// # Errors
/// `Internal` where it cannot be started, takes too long, says too much, or fails: with its last words.
pub fn ask(arguments: &[&str], input: &[u8], bounds: Bounds) -> Result<Vec<u8>> {
    const DOING: &str = "asking a helper";
    let program = std::env::current_exe().or_internal(DOING)?;
    #[allow(clippy::disallowed_methods)] // the host starts programs
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir("/");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .or_internal("starting a helper")?;
    let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let begun = Clock::instant();
    thread::scope(|scope| {
        // Each pipe has a thread: a helper that reads slowly must not keep us from hearing it.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input)));
        let said = scope.spawn(move || {
            let mut bytes = Vec::new();
            out.map(|pipe| pipe.take(bounds.output + 1).read_to_end(&mut bytes));
            bytes
        });
        let last_words = scope.spawn(move || {
            let mut words = String::new();
            err.map(|pipe| pipe.take(4096).read_to_string(&mut words));
            words
        });
        let status = loop {
            match child.try_wait().or_internal(DOING)? {
                Some(status) => break Some(status),
                None if begun.elapsed() > bounds.time => {
                    let _ = child.kill();
                    let _ = child.wait();
                    break None;
                }
                None => thread::sleep(LOOK),
            }
        };
        let said = said.join().map_err(|_| Error::internal(DOING, "it was not heard"))?;
        let words = last_words.join().unwrap_or_default();
        match status {
            Some(status) if status.success() && said.len() as u64 <= bounds.output => Ok(said),
            Some(status) if status.success() => Err(Error::internal(DOING, "it said too much")),
            Some(status) => Err(Error::internal(DOING, format!("{status}: {}", words.trim()))),
            None => Err(Error::internal(DOING, "it took too long")),
        }
    })
}

/// The helper's side: bounds itself, so that what it works on cannot take the machine.
///
/// # Errors
/// `Internal` where the system refuses.
pub fn bound_myself(memory_bytes: u64, seconds: u64) -> Result<()> {
    for (resource, most) in
        [(Resource::As, memory_bytes), (Resource::Cpu, seconds), (Resource::Core, 0), (Resource::Fsize, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).or_internal("bounding a helper")?;
    }
    Ok(())
}
