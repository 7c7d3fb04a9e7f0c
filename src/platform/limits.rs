//! What a plan allows an account: read and checked in the transaction that makes the thing, so that two at once cannot
//! both take the last place. Who counts what there is knows the noun; this module knows the plan.

use freehold_base::{Code, Error, Feature, Result};
use freehold_store::{AccountScope, SiteScope, Tx, plans};
use serde::{Deserialize, Serialize};

/// Limits of a plan; `None`: not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Files on the disk, in MB (1,000,000 bytes).
    pub disk_mb: Option<u64>,
    /// Files and folders.
    pub files: Option<u64>,
    /// Traffic of a month, in GB (1,000,000,000 bytes).
    pub traffic_gb: Option<u64>,
    /// Sites.
    pub sites: Option<u64>,
    /// Domains of their own.
    pub domains: Option<u64>,
    /// Names below a domain of the account.
    pub subdomains: Option<u64>,
    /// Further names of a site.
    pub aliases: Option<u64>,
    /// Databases.
    pub databases: Option<u64>,
    /// Mailboxes.
    pub mailboxes: Option<u64>,
    /// Logins to files.
    pub logins: Option<u64>,
    /// Commands at set times.
    pub cron_jobs: Option<u64>,
    /// People of the account beside its owner.
    pub people: Option<u64>,
    /// Processes at once.
    pub processes: Option<u64>,
    /// Memory of a process, in MB.
    pub memory_mb: Option<u64>,
    /// Share of one core, in percent.
    pub cpu_percent: Option<u64>,
    /// Whether an account is suspended when its month's traffic is used up.
    pub suspend_over_traffic: bool,
}

/// Something that is counted against a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Sites.
    Sites,
    /// Domains of their own.
    Domains,
    /// Names below a domain of the account.
    Subdomains,
    /// Further names of a site.
    Aliases,
    /// Databases.
    Databases,
    /// Mailboxes.
    Mailboxes,
    /// Logins to files.
    Logins,
    /// Commands at set times.
    CronJobs,
    /// People of the account beside its owner.
    People,
}

impl Resource {
    /// All of them.
    pub const ALL: &[Resource] = &[
        Self::Sites,
        Self::Domains,
        Self::Subdomains,
        Self::Aliases,
        Self::Databases,
        Self::Mailboxes,
        Self::Logins,
        Self::CronJobs,
        Self::People,
    ];
    /// The word of the sentence "The plan allows no more …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Sites => "sites",
            Self::Domains => "domains",
            Self::Subdomains => "subdomains",
            Self::Aliases => "further names",
            Self::Databases => "databases",
            Self::Mailboxes => "mailboxes",
            Self::Logins => "logins to files",
            Self::CronJobs => "commands at set times",
            Self::People => "people",
        }
    }
}

impl Limits {
    /// Reads stored limits; what cannot be read limits nothing.
    pub fn stored(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
    /// How many of a resource may be there.
    pub fn most(&self, resource: Resource) -> Option<u64> {
        match resource {
            Resource::Sites => self.sites,
            Resource::Domains => self.domains,
            Resource::Subdomains => self.subdomains,
            Resource::Aliases => self.aliases,
            Resource::Databases => self.databases,
            Resource::Mailboxes => self.mailboxes,
            Resource::Logins => self.logins,
            Resource::CronJobs => self.cron_jobs,
            Resource::People => self.people,
        }
    }
    /// Bytes of files.
    pub fn disk_bytes(&self) -> Option<u64> {
        self.disk_mb.map(|mb| mb.saturating_mul(1_000_000))
    }
    /// Bytes of a month's traffic.
    pub fn traffic_bytes(&self) -> Option<u64> {
        self.traffic_gb.map(|gb| gb.saturating_mul(1_000_000_000))
    }
}

/// The limits of an account's plan; none where it has no plan.
///
/// # Errors
/// Database failures.
pub fn of(tx: &mut Tx<'_>, account: AccountScope) -> Result<Limits> {
    Ok(plans::of_account(tx, account)?.map(|plan| Limits::stored(&plan.limits)).unwrap_or_default())
}

/// The limits of the plan of a site's account; none where it has no plan.
///
/// # Errors
/// Database failures.
pub fn of_site(tx: &mut Tx<'_>, site: SiteScope) -> Result<Limits> {
    Ok(plans::of_site(tx, site)?.map(|plan| Limits::stored(&plan.limits)).unwrap_or_default())
}

/// Fails unless the account's plan and its reseller include a feature that no capability stands for.
///
/// # Errors
/// `FeatureOff`.
pub fn need_feature(account: AccountScope, feature: Feature) -> Result<()> {
    if account.features().has(feature) { Ok(()) } else { Err(Error::refused(Code::FeatureOff, feature.label())) }
}

/// Fails unless one more may be made where `used` are there already. Call it in the transaction that makes it.
///
/// # Errors
/// `LimitReached`.
pub fn need_room(tx: &mut Tx<'_>, account: AccountScope, resource: Resource, used: i64) -> Result<()> {
    let most = of(tx, account)?.most(resource);
    if most.is_none_or(|most| u64::try_from(used).is_ok_and(|used| used < most)) {
        return Ok(());
    }
    Err(Error::refused(Code::LimitReached, resource.words()))
}
