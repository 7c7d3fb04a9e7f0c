//! Sites made of files, and the rules before every kind of site, as browsers and raw sockets see them (rows H034, H047,
//! H048, H049, H139, H027, H028).

mod paths;
mod rules;
mod sending;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use freehold_base::canon_path::CanonPath;
use freehold_base::{Capability, HostName, SiteId};
use freehold_hosting::files::is_kept_back;
use freehold_platform::sites::rules::{self as site_rules, RedirectInput};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::{Actor, testing};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

use crate::cli::run_in;
use crate::node::{Browser, Launch, Node, between, location};
use crate::support::{stores, until};

/// A node with a site of files at `files.localhost`.
struct Files {
    node: Node,
    http: Client,
    root: PathBuf,
}

impl Files {
    fn start(launch: &Launch) -> Self {
        let node = launch.start();
        Browser::of(&node).set_up(&node);
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let root = node.data.path().join("accounts/1/home/files.localhost/public");
        let all = Self { node, http, root };
        all.run(&["site", "create", "--kind", "static", "--title", "Files & more", "--host", "files.localhost"]);
        until("the first page", || all.get("/").status() == 200);
        all
    }
    fn new() -> Self {
        Self::start(&Launch::new(""))
    }
    fn run(&self, args: &[&str]) -> String {
        self.run_with(args, "")
    }
    fn run_with(&self, args: &[&str], stdin: &str) -> String {
        let said = run_in(self.node.data.path(), &self.node.database_url, args, stdin);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.out
    }
    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
    fn get(&self, path: &str) -> Response {
        self.get_with(path, &[])
    }
    fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.get(format!("{}{path}", self.node.site)).header("host", "files.localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().unwrap()
    }
    fn status(&self, path: &str) -> u16 {
        self.get(path).status().as_u16()
    }
    /// Bytes as they are, on a connection of their own; what the server answers until it closes.
    fn raw(&self, request: &str) -> Vec<u8> {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut out = Vec::new();
        let _ = stream.read_to_end(&mut out); // a cut connection is an answer too
        out
    }
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.node.site.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// The status of an answer, and what follows its head.
fn parsed(answer: &[u8]) -> (u16, &[u8]) {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a whole head") + 4;
    let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    (status, &answer[end..])
}
