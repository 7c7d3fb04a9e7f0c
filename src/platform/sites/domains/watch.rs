//! Looks at names, asked for and kept.

use freehold_base::{Capability, Code, DomainId, Error, Result, SiteId};
use freehold_store::sites::Domain;
use freehold_store::{Tx, domains as across};

use super::{CHECK, WATCH, name_of, named};
use crate::jobs::{self, NewJob};
use crate::sites::names;

/// Lets a name be looked at now; how soon again, its age says.
pub(super) fn watch(tx: &mut Tx<'_>, domain: &Domain) -> Result<()> {
    let since = domain.created_at.ms();
    let payload = payload(domain, since);
    let key = format!("{WATCH}:{}", domain.id);
    let job = NewJob { site: SiteId(0), kind: WATCH, payload: &payload, run_at: tx.now(), unique_key: Some(&key) };
    jobs::enqueue(tx, &job)?;
    Ok(())
}

/// What a job that looks at a name is told. The name itself is for people who read lists of jobs.
fn payload(domain: &Domain, since: i64) -> String {
    let (site, id, host) = (domain.site_id, domain.id, &domain.host);
    serde_json::json!({ "site": site, "domain": id, "since": since, "host": host }).to_string()
}

/// Asks for a look at a name now.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn look_now(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<Domain> {
    tx.authorize(site, Capability::DomainsManage)?;
    let domain = named(tx, site, name)?;
    if !names::is_local(&name_of(&domain)?) {
        watch(tx, &domain)?;
    }
    Ok(domain)
}

/// Asks for a look at a name's health now.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `WrongState` for names of this machine.
pub fn check_now(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<Domain> {
    tx.authorize(site, Capability::DomainsManage)?;
    let domain = named(tx, site, name)?;
    if names::is_local(&name_of(&domain)?) {
        return Err(Error::refused(Code::WrongState, "this name means the machine itself; nobody else asks for it"));
    }
    let payload = payload(&domain, tx.now().ms());
    let key = format!("{CHECK}:{}", domain.id);
    let job = NewJob { site: SiteId(0), kind: CHECK, payload: &payload, run_at: tx.now(), unique_key: Some(&key) };
    jobs::enqueue(tx, &job)?;
    Ok(domain)
}

/// What the last look of a kind (`setup`, `health`) found, as JSON, and when.
///
/// # Errors
/// `Denied`.
pub fn last_look(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: DomainId,
    kind: &str,
) -> Result<Option<(String, freehold_base::Timestamp)>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    across::look(tx, scope, id, kind)
}

/// Keeps what a look at a name's health found. For the job and those who manage domains.
///
/// # Errors
/// `Denied`.
pub fn keep_health(tx: &mut Tx<'_>, site: SiteId, id: DomainId, found: &str) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    across::keep_look(tx, scope, id, "health", found)
}

/// Names after one of them, for the nightly look; at most `limit`.
///
/// # Errors
/// `Denied`.
pub fn after(tx: &mut Tx<'_>, id: DomainId, limit: i64) -> Result<Vec<(SiteId, Domain)>> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    across::after(tx, server, id, limit)
}
