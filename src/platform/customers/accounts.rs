//! Making, listing and changing accounts.

use std::collections::HashSet;

use freehold_base::text::{self, required_line, slugify};
use freehold_base::{
    AccountId, Capability, Code, Cursor, Error, Features, OrInternal as _, Page, PlanId, ResellerId, Result, Role,
    SiteId, Timestamp,
};
use freehold_store::accounts::{self as rows, Account, AccountFilter, AccountLine, NewAccount};
use freehold_store::plans::{self as stored_plans, Plan};
use freehold_store::roles::{self, RolePlace};
use freehold_store::tx::audit::Chain;
use freehold_store::users::Person;
use freehold_store::{AccountScope, CustomersScope, Tx, access_logins, cron, sites, traffic as stored_traffic};
use serde::{Deserialize, Serialize};

use super::plans::PlanEdit;
use super::{AccountChanged, resellers, traffic, warnings};
use crate::jobs::{self, JobFilter, NewJob};
use crate::limits::{self, Limits, Resource};
use crate::sites::domains::{self, Counted};

/// Longest title.
pub const TITLE_CHARS: usize = 120;

/// An account to open. Its owner and first site are made by the caller, in the same transaction.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What people call it.
    pub title: String,
    /// Its plan; 0: none, nothing is limited (who runs the installation only).
    pub plan: PlanId,
    /// Who sells it. A reseller's people always sell for their reseller.
    pub reseller: ResellerId,
}

/// Makes an account; its short name is made from the title.
///
/// # Errors
/// `Denied`, `Invalid` (title, plan), `NotFound` (`plan`, `reseller`), `ResellerLimit`.
pub fn open(tx: &mut Tx<'_>, opening: &Opening) -> Result<AccountId> {
    let customers = tx.authorize_customers(Capability::AccountsManage)?;
    let title = required_line("title", &opening.title, TITLE_CHARS)?;
    let reseller = customers.resellers().and_then(|own| own.first()).map_or(opening.reseller, |id| ResellerId(*id));
    if reseller != ResellerId(0) {
        freehold_store::resellers::find(tx, &customers, reseller)?;
        if opening.plan == PlanId(0) {
            return Err(Error::invalid("plan", Code::Required, ""));
        }
    }
    check_plan(tx, &customers, opening.plan, reseller)?;
    let base = Some(slugify(&title)).filter(|s| !s.is_empty()).unwrap_or_else(|| "account".into());
    let base = base.chars().take(40).collect::<String>().trim_matches('-').to_owned();
    let taken: HashSet<String> = rows::names_like(tx, &customers, &base)?.into_iter().collect();
    let name = free_of(&taken, &base);
    let new = NewAccount { name: &name, title: &title, reseller, plan: opening.plan };
    let id = rows::create(tx, &customers, &new)?;
    resellers::has_room(tx, &customers, reseller)?;
    tx.audit(Chain::Server, "account.create", named(id, &title), format!("plan {}", opening.plan));
    tx.announce(AccountChanged { account: id });
    Ok(id)
}

/// `base`, or `base-2`, `base-3` …, whichever comes first that is not taken.
fn free_of(taken: &HashSet<String>, base: &str) -> String {
    let mut numbered = (2_usize..).map(|n| format!("{base}-{n}"));
    if taken.contains(base) { numbered.find(|n| !taken.contains(n)).unwrap_or_default() } else { base.to_owned() }
}

/// A plan of the installation, or of the reseller itself, that gives nothing which the reseller does not have.
fn check_plan(tx: &mut Tx<'_>, customers: &CustomersScope, plan: PlanId, reseller: ResellerId) -> Result<()> {
    if plan == PlanId(0) {
        return Ok(());
    }
    let found = stored_plans::find(tx, customers, plan)?;
    if found.reseller_id != ResellerId(0) && found.reseller_id != reseller {
        return Err(Error::not_found("plan"));
    }
    resellers::may_give(tx, customers, reseller, PlanEdit::of(&found).features)
}

/// Accounts that the actor may make sites in, by title; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn own(tx: &mut Tx<'_>) -> Result<Vec<Account>> {
    let mut list = Vec::new();
    if let Ok(customers) = tx.authorize_customers(Capability::AccountsManage) {
        let mut page = Page { size: freehold_base::PageSize::new(200), after: None };
        while list.len() < 1000 {
            let (lines, next) = rows::list(tx, &customers, &AccountFilter::default(), &page)?;
            list.extend(lines.into_iter().map(|line| line.account));
            match next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
    }
    let held: Vec<AccountId> = tx.actor().grants.accounts.iter().map(|(id, _)| *id).collect();
    for id in held.into_iter().filter(|id| !list.iter().any(|a: &Account| a.id == *id)).collect::<Vec<_>>() {
        if let Ok(scope) = tx.authorize_account(id, Capability::AccountSites) {
            list.push(rows::find(tx, scope)?);
        }
    }
    list.sort_by(|a, b| a.title.cmp(&b.title));
    Ok(list)
}

/// An account as the list of accounts shows it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// Name of its plan; empty: none.
    pub plan: String,
    /// Limits of its plan.
    pub limits: Limits,
    /// Sites.
    pub sites: i64,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// Bytes of this month's traffic.
    pub traffic_bytes: i64,
    /// Its owner: the first by name.
    pub owner: Option<Person>,
}

/// A page of accounts by title, and the cursor of the next one.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, filter: &AccountFilter, page: &Page) -> Result<(Vec<Line>, Option<Cursor>)> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    let (lines, next) = rows::list(tx, &customers, filter, page)?;
    let ids: Vec<AccountId> = lines.iter().map(|line| line.account.id).collect();
    let sites = rows::sites_of(tx, &customers, &ids)?;
    let (from, to) = traffic::month_of(tx.now());
    let traffic = stored_traffic::of_accounts(tx, &customers, &ids, from, to)?;
    let owners = roles::owners_of(tx, &customers, &ids)?;
    let of = |list: &[(AccountId, i64)], id| list.iter().find(|(a, _)| *a == id).map_or(0, |(_, n)| *n);
    let whole = lines.into_iter().map(|AccountLine { account, plan, limits, disk_bytes }| Line {
        sites: of(&sites, account.id),
        traffic_bytes: of(&traffic, account.id),
        owner: owners.iter().find(|(a, _)| *a == account.id).map(|(_, person)| person.clone()),
        limits: Limits::stored(&limits),
        account,
        plan,
        disk_bytes,
    });
    Ok((whole.collect(), next))
}

/// What people call each account, by title; at most 5,000.
///
/// # Errors
/// `Denied`.
pub fn titles(tx: &mut Tx<'_>) -> Result<Vec<(AccountId, String)>> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::titles(tx, &customers)
}

/// How many accounts there are of each status.
///
/// # Errors
/// `Denied`.
pub fn count_by_status(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::count_by_status(tx, &customers)
}

/// One resource of an account: how much is used, how much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// What.
    pub resource: Resource,
    /// How many there are.
    pub used: i64,
    /// How many there may be; `None`: not limited.
    pub most: Option<u64>,
}

impl Use {
    /// Whether there are more than there may be.
    pub fn is_over(&self) -> bool {
        self.most.is_some_and(|most| u64::try_from(self.used).unwrap_or(0) > most)
    }
}

/// Everything about an account.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The account.
    pub account: Account,
    /// Its plan.
    pub plan: Option<Plan>,
    /// The plan's limits.
    pub limits: Limits,
    /// What its plan and its reseller include.
    pub features: Features,
    /// Its sites.
    pub sites: Vec<sites::Site>,
    /// Its people with their roles.
    pub people: Vec<(Person, Role)>,
    /// What of the plan is used.
    pub uses: Vec<Use>,
    /// Bytes of its files, as last counted.
    pub disk_bytes: i64,
    /// Files and folders.
    pub files: i64,
    /// When they were counted; 0: never.
    pub counted_at: Timestamp,
    /// Traffic of the last 31 days and of this month, oldest first.
    pub traffic: Vec<stored_traffic::TrafficDay>,
    /// Bytes of this month's traffic.
    pub traffic_bytes: i64,
}

/// Everything about an account, for its people who may see its usage and for who sells it.
///
/// # Errors
/// `NotFound("account")`, `Denied`.
pub fn show(tx: &mut Tx<'_>, id: AccountId) -> Result<Whole> {
    let scope = tx.authorize_account(id, Capability::UsageRead)?;
    let account = rows::find(tx, scope)?;
    let plan = stored_plans::of_account(tx, scope)?;
    let limits = plan.as_ref().map(|p| Limits::stored(&p.limits)).unwrap_or_default();
    let (disk_bytes, files, counted_at) = rows::usage(tx, scope)?;
    let (from, to) = traffic::month_of(tx.now());
    // The month so far, and 31 days for the picture whatever the day of the month.
    let first = from.min(traffic::day_of(tx.now()) - 30);
    let traffic = stored_traffic::of_account(tx, scope, first, to)?;
    let traffic_bytes = traffic.iter().filter(|d| d.day >= from).map(|d| d.bytes).fold(0, i64::saturating_add);
    let sites = sites::of_account(tx, scope)?;
    let people = roles::people_of(tx, RolePlace::Account(id))?;
    let uses = uses(tx, scope, &limits)?;
    let features = scope.features();
    Ok(Whole {
        account,
        plan,
        limits,
        features,
        sites,
        people,
        uses,
        disk_bytes,
        files,
        counted_at,
        traffic,
        traffic_bytes,
    })
}

/// What of a plan an account uses, whatever there is of it.
///
/// # Errors
/// Database failures.
pub fn uses(tx: &mut Tx<'_>, scope: AccountScope, limits: &Limits) -> Result<Vec<Use>> {
    let mut list = Vec::new();
    for resource in Resource::ALL {
        if let Some(used) = used(tx, scope, *resource)? {
            list.push(Use { resource: *resource, used, most: limits.most(*resource) });
        }
    }
    Ok(list)
}

/// How many of a resource an account has; `None` for what this release does not have yet.
fn used(tx: &mut Tx<'_>, account: AccountScope, resource: Resource) -> Result<Option<i64>> {
    Ok(Some(match resource {
        Resource::Sites => sites::count(tx, account)?,
        Resource::Domains => domains::used(tx, account, Counted::Domain)?,
        Resource::Subdomains => domains::used(tx, account, Counted::Subdomain)?,
        Resource::Aliases => domains::used(tx, account, Counted::Alias)?,
        Resource::People => roles::team_of(tx, account)?,
        Resource::CronJobs => cron::count(tx, account)?,
        Resource::Logins => access_logins::count(tx, account)?,
        Resource::Databases | Resource::Mailboxes => return Ok(None),
    }))
}

/// Changes what people call an account, and the words about it that only who sells it sees.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `Invalid` (title, note).
pub fn rename(tx: &mut Tx<'_>, id: AccountId, title: &str, note: &str) -> Result<()> {
    let scope = tx.authorize_account(id, Capability::AccountsManage)?;
    let title = required_line("title", title, TITLE_CHARS)?;
    let note = text::lines("note", note, 2000)?;
    rows::rename(tx, scope, &title, &note)?;
    tx.audit(Chain::Account(id, SiteId(0)), "account.rename", named(id, &title), "");
    Ok(())
}

/// Gives an account another plan: its limits hold at once. What is over them stays and is given back, so that it can be
/// shown; nothing is deleted.
///
/// # Errors
/// `Denied`, `NotFound` (`account`, `plan`), `ResellerLimit`.
pub fn change_plan(tx: &mut Tx<'_>, id: AccountId, plan: PlanId) -> Result<Vec<Use>> {
    let scope = tx.authorize_account(id, Capability::AccountsManage)?;
    let customers = tx.authorize_customers(Capability::AccountsManage)?;
    let account = rows::find(tx, scope)?;
    if plan == PlanId(0) && scope.reseller() != ResellerId(0) {
        return Err(Error::invalid("plan", Code::Required, ""));
    }
    check_plan(tx, &customers, plan, scope.reseller())?;
    rows::set_plan(tx, scope, plan)?;
    warnings::open_again(tx, scope)?;
    resellers::still_fits(tx, &customers, scope.reseller())?;
    let limits = limits::of(tx, scope)?;
    let over: Vec<Use> = uses(tx, scope, &limits)?.into_iter().filter(Use::is_over).collect();
    tx.audit(Chain::Account(id, SiteId(0)), "account.plan", named(id, &account.title), format!("plan {plan}"));
    tx.announce(AccountChanged { account: id });
    Ok(over)
}

/// The job that carries the folder of a site of files to its new account. Its handler stands where files are known.
pub const CARRY: &str = "site.carry";

/// What [`CARRY`] is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// The account that had the site.
    pub from: AccountId,
    /// The account that has it now.
    pub to: AccountId,
    /// The folder below the old account's home.
    pub folder: String,
    /// Its number on the disk: what somebody lays in its place later is theirs, and stays.
    pub inode: u64,
    /// Its place below the new account's home.
    pub place: String,
    /// The newest state of the old account's texts when it was asked: later ones are its own.
    pub newest_version: i64,
}

/// Moves a site with its names to another account; the content goes along. Of a site of files the caller, who knows
/// them, says where its folder lies and goes to: that is carried by a job, which ends once begun.
///
/// # Errors
/// `Denied`, `NotFound` (`site`, `account`), `LimitReached`, `DomainOverlaps` (rule E5); `WrongState` where it is there already, where its folder
/// changed meanwhile, and while an earlier job of its folder is not done.
pub fn move_site(tx: &mut Tx<'_>, site: SiteId, to: AccountId, carry: Option<&Carry>) -> Result<()> {
    let from = tx.authorize(site, Capability::SiteRead)?;
    tx.authorize_account(from.account(), Capability::AccountsManage)?;
    let target = tx.authorize_account(to, Capability::AccountsManage)?;
    let row = sites::find(tx, from)?;
    if from.account() == to {
        return Err(Error::refused(Code::WrongState, "the account has this site already"));
    }
    let known = carry.map(|c| (c.from, c.to, c.folder.as_str()));
    let meant = (!row.root.is_empty()).then_some((from.account(), to, row.root.as_str()));
    if known != meant {
        return Err(Error::refused(Code::WrongState, "the site was changed in the meantime; try again"));
    }
    if rows::find(tx, target)?.status == "terminated" {
        return Err(Error::refused(Code::WrongState, "the account is closed; take it back first"));
    }
    let used = sites::count(tx, target)?;
    limits::need_room(tx, target, Resource::Sites, used)?;
    if let Some(carry) = carry {
        nothing_on_its_way(tx, site)?;
        sites::set_root(tx, from, &carry.place)?;
        let payload = serde_json::to_string(carry).or_internal("writing a job")?;
        let run_at = tx.now();
        jobs::enqueue(tx, &NewJob { site, kind: CARRY, payload: &payload, run_at, unique_key: None })?;
    }
    let names = domains::tally_of(tx, target)?;
    sites::set_account(tx, from, target)?;
    domains::fit_moved(tx, site, names)?;
    tx.audit(Chain::Account(from.account(), site), "site.move", row.name.clone(), format!("to account {to}"));
    tx.audit(Chain::Account(to, site), "site.move", row.name, format!("from account {}", from.account()));
    // The folder that it is served from goes along: the whole table is read.
    tx.announce(crate::sites::events::HostsChanged);
    // Whoever is at the old account's files by a right on this site is no longer.
    tx.announce(AccountChanged { account: from.account() });
    tx.announce(AccountChanged { account: to });
    Ok(())
}

/// Jobs that may still do something.
const OPEN: [&str; 4] = ["waiting", "paused", "running", "failed"];
/// Folders that are on their way at once: more are not looked at.
const MOST_CARRIES: i64 = 10_000;

/// Whether the folder of a site that another account has by now still lies with this one. System only.
///
/// # Errors
/// `Denied`.
pub(super) fn is_carried_away(tx: &mut Tx<'_>, from: AccountId) -> Result<bool> {
    let open = JobFilter { states: OPEN.to_vec(), kinds: Some(vec![CARRY.to_owned()]), ..JobFilter::default() };
    let all = jobs::search(tx, None, &open, 0, MOST_CARRIES)?;
    Ok(all.iter().any(|job| serde_json::from_str(&job.payload).is_ok_and(|carry: Carry| carry.from == from)))
}

/// A folder is carried from one place to the next only when it has arrived.
fn nothing_on_its_way(tx: &mut Tx<'_>, site: SiteId) -> Result<()> {
    let kinds = Some(vec![CARRY.to_owned(), crate::sites::BEGIN.to_owned()]);
    let open = JobFilter { states: OPEN.to_vec(), kinds, ..JobFilter::default() };
    match jobs::search(tx, Some(site), &open, 0, 1)?.first() {
        None => Ok(()),
        Some(job) => Err(Error::refused(
            Code::WrongState,
            format!("its files are not where they belong yet; see job {}", job.id),
        )),
    }
}

/// Another place below the new account's home, where the wanted one was taken in the meantime. System only.
///
/// # Errors
/// `NotFound("site")`.
pub fn place_carried(tx: &mut Tx<'_>, site: SiteId, carry: &Carry, place: &str) -> Result<()> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    if scope.account() == carry.to {
        sites::set_root(tx, scope, place)?;
        tx.announce(crate::sites::events::HostsChanged);
    }
    Ok(())
}

/// Notes that a folder arrived. System only.
pub fn note_carried(tx: &mut Tx<'_>, site: SiteId, carry: &Carry) {
    let (from, to) = (carry.from, carry.to);
    tx.audit(Chain::Account(to, site), "file.carry", format!("/{}", carry.place), format!("from account {from}"));
    tx.announce(crate::sites::events::HostsChanged);
    tx.announce(AccountChanged { account: from });
    tx.announce(AccountChanged { account: to });
}

/// How the audit log names an account.
pub(super) fn named(id: AccountId, title: &str) -> String {
    format!("account {id} {title}")
}
