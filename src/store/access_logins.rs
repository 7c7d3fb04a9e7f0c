//! Logins to the files of accounts, and the SSH keys of logins and of people (rows H082 to H086).

use diesel::prelude::*;
use freehold_base::{AccountId, Error, KeyId, LoginId, Result, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::{access_logins, accounts, login_keys, user_keys};
use crate::{AccountScope, CustomersScope, SelfScope, Tx, each_backend};

/// A login to the files of an account.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = access_logins)]
pub struct Login {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: LoginId,
    /// Whose files.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// What is typed as the user name: lower case, unique on the installation.
    pub name: String,
    /// The folder below the account's home that it cannot leave; empty: the home itself.
    pub home: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Names of services with spaces between: `sftp webdav ftp`.
    pub services: String,
    /// Hash of the password; empty: only keys open it.
    pub password_hash: String,
    /// How it was hashed.
    pub password_scheme: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it was last used, to the minute; 0: never.
    #[diesel(deserialize_as = i64)]
    pub used_at: Timestamp,
    /// Network address of that use.
    pub used_from: String,
}

/// A login to store.
#[derive(Clone, Debug)]
pub struct NewLogin<'a> {
    /// What is typed as the user name.
    pub name: &'a str,
    /// The folder below the account's home.
    pub home: &'a str,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Names of services with spaces between.
    pub services: &'a str,
    /// Hash of the password, or empty.
    pub password_hash: &'a str,
    /// How it was hashed.
    pub password_scheme: &'a str,
}

/// What of a login may change.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = access_logins)]
pub struct LoginEdit {
    /// The folder below the account's home.
    pub home: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Names of services with spaces between.
    pub services: String,
}

/// An SSH key that opens a login, or all that a person may see.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: String,
    /// `ssh-ed25519` and the like.
    pub kind: String,
    /// `SHA256:…`
    pub fingerprint: String,
    /// The line of OpenSSH without its comment.
    pub public_key: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used, to the minute; 0: never.
    pub used_at: Timestamp,
    /// Network address of that use.
    pub used_from: String,
}

/// A key to store.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    /// What its owner calls it.
    pub name: &'a str,
    /// `ssh-ed25519` and the like.
    pub kind: &'a str,
    /// `SHA256:…`
    pub fingerprint: &'a str,
    /// The line of OpenSSH without its comment.
    pub public_key: &'a str,
}

/// Most rows of one list.
const MOST: i64 = 500;

/// Stores a login.
///
/// # Errors
/// `AlreadyExists` where the name is taken, on any account.
pub fn insert(tx: &mut Tx<'_>, account: AccountScope, new: &NewLogin<'_>) -> Result<LoginId> {
    let row = (
        access_logins::account_id.eq(account.id().get()),
        access_logins::name.eq(new.name),
        access_logins::home.eq(new.home),
        access_logins::read_only.eq(new.read_only),
        access_logins::services.eq(new.services),
        access_logins::password_hash.eq(new.password_hash),
        access_logins::password_scheme.eq(new.password_scheme),
        access_logins::created_at.eq(tx.now().ms()),
        access_logins::used_at.eq(0),
        access_logins::used_from.eq(""),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(access_logins::table)
        .values(row)
        .returning(access_logins::id)
        .get_result(c))
    .or_db("storing the login")?;
    Ok(LoginId(id))
}

/// Whether any login of the installation has this name. Names are unique across accounts: who makes one must know.
///
/// # Errors
/// Database failures.
pub fn is_taken(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(find_by_name(tx, name)?.is_some())
}

/// The login that signs in with this name.
///
/// # Errors
/// Database failures.
pub fn find_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Login>> {
    access_logins::table
        .filter(access_logins::name.eq(name))
        .select(Login::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the login")
}

/// The login of a session that lives.
///
/// # Errors
/// Database failures.
pub fn find_live(tx: &mut Tx<'_>, account: AccountScope, id: LoginId) -> Result<Option<Login>> {
    access_logins::table
        .filter(access_logins::account_id.eq(account.id().get()))
        .filter(access_logins::id.eq(id.get()))
        .select(Login::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the login")
}

/// One login of an account.
///
/// # Errors
/// `NotFound("login")`.
pub fn find(tx: &mut Tx<'_>, account: AccountScope, id: LoginId) -> Result<Login> {
    find_live(tx, account, id)?.ok_or_else(|| Error::not_found("login"))
}

/// Logins of an account by name; at most 500.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<Login>> {
    access_logins::table
        .filter(access_logins::account_id.eq(account.id().get()))
        .order(access_logins::name)
        .limit(MOST)
        .select(Login::as_select())
        .load(tx.conn())
        .or_db("listing logins")
}

/// How many logins an account has.
///
/// # Errors
/// Database failures.
pub fn count(tx: &mut Tx<'_>, account: AccountScope) -> Result<i64> {
    access_logins::table
        .filter(access_logins::account_id.eq(account.id().get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting logins")
}

/// Changes a login.
///
/// # Errors
/// `NotFound("login")`.
pub fn update(tx: &mut Tx<'_>, account: AccountScope, id: LoginId, edit: &LoginEdit) -> Result<()> {
    let one = access_logins::table
        .filter(access_logins::account_id.eq(account.id().get()))
        .filter(access_logins::id.eq(id.get()));
    let changed = diesel::update(one).set(edit).execute(tx.conn()).or_db("changing the login")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("login")) }
}

/// Sets the password of a login; an empty hash takes it away.
///
/// # Errors
/// `NotFound("login")`.
pub fn set_password(tx: &mut Tx<'_>, account: AccountScope, id: LoginId, hash: &str, scheme: &str) -> Result<()> {
    let one = access_logins::table
        .filter(access_logins::account_id.eq(account.id().get()))
        .filter(access_logins::id.eq(id.get()));
    let changed = diesel::update(one)
        .set((access_logins::password_hash.eq(hash), access_logins::password_scheme.eq(scheme)))
        .execute(tx.conn())
        .or_db("setting the login's password")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("login")) }
}

/// Takes a login away, and its keys with it.
///
/// # Errors
/// `NotFound("login")`.
pub fn delete(tx: &mut Tx<'_>, account: AccountScope, id: LoginId) -> Result<()> {
    let one = access_logins::table
        .filter(access_logins::account_id.eq(account.id().get()))
        .filter(access_logins::id.eq(id.get()));
    let gone = diesel::delete(one).execute(tx.conn()).or_db("removing the login")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("login")) }
}

/// Notes that a login is used now.
///
/// # Errors
/// Database failures.
pub fn touch(tx: &mut Tx<'_>, account: AccountId, id: LoginId, address: &str) -> Result<()> {
    let one =
        access_logins::table.filter(access_logins::account_id.eq(account.get())).filter(access_logins::id.eq(id.get()));
    let now = tx.now().ms();
    diesel::update(one)
        .set((access_logins::used_at.eq(now), access_logins::used_from.eq(address)))
        .execute(tx.conn())
        .or_db("noting the login")?;
    Ok(())
}

/// What people call an account that is in use; `None` for one that is not.
///
/// # Errors
/// Database failures.
pub fn title_of_active(tx: &mut Tx<'_>, account: AccountScope) -> Result<Option<String>> {
    accounts::table
        .filter(accounts::id.eq(account.id().get()))
        .filter(accounts::status.eq("active"))
        .select(accounts::title)
        .first(tx.conn())
        .optional()
        .or_db("reading the account")
}

/// Accounts in use by name, at most 500: what somebody sees who may look into customers' files.
///
/// # Errors
/// Database failures.
pub fn accounts_of(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<AccountId>> {
    let mut query = accounts::table.filter(accounts::status.eq("active")).into_boxed();
    if let Some(resellers) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(resellers.to_vec()));
    }
    let ids: Vec<i64> =
        query.order(accounts::name).limit(MOST).select(accounts::id).load(tx.conn()).or_db("listing accounts")?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Up to two accounts of any state that somebody may look into: whether there are several.
///
/// # Errors
/// Database failures.
pub fn any_two(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<AccountId>> {
    let mut query = accounts::table.into_boxed();
    if let Some(resellers) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(resellers.to_vec()));
    }
    let ids: Vec<i64> =
        query.order(accounts::id).limit(2).select(accounts::id).load(tx.conn()).or_db("counting accounts")?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// A key as both tables give it.
type KeyRow = (i64, String, String, String, String, i64, i64, String);

/// The columns of [`KeyRow`] in one of the two tables.
macro_rules! key_columns {
    ($table:ident) => {
        (
            $table::id,
            $table::name,
            $table::kind,
            $table::fingerprint,
            $table::public_key,
            $table::created_at,
            $table::used_at,
            $table::used_from,
        )
    };
}

impl From<KeyRow> for Key {
    fn from((id, name, kind, fingerprint, public_key, created_at, used_at, used_from): KeyRow) -> Self {
        let (created_at, used_at) = (Timestamp(created_at), Timestamp(used_at));
        Self { id: KeyId(id), name, kind, fingerprint, public_key, created_at, used_at, used_from }
    }
}

/// Adds a key to a login of the account.
///
/// # Errors
/// `NotFound("login")`, `AlreadyExists`.
pub fn insert_login_key(tx: &mut Tx<'_>, account: AccountScope, login: LoginId, new: &NewKey<'_>) -> Result<KeyId> {
    find(tx, account, login)?;
    let row = (
        login_keys::account_id.eq(account.id().get()),
        login_keys::login_id.eq(login.get()),
        login_keys::name.eq(new.name),
        login_keys::kind.eq(new.kind),
        login_keys::fingerprint.eq(new.fingerprint),
        login_keys::public_key.eq(new.public_key),
        login_keys::created_at.eq(tx.now().ms()),
        login_keys::used_at.eq(0),
        login_keys::used_from.eq(""),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(login_keys::table)
        .values(row)
        .returning(login_keys::id)
        .get_result(c))
    .or_db("storing the SSH key")?;
    Ok(KeyId(id))
}

/// Keys of all logins of an account, each with its login; at most 500.
///
/// # Errors
/// Database failures.
pub fn login_keys_of(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<(LoginId, Key)>> {
    let rows: Vec<(i64, KeyRow)> = login_keys::table
        .filter(login_keys::account_id.eq(account.id().get()))
        .order((login_keys::login_id, login_keys::id))
        .limit(MOST)
        .select((login_keys::login_id, key_columns!(login_keys)))
        .load(tx.conn())
        .or_db("listing SSH keys")?;
    Ok(rows.into_iter().map(|(login, key)| (LoginId(login), key.into())).collect())
}

/// Takes a key away from a login of the account.
///
/// # Errors
/// `NotFound("SSH key")`.
pub fn delete_login_key(tx: &mut Tx<'_>, account: AccountScope, login: LoginId, key: KeyId) -> Result<()> {
    let one = login_keys::table
        .filter(login_keys::account_id.eq(account.id().get()))
        .filter(login_keys::login_id.eq(login.get()))
        .filter(login_keys::id.eq(key.get()));
    let gone = diesel::delete(one).execute(tx.conn()).or_db("removing the SSH key")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("SSH key")) }
}

/// How many keys a login of the account has.
///
/// # Errors
/// Database failures.
pub fn count_login_keys(tx: &mut Tx<'_>, account: AccountScope, login: LoginId) -> Result<i64> {
    login_keys::table
        .filter(login_keys::account_id.eq(account.id().get()))
        .filter(login_keys::login_id.eq(login.get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting SSH keys")
}

/// The key of a login with this fingerprint, for signing in.
///
/// # Errors
/// Database failures.
pub fn login_key(tx: &mut Tx<'_>, login: &Login, fingerprint: &str) -> Result<Option<Key>> {
    let row: Option<KeyRow> = login_keys::table
        .filter(login_keys::account_id.eq(login.account_id.get()))
        .filter(login_keys::login_id.eq(login.id.get()))
        .filter(login_keys::fingerprint.eq(fingerprint))
        .select(key_columns!(login_keys))
        .first(tx.conn())
        .optional()
        .or_db("looking for the SSH key")?;
    Ok(row.map(Key::from))
}

/// Notes that a key of a login is used now.
///
/// # Errors
/// Database failures.
pub fn touch_login_key(tx: &mut Tx<'_>, account: AccountId, key: KeyId, address: &str) -> Result<()> {
    let one = login_keys::table.filter(login_keys::account_id.eq(account.get())).filter(login_keys::id.eq(key.get()));
    let now = tx.now().ms();
    diesel::update(one)
        .set((login_keys::used_at.eq(now), login_keys::used_from.eq(address)))
        .execute(tx.conn())
        .or_db("noting the SSH key")?;
    Ok(())
}

/// Adds a key to the person.
///
/// # Errors
/// `AlreadyExists`.
pub fn insert_user_key(tx: &mut Tx<'_>, me: SelfScope, new: &NewKey<'_>) -> Result<KeyId> {
    let row = (
        user_keys::user_id.eq(me.get()),
        user_keys::name.eq(new.name),
        user_keys::kind.eq(new.kind),
        user_keys::fingerprint.eq(new.fingerprint),
        user_keys::public_key.eq(new.public_key),
        user_keys::created_at.eq(tx.now().ms()),
        user_keys::used_at.eq(0),
        user_keys::used_from.eq(""),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(user_keys::table)
        .values(row)
        .returning(user_keys::id)
        .get_result(c))
    .or_db("storing the SSH key")?;
    Ok(KeyId(id))
}

/// Keys of the person, oldest first; at most 500.
///
/// # Errors
/// Database failures.
pub fn user_keys(tx: &mut Tx<'_>, me: SelfScope) -> Result<Vec<Key>> {
    let rows: Vec<KeyRow> = user_keys::table
        .filter(user_keys::user_id.eq(me.get()))
        .order(user_keys::id)
        .limit(MOST)
        .select(key_columns!(user_keys))
        .load(tx.conn())
        .or_db("listing SSH keys")?;
    Ok(rows.into_iter().map(Key::from).collect())
}

/// How many keys the person has.
///
/// # Errors
/// Database failures.
pub fn count_user_keys(tx: &mut Tx<'_>, me: SelfScope) -> Result<i64> {
    let all = user_keys::table.filter(user_keys::user_id.eq(me.get()));
    all.count().get_result(tx.conn()).or_db("counting SSH keys")
}

/// Takes a key away from the person.
///
/// # Errors
/// `NotFound("SSH key")`.
pub fn delete_user_key(tx: &mut Tx<'_>, me: SelfScope, key: KeyId) -> Result<()> {
    let one = user_keys::table.filter(user_keys::user_id.eq(me.get())).filter(user_keys::id.eq(key.get()));
    let gone = diesel::delete(one).execute(tx.conn()).or_db("removing the SSH key")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("SSH key")) }
}

/// The key of a person with this fingerprint, for signing in.
///
/// # Errors
/// Database failures.
pub fn user_key(tx: &mut Tx<'_>, user: UserId, fingerprint: &str) -> Result<Option<Key>> {
    let row: Option<KeyRow> = user_keys::table
        .filter(user_keys::user_id.eq(user.get()))
        .filter(user_keys::fingerprint.eq(fingerprint))
        .select(key_columns!(user_keys))
        .first(tx.conn())
        .optional()
        .or_db("looking for the SSH key")?;
    Ok(row.map(Key::from))
}

/// Notes that a key of a person is used now.
///
/// # Errors
/// Database failures.
pub fn touch_user_key(tx: &mut Tx<'_>, user: UserId, key: KeyId, address: &str) -> Result<()> {
    let one = user_keys::table.filter(user_keys::user_id.eq(user.get())).filter(user_keys::id.eq(key.get()));
    let now = tx.now().ms();
    diesel::update(one)
        .set((user_keys::used_at.eq(now), user_keys::used_from.eq(address)))
        .execute(tx.conn())
        .or_db("noting the SSH key")?;
    Ok(())
}
