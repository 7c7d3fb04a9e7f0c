//! Thin: load arguments, call a verb.

use freehold_base::Result;
use freehold_platform::jobs::{self, Handlers, NewJob};
use freehold_store::{SiteScope, Tx};
use serde::{Deserialize, Serialize};

use super::Library;

/// Deletes a file that no site has any more.
pub const SWEEP: &str = "media.sweep";

#[derive(Serialize, Deserialize)]
struct Which {
    hash: String,
}

/// Adds the handlers of this noun.
pub fn register(handlers: &mut Handlers, library: &Library) {
    let library = library.clone();
    handlers.add(SWEEP, move |job| {
        let Which { hash } = job.payload()?;
        let gone = library.sweep(job.store, &hash)?;
        Ok(format!("{{\"deleted\":{gone}}}"))
    });
}

/// Queues the deletion of a file, in the transaction that forgets its row.
pub(super) fn sweep_later(tx: &mut Tx<'_>, site: SiteScope, hash: &str) -> Result<()> {
    let payload = serde_json::json!({ "hash": hash }).to_string();
    let job = NewJob { site: site.id(), kind: SWEEP, payload: &payload, run_at: tx.now(), unique_key: None };
    jobs::enqueue(tx, &job).map(|_| ())
}
