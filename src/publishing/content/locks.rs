//! Who edits what: a lock that lives while its holder's page sends signs of life (row CM15).

use std::time::Duration;

use freehold_base::{Capability, Code, EntryId, Error, Result, SiteId};
use freehold_store::revisions::{self as rows, Lock};
use freehold_store::{Tx, entries};

use super::rights;

/// A lock without a sign of life for this long is gone. The page sends one every 30 s.
const ALIVE: Duration = Duration::from_secs(90);

/// Takes the lock, or says who has it. `force` takes it over.
///
/// # Errors
/// `EntryLocked` naming the holder; `Denied`.
pub fn take(tx: &mut Tx<'_>, site: SiteId, id: EntryId, force: bool) -> Result<()> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let entry = entries::find(tx, scope, id)?;
    rights::to_change(tx, scope, &entry)?;
    let user = tx.actor().user().ok_or_else(Error::denied)?;
    let alive = tx.now().minus(ALIVE);
    if let Some(lock) = rows::lock_of(tx, scope, id, alive)?
        && lock.user_id != user.get()
        && !force
    {
        return Err(Error::refused(Code::EntryLocked, lock.user_name.unwrap_or_default()));
    }
    if force {
        tx.audit_site(scope, "entry.take_over", format!("{} {id}", entry.kind));
    }
    rows::take_lock(tx, scope, id, user)
}

/// A sign of life.
///
/// # Errors
/// `EntryLocked` where somebody took over.
pub fn renew(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<()> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let user = tx.actor().user().ok_or_else(Error::denied)?;
    if rows::renew_lock(tx, scope, id, user)? {
        return Ok(());
    }
    take(tx, site, id, false)
}

/// Frees an entry: by its holder, or by somebody who may write everything.
///
/// # Errors
/// `Denied`.
pub fn release(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<()> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let alive = tx.now().minus(ALIVE);
    match rows::lock_of(tx, scope, id, alive)? {
        Some(lock)
            if Some(lock.user_id) != tx.actor().user().map(i64::from) && !scope.has(Capability::EntriesWriteAll) =>
        {
            Err(Error::denied())
        }
        Some(_) => rows::release_lock(tx, scope, id),
        None => Ok(()),
    }
}

/// All live locks of a site.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Lock>> {
    let scope = tx.authorize(site, Capability::EntriesWriteAll)?;
    let alive = tx.now().minus(ALIVE);
    rows::locks(tx, scope, None, alive)
}

/// The lock of an entry, if somebody else than the actor holds it.
///
/// # Errors
/// `Denied`.
pub fn held_by_other(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<Option<Lock>> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let alive = tx.now().minus(ALIVE);
    let me = tx.actor().user().map(i64::from);
    Ok(rows::lock_of(tx, scope, id, alive)?.filter(|l| Some(l.user_id) != me))
}
