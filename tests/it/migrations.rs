//! Security rule F12: a release's tables can be taken back and brought again, with every row as it was; killed at any
//! moment in between, the database opens and is whole.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::process::{Command, Stdio};

use freehold_base::Clock;
use freehold_doors::cli::seed;
use freehold_store::{Store, StoreOptions, testing};

use crate::node::Launch;
use crate::store::make_site;
use crate::support::{TestStore, full, stores};

/// How a test tells its child what to take back: data folder, a space, the database's address.
const CHILD: &str = "FREEHOLD_TEST_MIGRATE";

/// Rows of many kinds: about so many in all tables together.
fn fill(t: &TestStore, rows: u64) -> BTreeMap<String, String> {
    let site = make_site(&t.store, "a.example");
    let user = "INSERT INTO users (email, name, slug, bio, password_hash, password_scheme, status, locale, appearance, \
         totp_sealed, totp_pending, totp_last_step, created_at, signed_in_at) VALUES ('a@b.example', 'Ada', 'ada', '', '', \
         '', 'active', '', '', '', '', 0, 0, 0)";
    testing::execute(&t.store, user).unwrap();
    // An entry brings about six rows: itself, a version, two terms, a line of the log, a word of the index.
    seed::seed(&t.store, site, rows / 6, &mut |_| {}).unwrap();
    testing::checksums(&t.store).unwrap()
}

/// All other tests on PostgreSQL get a database with its tables.
#[test]
fn the_program_makes_its_tables_in_an_empty_database() {
    let known = std::fs::read_dir("migrations/sqlite").unwrap().count();
    for url in std::iter::once(String::new()).chain(crate::support::empty_postgres()) {
        let node = Launch::new(&url).env("FREEHOLD__LOG", "info").start();
        let said = node.said();
        assert_eq!(said.matches("migrated: ").count(), known, "{said}");
    }
}

fn rows() -> u64 {
    if full() { 100_000 } else { 600 }
}

/// Down to the first release's tables.
fn down(options: &StoreOptions, mut step: impl FnMut()) {
    while testing::revert_last(options).unwrap() > 1 {
        step();
    }
    step();
}

/// Differences of what both have: a table that is not there yet has no sum.
fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    before.iter().filter(|(table, sum)| after.get(*table) != Some(*sum)).map(|(table, _)| table.clone()).collect()
}

// rule: F12
#[test]
fn f12_down_and_back_leaves_every_row_as_it_was() {
    for t in stores() {
        let before = fill(&t, rows());
        let TestStore { store, clock, options, _folder } = t;
        drop(store);
        down(&options, || {});
        let store = Store::open(&options, clock).unwrap();
        let after = testing::checksums(&store).unwrap();
        assert_eq!((differences(&before, &after), before.len()), (Vec::new(), after.len()));
        assert_eq!(testing::faults(&store).unwrap(), "");
    }
}

/// Not a test of its own: what [`f12_killed_at_any_point_the_rows_are_as_they_were`] starts and kills.
#[test]
#[allow(clippy::disallowed_methods)] // how a test tells its child what to do
fn f12_child() {
    let Ok(what) = std::env::var(CHILD) else { return };
    let (data, database_url) = what.split_once(' ').unwrap();
    let options = StoreOptions { data: data.into(), database_url: database_url.into(), readers: 1 };
    loop {
        down(&options, || println!("step"));
        drop(Store::open(&options, Clock::system()).unwrap());
        println!("step");
    }
}

// rule: F12
#[test]
#[allow(clippy::disallowed_methods)] // a test of a fall needs somebody who falls
fn f12_killed_at_any_point_the_rows_are_as_they_were() {
    let points = if full() { 50 } else { 5 };
    for t in stores() {
        let before = fill(&t, rows() / 10);
        let TestStore { store, clock, options, _folder } = t;
        drop(store);
        for point in 0..points {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["migrations::f12_child", "--exact", "--nocapture", "--test-threads", "1"])
                .env(CHILD, format!("{} {}", options.data.display(), options.database_url))
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let out = std::io::BufReader::new(child.stdout.take().unwrap());
            // In the middle of the step after this one, a little later each time.
            let steps =
                out.lines().map_while(Result::ok).filter(|line| line.ends_with("step")).take(point % 7 + 1).count();
            assert_eq!(steps, point % 7 + 1);
            std::thread::sleep(std::time::Duration::from_micros(point as u64 * 211 % 3000));
            child.kill().unwrap();
            child.wait().unwrap();
            let store = Store::open(&options, clock.clone()).unwrap();
            let after = testing::checksums(&store).unwrap();
            assert_eq!(differences(&before, &after), Vec::<String>::new(), "point {point}");
            assert_eq!(testing::faults(&store).unwrap(), "");
        }
    }
}
