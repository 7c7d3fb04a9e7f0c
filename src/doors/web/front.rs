//! The first thing a request meets in the framework, before any routing: host, path, cache.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_http::Request;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, RequestHead, Response, Service, ServiceResponse, Transform};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri, Version, uri::PathAndQuery};
use actix_web::{Error as ActixError, HttpMessage as _};
use bytes::Bytes;
use freehold_base::{Clock, Code};
use futures_util::future::LocalBoxFuture;

use super::catch;
use super::client::client_address;
use super::connection::Progress;
use super::counters::Outcome;
use super::desk::{Desk, Noted, Sending};
use super::files::serve;
use super::gate::{self, Asking};
use super::hosts::{HostRefusal, SiteKind, SiteRef};
use super::limits::{MAX_HEAD_BYTES, head_bytes};
use super::page::CachedPage;
use super::path::CanonPath;
use super::respond;
use super::rules::{self, InForce};
use super::state::Web;
use super::visit::Visit;

const ROBOTS: header::HeaderName = header::HeaderName::from_static("x-robots-tag");

/// Puts a [`Front`] with this desk before the routes of each worker; see [`actix_service::apply`].
pub struct Fronting(pub Desk);

impl<S> Transform<S, Request> for Fronting
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = ActixError> + 'static,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Transform = Front<S>;
    type InitError = ();
    type Future = Ready<Result<Front<S>, ()>>;

    fn new_transform(&self, routes: S) -> Self::Future {
        ready(Ok(Front { routes: Rc::new(routes), desk: self.0.clone() }))
    }
}

/// One worker's front.
pub struct Front<S> {
    routes: Rc<S>,
    desk: Desk,
}

impl<S> Clone for Front<S> {
    fn clone(&self) -> Self {
        Self { routes: Rc::clone(&self.routes), desk: self.desk.clone() }
    }
}

/// Where a request goes.
enum Sorted {
    /// It is answered.
    Answer(Response<BoxBody>, Outcome, i64),
    /// To the routes, with what the site's rules add to the answer.
    Pass(Visit, Added),
    /// To the files of the site.
    Files(Visit, Option<Arc<InForce>>, Added),
    /// A password must be looked at first.
    Knock(Asking, Visit),
    /// Somebody must be asked for one.
    Ask(HeaderValue, Visit, Option<Arc<InForce>>),
}

/// What rules add to an answer.
#[derive(Default)]
struct Added {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// It is for one person alone.
    private: bool,
}

impl Added {
    fn put_on(&mut self, answer: &mut Response<BoxBody>) {
        rules::put_on(answer.head_mut(), std::mem::take(&mut self.headers));
        if self.private {
            let value = HeaderValue::from_static("private, no-cache");
            answer.headers_mut().insert(header::CACHE_CONTROL, value);
        }
    }
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = ActixError> + 'static,
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
        match self.sort(&request, has_body) {
            Sorted::Answer(mut answer, outcome, site) => {
                if has_body {
                    respond::then_close(&mut answer);
                }
                let sending = note(&self.desk, request.head(), started, site, &answer, outcome);
                let answer = counted(answer, sending);
                if let Some(progress) = progress {
                    progress.answered(started);
                }
                FrontFuture::Done(Some(answer))
            }
            Sorted::Files(visit, rules, added) => {
                if let Some(progress) = progress {
                    progress.serving();
                }
                let later = Later::new(&request, &visit, added, started, self.desk.clone());
                FrontFuture::Own(Box::pin(of_files(self.desk.clone(), visit, rules, request)), Box::new(later))
            }
            Sorted::Ask(challenge, visit, rules) => {
                let added = Added { private: true, ..Default::default() };
                let later = Later::new(&request, &visit, added, started, self.desk.clone());
                let web = Arc::clone(&self.desk.web);
                FrontFuture::Own(Box::pin(async move { ask(&web, &visit, rules, challenge).await }), Box::new(later))
            }
            Sorted::Knock(asking, visit) => {
                if let Some(progress) = progress {
                    progress.serving();
                }
                let web = Arc::clone(&self.desk.web);
                FrontFuture::Late(Box::pin(self.clone().knock(asking, visit, request, started)), web)
            }
            Sorted::Pass(visit, added) => {
                if let Some(progress) = progress {
                    progress.serving();
                }
                let later = Later::new(&request, &visit, added, started, self.desk.clone());
                rewrite(&mut request, &visit.path);
                request.extensions_mut().insert(visit);
                FrontFuture::Routes(Box::pin(self.routes.call(request)), Box::new(later))
            }
        }
    }
}

impl<S> Front<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = ActixError> + 'static,
    S::Future: 'static,
{
    /// Has a password looked at; where it is right, the request goes its way.
    async fn knock(
        self,
        asking: Asking,
        visit: Visit,
        request: Request,
        started: Instant,
    ) -> Result<Response<BoxBody>, Response<BoxBody>> {
        let web = Arc::clone(&self.desk.web);
        let opens = match web.gate.get() {
            Some(gate) => gate.opens(asking.clone()).await,
            None => Err(freehold_base::Error::code(Code::Busy)),
        };
        let answer = match opens {
            Ok(true) => {
                web.let_in.remember(&asking);
                return self.call(request).await;
            }
            Ok(false) => {
                let folder = rules::private_folder(&asking.rules, &visit.path);
                let title = folder.map_or("Private", |folder| &folder.title);
                ask(&web, &visit, Some(Arc::clone(&asking.rules)), gate::challenge(title)).await
            }
            Err(e) => {
                let status = StatusCode::from_u16(e.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                if status == StatusCode::INTERNAL_SERVER_ERROR {
                    tracing::error!(fault = web.fault_id(), error = %e, "a password could not be looked at");
                }
                respond::plain(status, e.sentence())
            }
        };
        let added = Added { private: true, ..Default::default() };
        Ok(Later::new(&request, &visit, added, started, self.desk.clone()).finish(answer))
    }
}

/// Asks for a name and a password.
async fn ask(web: &Arc<Web>, visit: &Visit, rules: Option<Arc<InForce>>, challenge: HeaderValue) -> Response<BoxBody> {
    let mut answer = match visit.site.kind {
        SiteKind::Static => {
            let path = visit.path.as_str().to_owned();
            let asked = serve::Asked { site: visit.site.site, rules, path };
            serve::error_page(web, &asked, StatusCode::UNAUTHORIZED).await
        }
        _ => respond::plain(StatusCode::UNAUTHORIZED, "A name and a password open this."),
    };
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    answer
}

async fn of_files(desk: Desk, visit: Visit, rules: Option<Arc<InForce>>, request: Request) -> Response<BoxBody> {
    let path = visit.path.as_str().to_owned();
    let asked = serve::Asked { site: visit.site.site, rules, path };
    let (mut answer, outcome) = serve::serve(&desk.web, &asked, &request).await;
    answer.extensions_mut().insert(outcome);
    answer
}

impl<S> Front<S> {
    fn sort(&self, request: &Request, has_body: bool) -> Sorted {
        let (head, web) = (request.head(), &self.desk.web);
        if head_bytes(head) > MAX_HEAD_BYTES {
            return refuse(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too large.");
        }
        let table = web.hosts.now();
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
        let all_rules = web.rules.now();
        let rules = all_rules.get(&site.site);
        let visit = |personal: bool| {
            let client = client_address(peer(head), head.headers(), &web.settings.trusted_proxies);
            Visit { site: Arc::clone(site), path: path.clone().into_owned(), client, personal, has_body }
        };
        let mut added = Added::default();
        if let Some(rules) = rules {
            if let Some((status, location)) = rules::moved(rules, &table, site, &path, head.uri.query()) {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
                return Sorted::Answer(respond::moved(status, &location), Outcome::Route, site.site.get());
            }
            match self.locked(rules, site, &path, head) {
                Lock::Open => {}
                Lock::LetIn => added.private = true,
                Lock::Ask(challenge) => return Sorted::Ask(challenge, visit(true), Some(Arc::clone(rules))),
                Lock::Knock(asking) => return Sorted::Knock(asking, visit(true)),
            }
        }
        if site.kind == SiteKind::Static {
            return Sorted::Files(visit(added.private), rules.cloned(), added); // its headers are made with the answer
        }
        if let Some(rules) = rules {
            added.headers = rules::headers(rules, path.as_str(), web.settings.secure);
        }
        // Only what we signed ourselves is personal (security rule B10): anybody can send a cookie of that name, or an
        // `Authorization` that no page asks for, and would be a render each.
        let personal = added.private || respond::unlock_values(head.headers()).any(|v| web.source.gave(site.site, v));
        if !personal && !site.preview && site.kind == SiteKind::Cms && matches!(head.method, Method::GET | Method::HEAD)
        {
            let accepted = respond::accepted(head.headers());
            let answer = |page: &Arc<CachedPage>| respond::page(page, head.headers(), accepted);
            if let Some((mut answer, outcome)) = self.desk.remembered(site, &path, head.uri.query(), accepted, answer) {
                added.put_on(&mut answer);
                return Sorted::Answer(answer, outcome, site.site.get());
            }
        }
        Sorted::Pass(visit(personal), added)
    }

    /// Whether a password stands before an address, and whether this request has it.
    fn locked(&self, rules: &Arc<InForce>, site: &SiteRef, path: &CanonPath<'_>, head: &RequestHead) -> Lock {
        let Some(folder) = rules::private_folder(rules, path) else { return Lock::Open };
        let Some((name, password)) = gate::credentials(head.headers()) else {
            return Lock::Ask(gate::challenge(&folder.title));
        };
        let from = client_address(peer(head), head.headers(), &self.desk.web.settings.trusted_proxies);
        let rules = Arc::clone(rules);
        let asking = Asking { site: site.site, rules, folder: folder.id, name, password, from };
        if self.desk.web.let_in.knows(&asking) { Lock::LetIn } else { Lock::Knock(asking) }
    }
}

/// How a private folder stands to a request.
enum Lock {
    /// There is none.
    Open,
    /// It was opened a moment ago.
    LetIn,
    /// No password came.
    Ask(HeaderValue),
    /// One came.
    Knock(Asking),
}

fn note(
    desk: &Desk,
    head: &RequestHead,
    started: Instant,
    site: i64,
    answer: &Response<BoxBody>,
    outcome: Outcome,
) -> Option<Box<Sending>> {
    let text = |name| head.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    desk.note_sent(&Noted {
        started,
        method: &head.method,
        target: target(&head.uri),
        version: head.version,
        referrer: text(header::REFERER),
        agent: text(header::USER_AGENT),
        client: client_address(peer(head), head.headers(), &desk.web.settings.trusted_proxies),
        site,
        status: answer.status().as_u16(),
        bytes: sent(answer),
        outcome,
    })
}

/// The answer, counted while it is sent where it is a long one.
fn counted(answer: Response<BoxBody>, sending: Option<Box<Sending>>) -> Response<BoxBody> {
    match sending {
        Some(sending) => answer.map_body(|_, body| BoxBody::new(Counted { body, sending })),
        None => answer,
    }
}

/// A body that is counted while it is sent.
struct Counted {
    body: BoxBody,
    sending: Box<Sending>,
}

impl MessageBody for Counted {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.sending.sent += bytes.len() as u64;
        }
        polled
    }
}

fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("*", PathAndQuery::as_str)
}

fn sent(answer: &Response<BoxBody>) -> u64 {
    match answer.body().size() {
        BodySize::Sized(n) => n,
        _ => 0,
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
    preview: bool,
    has_body: bool,
    progress: Option<Rc<Progress>>,
    started: Instant,
    added: Added,
    desk: Desk,
}

impl Later {
    fn new(request: &Request, visit: &Visit, added: Added, started: Instant, desk: Desk) -> Self {
        let head = request.head();
        Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            referrer: head.headers().get(header::REFERER).cloned(),
            agent: head.headers().get(header::USER_AGENT).cloned(),
            client: visit.client,
            site: visit.site.site.get(),
            preview: visit.site.preview,
            has_body: visit.has_body,
            progress: request.conn_data::<Rc<Progress>>().cloned(),
            started,
            added,
            desk,
        }
    }

    /// Counts, logs and finishes a route's answer.
    fn finish(&mut self, mut answer: Response<BoxBody>) -> Response<BoxBody> {
        self.added.put_on(&mut answer);
        let outcome = answer.extensions().get::<Outcome>().copied().unwrap_or(Outcome::Route);
        if let Some(progress) = &self.progress {
            progress.answered(Clock::instant());
        }
        // A refused body is not read to its end; its sender must not keep the connection for it.
        if self.has_body && (answer.status().is_client_error() || answer.status().is_server_error()) {
            respond::then_close(&mut answer);
        }
        if self.preview {
            // Search engines shall find the site under its own name alone.
            answer.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex"));
        }
        let bytes = |value: &Option<HeaderValue>| value.as_ref().map_or(Vec::new(), |v| v.as_bytes().to_vec());
        let sending = self.desk.note_sent(&Noted {
            started: self.started,
            method: &self.method,
            target: target(&self.uri),
            version: self.version,
            referrer: &bytes(&self.referrer),
            agent: &bytes(&self.agent),
            client: self.client,
            site: self.site,
            status: answer.status().as_u16(),
            bytes: sent(&answer),
            outcome,
        });
        counted(answer, sending)
    }
}

/// An answer that is there, or that a route is making.
pub enum FrontFuture {
    /// From memory.
    Done(Option<Response<BoxBody>>),
    /// By a route.
    Routes(catch::Route, Box<Later>),
    /// By the door itself, which waits for the disk.
    Own(LocalBoxFuture<'static, Response<BoxBody>>, Box<Later>),
    /// After a password was looked at.
    Late(LocalBoxFuture<'static, Result<Response<BoxBody>, Response<BoxBody>>>, Arc<Web>),
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
            Self::Late(answer, web) => {
                let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx)));
                let polled = polled.unwrap_or_else(|_| Poll::Ready(Ok(fault(web, "a password was looked at"))));
                if polled.is_ready() {
                    *self = Self::Done(None);
                }
                polled
            }
            Self::Own(answer, later) => {
                let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx)));
                let Poll::Ready(answer) = polled.unwrap_or_else(|_| Poll::Ready(later.fault())) else {
                    return Poll::Pending;
                };
                let answer = later.finish(answer);
                *self = Self::Done(None);
                Poll::Ready(Ok(answer))
            }
            Self::Routes(route, later) => {
                let Poll::Ready(answer) = catch::poll(route, cx, || later.fault()) else { return Poll::Pending };
                let answer = later.finish(answer);
                *self = Self::Done(None);
                Poll::Ready(Ok(answer))
            }
        }
    }
}

impl Later {
    fn fault(&self) -> Response<BoxBody> {
        fault(&self.desk.web, target(&self.uri))
    }
}

fn fault(web: &Web, at: &str) -> Response<BoxBody> {
    let id = web.fault_id();
    tracing::error!(fault = id, at, "a route panicked");
    let sentence = format!("{} Fault {id}.", Code::Internal.sentence());
    respond::plain(StatusCode::INTERNAL_SERVER_ERROR, sentence)
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
