//! Entries: rows and the queries on them.

use diesel::prelude::*;
use freehold_base::{Code, EntryId, Error, MediaId, Page, Result, SiteId, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::{entries, media, users};
use crate::{SiteScope, Tx};

/// An entry with its document.
#[derive(Default, Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = entries)]
#[diesel(treat_none_as_null = true)]
pub struct Entry {
    /// Its id.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub id: EntryId,
    /// Its site.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub site_id: SiteId,
    /// uuid v7 for the outside.
    pub public_id: String,
    /// Content type: `post`, `page`, or an imported one.
    pub kind: String,
    /// `draft`, `pending`, `scheduled`, `published`, `archived` or `trash`.
    pub status: String,
    /// Status to go back to from the trash.
    pub status_before_trash: String,
    /// `public`, `private` or `password`.
    pub visibility: String,
    /// Password that opens it, where visibility is `password`.
    pub password: String,
    /// Title, plain text.
    pub title: String,
    /// Last part of its address.
    pub slug: String,
    /// Its whole address on the site; none for drafts without a slug and in the trash.
    pub path: Option<String>,
    /// Excerpt that somebody wrote; may be empty.
    pub excerpt: String,
    /// The excerpt, or the first words of the text.
    pub summary: String,
    /// The document as JSON.
    pub document: String,
    /// Further fields as a JSON object.
    pub fields: String,
    /// Who wrote it.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub author_id: UserId,
    /// Entry above it in the tree; 0 for none.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub parent_id: EntryId,
    /// Cover image; 0 for none.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub cover_id: MediaId,
    /// Template of the theme; empty for the usual one.
    pub template: String,
    /// Order among its siblings.
    pub position: i64,
    /// Stays on top of the first page.
    pub sticky: bool,
    /// Whether comments are accepted.
    pub comments_open: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Title for search engines; empty for the title.
    pub seo_title: String,
    /// Description for search engines; empty for the summary.
    pub seo_description: String,
    /// Words in the text.
    pub word_count: i64,
    /// When it went or goes live; 0 before that is known.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub published_at: Timestamp,
    /// When it was made.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub created_at: Timestamp,
    /// When it was last saved.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub updated_at: Timestamp,
    /// When it went to the trash; 0 otherwise.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub trashed_at: Timestamp,
    /// Rises at every save.
    pub version: i64,
    /// Its row in the search index.
    pub search_key: i64,
}

impl Entry {
    /// Whether every visitor may read it.
    pub fn is_live(&self) -> bool {
        self.status == "published" && self.visibility != "private"
    }
}

/// An entry in a list: no document; author and cover beside it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = entries)]
pub struct Card {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: EntryId,
    /// Content type.
    pub kind: String,
    /// Status.
    pub status: String,
    /// Visibility.
    pub visibility: String,
    /// Title.
    pub title: String,
    /// Slug.
    pub slug: String,
    /// Address.
    pub path: Option<String>,
    /// Excerpt or first words.
    pub summary: String,
    /// Author.
    #[diesel(deserialize_as = i64)]
    pub author_id: UserId,
    /// Entry above it.
    #[diesel(deserialize_as = i64)]
    pub parent_id: EntryId,
    /// Order among its siblings.
    pub position: i64,
    /// Stays on top.
    pub sticky: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Words.
    pub word_count: i64,
    /// When it went or goes live.
    #[diesel(deserialize_as = i64)]
    pub published_at: Timestamp,
    /// When it was last saved.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Timestamp,
    /// When it went to the trash.
    #[diesel(deserialize_as = i64)]
    pub trashed_at: Timestamp,
    /// Version.
    pub version: i64,
}

/// Name and address of an author.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Author {
    /// Who.
    #[diesel(deserialize_as = i64)]
    pub id: UserId,
    /// Shown name.
    pub name: String,
    /// Last part of the author page's address.
    pub slug: String,
    /// A few words about them.
    pub bio: String,
}

/// A cover image.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Cover {
    /// Which.
    #[diesel(deserialize_as = i64)]
    pub id: MediaId,
    /// Content hash.
    pub hash: String,
    /// File name.
    pub filename: String,
    /// MIME type.
    pub content_type: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// Main colour, `#rrggbb`.
    pub colour: String,
    /// Description.
    pub alt: String,
    /// Caption.
    pub caption: String,
}

/// A card with what stands beside it.
pub type CardRow = (Card, Author, Option<Cover>);

/// Which entries of a site.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Content type.
    pub kind: Option<String>,
    /// Exactly this status; without it all but the trash.
    pub status: Option<String>,
    /// Only what every visitor may read.
    pub live: bool,
    /// Author.
    pub author: Option<UserId>,
    /// Entry above.
    pub parent: Option<EntryId>,
    /// Published in `[from, to)`.
    pub published: Option<(Timestamp, Timestamp)>,
    /// Only these ids.
    pub ids: Option<Vec<i64>>,
    /// With this term.
    pub term: Option<i64>,
}

/// Order of a list. Lists page by key in either direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest published first.
    #[default]
    Published,
    /// Last saved first.
    Updated,
    /// By title, A first.
    Title,
    /// Oldest published first.
    Oldest,
    /// By title, Z first.
    TitleDown,
    /// Longest unsaved first.
    UpdatedUp,
}

/// The next number of the one sequence for entries, media and menu items.
///
/// # Errors
/// Database failures.
pub fn next_id(tx: &mut Tx<'_>) -> Result<i64> {
    use diesel::sql_types::BigInt;
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let sql = if tx.conn().is_sqlite() {
        "UPDATE content_ids SET next = next + 1 RETURNING next - 1 AS id"
    } else {
        "SELECT nextval('content_ids') AS id"
    };
    diesel::sql_query(sql).get_result::<Next>(tx.conn()).map(|n| n.id).or_db("numbering")
}

/// Stores a new entry.
///
/// # Errors
/// `SlugTaken` where its address is in use.
pub fn insert(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry) -> Result<()> {
    own(site, entry)?;
    let row = entry.clone();
    diesel::insert_into(entries::table)
        .values(row)
        .execute(tx.conn())
        .or_db("storing the entry")
        .map_err(|e| taken(e, entry))?;
    Ok(())
}

/// Stores a changed entry over `version`.
///
/// # Errors
/// `VersionConflict` where somebody saved since; `SlugTaken`.
pub fn update(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry, version: i64) -> Result<()> {
    own(site, entry)?;
    let row = entry.clone();
    let changed = diesel::update(
        entries::table
            .filter(entries::site_id.eq(site.get()))
            .filter(entries::id.eq(entry.id.get()))
            .filter(entries::version.eq(version)),
    )
    .set(row)
    .execute(tx.conn())
    .or_db("storing the entry")
    .map_err(|e| taken(e, entry))?;
    if changed == 1 { Ok(()) } else { Err(Error::code(Code::VersionConflict)) }
}

fn own(site: SiteScope, entry: &Entry) -> Result<()> {
    if entry.site_id == site.id() { Ok(()) } else { Err(Error::not_found("entry")) }
}

fn taken(e: Error, entry: &Entry) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::invalid("slug", Code::SlugTaken, entry.path.clone().unwrap_or_default()),
        _ => e,
    }
}

/// Ids and addresses of a site's entries in id order after `after`; at most `limit`. For imports, which look all
/// addresses up at once.
///
/// # Errors
/// Database failures.
pub fn addresses(tx: &mut Tx<'_>, site: SiteScope, after: i64, limit: i64) -> Result<Vec<(i64, Option<String>)>> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::id.gt(after))
        .order(entries::id)
        .limit(limit)
        .select((entries::id, entries::path))
        .load(tx.conn())
        .or_db("reading addresses")
}

/// One entry.
///
/// # Errors
/// `NotFound("entry")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: EntryId) -> Result<Entry> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::id.eq(id.get()))
        .select(Entry::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the entry")?
        .ok_or_else(|| Error::not_found("entry"))
}

/// The entry at an address, with author and cover, in one statement.
///
/// # Errors
/// Database failures.
pub fn find_by_path(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<Option<(Entry, Author, Option<Cover>)>> {
    entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id)))
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::path.eq(path))
        .select((Entry::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .first(tx.conn())
        .optional()
        .or_db("reading the entry")
}

/// As [`find_by_path`] by id.
///
/// # Errors
/// Database failures.
pub fn find_with_author(
    tx: &mut Tx<'_>,
    site: SiteScope,
    id: EntryId,
) -> Result<Option<(Entry, Author, Option<Cover>)>> {
    entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id)))
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::id.eq(id.get()))
        .select((Entry::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .first(tx.conn())
        .optional()
        .or_db("reading the entry")
}

/// Whether an address is in use by another entry.
///
/// # Errors
/// Database failures.
pub fn path_taken(tx: &mut Tx<'_>, site: SiteScope, path: &str, but: EntryId) -> Result<bool> {
    let found: Option<i64> = entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::path.eq(path))
        .filter(entries::id.ne(but.get()))
        .select(entries::id)
        .first(tx.conn())
        .optional()
        .or_db("looking for the address")?;
    Ok(found.is_some())
}

/// A list of entries; at most `page.size` rows, after the page's cursor.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter, sort: Sort, page: &Page) -> Result<Vec<CardRow>> {
    let mut query = entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id)))
        .filter(entries::site_id.eq(site.get()))
        .limit(page.size.get())
        .select((Card::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .into_boxed();
    if let Some(kind) = &filter.kind {
        query = query.filter(entries::kind.eq(kind.clone()));
    }
    if filter.live {
        query = query.filter(entries::status.eq("published")).filter(entries::visibility.ne("private"));
    } else {
        query = match &filter.status {
            Some(status) => query.filter(entries::status.eq(status.clone())),
            None => query.filter(entries::status.ne("trash")),
        };
    }
    if let Some(author) = filter.author {
        query = query.filter(entries::author_id.eq(author.get()));
    }
    if let Some(parent) = filter.parent {
        query = query.filter(entries::parent_id.eq(parent.get()));
    }
    if let Some((from, to)) = filter.published {
        query = query.filter(entries::published_at.ge(from.ms())).filter(entries::published_at.lt(to.ms()));
    }
    if let Some(ids) = &filter.ids {
        query = query.filter(entries::id.eq_any(ids.clone()));
    }
    if let Some(term) = filter.term {
        use crate::schema::entry_terms as et;
        query = query.filter(entries::id.eq_any(et::table.filter(et::term_id.eq(term)).select(et::entry_id)));
    }
    query = match sort {
        Sort::Published => query.order((entries::published_at.desc(), entries::id.desc())),
        Sort::Oldest => query.order((entries::published_at.asc(), entries::id.asc())),
        Sort::Updated => query.order((entries::updated_at.desc(), entries::id.desc())),
        Sort::UpdatedUp => query.order((entries::updated_at.asc(), entries::id.asc())),
        Sort::Title => query.order((entries::title.asc(), entries::id.asc())),
        Sort::TitleDown => query.order((entries::title.desc(), entries::id.desc())),
    };
    if let Some(after) = &page.after {
        let (n, id, text) = (after.number(), after.id, after.key.clone());
        query = match sort {
            Sort::Published => {
                query.filter(entries::published_at.le(n).and(entries::published_at.lt(n).or(entries::id.lt(id))))
            }
            Sort::Oldest => {
                query.filter(entries::published_at.ge(n).and(entries::published_at.gt(n).or(entries::id.gt(id))))
            }
            Sort::Updated => {
                query.filter(entries::updated_at.le(n).and(entries::updated_at.lt(n).or(entries::id.lt(id))))
            }
            Sort::UpdatedUp => {
                query.filter(entries::updated_at.ge(n).and(entries::updated_at.gt(n).or(entries::id.gt(id))))
            }
            Sort::Title => {
                query.filter(entries::title.ge(text.clone()).and(entries::title.gt(text).or(entries::id.gt(id))))
            }
            Sort::TitleDown => {
                query.filter(entries::title.le(text.clone()).and(entries::title.lt(text).or(entries::id.lt(id))))
            }
        };
    }
    query.load(tx.conn()).or_db("listing entries")
}

/// Live entries with a term, newest first, after `(published_at, id)`; one range of one index.
///
/// # Errors
/// Database failures.
pub fn archive(tx: &mut Tx<'_>, site: SiteScope, term: i64, skip: i64, page: &Page) -> Result<Vec<CardRow>> {
    use crate::schema::entry_terms as et;
    let mut keys = et::table
        .filter(et::site_id.eq(site.get()))
        .filter(et::term_id.eq(term))
        .filter(et::live.eq(true))
        .order((et::published_at.desc(), et::entry_id.desc()))
        .limit(page.size.get())
        .offset(skip)
        .select(et::entry_id)
        .into_boxed();
    if let Some(after) = &page.after {
        let (n, id) = (after.number(), after.id);
        keys = keys.filter(et::published_at.le(n).and(et::published_at.lt(n).or(et::entry_id.lt(id))));
    }
    let ids: Vec<i64> = keys.load(tx.conn()).or_db("reading the archive")?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { live: true, ids: Some(ids), ..Default::default() };
    list(tx, site, &filter, Sort::Published, &Page { size: page.size, after: None })
}

/// A neighbour of an entry: title and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its title.
    pub title: String,
    /// Its address.
    pub path: String,
}

/// What stands before and after an entry by date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The next older one.
    pub older: Option<Neighbour>,
    /// The next newer one.
    pub newer: Option<Neighbour>,
}

/// The live neighbours of an entry by date: the one before and the one after.
///
/// # Errors
/// Database failures.
pub fn neighbours(tx: &mut Tx<'_>, site: SiteScope, entry: &Entry) -> Result<Neighbours> {
    use diesel::sql_types::{BigInt, Text};
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        side: i64,
        #[diesel(sql_type = Text)]
        title: String,
        #[diesel(sql_type = Text)]
        path: String,
    }
    // One statement for both sides; each is one step in the index entries_published.
    let sql = "SELECT * FROM (SELECT CAST(0 AS BIGINT) AS side, title, coalesce(path, '') AS path FROM entries WHERE site_id = $1 AND kind = $2 AND status = 'published' \
        AND visibility <> 'private' AND published_at <= $3 AND (published_at < $4 OR id < $5) ORDER BY published_at DESC, id DESC LIMIT 1) AS a \
        UNION ALL SELECT * FROM (SELECT CAST(1 AS BIGINT) AS side, title, coalesce(path, '') AS path FROM entries WHERE site_id = $6 AND kind = $7 AND status = 'published' \
        AND visibility <> 'private' AND published_at >= $8 AND (published_at > $9 OR id > $10) ORDER BY published_at, id LIMIT 1) AS b";
    let (s, at, id) = (site.get(), entry.published_at.ms(), entry.id.get());
    let rows: Vec<Row> = diesel::sql_query(sql)
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
        .or_db("reading the neighbours")?;
    let mut sides = Neighbours::default();
    for row in rows {
        let side = if row.side == 0 { &mut sides.older } else { &mut sides.newer };
        *side = Some(Neighbour { title: row.title, path: row.path });
    }
    Ok(sides)
}

/// Children of an entry, in their order; at most 1,000.
///
/// # Errors
/// Database failures.
pub fn children(tx: &mut Tx<'_>, site: SiteScope, parent: EntryId) -> Result<Vec<Entry>> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::parent_id.eq(parent.get()))
        .order((entries::position, entries::id))
        .limit(1000)
        .select(Entry::as_select())
        .load(tx.conn())
        .or_db("reading the pages below")
}

/// Entries of a kind that have an address, by id, after one of them (0: from the first). For walking through all.
///
/// # Errors
/// Database failures.
pub fn with_address(tx: &mut Tx<'_>, site: SiteScope, kind: &str, after: EntryId, limit: i64) -> Result<Vec<Entry>> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::kind.eq(kind))
        .filter(entries::path.is_not_null())
        .filter(entries::id.gt(after.get()))
        .order(entries::id)
        .limit(limit)
        .select(Entry::as_select())
        .load(tx.conn())
        .or_db("reading entries")
}

/// Deletes an entry for good.
///
/// # Errors
/// `NotFound("entry")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteScope, id: EntryId) -> Result<()> {
    let gone = diesel::delete(entries::table.filter(entries::site_id.eq(site.get())).filter(entries::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the entry")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("entry")) }
}

/// Entries in the trash since before `limit`, any site; at most 100. For the job that empties it.
///
/// # Errors
/// Database failures.
pub fn long_trashed(tx: &mut Tx<'_>, limit: Timestamp) -> Result<Vec<(SiteId, EntryId)>> {
    let rows: Vec<(i64, i64)> = entries::table
        .filter(entries::status.eq("trash"))
        .filter(entries::trashed_at.lt(limit.ms()))
        .order(entries::id)
        .limit(100)
        .select((entries::site_id, entries::id))
        .load(tx.conn())
        .or_db("looking through the trash")?;
    Ok(rows.into_iter().map(|(s, e)| (SiteId(s), EntryId(e))).collect())
}

/// Changes the number of approved comments by `by`.
///
/// # Errors
/// Database failures.
pub fn add_comments(tx: &mut Tx<'_>, site: SiteScope, id: EntryId, by: i64) -> Result<()> {
    diesel::update(entries::table.filter(entries::site_id.eq(site.get())).filter(entries::id.eq(id.get())))
        .set(entries::comment_count.eq(entries::comment_count + by))
        .execute(tx.conn())
        .or_db("counting comments")?;
    Ok(())
}

/// Addresses and times of live entries of a kind in id order after `after`, for sitemaps; at most `limit`.
///
/// # Errors
/// Database failures.
pub fn sitemap(
    tx: &mut Tx<'_>,
    site: SiteScope,
    kind: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, String, i64)>> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::kind.eq(kind))
        .filter(entries::status.eq("published"))
        .filter(entries::visibility.eq("public"))
        .filter(entries::path.is_not_null())
        .filter(entries::id.gt(after))
        .order(entries::id)
        .limit(limit)
        .select((entries::id, entries::path.assume_not_null(), entries::updated_at))
        .load(tx.conn())
        .or_db("reading the sitemap")
}

/// Name and slug of a person, if there is one with this id.
///
/// # Errors
/// Database failures.
pub fn author(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Author>> {
    users::table
        .filter(users::id.eq(user.get()))
        .select(Author::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the author")
}

/// The author with a slug.
///
/// # Errors
/// Database failures.
pub fn author_by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Author>> {
    users::table
        .filter(users::slug.eq(slug))
        .select(Author::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the author")
}

/// The person who came first: the author of what nobody in particular writes.
///
/// # Errors
/// `NotFound("person")` before the set-up.
pub fn first_user(tx: &mut Tx<'_>) -> Result<UserId> {
    let id: Option<i64> =
        users::table.order(users::id).select(users::id).first(tx.conn()).optional().or_db("reading people")?;
    id.map(UserId).ok_or_else(|| Error::not_found("person"))
}
