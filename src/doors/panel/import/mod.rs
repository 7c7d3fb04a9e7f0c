//! Bringing in a WordPress site, step by step: choose a file, look what is in it, let it run, see what came of it.

pub mod choose;
pub mod follow;
pub mod parts;
pub mod upload;

use serde::Serialize;

/// The steps, in their order.
const STEPS: [&str; 4] = ["Choose", "Look", "Bring in", "Check"];

/// A step of the way.
#[derive(Serialize)]
struct Step {
    label: &'static str,
    state: &'static str,
    number: usize,
}

/// The steps where `now` is the one that the person is at.
fn steps(now: usize) -> Vec<Step> {
    let state = |at: usize| match at.cmp(&now) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "",
    };
    STEPS.iter().enumerate().map(|(at, label)| Step { label, state: state(at), number: at + 1 }).collect()
}

/// A size as people read it: `4.1 GB`.
fn size(bytes: u64) -> String {
    let unit = |by: u64| format!("{}.{}", bytes / by, bytes % by * 10 / by);
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", unit(1_000_000)),
        _ => format!("{} GB", unit(1_000_000_000)),
    }
}
