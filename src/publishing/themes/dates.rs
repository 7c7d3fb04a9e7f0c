//! Dates in words, in the site's time zone and language.

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

/// A moment in the site's zone; the epoch for moments outside the calendar.
fn local(ms: i64, zone: Tz) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default().with_timezone(&zone)
}

/// `2026-11-20T08:06:00+01:00`, for machines.
pub(crate) fn machine(ms: i64, zone: Tz) -> String {
    local(ms, zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// A date as `long` (20 November 2026), `medium` (20 Nov 2026), `short` (20 Nov), `day` (18 November), `full`
/// (Friday 20 November 2026), `time` (08:06), or a pattern of `%` letters. `word` translates names of months and days.
pub(crate) fn show(ms: i64, zone: Tz, format: &str, word: impl Fn(&'static str) -> String) -> Option<String> {
    let at = local(ms, zone);
    let month = word(MONTHS.get(at.month0() as usize).copied().unwrap_or_default());
    let short: String = month.chars().take(3).collect();
    let (day, year) = (at.day(), at.year());
    Some(match format {
        "long" => format!("{day} {month} {year}"),
        "medium" => format!("{day} {short} {year}"),
        "short" => format!("{day} {short}"),
        "day" => format!("{day} {month}"),
        "full" => {
            let name = word(DAYS.get(at.weekday().num_days_from_monday() as usize).copied().unwrap_or_default());
            format!("{name} {day} {month} {year}")
        }
        "time" => at.format("%H:%M").to_string(),
        "iso" => machine(ms, zone),
        pattern => return strftime(&at, pattern),
    })
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
