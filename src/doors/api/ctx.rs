//! Who asks the API: only ever the bearer of a token (security rule C8). Cookies are not read.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use freehold_base::capability::Capabilities;
use freehold_base::{Code, Cursor, Error, Page, PageSize, Result, SiteId};
use freehold_platform::accounts::tokens;
use freehold_store::{Actor, Tx};
use serde::Serialize;
use serde_json::Value;

use crate::panel::access::{Access, AccessOf};
use crate::panel::app::App;
use crate::panel::failure::Failure;
use crate::web::client::client_address;
use crate::web::limits::{BodyRules, read_body};

/// A request of the API, authenticated and allowed.
#[derive(Clone)]
pub struct ApiCtx {
    /// The node.
    pub app: Arc<App>,
    /// For reads and writes.
    pub actor: Actor,
    /// The site of the address; 0 where it names none.
    pub site: SiteId,
    /// What the token may do there.
    pub rights: Capabilities,
    request: HttpRequest,
}

/// An answer, or why there is none.
pub type ApiReply = std::result::Result<HttpResponse, Failure>;

impl FromRequest for ApiCtx {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(request).await.map_err(Failure) })
    }
}

/// The bearer token of a request, if it brings one.
pub fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|t| t.trim().to_owned())
}

/// Who a token stands for, from which address.
///
/// # Errors
/// `SignInRequired` for none, an unknown, ended or revoked one.
pub async fn token_user(app: &Arc<App>, request: &HttpRequest) -> Result<Actor> {
    let token = bearer(request).ok_or_else(|| Error::code(Code::SignInRequired))?;
    let peer = request.peer_addr().map_or([0, 0, 0, 0].into(), |a| a.ip());
    let address = client_address(peer, request.headers(), &app.config.trusted_proxies).to_string();
    let (visitor, given) = (Actor::visitor(&address), token.clone());
    let found = match peek(app, &visitor, move |tx| tokens::authenticate(tx, &token)).await {
        Err(e) if e.as_code() == Code::TokenElsewhere => {
            app.write(&visitor, move |tx| tokens::note_elsewhere(tx, &given)).await?;
            return Err(e);
        }
        found => found?,
    };
    let found = found.ok_or_else(|| Error::code(Code::SignInRequired))?;
    if found.wants_touch {
        let (app, actor, id) = (Arc::clone(app), found.actor.clone(), found.token);
        actix_web::rt::spawn(async move {
            if let Err(e) = app.write(&actor, move |tx| tokens::touch(tx, id)).await {
                tracing::warn!("noting the use of a token: {e}");
            }
        });
    }
    Ok(found.actor)
}

/// One or two short statements: without a transaction of their own where that is cheap.
async fn peek<T: Send + 'static>(
    app: &Arc<App>,
    actor: &Actor,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    if app.store.is_sqlite() { app.store.peek(actor, f) } else { app.store.read_async(actor, f).await }
}

async fn authenticate(request: HttpRequest) -> Result<ApiCtx> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("authenticating", "no app"))?;
    let app = app.clone().into_inner();
    let access = request
        .app_data::<AccessOf>()
        .and_then(|table| table.0.iter().find(|(method, _)| method == request.method()))
        .map(|(_, access)| *access)
        .ok_or_else(|| Error::code(Code::MethodNotAllowed))?;
    let actor = token_user(&app, &request).await?;
    let site = request.match_info().get("site").and_then(|s| s.parse().ok()).unwrap_or_default();
    let rights = peek(&app, &actor, move |tx| match access {
        Access::Site(capability) => Ok(tx.authorize(site, capability)?.capabilities()),
        Access::Customers(capability) => Ok(tx.authorize_customers(capability)?.capabilities()),
        Access::Server(capability) => Ok(tx.authorize_server(capability)?.capabilities()),
        Access::Account(capability) => tx.authorize_some_account(capability),
        Access::Open | Access::Half | Access::Signed => Ok(Capabilities::NONE),
    })
    .await?;
    Ok(ApiCtx { app, actor, site, rights, request })
}

impl ApiCtx {
    /// Reads as the token's person.
    ///
    /// # Errors
    /// What `f` gives.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.read(&self.actor, f).await
    }

    /// Writes as the token's person.
    ///
    /// # Errors
    /// What `f` gives.
    pub async fn write<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.app.write(&self.actor, f).await
    }

    /// A part of the address.
    ///
    /// # Errors
    /// `NotFound` with the noun where it is no number.
    pub fn id<T: From<i64>>(&self, name: &str, noun: &'static str) -> Result<T> {
        let text = self.request.match_info().get(name).unwrap_or_default();
        text.parse::<i64>().map(T::from).map_err(|_| Error::not_found(noun))
    }

    /// A part of the address as text; empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.request.match_info().query(name).to_owned()
    }

    /// The parameters of the query; one that is not in `known` is refused.
    ///
    /// # Errors
    /// `Invalid` naming it.
    pub fn query(&self, known: &[&str]) -> Result<Query> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(self.request.query_string().as_bytes()).into_owned().take(100).collect();
        for (name, _) in &pairs {
            if !known.contains(&name.as_str()) {
                let known = format!("Known are: {}.", known.join(", "));
                return Err(Error::invalid(name.clone(), Code::UnknownField, known));
            }
        }
        Ok(Query(pairs))
    }

    /// A header's text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.request.headers().get(name).and_then(|v| v.to_str().ok())
    }

    /// The `Idempotency-Key`, if there is one.
    ///
    /// # Errors
    /// `Invalid` where it is longer than 100 characters or not plain text.
    pub fn request_key(&self) -> Result<Option<String>> {
        match self.request.headers().get("idempotency-key").map(|v| v.to_str()) {
            None => Ok(None),
            Some(Ok(key)) if (1..=100).contains(&key.len()) => Ok(Some(key.to_owned())),
            Some(_) => Err(Error::invalid("Idempotency-Key", Code::TooLong, "100")),
        }
    }

    /// The whole body, within the size and time that the node allows (security rule B3).
    ///
    /// # Errors
    /// `UnsupportedMedia` where it is not said to be JSON; `TooLarge`, `TooSlow`, `BadRequest`.
    pub async fn body(&self, payload: actix_web::web::Payload) -> Result<bytes::Bytes> {
        let kind = self.header(header::CONTENT_TYPE).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            return Err(Error::refused(Code::UnsupportedMedia, "send application/json"));
        }
        read_body(payload, BodyRules::up_to(self.app.config.limits.body_kb.saturating_mul(1000))).await
    }

    /// `http://host[:port]` of the site of the address.
    pub fn origin(&self) -> String {
        self.app.web.hosts.origin_of(self.site).map(|o| o.to_string()).unwrap_or_default()
    }
}

/// The parameters of a query.
#[derive(Clone, Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// A value; none where it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// A value as a number.
    ///
    /// # Errors
    /// `Invalid` naming it.
    pub fn number(&self, name: &'static str) -> Result<Option<i64>> {
        let wrong = |_| Error::invalid(name, Code::Malformed, "a whole number, such as 20");
        self.get(name).map(|v| v.parse().map_err(wrong)).transpose()
    }

    /// The wanted page (`limit` 1 to 100, default 20; `after`), one row larger than asked, so that it is known
    /// whether more follow.
    ///
    /// # Errors
    /// `Invalid` (limit, after).
    pub fn page(&self) -> Result<(Page, usize)> {
        let limit = self.number("limit")?.unwrap_or(20);
        if !(1..=100).contains(&limit) {
            return Err(Error::invalid("limit", Code::NotAllowed, "1 to 100"));
        }
        let wrong = || Error::invalid("after", Code::Malformed, "what `next` of the page before said");
        let decode = |text: &str| {
            let bytes = BASE64.decode(text).ok()?;
            Cursor::decode(&String::from_utf8(bytes).ok()?)
        };
        let after = self.get("after").map(|text| decode(text).ok_or_else(wrong)).transpose()?;
        let limit = u16::try_from(limit).unwrap_or(20);
        Ok((Page { size: PageSize::new(limit + 1), after }, usize::from(limit)))
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What `after` takes for the next page; null on the last one.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Cuts the row too many off and remembers where the next page begins.
    pub fn of<R>(mut rows: Vec<R>, limit: usize, cursor: impl Fn(&R) -> Cursor, view: impl FnMut(R) -> T) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| BASE64.encode(cursor(row).encode()));
        Self { items: rows.into_iter().map(view).collect(), next }
    }
}

/// 200 with a body, cut to the wanted `fields` where the query names some.
///
/// # Errors
/// `Internal` where the view cannot be written.
pub fn ok<T: Serialize>(value: &T, fields: Option<&str>) -> Result<HttpResponse> {
    reply(StatusCode::OK, value, fields)
}

/// 201 with a body and its address.
///
/// # Errors
/// As [`ok`].
pub fn created<T: Serialize>(value: &T, location: &str) -> Result<HttpResponse> {
    let mut answer = reply(StatusCode::CREATED, value, None)?;
    if let Ok(location) = header::HeaderValue::from_str(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

/// 204.
pub fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn reply<T: Serialize>(status: StatusCode, value: &T, fields: Option<&str>) -> Result<HttpResponse> {
    let wrong = |e| Error::internal("writing the answer", e);
    let body = match fields {
        None => serde_json::to_string(value).map_err(wrong)?,
        Some(fields) => selected(serde_json::to_value(value).map_err(wrong)?, fields)?.to_string(),
    };
    Ok(HttpResponse::build(status).content_type("application/json").body(body))
}

/// Keeps the named fields of an object, or of each item of a list.
fn selected(value: Value, fields: &str) -> Result<Value> {
    let names: Vec<&str> = fields.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    let keep = |item: Value| match item {
        Value::Object(all) => {
            if let Some(unknown) = names.iter().find(|n| !all.contains_key(**n)) {
                let known: Vec<&str> = all.keys().map(String::as_str).collect();
                let known = format!("\u{201c}{unknown}\u{201d} is none of {}.", known.join(", "));
                return Err(Error::invalid("fields", Code::UnknownField, known));
            }
            Ok(Value::Object(all.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect()))
        }
        other => Ok(other),
    };
    match value {
        Value::Object(mut list) if list.get("items").is_some_and(Value::is_array) => {
            if let Some(Value::Array(items)) = list.remove("items") {
                list.insert("items".into(), Value::Array(items.into_iter().map(keep).collect::<Result<_>>()?));
            }
            Ok(Value::Object(list))
        }
        one => keep(one),
    }
}
