//! What stands around one entry on its page.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use freehold_base::{EntryId, MediaId, Result};

use super::Entry;
use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::terms::Label;
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

/// A file that an entry shows, as far as its page needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub id: MediaId,
    /// Content hash.
    pub hash: String,
    /// File name.
    pub filename: String,
    /// Description; empty where it says nothing.
    pub alt: String,
    /// Pixels; 0 where it has none.
    pub width: i64,
    /// Pixels; 0 where it has none.
    pub height: i64,
}

/// An entry's terms and files, and what stands before and after it by date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// Its terms by name.
    pub terms: Vec<Label>,
    /// The live pages above it, the highest first; at most three.
    pub above: Vec<Neighbour>,
    /// The files it shows, as they were noted when it was saved.
    pub shown: Vec<Shown>,
    /// The next older one.
    pub older: Option<Neighbour>,
    /// The next newer one.
    pub newer: Option<Neighbour>,
}

/// A term (`side` 0); a neighbour (1, 2), a page above (4) or a file (3) as far as a term's columns hold it.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    side: i64,
    #[diesel(embed)]
    label: Label,
}

/// The neighbour in a term's columns.
fn beside(row: Label) -> Neighbour {
    Neighbour { id: EntryId(row.id.get()), title: row.name, path: row.path }
}

const TERMS: &str = "SELECT CAST(0 AS BIGINT) AS side, t.id, t.taxonomy, t.slug, t.path, t.name, t.description, \
    t.parent_id, t.entry_count \
    FROM entry_terms et JOIN terms t ON t.id = et.term_id AND t.site_id = et.site_id WHERE et.site_id = ? AND et.entry_id = ?";

/// The pages at the beginnings of its address.
const ABOVE: &str = " UNION ALL SELECT 4 AS side, id, '' AS taxonomy, '' AS slug, coalesce(path, '') AS path, \
    title AS name, '' AS description, 0 AS parent_id, 0 AS entry_count FROM entries \
    WHERE site_id = ? AND path IN (?, ?, ?) AND status = 'published' AND visibility <> 'private'";

/// The files that media_uses names.
const SHOWN: &str = " UNION ALL SELECT 3 AS side, m.id, m.hash AS taxonomy, m.filename AS slug, '' AS path, '' AS name, \
    CASE WHEN m.decorative THEN '' ELSE m.alt END AS description, m.width AS parent_id, \
    m.height AS entry_count \
    FROM media_uses u JOIN media m ON m.id = u.media_id AND m.site_id = u.site_id WHERE u.site_id = ? AND u.entry_id = ?";

/// Each side is one step in the index entries_published.
const SIDES: &str = " UNION ALL SELECT * FROM (SELECT 1 AS side, id, '' AS taxonomy, '' AS slug, coalesce(path, '') AS path, \
    title AS name, '' AS description, 0 AS parent_id, 0 AS entry_count FROM entries \
    WHERE site_id = ? AND kind = ? AND status = 'published' AND visibility <> 'private' AND published_at <= ? \
    AND (published_at < ? OR id < ?) ORDER BY published_at DESC, id DESC LIMIT 1) AS older \
    UNION ALL SELECT * FROM (SELECT 2 AS side, id, '' AS taxonomy, '' AS slug, coalesce(path, '') AS path, \
    title AS name, '' AS description, 0 AS parent_id, 0 AS entry_count FROM entries \
    WHERE site_id = ? AND kind = ? AND status = 'published' AND visibility <> 'private' AND published_at >= ? \
    AND (published_at > ? OR id > ?) ORDER BY published_at, id LIMIT 1) AS newer";

/// An entry's terms, the files it shows and, for posts, its live neighbours by date, in one statement.
///
/// # Errors
/// Database failures.
pub fn around<'a>(tx: &mut Tx<'_>, site: SiteScope, entry: &'a Entry) -> Result<Around> {
    let (s, at, id) = (site.get(), entry.published_at.ms(), entry.id.get());
    let held = |parts| Statement::new(parts).number(s).number(id).number(s).number(id);
    let above = beginnings(entry);
    let statement = if entry.kind == "post" {
        let side = |st: Statement<'a>| st.number(s).text(&entry.kind).number(at).number(at).number(id);
        side(side(held(&[TERMS, SHOWN, SIDES])))
    } else if let [first, second, third] = &above
        && !first.is_empty()
    {
        held(&[TERMS, SHOWN, ABOVE]).number(s).text(first).text(second).text(third)
    } else {
        held(&[TERMS, SHOWN])
    };
    let rows: QueryResult<Vec<Row>> = statement.load(tx.conn());
    let mut around = Around::default();
    for Row { side, label } in rows.or_db("reading what stands around the entry")? {
        match side {
            0 => around.terms.push(label),
            1 => around.older = Some(beside(label)),
            4 => around.above.push(beside(label)),
            3 => around.shown.push(shown(label)),
            _ => around.newer = Some(beside(label)),
        }
    }
    around.above.sort_by_key(|page| page.path.len());
    around.terms.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(around)
}

/// The addresses above an entry's, nearest first, empty where there are fewer: `/a/b/` and `/a/` of `/a/b/c/`.
fn beginnings(entry: &Entry) -> [String; 3] {
    let mut path = entry.path.as_deref().unwrap_or_default();
    [(); 3].map(|()| {
        path = path.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
        if path.is_empty() { String::new() } else { format!("{path}/") }
    })
}

fn shown(row: Label) -> Shown {
    Shown {
        id: MediaId(row.id.get()),
        hash: row.taxonomy,
        filename: row.slug,
        alt: row.description,
        width: row.parent_id.get(),
        height: row.entry_count,
    }
}
