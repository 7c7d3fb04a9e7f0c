//! Jobs in plain words.

use freehold_base::text::grouped;
use freehold_platform::jobs::{self, Job};
use freehold_platform::sites::domains::{CHECK, WATCH};
use freehold_platform::sites::names;
use freehold_publishing::import::Report;
use serde_json::Value;

use crate::panel::media::view::size_text;

/// What each kind does.
const TITLES: &[(&str, &str)] = &[
    ("accounts.bulk", "Change accounts from a table"),
    ("entry.publish", "Publish a scheduled post"),
    ("trash.empty", "Empty the old trash"),
    ("mail.send", "Send a mail"),
    ("mail.reset", "Mail a link for a new password"),
    ("upkeep", "Tidy up"),
    ("accounts.warn", "Tell owners how much of their plan is used"),
    ("accounts.purge", "End closed accounts whose time is over"),
    ("audit.verify", "Check the audit log"),
    ("site.begin", "Lay the folder of a new site"),
    ("site.carry", "Bring a site\u{2019}s files to its new account"),
    ("domain.watch", "Look whether a domain points here"),
    ("domain.check", "Look at a domain\u{2019}s health"),
    ("domain.nightly", "Look at all domains"),
    ("media.sweep", "Delete an unused file"),
    ("addresses.renew", "Move addresses to a new pattern"),
    ("import.look", "Look into a WordPress export"),
    ("import.wxr", "Import from WordPress"),
    ("theme.install", "Install a theme"),
    ("design.publish", "Let a design go live"),
    ("files.pack", "Make an archive"),
    ("files.unpack", "Unpack an archive"),
    ("files.follow", "Let versions follow a moved text"),
    ("files.tidy", "Tidy the files of accounts"),
    ("files.recount", "Compare the space used with the disk"),
];

/// What a kind does, in words; the kind itself where there are none.
pub fn title(kind: &str) -> String {
    TITLES.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, words)| words).to_owned()
}

/// What a job does, with the domain it is about.
pub fn title_of(job: &Job) -> String {
    let host = names::shown(&jobs::about(job));
    match job.kind.as_str() {
        WATCH if !host.is_empty() => format!("Look whether {host} points here"),
        CHECK if !host.is_empty() => format!("Look at the health of {host}"),
        kind => title(kind),
    }
}

/// Kinds whose name or words hold the text, and the text itself as a kind.
pub fn kinds(text: &str) -> Vec<String> {
    let wanted = text.trim().to_lowercase();
    let fits = |(kind, words): &&(&str, &str)| kind.contains(&wanted) || words.to_lowercase().contains(&wanted);
    TITLES.iter().filter(fits).map(|(kind, _)| (*kind).to_owned()).chain([wanted.clone()]).collect()
}

/// A state as people read it, its tone and its icon.
pub fn state(state: &str) -> (&'static str, &'static str, &'static str) {
    match state {
        "waiting" => ("Waiting", "", "clock"),
        "paused" => ("Paused", "ring", "pause"),
        "running" => ("Running", "info", "refresh-cw"),
        "done" => ("Done", "good", "circle-check"),
        "failed" => ("Failed", "bad", "circle-x"),
        _ => ("Stopped", "warn", "ban"),
    }
}

/// Percent done; nothing while the whole is unknown.
pub fn progress(done: i64, total: i64) -> Option<i64> {
    (total > 0).then(|| (done.clamp(0, total)).saturating_mul(100) / total)
}

/// How far it is: `1,204 of 5,000`; work on files is told in their sizes.
pub fn step(kind: &str, state: &str, done: i64, total: i64) -> String {
    let count = if kind.starts_with("files.") { size_text } else { grouped::<i64> };
    match (state, total) {
        ("running", 1..) => format!("{} of {}", count(done.min(total)), count(total)),
        ("running", _) => "Working".to_owned(),
        ("waiting", _) => "Waiting for its turn".to_owned(),
        (other, _) => self::state(other).0.to_owned(),
    }
}

/// A message as a sentence: the first letter is large.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A length of time: `40 ms`, `0.3 s`, `12 s`, `3 min 4 s`, `2 h 5 min`.
pub fn span(ms: i64) -> String {
    match ms {
        ..0 => "0 ms".to_owned(),
        0..100 => format!("{ms} ms"),
        100..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        10_000..60_000 => format!("{} s", ms / 1000),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// How long a job took; empty where it never ended.
pub fn took(job: &Job) -> String {
    if job.ended_at.ms() == 0 || job.started_at.ms() == 0 {
        return String::new();
    }
    span(job.ended_at.ms() - job.started_at.ms())
}

/// What came of a job, in words; empty where there is nothing to say.
pub fn result(job: &Job) -> String {
    if job.state == "failed" || (job.state == "waiting" && job.attempts > 0) || job.state == "cancelled" {
        return job.message.clone();
    }
    if job.state != "done" {
        return String::new();
    }
    if job.kind.starts_with("import.") {
        return serde_json::from_str::<Report>(&job.result).map(|report| imported(&report)).unwrap_or_default();
    }
    let report: Value = serde_json::from_str(&job.result).unwrap_or_default();
    if let (true, Some(path)) = (job.kind.starts_with("files."), report.get("path").and_then(Value::as_str)) {
        return if path.is_empty() { "It is done.".to_owned() } else { format!("It lies at {path}.") };
    }
    if job.kind == freehold_publishing::gallery::jobs::INSTALL {
        let text = |name: &str| report.get(name).and_then(Value::as_str).unwrap_or_default();
        return format!("{} {} is installed.", text("title"), text("version"));
    }
    let number = |name: &str| report.get(name).and_then(Value::as_i64);
    if let (WATCH, Some(points)) = (job.kind.as_str(), report.get("points").and_then(Value::as_str)) {
        return points_words(points).to_owned();
    }
    match (job.kind.as_str(), number("deleted"), number("rows")) {
        ("audit.verify", _, Some(rows)) => format!("{} rows, all whole", grouped(rows)),
        ("domain.check", ..) => match number("bad") {
            Some(0) => "All is well".to_owned(),
            Some(n) => format!("{} not well", grouped(n)),
            None => String::new(),
        },
        ("domain.nightly", ..) => match (number("checked"), number("unwell")) {
            (Some(checked), Some(unwell)) => format!("{} looked at, {} not well", grouped(checked), grouped(unwell)),
            _ => String::new(),
        },
        (_, Some(0), _) => "Nothing to delete".to_owned(),
        (_, Some(deleted), _) => format!("{} deleted", grouped(deleted)),
        _ => String::new(),
    }
}

/// Where a name leads, as a look found it.
fn points_words(points: &str) -> &'static str {
    match points {
        "here" => "It points here",
        "partly" => "It points here in part",
        "elsewhere" => "It leads elsewhere",
        _ => "It leads nowhere yet",
    }
}

fn imported(report: &Report) -> String {
    let total = report.total();
    match report.dry_run {
        true => format!("{} things found", grouped(total.found)),
        false => format!(
            "{} new, {} changed, {} as before, {} left out",
            grouped(total.made),
            grouped(total.changed),
            grouped(total.unchanged),
            grouped(total.skipped)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_say_them() {
        assert_eq!(
            [40, 250, 12_000, 184_000, 7_500_000].map(span),
            ["40 ms", "0.2 s", "12 s", "3 min 4 s", "2 h 5 min"]
        );
        assert_eq!(step("import.wxr", "running", 1204, 5000), "1,204 of 5,000");
        assert_eq!(step("files.pack", "running", 1_200_000, 5_000_000), "1.2 MB of 5.0 MB");
        assert_eq!((progress(1204, 5000), progress(3, 0), progress(9, 5)), (Some(24), None, Some(100)));
        assert_eq!(sentence("the disk is full"), "The disk is full");
    }

    #[test]
    fn a_search_finds_kinds_by_their_words() {
        assert!(kinds("mail").contains(&"mail.send".to_owned()));
        assert!(kinds("WordPress").contains(&"import.wxr".to_owned()));
        assert_eq!(kinds("no such thing"), ["no such thing"]);
    }
}
