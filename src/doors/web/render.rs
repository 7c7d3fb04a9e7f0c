//! The way of a page that is not in the cache: the default service of the visitors' door.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::Response;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use freehold_base::{Code, Error, Result};

use super::cache::{PageKey, Stored};
use super::coding::{Accepted, Effort};
use super::counters::Outcome;
use super::flight::{Landing, Lead, Turn, wait};
use super::page::CachedPage;
use super::path::CanonPath;
use super::query::CanonQuery;
use super::respond;
use super::source::{PageRequest, Rendered};
use super::state::Web;
use super::visit::Visit;

/// Stands for the path in the key of a site's page for missing addresses; no request can have it.
pub const ABSENT: &str = "\0absent";

/// How often a request that waited in vain waits again before it renders for itself.
const PATIENCE: usize = 3;

/// Answers a page request that no route took and the cache did not hold.
pub async fn pages(request: HttpRequest, visit: Visit, web: web::Data<Web>) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = respond::plain(StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed.sentence());
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer.into();
    }
    let accepted = respond::accepted(request.headers());
    let query = CanonQuery::parse(request.uri().query(), web.source.allowed_query());
    let job = Job {
        web: web.into_inner(),
        request: PageRequest { site: visit.site, path: visit.path, query },
        accepted,
        personal: visit.personal,
    };
    let (made, outcome) = job.run().await;
    let answer = match made {
        Made::Page(page) => respond::page(&page, request.headers(), accepted),
        Made::Missing => job.absent(request.headers()).await,
        Made::Refused(answer) => answer,
    };
    let mut answer = HttpResponse::from(answer);
    answer.extensions_mut().insert(outcome);
    answer
}

enum Made {
    Page(Arc<CachedPage>),
    Missing,
    Refused(Response<BoxBody>),
}

/// What is asked of the source.
#[derive(Clone, Copy)]
enum Ask {
    Page,
    Absent,
}

struct Job {
    web: Arc<Web>,
    request: PageRequest,
    accepted: Accepted,
    personal: bool,
}

impl Job {
    async fn run(&self) -> (Made, Outcome) {
        let query = self.request.query.encoded();
        let key = self.key(self.request.path.as_str(), &query);
        let hash = self.web.cache.hash(&key);
        if self.personal || !self.web.cache.is_enabled() {
            let outcome = if self.personal { Outcome::Personal } else { Outcome::Off };
            return (self.make(Ask::Page).await.unwrap_or_else(|e| self.refuse(&e)), outcome);
        }
        for _ in 0..PATIENCE {
            let epoch = self.web.cache.epoch();
            let landing = match self.web.flights.join(hash, epoch) {
                Turn::Lead(lead) => return self.lead(lead, hash, &key, epoch).await,
                Turn::Wait(landing) => wait(landing).await,
            };
            match landing {
                Some(Landing::Page(page)) => return (Made::Page(page), Outcome::Shared),
                Some(Landing::Missing) => return (Made::Missing, Outcome::Shared),
                Some(Landing::Failed) => return (self.refuse(&Error::code(Code::Busy)), Outcome::Shared),
                Some(Landing::Alone) => break,
                None => {}
            }
        }
        (self.make(Ask::Page).await.unwrap_or_else(|e| self.refuse(&e)), Outcome::Private)
    }

    /// Makes the page for everybody who asks for it now.
    async fn lead(&self, lead: Lead<'_>, hash: u64, key: &PageKey<'_>, epoch: u64) -> (Made, Outcome) {
        // Another lead may have landed between our look and our turn.
        if let Some(page) = self.web.cache.hit(hash, key, Arc::clone) {
            lead.land(Landing::Page(Arc::clone(&page)));
            return (Made::Page(page), Outcome::Shared);
        }
        match self.make(Ask::Page).await {
            Ok(Made::Page(page)) => {
                let outcome = self.store(hash, key, &page, epoch);
                lead.land(if page.cacheable { Landing::Page(Arc::clone(&page)) } else { Landing::Alone });
                (Made::Page(page), outcome)
            }
            Ok(Made::Missing) => {
                self.web.negative.remember(hash, epoch);
                lead.land(Landing::Missing);
                (Made::Missing, Outcome::Unstored)
            }
            Ok(refused) => {
                lead.land(Landing::Failed);
                (refused, Outcome::Unstored)
            }
            Err(error) => {
                lead.land(Landing::Failed);
                (self.refuse(&error), Outcome::Unstored)
            }
        }
    }

    fn store(&self, hash: u64, key: &PageKey<'_>, page: &Arc<CachedPage>, epoch: u64) -> Outcome {
        match self.web.cache.store(hash, key, page, epoch) {
            Stored::Yes => {
                if let Some(coding) = page.wanted(self.accepted) {
                    self.web.finisher.improve(hash, page, coding);
                }
                Outcome::Miss
            }
            Stored::Overtaken => Outcome::Overtaken,
            Stored::No if page.cacheable => Outcome::Unstored,
            Stored::No => Outcome::Private,
        }
    }

    /// The site's page for missing addresses: the same bytes for all of them, made once.
    async fn absent(&self, headers: &header::HeaderMap) -> Response<BoxBody> {
        let key = self.key(ABSENT, "");
        let hash = self.web.cache.hash(&key);
        let kept = self.web.cache.hit(hash, &key, |page| respond::page(page, headers, self.accepted));
        if let Some(answer) = kept {
            return answer;
        }
        let epoch = self.web.cache.epoch();
        match self.make(Ask::Absent).await {
            Ok(Made::Page(page)) => {
                self.store(hash, &key, &page, epoch);
                respond::page(&page, headers, self.accepted)
            }
            Ok(_) => respond::plain(StatusCode::NOT_FOUND, "There is no page at this address."),
            Err(error) => {
                tracing::error!(%error, host = &*self.request.site.host, "the page for missing addresses failed");
                respond::plain(StatusCode::NOT_FOUND, "There is no page at this address.")
            }
        }
    }

    /// Asks the source, on this thread or on the bounded pool, and makes the answer ready to be sent.
    async fn make(&self, ask: Ask) -> Result<Made> {
        let made = if self.web.source.blocking() {
            let Ok(_permit) = self.web.blocking.try_acquire() else { return Err(Error::code(Code::Busy)) };
            let (web, request) = (Arc::clone(&self.web), self.asked(ask));
            web::block(move || guarded(&web, &request, ask))
                .await
                .map_err(|error| Error::internal("rendering on the pool", error))?
        } else {
            guarded(&self.web, &self.asked(ask), ask)
        };
        match made {
            Ok(rendered) => Ok(Made::Page(self.ready(rendered))),
            Err(error) if error.as_code() == Code::NotFound => Ok(Made::Missing),
            Err(error) => Err(error),
        }
    }

    fn asked(&self, ask: Ask) -> PageRequest {
        let mut request = self.request.clone();
        if let (Ask::Absent, Ok(root)) = (ask, CanonPath::parse("/")) {
            request.path = root;
            request.query = CanonQuery::default();
        }
        request
    }

    /// With the form this client wants, made fast.
    fn ready(&self, rendered: Rendered) -> Arc<CachedPage> {
        let page = CachedPage::new(rendered, &self.request.site, self.personal);
        if page.is_compressible()
            && let Some(coding) = self.accepted.quickest()
        {
            match coding.encode(&page.identity.body, Effort::Fast) {
                Ok(bytes) => drop(page.keep(coding, bytes)),
                Err(error) => tracing::warn!(%error, "a page could not be compressed"),
            }
        }
        Arc::new(page)
    }

    fn key<'k>(&'k self, path: &'k str, query: &'k str) -> PageKey<'k> {
        let site = &self.request.site;
        PageKey { secure: self.web.settings.secure, site: site.site, origin: &site.origin, path, query }
    }

    /// The plain answer of a failure; faults of ours are logged here, once.
    fn refuse(&self, error: &Error) -> Made {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE {
            return Made::Refused(respond::plain(status, error.sentence()));
        }
        let id = self.web.fault_id();
        let (host, path) = (&*self.request.site.host, self.request.path.as_str());
        tracing::error!(fault = id, host, path, %error, "a page failed");
        Made::Refused(respond::plain(status, format!("{} Fault {id}.", error.sentence())))
    }
}

/// A panic of the source is a fault of one page, not of the worker (security rule A4).
fn guarded(web: &Web, request: &PageRequest, ask: Ask) -> Result<Rendered> {
    let source = &web.source;
    let made = catch_unwind(AssertUnwindSafe(|| match ask {
        Ask::Page => source.render(request),
        Ask::Absent => source.not_found(request),
    }));
    made.unwrap_or_else(|_| Err(Error::internal("rendering a page", "panic")))
}
