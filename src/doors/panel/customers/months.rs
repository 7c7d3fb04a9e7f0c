//! Sums that read many rows, kept for a minute: what all accounts sent this month and in the month before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use freehold_base::{Result, Timestamp};
use freehold_platform::customers::figures::{self, Figures};
use freehold_platform::customers::traffic::month_of;
use freehold_store::Tx;

use crate::panel::ctx::Ctx;

/// A sum is good for so long.
const GOOD_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Bytes that were sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Months {
    /// This month so far.
    pub this: i64,
    /// In the whole month before.
    pub before: i64,
}

/// The last sums, for each circle of customers that somebody looks after.
#[derive(Debug, Default)]
pub struct KeptMonths(Mutex<HashMap<Vec<i64>, (Timestamp, Months)>>);

impl KeptMonths {
    fn of(&self, whose: &[i64]) -> Option<(Timestamp, Months)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(whose).copied()
    }
    fn keep(&self, whose: Vec<i64>, at: Timestamp, months: Months) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > 1000 {
            all.clear();
        }
        all.insert(whose, (at, months));
    }
}

impl Months {
    /// The sums for who asks. Old ones are shown while new ones are made, so that nobody waits for them but the first.
    ///
    /// # Errors
    /// `Denied`.
    pub async fn of(ctx: &Ctx) -> Result<Self> {
        let whose: Vec<i64> = match ctx.actor.grants.server {
            Some(_) => Vec::new(),
            None => ctx.actor.grants.resellers.iter().map(|(id, _)| id.get()).collect(),
        };
        let now = ctx.app.store.clock().now();
        match ctx.app.months.of(&whose) {
            Some((at, months)) if now.ms() - at.ms() < GOOD_MS => Ok(months),
            Some((_, months)) => {
                // Claimed at once: others do not make it too.
                ctx.app.months.keep(whose.clone(), now, months);
                let ctx = ctx.clone();
                actix_web::rt::spawn(async move {
                    if let Err(e) = add_up(&ctx, whose, now).await {
                        tracing::warn!("adding up traffic: {e}");
                    }
                });
                Ok(months)
            }
            None => add_up(ctx, whose, now).await,
        }
    }
}

async fn add_up(ctx: &Ctx, whose: Vec<i64>, now: Timestamp) -> Result<Months> {
    // On a thread that may wait, whatever the database.
    let (this, before) = ctx.app.store.read_async(&ctx.actor, figures::months).await?;
    let months = Months { this, before };
    ctx.app.months.keep(whose, now, months);
    Ok(months)
}

/// The figures of who asks, with the accounts that are new this month.
///
/// # Errors
/// `Denied`.
pub fn figures(tx: &mut Tx<'_>) -> Result<Figures> {
    let (first, _) = month_of(tx.now());
    figures::read(tx, Timestamp(first.saturating_mul(DAY_MS)))
}

/// The name of the month of a moment, or of one `back` months before.
pub fn month_name(at: Timestamp, back: u32) -> String {
    use chrono::Datelike as _;
    let date = at.utc().date_naive();
    let first = date.with_day(1).unwrap_or(date);
    first.checked_sub_months(chrono::Months::new(back)).unwrap_or(first).format("%B").to_string()
}
