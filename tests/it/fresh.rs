//! A change is seen by the next visitor, however many ask at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::node::{Browser, nodes, visit};
use crate::support::full;

/// Visitors who ask all the time.
const CROWD: usize = 4;

// row: OP07. `./test --full` makes the 1,000 rounds; the short run makes 40.
#[test]
fn no_answer_is_older_than_the_last_save() {
    let rounds = if full() { 1000 } else { 40 };
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let save = |title: &str, version: i64| {
            let form = [("title", title), ("slug", "news"), ("version", &version.to_string()), ("do", "publish")];
            let saved = browser.post(&editor, &form);
            assert_eq!(saved.status(), 303, "{}", saved.text().unwrap());
        };
        save("Round 0 of news", 1);
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let crowd: Vec<_> = (0..CROWD)
            .map(|n| {
                let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
                let url = format!("{}{}", node.site, ["/", "/news/", "/feed/", "/category/journal/"][n % 4]);
                std::thread::spawn(move || {
                    let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
                    while !stop.load(Ordering::Relaxed) {
                        let answer = http.get(&url).send().unwrap();
                        assert_eq!(answer.status(), 200, "{url}: {}", answer.text().unwrap());
                        asked.fetch_add(1, Ordering::Relaxed);
                        // What is asked here is whether answers are fresh, not how many there are: visitors who never
                        // pause take both cores, and on virtual machines the kernel's own threads then wait for many
                        // seconds, the one that hands writes to the disk among them.
                        std::thread::park_timeout(std::time::Duration::from_millis(5));
                    }
                })
            })
            .collect();
        for round in 1..=rounds {
            let title = format!("Round {round} of news");
            save(&title, round + 1);
            for page in ["/news/", "/", "/feed/"] {
                let (status, text) = visit(&node, page);
                assert!(status == 200 && text.contains(&title), "{page} is older than round {round}: {status} {text}");
            }
        }
        stop.store(true, Ordering::Relaxed);
        for visitor in crowd {
            visitor.join().unwrap();
        }
        // Each visitor was there from the first round to the last, or an answer of theirs was wrong.
        assert!(asked.load(Ordering::Relaxed) >= CROWD as u64, "everybody of the crowd asked");
    }
}
