//! What the node does for a plugin. The node implements [`Host`] for one site; what the manifest allows, what a hook
//! may reach and how often were looked at before any of these is called.

use std::time::Duration;

use freehold_base::{Secret, Timestamp};

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the author.
    Debug,
    /// What happened.
    Info,
    /// What should be looked at.
    Warn,
    /// What failed.
    Error,
}

/// A request that goes out. Its host is one of the manifest; addresses are still to be checked (security rule B9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`.
    pub method: String,
    /// `https:` or `http:`.
    pub url: String,
    /// At most 50, 16 KiB together; no `Host`, no control characters.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB.
    pub body: Vec<u8>,
    /// How long it may take. A redirect leads only to hosts that [`Self::allowed`] knows.
    pub within: Duration,
    /// The manifest's hosts.
    pub allowed: Allowed,
}

/// The hosts that a plugin may talk to, to ask again at each redirect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    pub(super) patterns: Vec<crate::manifest::HostPattern>,
    /// The addresses that stand in settings of kind url, by id.
    pub(super) typed: Vec<(String, String)>,
}

impl Allowed {
    /// Whether the plugin may talk to the host of this address.
    pub fn fits(&self, url: &str) -> bool {
        let typed = |id: &str| self.typed.iter().find(|(known, _)| known == id).map(|(_, url)| url.clone());
        crate::manifest::host_of(url).is_some_and(|host| self.patterns.iter().any(|p| p.fits(&host, typed)))
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The head.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB, or the call fails.
    pub body: Vec<u8>,
}

/// The node, as one plugin sees it on one site. An `Err` is a sentence for the plugin's author; it names no internals.
///
/// All run on the thread of the call and may block, but not longer than the `within` they are given or, where there is
/// none, a moment.
pub trait Host: Send {
    /// Now.
    fn now(&mut self) -> Timestamp;
    /// A line of the plugin's log, at most 1,000 characters, without control characters.
    fn log(&mut self, level: Level, line: &str);
    /// What stands in a setting, or its default: JSON. Never asked for a secret or an id the manifest does not have.
    fn setting(&mut self, id: &str) -> Option<String>;
    /// A secret of the settings.
    fn secret(&mut self, id: &str) -> Result<Option<Secret>, String>;
    /// A stored value.
    fn kv_get(&mut self, key: &str) -> Result<Option<String>, String>;
    /// Stores a value: key 1 to 200 bytes, value to 64 KiB.
    fn kv_set(&mut self, key: &str, value: &str) -> Result<(), String>;
    /// Forgets a value.
    fn kv_delete(&mut self, key: &str) -> Result<(), String>;
    /// At most `limit` keys that begin with `prefix`, in order, after `after`.
    fn kv_list(&mut self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, String>;
    /// An entry of the site as JSON.
    fn entry(&mut self, id: i64) -> Result<Option<String>, String>;
    /// Entries of the site as a JSON list; the query is JSON that was looked at.
    fn entries(&mut self, query: &str) -> Result<String, String>;
    /// Asks another server.
    fn fetch(&mut self, request: Request) -> Result<Response, String>;
    /// Sends a mail of text: an address that was looked at, a subject of one line to 200 characters, text to 100 KiB.
    fn mail(&mut self, to: &str, subject: &str, text: &str) -> Result<(), String>;
    /// Tells the people who run the site: a title of one line to 120 characters, text to 2,000.
    fn notify(&mut self, title: &str, text: &str) -> Result<(), String>;
}
