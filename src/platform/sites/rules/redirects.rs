//! Redirects: checked before they are stored, so that none leads in a circle or out of a host that it names.

use std::collections::{HashMap, HashSet};

use freehold_base::error::Refusals;
use freehold_base::{Capability, Code, Error, HostName, RedirectId, Result, SiteId};
use freehold_store::site_rules::{self as rows, MOST_REDIRECTS, NewRedirect, Redirect};
use freehold_store::{SiteScope, Tx, sites};

use super::matcher::{self, Redirects};
use super::{LONGEST, address_typed, csv, sample, without_end};
use crate::sites::events::RulesChanged;

/// A redirect as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectInput {
    /// `exact`, `prefix` or `pattern`; empty: `exact`.
    pub how: String,
    /// The address it is for.
    pub source: String,
    /// Where it leads.
    pub target: String,
    /// 301, 302, 307 or 308; 0: 301.
    pub status: i64,
    /// Whether what stands after `?` goes along.
    pub keep_query: bool,
}

/// Redirects of a site.
///
/// # Errors
/// `Denied`, `NotFound("site")`.
pub fn redirects(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Redirect>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    rows::redirects(tx, scope)
}

/// A redirect that was checked beside all others of its site, on a reader: patterns are not compiled, and the ways
/// through them not walked, while the writer waits.
#[derive(Clone, Debug)]
pub struct Checked {
    site: SiteId,
    /// The state of the redirects that it was checked against.
    seen: i64,
    /// The redirect that it replaces.
    id: Option<RedirectId>,
    new: NewRedirect,
}

/// Checks a redirect to be added, or to be put in the place of `id`. On a reader.
///
/// # Errors
/// `Denied`, `NotFound("redirect")`, `Invalid` (how, source, target, status; `RedirectLoop` where it would lead in a
/// circle), `TooLarge` (too many).
pub fn check_redirect(tx: &mut Tx<'_>, site: SiteId, id: Option<RedirectId>, input: &RedirectInput) -> Result<Checked> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let seen = rows::redirects_state(tx, scope)?;
    let mut all = rows::redirects(tx, scope)?;
    if id.is_some_and(|id| !all.iter().any(|row| row.id == id)) {
        return Err(Error::not_found("redirect"));
    }
    let new = check(input)?;
    all.retain(|row| Some(row.id) != id);
    if i64::try_from(all.len()).is_ok_and(|n| n >= MOST_REDIRECTS) {
        return Err(Error::refused(Code::TooLarge, format!("{MOST_REDIRECTS} redirects")));
    }
    all.push(as_row(&new, id.unwrap_or(RedirectId(i64::MAX))));
    let all = Redirects::new(all, None);
    if new.how == "pattern" {
        all.check_room()?;
    }
    circle(&all, &own_names(tx, scope)?, &new)?;
    Ok(Checked { site, seen, id, new })
}

/// The site of what was checked, as long as its redirects are those that it was checked against.
fn unchanged(tx: &mut Tx<'_>, site: SiteId, seen: i64) -> Result<SiteScope> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    if rows::redirects_state(tx, scope)? != seen {
        return Err(Error::refused(Code::WrongState, "the redirects were changed meanwhile; try again"));
    }
    Ok(scope)
}

/// Stores a redirect that [`check_redirect`] passed.
///
/// # Errors
/// `Denied`, `WrongState` where others came in between, `Invalid("source")` with `AlreadyExists`.
pub fn put_redirect(tx: &mut Tx<'_>, checked: &Checked) -> Result<RedirectId> {
    let Checked { site, seen, id, new } = checked;
    let scope = unchanged(tx, *site, *seen)?;
    let id = match *id {
        None => rows::add_redirect(tx, scope, new).map_err(|e| taken(e, new))?,
        Some(id) if rows::set_redirect(tx, scope, id, new).map_err(|e| taken(e, new))? => id,
        Some(_) => return Err(Error::not_found("redirect")),
    };
    tx.audit_site(scope, if checked.id.is_some() { "redirect.save" } else { "redirect.add" }, spoken(new));
    tx.announce(RulesChanged { site: *site });
    Ok(id)
}

/// Removes a redirect.
///
/// # Errors
/// `Denied`, `NotFound("redirect")`.
pub fn remove_redirect(tx: &mut Tx<'_>, site: SiteId, id: RedirectId) -> Result<()> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let gone = rows::redirect(tx, scope, id)?.ok_or_else(|| Error::not_found("redirect"))?;
    rows::remove_redirect(tx, scope, id)?;
    tx.audit_site(scope, "redirect.remove", format!("{} \u{2192} {}", gone.source, gone.target));
    tx.announce(RulesChanged { site });
    Ok(())
}

/// What an import did, or would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// New redirects.
    pub added: usize,
    /// Redirects whose address had one, which were replaced.
    pub changed: usize,
    /// Lines that cannot be taken: number from 1, and why. With one of these nothing was stored.
    pub refused: Vec<(usize, String)>,
}

/// A list of redirects that was checked, on a reader.
#[derive(Clone, Debug)]
pub struct CheckedList {
    site: SiteId,
    seen: i64,
    done: Imported,
    /// The redirects, with those that they replace.
    wanted: Vec<(Option<RedirectId>, NewRedirect)>,
}

/// Checks redirects in CSV: `source,target[,status[,how[,query]]]`, with or without such a first line. On a reader.
///
/// # Errors
/// `Denied`, `TooLarge`.
pub fn check_csv(tx: &mut Tx<'_>, site: SiteId, text: &str) -> Result<CheckedList> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let seen_state = rows::redirects_state(tx, scope)?;
    let mut all = rows::redirects(tx, scope)?;
    let (mut done, mut wanted) = (Imported::default(), Vec::new());
    for (line, fields) in csv::read(text) {
        if line == 1 && fields.first().is_some_and(|f| f.eq_ignore_ascii_case("source")) {
            continue;
        }
        match of_fields(&fields).and_then(|input| check(&input)) {
            Ok(new) => wanted.push((line, new)),
            Err(e) => done.refused.push((line, words(&e))),
        }
        if i64::try_from(wanted.len()).is_ok_and(|n| n > MOST_REDIRECTS) {
            return Err(Error::refused(Code::TooLarge, format!("{MOST_REDIRECTS} redirects")));
        }
    }
    let key = |how: &str, source: &str| (how.to_owned(), source.to_owned());
    let stored: HashMap<_, _> = all.iter().map(|row| (key(&row.how, &row.source), row.id)).collect();
    let mut seen = HashSet::new();
    for (line, new) in &wanted {
        let place = key(&new.how, &new.source);
        match stored.get(&place) {
            _ if !seen.insert(place.clone()) => {
                done.refused.push((*line, "This address stands in the list twice.".into()));
            }
            Some(_) => done.changed += 1,
            None => done.added += 1,
        }
    }
    all.retain(|row| !seen.contains(&key(&row.how, &row.source)));
    all.extend(wanted.iter().map(|(_, new)| as_row(new, RedirectId(i64::MAX))));
    if i64::try_from(all.len()).is_ok_and(|n| n > MOST_REDIRECTS) {
        return Err(Error::refused(Code::TooLarge, format!("{MOST_REDIRECTS} redirects")));
    }
    let (set, hosts) = (Redirects::new(all, None), own_names(tx, scope)?);
    let room = set.check_room();
    for (line, new) in &wanted {
        let fits =
            if new.how == "pattern" { room.as_ref().map_or_else(|e| Err(words(e)), |()| Ok(())) } else { Ok(()) };
        if let Err(e) = fits.and_then(|()| circle(&set, &hosts, new).map_err(|e| words(&e))) {
            done.refused.push((*line, e));
        }
    }
    done.refused.sort();
    if !done.refused.is_empty() {
        done = Imported { added: 0, changed: 0, ..done };
    }
    let place = |new: NewRedirect| (stored.get(&key(&new.how, &new.source)).copied(), new);
    Ok(CheckedList { site, seen: seen_state, done, wanted: wanted.into_iter().map(|(_, new)| place(new)).collect() })
}

/// Brings in redirects that [`check_csv`] read: all of them, or none where one was refused.
///
/// # Errors
/// `Denied`, `WrongState` where others came in between.
pub fn put_csv(tx: &mut Tx<'_>, checked: &CheckedList) -> Result<Imported> {
    let CheckedList { site, seen, done, wanted } = checked;
    let scope = unchanged(tx, *site, *seen)?;
    if !done.refused.is_empty() {
        return Ok(done.clone());
    }
    for (before, new) in wanted {
        match before {
            Some(id) => {
                rows::set_redirect(tx, scope, *id, new)?;
            }
            None => {
                rows::add_redirect(tx, scope, new)?;
            }
        }
    }
    tx.audit_site(scope, "redirect.import", format!("{} new, {} changed", done.added, done.changed));
    tx.announce(RulesChanged { site: *site });
    Ok(done.clone())
}

/// All redirects as CSV, as [`check_csv`] takes it.
///
/// # Errors
/// `Denied`.
pub fn export_csv(tx: &mut Tx<'_>, site: SiteId) -> Result<String> {
    let mut out = "source,target,status,how,query\n".to_owned();
    for row in redirects(tx, site)? {
        let query = if row.keep_query { "keep" } else { "drop" };
        csv::write(&mut out, &[&row.source, &row.target, &row.status.to_string(), &row.how, query]);
    }
    Ok(out)
}

fn of_fields(fields: &[String]) -> Result<RedirectInput> {
    let field = |n: usize| fields.get(n).map(|f| f.trim()).unwrap_or_default();
    if fields.len() < 2 {
        return Err(Error::invalid(
            "target",
            Code::Malformed,
            "source,target[,status[,how[,query]]], such as /old,/new or /old,/new,302,prefix,drop",
        ));
    }
    let status = match field(2) {
        "" => 0,
        text => text.parse().map_err(|_| Error::invalid("status", Code::NotAllowed, "301, 302, 307, 308"))?,
    };
    let keep_query = match field(4).to_ascii_lowercase().as_str() {
        "" | "keep" | "yes" | "true" | "1" => true,
        "drop" | "no" | "false" | "0" => false,
        _ => return Err(Error::invalid("query", Code::NotAllowed, "keep, drop")),
    };
    Ok(RedirectInput { how: field(3).to_owned(), source: field(0).into(), target: field(1).into(), status, keep_query })
}

fn words(e: &Error) -> String {
    match e.fields().first() {
        Some(field) => format!("{}: {}", field.field, field.sentence()),
        None => e.sentence(),
    }
}

fn spoken(new: &NewRedirect) -> String {
    format!("{} \u{2192} {}", new.source, new.target)
}

fn taken(e: Error, new: &NewRedirect) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::invalid("source", Code::AlreadyExists, new.source.clone()),
        _ => e,
    }
}

fn as_row(new: &NewRedirect, id: RedirectId) -> Redirect {
    Redirect {
        id,
        site_id: SiteId(0),
        how: new.how.clone(),
        source: new.source.clone(),
        target: new.target.clone(),
        status: new.status,
        keep_query: new.keep_query,
        created_at: freehold_base::Timestamp(0),
    }
}

fn own_names(tx: &mut Tx<'_>, scope: SiteScope) -> Result<Vec<String>> {
    Ok(sites::domains(tx, scope)?.into_iter().map(|d| d.host).collect())
}

/// What was typed in its stored form; every refusal is named at once.
pub(super) fn check(input: &RedirectInput) -> Result<NewRedirect> {
    let mut refused = Refusals::default();
    let how = match input.how.trim() {
        "" => "exact",
        how => how,
    };
    let status = if input.status == 0 { 301 } else { input.status };
    if ![301, 302, 307, 308].contains(&status) {
        refused.add("status", Code::NotAllowed, "301, 302, 307, 308");
    }
    let mut caught = 0;
    let source = match how {
        "exact" => refused.take(address_typed("source", &input.source))?.map(|path| without_end(&path).to_owned()),
        "prefix" => refused.take(address_typed("source", &input.source))?.map(|path| without_end(&path).to_owned()),
        "pattern" => {
            let pattern = refused.take(pattern_typed(&input.source))?;
            caught = pattern.as_ref().map_or(0, |(_, caught)| *caught);
            pattern.map(|(text, _)| text)
        }
        _ => {
            refused.add("how", Code::NotAllowed, "exact, prefix, pattern");
            None
        }
    };
    let target = refused.take(target_typed(&input.target, caught))?;
    refused.check()?;
    let (Some(source), Some(target)) = (source, target) else { return Err(Error::code(Code::BadRequest)) };
    Ok(NewRedirect { how: how.to_owned(), source, target, status, keep_query: input.keep_query })
}

/// A pattern, and how many parts it catches.
fn pattern_typed(text: &str) -> Result<(String, usize)> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("source", Code::Required, ""));
    }
    if text.chars().count() > LONGEST {
        return Err(Error::invalid("source", Code::TooLong, LONGEST.to_string()));
    }
    let pattern = matcher::compile(text)?;
    Ok((text.to_owned(), pattern.catches()))
}

/// A target: an address of the site, or a whole one whose host nothing that was caught can change.
fn target_typed(text: &str, caught: usize) -> Result<String> {
    let text = text.trim();
    let wrong = |why: &str| Err(Error::invalid("target", Code::Malformed, why.to_owned()));
    if text.is_empty() {
        return Err(Error::invalid("target", Code::Required, ""));
    }
    if text.chars().count() > LONGEST {
        return Err(Error::invalid("target", Code::TooLong, LONGEST.to_string()));
    }
    if text.chars().any(|c| c.is_control() || c == '\\') {
        return wrong("an address without backslashes and control characters");
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        None if text.starts_with('/') && !text.starts_with("//") => {}
        None => return wrong("an address that begins with / or https://, such as /new or https://example.org/new"),
        Some(rest) => {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            if host.contains('$') {
                return wrong("a host without $; put a / before it");
            }
            let (name, port) = host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
            if HostName::parse(name).is_err() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
                return wrong("a whole address such as https://example.org/new");
            }
        }
    }
    let asked = text.split('$').skip(1).filter_map(|part| part.chars().next()?.to_digit(10)).max().unwrap_or(0);
    match usize::try_from(asked) {
        Ok(asked) if asked > 0 && caught == 0 => wrong("an address without $1: only patterns catch parts"),
        Ok(asked) if asked > caught => wrong(&format!("an address with $1 to ${caught}: the pattern catches no more")),
        _ => Ok(text.to_owned()),
    }
}

/// Refuses a redirect that leads in a circle, alone or with others.
fn circle(set: &Redirects, hosts: &[String], new: &NewRedirect) -> Result<()> {
    let below = without_end(&new.source).trim_end_matches('/');
    let starts = match new.how.as_str() {
        "exact" => vec![new.source.clone()],
        "prefix" => vec![new.source.clone(), format!("{below}/a"), format!("{below}/a/b")],
        _ => vec![sample::of_pattern(&new.source)],
    };
    for start in starts.iter().filter(|start| start.starts_with('/')) {
        if let Err(way) = set.follow(hosts, start) {
            let shown = if way.len() > 5 { way.get(..5) } else { way.get(..) }.unwrap_or_default();
            let dots = if way.len() > 5 { " \u{2192} \u{2026}" } else { "" };
            return Err(Error::invalid("target", Code::RedirectLoop, shown.join(" \u{2192} ") + dots));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_checked_and_brought_into_one_form() {
        let check = |how: &str, source: &str, target: &str| {
            let input = RedirectInput {
                how: how.into(),
                source: source.into(),
                target: target.into(),
                status: 0,
                keep_query: true,
            };
            check(&input).map(|new| new.source).map_err(|e| e.fields()[0].field.to_string())
        };
        let ok = |source: &str| Ok::<_, String>(source.to_owned());
        let no = |field: &str| Err::<String, _>(field.to_owned());
        for (how, source, target, expected) in [
            ("", "/old/", "/new", ok("/old")),
            ("exact", "https://example.org/a%20b", "/new", ok("/a b")),
            ("exact", "/", "/new", ok("/")),
            ("prefix", "/caf\u{e9}//x/", "https://example.org:8443/x", ok("/caf\u{e9}/x")),
            ("pattern", r"/(\d+)", "/n/$1", ok(r"/(\d+)")),
            ("pattern", r"/(\d+)", "/n/$2", no("target")),
            ("pattern", r"/(\d+)", "https://x$1.example/", no("target")),
            ("pattern", r"/(\d+", "/n", no("source")),
            ("exact", "/a", "/n/$1", no("target")),
            ("exact", "/a", "//evil.example", no("target")),
            ("exact", "/a", "javascript:alert(1)", no("target")),
            ("exact", "/a", "https:///x", no("target")),
            ("exact", "/a", "/x\r\nset-cookie: a=b", no("target")),
            ("exact", "/a", r"/\evil.example", no("target")),
            ("exact", "/a", "", no("target")),
            ("exact", "", "/b", no("source")),
            ("exact", "/a?x=1", "/b", no("source")),
            ("exact", "/../a", "/b", no("source")),
            ("exact", "a", "/b", no("source")),
            ("best", "/a", "/b", no("how")),
        ] {
            assert_eq!(check(how, source, target), expected, "{how} {source} {target}");
        }
    }
}
