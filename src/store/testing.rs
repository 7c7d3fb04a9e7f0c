//! What tests need of a database server: a fresh database. Not for the product.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use freehold_base::Result;

use crate::Conn;
use crate::conn::OrDb as _;

/// An empty database on the server of `url`, named by process and number; gives its address.
///
/// # Errors
/// Database failures.
pub fn empty_database(url: &str) -> Result<String> {
    create(url, "")
}

/// A database on the one server of the tests that has this release's tables; gives its address. It is copied from one
/// that the migrations make once in a process: to run them all takes longer than most tests.
///
/// # Errors
/// Database failures.
pub fn fresh_database(url: &str) -> Result<String> {
    static MODEL: Mutex<Option<String>> = Mutex::new(None);
    let mut model = MODEL.lock().unwrap_or_else(PoisonError::into_inner);
    let name = match &*model {
        Some(name) => name.clone(),
        None => {
            let made = empty_database(url)?;
            crate::migrate::run(&mut Conn::postgres(&made)?, Path::new(""))?;
            let (_, name) = made.rsplit_once('/').unwrap_or_default();
            model.insert(name.to_owned()).clone()
        }
    };
    drop(model);
    create(url, &format!("TEMPLATE {name}"))
}

fn create(url: &str, like: &str) -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    Conn::postgres(url)?.run(&format!("CREATE DATABASE {name} {like}")).or_db("making a database")?;
    let (server, _) = url.rsplit_once('/').unwrap_or((url, ""));
    Ok(format!("{server}/{name}"))
}

/// Tables and their columns as the database has them, sorted: for comparing with the schema.
///
/// # Errors
/// Database failures.
pub fn columns(store: &crate::Store) -> Result<Vec<(String, String, bool)>> {
    use diesel::prelude::*;
    use diesel::sql_types::{Bool, Text};
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        t: String,
        #[diesel(sql_type = Text)]
        c: String,
        #[diesel(sql_type = Bool)]
        n: bool,
    }
    store.read(&crate::Actor::system(), |tx| {
        let sql = if tx.conn().is_sqlite() {
            "SELECT m.name AS t, p.name AS c, p.\"notnull\" = 0 AND p.pk = 0 AS n FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'entry_search%' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1, 2"
        } else {
            "SELECT table_name::text AS t, column_name::text AS c, is_nullable = 'YES' AS n FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE 'entry_search%' AND table_name NOT LIKE '\\_\\_%' ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\""
        };
        let rows: Vec<Row> = diesel::sql_query(sql).load(tx.conn()).or_db("reading the schema")?;
        Ok(rows.into_iter().map(|r| (r.t, r.c, r.n)).collect())
    })
}

/// How SQLite would find the rows of a statement, a step a line; nothing on PostgreSQL, which plans by its own counts.
///
/// # Errors
/// Database failures.
pub fn plan(store: &crate::Store, statement: &str) -> Result<Vec<String>> {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    store.read(&crate::Actor::system(), |tx| {
        let Conn::Sqlite(c) = tx.conn() else { return Ok(Vec::new()) };
        let mut asked = String::from("EXPLAIN QUERY PLAN ");
        asked.push_str(statement);
        let steps: Vec<Step> = diesel::sql_query(asked).load(c).or_db("asking for a plan")?;
        Ok(steps.into_iter().map(|step| step.detail).collect())
    })
}

/// Runs a statement as an attacker with the database file would: past every rule.
///
/// # Errors
/// Database failures.
pub fn execute(store: &crate::Store, sql: &'static str) -> Result<()> {
    store.write(&crate::Actor::system(), move |tx| tx.conn().run(sql).or_db("running a test's statement"))
}

/// Another time limit for reads: tests do not wait five seconds.
pub fn set_read_limit(store: &crate::Store, limit: std::time::Duration) {
    store.set_read_limit(limit);
}

/// Reads with a statement that takes as long as it is let (PostgreSQL: a minute).
///
/// # Errors
/// `Busy` when it is cut.
pub fn read_for_ever(store: &crate::Store) -> Result<()> {
    store.read(&crate::Actor::system(), |tx| {
        let sql = if tx.conn().is_sqlite() {
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        } else {
            "SELECT pg_sleep(60)"
        };
        tx.conn().run(sql).or_db("reading for ever")
    })
}

/// What SQLite finds wrong with its file; empty where all is well, and on PostgreSQL.
///
/// # Errors
/// Database failures.
pub fn faults(store: &crate::Store) -> Result<String> {
    if !store.is_sqlite() {
        return Ok(String::new());
    }
    // The look at the search index believes what its connection last knew of it; a search makes it read that anew.
    let search = "SELECT count(*) || '' AS t FROM entry_search WHERE entry_search MATCH 'a'";
    let check = "SELECT group_concat(integrity_check, '; ') AS t FROM pragma_integrity_check";
    let found = store.read(&crate::Actor::system(), |tx| {
        text_of(tx, search)?;
        text_of(tx, check)
    })?;
    Ok(if found == "ok" { String::new() } else { found })
}

/// Everything in the tables of a SQLite database, as text: for comparing before and after.
///
/// # Errors
/// Database failures.
pub fn dump(store: &crate::Store) -> Result<String> {
    let mut tables: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for (table, column, _) in columns(store)? {
        tables.entry(table).or_default().push(format!("quote({column})"));
    }
    let mut all = String::new();
    for (table, columns) in tables {
        let sql = format!(
            "SELECT coalesce(group_concat(r, char(10)), '') AS t FROM (SELECT {} AS r FROM {table} ORDER BY 1)",
            columns.join(" || ',' || ")
        );
        let rows = store.read(&crate::Actor::system(), |tx| text_of(tx, &sql))?;
        all.push_str(&format!("{table}\n{rows}\n"));
    }
    Ok(all)
}

/// Takes the newest migration back, past any running store; gives how many are left.
///
/// # Errors
/// `Internal` where it cannot be taken back.
pub fn revert_last(options: &crate::StoreOptions) -> Result<usize> {
    let mut conn = if options.database_url.is_empty() {
        Conn::sqlite_writer(&options.data.join("freehold.db").display().to_string())?
    } else {
        Conn::postgres(&options.database_url)?
    };
    crate::migrate::revert_last(&mut conn)?;
    Ok(crate::migrate::applied(&mut conn)?.len())
}

/// What stands in each table, as one number a table: for comparing before and after.
///
/// # Errors
/// Database failures.
pub fn checksums(store: &crate::Store) -> Result<std::collections::BTreeMap<String, String>> {
    use sha2::Digest as _;
    let sum = |text: String| freehold_base::secret::hex(&sha2::Sha256::digest(text.as_bytes()));
    let all = rows(store, |_, columns| Some((columns.to_vec(), "1 = 1".to_owned())))?;
    Ok(all.into_iter().map(|(table, text)| (table, sum(text))).collect())
}

/// Rows as text, a line each, by table: of each table the columns and the condition that `which` names; none where it
/// wants nothing of it.
///
/// # Errors
/// Database failures.
pub fn rows(
    store: &crate::Store,
    which: impl Fn(&str, &[String]) -> Option<(Vec<String>, String)>,
) -> Result<std::collections::BTreeMap<String, String>> {
    let mut tables: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for (table, column, _) in columns(store)? {
        tables.entry(table).or_default().push(column);
    }
    let mut found = std::collections::BTreeMap::new();
    for (table, columns) in tables {
        let Some((columns, condition)) = which(&table, &columns) else { continue };
        let sql = if store.is_sqlite() {
            let row: Vec<String> = columns.iter().map(|c| format!("quote({c})")).collect();
            let row = row.join(" || ',' || ");
            format!(
                "SELECT coalesce(group_concat(r, char(10)), '') AS t FROM (SELECT {row} AS r FROM {table} WHERE {condition} ORDER BY 1)"
            )
        } else {
            let row = columns.join(", ");
            format!(
                "SELECT coalesce(string_agg(r, chr(10) ORDER BY r), '') AS t FROM (SELECT ROW({row})::text AS r FROM {table} WHERE {condition}) q"
            )
        };
        found.insert(table, text(store, &sql)?);
    }
    Ok(found)
}

/// The one text that a statement finds under the name `t`.
///
/// # Errors
/// Database failures; `NotFound` for no row.
pub fn text(store: &crate::Store, sql: &str) -> Result<String> {
    store.read(&crate::Actor::system(), |tx| text_of(tx, sql))
}

/// Rows of each table that carry this site, tables without any left out; roles on it stand beside.
///
/// # Errors
/// Database failures.
pub fn rows_of_site(store: &crate::Store, site: i64) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let tables: Vec<String> =
        columns(store)?.into_iter().filter(|(_, column, _)| column == "site_id").map(|(table, ..)| table).collect();
    let counts =
        tables.into_iter().map(|t| (format!("SELECT CAST(count(*) AS TEXT) AS t FROM {t} WHERE site_id = {site}"), t));
    let roles =
        format!("SELECT CAST(count(*) AS TEXT) AS t FROM held_roles WHERE scope = 'site' AND scope_id = {site}");
    for (sql, table) in counts.chain([(roles, "held_roles".to_owned())]) {
        let rows = store.read(&crate::Actor::system(), |tx| text_of(tx, &sql))?;
        if rows != "0" {
            found.push((table, rows));
        }
    }
    Ok(found)
}

fn text_of(tx: &mut crate::Tx<'_>, sql: &str) -> Result<String> {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        t: String,
    }
    diesel::sql_query(sql).get_result::<Row>(tx.conn()).map(|r| r.t).or_db("looking at the database")
}

/// An account of the installation without a plan.
///
/// # Errors
/// `AlreadyExists`.
pub fn account(tx: &mut crate::Tx<'_>, _server: crate::ServerScope, name: &str) -> Result<freehold_base::AccountId> {
    let customers = tx.authorize_customers(freehold_base::Capability::AccountsManage)?;
    let new = crate::accounts::NewAccount {
        name,
        title: name,
        reseller: freehold_base::ResellerId(0),
        plan: freehold_base::PlanId(0),
    };
    crate::accounts::create(tx, &customers, &new)
}

/// All accounts, by title.
///
/// # Errors
/// Database failures.
pub fn accounts(tx: &mut crate::Tx<'_>, _server: crate::ServerScope) -> Result<Vec<crate::accounts::Account>> {
    let customers = tx.authorize_customers(freehold_base::Capability::AccountsRead)?;
    let page = freehold_base::Page { size: freehold_base::PageSize::new(200), after: None };
    let (lines, _) = crate::accounts::list(tx, &customers, &Default::default(), &page)?;
    Ok(lines.into_iter().map(|line| line.account).collect())
}
