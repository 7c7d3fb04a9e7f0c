//! Whole nodes that are killed, and disks that are full, while people work on files. What one step leaves behind is
//! looked at in `src/hosting/tests/crash`.

mod disk;
mod killed;
mod line;
#[path = "../../../src/hosting/tests/crash/orphans.rs"]
mod orphans;

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::Program;
use crate::node::{Browser, Node};

/// What a program needs that works on files and makes sites.
const SCOPES: &[&str] = &["site.read", "files.read", "files.write", "account.read", "account.sites"];
const FILES: &str = "/api/v1/sites/1/files";

fn program(node: &Node) -> (Browser, Program) {
    let browser = Browser::of(node);
    browser.set_up(node);
    let program = Program::new(node, &browser, SCOPES, "");
    (browser, program)
}

/// Asks for something that must work.
fn ask(program: &Program, method: Method, path: &str, body: Value) -> Value {
    let (status, answer) = program.with(method, &format!("{FILES}{path}"), body);
    assert!(status < 300, "{path}: {status} {answer}");
    answer
}

/// What the node counts for the account is what its disk holds.
fn counts_exactly(program: &Program, folder: &Path) {
    let room = program.try_send(Method::GET, &format!("{FILES}/room"), "").unwrap().1;
    let (mut bytes, mut files) = (0, 0);
    for entry in walkdir::WalkDir::new(folder).min_depth(2) {
        let entry = entry.unwrap();
        let about = entry.metadata().unwrap();
        bytes += if about.is_file() { about.len() } else { 0 };
        files += 1;
    }
    files -= 3; // new, uploads and jobs in run are there for everybody
    let counted = (room["used_bytes"].as_u64(), room["used_files"].as_u64());
    assert_eq!(counted, (Some(bytes), Some(files)), "counted, on the disk");
}

/// Begins an upload in pieces, or finds it again: its id and how much of it is there.
fn begin(program: &Program, path: &str, bytes: u64) -> (i64, u64) {
    let begun = ask(
        program,
        Method::POST,
        "/uploads",
        json!({"path": path, "bytes": bytes, "exists": "replace", "fingerprint": "as of 1"}),
    );
    (begun["id"].as_i64().unwrap(), begun["offset"].as_u64().unwrap())
}
