//! Sessions of the panel. Only hashes of their tokens are stored (security rule C4).

use diesel::prelude::*;
use freehold_base::{AccountId, Error, Result, SessionId, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::{sessions, users};
use crate::users::User;
use crate::{SelfScope, ServerScope, Tx, each_backend};

/// A session.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Its id; never the token.
    #[diesel(deserialize_as = i64)]
    pub id: SessionId,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub user_id: UserId,
    /// Password accepted, second factor still wanted.
    pub half: bool,
    /// Network address at sign-in.
    pub address: String,
    /// The browser, as it names itself; at most 200 characters.
    pub agent: String,
    /// When it began.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[diesel(deserialize_as = i64)]
    pub seen_at: Timestamp,
    /// When the person last proved that it is them, by the wall clock; 0: never.
    #[diesel(deserialize_as = i64)]
    pub confirmed_at: Timestamp,
    /// See [`Session::acting`]; 0: none.
    #[diesel(deserialize_as = i64)]
    acting_account: AccountId,
}

impl Session {
    /// The account that it looks at as its owner.
    pub fn acting(&self) -> Option<AccountId> {
        (self.acting_account != AccountId(0)).then_some(self.acting_account)
    }
}

/// A session to begin.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Whose.
    pub user: UserId,
    /// Hash of its token.
    pub token_hash: &'a str,
    /// Whether the second factor is still wanted.
    pub half: bool,
    /// Network address.
    pub address: &'a str,
    /// The browser.
    pub agent: &'a str,
    /// When the person signed in: the absolute end counts from here.
    pub began: Timestamp,
}

/// Begins a session.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, new: &NewSession<'_>) -> Result<SessionId> {
    let confirmed_at = if new.half { 0 } else { tx.now().ms() };
    let row = (
        sessions::user_id.eq(new.user.get()),
        sessions::token_hash.eq(new.token_hash),
        sessions::half.eq(new.half),
        sessions::address.eq(new.address),
        sessions::agent.eq(new.agent),
        sessions::created_at.eq(new.began.ms()),
        sessions::seen_at.eq(new.began.ms()),
        sessions::confirmed_at.eq(confirmed_at),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(sessions::table)
        .values(row)
        .returning(sessions::id)
        .get_result(c))
    .or_db("beginning a session")?;
    Ok(SessionId(id))
}

/// The session behind a token's hash, with its person.
///
/// # Errors
/// Database failures.
pub fn find_by_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<(Session, User)>> {
    sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash))
        .select((Session::as_select(), User::as_select()))
        .first(tx.conn())
        .optional()
        .or_db("looking for the session")
}

/// One session with its person, for the second step of signing in.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<(Session, User)>> {
    sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id.get()))
        .select((Session::as_select(), User::as_select()))
        .first(tx.conn())
        .optional()
        .or_db("reading the session")
}

/// Notes that a session was used at `at`; never moves it back.
///
/// # Errors
/// Database failures.
pub fn touch(tx: &mut Tx<'_>, id: SessionId, at: Timestamp) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::id.eq(id.get())).filter(sessions::seen_at.lt(at.ms())))
        .set(sessions::seen_at.eq(at.ms()))
        .execute(tx.conn())
        .or_db("noting the session")?;
    Ok(())
}

/// Gives a session a new token, used at `at`, and makes it whole and fresh: the old token ends.
///
/// # Errors
/// `NotFound("session")`.
pub fn renew(tx: &mut Tx<'_>, id: SessionId, token_hash: &str, at: Timestamp) -> Result<()> {
    let fresh = (sessions::half.eq(false), sessions::seen_at.eq(at.ms()), sessions::confirmed_at.eq(tx.now().ms()));
    let changed = diesel::update(sessions::table.filter(sessions::id.eq(id.get())))
        .set((sessions::token_hash.eq(token_hash), fresh))
        .execute(tx.conn())
        .or_db("renewing the session")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("session")) }
}

/// Makes a session look at an account as its owner, under a new token; `None`: as the person again.
///
/// # Errors
/// `NotFound("session")`.
pub fn act_as(tx: &mut Tx<'_>, id: SessionId, account: Option<AccountId>, token_hash: &str) -> Result<()> {
    let changed = diesel::update(sessions::table.filter(sessions::id.eq(id.get())))
        .set((sessions::acting_account.eq(account.map_or(0, AccountId::get)), sessions::token_hash.eq(token_hash)))
        .execute(tx.conn())
        .or_db("opening the account")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("session")) }
}

/// A person's own whole sessions, last used first; at most 100.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, me: SelfScope) -> Result<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(me.get()))
        .filter(sessions::half.eq(false))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .limit(100)
        .select(Session::as_select())
        .load(tx.conn())
        .or_db("listing sessions")
}

/// Somebody's whole sessions, last used first; at most 100.
///
/// # Errors
/// Database failures.
pub fn list_of(tx: &mut Tx<'_>, _server: ServerScope, user: UserId) -> Result<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(user.get()))
        .filter(sessions::half.eq(false))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .limit(100)
        .select(Session::as_select())
        .load(tx.conn())
        .or_db("listing sessions")
}

/// Whole sessions of everybody that began before a moment, oldest first, with their people; at most 100.
///
/// # Errors
/// Database failures.
pub fn begun_before(tx: &mut Tx<'_>, _server: ServerScope, before: Timestamp) -> Result<Vec<(Session, User)>> {
    sessions::table
        .inner_join(users::table)
        .filter(sessions::half.eq(false))
        .filter(sessions::created_at.lt(before.ms()))
        .order((sessions::created_at, sessions::id))
        .limit(100)
        .select((Session::as_select(), User::as_select()))
        .load(tx.conn())
        .or_db("listing sessions")
}

/// Ends one of a person's own sessions.
///
/// # Errors
/// `NotFound("session")`.
pub fn end(tx: &mut Tx<'_>, me: SelfScope, id: SessionId) -> Result<()> {
    let gone = diesel::delete(sessions::table.filter(sessions::user_id.eq(me.get())).filter(sessions::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("ending the session")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("session")) }
}

/// Ends somebody's session; gives how many there were.
///
/// # Errors
/// Database failures.
pub fn end_of(tx: &mut Tx<'_>, _server: ServerScope, id: SessionId) -> Result<usize> {
    diesel::delete(sessions::table.filter(sessions::id.eq(id.get()))).execute(tx.conn()).or_db("ending the session")
}

/// Ends whatever session has this token; gives whose it was.
///
/// # Errors
/// Database failures.
pub fn end_by_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<UserId>> {
    let user: Option<i64> =
        each_backend!(tx.conn(), |c| diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash)))
            .returning(sessions::user_id)
            .get_result(c)
            .optional())
        .or_db("ending the session")?;
    Ok(user.map(UserId))
}

/// Ends all sessions of a person, save one; gives how many.
///
/// # Errors
/// Database failures.
pub fn end_all(tx: &mut Tx<'_>, user: UserId, save: Option<SessionId>) -> Result<usize> {
    diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(user.get()))
            .filter(sessions::id.ne(save.map_or(0, SessionId::get))),
    )
    .execute(tx.conn())
    .or_db("ending sessions")
}

/// Deletes sessions that nobody can use any more; gives how many.
///
/// # Errors
/// Database failures.
pub fn prune(tx: &mut Tx<'_>, seen_before: Timestamp, begun_before: Timestamp) -> Result<usize> {
    diesel::delete(
        sessions::table.filter(sessions::seen_at.le(seen_before.ms()).or(sessions::created_at.le(begun_before.ms()))),
    )
    .execute(tx.conn())
    .or_db("pruning sessions")
}
