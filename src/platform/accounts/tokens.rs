//! Tokens of programs (security rule C8): a person's rights, cut to scopes, perhaps a site, and a time.

use std::sync::Arc;
use std::time::Duration;

use freehold_base::capability::Capabilities;
use freehold_base::{Capability, Code, Error, Network, Result, Secret, SiteId, Timestamp, TokenId, UserId, text};
use freehold_store::tokens::{NewToken, Token};
use freehold_store::tx::audit::Chain;
use freehold_store::{Actor, ActorKind, Tx, failures, roles, tokens, users};

use super::named;
use crate::secrets::tokens::{api_token_hash, new_api_token};

/// Use of a token is written down at most this often.
const TOUCH_MS: i64 = 60_000;
/// A use from a wrong address is written down at most this often.
const REFUSED: Duration = Duration::from_secs(60);
/// Most networks of a token.
const NETWORKS: usize = 20;

/// A token to make.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// What it is for; at most 100 characters.
    pub name: String,
    /// What it allows at most; not empty.
    pub scopes: Vec<Capability>,
    /// The only site it may touch.
    pub site: Option<SiteId>,
    /// When it ends; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// Networks that it may be used from; empty: any. At most 20.
    pub addresses: Vec<Network>,
}

/// A token just made.
#[derive(Clone, Debug)]
pub struct CreatedToken {
    /// Its id.
    pub id: TokenId,
    /// What the program sends. Shown once.
    pub secret: Secret,
}

/// Who a token belongs to.
#[derive(Clone, Debug)]
pub struct TokenUser {
    /// For reads and writes.
    pub actor: Actor,
    /// Which token.
    pub token: TokenId,
    /// Call [`touch`] in the background.
    pub wants_touch: bool,
}

/// Makes a token for the signed-in person. A token makes no tokens.
///
/// # Errors
/// `Denied` (a token asks), `SignInRequired`, `ConfirmNeeded`, `NotFound("site")`, `Invalid` (name, scopes, expires_at,
/// addresses).
pub fn create(tx: &mut Tx<'_>, request: &TokenRequest) -> Result<CreatedToken> {
    let me = tx.authorize_in_person()?;
    tx.need_fresh("make a token")?;
    if let Some(site) = request.site {
        // What they may not see does not exist for them.
        if tx.scope_of(site)?.capabilities() == Capabilities::NONE {
            return Err(Error::not_found("site"));
        }
    }
    insert(tx, me.user(), request)
}

/// Makes a token for somebody, from the command line of the machine only.
///
/// # Errors
/// `Denied` for anybody but the installation itself, `NotFound` (`person`, `site`), `Invalid`.
pub fn create_for(tx: &mut Tx<'_>, user: UserId, request: &TokenRequest) -> Result<CreatedToken> {
    if tx.actor().kind != ActorKind::System {
        return Err(Error::denied());
    }
    if let Some(site) = request.site {
        tx.scope_of(site)?;
    }
    insert(tx, user, request)
}

fn insert(tx: &mut Tx<'_>, user: UserId, request: &TokenRequest) -> Result<CreatedToken> {
    let name = text::required_line("name", &request.name, 100)?;
    if request.scopes.is_empty() {
        return Err(Error::invalid("scopes", Code::Required, ""));
    }
    if request.expires_at.is_some_and(|at| at <= tx.now()) {
        return Err(Error::invalid("expires_at", Code::DateMalformed, ""));
    }
    if request.addresses.len() > NETWORKS {
        return Err(Error::invalid("addresses", Code::TooLong, NETWORKS.to_string()));
    }
    let person = users::find(tx, user)?;
    let addresses = request.addresses.iter().map(Network::to_string).collect::<Vec<_>>().join(" ");
    let scopes: Vec<&str> = Capabilities::of(&request.scopes).iter().map(Capability::name).collect();
    let scopes = scopes.join(" ");
    let token = new_api_token()?;
    let expires_at = request.expires_at.unwrap_or(Timestamp(0));
    let row = NewToken {
        user,
        site: request.site,
        name: &name,
        token_hash: &token.hash,
        scopes: &scopes,
        expires_at,
        addresses: &addresses,
    };
    let id = tokens::insert(tx, &row)?;
    tx.audit(Chain::Server, "token.create", named(user, &person.email), format!("token {id}: {scopes}"));
    Ok(CreatedToken { id, secret: token.secret })
}

/// The person behind a token, with its limits; `None` where it does not count (any more). The actor's address is the
/// reader's.
///
/// # Errors
/// `TokenElsewhere` from an address that is none of its own: then [`note_elsewhere`].
pub fn authenticate(tx: &mut Tx<'_>, given: &str) -> Result<Option<TokenUser>> {
    let Some(hash) = api_token_hash(given) else { return Ok(None) };
    let Some((token, status)) = tokens::find_by_hash(tx, &hash)? else { return Ok(None) };
    let now = tx.now();
    let over = token.expires_at.ms() != 0 && token.expires_at <= now;
    if over || status != "active" {
        return Ok(None);
    }
    if !fits(&token, &tx.actor().address) {
        return Err(Error::refused(Code::TokenElsewhere, tx.actor().address.to_string()));
    }
    let grants = roles::grants_of(tx, token.user_id)?;
    let (scopes, site) = (token.capabilities(), token.site());
    let kind = ActorKind::Token { user: token.user_id, token: token.id, scopes, site };
    let actor = Actor { kind, address: tx.actor().address.clone(), grants: Arc::new(grants), acting: None };
    let wants_touch = now.ms() - token.used_at.ms() >= TOUCH_MS;
    Ok(Some(TokenUser { actor, token: token.id, wants_touch }))
}

/// Whether a token may be used from an address.
fn fits(token: &Token, address: &str) -> bool {
    let networks = token.networks();
    let inside = |address| networks.iter().any(|n| Network::parse("addresses", n).is_ok_and(|n| n.holds(address)));
    networks.is_empty() || address.parse().is_ok_and(inside)
}

/// Writes down that a token was used from a wrong address: once a minute, so that nobody fills the log with it.
///
/// # Errors
/// Database failures.
pub fn note_elsewhere(tx: &mut Tx<'_>, given: &str) -> Result<()> {
    let Some(hash) = api_token_hash(given) else { return Ok(()) };
    let Some((token, _)) = tokens::find_by_hash(tx, &hash)? else { return Ok(()) };
    let subject = format!("token:{}", token.id);
    let since = tx.now().minus(REFUSED);
    if failures::recent(tx, &subject, since)?.0 == 0 {
        failures::insert(tx, &subject)?;
        let what = format!("token {} of person {}", token.id, token.user_id);
        tx.audit(Chain::Server, "token.refuse", what, "from an address that is none of its own");
    }
    Ok(())
}

/// Writes down that a token is in use. No audit row: nothing changes but a time.
///
/// # Errors
/// Database failures.
pub fn touch(tx: &mut Tx<'_>, id: TokenId) -> Result<()> {
    let address = tx.actor().address.clone();
    tokens::touch(tx, id, &address)
}

/// The signed-in person's own tokens, newest first.
///
/// # Errors
/// `SignInRequired`, `Denied`.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Token>> {
    let me = tx.authorize_self()?;
    tokens::list(tx, me)
}

/// Somebody's tokens, newest first, for the hosting admin and the command line.
///
/// # Errors
/// `Denied`, `NotFound("person")`.
pub fn list_of(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Token>> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    users::find(tx, user)?;
    tokens::list_of(tx, server, user)
}

/// Ends one of somebody's tokens, from the command line of the machine only.
///
/// # Errors
/// `Denied` for anybody but the installation itself, `NotFound` (`person`, `token`).
pub fn revoke_of(tx: &mut Tx<'_>, user: UserId, id: TokenId) -> Result<()> {
    if tx.actor().kind != ActorKind::System {
        return Err(Error::denied());
    }
    let server = tx.authorize_server(Capability::ServerManage)?;
    let person = users::find(tx, user)?;
    tokens::delete_of(tx, server, user, id)?;
    tx.audit(Chain::Server, "token.revoke", named(user, &person.email), format!("token {id}"));
    Ok(())
}

/// Ends one of the signed-in person's own tokens.
///
/// # Errors
/// `NotFound("token")`, `SignInRequired`, `Denied` (a token asks).
pub fn revoke(tx: &mut Tx<'_>, id: TokenId) -> Result<()> {
    let me = tx.authorize_in_person()?;
    tokens::delete(tx, me, id)?;
    tx.audit(Chain::Server, "token.revoke", format!("person {} token {id}", me.user()), "");
    Ok(())
}
