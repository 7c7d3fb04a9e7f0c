//! Host names, checked once where they enter.

use crate::{Code, Error, Result};

/// A host name: lower case, punycode, RFC 1123 labels; no port, no trailing dot; or an IPv4 address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostName(String);

impl HostName {
    /// Reads a host name. Unicode names must come in punycode or are converted by the caller's IDNA step.
    ///
    /// # Errors
    /// `Invalid("host")` with `HostMalformed`.
    pub fn parse(text: &str) -> Result<Self> {
        let host = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let wrong = || Error::invalid("host", Code::HostMalformed, "");
        if host.is_empty() || host.len() > 253 || !host.is_ascii() {
            return Err(wrong());
        }
        let label_ok = |l: &str| {
            !l.is_empty()
                && l.len() <= 63
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        if host.split('.').all(label_ok) { Ok(Self(host)) } else { Err(wrong()) }
    }
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// True for `localhost`, names under it, and 127.0.0.0/8: where a plain-http panel is allowed.
    pub fn is_loopback(&self) -> bool {
        self.0 == "localhost"
            || self.0.ends_with(".localhost")
            || self.0.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
