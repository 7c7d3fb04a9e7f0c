//! What a command may be: pure checks of what somebody sent.

use freehold_base::text::{lines, required_line};
use freehold_base::{Code, Error, Result, Timestamp, UserId};
use freehold_store::cron::{CronFields, Moments};

use super::schedule::{Schedule, zone};

/// A run is ended after an hour unless somebody says otherwise.
pub const DEFAULT_TIMEOUT_S: i64 = 3600;
/// The longest run.
pub const MAX_TIMEOUT_S: i64 = 86_400;
/// The longest spread of beginnings.
pub const MAX_JITTER_S: i64 = 3600;
/// The longest patience of an alarm.
pub const MAX_GRACE_S: i64 = 7 * 86_400;
/// The longest name, command and address.
const MAX_NAME: usize = 100;
const MAX_COMMAND: usize = 8000;
const MAX_URL: usize = 2000;

/// What somebody sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronInput {
    /// What people call it.
    pub name: String,
    /// `command` or `url`.
    pub kind: String,
    /// The command or the address.
    pub command: String,
    /// Words or five fields.
    pub schedule: String,
    /// Time zone of the schedule; empty for UTC.
    pub time_zone: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// `skip`, `queue` or `kill`.
    pub overlap: String,
    /// Seconds.
    pub jitter_s: i64,
    /// Seconds.
    pub timeout_s: i64,
    /// `never`, `failure` or `change`.
    pub mail_when: String,
    /// Called after each run that went well; may be empty.
    pub alive_url: String,
    /// Seconds; 0 for no alarm.
    pub grace_s: i64,
}

impl Default for CronInput {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: "command".into(),
            command: String::new(),
            schedule: "Every day at 03:00".into(),
            time_zone: String::new(),
            enabled: true,
            overlap: "skip".into(),
            jitter_s: 0,
            timeout_s: DEFAULT_TIMEOUT_S,
            mail_when: "failure".into(),
            alive_url: String::new(),
            grace_s: 0,
        }
    }
}

/// Checks what was sent, all fields at once; `by` gets the mail.
///
/// # Errors
/// `Invalid` with every wrong field.
pub fn checked(input: &CronInput, by: Option<UserId>) -> Result<(CronFields, Schedule)> {
    let mut wrong = Vec::new();
    let mut take = |result: Result<String>| {
        result.unwrap_or_else(|e| {
            wrong.extend(e.fields().to_vec());
            String::new()
        })
    };
    let name = take(required_line("name", &input.name, MAX_NAME));
    let kind = take(one_of("kind", &input.kind, &["command", "url"]));
    let command = take(if input.kind == "url" { address("command", &input.command) } else { command(&input.command) });
    let overlap = take(one_of("overlap", &input.overlap, &["skip", "queue", "kill"]));
    let mail_when = take(one_of("mail_when", &input.mail_when, &["never", "failure", "change"]));
    let alive = input.alive_url.trim();
    let alive_url = if alive.is_empty() { String::new() } else { take(address("alive_url", alive)) };
    let time_zone = take(zone(&input.time_zone).map(|z| z.name().to_owned()));
    let mut within = |field: &'static str, value: i64, least: i64, most: i64| {
        if !(least..=most).contains(&value) {
            let words = format!("{least} to {most} seconds");
            wrong.extend(Error::invalid(field, Code::NotAllowed, words).fields().to_vec());
        }
    };
    within("jitter_s", input.jitter_s, 0, MAX_JITTER_S);
    within("timeout_s", input.timeout_s, 1, MAX_TIMEOUT_S);
    within("grace_s", input.grace_s, 0, MAX_GRACE_S);
    let schedule = match Schedule::parse(&input.schedule, zone(&input.time_zone).unwrap_or(chrono_tz::UTC)) {
        Ok(schedule) if wrong.is_empty() => schedule,
        Ok(_) => return Err(Error::Invalid(wrong)),
        Err(e) => {
            wrong.extend(e.fields().to_vec());
            return Err(Error::Invalid(wrong));
        }
    };
    let fields = CronFields {
        name,
        kind,
        command,
        schedule: schedule.fields().to_owned(),
        time_zone,
        enabled: input.enabled,
        overlap,
        jitter_s: input.jitter_s,
        timeout_s: input.timeout_s,
        mail_when,
        mail_to: by.map_or(0, UserId::get),
        alive_url,
        grace_s: input.grace_s,
    };
    Ok((fields, schedule))
}

fn one_of(field: &'static str, value: &str, all: &[&str]) -> Result<String> {
    match all.iter().find(|known| **known == value) {
        Some(known) => Ok((*known).to_owned()),
        None => Err(Error::invalid(field, Code::NotAllowed, all.join(", "))),
    }
}

/// A text for the account's own shell; it may have several lines. Kept as it is.
fn command(text: &str) -> Result<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("command", Code::Required, ""));
    }
    lines("command", text, MAX_COMMAND)?;
    if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::invalid("command", Code::Malformed, "text without control characters"));
    }
    Ok(text.to_owned())
}

/// An address; whether it may be reached is asked anew at each call.
fn address(field: &'static str, text: &str) -> Result<String> {
    let text = required_line(field, text, MAX_URL)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let good = rest.is_some_and(|r| !r.is_empty() && !r.starts_with('/') && !r.contains(char::is_whitespace));
    let wrong = || Error::invalid(field, Code::Malformed, "an address such as https://example.org/cron");
    if good { Ok(text) } else { Err(wrong()) }
}

/// When a command with these fields is due next, from now on.
///
/// # Errors
/// `Invalid("schedule")` where it never comes.
pub fn moments(fields: &CronFields, schedule: &Schedule, now: Timestamp) -> Result<Moments> {
    let never = || Error::invalid("schedule", Code::Malformed, "a schedule that comes within the next years");
    let next_at = schedule.next_after(now).ok_or_else(never)?;
    if !fields.enabled {
        return Ok(Moments::default());
    }
    Ok(Moments { next_at, alarm_at: alarm_at(next_at, fields.jitter_s, fields.grace_s) })
}

/// When the alarm for a moment is given; 0 for never.
pub fn alarm_at(next_at: Timestamp, jitter_s: i64, grace_s: i64) -> Timestamp {
    if grace_s == 0 || next_at.ms() == 0 { Timestamp(0) } else { Timestamp(next_at.ms() + (jitter_s + grace_s) * 1000) }
}
