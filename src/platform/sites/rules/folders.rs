//! Folders with a password, and who knows one.

use freehold_base::error::Refusals;
use freehold_base::text::{line, required_line};
use freehold_base::{Capability, Code, Error, FolderId, FolderUserId, Result, SiteId};
use freehold_store::Tx;
use freehold_store::site_rules::{self as rows, Folder, FolderUser, MOST};

use super::{address_typed, without_end};
use crate::secrets::StoredHash;
use crate::sites::events::RulesChanged;

/// A private folder with its people.
#[derive(Clone, Debug)]
pub struct FolderView {
    /// The folder.
    pub folder: Folder,
    /// Who may open it.
    pub people: Vec<FolderUser>,
}

/// Private folders of a site.
///
/// # Errors
/// `Denied`, `NotFound("site")`.
pub fn folders(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<FolderView>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let people = rows::folder_users(tx, scope)?;
    let of = |folder: &Folder| people.iter().filter(|p| p.folder_id == folder.id).cloned().collect();
    Ok(rows::folders(tx, scope)?.into_iter().map(|folder| FolderView { people: of(&folder), folder }).collect())
}

/// Makes a folder private: from now on nobody opens it but the people it gets.
///
/// # Errors
/// `Denied`, `Invalid` (prefix, title), `TooLarge`.
pub fn add_folder(tx: &mut Tx<'_>, site: SiteId, prefix: &str, title: &str) -> Result<FolderId> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let mut refused = Refusals::default();
    let prefix = refused.take(address_typed("prefix", prefix))?.map(|path| without_end(&path).to_owned());
    let title = refused.take(line("title", title, 80))?;
    refused.check()?;
    let (Some(prefix), Some(title)) = (prefix, title) else { return Err(Error::code(Code::BadRequest)) };
    if i64::try_from(rows::folders(tx, scope)?.len()).is_ok_and(|n| n >= MOST) {
        return Err(Error::refused(Code::TooLarge, format!("{MOST} folders")));
    }
    let title = if title.is_empty() { "Private".to_owned() } else { title };
    let id = rows::add_folder(tx, scope, &prefix, &title).map_err(|e| match e.as_code() {
        Code::AlreadyExists => Error::invalid("prefix", Code::AlreadyExists, prefix.clone()),
        _ => e,
    })?;
    tx.audit_site(scope, "private_folder.add", prefix);
    tx.announce(RulesChanged { site });
    Ok(id)
}

/// Opens a folder to everybody again.
///
/// # Errors
/// `Denied`, `NotFound("folder")`.
pub fn remove_folder(tx: &mut Tx<'_>, site: SiteId, id: FolderId) -> Result<()> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let gone = rows::folders(tx, scope)?.into_iter().find(|f| f.id == id);
    let gone = gone.ok_or_else(|| Error::not_found("folder"))?;
    rows::remove_folder(tx, scope, id)?;
    tx.audit_site(scope, "private_folder.remove", gone.prefix);
    tx.announce(RulesChanged { site });
    Ok(())
}

/// Lets somebody open a folder, or gives them another password. `password` was checked and hashed before, on no
/// transaction.
///
/// # Errors
/// `Denied`, `NotFound("folder")`, `Invalid("name")`, `TooLarge`.
pub fn add_folder_user(
    tx: &mut Tx<'_>,
    site: SiteId,
    folder: FolderId,
    name: &str,
    password: &StoredHash,
) -> Result<FolderUserId> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let folders = rows::folders(tx, scope)?;
    let place = folders.iter().find(|f| f.id == folder).ok_or_else(|| Error::not_found("folder"))?;
    let name = required_line("name", name, 60)?;
    if name.contains(':') {
        return Err(Error::invalid("name", Code::Malformed, "a name without :, such as mara"));
    }
    let people = rows::folder_users(tx, scope)?;
    if i64::try_from(people.len()).is_ok_and(|n| n >= MOST) {
        return Err(Error::refused(Code::TooLarge, format!("{MOST} people")));
    }
    if let Some(before) = people.iter().find(|p| p.folder_id == folder && p.name == name) {
        rows::remove_folder_user(tx, scope, folder, before.id)?;
    }
    let id = rows::add_folder_user(tx, scope, folder, &name, (&password.hash, password.scheme.name()))?;
    tx.audit_site(scope, "private_folder.let_in", format!("{name} ({})", place.prefix));
    tx.announce(RulesChanged { site });
    Ok(id)
}

/// Takes somebody off a folder.
///
/// # Errors
/// `Denied`, `NotFound("person")`.
pub fn remove_folder_user(tx: &mut Tx<'_>, site: SiteId, folder: FolderId, id: FolderUserId) -> Result<()> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let people = rows::folder_users(tx, scope)?;
    let gone = people.iter().find(|p| p.folder_id == folder && p.id == id);
    let gone = gone.ok_or_else(|| Error::not_found("person"))?;
    rows::remove_folder_user(tx, scope, folder, id)?;
    tx.audit_site(scope, "private_folder.shut_out", gone.name.clone());
    tx.announce(RulesChanged { site });
    Ok(())
}
