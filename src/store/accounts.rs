//! Accounts: the units of ownership and limits.

use diesel::prelude::*;
use freehold_base::{AccountId, Code, Cursor, Error, Page, PlanId, ResellerId, Result, Timestamp};

use crate::access::{LIVE, TERMINATED};
use crate::conn::OrDb as _;
use crate::like::{escaped, lower, pattern};
use crate::schema::{account_usage, accounts, held_roles, plans, site_domains, sites, traffic_days, users};
use crate::{AccountScope, CustomersScope, Tx, each_backend};

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

/// An account to make.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    /// Its unique short name.
    pub name: &'a str,
    /// What people call it.
    pub title: &'a str,
    /// Who sells it.
    pub reseller: ResellerId,
    /// Its plan.
    pub plan: PlanId,
}

/// Makes an account.
///
/// # Errors
/// `AlreadyExists`.
pub fn create(tx: &mut Tx<'_>, _customers: &CustomersScope, new: &NewAccount<'_>) -> Result<AccountId> {
    let row = (
        accounts::name.eq(new.name),
        accounts::title.eq(new.title),
        accounts::status.eq("active"),
        accounts::reseller_id.eq(new.reseller.get()),
        accounts::plan_id.eq(new.plan.get()),
        accounts::created_at.eq(tx.now().ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(accounts::table)
        .values(row)
        .returning(accounts::id)
        .get_result(c))
    .or_db("making the account")?;
    Ok(AccountId(id))
}

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

/// Changes what people call an account, and the words about it.
///
/// # Errors
/// Database failures.
pub fn rename(tx: &mut Tx<'_>, account: AccountScope, title: &str, note: &str) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set((accounts::title.eq(title), accounts::note.eq(note)))
        .execute(tx.conn())
        .or_db("renaming the account")?;
    Ok(())
}

/// Gives an account another plan; warnings begin anew.
///
/// # Errors
/// Database failures.
pub fn set_plan(tx: &mut Tx<'_>, account: AccountScope, plan: PlanId) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set((accounts::plan_id.eq(plan.get()), accounts::disk_warned.eq(0), accounts::traffic_warned.eq(0)))
        .execute(tx.conn())
        .or_db("changing the plan")?;
    Ok(())
}

/// Gives an account to another reseller.
///
/// # Errors
/// Database failures.
pub fn set_reseller(tx: &mut Tx<'_>, account: AccountScope, reseller: ResellerId) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set(accounts::reseller_id.eq(reseller.get()))
        .execute(tx.conn())
        .or_db("moving the account")?;
    Ok(())
}

/// Sets or ends a suspension.
///
/// # Errors
/// Database failures.
pub fn set_suspended(tx: &mut Tx<'_>, account: AccountScope, reason: Option<&str>) -> Result<()> {
    let since = if reason.is_some() { tx.now().ms() } else { 0 };
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set((
            accounts::status.eq(if reason.is_some() { "suspended" } else { "active" }),
            accounts::suspended_reason.eq(reason.unwrap_or_default()),
            accounts::suspended_at.eq(since),
        ))
        .execute(tx.conn())
        .or_db("suspending the account")?;
    Ok(())
}

/// Lays an account into the graveyard until `purge_at`.
///
/// # Errors
/// Database failures.
pub fn bury(tx: &mut Tx<'_>, account: AccountScope, status_before: &str, purge_at: Timestamp) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set((
            accounts::status.eq(TERMINATED),
            accounts::status_before.eq(status_before),
            accounts::terminated_at.eq(tx.now().ms()),
            accounts::purge_at.eq(purge_at.ms()),
        ))
        .execute(tx.conn())
        .or_db("closing the account")?;
    Ok(())
}

/// Takes an account back out of the graveyard.
///
/// # Errors
/// Database failures.
pub fn unbury(tx: &mut Tx<'_>, account: AccountScope, status: &str) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set((
            accounts::status.eq(status),
            accounts::status_before.eq(""),
            accounts::terminated_at.eq(0),
            accounts::purge_at.eq(0),
        ))
        .execute(tx.conn())
        .or_db("taking the account back")?;
    Ok(())
}

/// Accounts in the graveyard whose time is over, oldest first; at most 100.
///
/// # Errors
/// Database failures.
pub fn overdue(tx: &mut Tx<'_>, _customers: &CustomersScope) -> Result<Vec<AccountId>> {
    let ids: Vec<i64> = accounts::table
        .filter(accounts::status.eq(TERMINATED))
        .filter(accounts::purge_at.le(tx.now().ms()))
        .order((accounts::purge_at, accounts::id))
        .limit(100)
        .select(accounts::id)
        .load(tx.conn())
        .or_db("looking into the graveyard")?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Deletes an account in the graveyard that has no site any more, with the roles on it.
///
/// # Errors
/// `WrongState` where it has sites or is not in the graveyard.
pub fn delete(tx: &mut Tx<'_>, account: AccountScope) -> Result<()> {
    let left: i64 = sites::table
        .filter(sites::account_id.eq(account.get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting sites")?;
    if left > 0 {
        return Err(Error::refused(Code::WrongState, "the account still has sites"));
    }
    diesel::delete(
        held_roles::table.filter(held_roles::scope.eq("account")).filter(held_roles::scope_id.eq(account.get())),
    )
    .execute(tx.conn())
    .or_db("deleting the account's roles")?;
    diesel::delete(traffic_days::table.filter(traffic_days::account_id.eq(account.get())))
        .execute(tx.conn())
        .or_db("deleting the account's traffic")?;
    let gone =
        diesel::delete(accounts::table.filter(accounts::id.eq(account.get())).filter(accounts::status.eq(TERMINATED)))
            .execute(tx.conn())
            .or_db("deleting the account")?;
    if gone == 1 { Ok(()) } else { Err(Error::refused(Code::WrongState, "the account is not closed")) }
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

/// Writes down what the file layer counted.
///
/// # Errors
/// Database failures.
pub fn set_usage(tx: &mut Tx<'_>, account: AccountScope, bytes: i64, files: i64) -> Result<()> {
    let now = tx.now().ms();
    let row = (
        account_usage::account_id.eq(account.get()),
        account_usage::disk_bytes.eq(bytes),
        account_usage::files.eq(files),
        account_usage::counted_at.eq(now),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(account_usage::table)
        .values(row)
        .on_conflict(account_usage::account_id)
        .do_update()
        .set((account_usage::disk_bytes.eq(bytes), account_usage::files.eq(files), account_usage::counted_at.eq(now),))
        .execute(c))
    .or_db("writing the account's usage")?;
    Ok(())
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
