//! What the door found out about a request before any route saw it.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use std::future::{Ready, ready};

use super::hosts::SiteRef;
use super::path::CanonPath;

/// Site, path and client of a request, checked once. Routes take it as an argument; they never look at `Host`,
/// forwarding headers or the raw path themselves.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The site and the name it was asked under.
    pub site: Arc<SiteRef>,
    /// The canonical path; what actix matched on is its encoded form.
    pub path: CanonPath<'static>,
    /// The client's address (security rule B2).
    pub client: IpAddr,
    /// True where the visitor was given the cookie that opens an entry: nothing of the answer may be kept.
    pub personal: bool,
    /// True where the request has a body.
    pub has_body: bool,
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Visit>().cloned();
        ready(visit.ok_or_else(|| actix_web::error::ErrorMisdirectedRequest("no site")))
    }
}
