//! An answer on its way through the framework: HTTP/2, clients behind a proxy, requests with a wish of their own.
//! Files are read on threads that may wait, a piece at a time.

use std::fs::File;
use std::future::Future as _;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Response;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::rt::task::{JoinHandle, spawn_blocking};
use bytes::Bytes;

use super::answer::{Piece, Reply};

/// Bytes read at once: what a connection holds in memory, however large the file.
const AT_ONCE: u64 = 128 * 1024;

/// The framework's answer.
pub fn response(reply: Reply) -> Response<BoxBody> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let head = reply.head.bytes().to_vec();
    let sent_none = status == StatusCode::NOT_MODIFIED;
    let body = if sent_none { BoxBody::new(()) } else { BoxBody::new(Pieces::of(reply.body, reply.bodiless)) };
    let mut answer = Response::with_body(status, body);
    // The framework writes length and date itself.
    for line in head.split(|b| *b == b'\n').skip(1) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            && name != header::CONTENT_LENGTH
            && name != header::DATE
        {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

/// A body of pieces.
struct Pieces {
    left: std::vec::IntoIter<Piece>,
    bytes: u64,
    at: Option<(Arc<super::shelf::OpenFile>, u64, u64)>,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Pieces {
    /// `bodiless`: only their length counts. The framework asks the body of a HEAD for its bytes and drops them.
    fn of(pieces: Vec<Piece>, bodiless: bool) -> Self {
        let bytes = pieces.iter().map(Piece::size).sum();
        let left = if bodiless { Vec::new() } else { pieces };
        Self { left: left.into_iter(), bytes, at: None, reading: None }
    }
}

impl MessageBody for Pieces {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let Poll::Ready(read) = Pin::new(reading).poll(cx) else { return Poll::Pending };
                self.reading = None;
                let read = read.map_err(io::Error::other).and_then(|read| read);
                return Poll::Ready(Some(read));
            }
            if let Some((file, at, len)) = self.at.take() {
                let now = len.min(AT_ONCE);
                if len > now {
                    self.at = Some((Arc::clone(&file), at + now, len - now));
                }
                self.reading = Some(spawn_blocking(move || read(&file.0, at, now)));
                continue;
            }
            match self.left.next() {
                None => return Poll::Ready(None),
                Some(Piece::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Piece::Bytes(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Some(Piece::File(_, _, 0)) => {}
                Some(Piece::File(file, at, len)) => self.at = Some((file, at, len)),
            }
        }
    }
}

/// Exactly so many bytes; a file that became shorter ends the answer, so that nobody takes it for a whole one.
fn read(file: &File, at: u64, len: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::files::answer::Head;
    use crate::web::files::shelf::OpenFile;

    #[test]
    fn of_a_head_nothing_is_read_however_large_the_file() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(5 << 30).unwrap();
        let body = vec![Piece::File(OpenFile::keep(file), 0, 5 << 30)];
        let head = Head::Made(b"HTTP/1.1 200 OK\r\ndate: ".to_vec());
        let mut reply = Reply { status: 200, head, body, bodiless: true, known: None };
        let first = |reply: &Reply| {
            let mut body = response(reply.clone()).into_body();
            assert_eq!(body.size(), BodySize::Sized(5 << 30));
            Pin::new(&mut body).poll_next(&mut Context::from_waker(std::task::Waker::noop())).map(|read| read.is_some())
        };
        assert_eq!(first(&reply), Poll::Ready(false));
        reply.bodiless = false;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _inside = runtime.enter();
        assert_ne!(first(&reply), Poll::Ready(false), "of a GET it is read");
    }
}
