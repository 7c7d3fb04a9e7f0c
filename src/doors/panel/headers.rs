//! Security headers of the panel (rule B7).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// A page with its policy. `inline_attributes`: the editor sets style attributes on what it draws.
pub fn html(status: u16, body: String, nonce: &str, inline_attributes: bool) -> HttpResponse {
    let attributes = if inline_attributes { "; style-src-attr 'unsafe-inline'" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'{attributes}; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types htmx ProseMirrorClipboard"
    );
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(body)
}

/// Lets a page show frames of an origin: previews on a site's listener, which carry a sandbox of their own (rule B6).
pub fn allow_frames(headers: &mut HeaderMap, origin: &str) {
    let before = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = before.map(|policy| format!("{policy}; frame-src {origin}"));
    if let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

const COMMON: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Sets on every answer what it does not set itself.
pub fn complete(headers: &mut HeaderMap, secure: bool) {
    let mut put = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    for (name, value) in COMMON {
        put(name, value);
    }
    put("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    put("cache-control", "no-store");
    if secure {
        put("strict-transport-security", "max-age=63072000");
    }
}
