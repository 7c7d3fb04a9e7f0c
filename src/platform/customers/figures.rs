//! The figures on top of the list of accounts, and which accounts need somebody.

use std::collections::HashMap;

use freehold_base::{AccountId, Capability, PlanId, Result, Timestamp};
use freehold_store::accounts::{self as rows, AccountUse};
use freehold_store::{Tx, plans as stored_plans, sites, traffic as stored_traffic};

use super::traffic;
use super::warnings::step_of;
use crate::limits::Limits;

/// From this share of a limit on, in percent, an account is nearly full.
pub const NEARLY: i64 = 90;

/// An account whose disk or traffic is used up, or nearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Which.
    pub account: AccountId,
    /// What people call it.
    pub title: String,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// Bytes that its plan has; `None`: not limited.
    pub disk_most: Option<u64>,
    /// Step of its disk: 0, 80, 90 or 100.
    pub disk_step: i64,
    /// Step of its month's traffic, as its owners were told last.
    pub traffic_step: i64,
}

impl Attention {
    /// Whether something is used up.
    pub fn is_over(&self) -> bool {
        self.disk_step.max(self.traffic_step) >= 100
    }
}

/// What the accounts of the actor's customers use together.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Accounts by status.
    pub by_status: Vec<(String, i64)>,
    /// Accounts that were made since a moment.
    pub new: usize,
    /// Bytes of all their files.
    pub disk_bytes: i64,
    /// Accounts that need somebody: used up first, then by title.
    pub attention: Vec<Attention>,
    /// Sites that are open to visitors.
    pub sites: i64,
}

impl Figures {
    /// How many accounts have a status.
    pub fn count(&self, status: &str) -> i64 {
        self.by_status.iter().find(|(s, _)| s == status).map_or(0, |(_, n)| *n)
    }
    /// How many there are outside the graveyard.
    pub fn all(&self) -> i64 {
        self.count("active") + self.count("suspended")
    }
}

/// Reads the figures; new accounts are counted from `since` on.
///
/// # Errors
/// `Denied`.
pub fn read(tx: &mut Tx<'_>, since: Timestamp) -> Result<Figures> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    let uses = rows::uses(tx, &customers)?;
    let plans = stored_plans::list(tx, &customers)?;
    let limits: HashMap<PlanId, Limits> = plans.iter().map(|(p, _)| (p.id, Limits::stored(&p.limits))).collect();
    Ok(Figures {
        by_status: rows::count_by_status(tx, &customers)?,
        new: uses.iter().filter(|a| a.created_at >= since).count(),
        disk_bytes: uses.iter().map(|a| a.disk_bytes).fold(0, i64::saturating_add),
        attention: attention(&uses, &limits),
        sites: sites::count_open(tx, &customers)?,
    })
}

fn attention(uses: &[AccountUse], limits: &HashMap<PlanId, Limits>) -> Vec<Attention> {
    let of = |a: &AccountUse| {
        let disk_most = limits.get(&a.plan).and_then(Limits::disk_bytes);
        Attention {
            account: a.id,
            title: a.title.clone(),
            disk_bytes: a.disk_bytes,
            disk_most,
            disk_step: step_of(a.disk_bytes, disk_most),
            traffic_step: a.traffic_step,
        }
    };
    let needs = |a: &Attention| a.disk_step.max(a.traffic_step) >= NEARLY;
    let mut list: Vec<Attention> = uses.iter().filter(|a| !a.suspended).map(of).filter(needs).collect();
    list.sort_by_key(|a| !a.is_over());
    list
}

/// Bytes that the accounts of the actor's customers sent in the month of a moment, and in the whole month before.
/// It reads many rows: not for every page.
///
/// # Errors
/// `Denied`.
pub fn months(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    let (from, to) = traffic::month_of(tx.now());
    let (before, _) = traffic::month_of(Timestamp((from - 1).saturating_mul(24 * 3600 * 1000)));
    let now = stored_traffic::total(tx, &customers, from, to)?;
    Ok((now, stored_traffic::total(tx, &customers, before, from - 1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_that_are_used_up_come_before_those_that_are_nearly() {
        let limits = HashMap::from([(PlanId(1), Limits { disk_mb: Some(100), ..Limits::default() })]);
        let account = |id: i64, mb: i64, traffic_step, suspended| AccountUse {
            id: AccountId(id),
            title: format!("Account {id}"),
            suspended,
            plan: PlanId(1),
            created_at: Timestamp(0),
            disk_bytes: mb * 1_000_000,
            traffic_step,
        };
        let uses = [
            account(1, 95, 0, false),
            account(2, 100, 0, false),
            account(3, 89, 80, false),
            account(4, 1, 90, false),
            account(5, 1, 100, false),
            account(6, 200, 100, true),
        ];
        let ids: Vec<i64> = attention(&uses, &limits).iter().map(|a| a.account.get()).collect();
        assert_eq!(ids, [2, 5, 1, 4]);
        assert!(attention(&uses, &HashMap::new()).iter().all(|a| a.traffic_step >= NEARLY), "no plan, no limit");
    }
}
