//! Uploads on their way in: read within limits, written off the async threads, cleaned on the image threads.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, web};
use freehold_base::{Code, Error, Result};
use freehold_host::blobs::Incoming;
use freehold_publishing::library::{Arrived, Library};
use futures_util::StreamExt as _;
use tokio::sync::oneshot;

use crate::web::limits::{BodyRules, GuardedBody};
use crate::web::multipart::{self, blocking, broken, drain, text};

/// Most files of one form.
const MAX_FILES: usize = 50;
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
async fn one(field: Field, name: &str, library: &Library, rules: BodyRules) -> Result<Result<Arrived>> {
    let begun = library.clone();
    let incoming = blocking(move || begun.begin()).await?;
    match multipart::file(field, rules, incoming, Incoming::write).await? {
        Ok(incoming) => Ok(settle(incoming, name, library).await),
        Err(e) => Ok(Err(e)),
    }
}

/// Identifies, cleans, stores.
async fn settle(mut incoming: Incoming, name: &str, library: &Library) -> Result<Arrived> {
    let (desk, name) = (library.clone(), name.to_owned());
    let (incoming, found) = blocking(move || {
        let found = desk.identify(&mut incoming, &name)?;
        Ok((incoming, found))
    })
    .await?;
    let desk = library.clone();
    if !found.kind.is_picture() {
        return blocking(move || desk.keep(incoming, &found)).await;
    }
    let (tell, told) = oneshot::channel();
    let done = move |result| {
        let _ = tell.send(result); // the sender may be gone
    };
    library.pool().submit(move || desk.keep(incoming, &found), done)?;
    told.await.map_err(|_| Error::code(Code::Busy))?
}
