//! Addresses of the other site: which are its own, and their one form.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use freehold_base::text;
use percent_encoding::percent_decode_str;

/// A small name of an address or another text, for large maps. Equal within one run only.
pub(super) fn short(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// An address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// Lower case, without "www."; none for addresses that begin with a slash.
    pub host: Option<String>,
    /// Decoded, with a slash in front.
    pub path: String,
    /// Without its question mark.
    pub query: &'a str,
    /// With its number sign.
    pub fragment: &'a str,
}

impl<'a> Address<'a> {
    /// Reads http, https and rooted addresses; `None` for all others.
    pub fn parse(url: &'a str) -> Option<Self> {
        let url = url.trim();
        let (rest, fragment) = url.find('#').and_then(|at| url.split_at_checked(at)).unwrap_or((url, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let lower = rest.get(..8).unwrap_or(rest).to_ascii_lowercase();
        let skip = if lower.starts_with("https://") {
            8
        } else if lower.starts_with("http://") {
            7
        } else if lower.starts_with("//") {
            2
        } else if rest.starts_with('/') {
            return Some(Self { host: None, path: canonical(rest)?, query, fragment });
        } else {
            return None;
        };
        let rest = rest.get(skip..)?;
        let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, "/"));
        let host = host.to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        Some(Self { host: Some(host), path: canonical(path)?, query, fragment })
    }

    /// The number in `?p=`, `?page_id=` or `?attachment_id=`.
    pub fn number(&self) -> Option<i64> {
        self.query.split('&').find_map(|pair| match pair.split_once('=')? {
            ("p" | "page_id" | "attachment_id", number) => number.parse().ok(),
            _ => None,
        })
    }
}

/// A path in the form in which requests are looked up: decoded once, no empty part but the last; `None` where no
/// request can have it.
fn canonical(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let clean = text::line("path", &decoded, 2000).ok()?;
    if clean.contains('\\') || clean.split('/').any(|part| part == "." || part == "..") {
        return None;
    }
    let mut out = String::with_capacity(clean.len() + 1);
    for c in clean.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out.starts_with('/').then_some(out)
}

/// The other site.
#[derive(Clone, Debug, Default)]
pub(super) struct OldSite {
    hosts: Vec<String>,
    /// `https://host/blog`, without a slash at the end.
    pub base: String,
}

impl OldSite {
    pub fn new(link: &str, base: &str) -> Self {
        let own = if base.is_empty() { link } else { base };
        let hosts = [link, base].iter().filter_map(|url| Address::parse(url)?.host).collect();
        Self { hosts, base: own.trim_end_matches('/').to_owned() }
    }
    /// The name under which this site's things are remembered.
    pub fn source(&self) -> String {
        let bare = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest).to_ascii_lowercase();
        format!("wxr:{}", bare.strip_prefix("www.").unwrap_or(&bare))
    }
    /// Whether an address is one of its pages or files.
    pub fn owns(&self, address: &Address<'_>) -> bool {
        address.host.as_ref().is_none_or(|host| self.hosts.contains(host))
    }
}

/// The name of a file in maps: its host and path, without the size that WordPress puts into names of copies.
pub(super) fn file_key(url: &str, old: &OldSite) -> Option<String> {
    let address = Address::parse(url)?;
    let host = match address.host {
        Some(host) => host,
        None => old.hosts.first().cloned().unwrap_or_default(),
    };
    Some(format!("{host}{}", without_size(&address.path)))
}

/// `/a/cat-300x200.jpg` and `/a/cat-scaled.jpg` are copies of `/a/cat.jpg`.
pub(super) fn without_size(path: &str) -> String {
    let Some((stem, ending)) = path.rsplit_once('.').filter(|(_, e)| !e.contains('/')) else { return path.to_owned() };
    let bare = stem.strip_suffix("-scaled").unwrap_or_else(|| match stem.rsplit_once('-') {
        Some((bare, size)) if is_size(size) => bare,
        _ => stem,
    });
    format!("{bare}.{ending}")
}

fn is_size(text: &str) -> bool {
    let digits = |part: &str| (1..=5).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('x').is_some_and(|(w, h)| digits(w) && digits(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_one_form() {
        let a = Address::parse("HTTPS://WWW.Example.org/a//b%20c/?p=7&x=1#top").unwrap();
        assert_eq!((a.host.as_deref(), a.path.as_str(), a.fragment), (Some("example.org"), "/a/b c/", "#top"));
        assert_eq!(a.number(), Some(7));
        assert_eq!(Address::parse("http://example.org").unwrap().path, "/");
        for not in ["mailto:a@b", "a/b", "#x", "/a/../b", "/%ff", "javascript:x"] {
            assert_eq!(Address::parse(not), None, "{not}");
        }
    }

    #[test]
    fn copies_have_the_name_of_their_file() {
        let old = OldSite::new("https://example.org", "https://example.org/blog/");
        let key = |url| file_key(url, &old).unwrap();
        assert_eq!(key("http://www.example.org/u/cat-300x200.jpg"), "example.org/u/cat.jpg");
        assert_eq!(key("/u/cat-scaled.jpg"), "example.org/u/cat.jpg");
        assert_eq!(key("/u/cat-2.jpg"), "example.org/u/cat-2.jpg");
        assert_eq!(old.source(), "wxr:example.org/blog");
    }
}
