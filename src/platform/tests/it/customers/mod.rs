//! Accounts of customers: plans, resellers, suspension, the graveyard, opening as owner, traffic and warnings.

mod closing;
mod reselling;
mod tables;
mod traffic;
mod within_plans;

use freehold_base::capability::PRIVILEGES;
use freehold_base::{AccountId, Features, HostName, PlanId, ResellerId, SiteId};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::{self, ResellerEdit, ResellerLimits};
use freehold_platform::limits::Limits;
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::Actor;

use crate::support::*;

fn plan(town: &Town, name: &str, limits: Limits, features: Features) -> PlanId {
    let edit = PlanEdit { name: name.into(), limits, features };
    town.system(move |_, tx| plans::create(tx, &edit))
}

fn small() -> Limits {
    Limits { sites: Some(1), people: Some(1), disk_mb: Some(100), traffic_gb: Some(1), ..Limits::default() }
}

fn open(town: &Town, by: &Actor, title: &str, plan: PlanId, reseller: ResellerId) -> freehold_base::Result<AccountId> {
    let opening = Opening { title: title.into(), plan, reseller };
    town.write(by, move |_, tx| accounts::open(tx, &opening))
}

fn reseller(town: &Town, name: &str, limits: ResellerLimits, features: Features) -> ResellerId {
    let edit = ResellerEdit { name: name.into(), limits, features, privileges: PRIVILEGES.to_vec() };
    town.system(move |_, tx| resellers::create(tx, &edit))
}

fn site(town: &Town, by: &Actor, account: AccountId, host: &str) -> freehold_base::Result<SiteId> {
    let new =
        NewSite { account, title: host.into(), host: HostName::parse(host).unwrap(), settings: Settings::default() };
    town.write(by, move |_, tx| sites::create(tx, &new))
}

fn suspended(town: &Town, host: &str) -> Option<bool> {
    let hosts = town.store.read(&Actor::system(), sites::hosts).unwrap();
    hosts.iter().find(|h| h.host == host).map(|h| h.suspended)
}
