//! The real node is killed while several people work on files, on both databases; then it is started again.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use freehold_base::{Clock, Timestamp};
use freehold_platform::jobs::{self, JobFilter};
use freehold_store::{Actor, Store, StoreOptions, testing};
use reqwest::Method;
use serde_json::{Value, json};

use super::{FILES, begin, counts_exactly, orphans, program};
use crate::api::Program;
use crate::node::{Launch, Node};
use crate::support::until;

const WORKERS: usize = 3;
const BYTES: usize = 20_000;

/// One round of everything: `None` once the node is gone.
fn round(program: &Program, n: usize, acts: &AtomicUsize) -> Option<()> {
    let send = |method: Method, path: &str, body: Vec<u8>| {
        acts.fetch_add(1, Ordering::SeqCst);
        let (status, answer) = program.try_send(method, &format!("{FILES}{path}"), body).ok()?;
        assert!(status < 300, "{path}: {status} {answer}");
        Some(answer)
    };
    let post = |path: &str, body: Value| send(Method::POST, path, body.to_string().into_bytes());
    let whole = || vec![b'a' + (n % 26) as u8; BYTES];
    post("/folders", json!({"path": format!("w{n}/deep")}))?;
    send(Method::PUT, &format!("/content?path=w{n}/deep/whole.bin"), whole())?;
    post("/copy", json!({"path": format!("w{n}"), "to": format!("copy{n}")}))?;
    post("/move", json!({"path": format!("copy{n}"), "to": format!("moved{n}")}))?;
    post("/pack", json!({"paths": [format!("w{n}")], "archive": format!("w{n}.zip"), "exists": "keep_both"}))?;
    let ids = post("/trash", json!({"paths": [format!("moved{n}")]}))?;
    let id = ids["ids"][0].as_i64().unwrap();
    match n % 2 {
        0 => post(&format!("/trash/{id}/restore"), json!({}))?,
        _ => send(Method::DELETE, &format!("/trash/{id}"), Vec::new())?,
    };
    let upload = post("/uploads", json!({"path": format!("up{n}/whole.bin"), "bytes": BYTES}))?;
    let id = upload["id"].as_i64().unwrap();
    send(Method::PUT, &format!("/uploads/{id}?offset=0"), whole()[..9000].to_vec())?;
    send(Method::PUT, &format!("/uploads/{id}?offset=9000"), whole()[9000..].to_vec())?;
    post(&format!("/uploads/{id}/finish"), Value::Null)?;
    let site = json!({"account": 1, "title": format!("Site {n}"), "host": format!("s{n}.localhost"), "kind": "static"});
    acts.fetch_add(1, Ordering::SeqCst);
    let (status, answer) = program.try_send(Method::POST, "/api/v1/sites", site.to_string()).ok()?;
    assert!(status < 300, "{status} {answer}");
    Some(())
}

/// The database beside the node, or without it.
fn store(launch: &Launch) -> Store {
    let database_url = launch.database_url().to_owned();
    let options = StoreOptions { data: launch.data().to_owned(), database_url, readers: 2 };
    Store::open_beside(&options, Clock::system()).unwrap()
}

/// Waits until the node took up what fell, and tidied.
fn settle(store: &Store, since: Timestamp) {
    until("what fell is taken up", || {
        let all = store.read(&Actor::system(), |tx| jobs::search(tx, None, &JobFilter::default(), 0, 200)).unwrap();
        let now = Clock::system().now();
        let tidied = all.iter().any(|job| job.kind == "files.tidy" && job.state == "done" && job.ended_at >= since);
        let open = all.iter().any(|job| {
            let ours = job.kind.starts_with("files.") || job.kind == "site.begin";
            ours && (job.state == "running" || (job.state == "waiting" && job.run_at <= now))
        });
        tidied && !open
    });
}

/// Every file that is there is whole.
fn check_whole(home: &Path) {
    for entry in walkdir::WalkDir::new(home) {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name == "whole.bin" {
            let bytes = std::fs::read(path).unwrap();
            assert!(bytes.len() == BYTES && bytes.iter().all(|b| *b == bytes[0]), "{}", path.display());
        }
        if name.ends_with(".zip") {
            let bytes = std::fs::read(path).unwrap();
            assert!(bytes.len() > 22 && bytes[bytes.len() - 22..].starts_with(b"PK\x05\x06"), "{}", path.display());
            assert!(!name.contains('('), "an archive was made twice: {}", path.display());
        }
        if entry.depth() == 1 && (name.starts_with("copy") || name.starts_with("moved")) {
            assert!(path.join("deep/whole.bin").is_file(), "half of a folder: {}", path.display());
        }
    }
}

// rule: F2, F3
#[test]
fn f03_a_node_that_is_killed_among_files_leaves_no_orphan() {
    let times = if crate::support::full() { 60 } else { 5 };
    for launch in Launch::all() {
        let launch = launch.env("FREEHOLD__LOG", "warn");
        let mut node: Node = launch.start();
        let (_, mut program) = program(&node);
        let (next, acts) = (AtomicUsize::new(0), AtomicUsize::new(0));
        for turn in 0..times {
            std::thread::scope(|scope| {
                for _ in 0..WORKERS {
                    scope.spawn(|| while round(&program, next.fetch_add(1, Ordering::SeqCst), &acts).is_some() {});
                }
                // Any moment will do; these are spread over the acts, and within one.
                let enough = acts.load(Ordering::SeqCst) + 12 + turn * 17 % 40;
                until("they work", || acts.load(Ordering::SeqCst) >= enough);
                std::thread::sleep(Duration::from_millis((turn * 7 % 12) as u64));
                node.kill();
            });
            // A minute later: what the dead node was at is free (SQLite has one node and needs not wait).
            testing::execute(&store(&launch), "UPDATE jobs SET lease_until = 0 WHERE state = 'running'").unwrap();
            let since = Clock::system().now();
            node = launch.start();
            program = program.moved(&node);
            let store = store(&launch);
            settle(&store, since);
            let found = orphans::found(&store, &launch.data().join("accounts"));
            assert!(found.is_empty(), "turn {turn}:\n{}", found.join("\n"));
            check_whole(&launch.data().join("accounts/1/home"));
            counts_exactly(&program, &launch.data().join("accounts/1"));
        }
        // What broke off goes on.
        for n in 0..next.load(Ordering::SeqCst) {
            let home = launch.data().join("accounts/1/home");
            if !home.join(format!("up{n}/whole.bin")).exists() && home.join(format!("up{n}")).exists() {
                let (_, arrived) = begin(&program, &format!("up{n}/whole.bin"), BYTES as u64);
                assert!(matches!(arrived, 0 | 9000 | 20_000), "{arrived}");
            }
        }
        println!("{times} kills among {} acts, 0 orphans", acts.load(Ordering::SeqCst));
    }
}
