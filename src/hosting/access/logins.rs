//! Logins of an account: made, changed, taken away by whoever holds `access.manage`.

use freehold_base::{AccountId, Capability, Code, Error, LoginId, Result, SiteId};
use freehold_platform::accounts::NewPassword;
use freehold_platform::limits::{self, Resource};
use freehold_store::access_logins::{self, Key, Login, LoginEdit, NewLogin};
use freehold_store::tx::audit::Chain;
use freehold_store::{AccountScope, Tx, users};

use super::LoginChanged;
use super::rules::{self, Services};

/// The account somebody works on, and the site of it they came by (for the audit log).
#[derive(Clone, Copy, Debug)]
pub struct Place {
    account: AccountId,
    site: SiteId,
}

impl Place {
    /// The account that owns a site, for somebody who may manage its logins.
    ///
    /// # Errors
    /// `NotFound("site")`, `Denied`.
    pub fn of_site(tx: &mut Tx<'_>, site: SiteId) -> Result<Self> {
        let scope = tx.authorize(site, Capability::AccessManage)?;
        Ok(Self { account: scope.account(), site })
    }
    /// An account by itself; every act asks whether it is allowed.
    pub fn of_account(account: AccountId) -> Self {
        Self { account, site: SiteId(0) }
    }
    /// The account.
    pub fn account(self) -> AccountId {
        self.account
    }
    /// The chain its acts are written to.
    pub(super) fn chain(self) -> Chain {
        Chain::Account(self.account, self.site)
    }
    /// Proof that the actor may manage its logins.
    pub(super) fn authorize(self, tx: &mut Tx<'_>) -> Result<AccountScope> {
        tx.authorize_account(self.account, Capability::AccessManage)
    }
}

/// A login to make.
#[derive(Clone, Debug)]
pub struct LoginRequest {
    /// What will be typed as the user name.
    pub name: String,
    /// Folder below the account's home that it cannot leave; empty: the home.
    pub home: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// What it opens.
    pub services: Services,
}

/// What of a login shall be otherwise.
#[derive(Clone, Debug)]
pub struct LoginChange {
    /// Folder below the account's home.
    pub home: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// What it opens.
    pub services: Services,
}

/// A login with its keys, for lists.
#[derive(Clone, Debug)]
pub struct LoginView {
    /// The login.
    pub login: Login,
    /// Its keys, oldest first.
    pub keys: Vec<Key>,
}

impl LoginView {
    /// What it opens.
    pub fn services(&self) -> Services {
        Services::stored(&self.login.services)
    }
    /// Whether it has a password.
    pub fn has_password(&self) -> bool {
        !self.login.password_hash.is_empty()
    }
}

/// Makes a login. Without a password only keys open it.
///
/// # Errors
/// `Denied`, `NotFound("account")`, `Invalid` (`name`, `home`), `AlreadyExists` at `name`, `LimitReached` where the
/// plan allows no more.
pub fn create(
    tx: &mut Tx<'_>,
    place: Place,
    request: &LoginRequest,
    password: Option<&NewPassword>,
) -> Result<LoginId> {
    let account = place.authorize(tx)?;
    tx.need_fresh("make a login to files")?;
    let name = rules::login_name(&request.name)?;
    let home = rules::home(&request.home)?.to_string();
    let there = access_logins::count(tx, account)?;
    limits::need_room(tx, account, Resource::Logins, there)?;
    if there >= rules::MOST_LOGINS {
        let words = format!("there are {} logins already; remove one first", rules::MOST_LOGINS);
        return Err(Error::refused(Code::WrongState, words));
    }
    // A person's address opens what the person may see; a login of the same name would stand in its way.
    if access_logins::is_taken(tx, &name)? || users::find_by_email(tx, &name)?.is_some() {
        return Err(Error::invalid("name", Code::AlreadyExists, name));
    }
    let services = request.services.names();
    let (password_hash, password_scheme) = password.map_or(("", ""), |p| (p.hash(), p.scheme()));
    let read_only = request.read_only;
    let new = NewLogin { name: &name, home: &home, read_only, services: &services, password_hash, password_scheme };
    let id = access_logins::insert(tx, account, &new)?;
    tx.audit(place.chain(), "access.create_login", format!("login {name}"), words(&home, read_only, &services));
    Ok(id)
}

/// Changes what a login opens; open sessions follow within seconds.
///
/// # Errors
/// `Denied`, `NotFound` (`account`, `login`), `Invalid("home")`.
pub fn change(tx: &mut Tx<'_>, place: Place, id: LoginId, change: &LoginChange) -> Result<()> {
    let account = place.authorize(tx)?;
    let login = access_logins::find(tx, account, id)?;
    let home = rules::home(&change.home)?.to_string();
    let edit = LoginEdit { home, read_only: change.read_only, services: change.services.names() };
    access_logins::update(tx, account, id, &edit)?;
    let detail = words(&edit.home, edit.read_only, &edit.services);
    tx.audit(place.chain(), "access.change_login", format!("login {}", login.name), detail);
    tx.announce(LoginChanged { account: account.id(), login: id });
    Ok(())
}

/// Sets a password, or takes it away so that only keys open the login. Open sessions end.
///
/// # Errors
/// `Denied`, `NotFound` (`account`, `login`).
pub fn set_password(tx: &mut Tx<'_>, place: Place, id: LoginId, password: Option<&NewPassword>) -> Result<()> {
    let account = place.authorize(tx)?;
    tx.need_fresh("change who opens this login")?;
    let login = access_logins::find(tx, account, id)?;
    let (hash, scheme) = password.map_or(("", ""), |p| (p.hash(), p.scheme()));
    access_logins::set_password(tx, account, id, hash, scheme)?;
    let detail = if password.is_some() { "set" } else { "removed" };
    tx.audit(place.chain(), "access.set_password", format!("login {}", login.name), detail);
    tx.announce(LoginChanged { account: account.id(), login: id });
    Ok(())
}

/// Takes a login away with its keys; open sessions end.
///
/// # Errors
/// `Denied`, `NotFound` (`account`, `login`).
pub fn revoke(tx: &mut Tx<'_>, place: Place, id: LoginId) -> Result<()> {
    let account = place.authorize(tx)?;
    let login = access_logins::find(tx, account, id)?;
    access_logins::delete(tx, account, id)?;
    tx.audit(place.chain(), "access.revoke_login", format!("login {}", login.name), "");
    tx.announce(LoginChanged { account: account.id(), login: id });
    Ok(())
}

/// One login with its keys.
///
/// # Errors
/// `Denied`, `NotFound` (`account`, `login`).
pub fn one(tx: &mut Tx<'_>, place: Place, id: LoginId) -> Result<LoginView> {
    list(tx, place)?.into_iter().find(|v| v.login.id == id).ok_or_else(|| Error::not_found("login"))
}

/// The account's logins by name, with their keys.
///
/// # Errors
/// `Denied`, `NotFound("account")`.
pub fn list(tx: &mut Tx<'_>, place: Place) -> Result<Vec<LoginView>> {
    let account = place.authorize(tx)?;
    let keys = access_logins::login_keys_of(tx, account)?;
    let with_keys = |login: Login| {
        let keys = keys.iter().filter(|(of, _)| *of == login.id).map(|(_, key)| key.clone()).collect();
        LoginView { login, keys }
    };
    Ok(access_logins::list(tx, account)?.into_iter().map(with_keys).collect())
}

/// What a login opens, for the audit log.
fn words(home: &str, read_only: bool, services: &str) -> String {
    let folder = if home.is_empty() { "/" } else { home };
    let how = if read_only { "reads" } else { "reads and writes" };
    format!("{how} {folder} by {services}")
}
