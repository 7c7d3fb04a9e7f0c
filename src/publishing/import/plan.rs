//! Where each item will be: known before the first one is written, so that texts can link to what comes later.

use std::collections::{BTreeMap, HashMap, HashSet};

use freehold_base::{Capability, Cursor, Page, PageSize, Result, SiteId};
use freehold_platform::sites::Settings;
use freehold_store::{Actor, Store, entries as rows, terms};

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
    /// Addresses that many items want: the number to try next.
    next_number: HashMap<u64, u32>,
    /// Items whose entry above comes later in the file, by its number.
    waiting: BTreeMap<i64, Vec<Waiting>>,
}

/// An item that waits for the entry above it.
#[derive(Debug)]
struct Waiting {
    key: i64,
    entry: Entry,
    parts: permalink::Parts,
}

impl Plan {
    /// Reads what is in use on the site, in many short reads. `imported`: entries of earlier runs with their numbers in
    /// the file.
    pub fn read(store: &Store, site: SiteId, imported: &HashMap<i64, i64>) -> Result<Self> {
        let mut plan = Self::default();
        let mut after = 0;
        loop {
            let part = store.read(&Actor::system(), |tx| {
                let scope = tx.authorize(site, Capability::ImportRun)?;
                rows::addresses(tx, scope, after, READ)
            })?;
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
        let mut page = Page { size: PageSize::new(200), after: None };
        loop {
            let part = store.read(&Actor::system(), |tx| {
                let scope = tx.authorize(site, Capability::ImportRun)?;
                terms::list(tx, scope, None, &page)
            })?;
            let Some(last) = part.last() else { break };
            page.after = Some(Cursor { key: last.name.clone(), id: last.id.get() });
            plan.taken.extend(part.iter().map(|t| short(&t.path)));
        }
        Ok(plan)
    }

    /// Notes an old address of an item.
    pub fn remember(&mut self, old_path: &str, key: i64) {
        self.by_old.insert(short(old_path.trim_end_matches('/')), key);
    }

    /// Plans an item, and what waited for it. `parent` is its number in the file, 0 for none.
    pub fn add(&mut self, settings: &Settings, key: i64, parent: i64, entry: Entry, parts: permalink::Parts) {
        if self.items.contains_key(&key) {
            return;
        }
        let one = Waiting { key, entry, parts };
        match self.items.get(&parent) {
            None if parent != 0 => self.waiting.entry(parent).or_default().push(one),
            above => {
                let above = above.map(|(path, _)| path.as_deref().unwrap_or_default().to_owned());
                self.settle_tree(settings, one, above);
            }
        }
    }

    /// Plans what still waits: those whose entry above never came stand on the top level.
    pub fn finish(&mut self, settings: &Settings) {
        let coming: HashSet<i64> = self.waiting.values().flatten().map(|one| one.key).collect();
        let lost: Vec<i64> = self.waiting.keys().copied().filter(|parent| !coming.contains(parent)).collect();
        for parent in lost {
            self.settle_children(settings, parent);
        }
        // What is left leads in circles: each circle is cut at one place.
        while let Some(parent) = self.waiting.keys().next().copied() {
            self.settle_children(settings, parent);
        }
    }

    /// Puts what waits for an entry that never comes on the top level.
    fn settle_children(&mut self, settings: &Settings, parent: i64) {
        for one in self.waiting.remove(&parent).unwrap_or_default() {
            self.settle_tree(settings, one, None);
        }
    }

    /// Settles an item below an address, then all that waited for it.
    fn settle_tree(&mut self, settings: &Settings, one: Waiting, above: Option<String>) {
        let mut next = vec![(one, above)];
        while let Some((one, above)) = next.pop() {
            if self.items.contains_key(&one.key) {
                continue;
            }
            let parent = above.unwrap_or(one.parts.parent);
            self.settle(settings, one.key, &one.entry, permalink::Parts { parent, ..one.parts });
            let below = self.waiting.remove(&one.key).unwrap_or_default();
            let here = self.path(one.key).unwrap_or_default().to_owned();
            // Taken from the end: in the file's order.
            next.extend(below.into_iter().rev().map(|child| (child, Some(here.clone()))));
        }
    }

    fn settle(&mut self, settings: &Settings, key: i64, entry: &Entry, parts: permalink::Parts) {
        let no_address = entry.status == "trash" || entry.slug.is_empty();
        let unknown = entry.kind == "post" && settings.permalinks.post.contains("{id}");
        if no_address || unknown {
            self.items.insert(key, (None, 1));
            return;
        }
        let Some(plain) = permalink::path_of(entry, settings, &parts) else {
            self.items.insert(key, (None, 1));
            return;
        };
        let wanted = short(&plain);
        let first = self.next_number.get(&wanted).copied().unwrap_or(1);
        let mut trial = entry.clone();
        for n in first.. {
            if n > 1 {
                trial.slug = format!("{}-{n}", entry.slug);
            }
            let Some(path) = permalink::path_of(&trial, settings, &parts) else { break };
            if !permalink::is_reserved(&path, settings) && self.taken.insert(short(&path)) {
                if n > 1 {
                    self.next_number.insert(wanted, n + 1);
                }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use freehold_base::{Clock, UserId};

    use super::*;

    fn page(slug: &str) -> Entry {
        let mut entry = Entry::blank(SiteId(1), "page", UserId(1));
        entry.status = "published".into();
        entry.slug = slug.into();
        entry
    }

    fn add(plan: &mut Plan, settings: &Settings, key: i64, parent: i64, slug: &str) {
        plan.add(settings, key, parent, page(slug), permalink::Parts::default());
    }

    #[test]
    fn children_that_come_first_stand_below_their_parent() {
        let (mut plan, settings) = (Plan::default(), Settings::default());
        add(&mut plan, &settings, 3, 2, "c");
        add(&mut plan, &settings, 2, 1, "b");
        add(&mut plan, &settings, 1, 0, "a");
        add(&mut plan, &settings, 4, 99, "lost");
        add(&mut plan, &settings, 5, 4, "below");
        add(&mut plan, &settings, 6, 7, "round");
        add(&mut plan, &settings, 7, 6, "and-round");
        plan.finish(&settings);
        let paths: Vec<_> = (1..=7).map(|key| plan.path(key).unwrap_or_default().to_owned()).collect();
        assert_eq!(paths[..5], ["/a/", "/a/b/", "/a/b/c/", "/lost/", "/lost/below/"]);
        assert!(paths[5..].iter().all(|path| !path.is_empty()), "{paths:?}");
    }

    #[test]
    fn many_without_a_parent_and_many_of_one_name_take_no_time() {
        let (mut plan, settings, begun) = (Plan::default(), Settings::default(), Clock::instant());
        for key in 1..=20_000 {
            add(&mut plan, &settings, key, 1_000_000 + key, "same");
        }
        plan.finish(&settings);
        assert_eq!((plan.number(1), plan.number(20_000)), (1, 20_000));
        // Quadratic work on so many took minutes.
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
