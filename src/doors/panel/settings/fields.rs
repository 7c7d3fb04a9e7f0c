//! What each page of the settings holds: its values as text, and how typed text becomes settings again.

use freehold_base::error::Refusals;
use freehold_base::{Code, Error, Result};
use freehold_platform::sites::Settings;

use super::choices::PATTERNS;
use crate::panel::form::Form;

/// A page of the settings.
pub(super) struct SettingsPage {
    pub name: &'static str,
    pub label: &'static str,
    pub template: &'static str,
    /// Values as text, by field.
    pub values: fn(&Settings) -> Vec<(&'static str, String)>,
    /// Puts what was typed into the settings.
    pub apply: fn(&mut Settings, &Form) -> Result<()>,
}

pub(super) const PAGES: &[SettingsPage] = &[
    SettingsPage {
        name: "general",
        label: "General",
        template: "settings/general.html",
        values: |s| {
            let g = &s.general;
            vec![
                ("title", g.title.clone()),
                ("tagline", g.tagline.clone()),
                ("locale", g.locale.clone()),
                ("timezone", g.timezone.clone()),
                ("icon_id", g.icon_id.to_string()),
            ]
        },
        apply: |s, form| {
            let g = &mut s.general;
            form.get("title").clone_into(&mut g.title);
            form.get("tagline").clone_into(&mut g.tagline);
            form.get("locale").clone_into(&mut g.locale);
            form.get("timezone").clone_into(&mut g.timezone);
            if form.has("icon_id") {
                g.icon_id = form.number("icon_id").max(0);
            }
            Ok(())
        },
    },
    SettingsPage {
        name: "reading",
        label: "Reading",
        template: "settings/reading.html",
        values: reading_values,
        apply: reading,
    },
    SettingsPage {
        name: "permalinks",
        label: "Addresses",
        template: "settings/permalinks.html",
        values: permalink_values,
        apply: permalinks,
    },
    SettingsPage {
        name: "discussion",
        label: "Discussion",
        template: "settings/discussion.html",
        values: discussion_values,
        apply: discussion,
    },
    SettingsPage {
        name: "seo",
        label: "Search engines",
        template: "settings/seo.html",
        values: |s| {
            let seo = &s.seo;
            vec![
                ("post_title", seo.post_title.clone()),
                ("page_title", seo.page_title.clone()),
                ("list_title", seo.list_title.clone()),
                ("home_title", seo.home_title.clone()),
                ("description", seo.description.clone()),
            ]
        },
        apply: |s, form| {
            let seo = &mut s.seo;
            form.get("post_title").clone_into(&mut seo.post_title);
            form.get("page_title").clone_into(&mut seo.page_title);
            form.get("list_title").clone_into(&mut seo.list_title);
            form.get("home_title").clone_into(&mut seo.home_title);
            form.get("description").clone_into(&mut seo.description);
            Ok(())
        },
    },
];

fn on(value: bool) -> String {
    if value { "on".to_owned() } else { String::new() }
}

/// A whole number in its bounds.
fn number<T: TryFrom<i64>>(form: &Form, name: &'static str, min: i64, max: i64) -> Result<T> {
    let wrong = || Error::invalid(name, Code::Malformed, format!("a whole number from {min} to {max}"));
    let number: i64 = form.get(name).trim().parse().map_err(|_| wrong())?;
    if !(min..=max).contains(&number) {
        return Err(wrong());
    }
    T::try_from(number).map_err(|_| wrong())
}

fn reading_values(s: &Settings) -> Vec<(&'static str, String)> {
    let r = &s.reading;
    vec![
        ("front_page_id", r.front_page_id.to_string()),
        ("posts_page_id", r.posts_page_id.to_string()),
        ("page_size", r.page_size.to_string()),
        ("feed_size", r.feed_size.to_string()),
        ("feed_full", if r.feed_full { "full" } else { "summary" }.to_owned()),
        ("indexed", on(r.indexed)),
    ]
}

fn reading(s: &mut Settings, form: &Form) -> Result<()> {
    let r = &mut s.reading;
    let mut refused = Refusals::default();
    r.front_page_id = form.number("front_page_id").max(0);
    r.posts_page_id = form.number("posts_page_id").max(0);
    if r.front_page_id > 0 && r.front_page_id == r.posts_page_id {
        refused.add("posts_page_id", Code::Malformed, "another page than the home page");
    }
    if let Some(size) = refused.take(number(form, "page_size", 1, 100))? {
        r.page_size = size;
    }
    if let Some(size) = refused.take(number(form, "feed_size", 1, 100))? {
        r.feed_size = size;
    }
    r.feed_full = form.get("feed_full") != "summary";
    r.indexed = form.has("indexed");
    refused.check()
}

fn permalink_values(s: &Settings) -> Vec<(&'static str, String)> {
    let p = &s.permalinks;
    let known = PATTERNS.iter().any(|(pattern, _)| *pattern == p.post);
    vec![
        ("post", if known { p.post.clone() } else { "custom".to_owned() }),
        ("custom", p.post.clone()),
        ("category_base", p.category_base.clone()),
        ("tag_base", p.tag_base.clone()),
    ]
}

fn permalinks(s: &mut Settings, form: &Form) -> Result<()> {
    let p = &mut s.permalinks;
    let chosen = form.get("post");
    if chosen == "custom" { form.get("custom").trim() } else { chosen }.clone_into(&mut p.post);
    form.get("category_base").clone_into(&mut p.category_base);
    form.get("tag_base").clone_into(&mut p.tag_base);
    Ok(())
}

fn discussion_values(s: &Settings) -> Vec<(&'static str, String)> {
    let d = &s.discussion;
    vec![
        ("open", on(d.open)),
        ("moderation", d.moderation.clone()),
        ("close_after_days", d.close_after_days.to_string()),
        ("depth", d.depth.to_string()),
        ("page_size", d.page_size.to_string()),
    ]
}

fn discussion(s: &mut Settings, form: &Form) -> Result<()> {
    let d = &mut s.discussion;
    let mut refused = Refusals::default();
    d.open = form.has("open");
    form.get("moderation").clone_into(&mut d.moderation);
    if let Some(days) = refused.take(number(form, "close_after_days", 0, 36_500))? {
        d.close_after_days = days;
    }
    if let Some(depth) = refused.take(number(form, "depth", 1, 10))? {
        d.depth = depth;
    }
    if form.has("page_size")
        && let Some(size) = refused.take(number(form, "page_size", 10, 500))?
    {
        d.page_size = size;
    }
    refused.check()
}
