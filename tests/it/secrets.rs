//! Security rule C10: what is secret is told once to whom it belongs, and never again: not in the log, not in an error,
//! not in the API or on a page, and not in the database as it was typed.

use std::path::Path;

use crate::crawl::{self, Said};
use crate::node::{Browser, Launch, Node, visit};

const EMAIL: &str = "mara@example.org";

/// A secret that was planted: what it is, and its words.
struct Canary {
    kind: &'static str,
    words: String,
}

/// A run in which secrets of every kind were used; gives them.
fn plant(node: &Node, browser: &Browser) -> (Vec<Canary>, String) {
    let mut all: Vec<Canary> = Vec::new();
    let mut add = |kind, words: &str| all.push(Canary { kind, words: words.to_owned() });
    add("the owner's password", "grey-gull-over-the-quay");
    add("the mail server's password", SMTP_PASSWORD);
    let key = std::fs::read_to_string(node.data.path().join("key")).unwrap();
    let key = key.lines().nth(1).unwrap().split(' ').nth(1).unwrap().to_owned();
    add("the key", &key);
    for n in 0..8 {
        let words = format!("Canary-wrong-{n}-sign-in");
        let form = [("email", EMAIL), ("password", words.as_str())];
        let stranger = Browser::of(node);
        // After some failures the account waits; what was typed is as secret then.
        assert!(stranger.post("/admin/login", &form).status().is_client_error());
        add("a wrong password", &words);
    }
    for n in 0..6 {
        let words = format!("canary-entry-{n}-panel");
        let (title, slug) = (format!("Locked {n}"), format!("locked-{n}"));
        let form = [
            ("title", title.as_str()),
            ("slug", &slug),
            ("do", "publish"),
            ("visibility", "password"),
            ("password", &words),
        ];
        assert_eq!(browser.post("/admin/s/1/posts/new", &form).status(), 303);
        add("an entry's password", &words);
    }
    let mut token = String::new();
    for n in 0..8 {
        let form = [("name", "Program"), ("site", ""), ("expires", "30"), ("scopes", "site.read")];
        let mut form = form.to_vec();
        form.extend(
            ["entries.write_own", "entries.publish_own", "entries.write_all", "people.manage"].map(|s| ("scopes", s)),
        );
        form.extend(["settings.manage", "account.read", "server.read"].map(|s| ("scopes", s)));
        let page = browser.post("/admin/me/tokens", &form).text().unwrap();
        token = page.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        add("a token", &token);
        let words = format!("canary-entry-{n}-api");
        let body = serde_json::json!({ "title": format!("By program {n}"), "status": "published", "visibility": "password", "password": words });
        let made = browser
            .http
            .post(format!("{}/api/v1/sites/1/entries", node.panel))
            .bearer_auth(&token)
            .header("content-type", "application/json")
            .body(body.to_string());
        let made = made.send().unwrap();
        assert_eq!(made.status(), 201);
        assert!(!made.text().unwrap().contains(&words));
        add("an entry's password", &words);
    }
    for n in 0..6 {
        let words = format!("canary-typed-{n}-by-a-visitor");
        let http = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        let request = http.unwrap().post(format!("{}/_/unlock", node.site)).header("sec-fetch-site", "same-origin");
        let answer = request.form(&[("entry", "4"), ("password", &words)]).send().unwrap();
        assert!(!answer.text().unwrap().contains(&words));
        add("a password typed by a visitor", &words);
    }
    for cookie in ["freehold_session", "freehold_unlock"] {
        let words = format!("canary.{cookie}.forged");
        let request = browser.http.get(format!("{}/about/", node.site));
        request.header("cookie", format!("{cookie}={words}")).send().unwrap();
        add("a cookie", &words);
    }
    // Mail that cannot be sent, and people who wait for it.
    for n in 0..2 {
        let email = format!("person-{n}@example.org");
        let answer = browser.post("/admin/s/1/people", &[("email", &email), ("role", "editor")]);
        assert!(answer.status() == 303 || answer.status() == 200, "{}", answer.status());
    }
    browser.post("/admin/server/settings/mail", &[]);
    let start = browser.post("/admin/me/factor", &[("password", "grey-gull-over-the-quay")]).text().unwrap_or_default();
    if let Some(secret) = start.split("data-copy=\"").nth(1).and_then(|s| s.split('"').next()) {
        add("a second factor", secret);
    }
    assert!(all.len() >= 40, "{}", all.len());
    (all, token)
}

const SMTP_PASSWORD: &str = "Canary-of-the-mail-server";

/// Every file of a folder as bytes, but those that hold secrets by design.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() && path.file_name().is_some_and(|name| name != "key") {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

/// The editor shows an entry's password to those who may write it (row CM08); nothing else shows any.
fn may_show(said: &Said, canary: &Canary) -> bool {
    canary.kind == "an entry's password" && said.path.contains("/admin/s/1/posts/")
}

// rule: C10
#[test]
fn c10_what_was_planted_never_comes_out() {
    for launch in Launch::all() {
        // Nobody listens there: every mail is a failure, with its words in the log.
        let smtp = format!("smtp://mara:{SMTP_PASSWORD}@127.0.0.1:9");
        let launch = launch.env("FREEHOLD__MAIL__SMTP_URL", &smtp).env("FREEHOLD__LOG", "debug,sql=trace,h2=info");
        let node = launch.start();
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let (canaries, token) = plant(&node, &browser);
        let mut all = crawl::panel(&node, &browser);
        all.extend(crawl::api(&node, &browser, &token));
        for path in ["/", "/locked-0/", "/feed/", "/feed/json/", "/sitemap.xml", "/?s=canary", "/nowhere/"] {
            let body = visit(&node, path).1;
            all.push(Said { path: path.into(), content_type: String::new(), nosniff: true, body });
        }
        let metrics = browser.get("/metrics").text().unwrap();
        all.push(Said { path: "/metrics".into(), content_type: String::new(), nosniff: true, body: metrics });
        assert!(all.iter().any(|said| said.body.contains("Locked 0")), "the crawl sees what is there");
        let mut kept = Vec::new();
        files(node.data.path(), &mut kept);
        assert!(kept.iter().any(|(name, _)| name.ends_with("access.log")));
        let log = node.said();
        assert!(log.len() > 10_000, "the log talks");
        for canary in &canaries {
            assert!(!log.contains(&canary.words), "{} is in the log", canary.kind);
            for said in all.iter().filter(|said| !may_show(said, canary)) {
                assert!(!said.body.contains(&canary.words), "{} is at {}", canary.kind, said.path);
            }
            for (name, bytes) in &kept {
                assert!(!holds(bytes, &canary.words), "{} is in {name}", canary.kind);
            }
        }
    }
}
