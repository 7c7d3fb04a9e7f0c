//! What of a plan is used, for the people of an account: on a page of each of its sites, and on one of its own for who
//! has no site here, such as a bookkeeper.

use actix_web::web::Path;
use freehold_base::{AccountId, Capability as C, Feature, Result};
use freehold_platform::customers::accounts::{self, Whole};
use freehold_platform::customers::{resellers, traffic};
use freehold_store::Tx;
use serde::Serialize;

use super::chart::Chart;
use super::words::{Meter, bytes_line, count_line, over, uses};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

/// What is used; template `customers/meters.html`.
#[derive(Serialize)]
pub struct UsageView {
    title: String,
    plan: String,
    meters: Vec<Meter>,
    over: String,
    counted: Option<TimeView>,
    chart: Chart,
    features: Vec<FeatureView>,
    help_href: String,
    help_name: String,
    people_href: String,
}

#[derive(Serialize)]
struct FeatureView {
    label: &'static str,
    on: bool,
}

impl UsageView {
    /// Of an account that was read.
    ///
    /// # Errors
    /// Database failures.
    pub fn of(tx: &mut Tx<'_>, whole: &Whole) -> Result<Self> {
        let (now, id) = (tx.now(), whole.account.id);
        let mut meters = vec![
            bytes_line("Disk", whole.disk_bytes, whole.limits.disk_bytes()),
            bytes_line("Traffic this month", whole.traffic_bytes, whole.limits.traffic_bytes()),
            count_line("Files and folders", whole.files, whole.limits.files),
        ];
        meters.extend(uses(&whole.uses));
        let plan = whole.plan.as_ref();
        let brand = resellers::brand_of(tx, whole.account.reseller_id)?.unwrap_or_default();
        let may = tx.authorize_account(id, C::AccountPeople).is_ok();
        Ok(Self {
            title: whole.account.title.clone(),
            over: over(&whole.uses),
            counted: (whole.counted_at.ms() > 0).then(|| time_view(whole.counted_at, now)),
            chart: Chart::of(&whole.traffic, traffic::day_of(now)),
            features: plan.map_or_else(Vec::new, |_| {
                Feature::ALL.iter().map(|f| FeatureView { label: f.label(), on: whole.features.has(*f) }).collect()
            }),
            plan: plan.map(|p| p.name.clone()).unwrap_or_default(),
            meters,
            help_href: brand.support_url,
            help_name: brand.name,
            people_href: if may { format!("/admin/account/{id}/people") } else { String::new() },
        })
    }
}

/// On a site's page.
pub async fn of_site(ctx: Ctx) -> Reply {
    let site = ctx.site;
    ctx.app.count_now().await;
    let view = ctx
        .read(move |tx| {
            let account = tx.authorize(site, C::UsageRead)?.account();
            let whole = accounts::show(tx, account)?;
            UsageView::of(tx, &whole)
        })
        .await?;
    let frame = ctx.frame("Plan and usage", vec![crumb("Plan and usage", None)]).await?;
    Ok(ctx.page(200, "customers/usage.html", &frame, &view)?)
}

/// On a page of the account's own.
pub async fn of_account(ctx: Ctx, id: Path<AccountId>) -> Reply {
    let id = id.into_inner();
    ctx.app.count_now().await;
    let view = ctx
        .read(move |tx| {
            let whole = accounts::show(tx, id)?;
            UsageView::of(tx, &whole)
        })
        .await?;
    let frame = ctx.frame("Plan and usage", vec![crumb(&view.title, None)]).await?;
    Ok(ctx.page(200, "customers/usage.html", &frame, &view)?)
}
