//! A socket in the data folder by which programs of the same person on this machine talk to a running node: one line
//! asks, one line answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use freehold_base::{Code, Error, OrInternal as _, Result};

/// Longest question and longest answer.
const MAX_LINE: u64 = 16 << 20;
/// A question must come within this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// An answer may take this long.
const ANSWER: Duration = Duration::from_secs(600);

/// The listening end. Ends, with its file, when dropped.
#[derive(Debug)]
pub struct LocalSocket {
    path: PathBuf,
    stop: Arc<AtomicBool>,
}

impl LocalSocket {
    /// Listens at `path` (mode 0600) and answers each line by `answer`, one after the other, on a thread of its own.
    /// A file that stands there is taken away: whoever calls this holds the folder's lock.
    ///
    /// # Errors
    /// `Internal` where the socket cannot be made (such as a path of more than 107 bytes).
    pub fn start(path: &Path, answer: impl Fn(&str) -> String + Send + 'static) -> Result<Self> {
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path).or_internal("opening the local socket")?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .or_internal("opening the local socket")?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked_to_stop = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("local-socket".into())
            .spawn(move || {
                for peer in listener.incoming() {
                    if asked_to_stop.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Err(e) = peer.or_internal("accepting").and_then(|peer| serve(&peer, &answer)) {
                        tracing::warn!("local socket: {e}");
                    }
                }
            })
            .or_internal("starting the local socket")?;
        Ok(Self { path: path.to_owned(), stop })
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = UnixStream::connect(&self.path); // wakes the thread
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn serve(peer: &UnixStream, answer: &impl Fn(&str) -> String) -> Result<()> {
    let who = rustix::net::sockopt::socket_peercred(peer).or_internal("asking who is there")?;
    if who.uid != rustix::process::geteuid() && !who.uid.is_root() {
        return Err(Error::denied());
    }
    peer.set_read_timeout(Some(PATIENCE)).or_internal("reading")?;
    peer.set_write_timeout(Some(PATIENCE)).or_internal("answering")?;
    let Some(line) = line_of(peer)? else { return Ok(()) };
    let mut said = answer(&line);
    said.push('\n');
    (&*peer).write_all(said.as_bytes()).or_internal("answering")
}

/// One line; `None` where the other end said nothing.
fn line_of(peer: &UnixStream) -> Result<Option<String>> {
    let mut line = String::new();
    BufReader::new(peer.take(MAX_LINE)).read_line(&mut line).or_internal("reading from the local socket")?;
    if line.is_empty() {
        return Ok(None);
    }
    if !line.ends_with('\n') {
        return Err(Error::refused(Code::TooLarge, "16 MB"));
    }
    Ok(Some(line))
}

/// Asks the node that listens at `path`; `None` where none does.
///
/// # Errors
/// `Internal` where it listens but does not answer.
pub fn ask(path: &Path, question: &str) -> Result<Option<String>> {
    let Ok(mut peer) = UnixStream::connect(path) else { return Ok(None) };
    peer.set_read_timeout(Some(ANSWER)).or_internal("asking the node")?;
    peer.write_all(question.as_bytes()).or_internal("asking the node")?;
    peer.write_all(b"\n").or_internal("asking the node")?;
    match line_of(&peer)? {
        Some(answer) => Ok(Some(answer)),
        None => Err(Error::internal("asking the node", "it hung up; its log says why")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_answered_and_nobody_else_may_open_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        assert_eq!(ask(&path, "x").unwrap(), None, "nobody listens");
        std::fs::write(&path, "left over from a crash").unwrap();
        let socket = LocalSocket::start(&path, |line| format!("you said {}", line.trim())).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for word in ["one", "two"] {
            assert_eq!(ask(&path, word).unwrap().unwrap(), format!("you said {word}\n"));
        }
        drop(UnixStream::connect(&path).unwrap()); // says nothing: no harm
        assert_eq!(ask(&path, "three").unwrap().unwrap(), "you said three\n");
        drop(socket);
        assert_eq!(ask(&path, "x").unwrap(), None);
    }
}
