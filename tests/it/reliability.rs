//! Security rules F: data and staying up.

use std::sync::Arc;

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
