//! Host names of a site: list, add, make main, remove.

use freehold_base::{Capability, Code, DomainId, Error, HostName, Result, SiteId};
use freehold_store::Tx;
use freehold_store::sites::{self as rows, Domain};

use super::events::{HostsChanged, SettingsChanged};

/// Names of a site, the main one first.
///
/// # Errors
/// `Denied`, `NotFound("site")`.
pub fn domains(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Domain>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::domains(tx, scope)
}

/// Adds a name; it redirects to the main one.
///
/// # Errors
/// `Denied`, `DomainTaken`.
pub fn add_domain(tx: &mut Tx<'_>, site: SiteId, host: &HostName) -> Result<DomainId> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let id = rows::add_domain(tx, scope, host, "redirect")?;
    tx.audit_site(scope, "domain.add", host.as_str());
    tx.announce(HostsChanged);
    Ok(id)
}

/// Makes a name the main one; the old main one redirects to it.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn make_main(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let all = rows::domains(tx, scope)?;
    let wanted = all.iter().find(|d| d.id == id).ok_or_else(|| Error::not_found("domain"))?;
    for old in all.iter().filter(|d| d.kind == "main" && d.id != id) {
        rows::set_domain_kind(tx, scope, old.id, "redirect")?;
    }
    rows::set_domain_kind(tx, scope, id, "main")?;
    tx.audit_site(scope, "domain.make_main", &*wanted.host);
    tx.announce(HostsChanged);
    tx.announce(SettingsChanged { site }); // links in pages carry the main host
    Ok(())
}

/// Removes a name. The main one cannot go before another one is main.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `LastDomain`.
pub fn remove_domain(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let all = rows::domains(tx, scope)?;
    let gone = all.iter().find(|d| d.id == id).ok_or_else(|| Error::not_found("domain"))?;
    if gone.kind == "main" {
        return Err(Error::code(Code::LastDomain));
    }
    rows::remove_domain(tx, scope, id)?;
    tx.audit_site(scope, "domain.remove", &*gone.host);
    tx.announce(HostsChanged);
    Ok(())
}
