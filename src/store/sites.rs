//! Sites and their host names.

use diesel::prelude::*;
use freehold_base::capability::Capabilities;
use freehold_base::{AccountId, Code, DomainId, DomainName, Error, Result, SiteId, Timestamp};

use crate::access::{DELETED, HolderRow, LIVE, TERMINATED, holder_columns};
use crate::conn::OrDb as _;
use crate::like::escaped;
use crate::schema::{accounts, plans, resellers, site_domains, sites};
use crate::{AccountScope, Grants, Holder, SiteScope, Tx, each_backend};

/// A site.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sites)]
pub struct Site {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: SiteId,
    /// Its owner.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// Its unique short name, as `NAME.localhost` uses it.
    pub name: String,
    /// `cms` or `static`.
    pub kind: String,
    /// `active` or `suspended`; `deleted` while its rows go.
    pub status: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// Its folder below the home of its account; empty where it has none.
    pub root: String,
}

/// A name of a site.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = site_domains)]
pub struct Domain {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: DomainId,
    /// The site it names.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// The name, in punycode; `*.example.org` for a wildcard.
    pub host: String,
    /// `main`, `alias`, `redirect` (to the main one) or `wildcard`.
    pub kind: String,
    /// When it was added.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// `live`, or `pending` until it is shown to be the owner's.
    pub state: String,
    /// `main` where a pending name is to be the main one.
    pub becomes: String,
    /// How it was shown: `txt`, `ns`, `points`, `admin`, or empty. Of a claim `away` where it was seen to lead
    /// elsewhere after it was made.
    pub proof: String,
    /// What the text record must hold.
    pub proof_token: String,
    /// When it was shown.
    #[diesel(deserialize_as = i64)]
    pub proved_at: Timestamp,
    /// Where it leads: `here`, `partly`, `elsewhere`, `nowhere`, or empty while nobody has looked.
    pub points: String,
    /// When somebody looked.
    #[diesel(deserialize_as = i64)]
    pub looked_at: Timestamp,
}

impl Domain {
    /// Whether visitors are answered under it.
    pub fn is_live(&self) -> bool {
        self.state == LIVE
    }
}

/// State of a claim.
pub(crate) const PENDING: &str = "pending";

/// How many sites an account has.
///
/// # Errors
/// Database failures.
pub fn count(tx: &mut Tx<'_>, account: AccountScope) -> Result<i64> {
    sites::table
        .filter(sites::account_id.eq(account.get()))
        .filter(sites::status.ne(DELETED))
        .count()
        .get_result(tx.conn())
        .or_db("counting sites")
}

/// How many sites these customers have that are open to visitors.
///
/// # Errors
/// Database failures.
pub fn count_open(tx: &mut Tx<'_>, customers: &crate::CustomersScope) -> Result<i64> {
    let mut query = sites::table
        .inner_join(accounts::table)
        .filter(sites::status.eq("active"))
        .filter(accounts::status.eq("active"))
        .select(diesel::dsl::count_star())
        .into_boxed();
    if let Some(own) = customers.resellers() {
        query = query.filter(accounts::reseller_id.eq_any(own.to_vec()));
    }
    query.get_result(tx.conn()).or_db("counting sites")
}

/// The site that a host name is served by, not one that merely claims it; whoever asks is authorized for it afterwards.
///
/// # Errors
/// Database failures.
pub fn of_host(tx: &mut Tx<'_>, host: &str) -> Result<Option<SiteId>> {
    let id: Option<i64> = site_domains::table
        .filter(site_domains::host.eq(host))
        .filter(site_domains::state.eq(LIVE))
        .order(site_domains::id)
        .select(site_domains::site_id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the domain")?;
    Ok(id.map(SiteId))
}

/// Names of an account's sites: `(site, host, kind)`, main ones first; at most 5,000.
///
/// # Errors
/// Database failures.
pub fn hosts_of_account(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<(SiteId, String, String)>> {
    let rows: Vec<(i64, String, String)> = site_domains::table
        .inner_join(sites::table)
        .filter(sites::account_id.eq(account.get()))
        .order((site_domains::site_id, site_domains::host, site_domains::id))
        .limit(5000)
        .select((site_domains::site_id, site_domains::host, site_domains::kind))
        .load(tx.conn())
        .or_db("listing the account's domains")?;
    let mut rows: Vec<_> = rows.into_iter().map(|(site, host, kind)| (SiteId(site), host, kind)).collect();
    rows.sort_by_key(|(_, _, kind)| kind != "main");
    Ok(rows)
}

/// Whether an account has rows of sites, those whose erasing has begun too.
///
/// # Errors
/// Database failures.
pub fn rows_left(tx: &mut Tx<'_>, account: AccountScope) -> Result<bool> {
    let n: i64 = sites::table
        .filter(sites::account_id.eq(account.get()))
        .count()
        .get_result(tx.conn())
        .or_db("counting sites")?;
    Ok(n > 0)
}

/// Gives a site to another account.
///
/// # Errors
/// Database failures.
pub fn set_account(tx: &mut Tx<'_>, site: SiteScope, to: AccountScope) -> Result<()> {
    diesel::update(sites::table.filter(sites::id.eq(site.get())).filter(sites::account_id.eq(site.account().get())))
        .set(sites::account_id.eq(to.get()))
        .execute(tx.conn())
        .or_db("moving the site")?;
    Ok(())
}

/// An account's sites, by name; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn of_account(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<Site>> {
    sites::table
        .filter(sites::account_id.eq(account.get()))
        .filter(sites::status.ne(DELETED))
        .order((sites::name, sites::id))
        .limit(1000)
        .select(Site::as_select())
        .load(tx.conn())
        .or_db("listing the account's sites")
}

/// Makes a site.
///
/// # Errors
/// `AlreadyExists` for its name.
pub fn create(tx: &mut Tx<'_>, account: AccountScope, name: &str, kind: &str) -> Result<SiteId> {
    let row = (
        sites::account_id.eq(account.id().get()),
        sites::name.eq(name),
        sites::kind.eq(kind),
        sites::status.eq("active"),
        sites::created_at.eq(tx.now().ms()),
    );
    let id: i64 =
        each_backend!(tx.conn(), |c| diesel::insert_into(sites::table).values(row).returning(sites::id).get_result(c))
            .or_db("making the site")?;
    Ok(SiteId(id))
}

/// Sets the folder of a site, below the home of its account.
///
/// # Errors
/// Database failures.
pub fn set_root(tx: &mut Tx<'_>, site: SiteScope, root: &str) -> Result<()> {
    diesel::update(sites::table.filter(sites::id.eq(site.get())))
        .set(sites::root.eq(root))
        .execute(tx.conn())
        .or_db("setting the site's folder")?;
    Ok(())
}

/// One site.
///
/// # Errors
/// `NotFound("site")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope) -> Result<Site> {
    sites::table
        .filter(sites::id.eq(site.get()))
        .filter(sites::status.ne(DELETED))
        .select(Site::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the site")?
        .ok_or_else(|| Error::not_found("site"))
}

/// Accounts of the resellers that somebody works for; a suspended one has none.
macro_rules! sold_by {
    ($grants:expr) => {{
        let able = $grants.resellers.iter().filter(|(_, may)| *may != Capabilities::NONE);
        let resellers: Vec<i64> = able.map(|(id, _)| id.get()).collect();
        accounts::reseller_id.ne(0).and(accounts::reseller_id.eq_any(resellers))
    }};
}

/// Sites the actor may see after one of them, by id.
///
/// # Errors
/// Database failures.
pub fn list_visible(tx: &mut Tx<'_>, grants: &Grants, all: bool, after: SiteId, limit: i64) -> Result<Vec<Site>> {
    let mut query = sites::table
        .inner_join(accounts::table)
        .filter(sites::status.ne(DELETED))
        .filter(accounts::status.ne(TERMINATED))
        .filter(sites::id.gt(after.get()))
        .order(sites::id)
        .limit(limit)
        .select(Site::as_select())
        .into_boxed();
    if !all {
        let of_accounts: Vec<i64> = grants.accounts.iter().map(|(id, _)| id.get()).collect();
        let own: Vec<i64> = grants.sites.iter().map(|(id, _)| id.get()).collect();
        query = query.filter(sites::account_id.eq_any(of_accounts).or(sites::id.eq_any(own)).or(sold_by!(grants)));
    }
    query.load(tx.conn()).or_db("listing sites")
}

/// A site as lists of sites show it, read in one statement.
#[derive(Clone, Debug)]
pub struct SiteCard {
    /// The site.
    pub site: Site,
    /// Its main host name; empty where it has none.
    pub host: String,
    /// Its group of general settings as JSON; empty where it was never written.
    pub general: String,
    /// Its account.
    pub holder: Holder,
}

/// Which sites of those that the actor may see.
#[derive(Clone, Debug)]
pub enum Cards {
    /// These, in no order; at most 500.
    Of(Vec<SiteId>),
    /// So many by name, after `(name, id)`.
    After(Option<(String, SiteId)>, i64),
}

/// Cards of sites that the actor may see.
///
/// # Errors
/// Database failures.
pub fn cards(tx: &mut Tx<'_>, grants: &Grants, all: bool, which: &Cards) -> Result<Vec<SiteCard>> {
    use crate::schema::settings;
    let main = site_domains::site_id.eq(sites::id).and(site_domains::kind.eq("main"));
    let general = settings::site_id.eq(sites::id).and(settings::name.eq("general"));
    let mut query = sites::table
        .inner_join(accounts::table.left_join(plans::table).left_join(resellers::table))
        .left_join(site_domains::table.on(main))
        .left_join(settings::table.on(general))
        .filter(sites::status.ne(DELETED))
        .filter(accounts::status.ne(TERMINATED))
        .order((sites::name, sites::id))
        .select((Site::as_select(), site_domains::host.nullable(), settings::value.nullable(), holder_columns!()))
        .into_boxed();
    if !all {
        let of_accounts: Vec<i64> = grants.accounts.iter().map(|(id, _)| id.get()).collect();
        let own: Vec<i64> = grants.sites.iter().map(|(id, _)| id.get()).collect();
        query = query.filter(sites::account_id.eq_any(of_accounts).or(sites::id.eq_any(own)).or(sold_by!(grants)));
    }
    query = match which {
        Cards::Of(ids) => {
            let ids: Vec<i64> = ids.iter().map(|id| id.get()).take(500).collect();
            query.filter(sites::id.eq_any(ids)).limit(500)
        }
        Cards::After(None, limit) => query.limit(*limit),
        Cards::After(Some((name, id)), limit) => {
            let later = sites::name.gt(name.clone()).or(sites::name.eq(name.clone()).and(sites::id.gt(id.get())));
            query.filter(later).limit(*limit)
        }
    };
    let rows: Vec<(Site, Option<String>, Option<String>, HolderRow)> = query.load(tx.conn()).or_db("listing sites")?;
    Ok(rows
        .into_iter()
        .map(|(site, host, general, holder)| SiteCard {
            site,
            host: host.unwrap_or_default(),
            general: general.unwrap_or_default(),
            holder: Holder::of_row(holder),
        })
        .collect())
}

/// Names of sites that are `base` or begin with it and a hyphen, of all tenants: a name is taken once. At most 10,000.
///
/// # Errors
/// Database failures.
pub fn names_like(tx: &mut Tx<'_>, base: &str) -> Result<Vec<String>> {
    sites::table
        .filter(sites::name.eq(base).or(sites::name.like(format!("{}-%", escaped(base))).escape('\\')))
        .order(sites::name)
        .limit(10_000)
        .select(sites::name)
        .load(tx.conn())
        .or_db("looking for a free name")
}

/// Names of a site: the main one first, then by name.
///
/// # Errors
/// Database failures.
pub fn domains(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Domain>> {
    let mut list: Vec<Domain> = site_domains::table
        .filter(site_domains::site_id.eq(site.get()))
        .order((site_domains::host, site_domains::id))
        .select(Domain::as_select())
        .load(tx.conn())
        .or_db("listing domains")?;
    list.sort_by_key(|d| d.kind != "main");
    Ok(list)
}

/// Every name with its site and the status of its account: what the host table is built from.
///
/// # Errors
/// Database failures.
pub fn all_hosts(tx: &mut Tx<'_>) -> Result<Vec<(Domain, Site, String)>> {
    site_domains::table
        .inner_join(sites::table.inner_join(accounts::table))
        .filter(sites::status.ne(DELETED))
        .filter(accounts::status.ne(TERMINATED))
        .filter(site_domains::state.eq(LIVE))
        .order((site_domains::site_id, site_domains::id))
        .select((Domain::as_select(), Site::as_select(), accounts::status))
        .load(tx.conn())
        .or_db("reading the host table")
}

/// A name to be added.
#[derive(Clone, Debug)]
pub struct NewDomain<'a> {
    /// The name.
    pub name: &'a DomainName,
    /// What it is: `main`, `alias`, `redirect`, `wildcard`.
    pub kind: &'a str,
    /// `live` or `pending`.
    pub state: &'a str,
    /// `main`, or empty.
    pub becomes: &'a str,
    /// How it is shown to be the owner's; empty while it is not.
    pub proof: &'a str,
    /// What the text record must hold.
    pub proof_token: &'a str,
}

/// Adds a name.
///
/// # Errors
/// `DomainTaken`.
pub fn add_domain(tx: &mut Tx<'_>, site: SiteScope, new: &NewDomain<'_>) -> Result<DomainId> {
    let now = tx.now().ms();
    let row = (
        site_domains::site_id.eq(site.get()),
        site_domains::host.eq(new.name.as_str()),
        site_domains::kind.eq(new.kind),
        site_domains::created_at.eq(now),
        site_domains::state.eq(new.state),
        site_domains::becomes.eq(new.becomes),
        site_domains::proof.eq(new.proof),
        site_domains::proof_token.eq(new.proof_token),
        site_domains::proved_at.eq(if new.proof.is_empty() { 0 } else { now }),
        site_domains::turned.eq(new.name.turned()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(site_domains::table)
        .values(row)
        .returning(site_domains::id)
        .get_result(c))
    .or_db("adding the domain")
    .map_err(|e| taken(e, new.name.as_str()))?;
    Ok(DomainId(id))
}

/// A name that stands somewhere already, in the words of people.
pub(crate) fn taken(e: Error, host: &str) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::refused(Code::DomainTaken, host),
        _ => e,
    }
}

/// Removes a name.
///
/// # Errors
/// `NotFound("domain")`.
pub fn remove_domain(tx: &mut Tx<'_>, site: SiteScope, id: DomainId) -> Result<()> {
    let gone = diesel::delete(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(id.get())),
    )
    .execute(tx.conn())
    .or_db("removing the domain")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("domain")) }
}

/// Sets what a name is.
///
/// # Errors
/// `NotFound("domain")`.
pub fn set_domain_kind(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, kind: &str) -> Result<()> {
    let changed = diesel::update(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(id.get())),
    )
    .set(site_domains::kind.eq(kind))
    .execute(tx.conn())
    .or_db("changing the domain")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("domain")) }
}
