//! Security rule F2: kill -9 at any moment while many write through the panel. What was answered is there, and nothing
//! is there by halves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use freehold_base::{Clock, EntryId, Result, SiteId};
use freehold_platform::audit;
use freehold_publishing::content::versions;
use freehold_store::{Actor, Store, StoreOptions, entries, testing};

use crate::node::{Browser, Launch, Node, location};

const SITE: SiteId = SiteId(1);
const WRITERS: usize = 4;

/// What was answered of an entry: its title, and whether it lies in the trash.
type Answered = BTreeMap<i64, (String, bool)>;

/// Writes until the node is gone: new posts, edits, and some to the trash.
fn write(browser: &Browser, next: &AtomicUsize, answered: &Mutex<Answered>) {
    loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        let words = format!("Words of post {n}. {}", "And more. ".repeat(n % 50));
        let title = format!("Post {n}");
        let form = [("title", title.as_str()), ("do", "publish"), ("source", "markdown"), ("markdown", &words)];
        let Some(to) = try_post(browser, "/admin/s/1/posts/new", &form) else { return };
        let id: i64 = to.split(['?', '/']).filter_map(|part| part.parse().ok()).next_back().unwrap();
        let note = |title: &str, trashed| {
            let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
            answered.insert(id, (title.to_owned(), trashed));
        };
        note(&title, false);
        if n.is_multiple_of(2) {
            let title = format!("Post {n}, better");
            let form = [("title", title.as_str()), ("version", "1"), ("do", "publish")];
            forget(answered, id);
            if try_post(browser, &format!("/admin/s/1/posts/{id}"), &form).is_none() {
                return;
            }
            note(&title, false);
            if n.is_multiple_of(4) {
                forget(answered, id);
                if try_post(browser, &format!("/admin/s/1/entries/{id}/trash"), &[]).is_none() {
                    return;
                }
                note(&title, true);
            }
        }
    }
}

/// While a change is on its way, the old state and the new one are both right: only wholeness is asked.
fn forget(answered: &Mutex<Answered>, id: i64) {
    answered.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
}

/// Where it leads to, or nothing where the node is gone.
fn try_post(browser: &Browser, path: &str, form: &[(&str, &str)]) -> Option<String> {
    let answer = browser.try_post(path, form).ok()?;
    assert_eq!(answer.status(), 303, "{path}: {}", answer.text().unwrap_or_default());
    Some(location(&answer))
}

/// The database after the fall, without the node.
fn check(launch: &Launch, answered: &Answered) {
    let database_url = launch.database_url().to_owned();
    let options = StoreOptions { data: launch.data().to_owned(), database_url, readers: 2 };
    let store = Store::open(&options, Clock::system()).unwrap();
    assert_eq!(testing::faults(&store).unwrap(), "");
    let chains = audit::verify_all(&store, &Actor::system()).unwrap();
    assert!(chains.chains >= 2 && chains.broken.is_empty(), "the server's and the account's: {chains:?}");
    // In pieces: a read has five seconds.
    for part in answered.iter().collect::<Vec<_>>().chunks(500) {
        let found = store.read(&Actor::system(), |tx| {
            let scope = tx.visit(SITE)?;
            part.iter().map(|(id, _)| entries::find(tx, scope, EntryId(**id))).collect::<Result<Vec<_>>>()
        });
        for (entry, (id, (title, trashed))) in found.unwrap().iter().zip(part) {
            assert_eq!((&entry.title, entry.status == "trash"), (title, *trashed), "entry {id}");
        }
    }
    store
        .read(&Actor::system(), |tx| {
            let scope = tx.visit(SITE)?;
            let all =
                entries::list(tx, scope, &entries::Filter::default(), entries::Sort::Updated, &Default::default())?;
            for (card, ..) in all {
                let newest = versions::list(tx, SITE, card.id, 0, 1)?;
                assert_eq!(newest.first().map(|v| v.version), Some(card.version), "an entry without its version");
            }
            Ok(())
        })
        .unwrap();
}

// rule: F2
#[test]
fn f02_what_was_answered_survives_kill_9() {
    let times = if crate::support::full() { 200 } else { 5 };
    for launch in Launch::all() {
        let launch = launch.env("FREEHOLD__LOG", "warn");
        let mut node: Node = launch.start();
        let mut browser = Browser::of(&node);
        browser.set_up(&node);
        let (next, mut answered) = (AtomicUsize::new(0), Mutex::default());
        for turn in 0..times {
            std::thread::scope(|scope| {
                for _ in 0..WRITERS {
                    scope.spawn(|| write(&browser, &next, &answered));
                }
                // Any moment will do; these are spread over the writes, however fast the machine is.
                let enough = next.load(Ordering::SeqCst) + 5 + turn * 37 % 60;
                while next.load(Ordering::SeqCst) < enough {
                    std::thread::sleep(Duration::from_millis(1));
                }
                node.kill();
            });
            check(&launch, answered.get_mut().unwrap());
            node = launch.start();
            browser = browser.moved(&node);
        }
        let kept = answered.into_inner().unwrap().len();
        println!("{times} kills, {kept} answered entries, 0 lost");
        assert!(kept > 0, "something was written");
    }
}
