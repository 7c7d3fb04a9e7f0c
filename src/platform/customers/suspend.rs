//! Suspending an account: its sites answer 503, its people, logins and commands stop. Ending it restores exactly what
//! was before, because nothing but the one mark is changed.

use freehold_base::{AccountId, Capability, Code, Error, Result, SiteId, text};
use freehold_store::accounts::{self as rows, Account};
use freehold_store::tx::audit::Chain;
use freehold_store::{AccountScope, Tx, sites as stored_sites};

use super::AccountChanged;
use super::accounts::named;
use crate::sites::events::SiteHostsChanged;

/// Suspends an account. The reason is shown to its people.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `Invalid` (reason), `WrongState` where it is not active.
pub fn suspend(tx: &mut Tx<'_>, id: AccountId, reason: &str) -> Result<()> {
    let scope = tx.authorize_account(id, Capability::AccountsSuspend)?;
    let reason = text::required_line("reason", reason, 200)?;
    let account = rows::find(tx, scope)?;
    if account.status != "active" {
        return Err(Error::refused(Code::WrongState, format!("the account is {}", account.status)));
    }
    rows::set_suspended(tx, scope, Some(&reason))?;
    tx.audit(Chain::Account(id, SiteId(0)), "account.suspend", named(id, &account.title), reason);
    hosts_changed(tx, scope)?;
    tx.announce(AccountChanged { account: id });
    Ok(())
}

/// Ends a suspension.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `WrongState` where it is not suspended.
pub fn unsuspend(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    let scope = tx.authorize_account(id, Capability::AccountsSuspend)?;
    let account = rows::find(tx, scope)?;
    if account.status != "suspended" {
        return Err(Error::refused(Code::WrongState, format!("the account is {}", account.status)));
    }
    lift(tx, scope, &account)
}

/// Ends the suspension of an account that is suspended; whoever calls it knows that it may.
pub(super) fn lift(tx: &mut Tx<'_>, scope: AccountScope, account: &Account) -> Result<()> {
    rows::set_suspended(tx, scope, None)?;
    tx.audit(Chain::Account(account.id, SiteId(0)), "account.unsuspend", named(account.id, &account.title), "");
    hosts_changed(tx, scope)?;
    tx.announce(AccountChanged { account: account.id });
    Ok(())
}

/// Tells that the names of an account's sites answer otherwise now.
pub(super) fn hosts_changed(tx: &mut Tx<'_>, scope: AccountScope) -> Result<()> {
    for site in stored_sites::of_account(tx, scope)? {
        tx.announce(SiteHostsChanged { site: site.id });
    }
    Ok(())
}
