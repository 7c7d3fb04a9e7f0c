//! Opening an account for a customer: account, owner and first site in one transaction, for the panel and the API.

use freehold_base::{AccountId, HostName, PlanId, ResellerId, Result, Role, SiteId};
use freehold_platform::accounts::{Invitation, Invited};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_publishing::starts::{self, Start};
use freehold_store::Tx;
use freehold_store::roles::RolePlace;

use super::app::App;
use super::inviting::invite_in;

/// A customer to come.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// What people call the account; the first site's title too.
    pub title: String,
    /// Address of its owner; `None`: it has none yet.
    pub owner: Option<String>,
    /// The owner's name; empty: made from the address.
    pub owner_name: String,
    /// Its plan; 0: none.
    pub plan: PlanId,
    /// Who sells it; a reseller's people always sell for their reseller.
    pub reseller: ResellerId,
    /// The first site; `None`: none yet.
    pub site: Option<FirstSite>,
}

/// The first site of a customer.
#[derive(Clone, Debug)]
pub struct FirstSite {
    /// Its main host name; `None`: `NAME.localhost`.
    pub host: Option<HostName>,
    /// What it begins with.
    pub start: Start,
    /// Further settings.
    pub settings: Settings,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The account.
    pub account: AccountId,
    /// Its first site.
    pub site: Option<SiteId>,
    /// Its owner.
    pub owner: Option<Invited>,
}

/// Opens an account with all that belongs to it, or nothing.
///
/// # Errors
/// `Denied`, `Invalid` (title, owner, plan), `NotFound("plan")`, `LimitReached`, `DomainTaken`.
pub fn open(app: &App, tx: &mut Tx<'_>, from: &str, new: &NewCustomer) -> Result<Opened> {
    let opening = Opening { title: new.title.clone(), plan: new.plan, reseller: new.reseller };
    let account = accounts::open(tx, &opening)?;
    let owner = match &new.owner {
        Some(email) => {
            let (place, role) = (RolePlace::Account(account), Role::Owner);
            let invitation = Invitation { email: email.clone(), name: new.owner_name.clone(), place, role };
            Some(invite_in(app, tx, from, &invitation)?)
        }
        None => None,
    };
    let site = match &new.site {
        Some(first) => Some(first_site(tx, account, &new.title, first)?),
        None => None,
    };
    Ok(Opened { account, site, owner })
}

fn first_site(tx: &mut Tx<'_>, account: AccountId, title: &str, first: &FirstSite) -> Result<SiteId> {
    let host = match &first.host {
        Some(host) => host.clone(),
        None => sites::local_host(tx, title)?,
    };
    let settings = first.settings.clone();
    let site = sites::create(tx, &NewSite { account, title: title.to_owned(), host, settings })?;
    starts::fill(tx, site, first.start, title)?;
    Ok(site)
}
