//! Designs (rows TH03, TH10): settings of a theme tried out, shown to others, published, taken back.

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Clock, Code, DesignStateId, Error, Result, SiteId};
use freehold_platform::jobs::{Handlers, Runner};
use freehold_platform::sites::settings;
use freehold_publishing::designs::{self, Design, Values, jobs};
use freehold_publishing::themes::{ThemeFiles, Themes};
use freehold_store::{Actor, Tx};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::run;
use crate::node::{Browser, Node, between, location, nodes, visit};
use crate::store::make_site;
use crate::support::{TestStore, stores, until};

const PAGE: &str = "/admin/s/1/theme-customise";

/// A site whose design is worked on by the services themselves.
struct Studio {
    t: TestStore,
    themes: Arc<Themes>,
    site: SiteId,
}

impl Studio {
    fn all() -> Vec<Self> {
        let of = |t: TestStore| {
            let themes = Arc::new(Themes::open(None).unwrap());
            let site = make_site(&t.store, "a.example");
            Self { t, themes, site }
        };
        stores().into_iter().map(of).collect()
    }
    fn act<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>, &Themes, SiteId) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (themes, site) = (Arc::clone(&self.themes), self.site);
        self.t.store.write(&Actor::system(), move |tx| f(tx, &themes, site))
    }
    fn set(&self, base: Option<i64>, pairs: Value) -> Result<Design> {
        let values: Values = pairs.as_object().unwrap().clone();
        self.act(move |tx, themes, site| designs::save(tx, themes, site, base, &values))
    }
    fn open(&self) -> Design {
        self.act(designs::open).unwrap()
    }
    fn publish(&self) -> Result<Design> {
        self.act(|tx, themes, site| designs::publish(tx, themes, site, None))
    }
    fn live(&self) -> Value {
        let site = self.site;
        let read = self.t.store.read(&Actor::system(), move |tx| {
            let scope = tx.scope_of(site)?;
            Ok(settings::read(tx, scope)?.theme.settings)
        });
        Value::Object(read.unwrap())
    }
    fn history(&self) -> Vec<designs::Past> {
        self.act(|tx, _, site| designs::history(tx, site)).unwrap()
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().as_code()
}

// row: TH03
#[test]
fn th03_a_draft_goes_live_in_one_step_and_comes_back_as_often_as_somebody_likes() {
    for s in Studio::all() {
        assert_eq!(code(s.publish()), Code::WrongState, "nothing is tried out");
        assert_eq!(code(s.act(designs::undo)), Code::WrongState, "nothing was published");
        let draft = s.set(Some(0), json!({ "palette": "moss", "text_size": 22, "initial": true })).unwrap();
        assert_eq!(draft.changes.len(), 2, "what is as it is live is no change: {:?}", draft.changes);
        assert_eq!(s.live(), json!({}), "visitors see what they saw");
        s.set(Some(draft.version), json!({ "text_size": 20 })).unwrap();
        assert_eq!(s.open().changes.keys().collect::<Vec<_>>(), ["palette"]);
        let after = s.publish().unwrap();
        assert!(after.changes.is_empty() && !after.can_undo);
        assert_eq!(s.live(), json!({ "palette": "moss" }));
        s.set(None, json!({ "palette": "tide" })).unwrap();
        s.publish().unwrap();
        let hows: Vec<String> = s.history().into_iter().map(|p| p.row.how).collect();
        assert_eq!(hows, ["publish", "publish", "before"]);
        // The last one is taken back, and that too.
        for palette in ["moss", "tide", "moss"] {
            s.act(designs::undo).unwrap();
            assert_eq!(s.live()["palette"], palette);
        }
        let first = s.history().last().unwrap().row.id;
        s.act(move |tx, themes, site| designs::restore(tx, themes, site, first)).unwrap();
        assert_eq!(s.live(), json!({}));
        assert!(s.history()[0].is_live && s.history()[0].row.how == "restore");
        let gone = s.act(|tx, themes, site| designs::restore(tx, themes, site, DesignStateId(99)));
        assert_eq!(code(gone), Code::NotFound);
        for n in 0..25 {
            s.set(None, json!({ "footer_text": format!("Nr. {n}") })).unwrap();
            s.publish().unwrap();
        }
        assert_eq!(s.history().len(), 20, "the last twenty");
    }
}

// row: TH03
#[test]
fn th03_who_saw_another_draft_is_told_and_changes_nothing() {
    for s in Studio::all() {
        let first = s.set(Some(0), json!({ "palette": "moss" })).unwrap();
        let late = s.set(Some(0), json!({ "palette": "ink" }));
        assert_eq!(code(late), Code::DesignConflict);
        let late = s.act(|tx, themes, site| designs::publish(tx, themes, site, Some(0)));
        assert_eq!(code(late), Code::DesignConflict);
        let same = s.open();
        assert_eq!((same.version, same.changes["palette"].as_str()), (first.version, Some("moss")));
        // A link or a date is no change of the draft: who works on goes on.
        s.act(|tx, themes, site| designs::share(tx, themes, site, 7)).unwrap();
        s.set(Some(first.version), json!({ "palette": "ink" })).unwrap();
        let thrown = s.act(|tx, themes, site| designs::discard(tx, themes, site, None)).unwrap();
        assert!(thrown.changes.is_empty() && thrown.share.is_none());
        assert_eq!(code(s.set(Some(0), json!({ "palette": "tide" }))), Code::DesignConflict, "no version comes again");
    }
}

// row: TH03
#[test]
fn th03_steps_are_taken_back_and_made_again() {
    for s in Studio::all() {
        s.set(None, json!({ "palette": "moss" })).unwrap();
        s.set(None, json!({ "measure": 70 })).unwrap();
        let undo = || s.act(|tx, themes, site| designs::undo_step(tx, themes, site, None));
        let redo = || s.act(|tx, themes, site| designs::redo(tx, themes, site, None));
        assert_eq!(undo().unwrap().changes.keys().collect::<Vec<_>>(), ["palette"]);
        let none = undo().unwrap();
        assert!(none.changes.is_empty() && none.can_redo && !none.can_undo);
        assert_eq!(code(undo()), Code::WrongState);
        assert_eq!(redo().unwrap().changes.len(), 1);
        assert_eq!(redo().unwrap().changes["measure"], 70);
        assert_eq!(code(redo()), Code::WrongState);
    }
}

// row: TH03
#[test]
fn th03_wrong_values_are_named_and_nothing_of_them_is_kept() {
    for s in Studio::all() {
        let site = s.site;
        for (id, value, expected) in [
            ("palette", json!("beige"), Code::NotAllowed),
            ("palette", json!(7), Code::NotAllowed),
            ("text_size", json!(99), Code::NotAllowed),
            ("text_size", json!("big"), Code::NotAllowed),
            ("initial", json!("yes"), Code::NotAllowed),
            ("accent", json!("reddish"), Code::Malformed),
            ("accent", json!("red;} body{display:none"), Code::Malformed),
            ("button_link", json!("javascript:alert(1)"), Code::Malformed),
            ("button_link", json!("//elsewhere.example"), Code::Malformed),
            ("footer_text", json!("x".repeat(501)), Code::TooLong),
            ("footer_text", json!("two\nlines"), Code::Malformed),
            ("almanac", json!("x".repeat(20_001)), Code::TooLong),
            ("own_css", json!("a { color: red"), Code::Malformed),
            ("own_css", json!("</style><script>alert(1)</script>"), Code::Malformed),
            ("footer_text", Value::Null, Code::Malformed),
            ("no_such", json!(1), Code::UnknownField),
        ] {
            let e = s.set(None, json!({ id: value.clone(), "measure": 70 })).unwrap_err();
            let Error::Invalid(fields) = &e else { panic!("{id} {value}: {e}") };
            assert_eq!((fields[0].field.as_ref(), fields[0].code, fields.len()), (id, expected, 1), "{value}");
        }
        // What each field takes, all of them together may not be: a draft has an end.
        let long = "\u{1d11e}".repeat(19_000);
        s.set(None, json!({ "almanac": long })).unwrap();
        let both = s.set(None, json!({ "own_css": format!("/*{long}*/") }));
        assert_eq!(code(both), Code::TooLong);
        assert_eq!(s.open().changes.len(), 1);
        let none = s.t.store.read(&Actor::visitor(""), move |tx| {
            tx.authorize(site, freehold_base::Capability::SettingsManage).map(drop)
        });
        assert!(none.is_err());
        assert_eq!(s.live(), json!({}));
    }
}

// row: TH03
#[test]
fn th03_a_draft_goes_live_by_itself_at_its_time_and_not_after_it_was_taken_back() {
    for s in Studio::all() {
        let mut handlers = Handlers::default();
        jobs::register(&mut handlers, &s.themes);
        let at = |s: &Studio, hours: u64| s.t.clock.now().plus(Duration::from_secs(hours * 3600));
        let later = |s: &Studio, hours: u64| {
            let at = at(s, hours);
            s.act(move |tx, themes, site| designs::publish_later(tx, themes, site, None, at))
        };
        assert_eq!(code(later(&s, 1)), Code::WrongState, "nothing is tried out");
        s.set(None, json!({ "palette": "moss" })).unwrap();
        let now = s.t.clock.now();
        let past = s.act(move |tx, themes, site| designs::publish_later(tx, themes, site, None, now));
        assert_eq!(code(past), Code::NotAllowed);
        assert_eq!(code(later(&s, 24 * 400)), Code::NotAllowed);
        assert_eq!(later(&s, 2).unwrap().publish_at, at(&s, 2));
        s.act(designs::unschedule).unwrap();
        assert_eq!(code(s.act(designs::unschedule)), Code::WrongState);
        assert_eq!(later(&s, 5).unwrap().publish_at, at(&s, 5));
        // What is changed meanwhile goes along.
        s.set(None, json!({ "measure": 70 })).unwrap();
        let runner = Runner::start(&s.t.store, &handlers, 1).unwrap();
        let wake = runner.waker();
        s.t.clock.advance(Duration::from_secs(4 * 3600));
        wake();
        assert_eq!(s.live(), json!({}), "not before its time");
        s.t.clock.advance(Duration::from_secs(3600));
        until("it is live", || {
            wake();
            s.live() == json!({ "palette": "moss", "measure": 70 })
        });
        runner.stop();
        let after = s.open();
        assert!(after.changes.is_empty() && after.publish_at.ms() == 0);
        assert_eq!(s.history()[0].row.how, "schedule");
    }
}

// row: TH03
#[test]
fn th03_what_the_theme_has_no_more_is_dropped_and_told() {
    let of = |settings: &str| {
        let toml = format!("[theme]\nname = \"Lawn\"\nversion = \"1\"\napi = 1\n{settings}");
        ThemeFiles::from_memory("lawn", [("theme.toml", toml)])
    };
    let one = |id: &str, more: &str| format!("[[settings]]\nid = \"{id}\"\n{more}\n");
    let number = |max: u32| one("size", &format!("type = \"number\"\ndefault = 10\nmin = 1\nmax = {max}"));
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        let folder = t._folder.path().join("themes");
        let put = |files: &ThemeFiles| {
            std::fs::create_dir_all(folder.join("lawn")).unwrap();
            for (path, bytes) in files.all() {
                std::fs::write(folder.join("lawn").join(path), bytes).unwrap();
            }
        };
        let text = one("mark", "type = \"text\"\ndefault = \"\"");
        put(&of(&format!("{}{text}", number(50))));
        let themes = Arc::new(Themes::open(Some(folder.as_path())).unwrap());
        let s = Studio { t, themes, site };
        s.act(|tx, themes, site| freehold_publishing::gallery::activate(tx, themes, site, "lawn")).unwrap();
        s.set(None, json!({ "size": 40, "mark": "tide" })).unwrap();
        s.publish().unwrap();
        s.set(None, json!({ "size": 45, "mark": "reed" })).unwrap();
        put(&of(&number(42)));
        s.themes.reload();
        let draft = s.open();
        assert_eq!(draft.dropped, ["mark", "size"]);
        assert_eq!((draft.changes.len(), draft.live.len()), (0, 1));
        assert_eq!(draft.live["size"], 40);
        s.set(None, json!({ "size": 12 })).unwrap();
        assert!(s.open().dropped.is_empty(), "it was told once");
        s.publish().unwrap();
        assert_eq!(s.live(), json!({ "size": 12 }), "what is gone is not stored any longer");
    }
}

/// A time to come, as a field of the site's zone has it, and as programs write it.
fn a_month_on() -> (String, String) {
    let at = Clock::system().now().plus(Duration::from_secs(30 * 24 * 3600));
    (at.utc().format("%Y-%m-%dT%H:%M").to_string(), at.rfc3339())
}

/// A node with somebody who runs the site.
struct House {
    node: Node,
    browser: Browser,
    http: reqwest::blocking::Client,
}

impl House {
    fn all() -> Vec<Self> {
        let of = |node: Node| {
            let browser = Browser::of(&node);
            browser.set_up(&node);
            let none = reqwest::redirect::Policy::none();
            let http = reqwest::blocking::Client::builder().redirect(none).no_proxy().build().unwrap();
            Self { node, browser, http }
        };
        nodes().into_iter().map(of).collect()
    }
    fn page(&self, path: &str) -> String {
        let answer = self.browser.get(path);
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().unwrap()
    }
    fn version(&self) -> String {
        between(&self.page(PAGE), "name=\"version\" value=\"", "\"").to_owned()
    }
    /// Presses a button of the page with some fields.
    fn press(&self, button: &str, fields: &[(&str, &str)]) -> reqwest::blocking::Response {
        let version = self.version();
        let form = [&[("version", version.as_str()), ("do", button)], fields].concat();
        self.browser.post(PAGE, &form)
    }
    fn is_moss(&self) -> bool {
        visit(&self.node, "/").1.contains("class=\"moss auto serif\"")
    }
}

// row: TH03. rules: B6, B10
#[test]
fn th03_the_form_keeps_shows_shares_publishes_and_takes_back() {
    for h in House::all() {
        let html = h.page(PAGE);
        for word in ["As it is live", "Palette", "Readable, ", "Own CSS", "value=\"paper\" checked"] {
            assert!(html.contains(word), "{word}: {html}");
        }
        let answer = h.press("save", &[("s_palette", "moss"), ("s_measure", "70"), ("shown", "initial")]);
        assert_eq!(location(&answer), format!("{PAGE}?done=design-kept"));
        assert!(!h.is_moss(), "visitors see what they saw");
        let html = h.page(PAGE);
        assert!(html.contains("3 changes, only you see them"), "a switch that is off is a change: {html}");
        let frame = between(&html, "<iframe src=\"", "\"").to_owned();
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
        assert_eq!(h.press("share", &[("days", "91")]).status(), 422);
        h.press("share", &[("days", "3")]);
        let link = || between(&h.page(PAGE), "id=\"share-link\" value=\"", "\"").to_owned();
        let first = link();
        let shared = h.http.get(&first).send().unwrap();
        let policy = shared.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.ends_with("sandbox allow-forms allow-popups"), "no script there: {policy}");
        assert!(shared.text().unwrap().contains("class=\"moss auto serif\""));
        h.press("share", &[]);
        assert_eq!(h.http.get(&first).send().unwrap().status(), 404, "another link takes its place");
        let second = link();
        assert_eq!(h.http.get(&second).send().unwrap().status(), 200);
        h.press("unshare", &[]);
        assert_eq!(h.http.get(&second).send().unwrap().status(), 404);
        assert_eq!(h.http.get(frame.replace("/_/design/", "/_/design/A")).send().unwrap().status(), 404, "forged");

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
        let token = run(&h.node, &["token", "create", "--user", "1", "--scope", "all"]).out.trim().to_owned();
        let ask = |method: Method, path: &str, body: Value| {
            let request = h.http.request(method, format!("{}/api/v1/sites/1/{path}", h.node.panel)).bearer_auth(&token);
            let request = if body.is_null() {
                request
            } else {
                request.header("content-type", "application/json").body(body.to_string())
            };
            let answer = request.send().unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_str::<Value>(&answer.text().unwrap()).unwrap_or_default())
        };
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
