//! The passes of an import, one after the other.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use freehold_base::{Capability, Error, MediaId, Result, SiteId};
use freehold_platform::sites::settings;
use freehold_store::{Actor, Store};

use super::convert::{Ready, fingerprint};
use super::files::{self, Wanted};
use super::look::report_of;
use super::plan::Plan;
use super::report::Report;
use super::survey::{Survey, each, key_of, named, survey};
use super::world::{Earlier, World};
use super::{Import, MediaMode, Progress, Watch, menus, people, terms, write};
use crate::library::Library;
use crate::wxr::{Item, Record};

/// Entries in one transaction.
const BATCH: usize = 100;
/// Text in one transaction, in bytes: the writer is not held longer than other people can wait.
const BATCH_BYTES: usize = 2 << 20;
/// Files worked on together: waiting for the network, not for the processor.
const FILES: usize = 4;
/// Files between two reports of progress.
const FILE_BATCH: usize = 16;
/// Files of earlier runs looked up in one read.
const READ: usize = 1000;
/// Places of a theme that a menu may go to by its name.
const PLACES: &[&str] = &["primary", "footer", "social"];

/// A running import.
struct Run<'a, 'w> {
    import: &'a Import<'a>,
    world: World,
    report: Report,
    watch: &'w mut Watch<'w>,
    done: u64,
    total: u64,
}

pub(super) fn run(import: &Import<'_>, watch: &mut Watch<'_>) -> Result<Report> {
    watch(Progress { stage: "Reading the file", done: 0, total: 0 });
    let survey = survey(import.source, import.options.partial)?;
    let report = report_of(&survey);
    let world = world(import, survey)?;
    let is_item = |k: &&String| {
        !k.contains(' ') && !["author", "category", "post_tag", "nav_menu", "comment"].contains(&k.as_str())
    };
    let declared: HashSet<&str> = world.survey.terms.iter().map(|t| t.taxonomy.as_str()).collect();
    let total =
        report.kinds.iter().filter(|(k, _)| is_item(k) && !declared.contains(k.as_str())).map(|(_, t)| t.found).sum();
    let mut watch = |p: Progress| watch(p);
    let mut run = Run { import, world, report, watch: &mut watch, done: 0, total };
    run.go()?;
    let mut report = run.report;
    report.kinds.retain(|_, t| t.found > 0);
    Ok(report)
}

fn world(import: &Import<'_>, survey: Survey) -> Result<World> {
    let source = survey.old.source();
    let site = import.site;
    let (settings, now) = import.store.read(&Actor::system(), |tx| {
        let scope = tx.authorize(site, Capability::ImportRun)?;
        Ok((settings::read(tx, scope)?, tx.now()))
    })?;
    let Earlier { items, comments, others } = Earlier::read(import.store, site, &source)?;
    Ok(World {
        site,
        settings,
        now,
        media: import.options.media,
        raw_html: true, // whoever may import may store HTML as it is written
        survey,
        source,
        authors: HashMap::new(),
        author_slugs: HashMap::new(),
        nobody: people::nobody(import.store, import.options.importer)?,
        terms: HashMap::new(),
        term_numbers: HashMap::new(),
        category_slugs: HashMap::new(),
        term_paths: HashMap::new(),
        files: HashMap::new(),
        attached: HashMap::new(),
        plan: Plan::default(),
        items,
        comments,
        others,
    })
}

impl Run<'_, '_> {
    fn go(&mut self) -> Result<()> {
        let store = self.import.store;
        if !self.tell("People and terms") {
            return Ok(());
        }
        people::bring_all(store, &mut self.world, &mut self.report, self.import.options.author_role)?;
        terms::bring_all(store, &mut self.world, &mut self.report)?;
        self.plan()?;
        self.files()?;
        if !self.report.stopped {
            self.entries()?;
        }
        if !self.report.stopped && self.tell("Menus") {
            menus::bring_all(store, &mut self.world, &mut self.report, PLACES)?;
            self.done = self.total;
            self.tell("Done");
        }
        Ok(())
    }

    /// Reports progress; false: stop.
    fn tell(&mut self, stage: &'static str) -> bool {
        let go_on = (self.watch)(Progress { stage, done: self.done.min(self.total), total: self.total });
        self.report.stopped |= !go_on;
        go_on
    }

    /// Where everything will be.
    fn plan(&mut self) -> Result<()> {
        let by_id: HashMap<i64, i64> = self.world.items.iter().map(|(key, done)| (done.id, *key)).collect();
        let mut plan = Plan::read(self.import.store, self.import.site, &by_id)?;
        let world = &self.world;
        each(self.import.source, self.import.options.partial, &mut |record| {
            if let Record::Item(item) = record
                && is_entry(&item)
            {
                let key = key_of(&item);
                for old in world.old_addresses(&item).iter().filter(|old| !old.starts_with("/?")) {
                    plan.remember(old, key);
                }
                let (entry, terms, _) = world.skeleton(&item);
                let parts = world.parts(&entry, &terms);
                plan.add(&world.settings, key, item.parent, entry, parts);
            }
            Ok(true)
        })?;
        plan.finish(&self.world.settings);
        self.world.plan = plan;
        Ok(())
    }

    /// Brings files into the library, or leaves them where they are.
    fn files(&mut self) -> Result<()> {
        for (key, file) in &self.world.survey.files {
            if file.parent > 0 {
                self.world.attached.entry(file.parent).or_default().push(*key);
            }
        }
        self.world.attached.values_mut().for_each(|list| list.sort_unstable());
        let (MediaMode::Take, Some((origin, library))) = (self.import.options.media, self.import.files) else {
            let tally = self.report.tally("attachment");
            tally.skipped = tally.found;
            return Ok(());
        };
        self.earlier_files()?;
        let opened = origin.open()?;
        let mut batch: Vec<Wanted> = Vec::new();
        let (source, partial) = (self.import.source, self.import.options.partial);
        let mut seen = HashSet::new();
        each(source, partial, &mut |record| {
            let Record::Item(item) = record else { return Ok(true) };
            if item.kind != "attachment" {
                return Ok(true);
            }
            let key = key_of(&item);
            if !seen.insert(key) {
                self.report.skip("attachment", named(&item), "its number stands twice in the file");
                return Ok(true);
            }
            if self.world.files.contains_key(&key) {
                self.report.tally("attachment").unchanged += 1;
                self.done += 1;
                return Ok(true);
            }
            batch.push(files::wanted(&self.world, &item));
            if batch.len() < FILE_BATCH {
                return Ok(true);
            }
            self.file_batch(&opened, library, std::mem::take(&mut batch))
        })?;
        if !batch.is_empty() && !self.report.stopped {
            self.file_batch(&opened, library, batch)?;
        }
        Ok(())
    }

    fn earlier_files(&mut self) -> Result<()> {
        let known: Vec<(i64, i64)> = self
            .world
            .others
            .iter()
            .filter(|((kind, _), _)| kind == "file")
            .filter_map(|((_, key), done)| Some((key.parse().ok()?, done.id)))
            .collect();
        let site = self.import.site;
        for part in known.chunks(READ) {
            let found = self.import.store.read(&Actor::system(), |tx| {
                let scope = tx.authorize(site, Capability::ImportRun)?;
                let here = |(key, id): &(i64, i64)| Some((*key, files::earlier(tx, scope, *id)?));
                Ok(part.iter().filter_map(here).collect::<Vec<_>>())
            })?;
            self.world.files.extend(found);
        }
        Ok(())
    }

    fn file_batch(&mut self, opened: &files::Opened<'_>, library: &Library, batch: Vec<Wanted>) -> Result<bool> {
        let results = together(self.import.store, self.import.site, opened, library, &batch);
        for (file, result) in batch.iter().zip(results) {
            self.done += 1;
            match result {
                Ok(id) => {
                    let here = files::note(self.import.store, &self.world, file, id)?;
                    self.world.files.insert(file.key, here);
                    self.report.tally("attachment").made += 1;
                }
                Err(e) if files::is_of_the_file(&e) => {
                    let url: String = file.url.chars().take(300).collect();
                    self.report.skip("attachment", &file.name, format!("{} {url}", e.sentence()));
                }
                Err(e) => return Err(e),
            }
        }
        Ok(self.tell("Files"))
    }

    /// Entries with their comments. Those whose entry above comes later in the file wait for another reading.
    fn entries(&mut self) -> Result<()> {
        let mut waiting: Option<HashSet<i64>> = None;
        let mut force = false;
        loop {
            let before = waiting.as_ref().map(HashSet::len);
            let later = self.entry_pass(waiting.as_ref(), force)?;
            if later.is_empty() || self.report.stopped {
                return Ok(());
            }
            force = before == Some(later.len());
            waiting = Some(later);
        }
    }

    fn entry_pass(&mut self, only: Option<&HashSet<i64>>, force: bool) -> Result<HashSet<i64>> {
        let mut later = HashSet::new();
        let mut seen: HashSet<i64> = HashSet::new();
        let mut batch: Vec<Ready> = Vec::new();
        let mut bytes = 0;
        let (source, partial) = (self.import.source, self.import.options.partial);
        each(source, partial, &mut |record| {
            let Record::Item(item) = record else { return Ok(true) };
            let key = key_of(&item);
            if !is_entry(&item) || only.is_some_and(|o| !o.contains(&key)) {
                return Ok(true);
            }
            if !seen.insert(key) {
                if only.is_none() {
                    self.report.tally("comment").skipped += item.comments.len() as u64;
                    self.report.skip(&item.kind, named(&item), "its number stands twice in the file");
                }
                return Ok(true);
            }
            let Some(ready) = self.next(&item, &batch, &mut later, force) else { return Ok(true) };
            bytes += ready.entry.document.len() + ready.entry.fields.len();
            batch.push(ready);
            if batch.len() < BATCH && bytes < BATCH_BYTES {
                return Ok(true);
            }
            bytes = 0;
            self.write(std::mem::take(&mut batch))
        })?;
        if !self.report.stopped {
            self.write(batch)?;
        }
        Ok(later)
    }

    /// The item as it will be written; none where it is here already, waits or is refused.
    fn next(&mut self, item: &Item, batch: &[Ready], later: &mut HashSet<i64>, force: bool) -> Option<Ready> {
        let key = key_of(item);
        if let Some(known) = self.world.items.get(&key)
            && known.fingerprint == fingerprint(item)
        {
            self.report.tally(&item.kind).unchanged += 1;
            self.report.tally("comment").unchanged += item.comments.len() as u64;
            self.done += 1;
            if self.done.is_multiple_of(5000) {
                self.tell("Entries");
            }
            return None;
        }
        let above = if item.parent != key && self.world.plan.holds(item.parent) { item.parent } else { 0 };
        let is_there = |key| self.world.items.contains_key(&key) || batch.iter().any(|r| r.key == key);
        let mut parent = above;
        if above != 0 && !is_there(above) {
            if !force {
                later.insert(key);
                return None;
            }
            parent = 0;
            self.report.note(&item.kind, named(item), "the entry above it is not here; it stands on top now");
        }
        match self.world.ready(item, parent) {
            Ok(ready) => Some(ready),
            Err(why) => {
                self.report.tally("comment").skipped += item.comments.len() as u64;
                self.report.skip(&item.kind, named(item), why);
                self.done += 1;
                None
            }
        }
    }

    fn write(&mut self, batch: Vec<Ready>) -> Result<bool> {
        self.done += batch.len() as u64;
        write::batch(self.import.store, &mut self.world, &mut self.report, batch)?;
        Ok(self.tell("Entries"))
    }
}

fn is_entry(item: &Item) -> bool {
    !matches!(item.kind.as_str(), "attachment" | "nav_menu_item")
}

/// Fetches files side by side; results in the order of `batch`.
fn together(
    store: &Store,
    site: SiteId,
    opened: &files::Opened<'_>,
    library: &Library,
    batch: &[Wanted],
) -> Vec<Result<MediaId>> {
    let results: Mutex<Vec<Option<Result<MediaId>>>> = Mutex::new(batch.iter().map(|_| None).collect());
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for _ in 0..FILES.min(batch.len()) {
            threads.spawn(|| {
                loop {
                    let n = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let Some(file) = batch.get(n) else { return };
                    let result = opened.fetch(store, site, library, file);
                    let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    if let Some(place) = results.get_mut(n) {
                        *place = Some(result);
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.into_iter().map(|r| r.unwrap_or_else(|| Err(Error::internal("fetching files", "a thread ended")))).collect()
}
