//! Adding and changing people.

use diesel::prelude::*;
use freehold_base::{Code, Error, Result, UserId};

use super::{NewUser, Profile};
use crate::conn::OrDb as _;
use crate::schema::users;
use crate::{SelfScope, Tx, each_backend};

/// Adds a person.
///
/// # Errors
/// `EmailTaken`; the slug must be free, see [`slugs_like`].
pub fn insert(tx: &mut Tx<'_>, new: &NewUser<'_>) -> Result<UserId> {
    let row = (
        new,
        users::bio.eq(""),
        users::locale.eq(""),
        users::appearance.eq(""),
        users::totp_sealed.eq(""),
        users::totp_pending.eq(""),
        users::totp_last_step.eq(0),
        users::created_at.eq(tx.now().ms()),
        users::signed_in_at.eq(0),
        users::passkeys.eq(0),
    );
    let id: i64 =
        each_backend!(tx.conn(), |c| diesel::insert_into(users::table).values(row).returning(users::id).get_result(c))
            .or_db("adding the person")
            .map_err(email_taken)?;
    Ok(UserId(id))
}

/// Turns a taken address into its own code.
fn email_taken(e: Error) -> Error {
    if e.as_code() == Code::AlreadyExists { Error::code(Code::EmailTaken) } else { e }
}

/// Stores a profile.
///
/// # Errors
/// Database failures.
pub fn save_profile(tx: &mut Tx<'_>, me: SelfScope, profile: &Profile) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(me.get())))
        .set(profile)
        .execute(tx.conn())
        .or_db("saving the profile")?;
    Ok(())
}

/// Sets the password if it is still `expected`; gives whether it was.
///
/// # Errors
/// Database failures.
pub fn replace_password(tx: &mut Tx<'_>, id: UserId, expected: &str, hash: &str, scheme: &str) -> Result<bool> {
    let changed = diesel::update(users::table.filter(users::id.eq(id.get())).filter(users::password_hash.eq(expected)))
        .set((users::password_hash.eq(hash), users::password_scheme.eq(scheme)))
        .execute(tx.conn())
        .or_db("setting the password")?;
    Ok(changed == 1)
}

/// Sets the status.
///
/// # Errors
/// Database failures.
pub fn set_status(tx: &mut Tx<'_>, id: UserId, status: &str) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set(users::status.eq(status))
        .execute(tx.conn())
        .or_db("changing the person")?;
    Ok(())
}

/// Makes an invited person active, under the name they give.
///
/// # Errors
/// Database failures.
pub fn accept(tx: &mut Tx<'_>, id: UserId, name: &str) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set((users::status.eq("active"), users::name.eq(name)))
        .execute(tx.conn())
        .or_db("accepting the invitation")?;
    Ok(())
}

/// Notes that somebody signed in now.
///
/// # Errors
/// Database failures.
pub fn set_signed_in(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    let now = tx.now().ms();
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set(users::signed_in_at.eq(now))
        .execute(tx.conn())
        .or_db("noting the sign-in")?;
    Ok(())
}
