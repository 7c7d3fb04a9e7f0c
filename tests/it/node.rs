//! The real binary on free ports, and a browser without a screen.

use std::io::BufRead as _;
use std::process::{Child, Command, Stdio};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

/// The real binary on free ports with its own data; stopped when dropped.
pub struct Node {
    child: Child,
    /// Origin of the panel.
    pub panel: String,
    /// Origin of the first site.
    pub site: String,
    /// The set-up address.
    pub setup: String,
    /// Its data folder.
    pub data: tempfile::TempDir,
    /// Its database; empty for SQLite.
    pub database_url: String,
}

impl Node {
    pub fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[])
    }
    /// With more environment, such as `("FREEHOLD__MAIL__SMTP_URL", "smtp://…")`.
    pub fn start_with(database_url: &str, env: &[(&str, &str)]) -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), database_url, env)
    }
    /// On data that are there already.
    pub fn start_in(data: tempfile::TempDir, database_url: &str) -> Self {
        Self::start_on(data, database_url, &[])
    }
    #[allow(clippy::disallowed_methods)] // a test of the program starts the program
    fn start_on(data: tempfile::TempDir, database_url: &str, env: &[(&str, &str)]) -> Self {
        let panel = env.iter().find(|(name, _)| *name == "FREEHOLD_PANEL").map_or("127.0.0.1:0", |(_, v)| v);
        let mut child = Command::new(env!("CARGO_BIN_EXE_freehold"))
            .args(["--data", data.path().to_str().unwrap(), "--listen", "127.0.0.1:0", "--panel", panel])
            .args(["--database-url", database_url])
            .env("FREEHOLD__PASSWORD__BCRYPT_COST", "4")
            .env("FREEHOLD__LOG", "warn")
            .envs(env.iter().copied())
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
        Self { child, panel, site, setup, data, database_url: database_url.to_owned() }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: keeps cookies, follows nothing, tells where its requests come from.
pub struct Browser {
    /// What sends.
    pub http: Client,
    panel: String,
}

impl Browser {
    pub fn of(node: &Node) -> Self {
        let http = Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().build().unwrap();
        Self { http, panel: node.panel.clone() }
    }
    pub fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.panel)).send().unwrap()
    }
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.panel) };
        self.http.post(url).header("sec-fetch-site", "same-origin").form(form).send().unwrap()
    }
    pub fn set_up(&self, node: &Node) -> String {
        self.set_up_from(node, "journal")
    }
    /// Set-up from one of the four starts; gives the address of the first draft.
    pub fn set_up_from(&self, node: &Node, start: &str) -> String {
        let form = [
            ("start", start),
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

pub fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

pub fn visit(node: &Node, path: &str) -> (u16, String) {
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let answer = http.get(format!("{}{path}", node.site)).send().unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

pub fn nodes() -> Vec<Node> {
    let mut all = vec![Node::start("")];
    if let Some(url) = crate::support::fresh_postgres() {
        all.push(Node::start(&url));
    }
    all
}
