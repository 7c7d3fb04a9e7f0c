//! What the passes of an import know together.

use std::collections::HashMap;

use freehold_base::{Capability, MediaId, Result, SiteId, Timestamp, UserId};
use freehold_platform::sites::Settings;
use freehold_store::imported::{self, Imported};
use freehold_store::{Actor, Store};

use super::MediaMode;
use super::address::{Address, file_key, short};
use super::plan::Plan;
use super::survey::Survey;

/// Rows of earlier imports read at once.
const READ: i64 = 5000;

/// What became of something in this or an earlier run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    pub id: i64,
    pub fingerprint: u64,
}

/// A file that is in the library.
#[derive(Clone, Debug)]
pub(super) struct NewFile {
    pub id: MediaId,
    pub address: Box<str>,
    pub alt: Box<str>,
    pub size: (u32, u32),
}

/// All that texts and rows are made with.
pub(super) struct World {
    pub site: SiteId,
    pub settings: Settings,
    pub now: Timestamp,
    pub media: MediaMode,
    pub raw_html: bool,
    pub survey: Survey,
    pub source: String,
    /// People by login.
    pub authors: HashMap<String, UserId>,
    pub author_slugs: HashMap<UserId, String>,
    /// Who wrote what nobody is named for.
    pub nobody: UserId,
    /// Terms by taxonomy (as in the file) and slug.
    pub terms: HashMap<(String, String), i64>,
    /// Terms by their number in the file.
    pub term_numbers: HashMap<i64, i64>,
    /// Slugs of categories, for addresses.
    pub category_slugs: HashMap<i64, String>,
    /// Addresses of terms by their old address.
    pub term_paths: HashMap<u64, String>,
    pub files: HashMap<i64, NewFile>,
    /// Attached pictures by the entry they were uploaded to.
    pub attached: HashMap<i64, Vec<i64>>,
    pub plan: Plan,
    pub items: HashMap<i64, Done>,
    pub comments: HashMap<i64, i64>,
    /// Terms, menus and files of earlier runs by kind and name.
    pub others: HashMap<(String, String), Done>,
}

/// What earlier runs left.
#[derive(Default)]
pub(super) struct Earlier {
    pub items: HashMap<i64, Done>,
    pub comments: HashMap<i64, i64>,
    pub others: HashMap<(String, String), Done>,
}

/// A fingerprint in its stored form.
pub(super) fn print_text(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

impl Earlier {
    /// Reads it, in many short reads: a large import left millions of rows.
    pub fn read(store: &Store, site: SiteId, source: &str) -> Result<Self> {
        let mut found = Self::default();
        let mut after = (String::new(), String::new());
        loop {
            let part = store.read(&Actor::system(), |tx| {
                let scope = tx.authorize(site, Capability::ImportRun)?;
                imported::list(tx, scope, source, (&after.0, &after.1), READ)
            })?;
            let Some(last) = part.last() else { return Ok(found) };
            after = (last.kind.clone(), last.source_id.clone());
            part.into_iter().for_each(|row| found.take(row));
        }
    }

    fn take(&mut self, row: Imported) {
        let fingerprint = u64::from_str_radix(&row.fingerprint, 16).unwrap_or(0);
        let done = Done { id: row.target_id, fingerprint };
        match (row.kind.as_str(), row.source_id.parse::<i64>()) {
            ("item", Ok(key)) => drop(self.items.insert(key, done)),
            ("comment", Ok(key)) => drop(self.comments.insert(key, row.target_id)),
            _ => drop(self.others.insert((row.kind, row.source_id), done)),
        }
    }
}

impl World {
    /// The new address of a link, if it leads to something of the other site that is here now.
    pub fn link(&self, href: &str) -> Option<String> {
        let address = Address::parse(href)?;
        if !self.survey.old.owns(&address) {
            return self.file_at(href).map(|f| f.address.to_string());
        }
        let path = if let Some(number) = address.number().filter(|n| self.plan.holds(*n)) {
            self.plan.path(number)?.to_owned()
        } else if let Some(file) = self.file_at(href) {
            return Some(file.address.to_string());
        } else if let Some(path) = self.plan.by_old(&address.path).filter(|_| address.path != "/") {
            path.to_owned()
        } else if let Some(path) = self.term_paths.get(&short(address.path.trim_end_matches('/'))) {
            path.clone()
        } else if address.host.is_some() && address.path == "/" && address.query.is_empty() {
            "/".to_owned()
        } else {
            return None;
        };
        Some(format!("{path}{}", address.fragment))
    }

    fn file_at(&self, url: &str) -> Option<&NewFile> {
        let name = file_key(url, &self.survey.old)?;
        self.files.get(self.survey.file_numbers.get(&short(&name))?)
    }

    /// The number and address of a picture or file here, by its number or address there.
    pub fn picture(&self, number: Option<i64>, src: &str) -> Option<(Option<i64>, String)> {
        if let Some(file) = self.file_at(src).or_else(|| self.files.get(&number?)) {
            return Some((Some(file.id.get()), file.address.to_string()));
        }
        let far = match number.and_then(|n| self.survey.files.get(&n)) {
            Some(file) if src.is_empty() => file.url.to_string(),
            _ if src.starts_with('/') && !src.starts_with("//") && self.media == MediaMode::Link => {
                format!("{}{src}", origin(&self.survey.old.base))
            }
            _ => src.to_owned(),
        };
        // The other system's number means nothing here.
        Some((None, far))
    }
}

fn origin(base: &str) -> &str {
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base.get(start..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| start + at);
    base.get(..end).unwrap_or(base)
}
