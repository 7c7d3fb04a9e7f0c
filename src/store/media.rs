//! The media library.

use diesel::prelude::*;
use freehold_base::{Error, MediaId, Page, Result, SiteId, Timestamp};

use crate::conn::OrDb as _;
use crate::like::{escaped, lower, pattern};
use crate::one_of::one_of;
use crate::schema::{media, media_uses};
use crate::{SiteScope, Tx};

/// A file of the library.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = media)]
#[diesel(treat_none_as_null = true)]
pub struct Media {
    /// Its id.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub id: MediaId,
    /// Its site.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub site_id: SiteId,
    /// uuid v7 for the outside.
    pub public_id: String,
    /// SHA-256 of the stored bytes: its place on the disk and in addresses.
    pub hash: String,
    /// Name for people and downloads.
    pub filename: String,
    /// Address it had elsewhere (`/wp-content/uploads/…`), if it was imported.
    pub path: Option<String>,
    /// MIME type, from its content.
    pub content_type: String,
    /// Size.
    pub bytes: i64,
    /// Pixels; 0 where it has none.
    pub width: i64,
    /// Pixels; 0 where it has none.
    pub height: i64,
    /// Main colour, `#rrggbb`; empty where it has none.
    pub colour: String,
    /// Title.
    pub title: String,
    /// Description for people who do not see it.
    pub alt: String,
    /// Says nothing: needs no description.
    pub decorative: bool,
    /// Words below it.
    pub caption: String,
    /// Who made it.
    pub credit: String,
    /// Under which terms.
    pub licence: String,
    /// Who uploaded it.
    pub uploaded_by: i64,
    /// When.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub created_at: Timestamp,
}

/// Which files.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// First part of the MIME type: `image`, `audio`, `video`, `application`.
    pub family: Option<String>,
    /// Everything but pictures.
    pub no_images: bool,
    /// What no entry shows.
    pub unused: bool,
    /// Part of name, title or description.
    pub text: Option<String>,
    /// Images without description that are not marked decorative.
    pub needs_alt: bool,
    /// Uploaded by.
    pub uploaded_by: Option<i64>,
    /// In which order.
    pub sort: Sort,
}

/// Order of the library. Lists page by key in either direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// By file name, A first.
    Name,
    /// By file name, Z first.
    NameDown,
    /// Largest first.
    Largest,
    /// Smallest first.
    Smallest,
}

impl Sort {
    /// The same list from its other end.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Newest => Self::Oldest,
            Self::Oldest => Self::Newest,
            Self::Name => Self::NameDown,
            Self::NameDown => Self::Name,
            Self::Largest => Self::Smallest,
            Self::Smallest => Self::Largest,
        }
    }
    /// A file's place in this order.
    pub fn key(self, m: &Media) -> String {
        match self {
            Self::Newest | Self::Oldest => m.created_at.ms().to_string(),
            Self::Name | Self::NameDown => m.filename.clone(),
            Self::Largest | Self::Smallest => m.bytes.to_string(),
        }
    }
}

/// Stores a new file's row.
///
/// # Errors
/// `AlreadyExists` for its imported address.
pub fn insert(tx: &mut Tx<'_>, site: SiteScope, m: &Media) -> Result<()> {
    if m.site_id != site.id() {
        return Err(Error::not_found("media"));
    }
    diesel::insert_into(media::table).values(m.clone()).execute(tx.conn()).or_db("storing the file")?;
    Ok(())
}

/// Stores a changed row.
///
/// # Errors
/// `NotFound("media")`.
pub fn update(tx: &mut Tx<'_>, site: SiteScope, m: &Media) -> Result<()> {
    let changed = diesel::update(media::table.filter(media::site_id.eq(site.get())).filter(media::id.eq(m.id.get())))
        .set(m.clone())
        .execute(tx.conn())
        .or_db("storing the file")?;
    if changed == 1 && m.site_id == site.id() { Ok(()) } else { Err(Error::not_found("media")) }
}

/// One file.
///
/// # Errors
/// `NotFound("media")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: MediaId) -> Result<Media> {
    media::table
        .filter(media::site_id.eq(site.get()))
        .filter(media::id.eq(id.get()))
        .select(Media::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the file")?
        .ok_or_else(|| Error::not_found("media"))
}

/// A site's file with these bytes: what `/media/{hash}/…` serves.
///
/// # Errors
/// Database failures.
pub fn find_by_hash(tx: &mut Tx<'_>, site: SiteScope, hash: &str) -> Result<Option<Media>> {
    media::table
        .filter(media::site_id.eq(site.get()))
        .filter(media::hash.eq(hash))
        .order(media::id)
        .select(Media::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the file")
}

/// The file at an imported address.
///
/// # Errors
/// Database failures.
pub fn find_by_path(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<Option<Media>> {
    media::table
        .filter(media::site_id.eq(site.get()))
        .filter(media::path.eq(path))
        .select(Media::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the file")
}

/// Several files, in no order; those that are not there are left out. At most 500 are asked for.
///
/// # Errors
/// Database failures.
pub fn find_many(tx: &mut Tx<'_>, site: SiteScope, ids: &[i64]) -> Result<Vec<Media>> {
    let ids: Vec<i64> = ids.iter().copied().take(500).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    media::table
        .filter(media::site_id.eq(site.get()))
        .filter(one_of(tx, media::id, &ids))
        .select(Media::as_select())
        .load(tx.conn())
        .or_db("reading files")
}

/// Sites that have a file with these bytes, at most 200. Tells nothing of them: whoever asks goes on to
/// `Tx::authorize` one of them.
///
/// # Errors
/// Database failures.
pub fn holders(tx: &mut Tx<'_>, hash: &str) -> Result<Vec<SiteId>> {
    let sites: Vec<i64> = media::table
        .filter(media::hash.eq(hash))
        .select(media::site_id)
        .distinct()
        .limit(200)
        .load(tx.conn())
        .or_db("reading files")?;
    Ok(sites.into_iter().map(SiteId).collect())
}

/// Files, in the filter's order, after the page's cursor.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope, filter: &Filter, page: &Page) -> Result<Vec<Media>> {
    let mut query = media::table
        .filter(media::site_id.eq(site.get()))
        .limit(page.size.get())
        .select(Media::as_select())
        .into_boxed();
    if let Some(family) = &filter.family {
        query = query.filter(media::content_type.like(format!("{}/%", escaped(family))).escape('\\'));
    }
    if filter.no_images {
        query = query.filter(media::content_type.not_like("image/%"));
    }
    if filter.unused {
        let uses = media_uses::table
            .filter(media_uses::site_id.eq(site.get()))
            .filter(media_uses::media_id.eq(media::id))
            .select(media_uses::media_id);
        query = query.filter(diesel::dsl::not(diesel::dsl::exists(uses)));
    }
    if let Some(text) = &filter.text {
        let like = pattern(text);
        query = query.filter(
            (lower(media::filename).like(like.clone()).escape('\\'))
                .or(lower(media::title).like(like.clone()).escape('\\'))
                .or(lower(media::alt).like(like.clone()).escape('\\'))
                .or(lower(media::caption).like(like).escape('\\')),
        );
    }
    if filter.needs_alt {
        query = query
            .filter(media::content_type.like("image/%"))
            .filter(media::alt.eq(""))
            .filter(media::decorative.eq(false));
    }
    if let Some(user) = filter.uploaded_by {
        query = query.filter(media::uploaded_by.eq(user));
    }
    query = match filter.sort {
        Sort::Newest => query.order((media::created_at.desc(), media::id.desc())),
        Sort::Oldest => query.order((media::created_at.asc(), media::id.asc())),
        Sort::Name => query.order((media::filename.asc(), media::id.asc())),
        Sort::NameDown => query.order((media::filename.desc(), media::id.desc())),
        Sort::Largest => query.order((media::bytes.desc(), media::id.desc())),
        Sort::Smallest => query.order((media::bytes.asc(), media::id.asc())),
    };
    if let Some(after) = &page.after {
        let (n, id, text) = (after.number(), after.id, after.key.clone());
        query = match filter.sort {
            Sort::Newest => query.filter(media::created_at.le(n).and(media::created_at.lt(n).or(media::id.lt(id)))),
            Sort::Oldest => query.filter(media::created_at.ge(n).and(media::created_at.gt(n).or(media::id.gt(id)))),
            Sort::Name => {
                query.filter(media::filename.gt(text.clone()).or(media::filename.eq(text).and(media::id.gt(id))))
            }
            Sort::NameDown => {
                query.filter(media::filename.lt(text.clone()).or(media::filename.eq(text).and(media::id.lt(id))))
            }
            Sort::Largest => query.filter(media::bytes.lt(n).or(media::bytes.eq(n).and(media::id.lt(id)))),
            Sort::Smallest => query.filter(media::bytes.gt(n).or(media::bytes.eq(n).and(media::id.gt(id)))),
        };
    }
    query.load(tx.conn()).or_db("listing media")
}

/// How many pictures need a description, and how many files no entry shows; 1000 stands for more.
///
/// # Errors
/// Database failures.
pub fn to_do(tx: &mut Tx<'_>, site: SiteScope) -> Result<(usize, usize)> {
    let undescribed: Vec<i64> = media::table
        .filter(media::site_id.eq(site.get()))
        .filter(media::alt.eq(""))
        .filter(media::decorative.eq(false))
        .filter(media::content_type.like("image/%"))
        .select(media::id)
        .limit(1000)
        .load(tx.conn())
        .or_db("counting files")?;
    let uses = media_uses::table.filter(media_uses::media_id.eq(media::id)).select(media_uses::media_id);
    let unused: Vec<i64> = media::table
        .filter(media::site_id.eq(site.get()))
        .filter(diesel::dsl::not(diesel::dsl::exists(uses)))
        .select(media::id)
        .limit(1000)
        .load(tx.conn())
        .or_db("counting files")?;
    Ok((undescribed.len(), unused.len()))
}

/// Deletes a file's row.
///
/// # Errors
/// `NotFound("media")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteScope, id: MediaId) -> Result<()> {
    let gone = diesel::delete(media::table.filter(media::site_id.eq(site.get())).filter(media::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the file")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("media")) }
}

/// Whether any site still has a file with these bytes; if none, the blob may go.
///
/// # Errors
/// Database failures.
pub fn hash_in_use(tx: &mut Tx<'_>, hash: &str) -> Result<bool> {
    let found: Option<i64> = media::table
        .filter(media::hash.eq(hash))
        .select(media::id)
        .first(tx.conn())
        .optional()
        .or_db("reading files")?;
    Ok(found.is_some())
}
