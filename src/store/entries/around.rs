//! What stands around one entry on its page.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use freehold_base::{EntryId, Result};

use super::Entry;
use crate::conn::OrDb as _;
use crate::terms::Term;
use crate::{SiteScope, Tx};

/// A neighbour of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Which.
    pub id: EntryId,
    /// Its title.
    pub title: String,
    /// Its address.
    pub path: String,
}

/// An entry's terms, and what stands before and after it by date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// Its terms by name.
    pub terms: Vec<Term>,
    /// The next older one.
    pub older: Option<Neighbour>,
    /// The next newer one.
    pub newer: Option<Neighbour>,
}

/// A term (`side` 0), or a neighbour as far as a term's columns hold it.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    side: i64,
    #[diesel(embed)]
    term: Term,
}

/// The neighbour in a term's columns.
fn beside(row: Term) -> Neighbour {
    Neighbour { id: EntryId(row.id.get()), title: row.name, path: row.path }
}

const TERMS: &str = "SELECT CAST(0 AS BIGINT) AS side, t.id, t.site_id, t.taxonomy, t.parent_id, t.slug, t.path, t.name, t.description, \
    t.image_id, t.template, t.seo_title, t.seo_description, t.entry_count, t.created_at \
    FROM entry_terms et JOIN terms t ON t.id = et.term_id AND t.site_id = et.site_id WHERE et.site_id = $1 AND et.entry_id = $2";

/// Each side is one step in the index entries_published.
const SIDES: &str = " UNION ALL SELECT * FROM (SELECT CAST(1 AS BIGINT) AS side, id, site_id, '' AS taxonomy, parent_id, slug, \
    coalesce(path, '') AS path, title AS name, '' AS description, cover_id AS image_id, template, seo_title, \
    seo_description, comment_count AS entry_count, created_at FROM entries \
    WHERE site_id = $3 AND kind = $4 AND status = 'published' AND visibility <> 'private' AND published_at <= $5 \
    AND (published_at < $6 OR id < $7) ORDER BY published_at DESC, id DESC LIMIT 1) AS older \
    UNION ALL SELECT * FROM (SELECT CAST(2 AS BIGINT) AS side, id, site_id, '' AS taxonomy, parent_id, slug, \
    coalesce(path, '') AS path, title AS name, '' AS description, cover_id AS image_id, template, seo_title, \
    seo_description, comment_count AS entry_count, created_at FROM entries \
    WHERE site_id = $8 AND kind = $9 AND status = 'published' AND visibility <> 'private' AND published_at >= $10 \
    AND (published_at > $11 OR id > $12) ORDER BY published_at, id LIMIT 1) AS newer";

/// An entry's terms and, for posts, its live neighbours by date, in one statement.
///
/// # Errors
/// Database failures.
pub fn around(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry) -> Result<Around> {
    let (s, at, id) = (site.get(), entry.published_at.ms(), entry.id.get());
    let rows: QueryResult<Vec<Row>> = if entry.kind == "post" {
        diesel::sql_query(format!("{TERMS}{SIDES}"))
            .bind::<BigInt, _>(s)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(s)
            .bind::<Text, _>(&entry.kind)
            .bind::<BigInt, _>(at)
            .bind::<BigInt, _>(at)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(s)
            .bind::<Text, _>(&entry.kind)
            .bind::<BigInt, _>(at)
            .bind::<BigInt, _>(at)
            .bind::<BigInt, _>(id)
            .load(tx.conn())
    } else {
        diesel::sql_query(TERMS).bind::<BigInt, _>(s).bind::<BigInt, _>(id).load(tx.conn())
    };
    let mut around = Around::default();
    for Row { side, term } in rows.or_db("reading what stands around the entry")? {
        match side {
            0 => around.terms.push(term),
            1 => around.older = Some(beside(term)),
            _ => around.newer = Some(beside(term)),
        }
    }
    around.terms.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(around)
}
