//! Making and deleting sites.

use std::collections::HashSet;

use freehold_base::secret::{hex, random};
use freehold_base::text::{required_line, slugify};
use freehold_base::{AccountId, Capability, Code, DomainName, Error, HostName, ResellerId, Result, SiteId};
use freehold_store::erase::{self, Erased};
use freehold_store::sites::{self as rows, Cards, Site};
use freehold_store::{AccountScope, ActorKind, SiteScope, Tx, audit, domains as across};

use super::domains;
use super::events::{HostsChanged, SiteDeleted};
use super::names::Rules;
use super::settings::{self, Settings};
use crate::jobs::{self, NewJob};
use crate::limits::{self, Resource};

/// The job that deletes what a deleted site leaves. Its handler stands where files are known.
pub const ERASE: &str = "site.erase";

/// A site to be made.
#[derive(Clone, Debug)]
pub struct NewSite {
    /// Its owner.
    pub account: AccountId,
    /// Its title.
    pub title: String,
    /// Its main host name.
    pub host: HostName,
    /// Further settings; the title is put in.
    pub settings: Settings,
}

/// Makes a site with its main domain and settings.
///
/// Errors: `Denied`, `Invalid` (title), `DomainTaken`.
///
/// # Errors
/// See above.
pub fn create(tx: &mut Tx<'_>, new: &NewSite) -> Result<SiteId> {
    let site = make(tx, new, "cms")?;
    tx.announce(HostsChanged);
    Ok(site)
}

/// Makes a site out of files: what lies in its folder, by default `HOST/public` below the account's home, is what
/// visitors get. A job lays the folder with a first page.
///
/// # Errors
/// As [`create`].
pub fn create_of_files(tx: &mut Tx<'_>, new: &NewSite) -> Result<SiteId> {
    let site = make(tx, new, "static")?;
    let scope = tx.scope_of(site)?;
    let root = free_root(tx, new.account, new.host.as_str(), site)?;
    rows::set_root(tx, scope, &root)?;
    let key = format!("{BEGIN}:{site}");
    let job = NewJob { site, kind: BEGIN, payload: "{}", run_at: tx.now(), unique_key: Some(&key) };
    jobs::enqueue(tx, &job)?;
    tx.announce(HostsChanged);
    Ok(site)
}

/// `HOST/public`, as long as no other site of the account has that: several may claim one name.
fn free_root(tx: &mut Tx<'_>, account: AccountId, host: &str, site: SiteId) -> Result<String> {
    let account = tx.authorize_account(account, Capability::AccountSites)?;
    let (usual, other) = (format!("{host}/public"), format!("{host}-{site}/public"));
    let taken = rows::of_account(tx, account)?.iter().any(|of| of.root == usual);
    Ok(if taken { other } else { usual })
}

/// The job that lays the folder of a new site of files. Its handler stands where files are known.
pub const BEGIN: &str = "site.begin";

fn make(tx: &mut Tx<'_>, new: &NewSite, kind: &str) -> Result<SiteId> {
    let account = tx.authorize_account(new.account, Capability::AccountSites)?;
    let used = rows::count(tx, account)?;
    limits::need_room(tx, account, Resource::Sites, used)?;
    let title = required_line("title", &new.title, 120)?;
    let name = free_name(tx, &title)?;
    let site = rows::create(tx, account, &name, kind)?;
    let scope = tx.scope_of(site)?;
    add_names(tx, scope, &name, &new.host)?;
    let mut wanted = new.settings.clone();
    wanted.general.title = title.clone();
    let checked = settings::check(&wanted)?;
    settings::store(tx, scope, &Settings::default(), &checked)?;
    tx.audit(audit::Chain::Account(new.account, site), "site.create", title, new.host.as_str());
    Ok(site)
}

/// The main name of a new site, and `NAME.localhost`: every site answers there too, so that it can be seen before its
/// domain points here. A name that must be shown to be the owner's first is main only then.
fn add_names(tx: &mut Tx<'_>, scope: SiteScope, name: &str, host: &HostName) -> Result<()> {
    let rules = Rules::read(tx)?;
    let wanted = DomainName::from(host.clone());
    if host.is_loopback() {
        domains::put(tx, scope, &rules, &wanted, "main", "")?;
        return Ok(());
    }
    rules.check(&wanted)?;
    let local = DomainName::parse(&format!("{name}.localhost"))?;
    if domains::needs_proof(tx, &rules, &wanted) {
        domains::put(tx, scope, &rules, &local, "main", "")?;
        domains::put(tx, scope, &rules, &wanted, "alias", "main")?;
    } else {
        domains::put(tx, scope, &rules, &wanted, "main", "")?;
        domains::put(tx, scope, &rules, &local, "alias", "")?;
    }
    Ok(())
}

/// Names that are tried where somebody put them on a site by hand.
const TRIES: usize = 20;

/// A short name that no site has yet, and whose name of this machine nobody has.
fn free_name(tx: &mut Tx<'_>, title: &str) -> Result<String> {
    let base: String = match slugify(title) {
        s if s.is_empty() => "site".into(),
        s => s.chars().take(40).collect::<String>().trim_matches('-').to_owned(),
    };
    let taken: HashSet<String> = rows::names_like(tx, &base)?.into_iter().collect();
    let numbered = std::iter::once(base.clone()).chain((2..).map(|n: u64| format!("{base}-{n}")));
    for name in numbered.filter(|name| !taken.contains(name)).take(TRIES) {
        if !across::is_live(tx, &format!("{name}.localhost"))? {
            return Ok(name);
        }
    }
    Ok(format!("{base}-{}", hex(&random::<6>()?)))
}

/// The host name on this machine that a new site with this title gets: `NAME.localhost`.
///
/// # Errors
/// `Invalid("host")` where the title makes none.
pub fn local_host(tx: &mut Tx<'_>, title: &str) -> Result<HostName> {
    HostName::parse(&format!("{}.localhost", free_name(tx, title)?))
}

/// Deletes a site with everything in it, for good: nobody finds it from now on, its rows and files go by a job.
///
/// # Errors
/// `Denied`, `ConfirmNeeded`, `NotFound("site")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteId) -> Result<()> {
    let scope = tx.scope_of(site)?;
    tx.authorize_account(scope.account(), Capability::AccountSites)?;
    tx.need_fresh("delete this site for good")?;
    let row = rows::find(tx, scope)?;
    retire(tx, scope, row.name)
}

/// As [`delete`] for a site of an account whose time in the graveyard is over. System only.
///
/// # Errors
/// Database failures.
pub(crate) fn delete_closed(tx: &mut Tx<'_>, account: AccountScope, site: &Site) -> Result<()> {
    let holder = tx.holder(account.id())?;
    let scope = tx.scope_of_row(site.id, &holder)?;
    retire(tx, scope, site.name.clone())
}

fn retire(tx: &mut Tx<'_>, scope: SiteScope, name: String) -> Result<()> {
    let site = scope.id();
    erase::retire(tx, scope)?;
    let payload = serde_json::json!({ "site": site }).to_string();
    let key = format!("{ERASE}:{site}");
    let job = NewJob { site: SiteId(0), kind: ERASE, payload: &payload, run_at: tx.now(), unique_key: Some(&key) };
    jobs::enqueue(tx, &job)?;
    tx.audit(audit::Chain::Account(scope.account(), site), "site.delete", name, "");
    tx.announce(HostsChanged);
    tx.announce(SiteDeleted { site });
    Ok(())
}

/// One step of the job that [`delete`] queued: rows that went and files that may go; no rows: it is done.
///
/// # Errors
/// `Denied`; `Busy` while a job of the site runs.
pub fn erase_some(tx: &mut Tx<'_>, site: SiteId) -> Result<Erased> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    erase::erase(tx, server, site)
}

/// Sites that the actor may see, by name: all of them.
///
/// # Errors
/// Database failures.
pub fn list_visible(tx: &mut Tx<'_>) -> Result<Vec<Site>> {
    let mut list: Vec<Site> = Vec::new();
    loop {
        let after = list.last().map_or(SiteId(0), |site| site.id);
        let chunk = list_after(tx, after, CHUNK)?;
        let full = i64::try_from(chunk.len()).is_ok_and(|n| n == CHUNK);
        list.extend(chunk);
        if !full {
            list.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            return Ok(list);
        }
    }
}

/// Sites that the actor may see after one of them, by id; so many at most.
///
/// # Errors
/// Database failures.
pub fn list_after(tx: &mut Tx<'_>, after: SiteId, limit: i64) -> Result<Vec<Site>> {
    let grants = tx.actor().grants.clone();
    match reach(tx)? {
        // The only one that a token may touch.
        (_, Some(site)) if site <= after => Ok(Vec::new()),
        (all, Some(site)) => rows::list_visible(tx, &grants, all, SiteId(site.get() - 1), 1)
            .map(|list| list.into_iter().filter(|s| s.id == site).collect()),
        (all, None) => rows::list_visible(tx, &grants, all, after, limit),
    }
}

/// Whether the actor sees all sites, and the only one that a token may touch.
fn reach(tx: &Tx<'_>) -> Result<(bool, Option<SiteId>)> {
    let server = tx.actor().grants.server.is_some();
    match &tx.actor().kind {
        ActorKind::System => Ok((true, None)),
        ActorKind::Visitor => Err(Error::code(Code::SignInRequired)),
        ActorKind::User { .. } => Ok((server, None)),
        // What a token may not read it does not list (security rule C8).
        ActorKind::Token { scopes, .. } if !scopes.has(Capability::SiteRead) => Err(Error::denied()),
        ActorKind::Token { site, .. } => Ok((server, *site)),
    }
}

/// A site as lists of sites show it.
#[derive(Clone, Debug)]
pub struct Card {
    /// The site.
    pub site: Site,
    /// What the actor may do there.
    pub scope: SiteScope,
    /// Its title.
    pub title: String,
    /// Its main host name.
    pub host: String,
    /// Its time zone.
    pub zone: chrono_tz::Tz,
    /// Who sells its account; 0: the installation.
    pub reseller: ResellerId,
}

/// Sites read at once where all are walked through.
const CHUNK: i64 = 500;

fn cards(tx: &mut Tx<'_>, which: &Cards) -> Result<Vec<Card>> {
    let grants = tx.actor().grants.clone();
    let (all, bound) = reach(tx)?;
    let mut list = Vec::new();
    for row in rows::cards(tx, &grants, all, which)? {
        if bound.is_some_and(|only| only != row.site.id) {
            continue;
        }
        let general: settings::General = serde_json::from_str(&row.general).unwrap_or_default();
        list.push(Card {
            scope: tx.scope_of_row(row.site.id, &row.holder)?,
            zone: general.timezone.parse().unwrap_or(chrono_tz::UTC),
            title: general.title,
            reseller: row.holder.reseller(),
            host: row.host,
            site: row.site,
        });
    }
    Ok(list)
}

/// These sites, as far as the actor may see them, in no order.
///
/// # Errors
/// Database failures.
pub fn cards_of(tx: &mut Tx<'_>, ids: &[SiteId]) -> Result<Vec<Card>> {
    if ids.is_empty() { Ok(Vec::new()) } else { cards(tx, &Cards::Of(ids.to_vec())) }
}

/// The first sites by name that the actor may see, at most `limit`.
///
/// # Errors
/// Database failures.
pub fn first_cards(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Card>> {
    cards(tx, &Cards::After(None, limit))
}

/// Gives every site that the actor may see to `each`, by name, until it says that it has enough.
///
/// # Errors
/// What `each` gives; database failures.
pub fn walk_cards(tx: &mut Tx<'_>, mut each: impl FnMut(&mut Tx<'_>, Card) -> Result<bool>) -> Result<()> {
    let mut after = None;
    loop {
        let chunk = cards(tx, &Cards::After(after.take(), CHUNK))?;
        let full = i64::try_from(chunk.len()).is_ok_and(|n| n == CHUNK);
        after = chunk.last().map(|card| (card.site.name.clone(), card.site.id));
        for card in chunk {
            if !each(tx, card)? {
                return Ok(());
            }
        }
        if !full {
            return Ok(());
        }
    }
}
