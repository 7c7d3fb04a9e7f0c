//! The rules of sites beside the host table: swapped on the commit that changes them, asked at each request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use arc_swap::ArcSwap;
use freehold_base::SiteId;
use freehold_platform::sites::rules::{PrivateFolder, Rules};

use super::hosts::{HostTable, SiteRef};
use super::path::CanonPath;

type Table = HashMap<SiteId, Arc<Rules>, foldhash::quality::RandomState>;

/// Rules of all sites that have some. Readers never wait.
#[derive(Debug, Default)]
pub struct SiteRules {
    table: ArcSwap<Table>,
    /// One at a time: each change copies the table.
    turn: Mutex<()>,
}

impl SiteRules {
    /// The rules of a site; a site without any costs one look into a table.
    pub fn of(&self, site: SiteId) -> Option<Arc<Rules>> {
        let table = self.table.load();
        if table.is_empty() { None } else { table.get(&site).cloned() }
    }

    /// Puts these in force, in place of all.
    pub fn replace(&self, all: Vec<(SiteId, Rules)>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.table.store(Arc::new(all.into_iter().map(|(site, rules)| (site, Arc::new(rules))).collect()));
    }

    /// Puts the rules of one site in force.
    pub fn set(&self, site: SiteId, rules: Option<Rules>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = Table::clone(&self.table.load());
        match rules {
            Some(rules) => drop(table.insert(site, Arc::new(rules))),
            None => drop(table.remove(&site)),
        }
        self.table.store(Arc::new(table));
    }
}

/// Addresses that belong to those who prove that they own a name: no rule stands before them.
const PROOF: &str = "/.well-known/acme-challenge/";

/// Where a rule sends a request on to: status and location. `table` says which names the site has.
pub fn moved(
    rules: &Rules,
    table: &HostTable,
    site: &SiteRef,
    path: &CanonPath<'_>,
    query: Option<&str>,
) -> Option<(u16, String)> {
    if path.as_str().starts_with(PROOF) {
        return None;
    }
    if let Some(origin) = other_name(rules, table, site) {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        return Some((301, format!("{origin}{}{query}", path.encoded())));
    }
    let hit = rules.redirects.find(path.as_str())?;
    let status = u16::try_from(hit.rule.status).unwrap_or(301);
    let location = match query.filter(|query| hit.rule.keep_query && !query.is_empty()) {
        Some(query) => with_query(&hit.location, query),
        None => hit.location,
    };
    Some((status, location))
}

/// The origin of the name that a site wants to be asked under: with `www.` or without.
fn other_name(rules: &Rules, table: &HostTable, site: &SiteRef) -> Option<String> {
    let wanted = match rules.web.www.as_str() {
        "with" if !site.host.starts_with("www.") => format!("www.{}", site.host),
        "without" => site.host.strip_prefix("www.")?.to_owned(),
        _ => return None,
    };
    // Only to a name that answers with this site: else nothing would, or it would lead back.
    let there = table.find(&wanted).ok().filter(|there| there.site == site.site && !there.redirect_to_main)?;
    let (scheme, rest) = site.origin.split_once("://")?;
    let port = rest.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let port = port.map(|(_, port)| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{}{port}", there.host))
}

/// An address with a query more, before its fragment.
fn with_query(location: &str, query: &str) -> String {
    let (start, fragment) = location.find('#').map_or((location, ""), |at| location.split_at(at));
    let sign = if start.contains('?') { '&' } else { '?' };
    format!("{start}{sign}{query}{fragment}")
}

/// Whether a request passes as if there were no rules: for ways that know nothing of them. `headers`: whether those
/// count too.
pub fn passes(rules: &Rules, table: &HostTable, site: &SiteRef, path: &CanonPath<'_>, headers: bool) -> bool {
    if path.as_str().starts_with(PROOF) {
        return true;
    }
    let plain = !headers || (rules.web.hsts_days == 0 && rules.headers_of(path.as_str()).next().is_none());
    plain
        && rules.folder_of(path.as_str()).is_none()
        && rules.redirects.find(path.as_str()).is_none()
        && other_name(rules, table, site).is_none()
}

/// The folder behind a password that an address lies in.
pub fn private_folder<'r>(rules: &'r Rules, path: &CanonPath<'_>) -> Option<&'r PrivateFolder> {
    if path.as_str().starts_with(PROOF) { None } else { rules.folder_of(path.as_str()) }
}

/// Headers that the rules give to an address, ready to be sent. `secure`: it is answered over TLS.
pub fn headers(rules: &Rules, path: &str, secure: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut all: Vec<(HeaderName, HeaderValue)> = Vec::new();
    if secure && rules.web.hsts_days > 0 {
        let below = if rules.web.hsts_subdomains { "; includeSubDomains" } else { "" };
        let text = format!("max-age={}{below}", u64::from(rules.web.hsts_days) * 86_400);
        if let Ok(value) = HeaderValue::from_str(&text) {
            all.push((header::STRICT_TRANSPORT_SECURITY, value));
        }
    }
    for row in rules.headers_of(path) {
        // Checked when they were stored.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(row.name.as_bytes()), HeaderValue::from_str(&row.value))
        {
            all.retain(|(known, _)| *known != name);
            all.push((name, value));
        }
    }
    all
}

/// Puts these headers in the place of those of the same name. What a page is, it knows better than a rule.
pub fn put_on(answer: &mut HeaderMap, headers: Vec<(HeaderName, HeaderValue)>) {
    for (name, value) in headers {
        if name != header::CONTENT_TYPE {
            answer.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn a_query_is_added_before_the_fragment() {
        for (location, expected) in [("/a", "/a?x=1"), ("/a?y=2", "/a?y=2&x=1"), ("/a#b", "/a?x=1#b")] {
            assert_eq!(with_query(location, "x=1"), expected);
        }
    }
}
