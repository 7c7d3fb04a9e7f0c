//! Somebody at the files of an account: rights before each step, the audit log before each change.

use freehold_base::{AccountId, Capability, Code, Error, JailPath, Result, SiteId};
use freehold_host::account_dir::AccountDir;
use freehold_store::tx::audit::Chain;
use freehold_store::{Actor, FilesScope, Store, Tx, sites};

use super::Files;

/// By which way somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// By a site: its account's files.
    Site(SiteId),
    /// By the account.
    Account(AccountId),
}

impl At {
    pub(super) fn authorize(self, tx: &mut Tx<'_>, capability: Capability) -> Result<FilesScope> {
        match self {
            Self::Site(site) => tx.authorize_files(site, capability),
            Self::Account(account) => tx.authorize_account_files(account, capability),
        }
    }
}

/// Somebody at the files of an account. Made by [`Files::of_site`] and [`Files::of_account`]. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    pub(super) files: Files,
    pub(super) actor: Actor,
    pub(super) at: At,
    pub(super) home: AccountDir,
}

impl Desk {
    pub(super) fn sit_down(files: &Files, actor: &Actor, at: At) -> Result<Self> {
        let scope = files.0.store.read(actor, |tx| at.authorize(tx, Capability::FilesRead))?;
        let home = files.0.dirs.open(scope.account())?;
        Ok(Self { files: files.clone(), actor: actor.clone(), at, home })
    }

    /// Whose files these are.
    pub fn account(&self) -> AccountId {
        self.home.account()
    }

    /// The site they came by; `SiteId(0)` for none.
    pub fn site(&self) -> SiteId {
        match self.at {
            At::Site(site) => site,
            At::Account(_) => SiteId(0),
        }
    }

    /// Whether they may change something here.
    ///
    /// # Errors
    /// Database failures.
    pub fn may_write(&self) -> Result<bool> {
        match self.store().read(&self.actor, |tx| self.at.authorize(tx, Capability::FilesWrite)) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.as_code(), Code::Denied | Code::NotFound) => Ok(false),
            Err(e) => Err(e),
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.files.0.store
    }

    /// Proof that they may look at these paths.
    pub(super) fn looking(&self, paths: &[&JailPath]) -> Result<FilesScope> {
        self.asking(Capability::FilesRead, paths)
    }

    /// Proof that they may change these paths, before anything is made ready for that.
    pub(super) fn changing(&self, paths: &[&JailPath]) -> Result<FilesScope> {
        self.asking(Capability::FilesWrite, paths)
    }

    fn asking(&self, capability: Capability, paths: &[&JailPath]) -> Result<FilesScope> {
        self.store().read(&self.actor, |tx| {
            let scope = self.at.authorize(tx, capability)?;
            check_reach(tx, scope, paths)?;
            Ok(scope)
        })
    }

    /// Proof that they may change these paths, and what `more` gives, with the act in the audit log.
    pub(super) fn noting<T: Send + 'static>(
        &self,
        act: Act,
        more: impl Fn(&mut Tx<'_>, FilesScope) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let at = self.at;
        self.store().write(&self.actor, move |tx| {
            let scope = at.authorize(tx, Capability::FilesWrite)?;
            check_reach(tx, scope, &act.paths.iter().collect::<Vec<_>>())?;
            let made = more(tx, scope)?;
            tx.audit(chain(scope), act.name, act.object.clone(), act.detail.clone());
            Ok(made)
        })
    }

    /// Notes an act and does it; where the disk refuses, the log has that too.
    pub(super) fn doing<T>(&self, act: Act, on_disk: impl FnOnce() -> Result<T>) -> Result<T> {
        self.noting(act.clone(), |_, _| Ok(()))?;
        on_disk().inspect_err(|e| self.note_refusal(&act, e))
    }

    pub(super) fn note_refusal(&self, act: &Act, e: &Error) {
        let (at, detail) = (self.at, format!("{}: {}", act.name, e.sentence()));
        let object = act.object.clone();
        let noted = self.store().write(&self.actor, move |tx| {
            let scope = at.authorize(tx, Capability::FilesWrite)?;
            tx.audit(chain(scope), "file.refused", object.clone(), detail.clone());
            Ok(())
        });
        if let Err(e) = noted {
            tracing::warn!("noting that an act on files was refused: {e}");
        }
    }

    /// A write of bookkeeping after an act that is in the log already.
    pub(super) fn after<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>, FilesScope) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let at = self.at;
        self.store().write(&self.actor, move |tx| {
            let scope = at.authorize(tx, Capability::FilesWrite)?;
            f(tx, scope)
        })
    }
}

/// What goes into the audit log, and which paths it touches.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) name: &'static str,
    pub(super) object: String,
    pub(super) detail: String,
    pub(super) paths: Vec<JailPath>,
}

impl Act {
    /// An act on some paths.
    pub(super) fn on(name: &'static str, paths: &[&JailPath]) -> Self {
        let first = paths.first().map(|path| format!("/{path}")).unwrap_or_default();
        let object = match paths.len() {
            0 | 1 => first,
            count => format!("{first} and {} more", count - 1),
        };
        Self { name, object, detail: String::new(), paths: paths.iter().map(|path| (*path).clone()).collect() }
    }

    /// With a place it goes to.
    pub(super) fn to(mut self, path: &JailPath) -> Self {
        self.detail = format!("to /{path}");
        self.paths.push(path.clone());
        self
    }

    /// With words of its own.
    pub(super) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

pub(super) fn chain(scope: FilesScope) -> Chain {
    Chain::Account(scope.account(), scope.site())
}

/// Who has the right on one site only reaches that site's folder; all else does not exist for them.
fn check_reach(tx: &mut Tx<'_>, scope: FilesScope, paths: &[&JailPath]) -> Result<()> {
    if scope.is_whole() {
        return Ok(());
    }
    let root = site_folder(tx, scope)?;
    let is_inside = |path: &JailPath| root.as_ref().is_some_and(|root| !root.is_root() && path.is_within(root));
    if paths.iter().all(|path| is_inside(path)) { Ok(()) } else { Err(Error::not_found("file or folder")) }
}

/// Whether they reach a path that a row names.
pub(super) fn reaches(tx: &mut Tx<'_>, scope: FilesScope, path: &str) -> bool {
    scope.is_whole() || JailPath::parse(path).is_ok_and(|path| check_reach(tx, scope, &[&path]).is_ok())
}

/// The folder that they reach, in text: `Some(None)` for everything, `None` for nothing.
pub(super) fn reach(tx: &mut Tx<'_>, scope: FilesScope) -> Result<Option<Option<String>>> {
    if scope.is_whole() {
        return Ok(Some(None));
    }
    let root = site_folder(tx, scope)?.filter(|root| !root.is_root());
    Ok(root.map(|root| Some(root.to_string())))
}

/// The folder of a site, below its account's home; `None` where it has none.
fn site_folder(tx: &mut Tx<'_>, scope: FilesScope) -> Result<Option<JailPath>> {
    let site = tx.authorize(scope.site(), Capability::FilesRead)?;
    let root = sites::find(tx, site)?.root;
    if root.is_empty() { Ok(None) } else { JailPath::parse(&root).map(Some) }
}
