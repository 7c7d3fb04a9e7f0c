//! Tokens of programs. Only hashes are stored (security rule C8).

use diesel::prelude::*;
use freehold_base::capability::Capabilities;
use freehold_base::{Capability, Error, Result, SiteId, Timestamp, TokenId, UserId};

use crate::conn::OrDb as _;
use crate::schema::{tokens, users};
use crate::{SelfScope, ServerScope, Tx, each_backend};

/// A token, without its secret.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tokens)]
pub struct Token {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: TokenId,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub user_id: UserId,
    /// The only site it may touch; 0: no such bound.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// What it is for, in its person's words.
    pub name: String,
    /// Names of capabilities, with spaces between.
    pub scopes: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When it ends; 0: never.
    #[diesel(deserialize_as = i64)]
    pub expires_at: Timestamp,
    /// When it was last used, to the minute; 0: never.
    #[diesel(deserialize_as = i64)]
    pub used_at: Timestamp,
    /// Network address of that use.
    pub used_from: String,
    /// Networks that it may be used from, with spaces between; empty: any.
    pub addresses: String,
}

impl Token {
    /// The scopes as a set. A name that this release does not know allows nothing.
    pub fn capabilities(&self) -> Capabilities {
        let list: Vec<Capability> = self.scopes.split(' ').filter_map(Capability::by_name).collect();
        Capabilities::of(&list)
    }
    /// The networks it may be used from; none: any.
    pub fn networks(&self) -> Vec<&str> {
        self.addresses.split(' ').filter(|n| !n.is_empty()).collect()
    }
    /// The site it is bound to.
    pub fn site(&self) -> Option<SiteId> {
        (self.site_id.get() != 0).then_some(self.site_id)
    }
}

/// A token to store.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// Whose.
    pub user: UserId,
    /// The only site it may touch.
    pub site: Option<SiteId>,
    /// What it is for.
    pub name: &'a str,
    /// Hash of the secret.
    pub token_hash: &'a str,
    /// Names of capabilities, with spaces between.
    pub scopes: &'a str,
    /// When it ends; 0: never.
    pub expires_at: Timestamp,
    /// Networks that it may be used from, with spaces between; empty: any.
    pub addresses: &'a str,
}

/// Stores a token.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, new: &NewToken<'_>) -> Result<TokenId> {
    let row = (
        tokens::user_id.eq(new.user.get()),
        tokens::site_id.eq(new.site.map_or(0, SiteId::get)),
        tokens::name.eq(new.name),
        tokens::token_hash.eq(new.token_hash),
        tokens::scopes.eq(new.scopes),
        tokens::created_at.eq(tx.now().ms()),
        tokens::expires_at.eq(new.expires_at.ms()),
        tokens::used_at.eq(0),
        tokens::used_from.eq(""),
        tokens::addresses.eq(new.addresses),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(tokens::table)
        .values(row)
        .returning(tokens::id)
        .get_result(c))
    .or_db("storing the token")?;
    Ok(TokenId(id))
}

/// The token behind a hash, with the status of its person.
///
/// # Errors
/// Database failures.
pub fn find_by_hash(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<(Token, String)>> {
    tokens::table
        .inner_join(users::table)
        .filter(tokens::token_hash.eq(token_hash))
        .select((Token::as_select(), users::status))
        .first(tx.conn())
        .optional()
        .or_db("looking for the token")
}

/// Notes that a token is used now.
///
/// # Errors
/// Database failures.
pub fn touch(tx: &mut Tx<'_>, id: TokenId, address: &str) -> Result<()> {
    let now = tx.now().ms();
    diesel::update(tokens::table.filter(tokens::id.eq(id.get())))
        .set((tokens::used_at.eq(now), tokens::used_from.eq(address)))
        .execute(tx.conn())
        .or_db("noting the token")?;
    Ok(())
}

/// A person's own tokens, newest first; at most 200.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, me: SelfScope) -> Result<Vec<Token>> {
    of(tx, me.user())
}

/// Somebody's tokens, newest first; at most 200.
///
/// # Errors
/// Database failures.
pub fn list_of(tx: &mut Tx<'_>, _server: ServerScope, user: UserId) -> Result<Vec<Token>> {
    of(tx, user)
}

/// Tokens of everybody that never end or may be used from anywhere, newest first, with the address of their person;
/// at most 100.
///
/// # Errors
/// Database failures.
pub fn loose(tx: &mut Tx<'_>, _server: ServerScope) -> Result<Vec<(Token, String)>> {
    tokens::table
        .inner_join(users::table)
        .filter(users::status.eq("active"))
        .filter(tokens::expires_at.eq(0).or(tokens::addresses.eq("")))
        .order(tokens::id.desc())
        .limit(100)
        .select((Token::as_select(), users::email))
        .load(tx.conn())
        .or_db("listing tokens")
}

fn of(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Token>> {
    tokens::table
        .filter(tokens::user_id.eq(user.get()))
        .order(tokens::id.desc())
        .limit(200)
        .select(Token::as_select())
        .load(tx.conn())
        .or_db("listing tokens")
}

/// Takes one of a person's own tokens away.
///
/// # Errors
/// `NotFound("token")`.
pub fn delete(tx: &mut Tx<'_>, me: SelfScope, id: TokenId) -> Result<()> {
    take(tx, me.user(), id)
}

/// Takes one of somebody's tokens away.
///
/// # Errors
/// `NotFound("token")`.
pub fn delete_of(tx: &mut Tx<'_>, _server: ServerScope, user: UserId, id: TokenId) -> Result<()> {
    take(tx, user, id)
}

fn take(tx: &mut Tx<'_>, user: UserId, id: TokenId) -> Result<()> {
    let gone = diesel::delete(tokens::table.filter(tokens::user_id.eq(user.get())).filter(tokens::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("revoking the token")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("token")) }
}
