//! Writing entries, a batch to a transaction: all of a batch is there with its notes, or nothing of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use freehold_base::{Capability, EntryId, Error, OrInternal as _, Result, SiteId};
use freehold_platform::sites::settings;
use freehold_store::imported::{self, Imported};
use freehold_store::{Actor, SiteScope, Store, Tx, entries as rows, paths};

use super::comments;
use super::convert::Ready;
use super::report::Report;
use super::world::{Done, World, print_text};
use crate::content::{Entry, bring};

/// What became of an item.
#[derive(Clone, Debug)]
struct Wrote {
    key: i64,
    id: i64,
    /// False: somebody changed it here since; it was left alone.
    taken: bool,
    comments: Vec<(i64, i64)>,
    redirects: u64,
}

/// What a batch is written with; the writer and who lands it share it.
struct Load {
    site: SiteId,
    source: String,
    batch: Vec<Ready>,
    /// Entries above that are here already, by their numbers in the file.
    known: HashMap<i64, i64>,
}

/// A batch on its way to the disk: the next one is prepared meanwhile.
pub(super) struct Flight {
    load: Arc<Load>,
    thread: JoinHandle<Result<Vec<Wrote>>>,
}

/// Begins to write a batch.
pub(super) fn begin(store: &Store, world: &World, batch: Vec<Ready>) -> Result<Flight> {
    let known = batch
        .iter()
        .filter(|r| r.parent != 0)
        .filter_map(|r| Some((r.parent, world.items.get(&r.parent)?.id)))
        .collect();
    let load = Arc::new(Load { site: world.site, source: world.source.clone(), batch, known });
    let (store, shared) = (store.clone(), Arc::clone(&load));
    let write = move || {
        store.write(&Actor::system(), move |tx| {
            all(tx, shared.site, &shared.source, &shared.batch, &mut shared.known.clone())
        })
    };
    let thread = std::thread::Builder::new().name("import-write".into()).spawn(write);
    Ok(Flight { load, thread: thread.or_internal("starting to write")? })
}

impl Flight {
    /// Whether an item is in it.
    pub(super) fn holds(&self, key: i64) -> bool {
        self.load.batch.iter().any(|r| r.key == key)
    }

    /// How many items are in it.
    pub(super) fn len(&self) -> usize {
        self.load.batch.len()
    }

    /// Waits for it and notes in `world` and `report` what became of it. An item that is refused is left out with the
    /// reason; the others of its batch are written one by one then.
    pub(super) fn land(self, store: &Store, world: &mut World, report: &mut Report) -> Result<()> {
        let wrote = self.thread.join().map_err(|_| Error::internal("writing entries", "the thread panicked"))?;
        match wrote {
            Ok(list) => {
                for (ready, wrote) in self.load.batch.iter().zip(list) {
                    done(world, report, ready, wrote);
                }
                Ok(())
            }
            Err(e @ (Error::Internal { .. } | Error::Retry)) => Err(e),
            Err(e) if is_machine(&e) => Err(e),
            Err(_) => one_by_one(store, world, report, &self.load.batch),
        }
    }
}

fn is_machine(e: &Error) -> bool {
    matches!(e.as_code(), freehold_base::Code::Busy | freehold_base::Code::DiskFull)
}

fn one_by_one(store: &Store, world: &mut World, report: &mut Report, batch: &[Ready]) -> Result<()> {
    for ready in batch {
        let known: HashMap<i64, i64> =
            world.items.get(&ready.parent).map(|d| (ready.parent, d.id)).into_iter().collect();
        let (site, source, one) = (world.site, world.source.clone(), ready.clone());
        let wrote = store
            .write(&Actor::system(), move |tx| all(tx, site, &source, std::slice::from_ref(&one), &mut known.clone()));
        match wrote {
            Ok(list) => list.into_iter().for_each(|w| done(world, report, ready, w)),
            Err(e @ (Error::Internal { .. } | Error::Retry)) => return Err(e),
            Err(e) if is_machine(&e) => return Err(e),
            Err(e) => {
                report.tally("comment").skipped += ready.comments.len() as u64;
                report.skip(&ready.kind, &ready.name, e.sentence());
            }
        }
    }
    Ok(())
}

fn done(world: &mut World, report: &mut Report, ready: &Ready, wrote: Wrote) {
    let tally = report.tally(&ready.kind);
    match (ready.before, wrote.taken) {
        (None, _) => tally.made += 1,
        (Some(_), true) => tally.changed += 1,
        (Some(_), false) => {
            report.tally("comment").unchanged += ready.comments.len() as u64;
            report.skip(&ready.kind, &ready.name, "it was changed there and here; what is here stays");
            return;
        }
    }
    let comments = report.tally("comment");
    comments.made += wrote.comments.len() as u64;
    comments.unchanged += (ready.comments.len() - wrote.comments.len().min(ready.comments.len())) as u64;
    report.redirects += wrote.redirects;
    for note in &ready.notes {
        report.note(&ready.kind, &ready.name, note);
    }
    world.items.insert(wrote.key, Done { id: wrote.id, fingerprint: ready.fingerprint });
    world.comments.extend(wrote.comments);
}

fn all(
    tx: &mut Tx<'_>,
    site: SiteId,
    source: &str,
    batch: &[Ready],
    known: &mut HashMap<i64, i64>,
) -> Result<Vec<Wrote>> {
    let scope = tx.authorize(site, Capability::ImportRun)?;
    let settings = settings::read(tx, scope)?;
    let mut out = Vec::with_capacity(batch.len());
    for ready in batch {
        let wrote = one(tx, scope, &settings, source, ready, known)?;
        known.insert(wrote.key, wrote.id);
        out.push(wrote);
    }
    Ok(out)
}

fn one(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    settings: &freehold_platform::sites::Settings,
    source: &str,
    ready: &Ready,
    known: &HashMap<i64, i64>,
) -> Result<Wrote> {
    let mut entry = ready.entry.clone();
    entry.parent_id = EntryId(known.get(&ready.parent).copied().unwrap_or(0));
    let before = match ready.before {
        Some(id) => rows::find(tx, scope, id).ok(),
        None => None,
    };
    if let (Some(id), None) = (ready.before, &before) {
        // Deleted here for good: somebody did not want it.
        return Ok(Wrote { key: ready.key, id: id.get(), taken: false, comments: Vec::new(), redirects: 0 });
    }
    if let Some(b) = &before {
        if was_edited(tx, scope, b)? {
            return Ok(Wrote { key: ready.key, id: b.id.get(), taken: false, comments: Vec::new(), redirects: 0 });
        }
        keep_identity(&mut entry, b, ready);
    }
    bring::bring(tx, scope.id(), settings, before.as_ref(), &mut entry, ready.terms.clone(), &ready.plain)?;
    let comments = comments::write(tx, scope, source, entry.id, &ready.comments)?;
    let mut redirects = 0;
    for old in ready.old.iter().filter(|old| entry.path.as_ref() != Some(old)) {
        paths::remember(tx, scope, old, &paths::Target::Entry(entry.id))?;
        redirects += 1;
    }
    let thing = Imported {
        kind: "item".into(),
        source_id: ready.key.to_string(),
        target_id: entry.id.get(),
        fingerprint: print_text(ready.fingerprint),
    };
    imported::note(tx, scope, source, &thing)?;
    Ok(Wrote { key: ready.key, id: entry.id.get(), taken: true, comments, redirects })
}

/// Whether somebody saved it here since it was imported.
fn was_edited(tx: &mut Tx<'_>, scope: SiteScope, entry: &Entry) -> Result<bool> {
    let newest = freehold_store::revisions::list(tx, scope, entry.id, 0, 1)?;
    Ok(newest.first().is_some_and(|line| line.action != "import"))
}

/// A newer form of an entry keeps what belongs to the entry here.
fn keep_identity(entry: &mut Entry, before: &Entry, ready: &Ready) {
    entry.id = before.id;
    entry.public_id.clone_from(&before.public_id);
    entry.version = before.version;
    entry.path.clone_from(&before.path);
    entry.created_at = before.created_at;
    entry.template.clone_from(&before.template);
    let fresh = ready.comments.iter().filter(|c| c.before.is_none() && c.row.status == "approved").count();
    entry.comment_count = before.comment_count + i64::try_from(fresh).unwrap_or(0);
    // The slug of the first run, unless the other site gave it a new one.
    if before.slug.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-') == entry.slug {
        entry.slug.clone_from(&before.slug);
    }
}
