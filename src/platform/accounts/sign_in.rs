//! Signing in: look (on a reader), check the password (on the hasher's threads), write.
//!
//! An unknown address, a wrong password and a disabled person get the same answer after the same work (C5).

use freehold_base::{Code, Error, Result, Secret, UserId, text};
use freehold_store::sessions::NewSession;
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{ActorKind, SelfScope, Tx, roles, sessions, users};

use super::attempts::{Door, Subjects};
use super::{Accounts, Outcome, SessionToken, named};
use crate::secrets::{Scheme, StoredHash, Verdict, tokens};

/// Longest name of a browser that is kept.
const AGENT_CHARS: usize = 200;

/// A sign-in after the limits were looked at, before the password is.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub(super) user: Option<UserId>,
    pub(super) stored: Option<StoredHash>,
    pub(super) subjects: Subjects,
}

/// An [`Attempt`] whose password was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(super) attempt: Attempt,
    pub(super) right: bool,
    rehashed: Option<StoredHash>,
}

/// A session begun.
#[derive(Debug)]
pub enum SignIn {
    /// Signed in.
    Full(SessionToken),
    /// The second factor is wanted first: a code, or setting one up. This token opens nothing else.
    Half(SessionToken),
}

impl SignIn {
    /// The cookie's value.
    pub fn token(&self) -> &SessionToken {
        match self {
            Self::Full(token) | Self::Half(token) => token,
        }
    }
}

impl Accounts {
    /// First step, on a reader: limits, then the person's hash. The actor is the visitor with their address.
    ///
    /// # Errors
    /// `TooManyAttempts`.
    pub fn prepare(&self, tx: &mut Tx<'_>, email: &str) -> Result<Attempt> {
        self.prepare_from(tx, email, false)
    }

    /// [`Accounts::prepare`] of a browser that the person may have signed in with before
    /// ([`Accounts::knows_device`]): the failures of others then do not keep it out.
    ///
    /// # Errors
    /// `TooManyAttempts`, `NetworkBlocked`.
    pub fn prepare_from(&self, tx: &mut Tx<'_>, email: &str, known_device: bool) -> Result<Attempt> {
        // What is no address is looked up all the same, as one that nobody has: the same work.
        let known_form = text::email("email", email).unwrap_or_default();
        let subjects = self.subjects_of_login(email, &tx.actor().address.clone(), known_device);
        if let Some(refusal) = subjects.refusal(tx)? {
            return Err(refusal);
        }
        let user = users::find_by_email(tx, &known_form)?.filter(User::is_active);
        Ok(Attempt::of(user.as_ref(), subjects))
    }

    /// First step of changing what the password protects: the signed-in person's own hash.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied` (a token), `TooManyAttempts`.
    pub fn prepare_own(&self, tx: &mut Tx<'_>) -> Result<Attempt> {
        let me = tx.authorize_in_person()?;
        self.prepare_of(tx, me)
    }

    pub(super) fn prepare_of(&self, tx: &mut Tx<'_>, me: SelfScope) -> Result<Attempt> {
        let subjects = self.subjects_of_own(me.user(), &tx.actor().address.clone());
        if let Some(refusal) = subjects.refusal(tx)? {
            return Err(refusal);
        }
        let user = users::find(tx, me.user())?;
        Ok(Attempt::of(Some(&user), subjects))
    }

    /// Second step, outside of transactions; blocks the thread for a hash.
    ///
    /// # Errors
    /// `Busy`.
    pub fn check(&self, attempt: Attempt, password: Secret) -> Result<Checked> {
        let verdict = match attempt.stored.clone() {
            Some(stored) => self.hasher.verify(password.clone(), stored)?,
            None => self.hasher.verify_dummy(password.clone())?,
        };
        let rehashed = match verdict {
            Verdict::Right { needs_rehash: true } => Some(self.hasher.hash(password)?),
            _ => None,
        };
        Ok(Checked { attempt, right: verdict != Verdict::Wrong, rehashed })
    }

    /// [`Accounts::check`] without blocking the thread.
    ///
    /// # Errors
    /// `Busy`.
    pub async fn check_async(&self, attempt: Attempt, password: Secret) -> Result<Checked> {
        let verdict = self.hasher.verify_async(password.clone(), attempt.stored.clone()).await?;
        let rehashed = match verdict {
            Verdict::Right { needs_rehash: true } => Some(self.hasher.hash_async(password).await?),
            _ => None,
        };
        Ok(Checked { attempt, right: verdict != Verdict::Wrong, rehashed })
    }

    /// Last step, a write: begins the session, or puts the failure on record. `previous` is the session cookie that
    /// came along: whatever it was, it ends.
    ///
    /// # Errors
    /// Database failures; a refusal is an [`Outcome`].
    pub fn finish(
        &self,
        tx: &mut Tx<'_>,
        checked: &Checked,
        agent: &str,
        previous: Option<&str>,
    ) -> Result<Outcome<SignIn>> {
        let user = match self.confirmed(tx, checked)? {
            Outcome::Done(user) => user,
            Outcome::Refused(e) => return Ok(Outcome::Refused(e)),
        };
        if let Some(old) = previous.and_then(tokens::session_hash) {
            sessions::end_by_token(tx, &old)?;
        }
        Ok(Outcome::Done(self.begin(tx, &user, agent)?))
    }

    /// The first session of somebody who just claimed the server.
    ///
    /// # Errors
    /// `Denied` for anybody but the installation itself.
    pub fn begin_claimed(&self, tx: &mut Tx<'_>, user: UserId, agent: &str) -> Result<SignIn> {
        if tx.actor().kind != ActorKind::System {
            return Err(Error::denied());
        }
        let user = users::find(tx, user)?;
        self.begin(tx, &user, agent)
    }

    /// The person, if the check was right and still holds; otherwise the failure is counted.
    pub(super) fn confirmed(&self, tx: &mut Tx<'_>, checked: &Checked) -> Result<Outcome<User>> {
        let attempt = &checked.attempt;
        // Looked at again: of many attempts in flight only as many count as the limits allow.
        if let Some(refusal) = attempt.subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        let user = match attempt.user {
            Some(id) => users::find(tx, id).ok(),
            None => None,
        };
        let same = |u: &User| attempt.stored.as_ref().is_some_and(|s| s.hash == u.password_hash);
        match user.filter(|u| checked.right && u.is_active() && same(u)) {
            Some(user) => {
                attempt.subjects.succeed(tx)?;
                self.keep_rehashed(tx, &user, checked.rehashed.as_ref())?;
                Ok(Outcome::Done(user))
            }
            None => {
                attempt.subjects.fail(tx)?;
                let who = attempt.user.map_or_else(|| "nobody known".to_owned(), |id| format!("person {id}"));
                tx.audit(Chain::Server, "session.refuse", who, Door::Panel.name());
                Ok(Outcome::Refused(Error::code(Code::SignInWrong)))
            }
        }
    }

    fn keep_rehashed(&self, tx: &mut Tx<'_>, user: &User, new: Option<&StoredHash>) -> Result<()> {
        if let Some(new) = new {
            users::replace_password(tx, user.id, &user.password_hash, &new.hash, new.scheme.name())?;
        }
        Ok(())
    }

    fn begin(&self, tx: &mut Tx<'_>, user: &User, agent: &str) -> Result<SignIn> {
        let grants = roles::grants_of(tx, user.id)?;
        let half = user.has_factor() || self.needs_factor(tx, user, &grants)?;
        self.begin_as(tx, user, agent, half, "")
    }

    /// Begins a session, half or whole; `how` stands in the audit log.
    pub(super) fn begin_as(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        agent: &str,
        half: bool,
        how: &'static str,
    ) -> Result<SignIn> {
        let token = tokens::new_session()?;
        let address = tx.actor().address.clone();
        let agent: String = agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS).collect();
        let new = NewSession {
            user: user.id,
            token_hash: &token.hash,
            half,
            address: &address,
            agent: &agent,
            began: self.steady.now(),
        };
        sessions::insert(tx, &new)?;
        if half {
            return Ok(SignIn::Half(token.secret));
        }
        users::set_signed_in(tx, user.id)?;
        tx.audit(Chain::Server, "session.begin", named(user.id, &user.email), how);
        Ok(SignIn::Full(token.secret))
    }
}

impl Attempt {
    fn of(user: Option<&User>, subjects: Subjects) -> Self {
        let stored = user.and_then(|u| {
            let scheme = Scheme::parse(&u.password_scheme)?;
            (!u.password_hash.is_empty()).then(|| StoredHash { scheme, hash: u.password_hash.clone() })
        });
        Self { user: user.map(|u| u.id), stored, subjects }
    }
}

impl Checked {
    /// Whether it was this person's password that was looked at.
    pub(super) fn is_of(&self, user: UserId) -> bool {
        self.attempt.user == Some(user)
    }
}
