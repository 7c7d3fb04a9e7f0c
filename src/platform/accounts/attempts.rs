//! The guard of every door where somebody signs in: panel, SFTP, WebDAV, FTP. One list of failures for all of them, in
//! the database, so that all nodes and all doors count together (security rule C5, row H137).
//!
//! A door calls [`check`] before it looks at a password, and [`failed`] or [`passed`] after. Failures count by account
//! and by network: one IPv4 address, one `/64` of IPv6. Who comes with a browser that the person signed in with before
//! has a counter of their own: nobody locks an owner out by guessing.

use std::net::IpAddr;
use std::time::Duration;

use freehold_base::{Code, Error, FolderId, Network, Result, SiteId, Timestamp, UserId, text};
use freehold_store::tx::audit::Chain;
use freehold_store::{Tx, failures, networks};

use super::Accounts;
use crate::secrets::limiter::{self, Attempts, Failures};

/// Where somebody signs in. All doors share one list; the door stands in the audit log only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The panel.
    Panel,
    /// SFTP.
    Sftp,
    /// WebDAV.
    Dav,
    /// FTP.
    Ftp,
}

impl Door {
    /// The word in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Sftp => "sftp",
            Self::Dav => "dav",
            Self::Ftp => "ftp",
        }
    }
}

/// May somebody try this login from this address now? `login` is what was typed, known or not; `known_device` says
/// that the person signed in from there before and nobody else could say so.
///
/// # Errors
/// `TooManyAttempts` with the time to wait, `NetworkBlocked`.
pub fn check(
    accounts: &Accounts,
    tx: &mut Tx<'_>,
    door: Door,
    login: &str,
    address: &str,
    known_device: bool,
) -> Result<()> {
    let _ = door;
    let subjects = accounts.subjects_of_login(login, address, known_device);
    subjects.refusal(tx)?.map_or(Ok(()), Err)
}

/// May somebody come from this address at all? For what nobody can guess: keys.
///
/// # Errors
/// `NetworkBlocked`.
pub fn check_network(accounts: &Accounts, tx: &mut Tx<'_>, address: &str) -> Result<()> {
    let blocked = accounts.subjects_of_network(address).is_blocked(tx)?;
    if blocked { Err(Error::code(Code::NetworkBlocked)) } else { Ok(()) }
}

/// Counts a failed try and writes it down; a write. `who` is the person's number where the login is somebody's.
///
/// # Errors
/// Database failures.
pub fn failed(
    accounts: &Accounts,
    tx: &mut Tx<'_>,
    door: Door,
    (login, who): (&str, Option<UserId>),
    address: &str,
    known_device: bool,
) -> Result<()> {
    accounts.subjects_of_login(login, address, known_device).fail(tx)?;
    let who = who.map_or_else(|| "nobody known".to_owned(), |id| format!("person {id}"));
    tx.audit(Chain::Server, "session.refuse", who, door.name());
    Ok(())
}

/// Forgets the failures of a login that was right. Those of the network stay: one good account does not pay for guesses.
///
/// # Errors
/// Database failures.
pub fn passed(accounts: &Accounts, tx: &mut Tx<'_>, login: &str, address: &str, known_device: bool) -> Result<()> {
    accounts.subjects_of_login(login, address, known_device).succeed(tx)
}

/// The counters that one attempt touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subjects {
    /// None: nobody is named yet.
    account: Option<String>,
    network: String,
    /// Networks that the address lies in; empty: no block counts.
    candidates: Vec<String>,
    /// The network's failures and those of all keep nobody out.
    trusted: bool,
}

/// Counts everybody's failures; the security page draws it.
pub(super) const OVERALL: &str = "all";
/// What the names of networks begin with.
pub(super) const NETWORK: &str = "net:";
/// Failures are kept so long: for the picture of the last day.
const KEPT: Duration = Duration::from_secs(48 * 3600);

/// Only a digest of what was typed is stored: people type passwords into the wrong field.
fn digest(text: &str) -> String {
    freehold_base::secret::token_hash(text).chars().take(32).collect()
}

impl Accounts {
    /// Of a sign-in with what was typed, in its compared form where it is an address.
    pub(super) fn subjects_of_login(&self, login: &str, address: &str, known_device: bool) -> Subjects {
        let email = text::email("email", login).unwrap_or_default();
        let counted = if email.is_empty() { login } else { &email };
        self.subjects(Some(format!("email:{}", digest(counted))), address, known_device)
    }
    /// Of somebody whose password was right: their second factor.
    pub(super) fn subjects_of_person(&self, user: UserId, address: &str, known_device: bool) -> Subjects {
        self.subjects(Some(format!("person:{user}")), address, known_device)
    }
    /// Of somebody signed in who proves anew that it is them: nobody else can make them wait.
    pub(super) fn subjects_of_own(&self, user: UserId, address: &str) -> Subjects {
        self.subjects(Some(format!("own:{user}")), address, true)
    }
    /// Of somebody who has named nobody yet.
    pub(super) fn subjects_of_network(&self, address: &str) -> Subjects {
        self.subjects(None, address, false)
    }
    /// Of asking for a reset link.
    pub(super) fn subjects_of_reset(&self, email: &str, address: &str) -> Subjects {
        let all = self.subjects(Some(format!("reset:{}", digest(email))), address, false);
        Subjects { network: format!("reset-{}", all.network), ..all }
    }

    /// Of somebody who wants to open a private folder.
    pub fn knock(&self, site: SiteId, folder: FolderId, name: &str, from: IpAddr) -> Knock {
        let name = digest(&format!("{site} {folder} {name}"));
        Knock(self.subjects(Some(format!("folder:{name}")), &from.to_string(), false))
    }

    fn subjects(&self, account: Option<String>, address: &str, known_device: bool) -> Subjects {
        let parsed: Option<IpAddr> = address.parse().ok();
        let network = parsed.map_or_else(|| digest(address), |a| Network::of_one(a).to_string());
        let allowed = parsed.is_some_and(|a| self.allow.iter().any(|n| n.holds(a)));
        let trusted = known_device || allowed;
        let candidates = match parsed {
            Some(address) if !trusted => Network::all_of(address).map(|n| n.to_string()).collect(),
            _ => Vec::new(),
        };
        let account = account.map(|name| if known_device { format!("{name}:known") } else { name });
        Subjects { account, network: format!("{NETWORK}{network}"), candidates, trusted }
    }
}

/// Somebody at the door of a private folder: guesses there count with those at all other doors.
#[derive(Clone, Debug)]
pub struct Knock(Subjects);

impl Knock {
    /// Whether the password is looked at now.
    ///
    /// # Errors
    /// `TooManyAttempts` with the time to wait, `NetworkBlocked`; database failures.
    pub fn check(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.0.refusal(tx)?.map_or(Ok(()), Err)
    }

    /// Counts a wrong password.
    ///
    /// # Errors
    /// Database failures.
    pub fn fail(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.0.fail(tx)
    }
}

impl Subjects {
    fn count(tx: &mut Tx<'_>, subject: &str) -> Result<Failures> {
        let since = tx.now().minus(Duration::from_millis(limiter::WINDOW_MS.unsigned_abs()));
        let (count, last) = failures::recent(tx, subject, since)?;
        Ok(Failures { count: u32::try_from(count).unwrap_or(u32::MAX), last })
    }

    fn of_account(&self, tx: &mut Tx<'_>) -> Result<Failures> {
        self.account.as_ref().map_or_else(|| Ok(Failures::default()), |account| Self::count(tx, account))
    }

    fn is_blocked(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(!self.candidates.is_empty() && networks::is_blocked(tx, &self.candidates)?)
    }

    /// The refusal that stands in the way of an attempt now, if there is one.
    pub(super) fn refusal(&self, tx: &mut Tx<'_>) -> Result<Option<Error>> {
        if self.is_blocked(tx)? {
            return Ok(Some(Error::code(Code::NetworkBlocked)));
        }
        let mut attempts = Attempts { account: self.of_account(tx)?, ..Attempts::default() };
        if !self.trusted {
            attempts.network = Self::count(tx, &self.network)?;
            attempts.overall = Self::count(tx, OVERALL)?;
        }
        Ok(limiter::sign_in_wait(&attempts, tx.now()).check().err())
    }

    /// Failures of the account's counter and of the network's, within the window.
    pub(super) fn counts(&self, tx: &mut Tx<'_>) -> Result<(u32, u32)> {
        Ok((self.of_account(tx)?.count, Self::count(tx, &self.network)?.count))
    }

    /// Counts one failure everywhere.
    pub(super) fn fail(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.note(tx)?;
        failures::insert(tx, OVERALL)
    }

    /// Counts one for the account and, save for a known browser, the network.
    pub(super) fn note(&self, tx: &mut Tx<'_>) -> Result<()> {
        if let Some(account) = &self.account {
            failures::insert(tx, account)?;
        }
        if self.trusted { Ok(()) } else { failures::insert(tx, &self.network) }
    }

    /// Forgets the account's failures after a success.
    pub(super) fn succeed(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.account.as_ref().map_or(Ok(()), |account| failures::clear(tx, account))
    }
}

/// Deletes failures that nobody looks at any more.
///
/// # Errors
/// Database failures.
pub(super) fn prune(tx: &mut Tx<'_>) -> Result<usize> {
    let before: Timestamp = tx.now().minus(KEPT);
    failures::prune(tx, before)
}
