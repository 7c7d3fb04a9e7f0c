//! Writers who come with an import: known by their address, or made without a password.

use freehold_base::{Capability, Error, Result, Role, UserId, text};
use freehold_store::roles::{self as held, RolePlace};
use freehold_store::users::{self, NewUser};
use freehold_store::{SiteScope, Tx};

use super::people::{NAME_CHARS, free_slug};
use super::{PersonChanged, named};

/// Somebody who wrote in another system.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    /// Address; where it is none, they are somebody new whom no mail reaches.
    pub email: String,
    /// The name they signed in with there: the last part of their author page's address.
    pub login: String,
    /// The name that visitors see.
    pub name: String,
}

/// Who a writer is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub user: UserId,
    /// Last part of their author page's address.
    pub slug: String,
    /// Whether they were made now.
    pub is_new: bool,
}

/// The person of a writer: found by address, else made. Who holds no role on the site gets `role`, as by an
/// invitation; who holds one keeps it. A new person has no password and gets no mail: an invitation lets them in.
///
/// # Errors
/// `Denied` without the right to import and to manage people, or for a role beyond the actor's own.
pub fn bring(tx: &mut Tx<'_>, site: SiteScope, writer: &Writer, role: Role) -> Result<Known> {
    let scope = tx.authorize(site.id(), Capability::ImportRun)?;
    scope.need(Capability::PeopleManage)?;
    if !Role::OF_SITES.contains(&role) || !scope.capabilities().contains(role.capabilities()) {
        return Err(Error::denied());
    }
    let email = match text::email("email", &writer.email) {
        Ok(email) => email,
        Err(_) => unreachable_address(&writer.login, scope),
    };
    if let Some(user) = users::find_by_email(tx, &email)? {
        let grants = held::grants_of(tx, user.id)?;
        let holder = tx.holder_of(scope.id())?;
        let holds_nothing = grants.on_site(scope.id(), &holder) == freehold_base::capability::Capabilities::NONE;
        if holds_nothing && user.status != "disabled" {
            give(tx, scope, user.id, &email, role)?;
        }
        return Ok(Known { user: user.id, slug: user.slug, is_new: false });
    }
    let name = shown_name(writer, &email);
    let wanted = if writer.login.is_empty() { &name } else { &writer.login };
    let slug = free_slug(tx, wanted)?;
    let row =
        NewUser { email: &email, name: &name, slug: &slug, password_hash: "", password_scheme: "", status: "invited" };
    let user = users::insert(tx, &row)?;
    give(tx, scope, user, &email, role)?;
    Ok(Known { user, slug, is_new: true })
}

fn give(tx: &mut Tx<'_>, scope: SiteScope, user: UserId, email: &str, role: Role) -> Result<()> {
    held::set(tx, RolePlace::Site(scope.id()), user, role)?;
    let chain = freehold_store::tx::audit::Chain::Account(scope.account(), scope.id());
    tx.audit(chain, "person.import", named(user, email), role.name());
    tx.announce(PersonChanged { user });
    Ok(())
}

/// An address that belongs to nobody (RFC 2606), different on each site: the same login elsewhere is somebody else.
fn unreachable_address(login: &str, scope: SiteScope) -> String {
    let login = Some(text::slugify(login)).filter(|s| !s.is_empty()).unwrap_or_else(|| "writer".into());
    let login: String = login.chars().take(60).collect();
    format!("{login}@site-{}.imported.invalid", scope.get())
}

fn shown_name(writer: &Writer, email: &str) -> String {
    [writer.name.as_str(), writer.login.as_str(), email.split('@').next().unwrap_or_default()]
        .into_iter()
        .filter_map(|name| {
            let short: String = name.chars().take(NAME_CHARS).collect();
            text::line("name", &short, NAME_CHARS).ok()
        })
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "writer".to_owned())
}
