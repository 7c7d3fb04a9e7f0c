//! From a ready page to an answer.

use actix_web::body::BoxBody;
use actix_web::dev::Response;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};

use super::coding::Accepted;
use super::page::CachedPage;

/// What of a request an answer depends on.
pub fn accepted(headers: &HeaderMap) -> Accepted {
    Accepted::read(headers.get(header::ACCEPT_ENCODING).map(HeaderValue::as_bytes))
}

/// Answers with a page: 304 where the client has it, else its best body. For HEAD the connection leaves the body out.
pub fn page(page: &CachedPage, headers: &HeaderMap, accepted: Accepted) -> Response<BoxBody> {
    if is_known(page, headers.get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes)) {
        return not_modified(page);
    }
    let (form, coding) = page.form(accepted);
    let mut answer = Response::with_body(page.status, BoxBody::new(form.body.clone()));
    let out = answer.headers_mut();
    for (name, value) in &page.headers {
        out.append(name.clone(), value.clone());
    }
    if let Some(coding) = coding {
        out.insert(header::CONTENT_ENCODING, coding.header());
    }
    answer
}

fn not_modified(page: &CachedPage) -> Response<BoxBody> {
    let mut answer = Response::with_body(StatusCode::NOT_MODIFIED, BoxBody::new(()));
    for (name, value) in refreshed(page) {
        answer.headers_mut().append(name.clone(), value.clone());
    }
    answer
}

/// What a 304 carries: all that a cache may have to refresh (RFC 9110 section 15.4.5).
pub fn refreshed(page: &CachedPage) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
    let wanted = [header::CACHE_CONTROL, header::VARY, header::ETAG];
    page.headers.iter().filter(move |(name, _)| wanted.contains(name))
}

/// Whether a client that sends this `If-None-Match` has the page already.
pub fn is_known(page: &CachedPage, if_none_match: Option<&[u8]>) -> bool {
    page.status == StatusCode::OK && if_none_match.is_some_and(|known| has_tag(known, page.etag.as_bytes()))
}

/// Weak comparison against a list or `*` (RFC 9110 section 13.1.2).
pub fn has_tag(known: &[u8], etag: &[u8]) -> bool {
    if known == etag {
        return true;
    }
    let strip = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    match (std::str::from_utf8(known), std::str::from_utf8(etag)) {
        (Ok(any), _) if any.trim() == "*" => true,
        (Ok(known), Ok(etag)) => known.split(',').take(64).any(|tag| strip(tag) == strip(etag)),
        _ => false,
    }
}

/// A short plain answer: refusals and faults.
pub fn plain(status: StatusCode, sentence: impl Into<String>) -> Response<BoxBody> {
    let mut answer = Response::with_body(status, BoxBody::new(sentence.into() + "\n"));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// The page of a site that is suspended: for people, so a page; it says when to come back to machines.
pub fn closed() -> Response<BoxBody> {
    const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
        <meta name=\"viewport\" content=\"width=device-width\"><title>Closed for now</title>\
        <h1>This site is closed for now</h1><p>Its owner can open it again. Please come back later.</p></html>";
    let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE, PAGE);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
    answer
}

/// Sends an address of a secondary name on to the site's main one. `location` is built from the host table's origin
/// and the canonical path, never from a header.
pub fn moved(status: StatusCode, location: &str) -> Response<BoxBody> {
    let mut answer = plain(status, "This address has moved.");
    if let Ok(value) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    answer
}

/// Ends the connection after this answer: its request has a body that nobody will read.
pub fn then_close(answer: &mut Response<BoxBody>) {
    answer.head_mut().set_connection_type(ConnectionType::Close);
}

/// Name of the cookie of somebody who knows an entry's password; it is sent to that entry's address only.
pub const UNLOCK_COOKIE: &str = "freehold_unlock";

/// What a request says to know of passwords: the values of all cookies of that name.
pub fn unlock_values(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers.get_all(header::COOKIE).filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    cookies.filter_map(|pair| pair.trim().split_once('=').filter(|(name, _)| *name == UNLOCK_COOKIE)).map(|(_, v)| v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_are_compared_weakly() {
        let etag = b"W/\"abc\"";
        for (known, same) in [
            ("W/\"abc\"", true),
            ("\"abc\"", true),
            ("\"x\", W/\"abc\"", true),
            ("*", true),
            ("\"ab\"", false),
            ("abc", false),
            ("", false),
        ] {
            assert_eq!(has_tag(known.as_bytes(), etag), same, "{known}");
        }
    }
}
