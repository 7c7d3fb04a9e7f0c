//! The real binary on free ports, and a browser without a screen.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

/// How to start the binary: its data, its database, its environment.
#[derive(Clone)]
pub struct Launch {
    data: Arc<tempfile::TempDir>,
    database_url: String,
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
    folder: Option<PathBuf>,
    listen: String,
    unprivileged: bool,
    small_disk: Option<u32>,
}

impl Launch {
    /// On a fresh data folder; an empty address means SQLite.
    pub fn new(database_url: &str) -> Self {
        Self {
            data: Arc::new(tempfile::tempdir().unwrap()),
            database_url: database_url.to_owned(),
            environment: Vec::new(),
            arguments: Vec::new(),
            folder: None,
            listen: "127.0.0.1:0".to_owned(),
            unprivileged: false,
            small_disk: None,
        }
    }
    /// One for each kind of database.
    pub fn all() -> Vec<Self> {
        let urls = std::iter::once(String::new()).chain(crate::support::fresh_postgres());
        urls.map(|url| Self::new(&url)).collect()
    }
    /// With a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }
    /// With a further argument.
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }
    /// On data that are there already, and go with the node.
    pub fn on(data: tempfile::TempDir, database_url: &str) -> Self {
        Self { data: Arc::new(data), ..Self::new(database_url) }
    }
    /// With its data somewhere else.
    pub fn at(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }
    /// With sites on this address.
    pub fn listen(mut self, address: &str) -> Self {
        self.listen = address.to_owned();
        self
    }
    /// Never as root, whoever runs the tests: root starts it in a user namespace in which it is somebody else, so that
    /// it owns its data all the same and the sources may lie anywhere.
    pub fn unprivileged(mut self) -> Self {
        self.unprivileged = true;
        self
    }
    /// With its data on a disk of its own, of so many MiB, that goes with the node. Others see it below
    /// [`Node::sees`].
    pub fn small_disk(mut self, mebibytes: u32) -> Self {
        self.small_disk = Some(mebibytes);
        self
    }
    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.as_deref().unwrap_or(self.data.path())
    }
    /// `postgres://…`, or empty.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }
    #[allow(clippy::disallowed_methods)] // a test of the program starts the program
    fn command(&self) -> Command {
        let panel = self.environment.iter().find(|(n, _)| n == "FREEHOLD_PANEL").map_or("127.0.0.1:0", |(_, v)| v);
        let binary = env!("CARGO_BIN_EXE_freehold");
        let mut command = if let Some(size) = self.small_disk {
            let script = format!("mount -t tmpfs -o size={size}m none \"$1\" && shift && exec \"$@\"");
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-root-user", "--mount", "--", "sh", "-c", &script, "sh"]);
            command.args([self.data().to_str().unwrap(), binary]);
            command
        } else if self.unprivileged && is_root() {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-user=1000", "--map-group=1000", "--", binary]);
            command
        } else {
            Command::new(binary)
        };
        command
            .args(["--data", self.data().to_str().unwrap(), "--listen", &self.listen, "--panel", panel])
            .args(["--database-url", &self.database_url])
            .args(&self.arguments)
            .env("FREEHOLD__PASSWORD__BCRYPT_COST", "4")
            .env("FREEHOLD__LIMITS__KEEP_FREE_PERCENT", "0") // the disk of a test machine may be full
            .env("FREEHOLD__LOG", "warn,sql=trace")
            // Doors to files are opened by the tests that go through them.
            .env("FREEHOLD__SFTP", "")
            .env("FREEHOLD__WEBDAV", "")
            .envs(self.environment.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        command
    }
    /// Starts it and waits until it listens.
    pub fn start(&self) -> Node {
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let mut lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut site = None;
        for line in lines.by_ref() {
            keep(&said, &line);
            if let Some((_, address)) = line.split_once("Sites on ") {
                site = Some(address.to_owned());
                break;
            }
        }
        let Some(site) = site else { panic!("it did not start: {}", said.lock().unwrap()) };
        // Somebody must read what the node goes on to say.
        let log = Arc::clone(&said);
        std::thread::spawn(move || lines.for_each(|line| keep(&log, &line)));
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let setup = line.trim().strip_prefix("Open ").expect("the set-up address").to_owned();
        let panel = setup.split("/admin").next().unwrap().to_owned();
        Node { child, panel, site, setup, said, data: Arc::clone(&self.data), database_url: self.database_url.clone() }
    }
    /// Starts what must refuse to start: its exit code and what it said on standard error.
    pub fn refused(&self) -> (i32, String) {
        let out = self.command().stdin(Stdio::null()).output().unwrap();
        (out.status.code().unwrap_or(-1), String::from_utf8_lossy(&out.stderr).into_owned())
    }
}

/// Whether the tests run as root.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

fn keep(said: &Mutex<String>, line: &str) {
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    said.push_str(line);
    said.push('\n');
}

/// The real binary on free ports with its own data; stopped when dropped.
pub struct Node {
    child: Child,
    /// Origin of the panel.
    pub panel: String,
    /// Origin of the first site.
    pub site: String,
    /// The set-up address; of a claimed server the panel's.
    pub setup: String,
    /// Its data folder.
    pub data: Arc<tempfile::TempDir>,
    /// Its database; empty for SQLite.
    pub database_url: String,
    said: Arc<Mutex<String>>,
}

impl Node {
    pub fn start(database_url: &str) -> Self {
        Launch::new(database_url).start()
    }
    /// With more environment, such as `("FREEHOLD__MAIL__SMTP_URL", "smtp://…")`.
    pub fn start_with(database_url: &str, env: &[(&str, &str)]) -> Self {
        env.iter().fold(Launch::new(database_url), |launch, (name, value)| launch.env(name, value)).start()
    }
    /// Everything it said on standard error so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// A path as the node sees it, that may have a disk of its own.
    pub fn sees(&self, path: &Path) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.pid(), path.display()))
    }
    /// Number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
    /// What a command of the program says beside it.
    pub fn command(&self, args: &[&str], stdin: &str) -> crate::cli::Said {
        crate::cli::run_in(self.data.path(), &self.database_url, args, stdin)
    }
    /// SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    /// Security rule C2 over the whole run: no statement on a tenant's table went out without its tenant.
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            let unscoped = crate::statements::unscoped(&self.said());
            assert!(unscoped.is_empty(), "statements that name no tenant:\n{}", unscoped.join("\n"));
        }
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
    /// The same browser, with its cookies, at a node that was started again.
    pub fn moved(&self, node: &Node) -> Self {
        Self { http: self.http.clone(), panel: node.panel.clone() }
    }
    pub fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.panel)).send().unwrap()
    }
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.try_post(path, form).unwrap()
    }
    /// As [`Browser::post`], where the node may be gone.
    pub fn try_post(&self, path: &str, form: &[(&str, &str)]) -> reqwest::Result<Response> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.panel) };
        self.http.post(url).header("sec-fetch-site", "same-origin").form(form).send()
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
    Launch::all().iter().map(Launch::start).collect()
}

/// What stands in a text after `before`, up to `after`.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let from = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    text[from..].split(after).next().unwrap()
}
