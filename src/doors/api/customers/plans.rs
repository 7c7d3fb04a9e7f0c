//! Plans: limits and features of accounts.

use actix_web::web::Payload;
use freehold_base::{Code, Error, Feature, Features, PlanId, Result};
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::limits::Limits;
use freehold_store::plans::Plan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::ctx::{ApiCtx, ApiReply, created, done, ok};
use crate::api::strict;

/// Limits of a plan; what is not named is not limited.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsBody {
    /// Files, in MB.
    pub disk_mb: Option<u64>,
    /// Files and folders.
    pub files: Option<u64>,
    /// Traffic of a month, in GB.
    pub traffic_gb: Option<u64>,
    /// Sites.
    pub sites: Option<u64>,
    /// Domains.
    pub domains: Option<u64>,
    /// Subdomains.
    pub subdomains: Option<u64>,
    /// Further names of sites.
    pub aliases: Option<u64>,
    /// Databases.
    pub databases: Option<u64>,
    /// Mailboxes.
    pub mailboxes: Option<u64>,
    /// Logins to files.
    pub logins: Option<u64>,
    /// Commands at set times.
    pub cron_jobs: Option<u64>,
    /// People beside the owner.
    pub people: Option<u64>,
    /// Processes at once.
    pub processes: Option<u64>,
    /// Memory of a process, in MB.
    pub memory_mb: Option<u64>,
    /// Share of one core, in percent.
    pub cpu_percent: Option<u64>,
    /// Suspend an account whose month's traffic is used up.
    pub suspend_over_traffic: bool,
}

/// The two are the same fields; the domain's type is not shown outside.
macro_rules! same_fields {
    ($from:ident, $to:ident, $($field:ident),*) => {
        impl From<$from> for $to {
            fn from(l: $from) -> Self {
                Self { $($field: l.$field),* }
            }
        }
        impl From<$to> for $from {
            fn from(l: $to) -> Self {
                Self { $($field: l.$field),* }
            }
        }
    };
}
same_fields!(
    LimitsBody,
    Limits,
    disk_mb,
    files,
    traffic_gb,
    sites,
    domains,
    subdomains,
    aliases,
    databases,
    mailboxes,
    logins,
    cron_jobs,
    people,
    processes,
    memory_mb,
    cpu_percent,
    suspend_over_traffic
);

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    /// Its number.
    pub id: i64,
    /// Whose; 0: the installation's.
    pub reseller: i64,
    /// Its name.
    pub name: String,
    /// Its limits.
    pub limits: LimitsBody,
    /// Its features.
    pub features: Vec<&'static str>,
    /// How many accounts have it.
    pub accounts: i64,
}

impl PlanView {
    fn new(plan: &Plan, accounts: i64) -> Self {
        let edit = PlanEdit::of(plan);
        Self {
            id: plan.id.get(),
            reseller: plan.reseller_id.get(),
            name: edit.name,
            limits: edit.limits.into(),
            features: edit.features.iter().map(Feature::name).collect(),
            accounts,
        }
    }
}

/// A plan to make, or the whole of a changed one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanInput {
    /// Its name.
    pub name: String,
    /// Its limits.
    #[serde(default)]
    pub limits: LimitsBody,
    /// Its features; nothing: all.
    pub features: Option<Vec<String>>,
}

/// Features by name; nothing: all.
pub(super) fn features_of(names: Option<&[String]>) -> Result<Features> {
    let Some(names) = names else { return Ok(Features::ALL) };
    names.iter().try_fold(Features::NONE, |all, name| {
        let known = || Feature::ALL.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ");
        let feature = Feature::by_name(name).ok_or_else(|| Error::invalid("features", Code::NotAllowed, known()))?;
        Ok(all.with(feature))
    })
}

impl PlanInput {
    fn edit(self) -> Result<PlanEdit> {
        Ok(PlanEdit { features: features_of(self.features.as_deref())?, name: self.name, limits: self.limits.into() })
    }
}

/// All plans.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlansView {
    /// By name.
    pub items: Vec<PlanView>,
}

/// All plans, by name.
pub async fn list_plans(ctx: ApiCtx) -> ApiReply {
    let rows = ctx.read(plans::list).await?;
    Ok(ok(&PlansView { items: rows.iter().map(|(plan, n)| PlanView::new(plan, *n)).collect() }, None)?)
}

/// Makes a plan.
pub async fn create_plan(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let edit = strict::read::<PlanInput>(&ctx.body(payload).await?)?.edit()?;
    let plan = ctx
        .write(move |tx| {
            let id = plans::create(tx, &edit)?;
            plans::find(tx, id)
        })
        .await?;
    Ok(created(&PlanView::new(&plan, 0), &format!("/api/v1/plans/{}", plan.id))?)
}

/// One plan.
pub async fn read_plan(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<PlanId>("id", "plan")?;
    let rows = ctx.read(plans::list).await?;
    let found = rows.iter().find(|(plan, _)| plan.id == id).ok_or_else(|| Error::not_found("plan"))?;
    Ok(ok(&PlanView::new(&found.0, found.1), None)?)
}

/// Writes a plan anew.
pub async fn put_plan(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<PlanId>("id", "plan")?;
    let edit = strict::read::<PlanInput>(&ctx.body(payload).await?)?.edit()?;
    ctx.write(move |tx| plans::change(tx, id, &edit)).await?;
    Ok(done())
}

/// Deletes a plan that no account has.
pub async fn delete_plan(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<PlanId>("id", "plan")?;
    ctx.write(move |tx| plans::delete(tx, id)).await?;
    Ok(done())
}
