//! From what was found to an answer: whole, in parts, "nothing has changed", or a page that says what is wrong.
//! The same for both ways that a connection may be served.

use std::io::Write as _;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use freehold_base::secret::random_token;

use super::dates;
use super::find::Found;
use super::range::{self, Ranges};
use super::shelf::{Form, Held, Known, OpenFile};
use crate::web::coding::Accepted;
use crate::web::page::put_headers;
use crate::web::respond::has_tag;
use crate::web::rules::{self, InForce};

/// What of a request an answer depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'r> {
    /// It is a HEAD.
    pub head: bool,
    /// Codings it takes.
    pub accepted: Accepted,
    /// `If-None-Match`.
    pub if_none_match: Option<&'r [u8]>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<&'r [u8]>,
    /// `If-Range`.
    pub if_range: Option<&'r [u8]>,
    /// `Range`.
    pub range: Option<&'r [u8]>,
}

/// An answer, not yet sent.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its head up to `date: `.
    pub head: Head,
    /// Its body; of a HEAD what it would be.
    pub body: Vec<Piece>,
    /// The body is not sent.
    pub bodiless: bool,
    /// The file in the state that was answered.
    pub known: Option<Arc<Known>>,
}

/// A head.
#[derive(Clone, Debug)]
pub enum Head {
    /// That of a form.
    Kept(Arc<Form>),
    /// Made for this answer.
    Made(Vec<u8>),
}

impl Head {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Kept(form) => &form.head,
            Self::Made(bytes) => bytes,
        }
    }
}

/// A part of a body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Bytes in memory.
    Bytes(Bytes),
    /// So many bytes of a file, from a place on.
    File(Arc<OpenFile>, u64, u64),
}

impl Piece {
    /// Its length.
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, _, len) => *len,
        }
    }

    fn of(form: &Form, at: u64, len: u64) -> Self {
        match &form.held {
            Held::File(file) => Self::File(Arc::clone(file), at, len),
            Held::Bytes(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let to = usize::try_from(at.saturating_add(len)).unwrap_or(usize::MAX).min(bytes.len());
                Self::Bytes(bytes.slice(from..to))
            }
        }
    }
}

impl Reply {
    /// Length of its body.
    pub fn size(&self) -> u64 {
        self.body.iter().map(Piece::size).sum()
    }
}

/// The address that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Address<'r> {
    /// Canonical path.
    pub path: &'r str,
    /// What stood after `?`.
    pub query: Option<&'r str>,
}

/// The answer to a request for which this was found, under the site's rules. `secure`: it is answered over TLS.
pub fn reply(found: &Found, at: Address<'_>, rules: Option<&InForce>, secure: bool, wanted: &Wanted<'_>) -> Reply {
    let own = || rules.map(|rules| rules::headers(rules, at.path, secure)).unwrap_or_default();
    match found {
        Found::File(known) => file(known, wanted), // it has its headers
        Found::Folder => to_folder(at, &own(), wanted.head),
        Found::Listing(page) => {
            let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
            let more = [(header::CONTENT_SECURITY_POLICY, policy)];
            page_of(StatusCode::OK, page.clone(), &more, &own(), wanted.head)
        }
        Found::Missing(page) => error(StatusCode::NOT_FOUND, page.as_ref(), &own(), wanted.head),
    }
}

/// A file: RFC 9110 section 13.2.2 says in which order its conditions are looked at.
pub fn file(known: &Arc<Known>, wanted: &Wanted<'_>) -> Reply {
    let plain = wanted.range.is_none();
    let form = if plain { known.form(wanted.accepted) } else { Arc::clone(&known.plain) };
    if let Some(same) = unchanged(known, &form, wanted) {
        return not_modified(known, &same);
    }
    match wanted.range.filter(|_| !wanted.head && may_be_parted(known, &form, wanted)) {
        None => whole(known, form, wanted.head),
        Some(header) => match range::read(header, form.len) {
            Ranges::Whole => whole(known, form, false),
            Ranges::Beyond => beyond(known, &form),
            Ranges::Parts(parts) => match parts.as_slice() {
                [(at, len)] => one_part(known, &form, *at, *len),
                parts => several_parts(known, &form, parts),
            },
        },
    }
}

fn whole(known: &Arc<Known>, form: Arc<Form>, bodiless: bool) -> Reply {
    let body = vec![Piece::of(&form, 0, form.len)];
    Reply { status: 200, head: Head::Kept(form), body, bodiless, known: Some(Arc::clone(known)) }
}

/// The form that the client has already, if it has one.
fn unchanged(known: &Known, form: &Arc<Form>, wanted: &Wanted<'_>) -> Option<Arc<Form>> {
    if let Some(tags) = wanted.if_none_match {
        // One that the client took in another coding is as good: the text is the same.
        return std::iter::once(Arc::clone(form)).chain(known.forms()).find(|form| has_tag(tags, form.etag.as_bytes()));
    }
    let since = dates::read(wanted.if_modified_since?)?;
    (modified(known)? <= since).then(|| Arc::clone(form))
}

fn modified(known: &Known) -> Option<i64> {
    known.seen.first().copied().flatten().map(|stamp| stamp.modified())
}

/// Whether a part of this form fits what the client has (RFC 9110 section 13.1.5): compared strictly.
fn may_be_parted(known: &Known, form: &Form, wanted: &Wanted<'_>) -> bool {
    match wanted.if_range {
        None => true,
        Some(tag) if tag.starts_with(b"\"") => tag == form.etag.as_bytes(),
        Some(tag) if tag.starts_with(b"W/") => false,
        Some(date) => dates::read(date).is_some() && dates::read(date) == modified(known),
    }
}

fn status_line(status: StatusCode) -> Vec<u8> {
    let mut head = Vec::with_capacity(512);
    // Writing to memory cannot fail.
    let _ = write!(head, "HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default());
    head
}

fn finished(mut head: Vec<u8>) -> Head {
    head.extend_from_slice(b"date: ");
    Head::Made(head)
}

fn not_modified(known: &Arc<Known>, form: &Form) -> Reply {
    let mut head = status_line(StatusCode::NOT_MODIFIED);
    let _ = write!(head, "etag: {}\r\n", form.etag.to_str().unwrap_or_default());
    let bodily = [header::CONTENT_TYPE, header::ACCEPT_RANGES, header::CONTENT_LANGUAGE, header::CONTENT_DISPOSITION];
    put_headers(&mut head, known.headers.iter().filter(|(name, _)| !bodily.contains(name)));
    let known = Some(Arc::clone(known));
    Reply { status: 304, head: finished(head), body: Vec::new(), bodiless: true, known }
}

fn beyond(known: &Arc<Known>, form: &Form) -> Reply {
    let mut head = status_line(StatusCode::RANGE_NOT_SATISFIABLE);
    let _ = write!(head, "content-length: 0\r\ncontent-range: bytes */{}\r\n", form.len);
    let none = [header::CONTENT_TYPE, header::LAST_MODIFIED];
    put_headers(&mut head, known.headers.iter().filter(|(name, _)| !none.contains(name)));
    Reply { status: 416, head: finished(head), body: Vec::new(), bodiless: false, known: Some(Arc::clone(known)) }
}

fn one_part(known: &Arc<Known>, form: &Form, at: u64, len: u64) -> Reply {
    let mut head = status_line(StatusCode::PARTIAL_CONTENT);
    let (etag, last) = (form.etag.to_str().unwrap_or_default(), at + len - 1);
    let _ = write!(head, "content-length: {len}\r\ncontent-range: bytes {at}-{last}/{}\r\netag: {etag}\r\n", form.len);
    put_headers(&mut head, known.headers.iter());
    let body = vec![Piece::of(form, at, len)];
    Reply { status: 206, head: finished(head), body, bodiless: false, known: Some(Arc::clone(known)) }
}

/// Several parts in one body (RFC 9110 section 14.6).
fn several_parts(known: &Arc<Known>, form: &Form, parts: &[range::Part]) -> Reply {
    // No text of a file begins a line with what nobody could guess.
    let line = random_token().unwrap_or_else(|_| "freehold-part".into());
    let kind = known.headers.iter().find(|(name, _)| *name == header::CONTENT_TYPE);
    let kind = kind.and_then(|(_, value)| value.to_str().ok()).unwrap_or("application/octet-stream");
    let mut body = Vec::with_capacity(2 * parts.len() + 1);
    for (at, len) in parts {
        let range = format!("bytes {at}-{}/{}", at + len - 1, form.len);
        let before = format!("\r\n--{line}\r\ncontent-type: {kind}\r\ncontent-range: {range}\r\n\r\n");
        body.push(Piece::Bytes(before.into()));
        body.push(Piece::of(form, *at, *len));
    }
    body.push(Piece::Bytes(format!("\r\n--{line}--\r\n").into()));
    let mut head = status_line(StatusCode::PARTIAL_CONTENT);
    let (etag, sum) = (form.etag.to_str().unwrap_or_default(), body.iter().map(Piece::size).sum::<u64>());
    let _ = write!(
        head,
        "content-length: {sum}\r\ncontent-type: multipart/byteranges; boundary={line}\r\netag: {etag}\r\n"
    );
    put_headers(&mut head, known.headers.iter().filter(|(name, _)| *name != header::CONTENT_TYPE));
    Reply { status: 206, head: finished(head), body, bodiless: false, known: Some(Arc::clone(known)) }
}

/// To the same address with a slash at its end: addresses in the page of a folder begin there.
fn to_folder(at: Address<'_>, own: &[(HeaderName, HeaderValue)], bodiless: bool) -> Reply {
    let path = percent_encoding::utf8_percent_encode(at.path, crate::web::path::ESCAPED);
    let query = at.query.map(|query| format!("?{query}")).unwrap_or_default();
    let location = HeaderValue::from_str(&format!("{path}/{query}")).unwrap_or(HeaderValue::from_static("/"));
    let more = [(header::LOCATION, location)];
    page_of(StatusCode::MOVED_PERMANENTLY, small_page("Moved", "This address is a folder."), &more, own, bodiless)
}

/// An error, with the site's own page where it has one. `headers`: what its rules give to the address.
pub fn error(
    status: StatusCode,
    own: Option<&Arc<Known>>,
    headers: &[(HeaderName, HeaderValue)],
    bodiless: bool,
) -> Reply {
    let Some(known) = own else {
        let (title, text) = match status {
            StatusCode::NOT_FOUND => ("There is no such page", "The address may be misspelled, or the page has moved."),
            StatusCode::UNAUTHORIZED => ("This folder is private", "A name and a password open it."),
            StatusCode::METHOD_NOT_ALLOWED => ("That cannot be done here", "This site only shows files."),
            _ => ("The page cannot be shown now", "Please try again in a moment."),
        };
        return page_of(status, small_page(title, text), &[], headers, bodiless);
    };
    let form = &known.plain;
    let mut head = status_line(status);
    let _ = write!(head, "content-length: {}\r\n", form.len);
    let left = [header::LAST_MODIFIED, header::ACCEPT_RANGES, header::CACHE_CONTROL, header::VARY];
    put_headers(&mut head, known.headers.iter().filter(|(name, _)| !left.contains(name)));
    put_headers(&mut head, [&(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))].into_iter());
    let body = vec![Piece::of(form, 0, form.len)];
    Reply { status: status.as_u16(), head: finished(head), body, bodiless, known: None }
}

fn small_page(title: &str, text: &str) -> Bytes {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>"
    )
    .into()
}

/// A page of ours. `more`: what it cannot do without; `own`: what the site's rules put in the place of what is usual.
fn page_of(
    status: StatusCode,
    page: Bytes,
    more: &[(HeaderName, HeaderValue)],
    own: &[(HeaderName, HeaderValue)],
    bodiless: bool,
) -> Reply {
    let mut usual = vec![
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    ];
    // What is said of a file's text is not said of ours.
    let of_text = [header::CONTENT_TYPE, header::CONTENT_DISPOSITION, header::CONTENT_LANGUAGE];
    let fixed = |name: &HeaderName| of_text.contains(name) || more.iter().any(|(known, _)| known == name);
    for (name, value) in own.iter().filter(|(name, _)| !fixed(name)) {
        // How long a page may be kept is said of files, not of what is wrong or moves.
        if *name == header::CACHE_CONTROL && status != StatusCode::OK {
            continue;
        }
        usual.retain(|(known, _)| known != name);
        usual.push((name.clone(), value.clone()));
    }
    let mut head = status_line(status);
    let _ = write!(head, "content-length: {}\r\n", page.len());
    put_headers(&mut head, usual.iter().chain(more));
    Reply { status: status.as_u16(), head: finished(head), body: vec![Piece::Bytes(page)], bodiless, known: None }
}
