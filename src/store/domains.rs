//! Names across sites and accounts: who has what, what is claimed, what was looked up.

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::domain_name::turned;
use freehold_base::{AccountId, DomainId, DomainName, Page, Result, SiteId, Timestamp};

use crate::access::{DELETED, LIVE, TERMINATED};
use crate::conn::OrDb as _;
use crate::like::escaped;
use crate::schema::{accounts, domain_looks, site_domains, sites};
use crate::sites::{Domain, PENDING, taken};
use crate::{AccountScope, ServerScope, SiteScope, Tx, each_backend};

/// Names of a list at most.
const MOST: i64 = 10_000;

/// The name of a site, by what it is called.
///
/// # Errors
/// Database failures.
pub fn by_host(tx: &mut Tx<'_>, site: SiteScope, host: &str) -> Result<Option<Domain>> {
    site_domains::table
        .filter(site_domains::site_id.eq(site.get()))
        .filter(site_domains::host.eq(host))
        .select(Domain::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the domain")
}

/// The name of a site, by its number.
///
/// # Errors
/// Database failures.
pub fn by_id(tx: &mut Tx<'_>, site: SiteScope, id: DomainId) -> Result<Option<Domain>> {
    site_domains::table
        .filter(site_domains::site_id.eq(site.get()))
        .filter(site_domains::id.eq(id.get()))
        .select(Domain::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the domain")
}

/// All names of an account's sites, claims too, by name.
///
/// # Errors
/// Database failures.
pub fn of_account(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<Domain>> {
    site_domains::table
        .inner_join(sites::table)
        .filter(sites::account_id.eq(account.id().get()))
        .filter(sites::status.ne(DELETED))
        .order((site_domains::host, site_domains::id))
        .limit(MOST)
        .select(Domain::as_select())
        .load(tx.conn())
        .or_db("listing the account's domains")
}

/// Whether a live name of another account is this one, stands above it or below it, but for one of them. Says nothing of
/// whose it is.
///
/// # Errors
/// Database failures.
pub fn overlaps(tx: &mut Tx<'_>, account: AccountId, name: &DomainName, but: Option<DomainId>) -> Result<bool> {
    meets(tx, account, name, &[LIVE], but)
}

/// As [`overlaps`], of the claims of other accounts too.
///
/// # Errors
/// Database failures.
pub fn is_claimed_beside(tx: &mut Tx<'_>, account: AccountId, name: &DomainName) -> Result<bool> {
    meets(tx, account, name, &[LIVE, PENDING], None)
}

fn meets(
    tx: &mut Tx<'_>,
    account: AccountId,
    name: &DomainName,
    states: &[&str],
    but: Option<DomainId>,
) -> Result<bool> {
    let own = name.turned();
    // The name and those above it, each turned round: they end where a label ends.
    let above: Vec<String> =
        std::iter::successors(Some(name.host().as_str()), |n| n.split_once('.').map(|(_, n)| n)).map(turned).collect();
    // Below it: what goes on with a dot. The sign after the dot is the slash.
    let (from, to) = (format!("{own}."), format!("{own}/"));
    let found: Option<i64> = site_domains::table
        .inner_join(sites::table)
        .filter(sites::account_id.ne(account.get()))
        .filter(site_domains::state.eq_any(states))
        .filter(site_domains::id.ne(but.map_or(0, DomainId::get)))
        .filter(site_domains::turned.eq_any(above).or(site_domains::turned.ge(from).and(site_domains::turned.lt(to))))
        .order(site_domains::id)
        .select(site_domains::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for overlapping names")?;
    Ok(found.is_some())
}

/// Whether a name is served by any site, of whatever account.
///
/// # Errors
/// Database failures.
pub fn is_live(tx: &mut Tx<'_>, host: &str) -> Result<bool> {
    let found: Option<i64> = site_domains::table
        .inner_join(sites::table)
        .filter(sites::status.ne(DELETED))
        .filter(site_domains::host.eq(host))
        .filter(site_domains::state.eq(LIVE))
        .order(site_domains::id)
        .select(site_domains::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the domain")?;
    Ok(found.is_some())
}

/// The live name of another account that was its own only because it leads here: no text record says so, nor the hosting
/// admin. Not of an account in the graveyard, which stays as it is.
///
/// # Errors
/// Database failures.
pub fn held_weakly(tx: &mut Tx<'_>, account: AccountId, host: &str) -> Result<Option<Domain>> {
    site_domains::table
        .inner_join(sites::table.inner_join(accounts::table))
        .filter(sites::account_id.ne(account.get()))
        .filter(sites::status.ne(DELETED))
        .filter(accounts::status.ne(TERMINATED))
        .filter(site_domains::host.eq(host))
        .filter(site_domains::state.eq(LIVE))
        .filter(site_domains::proof.eq_any(["points", "ns"]))
        .order(site_domains::id)
        .select(Domain::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the domain")
}

/// Every site that has this name or claims it, the live one first. For the command line and the hosting admin.
///
/// # Errors
/// Database failures.
pub fn everywhere(tx: &mut Tx<'_>, _server: ServerScope, host: &str) -> Result<Vec<Domain>> {
    let mut all: Vec<Domain> = site_domains::table
        .inner_join(sites::table)
        .filter(sites::status.ne(DELETED))
        .filter(site_domains::host.eq(host))
        .order(site_domains::id)
        .limit(100)
        .select(Domain::as_select())
        .load(tx.conn())
        .or_db("looking for the domain")?;
    all.sort_by_key(|d| !d.is_live());
    Ok(all)
}

/// Live names of one site, with the status of its account: what the host table has of it.
///
/// # Errors
/// Database failures.
pub fn hosts_of(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(Domain, crate::sites::Site, String)>> {
    site_domains::table
        .inner_join(sites::table.inner_join(accounts::table))
        .filter(sites::status.ne(DELETED))
        .filter(accounts::status.ne(TERMINATED))
        .filter(site_domains::state.eq(LIVE))
        .filter(site_domains::site_id.eq(site.get()))
        .order((site_domains::site_id, site_domains::id))
        .limit(MOST)
        .select((Domain::as_select(), crate::sites::Site::as_select(), accounts::status))
        .load(tx.conn())
        .or_db("reading the site's hosts")
}

/// What a name is counted by: its site, the name, its kind, what it becomes.
pub type Counts = (i64, String, String, String);

/// Names of all sites of a site's account, claims too; at most 10,000.
///
/// # Errors
/// Database failures.
pub fn names_beside(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Counts>> {
    names_in(tx, site.account())
}

/// Names of all sites of an account, claims too; at most 10,000.
///
/// # Errors
/// Database failures.
pub fn names_of_account(tx: &mut Tx<'_>, account: AccountScope) -> Result<Vec<Counts>> {
    names_in(tx, account.id())
}

fn names_in(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Counts>> {
    site_domains::table
        .inner_join(sites::table)
        .filter(sites::account_id.eq(account.get()))
        .filter(sites::status.ne(DELETED))
        .order(site_domains::id)
        .limit(10_000)
        .select((site_domains::site_id, site_domains::host, site_domains::kind, site_domains::becomes))
        .load(tx.conn())
        .or_db("counting the account's domains")
}

/// Makes a claim live.
///
/// # Errors
/// `DomainTaken` where another claim on the name was faster.
pub fn set_live(tx: &mut Tx<'_>, site: SiteScope, domain: &Domain, proof: &str) -> Result<()> {
    let now = tx.now().ms();
    diesel::update(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(domain.id.get())),
    )
    .set((site_domains::state.eq(LIVE), site_domains::proof.eq(proof), site_domains::proved_at.eq(now)))
    .execute(tx.conn())
    .or_db("making the domain live")
    .map_err(|e| taken(e, &domain.host))?;
    Ok(())
}

/// Makes a live name a claim again.
///
/// # Errors
/// Database failures.
pub fn set_claimed(tx: &mut Tx<'_>, site: SiteScope, id: DomainId) -> Result<()> {
    diesel::update(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(id.get())),
    )
    .set((site_domains::state.eq(PENDING), site_domains::proof.eq(""), site_domains::proved_at.eq(0)))
    .execute(tx.conn())
    .or_db("making the domain a claim")?;
    Ok(())
}

/// Claims that were made before a moment, the oldest first; at most 100.
///
/// # Errors
/// Database failures.
pub fn claims_before(tx: &mut Tx<'_>, _server: ServerScope, before: Timestamp) -> Result<Vec<Domain>> {
    site_domains::table
        .inner_join(sites::table)
        .filter(sites::status.ne(DELETED))
        .filter(site_domains::state.eq(PENDING))
        .filter(site_domains::created_at.lt(before.ms()))
        .order((site_domains::created_at, site_domains::id))
        .limit(100)
        .select(Domain::as_select())
        .load(tx.conn())
        .or_db("looking for old claims")
}

/// Notes what a claim showed so far.
///
/// # Errors
/// Database failures.
pub fn set_claim(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, seen: &str) -> Result<()> {
    diesel::update(
        site_domains::table
            .filter(site_domains::site_id.eq(site.get()))
            .filter(site_domains::id.eq(id.get()))
            .filter(site_domains::state.eq(PENDING)),
    )
    .set(site_domains::proof.eq(seen))
    .execute(tx.conn())
    .or_db("noting what the claim showed")?;
    Ok(())
}

/// Notes how a live name was shown to be its owner's.
///
/// # Errors
/// Database failures.
pub fn set_proof(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, proof: &str) -> Result<()> {
    let now = tx.now().ms();
    diesel::update(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(id.get())),
    )
    .set((site_domains::proof.eq(proof), site_domains::proved_at.eq(now)))
    .execute(tx.conn())
    .or_db("noting the proof")?;
    Ok(())
}

/// Notes whether a name is to be the main one once it points here.
///
/// # Errors
/// Database failures.
pub fn set_becomes(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, becomes: &str) -> Result<()> {
    diesel::update(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(id.get())),
    )
    .set(site_domains::becomes.eq(becomes))
    .execute(tx.conn())
    .or_db("changing the domain")?;
    Ok(())
}

/// Notes where a name leads.
///
/// # Errors
/// Database failures.
pub fn set_points(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, points: &str) -> Result<()> {
    let now = tx.now().ms();
    diesel::update(
        site_domains::table.filter(site_domains::site_id.eq(site.get())).filter(site_domains::id.eq(id.get())),
    )
    .set((site_domains::points.eq(points), site_domains::looked_at.eq(now)))
    .execute(tx.conn())
    .or_db("noting where the domain leads")?;
    Ok(())
}

/// Keeps what a look found; the one before goes.
///
/// # Errors
/// Database failures.
pub fn keep_look(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, kind: &str, found: &str) -> Result<()> {
    let row = (
        domain_looks::site_id.eq(site.get()),
        domain_looks::domain_id.eq(id.get()),
        domain_looks::kind.eq(kind),
        domain_looks::found.eq(found),
        domain_looks::looked_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(domain_looks::table)
        .values(row)
        .on_conflict((domain_looks::site_id, domain_looks::domain_id, domain_looks::kind))
        .do_update()
        .set((
            domain_looks::found.eq(excluded(domain_looks::found)),
            domain_looks::looked_at.eq(excluded(domain_looks::looked_at))
        ))
        .execute(c))
    .or_db("keeping what was looked up")?;
    Ok(())
}

/// What the last look found, and when.
///
/// # Errors
/// Database failures.
pub fn look(tx: &mut Tx<'_>, site: SiteScope, id: DomainId, kind: &str) -> Result<Option<(String, Timestamp)>> {
    let found: Option<(String, i64)> = domain_looks::table
        .filter(domain_looks::site_id.eq(site.get()))
        .filter(domain_looks::domain_id.eq(id.get()))
        .filter(domain_looks::kind.eq(kind))
        .select((domain_looks::found, domain_looks::looked_at))
        .first(tx.conn())
        .optional()
        .or_db("reading what was looked up")?;
    Ok(found.map(|(found, at)| (found, Timestamp(at))))
}

/// A name as the list of all names shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The name.
    pub domain: Domain,
    /// Its site's short name.
    pub site: String,
    /// Its account.
    pub account: AccountId,
    /// The account's short name.
    pub account_name: String,
    /// What people call the account.
    pub account_title: String,
}

/// Which of all names.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What the name holds.
    pub text: String,
    /// `pending`, `live`; empty: both.
    pub state: String,
    /// Where it leads; empty: wherever.
    pub points: String,
}

/// Names of all accounts by name, after `(host, id)`.
///
/// # Errors
/// Database failures.
pub fn list_all(tx: &mut Tx<'_>, _server: ServerScope, wanted: &Wanted, page: &Page) -> Result<Vec<Listed>> {
    let mut query = site_domains::table
        .inner_join(sites::table)
        .inner_join(accounts::table.on(accounts::id.eq(sites::account_id)))
        .filter(sites::status.ne(DELETED))
        .order((site_domains::host, site_domains::id))
        .limit(page.size.get())
        .select((Domain::as_select(), sites::name, accounts::id, accounts::name, accounts::title))
        .into_boxed();
    if !wanted.text.is_empty() {
        query = query.filter(site_domains::host.like(format!("%{}%", escaped(&wanted.text))).escape('\\'));
    }
    if !wanted.state.is_empty() {
        query = query.filter(site_domains::state.eq(wanted.state.clone()));
    }
    if !wanted.points.is_empty() {
        query = query.filter(site_domains::points.eq(wanted.points.clone()));
    }
    if let Some(after) = &page.after {
        let later = site_domains::host
            .gt(after.key.clone())
            .or(site_domains::host.eq(after.key.clone()).and(site_domains::id.gt(after.id)));
        query = query.filter(later);
    }
    let rows: Vec<(Domain, String, i64, String, String)> = query.load(tx.conn()).or_db("listing domains")?;
    let listed = |(domain, site, account, account_name, account_title)| Listed {
        domain,
        site,
        account: AccountId(account),
        account_name,
        account_title,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Names that a nightly look comes to: `(site, id)` after `after`, at most `limit`.
///
/// # Errors
/// Database failures.
pub fn after(tx: &mut Tx<'_>, _server: ServerScope, after: DomainId, limit: i64) -> Result<Vec<(SiteId, Domain)>> {
    let rows: Vec<Domain> = site_domains::table
        .inner_join(sites::table)
        .filter(sites::status.ne(DELETED))
        .filter(site_domains::id.gt(after.get()))
        .order(site_domains::id)
        .limit(limit)
        .select(Domain::as_select())
        .load(tx.conn())
        .or_db("listing domains")?;
    Ok(rows.into_iter().map(|d| (d.site_id, d)).collect())
}
