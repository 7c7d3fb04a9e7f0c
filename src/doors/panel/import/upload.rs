//! Taking an export in: as a stream to the disk, never in memory.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, web};
use freehold_base::{Code, Error, Result};
use freehold_host::arrivals::{Arrivals, Arriving};
use freehold_publishing::import::jobs::Place;
use futures_util::StreamExt as _;
use std::time::Duration;

use crate::web::limits::{BodyRules, GuardedBody};
use crate::web::multipart::{self, blocking, broken, text};

/// A large export on a slow line takes its time.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// What somebody chose.
pub struct Chosen {
    /// Where it lies now.
    pub place: Place,
    /// Its name, as the person knows it.
    pub name: String,
    /// Its size in bytes; 0 for what lay on the machine before.
    pub bytes: u64,
}

/// Reads the form: a file that is sent, or the name of one that lies in the import folder.
///
/// # Errors
/// `Invalid("file")` where nothing was chosen; `TooLarge`, `TooSlow`, `DiskFull`.
pub async fn read(request: &HttpRequest, payload: web::Payload, arrivals: &Arrivals, max_bytes: u64) -> Result<Chosen> {
    let rules = BodyRules { total: LONGEST, ..BodyRules::up_to(max_bytes.saturating_add(1 << 20)) };
    let mut form = Multipart::new(request.headers(), GuardedBody::new(payload, rules));
    let (mut sent, mut put) = (None, String::new());
    while let Some(field) = form.next().await {
        let field = field.map_err(|e| broken(&e, rules))?;
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
        match file {
            Some(file) if !file.is_empty() && sent.is_none() => {
                let begun = arrivals.clone();
                let arriving = blocking(move || begun.begin(max_bytes)).await?;
                let arriving = multipart::file(field, rules, arriving, Arriving::write).await??;
                sent = Some((file, arriving));
            }
            _ => {
                let value = text(field, rules).await?;
                if name == "put" {
                    put = value;
                }
            }
        }
    }
    if let Some((name, arriving)) = sent {
        let bytes = arriving.bytes();
        let place = Place::Sent(blocking(move || arriving.keep()).await?);
        return Ok(Chosen { place, name: name.chars().take(200).collect(), bytes });
    }
    if put.is_empty() {
        return Err(Error::invalid("file", Code::Required, ""));
    }
    Ok(Chosen { place: Place::Put(put.clone()), name: put, bytes: 0 })
}
