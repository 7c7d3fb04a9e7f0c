//! Looking for accounts, and at what one has.

use diesel::prelude::*;
use freehold_base::{AccountId, Error, ResellerId, Result, Timestamp};

use super::Account;
use crate::access::{LIVE, TERMINATED};
use crate::conn::OrDb as _;
use crate::like::escaped;
use crate::schema::{account_usage, accounts, site_domains, sites};
use crate::{AccountScope, CustomersScope, Tx};

/// One account.
///
/// # Errors
/// `NotFound("account")`.
pub fn find(tx: &mut Tx<'_>, account: AccountScope) -> Result<Account> {
    accounts::table
        .filter(accounts::id.eq(account.get()))
        .select(Account::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the account")?
        .ok_or_else(|| Error::not_found("account"))
}

/// The account with a short name, where there is one: for the command line, which names accounts either way.
///
/// # Errors
/// Database failures.
pub fn id_of_name(tx: &mut Tx<'_>, customers: &CustomersScope, name: &str) -> Result<Option<AccountId>> {
    let row: Option<(i64, i64)> = accounts::table
        .filter(accounts::name.eq(name))
        .select((accounts::id, accounts::reseller_id))
        .first(tx.conn())
        .optional()
        .or_db("looking for the account")?;
    Ok(row.filter(|(_, reseller)| customers.covers(ResellerId(*reseller))).map(|(id, _)| AccountId(id)))
}

/// The account that a host name is served for, not one that merely claims it, where it is one of these customers'.
///
/// # Errors
/// Database failures.
pub fn of_host(tx: &mut Tx<'_>, customers: &CustomersScope, host: &str) -> Result<Option<AccountId>> {
    let row: Option<(i64, i64)> = site_domains::table
        .inner_join(sites::table.inner_join(accounts::table))
        .filter(site_domains::host.eq(host))
        .filter(site_domains::state.eq(LIVE))
        .order(site_domains::id)
        .select((accounts::id, accounts::reseller_id))
        .first(tx.conn())
        .optional()
        .or_db("looking for the domain")?;
    Ok(row.filter(|(_, reseller)| customers.covers(ResellerId(*reseller))).map(|(id, _)| AccountId(id)))
}

/// Accounts with exactly this title, without those in the graveyard; at most 10.
///
/// # Errors
/// Database failures.
pub fn of_title(tx: &mut Tx<'_>, customers: &CustomersScope, title: &str) -> Result<Vec<AccountId>> {
    let mut query = accounts::table
        .filter(accounts::title.eq(title.to_owned()))
        .filter(accounts::status.ne(TERMINATED))
        .order(accounts::id)
        .limit(10)
        .select(accounts::id)
        .into_boxed();
    if let Some(own) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    let ids: Vec<i64> = query.load(tx.conn()).or_db("looking for the account")?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The first suspended account of some, with its reason: what its people are told.
///
/// # Errors
/// Database failures.
pub fn suspended_of(tx: &mut Tx<'_>, ids: &[AccountId]) -> Result<Option<Account>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).take(1000).collect();
    accounts::table
        .filter(accounts::id.eq_any(ids))
        .filter(accounts::status.eq("suspended"))
        .order((accounts::title, accounts::id))
        .select(Account::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for suspended accounts")
}

/// Short names that are `base` or begin with it and a hyphen: a name is taken once. At most 10,000.
///
/// # Errors
/// Database failures.
pub fn names_like(tx: &mut Tx<'_>, _customers: &CustomersScope, base: &str) -> Result<Vec<String>> {
    accounts::table
        .filter(accounts::name.eq(base).or(accounts::name.like(format!("{}-%", escaped(base))).escape('\\')))
        .order(accounts::name)
        .limit(10_000)
        .select(accounts::name)
        .load(tx.conn())
        .or_db("looking for a free name")
}

/// How many sites each of these accounts has.
///
/// # Errors
/// Database failures.
pub fn sites_of(tx: &mut Tx<'_>, _customers: &CustomersScope, ids: &[AccountId]) -> Result<Vec<(AccountId, i64)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).take(1000).collect();
    let rows: Vec<(i64, i64)> = sites::table
        .filter(sites::account_id.eq_any(ids))
        .filter(sites::status.ne(crate::access::DELETED))
        .group_by(sites::account_id)
        .order(sites::account_id)
        .select((sites::account_id, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("counting sites")?;
    Ok(rows.into_iter().map(|(id, n)| (AccountId(id), n)).collect())
}

/// Names and sites of an account, all of them: what goes with it. At most 10,000.
///
/// # Errors
/// Database failures.
pub fn hosts(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<String>> {
    site_domains::table
        .inner_join(sites::table)
        .filter(sites::account_id.eq(account.get()))
        .order((site_domains::host, site_domains::id))
        .limit(10_000)
        .select(site_domains::host)
        .load(tx.conn())
        .or_db("listing the account's domains")
}

/// What the file layer counted of an account: bytes, files, when; zeros where it did not yet.
///
/// # Errors
/// Database failures.
pub fn usage(tx: &mut Tx<'_>, account: AccountScope) -> Result<(i64, i64, Timestamp)> {
    let row: Option<(i64, i64, i64)> = account_usage::table
        .filter(account_usage::account_id.eq(account.get()))
        .select((account_usage::disk_bytes, account_usage::files, account_usage::counted_at))
        .first(tx.conn())
        .optional()
        .or_db("reading the account's usage")?;
    let (bytes, files, at) = row.unwrap_or_default();
    Ok((bytes, files, Timestamp(at)))
}
