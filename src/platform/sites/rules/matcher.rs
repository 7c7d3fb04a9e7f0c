//! The redirects of a site as one matcher: exact addresses first, then the longest beginning, then patterns in their
//! order. Each pattern is a table in which every byte of an address is one step: what a site's patterns cost an address
//! is their number times its length, whatever they say. A pattern without such a table is refused when it is typed.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use freehold_base::canon_path::CanonPath;
use freehold_base::{Code, Error, Result};
use freehold_store::site_rules::Redirect;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Regex, RegexBuilder};
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input};
use regex_syntax::ast::{self, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, Span};

use super::without_end;

/// Patterns of one site; each costs time at every address that nothing else took.
pub const MOST_PATTERNS: usize = 100;
/// Compiled size of one pattern.
const PATTERN_BYTES: usize = 16 * 1024;
/// Size of the table of one pattern, and of those of a site. Usual patterns have 1 to 8 kB.
const TABLE_BYTES: usize = 32 * 1024;
const TABLES_BYTES: usize = 512 * 1024;
/// No pattern is asked about a longer address.
const LONGEST_PATH: usize = 1024;
/// As browsers do: after so many steps it is a circle.
const MOST_STEPS: usize = 20;

/// What a caught part of an address may keep when it is written into another one: it cannot end a path, begin a query
/// or add a parameter.
const CAUGHT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// What a target as somebody wrote it may not hold on the wire; escapes that are there stay.
const TARGET: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// A pattern, ready to be asked.
#[derive(Debug)]
pub struct Pattern {
    /// Whether it fits.
    table: dense::DFA<Vec<u32>>,
    /// What it catches where it fits.
    parts: Regex,
}

impl Pattern {
    /// Whether it fits this whole address.
    pub fn fits(&self, path: &str) -> bool {
        let input = Input::new(path).anchored(Anchored::Yes);
        matches!(self.table.try_search_fwd(&input), Ok(Some(_)))
    }

    /// How many parts it catches.
    pub fn catches(&self) -> usize {
        self.parts.captures_len().saturating_sub(1)
    }
}

/// Redirects, ready to be asked.
#[derive(Debug, Default)]
pub struct Redirects {
    exact: HashMap<Box<str>, Redirect>,
    prefixes: HashMap<Box<str>, Redirect>,
    patterns: Vec<(Arc<Pattern>, Redirect)>,
    /// Patterns that are too many, or too large together: they fit nothing.
    left_out: usize,
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
    /// Compiles rows, and takes patterns that `before` has from there. One that does not compile (it was checked when
    /// it was stored) fits nothing.
    pub fn new(rows: Vec<Redirect>, before: Option<&Self>) -> Self {
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
        let known: HashMap<&str, &Arc<Pattern>> = before
            .map(|before| before.patterns.iter().map(|(pattern, row)| (row.source.as_str(), pattern)).collect())
            .unwrap_or_default();
        let mut bytes = 0;
        for row in patterns {
            let known = known.get(row.source.as_str()).map(|pattern| Arc::clone(pattern));
            let Some(pattern) = known.or_else(|| compile(&row.source).map(Arc::new).ok()) else { continue };
            bytes += pattern.table.memory_usage();
            if all.patterns.len() < MOST_PATTERNS && bytes <= TABLES_BYTES {
                all.patterns.push((pattern, row));
            } else {
                all.left_out += 1;
            }
        }
        all
    }

    /// True where nothing is redirected.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty() && self.patterns.is_empty()
    }

    /// Refuses more patterns than a site may have, in number or together.
    ///
    /// # Errors
    /// `Invalid("source")`.
    pub fn check_room(&self) -> Result<()> {
        if self.left_out == 0 {
            return Ok(());
        }
        let why = match self.patterns.len() {
            MOST_PATTERNS.. => format!("one of at most {MOST_PATTERNS} patterns"),
            _ => "a simpler pattern: those of this site are too large together".to_owned(),
        };
        Err(Error::invalid("source", Code::Malformed, why))
    }

    /// The redirect of a canonical path.
    pub fn find(&self, path: &str) -> Option<Hit<'_>> {
        if let Some(rule) = self.exact.get(without_end(path)) {
            return Some(Hit { rule, location: written(&rule.target) });
        }
        if let Some((rule, rest)) = self.of_prefix(path) {
            let (start, end) = split_target(&rule.target);
            let rest = utf8_percent_encode(rest, freehold_base::canon_path::ESCAPED);
            let joined = format!("{}{rest}", written(start.trim_end_matches('/')));
            let joined = if joined.is_empty() { "/".to_owned() } else { joined };
            return Some(Hit { rule, location: joined + &written(end) });
        }
        let (pattern, rule) = self.of_pattern(path)?;
        let caught = pattern.parts.captures(path)?;
        let text = |n: usize| caught.get(n).map_or("", |part| part.as_str());
        Some(Hit { rule, location: filled(&rule.target, text) })
    }

    /// Whether a canonical path has a redirect.
    pub fn takes(&self, path: &str) -> bool {
        self.exact.contains_key(without_end(path)) || self.of_prefix(path).is_some() || self.of_pattern(path).is_some()
    }

    /// The longest beginning, and what stands after it.
    fn of_prefix<'p>(&self, path: &'p str) -> Option<(&Redirect, &'p str)> {
        if self.prefixes.is_empty() {
            return None;
        }
        let mut at = path.len();
        loop {
            let (above, rest) = path.split_at_checked(at)?;
            if let Some(rule) = self.prefixes.get(above) {
                return Some((rule, rest));
            }
            at = above.rfind('/')?;
        }
    }

    fn of_pattern(&self, path: &str) -> Option<&(Arc<Pattern>, Redirect)> {
        if path.len() > LONGEST_PATH {
            return None;
        }
        self.patterns.iter().find(|(pattern, _)| pattern.fits(path))
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
pub fn compile(source: &str) -> Result<Pattern> {
    let inner = source.strip_prefix('^').unwrap_or(source);
    let inner = inner.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
    let refused = |why: &str| Error::invalid("source", Code::Malformed, why.to_owned());
    let whole = format!(r"\A(?:{})\z", in_plain_letters(inner));
    let parts = RegexBuilder::new(&whole).size_limit(PATTERN_BYTES).build().map_err(|e| match &e {
        regex::Error::CompiledTooBig(_) => refused("a smaller pattern"),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            refused(&format!("a pattern ({})", last.trim_start_matches("error: ")))
        }
    })?;
    let limits = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(TABLE_BYTES))
        .determinize_size_limit(Some(4 * TABLE_BYTES));
    let table = dense::Builder::new()
        .configure(limits)
        .thompson(thompson::Config::new().nfa_size_limit(Some(PATTERN_BYTES)))
        .build(&whole)
        .map_err(|_| refused("a simpler pattern: this one would take too long to try"))?;
    Ok(Pattern { table, parts })
}

/// A pattern in which `\d`, `\w`, `\s` and `\b` mean what they mean to a web server: those of all scripts would make
/// tables of a hundred times the size.
fn in_plain_letters(source: &str) -> String {
    let parsed = ast::parse::Parser::new().parse(source);
    let Ok(found) = parsed.map_err(drop).and_then(|ast| ast::visit(&ast, Shorthands::default())) else {
        return source.to_owned(); // whoever compiles it says what is wrong
    };
    let (mut out, mut from) = (String::with_capacity(source.len()), 0);
    for (span, plain) in found {
        out.push_str(source.get(from..span.start.offset).unwrap_or_default());
        out.push_str(plain);
        from = span.end.offset;
    }
    out + source.get(from..).unwrap_or_default()
}

/// Where shorthands stand in a pattern, in their order, and what they mean.
#[derive(Default)]
struct Shorthands(Vec<(Span, &'static str)>);

impl Shorthands {
    fn note(&mut self, class: &ClassPerl) {
        let plain = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
            (ClassPerlKind::Space, false) => r"[\t\x20]",
            (ClassPerlKind::Space, true) => r"[^\t\x20]",
        };
        self.0.push((class.span, plain));
    }
}

impl ast::Visitor for Shorthands {
    type Output = Vec<(Span, &'static str)>;
    type Err = ();

    fn finish(self) -> std::result::Result<Self::Output, ()> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, part: &Ast) -> std::result::Result<(), ()> {
        match part {
            Ast::ClassPerl(class) => self.note(class),
            Ast::Assertion(at) if at.kind == AssertionKind::WordBoundary => self.0.push((at.span, r"(?-u:\b)")),
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> std::result::Result<(), ()> {
        if let ClassSetItem::Perl(class) = item {
            self.note(class);
        }
        Ok(())
    }
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
        Redirects::new(rows.iter().enumerate().map(row).collect(), None)
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
        assert!(!slow.fits(&format!("/{}", "a".repeat(50_000))));
        for wrong in ["(", r"/a{1000}{1000}", "/(?=a)", "/[z-a]"] {
            assert!(compile(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_that_needs_more_than_a_step_for_each_byte_is_refused_when_it_is_typed() {
        for hostile in [
            "/[a-z]*[a-z]{0,2000}z",
            "/[a-z]*[a-z]{0,900}z",
            "/.*a.{20}b",
            "/.{0,600}a.{8}",
            r"/(.*a.{12}|.*b.{12})c",
            r"/\p{L}{200}",
        ] {
            let refused = compile(hostile).unwrap_err();
            assert_eq!(refused.fields()[0].field, "source", "{hostile}");
        }
        // What sites bring along from elsewhere.
        for usual in [
            r"^/(\d{4})/(\d{2})/(\d{2})/(.*)$",
            r"/(\w+)/([\w-]+)\.html?",
            r"(?i)/(.*)\.(jpe?g|png|gif|webp|svg|css|js)",
            r"/index\.php/(?:component/)?content/article/(?:\d+-)?([^/]+)/(\d+)-(.*)",
            r"/([^/]+)/([^/]+)/([^/]+)/([^/]+)/?",
            "/(de|fr|it|es|pt|nl|pl|ru|cs|sv|fi|da|no|el|hu|ro|bg|hr|sk|sl|et|lv|lt)/(.*)",
            r"/.*\bfeed\b.*",
        ] {
            let pattern = compile(usual).unwrap_or_else(|e| panic!("{usual}: {e}"));
            assert!(pattern.table.memory_usage() <= TABLE_BYTES / 2, "{usual}");
        }
        let page = compile(r"/\w+/[^\d]+\D\d\d").unwrap();
        assert!(page.fits("/a_9/caf\u{e9}-12") && !page.fits("/a-9/caf\u{e9}-12") && !page.fits("/a/b-\u{661}\u{661}"));
    }

    #[test]
    fn patterns_of_a_site_have_an_end_together_and_no_pattern_is_asked_about_a_long_address() {
        let large = |n: usize| ("pattern", format!("/[^/]{{1,12}}y{n}"), "/x");
        let many: Vec<_> = (0..60).map(large).collect();
        let many: Vec<_> = many.iter().map(|(how, source, target)| (*how, source.as_str(), *target)).collect();
        let all = rules(&many);
        let bytes: usize = all.patterns.iter().map(|(pattern, _)| pattern.table.memory_usage()).sum();
        assert!(bytes <= TABLES_BYTES && all.patterns.len() > 20 && all.patterns.len() < many.len(), "{bytes}");
        assert!(all.check_room().is_err() && rules(&many[..10]).check_room().is_ok());
        let small: Vec<_> = (0..=MOST_PATTERNS).map(|n| ("pattern", format!("/{n}"), "/x")).collect();
        let small: Vec<_> = small.iter().map(|(how, source, target)| (*how, source.as_str(), *target)).collect();
        assert!(rules(&small).check_room().is_err() && rules(&small[1..]).check_room().is_ok());
        let any = rules(&[("pattern", "/.*", "/x")]);
        let long = |n: usize| format!("/{}", "a".repeat(n));
        assert!(any.takes(&long(LONGEST_PATH - 1)) && !any.takes(&long(LONGEST_PATH)));
    }

    #[test]
    fn rules_that_are_read_again_keep_what_was_compiled() {
        let one = rules(&[("pattern", "/a(.*)", "/b$1")]);
        let rows = one.patterns.iter().map(|(_, row)| row.clone()).collect();
        let again = Redirects::new(rows, Some(&one));
        assert!(Arc::ptr_eq(&one.patterns[0].0, &again.patterns[0].0));
    }
}
