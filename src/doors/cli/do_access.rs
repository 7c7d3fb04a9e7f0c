//! `freehold login …`

use freehold_base::{Error, KeyId, Result, Secret, SiteId};
use freehold_hosting::access::{KeyText, LoginChange, LoginRequest, LoginView, Place, Services, keys, logins};
use freehold_platform::accounts::NewPassword;
use serde_json::{Value, json};

use super::commands::{Done, Login};
use super::hands::{Hands, table};

/// `freehold login …`
///
/// # Errors
/// What the services give.
pub fn login(hands: &Hands, command: &Login) -> Result<Done> {
    match command {
        Login::List { site } => list(hands, hands.site(site)?),
        Login::Create { name, site, folder, read_only, services, no_password, password, .. } => {
            let services = Services::parse(services)?;
            let (home, read_only) = (folder.clone(), *read_only);
            let request = LoginRequest { name: name.clone(), home, read_only, services };
            create(hands, hands.site(site)?, request, (!no_password).then_some(password))
        }
        Login::Change { name, site, folder, read_only, services } => {
            let (site, view) = one(hands, site, name)?;
            let services = services.as_deref().map(Services::parse).transpose()?;
            let home = folder.clone().unwrap_or_else(|| view.login.home.clone());
            let read_only = read_only.unwrap_or(view.login.read_only);
            let change = LoginChange { home, read_only, services: services.unwrap_or_else(|| view.services()) };
            let id = view.login.id;
            hands.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                logins::change(tx, place, id, &change)
            })?;
            Ok(Done::said(format!("{name} is changed."), json!({ "id": id, "name": view.login.name })))
        }
        Login::Password { name, site, none, password, .. } => {
            password_of(hands, site, name, (!none).then_some(password))
        }
        Login::AddKey { name, site, key } => {
            let (site, view) = one(hands, site, name)?;
            let (key, id) = (KeyText::parse(key, "")?, view.login.id);
            let fingerprint = key.fingerprint().to_owned();
            let made = hands.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                keys::add_to_login(tx, place, id, &key)
            })?;
            let json = json!({ "id": made, "fingerprint": fingerprint });
            Ok(Done::said(format!("The key {fingerprint} opens {name} now."), json))
        }
        Login::RemoveKey { name, site, id } => {
            let (site, view) = one(hands, site, name)?;
            let (login, key) = (view.login.id, KeyId(*id));
            hands.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                keys::remove_from_login(tx, place, login, key)
            })?;
            Ok(Done::said(format!("Key {key} opens nothing any more."), json!({ "id": key })))
        }
        Login::Revoke { name, site } => {
            let (site, view) = one(hands, site, name)?;
            let id = view.login.id;
            hands.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                logins::revoke(tx, place, id)
            })?;
            Ok(Done::said(format!("{name} opens nothing any more."), json!({ "id": id })))
        }
    }
}

fn views(hands: &Hands, site: SiteId) -> Result<Vec<LoginView>> {
    hands.read(move |tx| {
        let place = Place::of_site(tx, site)?;
        logins::list(tx, place)
    })
}

fn one(hands: &Hands, site: &str, name: &str) -> Result<(SiteId, LoginView)> {
    let site = hands.site(site)?;
    let name = name.trim().to_lowercase();
    let found = views(hands, site)?.into_iter().find(|v| v.login.name == name);
    found.map(|view| (site, view)).ok_or_else(|| Error::not_found("login"))
}

fn list(hands: &Hands, site: SiteId) -> Result<Done> {
    let all = views(hands, site)?;
    let folder = |v: &LoginView| format!("/{}", v.login.home);
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|v| {
            let how = if v.login.read_only { "reads" } else { "reads, writes" };
            let keys = v.keys.len().to_string();
            vec![v.login.name.clone(), folder(v), how.to_owned(), v.login.services.clone(), keys]
        })
        .collect();
    let json: Vec<Value> = all
        .iter()
        .map(|v| {
            let keys: Vec<Value> =
                v.keys.iter().map(|k| json!({ "id": k.id, "name": k.name, "fingerprint": k.fingerprint })).collect();
            json!({ "id": v.login.id, "name": v.login.name, "folder": folder(v), "read_only": v.login.read_only,
                "services": v.services().iter().map(|s| s.name()).collect::<Vec<_>>(),
                "password": v.has_password(), "keys": keys, "used_at": v.login.used_at.ms() })
        })
        .collect();
    Ok(Done::data(table(&["name", "folder", "rights", "opens", "keys"], &rows), Value::from(json)))
}

/// The password as typed, or one made here, and that one for printing.
fn password(hands: &Hands, typed: &str, name: &str) -> Result<(NewPassword, Option<String>)> {
    let made = match typed {
        "" => Some(freehold_base::secret::random_token()?.chars().take(20).collect::<String>()),
        _ => None,
    };
    let text = made.clone().unwrap_or_else(|| typed.to_owned());
    Ok((hands.accounts.new_password(Secret::text(text), &[name])?, made))
}

fn create(hands: &Hands, site: SiteId, request: LoginRequest, typed: Option<&String>) -> Result<Done> {
    let (password, made) = match typed {
        Some(typed) => {
            let (password, made) = password(hands, typed, &request.name)?;
            (Some(password), made)
        }
        None => (None, None),
    };
    let name = request.name.clone();
    let id = hands.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        logins::create(tx, place, &request, password.as_ref())
    })?;
    Ok(with_password(format!("{name} is added."), json!({ "id": id, "name": name }), made))
}

fn password_of(hands: &Hands, site: &str, name: &str, typed: Option<&String>) -> Result<Done> {
    let (site, view) = one(hands, site, name)?;
    let (new, made) = match typed {
        Some(typed) => {
            let (new, made) = password(hands, typed, name)?;
            (Some(new), made)
        }
        None => (None, None),
    };
    let id = view.login.id;
    hands.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        logins::set_password(tx, place, id, new.as_ref())
    })?;
    Ok(with_password(format!("The password of {name} is changed."), json!({ "id": id }), made))
}

fn with_password(words: String, json: Value, made: Option<String>) -> Done {
    let mut done = Done::said(words, json);
    if let Some(made) = made {
        done.json["password"] = made.clone().into();
        done.words = format!("{} The password is shown once:", done.words);
        done.out = made;
    }
    done
}
