//! Schedules in words: "Every weekday at 07:30" is `30 7 * * 1-5`, and back. Pure.

/// Days as words and numbers, Sunday last as people count.
const DAYS: [(&str, u8); 7] =
    [("Monday", 1), ("Tuesday", 2), ("Wednesday", 3), ("Thursday", 4), ("Friday", 5), ("Saturday", 6), ("Sunday", 0)];
/// Months in their order.
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
/// Times of one day that words name.
const TIMES: usize = 6;

/// The five fields of a schedule in words; none where they are not understood.
pub fn to_fields(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["every", "minute"] => Some("* * * * *".into()),
        ["every", n, "minutes"] => {
            let n = divisor(n, 60)?;
            Some(if n == 1 { "* * * * *".into() } else { format!("*/{n} * * * *") })
        }
        ["every", "hour" | "hours"] | ["hourly"] => Some("0 * * * *".into()),
        ["every", "hour", "at", at] => Some(format!("{} * * * *", past_hour(at)?)),
        ["every", n, "hours"] => Some(format!("0 {} * * *", hours(n)?)),
        ["every", n, "hours", "at", at] => Some(format!("{} {} * * *", past_hour(at)?, hours(n)?)),
        _ => on_days(&words),
    }
}

/// A number that divides `whole`, so that the steps are even.
fn divisor(n: &str, whole: u32) -> Option<u32> {
    n.parse().ok().filter(|n| *n > 0 && *n < whole && whole.is_multiple_of(*n))
}

fn hours(n: &str) -> Option<String> {
    let n = divisor(n, 24)?;
    Some(if n == 1 { "*".into() } else { format!("*/{n}") })
}

/// `:15` or `15`.
fn past_hour(at: &str) -> Option<u32> {
    at.trim_start_matches(':').parse().ok().filter(|m| *m < 60)
}

/// Everything that ends in times of the day.
fn on_days(words: &[&str]) -> Option<String> {
    let at = words.iter().position(|w| *w == "at")?;
    let (days, times) = (&words[..at], times(&words[at + 1..])?);
    let (day, month, weekday) = match days {
        ["every", "day"] | ["daily"] => ("*".to_owned(), "*".to_owned(), "*".to_owned()),
        ["every", "weekday"] | ["on", "weekdays"] => ("*".into(), "*".into(), "1-5".into()),
        ["every", "weekend"] | ["on", "weekends"] => ("*".into(), "*".into(), "0,6".into()),
        ["on", "the", "last", "day", "of", "every" | "the", "month"] => ("L".into(), "*".into(), "*".into()),
        ["on", "day" | "the", n, "of", "every" | "the", "month"] => (of_month(n)?, "*".into(), "*".into()),
        ["every", "month", "on", "day" | "the", n] => (of_month(n)?, "*".into(), "*".into()),
        ["every", "year", "on", n, month] | ["on", n, month, "every", "year"] => {
            (of_month(n)?, of_year(month)?, "*".into())
        }
        ["every" | "on", named @ ..] => ("*".into(), "*".into(), weekdays(named)?),
        _ => return None,
    };
    Some(format!("{times} {day} {month} {weekday}"))
}

/// `07:30` or `07:30 and 19:30`: minute and hours; several times share their minute.
fn times(words: &[&str]) -> Option<String> {
    let (mut minute, mut hours) = (None, Vec::new());
    for word in listed(words) {
        let (h, m) = word.split_once(':')?;
        let h: u32 = h.parse().ok().filter(|h| *h < 24)?;
        let m: u32 = m.parse().ok().filter(|n| *n < 60 && m.len() == 2)?;
        if minute.is_some_and(|known| known != m) {
            return None;
        }
        minute = Some(m);
        hours.push(h);
    }
    hours.sort_unstable();
    hours.dedup();
    let hours: Vec<String> = hours.iter().map(u32::to_string).collect();
    Some(format!("{} {}", minute?, hours.join(",")))
}

/// Words of a list, without its commas and its "and".
fn listed<'a>(words: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    words.iter().flat_map(|w| w.split(',')).filter(|w| !w.is_empty() && *w != "and")
}

/// `1`, `1st`, `22nd`.
fn of_month(text: &str) -> Option<String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let rest = &text[digits.len()..];
    let n: u32 = digits.parse().ok().filter(|n| (1..=31).contains(n))?;
    (rest.is_empty() || ["st", "nd", "rd", "th"].contains(&rest)).then(|| n.to_string())
}

fn of_year(text: &str) -> Option<String> {
    let at = MONTHS.iter().position(|m| starts(m, text))?;
    Some((at + 1).to_string())
}

/// Whether `text` is a name or its first letters, at least three.
fn starts(name: &str, text: &str) -> bool {
    text.len() >= 3 && name.to_lowercase().starts_with(text)
}

fn weekdays(words: &[&str]) -> Option<String> {
    let mut days = Vec::new();
    for word in listed(words) {
        let word = word.strip_suffix('s').filter(|w| w.ends_with("day")).unwrap_or(word);
        days.push(DAYS.iter().find(|(name, _)| starts(name, word))?.1);
    }
    days.sort_unstable();
    days.dedup();
    let days: Vec<String> = days.iter().map(u8::to_string).collect();
    (!days.is_empty()).then(|| days.join(","))
}

/// The words of five fields; none where only the fields say it exactly.
pub fn of_fields(fields: &str) -> Option<String> {
    let parts: Vec<&str> = fields.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else { return None };
    let whole = (*day, *month, *weekday) == ("*", "*", "*");
    match (*minute, *hour) {
        ("*", "*") if whole => return Some("Every minute".into()),
        (m, "*") if whole => {
            if let Some(n) = m.strip_prefix("*/").and_then(|n| divisor(n, 60)) {
                return Some(if n == 1 { "Every minute".into() } else { format!("Every {n} minutes") });
            }
            let m: u32 = m.parse().ok()?;
            return Some(if m == 0 { "Every hour".into() } else { format!("Every hour at :{m:02}") });
        }
        (m, h) if whole && h.starts_with("*/") => {
            let n = divisor(h.strip_prefix("*/")?, 24)?;
            let m: u32 = m.parse().ok()?;
            return Some(if m == 0 { format!("Every {n} hours") } else { format!("Every {n} hours at :{m:02}") });
        }
        _ => {}
    }
    let minute: u32 = minute.parse().ok()?;
    let mut times = Vec::new();
    for hour in hour.split(',') {
        let hour: u32 = hour.parse().ok()?;
        times.push(format!("{hour:02}:{minute:02}"));
    }
    if times.len() > TIMES {
        return None;
    }
    let days = match (*day, *month, *weekday) {
        ("*", "*", "*") => "Every day".to_owned(),
        ("*", "*", "1-5" | "MON-FRI") => "Every weekday".to_owned(),
        ("*", "*", "0,6" | "6,0" | "6,7") => "Every weekend".to_owned(),
        ("*", "*", named) => format!("Every {}", and(&day_names(named)?)),
        ("L", "*", "*") => "On the last day of every month".to_owned(),
        (n, "*", "*") => format!("On day {} of every month", n.parse::<u32>().ok()?),
        (n, month, "*") => {
            let month = month.parse::<usize>().ok().and_then(|m| MONTHS.get(m.checked_sub(1)?))?;
            format!("Every year on {} {month}", n.parse::<u32>().ok()?)
        }
        _ => return None,
    };
    Some(format!("{days} at {}", and(&times)))
}

fn day_names(named: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for part in named.split(',') {
        let n = part.parse::<u8>().ok().map(|n| n % 7);
        let (name, _) = DAYS.iter().find(|(name, of)| n == Some(*of) || starts(name, &part.to_lowercase()))?;
        found.push((*name).to_owned());
    }
    found.sort_by_key(|name| DAYS.iter().position(|(n, _)| n == name));
    found.dedup();
    Some(found)
}

/// `a`, `a and b`, `a, b and c`.
fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // row: H115
    #[test]
    fn h115_words_and_fields_say_the_same_both_ways() {
        for (words, fields) in [
            ("Every minute", "* * * * *"),
            ("Every 5 minutes", "*/5 * * * *"),
            ("Every hour", "0 * * * *"),
            ("Every hour at :15", "15 * * * *"),
            ("Every 6 hours", "0 */6 * * *"),
            ("Every 2 hours at :30", "30 */2 * * *"),
            ("Every day at 03:00", "0 3 * * *"),
            ("Every day at 07:30 and 19:30", "30 7,19 * * *"),
            ("Every weekday at 07:30", "30 7 * * 1-5"),
            ("Every weekend at 09:05", "5 9 * * 0,6"),
            ("Every Monday at 06:00", "0 6 * * 1"),
            ("Every Monday, Wednesday and Sunday at 06:00", "0 6 * * 0,1,3"),
            ("On day 1 of every month at 04:10", "10 4 1 * *"),
            ("On the last day of every month at 23:00", "0 23 L * *"),
            ("Every year on 24 December at 12:00", "0 12 24 12 *"),
        ] {
            assert_eq!(to_fields(words).as_deref(), Some(fields), "{words}");
            assert_eq!(of_fields(fields).as_deref(), Some(words), "{fields}");
        }
    }

    #[test]
    fn words_are_taken_as_people_type_them_and_never_guessed() {
        for (words, fields) in [
            ("  every  WEEKDAY at 7:30.", "30 7 * * 1-5"),
            ("every mon,thu at 7:05", "5 7 * * 1,4"),
            ("on mondays at 07:00", "0 7 * * 1"),
            ("every month on the 1st at 03:00", "0 3 1 * *"),
            ("on the 22nd of every month at 03:00", "0 3 22 * *"),
            ("daily at 00:00", "0 0 * * *"),
        ] {
            assert_eq!(to_fields(words).as_deref(), Some(fields), "{words}");
        }
        for words in [
            "",
            "at",
            "every",
            "every 7 minutes",
            "every 0 minutes",
            "every 61 minutes",
            "every 5 hours",
            "every day",
            "every day at 24:00",
            "every day at 7",
            "every day at 07:5",
            "every day at 07:30 and 08:00",
            "every funday at 07:00",
            "on day 32 of every month at 03:00",
            "on the 1xx of every month at 03:00",
            "every day at \u{e9}:00",
            "\u{e9}very day",
            "every day at 07:30; rm -rf /",
        ] {
            assert_eq!(to_fields(words), None, "{words}");
        }
        for fields in ["1,2 * * * *", "0 1-5 * * *", "0 3 1 * 1", "0 0 * * 5#2", "*/7 * * * *", "x", ""] {
            assert_eq!(of_fields(fields), None, "{fields}");
        }
    }
}
