//! Lines that break.

use std::io::Write as _;
use std::net::TcpStream;

use reqwest::Method;
use serde_json::Value;

use super::{FILES, ask, begin, counts_exactly, program};
use crate::node::nodes;
use crate::support::until;

const BYTES: usize = 5_000_000;

/// Sends a request whose body stops at 62 %; the line breaks when it is dropped.
fn stop_short(panel: &str, token: &str, path: &str, body: &[u8]) -> TcpStream {
    let host = panel.trim_start_matches("http://");
    let mut line = TcpStream::connect(host.replace("localhost", "127.0.0.1")).unwrap();
    let head = format!(
        "PUT {FILES}{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    line.write_all(head.as_bytes()).unwrap();
    line.write_all(&body[..body.len() * 62 / 100]).unwrap();
    line.flush().unwrap();
    line
}

// row: H077
#[test]
fn h077_an_upload_whose_line_breaks_at_62_percent_goes_on_there() {
    for node in nodes() {
        let (_, program) = program(&node);
        let account = node.data.path().join("accounts/1");
        let body: Vec<u8> = (0..BYTES).map(|n| (n % 251) as u8).collect();
        let (id, _) = begin(&program, "film.mp4", BYTES as u64);
        let line = stop_short(&node.panel, program.token(), &format!("/uploads/{id}?offset=0"), &body);
        let arrived = || begin(&program, "film.mp4", BYTES as u64).1;
        until("most of what was sent is there", || arrived() > BYTES as u64 / 2);
        drop(line);
        assert!(!account.join("home/film.mp4").exists(), "a part is never seen");
        // As a client does: it asks where to go on, and asks again where the last bytes came meanwhile.
        until("the rest is there", || {
            let at = arrived();
            assert!(at > BYTES as u64 / 2 && at <= (BYTES * 62 / 100) as u64, "{at}");
            let path = format!("{FILES}/uploads/{id}?offset={at}");
            // A piece that comes too early is refused, perhaps before all of it is sent.
            program.try_send(Method::PUT, &path, body[at as usize..].to_vec()).is_ok_and(|(status, _)| status == 200)
        });
        ask(&program, Method::POST, &format!("/uploads/{id}/finish"), Value::Null);
        assert!(std::fs::read(account.join("home/film.mp4")).unwrap() == body, "whole, byte for byte");
        counts_exactly(&program, &account);
    }
}

// row: H077
#[test]
fn h077_of_a_file_in_one_request_whose_line_breaks_nothing_is_left() {
    for node in nodes() {
        let (_, program) = program(&node);
        let account = node.data.path().join("accounts/1");
        let body = vec![7; BYTES];
        let line = stop_short(&node.panel, program.token(), "/content?path=film.mp4", &body);
        let parts = || std::fs::read_dir(account.join("run/new")).map_or(0, Iterator::count);
        until("a part is there", || parts() > 0);
        drop(line);
        until("its part is gone", || parts() == 0);
        assert!(!account.join("home/film.mp4").exists());
        counts_exactly(&program, &account);
    }
}
