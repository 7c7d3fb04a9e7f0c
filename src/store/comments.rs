//! Comments of entries.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use freehold_base::{CommentId, EntryId, Error, Page, Result, Timestamp};

use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::like::{lower, pattern};
use crate::schema::{comments, entries};
use crate::{SiteScope, Tx, counters, each_backend};

/// A comment.
#[derive(Clone, Debug, PartialEq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = comments)]
pub struct Comment {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: CommentId,
    /// Its entry.
    #[diesel(deserialize_as = i64)]
    pub entry_id: EntryId,
    /// Comment it answers; 0 for none.
    #[diesel(deserialize_as = i64)]
    pub parent_id: CommentId,
    /// The user who wrote it; 0 for a visitor.
    pub user_id: i64,
    /// Shown name.
    pub author_name: String,
    /// Never shown.
    pub author_email: String,
    /// Their site.
    pub author_url: String,
    /// Network address.
    pub address: String,
    /// Browser.
    pub agent: String,
    /// Plain text (imported ones: cleaned HTML kept as text).
    pub body: String,
    /// `pending`, `approved`, `spam` or `trash`.
    pub status: String,
    /// When it was written.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// Name of the kept count of a status.
fn count_of(status: &str) -> String {
    format!("comments.{status}")
}

/// Stores a comment (its id is ignored).
///
/// # Errors
/// Database failures.
pub fn insert(tx: &mut Tx<'_>, site: SiteScope, c: &Comment) -> Result<CommentId> {
    let row = (
        comments::site_id.eq(site.get()),
        comments::entry_id.eq(c.entry_id.get()),
        comments::parent_id.eq(c.parent_id.get()),
        comments::user_id.eq(c.user_id),
        comments::author_name.eq(&c.author_name),
        comments::author_email.eq(&c.author_email),
        comments::author_url.eq(&c.author_url),
        comments::address.eq(&c.address),
        comments::agent.eq(&c.agent),
        comments::body.eq(&c.body),
        comments::status.eq(&c.status),
        comments::created_at.eq(c.created_at.ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |conn| diesel::insert_into(comments::table)
        .values(row)
        .returning(comments::id)
        .get_result(conn))
    .or_db("storing the comment")?;
    counters::add(tx, site, &count_of(&c.status), 1)?;
    Ok(CommentId(id))
}

/// One comment.
///
/// # Errors
/// `NotFound("comment")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: CommentId) -> Result<Comment> {
    comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::id.eq(id.get()))
        .select(Comment::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the comment")?
        .ok_or_else(|| Error::not_found("comment"))
}

/// Sets the status of a comment as it was just read.
///
/// # Errors
/// `NotFound("comment")`.
pub fn set_status(tx: &mut Tx<'_>, site: SiteScope, comment: &Comment, status: &str) -> Result<()> {
    let changed = diesel::update(
        comments::table.filter(comments::site_id.eq(site.get())).filter(comments::id.eq(comment.id.get())),
    )
    .set(comments::status.eq(status))
    .execute(tx.conn())
    .or_db("changing the comment")?;
    if changed != 1 {
        return Err(Error::not_found("comment"));
    }
    counters::add(tx, site, &count_of(&comment.status), -1)?;
    counters::add(tx, site, &count_of(status), 1)
}

/// Takes the comments of an entry out of the kept counts, before they go with it.
///
/// # Errors
/// Database failures.
pub fn uncount(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId) -> Result<()> {
    let held: Vec<(String, i64)> = comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::entry_id.eq(entry.get()))
        .group_by(comments::status)
        .select((comments::status, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("counting comments")?;
    for (status, n) in held {
        counters::add(tx, site, &count_of(&status), -n)?;
    }
    Ok(())
}

/// Deletes a comment for good; answers to it move up to its parent.
///
/// # Errors
/// `NotFound("comment")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteScope, comment: &Comment) -> Result<()> {
    diesel::update(
        comments::table.filter(comments::site_id.eq(site.get())).filter(comments::parent_id.eq(comment.id.get())),
    )
    .set(comments::parent_id.eq(comment.parent_id.get()))
    .execute(tx.conn())
    .or_db("moving answers")?;
    diesel::delete(comments::table.filter(comments::site_id.eq(site.get())).filter(comments::id.eq(comment.id.get())))
        .execute(tx.conn())
        .or_db("deleting the comment")?;
    counters::add(tx, site, &count_of(&comment.status), -1)
}

/// Approved comments of an entry, oldest first; at most `limit`. For entries whose comments stand on one page.
///
/// # Errors
/// Database failures.
pub fn approved(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, limit: i64) -> Result<Vec<Comment>> {
    comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::entry_id.eq(entry.get()))
        .filter(comments::status.eq("approved"))
        .order((comments::created_at, comments::id))
        .limit(limit)
        .select(Comment::as_select())
        .load(tx.conn())
        .or_db("reading comments")
}

/// The newest approved comments below public entries, or below one of them, with title and address of their entry.
///
/// # Errors
/// Database failures.
pub fn newest(
    tx: &mut Tx<'_>,
    site: SiteScope,
    entry: Option<EntryId>,
    limit: i64,
) -> Result<Vec<(Comment, String, Option<String>)>> {
    let mut query = comments::table
        .inner_join(entries::table)
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::status.eq("approved"))
        .filter(entries::status.eq("published"))
        .filter(entries::visibility.eq("public"))
        .order((comments::created_at.desc(), comments::id.desc()))
        .limit(limit)
        .select((Comment::as_select(), entries::title, entries::path))
        .into_boxed();
    if let Some(entry) = entry {
        query = query.filter(comments::entry_id.eq(entry.get()));
    }
    query.load(tx.conn()).or_db("reading comments")
}

/// One page of an entry's threads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Threads {
    /// The comments of the page, oldest first: what begins a thread, and everything that answers it.
    pub comments: Vec<Comment>,
    /// How many threads there are.
    pub total: i64,
}

/// What begins a thread: answers nothing that is shown.
const ROOTS: &str = "SELECT c.id, c.created_at FROM comments c WHERE c.site_id = ? AND c.entry_id = ? \
    AND c.status = 'approved' AND (c.parent_id = 0 OR NOT EXISTS (SELECT 1 FROM comments p WHERE p.id = c.parent_id \
    AND p.entry_id = c.entry_id AND p.status = 'approved'))";

const THREADS: &str = "), counted AS (SELECT count(*) AS total FROM roots), \
    page AS (SELECT id FROM roots ORDER BY created_at, id LIMIT ? \
    OFFSET (SELECT CASE WHEN ? > 0 THEN (? - 1) * ? WHEN total > 0 THEN ((total - 1) / ?) * ? ELSE 0 END FROM counted)), \
    thread (id) AS (SELECT id FROM page UNION SELECT c.id FROM comments c JOIN thread t ON c.parent_id = t.id \
    WHERE c.parent_id > 0 AND c.status = 'approved' AND c.entry_id = ?) \
    SELECT c.id, c.entry_id, c.parent_id, c.user_id, c.author_name, c.author_email, c.author_url, c.address, c.agent, \
    c.body, c.status, c.created_at, counted.total AS total FROM thread JOIN comments c ON c.id = thread.id \
    CROSS JOIN counted WHERE c.site_id = ? ORDER BY c.created_at, c.id LIMIT ?";

const EARLIER: &str = "created_at < ? OR (created_at = ? AND id < ?)";

/// Most comments on a page of threads: a single thread may be long.
const PAGE_MOST: i64 = 2000;

#[derive(QueryableByName)]
struct ThreadRow {
    #[diesel(embed)]
    comment: Comment,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// The threads of one page, `size` to a page, oldest first; page 0 is the newest page, the last one. In one statement.
///
/// # Errors
/// Database failures.
pub fn threads(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId, page: i64, size: i64) -> Result<Threads> {
    let (s, e) = (site.get(), entry.get());
    let rows: Vec<ThreadRow> = Statement::new(&["WITH RECURSIVE roots AS (", ROOTS, THREADS])
        .number(s)
        .number(e)
        .number(size)
        .number(page)
        .number(page)
        .number(size)
        .number(size)
        .number(size)
        .number(e)
        .number(s)
        .number(PAGE_MOST)
        .load(tx.conn())
        .or_db("reading comments")?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok(Threads { comments: rows.into_iter().map(|row| row.comment).collect(), total })
}

/// On which page of threads a comment stands, `size` to a page, counted from 1.
///
/// # Errors
/// Database failures.
pub fn page_of(tx: &mut Tx<'_>, site: SiteScope, comment: &Comment, size: i64) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Before {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let mut root = comment.clone();
    for _ in 0..100 {
        match find(tx, site, root.parent_id) {
            Ok(above) if above.entry_id == root.entry_id && above.status == "approved" => root = above,
            Ok(_) => break,
            Err(e) if e.as_code() == freehold_base::Code::NotFound => break,
            Err(e) => return Err(e),
        }
    }
    let before: Before = Statement::new(&["SELECT count(*) AS n FROM (", ROOTS, ") AS roots WHERE ", EARLIER])
        .number(site.get())
        .number(root.entry_id.get())
        .number(root.created_at.ms())
        .number(root.created_at.ms())
        .number(root.id.get())
        .get_result(tx.conn())
        .or_db("counting comments")?;
    Ok(before.n / size.max(1) + 1)
}

/// Which comments of a site.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With this status.
    pub status: String,
    /// Part of the words, the name or the address of email.
    pub text: Option<String>,
    /// Below this entry.
    pub entry: Option<EntryId>,
    /// By this address of email.
    pub email: Option<String>,
    /// Oldest first, for the page before a place.
    pub oldest: bool,
}

/// Where a comment stands.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Below {
    /// Title of the entry.
    pub title: String,
    /// Its address.
    pub path: Option<String>,
    /// Its content type.
    pub kind: String,
}

/// Comments, newest first, with what they stand below.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter, page: &Page) -> Result<Vec<(Comment, Below)>> {
    let mut query = comments::table
        .inner_join(entries::table)
        .filter(comments::site_id.eq(site.get()))
        .filter(entries::site_id.eq(site.get()))
        .filter(comments::status.eq(filter.status.clone()))
        .limit(page.size.get())
        .select((Comment::as_select(), (entries::title, entries::path, entries::kind)))
        .into_boxed();
    if let Some(entry) = filter.entry {
        query = query.filter(comments::entry_id.eq(entry.get()));
    }
    if let Some(email) = &filter.email {
        query = query.filter(comments::author_email.eq(email.clone()));
    }
    if let Some(text) = &filter.text {
        let like = pattern(text);
        query = query.filter(
            lower(comments::body)
                .like(like.clone())
                .escape('\\')
                .or(lower(comments::author_name).like(like.clone()).escape('\\'))
                .or(lower(comments::author_email).like(like).escape('\\')),
        );
    }
    query = if filter.oldest {
        query.order((comments::created_at.asc(), comments::id.asc()))
    } else {
        query.order((comments::created_at.desc(), comments::id.desc()))
    };
    if let Some(after) = &page.after {
        let (at, id) = (after.number(), after.id);
        query = if filter.oldest {
            query.filter(comments::created_at.ge(at).and(comments::created_at.gt(at).or(comments::id.gt(id))))
        } else {
            query.filter(comments::created_at.le(at).and(comments::created_at.lt(at).or(comments::id.lt(id))))
        };
    }
    query.load(tx.conn()).or_db("listing comments")
}

/// Whether the same words from the same address came since `since` (double submits).
///
/// # Errors
/// Database failures.
pub fn said_before(
    tx: &mut Tx<'_>,
    site: SiteScope,
    entry: EntryId,
    address: &str,
    body: &str,
    since: Timestamp,
) -> Result<bool> {
    let found: Option<i64> = comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::entry_id.eq(entry.get()))
        .filter(comments::address.eq(address))
        .filter(comments::body.eq(body))
        .filter(comments::created_at.ge(since.ms()))
        .select(comments::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the same comment")?;
    Ok(found.is_some())
}

/// Whether somebody with this address of email has an approved comment on the site.
///
/// # Errors
/// Database failures.
pub fn known_author(tx: &mut Tx<'_>, site: SiteScope, email: &str) -> Result<bool> {
    let found: Option<i64> = comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::status.eq("approved"))
        .filter(comments::author_email.eq(email))
        .select(comments::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the author")?;
    Ok(found.is_some())
}

/// Changes a comment's words.
///
/// # Errors
/// `NotFound("comment")`.
pub fn set_body(tx: &mut Tx<'_>, site: SiteScope, id: CommentId, body: &str) -> Result<()> {
    let changed =
        diesel::update(comments::table.filter(comments::site_id.eq(site.get())).filter(comments::id.eq(id.get())))
            .set(comments::body.eq(body))
            .execute(tx.conn())
            .or_db("changing the comment")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("comment")) }
}

/// How many comments of a site have which status. Kept, not counted.
///
/// # Errors
/// Database failures.
pub fn counts(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(String, i64)>> {
    let kept = counters::all(tx, site)?;
    Ok(kept.into_iter().filter_map(|(name, n)| Some((name.strip_prefix("comments.")?.to_owned(), n))).collect())
}

/// How many comments wait for somebody to look at them; 100 stands for more.
///
/// # Errors
/// Database failures.
pub fn waiting(tx: &mut Tx<'_>, site: SiteScope) -> Result<usize> {
    let some: Vec<i64> = comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::status.eq("pending"))
        .select(comments::id)
        .limit(100)
        .load(tx.conn())
        .or_db("counting comments")?;
    Ok(some.len())
}
