//! Comments against a real store.

use std::net::IpAddr;

use freehold_base::{Capability, Clock, Code, CommentId, EntryId, HostName, Page, SiteId, Timestamp};
use freehold_platform::sites::{self, settings};
use freehold_store::{Actor, Store, StoreOptions, entries};

use super::*;
use crate::content::{self, Changes, Intent, Target, prepare};

struct Room {
    store: Store,
    clock: Clock,
    site: SiteId,
    entry: EntryId,
    _folder: tempfile::TempDir,
}

const FROM: &str = "203.0.113.7";

impl Room {
    fn open(moderation: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Timestamp(1_795_161_600_000));
        let options = StoreOptions { data: folder.path().to_owned(), database_url: String::new(), readers: 2 };
        let store = Store::open(&options, clock.clone()).unwrap();
        let (site, entry) = store
            .write(&Actor::system(), move |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                let account = freehold_store::testing::account(tx, server, "first")?;
                let host = HostName::parse("one.example.org")?;
                let mut wanted = settings::Settings::default();
                wanted.discussion.moderation = moderation.into();
                wanted.discussion.close_after_days = 14;
                let new = sites::NewSite { account, title: "Site".into(), host, settings: wanted };
                let site = sites::create(tx, &new)?;
                let new = freehold_store::users::NewUser {
                    email: "mara@example.org",
                    name: "Mara",
                    slug: "mara",
                    password_hash: "",
                    password_scheme: "",
                    status: "active",
                };
                freehold_store::users::insert(tx, &new)?;
                let changes = Changes { title: Some("Bread".into()), comments_open: Some(true), ..Default::default() };
                let prepared = prepare(changes, false)?;
                let entry = content::save(tx, site, &Target::New("post".into()), &prepared, Intent::Publish)?;
                Ok((site, entry.id))
            })
            .unwrap();
        Self { store, clock, site, entry, _folder: folder }
    }
    fn said(&self, body: &str) -> Said {
        let (name, email) = ("Tove".into(), "tove@example.org".into());
        Said { entry: self.entry, name, email, body: body.into(), ..Default::default() }
    }
    fn say(&self, said: Said) -> freehold_base::Result<Shown> {
        let (site, from) = (self.site, FROM.parse::<IpAddr>().unwrap());
        self.store.write(&Actor::visitor(FROM), move |tx| say(tx, site, &said, from))
    }
    fn decide(&self, id: CommentId, verdict: Verdict) {
        let site = self.site;
        self.store.write(&Actor::system(), move |tx| decide(tx, site, id, verdict)).unwrap();
    }
    fn ids(&self, status: &str) -> Vec<CommentId> {
        let rows = self
            .store
            .read(&Actor::system(), |tx| {
                list(tx, self.site, &Filter { status: status.into(), ..Filter::default() }, &Page::default())
            })
            .unwrap();
        rows.into_iter().map(|(c, ..)| c.id).collect()
    }
    fn count(&self) -> i64 {
        self.store
            .read(&Actor::system(), |tx| {
                let scope = tx.visit(self.site)?;
                Ok(entries::find(tx, scope, self.entry)?.comment_count)
            })
            .unwrap()
    }
}

// row: CO02
#[test]
fn a_first_comment_waits_and_the_next_one_of_the_same_person_does_not() {
    let room = Room::open("first");
    assert_eq!(room.say(room.said("Good bread")).unwrap(), Shown::Waiting);
    assert_eq!((room.count(), room.ids("pending").len()), (0, 1));
    let first = room.ids("pending")[0];
    room.decide(first, Verdict::Approve);
    room.decide(first, Verdict::Approve);
    assert_eq!(room.count(), 1, "approving twice counts once");
    assert!(matches!(room.say(room.said("And cheap")).unwrap(), Shown::Live(_)));
    assert_eq!(room.count(), 2);
    room.decide(first, Verdict::Trash);
    assert_eq!((room.count(), room.ids("trash")), (1, vec![first]));
    let site = room.site;
    let deleted = room.store.write(&Actor::system(), move |tx| delete(tx, site, first));
    assert!(deleted.is_ok() && room.ids("trash").is_empty());
    let live = room.ids("approved")[0];
    let refused = room.store.write(&Actor::system(), move |tx| delete(tx, site, live)).unwrap_err();
    assert_eq!(refused.as_code(), Code::WrongState);
}

// row: CO03
#[test]
fn machines_and_hurried_people_are_held_up() {
    let room = Room::open("none");
    let trap = Said { trap: "http://x".into(), ..room.said("Buy this") };
    assert_eq!(room.say(trap).unwrap(), Shown::Waiting);
    assert!(room.ids("pending").is_empty() && room.ids("spam").is_empty(), "the trap stores nothing");
    assert!(matches!(room.say(room.said("Good bread")).unwrap(), Shown::Live(_)));
    assert_eq!(room.say(room.said("Good bread")).unwrap_err().as_code(), Code::Duplicate);
    assert_eq!(room.say(room.said("https://a https://b https://c")).unwrap(), Shown::Waiting);
    assert_eq!(room.say(room.said(&"https://a ".repeat(11))).unwrap(), Shown::Waiting);
    assert_eq!((room.ids("pending").len(), room.ids("spam").len()), (1, 1));
    let said: Vec<_> = (0..10).map(|n| room.say(room.said(&format!("Number {n}")))).collect();
    let refused = said.iter().filter(|r| matches!(r, Err(e) if e.as_code() == Code::TooManyAttempts)).count();
    assert!(refused > 0, "{said:?}");
    let wrong = Said { name: " ".into(), email: "x".into(), url: "javascript:1".into(), ..room.said("") };
    let fields: Vec<String> = room.say(wrong).unwrap_err().fields().iter().map(|f| f.field.to_string()).collect();
    assert_eq!(fields, ["name", "email", "url", "body"]);
}

// row: CO01
#[test]
fn comments_close_after_their_days_and_answers_stand_below() {
    let room = Room::open("none");
    let Shown::Live(first) = room.say(room.said("First")).unwrap() else { panic!("live") };
    let answer = Said { parent: first, ..room.said("Second") };
    let Shown::Live(second) = room.say(answer).unwrap() else { panic!("live") };
    let stray = Said { parent: CommentId(999), ..room.said("Third") };
    let Shown::Live(third) = room.say(stray).unwrap() else { panic!("live") };
    let parent = |id| room.store.read(&Actor::system(), |tx| find(tx, room.site, id)).unwrap().parent_id;
    assert_eq!((parent(second), parent(third)), (first, CommentId(0)));
    room.clock.advance(std::time::Duration::from_secs(14 * 24 * 3600));
    assert_eq!(room.say(room.said("Late")).unwrap_err().as_code(), Code::CommentsClosed);
    let nowhere = Said { entry: EntryId(999), ..room.said("Where?") };
    assert_eq!(room.say(nowhere).unwrap_err().as_code(), Code::NotFound);
}
