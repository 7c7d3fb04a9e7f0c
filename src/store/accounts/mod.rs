//! Accounts: the units of ownership and limits.

mod look;
mod list;
mod change;
mod graveyard;

use diesel::prelude::*;
use freehold_base::{AccountId, PlanId, ResellerId, Timestamp};

use crate::schema::accounts;

pub use change::{NewAccount, create, rename, set_plan, set_reseller, set_suspended, set_usage};
pub use graveyard::{bury, delete, overdue, unbury};
pub use list::{AccountFilter, AccountLine, AccountUse, count_by_status, list, titles, uses};
pub use look::{find, hosts, id_of_name, names_like, of_host, of_title, sites_of, suspended_of, usage};

/// An account.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: AccountId,
    /// Its unique short name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// `active`, `suspended` or `terminated` (in the graveyard).
    pub status: String,
    /// Who sells it; 0: the installation.
    #[diesel(deserialize_as = i64)]
    pub reseller_id: ResellerId,
    /// Its plan; 0: none, nothing is limited.
    #[diesel(deserialize_as = i64)]
    pub plan_id: PlanId,
    /// Words of who runs it, for themselves.
    pub note: String,
    /// Why it is suspended.
    pub suspended_reason: String,
    /// Since when it is suspended; 0: it is not.
    #[diesel(deserialize_as = i64)]
    pub suspended_at: Timestamp,
    /// The status before it went to the graveyard.
    pub status_before: String,
    /// When it went to the graveyard; 0: it did not.
    #[diesel(deserialize_as = i64)]
    pub terminated_at: Timestamp,
    /// When it goes for good; 0: it does not.
    #[diesel(deserialize_as = i64)]
    pub purge_at: Timestamp,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// Share of its disk that its owners were told of last: 0, 80, 90 or 100.
    pub disk_warned: i64,
    /// The same of the month's traffic.
    pub traffic_warned: i64,
}
