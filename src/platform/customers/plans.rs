//! Plans: named limits and features.

use freehold_base::{Capability, Code, Error, Features, PlanId, ResellerId, Result, text};
use freehold_store::plans::{self as rows, Plan, PlanText};
use freehold_store::tx::audit::Chain;
use freehold_store::{CustomersScope, Tx};

use super::resellers;
use crate::limits::Limits;

/// Longest name of a plan.
pub const NAME_CHARS: usize = 60;

/// A plan as people write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEdit {
    /// Its name.
    pub name: String,
    /// Its limits.
    pub limits: Limits,
    /// Its features.
    pub features: Features,
}

impl PlanEdit {
    /// What a stored plan says.
    pub fn of(plan: &Plan) -> Self {
        let names: Vec<String> = serde_json::from_str(&plan.features).unwrap_or_default();
        Self {
            name: plan.name.clone(),
            limits: Limits::stored(&plan.limits),
            features: Features::named(names.iter().map(String::as_str)),
        }
    }
    fn stored(&self) -> Result<Stored> {
        let names: Vec<&str> = self.features.iter().map(freehold_base::Feature::name).collect();
        let json = |e| Error::internal("writing a plan", e);
        Ok(Stored {
            name: text::required_line("name", &self.name, NAME_CHARS)?,
            limits: serde_json::to_string(&self.limits).map_err(json)?,
            features: serde_json::to_string(&names).map_err(json)?,
        })
    }
}

struct Stored {
    name: String,
    limits: String,
    features: String,
}

impl Stored {
    fn text(&self) -> PlanText<'_> {
        PlanText { name: &self.name, limits: &self.limits, features: &self.features }
    }
}

/// The three plans that a new installation offers; people change them as they like.
pub fn ready() -> Vec<PlanEdit> {
    let plan = |name: &str, disk_mb, traffic_gb, sites, without: &[freehold_base::Feature]| PlanEdit {
        name: name.into(),
        limits: Limits {
            disk_mb: Some(disk_mb),
            files: Some(disk_mb.saturating_mul(20)),
            traffic_gb: Some(traffic_gb),
            sites: Some(sites),
            domains: Some(sites.saturating_mul(2)),
            subdomains: Some(sites.saturating_mul(10)),
            aliases: Some(sites.saturating_mul(10)),
            databases: Some(sites.saturating_mul(2)),
            mailboxes: Some(sites.saturating_mul(10)),
            logins: Some(sites.saturating_mul(5)),
            cron_jobs: Some(sites.saturating_mul(5)),
            people: Some(sites.saturating_mul(5)),
            processes: Some(20),
            memory_mb: Some(512),
            cpu_percent: Some(100),
            suspend_over_traffic: false,
        },
        features: freehold_base::Feature::ALL
            .iter()
            .filter(|f| !without.contains(f))
            .fold(Features::NONE, |all, f| all.with(*f)),
    };
    use freehold_base::Feature::{Cron, Ftp, Terminal};
    vec![
        plan("Small", 5_000, 25, 1, &[Cron, Ftp, Terminal]),
        plan("Studio", 20_000, 100, 5, &[Terminal]),
        plan("Business", 100_000, 500, 25, &[]),
    ]
}

/// Plans that the actor may give to accounts, with how many accounts have each.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<(Plan, i64)>> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::list(tx, &customers)
}

/// One plan.
///
/// # Errors
/// `Denied`, `NotFound("plan")`.
pub fn find(tx: &mut Tx<'_>, id: PlanId) -> Result<Plan> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::find(tx, &customers, id)
}

/// Makes a plan: of the installation for who runs it, of the reseller for a reseller.
///
/// # Errors
/// `Denied`, `Invalid` (name), `ResellerLimit` (a reseller cannot give what it does not have).
pub fn create(tx: &mut Tx<'_>, edit: &PlanEdit) -> Result<PlanId> {
    let customers = tx.authorize_customers(Capability::PlansManage)?;
    let owner = owner(&customers);
    resellers::may_give(tx, &customers, owner, edit.features)?;
    let stored = edit.stored()?;
    let id = rows::create(tx, &customers, owner, &stored.text()).map_err(|e| taken(e, &stored.name))?;
    tx.audit(Chain::Server, "plan.create", format!("plan {id} {}", stored.name), stored.limits.clone());
    Ok(id)
}

/// Changes a plan. Its limits hold at once for every account that has it; what is over them stays and is listed.
///
/// # Errors
/// `Denied`, `NotFound("plan")`, `Invalid` (name), `ResellerLimit` where it, or what its accounts would have
/// together, is more than their reseller may sell.
pub fn change(tx: &mut Tx<'_>, id: PlanId, edit: &PlanEdit) -> Result<()> {
    let customers = tx.authorize_customers(Capability::PlansManage)?;
    let plan = own(tx, &customers, id)?;
    resellers::may_give(tx, &customers, plan.reseller_id, edit.features)?;
    let stored = edit.stored()?;
    rows::change(tx, &plan, &stored.text()).map_err(|e| taken(e, &stored.name))?;
    // A smaller plan is never refused, however much its reseller has sold.
    if is_larger(&edit.limits, &Limits::stored(&plan.limits)) {
        resellers::still_fits(tx, &customers, plan.reseller_id)?;
    }
    tx.audit(Chain::Server, "plan.change", format!("plan {id} {}", stored.name), stored.limits.clone());
    Ok(())
}

/// Deletes a plan that no account has.
///
/// # Errors
/// `Denied`, `NotFound("plan")`, `WrongState` where accounts have it.
pub fn delete(tx: &mut Tx<'_>, id: PlanId) -> Result<()> {
    let customers = tx.authorize_customers(Capability::PlansManage)?;
    let plan = own(tx, &customers, id)?;
    if rows::in_use(tx, &plan)? > 0 {
        return Err(Error::refused(Code::WrongState, "accounts have this plan; give them another one first"));
    }
    rows::delete(tx, &plan)?;
    tx.audit(Chain::Server, "plan.delete", format!("plan {id} {}", plan.name), "");
    Ok(())
}

/// The plan with a name that accounts of a reseller may have: its own before one of the installation.
///
/// # Errors
/// `Denied`, `NotFound("plan")`.
pub fn named(tx: &mut Tx<'_>, reseller: ResellerId, name: &str) -> Result<PlanId> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    if let Some(own) = rows::of_name(tx, &customers, reseller, name)? {
        return Ok(own);
    }
    rows::of_name(tx, &customers, ResellerId(0), name)?.ok_or_else(|| Error::not_found("plan"))
}

/// Whether a plan gives more than another of what resellers may sell.
fn is_larger(new: &Limits, old: &Limits) -> bool {
    let more = |new: Option<u64>, old: Option<u64>| old.is_some_and(|old| new.is_none_or(|new| new > old));
    more(new.disk_mb, old.disk_mb) || more(new.traffic_gb, old.traffic_gb)
}

/// Whose plan a new one is.
pub(super) fn owner(customers: &CustomersScope) -> ResellerId {
    customers.resellers().and_then(|own| own.first()).map_or(ResellerId(0), |id| ResellerId(*id))
}

/// A plan that the actor may change: resellers use plans of the installation and change only their own.
fn own(tx: &mut Tx<'_>, customers: &CustomersScope, id: PlanId) -> Result<Plan> {
    let plan = rows::find(tx, customers, id)?;
    if customers.covers(plan.reseller_id) { Ok(plan) } else { Err(Error::denied()) }
}

fn taken(e: Error, name: &str) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::invalid("name", Code::AlreadyExists, name),
        _ => e,
    }
}
