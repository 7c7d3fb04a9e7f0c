//! Where a plugin may fetch from.

use std::fmt;

use freehold_base::HostName;

use crate::problem::{Problems, shown};

/// A host of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostPattern {
    /// `api.example.org`: this name.
    Name(HostName),
    /// `*.example.org`: every name below, not itself.
    Below(HostName),
    /// `setting:endpoint`: the host of the address that a person typed into this setting.
    Setting(String),
}

impl HostPattern {
    /// Reads one; notes what is wrong with it at `field`. A setting it names is looked up by the caller.
    pub(super) fn read(field: &str, text: &str, problems: &mut Problems) -> Option<Self> {
        if let Some(id) = text.strip_prefix("setting:") {
            return Some(Self::Setting(id.to_owned()));
        }
        let (below, name) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let plain = !name.contains(['/', ':', '*', '@']);
        match HostName::parse(name) {
            Ok(host) if plain && name.contains('.') && host.as_str() == name => {
                Some(if below { Self::Below(host) } else { Self::Name(host) })
            }
            _ => {
                let next = "Write a name such as api.example.org, *.example.org for all below it, or setting:ID for \
                            the host of an address that people type. Lower case, no https://, no port.";
                problems.add(field, format!("`{}` is not a host", shown(text)), next);
                None
            }
        }
    }
    /// Whether a host is one of these; `typed` gives the address that stands in a setting.
    pub fn fits(&self, host: &str, typed: impl FnOnce(&str) -> Option<String>) -> bool {
        match self {
            Self::Name(name) => name.as_str() == host,
            Self::Below(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            Self::Setting(id) => typed(id).is_some_and(|address| host_of(&address).as_deref() == Some(host)),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Setting(id) => write!(f, "setting:{id}"),
        }
    }
}

/// The host of an address as it is compared: of `https:` or `http:`, lower case, no name or password, any port.
/// None where it is anything else.
pub(crate) fn host_of(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    if address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains('@') {
        return None;
    }
    let (name, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let port_ok = !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    HostName::parse(name)
        .ok()
        .filter(|host| port_ok && host.as_str().len() == name.len())
        .map(|h| h.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_host_or_none() {
        for (address, host) in [
            ("https://api.example.org/x?y#z", Some("api.example.org")),
            ("http://API.example.org:8080", Some("api.example.org")),
            ("https://good.org@evil.org/", None),
            ("https://good.org\\@evil.org/", None),
            ("https://evil.org#good.org", Some("evil.org")),
            ("https://evil.org?.good.org", Some("evil.org")),
            ("https:///good.org", None),
            ("https://good.org:", None),
            ("https://good.org./", None),
            ("https://go od.org/", None),
            ("ftp://good.org/", None),
            ("//good.org/", None),
            ("https://[::1]/", None),
            ("https://gööd.org/", None),
        ] {
            assert_eq!(host_of(address).as_deref(), host, "{address}");
        }
    }

    #[test]
    fn a_pattern_fits_its_hosts_and_no_look_alikes() {
        let mut problems = Problems::default();
        let mut fits = |pattern: &str, host: &str| {
            let pattern = HostPattern::read("hosts[0]", pattern, &mut problems).expect("a pattern");
            pattern.fits(host, |id| (id == "endpoint").then(|| "https://crm.example.net/in".to_owned()))
        };
        assert!(fits("api.example.org", "api.example.org"));
        assert!(!fits("api.example.org", "x.api.example.org"));
        assert!(fits("*.example.org", "a.b.example.org"));
        assert!(!fits("*.example.org", "example.org"));
        assert!(!fits("*.example.org", "evilexample.org"));
        assert!(!fits("*.example.org", ".example.org"));
        assert!(fits("setting:endpoint", "crm.example.net"));
        assert!(!fits("setting:other", "crm.example.net"));
        for wrong in
            ["https://x.org", "x.org:443", "*", "*.*.org", "x.*", "localhost", "X.org", "a@b.org", "x.org/", ""]
        {
            assert_eq!(HostPattern::read("hosts[0]", wrong, &mut problems), None, "{wrong}");
        }
        assert_eq!(problems.0.len(), 10);
    }
}
