//! Contexts of the pages of plugins.

use serde_json::{Value, json};

use super::super::frame::{Frame, Hat};
use super::full_frame;

fn server(title: &str) -> Frame {
    let mut frame = full_frame(title);
    frame.hat = Hat::Server;
    frame
}

fn at() -> Value {
    json!({"text": "5 min ago", "iso": "2026-11-23T08:00:00Z", "exact": "23 November 2026, 08:00"})
}

fn wants() -> Value {
    json!([{"icon": "pencil", "text": "Changes how entries look to visitors", "detail": "", "is_new": false},
        {"icon": "globe", "text": "Talks to api.example.org", "detail": "", "is_new": true}])
}

fn costs(called: bool) -> Value {
    let rows = if called {
        json!([{"hook": "A post or page is shown", "calls": 1204, "p50": "640 µs", "p99": "1.8 ms", "memory": "3.1 MB", "faults": 2}])
    } else {
        json!([])
    };
    json!({"share": if called { "4 % of the time of pages" } else { "" }, "rows": rows})
}

fn log(said: bool) -> Value {
    if said {
        json!([{"at": at(), "tone": "bad", "site": "site 3", "text": "entry.render: plugin.js, line 3: TypeError: not a function"}])
    } else {
        json!([])
    }
}

fn card(state: &str, tone: &str, waiting: &str) -> Value {
    json!({"title": "Opening hours", "version": "1.2.0", "description": "Says when a shop is open.", "by": "Ida Holm",
        "state": state, "tone": tone, "waiting": waiting, "sites": 3, "href": "/p"})
}

fn installed(plugins: Vec<Value>, shipped: Vec<Value>, safe_mode: bool, may: bool) -> Value {
    json!({"safe_mode": safe_mode, "may": may, "add_href": "/a", "plugins": plugins, "shipped": shipped})
}

fn add(wrong: bool) -> Value {
    let errors = if wrong { vec![json!({"field": "address", "text": "This is not allowed."})] } else { Vec::new() };
    json!({"action": "/a", "back_href": "/b", "limit": "16 MB", "errors": errors, "address": "",
        "address_error": if wrong { "This is not allowed." } else { "" }})
}

fn follow(stage: &str, outcome: &str) -> Value {
    json!({"card": {"id": 4, "title": "Install a plugin", "step": "Working", "percent": 33, "detail": "Looking at the plugin", "href": "/j"},
        "source": "https://git.example/hours.zip", "stage": stage, "message": "The plugin is not installed: it has no plugin.toml.",
        "report": {"plugin": "hours", "title": "Opening hours", "version": "1.2.0", "outcome": outcome, "why": "It asks for more than before."},
        "next_href": "/n", "next_label": "See what it may do", "add_href": "/a", "back_href": "/b"})
}

fn consent(is_update: bool, may: bool, wants: Value) -> Value {
    json!({"title": "Opening hours", "version": "1.3.0", "by": "Ida Holm", "description": "Says when a shop is open.",
        "licence": "MIT", "action": "/a", "back_href": "/b", "digest": "ab", "is_update": is_update,
        "before": if is_update { "1.2.0" } else { "" }, "why": if is_update { "It asks for more than before." } else { "" },
        "wants": wants, "gone": if is_update { json!(["Sends mail in the name of this site"]) } else { json!([]) },
        "signed": "by nobody", "may": may})
}

fn one(state: &str, tone: &str, reason: &str, waiting: &str, busy: bool) -> Value {
    let consent = if waiting.is_empty() { "" } else { "/c" };
    json!({"title": "Opening hours", "version": "1.2.0", "description": "Says when a shop is open.", "by": "Ida Holm",
        "licence": "MIT", "signed": "by 3f9a-01c2-77de-b410", "folder": "plugins/hours", "state": state, "tone": tone,
        "reason": reason, "waiting": waiting, "consent_href": consent, "action": "/a", "may": true,
        "can_stop": state != "Stopped", "can_start": state == "Stopped", "can_remove": true,
        "wants": if busy { wants() } else { json!([]) }, "sites": 3, "costs": costs(busy), "log": log(busy)})
}

fn of_site(plugins: Vec<Value>, safe_mode: bool, add_href: &str) -> Value {
    json!({"safe_mode": safe_mode, "add_href": add_href, "plugins": plugins})
}

fn here(state: &str, tone: &str, note: &str, is_on: bool, works: bool) -> Value {
    json!({"title": "Opening hours", "description": "Says when a shop is open.", "state": state, "tone": tone, "note": note,
        "is_on": is_on, "works": works, "href": "/h"})
}

fn field(id: &str, kind: &str, error: &str) -> Value {
    json!({"id": id, "kind": kind, "label": format!("The {id}"), "help": "A sentence.", "value": "12", "on": true,
        "options": [{"value": "12", "label": "Twelve"}], "has": true, "error": error, "required": kind == "text"})
}

fn on_site(wrong: bool, busy: bool) -> Value {
    let error = if wrong { "This is needed." } else { "" };
    let kinds = ["text", "textarea", "number", "check", "select", "secret", "url", "email"];
    let fields: Vec<Value> = kinds.iter().map(|kind| field(&format!("of-{kind}"), kind, error)).collect();
    let errors = if wrong { vec![json!({"field": "of-text", "text": error})] } else { Vec::new() };
    json!({"title": "Opening hours", "version": "1.2.0", "description": "Says when a shop is open.", "by": "Ida Holm",
        "state": "On", "tone": "good", "note": if busy { "" } else { "It is stopped on this server." }, "is_on": busy,
        "works": busy, "action": "/a", "settings_action": "/s", "errors": errors,
        "fields": if busy { fields } else { Vec::new() }, "wants": wants(), "costs": costs(busy), "log": log(busy), "kept": "12 kB"})
}

/// All of them.
pub(super) fn all() -> Vec<(&'static str, &'static str, Frame, Value)> {
    let runs = || card("May run", "good", "");
    let site = || full_frame("Plugins");
    vec![
        ("plugins-none", "plugins/server.html", server("Plugins"), installed(vec![], vec![], false, true)),
        (
            "plugins-installed",
            "plugins/server.html",
            server("Plugins"),
            installed(vec![runs(), card("Stopped", "bad", "Version 1.3.0 waits")], vec![runs()], true, false),
        ),
        ("plugin-add", "plugins/add.html", server("Add a plugin"), add(false)),
        ("plugin-add-wrong", "plugins/add.html", server("Add a plugin"), add(true)),
        ("plugin-adding", "plugins/follow.html", server("Add a plugin"), follow("run", "held")),
        ("plugin-added", "plugins/follow.html", server("Add a plugin"), follow("done", "held")),
        ("plugin-waits", "plugins/follow.html", server("Add a plugin"), follow("done", "waits")),
        ("plugin-updated", "plugins/follow.html", server("Add a plugin"), follow("done", "updated")),
        ("plugin-refused", "plugins/follow.html", server("Add a plugin"), follow("failed", "held")),
        ("plugin-consent", "plugins/consent.html", server("Plugins"), consent(false, true, json!([]))),
        ("plugin-consent-update", "plugins/consent.html", server("Plugins"), consent(true, true, wants())),
        ("plugin-consent-look", "plugins/consent.html", server("Plugins"), consent(false, false, wants())),
        (
            "plugin",
            "plugins/one.html",
            server("Plugins"),
            one("May run", "good", "", "Version 1.3.0 waits for you.", true),
        ),
        ("plugin-stopped", "plugins/one.html", server("Plugins"), one("Stopped", "bad", "It failed.", "", false)),
        (
            "plugins-of-site",
            "plugins/site.html",
            site(),
            of_site(
                vec![here("On", "good", "", true, true), here("Off", "ring", "It is stopped.", false, false)],
                true,
                "/a",
            ),
        ),
        ("plugins-of-site-none", "plugins/site.html", site(), of_site(vec![], false, "")),
        ("plugins-of-site-first", "plugins/site.html", site(), of_site(vec![], false, "/a")),
        ("plugin-on-site", "plugins/site_one.html", site(), on_site(false, true)),
        ("plugin-on-site-wrong", "plugins/site_one.html", site(), on_site(true, true)),
        ("plugin-on-site-stopped", "plugins/site_one.html", site(), on_site(false, false)),
    ]
}
