//! A site and the maker of its pages, without a server in between.

use std::sync::Arc;

use freehold_base::{AccountId, Code, CommentId, EntryId, HostName, MediaId, Result, SiteId, TermId, Timestamp};
use freehold_platform::sites::{self, NewSite, Settings, settings};
use freehold_publishing::content::{self, Body, Changes, Intent, Target, terms};
use freehold_publishing::pages::{Answer, Ask, Pages};
use freehold_publishing::themes::Themes;
use freehold_store::media::Media;
use freehold_store::{Actor, Tx, comments, entries, media};

use crate::support::{START, TestStore, stores};

pub const SITE: SiteId = SiteId(1);
pub const HOUR: i64 = 3_600_000;

/// A site and the maker of its pages.
pub struct Town {
    pub t: TestStore,
    pub pages: Pages,
}

pub fn towns() -> Vec<Town> {
    stores().into_iter().map(Town::new).collect()
}

impl Town {
    fn new(t: TestStore) -> Self {
        t.store
            .write(&Actor::system(), |tx| {
                let server = tx.authorize_server(freehold_base::Capability::ServerManage)?;
                let account = freehold_store::testing::account(tx, server, "main")?;
                let host = HostName::parse("a.example")?;
                let new = NewSite { account, title: "Harbour".into(), host, settings: Settings::default() };
                assert_eq!(sites::create(tx, &new)?, SITE);
                Ok(())
            })
            .unwrap();
        freehold_store::testing::execute(
            &t.store,
            "INSERT INTO users (email, name, slug, bio, password_hash, password_scheme, status, locale, appearance, totp_sealed, \
             totp_pending, totp_last_step, created_at, signed_in_at) VALUES ('a@b.example', 'Ada', 'ada', '', '', '', 'active', '', \
             '', '', '', 0, 0, 0)",
        )
        .unwrap();
        Self { t, pages: Pages::new(Arc::new(Themes::open(None).unwrap())) }
    }

    pub fn write<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        let made = self.t.store.write(&Actor::system(), f).unwrap();
        self.pages.snapshots().forget(SITE);
        made
    }

    pub fn set(&self, change: impl Fn(&mut Settings) + Send + 'static) {
        self.write(move |tx| {
            let scope = tx.visit(SITE)?;
            let mut wanted = settings::read(tx, scope)?;
            change(&mut wanted);
            settings::save(tx, SITE, &wanted).map(|_| ())
        });
    }

    pub fn save(&self, kind: &str, changes: Changes) -> EntryId {
        let (kind, prepared) = (kind.to_owned(), content::prepare(changes, false).unwrap());
        self.write(move |tx| {
            content::save(tx, SITE, &Target::New(kind.clone()), &prepared, Intent::Publish).map(|e| e.id)
        })
    }

    /// Posts "Post 1" (the oldest) to "Post n", an hour apart.
    pub fn posts(&self, n: i64, term: Option<TermId>) -> Vec<EntryId> {
        let post = |i: i64| Changes {
            terms: Some(term.into_iter().collect()),
            published_at: Some(Timestamp(START.ms() - (n + 1 - i) * HOUR)),
            ..text(&format!("Post {i}"), &format!("Text number {i}."))
        };
        (1..=n).map(|i| self.save("post", post(i))).collect()
    }

    pub fn category(&self, input: terms::TermInput) -> TermId {
        self.write(move |tx| terms::add(tx, SITE, "category", &input))
    }

    pub fn picture(&self) -> MediaId {
        self.write(|tx| picture(tx, SITE, "The sea"))
    }

    /// An approved comment, `minutes` after the start.
    pub fn comment(&self, entry: EntryId, parent: CommentId, body: &str, minutes: i64) -> CommentId {
        let body = body.to_owned();
        self.write(move |tx| {
            let scope = tx.visit(SITE)?;
            let row = comments::Comment {
                id: CommentId(0),
                entry_id: entry,
                parent_id: parent,
                user_id: 0,
                author_name: "Tove".into(),
                author_email: "tove@example.org".into(),
                author_url: String::new(),
                address: String::new(),
                agent: String::new(),
                body: body.clone(),
                status: "approved".into(),
                created_at: Timestamp(START.ms() + minutes * 60_000),
            };
            entries::add_comments(tx, scope, entry, 1)?;
            comments::insert(tx, scope, &row)
        })
    }

    pub fn answer(&self, address: &str) -> Result<Answer> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        let get = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let number = |name: &str| get(name).and_then(|n| n.parse().ok());
        let ask = Ask {
            site: SITE,
            account: AccountId(1),
            origin: "http://a.example",
            path,
            search: get("s"),
            kind: get("type"),
            order: get("order"),
            before: get("before"),
            after: get("after"),
            page: number("page").or(number("paged")),
            comments: number("comments"),
            feed: get("feed"),
            ..Ask::default()
        };
        self.t.store.read(&Actor::visitor(""), |tx| self.pages.answer(tx, &ask))
    }

    pub fn get(&self, address: &str) -> String {
        match self.answer(address).unwrap() {
            Answer::Body { status: 200, body, .. } => body,
            other => panic!("{address}: {other:?}"),
        }
    }

    pub fn moved(&self, address: &str) -> String {
        match self.answer(address).unwrap() {
            Answer::Moved(to) => to,
            other => panic!("{address}: {other:?}"),
        }
    }

    pub fn is_missing(&self, address: &str) -> bool {
        self.answer(address).is_err_and(|e| e.as_code() == Code::NotFound)
    }
}

pub fn text(title: &str, body: &str) -> Changes {
    Changes { title: Some(title.into()), body: Some(Body::Markdown(body.into())), ..Default::default() }
}

/// The titles "Post n" that a list shows, in its order.
pub fn listed(html: &str) -> Vec<String> {
    let main = html.split("<main").nth(1).unwrap_or_default().split("</main>").next().unwrap_or_default();
    let titles = main.split(">Post ").skip(1).filter_map(|rest| rest.split('<').next());
    titles.map(str::to_owned).collect()
}

/// Where a page's link with this `rel` leads.
pub fn turn(html: &str, rel: &str) -> Option<String> {
    let link = html.split("<nav class=\"pages\"").nth(1)?.split(&format!("<a rel=\"{rel}\" href=\"")).nth(1)?;
    Some(link.split('"').next()?.replace("&amp;", "&"))
}

/// A row of a picture, `/media/abab…/sea.jpg`; its file is nowhere.
pub fn picture(tx: &mut Tx<'_>, site: SiteId, alt: &str) -> Result<MediaId> {
    let scope = tx.visit(site)?;
    let id = MediaId(entries::next_id(tx)?);
    let row = Media {
        id,
        site_id: site,
        public_id: freehold_base::text::uuid(),
        hash: "ab".repeat(32),
        filename: "sea.jpg".into(),
        path: None,
        content_type: "image/jpeg".into(),
        bytes: 1,
        width: 1200,
        height: 800,
        colour: String::new(),
        title: String::new(),
        alt: alt.into(),
        decorative: false,
        caption: String::new(),
        credit: String::new(),
        licence: String::new(),
        uploaded_by: 1,
        created_at: tx.now(),
    };
    media::insert(tx, scope, &row).map(|()| id)
}
