//! Roles that people hold on the installation, on accounts and on sites.

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{AccountId, ResellerId, Result, Role, SiteId, UserId};

use crate::conn::OrDb as _;
use crate::schema::{held_roles, users};
use crate::users::Person;
use crate::{AccountScope, CustomersScope, Grants, ServerScope, SiteScope, Tx, each_backend};

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolePlace {
    /// The installation.
    Server,
    /// A reseller, and so all its accounts.
    Reseller(ResellerId),
    /// An account.
    Account(AccountId),
    /// A site.
    Site(SiteId),
}

impl RolePlace {
    /// `server`, `reseller`, `account` or `site`.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Reseller(_) => "reseller",
            Self::Account(_) => "account",
            Self::Site(_) => "site",
        }
    }
    /// The number beside it; 0 for the installation.
    pub fn id(self) -> i64 {
        match self {
            Self::Server => 0,
            Self::Reseller(id) => id.get(),
            Self::Account(id) => id.get(),
            Self::Site(id) => id.get(),
        }
    }
}

/// Everything somebody holds, whatever their status.
///
/// # Errors
/// Database failures.
pub fn grants_of(tx: &mut Tx<'_>, user: UserId) -> Result<Grants> {
    Grants::load(tx.conn(), user)
}

/// Sets the one role that somebody holds in a place.
///
/// # Errors
/// Database failures.
pub fn set(tx: &mut Tx<'_>, place: RolePlace, user: UserId, role: Role) -> Result<()> {
    let row = (
        held_roles::user_id.eq(user.get()),
        held_roles::scope.eq(place.scope()),
        held_roles::scope_id.eq(place.id()),
        held_roles::role.eq(role.name()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(held_roles::table)
        .values(row)
        .on_conflict((held_roles::user_id, held_roles::scope, held_roles::scope_id))
        .do_update()
        .set(held_roles::role.eq(excluded(held_roles::role)))
        .execute(c))
    .or_db("setting the role")?;
    Ok(())
}

/// Takes away the role that somebody holds in a place; nothing where they hold none.
///
/// # Errors
/// Database failures.
pub fn remove(tx: &mut Tx<'_>, place: RolePlace, user: UserId) -> Result<()> {
    diesel::delete(
        held_roles::table
            .filter(held_roles::user_id.eq(user.get()))
            .filter(held_roles::scope.eq(place.scope()))
            .filter(held_roles::scope_id.eq(place.id())),
    )
    .execute(tx.conn())
    .or_db("removing the role")?;
    Ok(())
}

/// Owners of all accounts, at most 5,000: the account, who, and whether they are invited still.
///
/// # Errors
/// Database failures.
pub fn owners(tx: &mut Tx<'_>, _server: ServerScope) -> Result<Vec<(AccountId, Person)>> {
    let rows: Vec<(i64, Person)> = held_roles::table
        .inner_join(users::table)
        .filter(held_roles::scope.eq("account"))
        .filter(held_roles::role.eq(Role::Owner.name()))
        .order((held_roles::scope_id, users::name, users::id))
        .limit(5000)
        .select((held_roles::scope_id, Person::as_select()))
        .load(tx.conn())
        .or_db("listing owners")?;
    Ok(rows.into_iter().map(|(id, person)| (AccountId(id), person)).collect())
}

/// People able to sign in who have no second factor and hold a role on the installation, sell web space or own an
/// account, by name; at most 100.
///
/// # Errors
/// Database failures.
pub fn powerful_without_factor(tx: &mut Tx<'_>, _server: ServerScope) -> Result<Vec<Person>> {
    let power = held_roles::scope.eq("server").or(held_roles::role.eq_any([Role::Owner.name(), Role::Reseller.name()]));
    users::table
        .filter(users::status.eq("active"))
        .filter(users::totp_sealed.eq(""))
        .filter(users::passkeys.eq(0))
        .filter(users::id.eq_any(held_roles::table.filter(power).select(held_roles::user_id)))
        .order((users::name, users::id))
        .limit(100)
        .select(Person::as_select())
        .load(tx.conn())
        .or_db("listing who has no second factor")
}

/// People who hold a role on an account or a reseller, by name, with the role; at most 500.
///
/// # Errors
/// Database failures.
pub fn people_of(tx: &mut Tx<'_>, place: RolePlace) -> Result<Vec<(Person, Role)>> {
    let rows: Vec<(Person, String)> = held_roles::table
        .inner_join(users::table)
        .filter(held_roles::scope.eq(place.scope()))
        .filter(held_roles::scope_id.eq(place.id()))
        .order((users::name, users::id))
        .limit(500)
        .select((Person::as_select(), held_roles::role))
        .load(tx.conn())
        .or_db("listing people")?;
    Ok(rows.into_iter().filter_map(|(person, role)| Some((person, Role::by_name(&role)?))).collect())
}

/// How many people an account has beside its owners.
///
/// # Errors
/// Database failures.
pub fn team_of(tx: &mut Tx<'_>, account: AccountScope) -> Result<i64> {
    held_roles::table
        .filter(held_roles::scope.eq("account"))
        .filter(held_roles::scope_id.eq(account.get()))
        .filter(held_roles::role.ne(Role::Owner.name()))
        .count()
        .get_result(tx.conn())
        .or_db("counting people")
}

/// Owners of some accounts, by account and name; at most 5,000.
///
/// # Errors
/// Database failures.
pub fn owners_of(tx: &mut Tx<'_>, _customers: &CustomersScope, ids: &[AccountId]) -> Result<Vec<(AccountId, Person)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).take(1000).collect();
    let rows: Vec<(i64, Person)> = held_roles::table
        .inner_join(users::table)
        .filter(held_roles::scope.eq("account"))
        .filter(held_roles::scope_id.eq_any(ids))
        .filter(held_roles::role.eq(Role::Owner.name()))
        .order((held_roles::scope_id, users::name, users::id))
        .limit(5000)
        .select((held_roles::scope_id, Person::as_select()))
        .load(tx.conn())
        .or_db("listing owners")?;
    Ok(rows.into_iter().map(|(id, person)| (AccountId(id), person)).collect())
}

/// How many other people, able to sign in, hold a role in a place.
///
/// # Errors
/// Database failures.
pub fn others_with(tx: &mut Tx<'_>, place: RolePlace, role: Role, but: UserId) -> Result<i64> {
    held_roles::table
        .inner_join(users::table)
        .filter(held_roles::scope.eq(place.scope()))
        .filter(held_roles::scope_id.eq(place.id()))
        .filter(held_roles::role.eq(role.name()))
        .filter(held_roles::user_id.ne(but.get()))
        .filter(users::status.eq("active"))
        .count()
        .get_result(tx.conn())
        .or_db("counting owners")
}

/// Who may change roles on a site: its administrators and the owners of its account, at most 3 by name, with the role.
///
/// # Errors
/// Database failures.
pub fn helpers(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(String, Role)>> {
    let on_site = held_roles::scope
        .eq("site")
        .and(held_roles::scope_id.eq(site.get()))
        .and(held_roles::role.eq(Role::Administrator.name()));
    let on_account = held_roles::scope
        .eq("account")
        .and(held_roles::scope_id.eq(site.account().get()))
        .and(held_roles::role.eq(Role::Owner.name()));
    let rows: Vec<(String, String)> = held_roles::table
        .inner_join(users::table)
        .filter(on_site.or(on_account))
        .filter(users::status.eq("active"))
        .order((users::name, users::id))
        .limit(3)
        .select((users::name, held_roles::role))
        .load(tx.conn())
        .or_db("looking for who can help")?;
    Ok(rows.into_iter().filter_map(|(name, role)| Some((name, Role::by_name(&role)?))).collect())
}
