//! A shell at a terminal, for one person: a thread of its own holds the child, reads what it says and writes what is
//! typed. Only in the sandbox.

use std::collections::VecDeque;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{Clock, Code, Error, OrInternal as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::run::no_walls;
use super::watch::{Group, Stop, spawn};
use super::{Isolation, Order, Sandbox, program};

/// Typed bytes that may wait for a program which does not read: about a long paste.
const WAITING: usize = 1 << 20;

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl Size {
    fn of_kernel(self) -> Winsize {
        Winsize { ws_row: self.rows.clamp(2, 500), ws_col: self.columns.clamp(2, 1000), ws_xpixel: 0, ws_ypixel: 0 }
    }
}

/// The near end of a terminal. The shell and all it started end when this is dropped.
#[derive(Debug)]
pub struct Terminal {
    typed: Arc<Mutex<VecDeque<u8>>>,
    size: Arc<Mutex<Option<Size>>>,
    stop: Stop,
}

impl Sandbox {
    /// Opens a terminal with the account's shell. `hear` gets what it says, on the terminal's thread, and may hold it
    /// up; where it answers false, or the shell ends, the terminal is over and `over` is called.
    ///
    /// # Errors
    /// `WrongState` where there is no sandbox; `Internal` where it cannot be started.
    pub fn open_terminal(
        &self,
        order: &Order<'static>,
        size: Size,
        hear: impl FnMut(&[u8]) -> bool + Send + 'static,
        over: impl FnOnce() + Send + 'static,
    ) -> Result<Terminal> {
        if self.isolation() != Isolation::Sandboxed {
            return Err(Error::refused(Code::WrongState, "a terminal is opened in the sandbox only, and here is none"));
        }
        let (tools, home) = (self.tools()?.clone(), self.home(order.account)?);
        let (master, shell) = pair(size)?;
        let terminal = Terminal { typed: Arc::default(), size: Arc::default(), stop: Stop::new()? };
        let held = Held {
            master,
            typed: Arc::clone(&terminal.typed),
            size: Arc::clone(&terminal.size),
            stop: terminal.stop.clone(),
        };
        let order = order.clone();
        let (told, answer) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("terminal".into()).spawn(move || {
            // Started on this thread: the child is killed when the thread that started it ends.
            let group = program::of_order(&tools, &order, &home).ok_or_else(no_walls).and_then(|mut command| {
                let ends = (shell.try_clone(), shell.try_clone());
                let (Ok(out), Ok(err)) = ends else {
                    return Err(Error::internal("opening a terminal", "no descriptor"));
                };
                command.stdin(Stdio::from(shell)).stdout(Stdio::from(out)).stderr(Stdio::from(err));
                spawn(&mut command)
            });
            match group {
                Ok(group) => {
                    let _ = told.send(Ok(()));
                    held.work(group, &order, hear);
                }
                Err(e) => drop(told.send(Err(e))),
            }
            over();
        });
        thread.or_internal("starting a terminal")?;
        answer.recv().unwrap_or_else(|e| Err(Error::internal("opening a terminal", e)))?;
        Ok(terminal)
    }
}

/// Both ends of a new pseudo-terminal.
fn pair(size: Size) -> Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags).or_internal("opening a terminal")?;
    grantpt(&master).or_internal("opening a terminal")?;
    unlockpt(&master).or_internal("opening a terminal")?;
    let shell = ioctl_tiocgptpeer(&master, flags).or_internal("opening a terminal")?;
    tcsetwinsize(&master, size.of_kernel()).or_internal("opening a terminal")?;
    rustix::io::ioctl_fionbio(&master, true).or_internal("opening a terminal")?;
    Ok((master, shell))
}

impl Terminal {
    /// Takes what was typed; false where the program reads so slowly that no more fits.
    pub fn type_in(&self, bytes: &[u8]) -> bool {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        if typed.len() + bytes.len() > WAITING {
            return false;
        }
        typed.extend(bytes);
        drop(typed);
        self.stop.ring();
        true
    }
    /// The window has another size.
    pub fn resize(&self, size: Size) {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner) = Some(size);
        self.stop.ring();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.stop.ask();
    }
}

/// What the thread holds.
struct Held {
    master: OwnedFd,
    typed: Arc<Mutex<VecDeque<u8>>>,
    size: Arc<Mutex<Option<Size>>>,
    stop: Stop,
}

impl Held {
    fn work(self, mut group: Group, order: &Order<'_>, mut hear: impl FnMut(&[u8]) -> bool) {
        let begun = Clock::instant();
        let mut buffer = vec![0_u8; 16 << 10];
        while !self.stop.is_asked() {
            let left = order.timeout.saturating_sub(begun.elapsed());
            let Some(ready) = self.wait(&group, left) else { break };
            self.stop.quiet();
            if let Some(size) = self.size.lock().unwrap_or_else(PoisonError::into_inner).take() {
                let _ = tcsetwinsize(&self.master, size.of_kernel());
            }
            if ready.write {
                self.write();
            }
            if ready.read {
                match rustix::io::read(&self.master, &mut buffer) {
                    Ok(0) => break,
                    Ok(n) if !hear(&buffer[..n]) => break,
                    Ok(_) | Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                    Err(_) => break, // the other end is closed
                }
            } else if ready.ended {
                break;
            }
        }
        group.kill_group();
    }

    fn write(&self) {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, _) = typed.as_slices();
        if let Ok(n) = rustix::io::write(&self.master, first) {
            typed.drain(..n);
        }
    }

    /// What can be done; none where the time is over.
    fn wait(&self, group: &Group, left: std::time::Duration) -> Option<Ready> {
        let waiting = !self.typed.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        let wanted = if waiting { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let time = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let mut fds = [
            PollFd::from_borrowed_fd(self.stop.bell().as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(group.pidfd().as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.master.as_fd(), wanted),
        ];
        match poll(&mut fds, Some(&time)) {
            Ok(0) if left.is_zero() => return None,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
        let at = fds[2].revents();
        Some(Ready {
            ended: !fds[1].revents().is_empty(),
            read: at.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR),
            write: at.contains(PollFlags::OUT),
        })
    }
}

struct Ready {
    ended: bool,
    read: bool,
    write: bool,
}
