//! The guard against guessing at private folders: it counts in the same book as sign-ins, so that a network that
//! guesses at one door waits at the other (security rule C5).

use std::net::IpAddr;
use std::time::Duration;

use freehold_base::secret::token_hash;
use freehold_base::{FolderId, Result, SiteId};
use freehold_store::{Tx, failures};

use crate::secrets::limiter::{self, Attempts, Failures};

/// Who knocks, and where.
#[derive(Clone, Debug)]
pub struct Knock {
    person: String,
    network: String,
}

/// What all attempts on the installation are counted under.
const OVERALL: &str = "all";

impl Knock {
    /// Somebody of this name at this folder, from this address.
    pub fn new(site: SiteId, folder: FolderId, name: &str, from: IpAddr) -> Self {
        // Only a digest of what was typed is stored: people type passwords into the wrong field.
        let digest: String = token_hash(&format!("{site} {folder} {name}")).chars().take(32).collect();
        Self { person: format!("folder:{digest}"), network: format!("net:{}", limiter::network_of(from)) }
    }

    /// Whether the password is looked at now.
    ///
    /// # Errors
    /// `TooManyAttempts` with the time to wait; database failures.
    pub fn check(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut count = |subject: &str| -> Result<Failures> {
            let since = tx.now().minus(Duration::from_millis(limiter::WINDOW_MS.unsigned_abs()));
            let (count, last) = failures::recent(tx, subject, since)?;
            Ok(Failures { count: u32::try_from(count).unwrap_or(u32::MAX), last })
        };
        let attempts =
            Attempts { account: count(&self.person)?, network: count(&self.network)?, overall: count(OVERALL)? };
        limiter::sign_in_wait(&attempts, tx.now()).check()
    }

    /// Counts a wrong password.
    ///
    /// # Errors
    /// Database failures.
    pub fn fail(&self, tx: &mut Tx<'_>) -> Result<()> {
        failures::insert(tx, &self.person)?;
        failures::insert(tx, &self.network)?;
        failures::insert(tx, OVERALL)
    }
}
