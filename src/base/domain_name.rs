//! Names that a site answers to: one host, or everything below it.

use crate::{HostName, Result};

/// A host name, or `*.` before one: every name below it, however deep.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainName {
    host: HostName,
    text: String,
}

impl DomainName {
    /// Reads `example.org` or `*.example.org`, in punycode.
    ///
    /// # Errors
    /// `Invalid("host")` with `HostMalformed`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        match text.strip_prefix("*.") {
            None => Ok(Self::from(HostName::parse(text)?)),
            Some(host) => {
                let host = HostName::parse(host)?;
                Ok(Self { text: format!("*.{host}"), host })
            }
        }
    }
    /// As it is stored: `*.example.org` for a wildcard.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// The name without the `*.`.
    pub fn host(&self) -> &HostName {
        &self.host
    }
    /// Whether it stands for every name below its host.
    pub fn is_wildcard(&self) -> bool {
        self.text.starts_with("*.")
    }
    /// The name without the `*.`, letter by letter from its end: names below one another stand together in its order.
    pub fn turned(&self) -> String {
        turned(self.host.as_str())
    }
}

/// A text letter by letter from its end.
pub fn turned(text: &str) -> String {
    text.chars().rev().collect()
}

impl From<HostName> for DomainName {
    fn from(host: HostName) -> Self {
        Self { text: host.as_str().to_owned(), host }
    }
}

impl std::fmt::Display for DomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_before_a_whole_host_name() {
        let name = DomainName::parse("*.Harbour.blog").expect("a wildcard");
        assert_eq!((name.as_str(), name.host().as_str(), name.is_wildcard()), ("*.harbour.blog", "harbour.blog", true));
        assert_eq!(name.turned(), "golb.ruobrah");
        assert!(!DomainName::parse("harbour.blog").expect("a name").is_wildcard());
        for wrong in ["*", "*.", "*.*.blog", "w*.blog", "a.*.blog", "**.blog", ""] {
            assert!(DomainName::parse(wrong).is_err(), "{wrong}");
        }
    }
}
