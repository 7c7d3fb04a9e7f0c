//! Names of a site: list, add, prove, make main, remove.

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

/// What a name counts against; `kind` as stored. Names of this machine and `www.` count as nothing.
pub fn counted(name: &DomainName, kind: &str) -> Option<Counted> {
    let host = name.host().as_str();
    let twin = host.strip_prefix("www.").is_some_and(names::is_registered);
    match (names::is_registered(host), kind) {
        _ if names::is_local(name) || twin && !name.is_wildcard() => None,
        (true, "main") => Some(Counted::Domain),
        (true, "alias" | "redirect") => Some(Counted::Alias),
        _ => Some(Counted::Subdomain),
    }
}

impl Counted {
    fn resource(self) -> Resource {
        match self {
            Self::Domain => Resource::Domains,
            Self::Subdomain => Resource::Subdomains,
            Self::Alias => Resource::Aliases,
        }
    }
}

/// Where a new name meets the plan of its account, in the transaction that adds it. Claims count like live names.
fn need_room(tx: &mut Tx<'_>, scope: SiteScope, counts: Option<Counted>) -> Result<()> {
    let Some(wanted) = counts else { return Ok(()) };
    let Some(most) = limits::of_site(tx, scope)?.most(wanted.resource()) else { return Ok(()) };
    let used = count(&across::names_beside(tx, scope)?, wanted);
    if used < most { Ok(()) } else { Err(Error::refused(Code::LimitReached, wanted.resource().words())) }
}

/// How many of these names and kinds count against something.
fn count(names: &[(String, String)], wanted: Counted) -> u64 {
    let like_it = |(host, kind): &&(String, String)| {
        DomainName::parse(host).is_ok_and(|name| counted(&name, kind) == Some(wanted))
    };
    names.iter().filter(like_it).count() as u64
}

/// How many names an account has that count against something of its plan, claims too.
///
/// # Errors
/// Database failures.
pub fn used(tx: &mut Tx<'_>, account: AccountScope, wanted: Counted) -> Result<i64> {
    let n = count(&across::names_of_account(tx, account)?, wanted);
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
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

/// What stands in the way of a name for this account: our own names, endings, overlaps with others' (rule E5).
///
/// # Errors
/// `Invalid("host")`, `DomainOverlaps`.
fn check_free(tx: &mut Tx<'_>, scope: SiteScope, name: &DomainName) -> Result<()> {
    // Everybody has names of this machine: only the very same one is taken, which its row sees to.
    if !names::is_local(name) && across::overlaps(tx, scope.account(), name)? {
        return Err(Error::refused(Code::DomainOverlaps, name.as_str()));
    }
    Ok(())
}

/// Whether a name must be shown to be the actor's before it is served.
pub(super) fn needs_proof(tx: &mut Tx<'_>, rules: &Rules, name: &DomainName) -> bool {
    rules.check_ownership && !names::is_local(name) && tx.authorize_server(Capability::ServerManage).is_err()
}

/// Adds a name: live at once for the hosting admin, else a claim until it is shown to be the owner's.
///
/// # Errors
/// `Denied`, `Invalid("host")`, `DomainTaken`, `DomainOverlaps`.
pub fn add(tx: &mut Tx<'_>, site: SiteId, new: &Add) -> Result<Domain> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let rules = Rules::read(tx)?;
    rules.check(&new.name)?;
    let kind = if new.name.is_wildcard() { Kind::Wildcard } else { new.kind };
    let becomes = if new.becomes_main && kind != Kind::Wildcard { "main" } else { "" };
    let added = put(tx, scope, &rules, &new.name, kind.name(), becomes)?;
    tx.audit_site(scope, "domain.add", new.name.as_str());
    match names::is_local(&new.name) {
        false => watch(tx, scope, added.id)?,
        // There is nothing to wait for: this machine always leads here.
        true if becomes == "main" => make_main(tx, site, added.id)?,
        true => {}
    }
    Ok(added)
}

/// Writes a checked name; `kind` may be `main` for the first name of a new site.
pub(super) fn put(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    rules: &Rules,
    name: &DomainName,
    kind: &str,
    becomes: &str,
) -> Result<Domain> {
    check_free(tx, scope, name)?;
    need_room(tx, scope, counted(name, if becomes == "main" { "main" } else { kind }))?;
    let claim = needs_proof(tx, rules, name);
    if claim && name.host().as_str().parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(Error::invalid("host", Code::HostMalformed, ""));
    }
    // What is live elsewhere cannot be claimed either. Asked first: a refused row would end the whole transaction.
    if across::is_live(tx, name.as_str())? {
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
    if !claim {
        tx.announce(SiteHostsChanged { site: scope.id() });
    }
    if claim {
        watch(tx, scope, id)?;
    }
    across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))
}

/// Lets the looks at a name begin anew, now.
fn watch(tx: &mut Tx<'_>, scope: SiteScope, id: DomainId) -> Result<()> {
    let since = tx.now().ms();
    let payload = serde_json::json!({ "site": scope.id(), "domain": id, "since": since }).to_string();
    let key = format!("{WATCH}:{id}");
    let job = NewJob { site: SiteId(0), kind: WATCH, payload: &payload, run_at: tx.now(), unique_key: Some(&key) };
    jobs::enqueue(tx, &job)?;
    Ok(())
}

/// Asks for a look at a name now.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn look_now(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<Domain> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let domain = named(tx, site, name)?;
    if !names::is_local(&name_of(&domain)?) {
        watch(tx, scope, domain.id)?;
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
    let payload = serde_json::json!({ "site": site, "domain": domain.id, "since": tx.now().ms() }).to_string();
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
    check_free(tx, scope, &name)?;
    if across::is_live(tx, &domain.host)? {
        return Err(Error::refused(Code::DomainTaken, &*domain.host));
    }
    across::set_live(tx, scope, &domain, proof)?;
    tx.audit_site(scope, "domain.prove", &*domain.host);
    tx.announce(SiteHostsChanged { site });
    Ok(())
}

/// What a look at a name found.
#[derive(Clone, Debug)]
pub struct Found {
    /// `here`, `partly`, `elsewhere` or `nowhere`.
    pub points: &'static str,
    /// What showed that the name is its owner's.
    pub proof: Option<&'static str>,
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
    match found.proof {
        Some(proof) if !domain.is_live() => match prove(tx, site, id, proof) {
            // Somebody else has it by now: it stays a claim, and the page says why.
            Err(Error::Refused { code: Code::DomainTaken | Code::DomainOverlaps, .. }) => {}
            other => other?,
        },
        _ => {}
    }
    let now = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    if now.is_live() && now.becomes == "main" && found.points == "here" {
        make_main(tx, site, id)?;
    }
    across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))
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
/// `Denied`, `NotFound("domain")`, `WrongState` (a wildcard).
pub fn make_main(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let all = rows::domains(tx, scope)?;
    let wanted = all.iter().find(|d| d.id == id).ok_or_else(|| Error::not_found("domain"))?;
    if wanted.kind == "wildcard" {
        return Err(Error::refused(Code::WrongState, "a wildcard is many names; make one of them the main one"));
    }
    if !wanted.is_live() {
        across::set_becomes(tx, scope, id, "main")?;
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
    tx.audit_site(scope, "domain.make_main", &*wanted.host);
    tx.announce(SiteHostsChanged { site });
    tx.announce(SettingsChanged { site }); // links in pages carry the main host
    Ok(())
}

/// Removes a name. The main one cannot go before another one is main.
///
/// # Errors
/// `Denied`, `NotFound("domain")`, `LastDomain`.
pub fn remove_domain(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<()> {
    let scope = tx.authorize(site, Capability::DomainsManage)?;
    let gone = across::by_id(tx, scope, id)?.ok_or_else(|| Error::not_found("domain"))?;
    if gone.kind == "main" {
        return Err(Error::code(Code::LastDomain));
    }
    rows::remove_domain(tx, scope, id)?;
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
        let of = |text: &str, kind| counted(&DomainName::parse(text).expect(text), kind);
        assert_eq!(of("harbour.blog", "main"), Some(Counted::Domain));
        assert_eq!(of("shop.harbour.blog", "main"), Some(Counted::Subdomain));
        assert_eq!(of("mara.co.uk", "redirect"), Some(Counted::Alias));
        assert_eq!(of("pinepress.se", "alias"), Some(Counted::Alias));
        assert_eq!(of("shop.harbour.blog", "alias"), Some(Counted::Subdomain));
        assert_eq!(of("*.harbour.blog", "wildcard"), Some(Counted::Subdomain));
        for nothing in ["www.harbour.blog", "harbour.localhost", "127.0.0.1"] {
            assert_eq!(of(nothing, "alias"), None, "{nothing}");
        }
    }
}
