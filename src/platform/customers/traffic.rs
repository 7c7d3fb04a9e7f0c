//! Counting what is sent. A counter is two numbers that every thread adds to; some seconds later they go into the
//! database, by day.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_base::{AccountId, Capability, Result, SiteId, Timestamp};
use freehold_store::traffic::{self as rows, Counted};
use freehold_store::{Actor, Store};

/// The counters go into the database this often; so much may be lost when the power goes.
pub const FLUSH_EVERY: Duration = Duration::from_secs(10);
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Counters of one site, or of an account's files, for one service.
#[derive(Debug, Default)]
pub struct Counter {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Counter {
    /// Adds answers.
    pub fn add(&self, requests: u64, bytes: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
    fn take(&self) -> (u64, u64) {
        (self.requests.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed))
    }
    fn give_back(&self, counted: &Counted) {
        self.requests.fetch_add(counted.requests.unsigned_abs(), Ordering::Relaxed);
        self.bytes.fetch_add(counted.bytes.unsigned_abs(), Ordering::Relaxed);
    }
}

type Key = (AccountId, SiteId, &'static str);

/// All counters of this node.
#[derive(Debug, Default)]
pub struct Traffic(Mutex<HashMap<Key, Arc<Counter>>>);

impl Traffic {
    /// The counter of a site's service; the same one each time.
    pub fn counter(&self, account: AccountId, site: SiteId, service: &'static str) -> Arc<Counter> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((account, site, service)).or_default())
    }

    /// Writes down what was counted since the last time. Where that fails, it is counted on.
    ///
    /// # Errors
    /// Database failures.
    pub fn flush(&self, store: &Store) -> Result<()> {
        let counted = self.taken();
        if counted.is_empty() {
            return Ok(());
        }
        let all = Arc::new(counted);
        let wanted = Arc::clone(&all);
        let written = store.write(&Actor::system(), move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            rows::add(tx, server, day_of(tx.now()), &wanted)
        });
        if written.is_err() {
            for one in all.iter() {
                self.counter(one.account, one.site, one.service).give_back(one);
            }
        }
        written
    }

    fn taken(&self) -> Vec<Counted> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counted = Vec::new();
        for ((account, site, service), counter) in all.iter() {
            let (requests, bytes) = counter.take();
            if requests > 0 || bytes > 0 {
                let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                let (account, site) = (*account, *site);
                counted.push(Counted { account, site, service, requests: number(requests), bytes: number(bytes) });
            }
        }
        counted
    }
}

/// Days since 1970, UTC.
pub fn day_of(at: Timestamp) -> i64 {
    at.ms().div_euclid(DAY_MS)
}

/// First and last day of the month of a moment, UTC.
pub fn month_of(at: Timestamp) -> (i64, i64) {
    use chrono::Datelike as _;
    let date = at.utc().date_naive();
    let first = date.with_day(1).unwrap_or(date);
    let next = first.checked_add_months(chrono::Months::new(1)).unwrap_or(first);
    let days = |d: chrono::NaiveDate| (d - chrono::NaiveDate::default()).num_days();
    (days(first), days(next) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days() {
        let at = |text| Timestamp::parse_rfc3339(text).unwrap();
        let (first, last) = month_of(at("2026-02-17T12:00:00Z"));
        assert_eq!(last - first, 27);
        assert_eq!(first, day_of(at("2026-02-01T00:00:00Z")));
        assert_eq!(last, day_of(at("2026-02-28T23:59:59Z")));
        assert_eq!(month_of(at("2026-12-31T23:59:59Z")).1, day_of(at("2026-12-31T00:00:00Z")));
    }

    #[test]
    fn what_was_taken_is_counted_once() {
        let traffic = Traffic::default();
        traffic.counter(AccountId(1), SiteId(2), "web").add(1, 100);
        traffic.counter(AccountId(1), SiteId(2), "web").add(1, 50);
        let taken = traffic.taken();
        assert_eq!((taken.len(), taken[0].requests, taken[0].bytes), (1, 2, 150));
        assert!(traffic.taken().is_empty());
    }
}
