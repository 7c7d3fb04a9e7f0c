//! Revisions, autosaves and edit locks of entries.

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{EntryId, Error, Result, RevisionId, Timestamp, UserId};

use crate::cached::insert_row;
use crate::conn::OrDb as _;
use crate::schema::{autosaves, entry_locks, revisions, users};
use crate::{SiteScope, Tx, each_backend};

/// A saved state of an entry, without its content.
#[derive(Clone, Debug, Queryable)]
pub struct RevisionLine {
    /// Its id.
    pub id: i64,
    /// The entry's version it is.
    pub version: i64,
    /// What made it: `save`, `publish`, `restore`, `import`, `typing`.
    pub action: String,
    /// Who.
    pub author_id: i64,
    /// Their name; empty for the system.
    pub author_name: Option<String>,
    /// When, ms.
    pub created_at: i64,
}

/// Stores a whole state.
///
/// # Errors
/// Database failures.
pub fn add(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, version: i64, action: &str, snapshot: &str) -> Result<()> {
    let author = tx.actor().user().map_or(0, i64::from);
    insert_row!("revisions", {
        site_id: site.get(), entry_id: entry.get(), version: version, action: action, author_id: author,
        snapshot: snapshot, created_at: tx.now().ms(),
    })
    .execute(tx.conn())
    .or_db("storing the version")?;
    Ok(())
}

/// Puts a later state into a version that is still being written.
///
/// # Errors
/// Database failures.
pub fn grow(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, id: i64, version: i64, snapshot: &str) -> Result<()> {
    diesel::update(
        revisions::table
            .filter(revisions::site_id.eq(site.get()))
            .filter(revisions::entry_id.eq(entry.get()))
            .filter(revisions::id.eq(id)),
    )
    .set((revisions::version.eq(version), revisions::snapshot.eq(snapshot)))
    .execute(tx.conn())
    .or_db("storing the version")?;
    Ok(())
}

/// How many versions an entry has, and how many are newer than `id`.
///
/// # Errors
/// Database failures.
pub fn count(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, id: RevisionId) -> Result<(i64, i64)> {
    let of = || revisions::table.filter(revisions::site_id.eq(site.get())).filter(revisions::entry_id.eq(entry.get()));
    let all = of().count().get_result(tx.conn()).or_db("counting versions")?;
    let newer = of().filter(revisions::id.gt(id.get())).count().get_result(tx.conn()).or_db("counting versions")?;
    Ok((all, newer))
}

/// The version right after `id`, if there is one.
///
/// # Errors
/// Database failures.
pub fn next(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, id: RevisionId) -> Result<Option<RevisionId>> {
    revisions::table
        .filter(revisions::site_id.eq(site.get()))
        .filter(revisions::entry_id.eq(entry.get()))
        .filter(revisions::id.gt(id.get()))
        .order(revisions::id)
        .select(revisions::id)
        .first(tx.conn())
        .optional()
        .or_db("reading the version")
        .map(|found: Option<i64>| found.map(RevisionId))
}

/// One line of the list.
///
/// # Errors
/// `NotFound("version")`.
pub fn line(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, id: RevisionId) -> Result<RevisionLine> {
    let found = list(tx, site, entry, id.get() + 1, 1)?.into_iter().next();
    found.filter(|l| l.id == id.get()).ok_or_else(|| Error::not_found("version"))
}

/// The states of these versions as JSON, in the order of their ids.
///
/// # Errors
/// Database failures.
pub fn snapshots(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    revisions::table
        .filter(revisions::site_id.eq(site.get()))
        .filter(revisions::entry_id.eq(entry.get()))
        .filter(revisions::id.eq_any(ids.to_vec()))
        .order(revisions::id)
        .limit(200)
        .select((revisions::id, revisions::snapshot))
        .load(tx.conn())
        .or_db("reading versions")
}

/// Versions of an entry, newest first, before `before` (0: from the newest).
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, before: i64, limit: i64) -> Result<Vec<RevisionLine>> {
    let mut query = revisions::table
        .left_join(users::table.on(users::id.eq(revisions::author_id)))
        .filter(revisions::site_id.eq(site.get()))
        .filter(revisions::entry_id.eq(entry.get()))
        .order(revisions::id.desc())
        .limit(limit)
        .select((
            revisions::id,
            revisions::version,
            revisions::action,
            revisions::author_id,
            users::name.nullable(),
            revisions::created_at,
        ))
        .into_boxed();
    if before > 0 {
        query = query.filter(revisions::id.lt(before));
    }
    query.load(tx.conn()).or_db("listing versions")
}

/// The state of one version as JSON.
///
/// # Errors
/// `NotFound("version")`.
pub fn snapshot(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, id: RevisionId) -> Result<(i64, String)> {
    revisions::table
        .filter(revisions::site_id.eq(site.get()))
        .filter(revisions::entry_id.eq(entry.get()))
        .filter(revisions::id.eq(id.get()))
        .select((revisions::version, revisions::snapshot))
        .first(tx.conn())
        .optional()
        .or_db("reading the version")?
        .ok_or_else(|| Error::not_found("version"))
}

/// Keeps unsaved work of the actor.
///
/// # Errors
/// Database failures.
pub fn autosave(
    tx: &mut Tx<'_>,
    site: SiteScope,
    entry: EntryId,
    user: UserId,
    base: i64,
    snapshot: &str,
) -> Result<()> {
    let row = (
        autosaves::site_id.eq(site.get()),
        autosaves::entry_id.eq(entry.get()),
        autosaves::user_id.eq(user.get()),
        autosaves::base_version.eq(base),
        autosaves::snapshot.eq(snapshot),
        autosaves::saved_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(autosaves::table)
        .values(row)
        .on_conflict((autosaves::entry_id, autosaves::user_id))
        .do_update()
        .set((
            autosaves::base_version.eq(excluded(autosaves::base_version)),
            autosaves::snapshot.eq(excluded(autosaves::snapshot)),
            autosaves::saved_at.eq(excluded(autosaves::saved_at)),
        ))
        .execute(c))
    .or_db("keeping unsaved work")?;
    Ok(())
}

/// Unsaved work of a person: base version, state, when.
///
/// # Errors
/// Database failures.
pub fn autosaved(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, user: UserId) -> Result<Option<(i64, String, i64)>> {
    autosaves::table
        .filter(autosaves::site_id.eq(site.get()))
        .filter(autosaves::entry_id.eq(entry.get()))
        .filter(autosaves::user_id.eq(user.get()))
        .select((autosaves::base_version, autosaves::snapshot, autosaves::saved_at))
        .first(tx.conn())
        .optional()
        .or_db("reading unsaved work")
}

/// Forgets unsaved work of a person.
///
/// # Errors
/// Database failures.
pub fn forget_autosave(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, user: UserId) -> Result<()> {
    diesel::delete(
        autosaves::table
            .filter(autosaves::site_id.eq(site.get()))
            .filter(autosaves::entry_id.eq(entry.get()))
            .filter(autosaves::user_id.eq(user.get())),
    )
    .execute(tx.conn())
    .or_db("forgetting unsaved work")?;
    Ok(())
}

/// Who edits an entry.
#[derive(Clone, Debug, Queryable)]
pub struct Lock {
    /// The entry.
    pub entry_id: i64,
    /// Who.
    pub user_id: i64,
    /// Their name.
    pub user_name: Option<String>,
    /// Since, ms.
    pub taken_at: i64,
    /// Last sign of life, ms.
    pub seen_at: i64,
}

/// The lock of an entry, if there is one seen after `alive`.
///
/// # Errors
/// Database failures.
pub fn lock_of(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, alive: Timestamp) -> Result<Option<Lock>> {
    locks(tx, site, Some(entry), alive).map(|mut l| l.pop())
}

/// Live locks of a site (or of one entry).
///
/// # Errors
/// Database failures.
pub fn locks(tx: &mut Tx<'_>, site: SiteScope, entry: Option<EntryId>, alive: Timestamp) -> Result<Vec<Lock>> {
    let mut query = entry_locks::table
        .left_join(users::table.on(users::id.eq(entry_locks::user_id)))
        .filter(entry_locks::site_id.eq(site.get()))
        .filter(entry_locks::seen_at.gt(alive.ms()))
        .order(entry_locks::taken_at)
        .limit(200)
        .select((
            entry_locks::entry_id,
            entry_locks::user_id,
            users::name.nullable(),
            entry_locks::taken_at,
            entry_locks::seen_at,
        ))
        .into_boxed();
    if let Some(entry) = entry {
        query = query.filter(entry_locks::entry_id.eq(entry.get()));
    }
    query.load(tx.conn()).or_db("reading locks")
}

/// Gives the lock to a person, whoever had it.
///
/// # Errors
/// Database failures.
pub fn take_lock(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, user: UserId) -> Result<()> {
    let now = tx.now().ms();
    let row = (
        entry_locks::entry_id.eq(entry.get()),
        entry_locks::site_id.eq(site.get()),
        entry_locks::user_id.eq(user.get()),
        entry_locks::taken_at.eq(now),
        entry_locks::seen_at.eq(now),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(entry_locks::table)
        .values(row)
        .on_conflict(entry_locks::entry_id)
        .do_update()
        .set((
            entry_locks::user_id.eq(excluded(entry_locks::user_id)),
            entry_locks::taken_at.eq(excluded(entry_locks::taken_at)),
            entry_locks::seen_at.eq(excluded(entry_locks::seen_at)),
        ))
        .execute(c))
    .or_db("locking the entry")?;
    Ok(())
}

/// A sign of life of the lock's holder; false where somebody else has it.
///
/// # Errors
/// Database failures.
pub fn renew_lock(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, user: UserId) -> Result<bool> {
    let now = tx.now().ms();
    let changed = diesel::update(
        entry_locks::table
            .filter(entry_locks::site_id.eq(site.get()))
            .filter(entry_locks::entry_id.eq(entry.get()))
            .filter(entry_locks::user_id.eq(user.get())),
    )
    .set(entry_locks::seen_at.eq(now))
    .execute(tx.conn())
    .or_db("renewing the lock")?;
    Ok(changed == 1)
}

/// Frees an entry.
///
/// # Errors
/// Database failures.
pub fn release_lock(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId) -> Result<()> {
    diesel::delete(
        entry_locks::table.filter(entry_locks::site_id.eq(site.get())).filter(entry_locks::entry_id.eq(entry.get())),
    )
    .execute(tx.conn())
    .or_db("freeing the entry")?;
    Ok(())
}
