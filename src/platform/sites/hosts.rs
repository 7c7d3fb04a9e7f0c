//! The host table's content: every host name with what answers there (security rule B1).

use std::collections::HashMap;

use freehold_base::{AccountId, Result, SiteId};
use freehold_store::Tx;
use freehold_store::sites as rows;

/// What answers under a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name, lower case, without port.
    pub host: String,
    /// Its site.
    pub site: SiteId,
    /// The site's account.
    pub account: AccountId,
    /// Main name of the site.
    pub main_host: String,
    /// How it answers.
    pub kind: HostKind,
    /// The site is suspended: 503.
    pub suspended: bool,
}

/// How a host name answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// With the site.
    Serves,
    /// With a permanent redirect to the main name.
    Redirects,
}

/// Every host name. Built at start and after each `HostsChanged`.
///
/// # Errors
/// Database failures.
pub fn hosts(tx: &mut Tx<'_>) -> Result<Vec<Host>> {
    let rows = rows::all_hosts(tx)?;
    let mains: HashMap<SiteId, String> =
        rows.iter().filter(|(d, ..)| d.kind == "main").map(|(d, s, _)| (s.id, d.host.clone())).collect();
    Ok(rows
        .into_iter()
        .map(|(domain, site, account)| Host {
            main_host: mains.get(&site.id).cloned().unwrap_or_else(|| domain.host.clone()),
            host: domain.host,
            site: site.id,
            account: site.account_id,
            kind: if domain.kind == "redirect" { HostKind::Redirects } else { HostKind::Serves },
            suspended: site.status != "active" || account != "active",
        })
        .collect())
}
