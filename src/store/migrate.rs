//! Bringing a database to this release's tables.

use std::path::Path;

use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use freehold_base::{Code, Error, OrInternal as _, Result};

use crate::Conn;
use crate::conn::OrDb as _;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Numbers of migrations this release knows, oldest first.
fn known() -> Result<Vec<String>> {
    // Both folders hold the same names; a test compares them.
    let all = diesel::migration::MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)
        .map_err(|e| Error::internal("listing migrations", e.to_string()))?;
    Ok(all.iter().map(|m| m.name().version().to_string()).collect())
}

/// Runs what is missing. Before the first missing one a snapshot of a SQLite database is taken into `snapshots`.
/// Gives the names of what ran.
///
/// # Errors
/// `DatabaseNewer` where the database holds a migration that this release does not know: nothing is touched.
pub fn run(conn: &mut Conn, snapshots: &Path) -> Result<Vec<String>> {
    refuse_newer(conn)?;
    let pending = pending(conn)?;
    if pending == 0 {
        return Ok(Vec::new());
    }
    snapshot(conn, snapshots)?;
    let ran = match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|v| v.iter().map(ToString::to_string).collect()),
        Conn::Pg(c) => c.run_pending_migrations(POSTGRES).map(|v| v.iter().map(ToString::to_string).collect()),
    };
    ran.map_err(|e| Error::internal("migrating the database", e.to_string()))
}

pub(crate) fn applied(conn: &mut Conn) -> Result<Vec<String>> {
    let versions: std::result::Result<Vec<String>, _> = match conn {
        Conn::Sqlite(c) => c.applied_migrations().map(|v| v.iter().map(ToString::to_string).collect()),
        Conn::Pg(c) => c.applied_migrations().map(|v| v.iter().map(ToString::to_string).collect()),
    };
    versions.map_err(|e| Error::internal("reading the database's release", e.to_string()))
}

fn refuse_newer(conn: &mut Conn) -> Result<()> {
    let known = known()?;
    match applied(conn)?.into_iter().find(|v| !known.contains(v)) {
        Some(newer) => Err(Error::refused(Code::DatabaseNewer, format!("migration {newer}"))),
        None => Ok(()),
    }
}

/// How many migrations are missing.
pub(crate) fn pending(conn: &mut Conn) -> Result<usize> {
    let done = applied(conn)?.len();
    Ok(known()?.len().saturating_sub(done))
}

/// `VACUUM INTO` a file beside: one consistent copy, without stopping readers.
fn snapshot(conn: &mut Conn, folder: &Path) -> Result<()> {
    let Conn::Sqlite(c) = conn else { return Ok(()) }; // PostgreSQL: its own backups; migrations there are transactional
    let tables: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "(SELECT count(*) FROM sqlite_master WHERE name = 'users')",
    ))
    .get_result(c)
    .or_db("looking for tables")?;
    if tables == 0 {
        return Ok(());
    }
    std::fs::create_dir_all(folder).or_internal("making the snapshot folder")?;
    let count = std::fs::read_dir(folder).or_internal("reading the snapshot folder")?.count();
    let file = folder.join(format!("before-migration-{count}.db"));
    diesel::sql_query("VACUUM INTO $1")
        .bind::<diesel::sql_types::Text, _>(file.display().to_string())
        .execute(c)
        .or_db("taking a snapshot")?;
    Ok(())
}

/// Takes migrations back, newest first, until `to` is the newest, after a snapshot into `snapshots`; gives their numbers.
///
/// # Errors
/// `NotFound("migration")` where the database does not have `to`; `Internal` where one cannot be taken back.
pub fn back_to(conn: &mut Conn, to: &str, snapshots: &Path) -> Result<Vec<String>> {
    refuse_newer(conn)?;
    let mut applied = applied(conn)?;
    applied.sort();
    let Some(at) = applied.iter().position(|version| version == to) else {
        return Err(Error::not_found("migration"));
    };
    let undone: Vec<String> = applied.split_off(at + 1).into_iter().rev().collect();
    if !undone.is_empty() {
        snapshot(conn, snapshots)?;
    }
    for _ in &undone {
        revert_last(conn)?;
    }
    Ok(undone)
}

pub(crate) fn revert_last(conn: &mut Conn) -> Result<()> {
    let result = match conn {
        Conn::Sqlite(c) => c.revert_last_migration(SQLITE).map(|_| ()),
        Conn::Pg(c) => c.revert_last_migration(POSTGRES).map(|_| ()),
    };
    result.map_err(|e| Error::internal("taking a migration back", e.to_string()))
}
