//! The rules of sites beside the host table: swapped on the commit that changes them, asked at each request.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ResponseHead;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use arc_swap::{ArcSwap, Guard};
use freehold_base::SiteId;
use freehold_platform::sites::rules::{Header, PrivateFolder, Rules, is_for};

use super::hosts::{HostTable, SiteRef};
use super::path::CanonPath;

/// Rules in force, with their headers as the door sends them.
#[derive(Debug)]
pub struct InForce {
    rules: Rules,
    /// Those of [`Rules::headers`], place by place.
    headers: Vec<(HeaderName, HeaderValue)>,
    hsts: Option<HeaderValue>,
}

impl Deref for InForce {
    type Target = Rules;

    fn deref(&self) -> &Rules {
        &self.rules
    }
}

impl From<Rules> for InForce {
    fn from(mut rules: Rules) -> Self {
        // Checked when they were stored.
        let ready = |row: &Header| {
            Some((HeaderName::from_bytes(row.name.as_bytes()).ok()?, HeaderValue::from_str(&row.value).ok()?))
        };
        rules.headers.retain(|row| ready(row).is_some());
        let headers = rules.headers.iter().filter_map(ready).collect();
        let below = if rules.web.hsts_subdomains { "; includeSubDomains" } else { "" };
        let text = format!("max-age={}{below}", u64::from(rules.web.hsts_days) * 86_400);
        let hsts = (rules.web.hsts_days > 0).then(|| HeaderValue::from_str(&text).ok()).flatten();
        Self { rules, headers, hsts }
    }
}

impl InForce {
    /// Headers for an address, weakest first.
    fn headers_for<'r>(&'r self, path: &'r str) -> impl Iterator<Item = &'r (HeaderName, HeaderValue)> {
        self.rules.headers.iter().zip(&self.headers).filter(move |(row, _)| is_for(row, path)).map(|(_, ready)| ready)
    }
}

/// Rules by site.
pub type Table = HashMap<SiteId, Arc<InForce>, foldhash::quality::RandomState>;

/// Rules of all sites that have some. Readers never wait.
#[derive(Debug, Default)]
pub struct SiteRules {
    table: ArcSwap<Table>,
    /// One at a time: each change copies the table.
    turn: Mutex<()>,
}

impl SiteRules {
    /// The rules in force now; a site without any costs one look into a table.
    pub fn now(&self) -> Guard<Arc<Table>> {
        self.table.load()
    }

    /// Puts these in force, in place of all.
    pub fn replace(&self, all: Vec<(SiteId, Rules)>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.table.store(Arc::new(all.into_iter().map(|(site, rules)| (site, Arc::new(rules.into()))).collect()));
    }

    /// Puts the rules of one site in force.
    pub fn set(&self, site: SiteId, rules: Option<Rules>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = Table::clone(&self.table.load());
        match rules {
            Some(rules) => drop(table.insert(site, Arc::new(rules.into()))),
            None => drop(table.remove(&site)),
        }
        self.table.store(Arc::new(table));
    }
}

/// Addresses that belong to those who prove that they own a name: no rule stands before them.
const PROOF: &str = "/.well-known/acme-challenge/";

/// Addresses below which, after a token, stand all pages of the site once more.
const PREVIEWS: [&str; 2] = ["/_/theme/", "/_/design/"];

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
    // Only between names that the site has as such: one that a wildcard answers is one of many.
    let has = |there: &SiteRef| there.site == site.site && !there.below && !there.redirect_to_main;
    table.find(&wanted).ok().filter(|there| !site.below && has(there))?;
    let (scheme, rest) = site.origin.split_once("://")?;
    let port = rest.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let port = port.map(|(_, port)| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{wanted}{port}"))
}

/// An address with a query more, before its fragment.
fn with_query(location: &str, query: &str) -> String {
    let (start, fragment) = location.find('#').map_or((location, ""), |at| location.split_at(at));
    let sign = if start.contains('?') { '&' } else { '?' };
    format!("{start}{sign}{query}{fragment}")
}

/// Whether a request passes as if there were no rules: for ways that know nothing of them. `headers`: whether those
/// count too, over TLS or not.
pub fn passes(rules: &InForce, table: &HostTable, site: &SiteRef, path: &CanonPath<'_>, headers: Option<bool>) -> bool {
    if path.as_str().starts_with(PROOF) {
        return true;
    }
    let plain = match headers {
        Some(secure) => !(secure && rules.hsts.is_some()) && rules.headers_for(path.as_str()).next().is_none(),
        None => true,
    };
    plain
        && private_folder(rules, path).is_none()
        && !rules.redirects.takes(path.as_str())
        && other_name(rules, table, site).is_none()
}

/// The folder behind a password that an address lies in; a page in a preview lies where it lies without.
pub fn private_folder<'r>(rules: &'r Rules, path: &CanonPath<'_>) -> Option<&'r PrivateFolder> {
    let path = path.as_str();
    if path.starts_with(PROOF) {
        return None;
    }
    rules.folder_of(path).or_else(|| rules.folder_of(within_preview(path)?))
}

/// The address of the page that a preview of a theme or a design shows; none for other addresses.
fn within_preview(path: &str) -> Option<&str> {
    let rest = PREVIEWS.iter().find_map(|start| path.strip_prefix(start))?;
    rest.find('/').and_then(|end| rest.get(end..))
}

/// Headers that the rules give to an address, ready to be sent. `secure`: it is answered over TLS.
pub fn headers(rules: &InForce, path: &str, secure: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut all: Vec<(HeaderName, HeaderValue)> = Vec::new();
    let hsts = rules.hsts.iter().filter(|_| secure);
    all.extend(hsts.map(|value| (header::STRICT_TRANSPORT_SECURITY, value.clone())));
    for (name, value) in rules.headers_for(path) {
        all.retain(|(known, _)| known != name);
        all.push((name.clone(), value.clone()));
    }
    all
}

/// Puts these headers in the place of those of the same name. What a page is, it knows better than a rule; and how long
/// a fault, or what is for one person alone, may be kept (security rule B10); and what a preview is kept apart by (B6).
pub fn put_on(answer: &mut ResponseHead, headers: Vec<(HeaderName, HeaderValue)>) {
    let keeps = matches!(answer.status, StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED)
        && !is_personal(answer.headers());
    let apart = is_apart(answer.headers());
    for (name, value) in headers {
        let its_own =
            name == header::CONTENT_TYPE || name == header::CACHE_CONTROL && !keeps || apart && keeps_apart(&name);
        if !its_own {
            answer.headers_mut().insert(name, value);
        }
    }
}

/// Whether a page stands in a sandbox, as previews do.
fn is_apart(headers: &HeaderMap) -> bool {
    let mut policies = headers.get_all(header::CONTENT_SECURITY_POLICY).filter_map(|value| value.to_str().ok());
    policies.any(|policy| policy.split(';').any(|part| part.trim_start().starts_with("sandbox")))
}

/// What says who frames a page, what runs in it and what it tells others.
fn keeps_apart(name: &HeaderName) -> bool {
    *name == header::CONTENT_SECURITY_POLICY || *name == header::X_FRAME_OPTIONS || *name == header::REFERRER_POLICY
}

fn is_personal(headers: &HeaderMap) -> bool {
    let said = headers.get_all(header::CACHE_CONTROL).filter_map(|value| value.to_str().ok());
    let alone = |word: &str| {
        let word = word.split('=').next().unwrap_or_default().trim();
        word.eq_ignore_ascii_case("private") || word.eq_ignore_ascii_case("no-store")
    };
    headers.contains_key(header::SET_COOKIE) || said.flat_map(|value| value.split(',')).any(alone)
}

#[cfg(test)]
mod tests {
    use actix_web::dev::Response;
    use freehold_base::AccountId;

    use super::*;

    fn site(host: &str, below: bool) -> SiteRef {
        SiteRef {
            site: SiteId(1),
            account: AccountId(1),
            host: host.into(),
            origin: "http://harbour.blog:8080".into(),
            kind: super::super::hosts::SiteKind::Cms,
            redirect_to_main: false,
            suspended: false,
            preview: false,
            below,
        }
    }

    #[test]
    fn www_or_not_leads_to_the_other_name_and_never_to_itself() {
        let bare = site("harbour.blog", false);
        let (www, below) = (site("www.harbour.blog", false), site("harbour.blog", true));
        let names = |names: &[&SiteRef]| HostTable::new(names.iter().map(|name| (*name).clone()), vec![8080]);
        let leads = |wish: &str, table: &HostTable, host: &str| {
            let mut rules = Rules::default();
            rules.web.www = wish.into();
            other_name(&rules, table, table.find(host).unwrap())
        };
        let both = names(&[&bare, &www]);
        assert_eq!(leads("with", &both, "harbour.blog").as_deref(), Some("http://www.harbour.blog:8080"));
        assert_eq!(leads("without", &both, "www.harbour.blog").as_deref(), Some("http://harbour.blog:8080"));
        assert_eq!([leads("with", &both, "www.harbour.blog"), leads("without", &both, "harbour.blog")], [None, None]);
        for table in [names(&[&bare, &below]), names(&[&below]), names(&[&www, &below])] {
            for wish in ["with", "without"] {
                for host in ["harbour.blog", "www.harbour.blog", "shop.harbour.blog"] {
                    if table.find(host).is_ok() {
                        assert_eq!(leads(wish, &table, host), None, "{wish} {host}");
                    }
                }
            }
        }
        let all = names(&[&bare, &www, &below]);
        assert_eq!(leads("with", &all, "harbour.blog").as_deref(), Some("http://www.harbour.blog:8080"));
        assert_eq!(leads("with", &all, "shop.harbour.blog"), None, "one of many");
    }

    // rule: B10
    #[test]
    fn b10_a_header_rule_makes_nothing_public_that_is_for_one_person_or_a_fault() {
        let kept = |status, before: &[(HeaderName, &'static str)]| {
            let mut answer = Response::new(status);
            for (name, value) in before {
                answer.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
            }
            let rule = |name, value| (name, HeaderValue::from_static(value));
            let rules = vec![rule(header::CACHE_CONTROL, "public, max-age=600"), rule(header::X_FRAME_OPTIONS, "DENY")];
            put_on(answer.head_mut(), rules);
            assert!(answer.headers().contains_key(header::X_FRAME_OPTIONS));
            let said = answer.headers().get(header::CACHE_CONTROL);
            said.is_some_and(|value| value.as_bytes().starts_with(b"public, max-age=600"))
        };
        for status in [StatusCode::OK, StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED] {
            assert!(kept(status, &[]) && kept(status, &[(header::CACHE_CONTROL, "public, max-age=0")]));
            assert!(!kept(status, &[(header::CACHE_CONTROL, "Private, no-cache")]));
            assert!(!kept(status, &[(header::CACHE_CONTROL, "max-age=0, No-Store")]));
            assert!(!kept(status, &[(header::SET_COOKIE, "a=b")]));
        }
        for status in [StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE] {
            assert!(!kept(status, &[]), "{status}");
        }
    }

    // rule: B6
    #[test]
    fn b06_a_header_rule_takes_no_preview_out_of_its_sandbox() {
        let rules = || {
            let rule = |name, value| (name, HeaderValue::from_static(value));
            vec![
                rule(header::CONTENT_SECURITY_POLICY, "default-src *"),
                rule(header::X_FRAME_OPTIONS, "DENY"),
                rule(header::REFERRER_POLICY, "unsafe-url"),
                rule(header::SERVER, "quay"),
            ]
        };
        for (own, stays) in [("default-src 'self'; sandbox allow-forms", true), ("default-src 'self'", false)] {
            let mut answer = Response::new(StatusCode::OK);
            answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(own));
            put_on(answer.head_mut(), rules());
            let headers = answer.headers();
            assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY).unwrap() == own, stays, "{own}");
            assert_eq!(headers.contains_key(header::X_FRAME_OPTIONS), !stays, "{own}");
            assert_eq!(headers.contains_key(header::REFERRER_POLICY), !stays, "{own}");
            assert!(headers.contains_key(header::SERVER), "all else as ever");
        }
    }

    // rule: B6
    #[test]
    fn b06_a_page_in_a_preview_lies_in_the_folder_that_it_lies_in_without() {
        let inside = [
            ("/_/design/abc.def/members/x/", Some("/members/x/")),
            ("/_/theme/abc.def/", Some("/")),
            ("/_/design/abc.def", None),
            ("/_/comment", None),
            ("/members/_/design/a/b", None),
        ];
        for (path, expected) in inside {
            assert_eq!(within_preview(path), expected, "{path}");
        }
    }

    #[test]
    fn a_promise_of_tls_alone_keeps_nobody_off_the_fast_way_where_there_is_none() {
        let mut rules = Rules::default();
        rules.web.hsts_days = 30;
        let rules = InForce::from(rules);
        let table = HostTable::new([site("harbour.blog", false)], vec![]);
        let (here, path) = (table.find("harbour.blog").unwrap(), CanonPath::parse("/").unwrap());
        let passes = |secure| passes(&rules, &table, here, &path, Some(secure));
        assert_eq!([passes(false), passes(true)], [true, false]);
    }

    #[test]
    fn a_query_is_added_before_the_fragment() {
        for (location, expected) in [("/a", "/a?x=1"), ("/a?y=2", "/a?y=2&x=1"), ("/a#b", "/a?x=1#b")] {
            assert_eq!(with_query(location, "x=1"), expected);
        }
    }
}
