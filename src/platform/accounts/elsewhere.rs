//! Signing in to something else than the panel: files by SFTP, WebDAV, FTP. The same limits, the same work and the
//! same answers as at the panel, and one list of failures for all of them (rule C5, row H137).

use freehold_base::{Code, Error, Result, UserId, text};
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{Tx, roles, users};

use super::sign_in::Attempt;
use super::{Accounts, Checked, Outcome, named};
use crate::secrets::{Scheme, StoredHash};

/// What is known of a name before its password is looked at.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Hash and how it was made; none where nobody has the name.
    pub password: Option<(String, String)>,
    /// Whether the name signed in from this address before.
    pub from_here: bool,
}

/// A person whose password was right.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// Nothing else is wanted.
    Whole(Box<User>),
    /// A code of their second factor is.
    CodeWanted(UserId),
}

impl Accounts {
    /// First step for a name that is no person's, on a reader: limits. `name` in its compared form.
    ///
    /// # Errors
    /// `TooManyAttempts`.
    pub fn prepare_name(&self, tx: &mut Tx<'_>, name: &str, known: Known) -> Result<Attempt> {
        let subjects = self.subjects_of_login(name, &tx.actor().address.clone(), known.from_here);
        if let Some(refusal) = subjects.refusal(tx)? {
            return Err(refusal);
        }
        let stored = known.password.and_then(|(hash, scheme)| {
            let scheme = Scheme::parse(&scheme)?;
            (!hash.is_empty()).then_some(StoredHash { scheme, hash })
        });
        Ok(Attempt { user: None, stored, subjects })
    }

    /// The active person who signs in with this address, for keys and for what is asked beside the password.
    ///
    /// # Errors
    /// Database failures.
    pub fn person_by_email(&self, tx: &mut Tx<'_>, email: &str) -> Result<Option<User>> {
        let known_form = text::email("email", email).unwrap_or_default();
        Ok(users::find_by_email(tx, &known_form)?.filter(User::is_active))
    }

    /// Last step for a name that is no person's, a write: `now` is its hash as the row holds it at this moment.
    ///
    /// # Errors
    /// Database failures; a refusal is an [`Outcome`].
    pub fn confirm_name(
        &self,
        tx: &mut Tx<'_>,
        checked: &Checked,
        who: &str,
        now: Option<&str>,
    ) -> Result<Outcome<()>> {
        let attempt = &checked.attempt;
        if let Some(refusal) = attempt.subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        let same = attempt.stored.as_ref().is_some_and(|s| now == Some(s.hash.as_str()));
        if checked.right && same {
            attempt.subjects.succeed(tx)?;
            return Ok(Outcome::Done(()));
        }
        attempt.subjects.fail(tx)?;
        tx.audit(Chain::Server, "session.refuse", who, "password");
        Ok(Outcome::Refused(Error::code(Code::SignInWrong)))
    }

    /// Last step for a person, a write, without a session: what a code decides comes after.
    ///
    /// # Errors
    /// `FactorNeeded` where the person must set a factor up at the panel first; a refusal is an [`Outcome`].
    pub fn confirm_person(&self, tx: &mut Tx<'_>, checked: &Checked) -> Result<Outcome<Confirmed>> {
        let user = match self.confirmed(tx, checked)? {
            Outcome::Done(user) => user,
            Outcome::Refused(e) => return Ok(Outcome::Refused(e)),
        };
        // Who has passkeys alone gets in with a recovery code, or with a login made for files.
        if user.has_factor() {
            return Ok(Outcome::Done(Confirmed::CodeWanted(user.id)));
        }
        if self.must_enrol(tx, &user)? {
            return Ok(Outcome::Refused(Error::code(Code::FactorNeeded)));
        }
        Ok(Outcome::Done(Confirmed::Whole(Box::new(user))))
    }

    /// Whether the person must set a second factor up at the panel before anything else opens.
    ///
    /// # Errors
    /// Database failures.
    pub fn must_enrol(&self, tx: &mut Tx<'_>, user: &User) -> Result<bool> {
        let grants = roles::grants_of(tx, user.id)?;
        self.needs_factor(tx, user, &grants)
    }

    /// The code after [`Confirmed::CodeWanted`], a write. A code counts once.
    ///
    /// # Errors
    /// `SignInRequired` where the person is gone; a wrong code is an [`Outcome`].
    pub fn confirm_code(&self, tx: &mut Tx<'_>, user: UserId, code: &str) -> Result<Outcome<User>> {
        let user = users::find(tx, user).map_err(|_| Error::code(Code::SignInRequired))?;
        if !user.is_active() || !user.has_factor() {
            return Err(Error::code(Code::SignInRequired));
        }
        let subjects = self.subjects_of_person(user.id, &tx.actor().address.clone(), false);
        if let Some(refusal) = subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        if self.use_code(tx, &user, code)?.is_none() {
            subjects.fail(tx)?;
            tx.audit(Chain::Server, "session.refuse", named(user.id, &user.email), "second factor");
            return Ok(Outcome::Refused(Error::code(Code::CodeWrong)));
        }
        subjects.succeed(tx)?;
        Ok(Outcome::Done(user))
    }
}
