use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use freehold_base::{AccountId, EntryId, SiteId};

use super::*;
use crate::web::hosts::{SiteKind, SiteRef};
use crate::web::source::Rendered;

const SITE: SiteId = SiteId(1);

fn site() -> SiteRef {
    SiteRef {
        site: SITE,
        account: AccountId(1),
        host: "a.example".into(),
        origin: "http://a.example".into(),
        kind: SiteKind::Cms,
        redirect_to_main: false,
        suspended: false,
        preview: false,
        below: false,
    }
}

fn page_of(body: String, tags: Vec<Tag>) -> Arc<CachedPage> {
    Arc::new(CachedPage::new(Rendered::html(StatusCode::OK, body, tags), &site(), false))
}

fn key(path: &str) -> PageKey<'_> {
    PageKey { secure: false, site: SiteId(1), origin: "http://a.example", path, query: "" }
}

struct Shelf(PageCache);

impl Shelf {
    fn put(&self, path: &str, body: &str, tags: Vec<Tag>) -> Stored {
        self.put_since(path, body, tags, self.0.epoch())
    }
    fn put_since(&self, path: &str, body: &str, tags: Vec<Tag>, since: u64) -> Stored {
        self.0.store(self.0.hash(&key(path)), &key(path), &page_of(body.into(), tags), since)
    }
    fn get(&self, key: &PageKey<'_>) -> Option<String> {
        let text = |page: &Arc<CachedPage>| String::from_utf8_lossy(&page.identity.body).into_owned();
        self.0.hit(self.0.hash(key), key, text)
    }
    fn has(&self, path: &str) -> bool {
        self.get(&key(path)).is_some()
    }
}

fn entry(id: i64) -> Tag {
    Tag::entry(SITE, EntryId(id))
}

#[test]
fn a_page_is_found_under_its_own_key_only() {
    let shelf = Shelf(PageCache::new(1 << 20, true));
    assert_eq!(shelf.put("/a", "A", vec![]), Stored::Yes);
    assert_eq!(shelf.get(&key("/a")).as_deref(), Some("A"));
    for other in [
        key("/b"),
        PageKey { secure: true, ..key("/a") },
        PageKey { origin: "http://b.example", ..key("/a") },
        PageKey { site: SiteId(2), ..key("/a") },
        PageKey { query: "p=1", ..key("/a") },
    ] {
        assert_eq!(shelf.get(&other), None, "{other:?}");
    }
}

#[test]
fn a_purge_removes_exactly_the_pages_that_carry_the_tag() {
    let shelf = Shelf(PageCache::new(1 << 20, true));
    shelf.put("/1", "one", vec![entry(1), Tag::entry_list(SITE)]);
    shelf.put("/2", "two", vec![entry(2), Tag::entry_list(SITE)]);
    shelf.put("/home", "home", vec![entry(1), entry(2), Tag::entry_list(SITE)]);
    shelf.put("/about", "about", vec![entry(3)]);
    shelf.0.purge(&[entry(1)]);
    assert_eq!(["/1", "/2", "/home", "/about"].map(|p| shelf.has(p)), [false, true, false, true]);
    shelf.0.purge(&[Tag::entry_list(SiteId(2))]);
    assert!(shelf.has("/2"), "another site's list");
    shelf.0.purge(&[Tag::site(SITE)]);
    assert!(shelf.0.is_empty() && shelf.0.bytes() == 0);
}

#[test]
fn a_render_that_began_before_a_purge_stores_nothing_stale() {
    let shelf = Shelf(PageCache::new(1 << 20, true));
    let since = shelf.0.epoch();
    shelf.0.purge(&[entry(1)]);
    assert_eq!(shelf.put_since("/1", "old", vec![entry(1)], since), Stored::Overtaken);
    assert_eq!(shelf.put_since("/2", "fine", vec![entry(2)], since), Stored::Yes);
    assert_eq!(shelf.put("/1", "new", vec![entry(1)]), Stored::Yes);
    let since = shelf.0.epoch();
    shelf.0.purge_all();
    assert_eq!(shelf.put_since("/2", "old", vec![entry(2)], since), Stored::Overtaken);
}

#[test]
fn purges_beyond_memory_overtake_everything_in_flight() {
    let shelf = Shelf(PageCache::new(1 << 20, true));
    let since = shelf.0.epoch();
    for id in 0..17_000 {
        shelf.0.purge(&[entry(id)]);
    }
    assert_eq!(shelf.put_since("/x", "x", vec![entry(99_999)], since), Stored::Overtaken);
}

#[test]
fn memory_is_bounded_and_pages_that_are_read_stay() {
    let shelf = Shelf(PageCache::new(200_000, true));
    shelf.put("/hot", &"h".repeat(4000), vec![]);
    for i in 0..500 {
        assert!(shelf.has("/hot"), "{i}");
        shelf.put(&format!("/{i}"), &"x".repeat(4000), vec![entry(i)]);
        assert!(shelf.0.bytes() <= 200_000, "{i}");
    }
    assert!(!shelf.has("/0") && shelf.has("/499"));
    assert_eq!(shelf.put("/huge", &"x".repeat(100_000), vec![]), Stored::No);
}

#[test]
fn weights_stay_true_through_variants_replacement_and_purge() {
    let shelf = Shelf(PageCache::new(1 << 20, true));
    let hash = shelf.0.hash(&key("/a"));
    let page = page_of("a".repeat(5000), vec![entry(1)]);
    shelf.0.store(hash, &key("/a"), &page, shelf.0.epoch());
    shelf.0.keep(hash, &page, Coding::Gzip, Bytes::from(vec![0; 700]));
    shelf.0.keep(hash, &page, Coding::Gzip, Bytes::from(vec![0; 500]));
    assert_eq!(shelf.0.bytes(), page.weight());
    let second = page_of("b".repeat(3000), vec![entry(1)]);
    shelf.0.store(hash, &key("/a"), &second, shelf.0.epoch());
    shelf.0.keep(hash, &page, Coding::Br, Bytes::from(vec![0; 900]));
    assert_eq!((shelf.0.bytes(), shelf.0.len()), (second.weight(), 1), "a replaced page weighs nothing");
    shelf.0.purge(&[entry(1)]);
    assert_eq!((shelf.0.bytes(), shelf.0.len()), (0, 0));
}

#[test]
fn what_sets_a_cookie_or_is_personal_is_never_stored() {
    let cache = PageCache::new(1 << 20, true);
    let mut with_cookie = Rendered::html(StatusCode::OK, "x", vec![]);
    with_cookie.headers.push((SET_COOKIE, HeaderValue::from_static("a=b")));
    let mut forbidden = Rendered::html(StatusCode::OK, "x", vec![]);
    forbidden.cacheable = false;
    let plain = Rendered::html(StatusCode::OK, "x", vec![]);
    for (rendered, personal) in [(with_cookie, false), (forbidden, false), (plain, true)] {
        let page = Arc::new(CachedPage::new(rendered, &site(), personal));
        assert_eq!(cache.store(cache.hash(&key("/a")), &key("/a"), &page, cache.epoch()), Stored::No);
    }
    assert!(cache.is_empty());
}

#[test]
fn readers_see_either_the_page_or_nothing_while_writers_purge() {
    let shelf = Arc::new(Shelf(PageCache::new(1 << 20, true)));
    let reader = {
        let shelf = Arc::clone(&shelf);
        std::thread::spawn(move || (0..20_000).all(|_| shelf.get(&key("/1")).is_none_or(|text| text == "one")))
    };
    for _ in 0..500 {
        shelf.put("/1", "one", vec![entry(1)]);
        shelf.0.purge(&[entry(1)]);
        assert!(!shelf.has("/1"), "a purge is in force when it returns");
    }
    assert!(reader.join().expect("reader"));
}
