//! Settings of a site, in groups; each group is one JSON value with defaults for what is missing.

use std::collections::BTreeMap;

use freehold_base::text::{line, required_line};
use freehold_base::{Capability, Code, EntryId, Error, Result, SiteId};
use freehold_store::{SiteScope, Tx, entries, settings as rows};
use serde::{Deserialize, Serialize};

use super::events::SettingsChanged;
use super::theme_choice::ThemeChoice;
use super::undo;
use crate::jobs::{self, NewJob};

/// All settings of a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Name, language, time zone.
    pub general: General,
    /// Front page, lists, feeds.
    pub reading: Reading,
    /// Patterns of addresses.
    pub permalinks: Permalinks,
    /// Comments.
    pub discussion: Discussion,
    /// Which theme, with its settings.
    pub theme: ThemeChoice,
    /// Titles and descriptions for search engines.
    pub seo: Seo,
    /// What the panel's home page still asks for.
    pub checklist: Checklist,
    /// How addresses are answered, whatever the kind of the site.
    pub web: Web,
}

/// How addresses are answered, whatever the kind of the site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Web {
    /// `with`: names without `www.` lead to those with it; `without`: the other way; empty: both answer.
    pub www: String,
    /// Plain http leads to https, where the site has it.
    pub https: bool,
    /// Days that browsers shall insist on https (HSTS); 0: they need not.
    pub hsts_days: u32,
    /// HSTS for names below the site's too.
    pub hsts_subdomains: bool,
    /// A folder without a start page shows what is in it (sites of files).
    pub listing: bool,
    /// Pages for errors by their number: files of the site, such as `/404.html` (sites of files).
    pub error_pages: BTreeMap<String, String>,
}

/// Errors that a site of files may have a page of its own for.
pub const ERRORS: &[&str] = &["401", "403", "404", "500", "503"];

/// Titles and descriptions for search engines: patterns with `{title} {site} {tagline} {author} {category} {excerpt}`
/// (row SO01). A token without a value takes the sign beside it along.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seo {
    /// Title of posts and own content types.
    pub post_title: String,
    /// Title of pages.
    pub page_title: String,
    /// Title of lists: terms, authors, dates, search.
    pub list_title: String,
    /// Title of the front page.
    pub home_title: String,
    /// Description of entries that have none of their own.
    pub description: String,
}

impl Default for Seo {
    fn default() -> Self {
        let usual = "{title} · {site}";
        Self {
            post_title: usual.into(),
            page_title: usual.into(),
            list_title: usual.into(),
            home_title: "{site} · {tagline}".into(),
            description: "{excerpt}".into(),
        }
    }
}

/// What the panel's home page still asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checklist {
    /// Names of steps that somebody took off the list.
    pub dismissed: Vec<String>,
}

/// Name, language, time zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct General {
    /// Name of the site.
    pub title: String,
    /// A few words about it.
    pub tagline: String,
    /// BCP 47 language: `en`, `de-CH`.
    pub locale: String,
    /// IANA time zone: `Europe/Stockholm`.
    pub timezone: String,
    /// Favicon: an image of the library; 0 for the built-in one.
    pub icon_id: i64,
    /// Logo: an image of the library; 0 for none.
    pub logo_id: i64,
}

/// Front page, lists, feeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Page shown at `/`; 0: the newest posts.
    pub front_page_id: i64,
    /// Page that shows the newest posts where `/` is a page; 0: none.
    pub posts_page_id: i64,
    /// Entries in a list, 1 to 100.
    pub page_size: u16,
    /// Entries in a feed, 1 to 100.
    pub feed_size: u16,
    /// Feeds hold the whole text.
    pub feed_full: bool,
    /// Search engines may list the site.
    pub indexed: bool,
}

/// Patterns of addresses (row CM22).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permalinks {
    /// Pattern of posts with `{year} {month} {day} {slug} {id} {author} {category}`.
    pub post: String,
    /// First part of categories' addresses.
    pub category_base: String,
    /// First part of tags' addresses.
    pub tag_base: String,
}

/// Comments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Discussion {
    /// New posts accept comments.
    pub open: bool,
    /// `all`: every comment waits; `first`: only the first of a person; `none`.
    pub moderation: String,
    /// Days after which an entry takes no more comments; 0: never.
    pub close_after_days: u32,
    /// Answers nest this deep, 1 to 10.
    pub depth: u8,
    /// Threads on one page of comments, 10 to 500.
    pub page_size: u16,
    /// An entry shows its newest page of comments first; else the oldest.
    pub newest_first: bool,
}

impl Default for General {
    fn default() -> Self {
        Self {
            title: "My site".into(),
            tagline: String::new(),
            locale: "en".into(),
            timezone: "UTC".into(),
            icon_id: 0,
            logo_id: 0,
        }
    }
}
impl Default for Reading {
    fn default() -> Self {
        Self { front_page_id: 0, posts_page_id: 0, page_size: 10, feed_size: 20, feed_full: true, indexed: true }
    }
}
impl Default for Permalinks {
    fn default() -> Self {
        Self { post: "/{slug}/".into(), category_base: "category".into(), tag_base: "tag".into() }
    }
}
impl Default for Discussion {
    fn default() -> Self {
        Self {
            open: true,
            moderation: "first".into(),
            close_after_days: 0,
            depth: 5,
            page_size: 100,
            newest_first: false,
        }
    }
}
/// Reads a site's settings; whoever holds a scope may know them.
///
/// # Errors
/// Database failures.
pub fn read(tx: &mut Tx<'_>, site: SiteScope) -> Result<Settings> {
    let mut all = serde_json::Map::new();
    for (name, json) in rows::all(tx, site)? {
        // A group that cannot be read falls back to its defaults rather than take the site down.
        if let Ok(value) = serde_json::from_str(&json) {
            all.insert(name, value);
        }
    }
    let groups = serde_json::Value::Object(all);
    Ok(serde_json::from_value(groups.clone()).unwrap_or_else(|_| group_by_group(&groups)))
}

fn group_by_group(groups: &serde_json::Value) -> Settings {
    fn one<T: Default + serde::de::DeserializeOwned>(groups: &serde_json::Value, name: &str) -> T {
        groups.get(name).and_then(|v| serde_json::from_value(v.clone()).ok()).unwrap_or_default()
    }
    Settings {
        general: one(groups, "general"),
        reading: one(groups, "reading"),
        permalinks: one(groups, "permalinks"),
        discussion: one(groups, "discussion"),
        theme: one(groups, "theme"),
        seo: one(groups, "seo"),
        checklist: one(groups, "checklist"),
        web: one(groups, "web"),
    }
}

/// Checks and stores a site's settings as a whole.
///
/// # Errors
/// `Denied`, `Invalid` naming each field.
pub fn save(tx: &mut Tx<'_>, site: SiteId, wanted: &Settings) -> Result<Settings> {
    save_as(tx, site, wanted, ("settings.save", "settings"))
}

/// As [`save`], under a name of its own in the audit log: the act, and what it was done to.
///
/// # Errors
/// As [`save`].
pub fn save_as(tx: &mut Tx<'_>, site: SiteId, wanted: &Settings, act: (&'static str, &str)) -> Result<Settings> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let checked = check(wanted)?;
    let before = read(tx, scope)?;
    for (field, id, was) in [
        ("front_page_id", checked.reading.front_page_id, before.reading.front_page_id),
        ("posts_page_id", checked.reading.posts_page_id, before.reading.posts_page_id),
    ] {
        if id > 0 && id != was {
            a_page(tx, scope, field, id)?;
        }
    }
    store(tx, scope, &before, &checked)?;
    undo::keep(tx, scope, &before)?;
    if before.permalinks != checked.permalinks {
        let run_at = tx.now();
        let key = format!("{READDRESS}:{site}");
        let job = NewJob { site, kind: READDRESS, payload: "{}", run_at, unique_key: Some(&key) };
        jobs::enqueue(tx, &job)?;
    }
    tx.audit_site(scope, act.0, act.1);
    tx.announce(SettingsChanged { site });
    Ok(checked)
}

/// Checks that a number is that of a page which visitors see.
fn a_page(tx: &mut Tx<'_>, scope: SiteScope, field: &'static str, id: i64) -> Result<()> {
    let found = entries::find(tx, scope, EntryId(id));
    match found {
        Ok(page) if page.kind == "page" && page.is_live() => Ok(()),
        Err(e) if e.as_code() != Code::NotFound => Err(e),
        _ => Err(Error::invalid(field, Code::NotAllowed, "a published page of this site")),
    }
}

/// The job that gives everything on a site the address which changed patterns ask for.
pub const READDRESS: &str = "addresses.renew";

/// Stores settings without a question: for new sites and imports, which were authorized already.
pub(crate) fn store(tx: &mut Tx<'_>, site: SiteScope, before: &Settings, now: &Settings) -> Result<()> {
    let groups = |s: &Settings| -> Result<serde_json::Map<String, serde_json::Value>> {
        match serde_json::to_value(s) {
            Ok(serde_json::Value::Object(map)) => Ok(map),
            _ => Err(Error::internal("writing settings", "not an object")),
        }
    };
    let old = groups(before)?;
    for (name, value) in groups(now)? {
        if old.get(&name) != Some(&value) {
            rows::set(tx, site, &name, &value.to_string())?;
        }
    }
    Ok(())
}

/// All fields checked; every refusal is named at once.
///
/// # Errors
/// `Invalid`.
pub fn check(wanted: &Settings) -> Result<Settings> {
    let mut s = wanted.clone();
    let mut refused = freehold_base::error::Refusals::default();
    if let Some(title) = refused.take(required_line("title", &s.general.title, 120))? {
        s.general.title = title;
    }
    if let Some(tagline) = refused.take(line("tagline", &s.general.tagline, 240))? {
        s.general.tagline = tagline;
    }
    if s.general.timezone.parse::<chrono_tz::Tz>().is_err() {
        refused.add("timezone", Code::NotAllowed, "names like Europe/Stockholm");
    }
    if !is_language(&s.general.locale) {
        refused.add("locale", Code::Malformed, "a language like en or de-CH");
    }
    s.reading.page_size = s.reading.page_size.clamp(1, 100);
    s.reading.feed_size = s.reading.feed_size.clamp(1, 100);
    s.discussion.depth = s.discussion.depth.clamp(1, 10);
    s.discussion.page_size = s.discussion.page_size.clamp(10, 500);
    if !["all", "first", "none"].contains(&s.discussion.moderation.as_str()) {
        refused.add("moderation", Code::NotAllowed, "all, first, none");
    }
    let seo = &mut s.seo;
    for (field, pattern) in [
        ("post_title", &mut seo.post_title),
        ("page_title", &mut seo.page_title),
        ("list_title", &mut seo.list_title),
        ("home_title", &mut seo.home_title),
        ("description", &mut seo.description),
    ] {
        if let Some(text) = refused.take(line(field, pattern, 200))? {
            *pattern = text;
        }
        if let Some(unknown) = unknown_token(pattern) {
            refused.add(
                field,
                Code::NotAllowed,
                format!("{TITLE_TOKENS:?}, not {unknown}").replace(['[', ']', '"'], ""),
            );
        }
    }
    check_web(&mut s.web, &mut refused)?;
    refused.take(check_pattern(&s.permalinks.post))?;
    for (field, base) in [("category_base", &mut s.permalinks.category_base), ("tag_base", &mut s.permalinks.tag_base)]
    {
        let slug = freehold_base::text::slugify(base);
        if slug.is_empty() {
            refused.add(field, Code::Required, "");
        } else if RESERVED.contains(&slug.as_str()) {
            refused.add(field, Code::SlugReserved, slug);
        } else {
            *base = slug;
        }
    }
    if s.permalinks.category_base == s.permalinks.tag_base {
        refused.add("tag_base", Code::SlugTaken, s.permalinks.tag_base.clone());
    }
    refused.check()?;
    Ok(s)
}

fn check_web(web: &mut Web, refused: &mut freehold_base::error::Refusals) -> Result<()> {
    if !["", "with", "without"].contains(&web.www.as_str()) {
        refused.add("www", Code::NotAllowed, "with, without, or nothing");
    }
    web.hsts_days = web.hsts_days.min(730);
    let mut pages = BTreeMap::new();
    for (error, page) in std::mem::take(&mut web.error_pages) {
        if page.trim().is_empty() {
            continue;
        }
        if !ERRORS.contains(&error.as_str()) {
            refused.add("error_pages", Code::NotAllowed, ERRORS.join(", "));
        } else if let Some(path) = refused.take(super::rules::address_typed("error_pages", &page))? {
            pages.insert(error, path);
        }
    }
    web.error_pages = pages;
    Ok(())
}

/// First parts of addresses that the site itself uses (design.md section 9).
pub const RESERVED: &[&str] = &[
    "_",
    "wp-json",
    "xmlrpc.php",
    "feed",
    "comments",
    "sitemap.xml",
    "robots.txt",
    "favicon.ico",
    "media",
    "wp-content",
    "wp-admin",
    "wp-login.php",
    "ext",
    "author",
    "page",
    "search",
    ".well-known",
];

/// Tokens of titles and descriptions.
pub const TITLE_TOKENS: &[&str] = &["{title}", "{site}", "{tagline}", "{author}", "{category}", "{excerpt}"];

/// The first `{token}` of a pattern that stands for nothing.
fn unknown_token(pattern: &str) -> Option<&str> {
    pattern.match_indices('{').find_map(|(at, _)| {
        let rest = pattern.get(at..)?;
        let token = rest.get(..=rest.find('}').unwrap_or(rest.len().saturating_sub(1))).unwrap_or(rest);
        (!TITLE_TOKENS.contains(&token)).then_some(token)
    })
}

const TOKENS: &[&str] = &["{year}", "{month}", "{day}", "{slug}", "{id}", "{author}", "{category}"];

/// A pattern of addresses: begins with `/`, holds `{slug}` or `{id}`, no unknown tokens.
fn check_pattern(pattern: &str) -> Result<()> {
    let wrong = |why: &str| Err(Error::invalid("post", Code::Malformed, why.to_owned()));
    let mut rest = pattern.to_owned();
    for token in TOKENS {
        rest = rest.replace(token, "");
    }
    if !pattern.starts_with('/') || pattern.starts_with("//") {
        return wrong("an address pattern that begins with one /, such as /{year}/{slug}/");
    }
    if !pattern.contains("{slug}") && !pattern.contains("{id}") {
        return wrong("an address pattern with {slug} or {id} in it, such as /{year}/{slug}/");
    }
    if !rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/-_.".contains(c)) {
        return wrong("only small letters, digits, / - _ . and {year} {month} {day} {slug} {id} {author} {category}");
    }
    match pattern.trim_start_matches('/').split('/').next() {
        Some(first) if RESERVED.contains(&first) => Err(Error::invalid("post", Code::SlugReserved, first.to_owned())),
        _ => Ok(()),
    }
}

/// A language as browsers name it, such as `en-GB`, in the form that is stored; none where it is no language.
pub fn language(text: &str) -> Option<String> {
    let text = text.trim().replace('_', "-");
    let (first, rest) = text.split_once('-').map_or((text.as_str(), ""), |(first, rest)| (first, rest));
    let language = if rest.is_empty() { first.to_lowercase() } else { format!("{}-{rest}", first.to_lowercase()) };
    is_language(&language).then_some(language)
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()))
        && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_addresses() {
        for (pattern, good) in [
            ("/{slug}/", true),
            ("/{year}/{month}/{slug}/", true),
            ("/archives/{id}", true),
            ("{slug}", false),
            ("/{title}/{slug}/", false),
            ("/{year}/", false),
            ("//{slug}", false),
            ("/media/{slug}", false),
            ("/{slug}?x", false),
        ] {
            assert_eq!(check_pattern(pattern).is_ok(), good, "{pattern}");
        }
    }

    #[test]
    fn languages_come_as_browsers_name_them() {
        for (sent, stored) in [
            ("en-GB", Some("en-GB")),
            ("EN-gb", Some("en-gb")),
            ("de_CH", Some("de-CH")),
            ("sv", Some("sv")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
            ("", None),
            ("*", None),
            ("<b>", None),
        ] {
            assert_eq!(language(sent).as_deref(), stored, "{sent}");
        }
    }

    #[test]
    fn tokens_of_titles() {
        assert_eq!(unknown_token("{title} · {site}"), None);
        assert_eq!(unknown_token("{title} {price}"), Some("{price}"));
        assert_eq!(unknown_token("{ä"), Some("{ä"));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut s = Settings::default();
        s.general.title = " ".into();
        s.general.timezone = "Mars".into();
        s.discussion.moderation = "maybe".into();
        let error = check(&s).expect_err("refused");
        let fields: Vec<&str> = error.fields().iter().map(|f| f.field.as_ref()).collect();
        assert_eq!(fields, ["title", "timezone", "moderation"]);
    }
}
