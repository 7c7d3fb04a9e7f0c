//! The first thing a request meets, before any routing: host, path, cache. Most requests end here.

use std::net::{IpAddr, Ipv4Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_http::Request;
use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::dev::{AppConfig, Payload, RequestHead, Response, Service, ServiceFactory, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri, Version, uri::PathAndQuery};
use actix_web::{Error as ActixError, HttpMessage as _};
use freehold_base::{Clock, Code};
use futures_util::future::LocalBoxFuture;

use super::access_log::LogBuffer;
use super::access_record::AccessRecord;
use super::cache::PageKey;
use super::client::client_address;
use super::connection::Progress;
use super::counters::{Outcome, WorkerCounters};
use super::hosts::{HostRefusal, SiteKind, SiteRef};
use super::limits::{MAX_HEAD_BYTES, head_bytes};
use super::path::CanonPath;
use super::query::CanonQuery;
use super::render::ABSENT;
use super::respond;
use super::state::Web;
use super::visit::Visit;

/// Makes one [`Front`] per worker around the routes.
pub struct FrontFactory<F> {
    /// The routes.
    pub routes: F,
    /// The door's state.
    pub web: Arc<Web>,
}

impl<F> ServiceFactory<Request> for FrontFactory<F>
where
    F: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<BoxBody>,
            Error = ActixError,
            InitError = (),
        >,
    F::Future: 'static,
    <F::Service as Service<Request>>::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Config = AppConfig;
    type Service = Front<F::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let (routes, web) = (self.routes.new_service(config), Arc::clone(&self.web));
        Box::pin(async move {
            let routes = routes.await?;
            Ok(Front { routes, desk: Desk { counters: web.counters.join(), log: web.log.join(), web } })
        })
    }
}

/// One worker's front.
pub struct Front<S> {
    routes: S,
    desk: Desk,
}

/// What a worker keeps for itself.
#[derive(Clone)]
struct Desk {
    web: Arc<Web>,
    counters: Arc<WorkerCounters>,
    log: Option<Arc<LogBuffer>>,
}

/// Where a request goes.
enum Sorted {
    /// It is answered.
    Answer(Response<BoxBody>, Outcome, i64),
    /// To the routes.
    Pass(Visit),
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = ActixError>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Future = FrontFuture;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.routes.poll_ready(cx).map_err(|error| error.error_response().into())
    }

    fn call(&self, mut request: Request) -> FrontFuture {
        let started = Clock::instant();
        let has_body = !matches!(request.payload(), Payload::None);
        let progress = request.conn_data::<Rc<Progress>>();
        match self.desk.sort(&request, has_body) {
            Sorted::Answer(mut answer, outcome, site) => {
                if has_body {
                    respond::then_close(&mut answer);
                }
                self.desk.note(request.head(), started, site, &answer, outcome);
                if let Some(progress) = progress {
                    progress.answered(started);
                }
                FrontFuture::Done(Some(answer))
            }
            Sorted::Pass(visit) => {
                if let Some(progress) = progress {
                    progress.serving();
                }
                let later = Later::new(&request, &visit, started, self.desk.clone());
                rewrite(&mut request, &visit.path);
                request.extensions_mut().insert(visit);
                FrontFuture::Routes(Box::pin(self.routes.call(request)), Box::new(later))
            }
        }
    }
}

impl Desk {
    fn sort(&self, request: &Request, has_body: bool) -> Sorted {
        let head = request.head();
        if head_bytes(head) > MAX_HEAD_BYTES {
            return refuse(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too large.");
        }
        let table = self.web.hosts.now();
        let site = match table.of(head) {
            Ok(site) => site,
            Err(HostRefusal::Unknown) => {
                return refuse(StatusCode::MISDIRECTED_REQUEST, Code::UnknownHost.sentence());
            }
            Err(HostRefusal::Malformed) => {
                return refuse(StatusCode::BAD_REQUEST, "The request names no host, or two.");
            }
        };
        let Ok(path) = CanonPath::parse(head.uri.path()) else {
            return refuse(StatusCode::BAD_REQUEST, "The address is malformed.");
        };
        if site.suspended {
            return Sorted::Answer(respond::closed(), Outcome::Route, site.site.get());
        }
        if site.redirect_to_main && !path.as_str().starts_with("/.well-known/") {
            return Sorted::Answer(to_main(site, &path, head), Outcome::Route, site.site.get());
        }
        // Only what we signed ourselves is personal (security rule B10): anybody can send a cookie of that name, or an
        // `Authorization` that no page asks for, and would be a render each.
        let source = &self.web.source;
        let personal = respond::unlock_values(head.headers()).any(|value| source.gave(site.site, value));
        if !personal
            && site.kind == SiteKind::Cms
            && matches!(head.method, Method::GET | Method::HEAD)
            && let Some((answer, outcome)) = self.remembered(site, &path, head)
        {
            return Sorted::Answer(answer, outcome, site.site.get());
        }
        let client = client_address(peer(head), head.headers(), &self.web.settings.trusted_proxies);
        Sorted::Pass(Visit { site: Arc::clone(site), path: path.into_owned(), client, personal, has_body })
    }

    /// The answer from memory, if there is one.
    fn remembered(
        &self,
        site: &SiteRef,
        path: &CanonPath<'_>,
        head: &RequestHead,
    ) -> Option<(Response<BoxBody>, Outcome)> {
        let cache = &self.web.cache;
        let query = head.uri.query().map(|raw| CanonQuery::parse(Some(raw), self.web.source.allowed_query()).encoded());
        let secure = self.web.settings.secure;
        let query = query.as_deref().unwrap_or_default();
        let key = PageKey { secure, site: site.site, origin: &site.origin, path: path.as_str(), query };
        let hash = cache.hash(&key);
        if let Some(answer) = self.kept(hash, &key, head.headers()) {
            return Some((answer, Outcome::Hit));
        }
        if self.web.negative.knows(hash, cache.epoch()) {
            let key = PageKey { path: ABSENT, query: "", ..key };
            return self.kept(cache.hash(&key), &key, head.headers()).map(|answer| (answer, Outcome::Absent));
        }
        None
    }

    fn kept(&self, hash: u64, key: &PageKey<'_>, headers: &HeaderMap) -> Option<Response<BoxBody>> {
        self.web.cache.hit(hash, key, |page| {
            let accepted = respond::accepted(headers);
            if let Some(coding) = page.wanted(accepted) {
                self.web.compressor.improve(hash, page, coding);
            }
            respond::page(page, headers, accepted)
        })
    }

    fn note(&self, head: &RequestHead, started: Instant, site: i64, answer: &Response<BoxBody>, outcome: Outcome) {
        self.counters.count(outcome);
        let Some(log) = &self.log else { return };
        let client = client_address(peer(head), head.headers(), &self.web.settings.trusted_proxies);
        let text = |name| head.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
        let line = Line {
            method: &head.method,
            uri: &head.uri,
            version: head.version,
            referrer: text(header::REFERER),
            agent: text(header::USER_AGENT),
            client,
            site,
        };
        let took = line.push(log, started, answer, outcome);
        self.counters.took(answer.status().as_u16(), took.into());
    }
}

/// What the access log wants of a request.
struct Line<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    referrer: &'a [u8],
    agent: &'a [u8],
    client: IpAddr,
    site: i64,
}

impl Line<'_> {
    /// Gives how long the answer took, in microseconds.
    fn push(&self, log: &LogBuffer, started: Instant, answer: &Response<BoxBody>, outcome: Outcome) -> u32 {
        let now = Clock::instant();
        let took = u32::try_from(now.saturating_duration_since(started).as_micros()).unwrap_or(u32::MAX);
        let bytes = match answer.body().size() {
            BodySize::Sized(n) if *self.method != Method::HEAD => n,
            _ => 0,
        };
        log.push(&AccessRecord {
            at_us: log.clock_us(now),
            took_us: took,
            client: self.client,
            site: self.site,
            status: answer.status().as_u16(),
            bytes,
            outcome,
            version: self.version,
            method: self.method,
            target: self.uri.path_and_query().map_or("*", PathAndQuery::as_str),
            referrer: self.referrer,
            agent: self.agent,
        });
        took
    }
}

/// What must be kept of a request while a route works on it. The clones share the request's bytes.
pub struct Later {
    method: Method,
    uri: Uri,
    version: Version,
    referrer: Option<HeaderValue>,
    agent: Option<HeaderValue>,
    client: IpAddr,
    site: i64,
    has_body: bool,
    progress: Option<Rc<Progress>>,
    started: Instant,
    desk: Desk,
}

impl Later {
    fn new(request: &Request, visit: &Visit, started: Instant, desk: Desk) -> Self {
        let head = request.head();
        Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            referrer: head.headers().get(header::REFERER).cloned(),
            agent: head.headers().get(header::USER_AGENT).cloned(),
            client: visit.client,
            site: visit.site.site.get(),
            has_body: visit.has_body,
            progress: request.conn_data::<Rc<Progress>>().cloned(),
            started,
            desk,
        }
    }

    /// Counts, logs and finishes a route's answer.
    fn finish(&self, answer: &mut Response<BoxBody>) {
        let outcome = answer.extensions().get::<Outcome>().copied().unwrap_or(Outcome::Route);
        self.desk.counters.count(outcome);
        if let Some(progress) = &self.progress {
            progress.answered(Clock::instant());
        }
        // A refused body is not read to its end; its sender must not keep the connection for it.
        if self.has_body && (answer.status().is_client_error() || answer.status().is_server_error()) {
            respond::then_close(answer);
        }
        let Some(log) = &self.desk.log else { return };
        let bytes = |value: &Option<HeaderValue>| value.as_ref().map_or(Vec::new(), |v| v.as_bytes().to_vec());
        let line = Line {
            method: &self.method,
            uri: &self.uri,
            version: self.version,
            referrer: &bytes(&self.referrer),
            agent: &bytes(&self.agent),
            client: self.client,
            site: self.site,
        };
        let took = line.push(log, self.started, answer, outcome);
        self.desk.counters.took(answer.status().as_u16(), took.into());
    }
}

/// An answer that is there, or that a route is making.
pub enum FrontFuture {
    /// From memory.
    Done(Option<Response<BoxBody>>),
    /// By a route.
    Routes(LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, ActixError>>, Box<Later>),
}

impl Future for FrontFuture {
    type Output = Result<Response<BoxBody>, Response<BoxBody>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            // Polled again after the end: nothing to say twice.
            Self::Done(answer) => match answer.take() {
                Some(answer) => Poll::Ready(Ok(answer)),
                None => Poll::Pending,
            },
            Self::Routes(route, later) => {
                // A panic in a route is a fault of one answer, not of the connection (security rule A4).
                let mut answer: Response<BoxBody> = match catch_unwind(AssertUnwindSafe(|| route.as_mut().poll(cx))) {
                    Ok(Poll::Pending) => return Poll::Pending,
                    Ok(Poll::Ready(Ok(answer))) => answer.into(),
                    Ok(Poll::Ready(Err(error))) => error.error_response().into(),
                    Err(_) => later.fault(),
                };
                later.finish(&mut answer);
                *self = Self::Done(None);
                Poll::Ready(Ok(answer))
            }
        }
    }
}

impl Later {
    fn fault(&self) -> Response<BoxBody> {
        let id = self.desk.web.fault_id();
        tracing::error!(fault = id, target_uri = %self.uri, "a route panicked");
        let sentence = format!("{} Fault {id}.", Code::Internal.sentence());
        respond::plain(StatusCode::INTERNAL_SERVER_ERROR, sentence)
    }
}

fn refuse(status: StatusCode, sentence: &str) -> Sorted {
    Sorted::Answer(respond::plain(status, sentence), Outcome::Route, 0)
}

fn peer(head: &RequestHead) -> IpAddr {
    head.peer_addr.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

/// The same address at the site's main name: 301 for reading, 308 where the method must stay.
fn to_main(site: &SiteRef, path: &CanonPath<'_>, head: &RequestHead) -> Response<BoxBody> {
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    let status = if reads { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT };
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    respond::moved(status, &format!("{}{}{query}", site.origin, path.encoded()))
}

/// Routes match on the canonical path (security rule B4): where the request wrote it otherwise, it is rewritten.
fn rewrite(request: &mut Request, path: &CanonPath<'_>) {
    let encoded = path.encoded();
    if encoded == request.path() {
        return;
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(target) = PathAndQuery::try_from(format!("{encoded}{query}")) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(target);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}
