//! Networks that an admin keeps out of every sign-in.

use diesel::prelude::*;
use freehold_base::{Result, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::blocked_networks;
use crate::{ServerScope, Tx, each_backend};

/// A network that is kept out.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = blocked_networks)]
pub struct BlockedNetwork {
    /// `192.0.2.0/24`
    pub network: String,
    /// Who said so; 0: the command line.
    #[diesel(deserialize_as = i64)]
    pub blocked_by: UserId,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub blocked_at: Timestamp,
}

/// Whether one of these networks is kept out; `candidates` are all that an address lies in.
///
/// # Errors
/// Database failures.
pub fn is_blocked(tx: &mut Tx<'_>, candidates: &[String]) -> Result<bool> {
    let n: i64 = blocked_networks::table
        .filter(blocked_networks::network.eq_any(candidates))
        .count()
        .get_result(tx.conn())
        .or_db("looking whether the network is blocked")?;
    Ok(n > 0)
}

/// All that are kept out, by their names; at most 1000.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, _server: ServerScope) -> Result<Vec<BlockedNetwork>> {
    blocked_networks::table
        .order(blocked_networks::network)
        .limit(1000)
        .select(BlockedNetwork::as_select())
        .load(tx.conn())
        .or_db("listing blocked networks")
}

/// Keeps one out.
///
/// # Errors
/// Database failures.
pub fn block(tx: &mut Tx<'_>, _server: ServerScope, network: &str) -> Result<()> {
    let row = (
        blocked_networks::network.eq(network),
        blocked_networks::blocked_by.eq(tx.actor().user().map_or(0, UserId::get)),
        blocked_networks::blocked_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(blocked_networks::table)
        .values(row)
        .on_conflict(blocked_networks::network)
        .do_nothing()
        .execute(c))
    .or_db("blocking the network")?;
    Ok(())
}

/// Lets one in again; gives whether it was kept out.
///
/// # Errors
/// Database failures.
pub fn let_in(tx: &mut Tx<'_>, _server: ServerScope, network: &str) -> Result<bool> {
    let gone = diesel::delete(blocked_networks::table.filter(blocked_networks::network.eq(network)))
        .execute(tx.conn())
        .or_db("letting the network in")?;
    Ok(gone == 1)
}
