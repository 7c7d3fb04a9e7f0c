//! Resellers: who sells web space. Limits, features, privileges and brand are JSON that the platform reads.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use freehold_base::{AccountId, Error, ResellerId, Result, Timestamp};

use crate::access::TERMINATED;
use crate::conn::OrDb as _;
use crate::schema::{account_usage, accounts, resellers};
use crate::{CustomersScope, ServerScope, Tx, each_backend};

/// A reseller.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = resellers)]
pub struct Reseller {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: ResellerId,
    /// Its unique name.
    pub name: String,
    /// `active` or `suspended`.
    pub status: String,
    /// Limits as JSON.
    pub limits: String,
    /// Features that its plans may give, as a JSON list of names.
    pub features: String,
    /// What it may do with its accounts, as a JSON list of names.
    pub privileges: String,
    /// Name, colours, links and sender that its customers see, as JSON.
    pub brand: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// What is stored of a reseller.
#[derive(Clone, Copy, Debug)]
pub struct ResellerText<'a> {
    /// Its name.
    pub name: &'a str,
    /// Limits as JSON.
    pub limits: &'a str,
    /// Features as a JSON list.
    pub features: &'a str,
    /// Privileges as a JSON list.
    pub privileges: &'a str,
}

/// Makes a reseller.
///
/// # Errors
/// `AlreadyExists`.
pub fn create(tx: &mut Tx<'_>, _server: ServerScope, new: &ResellerText<'_>) -> Result<ResellerId> {
    let row = (
        resellers::name.eq(new.name),
        resellers::status.eq("active"),
        resellers::limits.eq(new.limits),
        resellers::features.eq(new.features),
        resellers::privileges.eq(new.privileges),
        resellers::brand.eq("{}"),
        resellers::created_at.eq(tx.now().ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(resellers::table)
        .values(row)
        .returning(resellers::id)
        .get_result(c))
    .or_db("making the reseller")?;
    Ok(ResellerId(id))
}

/// One reseller of those that the actor may touch.
///
/// # Errors
/// `NotFound("reseller")`.
pub fn find(tx: &mut Tx<'_>, customers: &CustomersScope, id: ResellerId) -> Result<Reseller> {
    if !customers.covers(id) {
        return Err(Error::not_found("reseller"));
    }
    resellers::table
        .filter(resellers::id.eq(id.get()))
        .select(Reseller::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the reseller")?
        .ok_or_else(|| Error::not_found("reseller"))
}

/// A reseller with what it sold.
#[derive(Clone, Debug)]
pub struct ResellerLine {
    /// The reseller.
    pub reseller: Reseller,
    /// Accounts, without those in the graveyard.
    pub accounts: i64,
    /// Bytes of their files.
    pub disk_bytes: i64,
}

/// Resellers by name, at most 500.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<ResellerLine>> {
    let mut query =
        resellers::table.order((resellers::name, resellers::id)).limit(500).select(Reseller::as_select()).into_boxed();
    if let Some(own) = customers.resellers() {
        query = query.filter(resellers::id.eq_any(own.to_vec()));
    }
    let rows: Vec<Reseller> = query.load(tx.conn()).or_db("listing resellers")?;
    let ids: Vec<i64> = rows.iter().map(|r| r.id.get()).collect();
    let counts: Vec<(i64, i64)> = accounts::table
        .filter(accounts::reseller_id.eq_any(ids.clone()))
        .filter(accounts::status.ne(TERMINATED))
        .group_by(accounts::reseller_id)
        .order(accounts::reseller_id)
        .select((accounts::reseller_id, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("counting accounts")?;
    let disks: Vec<(i64, i64)> = account_usage::table
        .inner_join(accounts::table)
        .filter(accounts::reseller_id.eq_any(ids))
        .filter(accounts::status.ne(TERMINATED))
        .group_by(accounts::reseller_id)
        .order(accounts::reseller_id)
        .select((accounts::reseller_id, all_bytes()))
        .load(tx.conn())
        .or_db("adding up files")?;
    let of = |all: &[(i64, i64)], id: ResellerId| all.iter().find(|(r, _)| *r == id.get()).map_or(0, |(_, n)| *n);
    Ok(rows
        .into_iter()
        .map(|reseller| ResellerLine {
            accounts: of(&counts, reseller.id),
            disk_bytes: of(&disks, reseller.id),
            reseller,
        })
        .collect())
}

/// The sum of bytes of files: of big numbers, it is a numeric in PostgreSQL.
fn all_bytes() -> diesel::expression::SqlLiteral<BigInt> {
    diesel::dsl::sql("CAST(COALESCE(SUM(account_usage.disk_bytes), 0) AS BIGINT)")
}

/// Bytes of all files of a reseller's accounts.
///
/// # Errors
/// Database failures.
pub fn disk_of(tx: &mut Tx<'_>, _customers: &CustomersScope, id: ResellerId) -> Result<i64> {
    account_usage::table
        .inner_join(accounts::table)
        .filter(accounts::reseller_id.eq(id.get()))
        .filter(accounts::status.ne(TERMINATED))
        .select(all_bytes())
        .get_result(tx.conn())
        .or_db("adding up files")
}

/// Changes what is stored of a reseller.
///
/// # Errors
/// `AlreadyExists`.
pub fn change(tx: &mut Tx<'_>, _server: ServerScope, id: ResellerId, new: &ResellerText<'_>) -> Result<()> {
    diesel::update(resellers::table.filter(resellers::id.eq(id.get())))
        .set((
            resellers::name.eq(new.name),
            resellers::limits.eq(new.limits),
            resellers::features.eq(new.features),
            resellers::privileges.eq(new.privileges),
        ))
        .execute(tx.conn())
        .or_db("changing the reseller")?;
    Ok(())
}

/// Sets the status of a reseller.
///
/// # Errors
/// Database failures.
pub fn set_status(tx: &mut Tx<'_>, _server: ServerScope, id: ResellerId, status: &str) -> Result<()> {
    diesel::update(resellers::table.filter(resellers::id.eq(id.get())))
        .set(resellers::status.eq(status))
        .execute(tx.conn())
        .or_db("changing the reseller")?;
    Ok(())
}

/// Sets what a reseller's customers see.
///
/// # Errors
/// Database failures.
pub fn set_brand(tx: &mut Tx<'_>, customers: &CustomersScope, id: ResellerId, brand: &str) -> Result<()> {
    if !customers.covers(id) {
        return Err(Error::not_found("reseller"));
    }
    diesel::update(resellers::table.filter(resellers::id.eq(id.get())))
        .set(resellers::brand.eq(brand))
        .execute(tx.conn())
        .or_db("changing the brand")?;
    Ok(())
}

/// Brands of the resellers of some accounts' sites: `(account, brand)` where there is one.
///
/// # Errors
/// Database failures.
pub fn brand_of(tx: &mut Tx<'_>, reseller: ResellerId) -> Result<Option<String>> {
    resellers::table
        .filter(resellers::id.eq(reseller.get()))
        .select(resellers::brand)
        .first(tx.conn())
        .optional()
        .or_db("reading the brand")
}

/// Deletes a reseller without accounts.
///
/// # Errors
/// Database failures (accounts are asked before).
pub fn delete(tx: &mut Tx<'_>, _server: ServerScope, id: ResellerId) -> Result<()> {
    use crate::schema::{held_roles, plans};
    diesel::delete(
        held_roles::table.filter(held_roles::scope.eq("reseller")).filter(held_roles::scope_id.eq(id.get())),
    )
    .execute(tx.conn())
    .or_db("deleting the reseller's roles")?;
    diesel::delete(plans::table.filter(plans::reseller_id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the reseller's plans")?;
    diesel::delete(resellers::table.filter(resellers::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the reseller")?;
    Ok(())
}

/// Accounts of a reseller after one of them, those in the graveyard too, by id; so many at once.
///
/// # Errors
/// Database failures.
pub fn accounts_of(
    tx: &mut Tx<'_>,
    _customers: &CustomersScope,
    id: ResellerId,
    after: AccountId,
) -> Result<Vec<crate::accounts::Account>> {
    accounts::table
        .filter(accounts::reseller_id.eq(id.get()))
        .filter(accounts::id.gt(after.get()))
        .order(accounts::id)
        .limit(1000)
        .select(crate::accounts::Account::as_select())
        .load(tx.conn())
        .or_db("listing the reseller's accounts")
}
