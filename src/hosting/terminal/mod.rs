//! A terminal in the account's sandbox (row H145): off unless the configuration turns it on, opened by a ticket that is
//! good once, for half a minute, for the session, person, account, address and purpose it was made for.

mod filter;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_base::secret::{random_token, token_hash};
use freehold_base::{AccountId, Capability, Code, Error, Result, Secret, SessionId, SiteId, UserId};
use freehold_platform::accounts::Outcome;
use freehold_store::terminal_tickets::{self as rows, Ticket};
use freehold_store::{AccountScope, Tx, audit, cron};

pub use filter::Filter;

/// A ticket is good for so long.
pub const GOOD_FOR: Duration = Duration::from_secs(30);
/// What a ticket is for; another kind of ticket opens no terminal.
const PURPOSE: &str = "terminal";
/// Terminals of one person.
const PER_PERSON: usize = 3;

fn allowed(tx: &mut Tx<'_>, site: SiteId) -> Result<AccountScope> {
    let account = tx.authorize(site, Capability::TerminalUse)?.account();
    let account = tx.authorize_account(account, Capability::TerminalUse)?;
    if !cron::is_active(tx, account.id())? {
        return Err(Error::refused(Code::WrongState, "the account is suspended"));
    }
    Ok(account)
}

/// The person and their session: no token and no program of ours opens terminals.
fn in_person(tx: &mut Tx<'_>) -> Result<(UserId, SessionId)> {
    let me = tx.authorize_in_person()?;
    Ok((me.user(), me.session().ok_or_else(Error::denied)?))
}

/// A ticket for a terminal of the site's account, for somebody who showed not long ago that it is them.
///
/// # Errors
/// `NotFound("site")`, `Denied`, `ConfirmNeeded`; `WrongState` where the account is suspended.
pub fn issue(tx: &mut Tx<'_>, site: SiteId) -> Result<Secret> {
    let account = allowed(tx, site)?;
    let (user, session) = in_person(tx)?;
    tx.need_fresh("open a terminal")?;
    let token = random_token()?;
    let ticket = Ticket {
        user,
        session,
        purpose: PURPOSE.to_owned(),
        address: tx.actor().address.to_string(),
        expires_at: tx.now().plus(GOOD_FOR),
    };
    rows::insert(tx, account, &ticket, &token_hash(&token))?;
    tx.audit(audit::Chain::Account(account.id(), site), "terminal.ticket", format!("account {}", account.id()), "");
    Ok(Secret::text(token))
}

/// Takes a ticket: whatever comes of it, it is good no more. The audit row of the opening is written with it.
///
/// # Errors
/// `NotFound("site")`, `Denied`, `WrongState`; that the ticket is not good is an [`Outcome`].
pub fn enter(tx: &mut Tx<'_>, site: SiteId, token: &str) -> Result<Outcome<AccountId>> {
    let account = allowed(tx, site)?;
    let (user, session) = in_person(tx)?;
    let found = rows::take(tx, &token_hash(token))?;
    let wanted = (account.id(), user, session, PURPOSE, &*tx.actor().address.to_string());
    let good = found.as_ref().is_some_and(|(of, t)| {
        t.expires_at > tx.now() && (*of, t.user, t.session, t.purpose.as_str(), t.address.as_str()) == wanted
    });
    let chain = audit::Chain::Account(account.id(), site);
    let object = format!("account {}", account.id());
    if !good {
        tx.audit(chain, "terminal.refuse", object, "the ticket is used, too old, or was made for something else");
        return Ok(Outcome::Refused(Error::code(Code::LinkUsed)));
    }
    tx.audit(chain, "terminal.open", object, "");
    Ok(Outcome::Done(account.id()))
}

/// Whether a terminal that is open may stay: the person still may, and the account is in use.
///
/// # Errors
/// Why not.
pub fn may_stay(tx: &mut Tx<'_>, site: SiteId, account: AccountId) -> Result<()> {
    if allowed(tx, site)?.id() == account { Ok(()) } else { Err(Error::not_found("account")) }
}

/// Writes down that a terminal is closed, and why.
///
/// # Errors
/// Database failures.
pub fn note_closed(tx: &mut Tx<'_>, site: SiteId, account: AccountId, why: &str) {
    tx.audit(audit::Chain::Account(account, site), "terminal.close", format!("account {account}"), why);
}

/// The terminals that are open on this node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Terminals {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    most: usize,
}

impl Terminals {
    /// At most so many on this node.
    pub fn new(most: usize) -> Self {
        Self { open: Arc::default(), most }
    }
    /// A place for a person's terminal; given back when dropped.
    ///
    /// # Errors
    /// `WrongState` where they have as many as they may, or the node has.
    pub fn sit(&self, user: UserId) -> Result<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.get(&user).copied().unwrap_or(0);
        if mine >= PER_PERSON || open.values().sum::<usize>() >= self.most {
            return Err(Error::refused(Code::WrongState, "too many terminals are open; close one first"));
        }
        open.insert(user, mine + 1);
        Ok(Seat { open: Arc::clone(&self.open), user })
    }
}

/// One of the bounded number of places.
#[derive(Debug)]
pub struct Seat {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    user: UserId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_per_person_and_in_all() {
        let terminals = Terminals::new(4);
        let mine: Vec<Seat> = (0..PER_PERSON).map(|_| terminals.sit(UserId(1)).unwrap()).collect();
        assert!(terminals.sit(UserId(1)).is_err());
        let other = terminals.sit(UserId(2)).unwrap();
        assert!(terminals.sit(UserId(3)).is_err(), "the node has no more");
        drop((mine, other));
        assert!(terminals.sit(UserId(1)).is_ok());
    }
}
