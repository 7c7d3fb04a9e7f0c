//! One-time links: a person sets a password by one. They are made from the configured origin only (security rule B1),
//! stored as hashes, and good once.

use std::time::Duration;

use freehold_base::{Capability, Code, Error, Result, Secret, Timestamp, UserId, text};
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{ActorKind, Tx, links, sessions, users};

use super::{Accounts, NewPassword, PersonChanged, named, people, roles};
use crate::secrets::tokens::{new_session, session_hash};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// A new password in place of a forgotten one: one hour.
    Reset,
    /// The first password of an invited person: seven days.
    Invite,
}

impl LinkKind {
    /// The word in the table and in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Invite => "invite",
        }
    }
    fn lasts(self) -> Duration {
        match self {
            Self::Reset => Duration::from_secs(3600),
            Self::Invite => Duration::from_secs(7 * 24 * 3600),
        }
    }
}

/// A link to bring to its person.
#[derive(Clone, Debug)]
pub struct Link {
    /// The whole address, `{panel}/admin/reset/{token}` or `{panel}/admin/invite/{token}`.
    pub url: Secret,
    /// Its last part.
    pub token: Secret,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A reset to send by mail.
#[derive(Clone, Debug)]
pub struct ResetMail {
    /// Who asked.
    pub user: UserId,
    /// Where it goes: the stored address, not the typed one.
    pub email: String,
    /// Name.
    pub name: String,
    /// Language tag, or empty.
    pub locale: String,
    /// The link.
    pub link: Link,
}

/// Reset mails to one address within an hour.
const MOST_PER_ADDRESS: u32 = 3;
/// Requests from one network within an hour.
const MOST_PER_NETWORK: u32 = 30;

impl Accounts {
    /// A new link, in place of an older one of its kind.
    pub(super) fn make_link(&self, tx: &mut Tx<'_>, user: UserId, kind: LinkKind) -> Result<Link> {
        let token = new_session()?;
        let expires_at = tx.now().plus(kind.lasts());
        links::replace(tx, user, kind.name(), &token.hash, expires_at)?;
        let url = format!("{}/admin/{}/{}", self.options.panel_url, kind.name(), token.secret.reveal_text());
        Ok(Link { url: Secret::text(url), token: token.secret, expires_at })
    }

    /// Somebody asks for a new password: counts it. Known or not makes no difference, neither in what comes back nor in
    /// the work: looking the person up is [`Accounts::make_reset`]'s, in the background (security rule C5). `false` where
    /// this address had its mails of the hour.
    ///
    /// # Errors
    /// `TooManyAttempts` for the network.
    pub fn ask_reset(&self, tx: &mut Tx<'_>, email: &str) -> Result<bool> {
        let known_form = text::email("email", email).unwrap_or_default();
        let counted = if known_form.is_empty() { email } else { &known_form };
        let subjects = self.subjects_of_reset(counted, &tx.actor().address.clone());
        let (of_address, of_network) = subjects.counts(tx)?;
        if of_network >= MOST_PER_NETWORK {
            return Err(Error::refused(Code::TooManyAttempts, "1 hour"));
        }
        subjects.note(tx)?;
        Ok(of_address < MOST_PER_ADDRESS)
    }

    /// The person who asked by [`Accounts::ask_reset`], put on record; `None` where nobody active has the address.
    ///
    /// # Errors
    /// Database failures.
    pub fn note_reset(&self, tx: &mut Tx<'_>, email: &str) -> Result<Option<User>> {
        let known_form = text::email("email", email).unwrap_or_default();
        let user = users::find_by_email(tx, &known_form)?.filter(User::is_active);
        if let Some(user) = &user {
            tx.audit(Chain::Server, "password.reset_asked", named(user.id, &user.email), "");
        }
        Ok(user)
    }

    /// [`Accounts::note_reset`] with a link to mail.
    ///
    /// # Errors
    /// Database failures.
    pub fn make_reset(&self, tx: &mut Tx<'_>, email: &str) -> Result<Option<ResetMail>> {
        let Some(user) = self.note_reset(tx, email)? else { return Ok(None) };
        let link = self.make_link(tx, user.id, LinkKind::Reset)?;
        Ok(Some(ResetMail { user: user.id, email: user.email, name: user.name, locale: user.locale, link }))
    }

    /// A link for somebody without mail, made by the hosting admin: a reset, or the invitation again.
    ///
    /// # Errors
    /// `NotFound("person")`, `Denied` (C3; a token: it makes no way to a session), `ConfirmNeeded`, `WrongState`
    /// (disabled).
    pub fn link_for(&self, tx: &mut Tx<'_>, id: UserId) -> Result<Link> {
        let server = tx.authorize_server(Capability::ServerManage)?;
        if matches!(tx.actor().kind, ActorKind::Token { .. }) {
            return Err(Error::denied());
        }
        tx.need_fresh("make a link to a new password")?;
        let user = users::find(tx, id)?;
        roles::above(tx, server.capabilities(), id)?;
        let kind = match user.status.as_str() {
            "active" => LinkKind::Reset,
            "invited" => LinkKind::Invite,
            _ => return Err(Error::refused(Code::WrongState, "this person is disabled")),
        };
        let link = self.make_link(tx, id, kind)?;
        tx.audit(Chain::Server, "password.link", named(id, &user.email), kind.name());
        Ok(link)
    }

    /// Whose link this is, without using it: for the page behind it, and as context of [`Accounts::new_password`].
    ///
    /// # Errors
    /// `LinkUsed`.
    pub fn open_link(&self, tx: &mut Tx<'_>, kind: LinkKind, token: &str) -> Result<User> {
        let found = match session_hash(token) {
            Some(hash) => links::find(tx, kind.name(), &hash)?,
            None => None,
        };
        found.filter(|u| status_for(kind) == u.status).ok_or_else(|| Error::code(Code::LinkUsed))
    }

    /// Sets the password by a reset link. The second factor stays; all sessions end.
    ///
    /// # Errors
    /// `LinkUsed`.
    pub fn reset_password(&self, tx: &mut Tx<'_>, token: &str, new: &NewPassword) -> Result<UserId> {
        let user = self.use_link(tx, LinkKind::Reset, token, new)?;
        self.subjects_of_login(&user.email, "", false).succeed(tx)?;
        tx.audit(Chain::Server, "password.reset", named(user.id, &user.email), "all sessions ended");
        Ok(user.id)
    }

    /// Takes an invitation: sets the first password and the name.
    ///
    /// # Errors
    /// `LinkUsed`, `Invalid("name")`.
    pub fn accept_invitation(&self, tx: &mut Tx<'_>, token: &str, name: &str, new: &NewPassword) -> Result<UserId> {
        let name = text::required_line("name", name, people::NAME_CHARS)?;
        let user = self.use_link(tx, LinkKind::Invite, token, new)?;
        users::accept(tx, user.id, &name)?;
        tx.audit(Chain::Server, "person.accept", named(user.id, &user.email), "");
        tx.announce(PersonChanged { user: user.id });
        Ok(user.id)
    }

    fn use_link(&self, tx: &mut Tx<'_>, kind: LinkKind, token: &str, new: &NewPassword) -> Result<User> {
        let used = || Error::code(Code::LinkUsed);
        let hash = session_hash(token).ok_or_else(used)?;
        let id = links::take(tx, kind.name(), &hash)?.ok_or_else(used)?;
        let user = users::find(tx, id)?;
        if user.status != status_for(kind) {
            return Err(used());
        }
        users::replace_password(tx, id, &user.password_hash, new.hash(), new.scheme())?;
        links::delete_of(tx, id, LinkKind::Reset.name())?;
        sessions::end_all(tx, id, None)?;
        Ok(user)
    }
}

/// The status that a person must have for a link of this kind.
fn status_for(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Reset => "active",
        LinkKind::Invite => "invited",
    }
}
