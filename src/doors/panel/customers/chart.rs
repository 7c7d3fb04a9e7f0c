//! Traffic as a picture: one bar for each day, one colour for each service, drawn by the server.

use freehold_store::traffic::TrafficDay;
use serde::Serialize;

use super::words::size;

/// Days that are shown.
const DAYS: i64 = 31;
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 150.0;
/// Room for the figures of the axis.
const LEFT: f64 = 54.0;
const TOP: f64 = 10.0;

/// Services with their words and the class of their colour, in the order of the stack.
const SERVICES: &[(&str, &str, &str)] =
    &[("web", "Sites", "c1"), ("sftp", "SFTP", "c2"), ("webdav", "Network drive", "c3"), ("ftp", "FTP", "c4")];

/// The picture and the table beside it.
#[derive(Debug, Serialize)]
pub struct Chart {
    any: bool,
    sentence: String,
    bars: Vec<Bar>,
    lines: Vec<AxisLine>,
    days: Vec<DayLabel>,
    legend: Vec<Legend>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Bar {
    class: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
    words: String,
}

#[derive(Debug, Serialize)]
struct AxisLine {
    y: String,
    label: String,
}

#[derive(Debug, Serialize)]
struct DayLabel {
    x: String,
    label: String,
}

#[derive(Debug, Serialize)]
struct Legend {
    class: &'static str,
    label: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    day: String,
    cells: Vec<String>,
    total: String,
}

impl Chart {
    /// Of the days up to `today`, days since 1970.
    pub fn of(days: &[TrafficDay], today: i64) -> Self {
        let used: Vec<&(&str, &str, &str)> =
            SERVICES.iter().filter(|(name, ..)| days.iter().any(|d| d.service == *name && d.bytes > 0)).collect();
        let first = today - DAYS + 1;
        let bytes = |day: i64, service: &str| {
            let of = days.iter().filter(|d| d.day == day && d.service == service);
            of.map(|d| d.bytes).fold(0, i64::saturating_add)
        };
        let sums: Vec<(i64, Vec<i64>, i64)> = (first..=today)
            .map(|day| {
                let each: Vec<i64> = used.iter().map(|(name, ..)| bytes(day, name)).collect();
                let total = each.iter().copied().fold(0, i64::saturating_add);
                (day, each, total)
            })
            .collect();
        let most = sums.iter().map(|(.., total)| *total).max().unwrap_or(0);
        let top = ceiling(most);
        Self {
            any: most > 0,
            sentence: sentence(&sums),
            bars: bars(&sums, &used, top),
            lines: [0, 1, 2].map(|n| axis(n, top)).into(),
            days: labels(first, today),
            legend: used.iter().map(|(_, label, class)| Legend { class, label }).collect(),
            rows: sums.iter().rev().filter(|(.., total)| *total > 0).map(row).collect(),
        }
    }
}

fn step() -> f64 {
    (WIDTH - LEFT) / DAYS as f64
}

fn height_of(bytes: i64, top: i64) -> f64 {
    (HEIGHT - TOP) * bytes as f64 / top.max(1) as f64
}

fn bars(sums: &[(i64, Vec<i64>, i64)], used: &[&(&'static str, &'static str, &'static str)], top: i64) -> Vec<Bar> {
    let mut bars = Vec::new();
    for (n, (day, each, _)) in sums.iter().enumerate() {
        let mut foot = HEIGHT;
        for ((_, label, class), bytes) in used.iter().zip(each).filter(|(_, bytes)| **bytes > 0) {
            let height = height_of(*bytes, top).max(1.0);
            foot -= height;
            bars.push(Bar {
                class,
                x: format!("{:.1}", LEFT + n as f64 * step() + 2.0),
                y: format!("{foot:.1}"),
                width: format!("{:.1}", step() - 4.0),
                height: format!("{height:.1}"),
                words: format!("{}: {} {}", date(*day, "%-d %b"), label, size(*bytes)),
            });
        }
    }
    bars
}

fn axis(n: i64, top: i64) -> AxisLine {
    let bytes = top / 2 * n;
    let label = if n == 0 { "0".to_owned() } else { size(bytes).replace(".0 ", " ") };
    AxisLine { y: format!("{:.1}", HEIGHT - height_of(bytes, top)), label }
}

fn labels(first: i64, today: i64) -> Vec<DayLabel> {
    let at = |day: i64| DayLabel {
        x: format!("{:.1}", LEFT + (day - first) as f64 * step() + step() / 2.0),
        label: date(day, "%-d %b"),
    };
    (first..=today).rev().step_by(6).map(at).collect()
}

fn row((day, each, total): &(i64, Vec<i64>, i64)) -> Row {
    Row { day: date(*day, "%-d %B"), cells: each.iter().map(|b| size(*b)).collect(), total: size(*total) }
}

/// A round number that nothing is above: 1, 2 or 5 of a power of ten.
fn ceiling(most: i64) -> i64 {
    let mut unit: i64 = 1;
    while unit < i64::MAX / 100 {
        for n in [1, 2, 4] {
            if unit * n >= most {
                return unit * n;
            }
        }
        unit *= 10;
    }
    most
}

fn sentence(sums: &[(i64, Vec<i64>, i64)]) -> String {
    let total = sums.iter().map(|(.., t)| *t).fold(0, i64::saturating_add);
    match sums.iter().max_by_key(|(.., total)| *total).filter(|(.., total)| *total > 0) {
        Some((day, _, most)) => {
            format!("{} in {DAYS} days. Most on {}: {}.", size(total), date(*day, "%-d %B"), size(*most))
        }
        None => format!("Nothing was sent in {DAYS} days."),
    }
}

fn date(day: i64, format: &str) -> String {
    let epoch = chrono::NaiveDate::default();
    let date = chrono::Duration::try_days(day).and_then(|days| epoch.checked_add_signed(days)).unwrap_or(epoch);
    date.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use freehold_base::SiteId;

    fn day(day: i64, service: &str, bytes: i64) -> TrafficDay {
        TrafficDay { site_id: SiteId(1), service: service.into(), day, requests: 1, bytes }
    }

    #[test]
    fn a_day_is_a_bar_of_its_services() {
        let today = 20_784; // 2026-11-27
        let days = [
            day(today, "web", 3_000_000),
            day(today, "web", 1_000_000),
            day(today, "sftp", 1_000_000),
            day(today - 40, "ftp", 9),
        ];
        let chart = Chart::of(&days[..3], today);
        assert_eq!(chart.bars.len(), 2);
        assert_eq!(chart.bars[0].words, "27 Nov: Sites 4.0 MB");
        assert_eq!(chart.legend.iter().map(|l| l.label).collect::<Vec<_>>(), ["Sites", "SFTP"]);
        assert_eq!(chart.sentence, "5.0 MB in 31 days. Most on 27 November: 5.0 MB.");
        assert_eq!((chart.rows.len(), chart.rows[0].total.as_str()), (1, "5.0 MB"));
        let empty = Chart::of(&[], today);
        assert!(!empty.any && empty.bars.is_empty() && empty.sentence.starts_with("Nothing"));
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        assert_eq!([0, 1, 3, 5_000_000, 41_000_000].map(ceiling), [1, 1, 4, 10_000_000, 100_000_000]);
    }
}
