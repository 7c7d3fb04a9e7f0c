//! Contexts of the pages of themes.

use serde_json::{Value, json};

use super::super::frame::Frame;
use super::full_frame;

fn card(name: &str, active: bool, problem: &str, works: bool) -> Value {
    let frame = if works { format!("http://harbour.example/_/theme/{name}/") } else { String::new() };
    json!({"name": name, "title": name, "version": "1.2.0", "author": "Ida Holm", "description": "A wide page for pictures.",
        "origin": "Added for all sites", "active": active, "problem": problem, "works": works, "frame": frame,
        "href": format!("/admin/s/1/theme/{name}"), "preview_href": format!("/admin/s/1/theme/{name}/preview")})
}

fn gallery(active: Value, others: Vec<Value>, add_for: &str) -> Value {
    json!({"active": active, "others": others, "site_url": "http://harbour.example", "add_href": "/admin/s/1/theme-add",
        "add_for": add_for, "menus_href": "/admin/s/1/menus"})
}

fn one(findings: Vec<Value>, active: bool) -> Value {
    let errors = findings.len();
    json!({"theme": card("meadow", active, "", true), "back_href": "/admin/s/1/theme", "licence": "MIT", "parent": "croft",
        "package_href": "/p", "can_remove": !active, "findings": findings, "errors": errors, "warnings": 0,
        "css": "3.1 kB packed, 12.4 kB whole", "code_href": "/admin/s/1/theme/meadow/code", "can_begin": true,
        "child": "meadow-of-ours", "errors_of_child": if active { json!([]) } else { json!([{"field": "name", "text": "It exists."}]) },
        "drifts": if active { json!([]) } else { json!([{"label": "templates/entry.html", "href": "/p"}]) }})
}

fn code(can_write: bool) -> Value {
    json!({"theme": card("meadow", true, "", true), "can_write": can_write,
        "why_not": if can_write { "" } else { "This theme comes with Freehold." }, "action": "/c", "back_href": "/b",
        "typed": "../x", "errors": if can_write { json!([{"field": "path", "text": "Not there."}]) } else { json!([]) },
        "drifts": if can_write { json!([{"label": "templates/entry.html", "href": "/p"}]) } else { json!([]) },
        "groups": [{"title": "Pages", "files": [{"name": "index.html", "size": "2 kB", "from": "", "href": "/e"},
            {"name": "entry.html", "size": "3 kB", "from": "croft", "href": "/e"}]},
            {"title": "Styles, fonts, pictures", "files": [{"name": "a.woff2", "size": "40 kB", "from": "", "href": ""}]}]})
}

fn code_edit(can_write: bool) -> Value {
    json!({"path": "templates/index.html", "title": "index.html", "action": "/c", "text": "<h1>", "etag": "e", "from": "croft",
        "can_write": can_write, "can_delete": can_write, "is_override": can_write, "back_href": "/b", "states_href": "/s",
        "preview_href": "/p", "why_not": if can_write { "" } else { "Not yours." }, "said": "",
        "errors": if can_write { json!([{"field": "text", "text": "Not saved."}]) } else { json!([]) }})
}

fn sides(more: Value) -> Value {
    let mut all = json!({"path": "templates/index.html", "name": "index.html", "action": "/c", "back_href": "/b", "edit_href": "/e", "etag": "e",
        "text": "<h1>", "left": {"name": "Before", "by": ""}, "right": {"name": "Now", "by": "you"}, "cut": false,
        "lines": [{"skip": 2}, {"skip": 0, "old_n": "3", "new_n": "3", "change": "changed",
            "old": [{"op": "d", "text": "a"}], "new": [{"op": "a", "text": "b"}]}]});
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    all
}

fn add(add_for: &str, wrong: bool) -> Value {
    let errors = if wrong { vec![json!({"field": "address", "text": "This is not allowed."})] } else { Vec::new() };
    json!({"action": "/a", "back_href": "/b", "add_for": add_for, "limit": "67 MB", "errors": errors, "address": "",
        "name": "", "replace": false, "address_error": if wrong { "This is not allowed." } else { "" }, "name_error": ""})
}

fn follow(stage: &str) -> Value {
    json!({"card": {"id": 4, "title": "Install a theme", "step": "Working", "percent": 33, "detail": "Looking at the theme", "href": "/j"},
        "source": "https://git.example/meadow.zip", "stage": stage, "message": "The theme is not installed: it has no theme.toml.",
        "report": {"theme": "meadow", "title": "Meadow", "version": "1.2", "replaced": true, "left_out": ["package.json"], "warnings": 2},
        "theme_href": "/t", "preview_href": "/p", "add_href": "/a", "back_href": "/b", "here": true})
}

/// All of them.
pub(super) fn all() -> Vec<(&'static str, &'static str, Frame, Value)> {
    let broken = || card("lawn", false, "lawn/templates/index.html:3: Unknown filter `shout`", false);
    let finding = json!({"tone": "bad", "icon": "circle-x", "level": "error", "place": "meadow/templates/entry.html, line 3",
        "message": "No page has `entry.titel`.", "snippet": "<h1>{{ entry.titel }}</h1>".replace("{{", "").replace("}}", "")});
    let widths = json!([{"label": "Wide screen", "icon": "monitor", "href": "?width=full", "current": true},
        {"label": "Phone", "icon": "smartphone", "href": "?width=phone", "current": false}]);
    let preview = |active| json!({"theme": card("meadow", active, "", true), "back_href": "/b", "widths": widths, "width": "full"});
    let full = gallery(
        card("croft", true, "croft/x.html:1: wrong", true),
        vec![card("meadow", false, "", true), broken()],
        "all sites",
    );
    vec![
        ("themes", "themes/gallery.html", full_frame("Themes"), full),
        ("themes-one", "themes/gallery.html", full_frame("Themes"), gallery(card("croft", true, "", true), vec![], "")),
        (
            "themes-gone",
            "themes/gallery.html",
            full_frame("Themes"),
            gallery(Value::Null, vec![card("croft", false, "", true)], ""),
        ),
        ("theme", "themes/one.html", full_frame("Themes"), one(vec![finding], false)),
        ("theme-active", "themes/one.html", full_frame("Themes"), one(vec![], true)),
        ("theme-code", "themes/code.html", full_frame("Code"), code(true)),
        ("theme-code-shipped", "themes/code.html", full_frame("Code"), code(false)),
        ("theme-code-edit", "themes/code_edit.html", full_frame("index.html"), code_edit(true)),
        ("theme-code-read", "themes/code_edit.html", full_frame("index.html"), code_edit(false)),
        ("theme-code-conflict", "themes/code_conflict.html", full_frame("index.html"), sides(json!({}))),
        (
            "theme-states",
            "themes/states.html",
            full_frame("Versions"),
            sides(json!({"shown": 3, "states": [
            {"id": 3, "at": {"text": "2 h ago", "iso": "2026-11-20T10:00:00Z", "exact": "x"}, "by": "you", "href": "/s"}]})),
        ),
        ("theme-states-none", "themes/states.html", full_frame("Versions"), sides(json!({"shown": 0, "states": []}))),
        (
            "theme-parent",
            "themes/parent.html",
            full_frame("entry.html"),
            sides(json!({"parent": "croft", "fits": true})),
        ),
        (
            "theme-parent-hand",
            "themes/parent.html",
            full_frame("entry.html"),
            sides(json!({"parent": "croft", "fits": false})),
        ),
        ("theme-preview", "themes/preview.html", full_frame("Preview"), preview(false)),
        ("theme-preview-active", "themes/preview.html", full_frame("Preview"), preview(true)),
        ("theme-add", "themes/add.html", full_frame("Add a theme"), add("all sites", true)),
        ("theme-add-none", "themes/add.html", full_frame("Add a theme"), add("", false)),
        ("theme-adding", "themes/follow.html", full_frame("Add a theme"), follow("run")),
        ("theme-added", "themes/follow.html", full_frame("Add a theme"), follow("done")),
        ("theme-refused", "themes/follow.html", full_frame("Add a theme"), follow("failed")),
    ]
}
