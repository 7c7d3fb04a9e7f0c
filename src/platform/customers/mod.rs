//! Customers: accounts with their plans, the resellers who sell them, suspension, the graveyard, traffic.
//!
//! Who may do what with which account is decided by `authorize_customers` and `authorize_account`; an account that
//! somebody may not see does not exist for them. Files of an account are not known here.

pub mod accounts;
pub mod plans;
pub mod resellers;
pub mod suspend;
pub mod graveyard;
pub mod acting;
pub mod traffic;
pub mod warnings;

use freehold_base::{AccountId, event};

/// An account was made, suspended, closed, taken back or given another plan: who serves its files looks again.
#[derive(Clone, Copy, Debug)]
pub struct AccountChanged {
    /// Which.
    pub account: AccountId,
}
event!(AccountChanged, "account.changed");
