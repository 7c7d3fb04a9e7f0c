//! Into the graveyard, out of it, and the end.

use diesel::prelude::*;
use freehold_base::{AccountId, Code, Error, Result, Timestamp};

use crate::access::TERMINATED;
use crate::conn::OrDb as _;
use crate::schema::{accounts, held_roles, sites, traffic_days};
use crate::{AccountScope, CustomersScope, Tx};

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
