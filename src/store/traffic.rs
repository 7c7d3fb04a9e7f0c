//! Bytes sent, by day, site and service.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use freehold_base::{AccountId, Result, SiteId};

use crate::conn::OrDb as _;
use crate::schema::{accounts, traffic_days};
use crate::{AccountScope, CustomersScope, ServerScope, Tx, each_backend};

/// What was counted since the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Whose.
    pub account: AccountId,
    /// Which site; 0: none (files by SFTP and the like).
    pub site: SiteId,
    /// `web`, `sftp`, `webdav` or `ftp`.
    pub service: &'static str,
    /// Requests, or sessions.
    pub requests: i64,
    /// Bytes sent and received.
    pub bytes: i64,
}

/// Adds what was counted to a day (days since 1970, UTC).
///
/// # Errors
/// Database failures.
pub fn add(tx: &mut Tx<'_>, _server: ServerScope, day: i64, counted: &[Counted]) -> Result<()> {
    for one in counted {
        let row = (
            traffic_days::account_id.eq(one.account.get()),
            traffic_days::site_id.eq(one.site.get()),
            traffic_days::service.eq(one.service),
            traffic_days::day.eq(day),
            traffic_days::requests.eq(one.requests),
            traffic_days::bytes.eq(one.bytes),
        );
        each_backend!(tx.conn(), |c| diesel::insert_into(traffic_days::table)
            .values(row)
            .on_conflict((traffic_days::account_id, traffic_days::day, traffic_days::site_id, traffic_days::service))
            .do_update()
            .set((
                traffic_days::requests.eq(traffic_days::requests + one.requests),
                traffic_days::bytes.eq(traffic_days::bytes + one.bytes),
            ))
            .execute(c))
        .or_db("counting traffic")?;
    }
    Ok(())
}

/// One line of the count.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = traffic_days)]
pub struct TrafficDay {
    /// Site; 0: none.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// Service.
    pub service: String,
    /// Day.
    pub day: i64,
    /// Requests.
    pub requests: i64,
    /// Bytes.
    pub bytes: i64,
}

/// An account's traffic between two days, both included, oldest first; at most 20,000 lines.
///
/// # Errors
/// Database failures.
pub fn of_account(tx: &mut Tx<'_>, account: AccountScope, from: i64, to: i64) -> Result<Vec<TrafficDay>> {
    traffic_days::table
        .filter(traffic_days::account_id.eq(account.get()))
        .filter(traffic_days::day.between(from, to))
        .order((traffic_days::day, traffic_days::site_id, traffic_days::service))
        .limit(20_000)
        .select(TrafficDay::as_select())
        .load(tx.conn())
        .or_db("reading traffic")
}

/// Bytes of each of these accounts between two days, both included.
///
/// # Errors
/// Database failures.
pub fn of_accounts(
    tx: &mut Tx<'_>,
    _customers: &CustomersScope,
    ids: &[AccountId],
    from: i64,
    to: i64,
) -> Result<Vec<(AccountId, i64)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).take(1000).collect();
    let sums: Vec<(i64, i64)> = traffic_days::table
        .filter(traffic_days::account_id.eq_any(ids))
        .filter(traffic_days::day.between(from, to))
        .group_by(traffic_days::account_id)
        .order(traffic_days::account_id)
        .select((traffic_days::account_id, all_bytes()))
        .load(tx.conn())
        .or_db("adding up traffic")?;
    Ok(sums.into_iter().map(|(id, bytes)| (AccountId(id), bytes)).collect())
}

/// The sum of bytes: of big numbers, it is a numeric in PostgreSQL.
fn all_bytes() -> diesel::expression::SqlLiteral<BigInt> {
    diesel::dsl::sql("CAST(COALESCE(SUM(traffic_days.bytes), 0) AS BIGINT)")
}

/// Bytes of all these customers' accounts between two days, both included.
///
/// # Errors
/// Database failures.
pub fn total(tx: &mut Tx<'_>, customers: &CustomersScope, from: i64, to: i64) -> Result<i64> {
    let mut query = traffic_days::table.filter(traffic_days::day.between(from, to)).select(all_bytes()).into_boxed();
    if let Some(own) = customers.resellers() {
        let of_own = accounts::table.filter(accounts::reseller_id.eq_any(own.to_vec())).select(accounts::id);
        query = query.filter(traffic_days::account_id.eq_any(of_own));
    }
    query.get_result(tx.conn()).or_db("adding up traffic")
}

/// Writes down which warnings an account got.
///
/// # Errors
/// Database failures.
pub fn set_warned(tx: &mut Tx<'_>, account: AccountScope, disk: i64, traffic: i64) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.get())))
        .set((accounts::disk_warned.eq(disk), accounts::traffic_warned.eq(traffic)))
        .execute(tx.conn())
        .or_db("writing warnings")?;
    Ok(())
}
