//! Second factors: codes of an app (TOTP), recovery codes.

use freehold_base::{Capability, Code, Error, Result, Secret, UserId};
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{Tx, roles as held, sessions, users};

use super::attempts::Subjects;
use super::{Accounts, Checked, HalfSession, Outcome, SessionToken, SignIn, Wanted, named, roles};
use crate::secrets::{tokens, totp};

/// What an app needs to make codes. Shown while enrolling only.
#[derive(Debug)]
pub struct Enrolment {
    /// For typing in.
    pub secret_text: Secret,
    /// `otpauth://…` for a QR code.
    pub uri: Secret,
}

/// A second factor in force.
#[derive(Debug)]
pub struct FactorSet {
    /// The new value of the session cookie; all other sessions ended.
    pub token: SessionToken,
    /// Shown once.
    pub recovery_codes: Vec<Secret>,
}

/// The label that binds a sealed secret to its person.
fn label(user: UserId) -> String {
    format!("totp:{user}")
}

fn shown(secret: &Secret, user: &User) -> Result<Enrolment> {
    Ok(Enrolment {
        secret_text: totp::secret_text(secret)?,
        uri: totp::provisioning_uri(secret, "Freehold", &user.email)?,
    })
}

impl Accounts {
    /// Second step of signing in, with a code of the app or a recovery code. A code counts once.
    ///
    /// # Errors
    /// `SignInRequired` where the half session is gone; a wrong code is an [`Outcome`].
    pub fn second_factor(&self, tx: &mut Tx<'_>, half: &HalfSession, code: &str) -> Result<Outcome<SignIn>> {
        let user = self.half_person(tx, half, Wanted::Code)?;
        let subjects = Subjects::of_person(user.id, &tx.actor().address.clone());
        if let Some(refusal) = subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        let Some(how) = self.use_code(tx, &user, code)? else {
            subjects.fail(tx)?;
            tx.audit(Chain::Server, "session.refuse", named(user.id, &user.email), "second factor");
            return Ok(Outcome::Refused(Error::code(Code::CodeWrong)));
        };
        subjects.succeed(tx)?;
        let token = tokens::new_session()?;
        sessions::renew(tx, half.session, &token.hash, self.steady.now())?;
        users::set_signed_in(tx, user.id)?;
        tx.audit(Chain::Server, "session.begin", named(user.id, &user.email), how);
        Ok(Outcome::Done(SignIn::Full(token.secret)))
    }

    /// The person of a half session, read again in the write.
    fn half_person(&self, tx: &mut Tx<'_>, half: &HalfSession, wanted: Wanted) -> Result<User> {
        let found = sessions::find(tx, half.session)?;
        let live = found.filter(|(s, u)| s.user_id == half.user && self.is_live(s) && u.is_active());
        match live {
            Some((_, user)) if user.has_totp() == (wanted == Wanted::Code) && half.wanted() == wanted => Ok(user),
            _ => Err(Error::code(Code::SignInRequired)),
        }
    }

    pub(super) fn use_code(&self, tx: &mut Tx<'_>, user: &User, code: &str) -> Result<Option<&'static str>> {
        let secret = self.keys.open(&label(user.id), &user.totp_sealed)?;
        if let Some(step) = totp::verify(&secret, code, tx.now(), user.totp_last_step) {
            return Ok(users::use_totp_step(tx, user.id, user.totp_last_step, step)?.then_some("code"));
        }
        match totp::recovery_hash(&self.keys, user.id, code) {
            Some(hash) if users::use_recovery_code(tx, user.id, &hash)? => Ok(Some("recovery code")),
            _ => Ok(None),
        }
    }

    /// Begins to set a factor up for the signed-in person.
    ///
    /// # Errors
    /// `WrongState` where one is set: it goes first, and that takes the password.
    pub fn enrol(&self, tx: &mut Tx<'_>) -> Result<Enrolment> {
        let me = tx.authorize_in_person()?;
        let user = users::find(tx, me.user())?;
        self.begin_enrolment(tx, &user)
    }

    /// [`Accounts::enrol`] for somebody who may do nothing else yet.
    ///
    /// # Errors
    /// `SignInRequired`.
    pub fn enrol_half(&self, tx: &mut Tx<'_>, half: &HalfSession) -> Result<Enrolment> {
        let user = self.half_person(tx, half, Wanted::Enrolment)?;
        self.begin_enrolment(tx, &user)
    }

    fn begin_enrolment(&self, tx: &mut Tx<'_>, user: &User) -> Result<Enrolment> {
        if user.has_totp() {
            return Err(Error::refused(Code::WrongState, "a second factor is set; remove it first"));
        }
        let secret = totp::new_secret()?;
        let sealed = self.keys.seal(&label(user.id), secret.reveal())?;
        users::set_totp(tx, user.id, "", &sealed)?;
        tx.audit(Chain::Server, "factor.enrol", named(user.id, &user.email), "");
        shown(&secret, user)
    }

    /// What [`Accounts::enrol`] began and no code confirmed yet, to show it again.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied` (a token).
    pub fn pending_factor(&self, tx: &mut Tx<'_>) -> Result<Option<Enrolment>> {
        let me = tx.authorize_in_person()?;
        let user = users::find(tx, me.user())?;
        self.pending(&user)
    }

    /// [`Accounts::pending_factor`] for a half session.
    ///
    /// # Errors
    /// `SignInRequired`.
    pub fn pending_factor_half(&self, tx: &mut Tx<'_>, half: &HalfSession) -> Result<Option<Enrolment>> {
        let user = self.half_person(tx, half, Wanted::Enrolment)?;
        self.pending(&user)
    }

    fn pending(&self, user: &User) -> Result<Option<Enrolment>> {
        if user.totp_pending.is_empty() {
            return Ok(None);
        }
        shown(&self.keys.open(&label(user.id), &user.totp_pending)?, user).map(Some)
    }

    /// Puts the factor in force with its first code.
    ///
    /// # Errors
    /// `WrongState` without [`Accounts::enrol`] before; a wrong code is an [`Outcome`].
    pub fn confirm_factor(&self, tx: &mut Tx<'_>, code: &str) -> Result<Outcome<FactorSet>> {
        let me = tx.authorize_in_person()?;
        let user = users::find(tx, me.user())?;
        let session = me.session().ok_or_else(Error::denied)?;
        self.confirm(tx, &user, session, code)
    }

    /// [`Accounts::confirm_factor`] for a half session, which becomes whole.
    ///
    /// # Errors
    /// As [`Accounts::confirm_factor`].
    pub fn confirm_factor_half(&self, tx: &mut Tx<'_>, half: &HalfSession, code: &str) -> Result<Outcome<FactorSet>> {
        let user = self.half_person(tx, half, Wanted::Enrolment)?;
        let outcome = self.confirm(tx, &user, half.session, code)?;
        if matches!(outcome, Outcome::Done(_)) {
            users::set_signed_in(tx, user.id)?;
        }
        Ok(outcome)
    }

    fn confirm(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        session: freehold_base::SessionId,
        code: &str,
    ) -> Result<Outcome<FactorSet>> {
        if user.totp_pending.is_empty() || user.has_totp() {
            return Err(Error::refused(Code::WrongState, "no second factor waits for its first code"));
        }
        let subjects = Subjects::of_person(user.id, &tx.actor().address.clone());
        if let Some(refusal) = subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        let secret = self.keys.open(&label(user.id), &user.totp_pending)?;
        let step = totp::verify(&secret, code, tx.now(), 0);
        let Some(step) = step else {
            subjects.fail(tx)?;
            return Ok(Outcome::Refused(Error::code(Code::CodeWrong)));
        };
        subjects.succeed(tx)?;
        users::set_totp(tx, user.id, &user.totp_pending, "")?;
        users::use_totp_step(tx, user.id, user.totp_last_step, step)?;
        let recovery_codes = self.store_recovery_codes(tx, user.id)?;
        let token = self.renew_alone(tx, session, user)?;
        tx.audit(Chain::Server, "factor.set", named(user.id, &user.email), "");
        Ok(Outcome::Done(FactorSet { token, recovery_codes }))
    }

    fn store_recovery_codes(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Secret>> {
        let codes = totp::recovery_codes()?;
        let hash = |c: &Secret| totp::recovery_hash(&self.keys, user, c.reveal_text());
        let hashes: Vec<String> = codes.iter().filter_map(hash).collect();
        users::set_recovery_codes(tx, user, &hashes)?;
        Ok(codes)
    }

    /// New recovery codes in place of all old ones; takes the password ([`Accounts::prepare_own`]).
    ///
    /// # Errors
    /// `WrongState` without a factor; a wrong password is an [`Outcome`].
    pub fn renew_recovery_codes(&self, tx: &mut Tx<'_>, checked: &Checked) -> Result<Outcome<Vec<Secret>>> {
        let user = match self.confirmed_own(tx, checked)? {
            Outcome::Done((user, _)) => user,
            Outcome::Refused(e) => return Ok(Outcome::Refused(e)),
        };
        if !user.has_totp() {
            return Err(Error::refused(Code::WrongState, "no second factor is set"));
        }
        let codes = self.store_recovery_codes(tx, user.id)?;
        tx.audit(Chain::Server, "factor.recovery_codes", named(user.id, &user.email), "");
        Ok(Outcome::Done(codes))
    }

    /// Recovery codes of the signed-in person that are not used yet.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`.
    pub fn recovery_codes_left(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let me = tx.authorize_self()?;
        users::recovery_codes_left(tx, me.user())
    }

    /// Removes the signed-in person's factor; takes the password ([`Accounts::prepare_own`]). All other sessions end.
    ///
    /// # Errors
    /// `FactorNeeded` for a hosting admin whose panel other machines reach; a wrong password is an [`Outcome`].
    pub fn disable_factor(&self, tx: &mut Tx<'_>, checked: &Checked) -> Result<Outcome<SessionToken>> {
        let (user, session) = match self.confirmed_own(tx, checked)? {
            Outcome::Done(found) => found,
            Outcome::Refused(e) => return Ok(Outcome::Refused(e)),
        };
        let without = User { totp_sealed: String::new(), ..user.clone() };
        if self.needs_factor(&without, &held::grants_of(tx, user.id)?) {
            return Err(Error::code(Code::FactorNeeded));
        }
        self.clear_factor(tx, user.id)?;
        tx.audit(Chain::Server, "factor.remove", named(user.id, &user.email), "");
        Ok(Outcome::Done(self.renew_alone(tx, session, &user)?))
    }

    /// Removes the factor of somebody who lost it; hosting admin only, and C3. All their sessions end.
    ///
    /// # Errors
    /// `NotFound("person")`, `Denied`.
    pub fn remove_factor_of(&self, tx: &mut Tx<'_>, id: UserId) -> Result<()> {
        let server = tx.authorize_server(Capability::ServerManage)?;
        let user = users::find(tx, id)?;
        roles::above(tx, server.capabilities(), id)?;
        self.clear_factor(tx, id)?;
        sessions::end_all(tx, id, None)?;
        tx.audit(Chain::Server, "factor.remove", named(id, &user.email), "by the hosting admin");
        Ok(())
    }

    fn clear_factor(&self, tx: &mut Tx<'_>, id: UserId) -> Result<()> {
        users::set_totp(tx, id, "", "")?;
        users::set_recovery_codes(tx, id, &[])
    }
}
