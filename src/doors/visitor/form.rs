//! A visitor's form: small, in time, from the site's own pages.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use freehold_base::{Code, Error, Result};

use crate::web::limits::{BodyRules, read_body};
use crate::web::visit::Visit;

/// Largest form: 20,000 characters of four bytes, percent-encoded, and the rest.
const LARGEST: u64 = 300 << 10;

/// Names and values.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a name; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
    /// A value as a number; 0 where it is none.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.get(name).parse().unwrap_or(0)
    }
}

/// Reads a form that came from a page of this site.
///
/// # Errors
/// `ForeignOrigin`, `TooLarge`, `TooSlow`, `BadRequest`.
pub(super) async fn read(request: &HttpRequest, visit: &Visit, payload: web::Payload) -> Result<Fields> {
    own_page(request, visit)?;
    let body = read_body(payload, BodyRules::up_to(LARGEST)).await?;
    Ok(Fields(form_urlencoded::parse(&body).take(50).map(|(n, v)| (n.into_owned(), v.into_owned())).collect()))
}

/// Browsers say where a form stood; what says nothing (old ones) may pass, because there is no session to abuse.
fn own_page(request: &HttpRequest, visit: &Visit) -> Result<()> {
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let foreign = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site != "same-origin",
        (None, Some(origin)) => origin != &*visit.site.origin,
        (None, None) => false,
    };
    if foreign { Err(Error::code(Code::ForeignOrigin)) } else { Ok(()) }
}
