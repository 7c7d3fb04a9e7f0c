//! Dates in words, in the site's time zone and language.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Tz;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const SHORT: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment in the site's zone; the epoch for moments outside the calendar.
pub(crate) fn local(ms: i64, zone: Tz) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default().with_timezone(&zone)
}

/// `2026-11-20T08:06:00+01:00`, for machines.
pub(crate) fn machine(at: &DateTime<Tz>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// A date as `long` (20 November 2026), `medium` (20 Nov 2026), `short` (20 Nov), `day` (18 November), `full`
/// (Friday 20 November 2026), `time` (08:06), or a pattern of `%` letters. `word` translates names of months and days.
pub(crate) fn show<'a>(at: &DateTime<Tz>, format: &str, word: impl Fn(&'static str) -> &'a str) -> Option<String> {
    Some(match format {
        "long" => filled("date_long", "{day} {month} {year}", at, word),
        "medium" => filled("date_medium", "{day} {short} {year}", at, word),
        "short" => filled("date_short", "{day} {short}", at, word),
        "day" => filled("date_day", "{day} {month}", at, word),
        "full" => filled("date_full", "{weekday} {day} {month} {year}", at, word),
        "time" => at.format("%H:%M").to_string(),
        "iso" => machine(at),
        pattern => return strftime(at, pattern),
    })
}

/// The pattern of a language, or the usual one where it has none, with its names filled in.
fn filled<'a>(key: &'static str, usual: &'a str, at: &DateTime<Tz>, word: impl Fn(&'static str) -> &'a str) -> String {
    let named = word(key);
    let name = |names: &[&'static str], index: u32| word(names.get(index as usize).copied().unwrap_or_default());
    let mut out = String::with_capacity(32);
    let mut rest = if named == key { usual } else { named };
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (part, after) = after.split_once('}').unwrap_or((after, ""));
        // writing to a String does not fail
        let _ = match part {
            "day" => write!(out, "{}", at.day()),
            "year" => write!(out, "{}", at.year()),
            "month" => out.write_str(name(&MONTHS, at.month0())),
            "short" => out.write_str(name(&SHORT, at.month0())),
            "weekday" => out.write_str(name(&DAYS, at.weekday().num_days_from_monday())),
            _ => Ok(()),
        };
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A pattern of at most 64 bytes; none where it is not one.
fn strftime(at: &DateTime<Tz>, pattern: &str) -> Option<String> {
    use chrono::format::{Item, StrftimeItems};
    if pattern.len() > 64 {
        return None;
    }
    let items: Vec<Item<'_>> = StrftimeItems::new(pattern).collect();
    if items.iter().any(|i| matches!(i, Item::Error)) {
        return None;
    }
    Some(at.format_with_items(items.iter()).to_string())
}

/// The largest fitting unit of a distance: (count, unit), unit one of `minute hour day week month year`; count 0
/// below a minute.
pub(crate) fn distance(ms: i64) -> (i64, &'static str) {
    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    let ms = ms.saturating_abs();
    match ms {
        _ if ms < MINUTE => (0, "minute"),
        _ if ms < 60 * MINUTE => (ms / MINUTE, "minute"),
        _ if ms < DAY => (ms / (60 * MINUTE), "hour"),
        _ if ms < 7 * DAY => (ms / DAY, "day"),
        _ if ms < 30 * DAY => (ms / (7 * DAY), "week"),
        _ if ms < 365 * DAY => (ms / (30 * DAY), "month"),
        _ => (ms / (365 * DAY), "year"),
    }
}
