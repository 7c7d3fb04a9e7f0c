//! Which site answers under a name (security rule B1). One look in a table that is swapped whole.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::dev::RequestHead;
use actix_web::http::header;
use arc_swap::{ArcSwap, Guard};
use freehold_base::{AccountId, SiteId};

/// What answers under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SiteKind {
    /// Pages made by a theme.
    Cms,
    /// Files of the account.
    Static,
    /// php-fpm of the account.
    Php,
    /// Another server.
    Proxy,
    /// Nothing of its own.
    Redirect,
}

/// One name in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRef {
    /// The site; its number is 0 for names that only redirect.
    pub site: SiteId,
    /// The account that owns it.
    pub account: AccountId,
    /// This name, lower case, without port.
    pub host: Arc<str>,
    /// `scheme://host[:port]` of the site's main name: the only origin that pages and mails may print.
    pub origin: Arc<str>,
    /// What answers.
    pub kind: SiteKind,
    /// True for a name whose every address is sent on to the same address at `origin` (301).
    pub redirect_to_main: bool,
    /// True where nothing of the site is shown for now (503).
    pub suspended: bool,
    /// True for a name to look at the site before its own points here: search engines are kept out.
    pub preview: bool,
    /// True where every name below `host` is meant, and not `host` itself.
    pub below: bool,
}

/// Why a request has no site. Answered with 400 ([`HostRefusal::Malformed`]) or 421.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRefusal {
    /// No host, several, a host that is none, or a target that contradicts it.
    Malformed,
    /// A well-formed name or port that nobody serves here.
    Unknown,
}

type Names = HashMap<Arc<str>, Arc<SiteRef>, foldhash::quality::RandomState>;

/// All names that this node answers to.
#[derive(Debug, Default)]
pub struct HostTable {
    names: Names,
    /// What stands after `*.`, with the site of all names below it.
    below: Names,
    ports: Vec<u16>,
}

impl HostTable {
    /// `ports`: the ports a `Host` header may name (those of the listeners and of the sites' origins); a header
    /// without a port always passes. Empty: any port.
    pub fn new(sites: impl IntoIterator<Item = SiteRef>, ports: Vec<u16>) -> Self {
        let mut table = Self { ports, ..Self::default() };
        table.insert(sites);
        table
    }

    /// This table with the names of these sites put anew; those of all others stay as they are.
    pub fn with_sites(&self, sites: &[SiteId], names: impl IntoIterator<Item = SiteRef>) -> Self {
        let others = |all: &Names| -> Names {
            let kept = all.iter().filter(|(_, of)| !sites.contains(&of.site));
            kept.map(|(name, of)| (Arc::clone(name), Arc::clone(of))).collect()
        };
        let mut table = Self { names: others(&self.names), below: others(&self.below), ports: self.ports.clone() };
        table.insert(names);
        table
    }

    fn insert(&mut self, sites: impl IntoIterator<Item = SiteRef>) {
        for site in sites {
            let name: Arc<str> = site.host.to_ascii_lowercase().into();
            let names = if site.below { &mut self.below } else { &mut self.names };
            names.insert(name, Arc::new(site));
        }
    }

    /// The exact name, else the longest wildcard that it lies below, however many labels deep.
    fn look(&self, name: &str) -> Option<&Arc<SiteRef>> {
        if let Some(site) = self.names.get(name) {
            return Some(site);
        }
        if self.below.is_empty() {
            return None;
        }
        let mut above = name;
        while let Some((label, rest)) = above.split_once('.') {
            if label.is_empty() {
                return None;
            }
            if let Some(site) = self.below.get(rest) {
                return Some(site);
            }
            above = rest;
        }
        None
    }

    /// The site of a `Host` header or authority (`name`, `name:port`).
    ///
    /// # Errors
    /// [`HostRefusal`].
    pub fn find(&self, authority: &str) -> Result<&Arc<SiteRef>, HostRefusal> {
        let (name, port) = split_port(authority)?;
        if port.is_some_and(|port| !self.ports.is_empty() && !self.ports.contains(&port)) {
            return Err(HostRefusal::Unknown);
        }
        let found = match name.bytes().any(|b| b.is_ascii_uppercase()) {
            false => self.look(name),
            true => self.look(&name.to_ascii_lowercase()),
        };
        found.ok_or(HostRefusal::Unknown)
    }

    /// The site a request is for. The header is read by us: `connection_info` believes anyone.
    ///
    /// # Errors
    /// [`HostRefusal`].
    pub fn of(&self, head: &RequestHead) -> Result<&Arc<SiteRef>, HostRefusal> {
        let mut hosts = head.headers().get_all(header::HOST);
        let named = hosts.next().map(|value| value.to_str().map_err(|_| HostRefusal::Malformed)).transpose()?;
        if hosts.next().is_some() {
            return Err(HostRefusal::Malformed);
        }
        let target = head.uri.authority().map(|authority| authority.as_str());
        match (named, target) {
            (Some(host), None) => self.find(host),
            (None, Some(target)) => self.find(target), // HTTP/2 `:authority`
            (Some(host), Some(target)) if host.eq_ignore_ascii_case(target) => self.find(host),
            _ => Err(HostRefusal::Malformed),
        }
    }

    /// The account of each site.
    pub fn accounts(&self) -> HashMap<SiteId, AccountId> {
        self.names.values().map(|site| (site.site, site.account)).collect()
    }

    /// How many names it holds.
    pub fn len(&self) -> usize {
        self.names.len() + self.below.len()
    }

    /// True where it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Splits `name:port`. Ports are one to five digits without leading zero; names are checked by being in the table,
/// but for characters that no name has.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), HostRefusal> {
    let name_end = match authority.strip_prefix('[') {
        Some(literal) => literal.find(']').ok_or(HostRefusal::Malformed)? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (name, rest) = authority.split_at_checked(name_end).ok_or(HostRefusal::Malformed)?;
    let name_ok = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'[' | b']' | b':');
    if name.is_empty() || name.len() > 255 || !name.bytes().all(name_ok) {
        return Err(HostRefusal::Malformed);
    }
    if rest.is_empty() {
        return Ok((name, None));
    }
    let digits = rest.strip_prefix(':').ok_or(HostRefusal::Malformed)?;
    let digits_ok = !digits.starts_with('0') && digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if digits_ok => Ok((name, Some(port))),
        _ => Err(HostRefusal::Malformed),
    }
}

/// The table in force. Readers never wait; a new table is in force when [`Hosts::swap`] returns.
#[derive(Debug, Default)]
pub struct Hosts(ArcSwap<HostTable>);

impl Hosts {
    /// Starts with this table.
    pub fn new(table: HostTable) -> Self {
        Self(ArcSwap::from_pointee(table))
    }
    /// The table in force now.
    pub fn now(&self) -> Guard<Arc<HostTable>> {
        self.0.load()
    }
    /// The origin of a site, where it has a name here.
    pub fn origin_of(&self, site: SiteId) -> Option<Arc<str>> {
        let of_site = |s: &&Arc<SiteRef>| s.site == site && !s.preview;
        self.0.load().names.values().find(of_site).map(|s| Arc::clone(&s.origin))
    }
    /// Puts another table in force.
    pub fn swap(&self, table: HostTable) {
        self.0.store(Arc::new(table));
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn table() -> HostTable {
        let site = |id, host: &str, redirect_to_main| SiteRef {
            site: SiteId(id),
            account: AccountId(1),
            host: host.into(),
            origin: "http://127.0.0.1:8080".into(),
            kind: SiteKind::Cms,
            redirect_to_main,
            suspended: false,
            preview: false,
            below: false,
        };
        let sites = [
            site(1, "127.0.0.1", false),
            site(1, "localhost", true),
            site(2, "bakery.localhost", false),
            site(3, "xn--bcher-kva.example", false),
            site(4, "[::1]", false),
        ];
        HostTable::new(sites, vec![8080])
    }

    // row: H026
    #[test]
    fn h026_the_longest_wildcard_answers_and_names_of_their_own_come_first() {
        let mut sites = vec![];
        for (id, host, below) in [
            (1, "harbour.blog", false),
            (2, "shop.harbour.blog", false),
            (3, "harbour.blog", true),
            (4, "shop.harbour.blog", true),
        ] {
            let like = Arc::clone(table().find("127.0.0.1").unwrap());
            sites.push(SiteRef { site: SiteId(id), host: host.into(), below, ..SiteRef::clone(&like) });
        }
        let table = HostTable::new(sites.clone(), vec![8080]);
        let of = |table: &HostTable, host: &str| table.find(host).map(|s| s.site.get()).ok();
        for (host, expected) in [
            ("harbour.blog", Some(1)),
            ("www.harbour.blog", Some(3)),
            ("a.b.harbour.blog:8080", Some(3)),
            ("A.Harbour.BLOG", Some(3)),
            ("shop.harbour.blog", Some(2)),
            ("x.shop.harbour.blog", Some(4)),
            ("notharbour.blog", None),
            ("blog", None),
            (".harbour.blog", None),
            ("a..harbour.blog", None),
        ] {
            assert_eq!(of(&table, host), expected, "{host}");
        }
        // One site put anew leaves the others alone.
        let moved = SiteRef { host: "pine.blog".into(), below: false, ..sites[2].clone() };
        let table = table.with_sites(&[SiteId(3)], [moved]);
        assert_eq!(
            [of(&table, "pine.blog"), of(&table, "www.harbour.blog"), of(&table, "harbour.blog")],
            [Some(3), None, Some(1)]
        );
        assert_eq!(table.len(), 4);
    }

    #[test]
    fn b1_host_headers() {
        use HostRefusal::{Malformed, Unknown};
        let table = table();
        for (header, expected) in [
            ("127.0.0.1:8080", Ok(1)),
            ("127.0.0.1", Ok(1)),
            ("Bakery.LOCALHOST:8080", Ok(2)),
            ("xn--bcher-kva.example", Ok(3)),
            ("[::1]:8080", Ok(4)),
            ("evil.example", Err(Unknown)),
            ("bakery.localhost.", Err(Unknown)),
            ("bakery.localhost:81", Err(Unknown)),
            ("bakery.localhost:08080", Err(Malformed)),
            ("bakery.localhost:", Err(Malformed)),
            ("bakery.localhost:8080@evil.example", Err(Malformed)),
            ("bakery.localhost:99999", Err(Malformed)),
            ("bakery.localhost:+8080", Err(Malformed)),
            ("user@bakery.localhost", Err(Malformed)),
            ("bakery.localhost/evil", Err(Malformed)),
            ("bakery.localhost, evil.example", Err(Malformed)),
            ("bücher.example", Err(Malformed)),
            ("", Err(Malformed)),
            ("[::1", Err(Malformed)),
            ("[::1]x", Err(Malformed)),
        ] {
            assert_eq!(table.find(header).map(|s| s.site.get()), expected, "{header}");
        }
    }

    #[test]
    fn b1_host_and_target_must_agree_and_forwarding_headers_say_nothing() {
        let table = table();
        let find = |uri: &str, hosts: &[&str]| {
            let mut request = TestRequest::with_uri(uri)
                .insert_header(("x-forwarded-host", "bakery.localhost"))
                .insert_header(("forwarded", "host=bakery.localhost"));
            for host in hosts {
                request = request.append_header(("host", *host));
            }
            table.of(request.to_srv_request().head()).map(|s| s.site.get())
        };
        assert_eq!(find("/", &["127.0.0.1:8080"]), Ok(1));
        assert_eq!(find("http://bakery.localhost:8080/", &["bakery.localhost:8080"]), Ok(2));
        assert_eq!(find("http://bakery.localhost:8080/", &[]), Ok(2));
        assert_eq!(find("http://evil.example/", &["bakery.localhost"]), Err(HostRefusal::Malformed));
        assert_eq!(find("http://bakery.localhost/", &["127.0.0.1"]), Err(HostRefusal::Malformed));
        assert_eq!(find("/", &["127.0.0.1", "bakery.localhost"]), Err(HostRefusal::Malformed));
        assert_eq!(find("/", &[]), Err(HostRefusal::Malformed));
    }
}
