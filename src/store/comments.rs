//! Comments of entries.

use diesel::prelude::*;
use freehold_base::{CommentId, EntryId, Error, Page, Result, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::{comments, entries};
use crate::{SiteScope, Tx, each_backend};

/// A comment.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
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

/// Sets a comment's status.
///
/// # Errors
/// `NotFound("comment")`.
pub fn set_status(tx: &mut Tx<'_>, site: SiteScope, id: CommentId, status: &str) -> Result<()> {
    let changed =
        diesel::update(comments::table.filter(comments::site_id.eq(site.get())).filter(comments::id.eq(id.get())))
            .set(comments::status.eq(status))
            .execute(tx.conn())
            .or_db("changing the comment")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("comment")) }
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
    Ok(())
}

/// Approved comments of an entry, oldest first; at most 500.
///
/// # Errors
/// Database failures.
pub fn approved(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId) -> Result<Vec<Comment>> {
    comments::table
        .filter(comments::site_id.eq(site.get()))
        .filter(comments::entry_id.eq(entry.get()))
        .filter(comments::status.eq("approved"))
        .order((comments::created_at, comments::id))
        .limit(500)
        .select(Comment::as_select())
        .load(tx.conn())
        .or_db("reading comments")
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

diesel::define_sql_function! {
    /// Lower case, as the database does it.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// Wildcards taken out: what a person types is no pattern.
fn pattern(text: &str) -> String {
    let plain: String = text.to_lowercase().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    format!("%{plain}%")
}

/// Comments, newest first, with what they stand below.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter, page: &Page) -> Result<Vec<(Comment, Below)>> {
    let mut query = comments::table
        .inner_join(entries::table)
        .filter(comments::site_id.eq(site.get()))
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
                .or(lower(comments::author_name).like(like.clone()))
                .or(lower(comments::author_email).like(like)),
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

/// How many comments of a site have which status: one range of the index.
///
/// # Errors
/// Database failures.
pub fn counts(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(String, i64)>> {
    comments::table
        .filter(comments::site_id.eq(site.get()))
        .group_by(comments::status)
        .select((comments::status, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("counting comments")
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
