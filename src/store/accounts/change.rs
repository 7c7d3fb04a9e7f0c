//! Making and changing accounts.

use diesel::prelude::*;
use freehold_base::{AccountId, PlanId, ResellerId, Result};

use crate::conn::OrDb as _;
use crate::schema::{account_usage, accounts};
use crate::{AccountScope, CustomersScope, Tx, each_backend};

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
