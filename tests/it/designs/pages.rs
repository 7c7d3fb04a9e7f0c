//! Designs in the panel, by the API and by commands.

use std::time::Duration;

use freehold_base::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::run;
use crate::node::{Browser, Node, between, location, nodes, visit};

const PAGE: &str = "/admin/s/1/theme-customise";

/// A time to come, as a field of the site's zone has it, and as programs write it.
fn a_month_on() -> (String, String) {
    let at = Clock::system().now().plus(Duration::from_secs(30 * 24 * 3600));
    (at.utc().format("%Y-%m-%dT%H:%M").to_string(), at.rfc3339())
}

/// A node with somebody who runs the site.
pub(super) struct House {
    pub(super) node: Node,
    pub(super) browser: Browser,
    pub(super) http: reqwest::blocking::Client,
}

impl House {
    pub(super) fn all() -> Vec<Self> {
        let of = |node: Node| {
            let browser = Browser::of(&node);
            browser.set_up(&node);
            let none = reqwest::redirect::Policy::none();
            let http = reqwest::blocking::Client::builder().redirect(none).no_proxy().build().unwrap();
            Self { node, browser, http }
        };
        nodes().into_iter().map(of).collect()
    }
    pub(super) fn page(&self, path: &str) -> String {
        let answer = self.browser.get(path);
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().unwrap()
    }
    fn version(&self) -> String {
        between(&self.page(PAGE), "name=\"version\" value=\"", "\"").to_owned()
    }
    /// Presses a button of the page with some fields.
    pub(super) fn press(&self, button: &str, fields: &[(&str, &str)]) -> reqwest::blocking::Response {
        let version = self.version();
        let form = [&[("version", version.as_str()), ("do", button)], fields].concat();
        self.browser.post(PAGE, &form)
    }
    /// The address of the frame beside the form.
    pub(super) fn frame(&self) -> String {
        between(&self.page(PAGE), "<iframe src=\"", "\"").to_owned()
    }
    /// The link to the draft.
    pub(super) fn link(&self) -> String {
        between(&self.page(PAGE), "id=\"share-link\" value=\"", "\"").to_owned()
    }
    fn token(&self) -> String {
        run(&self.node, &["token", "create", "--user", "1", "--scope", "all"]).out.trim().to_owned()
    }
    /// What the API says of the site.
    fn ask(&self, token: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/v1/sites/1/{path}", self.node.panel);
        let mut request = self.http.request(method, url).bearer_auth(token);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str::<Value>(&answer.text().unwrap()).unwrap_or_default())
    }
    pub(super) fn is_moss(&self) -> bool {
        visit(&self.node, "/").1.contains("class=\"moss auto serif\"")
    }
}

// row: TH03. rules: B6, B10
#[test]
fn th03_the_form_keeps_shows_shares_publishes_and_takes_back() {
    for h in House::all() {
        let nothing = h.press("publish", &[]);
        assert_eq!(nothing.status(), 409);
        assert!(nothing.text().unwrap().contains("nothing is tried out that could go live"), "said on the page");
        let html = h.page(PAGE);
        for word in ["As it is live", "Palette", "Readable, ", "Own CSS", "value=\"paper\" checked"] {
            assert!(html.contains(word), "{word}: {html}");
        }
        let answer = h.press("save", &[("s_palette", "moss"), ("s_measure", "70"), ("shown", "initial")]);
        assert_eq!(location(&answer), format!("{PAGE}?done=design-kept"));
        assert!(!h.is_moss(), "visitors see what they saw");
        let html = h.page(PAGE);
        assert!(html.contains("3 changes, not live yet"), "a switch that is off is a change: {html}");
        let frame = h.frame();
        assert!(frame.starts_with(&h.node.site) && frame.contains("/_/design/"), "{frame}");
        let seen = h.http.get(&frame).send().unwrap();
        let header = |name: &str| seen.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("sandbox allow-forms allow-popups allow-scripts"), "{policy}");
        assert!(!policy.contains("allow-same-origin") && policy.contains("script-src 'sha256-"), "{policy}");
        assert_eq!(header("cache-control"), "private, no-store");
        let seen = seen.text().unwrap();
        assert!(seen.contains("class=\"moss auto serif\"") && seen.contains("--measure:70ch;"), "{seen}");
        assert!(seen.contains(frame.strip_prefix(&h.node.site).unwrap()), "links stay in the preview");
        let dark = between(&html, "data-dark=\"", "\"");
        assert!(h.http.get(dark).send().unwrap().text().unwrap().contains("color-scheme:dark!important"));

        // Shown to others, until it is ended.
        let refused = h.press("share", &[("days", "91")]);
        assert_eq!(refused.status(), 422);
        let refused = refused.text().unwrap();
        assert!(refused.contains("value=\"91\"") && refused.contains("id=\"days-help\""), "at its field: {refused}");
        h.press("share", &[("days", "3")]);
        let first = h.link();
        let shared = h.http.get(&first).send().unwrap();
        let policy = shared.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.ends_with("sandbox allow-forms allow-popups"), "no script there: {policy}");
        assert!(shared.text().unwrap().contains("class=\"moss auto serif\""));
        h.press("share", &[]);
        assert_eq!(h.http.get(&first).send().unwrap().status(), 404, "another link takes its place");
        let second = h.link();
        assert_eq!(h.http.get(&second).send().unwrap().status(), 200);
        h.press("unshare", &[]);
        assert_eq!(h.http.get(&second).send().unwrap().status(), 404);
        assert_eq!(h.http.get(frame.replace("/_/design/", "/_/design/A")).send().unwrap().status(), 404, "forged");
        assert!(!h.is_moss(), "what frame and link showed is kept nowhere");
        assert_eq!(location(&h.press("discard", &[])), format!("{PAGE}?done=design-gone"));
        assert!(h.page(PAGE).contains("As it is live"));
        h.press("undo", &[]);

        let compared = h.page(&format!("{PAGE}/compare"));
        assert!(compared.contains("Paper") && compared.contains("Moss") && compared.contains("70 ch"), "{compared}");
        let live = between(&compared, "<iframe src=\"", "\"");
        assert!(h.http.get(live).send().unwrap().text().unwrap().contains("class=\"paper auto serif\""));

        assert_eq!(location(&h.press("publish", &[])), format!("{PAGE}?done=design"));
        assert!(h.is_moss(), "the next page has it");
        let toast = h.page(&format!("{PAGE}?done=design"));
        assert!(toast.contains("The new design is live.") && toast.contains("/admin/s/1/theme-history-undo"));
        assert_eq!(h.browser.post("/admin/s/1/theme-history-undo", &[]).status(), 303);
        assert!(!h.is_moss());
        let past = h.page("/admin/s/1/theme-history");
        assert!(past.contains("Taken back") && past.contains("Palette"), "{past}");
        let actions: Vec<&str> =
            past.split("action=\"/admin/s/1/theme-history/").skip(1).filter_map(|p| p.split('"').next()).collect();
        assert_eq!(h.browser.post(&format!("/admin/s/1/theme-history/{}", actions[0]), &[]).status(), 303);
        assert!(h.is_moss());
        let audit = h.page("/admin/server/audit");
        for act in
            ["tried out settings of the theme", "shared the design", "published the design", "brought back the design"]
        {
            assert!(audit.contains(act), "{act}: {audit}");
        }
    }
}

// row: TH03
#[test]
fn th03_two_who_work_at_once_see_each_other_and_decide() {
    for h in House::all() {
        let opened = h.version();
        h.press("save", &[("s_palette", "moss")]);
        let late = h.browser.post(PAGE, &[("version", &opened), ("do", "save"), ("s_palette", "ink")]);
        assert_eq!(late.status(), 409);
        let html = late.text().unwrap();
        assert!(html.contains("changed this design after you opened it") && html.contains("Keep mine"), "{html}");
        assert!(html.contains("value=\"ink\" checked"), "what was chosen stands there");
        let now = between(&html, "name=\"version\" value=\"", "\"");
        let kept = h.browser.post(PAGE, &[("version", now), ("do", "save"), ("s_palette", "ink")]);
        assert_eq!(kept.status(), 303);
        // The script's own way.
        let put = |version: &str, palette: &str| {
            let request = h.browser.http.put(format!("{}{PAGE}", h.node.panel)).header("sec-fetch-site", "same-origin");
            let answer = request.form(&[("version", version), ("s_palette", palette)]).send().unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_str::<Value>(&answer.text().unwrap()).unwrap())
        };
        let (status, state) = put(&h.version(), "tide");
        assert_eq!((status, state["changes"].as_i64()), (200, Some(1)), "{state}");
        assert!(state["frames"]["dark"].as_str().unwrap().contains("/_/design/"), "{state}");
        assert!(state["contrasts"]["palette"]["text"].as_str().unwrap().starts_with("Readable"), "{state}");
        assert_eq!(put(&opened, "paper").0, 409);
        let (status, state) = put(&h.version(), "beige");
        assert_eq!((status, state["errors"][0]["field"].as_str()), (422, Some("s_palette")), "{state}");
        assert_eq!(h.press("save", &[("s_text_size", "99")]).status(), 422);
        assert_eq!(h.press("schedule", &[("at", "soon")]).status(), 422);
        assert_eq!(h.press("schedule", &[("at", "2020-01-01T08:00")]).status(), 422);
        assert_eq!(h.press("paint", &[]).status(), 422);
        let later = h.press("schedule", &[("at", &a_month_on().0)]);
        assert_eq!(location(&later), format!("{PAGE}?done=design-later"));
        assert!(h.page(PAGE).contains("Goes live by itself"));
        h.press("unschedule", &[]);
        assert!(!h.page(PAGE).contains("Goes live by itself"));
    }
}

// row: TH10
#[test]
fn th10_what_is_hard_to_read_is_said_and_never_stopped() {
    for h in House::all() {
        h.press("save", &[("s_accent", "#ffe9a8")]);
        let html = h.page(PAGE);
        assert!(html.contains("Hard to read, 1."), "{html}");
        assert_eq!(location(&h.press("publish", &[])), format!("{PAGE}?done=design"));
        assert!(visit(&h.node, "/").1.contains("--accent:#ffe9a8;"));
    }
}

// rows: TH03 AP01 OP06
#[test]
fn th03_programs_and_commands_do_the_same() {
    for h in House::all() {
        let token = h.token();
        let ask = |method: Method, path: &str, body: Value| h.ask(&token, method, path, &body);
        let (status, design) = ask(Method::PATCH, "design", json!({ "version": 0, "settings": { "palette": "moss" } }));
        assert_eq!((status, design["changes"]["palette"].as_str()), (200, Some("moss")), "{design}");
        let (status, problem) = ask(Method::PATCH, "design", json!({ "version": 0, "settings": {} }));
        assert_eq!((status, problem["code"].as_str()), (409, Some("design_conflict")), "{problem}");
        let (status, problem) = ask(Method::PATCH, "design", json!({ "settings": { "palette": "beige" } }));
        assert_eq!((status, problem["code"].as_str()), (422, Some("not_allowed")), "{problem}");
        assert!(problem.to_string().contains("settings.palette"), "{problem}");
        let (status, design) = ask(Method::PUT, "design/link", json!({ "days": 2 }));
        assert_eq!(status, 200, "{design}");
        let link = design["link"]["url"].as_str().unwrap();
        assert!(h.http.get(link).send().unwrap().text().unwrap().contains("class=\"moss auto serif\""));
        assert_eq!(ask(Method::DELETE, "design/link", Value::Null).0, 204);
        assert_eq!(ask(Method::DELETE, "design/link", Value::Null).0, 409);
        let (status, _) = ask(Method::PUT, "design/publication", json!({ "at": a_month_on().1 }));
        assert_eq!(status, 200);
        assert_eq!(ask(Method::DELETE, "design/publication", Value::Null).0, 204);
        assert_eq!(ask(Method::PUT, "design/publication", json!({})).0, 200);
        assert!(h.is_moss());
        assert_eq!(ask(Method::PUT, "design/publication", json!({})).0, 409, "nothing is tried out");
        let (_, past) = ask(Method::GET, "designs", Value::Null);
        assert_eq!(past["items"][0]["how"], "publish", "{past}");
        assert_eq!(ask(Method::POST, "designs/undo", Value::Null).0, 200);
        assert!(!h.is_moss());
        let moss = past["items"][0]["id"].to_string();
        assert_eq!(ask(Method::POST, &format!("designs/{moss}/restore"), Value::Null).0, 200);
        assert!(h.is_moss());

        let said = |args: &[&str]| run(&h.node, &[args, &["--site", "1"]].concat());
        assert_eq!(said(&["design", "set", "palette=beige"]).code, 1);
        assert_eq!(said(&["design", "set", "palette=tide", "text_size=22"]).code, 0);
        assert!(said(&["design", "show"]).out.contains("tide"));
        assert!(said(&["design", "share"]).err.contains("/_/design/"));
        assert_eq!(said(&["design", "unshare"]).code, 0);
        assert_eq!(said(&["design", "publish", "--at", &a_month_on().1]).code, 0);
        assert_eq!(said(&["design", "unschedule"]).code, 0);
        assert_eq!(said(&["design", "publish"]).code, 0);
        assert!(visit(&h.node, "/").1.contains("--size:22px;"));
        assert_eq!(said(&["design", "undo"]).code, 0);
        assert_eq!(said(&["design", "restore", &moss]).code, 0);
        assert!(said(&["design", "history"]).out.contains("restore"));
        assert_eq!(said(&["design", "set", "initial=off"]).code, 0);
        assert_eq!(said(&["design", "discard"]).code, 0);
        assert_eq!(said(&["design", "publish"]).code, 3, "nothing is tried out");
    }
}

// rows: TH03 AP01 OP06
#[test]
fn th03_what_programs_store_as_settings_of_the_theme_is_judged_too() {
    for h in House::all() {
        let token = h.token();
        let store = |settings: Value| {
            h.ask(&token, Method::PATCH, "settings", &json!({ "theme": { "settings": settings } }))
        };
        for (settings, field, code) in [
            (json!({ "palette": "beige" }), "theme.settings.palette", "not_allowed"),
            (json!({ "own_css": "</style>" }), "theme.settings.own_css", "malformed"),
            (json!({ "no_such": 1 }), "theme.settings.no_such", "unknown_field"),
        ] {
            let (status, problem) = store(settings);
            assert_eq!((status, problem["code"].as_str()), (422, Some(code)), "{problem}");
            assert!(problem.to_string().contains(field), "{problem}");
        }
        assert_eq!(store(json!({ "palette": "moss" })).0, 200);
        assert!(h.is_moss());
        let (status, _) = h.ask(&token, Method::PATCH, "settings", &json!({ "general": { "tagline": "By the sea" } }));
        assert_eq!(status, 200);
        assert!(h.is_moss(), "what is not named stays");
        let wrong = r#"theme.settings={"palette":"beige"}"#;
        assert_eq!(run(&h.node, &["site", "set", "1", wrong]).code, 1);
        assert_eq!(run(&h.node, &["site", "set", "1", r#"theme.settings={"palette":"ink"}"#]).code, 0);
        assert!(visit(&h.node, "/").1.contains("class=\"ink auto serif\""));
    }
}

// row: TH03
#[test]
fn th03_every_theme_of_ours_is_customised_on_the_same_page() {
    for h in House::all() {
        for (theme, title, field, seen) in [
            ("quay", "Quay", "s_hero_title", "Ropes and nets"),
            ("loft", "Loft", "s_statement", "Pictures of the sea"),
        ] {
            assert_eq!(run(&h.node, &["theme", "activate", theme, "--site", "1"]).code, 0);
            assert!(h.page(PAGE).contains(title));
            let kept = h.press("save", &[("s_accent", "#0b5d3b"), (field, seen)]);
            assert_eq!(location(&kept), format!("{PAGE}?done=design-kept"), "{theme}");
            let shown = h.http.get(h.frame()).send().unwrap().text().unwrap();
            assert!(shown.contains("--accent:#0b5d3b;") && shown.contains(seen), "{theme}: {shown}");
            assert!(!visit(&h.node, "/").1.contains(seen), "{theme}");
            assert_eq!(location(&h.press("publish", &[])), format!("{PAGE}?done=design"), "{theme}");
            assert!(visit(&h.node, "/").1.contains(seen), "{theme}");
        }
    }
}
