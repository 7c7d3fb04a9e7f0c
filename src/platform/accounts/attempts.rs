//! Counting failures against the limits of security rule C5.

use freehold_base::{Error, Result, Timestamp, UserId};
use freehold_store::{Tx, failures};
use std::time::Duration;

use crate::secrets::limiter::{self, Attempts, Failures};

/// The three counters that one attempt touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subjects {
    account: String,
    network: String,
}

const OVERALL: &str = "all";

/// Only a digest of what was typed is stored: people type passwords into the wrong field.
fn digest(text: &str) -> String {
    freehold_base::secret::token_hash(text).chars().take(32).collect()
}

/// An address as its network; text that is no address counts as itself.
fn network(address: &str) -> String {
    let known = address.parse().map(limiter::network_of);
    format!("net:{}", known.unwrap_or_else(|_| digest(address)))
}

impl Subjects {
    /// Of a sign-in with this address, in its compared form where it has one.
    pub(super) fn of_email(email: &str, address: &str) -> Self {
        Self { account: format!("email:{}", digest(email)), network: network(address) }
    }
    /// Of a sign-in from where this account's owner signed in before: strangers who guess elsewhere do not lock the
    /// owner out (row H137). Guesses from there count for themselves, and for the network.
    pub(super) fn from_known_place(self) -> Self {
        Self { account: format!("{} {}", self.account, self.network), network: self.network }
    }
    /// Of somebody whose password was right: their second factor, their own password again.
    pub(super) fn of_person(user: UserId, address: &str) -> Self {
        Self { account: format!("person:{user}"), network: network(address) }
    }
    /// Of asking for a reset link.
    pub(super) fn of_reset(email: &str, address: &str) -> Self {
        Self { account: format!("reset:{}", digest(email)), network: format!("reset-{}", network(address)) }
    }

    fn count(tx: &mut Tx<'_>, subject: &str) -> Result<Failures> {
        let since = tx.now().minus(Duration::from_millis(limiter::WINDOW_MS.unsigned_abs()));
        let (count, last) = failures::recent(tx, subject, since)?;
        Ok(Failures { count: u32::try_from(count).unwrap_or(u32::MAX), last })
    }

    /// The refusal that stands in the way of an attempt now, if there is one.
    pub(super) fn refusal(&self, tx: &mut Tx<'_>) -> Result<Option<Error>> {
        let attempts = Attempts {
            account: Self::count(tx, &self.account)?,
            network: Self::count(tx, &self.network)?,
            overall: Self::count(tx, OVERALL)?,
        };
        Ok(limiter::sign_in_wait(&attempts, tx.now()).check().err())
    }

    /// Failures of the account's counter and of the network's, within the window.
    pub(super) fn counts(&self, tx: &mut Tx<'_>) -> Result<(u32, u32)> {
        Ok((Self::count(tx, &self.account)?.count, Self::count(tx, &self.network)?.count))
    }

    /// Counts one failure everywhere.
    pub(super) fn fail(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.note(tx)?;
        failures::insert(tx, OVERALL)
    }

    /// Counts one for the account and the network only.
    pub(super) fn note(&self, tx: &mut Tx<'_>) -> Result<()> {
        failures::insert(tx, &self.account)?;
        failures::insert(tx, &self.network)
    }

    /// Forgets the account's failures after a success. The network's stay: one good account does not pay for guesses.
    pub(super) fn succeed(&self, tx: &mut Tx<'_>) -> Result<()> {
        failures::clear(tx, &self.account)
    }
}

/// Deletes failures that no limit looks at any more.
///
/// # Errors
/// Database failures.
pub(super) fn prune(tx: &mut Tx<'_>) -> Result<usize> {
    let window = Duration::from_millis(limiter::WINDOW_MS.unsigned_abs());
    let before: Timestamp = tx.now().minus(window);
    failures::prune(tx, before)
}
