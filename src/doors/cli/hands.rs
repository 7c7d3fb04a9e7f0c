//! What commands work with, and how they show lists.

use std::sync::Arc;

use freehold_base::{Code, Error, Result, SiteId, UserId};
use freehold_host::files::Reserve;
use freehold_host::sandbox::Sandbox;
use freehold_hosting::domains::jobs::Desk;
use freehold_platform::accounts::{Accounts, people};
use freehold_publishing::gallery;
use freehold_publishing::library::Library;
use freehold_publishing::plugins;
use freehold_store::users::User;
use freehold_store::{Actor, Store, Tx};

use crate::security::Facts;
use crate::web::state::Web;

/// What commands work with.
#[derive(Clone)]
pub struct Hands {
    /// The database.
    pub store: Store,
    /// People.
    pub accounts: Accounts,
    /// The data folder.
    pub data: std::path::PathBuf,
    /// What stays free of the disk.
    pub reserve: Reserve,
    /// What the security report knows of the configuration.
    pub facts: Facts,
    /// Files of accounts.
    pub files: freehold_hosting::files::Files,
    /// Looks at names of sites.
    pub domains: Desk,
    /// Runs programs of accounts.
    pub sandbox: Sandbox,
    /// The media library; none where no node runs.
    pub library: Option<Library>,
    /// The running node's door; none where no node runs.
    pub web: Option<Arc<Web>>,
    /// Opens the themes, where they are not open already: only commands about them need that.
    pub open_gallery: Arc<dyn Fn() -> Result<gallery::jobs::Desk> + Send + Sync>,
    /// Opens the plugins likewise.
    pub open_plugins: Arc<dyn Fn() -> Result<plugins::install::Desk> + Send + Sync>,
}

impl Hands {
    /// Reads as the installation.
    ///
    /// # Errors
    /// What `f` gives.
    pub fn read<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.store.read(&Actor::system(), f)
    }
    /// Writes as the installation.
    ///
    /// # Errors
    /// What `f` gives.
    pub fn write<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.store.write(&Actor::system(), f)
    }
    /// Themes, and what installs some.
    ///
    /// # Errors
    /// Where the built-in theme is broken, or their folder cannot be used.
    pub fn gallery(&self) -> Result<gallery::jobs::Desk> {
        (self.open_gallery)()
    }
    /// Plugins, and what installs some.
    ///
    /// # Errors
    /// Where their folder cannot be used.
    pub fn plugins(&self) -> Result<plugins::install::Desk> {
        (self.open_plugins)()
    }
    /// The person that an e-mail or a number means.
    ///
    /// # Errors
    /// `NotFound("user")`.
    pub fn person(&self, name: &str) -> Result<User> {
        let name = name.to_owned();
        self.read(move |tx| match name.parse::<i64>() {
            Ok(id) => people::show(tx, UserId(id)).map(|(user, _)| user),
            Err(_) => people::find_by_email(tx, &name),
        })
    }
    /// The site that a host name or a number means.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn site(&self, name: &str) -> Result<SiteId> {
        let all = self.read(freehold_platform::sites::hosts)?;
        let found = all.iter().find(|h| h.host == name || h.site.to_string() == name);
        found.map(|h| h.site).ok_or_else(|| Error::refused(Code::NotFound, format!("site as {name}")))
    }
}

/// Columns for people: padded to the widest, the head first.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|r| r.get(n)).map(|c| c.chars().count());
        cells.chain(head.get(n).map(|h| h.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(c, w)| format!("{c:<w$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(head.to_vec())];
    lines.extend(rows.iter().map(|r| line(r.iter().map(String::as_str).collect())));
    lines.join("\n")
}
