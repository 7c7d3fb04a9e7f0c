//! What tests stand on: fresh databases of both kinds.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use freehold_base::{Clock, Timestamp};
use freehold_store::{Store, StoreOptions, testing};

/// A fresh database that goes with the test.
pub struct TestStore {
    /// The database.
    pub store: Store,
    /// Its clock; stands still until moved.
    pub clock: Clock,
    /// Its data folder.
    pub _folder: tempfile::TempDir,
    /// How it was opened.
    pub options: StoreOptions,
}

/// 2026-11-20 08:00 UTC.
pub const START: Timestamp = Timestamp(1_795_161_600_000);

/// The server that `./test` started; none when a developer runs one test by hand.
#[allow(clippy::disallowed_methods)] // how ./test tells its server to the tests
pub fn postgres_url() -> Option<String> {
    std::env::var("FREEHOLD_TEST_POSTGRES_URL").ok()
}

/// Whether the long figures are wanted: `./test --full`.
#[allow(clippy::disallowed_methods)] // how ./test tells its wish to the tests
pub fn full() -> bool {
    std::env::var("FREEHOLD_TEST_FULL").is_ok_and(|v| v == "1")
}

/// One fresh store of each kind.
pub fn stores() -> Vec<TestStore> {
    std::iter::once(String::new()).chain(fresh_postgres()).map(open).collect()
}

/// A fresh database on that server, with its tables.
pub fn fresh_postgres() -> Option<String> {
    postgres_url().map(|url| testing::fresh_database(&url).unwrap())
}

/// A database on that server with nothing in it.
pub fn empty_postgres() -> Option<String> {
    postgres_url().map(|url| testing::empty_database(&url).unwrap())
}

fn open(database_url: String) -> TestStore {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(START);
    let options = StoreOptions { data: folder.path().to_owned(), database_url, readers: 4 };
    let store = Store::open(&options, clock.clone()).unwrap();
    TestStore { store, clock, _folder: folder, options }
}

/// A port that nobody listens on, by TCP or UDP. It lies below those that the kernel gives to connections, so that none
/// of them takes it before it is listened on, and is given once.
pub fn free_port() -> u16 {
    free_ports(1)
}

/// The first of so many such ports that stand in a row.
pub fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = NEXT.fetch_add(u32::from(count), Ordering::SeqCst);
        let first = 10_000 + u16::try_from(std::process::id().wrapping_mul(64).wrapping_add(next) % 20_000).unwrap();
        let is_free = |port: u16| {
            let tcp = std::net::TcpListener::bind(("127.0.0.1", port));
            tcp.is_ok() && std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok()
        };
        if (first..first + count).all(is_free) {
            return first;
        }
    }
}

/// Waits until something is so; a minute is too long.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Clock::instant();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never came: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
