//! A page that is ready to be sent.

use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use freehold_host::nameless_file::nameless_file;

use super::coding::{Accepted, Coding, MIN_BYTES};
use super::hosts::SiteRef;
use super::source::{Preload, Rendered};
use super::tag::Tag;

/// Bytes of memory a page costs beside its bodies: keys, headers, tags, maps (counted, then rounded up).
const OVERHEAD_BYTES: usize = 1536;

/// Must be asked for each time, so that a change is seen at once; the answer is 304 while nothing changed.
const CACHE_CONTROL_PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");
const CACHE_CONTROL_PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// A body in one coding, and the HTTP/1.1 head that goes before it.
#[derive(Debug)]
pub struct Form {
    /// From the status line up to `date: `; the date and an empty line follow (RFC 9112 section 2.1).
    pub head: Box<[u8]>,
    /// The body.
    pub body: Bytes,
    file: OnceLock<Laid>,
    wants_file: AtomicBool,
}

/// Bodies from this size on are sent by the kernel from a file. Measured with 64 connections on loopback: below it the
/// second system call costs more than the copy that it saves.
const SENDFILE_BYTES: usize = 16 * 1024;
/// Most files of this kind at once; a process may often have 1,024 open by default, connections among them.
const MOST_FILES: usize = 256;
static FILES: AtomicUsize = AtomicUsize::new(0);

/// A body as a file, counted while it lives.
#[derive(Debug)]
struct Laid(File);

impl Laid {
    fn of(folder: Option<&Path>, body: &[u8]) -> Option<Self> {
        if FILES.load(Ordering::Relaxed) >= MOST_FILES {
            return None;
        }
        let file = nameless_file(folder, body).ok()?;
        FILES.fetch_add(1, Ordering::Relaxed);
        Some(Self(file))
    }
}

impl Drop for Laid {
    fn drop(&mut self) {
        FILES.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Form {
    fn new(status: StatusCode, headers: &[(HeaderName, HeaderValue)], coding: Option<Coding>, body: Bytes) -> Self {
        let mut head = Vec::with_capacity(1024);
        let length = body.len();
        let reason = status.canonical_reason().unwrap_or_default();
        // Writing to memory cannot fail.
        let _ = write!(head, "HTTP/1.1 {} {reason}\r\ncontent-length: {length}\r\n", status.as_str());
        if let Some(coding) = coding {
            let _ = write!(head, "content-encoding: {}\r\n", coding.name());
        }
        put_headers(&mut head, headers.iter());
        head.extend_from_slice(b"date: ");
        let wants_file = AtomicBool::new(body.len() >= SENDFILE_BYTES);
        Self { head: head.into(), body, file: OnceLock::new(), wants_file }
    }

    /// The body as a file; none where none was laid.
    pub fn file(&self) -> Option<&File> {
        self.file.get().map(|file| &file.0)
    }

    /// Whether the body is large and nobody has asked for its file yet. The caller has it laid; a second caller
    /// gets false.
    pub fn wants_file(&self) -> bool {
        self.wants_file.load(Ordering::Relaxed) && self.wants_file.swap(false, Ordering::Relaxed)
    }

    /// Lets the next one ask again: the file could not be laid now.
    pub fn forget_file(&self) {
        self.wants_file.store(true, Ordering::Relaxed);
    }

    /// Writes the body to a file. Waits for the disk: nothing for a thread that serves.
    pub fn lay(&self, folder: Option<&Path>) {
        if let Some(laid) = Laid::of(folder, &self.body) {
            let _ = self.file.set(laid); // somebody was faster
        }
    }

    /// Bytes of memory, with the file that a large body may get.
    fn weight(&self) -> usize {
        let file = if self.body.len() < SENDFILE_BYTES { 0 } else { self.body.len() };
        self.head.len() + self.body.len() + file
    }
}

/// Writes header lines; values hold no line breaks, [`HeaderValue`] saw to that.
pub fn put_headers<'h>(out: &mut Vec<u8>, headers: impl Iterator<Item = &'h (HeaderName, HeaderValue)>) {
    for (name, value) in headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// A page with its headers and bodies, ready to be sent as often as asked. Shared by all workers.
#[derive(Debug)]
pub struct CachedPage {
    /// Status of the answer.
    pub status: StatusCode,
    /// All headers but `Content-Encoding`; `ETag` among them.
    pub headers: Box<[(HeaderName, HeaderValue)]>,
    /// Weak: one tag for all codings of the same text.
    pub etag: HeaderValue,
    /// The body as it was made.
    pub identity: Arc<Form>,
    /// What it was made from, [`Tag::site`] included.
    pub tags: Box<[Tag]>,
    /// False where it must not be stored.
    pub cacheable: bool,
    compressible: bool,
    variants: [ArcSwapOption<Form>; 3],
    asked: AtomicU8,
}

impl CachedPage {
    /// Prepares what a source made. `personal`: the request carried credentials, so nobody may keep the answer.
    pub fn new(rendered: Rendered, site: &SiteRef, personal: bool) -> Self {
        let sets_cookie = rendered.headers.iter().any(|(name, _)| *name == header::SET_COOKIE);
        let cacheable = rendered.cacheable && !personal && !sets_cookie;
        let etag = etag(&rendered.body);
        let headers = headers(&rendered, &etag, sets_cookie || personal);
        let mut tags = rendered.tags;
        tags.push(Tag::site(site.site));
        tags.sort_unstable();
        tags.dedup();
        Self {
            status: rendered.status,
            compressible: is_compressible(&rendered.content_type, rendered.body.len()),
            identity: Arc::new(Form::new(rendered.status, &headers, None, rendered.body)),
            headers,
            etag,
            tags: tags.into(),
            cacheable,
            variants: Default::default(),
            asked: AtomicU8::new(0),
        }
    }

    /// The form for this client, of what is there now.
    pub fn form(&self, accepted: Accepted) -> (Arc<Form>, Option<Coding>) {
        if self.compressible {
            for coding in accepted.iter() {
                if let Some(form) = self.variants.get(coding.slot()).and_then(ArcSwapOption::load_full) {
                    return (form, Some(coding));
                }
            }
        }
        (Arc::clone(&self.identity), None)
    }

    /// The coding this client would like best, where compressing is worth it and nobody has asked for the best form
    /// of it before. The caller has it made; a second caller gets `None`.
    pub fn wanted(&self, accepted: Accepted) -> Option<Coding> {
        let coding = accepted.first().filter(|_| self.compressible)?;
        let bit = 1u8 << coding.slot();
        let known = self.asked.load(Ordering::Relaxed) & bit != 0;
        (!known && self.asked.fetch_or(bit, Ordering::Relaxed) & bit == 0).then_some(coding)
    }

    /// Lets the next client ask again: the form could not be made now.
    pub fn forget_wanted(&self, coding: Coding) {
        self.asked.fetch_and(!(1 << coding.slot()), Ordering::Relaxed);
    }

    /// Keeps a compressed form; returns by how many bytes the page grew (negative where it shrank).
    pub fn keep(&self, coding: Coding, bytes: Bytes) -> isize {
        let Some(slot) = self.variants.get(coding.slot()) else { return 0 };
        let form = Form::new(self.status, &self.headers, Some(coding), bytes);
        let new = form.weight();
        let old = slot.swap(Some(Arc::new(form))).map_or(0, |old| old.weight());
        isize::try_from(new).unwrap_or(0) - isize::try_from(old).unwrap_or(0)
    }

    /// True where a compressed form is worth making.
    pub fn is_compressible(&self) -> bool {
        self.compressible
    }

    /// Bytes of memory it takes.
    pub fn weight(&self) -> usize {
        let variants: usize = self.variants.iter().map(|v| v.load().as_deref().map_or(0, Form::weight)).sum();
        self.identity.weight() + variants + OVERHEAD_BYTES
    }
}

/// `W/"…"` of the body: equal text gives an equal tag on every node and after every start.
fn etag(body: &[u8]) -> HeaderValue {
    let mut hasher = foldhash::quality::FixedState::with_seed(0).build_hasher();
    hasher.write(body);
    let text = format!("W/\"{:016x}{:x}\"", hasher.finish(), body.len());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("W/\"0\""))
}

fn headers(page: &Rendered, etag: &HeaderValue, private: bool) -> Box<[(HeaderName, HeaderValue)]> {
    let mut out = vec![
        (header::CONTENT_TYPE, page.content_type.clone()),
        (header::CACHE_CONTROL, if private { CACHE_CONTROL_PRIVATE } else { CACHE_CONTROL_PUBLIC }),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    ];
    if page.status == StatusCode::OK && !private {
        out.push((header::ETAG, etag.clone()));
    }
    if is_html(&page.content_type)
        && let Ok(policy) = HeaderValue::from_str(&content_security_policy(&page.script_hashes))
    {
        out.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    if !page.preload.is_empty()
        && let Ok(link) = HeaderValue::from_str(&link(&page.preload))
    {
        out.push((header::LINK, link));
    }
    for (name, value) in &page.headers {
        let several = *name == header::SET_COOKIE || *name == header::LINK;
        if !several {
            out.retain(|(known, _)| known != name);
        }
        out.push((name.clone(), value.clone()));
    }
    out.into()
}

/// Rendered sites (security rule B7): scripts of the site itself and the theme's own inline ones, by hash.
/// Pictures, media and frames of others are content; inline styles carry a theme's settings.
pub(crate) fn content_security_policy(script_hashes: &[String]) -> String {
    let mut policy = String::from("default-src 'self'; script-src 'self'");
    for hash in script_hashes {
        policy.push_str(" '");
        policy.push_str(hash);
        policy.push('\'');
    }
    policy.push_str(
        "; style-src 'self' 'unsafe-inline'; img-src * data:; media-src *; font-src 'self' data:; \
         frame-src https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    );
    policy
}

fn link(preload: &[Preload]) -> String {
    let mut out = String::new();
    for item in preload {
        if !out.is_empty() {
            out.push_str(", ");
        }
        // Fonts are always fetched in CORS mode, so their preload must be too.
        let cors = if item.destination == "font" { "; crossorigin" } else { "" };
        out.push_str(&format!("<{}>; rel=preload; as={}{cors}", item.url, item.destination));
    }
    out
}

fn is_html(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().starts_with(b"text/html") || content_type.as_bytes().starts_with(b"application/xhtml")
}

fn is_compressible(content_type: &HeaderValue, bytes: usize) -> bool {
    let kind = content_type.as_bytes();
    let starts = |prefix: &[u8]| kind.starts_with(prefix);
    let contains = |part: &[u8]| kind.windows(part.len()).any(|w| w == part);
    bytes >= MIN_BYTES && (starts(b"text/") || contains(b"xml") || contains(b"json") || contains(b"javascript"))
}
