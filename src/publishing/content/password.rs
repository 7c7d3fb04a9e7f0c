//! Passwords of entries, for readers: sealed in the database (security rule C10), shown to those who write.

use freehold_base::{Code, Error, Result, SiteId};
use freehold_platform::secrets::Keyring;

fn sealed_for(site: SiteId) -> String {
    format!("entry-password:{site}")
}

/// A password as it is stored. Empty stays empty.
///
/// # Errors
/// `Invalid("password")` beyond 100 characters; `Internal`.
pub fn seal(keys: &Keyring, site: SiteId, password: &str) -> Result<String> {
    if password.chars().count() > 100 {
        return Err(Error::invalid("password", Code::TooLong, "100"));
    }
    if password.is_empty() { Ok(String::new()) } else { keys.seal(&sealed_for(site), password.as_bytes()) }
}

/// A stored password as somebody typed it. What was stored without a seal (imports) is given as it is.
pub fn open(keys: &Keyring, site: SiteId, stored: &str) -> String {
    match keys.open(&sealed_for(site), stored) {
        Ok(secret) => String::from_utf8_lossy(secret.reveal()).into_owned(),
        Err(_) => stored.to_owned(),
    }
}
