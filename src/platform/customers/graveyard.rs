//! The end of an account. First it lies in the graveyard for 14 days: its sites answer nowhere and nobody of it gets
//! in, but every row, file and name is still there, so that it comes back byte for byte. Then it goes for good, by a
//! job that may stop after any step and go on.

use std::time::Duration;

use freehold_base::{AccountId, Capability, Code, Error, Result, SiteId, Timestamp};
use freehold_store::accounts as rows;
use freehold_store::roles::{self, RolePlace};
use freehold_store::tx::audit::Chain;
use freehold_store::{Tx, sites as stored_sites};

use super::accounts::{is_carried_away, named};
use super::suspend::hosts_changed;
use super::{AccountChanged, resellers};
use crate::{sites, upkeep};

/// How long an account can be taken back.
pub const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// The recurring job that ends what lay in the graveyard for long enough. Its handler stands where files are known.
pub const PURGE: &str = "accounts.purge";
/// How often it looks.
const EVERY: Duration = Duration::from_secs(3600);

/// What goes with an account.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What people call it.
    pub title: String,
    /// Its sites' short names.
    pub sites: Vec<String>,
    /// Its host names.
    pub hosts: Vec<String>,
    /// Addresses of people who lose their role on it.
    pub people: Vec<String>,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// When it would be gone for good.
    pub gone_at: Timestamp,
}

/// Says what would go with an account.
///
/// # Errors
/// `Denied`, `NotFound("account")`.
pub fn preview(tx: &mut Tx<'_>, id: AccountId) -> Result<Preview> {
    let scope = tx.authorize_account(id, Capability::AccountsTerminate)?;
    let account = rows::find(tx, scope)?;
    let (disk_bytes, ..) = rows::usage(tx, scope)?;
    Ok(Preview {
        title: account.title,
        sites: stored_sites::of_account(tx, scope)?.into_iter().map(|s| s.name).collect(),
        hosts: rows::hosts(tx, scope)?,
        people: roles::people_of(tx, RolePlace::Account(id))?.into_iter().map(|(p, _)| p.email).collect(),
        disk_bytes,
        gone_at: tx.now().plus(KEPT),
    })
}

/// Lays an account into the graveyard.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `WrongState` where it lies there already.
pub fn terminate(tx: &mut Tx<'_>, id: AccountId) -> Result<Timestamp> {
    let scope = tx.authorize_account(id, Capability::AccountsTerminate)?;
    tx.need_fresh("close this account")?;
    let account = rows::find(tx, scope)?;
    if account.status == "terminated" {
        return Err(Error::refused(Code::WrongState, "the account is closed already"));
    }
    let gone_at = tx.now().plus(KEPT);
    rows::bury(tx, scope, &account.status, gone_at)?;
    tx.audit(Chain::Account(id, SiteId(0)), "account.terminate", named(id, &account.title), gone_at.rfc3339());
    hosts_changed(tx, scope)?;
    tx.announce(AccountChanged { account: id });
    Ok(gone_at)
}

/// Takes an account back out of the graveyard, as it was.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `WrongState` where it does not lie there, or its end has begun; `ResellerLimit` where
/// its reseller sold its place meanwhile.
pub fn restore(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    let scope = tx.authorize_account(id, Capability::AccountsTerminate)?;
    let account = rows::find(tx, scope)?;
    if account.status != "terminated" {
        return Err(Error::refused(Code::WrongState, "the account is not closed"));
    }
    if account.purge_at <= tx.now() {
        return Err(Error::refused(Code::WrongState, "the time to take it back is over"));
    }
    rows::unbury(tx, scope, &account.status_before)?;
    let customers = tx.authorize_customers(Capability::AccountsTerminate)?;
    resellers::has_room(tx, &customers, scope.reseller())?;
    tx.audit(Chain::Account(id, SiteId(0)), "account.restore", named(id, &account.title), "");
    hosts_changed(tx, scope)?;
    tx.announce(AccountChanged { account: id });
    Ok(())
}

/// Ends an account in the graveyard now instead of at its time.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `WrongState` where it does not lie there.
pub fn end_now(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    let scope = tx.authorize_account(id, Capability::AccountsTerminate)?;
    tx.need_fresh("delete this account for good")?;
    let account = rows::find(tx, scope)?;
    if account.status != "terminated" {
        return Err(Error::refused(Code::WrongState, "close the account first"));
    }
    rows::bury(tx, scope, &account.status_before, tx.now())?;
    upkeep::hurry(tx, PURGE)?;
    tx.audit(Chain::Account(id, SiteId(0)), "account.end", named(id, &account.title), "");
    Ok(())
}

/// How far the end of an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its sites' rows are going, or files of a site that somebody else has by now; look again later.
    Sites,
    /// Nothing but its files and its own row is left.
    Files,
}

/// The first half of an account's end: its sites go, each by its own job. System only; may run twice.
///
/// # Errors
/// `NotFound("account")`, `WrongState` where it was taken back meanwhile.
pub fn begin_end(tx: &mut Tx<'_>, id: AccountId) -> Result<Step> {
    let scope = tx.authorize_account(id, Capability::ServerManage)?;
    let account = rows::find(tx, scope)?;
    if account.status != "terminated" || account.purge_at > tx.now() {
        return Err(Error::refused(Code::WrongState, "the account is not to go"));
    }
    for site in stored_sites::of_account(tx, scope)? {
        sites::delete_closed(tx, scope, &site)?;
    }
    let waits = stored_sites::rows_left(tx, scope)? || is_carried_away(tx, id)?;
    Ok(if waits { Step::Sites } else { Step::Files })
}

/// The second half, once its files are gone: its own row and the roles on it. System only.
///
/// # Errors
/// `WrongState` while sites are left; `NotFound("account")`.
pub fn finish_end(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    let scope = tx.authorize_account(id, Capability::ServerManage)?;
    let account = rows::find(tx, scope)?;
    rows::delete(tx, scope)?;
    tx.audit(Chain::Server, "account.gone", named(id, &account.title), "");
    Ok(())
}

/// Accounts whose time in the graveyard is over. System only.
///
/// # Errors
/// `Denied`.
pub fn overdue(tx: &mut Tx<'_>) -> Result<Vec<AccountId>> {
    let customers = tx.authorize_customers(Capability::ServerManage)?;
    rows::overdue(tx, &customers)
}

/// Queues the next look into the graveyard.
///
/// # Errors
/// Database failures.
pub fn look_later(tx: &mut Tx<'_>) -> Result<()> {
    upkeep::queue(tx, PURGE, EVERY)
}
