//! What WebDAV programs say about files beyond what files know: dead properties (RFC 4918 section 4.2).

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use freehold_base::{Code, Error, Result};

use crate::conn::OrDb as _;
use crate::schema::dav_properties as props;
use crate::{AccountScope, Tx, each_backend};

/// Properties of one file.
pub const MOST_OF_FILE: i64 = 100;
/// Properties of all files of an account, and bytes of their elements: what is over that is refused, or not taken
/// along by a copy.
pub const MOST_OF_ACCOUNT: i64 = 5000;
const MOST_BYTES: i64 = 8 << 20;

/// One property of a file.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Property {
    /// Namespace of its name; empty: none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The element as it came.
    pub element: String,
}

/// What is said about one file, by name; at most 100.
///
/// # Errors
/// Database failures.
pub fn of_file(tx: &mut Tx<'_>, account: AccountScope, path: &str) -> Result<Vec<Property>> {
    props::table
        .filter(props::account_id.eq(account.id().get()))
        .filter(props::path.eq(path))
        .order((props::namespace, props::name))
        .limit(MOST_OF_FILE)
        .select((props::namespace, props::name, props::element))
        .load(tx.conn())
        .or_db("reading properties")
}

/// Whether anything is said about a file or folder, or about something below it.
///
/// # Errors
/// Database failures.
pub fn is_any(tx: &mut Tx<'_>, account: AccountScope, path: &str) -> Result<bool> {
    let below = props::path.ge(format!("{path}/")).and(props::path.lt(format!("{path}0")));
    let found: Option<String> = props::table
        .filter(props::account_id.eq(account.id().get()))
        .filter(props::path.eq(path).or(below))
        .order(props::path)
        .select(props::path)
        .first(tx.conn())
        .optional()
        .or_db("looking for properties")?;
    Ok(found.is_some())
}

/// Says something about a file, in place of what was said under this name.
///
/// # Errors
/// `TooLarge` where too much is said about the file already.
pub fn set(tx: &mut Tx<'_>, account: AccountScope, path: &str, property: &Property) -> Result<()> {
    let known = of_file(tx, account, path)?;
    let same = |p: &&Property| p.namespace == property.namespace && p.name == property.name;
    let is_known = known.iter().any(|p| same(&p));
    if !is_known && known.len() as i64 >= MOST_OF_FILE {
        return Err(Error::refused(Code::TooLarge, format!("{MOST_OF_FILE} properties")));
    }
    let (rows, bytes) = room(tx, account)?;
    if (!is_known && rows < 1) || bytes < property.element.len() as i64 {
        return Err(Error::refused(Code::TooLarge, format!("{MOST_OF_ACCOUNT} properties of all files")));
    }
    put(tx, account, path, property)
}

/// Rows and bytes that an account may still have.
fn room(tx: &mut Tx<'_>, account: AccountScope) -> Result<(i64, i64)> {
    let bytes = diesel::dsl::sql::<BigInt>("COALESCE(SUM(LENGTH(element)), 0)");
    let (rows, bytes): (i64, i64) = props::table
        .filter(props::account_id.eq(account.id().get()))
        .select((diesel::dsl::count_star(), bytes))
        .first(tx.conn())
        .or_db("counting properties")?;
    Ok((MOST_OF_ACCOUNT - rows, MOST_BYTES - bytes))
}

fn put(tx: &mut Tx<'_>, account: AccountScope, path: &str, property: &Property) -> Result<()> {
    let row = (
        props::account_id.eq(account.id().get()),
        props::path.eq(path),
        props::namespace.eq(&property.namespace),
        props::name.eq(&property.name),
        props::element.eq(&property.element),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(props::table)
        .values(row)
        .on_conflict((props::account_id, props::path, props::namespace, props::name))
        .do_update()
        .set(props::element.eq(excluded(props::element)))
        .execute(c))
    .or_db("storing a property")?;
    Ok(())
}

/// Takes one back; quiet where there is none.
///
/// # Errors
/// Database failures.
pub fn remove(tx: &mut Tx<'_>, account: AccountScope, path: &str, namespace: &str, name: &str) -> Result<()> {
    let one = props::table
        .filter(props::account_id.eq(account.id().get()))
        .filter(props::path.eq(path))
        .filter(props::namespace.eq(namespace))
        .filter(props::name.eq(name));
    diesel::delete(one).execute(tx.conn()).or_db("removing a property")?;
    Ok(())
}

/// Forgets what is said about a file or folder and all below it.
///
/// # Errors
/// Database failures.
pub fn forget(tx: &mut Tx<'_>, account: AccountScope, path: &str) -> Result<()> {
    // By order, not by pattern: `0` follows `/`.
    let below = props::path.ge(format!("{path}/")).and(props::path.lt(format!("{path}0")));
    let all = props::table.filter(props::account_id.eq(account.id().get())).filter(props::path.eq(path).or(below));
    diesel::delete(all).execute(tx.conn()).or_db("removing properties")?;
    Ok(())
}

/// Says about `to` and all below it what is said about `from`, in place of what was said there.
///
/// # Errors
/// Database failures.
pub fn copy(tx: &mut Tx<'_>, account: AccountScope, from: &str, to: &str) -> Result<()> {
    let below = props::path.ge(format!("{from}/")).and(props::path.lt(format!("{from}0")));
    let rows: Vec<(String, (String, String, String))> = props::table
        .filter(props::account_id.eq(account.id().get()))
        .filter(props::path.eq(from).or(below))
        .order((props::path, props::namespace, props::name))
        .limit(MOST_OF_ACCOUNT)
        .select((props::path, (props::namespace, props::name, props::element)))
        .load(tx.conn())
        .or_db("reading properties")?;
    forget(tx, account, to)?;
    let (left, mut bytes) = room(tx, account)?;
    for (path, (namespace, name, element)) in rows.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        bytes -= element.len() as i64;
        if bytes < 0 {
            break;
        }
        let path = format!("{to}{}", path.get(from.len()..).unwrap_or_default());
        put(tx, account, &path, &Property { namespace, name, element })?;
    }
    Ok(())
}
