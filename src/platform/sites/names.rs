//! What a name may be: rules without a database, and what the installation keeps for itself.

use freehold_base::{Code, DomainName, Error, HostName, OrInternal as _, Result};
use freehold_store::{Tx, installation};
use serde::{Deserialize, Serialize};
use unicode_security::MixedScript as _;

/// Where the installation's rules stand.
const FACT: &str = "domain_rules";

/// What this installation says of names. Written at each start from its configuration, so that every door keeps to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Names that no site may have, with all below them: the panel's.
    pub reserved: Vec<String>,
    /// Below it sites are looked at before their own name points here; empty: nowhere.
    pub preview: String,
    /// A customer's name is served once it is shown to be theirs.
    pub check_ownership: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { reserved: Vec::new(), preview: String::new(), check_ownership: true }
    }
}

impl Rules {
    /// The rules in force.
    ///
    /// # Errors
    /// Database failures.
    pub fn read(tx: &mut Tx<'_>) -> Result<Self> {
        let text = installation::get(tx, FACT)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Puts these in force; writes nothing where they are. For the start of a node.
    ///
    /// # Errors
    /// Database failures.
    pub fn put(&self, tx: &mut Tx<'_>) -> Result<()> {
        let text = serde_json::to_string(self).or_internal("writing the rules of names")?;
        installation::set(tx, FACT, &text)
    }

    /// Whether a name may be had by a site at all.
    ///
    /// # Errors
    /// `Invalid("host")` with `DomainReserved` or `DomainSuffix`.
    pub fn check(&self, name: &DomainName) -> Result<()> {
        let host = name.host().as_str();
        // Everybody has names of this machine, also where the panel is called so.
        let own = |reserved: &str| host == reserved || !is_local(name) && is_below(host, reserved);
        // Both ways: `*.host.example` would take what the panel at panel.host.example has.
        let over = |reserved: &str| name.is_wildcard() && is_below(reserved, host);
        let kept = self.reserved.iter().map(String::as_str).chain((!self.preview.is_empty()).then_some(&*self.preview));
        let shown = name.as_str();
        if host == "localhost" || kept.into_iter().any(|r| own(r) || over(r)) {
            return Err(Error::invalid("host", Code::DomainReserved, shown));
        }
        if is_local(name) && !name.is_wildcard() {
            return Ok(());
        }
        if host.parse::<std::net::Ipv4Addr>().is_ok() && name.is_wildcard() {
            return Err(Error::invalid("host", Code::HostMalformed, ""));
        }
        if is_suffix(host) {
            return Err(Error::invalid("host", Code::DomainSuffix, host));
        }
        Ok(())
    }
}

fn is_below(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether names are registered under it: `com`, `co.uk`, and every single word.
fn is_suffix(host: &str) -> bool {
    // The list has names of other scripts as they are read.
    let alone = |name: &str| psl::domain_str(name).is_none();
    host.parse::<std::net::Ipv4Addr>().is_err() && (alone(host) || alone(&shown(host)))
}

/// The part of a name that somebody registered: `harbour.blog` of `www.harbour.blog`; the name itself where it has none.
pub fn registered(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

/// Whether it is registered as it stands, so that it counts as a domain and not as a subdomain.
pub fn is_registered(host: &str) -> bool {
    registered(host) == host
}

/// Whether it means this machine to everybody: nobody can own it, and no name server knows it.
pub fn is_local(name: &DomainName) -> bool {
    name.host().is_loopback()
}

/// A name as people type or paste it: an address around it is dropped, other scripts become punycode.
///
/// # Errors
/// `Invalid("host")` with `HostMalformed`, or `Malformed` saying what is wrong (a port).
pub fn name_typed(text: &str) -> Result<DomainName> {
    let text = text.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let whole = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (wildcard, host) = whole.strip_prefix("*.").map_or((false, whole), |host| (true, host));
    if host.contains(':') {
        return Err(Error::invalid("host", Code::Malformed, "a name without a port, such as example.org"));
    }
    if host.contains('*') {
        return Err(Error::invalid(
            "host",
            Code::Malformed,
            "a star stands for all names below another one, such as *.example.org",
        ));
    }
    // What IDNA refuses is no host name in the eyes of anybody else either.
    let ascii = idna::domain_to_ascii(host).or_internal("converting the host name").unwrap_or_default();
    let host = HostName::parse(&ascii)?;
    if wildcard { DomainName::parse(&format!("*.{host}")) } else { Ok(host.into()) }
}

/// As [`name_typed`] where a wildcard makes no sense.
///
/// # Errors
/// As there, and `Malformed` for a wildcard.
pub fn host_typed(text: &str) -> Result<HostName> {
    let name = name_typed(text)?;
    if name.is_wildcard() {
        return Err(Error::invalid("host", Code::Malformed, "one name without a star, such as shop.example.org"));
    }
    Ok(name.host().clone())
}

/// A stored name as people read it: `bücher.example` for `xn--bcher-kva.example`.
pub fn shown(host: &str) -> String {
    let (star, rest) = host.strip_prefix("*.").map_or(("", host), |rest| ("*.", rest));
    let (text, read) = idna::domain_to_unicode(rest);
    if read.is_ok() { format!("{star}{text}") } else { host.to_owned() }
}

/// What may deceive readers about a name, in words; `None` where nothing does.
/// Source: Unicode Technical Standard 39 (mixed scripts, confusables).
pub fn warning(host: &str) -> Option<String> {
    let text = shown(host);
    for label in text.split('.').filter(|l| !l.is_ascii()) {
        if !label.is_single_script() {
            return Some(format!(
                "\u{201c}{label}\u{201d} mixes letters of several scripts. Browsers may show it as {host}, and readers may take it for a trick."
            ));
        }
        let plain: String = unicode_security::skeleton(label).collect();
        if plain.is_ascii() {
            return Some(format!(
                "\u{201c}{label}\u{201d} looks like \u{201c}{plain}\u{201d} and is not the same name. Browsers may show it as {host}."
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    // row: H031
    #[test]
    fn h031_names_are_read_as_people_paste_them() {
        let read = |text: &str| name_typed(text).map(|h| h.as_str().to_owned()).ok();
        for (typed, stored, seen) in [
            (" https://Example.ORG/about?x ", "example.org", "example.org"),
            ("b\u{fc}cher.de", "xn--bcher-kva.de", "b\u{fc}cher.de"),
            ("B\u{dc}CHER.de", "xn--bcher-kva.de", "b\u{fc}cher.de"),
            ("bu\u{308}cher.de", "xn--bcher-kva.de", "b\u{fc}cher.de"),
            ("xn--bcher-kva.de", "xn--bcher-kva.de", "b\u{fc}cher.de"),
            ("fa\u{df}.de", "xn--fa-hia.de", "fa\u{df}.de"),
            (
                "\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}",
                "xn--r8jz45g.xn--zckzah",
                "\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}",
            ),
            ("example\u{3002}org", "example.org", "example.org"),
            ("www.example.org.", "www.example.org", "www.example.org"),
            ("*.b\u{fc}cher.de", "*.xn--bcher-kva.de", "*.b\u{fc}cher.de"),
        ] {
            assert_eq!(read(typed).as_deref(), Some(stored), "{typed}");
            assert_eq!(shown(stored), seen);
        }
        for wrong in [
            "",
            "example.org:8080",
            "a b.org",
            "-x.org",
            "https://",
            "x..org",
            "ex_ample.org",
            "*",
            "*.*.org",
            "w*.org",
            "xn--a.org",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    // row: H031
    #[test]
    fn h031_a_name_that_may_deceive_is_told() {
        let of = |text: &str| warning(name_typed(text).expect("a name").as_str());
        for plain in [
            "b\u{fc}cher.de",
            "harbour.blog",
            "\u{43f}\u{43e}\u{447}\u{442}\u{430}.\u{440}\u{444}",
            "\u{4f8b}\u{3048}.jp",
        ] {
            assert_eq!(of(plain), None, "{plain}");
        }
        assert!(of("p\u{430}ypal.com").expect("a warning").contains("mixes"));
        assert!(of("\u{430}\u{440}\u{440}\u{4cf}\u{435}.com").expect("a warning").contains("looks like"));
    }

    // row: H030
    #[test]
    fn h030_endings_and_our_own_names_are_nobodys() {
        let rules = Rules {
            reserved: vec!["panel.host.example".into()],
            preview: "preview.host.example".into(),
            check_ownership: true,
        };
        let code = |text: &str| rules.check(&name_typed(text).expect(text)).map_err(|e| e.as_code()).err();
        for fine in [
            "harbour.blog",
            "www.harbour.blog",
            "*.harbour.blog",
            "mara.co.uk",
            "x.github.io",
            "host.example",
            "a.localhost",
            "127.0.0.1",
        ] {
            assert_eq!(code(fine), None, "{fine}");
        }
        for suffix in ["com", "co.uk", "*.co.uk", "*.com", "github.io", "intranet"] {
            assert_eq!(code(suffix), Some(Code::DomainSuffix), "{suffix}");
        }
        for kept in [
            "localhost",
            "*.localhost",
            "panel.host.example",
            "x.panel.host.example",
            "*.host.example",
            "preview.host.example",
            "site-7.preview.host.example",
        ] {
            assert_eq!(code(kept), Some(Code::DomainReserved), "{kept}");
        }
        let beside = Rules { reserved: vec!["localhost".into()], ..rules };
        let code = |text: &str| beside.check(&name_typed(text).expect(text)).map_err(|e| e.as_code()).err();
        assert_eq!((code("www.a.localhost"), code("localhost")), (None, Some(Code::DomainReserved)));
        assert_eq!((registered("a.b.harbour.blog"), registered("mara.co.uk")), ("harbour.blog", "mara.co.uk"));
    }
}
