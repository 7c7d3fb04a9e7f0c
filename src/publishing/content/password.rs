//! Passwords of entries, for readers: sealed in the database (security rule C10), shown to those who write.

use freehold_base::{Code, Error, Result, SiteId};
use freehold_platform::secrets::Keyring;

fn sealed_for(site: SiteId) -> String {
    format!("entry-password:{site}")
}

/// A password as the database has it: made by [`seal`] alone, so that no way in can store one as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// As it is stored.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
    /// As it is stored, for an entry's row.
    pub(crate) fn into_stored(self) -> String {
        self.0
    }
}

/// A password as it is stored. Empty stays empty.
///
/// # Errors
/// `Invalid("password")` beyond 100 characters; `Internal`.
pub fn seal(keys: &Keyring, site: SiteId, password: &str) -> Result<Sealed> {
    if password.chars().count() > 100 {
        return Err(Error::invalid("password", Code::TooLong, "100"));
    }
    if password.is_empty() {
        return Ok(Sealed::default());
    }
    keys.seal(&sealed_for(site), password.as_bytes()).map(Sealed)
}

/// A stored password as somebody typed it. What an older release stored without a seal is given as it is.
pub fn open(keys: &Keyring, site: SiteId, stored: &str) -> String {
    match keys.open(&sealed_for(site), stored) {
        Ok(secret) => String::from_utf8_lossy(secret.reveal()).into_owned(),
        Err(_) => stored.to_owned(),
    }
}
