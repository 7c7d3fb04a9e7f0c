//! Lists of accounts, and figures of all of them.

use diesel::prelude::*;
use freehold_base::{AccountId, Cursor, Page, PlanId, ResellerId, Result, Timestamp};

use super::Account;
use crate::access::TERMINATED;
use crate::conn::OrDb as _;
use crate::like::{lower, pattern};
use crate::schema::{account_usage, accounts, held_roles, plans, site_domains, sites, users};
use crate::{CustomersScope, Tx};

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// In their title, short name, a domain of theirs or an address of an owner; empty: all.
    pub text: String,
    /// Of this status; `None`: all but those in the graveyard.
    pub status: Option<String>,
    /// Of this plan.
    pub plan: Option<PlanId>,
    /// Of this reseller.
    pub reseller: Option<ResellerId>,
    /// Only these; `None`: all.
    pub ids: Option<Vec<AccountId>>,
}

/// An account as lists show it.
#[derive(Clone, Debug)]
pub struct AccountLine {
    /// The account.
    pub account: Account,
    /// Name of its plan; empty: none.
    pub plan: String,
    /// Limits of its plan, as stored; empty: none.
    pub limits: String,
    /// Bytes of its files.
    pub disk_bytes: i64,
}

type LineRow = (Account, Option<String>, Option<String>, Option<i64>);

/// Accounts by title from a cursor on.
///
/// # Errors
/// Database failures.
pub fn list(
    tx: &mut Tx<'_>,
    customers: &CustomersScope,
    filter: &AccountFilter,
    page: &Page,
) -> Result<(Vec<AccountLine>, Option<Cursor>)> {
    let mut query = accounts::table
        .left_join(plans::table)
        .left_join(account_usage::table)
        .select((
            Account::as_select(),
            plans::name.nullable(),
            plans::limits.nullable(),
            account_usage::disk_bytes.nullable(),
        ))
        .order((accounts::title, accounts::id))
        .limit(page.size.get())
        .into_boxed();
    query = match &filter.status {
        Some(status) => query.filter(accounts::status.eq(status.clone())),
        None => query.filter(accounts::status.ne(TERMINATED)),
    };
    if let Some(own) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    if let Some(reseller) = filter.reseller {
        query = query.filter(accounts::reseller_id.eq(reseller.get()));
    }
    if let Some(plan) = filter.plan {
        query = query.filter(accounts::plan_id.eq(plan.get()));
    }
    if let Some(ids) = &filter.ids {
        let ids: Vec<i64> = ids.iter().map(|id| id.get()).take(1000).collect();
        query = query.filter(accounts::id.eq_any(ids));
    }
    if !filter.text.is_empty() {
        let pattern = pattern(&filter.text);
        let by_host = sites::table
            .inner_join(site_domains::table)
            .filter(site_domains::host.like(pattern.clone()).escape('\\'))
            .select(sites::account_id);
        let by_owner = held_roles::table
            .inner_join(users::table)
            .filter(held_roles::scope.eq("account"))
            .filter(users::email.like(pattern.clone()).escape('\\'))
            .select(held_roles::scope_id);
        query = query.filter(
            lower(accounts::title)
                .like(pattern.clone())
                .escape('\\')
                .or(accounts::name.like(pattern).escape('\\'))
                .or(accounts::id.eq_any(by_host))
                .or(accounts::id.eq_any(by_owner)),
        );
    }
    if let Some(after) = &page.after {
        query = query.filter(
            accounts::title
                .gt(after.key.clone())
                .or(accounts::title.eq(after.key.clone()).and(accounts::id.gt(after.id))),
        );
    }
    let rows: Vec<LineRow> = query.load(tx.conn()).or_db("listing accounts")?;
    let full = i64::try_from(rows.len()).is_ok_and(|n| n == page.size.get());
    let next = rows.last().filter(|_| full).map(|(a, ..)| Cursor { key: a.title.clone(), id: a.id.get() });
    let lines = rows
        .into_iter()
        .map(|(account, plan, limits, disk)| AccountLine {
            account,
            plan: plan.unwrap_or_default(),
            limits: limits.unwrap_or_default(),
            disk_bytes: disk.unwrap_or(0),
        })
        .collect();
    Ok((lines, next))
}

/// How many accounts there are of each status.
///
/// # Errors
/// Database failures.
pub fn count_by_status(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<(String, i64)>> {
    let mut query = accounts::table
        .group_by(accounts::status)
        .order(accounts::status)
        .select((accounts::status, diesel::dsl::count_star()))
        .into_boxed();
    if let Some(own) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    query.load(tx.conn()).or_db("counting accounts")
}

/// An account as far as its plan goes: what the figures on top of lists are made from.
#[derive(Clone, Debug)]
pub struct AccountUse {
    /// Which.
    pub id: AccountId,
    /// What people call it.
    pub title: String,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Its plan; 0: none.
    pub plan: PlanId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// The step of its month's traffic that its owners were told of last: 0, 80, 90 or 100.
    pub traffic_step: i64,
}

/// What every account uses, without those in the graveyard, by title; at most 20,000.
///
/// # Errors
/// Database failures.
pub fn uses(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<AccountUse>> {
    let mut query = accounts::table
        .left_join(account_usage::table)
        .filter(accounts::status.ne(TERMINATED))
        .order((accounts::title, accounts::id))
        .limit(20_000)
        .select((
            accounts::id,
            accounts::title,
            accounts::status,
            accounts::plan_id,
            accounts::created_at,
            account_usage::disk_bytes.nullable(),
            accounts::traffic_warned,
        ))
        .into_boxed();
    if let Some(own) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    type Row = (i64, String, String, i64, i64, Option<i64>, i64);
    let rows: Vec<Row> = query.load(tx.conn()).or_db("reading what accounts use")?;
    let of_row = |(id, title, status, plan, created, disk, traffic): Row| AccountUse {
        id: AccountId(id),
        title,
        suspended: status == "suspended",
        plan: PlanId(plan),
        created_at: Timestamp(created),
        disk_bytes: disk.unwrap_or(0),
        traffic_step: traffic,
    };
    Ok(rows.into_iter().map(of_row).collect())
}

/// What people call each account, by title; at most 5,000.
///
/// # Errors
/// Database failures.
pub fn titles(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<(AccountId, String)>> {
    let mut query = accounts::table
        .filter(accounts::status.ne(TERMINATED))
        .order((accounts::title, accounts::id))
        .limit(5000)
        .select((accounts::id, accounts::title))
        .into_boxed();
    if let Some(own) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    let rows: Vec<(i64, String)> = query.load(tx.conn()).or_db("listing accounts")?;
    Ok(rows.into_iter().map(|(id, title)| (AccountId(id), title)).collect())
}
