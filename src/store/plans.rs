//! Plans: named limits and features for accounts, of the installation or of a reseller. Limits and features are JSON
//! that the platform reads; this file keeps them as text.

use diesel::prelude::*;
use freehold_base::{Error, PlanId, ResellerId, Result, Timestamp};

use crate::access::TERMINATED;
use crate::conn::OrDb as _;
use crate::like::lower;
use crate::schema::{accounts, plans};
use crate::{AccountScope, CustomersScope, ServerScope, SiteScope, Tx, each_backend};

/// A plan.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = plans)]
pub struct Plan {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: PlanId,
    /// Whose; 0: the installation's.
    #[diesel(deserialize_as = i64)]
    pub reseller_id: ResellerId,
    /// Its name, once per owner.
    pub name: String,
    /// Limits as JSON.
    pub limits: String,
    /// Names of its features as a JSON list.
    pub features: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// What a plan says.
#[derive(Clone, Copy, Debug)]
pub struct PlanText<'a> {
    /// Its name.
    pub name: &'a str,
    /// Limits as JSON.
    pub limits: &'a str,
    /// Features as a JSON list.
    pub features: &'a str,
}

/// Makes a plan.
///
/// # Errors
/// `AlreadyExists`.
pub fn create(
    tx: &mut Tx<'_>,
    _customers: &CustomersScope,
    reseller: ResellerId,
    new: &PlanText<'_>,
) -> Result<PlanId> {
    let row = (
        plans::reseller_id.eq(reseller.get()),
        plans::name.eq(new.name),
        plans::limits.eq(new.limits),
        plans::features.eq(new.features),
        plans::created_at.eq(tx.now().ms()),
    );
    let id: i64 =
        each_backend!(tx.conn(), |c| diesel::insert_into(plans::table).values(row).returning(plans::id).get_result(c))
            .or_db("making the plan")?;
    Ok(PlanId(id))
}

/// A plan that these customers' accounts may have: an own one, or one of the installation.
///
/// # Errors
/// `NotFound("plan")`.
pub fn find(tx: &mut Tx<'_>, customers: &CustomersScope, id: PlanId) -> Result<Plan> {
    let plan: Option<Plan> = plans::table
        .filter(plans::id.eq(id.get()))
        .select(Plan::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the plan")?;
    plan.filter(|p| p.reseller_id == ResellerId(0) || customers.covers(p.reseller_id))
        .ok_or_else(|| Error::not_found("plan"))
}

/// The plan of an account; `None` where it has none.
///
/// # Errors
/// Database failures.
pub fn of_account(tx: &mut Tx<'_>, account: AccountScope) -> Result<Option<Plan>> {
    accounts::table
        .inner_join(plans::table)
        .filter(accounts::id.eq(account.get()))
        .select(Plan::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the account's plan")
}

/// The plan of a site's account; `None` where it has none.
///
/// # Errors
/// Database failures.
pub fn of_site(tx: &mut Tx<'_>, site: SiteScope) -> Result<Option<Plan>> {
    accounts::table
        .inner_join(plans::table)
        .filter(accounts::id.eq(site.account().get()))
        .select(Plan::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the account's plan")
}

/// Plans by name, with how many accounts have each; at most 500.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, customers: &CustomersScope) -> Result<Vec<(Plan, i64)>> {
    let mut query = plans::table
        .order((plans::reseller_id, plans::name, plans::id))
        .limit(500)
        .select(Plan::as_select())
        .into_boxed();
    let mut counts = accounts::table
        .filter(accounts::status.ne(TERMINATED))
        .group_by(accounts::plan_id)
        .order(accounts::plan_id)
        .select((accounts::plan_id, diesel::dsl::count_star()))
        .into_boxed();
    if let Some(own) = customers.resellers() {
        let mut whose = own.to_vec();
        whose.push(0);
        query = query.filter(plans::reseller_id.eq_any(whose));
        counts = counts.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    let rows: Vec<Plan> = query.load(tx.conn()).or_db("listing plans")?;
    let counts: Vec<(i64, i64)> = counts.load(tx.conn()).or_db("counting accounts")?;
    let of = |id: PlanId| counts.iter().find(|(plan, _)| *plan == id.get()).map_or(0, |(_, n)| *n);
    Ok(rows.into_iter().map(|plan| (plan.clone(), of(plan.id))).collect())
}

/// Changes a plan.
///
/// # Errors
/// `AlreadyExists`.
pub fn change(tx: &mut Tx<'_>, plan: &Plan, new: &PlanText<'_>) -> Result<()> {
    diesel::update(
        plans::table.filter(plans::id.eq(plan.id.get())).filter(plans::reseller_id.eq(plan.reseller_id.get())),
    )
    .set((plans::name.eq(new.name), plans::limits.eq(new.limits), plans::features.eq(new.features)))
    .execute(tx.conn())
    .or_db("changing the plan")?;
    Ok(())
}

/// Deletes a plan.
///
/// # Errors
/// Database failures.
pub fn delete(tx: &mut Tx<'_>, plan: &Plan) -> Result<()> {
    diesel::delete(
        plans::table.filter(plans::id.eq(plan.id.get())).filter(plans::reseller_id.eq(plan.reseller_id.get())),
    )
    .execute(tx.conn())
    .or_db("deleting the plan")?;
    Ok(())
}

/// How many accounts have a plan, those in the graveyard too.
///
/// # Errors
/// Database failures.
pub fn in_use(tx: &mut Tx<'_>, plan: &Plan) -> Result<i64> {
    accounts::table
        .filter(accounts::plan_id.eq(plan.id.get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting the plan's accounts")
}

/// What a reseller sold of one plan.
#[derive(Clone, Debug, Default)]
pub struct Sold {
    /// The plan's name; empty: these accounts have none.
    pub plan: String,
    /// Its limits as stored.
    pub limits: String,
    /// How many accounts have it.
    pub accounts: u64,
}

/// What a reseller sold, plan by plan.
///
/// # Errors
/// Database failures.
pub fn sold(tx: &mut Tx<'_>, _customers: &CustomersScope, reseller: ResellerId) -> Result<Vec<Sold>> {
    let counts: Vec<(i64, i64)> = accounts::table
        .filter(accounts::reseller_id.eq(reseller.get()))
        .filter(accounts::status.ne(TERMINATED))
        .group_by(accounts::plan_id)
        .order(accounts::plan_id)
        .select((accounts::plan_id, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("adding up what is sold")?;
    let ids: Vec<i64> = counts.iter().map(|(id, _)| *id).collect();
    let plans: Vec<(i64, String, String)> = plans::table
        .filter(plans::id.eq_any(ids))
        .order(plans::id)
        .select((plans::id, plans::name, plans::limits))
        .load(tx.conn())
        .or_db("reading what is sold")?;
    let sold = |(id, n): (i64, i64)| {
        let found = plans.iter().find(|(plan, ..)| *plan == id);
        let (plan, limits) = found.map(|(_, name, limits)| (name.clone(), limits.clone())).unwrap_or_default();
        Sold { plan, limits, accounts: u64::try_from(n).unwrap_or(0) }
    };
    Ok(counts.into_iter().map(sold).collect())
}

/// The plan with a name, of a reseller; 0: of the installation. Capitals count only between two that differ in nothing
/// else.
///
/// # Errors
/// Database failures.
pub fn of_name(
    tx: &mut Tx<'_>,
    customers: &CustomersScope,
    reseller: ResellerId,
    name: &str,
) -> Result<Option<PlanId>> {
    if reseller != ResellerId(0) && !customers.covers(reseller) {
        return Ok(None);
    }
    let found: Vec<(i64, String)> = plans::table
        .filter(plans::reseller_id.eq(reseller.get()))
        .filter(plans::name.eq(name).or(lower(plans::name).eq(name.to_ascii_lowercase())))
        .order((plans::name, plans::id))
        .limit(100)
        .select((plans::id, plans::name))
        .load(tx.conn())
        .or_db("looking for the plan")?;
    let best = found.iter().find(|(_, known)| known == name).or(found.first());
    Ok(best.map(|(id, _)| PlanId(*id)))
}

/// Plans of a reseller become plans of the installation; the reseller's name is put behind theirs, which are taken once.
///
/// # Errors
/// `AlreadyExists`.
pub fn give_away(tx: &mut Tx<'_>, _server: ServerScope, reseller: ResellerId, name: &str) -> Result<()> {
    diesel::update(plans::table.filter(plans::reseller_id.eq(reseller.get())))
        .set((plans::reseller_id.eq(0), plans::name.eq(plans::name.concat(format!(" ({name})")))))
        .execute(tx.conn())
        .or_db("keeping the reseller's plans")?;
    Ok(())
}
