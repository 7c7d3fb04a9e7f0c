//! Where each item will be: known before the first one is written, so that texts can link to what comes later.

use std::collections::{HashMap, HashSet};

use freehold_base::Result;
use freehold_platform::sites::Settings;
use freehold_store::{SiteScope, Tx, entries as rows, terms};

use super::address::short;
use crate::content::{Entry, permalink};

/// Most addresses read in one statement.
const READ: i64 = 5000;

/// Addresses of all items.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// By number in the file: address, and the number behind its slug (1: none).
    items: HashMap<i64, (Option<Box<str>>, u32)>,
    /// Old addresses, without a slash at the end, to numbers in the file.
    by_old: HashMap<u64, i64>,
    taken: HashSet<u64>,
    /// Items whose entry above comes later in the file.
    waiting: Vec<(i64, i64, Entry, permalink::Parts)>,
}

impl Plan {
    /// Reads what is in use on the site. `imported`: entries of earlier runs with their numbers in the file.
    pub fn read(tx: &mut Tx<'_>, scope: SiteScope, imported: &HashMap<i64, i64>) -> Result<Self> {
        let mut plan = Self::default();
        let mut after = 0;
        loop {
            let part = rows::addresses(tx, scope, after, READ)?;
            let Some((last, _)) = part.last() else { break };
            after = *last;
            for (id, path) in part {
                if let Some(path) = &path {
                    plan.taken.insert(short(path));
                }
                if let Some(key) = imported.get(&id) {
                    plan.items.insert(*key, (path.map(Into::into), 1));
                }
            }
        }
        let mut page = freehold_base::Page { size: freehold_base::PageSize::new(200), after: None };
        loop {
            let part = terms::list(tx, scope, None, &page)?;
            let Some(last) = part.last() else { break };
            page.after = Some(freehold_base::Cursor { key: last.name.clone(), id: last.id.get() });
            plan.taken.extend(part.iter().map(|t| short(&t.path)));
        }
        Ok(plan)
    }

    /// Notes an old address of an item.
    pub fn remember(&mut self, old_path: &str, key: i64) {
        self.by_old.insert(short(old_path.trim_end_matches('/')), key);
    }

    /// Plans an item. `parent` is its number in the file, 0 for none.
    pub fn add(&mut self, settings: &Settings, key: i64, parent: i64, entry: Entry, parts: permalink::Parts) {
        if self.items.contains_key(&key) {
            return;
        }
        match self.items.get(&parent) {
            Some((path, _)) => {
                let above = path.as_deref().unwrap_or_default().to_owned();
                self.settle(settings, key, &entry, permalink::Parts { parent: above, ..parts });
            }
            None if parent != 0 => self.waiting.push((key, parent, entry, parts)),
            None => self.settle(settings, key, &entry, parts),
        }
    }

    /// Plans what waited for an entry above; those whose entry above never came stand on the top level.
    pub fn finish(&mut self, settings: &Settings) {
        loop {
            let before = self.waiting.len();
            for (key, parent, entry, parts) in std::mem::take(&mut self.waiting) {
                self.add(settings, key, parent, entry, parts);
            }
            if self.waiting.is_empty() {
                return;
            }
            if self.waiting.len() == before {
                let (key, _, entry, parts) = self.waiting.swap_remove(0);
                self.add(settings, key, 0, entry, parts);
            }
        }
    }

    fn settle(&mut self, settings: &Settings, key: i64, entry: &Entry, parts: permalink::Parts) {
        let no_address = entry.status == "trash" || entry.slug.is_empty();
        let unknown = entry.kind == "post" && settings.permalinks.post.contains("{id}");
        if no_address || unknown {
            self.items.insert(key, (None, 1));
            return;
        }
        let mut trial = entry.clone();
        for n in 1.. {
            if n > 1 {
                trial.slug = format!("{}-{n}", entry.slug);
            }
            let Some(path) = permalink::path_of(&trial, settings, &parts) else { break };
            if !permalink::is_reserved(&path, settings) && self.taken.insert(short(&path)) {
                self.items.insert(key, (Some(path.into()), n));
                return;
            }
        }
    }

    /// The number behind an item's slug; 1 for none.
    pub fn number(&self, key: i64) -> u32 {
        self.items.get(&key).map_or(1, |(_, n)| *n)
    }
    /// Where an item will be.
    pub fn path(&self, key: i64) -> Option<&str> {
        self.items.get(&key)?.0.as_deref()
    }
    /// Where the item of an old address will be.
    pub fn by_old(&self, old_path: &str) -> Option<&str> {
        self.path(*self.by_old.get(&short(old_path.trim_end_matches('/')))?)
    }
    /// Whether the file holds such an item.
    pub fn holds(&self, key: i64) -> bool {
        self.items.contains_key(&key)
    }
}
