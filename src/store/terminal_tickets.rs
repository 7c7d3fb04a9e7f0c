//! One-time tickets that open a terminal: stored as hashes, good for one use (row H145).

use diesel::prelude::*;
use freehold_base::{AccountId, Result, SessionId, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::terminal_tickets;
use crate::{AccountScope, Tx};

/// What a ticket is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The person.
    pub user: UserId,
    /// The session they asked in.
    pub session: SessionId,
    /// What it is for.
    pub purpose: String,
    /// The network address they asked from.
    pub address: String,
    /// Good until then.
    pub expires_at: Timestamp,
}

/// Stores a ticket by its hash.
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, account: AccountScope, ticket: &Ticket, hash: &str) -> Result<()> {
    diesel::insert_into(terminal_tickets::table)
        .values((
            terminal_tickets::account_id.eq(account.id().get()),
            terminal_tickets::user_id.eq(ticket.user.get()),
            terminal_tickets::session_id.eq(ticket.session.get()),
            terminal_tickets::purpose.eq(&ticket.purpose),
            terminal_tickets::address.eq(&ticket.address),
            terminal_tickets::token_hash.eq(hash),
            terminal_tickets::expires_at.eq(ticket.expires_at.ms()),
        ))
        .execute(tx.conn())
        .or_db("making a ticket")?;
    Ok(())
}

/// Takes a ticket away and tells whose it was: whoever comes second finds none. Old ones go with it.
///
/// # Errors
/// Database failures.
pub fn take(tx: &mut Tx<'_>, hash: &str) -> Result<Option<(AccountId, Ticket)>> {
    type Row = (i64, i64, i64, i64, String, String, i64);
    let now = tx.now().ms();
    let row: Option<Row> = terminal_tickets::table
        .filter(terminal_tickets::token_hash.eq(hash))
        .select((
            terminal_tickets::id,
            terminal_tickets::account_id,
            terminal_tickets::user_id,
            terminal_tickets::session_id,
            terminal_tickets::purpose,
            terminal_tickets::address,
            terminal_tickets::expires_at,
        ))
        .first(tx.conn())
        .optional()
        .or_db("reading a ticket")?;
    diesel::delete(terminal_tickets::table.filter(terminal_tickets::expires_at.lt(now - 600_000)))
        .execute(tx.conn())
        .or_db("deleting old tickets")?;
    let Some((id, account, user, session, purpose, address, expires_at)) = row else { return Ok(None) };
    let taken = diesel::delete(terminal_tickets::table.filter(terminal_tickets::id.eq(id)))
        .execute(tx.conn())
        .or_db("taking a ticket")?;
    let (user, session, expires_at) = (UserId(user), SessionId(session), Timestamp(expires_at));
    Ok((taken == 1).then_some((AccountId(account), Ticket { user, session, purpose, address, expires_at })))
}
