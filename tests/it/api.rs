//! The native REST API against the real binary.

use reqwest::blocking::{Body, Client};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::node::{Browser, Launch, Node, nodes, visit};

/// A program with a token.
pub struct Program {
    http: Client,
    panel: String,
    token: String,
}

/// Status and headers of an answer.
struct Head {
    status: StatusCode,
    headers: HeaderMap,
}

impl Head {
    fn status(&self) -> StatusCode {
        self.status
    }
    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl Program {
    /// With a token of the browser's person that allows these scopes, on one site (0: all).
    pub fn new(node: &Node, browser: &Browser, scopes: &[&str], site: &str) -> Self {
        let mut form = vec![("name", "Program"), ("site", site), ("expires", "30")];
        form.extend(scopes.iter().map(|s| ("scopes", *s)));
        let page = browser.post("/admin/me/tokens", &form).text().unwrap();
        let token = page.split("data-copy=\"").nth(1).expect("the token").split('"').next().unwrap().to_owned();
        let http = Client::builder().no_proxy().build().unwrap();
        Self { http, panel: node.panel.clone(), token }
    }

    fn send(&self, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> (Head, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.panel)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().unwrap();
        let json = answer.headers().get("content-type").is_some_and(|t| t.to_str().unwrap().contains("json"));
        let head = Head { status: answer.status(), headers: answer.headers().clone() };
        let text = answer.text().unwrap();
        (head, if json { serde_json::from_str(&text).unwrap() } else { Value::Null })
    }
    /// Reads.
    pub fn get(&self, path: &str) -> (u16, Value) {
        let (answer, value) = self.send(Method::GET, path, None, &[]);
        (answer.status().as_u16(), value)
    }
    /// Sends bytes, or JSON as text, to a node that may be gone in the middle of it.
    pub fn try_send(&self, method: Method, path: &str, body: impl Into<Body>) -> reqwest::Result<(u16, Value)> {
        let request = self.http.request(method, format!("{}{path}", self.panel)).bearer_auth(&self.token);
        let answer = request.header("content-type", "application/json").body(body).send()?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_str(&answer.text()?).unwrap_or_default()))
    }
    /// The same program at a node that was started again.
    pub fn moved(&self, node: &Node) -> Self {
        Self { http: self.http.clone(), panel: node.panel.clone(), token: self.token.clone() }
    }
    /// The token.
    pub fn token(&self) -> &str {
        &self.token
    }
    pub fn with(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let (answer, value) = self.send(method, path, Some(&body), &[]);
        (answer.status().as_u16(), value)
    }
}

/// What a program of an administrator may be allowed.
pub const ALL: &[&str] = &[
    "site.read",
    "entries.write_own",
    "entries.publish_own",
    "entries.write_all",
    "entries.publish_all",
    "terms.add",
    "terms.manage",
    "media.write",
    "people.manage",
    "settings.manage",
    "import.run",
    "account.read",
    "account.sites",
    "server.read",
    "server.manage",
];
const ENTRIES: &str = "/api/v1/sites/1/entries";

fn code(value: &Value) -> &str {
    value["code"].as_str().unwrap_or_default()
}

// row: AP01
#[test]
fn ap01_an_entry_is_made_read_changed_published_and_trashed() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let p = Program::new(&node, &browser, ALL, "");
        let body = json!({"title": "Bread", "markdown": "Fresh *bread*.", "tags": ["baking"], "status": "published"});
        let (answer, made) = p.send(Method::POST, ENTRIES, Some(&body), &[]);
        assert_eq!(answer.status(), 201, "{made}");
        let one = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(answer.headers()["etag"], "\"1\"");
        assert_eq!((made["status"].as_str(), made["path"].as_str()), (Some("published"), Some("/bread/")));
        assert_eq!((made["terms"][0]["name"].as_str(), made["author"].as_i64()), (Some("baking"), Some(1)));
        assert!(visit(&node, "/bread/").1.contains("<em>bread</em>"), "there at the next request");

        // ETags: what is known is not sent again; an old one changes nothing.
        let (answer, _) = p.send(Method::GET, &one, None, &[("if-none-match", "\"1\"")]);
        assert_eq!(answer.status(), 304);
        let change = json!({"title": "Rye bread"});
        let (answer, changed) = p.send(Method::PATCH, &one, Some(&change), &[("if-match", "\"1\"")]);
        assert_eq!((answer.status().as_u16(), changed["version"].as_i64()), (200, Some(2)), "{changed}");
        assert_eq!(changed["terms"][0]["name"], "baking", "what is not named stays");
        let (answer, refused) = p.send(Method::PATCH, &one, Some(&change), &[("if-match", "\"1\"")]);
        assert_eq!((answer.status().as_u16(), code(&refused)), (412, "precondition_failed"));
        let (status, refused) = p.with(Method::PATCH, &one, json!({"title": "Late", "version": 1}));
        assert_eq!((status, code(&refused)), (409, "version_conflict"));
        assert!(visit(&node, "/bread/").1.contains("Rye bread"));

        // Versions.
        let (_, versions) = p.get(&format!("{one}/versions"));
        let first = versions["items"][1]["id"].as_i64().unwrap();
        let (status, back) = p.with(Method::POST, &format!("{one}/versions/{first}/restore"), json!({}));
        assert_eq!((status, back["title"].as_str()), (200, Some("Bread")));

        // Trash and back; for good only out of the trash.
        assert_eq!(p.send(Method::DELETE, &format!("{one}?permanent=true"), None, &[]).0.status(), 409);
        let (answer, trashed) = p.send(Method::DELETE, &one, None, &[]);
        assert_eq!((answer.status().as_u16(), trashed["status"].as_str()), (200, Some("trash")));
        assert_eq!(visit(&node, "/bread/").0, 404);
        assert_eq!(p.send(Method::POST, &format!("{one}/restore"), None, &[]).0.status(), 200);
        assert_eq!(visit(&node, "/bread/").0, 200);
        p.send(Method::DELETE, &one, None, &[]);
        assert_eq!(p.send(Method::DELETE, &format!("{one}?permanent=true"), None, &[]).0.status(), 204);
        assert_eq!(p.get(&one).0, 404);
    }
}

// row: AP01
#[test]
fn ap01_bodies_are_strict_and_lists_page_by_key() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let p = Program::new(&node, &browser, ALL, "");
        for (body, field, wanted) in [
            (json!({"titel": "x"}), "titel", "unknown_field"),
            (json!({"title": 7}), "title", "malformed"),
            (json!({"status": "live"}), "status", "not_allowed"),
            (json!({"markdown": "a", "html": "b"}), "document", "malformed"),
            (json!({"published_at": "tomorrow"}), "published_at", "date_malformed"),
            (json!({"title": "x".repeat(301)}), "title", "too_long"),
            (json!({"status": "published"}), "title", "required"),
            (json!({"type": "product"}), "type", "not_allowed"),
        ] {
            let (status, refused) = p.with(Method::POST, ENTRIES, body.clone());
            let first = &refused["fields"][0];
            assert_eq!(
                (status, first["field"].as_str(), first["code"].as_str()),
                (422, Some(field), Some(wanted)),
                "{body}: {refused}"
            );
        }
        let raw = |kind: &str, body: &str| {
            let request = p.http.post(format!("{}{ENTRIES}", p.panel)).bearer_auth(&p.token);
            request.header("content-type", kind).body(body.to_owned()).send().unwrap().status().as_u16()
        };
        assert_eq!(raw("application/json", "{"), 400);
        assert_eq!(raw("application/json", "[]"), 400);
        assert_eq!(raw("text/plain", "{}"), 415);
        assert_eq!(raw("application/json", &format!("{{\"markdown\":\"{}\"}}", "x".repeat(5_000_000))), 413);

        for n in 0..7 {
            let (status, made) =
                p.with(Method::POST, ENTRIES, json!({"title": format!("Quayside {n}"), "markdown": "x"}));
            assert_eq!(status, 201, "{made}");
        }
        for sort in ["-updated", "updated", "title", "-title"] {
            let mut seen = Vec::new();
            let mut after = String::new();
            loop {
                let (status, page) =
                    p.get(&format!("{ENTRIES}?type=post&q=Quayside&limit=3&fields=id,title&sort={sort}{after}"));
                assert_eq!(status, 200, "{page}");
                for item in page["items"].as_array().unwrap() {
                    assert_eq!(item.as_object().unwrap().len(), 2, "only the wanted fields: {item}");
                    seen.push(item["title"].as_str().unwrap().to_owned());
                }
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            seen.sort();
            assert_eq!(seen, (0..7).map(|n| format!("Quayside {n}")).collect::<Vec<_>>(), "{sort}");
        }
        for wrong in ["limit=0", "limit=101", "after=%3f", "sort=size", "colour=red", "fields=nothing", "author=me"] {
            assert_eq!(p.get(&format!("{ENTRIES}?{wrong}")).0, 422, "{wrong}");
        }
    }
}

// row: AP01
#[test]
fn ap01_the_same_request_sent_again_makes_nothing_new() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let p = Program::new(&node, &browser, ALL, "");
        let body = json!({"title": "Mackerel"});
        let key = [("idempotency-key", "4f7c")];
        let (first, made) = p.send(Method::POST, ENTRIES, Some(&body), &key);
        let (second, again) = p.send(Method::POST, ENTRIES, Some(&body), &key);
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, 201));
        assert_eq!(made["id"], again["id"]);
        let (third, refused) = p.send(Method::POST, ENTRIES, Some(&json!({"title": "Other"})), &key);
        assert_eq!((third.status().as_u16(), code(&refused)), (409, "duplicate"));
        let (_, list) = p.get(&format!("{ENTRIES}?q=Mackerel"));
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    }
}

// rule: C8. Row: US06
#[test]
fn c08_a_token_does_no_more_than_its_scopes_its_site_and_its_person() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let all = Program::new(&node, &browser, ALL, "");
        let (status, second) =
            all.with(Method::POST, "/api/v1/sites", json!({"account": 1, "title": "Net loft", "host": "loft.example"}));
        assert_eq!(status, 201, "{second}");
        let other = format!("/api/v1/sites/{}/entries", second["id"]);
        assert_eq!(all.get(&other).0, 200);

        // Scopes: reading alone.
        let reader = Program::new(&node, &browser, &["site.read"], "");
        assert_eq!(reader.get("/api/v1/sites/1").0, 200);
        assert_eq!(reader.with(Method::POST, ENTRIES, json!({"title": "x"})).0, 403);
        assert_eq!(reader.get("/api/v1/users").0, 403);
        let (_, me) = reader.get("/api/v1/me");
        assert_eq!(me["scopes"], json!(["site.read"]));

        // Scopes without publishing: drafts only.
        let writer = Program::new(&node, &browser, &["site.read", "entries.write_own"], "");
        assert_eq!(writer.with(Method::POST, ENTRIES, json!({"title": "x", "status": "published"})).0, 403);
        assert_eq!(writer.with(Method::POST, ENTRIES, json!({"title": "x"})).0, 201);

        // Its site: another one does not exist for it.
        let bound = Program::new(&node, &browser, &["site.read", "entries.write_own"], "1");
        assert_eq!(bound.get(ENTRIES).0, 200);
        assert_eq!(bound.get(&other).0, 404);
        assert_eq!(bound.get("/api/v1/sites/999/entries").0, 404);
        let (_, sites) = bound.get("/api/v1/sites");
        assert_eq!(sites["items"].as_array().unwrap().len(), 1);

        // Cookies open nothing here, other words neither; a revoked token ends at once.
        let answer = browser.get("/api/v1/sites");
        assert_eq!((answer.status().as_u16(), answer.headers()["www-authenticate"].to_str().unwrap()), (401, "Bearer"));
        assert!(answer.headers().get("access-control-allow-origin").is_none());
        assert_eq!(browser.post("/api/v1/sites", &[]).status(), 401);
        for token in ["", "fh_nonsense", "Bearer"] {
            let stranger = Program { http: Client::new(), panel: node.panel.clone(), token: token.into() };
            let (status, refused) = stranger.get("/api/v1/sites");
            assert_eq!((status, code(&refused)), (401, "sign_in_required"), "{token}");
        }
        let page = browser.get("/admin/me/tokens").text().unwrap();
        for id in page.split("/admin/me/tokens/").skip(1).filter_map(|part| part.split("/revoke").next()) {
            browser.post(&format!("/admin/me/tokens/{id}/revoke"), &[]);
        }
        assert_eq!(all.get("/api/v1/sites").0, 401);
    }
}

// row: AP01. Rule: C1
#[test]
fn c01_every_route_of_the_api_refuses_a_stranger_and_a_token_without_scopes() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let nobody = Program { http: Client::new(), panel: node.panel.clone(), token: "fh_x".into() };
        let small = Program::new(&node, &browser, &["self.manage"], "");
        let text = browser.get("/api/openapi.json").text().unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let mut walked = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            let address = path.replace("{site}", "1").replace("{id}", "1").replace("{version}", "1");
            for method in operations.as_object().unwrap().keys() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                assert_eq!(nobody.with(method.clone(), &address, json!({})).0, 401, "{method} {path}");
                if path != "/api/v1/me" && path != "/api/v1/sites" {
                    let status = small.with(method.clone(), &address, json!({})).0;
                    assert!(matches!(status, 403 | 404), "{method} {path}: {status}");
                }
                walked += 1;
            }
        }
        assert!(walked > 35, "{walked}");
        assert_eq!(small.with(Method::POST, "/api/v1/me", json!({})).0, 405);
        assert_eq!(small.get("/api/v1/nothing").0, 404);
    }
}

// row: ME01
#[test]
fn a_file_is_uploaded_described_and_deleted_through_the_api() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let p = Program::new(&node, &browser, ALL, "");
        let files = "/api/v1/sites/1/media";
        let upload = |bytes: &str| {
            let edge = "freehold-edge";
            let body = format!(
                "--{edge}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"notes.txt\"\r\n\
                 content-type: text/plain\r\n\r\n{bytes}\r\n--{edge}--\r\n"
            );
            let request = p.http.post(format!("{}{files}", p.panel)).bearer_auth(&p.token).body(body);
            let answer =
                request.header("content-type", format!("multipart/form-data; boundary={edge}")).send().unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_str::<Value>(&answer.text().unwrap()).unwrap())
        };
        let (status, made) = upload("Tides of the week\n");
        assert_eq!(status, 201, "{made}");
        assert_eq!(upload("Tides of the week\n").0, 200, "the same bytes are there already");
        let path = made["url"].as_str().unwrap().strip_prefix(&node.site).unwrap().to_owned();
        assert_eq!(visit(&node, &path), (200, "Tides of the week\n".into()));
        let one = format!("{files}/{}", made["id"]);
        let (status, described) = p.with(Method::PATCH, &one, json!({"title": "Tides", "credit": "Ida"}));
        assert_eq!((status, described["title"].as_str()), (200, Some("Tides")), "{described}");
        assert_eq!(p.get(files).1["items"][0]["credit"], "Ida");
        assert_eq!(p.send(Method::DELETE, &one, None, &[]).0.status(), 204);
        assert_eq!(p.get(&one).0, 404);
    }
}

#[test]
fn terms_settings_people_and_jobs_through_the_api() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let p = Program::new(&node, &browser, ALL, "");
        let terms = "/api/v1/sites/1/terms";
        // row: TX04. A name that exists answers with the term that has it.
        let (status, sea) = p.with(Method::POST, terms, json!({"taxonomy": "category", "name": "Sea"}));
        assert_eq!(status, 201, "{sea}");
        let (status, again) = p.with(Method::POST, terms, json!({"taxonomy": "category", "name": "Sea"}));
        assert_eq!((status, &again["id"]), (200, &sea["id"]));
        let one = format!("{terms}/{}", sea["id"]);
        let (status, changed) = p.with(Method::PATCH, &one, json!({"description": "Salt water"}));
        assert_eq!((status, changed["name"].as_str()), (200, Some("Sea")), "{changed}");
        let (_, found) = p.get(&format!("{terms}?taxonomy=category&q=se"));
        assert_eq!(found["items"][0]["description"], "Salt water");
        let (_, tides) = p.with(Method::POST, terms, json!({"taxonomy": "category", "name": "Tides"}));
        assert_eq!(p.with(Method::POST, &format!("{one}/merge"), json!({"into": tides["id"]})).0, 200);
        assert_eq!(p.get(&one).0, 404);
        assert_eq!(p.send(Method::DELETE, &format!("{terms}/{}", tides["id"]), None, &[]).0.status(), 204);

        let settings = "/api/v1/sites/1/settings";
        let (status, saved) = p.with(Method::PATCH, settings, json!({"general": {"tagline": "By the water"}}));
        assert_eq!((status, saved["general"]["tagline"].as_str()), (200, Some("By the water")), "{saved}");
        let (status, refused) =
            p.with(Method::PATCH, settings, json!({"general": {"taglin": "x"}, "reading": {"page_size": "x"}}));
        assert_eq!((status, refused["fields"].as_array().unwrap().len()), (422, 2), "{refused}");
        assert_eq!(p.get(settings).1["general"]["title"], "Harbour & Pine");

        let (status, people) = p.get("/api/v1/users");
        assert_eq!((status, people["items"][0]["email"].as_str()), (200, Some("mara@example.org")));
        assert!(!people.to_string().contains("password"));
        assert_eq!(p.get("/api/v1/users/1").1["name"], people["items"][0]["name"]);
        assert_eq!(p.get("/api/v1/sites/1/users").0, 200);
        assert_eq!(p.with(Method::PUT, "/api/v1/sites/1/users/1/role", json!({"role": "king"})).0, 422);
        assert_eq!(p.get("/api/v1/jobs").0, 200);
        assert_eq!(p.get("/api/v1/jobs/999").0, 404);
        assert_eq!(p.get("/api/v1/sites/1/media").1["items"], json!([]));
        let (_, site) = p.get("/api/v1/sites/1");
        assert_eq!(site["url"].as_str(), Some(node.site.as_str()));
    }
}

// row: OP07
#[test]
fn op07_metrics_tell_what_the_node_did() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        visit(&node, "/");
        visit(&node, "/");
        let text = browser.get("/metrics").text().unwrap();
        let value = |name: &str| {
            let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
            line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
        };
        assert!(value("freehold_requests_total{door=\"sites\",status=\"2xx\"}") >= 2.0);
        assert!(value("freehold_page_cache_answers_total{how=\"hit\"}") >= 1.0);
        assert!(value("freehold_page_cache_pages") >= 1.0 && value("freehold_page_cache_bytes") > 100.0);
        assert!(value("freehold_request_seconds_count{door=\"panel\"}") >= 1.0);
        assert!(text.contains("freehold_jobs{state=\"failed\"} 0"), "{text}");
        if node.database_url.is_empty() {
            assert!(value("freehold_writer_writes_total{ended=\"committed\"}") >= 1.0);
        }
        // Who comes from elsewhere needs a token that may see the installation.
        let from = |token: Option<&str>| {
            let mut request =
                browser.http.get(format!("{}/metrics", node.panel)).header("x-forwarded-for", "192.0.2.9");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            request.send().unwrap().status().as_u16()
        };
        let (big, small) = (Program::new(&node, &browser, ALL, ""), Program::new(&node, &browser, &["site.read"], ""));
        assert_eq!((from(None), from(Some(&small.token)), from(Some(&big.token))), (401, 403, 200));
    }
    // Commands of accounts sit on this machine too: unless its owner says so, that is not enough.
    let node = Launch::new("").env("FREEHOLD__METRICS__OPEN_ON_LOOPBACK", "false").start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    assert_eq!(browser.get("/metrics").status(), 401);
    let program = Program::new(&node, &browser, ALL, "");
    let asked = browser.http.get(format!("{}/metrics", node.panel)).bearer_auth(&program.token).send().unwrap();
    assert_eq!(asked.status(), 200);
}

// rule: C8
#[test]
fn c08_a_token_that_may_not_read_sites_does_not_list_them() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let listed = |scopes: &[&str], site: &str| Program::new(&node, &browser, scopes, site).get("/api/v1/sites");
        assert_eq!(listed(&["media.write"], "").0, 403);
        assert_eq!(listed(&["media.write"], "1").0, 403);
        let (status, sites) = listed(&["site.read"], "1");
        assert_eq!((status, sites["items"].as_array().map(Vec::len)), (200, Some(1)), "{sites}");
    }
}

// rule: B3
#[test]
fn b03_fields_of_an_entry_are_sixty_four_levels_deep_at_most() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let p = Program::new(&node, &browser, ALL, "1");
        let body = |levels: usize| {
            let fields = format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
            format!("{{\"title\":\"Deep\",\"fields\":{fields}}}")
        };
        let send = |body: String| {
            let request = p.http.post(format!("{}{ENTRIES}", node.panel)).bearer_auth(&p.token);
            let answer = request.header("content-type", "application/json").body(body).send().unwrap();
            (answer.status().as_u16(), serde_json::from_str::<Value>(&answer.text().unwrap()).unwrap())
        };
        let (status, made) = send(body(64));
        assert_eq!(status, 201, "{made}");
        let versions = format!("{ENTRIES}/{}/versions", made["id"]);
        let first = p.get(&versions).1["items"][0]["id"].clone();
        let restored = p.with(Method::POST, &format!("{versions}/{first}/restore"), Value::Null);
        assert_eq!(restored.0, 200, "what is stored can be read again: {}", restored.1);
        for levels in [65, 100, 127, 200, 5000] {
            let (status, refused) = send(body(levels));
            assert!(status == 422 || status == 400, "{levels}: {status} {refused}");
        }
    }
}
