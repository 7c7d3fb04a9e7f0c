//! What the integrator gives: pages.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::Bytes;
use freehold_base::{Result, SiteId};

use super::hosts::SiteRef;
use super::path::CanonPath;
use super::query::CanonQuery;
use super::tag::Tag;

/// All that a page may depend on. Headers, cookies and the client's address are absent on purpose: what is not
/// here cannot get into the cache (security rule B10).
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The site and the name it was asked under.
    pub site: Arc<SiteRef>,
    /// The path.
    pub path: CanonPath<'static>,
    /// The allowed parameters.
    pub query: CanonQuery,
}

/// Something the browser should fetch before it has read the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preload {
    /// Address on the site, already escaped: `/_/assets/…/inter.woff2`.
    pub url: String,
    /// `style`, `script`, `font` or `image`.
    pub destination: &'static str,
}

/// A page as its source made it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// 200, 301, 302, 308, 404, 410 …
    pub status: StatusCode,
    /// `text/html; charset=utf-8` and the like.
    pub content_type: HeaderValue,
    /// The body.
    pub body: Bytes,
    /// Everything that was read for it. [`Tag::site`] is added by the cache.
    pub tags: Vec<Tag>,
    /// False where it must be made anew for each request.
    pub cacheable: bool,
    /// Further headers. A `Set-Cookie` among them makes it not cacheable; a `Content-Security-Policy` replaces ours.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Hashes of the theme's inline scripts as CSP has them: `sha256-…` (without quotes).
    pub script_hashes: Vec<String>,
    /// Sent as one `Link` header.
    pub preload: Vec<Preload>,
}

impl Rendered {
    /// A cacheable HTML page.
    pub fn html(status: StatusCode, body: impl Into<Bytes>, tags: Vec<Tag>) -> Self {
        Self::new(status, HeaderValue::from_static("text/html; charset=utf-8"), body, tags)
    }

    /// A cacheable body of any type.
    pub fn new(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>, tags: Vec<Tag>) -> Self {
        Self {
            status,
            content_type,
            body: body.into(),
            tags,
            cacheable: true,
            headers: Vec::new(),
            script_hashes: Vec::new(),
            preload: Vec::new(),
        }
    }

    /// A redirect. `location` is an address on the site or an absolute one, already escaped.
    /// Not cached: redirects are cheap, and their addresses without number.
    pub fn redirect(status: StatusCode, location: &str) -> Self {
        let mut page = Self::html(status, Bytes::new(), Vec::new());
        page.cacheable = false;
        if let Ok(value) = HeaderValue::from_str(location) {
            page.headers.push((actix_web::http::header::LOCATION, value));
        }
        page
    }
}

/// Makes pages. Called only for what the cache does not hold, once per key however many ask.
pub trait PageSource: Send + Sync + 'static {
    /// Makes the page of one address.
    ///
    /// Runs on the worker's own thread unless [`PageSource::blocking`]: short indexed reads with that thread's
    /// SQLite reader and a guarded render are fine, anything else is not.
    ///
    /// # Errors
    /// `NotFound` answers with the site's [`PageSource::not_found`] page and is remembered apart from the pages, until
    /// any purge. `Busy` answers 503. Everything else is logged with an id and answers 500. A panic does too.
    fn render(&self, request: &PageRequest) -> Result<Rendered>;

    /// The body for addresses that do not exist. Asked once per site and then cached by its tags, so it cannot
    /// depend on the address: `request.path` is `/`.
    ///
    /// # Errors
    /// Then a plain text stands in.
    fn not_found(&self, request: &PageRequest) -> Result<Rendered>;

    /// The query parameters a page may depend on: `["s", "p", "paged"]`.
    fn allowed_query(&self) -> &[&str];

    /// Whether this source gave a visitor this value of the unlocking cookie, by its signature alone. What it opens is
    /// another question.
    fn gave(&self, _site: SiteId, _cookie: &str) -> bool {
        false
    }

    /// True where rendering waits for another machine (PostgreSQL): it then runs on a bounded blocking pool.
    fn blocking(&self) -> bool {
        false
    }
}
