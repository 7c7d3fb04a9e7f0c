//! Twins of the panel's buttons that no other test presses, in the API and on the command line (rows AP01, OP06). That
//! every button has one is a test of the doors: `src/doors/twins_tests.rs`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::run;
use crate::export::{Export, Item};
use crate::node::{Browser, Node, location, nodes, visit};
use crate::support::until;

struct House {
    node: Node,
    browser: Browser,
    token: String,
    http: reqwest::blocking::Client,
}

impl House {
    fn all() -> Vec<Self> {
        nodes().into_iter().map(Self::new).collect()
    }
    fn new(node: Node) -> Self {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let token = run(&node, &["token", "create", "--user", "1", "--scope", "all"]).out.trim().to_owned();
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        Self { node, browser, token, http }
    }
    fn ask(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.node.panel)).bearer_auth(&self.token);
        let request = match body {
            Value::Null => request,
            body => request.header("content-type", "application/json").body(body.to_string()),
        };
        let answer = request.send().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().unwrap()).unwrap_or_default())
    }
    fn get(&self, path: &str) -> Value {
        let (status, value) = self.ask(Method::GET, path, &Value::Null);
        assert_eq!(status, 200, "{path}: {value}");
        value
    }
    fn status(&self, method: Method, path: &str, body: Value) -> u16 {
        self.ask(method, path, &body).0
    }
    fn json(&self, args: &[&str]) -> Value {
        run(&self.node, &[&["--json"], args].concat()).json()
    }
    fn code(&self, args: &[&str]) -> i32 {
        run(&self.node, args).code
    }
    /// A published post.
    fn post(&self, title: &str, slug: &str) -> String {
        let form = [
            ("title", title),
            ("slug", slug),
            ("do", "publish"),
            ("source", "markdown"),
            ("markdown", "Fresh."),
            ("comments_open", "on"),
        ];
        let answer = self.browser.post("/admin/s/1/posts/new", &form);
        assert_eq!(answer.status(), 303);
        location(&answer).split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }
    fn say(&self, entry: &str, email: &str, words: &str) -> String {
        let form = [("entry", entry), ("name", "Tove"), ("email", email), ("body", words)];
        let url = format!("{}/_/comment", self.node.site);
        assert_eq!(self.browser.post(&url, &form).status(), 303);
        let all = self.get("/api/v1/sites/1/comments?status=pending");
        let one = all["items"].as_array().unwrap().iter().find(|c| c["body"] == words).cloned();
        one.expect("it waits")["id"].to_string()
    }
}

// rows: AP01 OP06 CO03
#[test]
fn ap01_comments_are_decided_corrected_answered_and_deleted_by_programs_and_commands() {
    for house in House::all() {
        let entry = house.post("Bread", "bread");
        let id = house.say(&entry, "tove@example.org", "Good bread");
        let one = format!("/api/v1/sites/1/comments/{id}");
        let shown = || visit(&house.node, "/bread/").1;
        assert!(!shown().contains("Good bread"));
        let (status, changed) = house.ask(Method::PATCH, &one, &json!({ "status": "approved", "body": "Fine bread" }));
        assert_eq!((status, changed["status"].as_str()), (200, Some("approved")), "{changed}");
        assert!(shown().contains("Fine bread"), "seen at once");
        assert_eq!(house.status(Method::PATCH, &one, json!({ "status": "loved" })), 422);
        assert_eq!(house.status(Method::PATCH, &one, json!({ "colour": "red" })), 422);
        let (status, reply) = house.ask(Method::POST, &format!("{one}/replies"), &json!({ "body": "Thank you" }));
        assert_eq!((status, reply["parent"].to_string()), (201, id.clone()), "{reply}");
        assert!(shown().contains("Thank you"));
        assert_eq!(house.status(Method::GET, "/api/v1/sites/1/comments?status=loved", Value::Null), 422);
        assert_eq!(house.status(Method::GET, "/api/v1/sites/1/comments/999999", Value::Null), 404);

        let spam = house.say(&entry, "seller@example.org", "Cheap flour");
        let waiting = house.json(&["comment", "list", "--site", "1"]);
        assert_eq!(waiting[0]["body"], "Cheap flour");
        assert_eq!(house.code(&["comment", "decide", "spam", &spam, "--site", "1"]), 0);
        assert_eq!(house.json(&["comment", "list", "--site", "1", "--status", "spam"])[0]["id"].to_string(), spam);
        assert_eq!(house.code(&["comment", "decide", "love", &spam, "--site", "1"]), 1);
        assert_eq!(house.code(&["comment", "edit", &id, "--site", "1", "--text", "Better bread"]), 0);
        assert!(shown().contains("Better bread"));
        assert_eq!(house.code(&["comment", "delete", &spam, "--site", "1"]), 0);
        assert_eq!(house.status(Method::DELETE, &one, Value::Null), 409, "not before it lies in the trash");
        assert_eq!(house.status(Method::PATCH, &one, json!({ "status": "trash" })), 200);
        assert!(!shown().contains("Better bread"));
        assert_eq!(house.status(Method::DELETE, &one, Value::Null), 204);
        assert_eq!(house.code(&["comment", "delete", &id, "--site", "1"]), 1, "it is gone");
    }
}

// rows: AP01 OP06 MN01
#[test]
fn ap01_menus_are_made_filled_arranged_and_placed_by_programs_and_commands() {
    for house in House::all() {
        let entry: i64 = house.post("Bread", "bread").parse().unwrap();
        const ALL: &str = "/api/v1/sites/1/menus";
        let (status, made) = house.ask(Method::POST, ALL, &json!({ "name": "Top" }));
        assert_eq!(status, 201, "{made}");
        let one = format!("{ALL}/{}", made["id"]);
        assert_eq!(house.status(Method::POST, ALL, json!({ "name": "Top" })), 409, "the name is taken");
        assert_eq!(house.status(Method::POST, &format!("{one}/lines"), json!({ "entry": entry })), 201);
        let link = json!({ "label": "Shop", "url": "https://shop.example/" });
        assert_eq!(house.status(Method::POST, &format!("{one}/lines"), link), 201);
        assert_eq!(house.status(Method::POST, &format!("{one}/lines"), json!({ "url": "javascript:1" })), 422);
        assert_eq!(house.status(Method::POST, &format!("{one}/lines"), json!({ "entry": 1, "term": 2 })), 422);
        let place = "/api/v1/sites/1/menu-places/primary";
        assert_eq!(house.status(Method::PUT, place, json!({ "menu": made["id"] })), 204);
        assert_eq!(house.status(Method::PUT, "/api/v1/sites/1/menu-places/moon", json!({ "menu": null })), 404);
        assert!(visit(&house.node, "/").1.contains(">Shop<"), "seen at once");
        let menu = house.get(&one);
        assert_eq!((menu["places"][0].as_str(), menu["lines"][0]["title"].as_str()), (Some("primary"), Some("Bread")));
        let (bread, shop) = (menu["lines"][0]["id"].clone(), menu["lines"][1]["id"].clone());
        let order = json!({ "lines": [{ "id": shop }, { "id": bread, "depth": 1 }] });
        let (status, menu) = house.ask(Method::PUT, &format!("{one}/order"), &order);
        assert_eq!((status, menu["lines"][1]["depth"].as_i64()), (200, Some(1)), "{menu}");
        let (status, menu) = house.ask(Method::PATCH, &format!("{one}/lines/{shop}"), &json!({ "label": "Bakery" }));
        assert_eq!((status, menu["lines"][0]["title"].as_str()), (200, Some("Bakery")), "{menu}");
        assert_eq!(menu["lines"][0]["url"], "https://shop.example/", "what is not named stays");
        assert_eq!(house.status(Method::PATCH, &one, json!({ "name": "Main" })), 200);
        assert_eq!(house.status(Method::DELETE, &format!("{one}/lines/{bread}"), Value::Null), 204);

        let listed = || house.json(&["menu", "list", "--site", "1"]).as_array().unwrap().clone();
        assert!(listed().iter().any(|m| m["name"] == "Main" && m["places"][0] == "primary"));
        let foot = house.json(&["menu", "create", "Foot", "--site", "1"])["id"].to_string();
        assert_eq!(house.code(&["menu", "add", &foot, "--site", "1", "--url", "/a/", "--label", "A"]), 0);
        assert_eq!(house.code(&["menu", "add", &foot, "--site", "1", "--entry", &entry.to_string()]), 0);
        assert_eq!(house.code(&["menu", "add", &foot, "--site", "1"]), 2, "one of the three");
        let lines = house.json(&["menu", "show", &foot, "--site", "1"]);
        let (a, b) = (lines[0]["id"].to_string(), lines[1]["id"].to_string());
        assert_eq!(house.code(&["menu", "order", &foot, &b, &format!("{a}/1"), "--site", "1"]), 0);
        assert_eq!(house.code(&["menu", "order", &foot, &b, "--site", "1"]), 1, "each line once");
        assert_eq!(house.code(&["menu", "edit", &foot, &a, "--site", "1", "--label", "B"]), 0);
        let lines = house.json(&["menu", "show", &foot, "--site", "1"]);
        assert_eq!((lines[1]["title"].as_str(), lines[1]["depth"].as_i64()), (Some("B"), Some(1)));
        assert_eq!(house.code(&["menu", "remove", &foot, &a, "--site", "1"]), 0);
        assert_eq!(house.code(&["menu", "rename", &foot, "Feet", "--site", "1"]), 0);
        assert_eq!(house.code(&["menu", "delete", &foot, "--site", "1"]), 0);
        assert_eq!(house.status(Method::DELETE, &one, Value::Null), 204);
        assert!(listed().iter().all(|m| m["name"] != "Main" && m["name"] != "Feet"));
    }
}

// rows: OP06 TX04 MD01
#[test]
fn op06_terms_media_and_settings_are_changed_on_the_command_line() {
    for house in House::all() {
        let term = |args: &[&str]| house.json(&[&["term"], args, &["--site", "1"]].concat());
        let sea = term(&["create", "--name", "Sea"])["id"].to_string();
        let nets = term(&["create", "--name", "Nets", "--parent", &sea])["id"].to_string();
        assert_eq!(term(&["create", "--name", "Sea"])["new"], false);
        term(&["set", &nets, "--name", "Nets and ropes", "--description", "To mend."]);
        let all = term(&["list", "--taxonomy", "category"]);
        let one =
            all.as_array().unwrap().iter().find(|t| nets == serde_json::to_string(&t["id"]).unwrap()).unwrap().clone();
        assert_eq!((one["name"].as_str(), one["parent"].to_string()), (Some("Nets and ropes"), sea.clone()));
        term(&["merge", &nets, &sea]);
        term(&["delete", &sea]);
        assert_eq!(house.code(&["term", "delete", &nets, "--site", "1"]), 1, "it went with the merge");
        assert_eq!(house.code(&["term", "create", "--name", "x", "--taxonomy", "moon", "--site", "1"]), 1);

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note.txt");
        std::fs::write(&file, "A note.").unwrap();
        let added = house.json(&["media", "add", file.to_str().unwrap(), "--site", "1"]);
        let id = added["id"].to_string();
        assert_eq!(visit(&house.node, added["path"].as_str().unwrap()).0, 200, "{added}");
        assert_eq!(house.json(&["media", "add", file.to_str().unwrap(), "--site", "1"])["new"], false);
        assert_eq!(house.code(&["media", "describe", &id, "--site", "1", "--title", "Log book"]), 0);
        let found = house.json(&["media", "list", "--site", "1", "--search", "log book"]);
        assert_eq!(found[0]["id"].to_string(), id);
        assert_eq!(house.code(&["media", "delete", &id, "--site", "1"]), 0);
        assert_eq!(house.code(&["media", "delete", &id, "--site", "1"]), 1);
        let none = folder.path().join("none.txt");
        assert_ne!(house.code(&["media", "add", none.to_str().unwrap(), "--site", "1"]), 0);

        assert_eq!(house.code(&["site", "set", "1", "general.title=Quay", "discussion.page_size=20"]), 0);
        let settings = house.json(&["site", "settings", "1"]);
        assert_eq!(settings["general"]["title"], "Quay");
        assert_eq!(settings["discussion"]["page_size"], 20);
        assert!(visit(&house.node, "/").1.contains("Quay"), "seen at once");
        for wrong in ["title=x", "general.titel=x", "general.title", "discussion.page_size=many"] {
            let said = run(&house.node, &["site", "set", "1", wrong]);
            assert_eq!(said.code, 1, "{wrong}: {}", said.err);
        }
    }
}

// rows: AP01 OP06 US03. Rule: C3
#[test]
fn ap01_people_are_invited_given_roles_and_deleted_by_programs_and_commands() {
    for house in House::all() {
        let invite = |path: &str, body: Value| house.status(Method::POST, path, body);
        assert_eq!(invite("/api/v1/sites/1/users", json!({ "email": "ida@example.org", "role": "editor" })), 204);
        assert_eq!(invite("/api/v1/sites/1/users", json!({ "email": "ida@example.org", "role": "owner" })), 422);
        let own = json!({ "email": "jo@example.org", "place": "account:1", "role": "owner" });
        assert_eq!(invite("/api/v1/users", own), 204);
        let wrong = json!({ "email": "jo@example.org", "place": "moon:1", "role": "owner" });
        assert_eq!(invite("/api/v1/users", wrong), 422);
        let shown = |who: &str| house.json(&["user", "show", who]);
        let (ida, jo) = (shown("ida@example.org"), shown("jo@example.org"));
        assert_eq!(
            (ida["roles"][0]["role"].as_str(), jo["roles"][0]["role"].as_str()),
            (Some("editor"), Some("owner"))
        );
        let role = |id: &Value, place: &str| format!("/api/v1/users/{id}/roles/{place}");
        let auditor = json!({ "role": "auditor" });
        assert_eq!(house.status(Method::PUT, &role(&ida["id"], "server"), auditor.clone()), 204);
        assert_eq!(house.status(Method::PUT, &role(&ida["id"], "site:1"), auditor), 422, "no role of sites");
        assert_eq!(house.status(Method::DELETE, &role(&ida["id"], "server"), Value::Null), 204);
        let refused = house.status(Method::DELETE, "/api/v1/users/1", Value::Null);
        assert!(matches!(refused, 403 | 409), "the last hosting admin stays: {refused}");
        let gone = format!("/api/v1/users/{}?heir=1", ida["id"]);
        assert_eq!(house.status(Method::DELETE, &gone, Value::Null), 204);
        assert_eq!(house.code(&["user", "show", "ida@example.org"]), 1);

        let reseller = house.json(&["reseller", "create", "Kust"])["id"].to_string();
        let people = format!("/api/v1/resellers/{reseller}/people");
        assert_eq!(invite(&people, json!({ "email": "rut@example.org" })), 204);
        let rut = shown("rut@example.org")["id"].to_string();
        assert_eq!(house.status(Method::DELETE, &format!("{people}/{rut}"), Value::Null), 204);
        assert_eq!(invite("/api/v1/resellers/999/people", json!({ "email": "rut@example.org" })), 404);
        let made = run(&house.node, &["user", "invite", "eva@example.org", "--role", "author", "--site", "1"]);
        assert!(made.out.contains("/admin/invite/"), "{}", made.out);
        assert_eq!(house.code(&["user", "invite", "eva@example.org", "--role", "captain", "--site", "1"]), 1);

        assert_eq!(house.code(&["reseller", "set", "Kust", "--name", "Kusten", "--accounts", "3"]), 0);
        assert_eq!(house.code(&["reseller", "brand", "Kusten", "--name", "Coast", "--colour", "#0a5"]), 1);
        assert_eq!(house.code(&["reseller", "brand", "Kusten", "--name", "Coast", "--colour", "#005a32"]), 0);
        let all = house.get("/api/v1/resellers");
        assert_eq!(
            (all["items"][0]["name"].as_str(), all["items"][0]["accounts_limit"].as_i64()),
            (Some("Kusten"), Some(3))
        );
    }
}

// rows: AP01 OP06 H089
#[test]
fn ap01_files_and_jobs_have_the_rest_of_their_buttons() {
    for house in House::all() {
        let base = "/api/v1/sites/1/files";
        for folder in ["a", "b/c"] {
            assert_eq!(house.code(&["file", "folder", "1", folder]), 0);
        }
        assert_eq!(house.json(&["file", "largest", "1"])[0]["path"], "b");
        let largest = house.get(&format!("{base}/largest?fresh=true"));
        assert_eq!(largest["items"][1]["path"], "a", "{largest}");
        assert_eq!(house.code(&["file", "mode", "1", "a", "777"]), 0);
        assert_eq!(house.code(&["file", "mode", "1", "a", "999"]), 1);
        assert_eq!(house.code(&["file", "check", "1"]), 1, "it finds something");
        let found = house.get(&format!("{base}/permissions"));
        assert_eq!((found["items"][0]["path"].as_str(), found["items"][0]["mode"].as_str()), (Some("a"), Some("777")));
        let (status, done) = house.ask(Method::POST, &format!("{base}/permissions/repair"), &json!({ "paths": ["a"] }));
        assert_eq!((status, done["repaired"].as_i64()), (200, Some(1)), "{done}");
        assert_eq!(house.code(&["file", "check", "1"]), 0);
        house.code(&["file", "mode", "1", "b", "777"]);
        assert_eq!(house.json(&["file", "check", "1", "--repair"])["repaired"], 1);
        assert_eq!(house.json(&["file", "versions", "1", "a"]), json!([]));
        let trash = house.json(&["file", "trash", "1", "a", "b"]);
        let one = trash["ids"][0].to_string();
        assert_eq!(house.code(&["file", "purge", "1", &one]), 0);
        assert_eq!(house.code(&["file", "purge", "1"]), 2, "one, or all of it");
        assert_eq!(house.code(&["file", "purge", "1", "--all"]), 0);
        assert_eq!(house.json(&["file", "restore", "1"]), json!([]));

        let redirect = house.json(&["redirect", "add", "--site", "1", "/old", "/new"])["id"].to_string();
        assert_eq!(house.code(&["redirect", "set", "--site", "1", &redirect, "--target", "/newer"]), 0);
        assert_eq!(house.json(&["redirect", "list", "--site", "1"])[0]["target"], "/newer");
        assert_eq!(house.code(&["redirect", "set", "--site", "1", "999", "--target", "/newer"]), 1);

        // A recurring job that waits for its time: held back, let go, begun now.
        let jobs = house.json(&["job", "list"]);
        let waits = jobs.as_array().unwrap().iter().find(|j| j["kind"] == "upkeep" && j["state"] == "waiting").unwrap();
        let (id, state) =
            (waits["id"].to_string(), || house.json(&["job", "show", &waits["id"].to_string()])["state"].clone());
        let press = |what: &str| house.status(Method::POST, &format!("/api/v1/jobs/{id}/{what}"), Value::Null);
        assert_eq!((press("pause"), state()), (204, json!("paused")));
        assert_eq!((press("resume"), state()), (204, json!("waiting")));
        assert_eq!((house.code(&["job", "pause", &id]), state()), (0, json!("paused")));
        assert_eq!((house.code(&["job", "resume", &id]), state()), (0, json!("waiting")));
        assert_eq!(house.code(&["job", "now", &id]), 0);
        until("it runs", || state() == "done");
        assert_eq!(press("run"), 404, "none of that number waits");
        assert_eq!(house.status(Method::POST, "/api/v1/server/audit/check", Value::Null), 204);
        until("the log is looked at", || {
            let all = house.get("/api/v1/jobs?limit=100");
            all["items"].as_array().unwrap().iter().any(|j| j["kind"] == "audit.verify" && j["state"] == "done")
        });
        let mail = json!({ "to": "mara@example.org" });
        assert!(house.status(Method::POST, "/api/v1/server/trial-mail", mail) >= 400, "there is no mail server");
        assert_eq!(house.status(Method::POST, "/api/v1/server/trial-mail", json!({ "to": "nobody" })), 422);
    }
}

// rows: AP01 MG01
#[test]
fn ap01_an_export_is_sent_looked_at_and_brought_in_by_a_program() {
    for house in House::all() {
        let mut export = Export::new("https://old.example");
        export.author(1, "ida", "ida@example.net", "Ida Berg");
        let link = "https://old.example/2024/05/01/nets/".to_owned();
        let (title, slug) = ("Nets to mend".to_owned(), "nets".to_owned());
        let post =
            Item { id: 1, kind: "post", title, link, slug, status: "publish", creator: "ida", ..Default::default() };
        export.item(&post);
        let part = "content-disposition: form-data; name=\"file\"; filename=\"site.xml\"";
        let send = |body: String| {
            let url = format!("{}/api/v1/sites/1/imports", house.node.panel);
            let request = house.http.post(url).bearer_auth(&house.token);
            let answer = request.header("content-type", "multipart/form-data; boundary=XX").body(body).send().unwrap();
            (answer.status().as_u16(), serde_json::from_str::<Value>(&answer.text().unwrap()).unwrap_or_default())
        };
        let (status, looked) = send(format!("--XX\r\n{part}\r\n\r\n{}\r\n--XX--\r\n", export.finish()));
        assert_eq!(status, 201, "{looked}");
        let put = "content-disposition: form-data; name=\"put\"";
        assert_eq!(send(format!("--XX\r\n{put}\r\n\r\nsite.xml\r\n--XX--\r\n")).0, 422, "no file of the machine");
        let job = looked["job"].clone();
        let done = |job: &Value| house.get(&format!("/api/v1/sites/1/jobs/{job}"))["state"] == "done";
        until("the look is done", || done(&job));
        let run = format!("/api/v1/sites/1/imports/{job}/run");
        assert_eq!(house.status(Method::POST, &run, json!({ "media": "burn" })), 422);
        let (status, began) = house.ask(Method::POST, &run, &json!({ "media": "skip" }));
        assert_eq!(status, 201, "{began}");
        until("it is brought in", || done(&began["job"]));
        assert!(visit(&house.node, "/feed/").1.contains("Nets to mend"));
        let other = house.get("/api/v1/jobs?limit=100")["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|j| j["kind"] == "upkeep")
            .cloned();
        let other = format!("/api/v1/sites/1/imports/{}/run", other.unwrap()["id"]);
        assert_eq!(house.status(Method::POST, &other, json!({ "media": "skip" })), 404, "no import");
    }
}
