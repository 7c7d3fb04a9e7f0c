//! Names of a site: list, add, prove, make main, remove.
//!
//! Whose a claimed name is, its text record shows, which belongs to that one claim; or the hosting admin says so. That
//! the name points here shows it too where the change was made after the claim, before our eyes, and nobody else claims
//! it: whoever changed it can hardly be anybody but the one who claims it. A name that points here already shows nothing
//! of the kind: it may be forgotten here, or on its way to somebody else's site.
//!
//! Hardly: an owner may point a name here before adding it, and somebody else may have waited for that. So what was shown
//! by pointing alone yields to the text record of another account: the name becomes a claim there again.

use std::collections::HashSet;
use std::time::Duration;

use freehold_base::secret::random_token;
use freehold_base::{Capability, Code, DomainId, DomainName, Error, HostName, Result, SiteId};
use freehold_store::sites::{self as rows, Domain, NewDomain};
use freehold_store::{AccountScope, SiteScope, Tx, domains as across};

use super::events::{SettingsChanged, SiteHostsChanged};
use super::names::{self, Rules};
use crate::jobs::{self, NewJob};
use crate::limits::{self, Resource};

/// The job that looks whether a name points here. Its handler stands where name servers are asked.
pub const WATCH: &str = "domain.watch";

/// The job that looks at a name's health because somebody asked.
pub const CHECK: &str = "domain.check";

/// What stands for the proof of a claim that was seen to lead elsewhere.
const AWAY: &str = "away";
/// A claim that is not shown to be right ends after so long: it makes others show a text record.
const CLAIM: Duration = Duration::from_secs(30 * 24 * 3600);
/// Names of this machine that somebody adds to a site by hand, beside the one that it has by itself.
const LOCAL: usize = 1;

/// What a name that is added does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Shows the site too.
    Alias,
    /// Sends visitors on to the main name.
    Redirect,
    /// Shows the site under every name below it.
    Wildcard,
}

impl Kind {
    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Redirect => "redirect",
            Self::Wildcard => "wildcard",
        }
    }
    /// Finds one by its stored name.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Alias, Self::Redirect, Self::Wildcard].into_iter().find(|k| k.name() == name)
    }
}

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

/// What of an account's plan a name counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A registered name with a site of its own.
    Domain,
    /// A name below a registered one.
    Subdomain,
    /// Another registered name of a site.
    Alias,
}

/// What a name counts against; `kind` as stored. Names of this machine count as nothing, nor does `www.` beside the
/// registered name of the same site.
pub fn counted(name: &DomainName, kind: &str, is_twin: bool) -> Option<Counted> {
    match (names::is_registered(name.host().as_str()), kind) {
        _ if names::is_local(name) || is_twin => None,
        (true, "main") => Some(Counted::Domain),
        (true, "alias" | "redirect") => Some(Counted::Alias),
        _ => Some(Counted::Subdomain),
    }
}

impl Counted {
    const ALL: [Self; 3] = [Self::Domain, Self::Subdomain, Self::Alias];

    fn resource(self) -> Resource {
        match self {
            Self::Domain => Resource::Domains,
            Self::Subdomain => Resource::Subdomains,
            Self::Alias => Resource::Aliases,
        }
    }
}

/// How many names of each kind the account of a site has; not counted where its plan bounds none. Claims count like live
/// names, as what they are to be.
fn tally(tx: &mut Tx<'_>, scope: SiteScope) -> Result<[u64; 3]> {
    let limits = limits::of_site(tx, scope)?;
    if Counted::ALL.iter().all(|of| limits.most(of.resource()).is_none()) {
        return Ok([0; 3]);
    }
    Ok(counts_of(&across::names_beside(tx, scope)?))
}

/// How many of these names count against each of [`Counted::ALL`].
fn counts_of(all: &[across::Counts]) -> [u64; 3] {
    let there: HashSet<(i64, &str)> = all.iter().map(|(site, host, ..)| (*site, host.as_str())).collect();
    let mut counts = [0; 3];
    for (site, host, kind, becomes) in all {
        let Ok(name) = DomainName::parse(host) else { continue };
        let bare = host.strip_prefix("www.").filter(|bare| names::is_registered(bare));
        let is_twin = bare.is_some_and(|bare| there.contains(&(*site, bare)));
        let counts_as = counted(&name, if becomes == "main" { becomes } else { kind }, is_twin);
        for (count, _) in counts.iter_mut().zip(Counted::ALL).filter(|(_, of)| Some(*of) == counts_as) {
            *count += 1;
        }
    }
    counts
}

/// How many names an account has that count against something of its plan, claims too.
///
/// # Errors
/// Database failures.
pub fn used(tx: &mut Tx<'_>, account: AccountScope, wanted: Counted) -> Result<i64> {
    let counts = tally_of(tx, account)?;
    let found = counts.into_iter().zip(Counted::ALL).find(|(_, of)| *of == wanted);
    Ok(i64::try_from(found.map_or(0, |(count, _)| count)).unwrap_or(i64::MAX))
}

/// Where a change of names meets the plan of its account, in the transaction that made it: `before` it there were so
/// many. What does not become more is let through, also where a plan has become smaller.
fn need_room(tx: &mut Tx<'_>, scope: SiteScope, before: [u64; 3]) -> Result<()> {
    let (limits, now) = (limits::of_site(tx, scope)?, tally(tx, scope)?);
    for ((of, before), now) in Counted::ALL.into_iter().zip(before).zip(now) {
        if now > before && limits.most(of.resource()).is_some_and(|most| now > most) {
            return Err(Error::refused(Code::LimitReached, of.resource().words()));
        }
    }
    Ok(())
}

/// Names of this machine are everybody's and cost nothing, so that customers get no store of them.
fn need_local_room(tx: &mut Tx<'_>, scope: SiteScope) -> Result<()> {
    if tx.authorize_server(Capability::ServerManage).is_ok() {
        return Ok(());
    }
    let own = format!("{}.localhost", rows::find(tx, scope)?.name);
    let by_hand = |d: &&Domain| d.host != own && name_of(d).is_ok_and(|name| names::is_local(&name));
    let there = rows::domains(tx, scope)?.iter().filter(by_hand).count();
    if there < LOCAL { Ok(()) } else { Err(Error::refused(Code::LimitReached, "names of this machine")) }
}

/// Names of a site, the main one first.
///
/// # Errors
/// `Denied`, `NotFound("site")`.
pub fn domains(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Domain>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::domains(tx, scope)
}

/// A name of a site by what it is called, or by its number.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn named(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<Domain> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    let found = match name.parse::<i64>() {
        Ok(id) => across::by_id(tx, scope, DomainId(id))?,
        Err(_) => across::by_host(tx, scope, &name.to_lowercase())?,
    };
    found.ok_or_else(|| Error::not_found("domain"))
}

/// The name of a row.
///
/// # Errors
/// `Internal` where the row holds none.
pub fn name_of(domain: &Domain) -> Result<DomainName> {
    DomainName::parse(&domain.host).map_err(|_| Error::internal("reading a domain", "its name is malformed"))
}

/// What stands in the way of a name for this account: our own names, endings, overlaps with others' (rule E5), but for
/// one that yields.
///
/// # Errors
/// `Invalid("host")`, `DomainOverlaps`.
fn check_free(tx: &mut Tx<'_>, scope: SiteScope, name: &DomainName, weak: Option<&Domain>) -> Result<()> {
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

/// How many names of each kind an account has.
///
/// # Errors
/// Database failures.
pub fn tally_of(tx: &mut Tx<'_>, account: AccountScope) -> Result<[u64; 3]> {
    Ok(counts_of(&across::names_of_account(tx, account)?))
}

/// Whether a name must be shown to be the actor's before it is served.
pub(super) fn needs_proof(tx: &mut Tx<'_>, rules: &Rules, name: &DomainName) -> bool {
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
pub(super) fn put(
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

/// Lets a name be looked at now; how soon again, its age says.
fn watch(tx: &mut Tx<'_>, domain: &Domain) -> Result<()> {
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

/// Adds a name; it redirects to the main one.
///
/// # Errors
/// As [`add`].
pub fn add_domain(tx: &mut Tx<'_>, site: SiteId, host: &HostName) -> Result<DomainId> {
    let name = DomainName::from(host.clone());
    Ok(add(tx, site, &Add { name, kind: Kind::Redirect, becomes_main: false })?.id)
}

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

/// Names of all accounts by name, after a place; one more than the page holds where there are more.
///
/// # Errors
/// `Denied`.
pub fn all_domains(
    tx: &mut Tx<'_>,
    wanted: &across::Wanted,
    page: &freehold_base::Page,
) -> Result<Vec<across::Listed>> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    across::list_all(tx, server, wanted, page)
}

/// The name, wherever it is: served, or claimed by some. Of several claims the first.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn somewhere(tx: &mut Tx<'_>, host: &str) -> Result<Domain> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    across::everywhere(tx, server, host)?.into_iter().next().ok_or_else(|| Error::not_found("domain"))
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

#[cfg(test)]
mod tests {
    use super::*;

    // row: H025
    #[test]
    fn h025_subdomains_count_apart_from_domains_and_aliases() {
        let of = |text: &str, kind| counted(&DomainName::parse(text).expect(text), kind, false);
        assert_eq!(of("harbour.blog", "main"), Some(Counted::Domain));
        assert_eq!(of("shop.harbour.blog", "main"), Some(Counted::Subdomain));
        assert_eq!(of("www.harbour.blog", "redirect"), Some(Counted::Subdomain), "without harbour.blog");
        assert_eq!(of("mara.co.uk", "redirect"), Some(Counted::Alias));
        assert_eq!(of("pinepress.se", "alias"), Some(Counted::Alias));
        assert_eq!(of("shop.harbour.blog", "alias"), Some(Counted::Subdomain));
        assert_eq!(of("*.harbour.blog", "wildcard"), Some(Counted::Subdomain));
        assert_eq!(counted(&DomainName::parse("www.harbour.blog").expect("a name"), "redirect", true), None);
        for nothing in ["harbour.localhost", "127.0.0.1"] {
            assert_eq!(of(nothing, "alias"), None, "{nothing}");
        }
    }
}
