//! A disk that is full (security rule F5): the whole data folder lies on a small one of its own.

use std::io::{Read, Write as _};
use std::path::PathBuf;

use freehold_base::Clock;
use freehold_store::{Store, StoreOptions, testing};
use reqwest::Method;
use reqwest::blocking::Body;
use serde_json::{Value, json};

use super::{FILES, ask, begin, counts_exactly, program};
use crate::api::Program;
use crate::node::{Browser, Launch, Node, visit};
use crate::support::until;

const MIB: u64 = 1 << 20;
/// What the node never gives away.
const RESERVE: u64 = 64 * MIB;

struct Small {
    node: Node,
    browser: Browser,
    program: Program,
    /// Its data folder, as others see it.
    data: PathBuf,
}

impl Small {
    fn start() -> Self {
        let launch = Launch::new("").small_disk(176);
        let node = launch.start();
        let (browser, program) = program(&node);
        let data = node.sees(launch.data());
        Self { node, browser, program, data }
    }

    /// Somebody else fills the disk until so much is free.
    fn leave(&self, free: u64) {
        fill(&self.data, free);
    }

    fn free_again(&self) {
        std::fs::remove_file(self.data.join("ballast")).unwrap();
    }

    /// Nothing but what was there: no part, and the count is exact.
    fn is_clean(&self, names: &[&str]) {
        let account = self.data.join("accounts/1");
        until("parts are gone", || ["new", "jobs"].iter().all(|n| is_empty(&account.join("run").join(n))));
        let mut there: Vec<String> = std::fs::read_dir(account.join("home"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        there.sort();
        assert_eq!(there, names);
        counts_exactly(&self.program, &account);
    }

    /// Sends a body that the disk does not hold. The answer comes before the body is read to its end: a client that goes
    /// on writing may find the line closed first.
    fn is_refused(&self, method: Method, path: &str, body: impl Into<Body>) {
        match self.program.try_send(method, &format!("{FILES}{path}"), body) {
            Ok((status, answer)) => {
                assert_eq!((status, answer["code"].as_str()), (507, Some("disk_full")), "{answer}");
                assert!(answer["title"].as_str().unwrap().contains("Free some space"), "{answer}");
            }
            Err(e) => assert!(e.is_request() || e.is_body(), "{e:?}"),
        }
    }
}

fn is_empty(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

fn fill(data: &std::path::Path, free: u64) {
    let mut ballast = std::fs::OpenOptions::new().create(true).append(true).open(data.join("ballast")).unwrap();
    let block = vec![1_u8; 64 << 10];
    while ballast.write_all(&block).is_ok() {}
    let now = ballast.metadata().unwrap().len();
    ballast.set_len(now.saturating_sub(free)).unwrap();
}

/// A body in whose middle somebody else fills the disk to the last byte.
struct Filling {
    data: PathBuf,
    sent: u64,
    bytes: u64,
}

impl Read for Filling {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.sent >= 4 * MIB && !self.data.join("ballast").exists() {
            fill(&self.data, 0);
        }
        let count = into.len().min((self.bytes - self.sent) as usize);
        into[..count].fill(b'x');
        self.sent += count as u64;
        Ok(count)
    }
}

// rule: F5, F3. row: H077
#[test]
fn f05_on_a_full_disk_files_are_refused_in_words_and_nothing_is_half_done() {
    let small = Small::start();
    let film = vec![b'f'; 40 * MIB as usize];
    // In one request: refused in the middle, and gone.
    small.leave(RESERVE + 20 * MIB);
    small.is_refused(Method::PUT, "/content?path=whole.bin", film.clone());
    small.is_clean(&[]);
    // In pieces: what came stays, and goes on when there is room again.
    let (id, _) = begin(&small.program, "film.mp4", film.len() as u64);
    small.is_refused(Method::PUT, &format!("/uploads/{id}?offset=0"), film.clone());
    let (_, arrived) = begin(&small.program, "film.mp4", film.len() as u64);
    assert!(arrived > 0 && arrived < film.len() as u64, "{arrived}");
    small.is_clean(&[]);
    small.free_again();
    let path = format!("{FILES}/uploads/{id}?offset={arrived}");
    let rest = film[arrived as usize..].to_vec();
    assert_eq!(small.program.try_send(Method::PUT, &path, rest).unwrap().0, 200);
    ask(&small.program, Method::POST, &format!("/uploads/{id}/finish"), Value::Null);
    assert!(std::fs::read(small.data.join("accounts/1/home/film.mp4")).unwrap() == film);
    small.is_clean(&["film.mp4"]);
    // A copy.
    small.leave(RESERVE + 10 * MIB);
    let copy = json!({"path": "film.mp4", "to": "copy.mp4"});
    small.is_refused(Method::POST, "/copy", copy.to_string());
    small.is_clean(&["film.mp4"]);
    small.free_again();
    assert_eq!(small.program.with(Method::DELETE, &format!("{FILES}/content"), Value::Null).0, 405, "by the trash");
}

// rule: F5, F3. row: H079
#[test]
fn f05_on_a_full_disk_an_archive_waits_and_a_text_stays_as_it_was() {
    let small = Small::start();
    let put = |path: &str, bytes: Vec<u8>| {
        let path = format!("{FILES}/content?path={path}");
        assert_eq!(small.program.try_send(Method::PUT, &path, bytes).unwrap().0, 200, "{path}");
    };
    ask(&small.program, Method::POST, "/folders", json!({"path": "site"}));
    put("site/large.bin", vec![b'l'; 24 * MIB as usize]);
    put("notes.txt", b"as it was".to_vec());
    let state = |job: &Value| {
        let found = small.program.with(Method::GET, &format!("/api/v1/sites/1/jobs/{}", job["job"]), Value::Null).1;
        (found["state"].as_str().unwrap_or_default().to_owned(), found.to_string())
    };
    let packing = ask(&small.program, Method::POST, "/pack", json!({"paths": ["site"], "archive": "site.tar"}));
    until("it is packed", || state(&packing).0 == "done");
    small.leave(RESERVE + 4 * MIB);
    let unpacking = ask(&small.program, Method::POST, "/unpack", json!({"archive": "site.tar"}));
    until("it met the full disk", || state(&unpacking).1.contains("Free some space"));
    assert_eq!(state(&unpacking).0, "waiting", "it is tried again by itself");
    small.is_clean(&["notes.txt", "site", "site.tar"]);
    // The editor keeps what was typed, with the reason.
    let edit = small.browser.get("/admin/s/1/files/notes.txt?as=edit").text().unwrap();
    let etag = crate::node::between(&edit, "name=\"etag\" value=\"", "\"");
    let form = [("do", "save"), ("text", "what was typed"), ("etag", etag), ("encoding", "utf-8"), ("end", "lf")];
    small.leave(RESERVE - MIB);
    let answer = small.browser.post("/admin/s/1/files/notes.txt?as=edit", &form);
    let (status, page) = (answer.status().as_u16(), answer.text().unwrap());
    assert_eq!(status, 507, "{page}");
    assert!(page.contains("Free some space") && page.contains("what was typed"), "{page}");
    assert_eq!(std::fs::read(small.data.join("accounts/1/home/notes.txt")).unwrap(), b"as it was");
    small.is_clean(&["notes.txt", "site", "site.tar"]);
    // With room again, without a restart.
    small.free_again();
    assert_eq!(small.browser.post("/admin/s/1/files/notes.txt?as=edit", &form).status(), 303);
    assert_eq!(std::fs::read(small.data.join("accounts/1/home/notes.txt")).unwrap(), b"what was typed");
    until("the archive comes out by itself", || state(&unpacking).0 == "done");
    assert!(small.data.join("accounts/1/home/site (2)/site/large.bin").is_file());
}

// rule: F5
#[test]
fn f05_a_disk_that_fills_to_its_last_byte_takes_nothing_with_it() {
    let small = Small::start();
    let body = Filling { data: small.data.clone(), sent: 0, bytes: 14 * MIB };
    small.is_refused(Method::PUT, "/content?path=whole.bin", Body::sized(body, 14 * MIB));
    small.is_clean(&[]);
    small.leave(0); // what the part gave back, too
    assert_eq!(visit(&small.node, "/").0, 200, "pages go on");
    // More than the database has room for in what it has already.
    let words = "words that need room ".repeat(60_000);
    let post = [("title", "Long"), ("do", "publish"), ("source", "markdown"), ("markdown", words.as_str())];
    assert_eq!(small.browser.post("/admin/s/1/posts/new", &post).status(), 507);
    assert_eq!(visit(&small.node, "/long/").0, 404);
    small.free_again();
    assert_eq!(small.browser.post("/admin/s/1/posts/new", &post).status(), 303, "without a restart");
    assert_eq!(visit(&small.node, "/long/").0, 200);
    ask(&small.program, Method::POST, "/folders", json!({"path": "folder"}));
    small.is_clean(&["folder"]);
    // The database is whole.
    let copy = tempfile::tempdir().unwrap();
    for name in ["freehold.db", "freehold.db-wal"] {
        std::fs::copy(small.data.join(name), copy.path().join(name)).unwrap();
    }
    let options = StoreOptions { data: copy.path().to_owned(), database_url: String::new(), readers: 1 };
    let store = Store::open(&options, Clock::system()).unwrap();
    assert_eq!(testing::faults(&store).unwrap(), "");
}
