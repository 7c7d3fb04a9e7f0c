//! Thin: load arguments, call a verb.

use freehold_base::{OrInternal as _, Result, SiteId};
use freehold_platform::jobs::{self, Handlers, NewJob};
use freehold_platform::sites;
use freehold_store::{Actor, SiteScope, Tx};
use serde::{Deserialize, Serialize};

use super::Library;

/// Deletes files that no site has any more.
pub const SWEEP: &str = "media.sweep";

#[derive(Serialize, Deserialize)]
struct Which {
    hashes: Vec<String>,
}

#[derive(Deserialize)]
struct Gone {
    site: SiteId,
}

/// Adds the handlers of this noun.
pub fn register(handlers: &mut Handlers, library: &Library) {
    let library = library.clone();
    handlers.add(SWEEP, move |job| {
        let Which { hashes } = job.payload()?;
        let mut gone = 0;
        for hash in &hashes {
            gone += i64::from(library.sweep(job.store, hash)?);
        }
        Ok(format!("{{\"deleted\":{gone}}}"))
    });
    handlers.add(sites::ERASE, |job| {
        let Gone { site } = job.payload()?;
        let mut rows = 0;
        loop {
            let step = job.store.write(&Actor::system(), move |tx| erase_some(tx, site))?;
            if step == 0 {
                return Ok(format!("{{\"deleted\":{rows}}}"));
            }
            rows += i64::try_from(step).unwrap_or(i64::MAX);
            job.progress(rows, 0, "Deleting")?;
        }
    });
}

/// A step of erasing a site; the files of its rows are swept after it is committed, whatever happens to us.
fn erase_some(tx: &mut Tx<'_>, site: SiteId) -> Result<usize> {
    let erased = sites::erase_some(tx, site)?;
    if !erased.hashes.is_empty() {
        queue(tx, SiteId(0), erased.hashes)?;
    }
    Ok(erased.rows)
}

/// Queues the deletion of a file, in the transaction that forgets its row.
pub(super) fn sweep_later(tx: &mut Tx<'_>, site: SiteScope, hash: &str) -> Result<()> {
    queue(tx, site.id(), vec![hash.to_owned()])
}

fn queue(tx: &mut Tx<'_>, site: SiteId, hashes: Vec<String>) -> Result<()> {
    let payload = serde_json::to_string(&Which { hashes }).or_internal("queueing")?;
    let job = NewJob { site, kind: SWEEP, payload: &payload, run_at: tx.now(), unique_key: None };
    jobs::enqueue(tx, &job).map(|_| ())
}
