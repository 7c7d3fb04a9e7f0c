//! Refusals and faults on their way out. The guard turns them into pages; they are logged once, there.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use freehold_base::Error;

/// An error that leaves a handler.
#[derive(Debug)]
pub struct Failure(pub Error);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Self(e)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).finish()
    }
}

/// What handlers give.
pub type Reply = std::result::Result<HttpResponse, Failure>;
