//! What comes back by itself: the trash is emptied after thirty days, uploads that nobody goes on with are dropped, what
//! a crash left is put right, and counts are compared with the disk.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::time::Duration;

use freehold_base::{AccountId, Capability, Clock, Code, JailPath, Result, Timestamp};
use freehold_host::account_dir::{Kind, Links, ListOptions, Next, Part};
use freehold_platform::jobs::{Failure, Handlers, Lane};
use freehold_platform::upkeep::queue;
use freehold_store::{Actor, files as rows, jobs};

use super::orders::system_desk;
use super::{Desk, Files, largest, trash, uploads, versions, work};

/// Puts right and empties.
pub const TIDY: &str = "files.tidy";
/// Compares counts with the disk.
pub const RECOUNT: &str = "files.recount";
/// So many times as long as it was counted, an account is not counted again.
const REST: u32 = 20;
/// How often each of them.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// What lies in the trash stays so long.
pub(super) const TRASH_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Uploads that nobody goes on with stay so long.
const UPLOADS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Versions of files that are gone stay so long.
const VERSIONS_KEPT: Duration = Duration::from_secs(60 * 24 * 3600);

pub(super) fn register(handlers: &mut Handlers, files: &Files) {
    let own = files.clone();
    handlers.add_to(Lane::Long, TIDY, move |job| {
        job.store.write(&Actor::system(), |tx| queue(tx, TIDY, EVERY))?;
        let accounts = own.tidy()?;
        Ok::<_, Failure>(format!("{{\"accounts\":{accounts}}}"))
    });
    let own = files.clone();
    handlers.add_to(Lane::Long, RECOUNT, move |job| {
        job.store.write(&Actor::system(), |tx| queue(tx, RECOUNT, EVERY))?;
        let accounts = own.recount_all()?;
        Ok::<_, Failure>(format!("{{\"accounts\":{accounts}}}"))
    });
}

impl Files {
    /// Tidies all accounts; how many there are. One that cannot be tidied is noted, the others are all the same.
    ///
    /// # Errors
    /// Database failures.
    pub fn tidy(&self) -> Result<usize> {
        self.empty_old()?;
        let accounts = self.dirs().accounts()?;
        for account in &accounts {
            if let Err(e) = self.tidy_account(*account) {
                tracing::warn!("tidying the files of account {account}: {e}");
            }
        }
        Ok(accounts.len())
    }

    /// Puts right what a crash left of one account's files.
    ///
    /// # Errors
    /// Faults of disk and database.
    pub fn tidy_account(&self, account: AccountId) -> Result<()> {
        let desk = system_desk(self, account)?;
        desk.home.sweep()?;
        trash::tidy(&desk)?;
        uploads::tidy(&desk)?;
        self.tidy_jobs(&desk)?;
        tidy_versions(&desk)
    }

    /// Compares the counts of all accounts with the disk and sets them; how many were looked at.
    ///
    /// # Errors
    /// Database failures.
    pub fn recount_all(&self) -> Result<usize> {
        let accounts = self.dirs().accounts()?;
        for account in &accounts {
            if let Err(e) = self.recount(*account) {
                tracing::warn!("counting the files of account {account}: {e}");
            }
        }
        self.flush()?;
        Ok(accounts.len())
    }

    /// Sets the count of an account to what its disk holds, and sees which of its folders are largest. Whether it was
    /// set: an account that is written to all the time keeps its own count.
    ///
    /// # Errors
    /// Faults of disk and database.
    pub fn recount(&self, account: AccountId) -> Result<bool> {
        let home = self.dirs().open(account)?;
        home.room()?;
        let is_set = self.0.counts.recount(account, &|| home.usage())?;
        match largest::look(self, &home) {
            Err(e) if e.as_code() == Code::Busy => {} // what was seen before stays
            looked => drop(looked?),
        }
        Ok(is_set)
    }

    /// Whether a program of an account may begin: nothing stops it from writing once it runs.
    ///
    /// # Errors
    /// `QuotaExceeded`, `DiskFull`.
    pub fn check_start(&self, account: AccountId) -> Result<()> {
        self.dirs().open(account)?.check_room()
    }

    /// Counts an account anew after a program of its own was at its files. One whose programs run all the time is
    /// counted for at most a twentieth of it.
    pub fn count_again(&self, account: AccountId) {
        let begun = Clock::instant();
        let waits = {
            let mut next = self.0.next_count.lock().unwrap_or_else(PoisonError::into_inner);
            next.retain(|_, at| *at > begun);
            next.contains_key(&account)
        };
        if waits {
            return;
        }
        let counted = self.dirs().open(account).and_then(|home| {
            home.room()?;
            self.0.counts.recount(account, &|| home.usage())
        });
        if let Err(e) = counted {
            tracing::warn!("counting the files of account {account}: {e}");
        }
        let next = Clock::instant() + begun.elapsed() * REST;
        self.0.next_count.lock().unwrap_or_else(PoisonError::into_inner).insert(account, next);
    }

    /// What lies in the trash for thirty days goes, and uploads of last week. What cannot go is noted and tried again
    /// the next time: one account does not keep the others from it.
    fn empty_old(&self) -> Result<()> {
        let (system, store) = (Actor::system(), &self.0.store);
        let now = store.clock().now();
        let noted = |what: &str, account: AccountId, done: Result<()>| {
            if let Err(e) = done {
                tracing::warn!("{what} of account {account}: {e}");
            }
        };
        let mut after = 0;
        loop {
            let old = store.read(&system, |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                rows::trashed_before(tx, server, now.minus(TRASH_KEPT), after)
            })?;
            let Some(last) = old.last() else { break };
            after = last.id;
            for one in &old {
                let gone = system_desk(self, one.account_id).and_then(|desk| desk.remove_trashed(one));
                noted("emptying the trash", one.account_id, gone);
            }
        }
        after = 0;
        loop {
            let old = store.read(&system, |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                rows::uploads_before(tx, server, now.minus(UPLOADS_KEPT), after)
            })?;
            let Some(last) = old.last() else { return Ok(()) };
            after = last.id;
            for one in &old {
                let gone = system_desk(self, one.account_id).and_then(|desk| desk.cancel_upload(one.id));
                noted("dropping an old upload", one.account_id, gone);
            }
        }
    }

    /// Folders of jobs that will not go on.
    fn tidy_jobs(&self, desk: &Desk) -> Result<()> {
        let run = desk.home.part(Part::Run);
        let list = match run.list(&JailPath::root().join(work::FOLDER)?, &ListOptions::default()) {
            Err(e) if e.as_code() == Code::NotFound => return Ok(()),
            list => list?,
        };
        for entry in list.entries {
            let id: i64 = entry.name.parse().unwrap_or(0);
            let goes_on = self.0.store.read(&Actor::system(), |tx| {
                let server = tx.authorize_server(Capability::ServerRead)?;
                match jobs::find_any(tx, server, id.into()) {
                    Ok(job) => Ok(matches!(job.state.as_str(), "waiting" | "paused" | "running")),
                    Err(e) if e.as_code() == Code::NotFound => Ok(false),
                    Err(e) => Err(e),
                }
            })?;
            if !goes_on {
                work::Work::of(&desk.home, id)?.clear()?;
            }
        }
        Ok(())
    }
}

/// Versions of files that are long gone, and states that no row names.
fn tidy_versions(desk: &Desk) -> Result<()> {
    let old = desk.store().clock().now().minus(VERSIONS_KEPT);
    let mut after = String::new();
    loop {
        let from = after.clone();
        let paths = desk.after(move |tx, scope| rows::versioned_paths(tx, scope, &from))?;
        let Some(last) = paths.last() else { break };
        after.clone_from(last);
        for path in &paths {
            forget_if_gone(desk, path, old)?;
        }
    }
    let shelf = desk.home.part(Part::Versions);
    let mut found = Vec::new();
    shelf.walk(&JailPath::root(), &mut |path, about| {
        if about.kind == Kind::File {
            found.push(versions::hash_of(path));
        }
        Ok(Next::On)
    })?;
    for some in found.chunks(500) {
        versions::forget(desk, some.to_vec())?;
    }
    Ok(())
}

fn forget_if_gone(desk: &Desk, path: &str, old: Timestamp) -> Result<()> {
    let is_gone = match desk.home.metadata(&JailPath::parse(path)?, Links::Refuse) {
        Err(e) => e.as_code() == Code::NotFound,
        Ok(_) => false,
    };
    if !is_gone {
        return Ok(());
    }
    let name = path.to_owned();
    let gone: Vec<String> = desk.after(move |tx, scope| {
        let newest = rows::versions(tx, scope, &name)?.first().map(|version| version.made_at);
        match newest {
            Some(newest) if newest < old => rows::prune_versions(tx, scope, &name, 0),
            _ => Ok(Vec::new()),
        }
    })?;
    let once: HashSet<String> = gone.into_iter().collect();
    versions::forget(desk, once.into_iter().collect())
}
