//! Adding names, making one the main one, removing them.

use freehold_base::secret::random_token;
use freehold_base::{Capability, Code, DomainId, DomainName, Error, HostName, Result, SiteId};
use freehold_store::sites::{self as rows, Domain, NewDomain};
use freehold_store::{SiteScope, Tx, domains as across};

use super::count::{need_local_room, need_room, tally};
use super::watch::watch;
use super::{Kind, WATCH, name_of};
use crate::jobs;
use crate::sites::events::{SettingsChanged, SiteHostsChanged};
use crate::sites::names::{self, Rules};

/// A name to add.
#[derive(Clone, Debug)]
pub struct Add {
    /// The name.
    pub name: DomainName,
    /// What it does; a wildcard is always one.
    pub kind: Kind,
    /// It is to be the main name as soon as it points here.
    pub becomes_main: bool,
}

/// What stands in the way of a name for this account: our own names, endings, overlaps with others' (rule E5), but for
/// one that yields.
///
/// # Errors
/// `Invalid("host")`, `DomainOverlaps`.
pub(super) fn check_free(tx: &mut Tx<'_>, scope: SiteScope, name: &DomainName, weak: Option<&Domain>) -> Result<()> {
    // Everybody has names of this machine: only the very same one is taken, which its row sees to.
    if !names::is_local(name) && across::overlaps(tx, scope.account(), name, weak.map(|d| d.id))? {
        return Err(Error::refused(Code::DomainOverlaps, name.as_str()));
    }
    Ok(())
}

/// What stands in the way of a site's names in the account that it was just moved to: the same as of names that are
/// added there. `before` the move, that account had so many ([`tally_of`]).
///
/// # Errors
/// `DomainOverlaps`, `LimitReached`.
pub fn fit_moved(tx: &mut Tx<'_>, site: SiteId, before: [u64; 3]) -> Result<()> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    for domain in rows::domains(tx, scope)? {
        check_free(tx, scope, &name_of(&domain)?, None)?;
    }
    need_room(tx, scope, before)
}

/// Whether a name must be shown to be the actor's before it is served.
pub(in crate::sites) fn needs_proof(tx: &mut Tx<'_>, rules: &Rules, name: &DomainName) -> bool {
    rules.check_ownership && !names::is_local(name) && tx.authorize_server(Capability::ServerManage).is_err()
}

/// Adds a name: live at once for the hosting admin, else a claim until it is shown to be the owner's.
///
/// # Errors
/// `Denied`, `Invalid("host")`, `DomainTaken`, `DomainOverlaps`, `LimitReached`.
pub fn add(tx: &mut Tx<'_>, site: SiteId, new: &Add) -> Result<Domain> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let rules = Rules::read(tx)?;
    rules.check(&new.name)?;
    let kind = if new.name.is_wildcard() { Kind::Wildcard } else { new.kind };
    let becomes = if new.becomes_main && kind != Kind::Wildcard { "main" } else { "" };
    let local = names::is_local(&new.name);
    if local {
        need_local_room(tx, scope)?;
    }
    let added = put(tx, scope, &rules, &new.name, kind.name(), becomes)?;
    tx.audit_site(scope, "domain.add", new.name.as_str());
    if local && becomes == "main" {
        // There is nothing to wait for: this machine always leads here.
        make_main(tx, site, added.id)?;
    } else if !local && added.is_live() {
        watch(tx, &added)?;
    }
    Ok(added)
}

/// Writes a checked name, and looks at it where it is a claim; `kind` may be `main` for the first name of a new site.
pub(in crate::sites) fn put(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    rules: &Rules,
    name: &DomainName,
    kind: &str,
    becomes: &str,
) -> Result<Domain> {
    let claim = needs_proof(tx, rules, name);
    let weak = if claim { across::held_weakly(tx, scope.account(), name.as_str())? } else { None };
    check_free(tx, scope, name, weak.as_ref())?;
    let before = tally(tx, scope)?;
    if claim && name.host().as_str().parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(Error::invalid("host", Code::HostMalformed, ""));
    }
    // What is live elsewhere cannot be claimed either, unless it would yield. Asked first: a refused row would end the whole
    // transaction.
    if weak.is_none() && across::is_live(tx, name.as_str())? {
        return Err(Error::refused(Code::DomainTaken, name.as_str()));
    }
    let token = if claim { random_token()? } else { String::new() };
    let row = NewDomain {
        name,
        kind,
        state: if claim { "pending" } else { "live" },
        becomes,
        proof: "",
        proof_token: &token,
    };
    let id = rows::add_domain(tx, scope, &row)?;
    need_room(tx, scope, before)?;
    let added = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    if claim {
        watch(tx, &added)?;
    } else {
        tx.announce(SiteHostsChanged { site: scope.id() });
    }
    Ok(added)
}

/// Adds a name; it redirects to the main one.
///
/// # Errors
/// As [`add`].
pub fn add_domain(tx: &mut Tx<'_>, site: SiteId, host: &HostName) -> Result<DomainId> {
    let name = DomainName::from(host.clone());
    Ok(add(tx, site, &Add { name, kind: Kind::Redirect, becomes_main: false })?.id)
}

/// Makes a name redirect to the main one, or serve the site as well.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `WrongState` (the main name, a wildcard).
pub fn set_redirect(tx: &mut Tx<'_>, site: SiteId, id: DomainId, redirects: bool) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let domain = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    match domain.kind.as_str() {
        "main" => return Err(Error::refused(Code::WrongState, "the main name always serves the site")),
        "wildcard" => return Err(Error::refused(Code::WrongState, "a wildcard always serves the site")),
        _ => {}
    }
    rows::set_domain_kind(tx, scope, id, if redirects { "redirect" } else { "alias" })?;
    tx.audit_site(scope, if redirects { "domain.redirect" } else { "domain.serve" }, &*domain.host);
    tx.announce(SiteHostsChanged { site });
    Ok(())
}

/// Makes a name the main one; the old main one redirects to it. A claim is made so once it is live and points here.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `WrongState` (a wildcard), `LimitReached`.
pub fn make_main(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let before = tally(tx, scope)?;
    let all = rows::domains(tx, scope)?;
    let wanted = all.iter().find(|d| d.id == id).ok_or_else(|| Error::not_found("domain"))?;
    if wanted.kind == "wildcard" {
        return Err(Error::refused(Code::WrongState, "a wildcard is many names; make one of them the main one"));
    }
    if !wanted.is_live() {
        across::set_becomes(tx, scope, id, "main")?;
        need_room(tx, scope, before)?;
        tx.audit_site(scope, "domain.make_main", &*wanted.host);
        return Ok(());
    }
    for old in all.iter().filter(|d| d.kind == "main" && d.id != id) {
        // The address of this machine goes on to show the site: the new name may not be reached from here.
        let stays = old.host.ends_with(".localhost") && !names::is_local(&name_of(wanted)?);
        rows::set_domain_kind(tx, scope, old.id, if stays { "alias" } else { "redirect" })?;
    }
    rows::set_domain_kind(tx, scope, id, "main")?;
    across::set_becomes(tx, scope, id, "")?;
    need_room(tx, scope, before)?;
    tx.audit_site(scope, "domain.make_main", &*wanted.host);
    tx.announce(SiteHostsChanged { site });
    tx.announce(SettingsChanged { site }); // links in pages carry the main host
    Ok(())
}

/// Removes a name. The main one cannot go before another one is main. A `www.` that stays behind counts from then on.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `LastDomain`, `LimitReached`.
pub fn remove_domain(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let gone = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    if gone.kind == "main" {
        return Err(Error::code(Code::LastDomain));
    }
    let before = tally(tx, scope)?;
    rows::remove_domain(tx, scope, id)?;
    need_room(tx, scope, before)?;
    jobs::drop_unique(tx, &format!("{WATCH}:{id}"))?;
    tx.audit_site(scope, "domain.remove", &*gone.host);
    tx.announce(SiteHostsChanged { site });
    Ok(())
}
