//! `freehold user …`, `freehold token …`

use std::time::Duration;

use freehold_base::{
    AccountId, Capability, Code, Error, Network, Page, PageSize, ResellerId, Result, Role, Secret, TokenId,
};
use freehold_platform::accounts::{Invitation, NewPerson, TokenRequest, people, roles, tokens};
use freehold_store::roles::RolePlace;
use freehold_store::users::{PeopleFilter, Person};
use serde_json::{Value, json};

use super::commands::{Done, Token, User};
use super::do_guard;
use super::hands::{Hands, table};

/// `freehold user …`
///
/// # Errors
/// What the services give.
pub fn user(hands: &Hands, command: &User) -> Result<Done> {
    match command {
        User::List => list(hands),
        User::Show { person: who } => show(hands, who),
        User::Create { email, name, site, role, password, .. } => {
            create(hands, (email, name, password), site.as_deref(), role.as_deref())
        }
        User::Password { person: who } => link(hands, who),
        User::Invite { email, role, site, account, reseller } => {
            invite(hands, email, role_named(role)?, place(hands, site.as_deref(), *account, *reseller)?)
        }
        User::Role { person: who, role, site, account, reseller } => {
            set_role(hands, who, role, place(hands, site.as_deref(), *account, *reseller)?)
        }
        User::Passkeys { person: who, remove } => do_guard::passkeys(hands, who, *remove),
        User::FactorOff { person: who } => do_guard::factor_off(hands, who),
        User::Sessions { person: who, end } => do_guard::sessions(hands, who, *end),
        User::Disable { person: who } => {
            let row = hands.person(who)?;
            hands.write(move |tx| people::disable(tx, row.id))?;
            Ok(Done::said(format!("{} is kept out; their sessions ended.", row.email), json!({ "id": row.id })))
        }
        User::Enable { person: who } => {
            let row = hands.person(who)?;
            hands.write(move |tx| people::enable(tx, row.id))?;
            Ok(Done::said(format!("{} may sign in again.", row.email), json!({ "id": row.id })))
        }
        User::Delete { person: who, reassign_to } => {
            let row = hands.person(who)?;
            let heir = reassign_to.as_deref().map(|name| hands.person(name)).transpose()?.map(|h| h.id);
            hands.write(move |tx| people::delete(tx, row.id, heir))?;
            Ok(Done::said(format!("{} is deleted.", row.email), json!({ "id": row.id })))
        }
    }
}

fn place(hands: &Hands, site: Option<&str>, account: Option<i64>, reseller: Option<i64>) -> Result<RolePlace> {
    Ok(match (site, account, reseller) {
        (Some(site), ..) => RolePlace::Site(hands.site(site)?),
        (_, Some(account), _) => RolePlace::Account(AccountId(account)),
        (.., Some(reseller)) => RolePlace::Reseller(ResellerId(reseller)),
        (None, None, None) => RolePlace::Server,
    })
}

/// Who sits at the machine gets the link itself, and hands it on.
fn invite(hands: &Hands, email: &str, role: Role, place: RolePlace) -> Result<Done> {
    let (accounts, email) = (hands.accounts.clone(), email.to_owned());
    let invitation = Invitation { email, name: String::new(), place, role };
    let invited = hands.write(move |tx| accounts.invite(tx, &invitation))?;
    let link = invited.link.map(|link| link.url.reveal_text().to_owned());
    let words = match &link {
        Some(_) => format!("{} is invited. They choose a password here, once:", invited.email),
        None => format!("{} has the role now.", invited.email),
    };
    let json = json!({ "id": invited.user, "email": invited.email, "invitation": link });
    Ok(Done { out: link.unwrap_or_default(), words, json, good: true })
}

fn list(hands: &Hands) -> Result<Done> {
    let mut all: Vec<Person> = Vec::new();
    let mut after = None;
    loop {
        let page = Page { size: PageSize::new(PageSize::MAX), after };
        let (more, next) = hands.read(move |tx| people::list(tx, &PeopleFilter::default(), &page))?;
        all.extend(more);
        match next {
            Some(cursor) => after = Some(cursor),
            None => break,
        }
    }
    let rows: Vec<Vec<String>> =
        all.iter().map(|p| vec![p.id.to_string(), p.email.clone(), p.name.clone(), p.status.clone()]).collect();
    let json: Vec<Value> =
        all.iter().map(|p| json!({ "id": p.id, "email": p.email, "name": p.name, "status": p.status })).collect();
    Ok(Done::data(table(&["id", "e-mail", "name", "status"], &rows), Value::from(json)))
}

fn show(hands: &Hands, who: &str) -> Result<Done> {
    let row = hands.person(who)?;
    let (user, grants) = hands.read(move |tx| people::show(tx, row.id))?;
    let mut held = Vec::new();
    if let Some(role) = grants.server {
        held.push(json!({ "role": role.name() }));
    }
    held.extend(grants.accounts.iter().map(|(id, role)| json!({ "role": role.name(), "account": id })));
    held.extend(grants.sites.iter().map(|(id, role)| json!({ "role": role.name(), "site": id })));
    let roles: Vec<String> = held.iter().map(Value::to_string).collect();
    let out = format!("{}  {}  {}  {}\n{}", user.id, user.email, user.name, user.status, roles.join("\n"));
    let json = json!({ "id": user.id, "email": user.email, "name": user.name, "slug": user.slug,
        "status": user.status, "two_step": user.has_factor(), "app": user.has_totp(), "passkeys": user.passkeys, "roles": held });
    Ok(Done::data(out, json))
}

fn role_named(name: &str) -> Result<Role> {
    Role::by_name(name).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|r| r.name()).collect();
        Error::invalid("role", Code::NotAllowed, known.join(", "))
    })
}

fn create(
    hands: &Hands,
    (email, name, password): (&str, &str, &str),
    site: Option<&str>,
    role: Option<&str>,
) -> Result<Done> {
    let role = match (site, role) {
        (Some(site), Some(role)) => Some((RolePlace::Site(hands.site(site)?), role_named(role)?)),
        _ => None,
    };
    let made = if password.is_empty() {
        Some(freehold_base::secret::random_token()?.chars().take(20).collect::<String>())
    } else {
        None
    };
    let text = made.clone().unwrap_or_else(|| password.to_owned());
    let password = hands.accounts.new_password(Secret::text(text), &[email, name])?;
    let new = NewPerson { email: email.to_owned(), name: name.to_owned(), password, role };
    let accounts = hands.accounts.clone();
    let id = hands.write(move |tx| accounts.create_person(tx, &new))?;
    let mut json = json!({ "id": id, "email": email });
    let mut done = Done::said(format!("{email} is added."), Value::Null);
    if let Some(made) = made {
        json["password"] = made.clone().into();
        done.words = format!("{email} is added. The password is shown once:");
        done.out = made;
    }
    done.json = json;
    Ok(done)
}

fn link(hands: &Hands, who: &str) -> Result<Done> {
    let row = hands.person(who)?;
    let accounts = hands.accounts.clone();
    let link = hands.write(move |tx| accounts.link_for(tx, row.id))?;
    let (url, until) = (link.url.reveal_text().to_owned(), link.expires_at.rfc3339());
    let json = json!({ "email": row.email, "url": url, "expires_at": until });
    let words = format!("A new password for {} is chosen here, once, until {until}:", row.email);
    Ok(Done { out: url, words, json, good: true })
}

fn set_role(hands: &Hands, who: &str, role: &str, place: RolePlace) -> Result<Done> {
    let row = hands.person(who)?;
    let wanted = if role == "none" { None } else { Some(role_named(role)?) };
    hands.write(move |tx| roles::set_role(tx, place, row.id, wanted))?;
    Ok(Done::said(format!("{} has the role {role} now.", row.email), json!({ "id": row.id, "role": role })))
}

/// Scopes by name, or a group of them.
fn scopes(names: &[String]) -> Result<Vec<Capability>> {
    use Capability as C;
    let mut all = Vec::new();
    for name in names {
        match name.as_str() {
            "all" => all.extend(C::ALL),
            "read" => all.push(C::SiteRead),
            "content" => all.extend(Role::Editor.capabilities().iter().filter(|c| *c != C::SelfManage)),
            other => all.push(C::by_name(other).ok_or_else(|| {
                let known: Vec<&str> = C::ALL.iter().map(|c| c.name()).collect();
                Error::invalid("scope", Code::NotAllowed, format!("read, content, all, {}", known.join(", ")))
            })?),
        }
    }
    Ok(all)
}

/// `freehold token …`
///
/// # Errors
/// What the services give.
pub fn token(hands: &Hands, command: &Token) -> Result<Done> {
    match command {
        Token::Create { user, scopes: names, site, expires, addresses, name } => {
            let row = hands.person(user)?;
            let site = site.as_deref().map(|s| hands.site(s)).transpose()?;
            let days = |n: &u32| Duration::from_secs(u64::from(*n) * 24 * 3600);
            let expires_at = expires.as_ref().map(|n| hands.store.clock().now().plus(days(n)));
            let addresses = Network::parse_list("from", &addresses.join(" "))?;
            let request = TokenRequest { name: name.clone(), scopes: scopes(names)?, site, expires_at, addresses };
            let made = hands.write(move |tx| tokens::create_for(tx, row.id, &request))?;
            let secret = made.secret.reveal_text().to_owned();
            let json = json!({ "id": made.id, "token": secret });
            Ok(Done { out: secret, words: "The token is shown once:".into(), json, good: true })
        }
        Token::List { user } => {
            let row = hands.person(user)?;
            let all = hands.read(move |tx| tokens::list_of(tx, row.id))?;
            let json: Vec<Value> = all
                .iter()
                .map(|t| {
                    json!({ "id": t.id, "name": t.name, "scopes": t.scopes.split(' ').collect::<Vec<_>>(),
                    "site": t.site(), "created_at": t.created_at.rfc3339(), "used_at": t.used_at.ms(),
                    "used_from": t.used_from, "expires_at": t.expires_at.ms(), "from": t.networks() })
                })
                .collect();
            let rows: Vec<Vec<String>> =
                all.iter().map(|t| vec![t.id.to_string(), t.name.clone(), t.scopes.clone()]).collect();
            Ok(Done::data(table(&["id", "name", "scopes"], &rows), Value::from(json)))
        }
        Token::Revoke { id, user } => {
            let (row, id) = (hands.person(user)?, TokenId(*id));
            hands.write(move |tx| tokens::revoke_of(tx, row.id, id))?;
            Ok(Done::said(format!("Token {id} opens nothing any more."), json!({ "id": id })))
        }
    }
}
