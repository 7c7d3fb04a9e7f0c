//! Uploads on their way in: read within limits, written off the async threads, cleaned on the image threads.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::{HttpRequest, web};
use bytes::BytesMut;
use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_host::blobs::Incoming;
use freehold_publishing::library::{Arrived, Library};
use futures_util::StreamExt as _;
use tokio::sync::oneshot;

use crate::web::limits::{BodyRules, GuardedBody, refusal};

/// Bytes that are gathered before they are written.
const GATHER: usize = 512 << 10;
/// Most files of one form.
const MAX_FILES: usize = 50;
/// Largest of the other fields.
const MAX_FIELD: usize = 16 << 10;
/// Room for the form's own lines beside the file.
const FORM_BYTES: u64 = 1 << 20;

/// One file of a form: its name as sent, and what became of it.
pub type Outcome = (String, Result<Arrived>);

/// A read form.
#[derive(Default)]
pub struct Uploaded {
    /// Its files, in their order.
    pub files: Vec<Outcome>,
    /// Its other fields.
    pub fields: Vec<(String, String)>,
}

/// Reads a multipart form. A file that is refused does not stop the others; a broken connection stops all.
///
/// # Errors
/// `BadRequest`, `TooLarge`, `TooSlow`, `DiskFull`.
pub async fn read(request: &HttpRequest, payload: web::Payload, library: &Library) -> Result<Uploaded> {
    // Several files come in one form where no script runs.
    let rules = BodyRules::up_to(library.max_bytes().saturating_mul(4).saturating_add(FORM_BYTES));
    let mut form = Multipart::new(request.headers(), GuardedBody::new(payload, rules));
    let mut read = Uploaded::default();
    while let Some(field) = form.next().await {
        let field = field.map_err(|e| broken(&e, rules))?;
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
        match file {
            // A file input that nobody filled.
            Some(file) if file.is_empty() => drain(field, rules).await?,
            Some(file) if read.files.len() < MAX_FILES => {
                let outcome = one(field, &file, library, rules).await?;
                read.files.push((file, outcome));
            }
            Some(_) => return Err(Error::refused(Code::TooLarge, format!("{MAX_FILES} files at once"))),
            None => {
                let value = text(field, rules).await?;
                read.fields.push((name, value));
            }
        }
    }
    Ok(read)
}

/// One file. The outer error ends the request, the inner one is this file's.
async fn one(mut field: Field, name: &str, library: &Library, rules: BodyRules) -> Result<Result<Arrived>> {
    let begun = {
        let library = library.clone();
        blocking(move || library.begin()).await?
    };
    let mut incoming = match begun {
        Ok(incoming) => incoming,
        Err(e) => return Err(e),
    };
    let mut gathered = BytesMut::new();
    loop {
        let chunk = field.next().await.transpose().map_err(|e| broken(&e, rules))?;
        let end = chunk.is_none();
        gathered.extend_from_slice(&chunk.unwrap_or_default());
        if gathered.len() >= GATHER || (end && !gathered.is_empty()) {
            let bytes = gathered.split().freeze();
            let written = blocking(move || incoming.write(&bytes).map(|()| incoming)).await?;
            incoming = match written {
                Ok(incoming) => incoming,
                Err(e) => {
                    drain(field, rules).await?;
                    return Ok(Err(e));
                }
            };
        }
        if end {
            return Ok(settle(incoming, name, library).await);
        }
    }
}

/// Identifies, cleans, stores.
async fn settle(mut incoming: Incoming, name: &str, library: &Library) -> Result<Arrived> {
    let (desk, name) = (library.clone(), name.to_owned());
    let (incoming, found) = blocking(move || {
        let found = desk.identify(&mut incoming, &name)?;
        Ok((incoming, found))
    })
    .await??;
    let desk = library.clone();
    if !found.kind.is_picture() {
        return blocking(move || desk.keep(incoming, &found)).await?;
    }
    let (tell, told) = oneshot::channel();
    let done = move |result| {
        let _ = tell.send(result); // the sender may be gone
    };
    library.pool().submit(move || desk.keep(incoming, &found), done)?;
    told.await.map_err(|_| Error::code(Code::Busy))?
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<Result<T>> {
    web::block(work).await.or_internal("working in the background")
}

async fn text(mut field: Field, rules: BodyRules) -> Result<String> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.next().await {
        bytes.extend_from_slice(&chunk.map_err(|e| broken(&e, rules))?);
        if bytes.len() > MAX_FIELD {
            return Err(Error::refused(Code::TooLarge, "16 kB in a field"));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The rest of a refused file is read and dropped, so that the browser hears why instead of a broken connection.
async fn drain(mut field: Field, rules: BodyRules) -> Result<()> {
    while let Some(chunk) = field.next().await {
        chunk.map_err(|e| broken(&e, rules))?;
    }
    Ok(())
}

fn broken(e: &MultipartError, rules: BodyRules) -> Error {
    match e {
        MultipartError::Payload(e) => match e {
            PayloadError::Overflow => Error::refused(Code::TooLarge, format!("{} MB at once", rules.max_bytes >> 20)),
            other => refusal(other, rules),
        },
        other => Error::refused(Code::BadRequest, other.to_string()),
    }
}
