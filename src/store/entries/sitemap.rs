//! What stands in sitemaps: everything a visitor may read without a password (row SO03).
//!
//! A file holds one range of ids, so that each is read by itself and none moves when an entry goes. All of it is
//! answered by the index entries_sitemap, which holds exactly these entries.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use freehold_base::Result;

use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::{SiteScope, Tx};

/// The condition of the index: as words, because a bound value could not be matched with it.
const LISTED: &str = "status = 'published' AND visibility = 'public' AND path IS NOT NULL";

/// When a term's page changed last: it does when something is published below it.
const PUBLISHED: &str =
    "coalesce((SELECT max(et.published_at) FROM entry_terms et WHERE et.term_id = t.id AND et.live), t.created_at)";

const FILES_OF_ENTRIES: &[&str] = &[
    "SELECT kind AS name, id / ? AS part, max(updated_at) AS changed_at FROM entries WHERE site_id = ? AND ",
    LISTED,
    " GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 10000",
];

const FILES_OF_TERMS: &[&str] = &[
    "SELECT name, part, max(changed_at) AS changed_at FROM (SELECT t.taxonomy AS name, t.id / ? AS part, ",
    PUBLISHED,
    " AS changed_at FROM terms t WHERE t.site_id = ? AND t.entry_count > 0) AS lines GROUP BY name, part ORDER BY 1, 2 \
     LIMIT 10000",
];

const AUTHORS: &[&str] = &[
    "SELECT u.id AS id, u.slug AS path, w.changed_at AS changed_at FROM (SELECT author_id, max(updated_at) AS changed_at \
     FROM entries WHERE site_id = ? AND kind = 'post' AND ",
    LISTED,
    " GROUP BY author_id) AS w JOIN users u ON u.id = w.author_id ORDER BY u.id LIMIT 10000",
];

const ENTRIES: &[&str] = &[
    "SELECT id, path, updated_at AS changed_at FROM entries WHERE site_id = ? AND kind = ? AND ",
    LISTED,
    " AND id >= ? AND id < ? ORDER BY id",
];

const TERMS: &[&str] = &[
    "SELECT t.id AS id, t.path AS path, ",
    PUBLISHED,
    " AS changed_at FROM terms t WHERE t.site_id = ? AND t.taxonomy = ? AND t.entry_count > 0 AND t.id >= ? AND t.id < ? \
     ORDER BY t.id",
];

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct SitemapFile {
    /// Content type or taxonomy.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Which range of ids, from 0.
    #[diesel(sql_type = BigInt)]
    pub part: i64,
    /// When something of it changed last.
    #[diesel(sql_type = BigInt)]
    pub changed_at: i64,
}

/// One address.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Line {
    /// Its entry, term or author.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// The address on the site (an author's slug).
    #[diesel(sql_type = Text)]
    pub path: String,
    /// When it changed last.
    #[diesel(sql_type = BigInt)]
    pub changed_at: i64,
}

/// The files that are not empty: entries by content type, then terms by taxonomy; each of `size` ids.
///
/// # Errors
/// Database failures.
pub fn sitemap_files(tx: &mut Tx<'_>, site: SiteScope, size: i64) -> Result<Vec<SitemapFile>> {
    let mut files = Vec::new();
    for parts in [FILES_OF_ENTRIES, FILES_OF_TERMS] {
        let statement = Statement::new(parts).number(size).number(site.get());
        let found: Vec<SitemapFile> = statement.load(tx.conn()).or_db("reading the sitemap")?;
        files.extend(found);
    }
    Ok(files)
}

/// The people whose posts visitors can read, by id, with the time of the newest change among them; at most 10,000.
///
/// # Errors
/// Database failures.
pub fn sitemap_authors(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Line>> {
    Statement::new(AUTHORS).number(site.get()).load(tx.conn()).or_db("reading the sitemap")
}

/// One file's addresses of entries of a content type, in the order of their ids.
///
/// # Errors
/// Database failures.
pub fn sitemap_entries(tx: &mut Tx<'_>, site: SiteScope, kind: &str, part: i64, size: i64) -> Result<Vec<Line>> {
    lines(tx, site, kind, (part, size), ENTRIES)
}

/// One file's addresses of terms of a taxonomy, in the order of their ids.
///
/// # Errors
/// Database failures.
pub fn sitemap_terms(tx: &mut Tx<'_>, site: SiteScope, taxonomy: &str, part: i64, size: i64) -> Result<Vec<Line>> {
    lines(tx, site, taxonomy, (part, size), TERMS)
}

fn lines(
    tx: &mut Tx<'_>,
    site: SiteScope,
    name: &str,
    (part, size): (i64, i64),
    parts: &'static [&'static str],
) -> Result<Vec<Line>> {
    let (from, to) = (part.saturating_mul(size), part.saturating_add(1).saturating_mul(size));
    let statement = Statement::new(parts).number(site.get()).text(name).number(from).number(to);
    statement.load(tx.conn()).or_db("reading the sitemap")
}

/// The pictures that entries of a range of ids show: (entry, hash, file name), by entry; at most 50,000.
///
/// # Errors
/// Database failures.
pub fn sitemap_images(tx: &mut Tx<'_>, site: SiteScope, part: i64, size: i64) -> Result<Vec<(i64, String, String)>> {
    use crate::schema::{media, media_uses};
    let (from, to) = (part.saturating_mul(size), part.saturating_add(1).saturating_mul(size));
    media_uses::table
        .inner_join(media::table.on(media::id.eq(media_uses::media_id).and(media::site_id.eq(media_uses::site_id))))
        .filter(media_uses::site_id.eq(site.get()))
        .filter(media_uses::entry_id.ge(from))
        .filter(media_uses::entry_id.lt(to))
        .filter(media::content_type.like("image/%"))
        .order((media_uses::entry_id, media_uses::media_id))
        .limit(50_000)
        .select((media_uses::entry_id, media::hash, media::filename))
        .load(tx.conn())
        .or_db("reading the sitemap")
}
