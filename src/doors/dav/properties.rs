//! What programs say about files: kept in the database beside them. Some of it we know better and do.

use dav_server::fs::DavProp;
use freehold_base::{AccountId, Code, JailPath, Result, Timestamp};
use freehold_store::dav_properties::{self as stored, Property};
use freehold_store::{Actor, Tx};
use hyper::http::StatusCode;

use super::fs::Files;

/// Longest element that is kept.
const ELEMENT_MAX: usize = 8 << 10;
/// Longest name of one, and longest namespace.
const NAME_MAX: usize = 255;
/// The namespace that Windows keeps its times in.
const WINDOWS: &str = "urn:schemas-microsoft-com:";

type Place = (AccountId, String);

/// Account and path below its home, as the table has them; none at the top of several accounts.
fn place(files: &Files, path: &JailPath) -> Option<Place> {
    files.tree.place(path).ok().map(|(account, path)| (account, path.to_string()))
}

/// Rights were looked at by whoever gave the [`Files`]; here the account is named by them.
fn read<T>(
    files: &Files,
    account: AccountId,
    f: impl FnOnce(&mut Tx<'_>, freehold_store::AccountScope) -> Result<T>,
) -> Result<T> {
    files.guest.desk().store().read(&Actor::system(), |tx| {
        let scope = tx.authorize_account(account, freehold_base::Capability::FilesRead)?;
        f(tx, scope)
    })
}

fn write(
    files: &Files,
    account: AccountId,
    f: impl Fn(&mut Tx<'_>, freehold_store::AccountScope) -> Result<()> + Send + 'static,
) -> Result<()> {
    files.guest.desk().store().write(&Actor::system(), move |tx| {
        let scope = tx.authorize_account(account, freehold_base::Capability::FilesWrite)?;
        f(tx, scope)
    })
}

fn name_only(prop: &DavProp) -> DavProp {
    DavProp { xml: None, ..prop.clone() }
}

/// Sets and removes; all of it is refused where one is.
pub(super) fn patch(files: &Files, path: &JailPath, patch: Vec<(bool, DavProp)>) -> Result<Vec<(StatusCode, DavProp)>> {
    files.tree.metadata(path)?;
    let answer = |status: StatusCode| patch.iter().map(|(_, p)| (status, name_only(p))).collect();
    let (Some((account, at)), true) = (place(files, path), files.tree.is_writable(path)) else {
        return Ok(answer(StatusCode::FORBIDDEN));
    };
    let is_long = |p: &DavProp| {
        let namespace = p.namespace.as_ref().map_or(0, String::len);
        p.xml.as_ref().is_some_and(|xml| xml.len() > ELEMENT_MAX) || p.name.len().max(namespace) > NAME_MAX
    };
    if patch.iter().any(|(_, p)| is_long(p)) {
        return Ok(answer(StatusCode::INSUFFICIENT_STORAGE));
    }
    let mut changes = Vec::new();
    for (set, prop) in &patch {
        let namespace = prop.namespace.clone().unwrap_or_default();
        if *set && namespace == WINDOWS && prop.name == "Win32LastModifiedTime" {
            if let Some(time) = prop.xml.as_deref().and_then(http_date) {
                files.tree.set_times(path, time)?;
            }
            continue;
        }
        if namespace == WINDOWS {
            continue; // times of creation and access, and attributes: nobody keeps them
        }
        let element = prop.xml.as_ref().map(|xml| String::from_utf8_lossy(xml).into_owned()).unwrap_or_default();
        changes.push((*set, Property { namespace, name: prop.name.clone(), element }));
    }
    if !changes.is_empty() {
        let stored = write(files, account, move |tx, scope| {
            changes.iter().try_for_each(|(set, property)| match set {
                true => stored::set(tx, scope, &at, property),
                false => stored::remove(tx, scope, &at, &property.namespace, &property.name),
            })
        });
        match stored {
            Err(e) if e.as_code() == Code::TooLarge => return Ok(answer(StatusCode::INSUFFICIENT_STORAGE)),
            stored => stored?,
        }
    }
    Ok(answer(StatusCode::OK))
}

/// The date in an element such as `<Z:Win32LastModifiedTime>Thu, 26 Nov 2026 08:00:00 GMT</…>`.
fn http_date(xml: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(xml).ok()?;
    let text = text.get(text.find('>')? + 1..)?;
    let text = text.get(..text.find('<')?)?;
    let at = chrono::DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some(Timestamp(at.timestamp_millis()))
}

fn of_file(files: &Files, path: &JailPath) -> Result<Vec<Property>> {
    match place(files, path) {
        Some((account, at)) => read(files, account, |tx, scope| stored::of_file(tx, scope, &at)),
        None => Ok(Vec::new()),
    }
}

/// All that was said of a file.
pub(super) fn all(files: &Files, path: &JailPath, content: bool) -> Result<Vec<DavProp>> {
    let prop = |p: Property| DavProp {
        name: p.name,
        prefix: None,
        namespace: (!p.namespace.is_empty()).then_some(p.namespace),
        xml: content.then(|| p.element.into_bytes()),
    };
    Ok(of_file(files, path)?.into_iter().map(prop).collect())
}

/// One thing that was said.
pub(super) fn one(files: &Files, path: &JailPath, prop: &DavProp) -> Result<Vec<u8>> {
    let namespace = prop.namespace.as_deref().unwrap_or_default();
    let found = of_file(files, path)?.into_iter().find(|p| p.namespace == namespace && p.name == prop.name);
    found.map(|p| p.element.into_bytes()).ok_or_else(|| freehold_base::Error::not_found("property"))
}

/// Forgets what was said of a file and all below it. Most files have nothing: then nothing is written.
pub(super) fn forget(files: &Files, path: &JailPath) -> Result<()> {
    let Some((account, at)) = place(files, path) else { return Ok(()) };
    if !read(files, account, |tx, scope| stored::is_any(tx, scope, &at))? {
        return Ok(());
    }
    write(files, account, move |tx, scope| stored::forget(tx, scope, &at))
}

/// Says of a copy what was said of its source; of one in another account nothing.
pub(super) fn carry(files: &Files, from: &JailPath, to: &JailPath) -> Result<()> {
    let (Some((account, source)), Some((there, copy))) = (place(files, from), place(files, to)) else { return Ok(()) };
    if account != there {
        return forget(files, to);
    }
    let any =
        read(files, account, |tx, scope| Ok(stored::is_any(tx, scope, &source)? || stored::is_any(tx, scope, &copy)?))?;
    if !any {
        return Ok(());
    }
    write(files, account, move |tx, scope| stored::copy(tx, scope, &source, &copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_windows_gives_is_read() {
        let xml = b"<Z:Win32LastModifiedTime xmlns:Z=\"urn:x\">Thu, 26 Nov 2026 08:00:00 GMT</Z:Win32LastModifiedTime>";
        assert_eq!(http_date(xml), Some(Timestamp(1_795_680_000_000)));
        assert_eq!(http_date(b"<a>yesterday</a>"), None);
        assert_eq!(http_date(b"nothing"), None);
    }
}
