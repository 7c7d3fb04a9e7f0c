//! A person's rights, and what is left of them on an account.

use diesel::prelude::*;
use freehold_base::capability::{Capabilities, PRIVILEGES};
use freehold_base::{AccountId, Capability, ResellerId, Result, Role, SiteId, UserId};

use super::holder::{Holder, stored_features};
use crate::Conn;
use crate::conn::OrDb as _;
use crate::schema::{held_roles, resellers, users};

/// What a reseller with these privileges and features, JSON lists of names, may not do.
fn withheld_from_reseller(privileges: &str, features: &str) -> Capabilities {
    let names: Vec<String> = serde_json::from_str(privileges).unwrap_or_default();
    let missing = PRIVILEGES.iter().filter(|c| !names.iter().any(|name| name == c.name()));
    // Whatever its plans leave out, it opens accounts with an owner and a first site.
    let opening = Capabilities::of(&[Capability::AccountSites, Capability::AccountPeople, Capability::PeopleManage]);
    Capabilities::of(&missing.copied().collect::<Vec<_>>()).union(stored_features(features).withheld().without(opening))
}

/// A person's rights, as held roles give them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// On the installation.
    pub server: Option<Role>,
    /// What they may do on resellers' accounts; nothing by one that is suspended.
    pub resellers: Vec<(ResellerId, Capabilities)>,
    /// On accounts.
    pub accounts: Vec<(AccountId, Role)>,
    /// On sites.
    pub sites: Vec<(SiteId, Role)>,
}

impl Grants {
    /// Reads a person's rights.
    ///
    /// # Errors
    /// Database failures.
    pub fn load(conn: &mut Conn, user: UserId) -> Result<Self> {
        let rows: Vec<(String, i64, String)> = held_roles::table
            .filter(held_roles::user_id.eq(user.get()))
            .order((held_roles::scope, held_roles::scope_id))
            .select((held_roles::scope, held_roles::scope_id, held_roles::role))
            .load(conn)
            .or_db("reading rights")?;
        Self::from_rows(rows).cut_to_privileges(conn)
    }
    /// As [`Grants::load`], but nothing for somebody who was disabled meanwhile: a request in flight ends there.
    pub(crate) fn load_active(conn: &mut Conn, user: UserId) -> Result<Self> {
        let rows: Vec<(String, i64, String)> = held_roles::table
            .inner_join(users::table)
            .filter(held_roles::user_id.eq(user.get()))
            .filter(users::status.eq("active"))
            .order((held_roles::scope, held_roles::scope_id))
            .select((held_roles::scope, held_roles::scope_id, held_roles::role))
            .load(conn)
            .or_db("reading rights")?;
        Self::from_rows(rows).cut_to_privileges(conn)
    }
    fn from_rows(rows: Vec<(String, i64, String)>) -> Self {
        let mut grants = Self::default();
        for (scope, id, role) in rows {
            let Some(role) = Role::by_name(&role) else { continue };
            match scope.as_str() {
                "server" => grants.server = Some(role),
                "reseller" => grants.resellers.push((ResellerId(id), role.capabilities())),
                "account" => grants.accounts.push((AccountId(id), role)),
                _ => grants.sites.push((SiteId(id), role)),
            }
        }
        grants
    }
    /// Resellers have the privileges and features that they were given, and none while they are suspended. No question
    /// where somebody works for none.
    fn cut_to_privileges(mut self, conn: &mut Conn) -> Result<Self> {
        if self.resellers.is_empty() {
            return Ok(self);
        }
        let ids: Vec<i64> = self.resellers.iter().map(|(id, _)| id.get()).collect();
        let rows: Vec<(i64, String, String)> = resellers::table
            .filter(resellers::id.eq_any(ids))
            .filter(resellers::status.eq("active"))
            .order(resellers::id)
            .select((resellers::id, resellers::privileges, resellers::features))
            .load(conn)
            .or_db("reading rights")?;
        for (id, may) in &mut self.resellers {
            let row = rows.iter().find(|(row, ..)| *row == id.get());
            *may = row.map_or(Capabilities::NONE, |(_, privileges, features)| {
                may.without(withheld_from_reseller(privileges, features))
            });
        }
        Ok(self)
    }
    /// What is left of these rights for somebody who looks at an account as its owner: that and nothing else, and
    /// only while they may open it.
    pub fn as_owner_of(&self, holder: &Holder) -> Self {
        if !self.above(holder.reseller).has(Capability::AccountsOpen) {
            return Self::default();
        }
        Self { accounts: vec![(holder.account, Role::Owner)], ..Self::default() }
    }
    /// Capabilities on a site of an account.
    pub fn on_site(&self, site: SiteId, holder: &Holder) -> Capabilities {
        let held = self.sites.iter().find(|(id, _)| *id == site).map_or(Capabilities::NONE, |(_, r)| r.capabilities());
        let member = held.union(self.of_account(holder.account));
        cut(member, holder).union(self.above(holder.reseller))
    }
    /// Capabilities on an account.
    pub fn on_account(&self, holder: &Holder) -> Capabilities {
        cut(self.of_account(holder.account), holder).union(self.above(holder.reseller))
    }
    fn of_account(&self, account: AccountId) -> Capabilities {
        self.accounts.iter().find(|(id, _)| *id == account).map_or(Capabilities::NONE, |(_, r)| r.capabilities())
    }
    /// What holds on all accounts of a reseller, by who sells them and who runs the installation.
    fn above(&self, reseller: ResellerId) -> Capabilities {
        self.on_server().union(self.on_reseller(reseller))
    }
    fn on_reseller(&self, reseller: ResellerId) -> Capabilities {
        self.resellers.iter().find(|(id, _)| *id == reseller).map_or(Capabilities::NONE, |(_, may)| *may)
    }
    /// Capabilities that hold on at least one account.
    pub fn on_any_account(&self) -> Capabilities {
        self.accounts.iter().fold(self.on_customers(), |all, (_, role)| all.union(role.capabilities()))
    }
    /// Capabilities on accounts of at least one reseller, or of all.
    pub fn on_customers(&self) -> Capabilities {
        self.resellers.iter().fold(self.on_server(), |all, (_, may)| all.union(*may))
    }
    /// Capabilities on the installation.
    pub fn on_server(&self) -> Capabilities {
        self.server.map_or(Capabilities::NONE, Role::capabilities)
    }
}

/// What is left to members of an account: nothing while it is suspended, never what its plan or its reseller keeps from
/// them.
fn cut(member: Capabilities, holder: &Holder) -> Capabilities {
    if holder.suspended.is_some() { Capabilities::NONE } else { member.without(holder.features.withheld()) }
}
