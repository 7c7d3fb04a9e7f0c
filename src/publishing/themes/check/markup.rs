//! The basics of a page that all people can use, looked for in what a theme drew (WCAG 2.2, row TH08). A look, not an
//! audit: what it does not find can still be wrong.

use std::collections::{BTreeMap, BTreeSet};

/// Kinds of findings that leave somebody out.
pub(super) const IS_ERROR: &[&str] = &["a11y-lang", "a11y-alt", "a11y-label"];

/// So much of a page is looked at, and so many tags inside a link: a page that is made to be slow is not slow here.
const MAX_PAGE: usize = 1 << 20;
const MAX_INSIDE: usize = 100;

/// A tag of a page.
#[derive(Debug)]
struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: BTreeMap<String, &'a str>,
    /// As it is written, at most 100 characters.
    shown: String,
    /// The text behind it, up to the next tag.
    text: &'a str,
}

/// What is wrong with a page: (kind, in words). The same page gives the same list.
pub(super) fn faults(html: &str) -> BTreeSet<(&'static str, String)> {
    let tags = tags(html.get(..html.floor_char_boundary(MAX_PAGE)).unwrap_or(html));
    let mut faults = BTreeSet::new();
    let mut add = |code: &'static str, message: String| {
        faults.insert((code, message));
    };
    let open = |name: &'static str| tags.iter().filter(move |tag| !tag.closes && tag.name == name);
    if !open("html").any(|tag| tag.attributes.get("lang").is_some_and(|lang| !lang.trim().is_empty())) {
        add("a11y-lang", "The page does not say its language: <html lang=\"{{ site.locale }}\">.".into());
    }
    if !open("title").any(|tag| !tag.text.trim().is_empty()) {
        add("a11y-title", "The page has no title: call {{ head() }} in <head>.".into());
    }
    if open("main").count() != 1 {
        add("a11y-main", "A page has one <main>, so that people get to it with one key.".into());
    }
    match open("h1").count() {
        1 => {}
        0 => add("a11y-headings", "The page has no <h1>.".into()),
        n => add("a11y-headings", format!("The page has {n} <h1>; one names the page.")),
    }
    for (before, tag) in skipped_headings(&tags) {
        add("a11y-headings", format!("A heading of level {before} is followed by one of a level too deep: {tag}"));
    }
    for tag in open("img").filter(|tag| !tag.attributes.contains_key("alt")) {
        add("a11y-alt", format!("A picture has no alt (empty where it only decorates): {}", tag.shown));
    }
    for tag in unlabelled(&tags) {
        add("a11y-label", format!("A field has no label: {tag}"));
    }
    for tag in nameless(&tags) {
        add("a11y-name", format!("A link or button has no words: {tag}"));
    }
    for id in twice(&tags) {
        add("a11y-ids", format!("Two elements have the id {id}."));
    }
    faults
}

fn skipped_headings(tags: &[Tag<'_>]) -> Vec<(u32, String)> {
    let level = |tag: &Tag<'_>| tag.name.strip_prefix('h').and_then(|n| n.parse::<u32>().ok()).filter(|n| *n <= 6);
    let mut last = 0;
    let mut found = Vec::new();
    for tag in tags.iter().filter(|tag| !tag.closes) {
        let Some(level) = level(tag) else { continue };
        if last > 0 && level > last + 1 {
            found.push((last, tag.shown.clone()));
        }
        last = level;
    }
    found
}

fn is_named(tag: &Tag<'_>) -> bool {
    ["aria-label", "aria-labelledby", "title"]
        .iter()
        .any(|a| tag.attributes.get(*a).is_some_and(|v| !v.trim().is_empty()))
}

fn unlabelled(tags: &[Tag<'_>]) -> Vec<String> {
    let named: BTreeSet<&str> =
        tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.attributes.get("for").copied()).collect();
    let mut labels = 0_usize;
    let mut found = Vec::new();
    for tag in tags {
        match (tag.name.as_str(), tag.closes) {
            ("label", false) => labels += 1,
            ("label", true) => labels = labels.saturating_sub(1),
            ("input" | "select" | "textarea", false) => {
                let kind = tag.attributes.get("type").copied().unwrap_or("text");
                let needs = !["hidden", "submit", "button", "image", "reset"].contains(&kind);
                let by_id = tag.attributes.get("id").is_some_and(|id| named.contains(id));
                let is_hidden = tag.attributes.contains_key("hidden");
                if needs && labels == 0 && !by_id && !is_named(tag) && !is_hidden {
                    found.push(tag.shown.clone());
                }
            }
            _ => {}
        }
    }
    found
}

/// Links and buttons in which nothing can be read.
fn nameless(tags: &[Tag<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for (i, tag) in tags.iter().enumerate() {
        let reached = tag.name == "a" && tag.attributes.contains_key("href") || tag.name == "button";
        let hidden = tag.attributes.get("aria-hidden").is_some_and(|v| *v == "true");
        if tag.closes || !reached || hidden || is_named(tag) {
            continue;
        }
        let inside = tags.iter().skip(i + 1).take(MAX_INSIDE).take_while(|t| !(t.closes && t.name == tag.name));
        let mut words = !tag.text.trim().is_empty();
        for t in inside {
            let alt = t.attributes.get("alt").is_some_and(|alt| !alt.trim().is_empty());
            words = words || !t.text.trim().is_empty() || alt || is_named(t);
        }
        if !words {
            found.push(tag.shown.clone());
        }
    }
    found
}

fn twice(tags: &[Tag<'_>]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let ids = tags.iter().filter(|tag| !tag.closes).filter_map(|tag| tag.attributes.get("id").copied());
    ids.filter(|id| !seen.insert(*id)).map(str::to_owned).collect()
}

/// All tags of a page in their order. What stands in scripts and styles is passed over.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut at = 0;
    while let Some(found) = html.get(at..).and_then(|rest| rest.find('<')) {
        let start = at + found;
        let rest = html.get(start..).unwrap_or_default();
        if rest.starts_with("<!--") {
            at = start + rest.find("-->").map_or(rest.len(), |end| end + 3);
            continue;
        }
        let name = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<')).unwrap_or_default();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            at = start + 1;
            continue;
        }
        // A tag that has no end takes the rest of the page with it, as in a browser.
        let Some((mut tag, len)) = tag(rest) else { break };
        at = start + len;
        let is_closed = matches!(tag.name.as_str(), "script" | "style") && !tag.closes;
        if is_closed {
            let close = format!("</{}", tag.name);
            let rest = html.get(at..).unwrap_or_default();
            at += rest.find(&close).unwrap_or(rest.len());
        }
        let after = html.get(at..).unwrap_or_default();
        tag.text = after.get(..after.find('<').unwrap_or(after.len())).unwrap_or_default();
        tags.push(tag);
    }
    tags
}

/// The tag that a text begins with, and its length.
fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let closes = text.starts_with("</");
    let inside = text.get(if closes { 2 } else { 1 }..)?;
    let name_len = inside.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
    let name = inside.get(..name_len).filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let mut attributes = BTreeMap::new();
    let mut at = text.len() - inside.len() + name_len;
    loop {
        let rest = text.get(at..)?;
        let skip = rest.find(|c: char| !c.is_ascii_whitespace() && c != '/')?;
        at += skip;
        let rest = text.get(at..)?;
        if rest.starts_with('>') {
            at += 1;
            break;
        }
        let len = rest.find(|c: char| c.is_ascii_whitespace() || "=>/".contains(c)).filter(|len| *len > 0).unwrap_or(1);
        let key = rest.get(..len)?.to_ascii_lowercase();
        at += len;
        let rest = text.get(at..)?;
        let Some(value) = rest.strip_prefix('=') else {
            attributes.insert(key, "");
            continue;
        };
        let (value, len) = match value.chars().next()? {
            quote @ ('"' | '\'') => {
                let inside = value.get(1..)?;
                let end = inside.find(quote)?;
                (inside.get(..end)?, end + 2)
            }
            _ => {
                let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>')?;
                (value.get(..end)?, end)
            }
        };
        attributes.insert(key, value);
        at += 1 + len;
    }
    let shown = text.get(..at)?.chars().take(100).collect();
    Some((Tag { name, closes, attributes, shown, text: "" }, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<!doctype html><html lang=\"en\"><head><title>Hi</title><style>a<b{}</style></head><body><main>\
        <h1>One</h1><h2>Two</h2><img src=x alt=\"\"><a href=/><img src=y alt=\"Home\"></a>\
        <label>Name <input name=n></label><label for=m>Mail</label><input id=m type=email><input type=hidden name=h>\
        <button aria-label=\"Menu\"><svg></svg></button></main></body></html>";

    #[test]
    fn a_good_page_has_no_faults_and_each_fault_is_found() {
        assert_eq!(faults(GOOD), BTreeSet::new());
        for (from, to, code) in [
            (" lang=\"en\"", "", "a11y-lang"),
            ("<title>Hi</title>", "", "a11y-title"),
            ("<h1>One</h1>", "", "a11y-headings"),
            ("<h1>One</h1>", "<h1>One</h1><h1>Two</h1>", "a11y-headings"),
            ("<h2>", "<h4>", "a11y-headings"),
            (" alt=\"\"", "", "a11y-alt"),
            (" alt=\"Home\"", " alt=\"\"", "a11y-name"),
            ("<label for=m>", "<label>", "a11y-label"),
            ("<label>Name ", "<p>Name ", "a11y-label"),
            (" aria-label=\"Menu\"", "", "a11y-name"),
            ("<main>", "<div>", "a11y-main"),
            ("<h2>", "<h2 id=m>", "a11y-ids"),
        ] {
            let page = GOOD.replacen(from, to, 1);
            let found = faults(&page);
            assert!(found.iter().any(|(kind, _)| *kind == code), "{from} -> {to}: {found:?}");
        }
    }

    #[test]
    fn a_page_that_is_made_to_be_slow_is_looked_at_all_the_same() {
        for (many, code) in [("<a href=x>", "a11y-name"), ("<script>", "a11y-main"), ("<a b='", "a11y-main")] {
            let found = faults(&many.repeat(300_000));
            assert!(found.iter().any(|(kind, _)| *kind == code), "{many}");
        }
    }

    #[test]
    fn markup_that_is_none_ends() {
        for page in
            ["<", "<a", "<a href", "<a href=", "<a href=\"x", "<>", "< a>", "<!-- <a", "</", "<script>", "<a =>"]
        {
            faults(page);
        }
    }
}
