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
        "add_for": add_for, "menus_href": "/admin/s/1/menus", "customise_href": "/admin/s/1/theme-customise"})
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

/// Every way that a setting looks; `wrong`: each was refused.
fn settings(wrong: bool) -> Vec<Value> {
    let looks = [
        "line", "area", "code", "number", "range", "switch", "select", "radio", "list", "cards", "letters", "color",
        "id",
    ];
    let option = |value: &str, checked| {
        json!({"value": value, "label": value, "help": "Warm, bookish", "font": "Newsreader, serif",
            "colors": ["light-dark(#fff, #111)", "#222", "#a33"], "checked": checked})
    };
    let contrast = |tone: &str| json!({"text": "Readable, 15.5 : 1", "detail": "Light 15.5 : 1, dark 14.2 : 1", "tone": tone, "icon": "check"});
    let one = |(n, look): (usize, &&str)| {
        json!({"id": format!("id_{n}"), "field": format!("s_id_{n}"), "label": format!("Setting {look}"), "help": if n % 2 == 0 { "Some words." } else { "" },
            "look": look, "value": if *look == "range" { "20" } else { "#aa3d27" }, "checked": true,
            "options": [option("Paper", true), option("Tide", false)], "min": "16", "max": "24", "step": "1", "unit": "px",
            "changed": n % 3 == 0, "error": if wrong { "This is not in the expected form: a text." } else { "" },
            "contrast": if *look == "cards" || *look == "color" { contrast("good") } else { Value::Null }, "css_var": "--x", "css_unit": "px",
            "may_be_empty": n % 2 == 0})
    };
    looks.iter().enumerate().map(one).collect()
}

fn customise(stage: &str) -> Value {
    let wrong = stage == "refused";
    let time = json!({"text": "Thu 24 Dec, 08:00", "iso": "2026-12-24T08:00:00Z", "exact": "2026-12-24 08:00 UTC"});
    let or_none = |is: bool| if is { time.clone() } else { Value::Null };
    let group = |title: &str, first: bool, settings: Vec<Value>| json!({"title": title, "first": first, "changed": usize::from(!first), "wrong": wrong, "settings": settings});
    let way = |word: &str, label: &str, icon: &str, current| json!({"word": word, "label": label, "icon": icon, "href": "?x", "current": current});
    let groups = if stage == "none" {
        vec![]
    } else {
        vec![group("Colours", true, settings(wrong)), group("Footer", false, settings(wrong))]
    };
    let errors = if wrong {
        vec![json!({"field": "s_id_0", "text": "Accent: This is not in the expected form."})]
    } else {
        vec![]
    };
    let full = stage == "full";
    json!({"theme": "Croft", "action": "/a", "back_href": "/b", "here": "/a", "compare_href": "/c", "history_href": "/h", "version": 4,
        "changes": if stage == "none" { 0 } else { 3 }, "changed_by": if full { "Ida Holm" } else { "" }, "changed_at": or_none(full),
        "can_undo": full, "can_redo": !full, "all": full, "simple_href": "?s", "all_href": "?a", "groups": groups,
        "dropped": if full { vec!["mark"] } else { vec![] },
        "frames": {"auto": "http://harbour.example/_/design/a/", "light": "http://harbour.example/_/design/l/", "dark": "http://harbour.example/_/design/d/"},
        "frame": "http://harbour.example/_/design/a/", "schemes": [way("auto", "As this device", "sun-moon", true), way("dark", "Dark", "moon", false)],
        "scheme": "auto", "widths": [way("desktop", "Wide screen", "monitor", true), way("phone", "Phone", "smartphone", false)], "width": "desktop",
        "host": "harbour.example", "conflict": if wrong { "Ida Holm" } else { "" }, "errors": errors, "publish_at": or_none(full || wrong), "late": wrong,
        "at": "", "at_error": if wrong { "This is not a date and time." } else { "" }, "days": "7",
        "days_error": if wrong { "This value is not one of the choices: 1 to 90." } else { "" }, "time_zone": "Europe/Stockholm",
        "link": if full { "http://harbour.example/_/design/s/" } else { "" }, "link_until": or_none(full)})
}

fn compare(changes: usize) -> Value {
    let rows: Vec<Value> =
        (0..changes).map(|n| json!({"label": format!("Setting {n}"), "before": "Paper", "after": "Moss"})).collect();
    let way = json!({"word": "auto", "label": "As this device", "icon": "sun-moon", "href": "?x", "current": true});
    json!({"theme": "Croft", "back_href": "/b", "live": "http://harbour.example/_/design/l/", "draft": "http://harbour.example/_/design/d/",
        "schemes": [way], "changes": changes, "rows": rows})
}

fn history(rows: usize) -> Value {
    let at = json!({"text": "2 h ago", "iso": "2026-11-20T08:00:00Z", "exact": "2026-11-20 08:00 UTC"});
    let row = |n: usize| {
        json!({"how": "Published", "by": if n == 1 { "" } else { "Ida Holm" }, "at": at, "theme": "croft", "changed": "Palette, Accent",
            "is_live": n == 0, "can_come_back": n < 2, "action": format!("/admin/s/1/theme-history/{n}")})
    };
    json!({"rows": (0..rows).map(row).collect::<Vec<_>>(), "back_href": "/b", "undo_action": "/u", "can_undo": rows > 1})
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
        ("customise", "themes/customise.html", full_frame("Customise"), customise("full")),
        ("customise-refused", "themes/customise.html", full_frame("Customise"), customise("refused")),
        ("customise-none", "themes/customise.html", full_frame("Customise"), customise("none")),
        ("compare-designs", "themes/compare.html", full_frame("Compare with live"), compare(3)),
        ("compare-designs-same", "themes/compare.html", full_frame("Compare with live"), compare(0)),
        ("designs", "themes/history.html", full_frame("Earlier designs"), history(3)),
        ("designs-none", "themes/history.html", full_frame("Earlier designs"), history(0)),
        ("theme-add", "themes/add.html", full_frame("Add a theme"), add("all sites", true)),
        ("theme-add-none", "themes/add.html", full_frame("Add a theme"), add("", false)),
        ("theme-adding", "themes/follow.html", full_frame("Add a theme"), follow("run")),
        ("theme-added", "themes/follow.html", full_frame("Add a theme"), follow("done")),
        ("theme-refused", "themes/follow.html", full_frame("Add a theme"), follow("failed")),
    ]
}
