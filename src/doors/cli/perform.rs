//! Does what a command asks, through the same services as the panel. The actor is the installation itself: whoever
//! may read the data folder may do all of it.

use std::sync::Arc;

use freehold_base::{Code, Error, Result, SiteId};
use freehold_platform::accounts::Accounts;
use freehold_store::{Actor, Store, Tx};

use super::commands::{Ask, Done, Refusal};
use super::{do_people, do_sites, do_work};
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
    /// The running node's door; none where no node runs.
    pub web: Option<Arc<Web>>,
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

/// Does it.
///
/// # Errors
/// What the services give.
pub fn perform(hands: &Hands, ask: &Ask) -> Result<Done> {
    match ask {
        Ask::User(user) => do_people::user(hands, user),
        Ask::Token(token) => do_people::token(hands, token),
        Ask::Site(site) => do_sites::site(hands, site),
        Ask::Domain(domain) => do_sites::domain(hands, domain),
        Ask::Job(job) => do_work::job(hands, job),
        Ask::Cache(cache) => do_work::cache(hands, cache),
        Ask::Audit(_) => do_work::verify(hands),
        Ask::Doctor => do_work::doctor(hands),
    }
}

/// What goes back through the socket.
pub type Answer = std::result::Result<Done, Refusal>;

/// Answers a line of the socket: an [`Ask`] in, an [`Answer`] out, both as JSON.
pub fn answer(hands: &Hands, line: &str) -> String {
    let asked: Result<Ask> =
        serde_json::from_str(line).map_err(|_| Error::refused(Code::BadRequest, "the node is of another release"));
    let done: Answer = asked.and_then(|ask| perform(hands, &ask)).map_err(|e| {
        if let Error::Internal { .. } = e {
            tracing::error!("command: {e}");
        }
        Refusal::of(&e)
    });
    serde_json::to_string(&done).unwrap_or_default()
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
