//! A file that is open: it may stay so for longer than the right to it lasts.

use std::sync::Arc;

use freehold_base::{AccountId, Error, Result};
use freehold_platform::customers::traffic::Counter;

use super::desk::Guest;

/// Who opened a file of which account. Asked before each piece of it.
#[derive(Clone, Debug)]
pub struct Lease {
    guest: Guest,
    account: AccountId,
    counter: Arc<Counter>,
}

impl Lease {
    pub(super) fn new(guest: Guest, account: AccountId) -> Self {
        let counter = guest.counter(account);
        Self { guest, account, counter }
    }

    /// Refuses where the session is over, or the account is none of theirs any more.
    ///
    /// # Errors
    /// `SignInRequired`, `NotFound`.
    pub fn check(&self) -> Result<()> {
        self.guest.check_account(self.account).map(drop)
    }

    /// Refuses also where they only read by now.
    ///
    /// # Errors
    /// As [`Lease::check`]; `Denied`.
    pub fn check_write(&self) -> Result<()> {
        if self.guest.check_account(self.account)? { Err(Error::denied()) } else { Ok(()) }
    }

    /// Counts a file that was opened.
    pub(super) fn opened(self) -> Self {
        self.counter.add(1, 0);
        self
    }

    /// Counts bytes that went either way.
    pub fn count(&self, bytes: usize) {
        self.counter.add(0, bytes as u64);
    }
}
