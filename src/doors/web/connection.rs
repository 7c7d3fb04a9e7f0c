//! A connection that ends in time (security rule B3).
//!
//! The framework's own time-out covers the head of a connection's first request only, and leaves the socket open
//! when it strikes. This one covers every head, and what is left of a body that nobody reads.

use std::cell::Cell;
use std::fs::File;
use std::future::Future as _;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_http::Protocol;
use actix_http::error::DispatchError;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Sleep, sleep_until, timeout};
use bytes::BytesMut;
use freehold_base::Clock;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::files::shelf::OpenFile;

#[derive(Clone, Copy, Debug)]
enum State {
    /// Nothing of the next request has come.
    Idle(Instant),
    /// Bytes have come that are no request yet.
    Head(Instant),
    /// A route works; bodies have limits of their own.
    Serving,
    /// It speaks another protocol from here on (a WebSocket), which has its own times.
    Upgraded,
}

/// Where a connection stands. Shared between its socket and the front; both live on one worker.
#[derive(Debug)]
pub struct Progress(Cell<State>);

impl Progress {
    /// A request was given to a route.
    pub fn serving(&self) {
        self.move_on(State::Serving);
    }

    /// A request was answered at this moment.
    pub fn answered(&self, at: Instant) {
        self.move_on(State::Idle(at));
    }

    /// No further request comes: what was agreed on times itself.
    pub fn upgraded(&self) {
        self.0.set(State::Upgraded);
    }

    fn move_on(&self, to: State) {
        if !matches!(self.0.get(), State::Upgraded) {
            self.0.set(to);
        }
    }
}

/// How long a connection may wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// From the last byte of an answer to the next request.
    pub idle: Duration,
}

/// How many connections are open.
#[derive(Clone, Debug, Default)]
pub struct OpenConnections(Arc<AtomicUsize>);

impl OpenConnections {
    /// The number now.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
    fn one_more(&self) -> Open {
        self.0.fetch_add(1, Ordering::Relaxed);
        Open(Self(Arc::clone(&self.0)))
    }
}

/// Counted while it lives.
#[derive(Debug)]
struct Open(OpenConnections);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket that fails with `TimedOut` when its client is too slow.
#[derive(Debug)]
pub struct Connection {
    io: TcpStream,
    /// Was read, and is to be read again.
    unread: BytesMut,
    patience: Patience,
    progress: Rc<Progress>,
    alarm: Option<Pin<Box<Sleep>>>,
    _open: Open,
}

impl Connection {
    /// Wraps an accepted HTTP/1 connection whose first byte has come.
    pub fn new(io: TcpStream, patience: Patience, open: &OpenConnections) -> Self {
        let progress = Rc::new(Progress(Cell::new(State::Idle(Clock::instant()))));
        Self { io, unread: BytesMut::new(), patience, progress, alarm: None, _open: open.one_more() }
    }

    /// A connection that carries many requests at once (HTTP/2): bytes that are no new request may be anything,
    /// so only the time of rest counts.
    pub fn many(io: TcpStream, patience: Patience, open: &OpenConnections) -> Self {
        Self::new(io, Patience { head: patience.idle, ..patience }, open)
    }

    /// Where it stands.
    pub fn progress(&self) -> Rc<Progress> {
        Rc::clone(&self.progress)
    }

    /// Sends all of these bytes and keeps the last packet open for more.
    ///
    /// # Errors
    /// Where the connection fails.
    pub async fn send_more(&self, parts: [&[u8]; 2]) -> io::Result<()> {
        use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
        let mut slices = parts.map(IoSlice::new);
        let mut left = &mut slices[..];
        while !left.is_empty() {
            let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
            let send = || Ok(sendmsg(&self.io, left, &mut SendAncillaryBuffer::default(), flags)?);
            let sent = self.io.async_io(Interest::WRITABLE, send).await?;
            IoSlice::advance_slices(&mut left, sent);
        }
        Ok(())
    }

    /// Sends `len` bytes of a file from `at` on, without copying them. Others on this thread have their turn in between.
    ///
    /// # Errors
    /// Where the connection fails, or the file is shorter: one that is being rewritten. `sent` grows by what went.
    pub async fn send_file(&self, file: &File, at: u64, len: u64, sent: &mut u64) -> io::Result<()> {
        let (mut at, end) = (at, at.saturating_add(len));
        while at < end {
            let now = usize::try_from(end - at).unwrap_or(usize::MAX).min(AT_ONCE);
            let send = || Ok(rustix::fs::sendfile(&self.io, file, Some(&mut at), now)?);
            match self.io.async_io(Interest::WRITABLE, send).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                went => *sent += went as u64,
            }
        }
        Ok(())
    }

    /// As [`Connection::send_file`], for a file of somebody else that may lie on the disk alone: what is not in memory
    /// is read first on a thread that may wait, so that this one never does.
    ///
    /// # Errors
    /// As [`Connection::send_file`].
    pub async fn send_from_disk(&self, file: &Arc<OpenFile>, at: u64, len: u64, sent: &mut u64) -> io::Result<()> {
        let (mut at, end) = (at, at.saturating_add(len));
        while at < end {
            let now = (end - at).min(AT_ONCE as u64);
            if !(is_in_memory(&file.0, at) && is_in_memory(&file.0, at + now - 1)) {
                let file = Arc::clone(file);
                let read = tokio::task::spawn_blocking(move || read_once(&file.0, at, now));
                read.await.map_err(io::Error::other)??;
            }
            self.send_file(&file.0, at, now, sent).await?;
            at += now;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// The bare socket and what was put back, to go on elsewhere.
    ///
    /// # Errors
    /// Where the socket cannot be taken from its thread.
    pub fn into_parts(self) -> io::Result<(std::net::TcpStream, BytesMut)> {
        Ok((self.io.into_std()?, self.unread))
    }

    /// The socket, to be wrapped anew.
    pub fn into_io(self) -> TcpStream {
        self.io
    }

    /// Puts back what was read: the next reader gets it first.
    pub fn give_back(&mut self, read: BytesMut) {
        if !read.is_empty() {
            self.progress.0.set(State::Head(Clock::instant())); // a head has begun, whoever reads it to its end
        }
        self.unread = read;
    }

    /// A long answer that the client keeps taking is no rest.
    fn note_write(&self, written: &Poll<io::Result<usize>>) {
        if written.is_ready() && !matches!(self.progress.0.get(), State::Serving | State::Upgraded) {
            self.progress.0.set(State::Idle(Clock::instant()));
        }
    }

    fn deadline(&self) -> Instant {
        match self.progress.0.get() {
            State::Idle(since) => since + self.patience.idle,
            State::Head(since) => since + self.patience.head,
            State::Serving | State::Upgraded => Clock::instant() + self.patience.head,
        }
    }

    /// Whether time is up. The alarm is set once and, when it rings, set to what the deadline is by then: a busy
    /// connection touches the timer once in [`Patience::head`], not once a request.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            let Some(alarm) = &mut self.alarm else {
                self.alarm = Some(Box::pin(sleep_until((Clock::instant() + self.patience.head).into())));
                continue;
            };
            if alarm.as_mut().poll(cx).is_pending() {
                return false;
            }
            let deadline = self.deadline();
            if deadline <= Clock::instant() {
                return true;
            }
            self.alarm = Some(Box::pin(sleep_until(deadline.into())));
        }
    }
}

/// Bytes of a file that are sent before others have their turn.
const AT_ONCE: usize = 512 * 1024;

/// Whether a byte of a file can be read without waiting for the disk. A filesystem that cannot say is taken at its best.
fn is_in_memory(file: &File, at: u64) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};
        let mut byte = [0];
        let read = preadv2(file, &mut [io::IoSliceMut::new(&mut byte)], at, ReadWriteFlags::NOWAIT);
        !matches!(read, Err(Errno::AGAIN))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, at);
        true
    }
}

/// Reads a part of a file for nothing but to have it in memory.
fn read_once(file: &File, at: u64, len: u64) -> io::Result<()> {
    let (mut room, mut at, end) = ([0; 64 * 1024], at, at.saturating_add(len));
    while at < end {
        match file.read_at(&mut room, at)? {
            0 => break,
            n => at += n as u64,
        }
    }
    Ok(())
}

/// A connection with what is spoken on it and who is at its other end.
pub type Accepted = (Connection, Protocol, Option<SocketAddr>);

/// What HTTP/2 with prior knowledge begins with (RFC 9113 section 3.4), as much as one look shows for certain.
const H2_PREFACE: &[u8; 12] = b"PRI * HTTP/2";

/// Prepares an accepted connection: no delay for small answers, cut where the client takes nothing, and not kept for
/// a client that never sends a first byte (the framework's own look for HTTP/2 would wait for ever).
///
/// # Errors
/// Where the client says nothing in time, or is gone.
pub async fn accept(
    io: TcpStream,
    patience: Patience,
    stall: Duration,
    open: &OpenConnections,
) -> Result<Accepted, DispatchError> {
    let mut start = [0; H2_PREFACE.len()];
    let seen =
        timeout(patience.head, io.peek(&mut start)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    io.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(&io, u32::try_from(stall.as_millis()).unwrap_or(u32::MAX))
        .map_err(io::Error::from)?;
    #[cfg(not(target_os = "linux"))]
    let _ = stall;
    let peer = io.peer_addr().ok();
    if start.get(..seen) == Some(H2_PREFACE) {
        return Ok((Connection::many(io, patience, open), Protocol::Http2, peer));
    }
    Ok((Connection::new(io, patience, open), Protocol::Http1, peer))
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let n = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread.split_to(n));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buffer);
        if read.is_ready() {
            if let State::Idle(_) = self.progress.0.get()
                && buffer.filled().len() > before
            {
                self.progress.0.set(State::Head(Clock::instant()));
            }
            return read;
        }
        if self.is_late(cx) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.note_write(&written);
        written
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, parts);
        self.note_write(&written);
        written
    }
    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
