//! Looking at the audit log: who did what, and whether no row was changed or removed (security rule C9).

use std::time::Duration;

use freehold_base::{AccountId, Capability, Code, Error, Result, SiteId};
use freehold_store::audit::{self as rows, LOOK, Look, Step};
use freehold_store::{Actor, Store, Tx};
use serde::{Deserialize, Serialize};

use crate::jobs::{Failure, Handlers, Lane};
use crate::upkeep;

pub use freehold_store::audit::{Row, RowFilter};

/// Looks at all chains; comes back every day.
pub const VERIFY: &str = "audit.verify";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a look at all chains found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Chains.
    pub chains: usize,
    /// Rows that fit together.
    pub rows: i64,
    /// Chains that do not fit together, each with the first wrong place.
    pub broken: Vec<(String, i64)>,
}

/// Rows, newest first, before row `before` (0: the newest): of one site for people who manage its people, or all.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: Option<SiteId>, filter: &RowFilter, before: i64, limit: i64) -> Result<Vec<Row>> {
    match site {
        Some(site) => {
            let scope = tx.authorize(site, Capability::PeopleManage)?;
            rows::list_site(tx, scope, filter, before, limit)
        }
        None => {
            let server = tx.authorize_server(Capability::ServerRead)?;
            rows::list_all(tx, server, filter, before, limit)
        }
    }
}

/// Rows of an account's chain, newest first, before row `before` (0: the newest), for who sells it.
///
/// # Errors
/// `NotFound("account")`, `Denied`.
pub fn of_account(tx: &mut Tx<'_>, account: AccountId, before: i64, limit: i64) -> Result<Vec<Row>> {
    let scope = tx.authorize_account(account, Capability::AccountsRead)?;
    rows::list_account(tx, scope, &RowFilter::default(), before, limit)
}

/// The newest rows of the chains of the actor's customers; of all for who sees the installation.
///
/// # Errors
/// `Denied`.
pub fn of_customers(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Row>> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::list_customers(tx, &customers, limit)
}

/// Looks at all chains, in many short reads: a long log takes longer than one read may.
///
/// # Errors
/// `Denied`, database failures.
pub fn verify_all(store: &Store, actor: &Actor) -> Result<Found> {
    let chains = store.read(actor, |tx| {
        let server = tx.authorize_server(Capability::ServerRead)?;
        rows::chains(tx, server)
    })?;
    let mut found = Found { chains: chains.len(), ..Found::default() };
    for chain in chains {
        match verify(store, actor, &chain)? {
            (rows, None) => found.rows += rows,
            (rows, Some(place)) => {
                found.rows += rows;
                found.broken.push((chain, place));
            }
        }
    }
    Ok(found)
}

/// How many rows of a chain fit together, and the first place where it does not.
fn verify(store: &Store, actor: &Actor, chain: &str) -> Result<(i64, Option<i64>)> {
    let mut at = Look::default();
    loop {
        let step = store.read(actor, |tx| {
            let server = tx.authorize_server(Capability::ServerRead)?;
            rows::look(tx, server, chain, at, LOOK)
        })?;
        match step {
            Step::On(on) => at = on,
            Step::Whole(end) => return Ok((end.rows(), None)),
            Step::Broken(place) => return Ok((place - 1, Some(place))),
        }
    }
}

/// Adds the handler.
pub fn register(handlers: &mut Handlers) {
    handlers.add_to(Lane::Long, VERIFY, |job| {
        job.store.write(&Actor::system(), |tx| upkeep::queue(tx, VERIFY, DAY))?;
        let found = verify_all(job.store, &Actor::system())?;
        if let Some((chain, place)) = found.broken.first() {
            let where_from = format!("{chain}, from row {place} on");
            return Err(Failure::Final(Error::refused(Code::AuditBroken, where_from)));
        }
        serde_json::to_string(&found).map_err(|e| Failure::Final(Error::internal("writing the report", e)))
    });
}
