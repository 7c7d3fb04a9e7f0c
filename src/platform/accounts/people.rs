//! Bringing people in, listing them, disabling and deleting them.

use freehold_base::{Capability, Code, Cursor, Error, Page, Result, Role, SiteId, UserId, text};
use freehold_store::roles::RolePlace;
use freehold_store::tx::audit::Chain;
use freehold_store::users::{NewUser, PeopleFilter, Person, User};
use freehold_store::{Grants, Tx, links as stored_links, roles as held, sessions, users};

use super::{Accounts, Link, LinkKind, NewPassword, PersonChanged, PersonDeleted, named, roles};

/// Longest name.
pub const NAME_CHARS: usize = 100;

/// Somebody to bring in by address.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Address.
    pub email: String,
    /// Name; empty: the part of the address before the @.
    pub name: String,
    /// Where they get a role.
    pub place: RolePlace,
    /// Which.
    pub role: Role,
}

/// What an invitation made.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Who.
    pub user: UserId,
    /// Their address in its compared form: where the mail goes.
    pub email: String,
    /// Whether they are new here.
    pub is_new: bool,
    /// The link to mail; `None` for somebody who signs in already.
    pub link: Option<Link>,
    /// Whether the inviter may see the link too: not where it opens roles that others gave.
    pub may_show_link: bool,
}

/// Somebody to add with a password, without a mail: the command line, the API.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Address.
    pub email: String,
    /// Name; empty: the part of the address before the @.
    pub name: String,
    /// Password.
    pub password: NewPassword,
    /// First role; `None`: none yet.
    pub role: Option<(RolePlace, Role)>,
}

/// A slug that nobody has, from a name.
pub(super) fn free_slug(tx: &mut Tx<'_>, name: &str) -> Result<String> {
    let base = Some(text::slugify(name)).filter(|s| !s.is_empty()).unwrap_or_else(|| "person".into());
    let taken = users::slugs_like(tx, &base)?;
    let free = |slug: &String| !taken.contains(slug);
    let numbered = (2..=taken.len() + 2).map(|n| format!("{base}-{n}"));
    std::iter::once(base.clone()).chain(numbered).find(free).ok_or_else(|| Error::refused(Code::SlugTaken, base))
}

/// The given name, or one made from the address.
fn name_of(given: &str, email: &str) -> Result<String> {
    let name = text::line("name", given, NAME_CHARS)?;
    Ok(if name.is_empty() { email.split('@').next().unwrap_or(email).to_owned() } else { name })
}

impl Accounts {
    /// Gives somebody a role by their address, and a link where they have no password yet.
    ///
    /// # Errors
    /// `Denied` (C3 too), `NotFound` (`site`, `account`), `Invalid` (email, name, role), `WrongState` (disabled).
    pub fn invite(&self, tx: &mut Tx<'_>, invitation: &Invitation) -> Result<Invited> {
        let standing = roles::standing(tx, invitation.place)?;
        let email = text::email("email", &invitation.email)?;
        let (user, is_new) = match users::find_by_email(tx, &email)? {
            Some(user) => (user, false),
            None => (insert_invited(tx, &email, &invitation.name)?, true),
        };
        if user.status == "disabled" {
            return Err(Error::refused(Code::WrongState, "this person is disabled"));
        }
        roles::change(tx, &standing, user.id, &email, Some(invitation.role))?;
        let link = match user.status.as_str() {
            "invited" => Some(self.make_link(tx, user.id, LinkKind::Invite)?),
            _ => None,
        };
        tx.audit(standing.chain(), "person.invite", named(user.id, &email), invitation.role.name());
        Ok(Invited { user: user.id, email, is_new, link, may_show_link: is_new || standing.of_server() })
    }

    /// Adds a person with a password. Hosting admin and command line only.
    ///
    /// # Errors
    /// `Denied`, `EmailTaken`, `Invalid` (email, name, role).
    pub fn create_person(&self, tx: &mut Tx<'_>, new: &NewPerson) -> Result<UserId> {
        tx.authorize_server(Capability::ServerManage)?;
        let email = text::email("email", &new.email)?;
        let name = name_of(&new.name, &email)?;
        if users::find_by_email(tx, &email)?.is_some() {
            return Err(Error::code(Code::EmailTaken));
        }
        let slug = free_slug(tx, &name)?;
        let row = NewUser {
            email: &email,
            name: &name,
            slug: &slug,
            password_hash: new.password.hash(),
            password_scheme: new.password.scheme(),
            status: "active",
        };
        let user = users::insert(tx, &row)?;
        tx.audit(Chain::Server, "person.create", named(user, &email), "");
        if let Some((place, role)) = new.role {
            roles::set_role(tx, place, user, Some(role))?;
        }
        Ok(user)
    }
}

fn insert_invited(tx: &mut Tx<'_>, email: &str, name: &str) -> Result<User> {
    let name = name_of(name, email)?;
    let slug = free_slug(tx, &name)?;
    let row = NewUser { email, name: &name, slug: &slug, password_hash: "", password_scheme: "", status: "invited" };
    let id = users::insert(tx, &row)?;
    users::find(tx, id)
}

/// The cursor of the next page, where there may be one.
fn next(page: &Page, last: Option<&Person>, got: usize) -> Option<Cursor> {
    let full = i64::try_from(got).is_ok_and(|n| n == page.size.get());
    last.filter(|_| full).map(|p| Cursor { key: p.name.clone(), id: p.id.get() })
}

/// People of the installation by name, and the cursor of the next page.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, filter: &PeopleFilter, page: &Page) -> Result<(Vec<Person>, Option<Cursor>)> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    let people = users::list(tx, server, filter, page)?;
    let after = next(page, people.last(), people.len());
    Ok((people, after))
}

/// A page of a site's people with their roles, and the cursor of the next page.
pub type SitePeople = (Vec<(Person, Role)>, Option<Cursor>);

/// People who hold a role on a site, by name, and the cursor of the next page.
///
/// # Errors
/// `NotFound("site")`, `Denied`.
pub fn list_of_site(tx: &mut Tx<'_>, site: SiteId, filter: &PeopleFilter, page: &Page) -> Result<SitePeople> {
    let site = tx.authorize(site, Capability::PeopleManage)?;
    let rows = users::list_of_site(tx, site, filter, page)?;
    let after = next(page, rows.last().map(|(p, _)| p), rows.len());
    let people = rows.into_iter().map(|(p, r)| (p, Role::by_name(&r).unwrap_or(Role::Subscriber))).collect();
    Ok((people, after))
}

/// One person with everything they hold, for the hosting admin.
///
/// # Errors
/// `Denied`, `NotFound("person")`.
pub fn show(tx: &mut Tx<'_>, id: UserId) -> Result<(User, Grants)> {
    tx.authorize_server(Capability::ServerRead)?;
    Ok((users::find(tx, id)?, held::grants_of(tx, id)?))
}

/// The person with an address, for the hosting admin and the command line.
///
/// # Errors
/// `Denied`, `NotFound("person")`.
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<User> {
    tx.authorize_server(Capability::ServerRead)?;
    let email = text::email("email", email)?;
    users::find_by_email(tx, &email)?.ok_or_else(|| Error::not_found("person"))
}

/// Keeps somebody out: no sign-in, no token, all sessions end now, open links too.
///
/// # Errors
/// `Denied`, `ConfirmNeeded`, `NotFound("person")`, `LastOwner`.
pub fn disable(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    tx.need_fresh("keep this person out")?;
    let user = users::find(tx, id)?;
    roles::above(tx, server.capabilities(), id)?;
    roles::not_last_anywhere(tx, id)?;
    users::set_status(tx, id, "disabled")?;
    sessions::end_all(tx, id, None)?;
    stored_links::delete_of(tx, id, LinkKind::Reset.name())?;
    stored_links::delete_of(tx, id, LinkKind::Invite.name())?;
    tx.audit(Chain::Server, "person.disable", named(id, &user.email), "");
    tx.announce(PersonChanged { user: id });
    Ok(())
}

/// Lets a disabled person in again.
///
/// # Errors
/// `Denied`, `NotFound("person")`, `WrongState` (not disabled).
pub fn enable(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    let user = users::find(tx, id)?;
    roles::above(tx, server.capabilities(), id)?;
    if user.status != "disabled" {
        return Err(Error::refused(Code::WrongState, "this person is not disabled"));
    }
    users::set_status(tx, id, if user.password_hash.is_empty() { "invited" } else { "active" })?;
    tx.audit(Chain::Server, "person.enable", named(id, &user.email), "");
    tx.announce(PersonChanged { user: id });
    Ok(())
}

/// Deletes somebody; their entries and media go to `reassign_to`.
///
/// # Errors
/// `Denied`, `NotFound("person")`, `LastOwner`, `WrongState` where they wrote entries and nobody takes them.
pub fn delete(tx: &mut Tx<'_>, id: UserId, reassign_to: Option<UserId>) -> Result<()> {
    let server = tx.authorize_server(Capability::ServerManage)?;
    tx.need_fresh("delete this person for good")?;
    let user = users::find(tx, id)?;
    roles::above(tx, server.capabilities(), id)?;
    roles::not_last_anywhere(tx, id)?;
    let written = users::sites_written_on(tx, server, id)?;
    match reassign_to {
        Some(heir) if heir != id => {
            users::find(tx, heir)?;
            for site in &written {
                // A site that was just deleted still has its entries, and nobody may touch them.
                let scope =
                    tx.authorize(SiteId(*site), Capability::EntriesWriteAll).map_err(|e| match e.as_code() {
                        Code::NotFound => Error::refused(
                            Code::WrongState,
                            "a site they wrote on is being deleted; try again in a minute",
                        ),
                        _ => e,
                    })?;
                users::reassign(tx, scope, id, heir)?;
            }
        }
        _ if written.is_empty() => {}
        _ => return Err(Error::refused(Code::WrongState, "this person wrote entries; name somebody who takes them")),
    }
    users::delete(tx, server, id)?;
    let words = reassign_to.map_or_else(String::new, |to| format!("entries to person {to}"));
    tx.audit(Chain::Server, "person.delete", named(id, &user.email), words);
    tx.announce(PersonDeleted { user: id, reassigned_to: reassign_to });
    Ok(())
}
