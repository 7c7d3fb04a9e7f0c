//! "Open as owner": a hosting admin or reseller sees a customer's account as its owner sees it. The session stays
//! theirs: it holds the owner's rights on that account and none of their own, cannot touch anybody's password, factors
//! or address, and each act names them in the audit log, on the account's own chain.

use freehold_base::{AccountId, Capability, Code, Error, Result, SiteId};
use freehold_store::roles::{self, RolePlace};
use freehold_store::tx::audit::Chain;
use freehold_store::{ActorKind, Tx, accounts as rows, sessions};

use super::accounts::named;
use crate::accounts::SessionToken;
use crate::secrets::tokens::new_session;

/// Opens an account as its owner; the session goes on under a new token.
///
/// # Errors
/// `Denied` (a token too), `NotFound("account")`, `WrongState` in the graveyard.
pub fn open_as_owner(tx: &mut Tx<'_>, id: AccountId) -> Result<SessionToken> {
    let me = tx.authorize_in_person()?;
    let scope = tx.authorize_account(id, Capability::AccountsOpen)?;
    tx.need_fresh("open this account as its owner")?;
    let account = rows::find(tx, scope)?;
    if account.status == "terminated" {
        return Err(Error::refused(Code::WrongState, "take the account back first"));
    }
    let session = me.session().ok_or_else(Error::denied)?;
    let token = new_session()?;
    sessions::act_as(tx, session, Some(id), &token.hash)?;
    let owners = roles::people_of(tx, RolePlace::Account(id))?;
    let owners: Vec<String> =
        owners.into_iter().map(|(person, role)| format!("{} ({})", person.email, role.name())).collect();
    tx.audit(Chain::Account(id, SiteId(0)), "account.open_as_owner", named(id, &account.title), owners.join(", "));
    Ok(token.secret)
}

/// Leaves the account; the session goes on with the person's own rights under a new token.
///
/// # Errors
/// `WrongState` where nothing is open.
pub fn leave(tx: &mut Tx<'_>) -> Result<SessionToken> {
    let (ActorKind::User { session, .. }, Some(account)) = (tx.actor().kind.clone(), tx.actor().acting) else {
        return Err(Error::refused(Code::WrongState, "no account is open"));
    };
    let token = new_session()?;
    sessions::act_as(tx, session, None, &token.hash)?;
    tx.audit(Chain::Account(account, SiteId(0)), "account.leave", format!("account {account}"), "");
    Ok(token.secret)
}
