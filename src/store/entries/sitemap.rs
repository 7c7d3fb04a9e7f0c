//! What stands in sitemaps: everything a visitor may read without a password (row SO03).
//!
//! A file holds one range of ids, so that each is read by itself and none moves when an entry goes. All of it is
//! answered by the index entries_sitemap, which holds exactly these entries.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use freehold_base::Result;

use crate::conn::OrDb as _;
use crate::{SiteScope, Tx};

/// The condition of the index: as words, because a bound value could not be matched with it.
const LISTED: &str = "status = 'published' AND visibility = 'public' AND path IS NOT NULL";

/// When a term's page changed last: it does when something is published below it.
const PUBLISHED: &str =
    "coalesce((SELECT max(et.published_at) FROM entry_terms et WHERE et.term_id = t.id AND et.live), t.created_at)";

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
    let entries = format!(
        "SELECT kind AS name, id / {size} AS part, max(updated_at) AS changed_at FROM entries \
         WHERE site_id = $1 AND {LISTED} GROUP BY kind, id / {size} ORDER BY 1, 2 LIMIT 10000"
    );
    let terms = format!(
        "SELECT name, part, max(changed_at) AS changed_at FROM (SELECT t.taxonomy AS name, t.id / {size} AS part, {PUBLISHED} \
         AS changed_at FROM terms t WHERE t.site_id = $1 AND t.entry_count > 0) AS lines GROUP BY name, part ORDER BY 1, 2 LIMIT 10000"
    );
    let mut files: Vec<SitemapFile> = Vec::new();
    for sql in [entries, terms] {
        let found: Vec<SitemapFile> =
            diesel::sql_query(sql).bind::<BigInt, _>(site.get()).load(tx.conn()).or_db("reading the sitemap")?;
        files.extend(found);
    }
    Ok(files)
}

/// The people whose posts visitors can read, by id, with the time of the newest change among them; at most 10,000.
///
/// # Errors
/// Database failures.
pub fn sitemap_authors(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Line>> {
    diesel::sql_query(format!(
        "SELECT u.id AS id, u.slug AS path, w.changed_at AS changed_at FROM (SELECT author_id, max(updated_at) AS changed_at \
         FROM entries WHERE site_id = $1 AND kind = 'post' AND {LISTED} GROUP BY author_id) AS w \
         JOIN users u ON u.id = w.author_id ORDER BY u.id LIMIT 10000"
    ))
    .bind::<BigInt, _>(site.get())
    .load(tx.conn())
    .or_db("reading the sitemap")
}

/// One file's addresses of entries of a content type, in the order of their ids.
///
/// # Errors
/// Database failures.
pub fn sitemap_entries(tx: &mut Tx<'_>, site: SiteScope, kind: &str, part: i64, size: i64) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT id, path, updated_at AS changed_at FROM entries WHERE site_id = $1 AND kind = $2 AND {LISTED} \
         AND id >= $3 AND id < $4 ORDER BY id"
    );
    lines(tx, site, kind, (part, size), &sql)
}

/// One file's addresses of terms of a taxonomy, in the order of their ids.
///
/// # Errors
/// Database failures.
pub fn sitemap_terms(tx: &mut Tx<'_>, site: SiteScope, taxonomy: &str, part: i64, size: i64) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT t.id AS id, t.path AS path, {PUBLISHED} AS changed_at FROM terms t \
         WHERE t.site_id = $1 AND t.taxonomy = $2 AND t.entry_count > 0 AND t.id >= $3 AND t.id < $4 ORDER BY t.id"
    );
    lines(tx, site, taxonomy, (part, size), &sql)
}

fn lines(tx: &mut Tx<'_>, site: SiteScope, name: &str, (part, size): (i64, i64), sql: &str) -> Result<Vec<Line>> {
    let (from, to) = (part.saturating_mul(size), part.saturating_add(1).saturating_mul(size));
    diesel::sql_query(sql)
        .bind::<BigInt, _>(site.get())
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(from)
        .bind::<BigInt, _>(to)
        .load(tx.conn())
        .or_db("reading the sitemap")
}

/// The pictures that entries of a range of ids show: (entry, hash, file name), by entry; at most 50,000.
///
/// # Errors
/// Database failures.
pub fn sitemap_images(tx: &mut Tx<'_>, site: SiteScope, part: i64, size: i64) -> Result<Vec<(i64, String, String)>> {
    use crate::schema::{media, media_uses};
    let (from, to) = (part.saturating_mul(size), part.saturating_add(1).saturating_mul(size));
    media_uses::table
        .inner_join(media::table.on(media::id.eq(media_uses::media_id)))
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
