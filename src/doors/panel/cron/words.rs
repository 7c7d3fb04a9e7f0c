//! States and choices in words.

use freehold_hosting::cron::work::spoken;
use serde::Serialize;

/// A state: word and tone.
pub fn state(state: &str) -> (&'static str, &'static str) {
    match state {
        "waiting" => ("Waits", "ring"),
        "running" => ("Running", "info"),
        "done" => ("Went well", "good"),
        "failed" => ("Failed", "bad"),
        "timed_out" => ("Took too long", "bad"),
        "stopped" => ("Stopped", "warn"),
        "skipped" => ("Skipped", "warn"),
        "interrupted" => ("Interrupted", "warn"),
        _ => ("Not yet", "ring"),
    }
}

/// An entry of a select.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: String,
    label: String,
}

/// One choice.
pub fn choice(value: impl ToString, label: impl Into<String>) -> Choice {
    Choice { value: value.to_string(), label: label.into() }
}

/// Lengths of time in seconds to choose from; the one that is set is always there.
pub fn lengths(none: &str, known: &[i64], set: i64) -> Vec<Choice> {
    let mut all: Vec<i64> = known.to_vec();
    if !all.contains(&set) {
        all.push(set);
        all.sort_unstable();
    }
    let words = |s: i64| match s {
        0 => none.to_owned(),
        s => spoken(std::time::Duration::from_secs(s.unsigned_abs())),
    };
    all.into_iter().map(|s| choice(s, words(s))).collect()
}

/// A length of time that a run took.
pub fn took(ms: i64) -> String {
    match ms {
        ..1000 => format!("{} ms", ms.max(0)),
        1000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => spoken(std::time::Duration::from_millis(ms.unsigned_abs())),
    }
}

/// How overlaps are dealt with.
pub const OVERLAP: &[(&str, &str)] =
    &[("skip", "Skip the new run"), ("queue", "Wait for the old one, then run"), ("kill", "End the old one, then run")];

/// When mail is sent.
pub const MAIL: &[(&str, &str)] =
    &[("failure", "When it fails"), ("change", "When something is not as the time before"), ("never", "Never")];

/// The label of a value.
pub fn label(of: &[(&str, &'static str)], value: &str) -> &'static str {
    of.iter().find(|(v, _)| *v == value).map_or("", |(_, label)| label)
}

/// A table as choices.
pub fn choices(of: &[(&str, &str)]) -> Vec<Choice> {
    of.iter().map(|(value, label)| choice(value, *label)).collect()
}
