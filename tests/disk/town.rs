//! A site on a database in a folder, and writes of the product on it.

use std::path::Path;
use std::sync::Arc;

use freehold_base::config::Config;
use freehold_base::{Capability, Clock, Result, Secret, SiteId, Timestamp};
use freehold_doors::panel::auth::{FirstRun, first_run_site};
use freehold_platform::accounts::{Accounts, Options};
use freehold_platform::secrets::{Hasher, Keyring, SteadyClock};
use freehold_publishing::content::{self, Body, Changes, Intent, Target};
use freehold_publishing::starts::Start;
use freehold_store::{Actor, Store, StoreOptions, Tx, audit, entries, installation, testing};

pub const SITE: SiteId = SiteId(1);

#[allow(clippy::disallowed_methods)] // how ./test says which size is wanted
pub fn full() -> bool {
    std::env::var("FREEHOLD_TEST_FULL").is_ok_and(|v| v == "1")
}

/// A clock that stands: the same run gives the same rows.
pub fn clock() -> Clock {
    Clock::fixed(Timestamp(1_795_161_600_000))
}

pub fn open(folder: &Path) -> Result<Store> {
    let options = StoreOptions { data: folder.to_owned(), database_url: Config::default().database_url, readers: 4 };
    Store::open(&options, clock())
}

/// The first run.
pub fn found(store: &Store, folder: &Path) {
    let keys = Arc::new(Keyring::open_or_create(&folder.join("key")).unwrap());
    let hasher = Hasher::start(&keys, 4).unwrap();
    let options = Options { panel_url: String::new(), beyond_loopback: false };
    let accounts = Accounts::new(keys, hasher, SteadyClock::following(clock()), options);
    let new = FirstRun {
        title: "Harbour".into(),
        email: "mara@example.org".into(),
        name: "Mara".into(),
        password: accounts.new_password(Secret::text("seven quiet herons wade"), &[]).unwrap(),
        host: "127.0.0.1".into(),
        time_zone: String::new(),
        language: String::new(),
        start: Start::by_name("journal"),
    };
    store.write(&Actor::system(), move |tx| first_run_site(tx, &new).map(|_| ())).unwrap();
}

/// Transaction `n`: a post with all that follows from it (version, terms, index, counts, audit row) between two marks.
pub fn transaction(tx: &mut Tx<'_>, n: usize) -> Result<()> {
    installation::set(tx, &format!("before-{n}"), "1")?;
    let post = Changes {
        title: Some(format!("Post {n}")),
        body: Some(Body::Markdown(format!("Words of post {n}. {}", "More of them. ".repeat(n % 40 * 8)))),
        tags: Some(vec![format!("tag {}", n % 7)]),
        ..Default::default()
    };
    content::save(tx, SITE, &Target::New("post".into()), &content::prepare(post, false)?, Intent::Publish)?;
    installation::set(tx, &format!("after-{n}"), "1")
}

/// Which parts of transaction `n` are there: both marks, and the post at its address.
fn parts(tx: &mut Tx<'_>, n: usize) -> Result<[bool; 3]> {
    let before = installation::get(tx, &format!("before-{n}"))?.is_some();
    let after = installation::get(tx, &format!("after-{n}"))?.is_some();
    let post = find_post(tx, n)?;
    Ok([before, after, post])
}

fn find_post(tx: &mut Tx<'_>, n: usize) -> Result<bool> {
    let scope = tx.visit(SITE)?;
    let words = freehold_store::search::words_of(&format!("Post {n}"));
    let query = freehold_store::search::Query {
        words: &words,
        visible_only: true,
        kind: Some("post"),
        order: freehold_store::search::Order::Newest,
        skip: 0,
        limit: 500,
    };
    for id in freehold_store::search::find(tx, scope, &query)? {
        if entries::find(tx, scope, id.into())?.title == format!("Post {n}") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is wrong with a database after a fall: torn transactions, lost ones among those acknowledged, a broken file or
/// audit chain. `begun`: transactions 0 to `begun` may be there.
pub fn wrongs(store: &Store, acknowledged: &[usize], begun: usize) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let faults = testing::faults(store)?;
    if !faults.is_empty() {
        wrong.push(format!("the file: {faults}"));
    }
    store.read(&Actor::system(), |tx| {
        let founded = tx.visit(SITE).is_ok();
        if !founded {
            wrong.extend(acknowledged.first().map(|_| "everything is gone".to_owned()));
            return Ok(());
        }
        for n in 0..begun {
            match (parts(tx, n)?, acknowledged.contains(&n)) {
                ([true, true, true], _) | ([false, false, false], false) => {}
                ([false, false, false], true) => wrong.push(format!("transaction {n} was acknowledged and is lost")),
                (some, _) => wrong.push(format!("transaction {n} is torn: {some:?}")),
            }
        }
        let server = tx.authorize_server(Capability::ServerRead)?;
        for chain in ["server", "account:1"] {
            if let Some(place) = audit::verify(tx, server, chain)? {
                wrong.push(format!("the audit chain {chain} breaks at {place}"));
            }
        }
        Ok(())
    })?;
    Ok(wrong)
}
