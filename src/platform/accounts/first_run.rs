//! Claiming a new server: the first person becomes hosting admin and owner of the first account.

use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{
    AccountId, Capability, Clock, Code, Error, PlanId, ResellerId, Result, Role, Secret, Timestamp, UserId, text,
};
use freehold_store::accounts::{self as stored_accounts, NewAccount};
use freehold_store::roles::RolePlace;
use freehold_store::tx::audit::Chain;
use freehold_store::users::NewUser;
use freehold_store::{Actor, ActorKind, Tx, installation, roles, users};

use super::{NewPassword, named, people};
use crate::secrets::limiter::{self, Failures};
use crate::secrets::{Keyring, tokens};

const CLAIMED: &str = "claimed_at";
/// The account that the first run makes.
const FIRST_ACCOUNT: &str = "main";
/// What it is called.
const FIRST_TITLE: &str = "Main";

/// Whether the server has its first person.
///
/// # Errors
/// Database failures.
pub fn is_claimed(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(installation::get(tx, CLAIMED)?.is_some())
}

/// Who claims the server.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Address to sign in with.
    pub email: String,
    /// Name.
    pub name: String,
    /// Password.
    pub password: NewPassword,
}

/// What a claim made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The hosting admin.
    pub user: UserId,
    /// Their account.
    pub account: AccountId,
}

/// Makes the first person. The actor is the one that [`SetupCode::check`] gives, or the command line on the machine.
///
/// Of two at the same time exactly one wins: the look and the mark are one write.
///
/// # Errors
/// `SetupDone`, `Denied`, `Invalid` (email, name).
pub fn claim(tx: &mut Tx<'_>, claim: &Claim) -> Result<Claimed> {
    tx.authorize_server(Capability::ServerManage)?;
    if is_claimed(tx)? {
        return Err(Error::code(Code::SetupDone));
    }
    let email = text::email("email", &claim.email)?;
    let name = text::required_line("name", &claim.name, people::NAME_CHARS)?;
    let at = tx.now().ms().to_string();
    installation::set(tx, CLAIMED, &at)?;
    let customers = tx.authorize_customers(Capability::AccountsManage)?;
    let first = NewAccount { name: FIRST_ACCOUNT, title: FIRST_TITLE, reseller: ResellerId(0), plan: PlanId(0) };
    let account = stored_accounts::create(tx, &customers, &first)?;
    let slug = people::free_slug(tx, &name)?;
    let new = NewUser {
        email: &email,
        name: &name,
        slug: &slug,
        password_hash: claim.password.hash(),
        password_scheme: claim.password.scheme(),
        status: "active",
    };
    let user = users::insert(tx, &new)?;
    roles::set(tx, RolePlace::Server, user, Role::HostingAdmin)?;
    roles::set(tx, RolePlace::Account(account), user, Role::Owner)?;
    tx.audit(Chain::Server, "server.claim", named(user, &email), "");
    Ok(Claimed { user, account })
}

/// The one-time code of the set-up address. It lives in memory only: a restart makes a new one.
pub struct SetupCode {
    keys: Arc<Keyring>,
    clock: Clock,
    hash: String,
    issued_at: Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: Failures,
    spent: bool,
}

/// Wrong codes after which the code is dead: a restart makes a new one.
const MOST_FAILURES: u32 = 50;

impl SetupCode {
    /// A new code, and how it is shown (`4F7K-29QX`).
    ///
    /// # Errors
    /// `Internal` where the machine has no random bytes.
    pub fn issue(keys: Arc<Keyring>, clock: Clock) -> Result<(Self, Secret)> {
        let new = tokens::new_setup_code(&keys)?;
        let issued_at = clock.now();
        Ok((Self { keys, clock, hash: new.hash, issued_at, state: Mutex::default() }, new.secret))
    }

    /// Lets somebody with the right code act for the installation, once it is theirs to claim.
    ///
    /// # Errors
    /// `SetupLink` (wrong, used, older than 30 minutes), `TooManyAttempts`.
    pub fn check(&self, typed: &str, address: &str) -> Result<Actor> {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.spent || state.failures.count >= MOST_FAILURES {
            return Err(Error::code(Code::SetupLink));
        }
        limiter::setup_wait(state.failures, now).check()?;
        if !tokens::setup_code_matches(&self.keys, &self.hash, self.issued_at, typed, now) {
            state.failures = Failures { count: state.failures.count + 1, last: now };
            return Err(Error::code(Code::SetupLink));
        }
        Ok(Actor { kind: ActorKind::System, address: address.into(), grants: Arc::default(), acting: None })
    }

    /// Ends the code, after a claim.
    pub fn spend(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).spent = true;
    }
}

impl std::fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetupCode(…)")
    }
}
