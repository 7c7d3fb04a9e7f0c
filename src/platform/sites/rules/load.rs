//! All rules of one site, ready to be asked.

use std::sync::atomic::{AtomicU64, Ordering};

use freehold_base::{Code, FolderId, Result, SiteId};
use freehold_store::site_rules::{self as rows, Header};
use freehold_store::{Tx, settings as stored, sites};

use super::matcher::Redirects;
use crate::secrets::{Scheme, StoredHash};
use crate::sites::settings::Web;

/// A folder that asks for a password.
#[derive(Debug)]
pub struct PrivateFolder {
    /// Its row.
    pub id: FolderId,
    /// Its address.
    pub prefix: String,
    /// What a browser shows.
    pub title: String,
    /// Names with the hashes of their passwords.
    pub people: Vec<(String, StoredHash)>,
}

/// Rules of one site. Never changed: a new one takes its place.
#[derive(Debug, Default)]
pub struct Rules {
    /// Tells one state of a site's rules from another, as long as the process lives.
    pub version: u64,
    /// Redirects.
    pub redirects: Redirects,
    /// Folders with a password, the deepest first.
    pub folders: Vec<PrivateFolder>,
    /// Response headers; those of a deeper folder stand later and win.
    pub headers: Vec<Header>,
    /// The switches of its settings.
    pub web: Web,
    /// Names of the site.
    pub hosts: Vec<String>,
}

/// Whether an address lies in a folder; both canonical, a slash at the folder's end makes no difference.
pub fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Rules {
    /// True where the site answers as if there were none.
    pub fn is_empty(&self) -> bool {
        self.redirects.is_empty() && self.folders.is_empty() && self.headers.is_empty() && self.web == Web::default()
    }

    /// The private folder that an address lies in.
    pub fn folder_of(&self, path: &str) -> Option<&PrivateFolder> {
        self.folders.iter().find(|folder| is_within(path, &folder.prefix))
    }

    /// Whether some of them name the type of what is sent.
    pub fn names_types(&self) -> bool {
        self.headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type"))
    }

    /// Headers for an address, weakest first.
    pub fn headers_of<'r>(&'r self, path: &'r str) -> impl Iterator<Item = &'r Header> {
        self.headers.iter().filter(move |header| is_for(header, path))
    }
}

/// Whether a header goes with the answer at an address.
pub fn is_for(header: &Header, path: &str) -> bool {
    is_within(path, &header.prefix) && ends_so(path, &header.ending)
}

/// Whether a file's name ends so, in whatever case.
fn ends_so(path: &str, ending: &str) -> bool {
    let from = path.len().checked_sub(ending.len());
    from.and_then(|from| path.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// Rules of a site; none where it has none, or is gone. What `before` has compiled is taken from there. For the node
/// itself.
///
/// # Errors
/// Database failures.
pub fn load(tx: &mut Tx<'_>, site: SiteId, before: Option<&Rules>) -> Result<Option<Rules>> {
    static VERSION: AtomicU64 = AtomicU64::new(1);
    let scope = match tx.scope_of(site) {
        Err(e) if e.as_code() == Code::NotFound => return Ok(None),
        scope => scope?,
    };
    let redirects = rows::redirects(tx, scope)?;
    let mut headers = rows::headers(tx, scope)?;
    headers.sort_by_key(|header| (header.prefix.len(), header.ending.len()));
    let people = rows::folder_users(tx, scope)?;
    let mut folders: Vec<PrivateFolder> = rows::folders(tx, scope)?
        .into_iter()
        .map(|folder| PrivateFolder {
            people: people.iter().filter(|p| p.folder_id == folder.id).filter_map(known).collect(),
            id: folder.id,
            prefix: folder.prefix,
            title: folder.title,
        })
        .collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.prefix.len()));
    let web = stored::get(tx, scope, "web")?.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let hosts = sites::domains(tx, scope)?.into_iter().map(|d| d.host).collect();
    let version = VERSION.fetch_add(1, Ordering::Relaxed);
    let redirects = Redirects::new(redirects, before.map(|before| &before.redirects));
    let rules = Rules { version, redirects, folders, headers, web, hosts };
    Ok(Some(rules).filter(|rules| !rules.is_empty()))
}

/// A person whose hash can be checked; a scheme that nobody knows any more opens nothing.
fn known(person: &rows::FolderUser) -> Option<(String, StoredHash)> {
    let scheme = Scheme::parse(&person.password_scheme)?;
    Some((person.name.clone(), StoredHash { scheme, hash: person.password_hash.clone() }))
}

/// Rules of all sites that have some: what a node starts with.
///
/// # Errors
/// Database failures.
pub fn load_all(tx: &mut Tx<'_>) -> Result<Vec<(SiteId, Rules)>> {
    let mut all = Vec::new();
    for site in rows::sites_with_rules(tx)? {
        all.extend(load(tx, site, None)?.map(|rules| (site, rules)));
    }
    Ok(all)
}
