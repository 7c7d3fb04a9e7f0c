//! The main way through the real binary: set-up, sign-in, write, publish, read; what strangers may not do.

use std::io::BufRead as _;
use std::process::{Child, Command, Stdio};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

/// The real binary on free ports with its own data; stopped when dropped.
struct Node {
    child: Child,
    panel: String,
    site: String,
    setup: String,
    _data: tempfile::TempDir,
}

impl Node {
    #[allow(clippy::disallowed_methods)] // a test of the program starts the program
    fn start(database_url: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_freehold"))
            .args(["--data", data.path().to_str().unwrap(), "--listen", "127.0.0.1:0", "--panel", "127.0.0.1:0"])
            .args(["--database-url", database_url])
            .env("FREEHOLD__PASSWORD__BCRYPT_COST", "4")
            .env("FREEHOLD__LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = std::io::BufReader::new(child.stderr.take().unwrap());
        let mut site = String::new();
        let mut lines = errors.lines();
        for line in lines.by_ref() {
            let line = line.unwrap();
            if let Some((_, address)) = line.split_once("Sites on ") {
                site = address.to_owned();
                break;
            }
        }
        // Somebody must read what the node goes on to say.
        std::thread::spawn(move || lines.for_each(drop));
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let setup = line.trim().strip_prefix("Open ").expect("the set-up address").to_owned();
        let panel = setup.split("/admin").next().unwrap().to_owned();
        Self { child, panel, site, setup, _data: data }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: keeps cookies, follows nothing, tells where its requests come from.
struct Browser {
    http: Client,
    panel: String,
}

impl Browser {
    fn of(node: &Node) -> Self {
        let http = Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().build().unwrap();
        Self { http, panel: node.panel.clone() }
    }
    fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.panel)).send().unwrap()
    }
    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.panel) };
        self.http.post(url).header("sec-fetch-site", "same-origin").form(form).send().unwrap()
    }
    fn set_up(&self, node: &Node) -> String {
        let form = [
            ("site_title", "Harbour & Pine"),
            ("email", "mara@example.org"),
            ("password", "grey-gull-over-the-quay"),
            ("time_zone", "Europe/Stockholm"),
        ];
        let answer = self.post(&node.setup, &form);
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        location(&answer)
    }
}

fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn visit(node: &Node, path: &str) -> (u16, String) {
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let answer = http.get(format!("{}{path}", node.site)).send().unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

fn nodes() -> Vec<Node> {
    let mut all = vec![Node::start("")];
    if let Some(url) = crate::support::fresh_postgres() {
        all.push(Node::start(&url));
    }
    all
}

// row: CM01, OP01
#[test]
fn from_the_set_up_address_to_a_page_that_visitors_read() {
    for node in nodes() {
        let browser = Browser::of(&node);
        assert_eq!(browser.get(node.setup.strip_prefix(&node.panel).unwrap()).status(), 200);
        let editor = browser.set_up(&node);
        assert!(editor.starts_with("/admin/s/1/posts/"), "{editor}");
        assert_eq!(browser.get(node.setup.strip_prefix(&node.panel).unwrap()).status(), 404, "the link works once");

        assert_eq!(visit(&node, "/hello-from-harbour-pine/").0, 404, "a draft is nobody's business");
        let form = [
            ("title", "Fresh bread"),
            ("slug", "fresh-bread"),
            ("version", "1"),
            ("do", "publish"),
            ("source", "markdown"),
            ("markdown", "From the **oven** <script>alert(1)</script>"),
        ];
        let saved = browser.post(&editor, &form);
        assert_eq!(saved.status(), 303, "{}", saved.text().unwrap());
        assert!(location(&saved).ends_with("done=published"));
        let (status, page) = visit(&node, "/fresh-bread/");
        assert_eq!(status, 200);
        assert!(page.contains("<strong>oven</strong>") && !page.contains("<script>alert"), "{page}");
        assert!(visit(&node, "/").1.contains("Fresh bread"));
        assert!(visit(&node, "/feed/").1.contains("Fresh bread"));
        assert!(visit(&node, "/?s=oven").1.contains("Fresh bread"));

        // row: CM21. An edit is there on the next request; the old address leads to the new one.
        let form = [("title", "Old bread"), ("slug", "old-bread"), ("version", "2"), ("do", "publish")];
        assert_eq!(browser.post(&editor, &form).status(), 303);
        assert!(visit(&node, "/").1.contains("Old bread"), "the cache forgot the old page");
        assert_eq!(visit(&node, "/fresh-bread/").0, 301);
        assert_eq!(visit(&node, "/old-bread/").0, 200);

        // Two tabs: the second one does not win in silence, and what it typed comes back.
        let late = browser.post(&editor, &[("title", "Late words"), ("version", "2"), ("do", "save")]);
        assert_eq!(late.status(), 409);
        assert!(late.text().unwrap().contains("Late words"));

        // row: CM17. To the trash and back to the same address.
        let id = editor.rsplit('/').next().unwrap().to_owned();
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{id}/trash"), &[]).status(), 303);
        assert_eq!(visit(&node, "/old-bread/").0, 404);
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{id}/restore"), &[]).status(), 303);
        assert_eq!(visit(&node, "/old-bread/").0, 200);
    }
}

// rule: C7, B1, C1
#[test]
fn c07_a_foreign_origin_changes_nothing_and_a_stranger_sees_nothing() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let http = &browser.http;
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("origin", "null"),
            ("origin", "http://evil.example"),
            ("x-nothing", "1"),
        ] {
            let answer =
                http.post(format!("{}{editor}", node.panel)).header(name, value).form(&[("title", "x")]).send();
            assert_eq!(answer.unwrap().status(), 403, "{name}: {value}");
        }
        for host in ["evil.example", "localhost", "127.0.0.1:1"] {
            let answer = http.get(format!("{}/admin/login", node.panel)).header("host", host).send().unwrap();
            assert_eq!(answer.status(), 421, "{host}");
        }
        let stranger = Browser::of(&node);
        for path in ["/admin", "/admin/s/1", "/admin/s/1/posts", editor.as_str()] {
            let answer = stranger.get(path);
            assert_eq!(
                (answer.status().as_u16(), location(&answer).starts_with("/admin/login")),
                (303, true),
                "{path}"
            );
        }
        assert_eq!(browser.get("/admin/s/99/posts").status(), 404);
    }
}

// rule: C5
#[test]
fn c05_unknown_and_wrong_get_the_same_answer() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        let try_in = |email: &str, password: &str| {
            let answer = Browser::of(&node).post("/admin/login", &[("email", email), ("password", password)]);
            (answer.status().as_u16(), answer.text().unwrap().contains("E-mail and password do not match"))
        };
        assert_eq!(try_in("mara@example.org", "wrong-password"), (401, true));
        assert_eq!(try_in("nobody@example.org", "wrong-password"), (401, true));
        let browser = Browser::of(&node);
        let right = [("email", "mara@example.org"), ("password", "grey-gull-over-the-quay")];
        assert_eq!(browser.post("/admin/login", &right).status(), 303);
        assert_eq!(browser.get("/admin/s/1").status(), 200);
        assert_eq!(browser.post("/admin/logout", &[]).status(), 303);
        assert_eq!(browser.get("/admin/s/1").status(), 303, "signed out");
    }
}

// rule: B7
#[test]
fn b07_panel_pages_carry_the_policy_headers() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        for path in ["/admin/login", "/admin/s/1", "/admin/s/1/posts", "/nothing"] {
            let answer = browser.get(path);
            let header =
                |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
            assert!(header("content-security-policy").contains("default-src 'none'"), "{path}");
            assert!(!header("content-security-policy").contains("unsafe-inline"), "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
}
