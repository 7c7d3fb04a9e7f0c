//! What a person changes about themself.

use freehold_base::{Code, Error, Result, SessionId, text};
use freehold_store::tx::audit::Chain;
use freehold_store::users::{Profile, User};
use freehold_store::{Tx, users};
use serde::{Deserialize, Serialize};

use super::{Accounts, Checked, NewPassword, Outcome, PersonChanged, SessionToken, named, people};

/// How the panel looks to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `comfortable` or `compact`.
    pub density: String,
    /// Whether single-key shortcuts work.
    pub shortcuts: bool,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { theme: "system".into(), density: "comfortable".into(), shortcuts: true }
    }
}

impl Appearance {
    /// Reads the stored text; defaults for what it does not say.
    pub fn parse(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or_default()
    }
    fn checked(&self) -> Result<String> {
        let one_of = |field: &'static str, value: &str, choices: &[&str]| {
            if choices.contains(&value) {
                Ok(())
            } else {
                Err(Error::invalid(field, Code::NotAllowed, choices.join(", ")))
            }
        };
        one_of("theme", &self.theme, &["system", "light", "dark"])?;
        one_of("density", &self.density, &["comfortable", "compact"])?;
        serde_json::to_string(self).map_err(|e| Error::internal("writing the appearance", e))
    }
}

/// A changed profile.
#[derive(Clone, Debug)]
pub struct ProfileEdit {
    /// Name.
    pub name: String,
    /// A few lines; at most 2000 characters.
    pub bio: String,
    /// Language tag, or empty.
    pub locale: String,
    /// The panel's looks.
    pub appearance: Appearance,
}

/// The signed-in person.
///
/// # Errors
/// `SignInRequired`, `Denied`.
pub fn show(tx: &mut Tx<'_>) -> Result<User> {
    let me = tx.authorize_self()?;
    users::find(tx, me.user())
}

/// Saves the signed-in person's profile.
///
/// # Errors
/// `Invalid` (name, bio, locale, theme, density), `SignInRequired`, `Denied`.
pub fn update(tx: &mut Tx<'_>, edit: &ProfileEdit) -> Result<()> {
    let me = tx.authorize_self()?;
    let locale = text::line("locale", &edit.locale, 35)?;
    if !locale.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Error::invalid("locale", Code::Malformed, "a language tag such as en or pt-BR"));
    }
    let profile = Profile {
        name: text::required_line("name", &edit.name, people::NAME_CHARS)?,
        bio: text::lines("bio", &edit.bio, 2000)?,
        locale,
        appearance: edit.appearance.checked()?,
    };
    let before = users::find(tx, me.user())?;
    users::save_profile(tx, me, &profile)?;
    tx.audit(Chain::Server, "person.profile", format!("person {}", me.user()), "");
    // How the panel looks to somebody is nobody else's news: pages of every site would be forgotten for it.
    if before.name != profile.name || before.bio != profile.bio {
        tx.announce(PersonChanged { user: me.user() });
    }
    Ok(())
}

impl Accounts {
    /// Changes the signed-in person's password. The check is of the old one ([`Accounts::prepare_own`]); the session
    /// gets a new token, all others end.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`; a wrong old password is an [`Outcome`].
    pub fn change_password(
        &self,
        tx: &mut Tx<'_>,
        checked: &Checked,
        new: &NewPassword,
    ) -> Result<Outcome<SessionToken>> {
        tx.need_fresh("change your password")?;
        let (user, session) = match self.confirmed_own(tx, checked)? {
            Outcome::Done(found) => found,
            Outcome::Refused(e) => return Ok(Outcome::Refused(e)),
        };
        let current = users::find(tx, user.id)?; // the check may have stored a better hash
        users::replace_password(tx, user.id, &current.password_hash, new.hash(), new.scheme())?;
        freehold_store::links::delete_of(tx, user.id, super::LinkKind::Reset.name())?;
        tx.audit(Chain::Server, "password.change", named(user.id, &user.email), "");
        Ok(Outcome::Done(self.renew_alone(tx, session, &user)?))
    }

    /// Whether the check was of the signed-in person's own password, and right; a failure is counted.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied` (a token); a refusal is an [`Outcome`].
    pub fn confirm_own(&self, tx: &mut Tx<'_>, checked: &Checked) -> Result<Outcome<()>> {
        Ok(match self.confirmed_own(tx, checked)? {
            Outcome::Done(_) => Outcome::Done(()),
            Outcome::Refused(e) => Outcome::Refused(e),
        })
    }

    /// The signed-in person, if the check was of their own password and right.
    pub(super) fn confirmed_own(&self, tx: &mut Tx<'_>, checked: &Checked) -> Result<Outcome<(User, SessionId)>> {
        let me = tx.authorize_in_person()?;
        let session = me.session().ok_or_else(Error::denied)?;
        if !checked.is_of(me.user()) {
            return Err(Error::denied());
        }
        Ok(match self.confirmed(tx, checked)? {
            Outcome::Done(user) => Outcome::Done((user, session)),
            Outcome::Refused(e) => Outcome::Refused(e),
        })
    }
}
