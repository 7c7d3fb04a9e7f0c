//! Titles and descriptions for browsers and search engines, by the site's patterns (row SO01).

use super::Making;
use crate::themes::Page;

/// What tokens stand for on one page.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens<'a> {
    pub title: &'a str,
    pub author: &'a str,
    pub category: &'a str,
    pub excerpt: &'a str,
    pub site: &'a str,
    pub tagline: &'a str,
}

/// Signs that stand between two parts of a title; one with nothing beside it is dropped.
const BETWEEN: &[char] = &['·', '–', '—', '-', '|', ':', '»', ' '];

/// A pattern with its tokens filled; a token without a value takes the sign beside it along.
pub(super) fn fill(pattern: &str, tokens: &Tokens<'_>) -> String {
    let value = |name: &str| match name {
        "title" => tokens.title,
        "author" => tokens.author,
        "category" => tokens.category,
        "excerpt" => tokens.excerpt,
        "site" => tokens.site,
        "tagline" => tokens.tagline,
        _ => "",
    };
    let mut out = String::with_capacity(pattern.len() + 64);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match value(name) {
            "" => out.truncate(out.trim_end_matches(BETWEEN).len()),
            text => out.push_str(text),
        }
        rest = after;
    }
    out.push_str(rest);
    out.trim_matches(BETWEEN).to_owned()
}

impl Making<'_, '_> {
    /// Gives the page its title for browsers, and its description where nobody wrote one.
    pub(super) fn name(&self, page: &mut Page) {
        let (general, seo) = (&self.site.settings.general, &self.site.settings.seo);
        let entry = page.entry.as_ref();
        let category = entry.and_then(|e| e.terms.get("category")?.first()).map_or("", |t| t.name.as_str());
        let tokens = Tokens {
            title: &page.page.title,
            author: entry.and_then(|e| e.authors.first()).map_or("", |a| a.name.as_str()),
            category,
            excerpt: &page.page.description,
            site: &general.title,
            tagline: &general.tagline,
        };
        let pattern = match (page.page.kind.as_str(), entry.map(|e| e.kind.as_str())) {
            ("home" | "front" | "archive", _) if page.page.title.is_empty() || page.page.title == general.title => {
                &seo.home_title
            }
            (_, Some("page")) => &seo.page_title,
            (_, Some(_)) => &seo.post_title,
            _ => &seo.list_title,
        };
        let filled = fill(pattern, &tokens);
        let described = if entry.is_some() { fill(&seo.description, &tokens) } else { String::new() };
        if page.page.browser_title.is_empty() {
            page.page.browser_title = if filled.is_empty() { general.title.clone() } else { filled };
        }
        if !described.is_empty() && !page.page.described {
            page.page.description = described;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_a_value_takes_its_sign_along() {
        let tokens = Tokens { title: "Tide", site: "Harbour", category: "Sea", ..Default::default() };
        for (pattern, wanted) in [
            ("{title} · {site}", "Tide · Harbour"),
            ("{site} · {tagline}", "Harbour"),
            ("{tagline} – {site}", "Harbour"),
            ("{title} ({category}) | {author} | {site}", "Tide (Sea) | Harbour"),
            ("{title", "Tide"),
            ("{nothing}", ""),
            ("", ""),
        ] {
            assert_eq!(fill(pattern, &tokens), wanted, "{pattern}");
        }
    }
}
