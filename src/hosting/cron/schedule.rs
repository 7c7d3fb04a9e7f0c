//! When something runs: five fields in a time zone. Pure but for the tables of time zones.

use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use freehold_base::{Code, Error, Result, Timestamp};

use super::words;

/// The longest schedule that is read.
const MAX: usize = 120;
/// A schedule that does not come within so many years never does, for people.
const HORIZON_MS: i64 = 9 * 366 * 86_400_000;

/// A time zone by its name; UTC where it is empty.
///
/// # Errors
/// `Invalid("time_zone")`.
pub fn zone(name: &str) -> Result<Tz> {
    match name.trim() {
        "" => Ok(Tz::UTC),
        name => name.parse().map_err(|_| {
            Error::invalid("time_zone", Code::NotAllowed, "a name of the time zone list, such as Europe/Stockholm")
        }),
    }
}

/// A schedule that was understood.
#[derive(Clone, Debug)]
pub struct Schedule {
    fields: String,
    cron: Cron,
    zone: Tz,
}

impl Schedule {
    /// From words or from five fields.
    ///
    /// # Errors
    /// `Invalid("schedule")`.
    pub fn parse(text: &str, zone: Tz) -> Result<Self> {
        let wrong = |why: &str| Error::invalid("schedule", Code::Malformed, why.to_owned());
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid("schedule", Code::Required, ""));
        }
        if text.len() > MAX {
            return Err(Error::invalid("schedule", Code::TooLong, MAX.to_string()));
        }
        let typed = text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        let fields = words::to_fields(text).unwrap_or_else(|| of_nickname(&typed).map_or(typed.clone(), str::to_owned));
        if fields.split(' ').count() != 5 {
            return Err(wrong(
                "words such as \u{201c}Every weekday at 07:30\u{201d}, or five fields such as 30 7 * * 1-5",
            ));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(&fields).map_err(|e| wrong(&format!("five fields; {}", said(&e))))?;
        Ok(Self { fields, cron, zone })
    }

    /// The five fields.
    pub fn fields(&self) -> &str {
        &self.fields
    }

    /// In words.
    pub fn words(&self) -> String {
        words::of_fields(&self.fields).unwrap_or_else(|| self.cron.describe())
    }

    /// The first moment after `at`; none where it never comes.
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let from = chrono::DateTime::from_timestamp_millis(at.ms())?.with_timezone(&self.zone);
        let next = self.cron.find_next_occurrence(&from, false).ok()?;
        let next = Timestamp(next.timestamp_millis());
        (next > at && next.ms() - at.ms() < HORIZON_MS).then_some(next)
    }

    /// The last moment that is not after `at` and not before `since`.
    pub fn last_until(&self, since: Timestamp, at: Timestamp) -> Timestamp {
        let found = chrono::DateTime::from_timestamp_millis(at.ms())
            .and_then(|from| self.cron.find_previous_occurrence(&from.with_timezone(&self.zone), true).ok())
            .map(|found| Timestamp(found.timestamp_millis()));
        found.filter(|found| *found >= since && *found <= at).unwrap_or(since)
    }

    /// The next `n` moments after `at`.
    pub fn upcoming(&self, at: Timestamp, n: usize) -> Vec<Timestamp> {
        let mut all = Vec::new();
        let mut last = at;
        while all.len() < n {
            let Some(next) = self.next_after(last) else { break };
            all.push(next);
            last = next;
        }
        all
    }

    /// A moment as a clock in the schedule's zone shows it: `Mon 30 Nov 2026, 07:30`.
    pub fn shown(&self, at: Timestamp) -> String {
        let moment = chrono::DateTime::from_timestamp_millis(at.ms());
        moment.map_or_else(String::new, |m| m.with_timezone(&self.zone).format("%a %-d %b %Y, %H:%M").to_string())
    }
}

/// The five fields of `@DAILY` and its like.
fn of_nickname(text: &str) -> Option<&'static str> {
    Some(match text {
        "@HOURLY" => "0 * * * *",
        "@DAILY" | "@MIDNIGHT" => "0 0 * * *",
        "@WEEKLY" => "0 0 * * 0",
        "@MONTHLY" => "0 0 1 * *",
        "@YEARLY" | "@ANNUALLY" => "0 0 1 1 *",
        _ => return None,
    })
}

/// What the reader of the fields found, in one line.
fn said(e: &croner::errors::CronError) -> String {
    e.to_string().replace(|c: char| c.is_control(), " ").chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn next(fields: &str, zone_name: &str, from: &str, n: usize) -> Vec<String> {
        let schedule = Schedule::parse(fields, zone(zone_name).unwrap()).unwrap();
        schedule.upcoming(at(from), n).iter().map(|t| t.rfc3339()).collect()
    }

    // row: H115
    #[test]
    fn h115_the_next_runs_follow_the_clock_on_the_wall() {
        // Friday; the clocks of Stockholm stand an hour ahead of UTC.
        let five = next("Every weekday at 07:30", "Europe/Stockholm", "2026-11-27T12:00:00Z", 5);
        assert!(five[0].starts_with("2026-11-30T06:30") && five[4].starts_with("2026-12-04T06:30"), "{five:?}");
        // In spring 02:30 is left out: it runs at the first moment after; in autumn 02:30 comes twice and is run once.
        let spring = next("30 2 * * *", "Europe/Stockholm", "2026-03-28T12:00:00Z", 2);
        assert!(spring[0].starts_with("2026-03-29T01:00") && spring[1].starts_with("2026-03-30T00:30"), "{spring:?}");
        let autumn = next("30 2 * * *", "Europe/Stockholm", "2026-10-24T12:00:00Z", 2);
        assert!(autumn[0].starts_with("2026-10-25T00:30") && autumn[1].starts_with("2026-10-26T01:30"), "{autumn:?}");
        let leap = next("0 0 29 2 *", "", "2026-11-27T12:00:00Z", 1);
        assert!(leap[0].starts_with("2028-02-29"), "{leap:?}");
    }

    #[test]
    fn the_last_moment_that_passed_is_found() {
        let daily = Schedule::parse("0 3 * * *", Tz::UTC).unwrap();
        let due = at("2026-11-20T03:00:00Z");
        assert_eq!(daily.last_until(due, at("2026-11-20T03:00:01Z")), due);
        assert_eq!(daily.last_until(due, at("2026-11-25T02:00:00Z")), at("2026-11-24T03:00:00Z"));
    }

    #[test]
    fn a_schedule_that_never_comes_is_known_at_once() {
        for text in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
            let begun = freehold_base::Clock::instant();
            let never = Schedule::parse(text, Tz::UTC);
            assert!(never.is_err() || never.unwrap().next_after(at("2026-11-27T12:00:00Z")).is_none(), "{text}");
            assert!(begun.elapsed().as_secs() < 5, "{text}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_in_words() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "a b c d e",
            "@reboot",
            "* * * * *\n* * * * * id",
        ] {
            let e = Schedule::parse(text, Tz::UTC).unwrap_err();
            assert_eq!(e.fields()[0].field, "schedule", "{text}");
        }
        assert!(Schedule::parse(&"1,".repeat(200), Tz::UTC).is_err());
        assert_eq!(Schedule::parse("@daily", Tz::UTC).unwrap().fields(), "0 0 * * *");
        assert_eq!(Schedule::parse(" 30  7 * * mon-fri ", Tz::UTC).unwrap().words(), "Every weekday at 07:30");
        assert!(!Schedule::parse("0 1-5 * * *", Tz::UTC).unwrap().words().is_empty());
        assert!(zone("Mars/Olympus").is_err() && zone("").is_ok());
    }
}
