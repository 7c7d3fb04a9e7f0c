//! What a site answers before its pages or files are looked at: redirects, headers, folders with a password.

use diesel::prelude::*;
use freehold_base::{FolderId, FolderUserId, HeaderId, RedirectId, Result, SiteId, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::{private_folder_users, private_folders, settings, site_headers, site_redirects, sites};
use crate::{SiteScope, Tx, counters, each_backend};

/// Most redirects of one site.
pub const MOST_REDIRECTS: i64 = 5000;
/// Most headers, folders, and people of folders of one site, each.
pub const MOST: i64 = 500;

/// A redirect.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = site_redirects)]
pub struct Redirect {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: RedirectId,
    /// Its site.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// `exact`, `prefix` or `pattern`.
    pub how: String,
    /// The address it is for: a path, or a regular expression over one.
    pub source: String,
    /// Where it leads: an address of the site or a whole one.
    pub target: String,
    /// 301, 302, 307 or 308.
    pub status: i64,
    /// Whether what stands after `?` goes along.
    pub keep_query: bool,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// A response header.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = site_headers)]
pub struct Header {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: HeaderId,
    /// Its site.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// The folder it is for.
    pub prefix: String,
    /// How names of files end that it is for; empty: any.
    pub ending: String,
    /// Its name, lower case.
    pub name: String,
    /// Its value.
    pub value: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// A folder with a password.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = private_folders)]
pub struct Folder {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: FolderId,
    /// Its site.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// Its address.
    pub prefix: String,
    /// What a browser shows when it asks for the password.
    pub title: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

/// Somebody who may open a folder.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = private_folder_users)]
pub struct FolderUser {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: FolderUserId,
    /// The site.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// The folder.
    #[diesel(deserialize_as = i64)]
    pub folder_id: FolderId,
    /// The name that is typed.
    pub name: String,
    /// The hash of the password.
    pub password_hash: String,
    /// How it was made.
    pub password_scheme: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
}

impl std::fmt::Debug for FolderUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FolderUser({} {})", self.id, self.name)
    }
}

/// A redirect to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRedirect {
    /// As [`Redirect::how`].
    pub how: String,
    /// As [`Redirect::source`].
    pub source: String,
    /// As [`Redirect::target`].
    pub target: String,
    /// As [`Redirect::status`].
    pub status: i64,
    /// As [`Redirect::keep_query`].
    pub keep_query: bool,
}

/// Redirects of a site in the order of their addresses.
///
/// # Errors
/// Database failures.
pub fn redirects(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Redirect>> {
    site_redirects::table
        .filter(site_redirects::site_id.eq(site.get()))
        .order((site_redirects::source, site_redirects::id))
        .limit(MOST_REDIRECTS)
        .select(Redirect::as_select())
        .load(tx.conn())
        .or_db("reading redirects")
}

/// One redirect.
///
/// # Errors
/// Database failures.
pub fn redirect(tx: &mut Tx<'_>, site: SiteScope, id: RedirectId) -> Result<Option<Redirect>> {
    site_redirects::table
        .filter(site_redirects::site_id.eq(site.get()))
        .filter(site_redirects::id.eq(id.get()))
        .select(Redirect::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the redirect")
}

/// What counts the changes of a site's redirects.
const CHANGES: &str = "redirects.changes";

/// Tells one state of a site's redirects from another.
///
/// # Errors
/// Database failures.
pub fn redirects_state(tx: &mut Tx<'_>, site: SiteScope) -> Result<i64> {
    counters::one(tx, site, CHANGES)
}

/// Stores a redirect.
///
/// # Errors
/// `AlreadyExists` where the address has one of its kind.
pub fn add_redirect(tx: &mut Tx<'_>, site: SiteScope, new: &NewRedirect) -> Result<RedirectId> {
    let row = (
        site_redirects::site_id.eq(site.get()),
        site_redirects::how.eq(&new.how),
        site_redirects::source.eq(&new.source),
        site_redirects::target.eq(&new.target),
        site_redirects::status.eq(new.status),
        site_redirects::keep_query.eq(new.keep_query),
        site_redirects::created_at.eq(tx.now().ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(site_redirects::table)
        .values(row)
        .returning(site_redirects::id)
        .get_result(c))
    .or_db("storing the redirect")?;
    counters::add(tx, site, CHANGES, 1)?;
    Ok(RedirectId(id))
}

/// Replaces a redirect; whether there was one.
///
/// # Errors
/// `AlreadyExists` where the new address has another one of its kind.
pub fn set_redirect(tx: &mut Tx<'_>, site: SiteScope, id: RedirectId, new: &NewRedirect) -> Result<bool> {
    let one =
        site_redirects::table.filter(site_redirects::site_id.eq(site.get())).filter(site_redirects::id.eq(id.get()));
    let changed = diesel::update(one)
        .set((
            site_redirects::how.eq(&new.how),
            site_redirects::source.eq(&new.source),
            site_redirects::target.eq(&new.target),
            site_redirects::status.eq(new.status),
            site_redirects::keep_query.eq(new.keep_query),
        ))
        .execute(tx.conn())
        .or_db("changing the redirect")?;
    counters::add(tx, site, CHANGES, 1)?;
    Ok(changed == 1)
}

/// Removes a redirect; whether there was one.
///
/// # Errors
/// Database failures.
pub fn remove_redirect(tx: &mut Tx<'_>, site: SiteScope, id: RedirectId) -> Result<bool> {
    let one =
        site_redirects::table.filter(site_redirects::site_id.eq(site.get())).filter(site_redirects::id.eq(id.get()));
    let gone = diesel::delete(one).execute(tx.conn()).or_db("removing the redirect")?;
    counters::add(tx, site, CHANGES, 1)?;
    Ok(gone == 1)
}

/// Headers of a site, in the order of their folders.
///
/// # Errors
/// Database failures.
pub fn headers(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Header>> {
    site_headers::table
        .filter(site_headers::site_id.eq(site.get()))
        .order((site_headers::prefix, site_headers::ending, site_headers::name, site_headers::id))
        .limit(MOST)
        .select(Header::as_select())
        .load(tx.conn())
        .or_db("reading headers")
}

/// Stores a header.
///
/// # Errors
/// `AlreadyExists`.
pub fn add_header(
    tx: &mut Tx<'_>,
    site: SiteScope,
    (prefix, ending): (&str, &str),
    (name, value): (&str, &str),
) -> Result<HeaderId> {
    let row = (
        site_headers::site_id.eq(site.get()),
        site_headers::prefix.eq(prefix),
        site_headers::ending.eq(ending),
        site_headers::name.eq(name),
        site_headers::value.eq(value),
        site_headers::created_at.eq(tx.now().ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(site_headers::table)
        .values(row)
        .returning(site_headers::id)
        .get_result(c))
    .or_db("storing the header")?;
    Ok(HeaderId(id))
}

/// Removes a header; whether there was one.
///
/// # Errors
/// Database failures.
pub fn remove_header(tx: &mut Tx<'_>, site: SiteScope, id: HeaderId) -> Result<bool> {
    let one = site_headers::table.filter(site_headers::site_id.eq(site.get())).filter(site_headers::id.eq(id.get()));
    Ok(diesel::delete(one).execute(tx.conn()).or_db("removing the header")? == 1)
}

/// Folders of a site that have a password.
///
/// # Errors
/// Database failures.
pub fn folders(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Folder>> {
    private_folders::table
        .filter(private_folders::site_id.eq(site.get()))
        .order((private_folders::prefix, private_folders::id))
        .limit(MOST)
        .select(Folder::as_select())
        .load(tx.conn())
        .or_db("reading private folders")
}

/// Gives a folder a password.
///
/// # Errors
/// `AlreadyExists`.
pub fn add_folder(tx: &mut Tx<'_>, site: SiteScope, prefix: &str, title: &str) -> Result<FolderId> {
    let row = (
        private_folders::site_id.eq(site.get()),
        private_folders::prefix.eq(prefix),
        private_folders::title.eq(title),
        private_folders::created_at.eq(tx.now().ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(private_folders::table)
        .values(row)
        .returning(private_folders::id)
        .get_result(c))
    .or_db("storing the private folder")?;
    Ok(FolderId(id))
}

/// Opens a folder to everybody; whether it was private.
///
/// # Errors
/// Database failures.
pub fn remove_folder(tx: &mut Tx<'_>, site: SiteScope, id: FolderId) -> Result<bool> {
    let people = private_folder_users::table
        .filter(private_folder_users::site_id.eq(site.get()))
        .filter(private_folder_users::folder_id.eq(id.get()));
    diesel::delete(people).execute(tx.conn()).or_db("removing the people of a folder")?;
    let one =
        private_folders::table.filter(private_folders::site_id.eq(site.get())).filter(private_folders::id.eq(id.get()));
    Ok(diesel::delete(one).execute(tx.conn()).or_db("opening the folder")? == 1)
}

/// People of all private folders of a site, by name.
///
/// # Errors
/// Database failures.
pub fn folder_users(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<FolderUser>> {
    private_folder_users::table
        .filter(private_folder_users::site_id.eq(site.get()))
        .order((private_folder_users::folder_id, private_folder_users::name, private_folder_users::id))
        .limit(MOST)
        .select(FolderUser::as_select())
        .load(tx.conn())
        .or_db("reading the people of private folders")
}

/// Lets somebody open a folder.
///
/// # Errors
/// `AlreadyExists`.
pub fn add_folder_user(
    tx: &mut Tx<'_>,
    site: SiteScope,
    folder: FolderId,
    name: &str,
    (hash, scheme): (&str, &str),
) -> Result<FolderUserId> {
    let row = (
        private_folder_users::site_id.eq(site.get()),
        private_folder_users::folder_id.eq(folder.get()),
        private_folder_users::name.eq(name),
        private_folder_users::password_hash.eq(hash),
        private_folder_users::password_scheme.eq(scheme),
        private_folder_users::created_at.eq(tx.now().ms()),
    );
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(private_folder_users::table)
        .values(row)
        .returning(private_folder_users::id)
        .get_result(c))
    .or_db("storing somebody of a private folder")?;
    Ok(FolderUserId(id))
}

/// Takes somebody off a folder; whether they were there.
///
/// # Errors
/// Database failures.
pub fn remove_folder_user(tx: &mut Tx<'_>, site: SiteScope, folder: FolderId, id: FolderUserId) -> Result<bool> {
    let one = private_folder_users::table
        .filter(private_folder_users::site_id.eq(site.get()))
        .filter(private_folder_users::folder_id.eq(folder.get()))
        .filter(private_folder_users::id.eq(id.get()));
    Ok(diesel::delete(one).execute(tx.conn()).or_db("removing somebody of a private folder")? == 1)
}

/// Sites that have rules of any kind: what is read when a node starts. The system's look at all tenants.
///
/// # Errors
/// Database failures.
pub fn sites_with_rules(tx: &mut Tx<'_>) -> Result<Vec<SiteId>> {
    let mut all: Vec<i64> = sites::table
        .filter(
            diesel::dsl::exists(site_redirects::table.filter(site_redirects::site_id.eq(sites::id)))
                .or(diesel::dsl::exists(site_headers::table.filter(site_headers::site_id.eq(sites::id))))
                .or(diesel::dsl::exists(private_folders::table.filter(private_folders::site_id.eq(sites::id))))
                .or(diesel::dsl::exists(
                    settings::table.filter(settings::site_id.eq(sites::id)).filter(settings::name.eq("web")),
                )),
        )
        .order(sites::id)
        .select(sites::id)
        .load(tx.conn())
        .or_db("looking for sites with rules")?;
    all.dedup();
    Ok(all.into_iter().map(SiteId).collect())
}
