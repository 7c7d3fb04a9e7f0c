//! People: claiming the server, signing in, sessions, tokens, roles, invitations, profiles, second factors.
//!
//! Every function takes the transaction and leaves an audit row for what it changes. Slow hashing never happens in a
//! transaction: a proof made outside ([`NewPassword`], [`Checked`]) goes in. This module sends no mail and knows no
//! HTTP: it gives a [`Link`], and its caller brings it to the person.

pub mod attempts;
pub mod confirm;
pub mod devices;
pub mod factors;
pub mod elsewhere;
pub mod first_run;
pub mod links;
pub mod networks;
pub mod passkeys;
pub mod passwords;
pub mod people;
pub mod policy;
pub mod imported;
pub mod profile;
pub mod roles;
pub mod sessions;
pub mod sign_in;
pub mod tokens;

use std::sync::Arc;

use freehold_base::{Error, Network, Result, Secret, UserId};
use webauthn_rs::Webauthn;

use crate::secrets::{Hasher, Keyring, SteadyClock};

pub use attempts::Door;
pub use confirm::Held;
pub use devices::{NewDevice, Recognised};
pub use elsewhere::{Confirmed, Known};
pub use factors::{Enrolment, FactorSet};
pub use first_run::{Claim, Claimed, SetupCode};
pub use links::{Link, LinkKind, ResetMail};
pub use passkeys::{PasskeyAdded, PasskeyAnswer, Started};
pub use passwords::NewPassword;
pub use people::{Invitation, Invited, NewPerson};
pub use policy::FactorRule;
pub use profile::{Appearance, ProfileEdit};
pub use sessions::{Authenticated, HalfSession, SignedIn, Wanted};
pub use sign_in::{Attempt, Checked, SignIn};
pub use tokens::{CreatedToken, TokenRequest, TokenUser};

/// How this installation is reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// Configured origin of the panel, without a slash at the end. Links are made from it, never from a request (B1).
    pub panel_url: String,
    /// Whether other machines reach the panel: hosting admins then need a second factor.
    pub beyond_loopback: bool,
}

/// What signing in needs besides the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    keys: Arc<Keyring>,
    hasher: Hasher,
    steady: SteadyClock,
    options: Arc<Options>,
    /// None where the panel has no name: passkeys belong to names.
    relying_party: Option<Arc<Webauthn>>,
    allow: Arc<[Network]>,
}

impl Accounts {
    /// Puts the parts together.
    pub fn new(keys: Arc<Keyring>, hasher: Hasher, steady: SteadyClock, options: Options) -> Self {
        let relying_party = passkeys::relying_party(&options.panel_url).map(Arc::new);
        Self { keys, hasher, steady, options: Arc::new(options), relying_party, allow: Arc::default() }
    }
    /// The same, with networks that no number of failures keeps out.
    #[must_use]
    pub fn allowing(self, networks: Vec<Network>) -> Self {
        Self { allow: networks.into(), ..self }
    }

    /// The threads that hash, for other doors that look at passwords.
    pub fn hasher(&self) -> Hasher {
        self.hasher.clone()
    }
    /// The keys, for others that seal and sign.
    pub fn keys(&self) -> &Arc<Keyring> {
        &self.keys
    }
}

/// What came of an attempt whose failure must be stored: a refusal is a committed result, not a rolled back error.
#[derive(Debug)]
#[must_use = "a refusal hides in here"]
pub enum Outcome<T> {
    /// It was right.
    Done(T),
    /// It was not, and that is on record.
    Refused(Error),
}

impl<T> Outcome<T> {
    /// The value, or the refusal as an error; call it after the commit.
    ///
    /// # Errors
    /// The refusal.
    pub fn into_result(self) -> Result<T> {
        match self {
            Self::Done(value) => Ok(value),
            Self::Refused(e) => Err(e),
        }
    }
}

/// The value of a session cookie: shown to its browser once, stored as a hash.
pub type SessionToken = Secret;

/// A person changed: name, rights or status. Author pages show names.
#[derive(Clone, Copy, Debug)]
pub struct PersonChanged {
    /// Who.
    pub user: UserId,
}
freehold_base::event!(PersonChanged, "person.changed");

/// A person is gone; their entries have another author now.
#[derive(Clone, Copy, Debug)]
pub struct PersonDeleted {
    /// Who.
    pub user: UserId,
    /// Who has their entries; `None` where there were none.
    pub reassigned_to: Option<UserId>,
}
freehold_base::event!(PersonDeleted, "person.deleted");

/// How the audit log names a person.
fn named(id: UserId, email: &str) -> String {
    format!("person {id} {email}")
}
