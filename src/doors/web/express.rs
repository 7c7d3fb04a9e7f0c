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
use freehold_base::{Clock, Code, Error, OrInternal as _, Result, SiteId, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::coding::Accepted;
use super::connection::Connection;
use super::counters::Outcome;
use super::desk::{Desk, Noted, Sending};
use super::files;
use super::files::answer::{Piece, Wanted};
use super::files::find::{Found, Search};
use super::files::shelf::Got;
use super::hosts::SiteKind;
use super::limits::MAX_HEAD_BYTES;
use super::page::{CachedPage, Form, put_headers};
use super::path::CanonPath;
use super::respond::{UNLOCK_COOKIE, is_known, refreshed};
use super::rules::{self, InForce};
use super::state::Web;

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
    /// A request for a file that must be looked for on the disk.
    Find(Box<Search>),
    /// A request that is answered, how many bytes it took, when it was read, and what notes a long answer.
    Answer(Reply, usize, Instant, Option<Box<Sending>>),
    /// Something for the framework.
    Framework,
}

enum Reply {
    Page(Arc<Form>),
    Head(Arc<Form>),
    /// A 304, up to its date.
    Unchanged(Vec<u8>),
    /// A file of a site, or what stands in for it.
    File(files::answer::Reply),
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
            let look = match if read.is_empty() { Look::More } else { self.look(&read, None) } {
                Look::Find(search) => {
                    let found = find(&self.desk.web, *search).await;
                    self.look(&read, Some(&found))
                }
                look => look,
            };
            match look {
                Look::More if read.len() <= MAX_HEAD_BYTES => {
                    read.reserve(READ_BYTES);
                    tokio::select! {
                        biased;
                        got = io.read_buf(&mut read) => if got? == 0 { return Err(io::ErrorKind::UnexpectedEof.into()) },
                        () = &mut stopping => return Err(io::ErrorKind::ConnectionAborted.into()),
                    }
                }
                Look::Answer(reply, used, started, mut sending) => {
                    let mut uncounted = 0;
                    let sent = sending.as_mut().map_or(&mut uncounted, |sending| &mut sending.sent);
                    let long = send(&mut io, &reply, &date_line(&self.desk.web.clock, started), sent).await?;
                    drop(sending);
                    // Its beginning stands for its end: a clock is read often enough here. But not where a slow client
                    // took minutes for a large file: its rest begins now.
                    io.progress().answered(if long { Clock::instant() } else { started });
                    if used == read.len() { read.clear() } else { read.advance(used) }
                }
                Look::More | Look::Find(_) | Look::Framework => {
                    io.give_back(read);
                    return Ok(io);
                }
            }
        }
    }

    /// `found`: what the disk had for this very request.
    fn look(&self, read: &[u8], found: Option<&Result<Found>>) -> Look {
        let started = Clock::instant();
        let mut room = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        match request.parse_with_uninit_headers(read, &mut room) {
            Ok(httparse::Status::Complete(used)) if used <= MAX_HEAD_BYTES => {
                match self.answer(&request, started, found) {
                    Some(Ready::Reply(reply, sending)) => Look::Answer(reply, used, started, sending),
                    Some(Ready::Find(search)) => Look::Find(search),
                    None => Look::Framework,
                }
            }
            Ok(httparse::Status::Partial) => Look::More,
            _ => Look::Framework,
        }
    }

    /// The stored answer to a request; `None` where the framework must see it.
    fn answer(
        &self,
        request: &httparse::Request<'_, '_>,
        started: Instant,
        found: Option<&Result<Found>>,
    ) -> Option<Ready> {
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
        if site.suspended || site.redirect_to_main || site.preview {
            return None;
        }
        let target = request.path?;
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let path = CanonPath::parse(path).ok()?;
        let all_rules = self.desk.web.rules.now();
        let rules = all_rules.get(&site.site);
        let of_files = site.kind == SiteKind::Static;
        // Files have their headers already.
        let headers = (!of_files).then_some(self.desk.web.settings.secure);
        if rules.is_some_and(|rules| !rules::passes(rules, &table, site, &path, headers)) {
            return None;
        }
        let noted = |status: u16, bytes: u64, outcome: Outcome| Noted {
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
        };
        if of_files {
            let place = Place { site: site.site, path: path.as_str(), query, rules };
            let wanted = Wanted { head: method == Method::HEAD, ..asked.of_files() };
            let file = match place.answer(&self.desk.web, started, &wanted, found)? {
                At::Hand(file) => file,
                At::Disk(search) => return Some(Ready::Find(search)),
            };
            let outcome = if found.is_some() { Outcome::Miss } else { Outcome::Hit };
            let sending =
                self.desk.note_sent(&noted(file.status, if file.bodiless { 0 } else { file.size() }, outcome));
            return Some(Ready::Reply(Reply::File(file), sending));
        }
        if site.kind != SiteKind::Cms {
            return None;
        }
        let make = |page: &Arc<CachedPage>| reply(page, &method, &asked);
        let ((reply, status, bytes), outcome) = self.desk.remembered(site, &path, query, asked.accepted, make)?;
        if let Reply::Page(form) = &reply {
            self.desk.web.finisher.lay(form);
        }
        let sending = self.desk.note_sent(&noted(status, bytes, outcome));
        Some(Ready::Reply(reply, sending))
    }
}

/// What a request comes to.
enum Ready {
    Reply(Reply, Option<Box<Sending>>),
    Find(Box<Search>),
}

/// Where a file is.
enum At {
    Hand(files::answer::Reply),
    Disk(Box<Search>),
}

/// A file that is asked for.
struct Place<'r> {
    site: SiteId,
    path: &'r str,
    query: Option<&'r str>,
    rules: Option<&'r Arc<InForce>>,
}

impl Place<'_> {
    /// From what was found, from the shelf, or by a search; `None` where the framework must see to it.
    fn answer(self, web: &Web, now: Instant, wanted: &Wanted<'_>, found: Option<&Result<Found>>) -> Option<At> {
        let reply = match found {
            Some(Ok(found)) => {
                let asked = files::answer::Address { path: self.path, query: self.query };
                files::answer::reply(found, asked, self.rules.map(AsRef::as_ref), web.settings.secure, wanted)
            }
            Some(Err(_)) => return None, // the framework's way says what is wrong
            None => {
                let version = self.rules.map_or(0, |rules| rules.version);
                match web.files.shelf.get(self.site, self.path, version, web.files.shelf.ms(now)) {
                    Got::Fresh(known) => files::answer::file(&known, wanted),
                    Got::Check(known) => {
                        let search = self.search(web)?;
                        let files = Arc::clone(&web.files);
                        drop(tokio::task::spawn_blocking(move || files.find(&search)));
                        files::answer::file(&known, wanted)
                    }
                    Got::Nothing => return Some(At::Disk(Box::new(self.search(web)?))),
                }
            }
        };
        if let Some(known) = &reply.known
            && let Some(coding) = known.wanted(wanted.accepted)
        {
            web.files.pack(known, coding);
        }
        Some(At::Hand(reply))
    }

    fn search(&self, web: &Web) -> Option<Search> {
        let root = web.files.root(self.site)?;
        Some(Search { site: self.site, root, rules: self.rules.cloned(), path: self.path.into() })
    }
}

/// Looks on the disk, on a thread that may wait for it; `Busy` where too many wait already.
async fn find(web: &Arc<Web>, search: Search) -> Result<Found> {
    let Ok(_permit) = web.blocking.try_acquire() else { return Err(Error::code(Code::Busy)) };
    let files = Arc::clone(&web.files);
    tokio::task::spawn_blocking(move || files.find(&search)).await.or_internal("looking for a file")?
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
#[derive(Default)]
struct Asked<'r> {
    host: &'r str,
    accepted: Accepted,
    if_none_match: Option<&'r [u8]>,
    if_modified_since: Option<&'r [u8]>,
    if_range: Option<&'r [u8]>,
    range: Option<&'r [u8]>,
    referrer: &'r [u8],
    agent: &'r [u8],
}

impl<'r> Asked<'r> {
    /// `None` where the request is not plain.
    fn read(headers: &[httparse::Header<'r>]) -> Option<Self> {
        let (mut host, mut accepted) = (None, None);
        let mut asked = Self::default();
        for header in headers {
            let value = header.value;
            match Name::of(header.name) {
                Name::Host if host.is_none() => host = Some(std::str::from_utf8(value).ok()?),
                Name::AcceptEncoding => accepted = accepted.or(Some(value)),
                Name::IfNoneMatch => asked.if_none_match = asked.if_none_match.or(Some(value)),
                Name::IfModifiedSince => asked.if_modified_since = asked.if_modified_since.or(Some(value)),
                Name::IfRange => asked.if_range = asked.if_range.or(Some(value)),
                Name::Range => asked.range = asked.range.or(Some(value)),
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

    fn of_files(&self) -> Wanted<'r> {
        Wanted {
            head: false,
            accepted: self.accepted,
            if_none_match: self.if_none_match,
            if_modified_since: self.if_modified_since,
            if_range: self.if_range,
            range: self.range,
        }
    }
}

/// Names of headers that matter here.
enum Name {
    Host,
    AcceptEncoding,
    IfNoneMatch,
    IfModifiedSince,
    IfRange,
    Range,
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
            5 if is("range") => Self::Range,
            6 if is("cookie") => Self::Cookie,
            6 if is("expect") => Self::Framework,
            7 if is("referer") => Self::Referer,
            7 if is("upgrade") => Self::Framework,
            8 if is("if-range") => Self::IfRange,
            10 if is("user-agent") => Self::UserAgent,
            10 if is("connection") => Self::Connection,
            13 if is("if-none-match") => Self::IfNoneMatch,
            13 if is("authorization") => Self::Framework,
            14 if is("content-length") => Self::Framework,
            15 if is("accept-encoding") => Self::AcceptEncoding,
            17 if is("if-modified-since") => Self::IfModifiedSince,
            17 if is("transfer-encoding") => Self::Framework,
            _ => Self::Other,
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

/// Sends an answer; whether it may have taken long. `sent` grows by what went of its body.
async fn send(io: &mut Connection, reply: &Reply, date: &DateLine, sent: &mut u64) -> io::Result<bool> {
    if let Reply::File(file) = reply {
        return send_pieces(io, file, date, sent).await;
    }
    if let Reply::Page(form) = reply
        && let Some(file) = form.file()
    {
        io.send_more([&form.head, date]).await?;
        io.send_file(file, 0, form.body.len() as u64, sent).await?;
        return Ok(false);
    }
    let (head, body): (&[u8], &[u8]) = match reply {
        Reply::Page(form) => (&form.head, &form.body),
        Reply::Head(form) => (&form.head, b""),
        Reply::Unchanged(head) => (head, b""),
        Reply::File(file) => (file.head.bytes(), b""),
    };
    write_all(io, &[head, date], body, sent).await?;
    Ok(false)
}

/// Sends a file, or parts of one, without copying what is on the disk.
async fn send_pieces(
    io: &mut Connection,
    reply: &files::answer::Reply,
    date: &DateLine,
    sent: &mut u64,
) -> io::Result<bool> {
    let head = reply.head.bytes();
    match reply.body.as_slice() {
        _ if reply.bodiless => write_all(io, &[head, date], b"", sent).await?,
        [] => write_all(io, &[head, date], b"", sent).await?,
        [Piece::Bytes(body)] => write_all(io, &[head, date], body, sent).await?,
        pieces => {
            io.send_more([head, date]).await?;
            for piece in pieces {
                match piece {
                    Piece::Bytes(bytes) => write_all(io, &[], bytes, sent).await?,
                    Piece::File(file, at, len) => io.send_from_disk(file, *at, *len, sent).await?,
                }
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// Sends a head and what follows it in as few packets as may be; `sent` grows by what went of the body.
async fn write_all(io: &mut Connection, head: &[&[u8]], body: &[u8], sent: &mut u64) -> io::Result<()> {
    let mut room = [IoSlice::new(&[]), IoSlice::new(&[]), IoSlice::new(body)];
    for (slice, part) in room.iter_mut().zip(head) {
        *slice = IoSlice::new(part);
    }
    let mut left = &mut room[..];
    let mut head_left: usize = head.iter().map(|part| part.len()).sum();
    // A slice that is empty is written already.
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        let written = io.write_vectored(left).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        *sent += written.saturating_sub(head_left) as u64;
        head_left = head_left.saturating_sub(written);
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
