//! Earlier states of texts go along with a folder that another account was given.

use std::collections::BTreeSet;

use freehold_base::{AccountId, Capability, Code, JailPath, Result};
use freehold_store::{Actor, files as rows};

use super::orders::system_desk;
use super::{Files, versions};

impl Files {
    /// The number of an account's newest state; 0 where there is none.
    ///
    /// # Errors
    /// Database failures.
    pub fn newest_version(&self, account: AccountId) -> Result<i64> {
        self.0.store.read(&Actor::system(), |tx| {
            let scope = tx.authorize_account_files(account, Capability::FilesRead)?;
            rows::newest_version(tx, scope)
        })
    }

    /// Gives the states of a folder's texts, up to the one with the number `newest`, to the account that has the folder
    /// now: later ones are of what the old account laid in its place. May end anywhere and be done again.
    /// Where that account's space is used up, those that are left stay behind, and go as those of a file that is gone.
    ///
    /// # Errors
    /// Faults of disk and database; `NotFound("account")`.
    pub fn give_versions(
        &self,
        (from, folder): (AccountId, &JailPath),
        (to, place): (AccountId, &JailPath),
        newest: i64,
    ) -> Result<()> {
        let old = match system_desk(self, from) {
            Err(e) if e.as_code() == Code::NotFound => return Ok(()), // it went, and they with it
            desk => desk?,
        };
        let new = system_desk(self, to)?;
        let (folder, place) = (folder.to_string(), place.to_string());
        loop {
            let some = self.0.store.read(&Actor::system(), |tx| {
                let scope = tx.authorize_account_files(from, Capability::FilesRead)?;
                rows::versions_below(tx, scope, &folder, newest)
            })?;
            let Some(last) = some.last().map(|version| version.id) else { return Ok(()) };
            let hashes: BTreeSet<String> = some.into_iter().map(|version| version.hash).collect();
            // From a state in its place to its row: nobody takes away meanwhile what no row names.
            let moving = new.home.moving();
            for hash in &hashes {
                match versions::bring(&old.home, &new.home, hash) {
                    Err(e) if e.as_code() == Code::QuotaExceeded => {
                        tracing::info!("account {to} has no space for all earlier states of /{place}");
                        return Ok(());
                    }
                    brought => brought?,
                }
            }
            let (out, into) = (folder.clone(), place.clone());
            self.0.store.write(&Actor::system(), move |tx| {
                let scope = tx.authorize_account_files(from, Capability::FilesWrite)?;
                let there = tx.authorize_account_files(to, Capability::FilesWrite)?;
                rows::give_versions(tx, (scope, &out), (there, &into), last)
            })?;
            drop(moving);
            versions::forget(&old, hashes.into_iter().collect())?;
        }
    }
}
