//! `/metrics`: Prometheus text for who brings a token that may see the installation, or sits on this machine where that
//! is enough.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Capability, Error, OrInternal as _, Result};
use freehold_store::Actor;
use freehold_store::jobs::JobFilter;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder as _, TextEncoder};

use super::ctx::{ApiReply, bearer, token_user};
use crate::panel::app::App;
use crate::web::client::client_address;
use crate::web::counters::AnswerTotals;

/// The figures of this node.
pub async fn show(request: HttpRequest, app: Data<App>) -> ApiReply {
    let app = app.into_inner();
    allow(&app, &request).await?;
    let jobs = app
        .read(&Actor::system(), |tx| {
            let server = tx.authorize_server(Capability::ServerRead)?;
            freehold_store::jobs::count_by_state(tx, server, &JobFilter::default())
        })
        .await?;
    let text = TextEncoder::new();
    let mut out = Vec::new();
    text.encode(&families(&app, &jobs), &mut out).or_internal("writing metrics")?;
    Ok(HttpResponse::Ok().content_type(text.format_type().to_owned()).body(out))
}

/// A token with `server.read`; on loopback nothing, where the owner of the machine said so: commands of accounts are
/// there too.
async fn allow(app: &Arc<App>, request: &HttpRequest) -> Result<()> {
    let peer = request.peer_addr().map_or([0, 0, 0, 0].into(), |a| a.ip());
    let client = client_address(peer, request.headers(), &app.config.trusted_proxies);
    // Behind a proxy on this machine that is not named as one, everybody would seem to sit here.
    let forwarded = request.headers().contains_key("x-forwarded-for") || request.headers().contains_key("forwarded");
    let open = app.config.metrics.open_on_loopback;
    if open && client.is_loopback() && !forwarded && bearer(request).is_none() {
        return Ok(());
    }
    let actor = token_user(app, request).await?;
    let seen = app.read(&actor, |tx| tx.authorize_server(Capability::ServerRead).map(|_| ())).await;
    seen.map_err(|_| Error::denied())
}

fn families(app: &App, jobs: &[(String, i64)]) -> Vec<MetricFamily> {
    let (web, writer) = (&app.web, app.store.writer_figures());
    let (mut panel, mut api) = (AnswerTotals::default(), AnswerTotals::default());
    app.answered.panel.add_to(&mut panel);
    app.answered.api.add_to(&mut api);
    let doors = [("sites", web.counters.answers()), ("panel", panel), ("api", api)];
    let cache = web.counters.totals();
    vec![
        counters("freehold_requests_total", "Answers by door and class of status.", requests(&doors)),
        times("freehold_request_seconds", "Time to the answer, by door.", &doors),
        counters(
            "freehold_page_cache_answers_total",
            "Answers of sites by how they came to be.",
            cache.iter().map(|(name, n)| (vec![("how", *name)], *n)).collect(),
        ),
        gauge("freehold_page_cache_pages", "Pages that are kept ready.", web.cache.len()),
        gauge("freehold_page_cache_bytes", "Memory that they take.", web.cache.bytes()),
        gauge("freehold_open_connections", "Connections of visitors.", web.connections.count()),
        gauge("freehold_writer_queue", "Writes that wait (SQLite).", writer.queue),
        counters(
            "freehold_writer_writes_total",
            "Writes by how they ended (SQLite).",
            vec![(vec![("ended", "committed")], writer.writes), (vec![("ended", "failed")], writer.failed)],
        ),
        groups(&writer),
        gauges("freehold_jobs", "Jobs by state.", jobs),
    ]
}

type Rows<'a> = Vec<(Vec<(&'a str, &'a str)>, u64)>;

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

fn requests<'a>(doors: &'a [(&'a str, AnswerTotals)]) -> Rows<'a> {
    let of = |(door, total): &'a (&'a str, AnswerTotals)| {
        CLASSES.iter().zip(total.classes).map(|(class, n)| (vec![("door", *door), ("status", *class)], n))
    };
    doors.iter().flat_map(of).collect()
}

fn family(name: &str, help: &str, kind: MetricType, rows: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(rows);
    family
}

fn labels(pairs: &[(&str, &str)]) -> Vec<LabelPair> {
    let label = |(name, value): &(&str, &str)| {
        let mut label = LabelPair::default();
        label.set_name((*name).to_owned());
        label.set_value((*value).to_owned());
        label
    };
    pairs.iter().map(label).collect()
}

fn counters(name: &str, help: &str, rows: Rows<'_>) -> MetricFamily {
    let row = |(pairs, n): (Vec<(&str, &str)>, u64)| {
        let mut counter = Counter::default();
        counter.set_value(n as f64);
        let mut metric = Metric::from_label(labels(&pairs));
        metric.set_counter(counter);
        metric
    };
    family(name, help, MetricType::COUNTER, rows.into_iter().map(row).collect())
}

fn one(value: f64, pairs: &[(&str, &str)]) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    let mut metric = Metric::from_label(labels(pairs));
    metric.set_gauge(gauge);
    metric
}

fn gauge(name: &str, help: &str, value: usize) -> MetricFamily {
    family(name, help, MetricType::GAUGE, vec![one(value as f64, &[])])
}

fn gauges(name: &str, help: &str, rows: &[(String, i64)]) -> MetricFamily {
    // A state without jobs is a zero, not a gap.
    let states = ["waiting", "running", "done", "failed", "cancelled"];
    let count = |state: &str| rows.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
    let rows = states.iter().map(|state| one(count(state) as f64, &[("state", state)]));
    family(name, help, MetricType::GAUGE, rows.collect())
}

/// A histogram of counts in buckets with these upper bounds; the last bucket has none.
fn histogram(counts: &[u64], bound: impl Fn(usize) -> f64, sum: f64, pairs: &[(&str, &str)]) -> Metric {
    let mut histogram = Histogram::default();
    let mut below = 0;
    let mut buckets = Vec::with_capacity(counts.len());
    for (n, count) in counts.iter().enumerate() {
        below += count;
        if n + 1 < counts.len() {
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(bound(n));
            bucket.set_cumulative_count(below);
            buckets.push(bucket);
        }
    }
    histogram.set_bucket(buckets);
    histogram.set_sample_count(below);
    histogram.set_sample_sum(sum);
    let mut metric = Metric::from_label(labels(pairs));
    metric.set_histogram(histogram);
    metric
}

fn times(name: &str, help: &str, doors: &[(&str, AnswerTotals)]) -> MetricFamily {
    let seconds = |n: usize| f64::from(1_u32 << n.min(31)) / 1e6;
    let row = |(door, total): &(&str, AnswerTotals)| {
        histogram(&total.buckets, seconds, total.sum_us as f64 / 1e6, &[("door", door)])
    };
    family(name, help, MetricType::HISTOGRAM, doors.iter().map(row).collect())
}

fn groups(writer: &freehold_store::WriterFigures) -> MetricFamily {
    let sum = (writer.writes + writer.failed) as f64;
    let row = histogram(&writer.groups, |n| f64::from(1_u32 << n.min(31)), sum, &[]);
    family("freehold_writer_group_size", "Writes in one commit (SQLite).", MetricType::HISTOGRAM, vec![row])
}
