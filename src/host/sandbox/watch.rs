//! A child with all it started: its own session and group, ended as a whole, waited for without polling.

use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use freehold_base::{Clock, Error, OrInternal as _, Result};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// Asks a run to stop, from any thread. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop {
    bell: Arc<OwnedFd>,
    asked: Arc<AtomicBool>,
}

impl Stop {
    /// Not asked yet.
    ///
    /// # Errors
    /// `Internal` where the kernel gives no descriptor.
    pub fn new() -> Result<Self> {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).or_internal("making a bell")?;
        Ok(Self { bell: Arc::new(bell), asked: Arc::default() })
    }
    /// Asks.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.ring();
    }
    /// Wakes whoever waits, without asking to stop.
    pub(super) fn ring(&self) {
        let _ = rustix::io::write(&*self.bell, &1_u64.to_ne_bytes()); // a full bell rings already
    }
    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
    pub(super) fn quiet(&self) {
        let _ = rustix::io::read(&*self.bell, &mut [0_u8; 8]);
    }
    pub(super) fn bell(&self) -> &OwnedFd {
        &self.bell
    }
}

/// A child that leads its session and its group.
#[derive(Debug)]
pub struct Group {
    child: Child,
    pid: Pid,
    pidfd: OwnedFd,
    output: Option<std::io::PipeReader>,
    reaped: Option<i32>,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// By itself, with this status; 128 and the signal where a signal ended it.
    Exited(i32),
    /// Its time was over.
    TimedOut,
    /// Somebody asked.
    Stopped,
    /// Whoever hears its output had enough.
    TooMuch,
}

/// What a program said is read to its end for so long after it ended: without walls, something that it started may
/// still hold the pipe.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Starts a command. The thread that calls this must live as long as the child: it is killed with it.
pub fn spawn(command: &mut Command) -> Result<Group> {
    spawn_with(command, None)
}

/// As [`spawn`], with what it says at the other end of a pipe.
pub fn spawn_heard(command: &mut Command) -> Result<Group> {
    let (reader, writer) = std::io::pipe().or_internal("making a pipe")?;
    let second = writer.try_clone().or_internal("making a pipe")?;
    command.stdout(writer).stderr(second);
    spawn_with(command, Some(reader))
}

fn spawn_with(command: &mut Command, output: Option<std::io::PipeReader>) -> Result<Group> {
    let mut child = command.spawn().or_internal("starting a program")?;
    // The pipe's writing end must close with the child.
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let watched = pid.and_then(|pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?)));
    let Some((pid, pidfd)) = watched else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Error::internal("watching a program", "no descriptor"));
    };
    Ok(Group { child, pid, pidfd, output, reaped: None })
}

impl Group {
    /// Kills the child and all of its group. In a sandbox its first process goes with it, and so the kernel ends all
    /// others of the sandbox, whatever groups they made.
    pub fn kill_group(&mut self) {
        // Once its first process is reaped the number may be another group's.
        if self.reaped.is_none() {
            let _ = kill_process_group(self.pid, Signal::KILL);
            let _ = self.child.kill(); // before `setsid` ran the group was not there yet
        }
        self.reap();
    }
    /// Takes the status of the child that ended; waits where it is just ending.
    fn reap(&mut self) -> i32 {
        if let Some(status) = self.reaped {
            return status;
        }
        let status = self.child.wait().map_or(-1, |s| s.code().unwrap_or_else(|| 128 + s.signal().unwrap_or(0)));
        self.reaped = Some(status);
        status
    }
    pub(super) fn pidfd(&self) -> &OwnedFd {
        &self.pidfd
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Waits until the child ends, its time is over, or somebody asks to stop; `hear` gets what it says and answers
/// whether to go on. What is over is killed with its group.
pub fn wait_for(
    group: &mut Group,
    stop: &Stop,
    timeout: Duration,
    hear: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Watched> {
    let begun = Clock::instant();
    let mut buffer = vec![0_u8; 64 << 10];
    let mut exited = None;
    let ended = loop {
        let left = match exited {
            Some((_, at)) => LAST_WORDS.saturating_sub(Clock::instant().duration_since(at)),
            None => timeout.saturating_sub(begun.elapsed()),
        };
        if stop.is_asked() && exited.is_none() {
            break Watched::Stopped;
        }
        match (exited, left.is_zero() || group.output.is_none()) {
            (Some((status, _)), true) => break Watched::Exited(status),
            (None, _) if left.is_zero() => break Watched::TimedOut,
            _ => {}
        }
        let ready = ready(group, stop, left)?;
        stop.quiet();
        if ready.output {
            match group.output.as_mut().map(|o| o.read(&mut buffer)) {
                Some(Ok(0) | Err(_)) => group.output = None,
                Some(Ok(n)) if !hear(&buffer[..n]) => break Watched::TooMuch,
                _ => {}
            }
        }
        if ready.ended && exited.is_none() {
            let _ = kill_process_group(group.pid, Signal::KILL); // what it left behind, while the number is still its own
            let status = group.reap();
            exited = Some((status, Clock::instant()));
        }
    };
    group.kill_group();
    Ok(ended)
}

struct Ready {
    output: bool,
    ended: bool,
}

fn ready(group: &Group, stop: &Stop, left: Duration) -> Result<Ready> {
    let time =
        Timespec { tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX), tv_nsec: i64::from(left.subsec_nanos()) };
    let mut fds = vec![PollFd::from_borrowed_fd(stop.bell().as_fd(), PollFlags::IN)];
    // A child that ended is not asked again: its descriptor would answer for ever.
    if group.reaped.is_none() {
        fds.push(PollFd::from_borrowed_fd(group.pidfd.as_fd(), PollFlags::IN));
    }
    let at = fds.len();
    if let Some(output) = &group.output {
        fds.push(PollFd::from_borrowed_fd(output.as_fd(), PollFlags::IN));
    }
    match poll(&mut fds, Some(&time)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(e) => return Err(Error::internal("waiting for a program", e)),
    }
    Ok(Ready {
        ended: at == 2 && !fds[1].revents().is_empty(),
        output: fds.get(at).is_some_and(|fd| fd.revents().intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR)),
    })
}
