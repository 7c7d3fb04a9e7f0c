//! Figures and states of customers in words.

use freehold_base::text::grouped;
use freehold_base::{Code, Error};
use freehold_platform::customers::accounts::{Line, Use};
use freehold_platform::customers::figures::NEARLY;
use freehold_platform::limits::Resource;
use serde::Serialize;

use crate::panel::media::view::size_text;

/// How much of something is used; component `ui.meter` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Meter {
    /// What it is, for who does not see the bar: `Disk, 6.2 of 20 GB`.
    pub name: String,
    /// Words before the bar.
    pub label: String,
    /// Percent; none where nothing is limited.
    pub percent: Option<i64>,
    /// `warn` near the limit, `bad` at it; empty: all is well.
    pub tone: &'static str,
    /// Words behind.
    pub figures: String,
}

/// A choice of a form.
#[derive(Clone, Debug, Serialize)]
pub struct OptionView {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

impl OptionView {
    /// A choice.
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into() }
    }
}

/// A filter of a list that one press turns on or off.
#[derive(Clone, Debug, Serialize)]
pub struct ChipView {
    /// Words.
    pub label: String,
    /// How many; none where that is not known.
    pub count: Option<i64>,
    /// Where it leads.
    pub href: String,
    /// Whether it is on.
    pub current: bool,
}

/// A refusal that a page about customers shows above what was typed: another choice on it may do.
pub fn is_of_limits(e: &Error) -> bool {
    use Code::{FeatureOff, LimitReached, ResellerLimit, WrongState};
    matches!(e, Error::Refused { code: FeatureOff | LimitReached | ResellerLimit | WrongState, .. })
}

/// Percent of a limit, rounded down.
pub fn percent(used: i64, most: Option<u64>) -> Option<i64> {
    let (most, used) = (i64::try_from(most?).unwrap_or(i64::MAX), used.max(0));
    match most {
        0 => Some(if used > 0 { 100 } else { 0 }),
        most => Some(i64::try_from(i128::from(used) * 100 / i128::from(most)).unwrap_or(999).min(999)),
    }
}

/// Bytes as GB with one figure behind the point, from 10 on without: `6.2`, `41`.
pub fn gb(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000_000) / 100_000_000;
    if tenths >= 100 { grouped(tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

fn whole(gb: u64) -> String {
    if gb.is_multiple_of(1_000_000_000) { grouped(gb / 1_000_000_000) } else { self::gb(gb) }
}

/// Bytes in large units: `412 MB`, `6.4 TB`.
pub fn size(bytes: i64) -> String {
    if bytes < 1_000_000_000_000 {
        return size_text(bytes.max(0));
    }
    let tenths = bytes.saturating_add(50_000_000_000) / 100_000_000_000;
    format!("{}.{} TB", tenths / 10, tenths % 10)
}

/// Bytes used of bytes there may be, as a cell of a column of GB.
pub fn bytes_cell(what: &str, used: i64, most: Option<u64>) -> Meter {
    let shown = gb(u64::try_from(used).unwrap_or(0));
    match (most, percent(used, most)) {
        (Some(most), Some(percent)) => Meter {
            name: format!("{what}, {shown} of {} GB", whole(most)),
            label: format!("{shown} of {}", whole(most)),
            percent: Some(percent),
            tone: tone(percent),
            figures: format!("{percent} %"),
        },
        _ => {
            Meter { name: format!("{what}, {shown} GB"), label: shown, percent: None, tone: "", figures: String::new() }
        }
    }
}

/// Bytes used of bytes there may be, as a line with its name.
pub fn bytes_line(what: &str, used: i64, most: Option<u64>) -> Meter {
    let percent = percent(used, most);
    let most = most.map(|m| size(i64::try_from(m).unwrap_or(i64::MAX)));
    line(what, size(used), most, percent, percent.map_or("", tone))
}

/// How near something is to its limit.
fn tone(percent: i64) -> &'static str {
    match percent {
        100.. => "bad",
        85.. => "warn",
        _ => "",
    }
}

/// Things used of things there may be. Of a handful all may be used: only more than that is a trouble.
pub fn count_line(what: &str, used: i64, most: Option<u64>) -> Meter {
    let words = most.map(grouped);
    let percent = percent(used, most);
    let tone = match (most, percent) {
        (Some(most), _) if i64::try_from(most).is_ok_and(|most| used > most) => "bad",
        (Some(1000..), Some(percent)) => tone(percent),
        _ => "",
    };
    line(what, grouped(used), words, percent, tone)
}

fn line(what: &str, used: String, most: Option<String>, percent: Option<i64>, tone: &'static str) -> Meter {
    let figures = match most {
        Some(most) => format!("{used} of {most}"),
        None => format!("{used}, no limit"),
    };
    Meter { name: format!("{what}, {figures}"), label: what.to_owned(), percent, tone, figures }
}

/// The uses of a plan as lines.
pub fn uses(uses: &[Use]) -> Vec<Meter> {
    uses.iter().map(|u| count_line(&sentence(u.resource.words()), u.used, u.most)).collect()
}

/// What is over a plan, in one sentence; empty where nothing is.
pub fn over(uses: &[Use]) -> String {
    let part = |u: &Use| format!("{} of {} {}", grouped(u.used), grouped(u.most.unwrap_or(0)), u.resource.words());
    let parts: Vec<String> = uses.iter().filter(|u| u.is_over()).map(part).collect();
    if parts.is_empty() { String::new() } else { format!("More than the plan has: {}.", parts.join(", ")) }
}

/// Words of a resource with a large letter.
pub fn resource(resource: Resource) -> String {
    sentence(resource.words())
}

fn sentence(text: &str) -> String {
    crate::panel::jobs::words::sentence(text)
}

/// The state of an account, and its tone.
pub fn state(line: &Line) -> (&'static str, &'static str) {
    let disk = percent(line.disk_bytes, line.limits.disk_bytes()).unwrap_or(0);
    let traffic = percent(line.traffic_bytes, line.limits.traffic_bytes()).unwrap_or(0);
    state_of(&line.account.status, disk, traffic)
}

/// As [`state`], by the shares of disk and traffic in percent.
pub fn state_of(status: &str, disk: i64, traffic: i64) -> (&'static str, &'static str) {
    match status {
        "suspended" => ("Suspended", "ring"),
        "terminated" => ("Closed", "ring"),
        _ if disk >= 100 => ("Over disk", "bad"),
        _ if traffic >= 100 => ("Over traffic", "bad"),
        _ if disk.max(traffic) >= NEARLY => ("Nearly full", "warn"),
        _ => ("Active", "good"),
    }
}

/// One to ten in words, else the figure: `Three`.
pub fn number(n: usize) -> String {
    const WORDS: [&str; 11] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];
    WORDS.get(n).map_or_else(|| grouped(n as u64), |word| (*word).to_owned())
}

/// One of something, or many: `1 site`, `3 sites`.
pub fn counted(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(n)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_plans_read_as_people_say_them() {
        assert_eq!(
            ["6.2", "41", "0.0", "1,204"],
            [6_200_000_000, 41_300_000_000, 3_000_000, 1_204_000_000_000].map(gb)
        );
        let cell = bytes_cell("Disk", 5_300_000_000, Some(5_000_000_000));
        assert_eq!((cell.label.as_str(), cell.figures.as_str(), cell.percent), ("5.3 of 5", "106 %", Some(106)));
        assert_eq!(bytes_cell("Disk", 5_300_000_000, None).label, "5.3");
        assert_eq!(bytes_line("Disk", 412_000_000, Some(5_000_000_000)).figures, "412 MB of 5.0 GB");
        assert_eq!(count_line("Sites", 3, None).figures, "3, no limit");
        assert_eq!(
            (percent(0, Some(0)), percent(1, Some(0)), percent(-4, Some(9)), percent(i64::MAX, Some(1))),
            (Some(0), Some(100), Some(0), Some(999))
        );
        assert_eq!(size(6_400_000_000_000), "6.4 TB");
        assert_eq!((number(3), number(12)), ("Three".into(), "12".into()));
    }

    #[test]
    fn the_worst_of_an_account_is_its_state() {
        for (status, disk, traffic, word) in [
            ("active", 10, 20, "Active"),
            ("active", 90, 0, "Nearly full"),
            ("active", 0, 99, "Nearly full"),
            ("active", 100, 100, "Over disk"),
            ("active", 99, 100, "Over traffic"),
            ("suspended", 100, 0, "Suspended"),
            ("terminated", 0, 0, "Closed"),
        ] {
            assert_eq!(state_of(status, disk, traffic).0, word);
        }
    }
}
