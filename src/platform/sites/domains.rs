//! Host names of a site: list, add, make main, remove.

use freehold_base::{Capability, Code, DomainId, Error, HostName, OrInternal as _, Result, SiteId};
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

/// A host name as people type or paste it: an address around it is dropped, other scripts become punycode.
///
/// # Errors
/// `Invalid("host")` with `HostMalformed`, or `Malformed` saying what is wrong (a port, a wildcard).
pub fn host_typed(text: &str) -> Result<HostName> {
    let text = text.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('*') {
        return Err(Error::invalid("host", Code::Malformed, "one name; wildcards do not work yet"));
    }
    if host.contains(':') {
        return Err(Error::invalid("host", Code::Malformed, "a name without a port"));
    }
    // What IDNA refuses is no host name in the eyes of anybody else either.
    let ascii = idna::domain_to_ascii(host).or_internal("converting the host name");
    HostName::parse(&ascii.unwrap_or_default())
}

/// Makes a name redirect to the main one, or serve the site as well.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `WrongState` (the main name).
pub fn set_redirect(tx: &mut Tx<'_>, site: SiteId, id: DomainId, redirects: bool) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let all = rows::domains(tx, scope)?;
    let domain = all.iter().find(|d| d.id == id).ok_or_else(|| Error::not_found("domain"))?;
    if domain.kind == "main" {
        return Err(Error::refused(Code::WrongState, "the main name always serves the site"));
    }
    rows::set_domain_kind(tx, scope, id, if redirects { "redirect" } else { "alias" })?;
    tx.audit_site(scope, if redirects { "domain.redirect" } else { "domain.serve" }, &*domain.host);
    tx.announce(HostsChanged);
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::host_typed;

    #[test]
    fn host_names_are_read_as_people_paste_them() {
        let ok = |text: &str| host_typed(text).map(|h| h.as_str().to_owned()).ok();
        assert_eq!(ok(" https://Example.ORG/about?x ").as_deref(), Some("example.org"));
        assert_eq!(ok("b\u{fc}cher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(ok("www.example.org.").as_deref(), Some("www.example.org"));
        for wrong in
            ["", "*.example.org", "example.org:8080", "a b.org", "-x.org", "https://", "x..org", "ex_ample.org"]
        {
            assert_eq!(ok(wrong), None, "{wrong}");
        }
    }
}
