//! Power loss: from the notes of a run, the disk as it may look after a fall at any moment. What was synced is there;
//! of what was not, any part may be, in any order, down to single sectors.

use std::collections::BTreeMap;

use freehold_store::Actor;

use crate::layer::{self, Op};
use crate::town;

const SECTOR: usize = 512;

/// Small and with a seed, so that a fall can be had again.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    fn flips(&mut self) -> bool {
        self.next() & 1 == 0
    }
}

/// One file: what is safe, and what came since.
#[derive(Clone, Default)]
struct Kept {
    safe: Option<Vec<u8>>,
    since: Vec<Op>,
}

/// The disk while a trace runs by.
#[derive(Clone, Default)]
struct Disk {
    files: BTreeMap<String, Kept>,
    acknowledged: Vec<usize>,
    /// For the counter-proof: syncs do nothing.
    lies: bool,
}

fn apply(file: &mut Option<Vec<u8>>, op: &Op, sectors: &mut dyn FnMut() -> bool) {
    match op {
        Op::Write(_, at, bytes) => {
            let file = file.get_or_insert_default();
            // Sectors begin at places of the disk, not of the write.
            let mut from = 0;
            while from < bytes.len() {
                let end = (((at + from) / SECTOR + 1) * SECTOR - at).min(bytes.len());
                if sectors() {
                    if file.len() < at + end {
                        file.resize(at + end, 0);
                    }
                    file[at + from..at + end].copy_from_slice(&bytes[from..end]);
                }
                from = end;
            }
        }
        Op::Truncate(_, size) => file.get_or_insert_default().resize(*size, 0),
        Op::Delete(..) => *file = None,
        Op::Sync(_) | Op::Acknowledged(_) => {}
    }
}

impl Disk {
    fn take(&mut self, op: &Op) {
        match op {
            Op::Acknowledged(n) => self.acknowledged.push(*n),
            Op::Write(name, ..) | Op::Truncate(name, _) | Op::Delete(name, false) => {
                self.files.entry(name.clone()).or_default().since.push(op.clone());
            }
            Op::Delete(name, true) => {
                self.files.insert(name.clone(), Kept::default());
            }
            Op::Sync(_) if self.lies => {}
            Op::Sync(name) => {
                // The first sync of a journal syncs its folder too: who is gone from it stays gone.
                if name.contains('-') && self.files.get(name).is_none_or(|f| f.safe.is_none()) {
                    self.sync_folder();
                }
                let file = self.files.entry(name.clone()).or_default();
                for op in std::mem::take(&mut file.since) {
                    apply(&mut file.safe, &op, &mut || true);
                }
            }
        }
    }

    fn sync_folder(&mut self) {
        for file in self.files.values_mut() {
            if let Some(last) = file.since.iter().rposition(|op| matches!(op, Op::Delete(..))) {
                *file = Kept { safe: None, since: file.since.split_off(last + 1) };
            }
        }
    }

    /// The files after a fall at this moment, in one of the ways it may go.
    fn fall(&self, dice: &mut Dice) -> BTreeMap<String, Vec<u8>> {
        let way = dice.below(4);
        let mut found = BTreeMap::new();
        for (name, file) in &self.files {
            let mut bytes = file.safe.clone();
            for op in &file.since {
                match way {
                    0 => {}                                                   // nothing of it
                    1 => apply(&mut bytes, op, &mut || true),                 // all of it
                    2 if dice.flips() => apply(&mut bytes, op, &mut || true), // some writes
                    2 => {}
                    _ => apply(&mut bytes, op, &mut || dice.flips()), // some sectors
                }
            }
            // The shared index is memory, not disk.
            if let (Some(bytes), false) = (bytes, name.ends_with("-shm")) {
                found.insert(name.clone(), bytes);
            }
        }
        found
    }
}

/// A run of the product on the layer: its trace, and how many transactions it began.
fn run(transactions: usize) -> Vec<Op> {
    let folder = tempfile::tempdir().unwrap();
    layer::watch(folder.path());
    layer::record();
    let store = town::open(folder.path()).unwrap();
    town::found(&store, folder.path());
    let threads: Vec<_> = (0..4)
        .map(|t| {
            let store = store.clone();
            std::thread::spawn(move || {
                for n in (t..transactions).step_by(4) {
                    store.write(&Actor::system(), move |tx| town::transaction(tx, n)).unwrap();
                    layer::acknowledged(n);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    layer::recorded()
}

/// Falls at these places of a trace; what was found wrong.
fn falls(trace: &[Op], places: usize, transactions: usize, lies: bool) -> Vec<String> {
    let mut dice = Dice(0x5eed);
    let mut at: Vec<usize> = (0..places).map(|_| dice.below(trace.len() + 1)).collect();
    at.sort_unstable();
    let mut disk = Disk { lies, ..Disk::default() };
    let (mut done, mut wrong) = (0, Vec::new());
    for place in at {
        for op in &trace[done..place] {
            disk.take(op);
        }
        done = place;
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in disk.fall(&mut dice) {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let found = town::open(folder.path())
            .and_then(|store| town::wrongs(&store, &disk.acknowledged, transactions))
            .unwrap_or_else(|e| vec![format!("it does not open: {e}")]);
        wrong.extend(found.into_iter().map(|w| format!("after {place} of {}: {w}", trace.len())));
    }
    wrong
}

// rule: F2
#[test]
fn f02_nothing_acknowledged_is_lost_when_the_power_goes() {
    let _alone = layer::alone();
    let (transactions, places) = if town::full() { (400, 1000) } else { (60, 50) };
    let trace = run(transactions);
    assert_eq!(trace.iter().filter(|op| matches!(op, Op::Acknowledged(_))).count(), transactions);
    let wrong = falls(&trace, places, transactions, false);
    println!("{places} falls over {} writes and syncs: {} wrong", trace.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// The counter-proof: on a disk that lies about its syncs, the same falls lose something, and this sees it.
#[test]
fn f02_the_falls_would_show_a_loss() {
    let _alone = layer::alone();
    let trace = run(40);
    assert!(!falls(&trace, 12, 40, true).is_empty());
}
