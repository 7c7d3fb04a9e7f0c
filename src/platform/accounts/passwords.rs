//! Passwords on their way into the database: checked and hashed outside of any transaction.

use freehold_base::{Result, Secret};

use super::Accounts;
use crate::secrets::{StoredHash, password};

/// A password that passed the rules (C6), hashed. Made by [`Accounts::new_password`] only.
#[derive(Clone, Debug)]
pub struct NewPassword(StoredHash);

impl NewPassword {
    /// What the row gets.
    pub fn hash(&self) -> &str {
        &self.0.hash
    }
    /// The hash, for a door that is not a person's: a private folder.
    pub fn into_hash(self) -> StoredHash {
        self.0
    }
    /// How it was made.
    pub fn scheme(&self) -> &'static str {
        self.0.scheme.name()
    }
}

impl Accounts {
    /// Checks the rules and hashes; `context` is what others know of the person (address, name, site title).
    /// Blocks the thread for a hash: not on a worker thread.
    ///
    /// # Errors
    /// `Invalid("password")` with `TooShort`, `TooLong` or `PasswordCommon`; `Busy`.
    pub fn new_password(&self, given: Secret, context: &[&str]) -> Result<NewPassword> {
        password::check_new(&given, context)?;
        self.hasher.hash(given).map(NewPassword)
    }

    /// [`Accounts::new_password`] without blocking for the hash.
    ///
    /// # Errors
    /// As [`Accounts::new_password`].
    pub async fn new_password_async(&self, given: Secret, context: &[&str]) -> Result<NewPassword> {
        password::check_new(&given, context)?;
        self.hasher.hash_async(given).await.map(NewPassword)
    }
}
