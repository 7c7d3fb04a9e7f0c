//! Terms of taxonomies, and which entries have them.

use diesel::prelude::*;
use freehold_base::{Cursor, EntryId, Error, Page, Result, SiteId, TermId, Timestamp};

use crate::cached::insert_row;
use crate::conn::OrDb as _;
use crate::like::{lower, pattern};
use crate::one_of::one_of;
use crate::schema::{entry_terms, terms};
use crate::{SiteScope, Tx, each_backend};

/// A term.
#[derive(Clone, Debug, Default, PartialEq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = terms)]
pub struct Term {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: TermId,
    /// Its site.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// `category`, `tag`, or an imported one.
    pub taxonomy: String,
    /// Term above it; 0 for none.
    #[diesel(deserialize_as = i64)]
    pub parent_id: TermId,
    /// Last part of its address; unique in its taxonomy.
    pub slug: String,
    /// Its whole address on the site.
    pub path: String,
    /// Its name.
    pub name: String,
    /// A few words about it.
    pub description: String,
    /// Its image; 0 for none.
    pub image_id: i64,
    /// Template of the theme; empty for the usual one.
    pub template: String,
    /// Title for search engines.
    pub seo_title: String,
    /// Description for search engines.
    pub seo_description: String,
    /// Live entries that have it. Kept, not counted.
    pub entry_count: i64,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// What pages show of a term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = terms)]
pub struct Label {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: TermId,
    /// `category`, `tag`, or an imported one.
    pub taxonomy: String,
    /// Last part of its address.
    pub slug: String,
    /// Its whole address on the site.
    pub path: String,
    /// Its name.
    pub name: String,
    /// A few words about it.
    pub description: String,
    /// Term above it; 0 for none.
    #[diesel(deserialize_as = i64)]
    pub parent_id: TermId,
    /// Live entries that have it.
    pub entry_count: i64,
}

impl From<Term> for Label {
    fn from(term: Term) -> Self {
        let Term { id, taxonomy, slug, path, name, description, parent_id, entry_count, .. } = term;
        Self { id, taxonomy, slug, path, name, description, parent_id, entry_count }
    }
}

/// What people change of a term; its count and its place are kept elsewhere.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = terms)]
struct Words<'a> {
    parent_id: i64,
    slug: &'a str,
    path: &'a str,
    name: &'a str,
    description: &'a str,
    image_id: i64,
    template: &'a str,
    seo_title: &'a str,
    seo_description: &'a str,
}

impl<'a> Words<'a> {
    fn of(term: &'a Term) -> Self {
        Self {
            parent_id: term.parent_id.get(),
            slug: &term.slug,
            path: &term.path,
            name: &term.name,
            description: &term.description,
            image_id: term.image_id,
            template: &term.template,
            seo_title: &term.seo_title,
            seo_description: &term.seo_description,
        }
    }
}

/// Stores a new term (its id is ignored) and gives its id.
///
/// # Errors
/// `AlreadyExists` for its slug or address.
pub fn insert(tx: &mut Tx<'_>, site: SiteScope, term: &Term) -> Result<TermId> {
    let row = (
        terms::site_id.eq(site.get()),
        terms::taxonomy.eq(&term.taxonomy),
        Words::of(term),
        terms::entry_count.eq(0),
        terms::created_at.eq(tx.now().ms()),
    );
    let id: i64 =
        each_backend!(tx.conn(), |c| diesel::insert_into(terms::table).values(row).returning(terms::id).get_result(c))
            .or_db("storing the term")?;
    Ok(TermId(id))
}

/// Stores a changed term; its count stays.
///
/// # Errors
/// `NotFound("term")`, `AlreadyExists`.
pub fn update(tx: &mut Tx<'_>, site: SiteScope, term: &Term) -> Result<()> {
    let changed =
        diesel::update(terms::table.filter(terms::site_id.eq(site.get())).filter(terms::id.eq(term.id.get())))
            .set(Words::of(term))
            .execute(tx.conn())
            .or_db("storing the term")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("term")) }
}

/// Deletes a term; entries lose it.
///
/// # Errors
/// `NotFound("term")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteScope, id: TermId) -> Result<()> {
    let gone = diesel::delete(terms::table.filter(terms::site_id.eq(site.get())).filter(terms::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the term")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("term")) }
}

/// One term.
///
/// # Errors
/// `NotFound("term")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: TermId) -> Result<Term> {
    terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::id.eq(id.get()))
        .select(Term::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the term")?
        .ok_or_else(|| Error::not_found("term"))
}

/// The term at an address.
///
/// # Errors
/// Database failures.
pub fn find_by_path(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<Option<Term>> {
    terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::path.eq(path))
        .select(Term::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the term")
}

/// The term with a slug.
///
/// # Errors
/// Database failures.
pub fn find_by_slug(tx: &mut Tx<'_>, site: SiteScope, taxonomy: &str, slug: &str) -> Result<Option<Term>> {
    terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::taxonomy.eq(taxonomy))
        .filter(terms::slug.eq(slug))
        .select(Term::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the term")
}

/// Terms of a taxonomy by name, after the page's cursor; all taxonomies where none is named.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, taxonomy: Option<&str>, page: &Page) -> Result<Vec<Term>> {
    let mut query = terms::table
        .filter(terms::site_id.eq(site.get()))
        .order((terms::name, terms::id))
        .limit(page.size.get())
        .select(Term::as_select())
        .into_boxed();
    if let Some(taxonomy) = taxonomy {
        query = query.filter(terms::taxonomy.eq(taxonomy.to_owned()));
    }
    if let Some(Cursor { key, id }) = page.after.clone() {
        query = query.filter(terms::name.ge(key.clone()).and(terms::name.gt(key).or(terms::id.gt(id))));
    }
    query.load(tx.conn()).or_db("listing terms")
}

/// Taxonomies of a site's terms beside categories and tags, by name; at most 20. Three ranges of the index.
///
/// # Errors
/// Database failures.
pub fn further_taxonomies(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<String>> {
    let between = terms::taxonomy.gt("category").and(terms::taxonomy.lt("tag"));
    terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::taxonomy.lt("category").or(between).or(terms::taxonomy.gt("tag")))
        .select(terms::taxonomy)
        .distinct()
        .order(terms::taxonomy)
        .limit(20)
        .load(tx.conn())
        .or_db("listing taxonomies")
}

/// Terms of a taxonomy whose name or slug holds these words, by name, after the page's cursor.
///
/// # Errors
/// Database failures.
pub fn search(tx: &mut Tx<'_>, site: SiteScope, taxonomy: &str, text: &str, page: &Page) -> Result<Vec<Term>> {
    let name = pattern(text);
    let slug = freehold_base::text::slugify(text);
    let slug = if slug.is_empty() { name.clone() } else { format!("%{slug}%") };
    let mut query = terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::taxonomy.eq(taxonomy.to_owned()))
        .filter(lower(terms::name).like(name).escape('\\').or(terms::slug.like(slug)))
        .order((terms::name, terms::id))
        .limit(page.size.get())
        .select(Term::as_select())
        .into_boxed();
    if let Some(Cursor { key, id }) = page.after.clone() {
        query = query.filter(terms::name.ge(key.clone()).and(terms::name.gt(key).or(terms::id.gt(id))));
    }
    query.load(tx.conn()).or_db("searching terms")
}

/// As [`search`], or [`list`] where nothing is typed; `back`: from the other end, for the page before a place.
///
/// # Errors
/// Database failures.
pub fn look(
    tx: &mut Tx<'_>,
    site: SiteScope,
    taxonomy: &str,
    text: &str,
    page: &Page,
    back: bool,
) -> Result<Vec<Term>> {
    let name = pattern(text);
    let slug = freehold_base::text::slugify(text);
    let slug = if slug.is_empty() { name.clone() } else { format!("%{slug}%") };
    let mut query = terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::taxonomy.eq(taxonomy.to_owned()))
        .limit(page.size.get())
        .select(Term::as_select())
        .into_boxed();
    if !text.trim().is_empty() {
        query = query.filter(lower(terms::name).like(name).escape('\\').or(terms::slug.like(slug)));
    }
    query = if back {
        query.order((terms::name.desc(), terms::id.desc()))
    } else {
        query.order((terms::name.asc(), terms::id.asc()))
    };
    if let Some(Cursor { key, id }) = page.after.clone() {
        query = if back {
            query.filter(terms::name.le(key.clone()).and(terms::name.lt(key).or(terms::id.lt(id))))
        } else {
            query.filter(terms::name.ge(key.clone()).and(terms::name.gt(key).or(terms::id.gt(id))))
        };
    }
    query.load(tx.conn()).or_db("listing terms")
}

/// Terms below a term.
///
/// # Errors
/// Database failures.
pub fn children(tx: &mut Tx<'_>, site: SiteScope, parent: TermId) -> Result<Vec<Term>> {
    terms::table
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::parent_id.eq(parent.get()))
        .order((terms::name, terms::id))
        .limit(1000)
        .select(Term::as_select())
        .load(tx.conn())
        .or_db("listing terms")
}

/// Terms of several entries, by name, in one statement.
///
/// # Errors
/// Database failures.
pub fn of_entries(tx: &mut Tx<'_>, site: SiteScope, ids: &[i64]) -> Result<Vec<(EntryId, Label)>> {
    let entries = one_of(tx, entry_terms::entry_id, ids);
    // On the connection itself, as in `find_by_path`.
    let mut rows: Vec<(i64, Label)> = each_backend!(tx.conn(), |c| entry_terms::table
        .inner_join(terms::table)
        .filter(entry_terms::site_id.eq(site.get()))
        .filter(terms::site_id.eq(site.get()))
        .filter(entries)
        .select((entry_terms::entry_id, Label::as_select()))
        .load(c))
    .or_db("reading terms")?;
    // Here, not by the database: SQLite would copy each row into a table of its own first.
    rows.sort_by(|(_, a), (_, b)| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(rows.into_iter().map(|(id, label)| (EntryId(id), label)).collect())
}

/// Ids of an entry's terms with whether the entry counts as live there.
///
/// # Errors
/// Database failures.
pub fn held(tx: &mut Tx<'_>, site: SiteScope, entry: EntryId) -> Result<Vec<(i64, bool)>> {
    entry_terms::table
        .filter(entry_terms::site_id.eq(site.get()))
        .filter(entry_terms::entry_id.eq(entry.get()))
        .order(entry_terms::term_id)
        .select((entry_terms::term_id, entry_terms::live))
        .load(tx.conn())
        .or_db("reading terms")
}

/// Makes an entry's terms exactly `wanted` (ids of this site), with its present liveness; counts follow.
///
/// # Errors
/// `NotFound("term")` for an id of another site.
pub fn set(
    tx: &mut Tx<'_>,
    site: SiteScope,
    entry: EntryId,
    wanted: &[i64],
    live: bool,
    published: Timestamp,
) -> Result<()> {
    let before = held(tx, site, entry)?;
    let fresh: Vec<i64> = wanted.iter().copied().filter(|id| !before.iter().any(|(b, _)| b == id)).collect();
    for some in fresh.chunks(500) {
        let known: i64 = terms::table
            .filter(terms::site_id.eq(site.get()))
            .filter(one_of(tx, terms::id, some))
            .count()
            .get_result(tx.conn())
            .or_db("reading terms")?;
        if known != some.len() as i64 {
            return Err(Error::not_found("term"));
        }
    }
    for (id, was_live) in &before {
        let keep = wanted.contains(id);
        let row = entry_terms::table
            .filter(entry_terms::site_id.eq(site.get()))
            .filter(entry_terms::entry_id.eq(entry.get()))
            .filter(entry_terms::term_id.eq(id));
        if keep {
            diesel::update(row)
                .set((entry_terms::live.eq(live), entry_terms::published_at.eq(published.ms())))
                .execute(tx.conn())
                .or_db("storing terms")?;
        } else {
            diesel::delete(row).execute(tx.conn()).or_db("storing terms")?;
        }
        count(tx, site, *id, i64::from(keep && live) - i64::from(*was_live))?;
    }
    for id in fresh {
        insert_row!("entry_terms", {
            site_id: site.get(), entry_id: entry.get(), term_id: id, live: live, published_at: published.ms(),
        })
        .execute(tx.conn())
        .or_db("storing terms")?;
        count(tx, site, id, i64::from(live))?;
    }
    Ok(())
}

fn count(tx: &mut Tx<'_>, site: SiteScope, id: i64, by: i64) -> Result<()> {
    if by != 0 {
        diesel::update(terms::table.filter(terms::site_id.eq(site.get())).filter(terms::id.eq(id)))
            .set(terms::entry_count.eq(terms::entry_count + by))
            .execute(tx.conn())
            .or_db("counting terms")?;
    }
    Ok(())
}

/// Gives all entries of `from` to `into` and deletes `from`.
///
/// # Errors
/// `NotFound("term")`.
pub fn merge(tx: &mut Tx<'_>, site: SiteScope, from: TermId, into: TermId) -> Result<()> {
    let moving: Vec<(i64, bool, i64)> = entry_terms::table
        .filter(entry_terms::site_id.eq(site.get()))
        .filter(entry_terms::term_id.eq(from.get()))
        .order(entry_terms::entry_id)
        .select((entry_terms::entry_id, entry_terms::live, entry_terms::published_at))
        .load(tx.conn())
        .or_db("reading terms")?;
    for (entry, live, published) in moving {
        let row = (
            entry_terms::site_id.eq(site.get()),
            entry_terms::entry_id.eq(entry),
            entry_terms::term_id.eq(into.get()),
            entry_terms::live.eq(live),
            entry_terms::published_at.eq(published),
        );
        let added = each_backend!(tx.conn(), |c| diesel::insert_into(entry_terms::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))
        .or_db("merging terms")?;
        if added == 1 && live {
            count(tx, site, into.get(), 1)?;
        }
    }
    delete(tx, site, from)
}
