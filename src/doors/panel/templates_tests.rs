use serde_json::json;

use super::super::samples::{full_frame, posts, sample_rows, samples};
use super::*;

/// With `FREEHOLD_PANEL_SAMPLES` set, the pages are also written there, to look at.
#[test]
#[allow(clippy::disallowed_methods, reason = "a switch for people who work on the templates")]
fn every_page_renders_with_the_context_it_documents() {
    let templates = Templates::default();
    let folder = std::env::var("FREEHOLD_PANEL_SAMPLES").ok();
    for (name, template, frame, page) in samples() {
        let html = templates.page(template, "NONCE", &frame, &page).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert!(html.starts_with("<!doctype html>"), "{name} starts with something else");
        assert!(!html.contains("{{") && !html.contains("{%"), "{name} shows template code");
        assert!(!html.contains(" style="), "{name} has an inline style, which the CSP refuses");
        assert!(!html.contains(" onclick="), "{name} has an inline handler, which the CSP refuses");
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{name}.html"), html).unwrap();
        }
    }
}

#[test]
fn every_page_has_a_sample() {
    let drawn: Vec<&str> = samples().iter().map(|(_, template, ..)| *template).collect();
    let is_page =
        |(name, text): &(String, String)| !name.starts_with("layout/") && text.contains("{% extends \"layout/");
    let pages = sources().unwrap().into_iter().filter(is_page).map(|(name, _)| name);
    let missing: Vec<String> = pages.filter(|name| !drawn.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "no sample draws {missing:?}: panel/samples/drawn.rs says how they are made");
}

#[test]
fn every_icon_that_a_template_names_is_in_the_sprite() {
    let known: Vec<&str> = include_str!("../../../admin-ui/icons.txt").lines().collect();
    for (name, text) in sources().unwrap() {
        for part in text.split("<ui.icon name=\"").skip(1).chain(text.split(" icon=\"").skip(1)) {
            let icon = part.split('"').next().unwrap();
            assert!(
                icon.is_empty() || known.contains(&icon),
                "{name} names the icon {icon}, which icons.txt does not have"
            );
        }
    }
}

#[test]
fn text_from_people_is_escaped() {
    let templates = Templates::default();
    let page = json!({"host": "<script>", "action": "/", "next": "\"><b>", "email": "", "error": "", "notice": "", "forgot_href": "/", "passkey": {"on": true, "start": "/s", "origin": "o"}, "contact": null});
    let html = templates.page("auth/login.html", "NONCE", &Frame::plain("<i>"), &page).unwrap();
    for hostile in ["<script>", "\"><b>", "<i>"] {
        assert!(!html.contains(hostile), "{hostile} came through");
    }
}

#[test]
fn a_part_of_a_page_is_answered_without_the_frame() {
    let templates = Templates::default();
    let html = templates
        .part("entries/list.html", "list", "NONCE", &full_frame("Posts"), &posts(sample_rows(), false))
        .unwrap();
    assert!(html.contains("How to read the sea") && !html.contains("<html"));
}

#[test]
fn numbers_are_grouped_by_thousands() {
    let templates = Templates::default();
    let html =
        templates.page("entries/list.html", "NONCE", &full_frame("Posts"), &posts(sample_rows(), false)).unwrap();
    assert!(html.contains("1,148"));
}
