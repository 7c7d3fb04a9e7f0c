//! Passkeys of people: public keys and what a server must remember of them. The secret half never leaves its device.

use diesel::prelude::*;
use freehold_base::{Code, Error, PasskeyId, Result, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::{passkeys, users};
use crate::users::User;
use crate::{ServerScope, Tx, each_backend};

/// A passkey.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = passkeys)]
pub struct Passkey {
    /// Its number.
    #[diesel(deserialize_as = i64)]
    pub id: PasskeyId,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub user_id: UserId,
    /// What its person calls it.
    pub name: String,
    /// The number its device gave it, as URL-safe base64.
    pub credential_id: String,
    /// Public key and counter, as JSON.
    pub credential: String,
    /// When it was added.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it was last used; 0: never.
    #[diesel(deserialize_as = i64)]
    pub used_at: Timestamp,
}

/// A passkey to store.
#[derive(Clone, Debug)]
pub struct NewPasskey<'a> {
    /// Whose.
    pub user: UserId,
    /// What its person calls it.
    pub name: &'a str,
    /// The number its device gave it.
    pub credential_id: &'a str,
    /// Public key and counter, as JSON.
    pub credential: &'a str,
}

/// Adds a passkey to its person and to their count.
///
/// # Errors
/// `PasskeyTaken` where somebody has it already.
pub fn insert(tx: &mut Tx<'_>, new: &NewPasskey<'_>) -> Result<PasskeyId> {
    let row = (
        passkeys::user_id.eq(new.user.get()),
        passkeys::name.eq(new.name),
        passkeys::credential_id.eq(new.credential_id),
        passkeys::credential.eq(new.credential),
        passkeys::created_at.eq(tx.now().ms()),
        passkeys::used_at.eq(0),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(passkeys::table)
        .values(row)
        .returning(passkeys::id)
        .get_result(c))
    .or_db("adding the passkey")
    .map_err(|e| if e.as_code() == Code::AlreadyExists { Error::code(Code::PasskeyTaken) } else { e })?;
    count(tx, new.user)?;
    Ok(PasskeyId(id))
}

/// A person's passkeys, oldest first; at most 50.
///
/// # Errors
/// Database failures.
pub fn of_person(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Passkey>> {
    passkeys::table
        .filter(passkeys::user_id.eq(user.get()))
        .order(passkeys::id)
        .limit(50)
        .select(Passkey::as_select())
        .load(tx.conn())
        .or_db("listing passkeys")
}

/// Somebody's passkeys, for the hosting admin.
///
/// # Errors
/// Database failures.
pub fn list_of(tx: &mut Tx<'_>, _server: ServerScope, user: UserId) -> Result<Vec<Passkey>> {
    of_person(tx, user)
}

/// The passkey with this number of its device, and its person.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, credential_id: &str) -> Result<Option<(Passkey, User)>> {
    passkeys::table
        .inner_join(users::table)
        .filter(passkeys::credential_id.eq(credential_id))
        .select((Passkey::as_select(), User::as_select()))
        .first(tx.conn())
        .optional()
        .or_db("looking for the passkey")
}

/// Notes a use, with what the key says of itself now; `false` where another use came between.
///
/// # Errors
/// Database failures.
pub fn used(tx: &mut Tx<'_>, key: &Passkey, credential: &str) -> Result<bool> {
    let now = tx.now().ms();
    let changed = diesel::update(
        passkeys::table.filter(passkeys::id.eq(key.id.get())).filter(passkeys::credential.eq(&key.credential)),
    )
    .set((passkeys::credential.eq(credential), passkeys::used_at.eq(now)))
    .execute(tx.conn())
    .or_db("noting the use of a passkey")?;
    Ok(changed == 1)
}

/// Calls a person's passkey something else.
///
/// # Errors
/// `NotFound("passkey")`.
pub fn rename(tx: &mut Tx<'_>, user: UserId, id: PasskeyId, name: &str) -> Result<()> {
    let changed =
        diesel::update(passkeys::table.filter(passkeys::user_id.eq(user.get())).filter(passkeys::id.eq(id.get())))
            .set(passkeys::name.eq(name))
            .execute(tx.conn())
            .or_db("renaming the passkey")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("passkey")) }
}

/// Takes one of a person's passkeys away; gives its name.
///
/// # Errors
/// `NotFound("passkey")`.
pub fn delete(tx: &mut Tx<'_>, user: UserId, id: PasskeyId) -> Result<String> {
    let name: Option<String> = each_backend!(tx.conn(), |c| diesel::delete(
        passkeys::table.filter(passkeys::user_id.eq(user.get())).filter(passkeys::id.eq(id.get()))
    )
    .returning(passkeys::name)
    .get_result(c)
    .optional())
    .or_db("removing the passkey")?;
    count(tx, user)?;
    name.ok_or_else(|| Error::not_found("passkey"))
}

/// Takes all of a person's passkeys away.
///
/// # Errors
/// Database failures.
pub fn delete_all(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    diesel::delete(passkeys::table.filter(passkeys::user_id.eq(user.get())))
        .execute(tx.conn())
        .or_db("removing passkeys")?;
    count(tx, user)
}

/// The count stands beside the person: every request looks at it.
fn count(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let n: i64 = passkeys::table
        .filter(passkeys::user_id.eq(user.get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting passkeys")?;
    diesel::update(users::table.filter(users::id.eq(user.get())))
        .set(users::passkeys.eq(n))
        .execute(tx.conn())
        .or_db("counting passkeys")?;
    Ok(())
}
