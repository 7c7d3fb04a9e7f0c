//! What a person looks like: for signing in, in lists, as they are added.

use diesel::prelude::*;
use freehold_base::{Timestamp, UserId};

use crate::schema::users;

/// A person, with what signing in needs.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Their id.
    #[diesel(deserialize_as = i64)]
    pub id: UserId,
    /// Address they sign in with: trimmed, lower case, unique.
    pub email: String,
    /// Name on the screen and under entries.
    pub name: String,
    /// Unique part of the address of their author page.
    pub slug: String,
    /// A few lines about them.
    pub bio: String,
    /// Hash of the password; empty: they cannot sign in with one.
    pub password_hash: String,
    /// How it was hashed.
    pub password_scheme: String,
    /// `active`, `invited` or `disabled`.
    pub status: String,
    /// Language tag; empty: as the browser asks.
    pub locale: String,
    /// Theme, density and shortcuts as JSON; empty: defaults.
    pub appearance: String,
    /// Encrypted secret of the second factor; empty: none.
    pub totp_sealed: String,
    /// Encrypted secret not yet confirmed by a code; empty: none.
    pub totp_pending: String,
    /// The last time step whose code was used: no code counts twice.
    pub totp_last_step: i64,
    /// When they were added.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When they last signed in; 0: never.
    #[diesel(deserialize_as = i64)]
    pub signed_in_at: Timestamp,
    /// How many passkeys they have.
    pub passkeys: i64,
}

impl User {
    /// Whether they may sign in.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
    /// Whether an app makes codes for them.
    pub fn has_totp(&self) -> bool {
        !self.totp_sealed.is_empty()
    }
    /// Whether a second factor is set: codes of an app, or a passkey.
    pub fn has_factor(&self) -> bool {
        self.has_totp() || self.passkeys > 0
    }
}

/// A person as others see them in lists.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Person {
    /// Their id.
    #[diesel(deserialize_as = i64)]
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Unique part of the address of their author page.
    pub slug: String,
    /// `active`, `invited` or `disabled`.
    pub status: String,
    /// When they were added.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When they last signed in; 0: never.
    #[diesel(deserialize_as = i64)]
    pub signed_in_at: Timestamp,
}

/// A person to add.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    /// Address in its compared form.
    pub email: &'a str,
    /// Name.
    pub name: &'a str,
    /// Free slug.
    pub slug: &'a str,
    /// Hash of the password, or empty.
    pub password_hash: &'a str,
    /// How it was hashed.
    pub password_scheme: &'a str,
    /// `active` or `invited`.
    pub status: &'a str,
}

/// What a person says about themself.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = users)]
pub struct Profile {
    /// Name.
    pub name: String,
    /// A few lines.
    pub bio: String,
    /// Language tag, or empty.
    pub locale: String,
    /// JSON, or empty.
    pub appearance: String,
}
