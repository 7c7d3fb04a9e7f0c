//! Sessions of the panel (security rule C4).

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Capability, Error, Result, SessionId, Timestamp, UserId};
use freehold_store::sessions::Session;
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{Actor, ActorKind, Tx, roles, sessions, users};

use super::roles::above;
use super::{Accounts, SessionToken, attempts, named};
use crate::secrets::tokens::{SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, new_session, session_hash, session_is_live};

/// Use of a session is written down at most this often.
const TOUCH_MS: i64 = 60_000;
/// A half session ends after so long: enough to find the phone, or to set a factor up.
const HALF_MS: i64 = 15 * 60 * 1000;

/// Who a session cookie belongs to.
#[derive(Debug)]
pub enum Authenticated {
    /// A person signed in.
    Full(SignedIn),
    /// A person whose second factor is still wanted: not an actor.
    Half(HalfSession),
}

/// A signed-in person, as the panel's frame shows them.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// For reads and writes; its grants are those of now.
    pub actor: Actor,
    /// Who.
    pub user: UserId,
    /// Their session.
    pub session: SessionId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Language tag, or empty.
    pub locale: String,
    /// Appearance as stored; see [`super::Appearance::parse`].
    pub appearance: String,
    /// Whether an app makes codes for them.
    pub has_totp: bool,
    /// How many passkeys they have.
    pub passkeys: i64,
    /// Call [`Accounts::touch_session`] in the background.
    pub wants_touch: bool,
}

/// What a half session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A code of the second factor, or a recovery code.
    Code,
    /// Setting a second factor up.
    Enrolment,
}

/// A session after the password and before the second factor. A type of its own: no handler takes it for an actor.
#[derive(Clone, Debug)]
pub struct HalfSession {
    pub(super) session: SessionId,
    pub(super) user: UserId,
    wanted: Wanted,
    has_totp: bool,
    has_passkeys: bool,
    pub(super) known_device: bool,
}

impl HalfSession {
    /// What it waits for.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }
    /// The same, from a browser that the person signed in with before, or not.
    pub(super) fn at_known_device(self, known_device: bool) -> Self {
        Self { known_device, ..self }
    }
    /// Whether an app makes codes for them.
    pub fn has_totp(&self) -> bool {
        self.has_totp
    }
    /// Whether a passkey can be the second step.
    pub fn has_passkeys(&self) -> bool {
        self.has_passkeys
    }
}

impl Accounts {
    /// The person behind a session cookie, by two indexed reads (three for somebody without a second factor); `None`
    /// where there is none (any more).
    ///
    /// # Errors
    /// Database failures.
    pub fn authenticate(&self, tx: &mut Tx<'_>, cookie: &str) -> Result<Option<Authenticated>> {
        let Some(hash) = session_hash(cookie) else { return Ok(None) };
        let Some((session, user)) = sessions::find_by_token(tx, &hash)? else { return Ok(None) };
        if !self.is_live(&session) || !user.is_active() {
            return Ok(None);
        }
        let grants = roles::grants_of(tx, user.id)?;
        if session.half || self.needs_factor(tx, &user, &grants)? {
            return Ok(Some(Authenticated::Half(HalfSession {
                session: session.id,
                user: user.id,
                wanted: if user.has_factor() { Wanted::Code } else { Wanted::Enrolment },
                has_totp: user.has_totp(),
                has_passkeys: user.passkeys > 0,
                known_device: false,
            })));
        }
        let kind = ActorKind::User { user: user.id, session: session.id };
        let address = tx.actor().address.clone();
        let acting = session.acting();
        let grants = match acting {
            Some(account) => tx.rights_as_owner(&grants, account)?,
            None => grants,
        };
        let actor = Actor { kind, address, grants: Arc::new(grants), acting };
        Ok(Some(Authenticated::Full(self.signed_in(actor, &session, user))))
    }

    fn signed_in(&self, actor: Actor, session: &Session, user: User) -> SignedIn {
        SignedIn {
            actor,
            user: user.id,
            session: session.id,
            has_totp: user.has_totp(),
            passkeys: user.passkeys,
            email: user.email,
            name: user.name,
            locale: user.locale,
            appearance: user.appearance,
            wants_touch: self.steady.now().ms() - session.seen_at.ms() >= TOUCH_MS,
        }
    }

    pub(super) fn is_live(&self, session: &Session) -> bool {
        let now = self.steady.now();
        let young = !session.half || now.ms() - session.created_at.ms() < HALF_MS;
        young && session_is_live(session.created_at, session.seen_at, now)
    }

    /// Writes down that a session is in use. No audit row: nothing changes but a time.
    ///
    /// # Errors
    /// Database failures.
    pub fn touch_session(&self, tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
        sessions::touch(tx, session, self.steady.now())
    }

    /// The signed-in person's own sessions that still live, last used first.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`.
    pub fn list_sessions(&self, tx: &mut Tx<'_>) -> Result<Vec<Session>> {
        let me = tx.authorize_self()?;
        let all = sessions::list(tx, me)?;
        Ok(all.into_iter().filter(|s| self.is_live(s)).collect())
    }

    /// Ends one of the signed-in person's own sessions.
    ///
    /// # Errors
    /// `NotFound("session")`, `SignInRequired`, `Denied` (a token).
    pub fn revoke_session(&self, tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
        let me = tx.authorize_in_person()?;
        sessions::end(tx, me, id)?;
        tx.audit(Chain::Server, "session.end", format!("person {} session {id}", me.user()), "revoked");
        Ok(())
    }

    /// Ends all of the signed-in person's sessions but the one in use; gives how many.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied` (a token).
    pub fn revoke_other_sessions(&self, tx: &mut Tx<'_>) -> Result<usize> {
        let me = tx.authorize_in_person()?;
        let ended = sessions::end_all(tx, me.user(), me.session())?;
        tx.audit(Chain::Server, "session.end_others", format!("person {}", me.user()), ended.to_string());
        Ok(ended)
    }

    /// Somebody's sessions that still live, last used first, for the hosting admin.
    ///
    /// # Errors
    /// `NotFound("person")`, `Denied`.
    pub fn list_sessions_of(&self, tx: &mut Tx<'_>, id: UserId) -> Result<Vec<Session>> {
        let server = tx.authorize_server(Capability::ServerRead)?;
        users::find(tx, id)?;
        let all = sessions::list_of(tx, server, id)?;
        Ok(all.into_iter().filter(|s| self.is_live(s)).collect())
    }

    /// Sessions of everybody that live still and began more than so long ago, oldest first, with their people.
    ///
    /// # Errors
    /// `Denied`.
    pub fn old_sessions(&self, tx: &mut Tx<'_>, age: Duration) -> Result<Vec<(Session, User)>> {
        let server = tx.authorize_server(Capability::ServerRead)?;
        let all = sessions::begun_before(tx, server, self.steady.now().minus(age))?;
        Ok(all.into_iter().filter(|(s, _)| self.is_live(s)).collect())
    }

    /// Ends [`Accounts::old_sessions`], save the one that asks; hosting admin only. Gives how many.
    ///
    /// # Errors
    /// `Denied`.
    pub fn end_old_sessions(&self, tx: &mut Tx<'_>, age: Duration) -> Result<usize> {
        let server = tx.authorize_server(Capability::ServerManage)?;
        let own = match tx.actor().kind {
            ActorKind::User { session, .. } => Some(session),
            _ => None,
        };
        let mut ended = 0;
        for (session, user) in self.old_sessions(tx, age)? {
            if Some(session.id) != own {
                ended += sessions::end_of(tx, server, session.id)?;
                tx.audit(Chain::Server, "session.end_old", named(user.id, &user.email), "by the hosting admin");
            }
        }
        Ok(ended)
    }

    /// Ends all sessions of somebody; hosting admin only, and C3. Gives how many.
    ///
    /// # Errors
    /// `NotFound("person")`, `Denied`.
    pub fn end_sessions_of(&self, tx: &mut Tx<'_>, id: UserId) -> Result<usize> {
        let server = tx.authorize_server(Capability::ServerManage)?;
        let user = users::find(tx, id)?;
        above(tx, server.capabilities(), id)?;
        let ended = sessions::end_all(tx, id, None)?;
        tx.audit(Chain::Server, "session.end_all", named(id, &user.email), "by the hosting admin");
        Ok(ended)
    }

    /// Ends the session of a cookie, whole or half; quiet where there is none.
    ///
    /// # Errors
    /// Database failures.
    pub fn sign_out(&self, tx: &mut Tx<'_>, cookie: &str) -> Result<()> {
        let Some(hash) = session_hash(cookie) else { return Ok(()) };
        if let Some(user) = sessions::end_by_token(tx, &hash)? {
            tx.audit(Chain::Server, "session.end", format!("person {user}"), "signed out");
        }
        Ok(())
    }

    /// A new token for a session whose rights change: the old cookie ends, all other sessions too.
    pub(super) fn renew_alone(&self, tx: &mut Tx<'_>, id: SessionId, user: &User) -> Result<SessionToken> {
        let token = new_session()?;
        sessions::renew(tx, id, &token.hash, self.steady.now()).map_err(|_| Error::not_found("session"))?;
        sessions::end_all(tx, user.id, Some(id))?;
        tx.audit(Chain::Server, "session.renew", named(user.id, &user.email), "all others ended");
        Ok(token.secret)
    }

    /// Deletes sessions, failures and links that nobody can use any more; a job calls it. Gives how many rows.
    ///
    /// # Errors
    /// Database failures.
    pub fn prune(&self, tx: &mut Tx<'_>) -> Result<usize> {
        let now = self.steady.now();
        let ago = |ms: i64| -> Timestamp { now.minus(Duration::from_millis(ms.unsigned_abs())) };
        let gone = sessions::prune(tx, ago(SESSION_IDLE_MS), ago(SESSION_ABSOLUTE_MS))?;
        let at = tx.now();
        let open = freehold_store::ceremonies::prune(tx)? + freehold_store::held_forms::prune(tx)?;
        let seen = freehold_store::devices::prune(tx, at.minus(super::devices::REMEMBERED))?;
        Ok(gone + attempts::prune(tx)? + freehold_store::links::prune(tx, at)? + open + seen)
    }
}
