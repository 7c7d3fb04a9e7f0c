//! Networks that are kept out of every sign-in: by too many failures, for a while, or by an admin, until they are let in.

use std::time::Duration;

use freehold_base::{Capability, Network, Result, Timestamp, UserId};
use freehold_store::tx::audit::Chain;
use freehold_store::{Tx, failures, networks as rows};

use super::attempts::{NETWORK, OVERALL};
use crate::secrets::limiter::{self, Decision, Failures};

/// Why a network is kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody said so; 0: the command line.
    Blocked {
        /// Who.
        by: UserId,
    },
    /// Too many failures: it waits.
    Failures {
        /// How many within the last hour.
        count: i64,
        /// How long still.
        seconds: u32,
    },
}

/// A network that is kept out.
#[derive(Clone, Debug)]
pub struct KeptOut {
    /// `192.0.2.7/32`
    pub network: String,
    /// Why.
    pub why: Why,
    /// Since when, or when the last failure was.
    pub at: Timestamp,
}

/// All networks that are kept out now, the blocked ones first.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<KeptOut>> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    let now = tx.now();
    let blocked = rows::list(tx, server)?;
    let mut all: Vec<KeptOut> = blocked
        .into_iter()
        .map(|b| KeptOut { network: b.network, why: Why::Blocked { by: b.blocked_by }, at: b.blocked_at })
        .collect();
    let since = now.minus(Duration::from_millis(limiter::WINDOW_MS.unsigned_abs()));
    for (subject, count, last) in failures::busiest(tx, server, NETWORK, since, limiter::NETWORK_FREE.into())? {
        let failures = Failures { count: u32::try_from(count).unwrap_or(u32::MAX), last };
        if let Decision::Wait { seconds } = limiter::network_wait(failures, now) {
            let network = subject.trim_start_matches(NETWORK).to_owned();
            all.push(KeptOut { network, why: Why::Failures { count, seconds }, at: last });
        }
    }
    Ok(all)
}

/// Keeps a network out of every sign-in until it is let in. People who are signed in stay; so does who comes with a
/// browser that they signed in with before.
///
/// # Errors
/// `Denied`, `Invalid("network")`.
pub fn block(tx: &mut Tx<'_>, network: &str) -> Result<String> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let network = Network::parse("network", network.trim())?.to_string();
    rows::block(tx, server, &network)?;
    tx.audit(Chain::Server, "network.block", &network, "");
    Ok(network)
}

/// Lets a network in again, whyever it was kept out.
///
/// # Errors
/// `Denied`, `Invalid("network")`.
pub fn let_in(tx: &mut Tx<'_>, network: &str) -> Result<String> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let network = Network::parse("network", network.trim())?.to_string();
    rows::let_in(tx, server, &network)?;
    failures::clear(tx, &format!("{NETWORK}{network}"))?;
    tx.audit(Chain::Server, "network.let_in", &network, "");
    Ok(network)
}

/// Failed sign-ins of everybody by the hour, oldest first; the last hour is the one that runs.
///
/// # Errors
/// `Denied`.
pub fn failures_by_hour(tx: &mut Tx<'_>, hours: u32) -> Result<Vec<(Timestamp, i64)>> {
    tx.authorize_server(Capability::ServerRead)?;
    let hour = 3_600_000;
    let end = (tx.now().ms() / hour + 1) * hour;
    (0..i64::from(hours))
        .rev()
        .map(|back| {
            let from = Timestamp(end - (back + 1) * hour);
            Ok((from, failures::between(tx, OVERALL, from, Timestamp(from.ms() + hour))?))
        })
        .collect()
}
