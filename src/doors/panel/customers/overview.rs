//! `/admin/server`: is all well, what needs somebody, what the machine does. Nothing here is invented: what nobody
//! measures is not shown.

use freehold_base::text::grouped;
use freehold_base::{Capability as C, Result};
use freehold_host::sandbox::Isolation;
use freehold_platform::audit;
use freehold_platform::customers::figures::Attention;
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::upkeep::ROUTINE;
use freehold_store::Tx;
use serde::Serialize;

use super::account::{HistoryRow, history};
use super::list::{HERE as ACCOUNTS, May};
use super::readings::Reading;
use super::words::{counted, number, size};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::jobs::list::{JobRow, row};
use crate::panel::notices::{NoticeView, server_notices, sign_in_notice};

/// Accounts that are named; the rest is a number.
const NAMED: usize = 5;
const JOBS: i64 = 5;
const ROWS: i64 = 6;

#[derive(Serialize)]
struct OverviewView {
    heading: String,
    summary: String,
    needs: Vec<NoticeView>,
    /// What is only worth knowing needs nobody.
    notes: Vec<NoticeView>,
    node: Option<NodeView>,
    jobs: Vec<JobRow>,
    jobs_href: String,
    done: Vec<HistoryRow>,
    audit_href: String,
    may: May,
    accounts: i64,
}

/// The machine as it is now.
#[derive(Serialize)]
struct NodeView {
    name: String,
    database: &'static str,
    rate: String,
    line: String,
    line_words: String,
    bars: Vec<BarView>,
    isolation: IsolationView,
}

/// How customers' programs are kept apart.
#[derive(Serialize)]
struct IsolationView {
    text: &'static str,
    tone: &'static str,
    icon: &'static str,
}

impl From<Isolation> for IsolationView {
    fn from(isolation: Isolation) -> Self {
        let (tone, icon) = match isolation {
            Isolation::Sandboxed => ("good", "shield-check"),
            Isolation::OneTrustDomain => ("warn", "triangle-alert"),
            Isolation::Refused(_) => ("", "info"),
        };
        Self { text: isolation.of_customers(), tone, icon }
    }
}

#[derive(Serialize)]
struct BarView {
    label: &'static str,
    percent: u64,
    text: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let may = May::of(&ctx);
    let of_machine = ctx.actor.grants.on_server().has(C::ServerRead);
    let mail = ctx.app.outbox.is_on();
    let mut all: Vec<NoticeView> = sign_in_notice(&ctx).into_iter().collect();
    let (more, figures, jobs, done) = ctx
        .read(move |tx| {
            let figures = super::months::figures(tx)?;
            let notices = if of_machine { server_notices(tx, mail)? } else { Vec::new() };
            let jobs = if of_machine { recent_jobs(tx)? } else { Vec::new() };
            let rows = audit::of_customers(tx, ROWS)?;
            Ok((notices, figures, jobs, history(tx, rows)?))
        })
        .await?;
    all.extend(accounts_that_need(&figures.attention));
    all.extend(more);
    let (needs, notes) = parted(all);
    let readings = ctx.app.readings.all();
    let accounts = counted(figures.all(), "account", "accounts");
    let sites = counted(figures.sites, "site is open", "sites are open");
    let frame = ctx.frame("Overview", vec![crumb("Overview", None)]).await?;
    let view = OverviewView {
        heading: match needs.len() {
            0 => "All is well".into(),
            1 => "One thing needs you".into(),
            n => format!("{} things need you", number(n)),
        },
        summary: format!("{accounts}, {sites}.{}", if of_machine { answers(&readings) } else { String::new() }),
        needs,
        notes,
        node: of_machine.then(|| node(&ctx, &readings)),
        jobs,
        jobs_href: if of_machine { "/admin/server/jobs".into() } else { String::new() },
        done,
        audit_href: if of_machine { "/admin/server/audit".into() } else { String::new() },
        accounts: figures.all(),
        may,
    };
    Ok(ctx.page(200, "server/overview.html", &frame, &view)?)
}

/// What needs somebody, the worst first, apart from what is only worth knowing.
fn parted(all: Vec<NoticeView>) -> (Vec<NoticeView>, Vec<NoticeView>) {
    let (mut needs, notes): (Vec<_>, Vec<_>) = all.into_iter().partition(|n| ["bad", "warn"].contains(&n.tone));
    needs.sort_by_key(|n| n.tone != "bad");
    (needs, notes)
}

fn accounts_that_need(all: &[Attention]) -> Vec<NoticeView> {
    // One more has its own line: a line that counts it would be as long.
    let named = if all.len() == NAMED + 1 { NAMED + 1 } else { NAMED };
    let mut list: Vec<NoticeView> = all.iter().take(named).map(account_notice).collect();
    if all.len() > named {
        list.push(NoticeView {
            tone: "warn",
            icon: "triangle-alert",
            title: format!("{} more accounts are near a limit", all.len() - named),
            text: String::new(),
            at: None,
            href: format!("{ACCOUNTS}?show=attention"),
            action: "Look",
        });
    }
    list
}

fn account_notice(a: &Attention) -> NoticeView {
    let title = match (a.disk_step, a.traffic_step) {
        (100.., _) => format!("{} is over its disk limit", a.title),
        (_, 100..) => format!("{} has used up its traffic", a.title),
        (disk, traffic) if disk >= traffic => format!("{} has nearly filled its disk", a.title),
        _ => format!("{} has nearly used up its traffic", a.title),
    };
    let of_disk = a.disk_step >= 100 || a.disk_step >= a.traffic_step && a.traffic_step < 100;
    let disk = a.disk_most.filter(|_| of_disk).map(|most| {
        format!("{} of {} on the disk.", size(a.disk_bytes), size(i64::try_from(most).unwrap_or(i64::MAX)))
    });
    let traffic = || "Traffic is counted anew on the first of the month.".to_owned();
    NoticeView {
        tone: if a.is_over() { "bad" } else { "warn" },
        icon: "triangle-alert",
        title,
        text: disk.unwrap_or_else(|| if of_disk { String::new() } else { traffic() }),
        at: None,
        href: format!("{ACCOUNTS}/{}", a.account),
        action: "Look",
    }
}

/// The newest jobs that somebody asked for, or that failed.
fn recent_jobs(tx: &mut Tx<'_>) -> Result<Vec<JobRow>> {
    let now = tx.now();
    let found = jobs::search(tx, None, &JobFilter { quiet: ROUTINE, ..JobFilter::default() }, 0, JOBS)?;
    Ok(found.iter().map(|job| row(job, "/admin/server/jobs", String::new(), now)).collect())
}

/// "12 requests a second, half of them answered within 2 ms."
fn answers(readings: &[Reading]) -> String {
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return String::new() };
    let asked = last.answers.saturating_sub(first.answers);
    if asked == 0 || last.at_ms <= first.at_ms {
        return String::new();
    }
    match last.median_us_since(first) {
        Some(us) if us < 1000 => format!(" Half of the answers take less than {us} µs."),
        Some(us) => format!(" Half of the answers take less than {} ms.", us.div_ceil(1000)),
        None => String::new(),
    }
}

fn node(ctx: &Ctx, readings: &[Reading]) -> NodeView {
    let mut bars = Vec::new();
    let last_two = readings.len().checked_sub(2).and_then(|at| readings.get(at)).zip(readings.last());
    if let Some(percent) = last_two.and_then(|(a, b)| b.ticks.percent_since(a.ticks)) {
        bars.push(BarView { label: "CPU", percent, text: format!("{percent} %") });
    }
    let share = |used: u64, all: u64| used.saturating_mul(100).checked_div(all).unwrap_or(0);
    let bytes = |n: u64| size(i64::try_from(n).unwrap_or(i64::MAX));
    if let Some(memory) = freehold_host::machine::memory() {
        let percent = share(memory.used, memory.all);
        bars.push(BarView { label: "Memory", percent, text: format!("{percent} % of {}", bytes(memory.all)) });
    }
    if let Ok((free, all)) = freehold_host::files::disk_space(&ctx.app.config.data) {
        let percent = share(all.saturating_sub(free), all);
        bars.push(BarView { label: "Disk", percent, text: format!("{percent} % of {}", bytes(all)) });
    }
    let rates: Vec<f64> = readings.windows(2).filter_map(|pair| pair[1].rate_since(&pair[0])).collect();
    let rate = rates.last().copied().unwrap_or(0.0);
    let own = freehold_host::machine::own_memory().map(|n| format!(" Freehold itself holds {}.", bytes(n)));
    NodeView {
        name: ctx.app.panel.hosts.first().cloned().unwrap_or_default(),
        database: if ctx.app.store.is_sqlite() { "SQLite" } else { "PostgreSQL" },
        rate: if rate < 10.0 { format!("{rate:.1}/s") } else { format!("{}/s", grouped(rate as i64)) },
        line: line(&rates),
        line_words: format!(
            "Requests a second, {} minutes; now {rate:.1}, at most {:.1}.{}",
            rates.len().div_ceil(6),
            rates.iter().copied().fold(0.0, f64::max),
            own.unwrap_or_default()
        ),
        bars,
        isolation: ctx.app.sandbox.isolation().into(),
    }
}

/// Points of a line in a picture of 300 by 40; empty where there is nothing to draw yet.
fn line(rates: &[f64]) -> String {
    if rates.len() < 2 {
        return String::new();
    }
    let most = rates.iter().copied().fold(1.0, f64::max);
    let step = 300.0 / (rates.len() - 1) as f64;
    let point = |(n, rate): (usize, &f64)| format!("{:.1},{:.1}", n as f64 * step, 37.0 - rate / most * 34.0);
    rates.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use freehold_base::AccountId;

    #[test]
    fn what_an_account_needs_is_said_in_one_sentence() {
        let of = |disk_step, traffic_step| {
            let a = Attention {
                account: AccountId(7),
                title: "Nordlys".into(),
                disk_bytes: 5_300_000_000,
                disk_most: Some(5_000_000_000),
                disk_step,
                traffic_step,
            };
            account_notice(&a)
        };
        assert_eq!((of(100, 0).title.as_str(), of(100, 0).tone), ("Nordlys is over its disk limit", "bad"));
        assert_eq!(of(90, 100).title, "Nordlys has used up its traffic");
        assert_eq!(of(90, 100).text, "Traffic is counted anew on the first of the month.");
        assert_eq!(of(90, 80).text, "5.3 GB of 5.0 GB on the disk.");
        assert_eq!((of(90, 80).title.as_str(), of(90, 80).tone), ("Nordlys has nearly filled its disk", "warn"));
        assert_eq!(of(100, 0).text, "5.3 GB of 5.0 GB on the disk.");
    }

    /// "Three things need you" stood over four lines.
    #[test]
    fn what_needs_somebody_stands_apart_from_what_is_worth_knowing() {
        let line = |tone| NoticeView {
            tone,
            icon: "mail",
            title: tone.into(),
            text: String::new(),
            at: None,
            href: String::new(),
            action: "",
        };
        let (needs, notes) = parted(["info", "warn", "bad", "warn", "good"].map(line).into());
        let tones = |list: &[NoticeView]| list.iter().map(|n| n.tone).collect::<Vec<_>>();
        assert_eq!((tones(&needs), tones(&notes)), (vec!["bad", "warn", "warn"], vec!["info", "good"]));
        let a = |id| Attention {
            account: AccountId(id),
            title: "Nordlys".into(),
            disk_bytes: 0,
            disk_most: None,
            disk_step: 90,
            traffic_step: 0,
        };
        let lines = |many: i64| accounts_that_need(&(1..=many).map(a).collect::<Vec<_>>());
        assert_eq!([0, 5, 6, 7].map(|many| lines(many).len()), [0, 5, 6, 6]);
        assert_eq!(lines(7)[5].title, "2 more accounts are near a limit");
    }

    #[test]
    fn a_line_stays_in_its_picture() {
        assert_eq!(line(&[]), "");
        assert_eq!(line(&[0.0, 10.0, 5.0]), "0.0,37.0 150.0,3.0 300.0,20.0");
    }
}
