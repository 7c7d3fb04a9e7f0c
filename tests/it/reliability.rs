//! Security rules F: data and staying up.

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Capability, Code};
use freehold_store::{Actor, Store, installation, testing};

use crate::support::stores;

// rule: F1
#[test]
fn f01_readers_and_writers_at_once_are_never_refused() {
    for t in stores() {
        let store = Arc::new(t.store.clone());
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let store = store.clone();
                std::thread::spawn(move || {
                    for i in 0..40 {
                        let name = format!("k{n}-{i}");
                        store.write(&Actor::system(), move |tx| installation::set(tx, &name, "v")).unwrap();
                        let name = format!("k{n}-{i}");
                        let read = store.read(&Actor::system(), move |tx| installation::get(tx, &name)).unwrap();
                        assert_eq!(read.as_deref(), Some("v"), "a write is visible once it is answered");
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

// rule: F1
#[test]
fn f01_a_read_connection_cannot_write() {
    for t in stores() {
        let written = t.store.read(&Actor::system(), |tx| installation::set(tx, "k", "v"));
        assert!(written.is_err());
    }
}

// rule: F2
#[test]
fn f02_what_was_answered_is_there_after_reopening() {
    for t in stores() {
        t.store.write(&Actor::system(), |tx| installation::set(tx, "k", "v")).unwrap();
        let again = Store::open(&t.options, t.clock.clone()).unwrap();
        assert_eq!(again.read(&Actor::system(), |tx| installation::get(tx, "k")).unwrap().as_deref(), Some("v"));
    }
}

fn wal_bytes(t: &crate::support::TestStore) -> u64 {
    std::fs::metadata(t.options.data.join("freehold.db-wal")).map_or(0, |m| m.len())
}

// rule: F4
#[test]
fn f04_a_reader_that_holds_on_is_cut_and_the_log_is_short_again() {
    const SHORT: u64 = 8 << 20;
    for t in stores() {
        testing::set_read_limit(&t.store, Duration::from_millis(300));
        let (holding, held) = crossbeam_channel::bounded::<()>(1);
        let (go_on, told) = crossbeam_channel::bounded::<()>(1);
        let reader = t.store.clone();
        let reader = std::thread::spawn(move || {
            reader.read(&Actor::system(), |tx| {
                installation::get(tx, "k")?;
                holding.send(()).unwrap();
                told.recv().unwrap();
                installation::get(tx, "k")
            })
        });
        held.recv().unwrap();
        let large = "x".repeat(1 << 20);
        for n in 0..12 {
            let (name, value) = (format!("large-{n}"), large.clone());
            t.store.write(&Actor::system(), move |tx| installation::set(tx, &name, &value)).unwrap();
        }
        if t.store.is_sqlite() {
            assert!(wal_bytes(&t) > SHORT, "the held snapshot keeps the log: {}", wal_bytes(&t));
        }
        std::thread::sleep(Duration::from_millis(300)); // its time, counted from before it told us
        go_on.send(()).unwrap();
        assert_eq!(reader.join().unwrap().unwrap_err().as_code(), Code::Busy);
        // Nobody writes any more: the writer goes on looking until the log is short.
        while wal_bytes(&t) > SHORT {
            std::thread::sleep(Duration::from_millis(20));
        }
        let read = t.store.read(&Actor::system(), |tx| installation::get(tx, "large-11")).unwrap();
        assert_eq!(read.map(|v| v.len()), Some(1 << 20));
    }
}

// rule: F4
#[test]
fn f04_a_statement_without_an_end_is_ended() {
    for t in stores() {
        testing::set_read_limit(&t.store, Duration::from_millis(50));
        assert_eq!(testing::read_for_ever(&t.store).unwrap_err().as_code(), Code::Busy);
        testing::set_read_limit(&t.store, Duration::from_secs(5));
        assert!(t.store.read(&Actor::system(), |tx| installation::get(tx, "k")).is_ok(), "the next read is fine");
    }
}

// rule: A4, F4
#[test]
fn a04_a_reader_that_panics_leaves_its_connection_clean() {
    for t in stores() {
        for _ in 0..12 {
            let store = t.store.clone();
            let panicked = std::thread::spawn(move || store.read::<()>(&Actor::system(), |_| panic!("planted"))).join();
            assert!(panicked.is_err());
        }
        for _ in 0..12 {
            assert!(t.store.read(&Actor::system(), |tx| installation::get(tx, "k")).is_ok());
        }
    }
}

// rule: F12
#[test]
fn f12_a_database_of_a_newer_release_is_refused_and_untouched() {
    for t in stores() {
        testing::execute(&t.store, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").unwrap();
        let refused = Store::open(&t.options, t.clock.clone()).err().expect("refused");
        assert_eq!(refused.as_code(), Code::DatabaseNewer);
        assert!(refused.sentence().contains("Start that version"), "{refused}");
        let server = t.store.read(&Actor::system(), |tx| tx.authorize_server(Capability::ServerRead).map(|_| ()));
        assert!(server.is_ok(), "the running one goes on");
    }
}

#[test]
fn an_unusable_data_folder_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain-file");
    std::fs::write(&file, "x").unwrap();
    let options = freehold_store::StoreOptions { data: file, database_url: String::new(), readers: 1 };
    let refused = Store::open(&options, freehold_base::Clock::system()).err().expect("refused");
    assert!(refused.sentence().contains("--data"), "{refused}");
}
