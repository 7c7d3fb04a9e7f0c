//! Forms that carry files: read within limits, files written off the async threads.

use actix_multipart::{Field, MultipartError};
use actix_web::error::PayloadError;
use actix_web::web;
use bytes::BytesMut;
use freehold_base::{Code, Error, OrInternal as _, Result};
use futures_util::StreamExt as _;

use super::limits::{BodyRules, refusal};

/// Bytes of a file that are gathered before they are written.
const GATHER: usize = 512 << 10;
/// Largest field that is no file, in bytes.
const MAX_FIELD: usize = 16 << 10;

/// Does `work` on a thread that may wait.
///
/// # Errors
/// What `work` says; `Internal` where the node stops.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    web::block(work).await.or_internal("working in the background")?
}

/// The value of a field that is no file.
///
/// # Errors
/// `TooLarge` above 16 KiB; as [`broken`].
pub async fn text(mut field: Field, rules: BodyRules) -> Result<String> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.next().await {
        bytes.extend_from_slice(&chunk.map_err(|e| broken(&e, rules))?);
        if bytes.len() > MAX_FIELD {
            return Err(Error::refused(Code::TooLarge, "16 kB in a field"));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes a file of the form into `to` and gives that back. The outer error ends the request; the inner one is this
/// file's, whose rest is read and dropped then.
///
/// # Errors
/// As [`broken`]; inside, what `write` says.
pub async fn file<T: Send + 'static>(
    mut field: Field,
    rules: BodyRules,
    mut to: T,
    write: fn(&mut T, &[u8]) -> Result<()>,
) -> Result<Result<T>> {
    let mut gathered = BytesMut::new();
    loop {
        let chunk = field.next().await.transpose().map_err(|e| broken(&e, rules))?;
        let end = chunk.is_none();
        gathered.extend_from_slice(&chunk.unwrap_or_default());
        if gathered.len() >= GATHER || (end && !gathered.is_empty()) {
            let bytes = gathered.split().freeze();
            match blocking(move || Ok(write(&mut to, &bytes).map(|()| to))).await? {
                Ok(written) => to = written,
                Err(e) => {
                    drain(field, rules).await?;
                    return Ok(Err(e));
                }
            }
        }
        if end {
            return Ok(Ok(to));
        }
    }
}

/// Reads and drops what is left of a refused file, so that the browser hears why instead of a broken connection.
///
/// # Errors
/// As [`broken`].
pub async fn drain(mut field: Field, rules: BodyRules) -> Result<()> {
    while let Some(chunk) = field.next().await {
        chunk.map_err(|e| broken(&e, rules))?;
    }
    Ok(())
}

/// What a form that cannot be read is answered: `TooLarge` with the limit, `TooSlow`, `BadRequest`.
#[must_use]
pub fn broken(e: &MultipartError, rules: BodyRules) -> Error {
    match e {
        MultipartError::Payload(PayloadError::Overflow) => {
            Error::refused(Code::TooLarge, format!("{} MB", rules.max_bytes >> 20))
        }
        MultipartError::Payload(other) => refusal(other, rules),
        other => Error::refused(Code::BadRequest, other.to_string()),
    }
}
