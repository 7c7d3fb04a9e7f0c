//! Thin: load arguments, call a verb.

use std::time::Duration;

use freehold_base::{EntryId, Error, Result, SiteId};
use freehold_platform::jobs::{Handlers, Lane};
use freehold_platform::sites::settings;
use freehold_platform::upkeep;
use freehold_store::{Actor, Store, Tx, entries as rows};
use serde::Deserialize;

use super::record::{self, Step};
use super::{readdress, trash};

/// Makes a scheduled entry public.
pub const PUBLISH: &str = "entry.publish";
/// Empties what lay in the trash for 30 days; comes back every day.
pub const EMPTY_TRASH: &str = "trash.empty";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Deserialize)]
struct Which {
    entry: EntryId,
}

/// Adds the handlers of this noun.
pub fn register(handlers: &mut Handlers) {
    handlers.add(settings::READDRESS, readdress::run);
    // It has its hour: it never waits behind a mail server that keeps its senders waiting.
    handlers.add_to(Lane::Prompt, PUBLISH, |job| {
        let Which { entry } = job.payload()?;
        let site = job.site();
        job.store.write(&Actor::system(), move |tx| go_live(tx, site, entry))?;
        Ok(String::new())
    });
    handlers.add(EMPTY_TRASH, |job| {
        job.store.write(&Actor::system(), |tx| upkeep::queue(tx, EMPTY_TRASH, DAY))?;
        let mut emptied = 0;
        loop {
            let batch = empty_trash(job.store)?;
            emptied += batch;
            if batch == 0 {
                break;
            }
        }
        Ok(format!("{{\"deleted\":{emptied}}}"))
    });
}

/// A scheduled entry whose time has come goes live. Running twice changes nothing.
fn go_live(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<()> {
    let scope = tx.scope_of(site)?;
    let before = match rows::find(tx, scope, id) {
        Ok(entry) if entry.status == "scheduled" && entry.published_at <= tx.now() => entry,
        Ok(_) => return Ok(()),
        Err(e @ Error::Internal { .. }) => return Err(e),
        Err(_) => return Ok(()), // deleted since
    };
    let settings = settings::read(tx, scope)?;
    let mut after = before.clone();
    after.status = "published".into();
    after.version += 1;
    let step = Step {
        site: scope,
        before: Some(&before),
        after: &after,
        terms: None,
        plain: None,
        action: "publish",
        audit: "entry.publish",
    };
    record::write(tx, &settings, &step)
}

fn empty_trash(store: &Store) -> Result<usize> {
    let old = store.read(&Actor::system(), |tx| {
        let limit = tx.now().minus(trash::KEPT);
        rows::long_trashed(tx, limit)
    })?;
    let count = old.len();
    for (site, id) in old {
        store.write(&Actor::system(), move |tx| trash::delete(tx, site, id))?;
    }
    Ok(count)
}
