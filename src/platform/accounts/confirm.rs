//! Showing anew that it is you, before what cannot be taken back: `Tx::need_fresh` asks for it, the panel's guard keeps
//! the form that was sent, and the form goes on once the proof is there. What was typed stays here, sealed, and is good
//! once, for the session that sent it.

use std::time::Duration;

use freehold_base::secret::{random_token, token_hash};
use freehold_base::{Code, Error, Result, Secret, SessionId};
use freehold_store::held_forms::{self, HeldForm};
use freehold_store::tx::audit::Chain;
use freehold_store::{Tx, sessions};

use super::{Accounts, Attempt, Checked, Outcome, PasskeyAnswer, SessionToken, named};
use crate::secrets::tokens::new_session;

/// A form waits so long.
const WAITS: Duration = Duration::from_secs(15 * 60);
/// A longer form is no form of a dangerous button.
const FORM_BYTES: usize = 256 * 1024;

/// A form that waits, as its page shows it.
#[derive(Clone, Debug)]
pub struct Held {
    /// Where it goes.
    pub path: String,
    /// What it does, in words: "delete this site for good".
    pub doing: String,
}

fn label(session: SessionId) -> String {
    format!("held form:{session}")
}

impl Accounts {
    /// Keeps a form of the signed-in person's session; gives its name.
    ///
    /// # Errors
    /// `TooLarge`, `SignInRequired`, `Denied` (a token).
    pub fn hold(&self, tx: &mut Tx<'_>, path: &str, doing: &str, form: &str) -> Result<Secret> {
        let session = own_session(tx)?;
        if form.len() > FORM_BYTES {
            return Err(Error::refused(Code::TooLarge, "256 kB"));
        }
        let name = random_token()?;
        let row = HeldForm {
            token_hash: token_hash(&name),
            session_id: session,
            path: path.to_owned(),
            doing: doing.to_owned(),
            sealed: self.keys.seal(&label(session), form.as_bytes())?,
            expires_at: tx.now().plus(WAITS),
        };
        held_forms::insert(tx, &row)?;
        Ok(Secret::text(name))
    }

    /// A form that waits for the signed-in person, to look at.
    ///
    /// # Errors
    /// `LinkUsed` where there is none (any more).
    pub fn held(&self, tx: &mut Tx<'_>, name: &str) -> Result<Held> {
        let session = own_session(tx)?;
        let found = held_forms::find(tx, session, &token_hash(name))?.ok_or_else(|| Error::code(Code::LinkUsed))?;
        Ok(Held { path: found.path, doing: found.doing })
    }

    /// Gives a form out that was sent to `path`, once.
    ///
    /// # Errors
    /// `LinkUsed` where there is none (any more).
    pub fn take_held(&self, tx: &mut Tx<'_>, name: &str, path: &str) -> Result<Secret> {
        let session = own_session(tx)?;
        let found = held_forms::take(tx, session, &token_hash(name))?;
        let form = found.filter(|f| f.path == path).ok_or_else(|| Error::code(Code::LinkUsed))?;
        self.keys.open(&label(session), &form.sealed)
    }

    /// First step of [`Accounts::confirm_by_password`]: the person's own hash.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied` (a token), `TooManyAttempts`.
    pub fn prepare_proof(&self, tx: &mut Tx<'_>) -> Result<Attempt> {
        let me = tx.authorize_present()?;
        self.prepare_of(tx, me)
    }

    /// Shows by password that it is still the signed-in person ([`Accounts::prepare_proof`]); with a code of the app or a
    /// recovery code where they have a second factor. The session goes on under a new cookie.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`; a wrong password or code is an [`Outcome`].
    pub fn confirm_by_password(&self, tx: &mut Tx<'_>, checked: &Checked, code: &str) -> Result<Outcome<SessionToken>> {
        let me = tx.authorize_present()?;
        let session = me.session().ok_or_else(Error::denied)?;
        if !checked.is_of(me.user()) {
            return Err(Error::denied());
        }
        let user = match self.confirmed(tx, checked)? {
            Outcome::Done(user) => user,
            Outcome::Refused(e) => return Ok(Outcome::Refused(e)),
        };
        if user.has_factor() {
            // Counted apart from the password: a right one must not make guessing codes free.
            let subjects = self.subjects_of_person(user.id, &tx.actor().address.clone(), true);
            if let Some(refusal) = subjects.refusal(tx)? {
                return Ok(Outcome::Refused(refusal));
            }
            if self.use_code(tx, &user, code)?.is_none() {
                subjects.fail(tx)?;
                tx.audit(Chain::Server, "session.refuse", named(user.id, &user.email), "second factor");
                return Ok(Outcome::Refused(Error::code(Code::CodeWrong)));
            }
            subjects.succeed(tx)?;
        }
        self.fresh(tx, session, "password").map(Outcome::Done)
    }

    /// Shows by a passkey that it is still the signed-in person ([`Accounts::begin_passkey_confirm`]).
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`; an answer that is not in order is an [`Outcome`].
    pub fn confirm_by_passkey(&self, tx: &mut Tx<'_>, answer: &PasskeyAnswer) -> Result<Outcome<SessionToken>> {
        let me = tx.authorize_present()?;
        let session = me.session().ok_or_else(Error::denied)?;
        match self.confirmed_by_passkey(tx, (me.user(), session), answer)? {
            Outcome::Done(()) => self.fresh(tx, session, "passkey").map(Outcome::Done),
            Outcome::Refused(e) => Ok(Outcome::Refused(e)),
        }
    }

    /// A fresh session has more rights: a new cookie (security rule C4). The others of the person go on.
    fn fresh(&self, tx: &mut Tx<'_>, session: SessionId, how: &'static str) -> Result<SessionToken> {
        let token = new_session()?;
        sessions::renew(tx, session, &token.hash, self.steady.now())?;
        let who = tx.actor().user().map_or_else(String::new, |id| format!("person {id}"));
        tx.audit(Chain::Server, "session.confirm", who, how);
        Ok(token.secret)
    }
}

fn own_session(tx: &mut Tx<'_>) -> Result<SessionId> {
    tx.authorize_present()?.session().ok_or_else(Error::denied)
}
