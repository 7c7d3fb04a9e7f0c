//! Whose a claimed name is: what a look means for it, and what yields to what.

use std::time::Duration;

use freehold_base::{Capability, Code, DomainId, DomainName, Error, Result, SiteId};
use freehold_store::sites::{self as rows, Domain, NewDomain};
use freehold_store::{SiteScope, Tx, domains as across};

use super::change::{check_free, make_main};
use super::{WATCH, name_of};
use crate::jobs;
use crate::sites::events::{SettingsChanged, SiteHostsChanged};
use crate::sites::names::Rules;

/// What stands for the proof of a claim that was seen to lead elsewhere.
const AWAY: &str = "away";

/// A claim that is not shown to be right ends after so long: it makes others show a text record.
const CLAIM: Duration = Duration::from_secs(30 * 24 * 3600);

/// Makes a claim live: it was shown to be the owner's by `proof` (`txt`, `ns`, `points`), or the hosting admin says so
/// (`admin`). A live name only notes how.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `DomainTaken` and `DomainOverlaps` where somebody was faster.
pub fn prove(tx: &mut Tx<'_>, site: SiteId, id: DomainId, proof: &'static str) -> Result<()> {
    tx.authorize_server(Capability::ServerManage)?;
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let domain = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    if domain.is_live() {
        return if domain.proof == proof { Ok(()) } else { across::set_proof(tx, scope, id, proof) };
    }
    let name = name_of(&domain)?;
    Rules::read(tx)?.check(&name)?;
    let weak = match proof {
        "txt" | "admin" => across::held_weakly(tx, scope.account(), &domain.host)?,
        _ => None,
    };
    check_free(tx, scope, &name, weak.as_ref())?;
    match weak {
        Some(theirs) => yields(tx, &theirs)?,
        None if across::is_live(tx, &domain.host)? => return Err(Error::refused(Code::DomainTaken, &*domain.host)),
        None => {}
    }
    across::set_live(tx, scope, &domain, proof)?;
    tx.audit_site(scope, "domain.prove", &*domain.host);
    tx.announce(SiteHostsChanged { site });
    Ok(())
}

/// A live name becomes a claim again: somebody else showed it to be theirs by its text record. Its site goes on under
/// another name, that of this machine where it has no other.
fn yields(tx: &mut Tx<'_>, theirs: &Domain) -> Result<()> {
    let scope = tx.scope_of(theirs.site_id)?;
    if theirs.kind == "main" {
        let all = rows::domains(tx, scope)?;
        let mut others: Vec<&Domain> =
            all.iter().filter(|d| d.id != theirs.id && d.is_live() && d.kind != "wildcard").collect();
        others.sort_by_key(|d| d.host.ends_with(".localhost"));
        let next = match others.first() {
            Some(other) => other.id,
            None => {
                let name = DomainName::parse(&format!("{}.localhost", rows::find(tx, scope)?.name))?;
                let local =
                    NewDomain { name: &name, kind: "alias", state: "live", becomes: "", proof: "", proof_token: "" };
                rows::add_domain(tx, scope, &local)?
            }
        };
        rows::set_domain_kind(tx, scope, theirs.id, "alias")?;
        rows::set_domain_kind(tx, scope, next, "main")?;
        tx.announce(SettingsChanged { site: scope.id() }); // links in pages carry the main host
    }
    across::set_claimed(tx, scope, theirs.id)?;
    tx.audit_site(scope, "domain.yield", &*theirs.host);
    tx.announce(SiteHostsChanged { site: scope.id() });
    Ok(())
}

/// What a look at a name found.
#[derive(Clone, Debug)]
pub struct Found {
    /// `here`, `partly`, `elsewhere` or `nowhere`.
    pub points: &'static str,
    /// What may show that the name is its owner's.
    pub proof: Option<&'static str>,
    /// It leads elsewhere, or nowhere, as those say who must know.
    pub away: bool,
    /// The look itself, as JSON.
    pub look: String,
}

/// Keeps what a look found, and does what follows from it: a claim that is shown to be right becomes live, and a name
/// that was to be the main one is made so once it points here. For the job alone.
///
/// # Errors
/// `Denied`, `NotFound`.
pub fn settle(tx: &mut Tx<'_>, site: SiteId, id: DomainId, found: &Found) -> Result<Domain> {
    tx.authorize_server(Capability::ServerManage)?;
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let domain = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    across::set_points(tx, scope, id, found.points)?;
    across::keep_look(tx, scope, id, "setup", &found.look)?;
    if !domain.is_live() {
        weigh(tx, scope, &domain, found)?;
    }
    let now = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    if now.is_live() && now.becomes == "main" && found.points == "here" {
        match make_main(tx, site, id) {
            // It shows the site; which name is the main one, its owner says once there is room.
            Err(Error::Refused { code: Code::LimitReached, .. }) => {}
            other => other?,
        }
    }
    across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))
}

/// What a look means for a claim.
fn weigh(tx: &mut Tx<'_>, scope: SiteScope, claim: &Domain, found: &Found) -> Result<()> {
    let proof = match found.proof {
        Some("txt") => Some("txt"),
        Some(moved) if claim.proof == AWAY && !is_claimed_by_others(tx, scope.id(), claim)? => Some(moved),
        // It points here, and that shows nothing: not of this claim, and not later either.
        Some(_) => return across::set_claim(tx, scope, claim.id, ""),
        None if found.away => return across::set_claim(tx, scope, claim.id, AWAY),
        None => None,
    };
    let Some(proof) = proof else { return Ok(()) };
    match prove(tx, scope.id(), claim.id, proof) {
        // Somebody else has it by now: it stays a claim, and the page says why.
        Err(Error::Refused { code: Code::DomainTaken | Code::DomainOverlaps, .. }) => {
            across::set_claim(tx, scope, claim.id, "")
        }
        other => other,
    }
}

/// Whether other accounts have or claim this name, one above it or one below it. Then only its text record shows whose
/// it is.
///
/// # Errors
/// `Denied`.
pub fn is_claimed_by_others(tx: &mut Tx<'_>, site: SiteId, domain: &Domain) -> Result<bool> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    across::is_claimed_beside(tx, scope.account(), &name_of(domain)?)
}

/// Ends claims that nobody has shown to be right in thirty days; how many. For the nightly look.
///
/// # Errors
/// `Denied`.
pub fn end_old_claims(tx: &mut Tx<'_>) -> Result<usize> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let before = tx.now().minus(CLAIM);
    let old = across::claims_before(tx, server, before)?;
    for claim in &old {
        let scope = tx.scope_of(claim.site_id)?;
        rows::remove_domain(tx, scope, claim.id)?;
        jobs::drop_unique(tx, &format!("{WATCH}:{}", claim.id))?;
        tx.audit_site(scope, "domain.claim_end", &*claim.host);
    }
    Ok(old.len())
}
