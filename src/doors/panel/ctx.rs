//! Who asks: made only by the authenticator, from the session cookie and the route's line in the table.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use freehold_base::secret::random_token;
use freehold_base::{Code, Error, Result, Secret, SiteId};
use freehold_platform::accounts::{Authenticated, HalfSession, SignedIn};
use freehold_store::{Actor, Tx};
use serde::Serialize;

use super::access::{Access, AccessOf};
use super::arrive::Arrived;
use super::failure::Failure;
use super::frame::Frame;
use crate::panel::app::App;
use crate::web::client::client_address;

/// A request of the panel, authenticated and allowed.
#[derive(Clone)]
pub struct Ctx {
    /// The node.
    pub app: Arc<App>,
    /// For reads and writes.
    pub actor: Actor,
    /// Who is signed in.
    pub person: Option<Arc<SignedIn>>,
    /// Who still owes the second factor.
    pub half: Option<HalfSession>,
    /// The site of the address.
    pub site: SiteId,
    /// The session cookie as it came.
    pub cookie: Option<String>,
    /// The browser's own cookie as it came: whether its person was here before.
    pub device: Option<String>,
    /// The browser.
    pub agent: String,
    /// The address without its query.
    pub path: String,
    /// The query, raw.
    pub query: String,
    /// The page of the panel that the request came from, with its query; empty where it is unknown.
    pub from: String,
    /// Whether the panel's script asks for the changing part of a page alone.
    pub part: bool,
    /// Sites that the person was at, the last one first.
    pub recent: Vec<SiteId>,
    nonce: String,
}

/// Sites that a browser remembers.
const REMEMBERED: usize = 10;

/// Name of the session cookie.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-freehold_session" } else { "freehold_session" }
}

impl FromRequest for Ctx {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await.map_err(Failure) })
    }
}

async fn authenticate(request: &HttpRequest) -> Result<Ctx> {
    let access = access_of(request).ok_or_else(|| Error::code(Code::MethodNotAllowed))?;
    let mut ctx = Ctx::of(request)?;
    if access != Access::Open || ctx.path == "/admin" {
        ctx.sign_in().await?;
    }
    ctx.allow(access).await?;
    Ok(ctx)
}

/// What the route of a request needs.
pub fn access_of(request: &HttpRequest) -> Option<Access> {
    let table = request.app_data::<AccessOf>()?;
    table.0.iter().find(|(method, _)| method == request.method()).map(|(_, access)| *access)
}

/// Who asks, for a page that says what went wrong: nothing is allowed by it.
pub async fn look(request: &HttpRequest) -> Result<Ctx> {
    let mut ctx = Ctx::of(request)?;
    ctx.sign_in().await?;
    Ok(ctx)
}

/// Path and query of an address of the panel itself; empty for any other.
fn own_page(app: &App, address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return String::new() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let own = app.panel.is_own(&format!("{scheme}://{host}")) && path.starts_with("/admin");
    if own { path.to_owned() } else { String::new() }
}

fn device_cookie(secure: bool) -> &'static str {
    if secure { "__Host-freehold_device" } else { "freehold_device" }
}

fn sites_cookie(secure: bool) -> &'static str {
    if secure { "__Host-freehold_sites" } else { "freehold_sites" }
}

impl Ctx {
    fn of(request: &HttpRequest) -> Result<Self> {
        let app = request
            .app_data::<Data<App>>()
            .ok_or_else(|| Error::internal("authenticating", "no app"))?
            .clone()
            .into_inner();
        let peer = request.peer_addr().map_or([0, 0, 0, 0].into(), |a| a.ip());
        let address = client_address(peer, request.headers(), &app.config.trusted_proxies).to_string();
        let cookie = request.cookie(cookie_name(app.panel.secure)).map(|c| c.value().to_owned());
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|v: &header::HeaderValue| v.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let part = request.headers().get("hx-request-type").is_some_and(|v| v == "partial");
        let recent = request.cookie(sites_cookie(app.panel.secure)).map(|c| c.value().to_owned()).unwrap_or_default();
        Ok(Self {
            actor: Actor::visitor(&address),
            person: None,
            half: None,
            site: request.match_info().get("site").and_then(|s| s.parse().ok()).unwrap_or_default(),
            agent: header(header::USER_AGENT),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            from: own_page(&app, &header(header::REFERER)),
            part,
            recent: recent.split('.').filter_map(|id| id.parse().ok().map(SiteId)).take(REMEMBERED).collect(),
            nonce: random_token()?,
            device: request.cookie(device_cookie(app.panel.secure)).map(|c| c.value().to_owned()),
            cookie,
            app,
        })
    }

    async fn sign_in(&mut self) -> Result<()> {
        let Some(cookie) = self.cookie.clone() else { return Ok(()) };
        let accounts = self.app.accounts.clone();
        let device = self.device.clone();
        let look = move |tx: &mut Tx<'_>| match accounts.authenticate(tx, &cookie)? {
            Some(Authenticated::Half(half)) => {
                accounts.with_device(tx, half, device.as_deref()).map(|half| Some(Authenticated::Half(half)))
            }
            found => Ok(found),
        };
        let found = self.app.read(&self.actor, look).await?;
        match found {
            Some(Authenticated::Full(person)) => {
                self.actor = person.actor.clone();
                if person.wants_touch {
                    self.touch(&person);
                }
                self.person = Some(Arc::new(person));
            }
            Some(Authenticated::Half(half)) => self.half = Some(half),
            None => {}
        }
        Ok(())
    }

    /// Notes the sign of life without making the page wait for the disk.
    fn touch(&self, person: &SignedIn) {
        let (app, session, actor) = (self.app.clone(), person.session, self.actor.clone());
        actix_web::rt::spawn(async move {
            let accounts = app.accounts.clone();
            if let Err(e) = app.write(&actor, move |tx| accounts.touch_session(tx, session)).await {
                tracing::warn!("noting the use of a session: {e}");
            }
        });
    }

    async fn allow(&self, access: Access) -> Result<()> {
        let signed = || if self.person.is_some() { Ok(()) } else { Err(Error::code(Code::SignInRequired)) };
        match access {
            Access::Open => Ok(()),
            Access::Half => {
                if self.half.is_some() {
                    Ok(())
                } else {
                    Err(Error::code(Code::SignInRequired))
                }
            }
            Access::Signed => signed(),
            Access::Site(capability) => {
                signed()?;
                let site = self.site;
                self.read(move |tx| tx.authorize(site, capability).map(|_| ())).await
            }
            Access::Account(capability) => {
                signed()?;
                self.read(move |tx| tx.authorize_some_account(capability).map(|_| ())).await
            }
            Access::Customers(capability) => {
                signed()?;
                self.read(move |tx| tx.authorize_customers(capability).map(|_| ())).await
            }
            Access::Server(capability) => {
                signed()?;
                self.read(move |tx| tx.authorize_server(capability).map(|_| ())).await
            }
        }
    }

    /// Reads as who asks.
    ///
    /// # Errors
    /// What `f` gives.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.read(&self.actor, f).await
    }

    /// Writes as who asks.
    ///
    /// # Errors
    /// What `f` gives.
    pub async fn write<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.app.write(&self.actor, f).await
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes()).find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
    }

    /// A page of the panel.
    ///
    /// # Errors
    /// `Internal` where the template fails.
    pub fn page<P: Serialize>(&self, status: u16, template: &str, frame: &Frame, page: &P) -> Result<HttpResponse> {
        let html = self.app.templates.page(template, &self.nonce, frame, page)?;
        let inline_attributes = template == "entries/edit.html";
        let mut answer = super::headers::html(status, html, &self.nonce, inline_attributes);
        self.remember_site(&mut answer)?;
        Ok(answer)
    }

    /// A page of the panel that shows pages of this origin in frames.
    ///
    /// # Errors
    /// As [`Ctx::page`].
    pub fn page_with_frames<P: Serialize>(
        &self,
        template: &str,
        frame: &Frame,
        page: &P,
        origin: &str,
    ) -> Result<HttpResponse> {
        let mut answer = self.page(200, template, frame, page)?;
        super::headers::allow_frames(answer.headers_mut(), origin);
        Ok(answer)
    }

    /// Puts this page's site first among those that the browser remembers: the switcher and the person's own pages
    /// stand on it.
    fn remember_site(&self, answer: &mut HttpResponse) -> Result<()> {
        if self.site == SiteId(0) || self.recent.first() == Some(&self.site) || self.person.is_none() {
            return Ok(());
        }
        let others = self.recent.iter().filter(|id| **id != self.site);
        let all: Vec<String> =
            std::iter::once(&self.site).chain(others).take(REMEMBERED).map(|id| id.to_string()).collect();
        let mut cookie = self.session_cookie(&all.join("."));
        cookie.set_name(sites_cookie(self.app.panel.secure));
        cookie.set_max_age(actix_web::cookie::time::Duration::days(365));
        answer.add_cookie(&cookie).map_err(|e| Error::internal("remembering the site", e.to_string()))
    }

    /// A page of the panel with a new session cookie: for what is shown once, in the answer itself.
    ///
    /// # Errors
    /// As [`Ctx::page`].
    pub fn page_with_session<P: Serialize>(
        &self,
        template: &str,
        frame: &Frame,
        page: &P,
        token: &Secret,
    ) -> Result<HttpResponse> {
        let mut answer = self.page(200, template, frame, page)?;
        answer
            .add_cookie(&self.session_cookie(token.reveal_text()))
            .map_err(|e| Error::internal("setting the session cookie", e.to_string()))?;
        Ok(answer)
    }

    /// One block of a page, for a partial update.
    ///
    /// # Errors
    /// `Internal` where the template fails.
    pub fn part<P: Serialize>(&self, template: &str, block: &str, page: &P) -> Result<HttpResponse> {
        let html = self.app.templates.part(template, block, &self.nonce, &Frame::plain(""), page)?;
        Ok(super::headers::html(200, html, &self.nonce, false))
    }

    /// Goes on to another page (303).
    pub fn go(&self, to: &str) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
    }

    fn session_cookie(&self, value: &str) -> Cookie<'static> {
        let secure = self.app.panel.secure;
        Cookie::build(cookie_name(secure), value.to_owned())
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(SameSite::Strict)
            .finish()
    }

    /// As [`Ctx::go`], with a session cookie.
    pub fn go_with_session(&self, to: &str, token: &Secret) -> HttpResponse {
        let cookie = self.session_cookie(token.reveal_text());
        HttpResponse::SeeOther().insert_header((header::LOCATION, to)).cookie(cookie).finish()
    }

    /// As [`Ctx::go_with_session`], after a sign-in: with the browser's own cookie where it has none.
    pub fn go_arrived(&self, to: &str, arrived: &Arrived) -> HttpResponse {
        let mut answer = self.go_with_session(to, &arrived.token);
        self.give_device(&mut answer, arrived);
        answer
    }

    /// As [`Ctx::page_with_session`], after a sign-in.
    ///
    /// # Errors
    /// As [`Ctx::page`].
    pub fn page_arrived<P: Serialize>(
        &self,
        template: &str,
        frame: &Frame,
        page: &P,
        arrived: &Arrived,
    ) -> Result<HttpResponse> {
        let mut answer = self.page_with_session(template, frame, page, &arrived.token)?;
        self.give_device(&mut answer, arrived);
        Ok(answer)
    }

    fn give_device(&self, answer: &mut HttpResponse, arrived: &Arrived) {
        if let Some(device) = &arrived.device {
            let mut cookie = self.session_cookie(device.reveal_text());
            cookie.set_name(device_cookie(self.app.panel.secure));
            cookie.set_max_age(actix_web::cookie::time::Duration::days(400));
            // Without it the browser is only a new one again.
            let _ = answer.add_cookie(&cookie);
        }
    }

    /// As [`Ctx::go`], with the session cookie taken away.
    pub fn go_signed_out(&self, to: &str) -> HttpResponse {
        let mut cookie = self.session_cookie("");
        cookie.make_removal();
        HttpResponse::SeeOther().insert_header((header::LOCATION, to)).cookie(cookie).finish()
    }
}
