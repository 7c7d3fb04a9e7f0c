//! Before and after every request of the panel: known host, own origin, errors as pages, headers.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use freehold_base::secret::random_token;
use freehold_base::{Clock, Code, Error, Result, SiteId};
use serde::Serialize;

use std::time::Instant;

use super::build_frame::crumb;
use super::ctx::{self, Ctx};
use super::failure::Failure;
use super::form::Form;
use super::frame::Frame;
use super::{confirm, headers, refused};
use crate::panel::app::App;
use crate::web::connection::Progress;
use crate::web::limits::{MAX_HEAD_BYTES, head_bytes};

/// The one middleware.
///
/// # Errors
/// What the framework itself fails with; refusals of handlers become answers here.
pub async fn guard(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(app) = request.app_data::<Data<App>>().cloned() else {
        return next.call(request).await;
    };
    let started = Clock::instant();
    if let Err(e) = admit(&app, request.request()) {
        let (http, _) = request.into_parts();
        let answer = answer(&app, &http, &e, None);
        return Ok(finish(&app, ServiceResponse::new(http, answer), started));
    }
    let progress = request.conn_data::<Rc<Progress>>().cloned();
    if let Some(progress) = &progress {
        progress.serving();
    }
    // No clone of the request may live while it is routed: the framework writes the match into it.
    let response = next.call(request).await;
    if let Some(progress) = progress {
        progress.answered(Clock::instant());
    }
    let response = response?;
    let response = match failure_of(&response) {
        Some(e) => {
            let asked = who(response.request(), &e).await;
            let page = match asked {
                Some(ctx) if e.as_code() == Code::ConfirmNeeded => proof(&ctx, response.request(), &e).await,
                Some(ctx) => framed(&ctx, response.request(), &e).await,
                None => None,
            };
            let answer = answer(&app, response.request(), &e, page);
            response.into_response(answer)
        }
        None => response,
    };
    Ok(finish(&app, response, started))
}

fn finish(app: &App, mut response: ServiceResponse<BoxBody>, started: Instant) -> ServiceResponse<BoxBody> {
    headers::complete(response.headers_mut(), app.panel.secure);
    let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let api = response.request().path().starts_with("/api/");
    let door = if api { &app.answered.api } else { &app.answered.panel };
    door.count(response.status().as_u16(), took);
    response
}

/// A head of bounded size (rule B3), a known host (rule B1), and for changes the panel's own origin (rule C7).
fn admit(app: &App, request: &HttpRequest) -> Result<()> {
    if head_bytes(request.head()) > MAX_HEAD_BYTES {
        return Err(Error::code(Code::HeadTooLarge));
    }
    let text = |name| request.headers().get(name).and_then(|v| v.to_str().ok());
    let host = text(header::HOST).or_else(|| request.uri().authority().map(|a| a.as_str())).unwrap_or_default();
    if !app.panel.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)) {
        return Err(Error::code(Code::UnknownHost));
    }
    if let Some(target) = request.uri().authority()
        && !target.as_str().eq_ignore_ascii_case(host)
    {
        return Err(Error::refused(Code::BadRequest, "target and Host differ"));
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // The API reads no cookie and programs with a token send none: nothing to forge.
    if safe
        || request.path().starts_with("/api/")
        || text(header::AUTHORIZATION).is_some_and(|a| a.starts_with("Bearer "))
    {
        return Ok(());
    }
    let own = match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => app.panel.is_own(origin),
        (None, None) => false,
    };
    if own { Ok(()) } else { Err(Error::code(Code::ForeignOrigin)) }
}

fn failure_of(response: &ServiceResponse<BoxBody>) -> Option<Error> {
    if let Some(e) = response.response().error() {
        return Some(match e.as_error::<Failure>() {
            Some(Failure(Error::Invalid(fields))) => Error::Invalid(fields.clone()),
            Some(Failure(Error::Refused { code, detail })) => Error::refused(*code, detail.clone()),
            Some(Failure(e)) => Error::internal("answering", e.to_string()),
            None if response.status().is_client_error() => Error::refused(Code::BadRequest, e.to_string()),
            None => Error::internal("answering", e.to_string()),
        });
    }
    match response.status().as_u16() {
        404 if response.headers().get(header::CONTENT_TYPE).is_none() => Some(Error::not_found("page")),
        405 => Some(Error::code(Code::MethodNotAllowed)),
        _ => None,
    }
}

#[derive(Serialize)]
struct ErrorView {
    title: String,
    text: String,
    tone: &'static str,
    actions: Vec<ActionView>,
    code: &'static str,
    reference: String,
}

#[derive(Serialize)]
struct ActionView {
    label: String,
    href: String,
    primary: bool,
    /// Script goes back in the browser's own history, where the form stands as it was left.
    back: bool,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: String,
    status: u16,
    code: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<ProblemField>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reference: String,
}

#[derive(Serialize)]
struct ProblemField {
    field: String,
    code: &'static str,
    detail: String,
}

/// An id for the log and for who reports a fault; empty for refusals.
fn reference_of(method: &str, path: &str, e: &Error) -> String {
    if !matches!(e, Error::Internal { .. }) {
        return String::new();
    }
    let id: String = random_token().unwrap_or_default().chars().take(8).collect();
    tracing::error!("{id} {method} {path}: {e}");
    id
}

fn wants_json(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    request.path().starts_with("/api/")
        || request.path() == "/metrics"
        || accepts.is_some_and(|a| a.starts_with("application/json"))
}

/// Who is to read the page about a failure; none where it is no page, or nobody is signed in.
async fn who(request: &HttpRequest, e: &Error) -> Option<Ctx> {
    if wants_json(request) || e.status() == 401 || !request.path().starts_with("/admin") {
        return None;
    }
    ctx::look(request).await.ok().filter(|ctx| ctx.person.is_some())
}

/// The answer of a failure; faults get a reference that stands in the log too. `page`: the same in the panel's frame.
fn answer(app: &App, request: &HttpRequest, e: &Error, page: Option<HttpResponse>) -> HttpResponse {
    if let Some(page) = page {
        return page;
    }
    let reference = reference_of(request.method().as_str(), request.path(), e);
    if wants_json(request) {
        return problem(e, reference);
    }
    if e.as_code() == Code::SignInRequired && *request.method() == Method::GET {
        let wanted = request.uri().path_and_query().map_or(request.path(), |all| all.as_str());
        let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        return HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("/admin/login?next={next}")))
            .finish();
    }
    plain(app, e, reference).unwrap_or_else(|_| HttpResponse::InternalServerError().body(e.sentence()))
}

/// What is answered to a request whose handler panicked.
pub fn fault(app: &App, method: &str, path: &str) -> HttpResponse {
    let e = Error::internal("answering", "the handler panicked");
    let reference = reference_of(method, path, &e);
    let mut answer = if path.starts_with("/api/") {
        problem(&e, reference)
    } else {
        plain(app, &e, reference).unwrap_or_else(|_| HttpResponse::InternalServerError().body(e.sentence()))
    };
    headers::complete(answer.headers_mut(), app.panel.secure);
    let door = if path.starts_with("/api/") { &app.answered.api } else { &app.answered.panel };
    door.count(500, 0);
    answer
}

/// The way to a fresh proof: what was sent is kept, and goes on after it. None where it cannot be kept.
async fn proof(ctx: &Ctx, request: &HttpRequest, e: &Error) -> Option<HttpResponse> {
    let form = request.extensions().get::<Form>().cloned();
    let Error::Refused { detail, .. } = e else { return None };
    match form {
        Some(form) => confirm::hold(ctx, request.path(), detail, &form).await.ok(),
        None => Some(ctx.go(&super::auth::with_next(confirm::HERE, &ctx.from))),
    }
}

/// The failure as a page in the frame; none where the frame cannot be made either.
async fn framed(ctx: &Ctx, request: &HttpRequest, e: &Error) -> Option<HttpResponse> {
    if e.as_code() == Code::Denied {
        return refused::denied(ctx, ctx::access_of(request)).await.ok();
    }
    let mut view = view_of(e, String::new());
    let mut ctx = ctx.clone();
    let frame = match ctx.frame(&view.title, vec![crumb(&view.title, None)]).await {
        Ok(frame) => frame,
        Err(_) => {
            // A site that is not there, or not theirs: the frame of one that is.
            ctx.site = SiteId(0);
            ctx.frame(&view.title, vec![crumb(&view.title, None)]).await.ok()?
        }
    };
    view.reference = reference_of(request.method().as_str(), request.path(), e);
    if !ctx.from.is_empty() {
        let sent = *request.method() != Method::GET;
        let label = if sent { "Back to what you wrote" } else { "Back" };
        view.actions.insert(0, ActionView { label: label.into(), href: ctx.from.clone(), primary: true, back: sent });
        view.actions.iter_mut().skip(1).for_each(|action| action.primary = false);
    }
    ctx.page(e.status(), "system/problem.html", &frame, &view).ok()
}

/// `application/problem+json` (RFC 9457).
fn problem(e: &Error, reference: String) -> HttpResponse {
    let status = e.status();
    let fields = e
        .fields()
        .iter()
        .map(|f| ProblemField { field: f.field.to_string(), code: f.code.name(), detail: f.sentence() })
        .collect();
    let body =
        Problem { r#type: "about:blank", title: e.sentence(), status, code: e.as_code().name(), fields, reference };
    let mut answer = HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap_or_default());
    if status == 401 {
        answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    answer
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .body(serde_json::to_string(&body).unwrap_or_default())
}

fn view_of(e: &Error, reference: String) -> ErrorView {
    let code = e.as_code();
    let (title, tone) = match code.status() {
        401 => ("Sign in first", "info"),
        403 if code == Code::AccountSuspended => ("This account is suspended", "warn"),
        403 if code == Code::FeatureOff => ("Not part of the plan", "info"),
        403 => ("Not allowed", "warn"),
        404 => ("This page is not here", "info"),
        405 => ("That does not work here", "info"),
        400 | 409 | 422 | 413 | 415 => ("That was not stored", "warn"),
        421 => ("Unknown address", "info"),
        429 => ("Too many attempts", "warn"),
        503 => ("Busy", "warn"),
        507 => ("The disk is full", "bad"),
        _ => ("Something went wrong", "bad"),
    };
    let text = match e {
        Error::Invalid(_) => e.to_string(),
        _ => e.sentence(),
    };
    let actions = vec![ActionView { label: "Go home".into(), href: "/admin".into(), primary: true, back: false }];
    ErrorView { title: title.into(), text, tone, actions, code: code.name(), reference }
}

/// The failure as a page of its own: nobody is signed in, or the frame cannot be made.
fn plain(app: &App, e: &Error, reference: String) -> Result<HttpResponse> {
    let view = view_of(e, reference);
    let nonce = random_token()?;
    let html = app.templates.page("system/error.html", &nonce, &Frame::plain(&view.title), &view)?;
    Ok(headers::html(e.status(), html, &nonce, false))
}
