//! Bytes of files are counted, whichever door they take (row H008).

use freehold_base::{AccountId, Capability, Clock};
use freehold_store::{Actor, Store, StoreOptions, traffic};

use super::harbour::{Harbour, PASSWORD};

/// Services of account 1 with the bytes that were written down, by name.
fn counted(harbour: &Harbour) -> Vec<(String, i64)> {
    let data = harbour.node.data.path().to_owned();
    let options = StoreOptions { data, database_url: harbour.node.database_url.clone(), readers: 1 };
    let store = Store::open_beside(&options, Clock::system()).unwrap();
    let days = store.read(&Actor::system(), |tx| {
        let scope = tx.authorize_account(AccountId(1), Capability::UsageRead)?;
        traffic::of_account(tx, scope, 0, i64::from(i32::MAX))
    });
    days.unwrap().into_iter().filter(|d| d.service != "web").map(|d| (d.service, d.bytes)).collect()
}

// row: H008
#[test]
fn h008_bytes_of_every_door_to_files_are_counted_for_their_service() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let up = harbour.file("up", &[b'x'; 5000]);
        let down = harbour.desk.path().join("down").display().to_string();
        assert_eq!(harbour.curl("mara", &["-T", &up], "/by-dav").0, 201);
        assert_eq!(harbour.curl("mara", &[], "/by-dav").0, 200);
        harbour.sftp("mara", PASSWORD, &format!("put {up} by-sftp\nget by-sftp {down}\nget by-sftp {down}\n")).good();
        assert_eq!(harbour.lftp("mara", &format!("put {up} -o by-ftp; rm by-ftp")).code, 0);
        let all = [("ftp".to_owned(), 5000), ("sftp".into(), 15_000), ("webdav".into(), 10_000)];
        crate::support::until("all of it is written down", || counted(&harbour) == all);
    }
}
