//! Passkeys (WebAuthn): added, named, removed; to sign in with, as second step, and to show anew that it is you.
//!
//! A use has a start and an end. What the end is compared with stays here, in a row of its own, and is good once; the
//! browser gets the challenge and a name for the row. The device itself asks for finger, face or PIN (user
//! verification), so a passkey alone is two factors.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use freehold_base::secret::{random_token, token_hash};
use freehold_base::{
    Capability, Code, Error, Network, OrInternal as _, PasskeyId, Result, Secret, SessionId, UserId, text,
};
use freehold_store::ceremonies::{self, Ceremony};
use freehold_store::passkeys::{self as rows, NewPasskey, Passkey as Row};
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{Tx, sessions, users};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Uuid, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::{Accounts, HalfSession, Outcome, SessionToken, SignIn, Wanted, named, roles};
use crate::secrets::tokens as secret_tokens;

/// A start is good for so long: enough to find the key.
const LASTS: Duration = Duration::from_secs(300);
/// Starts of one network that may be open at once: an office in the morning.
const OPEN: i64 = 100;
/// Most passkeys of a person.
const MOST: i64 = 20;
/// Longest name.
const NAME_CHARS: usize = 60;
/// No answer of a device is longer.
const ANSWER_BYTES: usize = 32 * 1024;

/// What a start was for: an end of another kind does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Add,
    SignIn,
    Second,
    Confirm,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SignIn => "sign_in",
            Self::Second => "second",
            Self::Confirm => "confirm",
        }
    }
}

/// A use begun.
#[derive(Debug)]
pub struct Started {
    /// The row's name; comes back with the answer.
    pub ceremony: Secret,
    /// What the browser's `navigator.credentials` takes, as JSON.
    pub options: Value,
}

/// What came back from the browser.
#[derive(Clone, Debug, Default)]
pub struct PasskeyAnswer {
    /// The row's name.
    pub ceremony: String,
    /// The device's answer as JSON.
    pub credential: String,
}

/// A passkey just added.
#[derive(Debug)]
pub struct PasskeyAdded {
    /// The new value of the session cookie; all other sessions ended.
    pub token: SessionToken,
    /// Shown once; empty where the person has some.
    pub recovery_codes: Vec<Secret>,
}

/// Who the panel is, to devices; none where its address has no name.
pub(super) fn relying_party(panel_url: &str) -> Option<Webauthn> {
    let url = Url::parse(panel_url).ok()?;
    let name = url.domain()?.to_owned();
    WebauthnBuilder::new(&name, &url).ok()?.rp_name("Freehold").build().ok()
}

fn network_of(address: &str) -> String {
    address.parse().map_or_else(|_| token_hash(address), |a| Network::of_one(a).to_string())
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > ANSWER_BYTES {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Why an answer was refused, for the audit log.
fn why(e: &WebauthnError) -> &'static str {
    match e {
        WebauthnError::CredentialPossibleCompromise => "passkey: its counter went back, it may be copied",
        WebauthnError::InvalidRPOrigin => "passkey: of another origin",
        WebauthnError::InvalidRPIDHash => "passkey: of another name",
        WebauthnError::MismatchedChallenge => "passkey: of another challenge",
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => "passkey: nobody was asked",
        _ => "passkey: not in order",
    }
}

impl Accounts {
    /// Whether passkeys can be used here: the panel's address has a name.
    pub fn passkeys_work(&self) -> bool {
        self.relying_party.is_some()
    }

    fn webauthn(&self) -> Result<&Webauthn> {
        self.relying_party.as_deref().ok_or_else(|| Error::code(Code::PasskeysOff))
    }

    /// What devices keep of a person: the same for all their keys, and telling nothing.
    fn handle(&self, user: UserId) -> Result<Uuid> {
        let hex = self.keys.fingerprint("passkey handle", &user.to_string());
        Uuid::parse_str(hex.get(..32).unwrap_or_default()).or_internal("naming a person to a device")
    }

    fn keep<S: Serialize>(
        &self,
        tx: &mut Tx<'_>,
        (purpose, session_id): (Purpose, SessionId),
        state: &S,
        options: Value,
    ) -> Result<Started> {
        let network = network_of(&tx.actor().address.clone());
        ceremonies::prune(tx)?;
        if ceremonies::open_of(tx, &network)? >= OPEN {
            return Err(Error::refused(Code::TooManyAttempts, "5 minutes"));
        }
        let name = random_token()?;
        let row = Ceremony {
            token_hash: token_hash(&name),
            purpose: purpose.name().to_owned(),
            session_id,
            network,
            state: serde_json::to_string(state).or_internal("keeping a challenge")?,
            expires_at: tx.now().plus(LASTS),
        };
        ceremonies::insert(tx, &row)?;
        Ok(Started { ceremony: Secret::text(name), options })
    }

    /// The state of a start that fits; it cannot be used again.
    fn take<S: DeserializeOwned>(
        tx: &mut Tx<'_>,
        (purpose, session): (Purpose, SessionId),
        answer: &PasskeyAnswer,
    ) -> Result<Option<S>> {
        let found = ceremonies::take(tx, &token_hash(&answer.ceremony))?;
        let fits = found.filter(|c| c.purpose == purpose.name() && c.session_id == session);
        Ok(fits.and_then(|c| serde_json::from_str(&c.state).ok()))
    }

    // Adding.

    /// Begins to add a passkey to the signed-in person.
    ///
    /// # Errors
    /// `PasskeysOff`, `ConfirmNeeded`, `WrongState` (they have 20), `Denied` (a token).
    pub fn begin_passkey(&self, tx: &mut Tx<'_>) -> Result<Started> {
        let me = tx.authorize_in_person()?;
        tx.need_fresh("add a passkey")?;
        let session = me.session().ok_or_else(Error::denied)?;
        let user = users::find(tx, me.user())?;
        self.begin_adding(tx, &user, session)
    }

    /// [`Accounts::begin_passkey`] for somebody who may do nothing else before they have a second factor.
    ///
    /// # Errors
    /// `PasskeysOff`, `SignInRequired`.
    pub fn begin_passkey_half(&self, tx: &mut Tx<'_>, half: &HalfSession) -> Result<Started> {
        let user = self.half_person(tx, half, Wanted::Enrolment)?;
        self.begin_adding(tx, &user, half.session)
    }

    fn begin_adding(&self, tx: &mut Tx<'_>, user: &User, session: SessionId) -> Result<Started> {
        let webauthn = self.webauthn()?;
        if user.passkeys >= MOST {
            return Err(Error::refused(Code::WrongState, "you have 20 passkeys; remove one first"));
        }
        let have = rows::of_person(tx, user.id)?;
        let known = have.iter().filter_map(|row| BASE64.decode(&row.credential_id).ok()).collect();
        let handle = self.handle(user.id)?;
        let (options, state) = webauthn
            .start_passkey_registration(handle, &user.email, &user.name, Some(known))
            .or_internal("beginning a passkey")?;
        let mut options = serde_json::to_value(options).or_internal("beginning a passkey")?;
        // A key that the device can offer by itself, where it has room for one.
        if let Some(wanted) = options.pointer_mut("/publicKey/authenticatorSelection") {
            wanted["residentKey"] = json!("preferred");
        }
        self.keep(tx, (Purpose::Add, session), &state, options)
    }

    /// Adds the passkey that a device made. All other sessions end.
    ///
    /// # Errors
    /// `PasskeyTaken`, `ConfirmNeeded`, `Invalid("name")`; an answer that is not in order is an [`Outcome`].
    pub fn add_passkey(&self, tx: &mut Tx<'_>, answer: &PasskeyAnswer, name: &str) -> Result<Outcome<PasskeyAdded>> {
        let me = tx.authorize_in_person()?;
        tx.need_fresh("add a passkey")?;
        let session = me.session().ok_or_else(Error::denied)?;
        let user = users::find(tx, me.user())?;
        self.add(tx, &user, session, answer, name)
    }

    /// [`Accounts::add_passkey`] for a half session, which becomes whole.
    ///
    /// # Errors
    /// As [`Accounts::add_passkey`].
    pub fn add_passkey_half(
        &self,
        tx: &mut Tx<'_>,
        half: &HalfSession,
        answer: &PasskeyAnswer,
        name: &str,
    ) -> Result<Outcome<PasskeyAdded>> {
        let user = self.half_person(tx, half, Wanted::Enrolment)?;
        let outcome = self.add(tx, &user, half.session, answer, name)?;
        if matches!(outcome, Outcome::Done(_)) {
            users::set_signed_in(tx, user.id)?;
            tx.audit(Chain::Server, "session.begin", named(user.id, &user.email), "with a new passkey");
        }
        Ok(outcome)
    }

    fn add(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        session: SessionId,
        answer: &PasskeyAnswer,
        name: &str,
    ) -> Result<Outcome<PasskeyAdded>> {
        let name = text::line("name", name, NAME_CHARS)?;
        let name = if name.is_empty() { "Passkey".to_owned() } else { name };
        let refused = || Ok(Outcome::Refused(Error::code(Code::PasskeyWrong)));
        let Some(state) = Self::take::<PasskeyRegistration>(tx, (Purpose::Add, session), answer)? else {
            return refused();
        };
        let Some(made) = parsed::<RegisterPublicKeyCredential>(&answer.credential) else { return refused() };
        let key = match self.webauthn()?.finish_passkey_registration(&made, &state) {
            Ok(key) => key,
            Err(e) => {
                tx.audit(Chain::Server, "passkey.refuse", named(user.id, &user.email), why(&e));
                return refused();
            }
        };
        let credential = serde_json::to_string(&key).or_internal("storing a passkey")?;
        let credential_id = BASE64.encode(key.cred_id());
        let new = NewPasskey { user: user.id, name: &name, credential_id: &credential_id, credential: &credential };
        let id = rows::insert(tx, &new)?;
        let recovery_codes = match users::recovery_codes_left(tx, user.id)? {
            0 => self.store_recovery_codes(tx, user.id)?,
            _ => Vec::new(),
        };
        let token = self.renew_alone(tx, session, user)?;
        tx.audit(Chain::Server, "passkey.add", named(user.id, &user.email), format!("passkey {id}: {name}"));
        Ok(Outcome::Done(PasskeyAdded { token, recovery_codes }))
    }

    // What a person has.

    /// The signed-in person's passkeys, oldest first.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`.
    pub fn passkeys(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>> {
        let me = tx.authorize_self()?;
        rows::of_person(tx, me.user())
    }

    /// Calls one of the signed-in person's passkeys something else.
    ///
    /// # Errors
    /// `NotFound("passkey")`, `Invalid("name")`, `Denied` (a token).
    pub fn rename_passkey(&self, tx: &mut Tx<'_>, id: PasskeyId, name: &str) -> Result<()> {
        let me = tx.authorize_in_person()?;
        let name = text::required_line("name", name, NAME_CHARS)?;
        rows::rename(tx, me.user(), id, &name)?;
        tx.audit(Chain::Server, "passkey.rename", format!("person {}", me.user()), format!("passkey {id}: {name}"));
        Ok(())
    }

    /// Takes one of the signed-in person's passkeys away. All other sessions end.
    ///
    /// # Errors
    /// `FactorNeeded` where it is the last factor of somebody who must have one; `NotFound("passkey")`, `ConfirmNeeded`,
    /// `Denied` (a token).
    pub fn remove_passkey(&self, tx: &mut Tx<'_>, id: PasskeyId) -> Result<SessionToken> {
        let me = tx.authorize_in_person()?;
        tx.need_fresh("remove a passkey")?;
        let session = me.session().ok_or_else(Error::denied)?;
        self.take_away(tx, me.user(), id, true)?;
        let user = users::find(tx, me.user())?;
        self.renew_alone(tx, session, &user)
    }

    /// Somebody's passkeys, for the hosting admin.
    ///
    /// # Errors
    /// `Denied`, `NotFound("person")`.
    pub fn passkeys_of(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Row>> {
        let server = tx.authorize_server(Capability::ServerRead)?;
        users::find(tx, user)?;
        rows::list_of(tx, server, user)
    }

    /// Takes one of somebody's passkeys away; hosting admin only, and C3. All their sessions end. Where it was their last
    /// factor and they must have one, they set one up at their next sign-in.
    ///
    /// # Errors
    /// `NotFound` (`person`, `passkey`), `Denied`, `ConfirmNeeded`.
    pub fn remove_passkey_of(&self, tx: &mut Tx<'_>, user: UserId, id: PasskeyId) -> Result<()> {
        let server = tx.authorize_server(Capability::ServerManage)?;
        tx.need_fresh("take somebody’s passkey away")?;
        users::find(tx, user)?;
        roles::above(tx, server.capabilities(), user)?;
        self.take_away(tx, user, id, false)?;
        sessions::end_all(tx, user, None)?;
        Ok(())
    }

    fn take_away(&self, tx: &mut Tx<'_>, id: UserId, key: PasskeyId, by_themself: bool) -> Result<()> {
        let name = rows::delete(tx, id, key)?;
        let after = users::find(tx, id)?;
        if by_themself {
            self.may_be_without(tx, &after)?;
        }
        if !after.has_factor() {
            users::set_recovery_codes(tx, id, &[])?;
        }
        tx.audit(Chain::Server, "passkey.remove", named(id, &after.email), format!("passkey {key}: {name}"));
        Ok(())
    }

    // Using.

    /// Begins a use: of any passkey that the device offers, or of one of `user`'s.
    fn begin_use(&self, tx: &mut Tx<'_>, of: (Purpose, SessionId), user: Option<UserId>) -> Result<Started> {
        let (options, state) =
            self.webauthn()?.start_discoverable_authentication().or_internal("beginning the use of a passkey")?;
        let mut options = serde_json::to_value(options).or_internal("beginning the use of a passkey")?;
        // Whether the browser waits for the person in the field of the address is the page's choice.
        if let Some(all) = options.as_object_mut() {
            all.remove("mediation");
        }
        if let Some(user) = user {
            let keys = rows::of_person(tx, user)?;
            if keys.is_empty() {
                return Err(Error::refused(Code::WrongState, "you have no passkey here"));
            }
            let named: Vec<Value> =
                keys.iter().map(|key| json!({ "type": "public-key", "id": key.credential_id })).collect();
            options["publicKey"]["allowCredentials"] = named.into();
        }
        self.keep(tx, of, &state, options)
    }

    /// Begins to sign in with a passkey; the actor is the visitor with their address.
    ///
    /// # Errors
    /// `PasskeysOff`, `TooManyAttempts`, `NetworkBlocked`.
    pub fn begin_passkey_sign_in(&self, tx: &mut Tx<'_>) -> Result<Started> {
        let subjects = self.subjects_of_network(&tx.actor().address.clone());
        if let Some(refusal) = subjects.refusal(tx)? {
            return Err(refusal);
        }
        self.begin_use(tx, (Purpose::SignIn, SessionId(0)), None)
    }

    /// Signs in with a passkey: both factors at once. `previous` is the session cookie that came along: it ends.
    ///
    /// # Errors
    /// `PasskeysOff`; an answer that is not in order is an [`Outcome`].
    pub fn passkey_sign_in(
        &self,
        tx: &mut Tx<'_>,
        answer: &PasskeyAnswer,
        agent: &str,
        previous: Option<&str>,
    ) -> Result<Outcome<SignIn>> {
        let subjects = self.subjects_of_network(&tx.actor().address.clone());
        if let Some(refusal) = subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        let user = match self.proven(tx, (Purpose::SignIn, SessionId(0)), None, answer)? {
            Ok(user) => user,
            Err((who, why)) => {
                subjects.fail(tx)?;
                tx.audit(Chain::Server, "session.refuse", who, why);
                return Ok(Outcome::Refused(Error::code(Code::PasskeyWrong)));
            }
        };
        if let Some(old) = previous.and_then(secret_tokens::session_hash) {
            sessions::end_by_token(tx, &old)?;
        }
        Ok(Outcome::Done(self.begin_as(tx, &user, agent, false, "passkey")?))
    }

    /// Begins the second step with a passkey.
    ///
    /// # Errors
    /// `PasskeysOff`, `SignInRequired`.
    pub fn begin_passkey_second(&self, tx: &mut Tx<'_>, half: &HalfSession) -> Result<Started> {
        let user = self.half_person(tx, half, Wanted::Code)?;
        self.begin_use(tx, (Purpose::Second, half.session), Some(user.id))
    }

    /// The second step with a passkey.
    ///
    /// # Errors
    /// `SignInRequired` where the half session is gone; an answer that is not in order is an [`Outcome`].
    pub fn passkey_second(
        &self,
        tx: &mut Tx<'_>,
        half: &HalfSession,
        answer: &PasskeyAnswer,
    ) -> Result<Outcome<SignIn>> {
        let user = self.half_person(tx, half, Wanted::Code)?;
        let subjects = self.subjects_of_person(user.id, &tx.actor().address.clone(), half.known_device);
        if let Some(refusal) = subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        if let Err((who, why)) = self.proven(tx, (Purpose::Second, half.session), Some(user.id), answer)? {
            subjects.fail(tx)?;
            tx.audit(Chain::Server, "session.refuse", who, why);
            return Ok(Outcome::Refused(Error::code(Code::PasskeyWrong)));
        }
        subjects.succeed(tx)?;
        let token = secret_tokens::new_session()?;
        sessions::renew(tx, half.session, &token.hash, self.steady.now())?;
        users::set_signed_in(tx, user.id)?;
        tx.audit(Chain::Server, "session.begin", named(user.id, &user.email), "password and passkey");
        Ok(Outcome::Done(SignIn::Full(token.secret)))
    }

    /// Begins to show with a passkey that it is still you.
    ///
    /// # Errors
    /// `PasskeysOff`, `SignInRequired`, `Denied` (a token).
    pub fn begin_passkey_confirm(&self, tx: &mut Tx<'_>) -> Result<Started> {
        let me = tx.authorize_present()?;
        let session = me.session().ok_or_else(Error::denied)?;
        self.begin_use(tx, (Purpose::Confirm, session), Some(me.user()))
    }

    /// Whether the answer shows that it is this person, in this session.
    pub(super) fn confirmed_by_passkey(
        &self,
        tx: &mut Tx<'_>,
        (user, session): (UserId, SessionId),
        answer: &PasskeyAnswer,
    ) -> Result<Outcome<()>> {
        let subjects = self.subjects_of_own(user, &tx.actor().address.clone());
        if let Some(refusal) = subjects.refusal(tx)? {
            return Ok(Outcome::Refused(refusal));
        }
        if let Err((who, why)) = self.proven(tx, (Purpose::Confirm, session), Some(user), answer)? {
            subjects.fail(tx)?;
            tx.audit(Chain::Server, "session.refuse", who, why);
            return Ok(Outcome::Refused(Error::code(Code::PasskeyWrong)));
        }
        subjects.succeed(tx)?;
        Ok(Outcome::Done(()))
    }

    /// The active person whose passkey gave this answer to this start; or who it seemed to be, and what is wrong.
    ///
    /// `expected` is who it must be where that is known.
    fn proven(
        &self,
        tx: &mut Tx<'_>,
        of: (Purpose, SessionId),
        expected: Option<UserId>,
        answer: &PasskeyAnswer,
    ) -> Result<std::result::Result<User, (String, &'static str)>> {
        let nobody = |why| Ok(Err(("nobody known".to_owned(), why)));
        let webauthn = self.webauthn()?;
        let Some(state) = Self::take::<DiscoverableAuthentication>(tx, of, answer)? else {
            return nobody("passkey: its challenge is used or too old");
        };
        let Some(given) = parsed::<PublicKeyCredential>(&answer.credential) else {
            return nobody("passkey: not in order");
        };
        let Some((row, user)) = rows::find(tx, &BASE64.encode(given.get_credential_id()))? else {
            return nobody("passkey: nobody has it");
        };
        let refused = |why| Ok(Err((format!("person {}", user.id), why)));
        if !user.is_active() || expected.is_some_and(|id| id != user.id) {
            return refused("passkey: of somebody else");
        }
        // The device says whose key it is; where nobody was named before, it must.
        let handle = self.handle(user.id)?;
        let named = given.get_user_unique_id();
        if named.is_some_and(|h| h != handle.as_bytes()) || (named.is_none() && expected.is_none()) {
            return refused("passkey: of somebody else");
        }
        let mut key: Passkey = serde_json::from_str(&row.credential).or_internal("reading a passkey")?;
        let result = match webauthn.finish_discoverable_authentication_v2(&given, state, &key) {
            Ok(result) => result,
            Err(e) => return refused(why(&e)),
        };
        key.update_credential(&result);
        let now = serde_json::to_string(&key).or_internal("storing a passkey")?;
        if !rows::used(tx, &row, &now)? {
            return Err(Error::Retry);
        }
        Ok(Ok(user))
    }
}
