//! The files of an account as its people work with them: rights, rules, audit, trash, versions, archives, uploads.
//!
//! A [`Desk`] is somebody at the files of one account. Who has the right on the account reaches all its files; who has
//! it on one site only (a token bound to it) reaches that site's folder. Each act is authorized and written to the audit
//! log before the disk is touched; where the disk then refuses, the log says that too. Everything here waits for the
//! disk and the database: call it from a thread that may wait, never from inside a transaction.
//!
//! Everybody else who works on files (SFTP, WebDAV, FTP, static sites) takes [`Files::dirs`]: the same folders under the
//! same meters.

mod usage;
mod clash;
mod desk;
mod kinds;
mod browse;
mod follow;
mod arrange;
pub mod encoding;
mod versions;
mod text;
mod trash;
mod search;
mod small;
mod largest;
mod doctor;
mod uploads;
mod work;
mod pack;
mod unpack;
mod orders;
mod given;
mod upkeep;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use freehold_base::{AccountId, Result, SiteId};
use freehold_host::account_dir::AccountDirs;
use freehold_host::files::Reserve;
use freehold_store::{Actor, Store};

pub use self::browse::Tree;
pub use self::clash::Clash;
pub use self::desk::{At, Desk};
pub use self::doctor::{Fault, Finding};
pub use self::encoding::{Encoding, LineEnds};
pub use self::kinds::{Family, Readers, family, is_kept_back, is_never_served, readers};
pub use self::largest::{FolderSize, Largest};
pub use self::orders::{PACK, Report, UNPACK, register};
pub use self::pack::Sending;
pub use self::search::{Found, Hit, Query};
pub use self::small::Small;
pub use self::text::{NewText, Saved, Text};
pub use self::unpack::{Existing, Target};
pub use self::upkeep::{RECOUNT, TIDY};
pub use self::uploads::{Piece, Put, Upload};
use self::usage::Counts;
pub use self::usage::{Limits, LimitsOf};
pub use freehold_host::archive::Format;
pub use freehold_store::files::{Trashed, Version};

/// The files of all accounts. Cheap to clone.
#[derive(Clone)]
pub struct Files(Arc<Shared>);

struct Shared {
    store: Store,
    dirs: AccountDirs,
    counts: Arc<Counts>,
    largest: Mutex<HashMap<AccountId, Arc<Largest>>>,
    looking: Mutex<HashSet<AccountId>>,
    /// When the accounts whose programs write may be counted again.
    next_count: Mutex<HashMap<AccountId, Instant>>,
    sent: pack::Sent,
}

impl Files {
    /// Files below `folder` (`data/accounts`); `limits` says what an account may hold.
    ///
    /// # Errors
    /// `Internal` where the thread that writes counts down cannot start.
    pub fn open(store: &Store, folder: &Path, reserve: Reserve, limits: LimitsOf) -> Result<Self> {
        let counts = Counts::start(store.clone(), limits)?;
        let dirs = AccountDirs::new(folder, reserve, counts.clone());
        Ok(Self(Arc::new(Shared {
            store: store.clone(),
            dirs,
            counts,
            largest: Mutex::default(),
            looking: Mutex::default(),
            next_count: Mutex::default(),
            sent: pack::Sent::default(),
        })))
    }

    /// The folders themselves, counted by the same meters: for doors that speak in files.
    pub fn dirs(&self) -> &AccountDirs {
        &self.0.dirs
    }

    /// Somebody at the files of a site's account.
    ///
    /// # Errors
    /// `NotFound("site")`, `Denied`.
    pub fn of_site(&self, actor: &Actor, site: SiteId) -> Result<Desk> {
        Desk::sit_down(self, actor, At::Site(site))
    }

    /// Somebody at the files of an account.
    ///
    /// # Errors
    /// `NotFound("account")`, `Denied`.
    pub fn of_account(&self, actor: &Actor, account: AccountId) -> Result<Desk> {
        Desk::sit_down(self, actor, At::Account(account))
    }

    /// The plan of an account changed: what it may hold is asked anew.
    ///
    /// # Errors
    /// Database failures.
    pub fn limits_changed(&self, account: AccountId) -> Result<()> {
        self.0.counts.refresh(account)
    }

    /// Takes everything of an account away, for good. Nobody works on it any more.
    ///
    /// # Errors
    /// `Internal`; it may be called again.
    pub fn remove_account(&self, account: AccountId) -> Result<()> {
        self.0.counts.forget(account);
        self.0.largest.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
        self.0.dirs.remove(account)?;
        // Who had it open may have asked for its count meanwhile.
        self.0.counts.forget(account);
        Ok(())
    }

    /// Writes down what accounts hold, for good: before the program ends. Nothing may change after it.
    ///
    /// # Errors
    /// Database failures.
    pub fn close(&self) -> Result<()> {
        self.0.counts.close()
    }

    /// Writes down what accounts hold now.
    ///
    /// # Errors
    /// Database failures.
    pub fn flush(&self) -> Result<()> {
        self.0.counts.flush()
    }
}
