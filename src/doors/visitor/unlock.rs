//! Entries with a password: the form's answer, the cookie that it gives, and the page for those who have it.

use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::secret::token_hash;
use freehold_base::{Code, EntryId, Error, Result, SiteId, Timestamp};
use freehold_platform::secrets::Keyring;
use freehold_platform::secrets::limiter::network_of;
use freehold_publishing::content::password;
use freehold_publishing::pages::{Ask, Pages};
use freehold_store::{Actor, Tx, entries, failures};

use super::desk::{VisitorDesk, go, refuse};
use super::form;
use crate::unlock_cookie;
use crate::web::render::pages;
use crate::web::respond::{self, UNLOCK_COOKIE};
use crate::web::state::Web;
use crate::web::visit::Visit;

/// How long a password is remembered.
const KEPT_MS: i64 = 24 * 3600 * 1000;
/// Wrong passwords of one network within ten minutes.
const TRIES: i64 = 10;
const WINDOW_MS: i64 = 10 * 60 * 1000;
/// Cookies of one request that are looked at: entries below one another have one each.
const COOKIES: usize = 8;
/// Use of the signature.
const LABEL: &str = "unlock";

/// The cookie's value: until when, and a signature that a new password or another entry makes void.
fn sign(keys: &Keyring, site: SiteId, entry: EntryId, password: &str, until: Timestamp) -> String {
    format!("{}.{}", until.ms(), keys.sign(LABEL, &message(site, entry, password, until)))
}

fn message(site: SiteId, entry: EntryId, password: &str, until: Timestamp) -> Vec<u8> {
    format!("{site} {entry} {} {}", until.ms(), token_hash(password)).into_bytes()
}

fn is_signed(keys: &Keyring, site: SiteId, entry: EntryId, password: &str, value: &str, now: Timestamp) -> bool {
    let Some((until, signature)) = value.split_once('.') else { return false };
    let Ok(until) = until.parse().map(Timestamp) else { return false };
    now < until && keys.verify(LABEL, &message(site, entry, password, until), signature)
}

/// Checks a password; the right one gives a cookie for this entry's address.
pub(super) async fn take(
    request: HttpRequest,
    visit: Visit,
    desk: Data<VisitorDesk>,
    payload: Payload,
) -> HttpResponse {
    let desk = desk.into_inner();
    match try_password(&request, &visit, &desk, payload).await {
        Ok(answer) => answer,
        Err(e) => refuse(&e),
    }
}

async fn try_password(
    request: &HttpRequest,
    visit: &Visit,
    desk: &Arc<VisitorDesk>,
    payload: Payload,
) -> Result<HttpResponse> {
    let form = form::read(request, visit, payload).await?;
    let (site, entry, typed) = (visit.site.site, EntryId(form.number("entry")), form.get("password").to_owned());
    let (keys, subject) = (Arc::clone(desk.keys()), format!("unlock:{}", network_of(visit.client)));
    let actor = Actor::visitor(&visit.client.to_string());
    let found = desk
        .store()
        .write_async(&actor, move |tx| {
            let since = Timestamp(tx.now().ms() - WINDOW_MS);
            if failures::recent(tx, &subject, since)?.0 >= TRIES {
                return Err(Error::refused(Code::TooManyAttempts, "10 minutes"));
            }
            let (path, right_one) = locked(tx, &keys, site, entry)?;
            // Both are hashed first: the comparison tells nothing of the password.
            let right = token_hash(&right_one) == token_hash(&typed);
            if !right {
                failures::insert(tx, &subject)?;
            }
            Ok((path, right.then_some(right_one), tx.now()))
        })
        .await?;
    let (path, known, now) = found;
    let Some(known) = known else { return Ok(go(&format!("{path}?said=wrong#unlock"))) };
    let inner = sign(desk.keys(), site, entry, &known, Timestamp(now.ms() + KEPT_MS));
    let value = unlock_cookie::sealed(desk.keys(), site, &inner);
    let cookie = Cookie::build(UNLOCK_COOKIE, value)
        .path(path.clone())
        .http_only(true)
        .secure(visit.site.origin.starts_with("https://"))
        .same_site(SameSite::Lax)
        .max_age(Duration::milliseconds(KEPT_MS))
        .finish();
    let mut answer = go(&path);
    answer.add_cookie(&cookie).map_err(|e| Error::internal("giving a cookie", e.to_string()))?;
    Ok(answer)
}

/// Address and password of an entry that has one.
fn locked(tx: &mut Tx<'_>, keys: &Keyring, site: SiteId, id: EntryId) -> Result<(String, String)> {
    let scope = tx.visit(site)?;
    let found = entries::find_with_author(tx, scope, id)?.map(|(e, ..)| e);
    let entry = found.filter(|e| e.is_live() && e.visibility == "password" && !e.password.is_empty());
    let entry = entry.ok_or_else(|| Error::not_found("entry"))?;
    let path = entry.path.ok_or_else(|| Error::not_found("entry"))?;
    Ok((path, password::open(keys, site, &entry.password)))
}

/// Any address, asked by somebody who says to know a password: the open page if that is so, else the usual one.
pub(super) async fn show(request: HttpRequest, visit: Visit, desk: Data<VisitorDesk>, web: Data<Web>) -> HttpResponse {
    let desk = desk.into_inner();
    match opened(&request, &visit, &desk).await {
        Ok(Some(id)) => {
            let make = move |pages: &Pages, tx: &mut Tx<'_>, ask: &Ask<'_>| {
                pages.answer(tx, &Ask { unlocked: Some(id), ..ask.clone() })
            };
            match desk.personal(&request, &visit, None, make, |_| {}).await {
                Ok(answer) => answer,
                Err(e) => refuse(&e),
            }
        }
        Ok(None) => pages(request, visit, web).await,
        Err(e) => refuse(&e),
    }
}

/// The entry of this address, if the cookie opens it.
async fn opened(request: &HttpRequest, visit: &Visit, desk: &Arc<VisitorDesk>) -> Result<Option<EntryId>> {
    let (site, path) = (visit.site.site, visit.path.as_str().to_owned());
    let keys = Arc::clone(desk.keys());
    let given = respond::unlock_values(request.headers());
    let given = given.filter_map(|v| unlock_cookie::opened(&keys, site, v)).map(str::to_owned);
    let given: Vec<String> = given.take(COOKIES).collect();
    desk.read(move |tx| {
        let scope = tx.visit(site)?;
        let Some((entry, ..)) = entries::find_by_path(tx, scope, &path)? else { return Ok(None) };
        if entry.visibility != "password" || entry.password.is_empty() {
            return Ok(None);
        }
        let right_one = password::open(&keys, site, &entry.password);
        let now = tx.now();
        let opens = |value: &String| is_signed(&keys, site, entry.id, &right_one, value, now);
        Ok(given.iter().any(opens).then_some(entry.id))
    })
    .await
}
