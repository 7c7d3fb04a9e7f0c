//! Keys, passwords, second factors and tokens: the parts of signing in that need no database.
//!
//! Nothing here stores a row, reads the wall clock or knows HTTP: callers bring the time and the rows, and keep
//! what comes back. Secrets travel as [`freehold_base::Secret`] (security rule C10).

pub mod hasher;
mod key_file;
pub mod keyring;
pub mod limiter;
pub mod password;
pub mod phpass;
pub mod qr;
pub mod steady;
pub mod tokens;
pub mod totp;

pub use hasher::Hasher;
pub use keyring::Keyring;
pub use password::{Scheme, StoredHash, Verdict};
pub use steady::SteadyClock;

#[cfg(test)]
mod password_tests;
#[cfg(test)]
mod token_tests;
