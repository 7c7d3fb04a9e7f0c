//! Lists of entries.

use diesel::prelude::*;
use freehold_base::{Cursor, EntryId, Page, PageSize, Result, Timestamp, UserId};

use super::{Author, Card, CardRow, Cover, Entry};
use crate::cached::Statement;
use crate::conn::OrDb as _;
use crate::one_of::{one_of, one_of_these};
use crate::schema::{entries, media, users};
use crate::{SiteScope, Tx, each_backend};

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
    /// And with this one.
    pub also: Option<i64>,
    /// Last saved in `[from, to)`.
    pub updated: Option<(Timestamp, Timestamp)>,
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
    /// By the author's name, A first.
    Author,
    /// By the author's name, Z first.
    AuthorDown,
}

impl Sort {
    /// The same list from its other end: how a page before a place is read.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Published => Self::Oldest,
            Self::Oldest => Self::Published,
            Self::Updated => Self::UpdatedUp,
            Self::UpdatedUp => Self::Updated,
            Self::Title => Self::TitleDown,
            Self::TitleDown => Self::Title,
            Self::Author => Self::AuthorDown,
            Self::AuthorDown => Self::Author,
        }
    }

    /// The place of a row in a list of this order: where the page after it begins.
    pub fn place(self, row: &CardRow) -> Cursor {
        let (card, author, _) = row;
        let key = match self {
            Self::Title | Self::TitleDown => card.title.clone(),
            Self::Author | Self::AuthorDown => author.name.clone(),
            Self::Published | Self::Oldest => card.published_at.ms().to_string(),
            Self::Updated | Self::UpdatedUp => card.updated_at.ms().to_string(),
        };
        Cursor { key, id: card.id.get() }
    }
}

/// A list of entries; at most `page.size` rows, after the page's cursor.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter, sort: Sort, page: &Page) -> Result<Vec<CardRow>> {
    let mut query = entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id))))
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
        query = query.filter(one_of(tx, entries::id, ids));
    }
    if let Some((from, to)) = filter.updated {
        query = query.filter(entries::updated_at.ge(from.ms())).filter(entries::updated_at.lt(to.ms()));
    }
    for term in filter.term.into_iter().chain(filter.also) {
        use crate::schema::entry_terms as et;
        let held = et::table.filter(et::site_id.eq(site.get())).filter(et::term_id.eq(term)).select(et::entry_id);
        query = query.filter(entries::id.eq_any(held));
    }
    query = match sort {
        Sort::Published => query.order((entries::published_at.desc(), entries::id.desc())),
        Sort::Oldest => query.order((entries::published_at.asc(), entries::id.asc())),
        Sort::Updated => query.order((entries::updated_at.desc(), entries::id.desc())),
        Sort::UpdatedUp => query.order((entries::updated_at.asc(), entries::id.asc())),
        Sort::Title => query.order((entries::title.asc(), entries::id.asc())),
        Sort::TitleDown => query.order((entries::title.desc(), entries::id.desc())),
        Sort::Author => query.order((users::name.asc(), entries::id.asc())),
        Sort::AuthorDown => query.order((users::name.desc(), entries::id.desc())),
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
            Sort::Author => query.filter(users::name.gt(text.clone()).or(users::name.eq(text).and(entries::id.gt(id)))),
            Sort::AuthorDown => {
                query.filter(users::name.lt(text.clone()).or(users::name.eq(text).and(entries::id.lt(id))))
            }
            Sort::TitleDown => {
                query.filter(entries::title.le(text.clone()).and(entries::title.lt(text).or(entries::id.lt(id))))
            }
        };
    }
    query.load(tx.conn()).or_db("listing entries")
}

const NEWEST: &str = "SELECT id FROM (SELECT id FROM entries WHERE site_id = ? AND kind = ? AND status = 'published' \
    AND visibility <> 'private' ORDER BY published_at DESC, id DESC LIMIT ?) AS newest \
    UNION ALL SELECT id FROM (SELECT id FROM entries ";

const ON_TOP: &str = "WHERE site_id = ? AND sticky AND kind = ? AND status = 'published' \
    AND visibility <> 'private' ORDER BY published_at DESC, id DESC LIMIT ?) AS top";

/// Each side is one range of an index. SQLite would walk all posts for the second one: few stay on top, but it cannot know.
const FRONT_SQLITE: &[&str] = &[NEWEST, "INDEXED BY entries_sticky ", ON_TOP];
const FRONT_POSTGRES: &[&str] = &[NEWEST, ON_TOP];

/// The newest live entries of a kind, and those that stay on top: at most `size` of each, newest first, in one
/// statement.
///
/// # Errors
/// Database failures.
pub fn front(tx: &mut Tx<'_>, site: SiteScope, kind: &str, size: PageSize) -> Result<Vec<CardRow>> {
    struct Front;
    let (s, n) = (site.get(), size.get());
    let parts = if tx.conn().is_sqlite() { FRONT_SQLITE } else { FRONT_POSTGRES };
    let chosen = Statement::new(parts).number(s).text(kind).number(n).number(s).text(kind).number(n);
    // On the connection itself, as in `find_by_path`.
    let mut rows: Vec<CardRow> = each_backend!(tx.conn(), |c| entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id))))
        .filter(entries::site_id.eq(s))
        .filter(one_of_these::<Front, _>(entries::id, chosen))
        .limit(2 * n)
        .select((Card::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .load(c))
    .or_db("listing entries")?;
    // Here, not by the database: SQLite would copy each row into a table of its own first.
    rows.sort_by_key(|(card, ..)| std::cmp::Reverse((card.published_at, card.id)));
    Ok(rows)
}

/// The place in a list of live entries of a kind, newest first, after which `skip` rows are passed. For addresses
/// with a page's number.
///
/// # Errors
/// Database failures.
pub fn place(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter, skip: i64) -> Result<Option<Cursor>> {
    let mut query = entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::status.eq("published"))
        .filter(entries::visibility.ne("private"))
        .order((entries::published_at.desc(), entries::id.desc()))
        .offset(skip)
        .limit(1)
        .select((entries::published_at, entries::id))
        .into_boxed();
    if let Some(kind) = &filter.kind {
        query = query.filter(entries::kind.eq(kind.clone()));
    }
    if let Some(author) = filter.author {
        query = query.filter(entries::author_id.eq(author.get()));
    }
    if let Some((from, to)) = filter.published {
        query = query.filter(entries::published_at.ge(from.ms())).filter(entries::published_at.lt(to.ms()));
    }
    let found: Option<(i64, i64)> = query.first(tx.conn()).optional().or_db("looking for the page")?;
    Ok(found.map(|(at, id)| Cursor { key: at.to_string(), id }))
}

/// As [`place`] in the list of a term.
///
/// # Errors
/// Database failures.
pub fn archive_place(tx: &mut Tx<'_>, site: SiteScope, term: i64, skip: i64) -> Result<Option<Cursor>> {
    use crate::schema::entry_terms as et;
    let found: Option<(i64, i64)> = et::table
        .filter(et::site_id.eq(site.get()))
        .filter(et::term_id.eq(term))
        .filter(et::live.eq(true))
        .order((et::published_at.desc(), et::entry_id.desc()))
        .offset(skip)
        .limit(1)
        .select((et::published_at, et::entry_id))
        .first(tx.conn())
        .optional()
        .or_db("looking for the page")?;
    Ok(found.map(|(at, id)| Cursor { key: at.to_string(), id }))
}

/// As [`archive`], the other way: what is next newer than the page's cursor, oldest first.
///
/// # Errors
/// Database failures.
pub fn archive_up(tx: &mut Tx<'_>, site: SiteScope, term: i64, page: &Page) -> Result<Vec<CardRow>> {
    use crate::schema::entry_terms as et;
    let (n, id) = page.after.as_ref().map_or((0, 0), |after| (after.number(), after.id));
    et::table
        .inner_join(
            entries::table
                .inner_join(users::table)
                .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id)))),
        )
        .filter(et::site_id.eq(site.get()))
        .filter(entries::site_id.eq(site.get()))
        .filter(et::term_id.eq(term))
        .filter(et::live.eq(true))
        .filter(et::published_at.ge(n).and(et::published_at.gt(n).or(et::entry_id.gt(id))))
        .order((et::published_at.asc(), et::entry_id.asc()))
        .limit(page.size.get())
        .select((Card::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .load(tx.conn())
        .or_db("reading the archive")
}

/// How many entries a filter finds.
///
/// # Errors
/// Database failures.
pub fn count(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter) -> Result<i64> {
    let mut query = entries::table.filter(entries::site_id.eq(site.get())).into_boxed();
    if let Some(kind) = &filter.kind {
        query = query.filter(entries::kind.eq(kind.clone()));
    }
    query = match &filter.status {
        Some(status) => query.filter(entries::status.eq(status.clone())),
        None => query.filter(entries::status.ne("trash")),
    };
    if let Some(author) = filter.author {
        query = query.filter(entries::author_id.eq(author.get()));
    }
    if let Some((from, to)) = filter.updated {
        query = query.filter(entries::updated_at.ge(from.ms())).filter(entries::updated_at.lt(to.ms()));
    }
    if let Some(ids) = &filter.ids {
        query = query.filter(one_of(tx, entries::id, ids));
    }
    for term in filter.term.into_iter().chain(filter.also) {
        use crate::schema::entry_terms as et;
        let held = et::table.filter(et::site_id.eq(site.get())).filter(et::term_id.eq(term)).select(et::entry_id);
        query = query.filter(entries::id.eq_any(held));
    }
    query.count().get_result(tx.conn()).or_db("counting entries")
}

/// Who wrote entries of a kind on a site, by name; at most 100.
///
/// # Errors
/// Database failures.
pub fn authors_of(tx: &mut Tx<'_>, site: SiteScope, kind: &str) -> Result<Vec<(i64, String)>> {
    let wrote = entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::author_id.eq(users::id))
        .filter(entries::kind.eq(kind))
        .select(entries::id);
    users::table
        .filter(diesel::dsl::exists(wrote))
        .order((users::name, users::id))
        .limit(100)
        .select((users::id, users::name))
        .load(tx.conn())
        .or_db("listing authors")
}

/// How many entries of an author have which kind and status.
///
/// # Errors
/// Database failures.
pub fn counts_of(tx: &mut Tx<'_>, site: SiteScope, author: UserId) -> Result<Vec<(String, String, i64)>> {
    entries::table
        .filter(entries::site_id.eq(site.get()))
        .filter(entries::author_id.eq(author.get()))
        .group_by((entries::kind, entries::status))
        .select((entries::kind, entries::status, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("counting entries")
}

/// Live entries with a term, newest first, after `(published_at, id)`: one range of one index, in one statement.
///
/// # Errors
/// Database failures.
pub fn archive(tx: &mut Tx<'_>, site: SiteScope, term: i64, page: &Page) -> Result<Vec<CardRow>> {
    use crate::schema::entry_terms as et;
    // Without a place: after the end of time, so that one statement does for both.
    let (n, id) = page.after.as_ref().map_or((i64::MAX, 0), |after| (after.number(), after.id));
    // On the connection itself, as in `find_by_path`.
    each_backend!(tx.conn(), |c| et::table
        .inner_join(
            entries::table
                .inner_join(users::table)
                .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id)))),
        )
        .filter(et::site_id.eq(site.get()))
        .filter(entries::site_id.eq(site.get()))
        .filter(et::term_id.eq(term))
        .filter(et::live.eq(true))
        .filter(et::published_at.le(n).and(et::published_at.lt(n).or(et::entry_id.lt(id))))
        .order((et::published_at.desc(), et::entry_id.desc()))
        .limit(page.size.get())
        .select((Card::as_select(), Author::as_select(), Option::<Cover>::as_select()))
        .load(c))
    .or_db("reading the archive")
}

/// Entries that everybody may read, with their documents, in no order: what a search found.
///
/// # Errors
/// Database failures.
pub fn found(tx: &mut Tx<'_>, site: SiteScope, ids: &[i64]) -> Result<Vec<(CardRow, String)>> {
    let rows: Vec<(Card, Author, Option<Cover>, String)> = entries::table
        .inner_join(users::table)
        .left_join(media::table.on(media::id.eq(entries::cover_id).and(media::site_id.eq(entries::site_id))))
        .filter(entries::site_id.eq(site.get()))
        .filter(one_of(tx, entries::id, ids))
        .filter(entries::status.eq("published"))
        .filter(entries::visibility.eq("public"))
        .limit(PageSize::new(PageSize::MAX).get())
        .select((Card::as_select(), Author::as_select(), Option::<Cover>::as_select(), entries::document))
        .load(tx.conn())
        .or_db("reading what was found")?;
    Ok(rows.into_iter().map(|(card, author, cover, document)| ((card, author, cover), document)).collect())
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
