//! What names count against of a plan.

use std::collections::HashSet;

use freehold_base::{Capability, Code, DomainName, Error, Result};
use freehold_store::sites::{self as rows, Domain};
use freehold_store::{AccountScope, SiteScope, Tx, domains as across};

use super::name_of;
use crate::limits::{self, Resource};
use crate::sites::names;

/// Names of this machine that somebody adds to a site by hand, beside the one that it has by itself.
const LOCAL: usize = 1;

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
pub(super) fn tally(tx: &mut Tx<'_>, scope: SiteScope) -> Result<[u64; 3]> {
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
pub(super) fn need_room(tx: &mut Tx<'_>, scope: SiteScope, before: [u64; 3]) -> Result<()> {
    let (limits, now) = (limits::of_site(tx, scope)?, tally(tx, scope)?);
    for ((of, before), now) in Counted::ALL.into_iter().zip(before).zip(now) {
        if now > before && limits.most(of.resource()).is_some_and(|most| now > most) {
            return Err(Error::refused(Code::LimitReached, of.resource().words()));
        }
    }
    Ok(())
}

/// Names of this machine are everybody's and cost nothing, so that customers get no store of them.
pub(super) fn need_local_room(tx: &mut Tx<'_>, scope: SiteScope) -> Result<()> {
    if tx.authorize_server(Capability::ServerManage).is_ok() {
        return Ok(());
    }
    let own = format!("{}.localhost", rows::find(tx, scope)?.name);
    let by_hand = |d: &&Domain| d.host != own && name_of(d).is_ok_and(|name| names::is_local(&name));
    let there = rows::domains(tx, scope)?.iter().filter(by_hand).count();
    if there < LOCAL { Ok(()) } else { Err(Error::refused(Code::LimitReached, "names of this machine")) }
}

/// How many names of each kind an account has.
///
/// # Errors
/// Database failures.
pub fn tally_of(tx: &mut Tx<'_>, account: AccountScope) -> Result<[u64; 3]> {
    Ok(counts_of(&across::names_of_account(tx, account)?))
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
