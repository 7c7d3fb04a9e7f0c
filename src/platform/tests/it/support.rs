//! A town of people on a fresh database of each kind.

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{AccountId, Capability, Clock, Error, Result, Role, Secret, SiteId, Timestamp, UserId};
use freehold_platform::accounts::{
    Accounts, Authenticated, Claim, HalfSession, NewPassword, NewPerson, Options, SignIn, SignedIn, first_run,
};
use freehold_platform::secrets::{Hasher, Keyring, SteadyClock};
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, Store, StoreOptions, Tx, audit, sites};

pub const START: Timestamp = Timestamp(1_795_161_600_000);
/// Long enough for the rules.
pub const PASSWORD: &str = "seven quiet herons wade";

pub struct Town {
    pub store: Store,
    pub clock: Clock,
    pub accounts: Accounts,
    pub keys: Arc<Keyring>,
    pub hasher: Hasher,
    pub folder: tempfile::TempDir,
}

#[allow(clippy::disallowed_methods)] // how ./test tells its server to the tests
fn postgres_url() -> Option<String> {
    std::env::var("FREEHOLD_TEST_POSTGRES_URL").ok()
}

#[allow(clippy::disallowed_methods)]
pub fn full() -> bool {
    std::env::var("FREEHOLD_TEST_FULL").is_ok_and(|v| v == "1")
}

/// One fresh store of each kind.
pub fn stores() -> Vec<(tempfile::TempDir, Clock, Store)> {
    let mut urls = vec![String::new()];
    if let Some(url) = postgres_url() {
        urls.push(freehold_store::testing::fresh_database(&url).unwrap());
    }
    urls.into_iter()
        .map(|database_url| {
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::fixed(START);
            let options = StoreOptions { data: folder.path().to_owned(), database_url, readers: 4 };
            let store = Store::open(&options, clock.clone()).unwrap();
            (folder, clock, store)
        })
        .collect()
}

/// Unclaimed towns, one on each kind of database.
pub fn towns() -> Vec<Town> {
    stores().into_iter().map(|(folder, clock, store)| Town::on(folder, clock, store, false)).collect()
}

impl Town {
    pub fn on(folder: tempfile::TempDir, clock: Clock, store: Store, beyond_loopback: bool) -> Self {
        let keys = Arc::new(Keyring::open_or_create(&folder.path().join("key")).unwrap());
        let hasher = Hasher::start(&keys, 4).unwrap();
        let accounts = Self::service(&keys, &hasher, &clock, beyond_loopback);
        Self { store, clock, accounts, keys, hasher, folder }
    }
    pub fn service(keys: &Arc<Keyring>, hasher: &Hasher, clock: &Clock, beyond_loopback: bool) -> Accounts {
        let options = Options { panel_url: "https://panel.example.org".into(), beyond_loopback };
        Accounts::new(keys.clone(), hasher.clone(), SteadyClock::following(clock.clone()), options)
    }
    pub fn exposed(&self) -> Accounts {
        Self::service(&self.keys, &self.hasher, &self.clock, true)
    }
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
    pub fn password(&self, text: &str) -> NewPassword {
        self.accounts.new_password(Secret::text(text), &[]).unwrap()
    }
    pub fn write<T: Send + 'static>(
        &self,
        actor: &Actor,
        f: impl Fn(&Accounts, &mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let accounts = self.accounts.clone();
        self.store.write(actor, move |tx| f(&accounts, tx))
    }
    pub fn system<T: Send + 'static>(&self, f: impl Fn(&Accounts, &mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.write(&Actor::system(), f).unwrap()
    }
    /// Claims the server for mara@example.org.
    pub fn claim(&self) -> (UserId, AccountId) {
        let claim = Claim { email: "mara@example.org".into(), name: "Mara".into(), password: self.password(PASSWORD) };
        let made = self.system(move |_, tx| first_run::claim(tx, &claim));
        (made.user, made.account)
    }
    pub fn person(&self, email: &str, role: Option<(RolePlace, Role)>) -> UserId {
        let new = NewPerson { email: email.into(), name: String::new(), password: self.password(PASSWORD), role };
        self.system(move |a, tx| a.create_person(tx, &new))
    }
    pub fn site(&self, account: AccountId, name: &'static str) -> SiteId {
        self.system(move |_, tx| {
            let scope = tx.authorize_account(account, Capability::AccountSites)?;
            sites::create(tx, scope, name, "cms")
        })
    }
    pub fn account(&self, name: &'static str) -> AccountId {
        self.system(move |_, tx| {
            let scope = tx.authorize_server(Capability::ServerManage)?;
            freehold_store::testing::account(tx, scope, name)
        })
    }
    /// All three steps of signing in.
    pub fn try_sign_in(&self, email: &str, password: &str, address: &str) -> Result<SignIn> {
        let visitor = Actor::visitor(address);
        let attempt = self.store.read(&visitor, |tx| self.accounts.prepare(tx, email))?;
        let checked = self.accounts.check(attempt, Secret::text(password))?;
        self.write(&visitor, move |a, tx| a.finish(tx, &checked, "Browser", None))?.into_result()
    }
    pub fn sign_in(&self, email: &str) -> String {
        match self.try_sign_in(email, PASSWORD, "192.0.2.1").unwrap() {
            SignIn::Full(token) | SignIn::Half(token) => token.reveal_text().to_owned(),
        }
    }
    pub fn look(&self, cookie: &str) -> Option<Authenticated> {
        self.store.read(&Actor::visitor("192.0.2.1"), |tx| self.accounts.authenticate(tx, cookie)).unwrap()
    }
    pub fn signed_in(&self, cookie: &str) -> SignedIn {
        match self.look(cookie) {
            Some(Authenticated::Full(me)) => me,
            other => panic!("not signed in: {other:?}"),
        }
    }
    pub fn half(&self, cookie: &str) -> HalfSession {
        match self.look(cookie) {
            Some(Authenticated::Half(half)) => half,
            other => panic!("not half signed in: {other:?}"),
        }
    }
    pub fn actor(&self, email: &str) -> Actor {
        self.signed_in(&self.sign_in(email)).actor
    }
    pub fn audit(&self) -> Vec<audit::Row> {
        self.store
            .read(&Actor::system(), |tx| {
                let scope = tx.authorize_server(Capability::ServerRead)?;
                audit::list_all(tx, scope, &Default::default(), 0, 1000)
            })
            .unwrap()
    }
}

pub fn code(e: &Error) -> &'static str {
    e.as_code().name()
}

/// The code of a result that must be an error.
pub fn refusal<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => "none",
        Err(e) => code(&e),
    }
}
