//! Full text in the database, written in the same transaction as the entry (rows SE01, SE02, SE03).

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use freehold_base::Result;

use crate::conn::OrDb as _;
use crate::{Conn, SiteScope, Tx};

/// Puts an entry's words into the index under its key; an older row of that key must be gone.
///
/// # Errors
/// Database failures.
pub fn put(tx: &mut Tx<'_>, site: SiteScope, key: i64, visible: bool, title: &str, body: &str) -> Result<()> {
    let s = site.get();
    match tx.conn() {
        Conn::Sqlite(c) => {
            let scope = if visible { format!("s{s} v{s}") } else { format!("s{s}") };
            diesel::sql_query("INSERT INTO entry_search (rowid, scope, title, body) VALUES ($1, $2, $3, $4)")
                .bind::<BigInt, _>(key)
                .bind::<Text, _>(scope)
                .bind::<Text, _>(title)
                .bind::<Text, _>(body)
                .execute(c)
        }
        // Bodies beyond 500 kB would pass tsvector's limit of 1 MiB.
        Conn::Pg(c) => diesel::sql_query(
            "INSERT INTO entry_search (search_key, site_id, visible, words) VALUES ($1, $2, $3, \
             setweight(to_tsvector('english', $4), 'A') || to_tsvector('english', left($5, 500000)))",
        )
        .bind::<BigInt, _>(key)
        .bind::<BigInt, _>(s)
        .bind::<Bool, _>(visible)
        .bind::<Text, _>(title)
        .bind::<Text, _>(body)
        .execute(c),
    }
    .or_db("indexing")?;
    Ok(())
}

/// Takes a key out of the index.
///
/// # Errors
/// Database failures.
pub fn remove(tx: &mut Tx<'_>, _site: SiteScope, key: i64) -> Result<()> {
    match tx.conn() {
        Conn::Sqlite(c) => {
            diesel::sql_query("DELETE FROM entry_search WHERE rowid = $1").bind::<BigInt, _>(key).execute(c)
        }
        Conn::Pg(c) => {
            diesel::sql_query("DELETE FROM entry_search WHERE search_key = $1").bind::<BigInt, _>(key).execute(c)
        }
    }
    .or_db("indexing")?;
    Ok(())
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Every word must occur, as a prefix.
    pub words: &'a [String],
    /// Only what every visitor may read (row SE03).
    pub visible_only: bool,
    /// Only this content type.
    pub kind: Option<&'a str>,
    /// Order of results.
    pub order: Order,
    /// Results to pass over.
    pub skip: i64,
    /// Results wanted.
    pub limit: i64,
}

/// Order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Newest,
    /// Best match first.
    Relevance,
}

/// What a person typed, as words: letters and digits, at most 12.
pub fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .take(12)
        .map(|w| w.chars().take(40).collect::<String>().to_lowercase())
        .collect()
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Ids of matching entries.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, query: &Query<'_>) -> Result<Vec<i64>> {
    let Query { words, visible_only, kind, order, skip, limit } = *query;
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let kind = kind.unwrap_or("");
    let hits: Vec<Hit> = match tx.conn() {
        Conn::Sqlite(c) => {
            // Quoted words only: nothing a person types is query syntax.
            let letter = if visible_only { 'v' } else { 's' };
            let parts: Vec<String> = words.iter().map(|w| format!("\"{w}\"*")).collect();
            let query = format!("scope:{letter}{} AND ({{title body}} : ({}))", site.get(), parts.join(" AND "));
            let by = match order {
                Order::Newest => "s.rowid DESC",
                Order::Relevance => "bm25(entry_search, 0.0, 8.0, 1.0), s.rowid DESC",
            };
            // CROSS JOIN keeps the index of words as the outer loop, so that newest-first stops early.
            let sql = format!(
                "SELECT e.id AS id FROM entry_search s CROSS JOIN entries e ON e.search_key = s.rowid WHERE entry_search MATCH $1 \
                 AND e.site_id = $2 AND ($3 = '' OR e.kind = $4) ORDER BY {by} LIMIT $5 OFFSET $6"
            );
            diesel::sql_query(sql)
                .bind::<Text, _>(query)
                .bind::<BigInt, _>(site.get())
                .bind::<Text, _>(kind)
                .bind::<Text, _>(kind)
                .bind::<BigInt, _>(limit)
                .bind::<BigInt, _>(skip)
                .load(c)
        }
        Conn::Pg(c) => {
            let query = words.iter().map(|w| format!("'{w}':*")).collect::<Vec<_>>().join(" & ");
            let by = match order {
                Order::Newest => "s.search_key DESC",
                Order::Relevance => "ts_rank(s.words, q) DESC, s.search_key DESC",
            };
            let sql = format!(
                "SELECT e.id AS id FROM entry_search s JOIN entries e ON e.search_key = s.search_key, to_tsquery('english', $1) q \
                 WHERE s.words @@ q AND s.site_id = $2 AND (s.visible OR NOT $3) AND ($4 = '' OR e.kind = $4) ORDER BY {by} LIMIT $5 OFFSET $6"
            );
            diesel::sql_query(sql)
                .bind::<Text, _>(query)
                .bind::<BigInt, _>(site.get())
                .bind::<Bool, _>(visible_only)
                .bind::<Text, _>(kind)
                .bind::<BigInt, _>(limit)
                .bind::<BigInt, _>(skip)
                .load(c)
        }
    }
    .or_db("searching")?;
    Ok(hits.into_iter().map(|h| h.id).collect())
}

/// Matches beyond this many are not counted, and the best of them are looked for among the newest: words that stand
/// everywhere would cost seconds otherwise (ts_rank unpacks every row; measured at 100,000 posts).
pub const COUNTED: i64 = 1000;

/// What visitors look for.
#[derive(Clone, Debug)]
pub struct Visitors<'a> {
    /// Every word must occur, in any of its forms; as a beginning where nothing has them as words.
    pub words: &'a [String],
    /// Only this content type.
    pub kind: Option<&'a str>,
    /// Order of results.
    pub order: Order,
    /// Results to pass over.
    pub skip: i64,
    /// Results wanted.
    pub limit: i64,
}

/// What visitors find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Ids of a page of results, in their order.
    pub ids: Vec<i64>,
    /// How many match, [`COUNTED`] at most.
    pub total: i64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// A page of what every visitor may read and the number of matches, in one statement (rows SE01, SE02, SE03).
///
/// # Errors
/// Database failures.
pub fn for_visitors(tx: &mut Tx<'_>, site: SiteScope, wanted: &Visitors<'_>) -> Result<Found> {
    if wanted.words.is_empty() {
        return Ok(Found::default());
    }
    let rows = match tx.conn() {
        Conn::Sqlite(c) => visitors_sqlite(c, site, wanted),
        Conn::Pg(c) => visitors_postgres(c, site, wanted),
    }
    .or_db("searching")?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok(Found { ids: rows.into_iter().map(|row| row.id).collect(), total })
}

/// The newest matches, at most [`COUNTED`], are taken out of the index in its own order; of these the wanted page is
/// given. Whole words first; the beginnings of words are looked up only where that finds nothing.
fn visitors_sqlite(
    c: &mut diesel::SqliteConnection,
    site: SiteScope,
    wanted: &Visitors<'_>,
) -> QueryResult<Vec<Counted>> {
    let Visitors { words, kind, order, skip, limit } = wanted;
    let (rank, by) = match order {
        Order::Newest => ("0.0", "k DESC"),
        Order::Relevance => ("bm25(entry_search, 0.0, 8.0, 1.0)", "r, k DESC"),
    };
    // A content type other than posts has few entries: they are walked through and looked up among the matches.
    let matches = |source: &str, query: &str| match kind {
        None => format!(
            "SELECT s.rowid AS k, {rank} AS r FROM {source}entry_search s WHERE entry_search MATCH {query} ORDER BY s.rowid DESC LIMIT {COUNTED}"
        ),
        Some(_) => format!(
            "SELECT s.rowid AS k, {rank} AS r FROM {source}entry_search s CROSS JOIN entries f ON f.search_key = s.rowid \
             WHERE entry_search MATCH {query} AND f.site_id = $3 AND f.kind = $4 ORDER BY s.rowid DESC LIMIT {COUNTED}"
        ),
    };
    let sql = format!(
        "WITH given AS (SELECT $1 AS whole, $2 AS start, $3 AS site, $4 AS kind), words AS MATERIALIZED ({}), starts AS MATERIALIZED ({}), \
         hits AS (SELECT k, r FROM words UNION ALL SELECT k, r FROM starts) \
         SELECT e.id AS id, (SELECT count(*) FROM hits) AS total FROM hits JOIN entries e ON e.search_key = hits.k \
         WHERE e.site_id = $3 ORDER BY {by} LIMIT $5 OFFSET $6",
        matches("", "$1"),
        matches("(SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM words)) AS none CROSS JOIN ", "$2"),
    );
    let scope = format!("scope:v{}", site.get());
    // Quoted words only: nothing a person types is query syntax.
    let query = |end: &str| {
        let parts: Vec<String> =
            words.iter().map(|w| format!("\"{w}\"{}", if w.chars().count() < SHORT { "" } else { end })).collect();
        format!("{scope} AND ({{title body}} : ({}))", parts.join(" AND "))
    };
    diesel::sql_query(sql)
        .bind::<Text, _>(query(""))
        .bind::<Text, _>(query("*"))
        .bind::<BigInt, _>(site.get())
        .bind::<Text, _>(kind.unwrap_or(""))
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(skip)
        .load(c)
}

/// Shorter words are not looked for as beginnings: they begin too much.
const SHORT: usize = 3;

fn visitors_postgres(
    c: &mut diesel::PgConnection,
    site: SiteScope,
    wanted: &Visitors<'_>,
) -> QueryResult<Vec<Counted>> {
    let Visitors { words, kind, order, skip, limit } = wanted;
    let (rank, by) = match order {
        Order::Newest => ("CAST(0 AS REAL)", "k DESC"),
        Order::Relevance => ("ts_rank(s.words, q)", "r DESC, k DESC"),
    };
    // The rank is made of the newest matches only: it unpacks every row.
    let matches = |query: &str, when: &str| {
        format!(
            "SELECT k, {} AS r FROM (SELECT s.search_key AS k, s.words, q FROM entry_search s, to_tsquery('english', {query}) q \
             WHERE {when} s.words @@ q AND s.site_id = $3 AND s.visible {} ORDER BY s.search_key DESC LIMIT {COUNTED}) AS s",
            rank,
            if kind.is_some() {
                "AND EXISTS (SELECT 1 FROM entries f WHERE f.search_key = s.search_key AND f.site_id = $3 AND f.kind = $4)"
            } else {
                "AND $4 = ''"
            }
        )
    };
    let sql = format!(
        "WITH words AS MATERIALIZED ({}), starts AS MATERIALIZED ({}), \
         hits AS (SELECT k, r FROM words UNION ALL SELECT k, r FROM starts) \
         SELECT e.id AS id, (SELECT count(*) FROM hits) AS total FROM hits JOIN entries e ON e.search_key = hits.k \
         WHERE e.site_id = $3 ORDER BY {by} LIMIT $5 OFFSET $6",
        matches("$1", ""),
        matches("$2", "NOT EXISTS (SELECT 1 FROM words) AND"),
    );
    let query = |end: &str| {
        let parts: Vec<String> =
            words.iter().map(|w| format!("'{w}'{}", if w.chars().count() < SHORT { "" } else { end })).collect();
        parts.join(" & ")
    };
    diesel::sql_query(sql)
        .bind::<Text, _>(query(""))
        .bind::<Text, _>(query(":*"))
        .bind::<BigInt, _>(site.get())
        .bind::<Text, _>(kind.unwrap_or(""))
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(skip)
        .load(c)
}

/// Whether the index agrees with the entries of a site: rows that miss, and rows too many (security rule F6).
///
/// # Errors
/// Database failures.
pub fn drift(tx: &mut Tx<'_>, site: SiteScope) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Missing {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let sql = match tx.conn() {
        Conn::Sqlite(_) => {
            "SELECT count(*) AS n FROM entries e WHERE e.site_id = $1 AND e.status <> 'trash' AND NOT EXISTS (SELECT 1 FROM entry_search s WHERE s.rowid = e.search_key)"
        }
        Conn::Pg(_) => {
            "SELECT count(*) AS n FROM entries e WHERE e.site_id = $1 AND e.status <> 'trash' AND NOT EXISTS (SELECT 1 FROM entry_search s WHERE s.search_key = e.search_key)"
        }
    };
    let row: Missing =
        diesel::sql_query(sql).bind::<BigInt, _>(site.get()).get_result(tx.conn()).or_db("checking the index")?;
    Ok(row.n)
}

/// Takes all of a site's entries out of the index, before the site goes.
///
/// # Errors
/// Database failures.
pub fn remove_site(tx: &mut Tx<'_>, site: SiteScope) -> Result<()> {
    match tx.conn() {
        Conn::Sqlite(c) => diesel::sql_query(
            "DELETE FROM entry_search WHERE rowid IN (SELECT search_key FROM entries WHERE site_id = $1)",
        )
        .bind::<BigInt, _>(site.get())
        .execute(c),
        Conn::Pg(c) => {
            diesel::sql_query("DELETE FROM entry_search WHERE site_id = $1").bind::<BigInt, _>(site.get()).execute(c)
        }
    }
    .or_db("indexing")?;
    Ok(())
}
