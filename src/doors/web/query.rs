//! The part of a query string that a page may depend on (security rule B10).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Most pairs of one query that are looked at; the rest is ignored.
const MAX_PAIRS: usize = 32;
/// Longest value kept, in bytes after decoding; a longer one is cut.
const MAX_VALUE_BYTES: usize = 512;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The allowed parameters of a query, decoded and sorted by name. Everything else was dropped, so that neither
/// a page nor its cache key can depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CanonQuery(Vec<(String, String)>);

impl CanonQuery {
    /// Reads a query string. `allowed` are the names a page may depend on. Of equal names the first stays.
    /// Control characters in values become spaces; what is not UTF-8 is replaced.
    pub fn parse(raw: Option<&str>, allowed: &[&str]) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in raw.unwrap_or_default().split('&').take(MAX_PAIRS) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            if allowed.contains(&name.as_ref()) && !pairs.iter().any(|(known, _)| *known == name) {
                pairs.push((name.into_owned(), cut(&decoded(value))));
            }
        }
        pairs.sort();
        Self(pairs)
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// True where no allowed parameter was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, sorted by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Its one written form, without `?`: the part of the cache key.
    pub fn encoded(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.0 {
            if !out.is_empty() {
                out.push('&');
            }
            out.extend(utf8_percent_encode(name, ESCAPED));
            out.push('=');
            out.extend(utf8_percent_encode(value, ESCAPED));
        }
        out
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

fn cut(value: &str) -> String {
    let mut out = String::with_capacity(value.len().min(MAX_VALUE_BYTES));
    for c in value.chars() {
        if out.len() + c.len_utf8() > MAX_VALUE_BYTES {
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_parameters_stay_sorted_and_in_one_form() {
        let allowed = ["p", "s", "paged"];
        for (raw, key) in [
            ("", ""),
            ("utm_source=x&fbclid=1", ""),
            ("s=two+words&p=1", "p=1&s=two%20words"),
            ("p=1&s=two%20words", "p=1&s=two%20words"),
            ("%70=1", "p=1"),
            ("p=1&p=2", "p=1"),
            ("p", "p="),
            ("s=a%00b%0d%0a", "s=a%20b%20%20"),
            ("s=%ff", "s=%EF%BF%BD"),
            ("S=1&&&=&x", ""),
        ] {
            assert_eq!(CanonQuery::parse(Some(raw), &allowed).encoded(), key, "{raw}");
        }
        assert!(CanonQuery::parse(None, &allowed).is_empty());
    }

    #[test]
    fn long_values_are_cut_at_a_character() {
        let query = CanonQuery::parse(Some(&format!("s={}", "é".repeat(400))), &["s"]);
        assert_eq!(query.get("s").map(str::len), Some(MAX_VALUE_BYTES));
    }
}
