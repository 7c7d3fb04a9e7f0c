//! What somebody who signed in may touch, read anew as often as asked.

use std::sync::Arc;

use freehold_base::{AccountId, Capability, Code, Error, JailPath, LoginId, Result, SessionId, UserId};
use freehold_platform::limits;
use freehold_store::{Actor, ActorKind, Store, Tx, access_logins, roles, users};

use super::rules::{self, Service, Services};

/// What a session was opened with: where it is gone, the session is too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// A password, by its hash at that time.
    Password(String),
    /// An SSH key, by its fingerprint.
    Key(String),
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A login of an account.
    Login {
        /// Whose files.
        account: AccountId,
        /// Which login.
        login: LoginId,
    },
    /// A person.
    Person(UserId),
}

/// One account's part of what is seen.
#[derive(Clone, Debug)]
pub struct Root {
    /// Which account.
    pub account: AccountId,
    /// Its folder at the top, where there are several.
    pub folder: String,
    /// What is its top, below the account's home.
    pub home: JailPath,
    /// Whether nothing may be changed.
    pub read_only: bool,
}

/// What somebody may touch.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The name they typed, in its compared form.
    pub name: String,
    /// The accounts they see.
    pub roots: Vec<Root>,
    /// Whether each account is a folder at the top; else the one account is the top. By the accounts they belong to,
    /// whatever the state of these: one that is suspended must not make `/` the home of another.
    pub has_folders: bool,
}

impl Pass {
    /// Whether a path means what it meant before: the folders that are left are of the same accounts and homes.
    pub(super) fn keeps_places_of(&self, before: &Pass) -> bool {
        let named = |root: &Root, was: &Root| !self.has_folders || root.folder == was.folder;
        let same = |root: &Root, was: &Root| root.account == was.account && root.home == was.home;
        self.has_folders == before.has_folders
            && self.roots.iter().all(|root| before.roots.iter().all(|was| !named(root, was) || same(root, was)))
    }
}

/// Accounts that one person sees at most.
const MOST_ROOTS: usize = 500;

/// Reads what a holder may touch now. Blocks the thread.
///
/// # Errors
/// `SignInWrong` where they or their proof are gone; `ServiceOff`; what the authorization of the account says, as for a
/// suspended one.
pub(super) fn read(store: &Store, holder: &Holder, proof: &Proof, service: Service, address: &str) -> Result<Pass> {
    match holder {
        Holder::Login { account, login } => {
            let actor = Actor { address: address.into(), ..Actor::system() };
            store.read(&actor, |tx| of_login(tx, *account, *login, proof, service))
        }
        Holder::Person(user) => {
            let grants = store.read(&Actor::system(), |tx| still_there(tx, *user, proof))?;
            // Not a session of the panel: these are numbered from 1.
            let kind = ActorKind::User { user: *user, session: SessionId(0) };
            let actor = Actor { kind, address: address.into(), grants: Arc::new(grants), acting: None };
            store.read(&actor, |tx| of_person(tx, *user, service))
        }
    }
}

fn gone() -> Error {
    Error::code(Code::SignInWrong)
}

fn of_login(tx: &mut Tx<'_>, account: AccountId, login: LoginId, proof: &Proof, service: Service) -> Result<Pass> {
    let scope = tx.authorize_account(account, Capability::FilesRead)?;
    let login = access_logins::find_live(tx, scope, login)?.ok_or_else(gone)?;
    let holds = match proof {
        Proof::Password(hash) => *hash == login.password_hash,
        Proof::Key(fingerprint) => access_logins::login_key(tx, &login, fingerprint)?.is_some(),
    };
    if !holds {
        return Err(gone());
    }
    // Freehold itself asks here, whom no suspension stops.
    access_logins::title_of_active(tx, scope)?.ok_or_else(|| Error::code(Code::AccountSuspended))?;
    limits::need_feature(scope, service.feature())?;
    if !Services::stored(&login.services).has(service) {
        return Err(Error::refused(Code::ServiceOff, service.label()));
    }
    let home = JailPath::parse(&login.home)?;
    let root = Root { account, folder: String::new(), home, read_only: login.read_only };
    Ok(Pass { name: login.name, roots: vec![root], has_folders: false })
}

fn still_there(tx: &mut Tx<'_>, user: UserId, proof: &Proof) -> Result<freehold_store::Grants> {
    let person = users::find(tx, user).map_err(|_| gone())?;
    let holds = match proof {
        Proof::Password(hash) => *hash == person.password_hash,
        Proof::Key(fingerprint) => access_logins::user_key(tx, user, fingerprint)?.is_some(),
    };
    if !holds || !person.is_active() {
        return Err(gone());
    }
    roles::grants_of(tx, user)
}

fn of_person(tx: &mut Tx<'_>, user: UserId, service: Service) -> Result<Pass> {
    let name = users::find(tx, user)?.email;
    let mut roots = Vec::new();
    let mut refusal = Error::denied();
    let (all, has_folders) = accounts_of(tx)?;
    for account in all {
        match of_account(tx, account, service, &roots) {
            Ok(root) => roots.push(root),
            // One that is suspended, or whose plan leaves this out, is not there.
            Err(e) if e.status() < 500 => refusal = e,
            Err(e) => return Err(e),
        }
    }
    if roots.is_empty() { Err(refusal) } else { Ok(Pass { name, roots, has_folders }) }
}

fn of_account(tx: &mut Tx<'_>, account: AccountId, service: Service, known: &[Root]) -> Result<Root> {
    let scope = tx.authorize_account(account, Capability::FilesRead)?;
    let title = access_logins::title_of_active(tx, scope)?.ok_or_else(|| Error::code(Code::AccountSuspended))?;
    limits::need_feature(scope, service.feature())?;
    let read_only = !scope.capabilities().has(Capability::FilesWrite);
    let folder = unique(rules::folder_name(&title, account), account, known);
    Ok(Root { account, folder, home: JailPath::root(), read_only })
}

/// Accounts that somebody may look into, by name, at most 500; and whether they belong to several, used or not.
fn accounts_of(tx: &mut Tx<'_>) -> Result<(Vec<AccountId>, bool)> {
    let (mut all, mut known) = match tx.authorize_customers(Capability::FilesRead) {
        Ok(customers) => (access_logins::accounts_of(tx, &customers)?, access_logins::any_two(tx, &customers)?),
        Err(e) if e.status() < 500 => (Vec::new(), Vec::new()),
        Err(e) => return Err(e),
    };
    let own: Vec<AccountId> = tx.actor().grants.accounts.iter().map(|(id, _)| *id).collect();
    for id in own {
        if !all.contains(&id) {
            all.push(id);
        }
        known.push(id);
    }
    known.sort_unstable();
    known.dedup();
    all.truncate(MOST_ROOTS);
    Ok((all, known.len() > 1))
}

fn unique(folder: String, account: AccountId, known: &[Root]) -> String {
    if known.iter().any(|r| r.folder == folder) { format!("{folder} ({account})") } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_another_folder_where_an_account_or_a_home_changed_behind_its_name() {
        let pass = |has_folders, roots: &[(i64, &str, &str)]| {
            let root = |(account, folder, home): &(i64, &str, &str)| Root {
                account: AccountId(*account),
                folder: (*folder).to_owned(),
                home: JailPath::parse(home).unwrap(),
                read_only: false,
            };
            Pass { name: "mara".into(), roots: roots.iter().map(root).collect(), has_folders }
        };
        let two = pass(true, &[(1, "Shop", ""), (2, "Shop (2)", "")]);
        for stays in [pass(true, &[(1, "Shop", "")]), pass(true, &[(2, "Shop (2)", ""), (3, "Loft", "")]), two.clone()]
        {
            assert!(stays.keeps_places_of(&two), "{stays:?}");
        }
        for moved in [pass(true, &[(2, "Shop", "")]), pass(false, &[(1, "Shop", "")])] {
            assert!(!moved.keeps_places_of(&two), "{moved:?}");
        }
        let one = pass(false, &[(1, "Shop", "site")]);
        assert!(pass(false, &[(1, "Store", "site")]).keeps_places_of(&one), "another title");
        assert!(!pass(false, &[(1, "Shop", "site/public")]).keeps_places_of(&one));
        assert!(!pass(false, &[(2, "Shop", "site")]).keeps_places_of(&one));
    }
}
