//! Files of accounts, as far as rows know of them: what an account holds, its trash, versions of texts, uploads. The
//! files themselves are host's.

use diesel::prelude::*;
use freehold_base::{AccountId, Error, Result, Timestamp};

use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::schema::{account_usage, file_trash, file_uploads, file_versions};
use crate::{FilesScope, ServerScope, Tx, each_backend};

/// Rows of one list at most.
const MOST: i64 = 1000;

/// What an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = account_usage)]
pub struct Usage {
    /// Which.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub account_id: AccountId,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// Its files and folders.
    pub files: i64,
    /// When it was last written down.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub counted_at: Timestamp,
    /// Whether it was written down when nothing could change any more; otherwise the disk knows better.
    pub is_exact: bool,
}

/// Something in the trash.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = file_trash)]
pub struct Trashed {
    /// Its id, and its name in the account's trash folder.
    pub id: i64,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// Where it was, in text.
    pub path: String,
    /// `file`, `folder` or `link`.
    pub kind: String,
    /// Bytes of it.
    pub bytes: i64,
    /// Files and folders of it.
    pub files: i64,
    /// Who deleted it; 0 for the system.
    pub deleted_by: i64,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub deleted_at: Timestamp,
}

/// A state that a text file had.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = file_versions)]
pub struct Version {
    /// Its id.
    pub id: i64,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// Of which file, in text.
    pub path: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// How many.
    pub bytes: i64,
    /// Who saved it; 0 where it was found on the disk.
    pub made_by: i64,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub made_at: Timestamp,
}

/// An upload on its way.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = file_uploads)]
pub struct Upload {
    /// Its id, and the name of its bytes.
    pub id: i64,
    /// Whose.
    #[diesel(deserialize_as = i64)]
    pub account_id: AccountId,
    /// Where it goes, in text.
    pub path: String,
    /// How long it will be.
    pub bytes: i64,
    /// What its sender knows of the bytes; empty: nothing.
    pub fingerprint: String,
    /// What happens where the name is taken: `refuse`, `replace` or `keep_both`.
    pub clash: String,
    /// Who sends it.
    pub made_by: i64,
    /// When it began.
    #[diesel(deserialize_as = i64)]
    pub made_at: Timestamp,
}

/// What was written down of an account, if anything was.
///
/// # Errors
/// Database failures.
pub fn usage(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Usage>> {
    account_usage::table
        .filter(account_usage::account_id.eq(account.get()))
        .select(Usage::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading what an account holds")
}

/// Writes down what an account holds. Bookkeeping of the counter itself, as its owner: no scope, no audit row. An
/// account that is gone is passed over.
///
/// # Errors
/// Database failures.
pub fn set_usage(tx: &mut Tx<'_>, usage: Usage) -> Result<()> {
    let is_there: i64 = crate::schema::accounts::table
        .filter(crate::schema::accounts::id.eq(usage.account_id.get()))
        .count()
        .get_result(tx.conn())
        .or_db("looking for the account")?;
    if is_there == 0 {
        return Ok(());
    }
    each_backend!(tx.conn(), |c| diesel::insert_into(account_usage::table)
        .values(usage)
        .on_conflict(account_usage::account_id)
        .do_update()
        .set(usage)
        .execute(c))
    .or_db("writing down what an account holds")?;
    Ok(())
}

/// Notes that something goes to the trash; its id is its name there.
///
/// # Errors
/// Database failures.
pub fn trash(tx: &mut Tx<'_>, scope: FilesScope, path: &str, kind: &str, bytes: i64, files: i64) -> Result<i64> {
    let row = (
        file_trash::account_id.eq(scope.get()),
        file_trash::path.eq(path),
        file_trash::kind.eq(kind),
        file_trash::bytes.eq(bytes),
        file_trash::files.eq(files),
        file_trash::deleted_by.eq(tx.actor().user().map_or(0, i64::from)),
        file_trash::deleted_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(file_trash::table)
        .values(row)
        .returning(file_trash::id)
        .get_result(c))
    .or_db("noting what goes to the trash")
}

/// What lies in the trash, newest first, before `before` (0: the newest); only what was below a folder, where one is
/// given.
///
/// # Errors
/// Database failures.
pub fn trashed(
    tx: &mut Tx<'_>,
    scope: FilesScope,
    below: Option<&str>,
    before: i64,
    limit: i64,
) -> Result<Vec<Trashed>> {
    let mut query = file_trash::table.filter(file_trash::account_id.eq(scope.get())).into_boxed();
    if let Some(folder) = below {
        // By order, not by pattern: `0` follows `/`.
        let inside = file_trash::path.ge(format!("{folder}/")).and(file_trash::path.lt(format!("{folder}0")));
        query = query.filter(file_trash::path.eq(folder.to_owned()).or(inside));
    }
    if before > 0 {
        query = query.filter(file_trash::id.lt(before));
    }
    query
        .order(file_trash::id.desc())
        .limit(limit.clamp(1, MOST))
        .select(Trashed::as_select())
        .load(tx.conn())
        .or_db("reading the trash")
}

/// One thing in the trash.
///
/// # Errors
/// `NotFound("file")`.
pub fn find_trashed(tx: &mut Tx<'_>, scope: FilesScope, id: i64) -> Result<Trashed> {
    file_trash::table
        .filter(file_trash::account_id.eq(scope.get()))
        .filter(file_trash::id.eq(id))
        .select(Trashed::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the trash")?
        .ok_or_else(|| Error::not_found("file"))
}

/// Forgets things that are not in the trash any more.
///
/// # Errors
/// Database failures.
pub fn forget_trashed(tx: &mut Tx<'_>, scope: FilesScope, ids: &[i64]) -> Result<usize> {
    diesel::delete(
        file_trash::table.filter(file_trash::account_id.eq(scope.get())).filter(file_trash::id.eq_any(ids.to_vec())),
    )
    .execute(tx.conn())
    .or_db("emptying the trash")
}

/// Things of all accounts that were deleted before a moment, oldest first, with larger ids than `after`; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn trashed_before(tx: &mut Tx<'_>, _server: ServerScope, before: Timestamp, after: i64) -> Result<Vec<Trashed>> {
    file_trash::table
        .filter(file_trash::deleted_at.lt(before.ms()))
        .filter(file_trash::id.gt(after))
        .order(file_trash::id)
        .limit(MOST)
        .select(Trashed::as_select())
        .load(tx.conn())
        .or_db("reading the trash")
}

/// Versions of a file, newest first; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn versions(tx: &mut Tx<'_>, scope: FilesScope, path: &str) -> Result<Vec<Version>> {
    file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(file_versions::path.eq(path))
        .order(file_versions::id.desc())
        .limit(MOST)
        .select(Version::as_select())
        .load(tx.conn())
        .or_db("reading versions of a file")
}

/// One version.
///
/// # Errors
/// `NotFound("version")`.
pub fn version(tx: &mut Tx<'_>, scope: FilesScope, path: &str, id: i64) -> Result<Version> {
    file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(file_versions::path.eq(path))
        .filter(file_versions::id.eq(id))
        .select(Version::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading a version of a file")?
        .ok_or_else(|| Error::not_found("version"))
}

/// Notes a version, unless the newest one has the same bytes.
///
/// # Errors
/// Database failures.
pub fn add_version(tx: &mut Tx<'_>, scope: FilesScope, new: &Version) -> Result<()> {
    let newest: Option<String> = file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(file_versions::path.eq(&new.path))
        .order(file_versions::id.desc())
        .select(file_versions::hash)
        .first(tx.conn())
        .optional()
        .or_db("reading versions of a file")?;
    if newest.as_deref() == Some(&new.hash) {
        return Ok(());
    }
    let row = (
        file_versions::account_id.eq(scope.get()),
        file_versions::path.eq(&new.path),
        file_versions::hash.eq(&new.hash),
        file_versions::bytes.eq(new.bytes),
        file_versions::made_by.eq(new.made_by),
        file_versions::made_at.eq(new.made_at.ms()),
    );
    diesel::insert_into(file_versions::table).values(row).execute(tx.conn()).or_db("noting a version of a file")?;
    Ok(())
}

/// Forgets all but the newest `keep` versions of a file; the hashes of those that went.
///
/// # Errors
/// Database failures.
pub fn prune_versions(tx: &mut Tx<'_>, scope: FilesScope, path: &str, keep: usize) -> Result<Vec<String>> {
    let old: Vec<Version> = versions(tx, scope, path)?.into_iter().skip(keep).collect();
    let ids: Vec<i64> = old.iter().map(|v| v.id).collect();
    diesel::delete(
        file_versions::table.filter(file_versions::account_id.eq(scope.get())).filter(file_versions::id.eq_any(ids)),
    )
    .execute(tx.conn())
    .or_db("forgetting versions of a file")?;
    Ok(old.into_iter().map(|v| v.hash).collect())
}

/// Which of these hashes still belong to a version.
///
/// # Errors
/// Database failures.
pub fn hashes_in_use(tx: &mut Tx<'_>, scope: FilesScope, hashes: &[String]) -> Result<Vec<String>> {
    file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(file_versions::hash.eq_any(hashes.to_vec()))
        .order(file_versions::hash)
        .select(file_versions::hash)
        .distinct()
        .limit(MOST)
        .load(tx.conn())
        .or_db("reading versions of files")
}

/// Paths that have versions, after `after`, in their order; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn versioned_paths(tx: &mut Tx<'_>, scope: FilesScope, after: &str) -> Result<Vec<String>> {
    file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(file_versions::path.gt(after))
        .order(file_versions::path)
        .select(file_versions::path)
        .distinct()
        .limit(MOST)
        .load(tx.conn())
        .or_db("reading versions of files")
}

/// Whether a file, or anything below it where it is a folder, has versions.
///
/// # Errors
/// Database failures.
pub fn has_versions(tx: &mut Tx<'_>, scope: FilesScope, path: &str) -> Result<bool> {
    let (first, last) = (format!("{path}/"), format!("{path}0")); // `0` follows `/`
    let here = file_versions::path.eq(path).or(file_versions::path.ge(first).and(file_versions::path.lt(last)));
    let any: Option<i64> = file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(here)
        .order(file_versions::id)
        .select(file_versions::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for versions of a file")?;
    Ok(any.is_some())
}

/// The number of the newest version of all files; 0 where there is none.
///
/// # Errors
/// Database failures.
pub fn newest_version(tx: &mut Tx<'_>, scope: FilesScope) -> Result<i64> {
    let newest: Option<i64> = file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .select(diesel::dsl::max(file_versions::id))
        .first(tx.conn())
        .or_db("looking for the newest version")?;
    Ok(newest.unwrap_or(0))
}

/// Versions of everything below a folder up to the number `newest`, oldest first; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn versions_below(tx: &mut Tx<'_>, scope: FilesScope, folder: &str, newest: i64) -> Result<Vec<Version>> {
    let (first, last) = (format!("{folder}/"), format!("{folder}0")); // `0` follows `/`
    file_versions::table
        .filter(file_versions::account_id.eq(scope.get()))
        .filter(file_versions::id.le(newest))
        .filter(file_versions::path.ge(first).and(file_versions::path.lt(last)))
        .order(file_versions::id)
        .limit(MOST)
        .select(Version::as_select())
        .load(tx.conn())
        .or_db("reading versions of files")
}

/// Versions of a file, and of everything below it where it is a folder, follow it to its new place.
///
/// # Errors
/// Database failures.
pub fn move_versions(tx: &mut Tx<'_>, scope: FilesScope, from: &str, to: &str) -> Result<()> {
    give_versions(tx, (scope, from), (scope, to), i64::MAX)
}

/// The same into another account, for versions up to this number.
///
/// # Errors
/// Database failures.
pub fn give_versions(
    tx: &mut Tx<'_>,
    (scope, from): (FilesScope, &str),
    (there, to): (FilesScope, &str),
    upto: i64,
) -> Result<()> {
    let (first, last) = (format!("{from}/"), format!("{from}0")); // `0` follows `/`
    let rest = i64::try_from(from.chars().count()).unwrap_or(i64::MAX - 1) + 1;
    Statement::new(&[
        "UPDATE file_versions SET account_id = ?, path = ? || substr(path, CAST(? AS INTEGER)) ",
        "WHERE account_id = ? AND id <= ? AND (path = ? OR (path >= ? AND path < ?))",
    ])
    .number(there.get())
    .text(to)
    .number(rest)
    .number(scope.get())
    .number(upto)
    .text(from)
    .text(&first)
    .text(&last)
    .execute(tx.conn())
    .or_db("moving versions of files")?;
    Ok(())
}

/// Notes an upload; its id is the name of its bytes.
///
/// # Errors
/// Database failures.
pub fn begin_upload(
    tx: &mut Tx<'_>,
    scope: FilesScope,
    (path, bytes): (&str, i64),
    fingerprint: &str,
    clash: &str,
) -> Result<i64> {
    let row = (
        file_uploads::account_id.eq(scope.get()),
        file_uploads::path.eq(path),
        file_uploads::bytes.eq(bytes),
        file_uploads::fingerprint.eq(fingerprint),
        file_uploads::clash.eq(clash),
        file_uploads::made_by.eq(tx.actor().user().map_or(0, i64::from)),
        file_uploads::made_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(file_uploads::table)
        .values(row)
        .returning(file_uploads::id)
        .get_result(c))
    .or_db("noting an upload")
}

/// One upload.
///
/// # Errors
/// `NotFound("upload")`.
pub fn upload(tx: &mut Tx<'_>, scope: FilesScope, id: i64) -> Result<Upload> {
    file_uploads::table
        .filter(file_uploads::account_id.eq(scope.get()))
        .filter(file_uploads::id.eq(id))
        .select(Upload::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading an upload")?
        .ok_or_else(|| Error::not_found("upload"))
}

/// The newest upload of the same sender to the same place, of the same bytes by all that is known of them.
///
/// # Errors
/// Database failures.
pub fn broken_off(
    tx: &mut Tx<'_>,
    scope: FilesScope,
    (path, bytes): (&str, i64),
    fingerprint: &str,
) -> Result<Option<Upload>> {
    file_uploads::table
        .filter(file_uploads::account_id.eq(scope.get()))
        .filter(file_uploads::made_by.eq(tx.actor().user().map_or(0, i64::from)))
        .filter(file_uploads::path.eq(path))
        .filter(file_uploads::bytes.eq(bytes))
        .filter(file_uploads::fingerprint.eq(fingerprint))
        .order(file_uploads::id.desc())
        .select(Upload::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for an upload")
}

/// Uploads of an account on their way, newest first, with smaller ids than `before`; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn uploads(tx: &mut Tx<'_>, scope: FilesScope, before: i64) -> Result<Vec<Upload>> {
    file_uploads::table
        .filter(file_uploads::account_id.eq(scope.get()))
        .filter(file_uploads::id.lt(before))
        .order(file_uploads::id.desc())
        .limit(MOST)
        .select(Upload::as_select())
        .load(tx.conn())
        .or_db("reading uploads")
}

/// Says what happens where the name of an upload is taken.
///
/// # Errors
/// Database failures.
pub fn set_upload_clash(tx: &mut Tx<'_>, scope: FilesScope, id: i64, clash: &str) -> Result<()> {
    let this = file_uploads::table.filter(file_uploads::account_id.eq(scope.get())).filter(file_uploads::id.eq(id));
    diesel::update(this).set(file_uploads::clash.eq(clash)).execute(tx.conn()).or_db("changing an upload")?;
    Ok(())
}

/// Forgets an upload.
///
/// # Errors
/// Database failures.
pub fn end_upload(tx: &mut Tx<'_>, scope: FilesScope, id: i64) -> Result<()> {
    diesel::delete(
        file_uploads::table.filter(file_uploads::account_id.eq(scope.get())).filter(file_uploads::id.eq(id)),
    )
    .execute(tx.conn())
    .or_db("ending an upload")?;
    Ok(())
}

/// Uploads of all accounts that began before a moment, oldest first, with larger ids than `after`; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn uploads_before(tx: &mut Tx<'_>, _server: ServerScope, before: Timestamp, after: i64) -> Result<Vec<Upload>> {
    file_uploads::table
        .filter(file_uploads::made_at.lt(before.ms()))
        .filter(file_uploads::id.gt(after))
        .order(file_uploads::id)
        .limit(MOST)
        .select(Upload::as_select())
        .load(tx.conn())
        .or_db("reading uploads")
}
