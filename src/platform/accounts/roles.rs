//! Who holds which role where. Nobody grants, edits or takes away a role with a capability they lack, looking at what
//! the person holds before and after; the last hosting admin and an account's last owner stay (security rule C3).

use freehold_base::capability::Capabilities;
use freehold_base::{Capability, Code, Error, Result, Role, SiteId, UserId};
use freehold_store::roles::{self, RolePlace};
use freehold_store::tx::audit::Chain;
use freehold_store::{Grants, Holder, Tx, accounts, users};

use super::{PersonChanged, named};
use crate::limits::{self, Resource};

/// The actor's rights in a place where roles are to be set.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    place: RolePlace,
    /// The account, of accounts and sites.
    holder: Option<Holder>,
    pub(super) capabilities: Capabilities,
}

impl Standing {
    /// Whether the actor runs the installation.
    pub(super) fn of_server(&self) -> bool {
        self.capabilities.has(Capability::ServerManage)
    }
    /// The audit chain of the place.
    pub(super) fn chain(&self) -> Chain {
        match (self.place, &self.holder) {
            (RolePlace::Account(id), _) => Chain::Account(id, SiteId(0)),
            (RolePlace::Site(id), Some(holder)) => Chain::Account(holder.account(), id),
            (RolePlace::Server | RolePlace::Reseller(_) | RolePlace::Site(_), _) => Chain::Server,
        }
    }
    /// All that these grants allow in the place.
    fn of(&self, grants: &Grants) -> Capabilities {
        match (self.place, &self.holder) {
            (RolePlace::Account(_), Some(holder)) => grants.on_account(holder),
            (RolePlace::Site(id), Some(holder)) => grants.on_site(id, holder),
            (RolePlace::Reseller(_), _) => grants.on_customers(),
            (RolePlace::Server | RolePlace::Account(_) | RolePlace::Site(_), _) => grants.on_server(),
        }
    }
}

/// The actor's right to set roles in a place.
pub(super) fn standing(tx: &mut Tx<'_>, place: RolePlace) -> Result<Standing> {
    let (holder, capabilities) = match place {
        // Resellers are made and given to people by who runs the installation.
        RolePlace::Server | RolePlace::Reseller(_) => {
            let server = tx.authorize_server(Capability::ServerManage)?;
            tx.need_fresh("change who runs this server")?;
            (None, server.capabilities())
        }
        RolePlace::Account(id) => {
            let scope = tx.authorize_account(id, Capability::AccountPeople)?;
            (Some(tx.holder(id)?), scope.capabilities())
        }
        RolePlace::Site(id) => {
            let scope = tx.authorize(id, Capability::PeopleManage)?;
            (Some(tx.holder_of(id)?), scope.capabilities())
        }
    };
    Ok(Standing { place, holder, capabilities })
}

/// The role held exactly in this place.
fn held(grants: &Grants, place: RolePlace) -> Option<Role> {
    match place {
        RolePlace::Server => grants.server,
        RolePlace::Reseller(id) => grants.resellers.iter().find(|(r, _)| *r == id).map(|_| Role::Reseller),
        RolePlace::Account(id) => grants.accounts.iter().find(|(a, _)| *a == id).map(|(_, r)| *r),
        RolePlace::Site(id) => grants.sites.iter().find(|(s, _)| *s == id).map(|(_, r)| *r),
    }
}

/// The same grants with another role in one place.
fn with(grants: &Grants, place: RolePlace, role: Option<Role>) -> Grants {
    let mut after = grants.clone();
    match place {
        RolePlace::Server => after.server = role,
        RolePlace::Reseller(id) => {
            after.resellers.retain(|(r, _)| *r != id);
            after.resellers.extend(role.map(|r| (id, r.capabilities())));
        }
        RolePlace::Account(id) => {
            after.accounts.retain(|(a, _)| *a != id);
            after.accounts.extend(role.map(|r| (id, r)));
        }
        RolePlace::Site(id) => {
            after.sites.retain(|(s, _)| *s != id);
            after.sites.extend(role.map(|r| (id, r)));
        }
    }
    after
}

/// Whether such a role is held in such a place.
fn fits(place: RolePlace, role: Role) -> bool {
    match place {
        RolePlace::Server => matches!(role, Role::HostingAdmin | Role::Auditor),
        RolePlace::Reseller(_) => role == Role::Reseller,
        RolePlace::Account(_) => Role::OF_ACCOUNTS.contains(&role),
        RolePlace::Site(_) => Role::OF_SITES.contains(&role),
    }
}

/// Sets the role that a person holds in a place, or takes it away with `None`.
///
/// Who is not there yet can only be brought in by address ([`super::Accounts::invite`]), except by a hosting admin.
///
/// # Errors
/// `Denied`, `ConfirmNeeded`, `NotFound` (`person`, `site`, `account`), `Invalid("role")`, `LastOwner`, `LimitReached`.
pub fn set_role(tx: &mut Tx<'_>, place: RolePlace, user: UserId, role: Option<Role>) -> Result<()> {
    let standing = standing(tx, place)?;
    let person = users::find(tx, user)?;
    let grants = roles::grants_of(tx, user)?;
    if held(&grants, place).is_none() && !standing.of_server() {
        return Err(Error::not_found("person"));
    }
    change(tx, &standing, user, &person.email, role)
}

/// The checks and the write behind [`set_role`] and invitations.
pub(super) fn change(
    tx: &mut Tx<'_>,
    standing: &Standing,
    user: UserId,
    email: &str,
    role: Option<Role>,
) -> Result<()> {
    let place = standing.place;
    if let Some(wrong) = role.filter(|r| !fits(place, *r)) {
        return Err(Error::invalid("role", Code::NotAllowed, wrong.name()));
    }
    let before = roles::grants_of(tx, user)?;
    let after = with(&before, place, role);
    let reach = standing.capabilities;
    if !reach.contains(standing.of(&before)) || !reach.contains(standing.of(&after)) {
        return Err(Error::denied());
    }
    let old = held(&before, place);
    if old == role {
        return Ok(());
    }
    if role == Some(Role::Owner) && !is_new(tx, place)? {
        tx.need_fresh("give somebody the whole account")?;
    }
    if let Some(old) = old {
        keep_last(tx, place, old, user)?;
    }
    if let (RolePlace::Account(account), Some(role)) = (place, role)
        && role != Role::Owner
        && old.is_none_or(|old| old == Role::Owner)
    {
        // One more beside the owners: counted where they come in, so that two at once cannot both take the last place.
        let scope = tx.authorize_account(account, Capability::AccountPeople)?;
        let used = roles::team_of(tx, scope)?;
        limits::need_room(tx, scope, Resource::People, used)?;
    }
    match role {
        Some(role) => roles::set(tx, place, user, role)?,
        None => roles::remove(tx, place, user)?,
    }
    let words = format!("{} → {}", old.map_or("none", Role::name), role.map_or("none", Role::name));
    tx.audit(standing.chain(), "person.role", named(user, email), words);
    tx.announce(PersonChanged { user });
    Ok(())
}

/// Whether the place is an account that this very transaction makes: there is nothing in it yet.
fn is_new(tx: &mut Tx<'_>, place: RolePlace) -> Result<bool> {
    let RolePlace::Account(id) = place else { return Ok(false) };
    let scope = tx.authorize_account(id, Capability::AccountPeople)?;
    Ok(accounts::find(tx, scope)?.created_at == tx.now())
}

/// Fails where nobody else could do what this role does in this place.
fn keep_last(tx: &mut Tx<'_>, place: RolePlace, role: Role, user: UserId) -> Result<()> {
    if matches!(role, Role::HostingAdmin | Role::Owner) && roles::others_with(tx, place, role, user)? == 0 {
        return Err(Error::code(Code::LastOwner));
    }
    Ok(())
}

/// Fails where somebody is the last owner of anything: before they are disabled or deleted.
pub(super) fn not_last_anywhere(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let grants = roles::grants_of(tx, user)?;
    if let Some(role) = grants.server {
        keep_last(tx, RolePlace::Server, role, user)?;
    }
    for (account, role) in grants.accounts {
        keep_last(tx, RolePlace::Account(account), role, user)?;
    }
    Ok(())
}

/// Fails unless `reach` holds everything that somebody may do anywhere.
pub(super) fn above(tx: &mut Tx<'_>, reach: Capabilities, user: UserId) -> Result<()> {
    let grants = roles::grants_of(tx, user)?;
    let everywhere = grants
        .accounts
        .iter()
        .map(|(_, r)| *r)
        .chain(grants.sites.iter().map(|(_, r)| *r))
        .chain(grants.server)
        .map(Role::capabilities)
        .chain(grants.resellers.iter().map(|(_, may)| *may))
        .fold(Capabilities::NONE, Capabilities::union);
    if reach.contains(everywhere) { Ok(()) } else { Err(Error::denied()) }
}
