//! The end of accounts whose time in the graveyard is over: their sites, then their files, then their own rows. May stop
//! after any step and be done again.

use std::time::Duration;

use freehold_base::{AccountId, Code, Result};
use freehold_platform::customers::graveyard::{self, PURGE, Step};
use freehold_platform::jobs::{Failure, Handlers, Lane};
use freehold_platform::upkeep::queue;
use freehold_store::{Actor, Store};

use crate::files::Files;

/// Sites are erased by jobs of their own, and what could not go is tried again: so long until the next look.
const SOON: Duration = Duration::from_secs(60);

/// Adds the handler of [`PURGE`].
pub fn register(handlers: &mut Handlers, files: &Files) {
    let files = files.clone();
    handlers.add_to(Lane::Long, PURGE, move |job| {
        job.store.write(&Actor::system(), graveyard::look_later)?;
        let mut ended = 0;
        for account in job.store.read(&Actor::system(), graveyard::overdue)? {
            match end(job.store, &files, account) {
                Ok(is_gone) => ended += usize::from(is_gone),
                // The others go all the same.
                Err(e) => {
                    tracing::warn!("account {account} could not be taken out of the graveyard: {e}");
                    job.store.write(&Actor::system(), |tx| queue(tx, PURGE, SOON))?;
                }
            }
        }
        Ok::<_, Failure>(format!("{{\"ended\":{ended}}}"))
    });
}

/// One account's end, as far as it goes now; whether it is gone.
fn end(store: &Store, files: &Files, account: AccountId) -> Result<bool> {
    let step = match store.write(&Actor::system(), move |tx| graveyard::begin_end(tx, account)) {
        // It was taken back since the list was read.
        Err(e) if e.as_code() == Code::WrongState => return Ok(false),
        other => other?,
    };
    match step {
        Step::Sites => {
            store.write(&Actor::system(), |tx| queue(tx, PURGE, SOON))?;
            Ok(false)
        }
        Step::Files => {
            files.remove_account(account)?;
            store.write(&Actor::system(), move |tx| graveyard::finish_end(tx, account))?;
            Ok(true)
        }
    }
}
