//! Pages from memory, before the framework: a keep-alive connection is served here as long as each request is a plain
//! GET or HEAD of a stored page. The first one that is anything else goes to the framework with all that was read, and
//! the connection stays there. What has a body, credentials or a wish about the connection is never looked at here, so
//! that only the framework decides where a request ends.
//!
//! Measured against the framework's own way for the same page: see `docs/decisions/0005-express.md`.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::{Method, Version};
use bytes::{Buf as _, BytesMut};
use freehold_base::{Clock, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::coding::Accepted;
use super::connection::Connection;
use super::desk::{Desk, Noted};
use super::hosts::SiteKind;
use super::limits::MAX_HEAD_BYTES;
use super::page::{CachedPage, Form, put_headers};
use super::path::CanonPath;
use super::respond::{UNLOCK_COOKIE, is_known, refreshed};

/// As many as the framework takes.
const MAX_HEADERS: usize = 96;
/// Room for a usual head; a longer one makes the buffer grow.
const READ_BYTES: usize = 2048;

/// Serves one connection from memory.
pub struct Express {
    /// The worker's desk.
    pub desk: Desk,
    /// The peer. It stands for the client: connections of proxies go to the framework.
    pub client: IpAddr,
}

/// What is in the bytes that were read.
enum Look {
    /// The beginning of a head.
    More,
    /// A request that is answered from memory, how many bytes it took, and when it was read.
    Answer(Reply, usize, Instant),
    /// Something for the framework.
    Framework,
}

enum Reply {
    Page(Arc<Form>),
    Head(Arc<Form>),
    /// A 304, up to its date.
    Unchanged(Vec<u8>),
}

impl Express {
    /// Serves requests until one is the framework's; gives the connection back with what was read. `stopping` ends it.
    ///
    /// # Errors
    /// Where the connection ends or fails, or the server stops.
    pub async fn serve(&self, mut io: Connection, stopping: impl Future<Output = ()>) -> io::Result<Connection> {
        let mut stopping = pin!(stopping);
        let mut read = BytesMut::new();
        loop {
            match if read.is_empty() { Look::More } else { self.look(&read) } {
                Look::More if read.len() <= MAX_HEAD_BYTES => {
                    read.reserve(READ_BYTES);
                    tokio::select! {
                        biased;
                        got = io.read_buf(&mut read) => if got? == 0 { return Err(io::ErrorKind::UnexpectedEof.into()) },
                        () = &mut stopping => return Err(io::ErrorKind::ConnectionAborted.into()),
                    }
                }
                Look::Answer(reply, used, started) => {
                    send(&mut io, &reply, &date_line(&self.desk.web.clock, started)).await?;
                    // Its beginning stands for its end: a clock is read often enough here.
                    io.progress().answered(started);
                    if used == read.len() { read.clear() } else { read.advance(used) }
                }
                Look::More | Look::Framework => {
                    io.give_back(read);
                    return Ok(io);
                }
            }
        }
    }

    fn look(&self, read: &[u8]) -> Look {
        let started = Clock::instant();
        let mut room = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        match request.parse_with_uninit_headers(read, &mut room) {
            Ok(httparse::Status::Complete(used)) if used <= MAX_HEAD_BYTES => {
                self.answer(&request, started).map_or(Look::Framework, |reply| Look::Answer(reply, used, started))
            }
            Ok(httparse::Status::Partial) => Look::More,
            _ => Look::Framework,
        }
    }

    /// The stored answer to a request; `None` where the framework must see it.
    fn answer(&self, request: &httparse::Request<'_, '_>, started: Instant) -> Option<Reply> {
        let method = match request.method? {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            _ => return None,
        };
        if request.version != Some(1) {
            return None;
        }
        let asked = Asked::read(request.headers)?;
        let table = self.desk.web.hosts.now();
        let site = table.find(asked.host).ok()?;
        if site.suspended || site.redirect_to_main || site.preview || site.kind != SiteKind::Cms {
            return None;
        }
        let target = request.path?;
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let path = CanonPath::parse(path).ok()?;
        let make = |page: &Arc<CachedPage>| reply(page, &method, &asked);
        let ((reply, status, bytes), outcome) = self.desk.remembered(site, &path, query, asked.accepted, make)?;
        if let Reply::Page(form) = &reply {
            self.desk.web.finisher.lay(form);
        }
        self.desk.note(&Noted {
            started,
            method: &method,
            target,
            version: Version::HTTP_11,
            referrer: asked.referrer,
            agent: asked.agent,
            client: self.client,
            site: site.site.get(),
            status,
            bytes,
            outcome,
        });
        Some(reply)
    }
}

/// The answer, its status and the length of its body.
fn reply(page: &CachedPage, method: &Method, asked: &Asked<'_>) -> (Reply, u16, u64) {
    if is_known(page, asked.if_none_match) {
        let mut head = b"HTTP/1.1 304 Not Modified\r\n".to_vec();
        put_headers(&mut head, refreshed(page));
        head.extend_from_slice(b"date: ");
        return (Reply::Unchanged(head), 304, 0);
    }
    let (form, _) = page.form(asked.accepted);
    let bytes = u64::try_from(form.body.len()).unwrap_or(u64::MAX);
    let reply = if *method == Method::HEAD { Reply::Head(form) } else { Reply::Page(form) };
    (reply, page.status.as_u16(), bytes)
}

/// What of a plain request an answer depends on.
struct Asked<'r> {
    host: &'r str,
    accepted: Accepted,
    if_none_match: Option<&'r [u8]>,
    referrer: &'r [u8],
    agent: &'r [u8],
}

impl<'r> Asked<'r> {
    /// `None` where the request is not plain.
    fn read(headers: &[httparse::Header<'r>]) -> Option<Self> {
        let (mut host, mut accepted) = (None, None);
        let mut asked = Self { host: "", accepted: Accepted::PLAIN, if_none_match: None, referrer: b"", agent: b"" };
        for header in headers {
            let value = header.value;
            match Name::of(header.name) {
                Name::Host if host.is_none() => host = Some(std::str::from_utf8(value).ok()?),
                Name::AcceptEncoding => accepted = accepted.or(Some(value)),
                Name::IfNoneMatch => asked.if_none_match = asked.if_none_match.or(Some(value)),
                Name::Referer => asked.referrer = value,
                Name::UserAgent => asked.agent = value,
                Name::Connection if value.eq_ignore_ascii_case(b"keep-alive") => {}
                Name::Cookie if !contains(value, UNLOCK_COOKIE.as_bytes()) => {}
                Name::Other => {}
                // Two hosts, a body, an upgrade, an end of the connection, credentials.
                Name::Host | Name::Connection | Name::Cookie | Name::Framework => return None,
            }
        }
        asked.host = host?;
        asked.accepted = Accepted::read(accepted);
        Some(asked)
    }
}

/// Names of headers that matter here.
enum Name {
    Host,
    AcceptEncoding,
    IfNoneMatch,
    Referer,
    UserAgent,
    Connection,
    Cookie,
    /// Only the framework may read the request.
    Framework,
    Other,
}

impl Name {
    fn of(name: &str) -> Self {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is("host") => Self::Host,
            6 if is("cookie") => Self::Cookie,
            6 if is("expect") => Self::Framework,
            7 if is("referer") => Self::Referer,
            7 if is("upgrade") => Self::Framework,
            10 if is("user-agent") => Self::UserAgent,
            10 if is("connection") => Self::Connection,
            13 if is("if-none-match") => Self::IfNoneMatch,
            13 if is("authorization") => Self::Framework,
            14 if is("content-length") => Self::Framework,
            15 if is("accept-encoding") => Self::AcceptEncoding,
            17 if is("transfer-encoding") => Self::Framework,
            _ => Self::Other,
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

async fn send(io: &mut Connection, reply: &Reply, date: &DateLine) -> io::Result<()> {
    if let Reply::Page(form) = reply
        && let Some(file) = form.file()
    {
        io.send_more([&form.head, date]).await?;
        return io.send_file(file, form.body.len()).await;
    }
    let (head, body): (&[u8], &[u8]) = match reply {
        Reply::Page(form) => (&form.head, &form.body),
        Reply::Head(form) => (&form.head, b""),
        Reply::Unchanged(head) => (head, b""),
    };
    let mut parts = [IoSlice::new(head), IoSlice::new(date), IoSlice::new(body)];
    let mut left = &mut parts[..];
    while !left.is_empty() {
        let written = io.write_vectored(left).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}

/// `Tue, 15 Nov 1994 08:12:31 GMT` and the end of the head.
type DateLine = [u8; 33];

/// The date of an answer (RFC 9110 section 5.6.7), made once a second: `now` says whether that second has passed.
fn date_line(clock: &Clock, now: Instant) -> DateLine {
    thread_local! {
        static MADE: Cell<Option<(Instant, DateLine)>> = const { Cell::new(None) };
    }
    if let Some((until, line)) = MADE.get()
        && now < until
    {
        return line;
    }
    let wall = clock.now();
    let line = written(wall);
    let left = 1000 - wall.ms().rem_euclid(1000);
    MADE.set(Some((now + Duration::from_millis(u64::try_from(left).unwrap_or(0)), line)));
    line
}

fn written(now: Timestamp) -> DateLine {
    let text = now.utc().format("%a, %d %b %Y %H:%M:%S GMT\r\n\r\n").to_string();
    DateLine::try_from(text.as_bytes()).unwrap_or(*b"Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_requests_are_read_here() {
        let plain = |head: &str| {
            let text = format!("GET / HTTP/1.1\r\nHost: a.example\r\n{head}\r\n");
            let mut room = [httparse::EMPTY_HEADER; 16];
            let mut request = httparse::Request::new(&mut room);
            assert!(request.parse(text.as_bytes()).is_ok_and(|s| s.is_complete()), "{head}");
            Asked::read(request.headers).is_some()
        };
        for head in [
            "",
            "Connection: keep-alive\r\n",
            "Cookie: a=b\r\n",
            "Range: bytes=0-1\r\n",
            "Upgrade-Insecure-Requests: 1\r\n",
        ] {
            assert!(plain(head), "{head}");
        }
        for head in [
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "TRANSFER-ENCODING: x\r\n",
            "Connection: close\r\n",
            "Connection: keep-alive, upgrade\r\n",
            "Upgrade: h2c\r\n",
            "Expect: 100-continue\r\n",
            "Authorization: Bearer x\r\n",
            "Cookie: a=b; freehold_unlock=c\r\n",
            "Host: b.example\r\n",
        ] {
            assert!(!plain(head), "{head}");
        }
    }

    #[test]
    fn the_date_is_written_as_http_wants_it() {
        assert_eq!(&written(Timestamp(784_887_151_999)), b"Tue, 15 Nov 1994 08:12:31 GMT\r\n\r\n");
        assert_eq!(&written(Timestamp(784_887_152_000)), b"Tue, 15 Nov 1994 08:12:32 GMT\r\n\r\n");
    }
}
