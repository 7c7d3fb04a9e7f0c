//! Security rule B3 at the panel: who sends too slowly, too much or nothing is let go.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::node::{Browser, Node};

/// Sends these bytes and reads until the server ends the connection; its answer.
fn raw(node: &Node, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(node.panel.replace("http://localhost", "127.0.0.1")).unwrap();
    stream.write_all(request).unwrap();
    let mut out = Vec::new();
    let _ = stream.read_to_end(&mut out); // a reset is an end too
    String::from_utf8_lossy(&out).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

// rule: B3
#[test]
fn b03_slow_and_large_requests_are_cut_and_others_are_served() {
    let node = Node::start("");
    let host = node.panel.replace("http://", "");
    let browser = Browser::of(&node);
    browser.set_up(&node);
    let form = format!("POST /admin/login HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: ");
    let count = if crate::support::full() { 50 } else { 10 };
    std::thread::scope(|scope| {
        let mut slow = Vec::new();
        for _ in 0..count {
            // Each of these would stay for ever if the server did not end it.
            slow.push(
                scope.spawn(|| assert_eq!(status(&raw(&node, format!("{form}500\r\n\r\nemail=").as_bytes())), 408)),
            );
            slow.push(
                scope.spawn(|| assert!(matches!(status(&raw(&node, b"GET /admin/login HTTP/1.1\r\nHo")), 0 | 408))),
            );
            slow.push(scope.spawn(|| assert_eq!(raw(&node, b""), "", "a client that says nothing")));
        }
        assert_eq!(browser.get("/admin/s/1").status(), 200, "served beside them");
        for one in slow {
            one.join().unwrap();
        }
    });
    let padded = |n: usize| {
        raw(
            &node,
            format!(
                "GET /admin/login HTTP/1.1\r\nHost: {host}\r\nX-Pad: {}\r\nConnection: close\r\n\r\n",
                "x".repeat(n)
            )
            .as_bytes(),
        )
    };
    assert_eq!(status(&padded(32 * 1024 - 200)), 200);
    assert_eq!(status(&padded(32 * 1024)), 431);
    // The largest form is 4096 kB: one more is refused, by its first byte too many.
    let limit = 4096 * 1000;
    let large = |n: usize| raw(&node, format!("{form}{n}\r\nConnection: close\r\n\r\n{}", "x".repeat(n)).as_bytes());
    assert_eq!(status(&large(limit)), 401, "read to its end: nobody has that address");
    assert!(matches!(status(&large(limit + 1)), 413 | 0));
}
