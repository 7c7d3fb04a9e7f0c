//! A request for a file through the framework.

use std::sync::Arc;

use actix_http::{HttpMessage as _, Request};
use actix_web::body::BoxBody;
use actix_web::dev::Response;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use freehold_base::{Clock, Code, Error, OrInternal as _, Result, SiteId};

use super::answer::{self, Reply, Wanted};
use super::body;
use super::find::{Found, Search};
use super::shelf::Got;
use crate::web::counters::Outcome;
use crate::web::respond;
use crate::web::rules::{self, InForce};
use crate::web::state::Web;

/// What is asked of a site made of files.
pub struct Asked {
    /// The site.
    pub site: SiteId,
    /// Its rules.
    pub rules: Option<Arc<InForce>>,
    /// Canonical path.
    pub path: String,
}

impl Asked {
    /// What the site's rules give to this address.
    fn headers(&self, web: &Web) -> Vec<(HeaderName, HeaderValue)> {
        let rules = self.rules.as_ref();
        rules.map(|rules| rules::headers(rules, &self.path, web.settings.secure)).unwrap_or_default()
    }

    fn search(&self, web: &Web) -> Result<Search> {
        let root = web.files.root(self.site).ok_or_else(|| Error::internal("looking for a file", "no folder"))?;
        Ok(Search { site: self.site, root, rules: self.rules.clone(), path: self.path.as_str().into() })
    }
}

/// The answer, and how it came to be.
pub async fn serve(web: &Arc<Web>, asked: &Asked, request: &Request) -> (Response<BoxBody>, Outcome) {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer =
            body::response(answer::error(StatusCode::METHOD_NOT_ALLOWED, None, &asked.headers(web), false));
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return (answer, Outcome::Route);
    }
    match try_serve(web, asked, request).await {
        Ok((reply, outcome)) => (body::response(reply), outcome),
        Err(e) => (failed(web, asked, &e).await, Outcome::Unstored),
    }
}

async fn try_serve(web: &Arc<Web>, asked: &Asked, request: &Request) -> Result<(Reply, Outcome)> {
    let value = |name| request.headers().get(name).map(HeaderValue::as_bytes);
    let wanted = Wanted {
        head: *request.method() == Method::HEAD,
        accepted: respond::accepted(request.headers()),
        if_none_match: value(header::IF_NONE_MATCH),
        if_modified_since: value(header::IF_MODIFIED_SINCE),
        if_range: value(header::IF_RANGE),
        range: value(header::RANGE),
    };
    let version = asked.rules.as_ref().map_or(0, |rules| rules.version);
    let shelf = &web.files.shelf;
    let (found, outcome) = match shelf.get(asked.site, &asked.path, version, shelf.ms(Clock::instant())) {
        Got::Fresh(known) => (Found::File(known), Outcome::Hit),
        // This way waits anyway.
        Got::Check(_) | Got::Nothing => {
            let (files, search) = (Arc::clone(&web.files), asked.search(web)?);
            (waiting(web, move || files.find(&search)).await?, Outcome::Miss)
        }
    };
    let address = answer::Address { path: &asked.path, query: request.uri().query() };
    let reply = answer::reply(&found, address, asked.rules.as_deref(), web.settings.secure, &wanted);
    if let Some(known) = &reply.known
        && let Some(coding) = known.wanted(wanted.accepted)
    {
        web.files.pack(known, coding);
    }
    Ok((reply, outcome))
}

/// Does what waits for the disk where that holds up nobody; `Busy` where too many wait already.
async fn waiting<T: Send + 'static>(web: &Web, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let Ok(_permit) = web.blocking.try_acquire() else { return Err(Error::code(Code::Busy)) };
    actix_web::rt::task::spawn_blocking(work).await.or_internal("looking for a file")?
}

/// The page of an error, the site's own where it has one.
pub async fn error_page(web: &Arc<Web>, asked: &Asked, status: StatusCode) -> Response<BoxBody> {
    let own = match asked.search(web) {
        Ok(search) => {
            let (files, name) = (Arc::clone(&web.files), status.as_str().to_owned());
            waiting(web, move || files.error_page(&search, &name)).await.unwrap_or_default()
        }
        Err(_) => None,
    };
    body::response(answer::error(status, own.as_ref(), &asked.headers(web), false))
}

/// Faults of ours are logged here, once.
async fn failed(web: &Arc<Web>, asked: &Asked, e: &Error) -> Response<BoxBody> {
    let status = StatusCode::from_u16(e.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(fault = web.fault_id(), site = asked.site.get(), path = asked.path, error = %e, "a file failed");
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return respond::plain(status, e.sentence());
    }
    error_page(web, asked, StatusCode::INTERNAL_SERVER_ERROR).await
}
