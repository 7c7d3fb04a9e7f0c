//! The host table's content: every host name with what answers there (security rule B1).

use std::collections::HashMap;

use freehold_base::{AccountId, Error, Result, SiteId};
use freehold_store::{Tx, domains as across, sites as rows};

use super::names::Rules;

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
    /// The kind of the site: `cms`, `static`.
    pub site_kind: String,
    /// The folder of a site of files, below the home of its account; else empty.
    pub root: String,
}

/// How a host name answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// With the site.
    Serves,
    /// With a permanent redirect to the main name.
    Redirects,
    /// With the site, under its own origin and not for search engines: to look at before the main name points here.
    Previews,
    /// With the site, under every name below the one after `*.`.
    ServesBelow,
}

/// Every host name. Built at start and after each `HostsChanged`.
///
/// # Errors
/// Database failures.
pub fn hosts(tx: &mut Tx<'_>) -> Result<Vec<Host>> {
    let rows = rows::all_hosts(tx)?;
    let preview = Rules::read(tx)?.preview;
    Ok(hosts_in(rows, &preview))
}

/// The names of one site, as [`hosts`] has them. None where the site is gone.
///
/// # Errors
/// Database failures.
pub fn hosts_of(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Host>> {
    let scope = match tx.visit(site) {
        Ok(scope) => scope,
        Err(Error::Refused { .. }) => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let rows = across::hosts_of(tx, scope)?;
    let preview = Rules::read(tx)?.preview;
    Ok(hosts_in(rows, &preview))
}

fn hosts_in(rows: Vec<(rows::Domain, rows::Site, String)>, preview: &str) -> Vec<Host> {
    let mains: HashMap<SiteId, String> =
        rows.iter().filter(|(d, ..)| d.kind == "main").map(|(d, s, _)| (s.id, d.host.clone())).collect();
    let mut previewed = None;
    let mut all = Vec::with_capacity(rows.len());
    for (domain, site, account) in rows {
        let main_host = mains.get(&site.id).cloned().unwrap_or_else(|| domain.host.clone());
        let of = |host: String, kind| Host {
            host,
            site: site.id,
            account: site.account_id,
            main_host: main_host.clone(),
            kind,
            suspended: site.status != "active" || account != "active",
            site_kind: site.kind.clone(),
            root: site.root.clone(),
        };
        // Rows of a site stand together.
        if !preview.is_empty() && previewed.replace(site.id) != Some(site.id) {
            all.push(of(format!("site-{}.{preview}", site.id), HostKind::Previews));
        }
        let kind = match domain.kind.as_str() {
            "redirect" => HostKind::Redirects,
            "wildcard" => HostKind::ServesBelow,
            "alias" if domain.host.ends_with(".localhost") => HostKind::Previews,
            _ => HostKind::Serves,
        };
        all.push(of(domain.host, kind));
    }
    all
}
