//! Resellers: they own accounts, see only them, and sell within what they were given.

use freehold_base::capability::PRIVILEGES;
use freehold_base::{AccountId, Capability, Code, Error, Feature, Features, ResellerId, Result, text};
use freehold_store::accounts::Account;
use freehold_store::resellers::{self as rows, Reseller, ResellerLine, ResellerText};
use freehold_store::tx::audit::Chain;
use freehold_store::{CustomersScope, Tx, plans as stored_plans};
use serde::{Deserialize, Serialize};

use super::colour::{Colour, READABLE, WHITE};
use super::graveyard;
use super::suspend;
use crate::limits::Limits;
use crate::outbox::Sender;

/// What a reseller may sell in all; `None`: not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResellerLimits {
    /// Accounts.
    pub accounts: Option<u64>,
    /// Disk, in MB.
    pub disk_mb: Option<u64>,
    /// Traffic of a month, in GB.
    pub traffic_gb: Option<u64>,
    /// Whether plans may add up to more than that, as long as what is used does not.
    pub oversell: bool,
}

/// What a reseller's customers see instead of our name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brand {
    /// The name.
    pub name: String,
    /// Colour of buttons and links as `#rrggbb`; empty: ours.
    pub colour: String,
    /// Address of a page where customers find help.
    pub support_url: String,
    /// Address that mail to customers comes from.
    pub mail_from: String,
    /// Name servers that customers are told.
    pub name_servers: Vec<String>,
}

impl Brand {
    /// Who sends mail to its customers.
    pub fn sender(&self) -> Sender {
        Sender { name: self.name.clone(), address: self.mail_from.clone(), help: self.support_url.clone() }
    }
}

/// A reseller as people write it.
#[derive(Clone, Debug)]
pub struct ResellerEdit {
    /// Its name.
    pub name: String,
    /// Its limits.
    pub limits: ResellerLimits,
    /// Features that its plans may give.
    pub features: Features,
    /// What it may do with its accounts; of [`PRIVILEGES`].
    pub privileges: Vec<Capability>,
}

struct Stored {
    name: String,
    limits: String,
    features: String,
    privileges: String,
}

impl Stored {
    fn text(&self) -> ResellerText<'_> {
        ResellerText { name: &self.name, limits: &self.limits, features: &self.features, privileges: &self.privileges }
    }
}

impl ResellerEdit {
    /// What a stored reseller has.
    pub fn of(row: &Reseller) -> Self {
        let names: Vec<String> = serde_json::from_str(&row.privileges).unwrap_or_default();
        Self {
            name: row.name.clone(),
            limits: limits_of(row),
            features: features_of(row),
            privileges: PRIVILEGES.iter().copied().filter(|c| names.iter().any(|n| n == c.name())).collect(),
        }
    }
    fn stored(&self) -> Result<Stored> {
        let json = |e| Error::internal("writing a reseller", e);
        let features: Vec<&str> = self.features.iter().map(Feature::name).collect();
        let privileges: Vec<&str> =
            self.privileges.iter().filter(|c| PRIVILEGES.contains(c)).map(|c| c.name()).collect();
        Ok(Stored {
            name: text::required_line("name", &self.name, super::plans::NAME_CHARS)?,
            limits: serde_json::to_string(&self.limits).map_err(json)?,
            features: serde_json::to_string(&features).map_err(json)?,
            privileges: serde_json::to_string(&privileges).map_err(json)?,
        })
    }
}

fn features_of(row: &Reseller) -> Features {
    let names: Vec<String> = serde_json::from_str(&row.features).unwrap_or_default();
    Features::named(names.iter().map(String::as_str))
}

/// Resellers that the actor may see, with what they sold.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<ResellerLine>> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::list(tx, &customers)
}

/// One reseller.
///
/// # Errors
/// `Denied`, `NotFound("reseller")`.
pub fn find(tx: &mut Tx<'_>, id: ResellerId) -> Result<Reseller> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    rows::find(tx, &customers, id)
}

/// Makes a reseller. People are given the role on it afterwards.
///
/// # Errors
/// `Denied`, `Invalid` (name).
pub fn create(tx: &mut Tx<'_>, edit: &ResellerEdit) -> Result<ResellerId> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let stored = edit.stored()?;
    let id = rows::create(tx, server, &stored.text()).map_err(|e| taken(e, &stored.name))?;
    tx.audit(Chain::Server, "reseller.create", named(id, &stored.name), stored.limits.clone());
    Ok(id)
}

/// Changes a reseller's limits, features and privileges.
///
/// # Errors
/// `Denied`, `NotFound("reseller")`, `Invalid` (name).
pub fn change(tx: &mut Tx<'_>, id: ResellerId, edit: &ResellerEdit) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    find(tx, id)?;
    let stored = edit.stored()?;
    rows::change(tx, server, id, &stored.text()).map_err(|e| taken(e, &stored.name))?;
    tx.audit(Chain::Server, "reseller.change", named(id, &stored.name), stored.limits.clone());
    Ok(())
}

/// Suspends a reseller: its people have no rights by it. With its customers, all their accounts are suspended too.
/// Gives how many accounts.
///
/// # Errors
/// `Denied`, `NotFound("reseller")`.
pub fn suspend(tx: &mut Tx<'_>, id: ResellerId, reason: &str, with_customers: bool) -> Result<usize> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let customers = tx.authorize_customers(Capability::AccountsSuspend)?;
    let row = rows::find(tx, &customers, id)?;
    rows::set_status(tx, server, id, "suspended")?;
    let mut suspended = 0;
    if with_customers {
        for account in all_accounts(tx, &customers, id)?.iter().filter(|a| a.status == "active") {
            suspend::suspend(tx, account.id, reason)?;
            suspended += 1;
        }
    }
    tx.audit(Chain::Server, "reseller.suspend", named(id, &row.name), format!("{reason}; accounts: {suspended}"));
    Ok(suspended)
}

/// Ends a reseller's suspension. Accounts that were suspended with it stay so: some may have been before.
///
/// # Errors
/// `Denied`, `NotFound("reseller")`.
pub fn unsuspend(tx: &mut Tx<'_>, id: ResellerId) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let row = find(tx, id)?;
    rows::set_status(tx, server, id, "active")?;
    tx.audit(Chain::Server, "reseller.unsuspend", named(id, &row.name), "");
    Ok(())
}

/// All accounts of a reseller, those in the graveyard too: none may be left behind.
fn all_accounts(tx: &mut Tx<'_>, customers: &CustomersScope, id: ResellerId) -> Result<Vec<Account>> {
    let mut all: Vec<Account> = Vec::new();
    loop {
        let after = all.last().map_or(AccountId(0), |a| a.id);
        let more = rows::accounts_of(tx, customers, id, after)?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

/// What becomes of a deleted reseller's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Customers {
    /// They go on, of the installation; plans of the reseller become plans of the installation.
    Keep,
    /// They go to the graveyard.
    Terminate,
}

/// Deletes a reseller.
///
/// # Errors
/// `Denied`, `NotFound("reseller")`, `WrongState` while its accounts are in the graveyard.
pub fn delete(tx: &mut Tx<'_>, id: ResellerId, what: Customers) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    tx.need_fresh("delete this reseller")?;
    let customers = tx.authorize_customers(Capability::AccountsTerminate)?;
    let row = rows::find(tx, &customers, id)?;
    for account in all_accounts(tx, &customers, id)? {
        if what == Customers::Terminate && account.status != "terminated" {
            graveyard::terminate(tx, account.id)?;
        }
        let scope = tx.authorize_account(account.id, Capability::AccountsManage)?;
        freehold_store::accounts::set_reseller(tx, scope, ResellerId(0))?;
    }
    stored_plans::give_away(tx, server, id, &row.name)?;
    rows::delete(tx, server, id)?;
    tx.audit(Chain::Server, "reseller.delete", named(id, &row.name), format!("{what:?}"));
    Ok(())
}

/// Sets what a reseller's customers see: by the reseller, or by who runs the installation.
///
/// # Errors
/// `Denied`, `NotFound("reseller")`, `Invalid` (name, colour, support_url, mail_from, name_servers).
pub fn set_brand(tx: &mut Tx<'_>, id: ResellerId, brand: &Brand) -> Result<()> {
    let customers = tx.authorize_customers(Capability::AccountsManage)?;
    let row = rows::find(tx, &customers, id)?;
    let checked = check_brand(brand)?;
    let json = serde_json::to_string(&checked).map_err(|e| Error::internal("writing a brand", e))?;
    rows::set_brand(tx, &customers, id, &json)?;
    tx.audit(Chain::Server, "reseller.brand", named(id, &row.name), json);
    Ok(())
}

/// What customers of an account's reseller see; none where the installation sells it.
///
/// # Errors
/// Database failures.
pub fn brand_of(tx: &mut Tx<'_>, reseller: ResellerId) -> Result<Option<Brand>> {
    if reseller == ResellerId(0) {
        return Ok(None);
    }
    let stored = rows::brand_of(tx, reseller)?;
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).filter(|brand: &Brand| !brand.name.is_empty()))
}

fn check_brand(brand: &Brand) -> Result<Brand> {
    let mut refused = freehold_base::error::Refusals::default();
    let name = refused.take(text::line("name", &brand.name, 60))?.unwrap_or_default();
    let colour = brand.colour.trim().to_ascii_lowercase();
    if !colour.is_empty() {
        match Colour::parse(&colour) {
            None => refused.add("colour", Code::Malformed, "a colour such as #0a6b4f"),
            // Buttons are this colour with white words.
            Some(c) if c.contrast(WHITE) < READABLE => {
                refused.add("colour", Code::Malformed, "a darker colour: white words on it cannot be read");
            }
            Some(_) => {}
        }
    }
    let support_url = brand.support_url.trim().to_owned();
    if !support_url.is_empty() && !support_url.starts_with("https://") {
        refused.add("support_url", Code::Malformed, "an address with https://, such as https://help.example.org");
    }
    let mail_from = match brand.mail_from.trim() {
        "" => String::new(),
        address => refused.take(text::email("mail_from", address))?.unwrap_or_default(),
    };
    let mut name_servers = Vec::new();
    for host in brand.name_servers.iter().map(|h| h.trim()).filter(|h| !h.is_empty()).take(8) {
        match freehold_base::HostName::parse(host) {
            Ok(host) => name_servers.push(host.as_str().to_owned()),
            Err(_) => refused.add("name_servers", Code::HostMalformed, host),
        }
    }
    refused.check()?;
    Ok(Brand { name, colour, support_url, mail_from, name_servers })
}

/// Fails where a reseller would give a feature that it does not have itself.
pub(super) fn may_give(tx: &mut Tx<'_>, customers: &CustomersScope, owner: ResellerId, wanted: Features) -> Result<()> {
    if owner == ResellerId(0) {
        return Ok(());
    }
    let has = features_of(&rows::find(tx, customers, owner)?);
    match wanted.iter().find(|feature| !has.has(*feature)) {
        Some(beyond) => Err(beyond_it(format!(
            "it does not have \u{201c}{}\u{201d} itself; leave it out of the plan, or choose another plan",
            beyond.label()
        ))),
        None => Ok(()),
    }
}

/// Fails where a reseller has sold more than it may, an account having come to it just now.
pub(super) fn has_room(tx: &mut Tx<'_>, customers: &CustomersScope, id: ResellerId) -> Result<()> {
    if id == ResellerId(0) {
        return Ok(());
    }
    let limits = limits_of(&rows::find(tx, customers, id)?);
    let sold = stored_plans::sold(tx, customers, id)?;
    let accounts = sold.iter().map(|(_, n)| *n).fold(0, u64::saturating_add);
    if let Some(most) = limits.accounts.filter(|most| accounts > *most) {
        return Err(beyond_it(format!(
            "it may have {} accounts, and has them; close one, or ask {ABOVE} for more",
            text::grouped(most)
        )));
    }
    sells(&limits, &sold)?;
    if limits.oversell
        && let Some(most) = limits.disk_mb
        && u64::try_from(rows::disk_of(tx, customers, id)?).unwrap_or(0) >= most.saturating_mul(1_000_000)
    {
        let why = format!(
            "its accounts use up the {} MB of disk space that it has; free some, or ask {ABOVE} for more",
            text::grouped(most)
        );
        return Err(beyond_it(why));
    }
    Ok(())
}

/// Fails where the plans of a reseller's accounts, as they are now, are more than it may sell.
pub(super) fn still_fits(tx: &mut Tx<'_>, customers: &CustomersScope, id: ResellerId) -> Result<()> {
    if id == ResellerId(0) {
        return Ok(());
    }
    let limits = limits_of(&rows::find(tx, customers, id)?);
    sells(&limits, &stored_plans::sold(tx, customers, id)?)
}

fn limits_of(row: &Reseller) -> ResellerLimits {
    serde_json::from_str(&row.limits).unwrap_or_default()
}

/// Whether what was sold, limits of plans with how many accounts have each, fits into what may be sold. A plan without
/// a limit fits nowhere that has one.
fn sells(limits: &ResellerLimits, sold: &[(String, u64)]) -> Result<()> {
    if limits.oversell {
        return Ok(());
    }
    let plans: Vec<(Limits, u64)> = sold.iter().map(|(text, n)| (Limits::stored(text), *n)).collect();
    let fits = |what: &str, unit: &str, most: Option<u64>, of: fn(&Limits) -> Option<u64>| {
        let Some(most) = most else { return Ok(()) };
        let all = plans.iter().try_fold(0_u64, |all, (p, n)| Some(all.saturating_add(of(p)?.saturating_mul(*n))));
        match all {
            Some(all) if all <= most => Ok(()),
            Some(all) => Err(beyond_it(format!(
                "its plans would add up to {} {unit} of {what}, and it has {} {unit}; choose a smaller plan, or ask \
                 {ABOVE} for more",
                text::grouped(all),
                text::grouped(most)
            ))),
            None => Err(beyond_it(format!(
                "the plan sets no limit for {what}, and it has {} {unit} in all; choose a plan with that limit, or set it \
                 in the plan",
                text::grouped(most)
            ))),
        }
    };
    fits("disk space", "MB", limits.disk_mb, |p| p.disk_mb)?;
    fits("traffic of a month", "GB", limits.traffic_gb, |p| p.traffic_gb)
}

/// Whom a reseller asks for more.
const ABOVE: &str = "who runs this server";

/// What a reseller may not sell, in words that name the limit and the next step.
fn beyond_it(why: String) -> Error {
    Error::refused(Code::ResellerLimit, why)
}

fn named(id: ResellerId, name: &str) -> String {
    format!("reseller {id} {name}")
}

fn taken(e: Error, name: &str) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::invalid("name", Code::AlreadyExists, name),
        _ => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(disk_mb: Option<u64>) -> (String, u64) {
        (serde_json::to_string(&Limits { disk_mb, traffic_gb: Some(1), ..Limits::default() }).unwrap(), 1)
    }

    #[test]
    fn a_reseller_sells_what_it_has_unless_it_may_sell_more() {
        let limits = ResellerLimits { disk_mb: Some(100), ..ResellerLimits::default() };
        let of = |limits: &ResellerLimits, plans: &[(String, u64)]| sells(limits, plans).is_ok();
        let twice = |plan: (String, u64)| (plan.0, 2);
        assert!(of(&limits, &[plan(Some(40)), plan(Some(60))]));
        assert!(!of(&limits, &[plan(Some(40)), plan(Some(61))]));
        assert!(of(&limits, &[twice(plan(Some(50)))]) && !of(&limits, &[twice(plan(Some(51)))]));
        assert!(!of(&limits, &[plan(None)]), "a plan without a limit is more than any limit");
        assert!(of(&ResellerLimits { oversell: true, ..limits }, &[plan(Some(400)), plan(None)]));
        assert!(of(&ResellerLimits::default(), &[plan(None)]));
        let traffic = ResellerLimits { traffic_gb: Some(1), ..ResellerLimits::default() };
        assert!(of(&traffic, &[plan(None)]) && !of(&traffic, &[plan(None), plan(None)]));
    }

    /// A reseller with a traffic limit read "The plan allows no more traffic" of a plan without a limit.
    #[test]
    fn a_refusal_names_the_limit_that_is_meant_and_the_next_step() {
        let says = |limits: ResellerLimits, plan: Limits| {
            let sold = (serde_json::to_string(&plan).unwrap(), 1);
            sells(&limits, &[sold]).unwrap_err().sentence()
        };
        let of = |disk_mb, traffic_gb| ResellerLimits { disk_mb, traffic_gb, ..ResellerLimits::default() };
        let endless = says(of(None, Some(100)), Limits { disk_mb: Some(1), ..Limits::default() });
        assert_eq!(
            endless,
            "This reseller may not sell that: the plan sets no limit for traffic of a month, and it has 100 GB in all; \
             choose a plan with that limit, or set it in the plan."
        );
        let much = says(of(Some(40), None), Limits { disk_mb: Some(41), ..Limits::default() });
        assert_eq!(
            much,
            "This reseller may not sell that: its plans would add up to 41 MB of disk space, and it has 40 MB; choose a \
             smaller plan, or ask who runs this server for more."
        );
    }

    #[test]
    fn a_brand_is_checked_field_by_field() {
        let wrong = Brand {
            colour: "red; }".into(),
            support_url: "javascript:alert(1)".into(),
            mail_from: "nobody".into(),
            name_servers: vec!["ns 1".into()],
            ..Brand::default()
        };
        let e = check_brand(&wrong).unwrap_err();
        let fields: Vec<_> = e.fields().iter().map(|f| f.field.to_string()).collect();
        assert_eq!(fields, ["colour", "support_url", "mail_from", "name_servers"]);
        let good = Brand { name: "Kust".into(), colour: "#0A6B4F".into(), ..Brand::default() };
        assert_eq!(check_brand(&good).unwrap().colour, "#0a6b4f");
        let pale = Brand { colour: "#7fd4b0".into(), ..good };
        assert_eq!(check_brand(&pale).unwrap_err().fields().len(), 1, "white words on it cannot be read");
    }
}
