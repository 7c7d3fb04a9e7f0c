//! The redirects of a site as one matcher: exact addresses first, then the longest beginning, then patterns in their
//! order. Patterns are regular expressions that never go back (the `regex` crate), so an address costs time in
//! proportion to its length.

use std::collections::HashMap;
use std::fmt::Write as _;

use freehold_base::canon_path::CanonPath;
use freehold_base::{Code, Error, Result};
use freehold_store::site_rules::Redirect;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::without_end;

/// Patterns of one site; each costs time at every address that nothing else took.
pub const MOST_PATTERNS: usize = 100;
/// Compiled size of one pattern, and of all of a site.
const PATTERN_BYTES: usize = 256 * 1024;
const PATTERNS_BYTES: usize = 8 * 1024 * 1024;
/// As browsers do: after so many steps it is a circle.
const MOST_STEPS: usize = 20;

/// What a caught part of an address may keep when it is written into another one: it cannot end a path, begin a query
/// or add a parameter.
const CAUGHT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// What a target as somebody wrote it may not hold on the wire; escapes that are there stay.
const TARGET: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Redirects, ready to be asked.
#[derive(Debug, Default)]
pub struct Redirects {
    exact: HashMap<Box<str>, Redirect>,
    prefixes: HashMap<Box<str>, Redirect>,
    patterns: Vec<(Regex, Redirect)>,
    /// All patterns at once: says in one pass which of them fit.
    set: Option<RegexSet>,
}

/// A redirect that fits an address.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit<'r> {
    /// The rule.
    pub rule: &'r Redirect,
    /// Where it leads, escaped, without the query of the request.
    pub location: String,
}

impl Redirects {
    /// Compiles rows; a pattern that does not compile (it was checked when it was stored) fits nothing.
    pub fn new(rows: Vec<Redirect>) -> Self {
        let mut all = Self::default();
        let mut patterns = Vec::new();
        for row in rows {
            match row.how.as_str() {
                "exact" => drop(all.exact.insert(without_end(&row.source).into(), row)),
                "prefix" => drop(all.prefixes.insert(row.source.trim_end_matches('/').into(), row)),
                _ => patterns.push(row),
            }
        }
        patterns.sort_by_key(|row| row.id);
        patterns.truncate(MOST_PATTERNS);
        all.patterns =
            patterns.into_iter().filter_map(|row| compile(&row.source).ok().map(|pattern| (pattern, row))).collect();
        if !all.patterns.is_empty() {
            let sources = all.patterns.iter().map(|(pattern, _)| pattern.as_str());
            all.set = RegexSetBuilder::new(sources).size_limit(PATTERNS_BYTES).build().ok();
        }
        all
    }

    /// True where nothing is redirected.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty() && self.patterns.is_empty()
    }

    /// The redirect of a canonical path.
    pub fn find(&self, path: &str) -> Option<Hit<'_>> {
        if let Some(rule) = self.exact.get(without_end(path)) {
            return Some(Hit { rule, location: written(&rule.target) });
        }
        self.of_prefix(path).or_else(|| self.of_pattern(path))
    }

    fn of_prefix(&self, path: &str) -> Option<Hit<'_>> {
        if self.prefixes.is_empty() {
            return None;
        }
        let mut at = path.len();
        loop {
            let (above, rest) = path.split_at_checked(at)?;
            if let Some(rule) = self.prefixes.get(above) {
                let (start, end) = split_target(&rule.target);
                let rest = utf8_percent_encode(rest, freehold_base::canon_path::ESCAPED);
                let joined = format!("{}{rest}", written(start.trim_end_matches('/')));
                let joined = if joined.is_empty() { "/".to_owned() } else { joined };
                return Some(Hit { rule, location: joined + &written(end) });
            }
            at = above.rfind('/')?;
        }
    }

    fn of_pattern(&self, path: &str) -> Option<Hit<'_>> {
        let first = match &self.set {
            Some(set) => set.matches(path).iter().next(),
            None => self.patterns.iter().position(|(pattern, _)| pattern.is_match(path)),
        }?;
        let (pattern, rule) = self.patterns.get(first)?;
        let caught = pattern.captures(path)?;
        let text = |n: usize| caught.get(n).map_or("", |part| part.as_str());
        Some(Hit { rule, location: filled(&rule.target, text) })
    }

    /// The way from a path through redirects of this site; `Err` with the way so far where it leads in a circle.
    /// `hosts`: names of the site.
    pub fn follow(&self, hosts: &[String], from: &str) -> std::result::Result<Vec<String>, Vec<String>> {
        let mut way = vec![from.to_owned()];
        let mut path = from.to_owned();
        while let Some(hit) = self.find(&path) {
            let Some(next) = own_path(hosts, &hit.location) else {
                way.push(hit.location);
                return Ok(way);
            };
            let seen = way.iter().any(|before| without_end(before) == without_end(&next));
            way.push(next.clone());
            if seen || way.len() > MOST_STEPS {
                return Err(way);
            }
            path = next;
        }
        Ok(way)
    }
}

/// The path of an address of the site itself.
fn own_path(hosts: &[String], location: &str) -> Option<String> {
    let path = match location.split_once("://") {
        None => location,
        Some((_, rest)) => {
            let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            hosts.iter().find(|own| own.eq_ignore_ascii_case(name))?;
            path
        }
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    CanonPath::parse(path).ok().map(|path| path.as_str().to_owned())
}

/// A target as it stands in a header.
fn written(target: &str) -> String {
    utf8_percent_encode(target, TARGET).to_string()
}

/// A target without its query and fragment, and these.
fn split_target(target: &str) -> (&str, &str) {
    target.find(['?', '#']).map_or((target, ""), |at| target.split_at(at))
}

/// A target with `$1` … `$9` replaced by what a pattern caught.
fn filled<'t>(target: &str, text: impl Fn(usize) -> &'t str) -> String {
    let mut out = String::with_capacity(target.len() + 32);
    let mut rest = target;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        out.push_str(&written(before));
        let digit = after.chars().nth(1).and_then(|c| c.to_digit(10)).filter(|n| *n > 0);
        match digit.and_then(|n| usize::try_from(n).ok()) {
            Some(n) => {
                let _ = write!(out, "{}", utf8_percent_encode(text(n), CAUGHT));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push('$');
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(&written(rest));
    // What was caught may begin with a slash: two of them would name another host.
    if out.starts_with("//") { format!("/{}", out.trim_start_matches('/')) } else { out }
}

/// A pattern that must fit a whole path.
///
/// # Errors
/// `Invalid("source")` with what is wrong.
pub fn compile(source: &str) -> Result<Regex> {
    let inner = source.strip_prefix('^').unwrap_or(source);
    let inner = inner.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
    RegexBuilder::new(&format!(r"\A(?:{inner})\z")).size_limit(PATTERN_BYTES).build().map_err(|e| {
        let why = match &e {
            regex::Error::CompiledTooBig(_) => "a smaller pattern".to_owned(),
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                format!("a pattern ({})", last.trim_start_matches("error: "))
            }
        };
        Error::invalid("source", Code::Malformed, why)
    })
}

#[cfg(test)]
mod tests {
    use freehold_base::{RedirectId, SiteId, Timestamp};

    use super::*;

    fn rules(rows: &[(&str, &str, &str)]) -> Redirects {
        let row = |(n, (how, source, target)): (usize, &(&str, &str, &str))| Redirect {
            id: RedirectId(i64::try_from(n).unwrap()),
            site_id: SiteId(1),
            how: (*how).into(),
            source: (*source).into(),
            target: (*target).into(),
            status: 301,
            keep_query: true,
            created_at: Timestamp(0),
        };
        Redirects::new(rows.iter().enumerate().map(row).collect())
    }

    #[test]
    fn the_exact_address_wins_then_the_longest_beginning_then_the_first_pattern() {
        let rules = rules(&[
            ("pattern", r"^/blog/(\d+)/(.*)$", "/posts/$2?year=$1"),
            ("pattern", r"/blog/.*", "/other"),
            ("pattern", r"/go(.*)", "/$1"),
            ("pattern", r"/find/(.*)", "/search?q=$1&all=$"),
            ("prefix", "/shop", "https://shop.example/all/"),
            ("prefix", "/shop/old", "/archive"),
            ("exact", "/shop/old/sale", "/sale now"),
            ("prefix", "/moved", "/here?from=moved"),
        ]);
        for (path, location) in [
            ("/shop/old/sale", Some("/sale%20now")),
            ("/shop/old/sale/", Some("/sale%20now")),
            ("/shop/old/x/y", Some("/archive/x/y")),
            ("/shop/old", Some("/archive")),
            ("/shop/a b\u{e9}/", Some("https://shop.example/all/a%20b%C3%A9/")),
            ("/shop", Some("https://shop.example/all")),
            ("/shopping", None),
            ("/moved/a", Some("/here/a?from=moved")),
            ("/blog/2020/a-b/", Some("/posts/a-b/?year=2020")),
            ("/blog/x", Some("/other")),
            ("/find/a&b=c#d", Some("/search?q=a%26b%3Dc%23d&all=$")),
            ("/go/evil.example", Some("/evil.example")),
            ("/x/blog/1/2", None),
            ("/", None),
        ] {
            assert_eq!(rules.find(path).map(|hit| hit.location).as_deref(), location, "{path}");
        }
    }

    #[test]
    fn circles_are_seen_through_several_rules_and_own_hosts() {
        let hosts = ["example.org".to_owned()];
        let circle = |rows: &[(&str, &str, &str)], from: &str| rules(rows).follow(&hosts, from).is_err();
        assert!(circle(&[("exact", "/a", "/a")], "/a"));
        assert!(circle(&[("exact", "/a", "/b"), ("exact", "/b", "/a/")], "/a"));
        assert!(circle(&[("exact", "/a", "http://EXAMPLE.org:8080/a?x=1")], "/a"));
        assert!(!circle(&[("exact", "/a", "https://other.example/a")], "/a"));
        assert!(circle(&[("prefix", "/a", "/a/b")], "/a"), "an address that grows for ever");
        assert!(circle(&[("pattern", "/(.*)", "/x/$1")], "/q"));
        assert!(!circle(&[("exact", "/a", "/b"), ("exact", "/b", "/c")], "/a"));
    }

    #[test]
    fn a_pattern_that_would_take_for_ever_elsewhere_is_quick_and_a_huge_one_is_refused() {
        let slow = compile(r"/(a+)+b").unwrap();
        assert!(!slow.is_match(&format!("/{}", "a".repeat(50_000))));
        for wrong in ["(", r"/a{1000}{1000}", "/(?=a)", "/[z-a]"] {
            assert!(compile(wrong).is_err(), "{wrong}");
        }
    }
}
