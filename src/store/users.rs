//! People: rows of `users` and their recovery codes.
//!
//! People belong to the installation, not to a tenant. Reading one takes a scope where somebody asks for it;
//! the functions of signing in take none, because nobody is signed in yet.

use diesel::prelude::*;
use freehold_base::{Code, Error, Page, Result, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::{entries, held_roles, media, recovery_codes, sites, users};
use crate::{SelfScope, ServerScope, SiteScope, Tx, each_backend};

/// A person, with what signing in needs.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Their id.
    #[diesel(deserialize_as = i64)]
    pub id: UserId,
    /// Address they sign in with: trimmed, lower case, unique.
    pub email: String,
    /// Name on the screen and under entries.
    pub name: String,
    /// Unique part of the address of their author page.
    pub slug: String,
    /// A few lines about them.
    pub bio: String,
    /// Hash of the password; empty: they cannot sign in with one.
    pub password_hash: String,
    /// How it was hashed.
    pub password_scheme: String,
    /// `active`, `invited` or `disabled`.
    pub status: String,
    /// Language tag; empty: as the browser asks.
    pub locale: String,
    /// Theme, density and shortcuts as JSON; empty: defaults.
    pub appearance: String,
    /// Encrypted secret of the second factor; empty: none.
    pub totp_sealed: String,
    /// Encrypted secret not yet confirmed by a code; empty: none.
    pub totp_pending: String,
    /// The last time step whose code was used: no code counts twice.
    pub totp_last_step: i64,
    /// When they were added.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When they last signed in; 0: never.
    #[diesel(deserialize_as = i64)]
    pub signed_in_at: Timestamp,
}

impl User {
    /// Whether they may sign in.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
    /// Whether a second factor is set.
    pub fn has_totp(&self) -> bool {
        !self.totp_sealed.is_empty()
    }
}

/// A person as others see them in lists.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Person {
    /// Their id.
    #[diesel(deserialize_as = i64)]
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Unique part of the address of their author page.
    pub slug: String,
    /// `active`, `invited` or `disabled`.
    pub status: String,
    /// When they were added.
    #[diesel(deserialize_as = i64)]
    pub created_at: Timestamp,
    /// When they last signed in; 0: never.
    #[diesel(deserialize_as = i64)]
    pub signed_in_at: Timestamp,
}

/// A person to add.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// Address in its compared form.
    pub email: &'a str,
    /// Name.
    pub name: &'a str,
    /// Free slug.
    pub slug: &'a str,
    /// Hash of the password, or empty.
    pub password_hash: &'a str,
    /// How it was hashed.
    pub password_scheme: &'a str,
    /// `active` or `invited`.
    pub status: &'a str,
}

/// Adds a person.
///
/// # Errors
/// `EmailTaken`; the slug must be free, see [`slugs_like`].
pub fn insert(tx: &mut Tx<'_>, new: &NewUser<'_>) -> Result<UserId> {
    let row = (
        users::email.eq(new.email),
        users::name.eq(new.name),
        users::slug.eq(new.slug),
        users::bio.eq(""),
        users::password_hash.eq(new.password_hash),
        users::password_scheme.eq(new.password_scheme),
        users::status.eq(new.status),
        users::locale.eq(""),
        users::appearance.eq(""),
        users::totp_sealed.eq(""),
        users::totp_pending.eq(""),
        users::totp_last_step.eq(0),
        users::created_at.eq(tx.now().ms()),
        users::signed_in_at.eq(0),
    );
    let id: i64 =
        each_backend!(tx.conn(), |c| diesel::insert_into(users::table).values(row).returning(users::id).get_result(c))
            .or_db("adding the person")
            .map_err(email_taken)?;
    Ok(UserId(id))
}

/// The person with this address, for signing in.
///
/// # Errors
/// Database failures.
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<User>> {
    users::table
        .filter(users::email.eq(email))
        .select(User::as_select())
        .first(tx.conn())
        .optional()
        .or_db("looking for the person")
}

/// One person.
///
/// # Errors
/// `NotFound("person")`.
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<User> {
    users::table
        .filter(users::id.eq(id.get()))
        .select(User::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the person")?
        .ok_or_else(|| Error::not_found("person"))
}

/// Slugs that are `slug` or begin with it and a hyphen; at most 1000.
///
/// # Errors
/// Database failures.
pub fn slugs_like(tx: &mut Tx<'_>, slug: &str) -> Result<Vec<String>> {
    users::table
        .filter(users::slug.eq(slug).or(users::slug.like(format!("{slug}-%"))))
        .order(users::slug)
        .limit(1000)
        .select(users::slug)
        .load(tx.conn())
        .or_db("looking for a free address")
}

/// Which people are wanted.
#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    /// Part of the name or address, in any case of ASCII letters.
    pub search: String,
    /// Only this status; empty: all.
    pub status: String,
}

/// `%text%` for LIKE, with its own signs escaped by a backslash.
fn pattern(search: &str) -> String {
    let mut out = String::from("%");
    for c in search.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    out
}

diesel::define_sql_function! {
    /// Lower case; ASCII only on SQLite.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// People of the installation, by name.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, _server: ServerScope, filter: &PeopleFilter, page: &Page) -> Result<Vec<Person>> {
    let mut query =
        users::table.order((users::name, users::id)).limit(page.size.get()).select(Person::as_select()).into_boxed();
    if !filter.status.is_empty() {
        query = query.filter(users::status.eq(filter.status.clone()));
    }
    if !filter.search.is_empty() {
        let like = pattern(&filter.search);
        query =
            query.filter(lower(users::name).like(like.clone()).escape('\\').or(users::email.like(like).escape('\\')));
    }
    if let Some(after) = &page.after {
        let key = after.key.clone();
        query = query.filter(users::name.gt(key.clone()).or(users::name.eq(key).and(users::id.gt(after.id))));
    }
    query.load(tx.conn()).or_db("listing people")
}

/// People who hold a role on the site, by name, with the role's name.
///
/// # Errors
/// Database failures.
pub fn list_of_site(
    tx: &mut Tx<'_>,
    site: SiteScope,
    filter: &PeopleFilter,
    page: &Page,
) -> Result<Vec<(Person, String)>> {
    let mut query = held_roles::table
        .inner_join(users::table)
        .filter(held_roles::scope.eq("site"))
        .filter(held_roles::scope_id.eq(site.get()))
        .order((users::name, users::id))
        .limit(page.size.get())
        .select((Person::as_select(), held_roles::role))
        .into_boxed();
    if !filter.status.is_empty() {
        query = query.filter(users::status.eq(filter.status.clone()));
    }
    if !filter.search.is_empty() {
        let like = pattern(&filter.search);
        query =
            query.filter(lower(users::name).like(like.clone()).escape('\\').or(users::email.like(like).escape('\\')));
    }
    if let Some(after) = &page.after {
        let key = after.key.clone();
        query = query.filter(users::name.gt(key.clone()).or(users::name.eq(key).and(users::id.gt(after.id))));
    }
    query.load(tx.conn()).or_db("listing the site's people")
}

/// What a person says about themself.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Name.
    pub name: String,
    /// A few lines.
    pub bio: String,
    /// Language tag, or empty.
    pub locale: String,
    /// JSON, or empty.
    pub appearance: String,
}

/// Stores a profile.
///
/// # Errors
/// Database failures.
pub fn save_profile(tx: &mut Tx<'_>, me: SelfScope, profile: &Profile) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(me.get())))
        .set((
            users::name.eq(&profile.name),
            users::bio.eq(&profile.bio),
            users::locale.eq(&profile.locale),
            users::appearance.eq(&profile.appearance),
        ))
        .execute(tx.conn())
        .or_db("saving the profile")?;
    Ok(())
}

/// Sets the password if it is still `expected`; gives whether it was.
///
/// # Errors
/// Database failures.
pub fn replace_password(tx: &mut Tx<'_>, id: UserId, expected: &str, hash: &str, scheme: &str) -> Result<bool> {
    let changed = diesel::update(users::table.filter(users::id.eq(id.get())).filter(users::password_hash.eq(expected)))
        .set((users::password_hash.eq(hash), users::password_scheme.eq(scheme)))
        .execute(tx.conn())
        .or_db("setting the password")?;
    Ok(changed == 1)
}

/// Sets the status.
///
/// # Errors
/// Database failures.
pub fn set_status(tx: &mut Tx<'_>, id: UserId, status: &str) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set(users::status.eq(status))
        .execute(tx.conn())
        .or_db("changing the person")?;
    Ok(())
}

/// Makes an invited person active, under the name they give.
///
/// # Errors
/// Database failures.
pub fn accept(tx: &mut Tx<'_>, id: UserId, name: &str) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set((users::status.eq("active"), users::name.eq(name)))
        .execute(tx.conn())
        .or_db("accepting the invitation")?;
    Ok(())
}

/// Notes that somebody signed in now.
///
/// # Errors
/// Database failures.
pub fn set_signed_in(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    let now = tx.now().ms();
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set(users::signed_in_at.eq(now))
        .execute(tx.conn())
        .or_db("noting the sign-in")?;
    Ok(())
}

/// Sets the sealed secrets of the second factor (in force, and waiting for its first code).
///
/// # Errors
/// Database failures.
pub fn set_totp(tx: &mut Tx<'_>, id: UserId, sealed: &str, pending: &str) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set((users::totp_sealed.eq(sealed), users::totp_pending.eq(pending)))
        .execute(tx.conn())
        .or_db("setting the second factor")?;
    Ok(())
}

/// Uses up a time step; `false` where another request used one since `expected` was read.
///
/// # Errors
/// Database failures.
pub fn use_totp_step(tx: &mut Tx<'_>, id: UserId, expected: i64, step: i64) -> Result<bool> {
    let changed =
        diesel::update(users::table.filter(users::id.eq(id.get())).filter(users::totp_last_step.eq(expected)))
            .set(users::totp_last_step.eq(step))
            .execute(tx.conn())
            .or_db("using the code")?;
    Ok(changed == 1)
}

/// Replaces a person's recovery codes by these hashes.
///
/// # Errors
/// Database failures.
pub fn set_recovery_codes(tx: &mut Tx<'_>, id: UserId, hashes: &[String]) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(id.get())))
        .execute(tx.conn())
        .or_db("removing recovery codes")?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::user_id.eq(id.get()),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::used_at.eq(0),
            ))
            .execute(tx.conn())
            .or_db("storing recovery codes")?;
    }
    Ok(())
}

/// Uses up a recovery code; `false` where there is none with this hash.
///
/// # Errors
/// Database failures.
pub fn use_recovery_code(tx: &mut Tx<'_>, id: UserId, hash: &str) -> Result<bool> {
    let now = tx.now().ms();
    let used = diesel::update(
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(id.get()))
            .filter(recovery_codes::code_hash.eq(hash))
            .filter(recovery_codes::used_at.eq(0)),
    )
    .set(recovery_codes::used_at.eq(now))
    .execute(tx.conn())
    .or_db("using the recovery code")?;
    Ok(used > 0)
}

/// Recovery codes not yet used.
///
/// # Errors
/// Database failures.
pub fn recovery_codes_left(tx: &mut Tx<'_>, id: UserId) -> Result<i64> {
    recovery_codes::table
        .filter(recovery_codes::user_id.eq(id.get()))
        .filter(recovery_codes::used_at.eq(0))
        .count()
        .get_result(tx.conn())
        .or_db("counting recovery codes")
}

/// Sites on which somebody wrote entries, at most 10,000. Looks at each site by its own index.
///
/// # Errors
/// Database failures.
pub fn sites_written_on(tx: &mut Tx<'_>, _server: ServerScope, id: UserId) -> Result<Vec<i64>> {
    sites::table
        .filter(diesel::dsl::exists(
            entries::table.filter(entries::site_id.eq(sites::id)).filter(entries::author_id.eq(id.get())),
        ))
        .order(sites::id)
        .limit(10_000)
        .select(sites::id)
        .load(tx.conn())
        .or_db("looking for the person's entries")
}

/// Gives the entries and media of one person on a site to another; the number of entries.
///
/// # Errors
/// Database failures.
pub fn reassign(tx: &mut Tx<'_>, site: SiteScope, from: UserId, to: UserId) -> Result<usize> {
    let moved = diesel::update(
        entries::table.filter(entries::site_id.eq(site.get())).filter(entries::author_id.eq(from.get())),
    )
    .set(entries::author_id.eq(to.get()))
    .execute(tx.conn())
    .or_db("giving the entries to somebody else")?;
    diesel::update(media::table.filter(media::site_id.eq(site.get())).filter(media::uploaded_by.eq(from.get())))
        .set(media::uploaded_by.eq(to.get()))
        .execute(tx.conn())
        .or_db("giving the media to somebody else")?;
    Ok(moved)
}

/// Deletes a person with their roles, sessions, tokens and links.
///
/// # Errors
/// `WrongState` where they still own entries.
pub fn delete(tx: &mut Tx<'_>, _server: ServerScope, id: UserId) -> Result<()> {
    let gone =
        diesel::delete(users::table.filter(users::id.eq(id.get()))).execute(tx.conn()).or_db("deleting the person")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("person")) }
}

/// Turns a taken address into its own code.
fn email_taken(e: Error) -> Error {
    if e.as_code() == Code::AlreadyExists { Error::code(Code::EmailTaken) } else { e }
}
