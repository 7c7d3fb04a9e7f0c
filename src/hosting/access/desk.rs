//! What the doors to files hold: who signs in, and what they get.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use freehold_base::{AccountId, Clock, Code, Error, JailPath, Result, Secret, SiteId};
use freehold_host::account_dir::AccountDirs;
use freehold_platform::accounts::Accounts;
use freehold_platform::customers::traffic::{Counter, Traffic};
use freehold_platform::secrets::limiter::network_of;
use freehold_store::{Actor, Store};

use super::live::{Live, Of, Seat};
use super::pass::{self, Holder, Pass, Proof, Root};
use super::rules::Service;
use super::sign_in::{self, CodeWanted, Knock, LetIn, Step};
use super::tree::Tree;

/// Rights are read anew at least this often while a session works.
const RECHECK: Duration = Duration::from_secs(5);
/// A database that does not answer keeps a session for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Database, people, files: what the doors share. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    accounts: Accounts,
    dirs: AccountDirs,
    live: Live,
    traffic: Arc<Traffic>,
}

/// Somebody who signed in, with what they may touch. The session ends when the last clone is gone.
#[derive(Clone)]
pub struct Guest {
    inside: Arc<Inside>,
}

struct Inside {
    desk: Desk,
    let_in: LetIn,
    service: Service,
    address: String,
    pass: RwLock<Arc<Pass>>,
    /// News heard when the pass was read.
    heard: AtomicU64,
    /// Milliseconds after `since` when it was read.
    read_at: AtomicU64,
    since: Instant,
    over: AtomicBool,
    _seat: Seat,
}

impl Desk {
    /// Puts the parts together.
    pub fn new(store: Store, accounts: Accounts, dirs: AccountDirs, live: Live, traffic: Arc<Traffic>) -> Self {
        Self { parts: Arc::new(Parts { store, accounts, dirs, live, traffic }) }
    }

    /// The sessions, for the listener of news.
    pub fn live(&self) -> &Live {
        &self.parts.live
    }
    /// The database.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// Signs in with a password.
    ///
    /// # Errors
    /// `SignInWrong`, `CodeWrong`, `TooManyAttempts`, `Busy`, `FactorNeeded`, `OwnLoginNeeded`, `ServiceOff`, `Denied`.
    pub async fn password(&self, knock: &Knock, given: Secret) -> Result<Step<Guest>> {
        Ok(match sign_in::password((&self.parts.store, &self.parts.accounts), knock, given).await? {
            Step::In(let_in) => Step::In(self.enter(knock, let_in).await?),
            Step::CodeWanted(wanted) => Step::CodeWanted(wanted),
        })
    }

    /// Signs in with the code that a right password asked for.
    ///
    /// # Errors
    /// `CodeWrong`, `TooManyAttempts`, `Denied`.
    pub async fn code(&self, knock: &Knock, wanted: CodeWanted, code: &str) -> Result<Guest> {
        let let_in = sign_in::code((&self.parts.store, &self.parts.accounts), knock, wanted, code).await?;
        self.enter(knock, let_in).await
    }

    /// Whether a key would open something for a name.
    ///
    /// # Errors
    /// Database failures.
    pub async fn knows_key(&self, knock: &Knock, fingerprint: &str) -> Result<bool> {
        let found = sign_in::key((&self.parts.store, &self.parts.accounts), knock, fingerprint).await?;
        Ok(found.is_some())
    }

    /// Signs in with a key whose signature was checked.
    ///
    /// # Errors
    /// `SignInWrong`, `ServiceOff`, `Denied`, what the account's authorization says.
    pub async fn key(&self, knock: &Knock, fingerprint: &str) -> Result<Guest> {
        let found = sign_in::key((&self.parts.store, &self.parts.accounts), knock, fingerprint).await?;
        self.enter(knock, found.ok_or_else(|| Error::code(Code::SignInWrong))?).await
    }

    /// The folder of a login is there when it is first used; where it cannot be made, the program says so.
    fn make_home(&self, pass: &Pass) {
        for root in pass.roots.iter().filter(|root| !root.home.is_root()) {
            let made = self.parts.dirs.open(root.account).and_then(|dir| dir.make_folders(&root.home));
            if let Err(e) = made {
                tracing::debug!("making the folder of a login: {e}");
            }
        }
    }

    async fn enter(&self, knock: &Knock, let_in: LetIn) -> Result<Guest> {
        let (desk, asked, who) = (self.clone(), knock.clone(), let_in.clone());
        let heard = self.parts.live.heard();
        let read = move || {
            let pass = pass::read(&desk.parts.store, &who.holder, &who.proof, asked.service, &asked.address)?;
            desk.make_home(&pass);
            Ok(pass)
        };
        let pass = blocking(read).await?;
        let seat = self.parts.live.sit(places(&pass, &let_in.holder, &knock.address))?;
        let (noted, name, service) = (let_in.clone(), pass.name.clone(), knock.service);
        let note = move |tx: &mut freehold_store::Tx<'_>| sign_in::note(tx, &noted, &name, service);
        self.parts.store.write_async(&Actor::visitor(&knock.address), note).await?;
        Ok(Guest {
            inside: Arc::new(Inside {
                desk: self.clone(),
                let_in,
                service: knock.service,
                address: knock.address.clone(),
                pass: RwLock::new(Arc::new(pass)),
                heard: AtomicU64::new(heard),
                read_at: AtomicU64::new(0),
                since: Clock::instant(),
                over: AtomicBool::new(false),
                _seat: seat,
            }),
        })
    }
}

/// Whose places a session takes: no name, account or network takes those of all others.
fn places(pass: &Pass, holder: &Holder, address: &str) -> Vec<Of> {
    let network = address.parse().map_or_else(|_| address.to_owned(), network_of);
    let mut all = vec![Of::Name(pass.name.clone()), Of::Network(network), Of::All];
    if let Holder::Login { account, .. } = holder {
        all.push(Of::Account(*account));
    }
    all
}

/// By whom open files are counted: the account of a login; a person may see many, and counts by their name.
fn keeper(pass: &Pass, holder: &Holder) -> Of {
    match holder {
        Holder::Login { account, .. } => Of::Account(*account),
        Holder::Person(_) => Of::Name(pass.name.clone()),
    }
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(f).await.map_err(|e| Error::internal("working in the background", e))?
}

impl Guest {
    /// The name they signed in with.
    pub fn name(&self) -> String {
        self.pass_now().name.clone()
    }

    /// Whether the session ended.
    pub fn is_over(&self) -> bool {
        self.inside.over.load(Ordering::Acquire)
    }

    /// Whether this session was opened by a password.
    pub fn by_password(&self) -> bool {
        matches!(self.inside.let_in.proof, Proof::Password(_))
    }

    /// Ends it: every later step is refused.
    pub fn end(&self) {
        self.inside.over.store(true, Ordering::Release);
    }

    /// What they see. Blocks the thread where the rights must be read anew.
    ///
    /// # Errors
    /// `SignInRequired` where the session is over.
    pub fn tree(&self) -> Result<Tree> {
        Ok(Tree::new(self.clone(), self.pass()?))
    }

    pub(super) fn open(&self, root: &Root) -> Result<freehold_host::account_dir::AccountDir> {
        // A program that asks for safety asks for fsync; a folder that is served never shows half of an upload.
        Ok(self.inside.desk.parts.dirs.open(root.account)?.unsynced())
    }

    /// Room for one more open file or folder, given back when dropped.
    ///
    /// # Errors
    /// `WrongState` where all sessions of the account keep too many open.
    pub fn hold(&self) -> Result<Seat> {
        let keeper = keeper(&self.pass_now(), &self.inside.let_in.holder);
        self.inside.desk.parts.live.sit(vec![Of::Handles(Box::new(keeper))])
    }

    /// Where bytes that they send to an account's files and get from them are counted.
    pub(super) fn counter(&self, account: AccountId) -> Arc<Counter> {
        self.inside.desk.parts.traffic.counter(account, SiteId(0), self.inside.service.name())
    }

    /// The desk they signed in at.
    pub fn desk(&self) -> &Desk {
        &self.inside.desk
    }

    /// Refuses where the session is over, or its rights are gone.
    ///
    /// # Errors
    /// `SignInRequired`.
    pub fn check(&self) -> Result<()> {
        self.pass().map(drop)
    }

    /// Whether they only read an account that they see now.
    ///
    /// # Errors
    /// `SignInRequired`; `NotFound` where they see it no more.
    pub(super) fn check_account(&self, account: AccountId) -> Result<bool> {
        let pass = self.pass()?;
        let root = pass.roots.iter().find(|root| root.account == account);
        root.map(|root| root.read_only).ok_or_else(|| Error::not_found("file or folder"))
    }

    fn pass_now(&self) -> Arc<Pass> {
        Arc::clone(&self.inside.pass.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn pass(&self) -> Result<Arc<Pass>> {
        let inside = &self.inside;
        if self.is_over() {
            return Err(Error::code(Code::SignInRequired));
        }
        let age = self.age();
        let heard = inside.desk.parts.live.heard();
        if heard == inside.heard.load(Ordering::Acquire) && age < RECHECK {
            return Ok(self.pass_now());
        }
        match pass::read(
            &inside.desk.parts.store,
            &inside.let_in.holder,
            &inside.let_in.proof,
            inside.service,
            &inside.address,
        ) {
            // The same path means another folder now: they sign in anew and see it.
            Ok(pass) if !pass.keeps_places_of(&self.pass_now()) => {
                self.end();
                Err(Error::code(Code::SignInRequired))
            }
            Ok(pass) => {
                let pass = Arc::new(pass);
                *inside.pass.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&pass);
                inside.heard.store(heard, Ordering::Release);
                self.mark();
                Ok(pass)
            }
            // Not a word about rights: the database is busy or away.
            Err(e) if e.status() >= 500 && age < PATIENCE => Ok(self.pass_now()),
            Err(_) => {
                self.end();
                Err(Error::code(Code::SignInRequired))
            }
        }
    }

    fn age(&self) -> Duration {
        let now = self.inside.since.elapsed();
        now.saturating_sub(Duration::from_millis(self.inside.read_at.load(Ordering::Acquire)))
    }

    fn mark(&self) {
        let now = u64::try_from(self.inside.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.inside.read_at.store(now, Ordering::Release);
    }

    /// Waits until the session is over; for whoever must hang up then.
    pub async fn ended(&self) {
        let mut news = self.inside.desk.parts.live.listen();
        loop {
            let guest = self.clone();
            if blocking(move || guest.check()).await.is_err() {
                return;
            }
            let _ = tokio::time::timeout(RECHECK, news.changed()).await;
        }
    }

    /// The account and the path below its home that a path of the tree means; for what is kept beside files.
    ///
    /// # Errors
    /// `NotFound` for the top of several accounts; `SignInRequired`.
    pub fn place(&self, path: &JailPath) -> Result<(AccountId, JailPath)> {
        self.tree()?.place(path)
    }
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Guest({})", self.pass_now().name)
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}
