//! The disk refuses (security rule F3): the nth write or sync of an act fails, for n = 1, 2, 3 … until it does not
//! reach that many. Whatever fails, the database is as before or as after, and the next try works.

use std::ffi::c_int;

use freehold_base::{Code, Error, Result};
use freehold_publishing::content::{self, Changes, Intent, Target, trash};
use freehold_store::{Actor, Store, Tx, entries, installation, testing};
use libsqlite3_sys as ffi;

use crate::layer;
use crate::town::{self, SITE};

/// One act of the product; `n` makes it another one at each try.
type Act = fn(&mut Tx<'_>, usize) -> Result<()>;

fn newest(tx: &mut Tx<'_>) -> Result<freehold_base::EntryId> {
    let scope = tx.visit(SITE)?;
    let filter = entries::Filter { kind: Some("post".into()), live: true, ..Default::default() };
    let found = entries::list(tx, scope, &filter, entries::Sort::Updated, &Default::default())?;
    found.first().map(|(card, ..)| card.id).ok_or_else(|| Error::not_found("entry"))
}

fn write_post(tx: &mut Tx<'_>, n: usize) -> Result<()> {
    town::transaction(tx, n)
}

fn edit(tx: &mut Tx<'_>, n: usize) -> Result<()> {
    let id = newest(tx)?;
    let scope = tx.visit(SITE)?;
    let version = entries::find(tx, scope, id)?.version;
    let changes =
        Changes { title: Some(format!("Edited {n}")), slug: Some(format!("edited-{n}")), ..Default::default() };
    let prepared = content::prepare(changes, false)?;
    content::save(tx, SITE, &Target::Existing(id, Some(version)), &prepared, Intent::Publish).map(|_| ())
}

fn trash_and_restore(tx: &mut Tx<'_>, _: usize) -> Result<()> {
    let id = newest(tx)?;
    trash::trash(tx, SITE, id)?;
    trash::restore(tx, SITE, id).map(|_| ())
}

fn add_term(tx: &mut Tx<'_>, n: usize) -> Result<()> {
    let input = content::terms::TermInput { name: format!("Term {n}"), ..Default::default() };
    content::terms::add(tx, SITE, "category", &input).map(|_| ())
}

/// More than SQLite keeps in memory: it must write in the middle of the act.
fn write_much(tx: &mut Tx<'_>, n: usize) -> Result<()> {
    let large = format!("{n} {}", "x".repeat(1 << 20));
    (0..24).try_for_each(|i| installation::set(tx, &format!("large-{i}"), &large))
}

const ACTS: [(&str, Act); 4] = [
    ("write a post", write_post),
    ("edit it", edit),
    ("trash and restore it", trash_and_restore),
    ("add a term", add_term),
];

fn ready() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    layer::watch(folder.path());
    let store = town::open(folder.path()).unwrap();
    town::found(&store, folder.path());
    store.write(&Actor::system(), |tx| town::transaction(tx, 9_999_999)).unwrap();
    (folder, store)
}

/// The nth write fails until the act needs fewer than n.
fn loop_over(store: &Store, name: &str, act: Act, error: c_int, once: bool) -> usize {
    for n in 1.. {
        assert!(n < 5000, "{name}: no end of it");
        let before = testing::dump(store).unwrap();
        layer::refuse(n as u64, error, once);
        let result = store.write(&Actor::system(), move |tx| act(tx, n));
        let refused = layer::allow();
        let after = testing::dump(store).unwrap();
        match &result {
            Ok(()) => assert_ne!(before, after, "{name}, {n}: done, but nothing changed"),
            Err(e) => {
                assert!(refused > 0, "{name}, {n}: {e}");
                assert!(before == after, "{name}, {n}: refused, but something changed");
                let clear = if error == ffi::SQLITE_FULL { Code::DiskFull } else { Code::Internal };
                assert_eq!(e.as_code(), clear, "{name}, {n}: {e}");
            }
        }
        if refused == 0 {
            return n;
        }
        // The next try works.
        store.write(&Actor::system(), move |tx| act(tx, 100_000 + n)).unwrap_or_else(|e| panic!("{name}, {n}: {e}"));
        assert_eq!(testing::faults(store).unwrap(), "", "{name}, {n}");
    }
    0
}

// rule: F3
#[test]
fn f03_a_full_or_broken_disk_leaves_nothing_half_done() {
    let _alone = layer::alone();
    for (error, once) in [
        (ffi::SQLITE_FULL, false),
        (ffi::SQLITE_FULL, true),
        (ffi::SQLITE_IOERR_WRITE, true),
        (ffi::SQLITE_IOERR_FSYNC, true),
    ] {
        let (_folder, store) = ready();
        for (name, act) in ACTS {
            let turns = loop_over(&store, name, act, error, once);
            assert!(turns > 1, "{name}: it was refused at least once");
        }
        some_places(&store, error, once);
    }
}

/// The acts at single places only: each write of a large one is like the others.
fn some_places(store: &Store, error: c_int, once: bool) {
    for n in [1_u64, 50, 3000] {
        let before = testing::dump(store).unwrap();
        layer::refuse(n, error, once);
        let result = store.write(&Actor::system(), move |tx| write_much(tx, n as usize));
        layer::allow();
        assert!(result.is_err(), "{n}");
        assert!(before == testing::dump(store).unwrap(), "{n}: something changed");
        store.write(&Actor::system(), move |tx| write_much(tx, 100_000 + n as usize)).unwrap();
    }
}

// rule: F3
#[test]
fn f03_a_batch_that_loses_its_ground_is_lost_as_a_whole() {
    let _alone = layer::alone();
    lose_ground(true);
    lose_ground(false);
}

/// Three writes of one batch, the second of which fills the disk for a moment; `minded`: it tells of it.
fn lose_ground(minded: bool) {
    let (_folder, store) = ready();
    let before = testing::dump(&store).unwrap();
    let (begun, has_begun) = crossbeam_channel::bounded::<()>(1);
    let (go_on, told) = crossbeam_channel::bounded::<()>(1);
    std::thread::scope(|scope| {
        // Holds the writer until the three stand in its queue: one batch.
        let first = store.clone();
        let holder = scope.spawn(move || {
            first.write(&Actor::system(), move |tx| {
                let _ = installation::get(tx, "k")?;
                let _ = begun.try_send(());
                let _ = told.recv();
                Ok(())
            })
        });
        has_begun.recv().unwrap();
        let mut writes = Vec::new();
        for name in ["small", "large", "late"] {
            let before = store.writer_figures().queue;
            let writer = store.clone();
            writes.push(scope.spawn(move || {
                writer.write(&Actor::system(), move |tx| match name {
                    "large" if minded => write_much(tx, 1),
                    "large" => {
                        let _ = write_much(tx, 1);
                        Ok(())
                    }
                    _ => installation::set(tx, name, "1"),
                })
            }));
            while store.writer_figures().queue == before {
                std::thread::yield_now(); // in this order into the queue
            }
        }
        // Only once: what would run after it, outside of any transaction, would stay.
        layer::refuse(1, ffi::SQLITE_FULL, !minded);
        go_on.send(()).unwrap();
        holder.join().unwrap().unwrap();
        for write in writes {
            let code = write.join().unwrap().unwrap_err().as_code();
            assert_eq!(code, if minded { Code::DiskFull } else { Code::Internal });
        }
    });
    layer::allow();
    assert!(before == testing::dump(&store).unwrap());
    store.write(&Actor::system(), |tx| installation::set(tx, "k", "v")).unwrap();
}
