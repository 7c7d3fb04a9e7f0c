//! Versions, unsaved words and two people at one entry: nothing that somebody wrote is lost or changed in silence.

use freehold_base::{Capability, Clock, EntryId, HostName, SiteId, TermId};
use freehold_platform::sites;
use freehold_publishing::content::{self, Changes, Intent, Target, TermsOf, prepare, terms};
use freehold_store::{Actor, Store, StoreOptions, testing};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::node::{Launch, location, visit};
use crate::world::World;

/// Somebody who is signed in, at a screen.
struct Person<'a> {
    world: &'a World,
    http: Client,
    cookie: String,
}

impl<'a> Person<'a> {
    fn of(world: &'a World, name: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let cookie = format!("freehold_session={}", world.person(name).cookie().unwrap());
        Self { world, http, cookie }
    }
    fn send(&self, request: reqwest::blocking::RequestBuilder) -> Response {
        request.header("cookie", &self.cookie).header("sec-fetch-site", "same-origin").send().unwrap()
    }
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.world.node.panel)
    }
    fn get(&self, path: &str) -> (u16, String) {
        let answer = self.send(self.http.get(self.url(path)));
        (answer.status().as_u16(), answer.text().unwrap().replace("&#x2F;", "/"))
    }
    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.send(self.http.post(self.url(path)).form(form))
    }
    /// What the script sends a second after the last key.
    fn types(&self, path: &str, version: i64, title: &str, words: &str) -> (u16, Value) {
        let text = json!({"type": "doc", "attrs": {"version": 1}, "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": words}]}]});
        self.puts(path, &json!({"version": version, "title": title, "document": text, "tags": "", "new_category": ""}))
    }
    fn puts(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.put(self.url(path)).header("content-type", "application/json").body(body.to_string());
        let answer = self.send(request);
        (answer.status().as_u16(), serde_json::from_str(&answer.text().unwrap()).unwrap_or_default())
    }
    /// A post with these words; its number.
    fn writes(&self, title: &str, words: &str, act: &str) -> String {
        let form = [("title", title), ("do", act), ("source", "markdown"), ("markdown", words)];
        let answer = self.post("/admin/s/1/posts/new", &form);
        let to = location(&answer);
        to.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }
}

fn worlds() -> Vec<World> {
    Launch::all().iter().map(|launch| World::start(launch, 6)).collect()
}

/// The version that a page's form carries.
fn version_in(html: &str) -> i64 {
    let after = html.split("name=\"version\" value=\"").nth(1).expect("a version");
    after.split('"').next().unwrap().parse().unwrap()
}

/// Addresses in a page with this in them.
fn links(html: &str, part: &str) -> Vec<String> {
    let plain = html.replace("&#x2F;", "/").replace("&amp;", "&");
    let all = plain.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned());
    all.filter(|href| href.contains(part)).collect()
}

// row: CM11
#[test]
fn versions_are_listed_compared_and_brought_back_whole_or_by_the_block() {
    for world in worlds() {
        let mara = Person::of(&world, "editor");
        let id = mara.writes("Harbour", "Three weeks of ice.\n\nThis goes.", "save");
        let (post, own) = (format!("/admin/s/1/posts/{id}"), format!("/admin/s/1/entries/{id}/versions"));
        let later = [
            ("title", "Winter harbour"),
            ("version", "1"),
            ("do", "save"),
            ("source", "markdown"),
            ("markdown", "A month of ice."),
            ("excerpt", "Cold."),
        ];
        assert_eq!(mara.post(&post, &later).status(), 303);
        assert!(mara.get(&post).1.contains(&own), "the writing page leads there");
        assert!(mara.get("/admin/s/1/posts").1.contains(&own), "the list leads there");

        let (status, page) = mara.get(&own);
        assert_eq!(status, 200, "{page}");
        for part in ["<del>Three weeks</del>", "<ins>A month</ins>", "<del>This goes.</del>", "First version", "1 of 2"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(page.contains("+ 5 words") && page.contains("\u{2212} 5 words"), "{page}");
        let (_, inline) = mara.get(&format!("{own}?view=text"));
        assert!(inline.contains("<del>Three weeks</del><ins>A month</ins> of ice."), "{inline}");
        let (_, settings) = mara.get(&format!("{own}?view=settings"));
        assert!(settings.contains("<ins>Cold.</ins>") && settings.contains("winter-harbour"), "{settings}");

        // One block: what goes comes back, into the text as it is now.
        let first = links(&page, &format!("{own}/")).last().unwrap().clone();
        let first = first.split('?').next().unwrap();
        let block = [("seen", "2"), ("old", "1"), ("new", ""), ("at", "1")];
        let back = mara.post(&format!("{first}/block"), &block);
        assert_eq!(back.status(), 303);
        let page = mara.get(&location(&back)).1;
        assert!(page.contains("The block is back") && !page.contains("<del>This goes.</del>"), "{page}");
        assert_eq!(mara.post(&format!("{first}/block"), &block).status(), 409, "it was made on an older version");

        // All of it, and undone: the version before is itself a version.
        let back = mara.post(&format!("{first}/restore"), &[("seen", "3")]);
        assert_eq!(back.status(), 303);
        let to = location(&back);
        let page = mara.get(&to).1;
        assert!(page.contains("The version is back") && page.contains("Undo"), "{page}");
        assert!(mara.get(&post).1.contains("Three weeks of ice."));
        let undo = to.split("undo=").nth(1).unwrap();
        assert_eq!(mara.post(&format!("{own}/{undo}/restore"), &[("undo", "1")]).status(), 303);
        let words = mara.get(&post).1;
        assert!(words.contains("A month of ice.") && words.contains("This goes."), "{words}");

        assert_eq!(mara.get(&format!("{own}/999999")).0, 404);
        assert_eq!(mara.get(&format!("{own}/x")).0, 404);
        let stranger = Person::of(&world, "author");
        assert_eq!(stranger.get(&own).0, 404, "a draft of somebody else");
        assert_eq!(stranger.post(&format!("{first}/restore"), &[]).status(), 404);
    }
}

// row: CM13
#[test]
fn a_draft_saves_itself_and_a_session_of_writing_is_one_version() {
    for world in worlds() {
        let mara = Person::of(&world, "editor");
        let (status, began) = mara.types("/admin/s/1/posts/new", 0, "W", "W");
        assert_eq!(status, 200, "{began}");
        let id = began["id"].as_i64().unwrap();
        let save = format!("/admin/s/1/entries/{id}/autosave");
        let mut version = began["version"].as_i64().unwrap();
        for words in ["Winter", "Winter words", "Winter words that grew"] {
            let (status, answer) = mara.types(&save, version, "Winter harbour", words);
            assert_eq!((status, &answer["saved"]), (200, &json!(true)), "{answer}");
            version = answer["version"].as_i64().unwrap();
        }
        assert!(mara.get("/admin/s/1/posts").1.contains("Winter harbour"), "the list shows what is written");
        let share = mara.get(&format!("/admin/s/1/entries/{id}/share")).1;
        assert!(share.contains("as it is saved when the link is opened"), "{share}");
        let page = mara.get(&format!("/admin/s/1/entries/{id}/versions")).1;
        assert_eq!(page.matches("<ol class=\"vers\">").count(), 1);
        assert_eq!(page.split("class=\"vers\"").nth(1).unwrap().matches("<li>").count(), 1, "{page}");

        // Words that go at once stay in the version before.
        let long = "word ".repeat(60);
        version = mara.types(&save, version, "Winter harbour", &long).1["version"].as_i64().unwrap();
        version = mara.types(&save, version, "Winter harbour", "oops").1["version"].as_i64().unwrap();
        let page = mara.get(&format!("/admin/s/1/entries/{id}/versions")).1;
        assert!(page.contains("\u{2212} 60 words"), "{page}");

        // Half a tag is no tag; it is kept for the button.
        let half = json!({"version": version, "title": "Winter harbour", "tags": "wint", "new_category": "Jour"});
        let (_, answer) = mara.puts(&save, &half);
        assert!(answer["why"].as_str().unwrap().contains("press Save"), "{answer}");
        let again = mara.get(&format!("/admin/s/1/posts/{id}")).1;
        assert!(again.contains("value=\"wint\"") && again.contains("value=\"Jour\""), "it is shown again: {again}");
        assert!(!mara.get("/admin/s/1/terms/tag").1.contains("wint"));
        // Bulk publishing takes the words as they are.
        assert_eq!(mara.post("/admin/s/1/entries/bulk", &[("ids", &id.to_string()), ("do", "publish")]).status(), 303);
        assert!(visit(&world.node, "/winter-harbour/").1.contains("oops"));
    }
}

// row: CM14
#[test]
fn words_of_something_live_are_kept_beside_it_until_they_are_published() {
    for world in worlds() {
        let mara = Person::of(&world, "editor");
        let id = mara.writes("Bread", "Warm.", "publish");
        let save = format!("/admin/s/1/entries/{id}/autosave");
        let (status, answer) = mara.types(&save, 1, "Bread", "Cold words.");
        assert_eq!((status, &answer["kept"]), (200, &json!(true)), "{answer}");
        assert!(visit(&world.node, "/bread/").1.contains("Warm."));
        let page = mara.get(&format!("/admin/s/1/posts/{id}")).1;
        assert!(page.contains("Cold words.") && page.contains("not saved yet"), "{page}");
        let share = mara.get(&format!("/admin/s/1/entries/{id}/share")).1;
        assert!(share.contains("not published yet are not in it") && share.contains("My unsaved words"), "{share}");
        // What is refused is kept as well, and says why.
        let wrong = json!({"version": 1, "title": "Bread", "publish_at": "tomorrow"});
        assert_eq!(mara.puts(&save, &wrong).0, 200);
        // A version that is brought back leaves them alone.
        let form =
            [("title", "Bread"), ("version", "1"), ("do", "publish"), ("source", "markdown"), ("markdown", "Hot.")];
        assert_eq!(mara.post(&format!("/admin/s/1/posts/{id}"), &form).status(), 303);
        mara.types(&save, 2, "Bread", "Later words.");
        let page = mara.get(&format!("/admin/s/1/entries/{id}/versions")).1;
        let first = links(&page, "/versions/").last().unwrap().split('?').next().unwrap().to_owned();
        assert_eq!(mara.post(&format!("{first}/restore"), &[("seen", "2")]).status(), 303);
        assert!(visit(&world.node, "/bread/").1.contains("Warm."));
        assert!(mara.get(&format!("/admin/s/1/posts/{id}?unsaved=1")).1.contains("Later words."));
    }
}

// row: CM16. Two tabs used to end in last-one-wins: the refused page carried the new version along.
#[test]
fn a_conflict_stays_one_until_somebody_chooses() {
    for world in worlds() {
        let (mara, ida) = (Person::of(&world, "editor"), Person::of(&world, "administrator"));
        let id = mara.writes("Bread", "First words.", "save");
        let post = format!("/admin/s/1/posts/{id}");
        let theirs =
            [("title", "Bread"), ("version", "1"), ("do", "save"), ("source", "markdown"), ("markdown", "Theirs.")];
        assert_eq!(ida.post(&post, &theirs).status(), 303);
        let mine =
            [("title", "Mine"), ("version", "1"), ("do", "save"), ("source", "markdown"), ("markdown", "My words.")];
        for _ in 0..2 {
            let late = mara.post(&post, &mine);
            assert_eq!(late.status(), 409);
            let page = late.text().unwrap();
            assert_eq!(version_in(&page), 1, "pressing again changes nothing");
            for part in ["administrator saved at ", "See both", "Use theirs", "Save mine over it", "My words."] {
                assert!(page.contains(part), "{part}: {page}");
            }
        }
        let both = mara.get(&format!("/admin/s/1/entries/{id}/versions/unsaved"));
        assert_eq!(both.0, 200);
        assert!(both.1.contains("<del>Theirs") && both.1.contains("Your words, not saved"), "{}", both.1);
        let (status, by) = mara.types(&format!("/admin/s/1/entries/{id}/autosave"), 1, "Mine", "My words.");
        assert_eq!((status, by["version"].as_i64(), by["by"].as_str()), (409, Some(2), Some("administrator")), "{by}");
        assert!(mara.get(&post).1.contains("Theirs."), "theirs stand until then");
        assert_eq!(mara.post(&format!("{post}?over=2"), &mine).status(), 303);
        assert!(mara.get(&post).1.contains("My words."));
    }
}

// row: CM15
#[test]
fn who_loses_the_lock_is_told_and_keeps_the_words() {
    for world in worlds() {
        let (mara, ida) = (Person::of(&world, "editor"), Person::of(&world, "administrator"));
        let id = mara.writes("Bread", "First words.", "save");
        let (post, own) = (format!("/admin/s/1/posts/{id}"), format!("/admin/s/1/entries/{id}"));
        assert!(!mara.get(&post).1.contains("is writing here"), "looking takes no lock");
        assert!(!ida.get(&post).1.contains("is writing here"));
        assert_eq!(mara.post(&format!("{own}/lock"), &[]).text().unwrap(), "{\"locked_by\":\"\"}");
        let page = ida.get(&post).1;
        assert!(page.contains("editor is writing here now") && page.contains("data-readonly"), "{page}");
        assert!(!page.contains("value=\"publish\" data-dialog"), "nothing to press but taking over");
        assert_eq!(ida.post(&format!("{own}/take-over"), &[]).status(), 303);
        assert_eq!(mara.post(&format!("{own}/lock"), &[]).text().unwrap(), "{\"locked_by\":\"administrator\"}");
        let (status, answer) = mara.types(&format!("{own}/autosave"), 1, "Bread", "Mara's last words.");
        assert_eq!((status, answer["locked_by"].as_str()), (409, Some("administrator")));
        let form = [
            ("title", "Bread"),
            ("version", "1"),
            ("do", "save"),
            ("source", "markdown"),
            ("markdown", "Mara's very last."),
        ];
        let refused = mara.post(&post, &form);
        assert_eq!(refused.status(), 409);
        let page = refused.text().unwrap();
        assert!(page.contains("very last") && page.contains("Take over to save them"), "{page}");
        assert!(ida.get(&post).1.contains("First words."), "nothing was saved over theirs");
        assert_eq!(mara.post(&format!("{own}/take-over"), &[]).status(), 303);
        assert!(mara.get(&post).1.contains("very last"), "her words wait for her");
    }
}

// Imported posts have terms of taxonomies that the form does not show. Saving used to drop them.
#[test]
fn saving_keeps_terms_that_the_form_does_not_show() {
    for test in crate::support::stores() {
        let store = &test.store;
        let system = Actor::system();
        let (site, entry, far, near): (SiteId, EntryId, TermId, TermId) = store
            .write(&system, move |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                let account = freehold_store::testing::account(tx, server, "first")?;
                let (host, settings) = (HostName::parse("one.example.org")?, sites::Settings::default());
                let site = sites::create(tx, &sites::NewSite { account, title: "Site".into(), host, settings })?;
                let mara = freehold_store::users::NewUser {
                    email: "mara@example.org",
                    name: "Mara",
                    slug: "mara",
                    password_hash: "",
                    password_scheme: "",
                    status: "active",
                };
                freehold_store::users::insert(tx, &mara)?;
                let term = |tx: &mut freehold_store::Tx<'_>, taxonomy: &str, name: &str| {
                    terms::add(tx, site, taxonomy, &terms::TermInput { name: name.into(), ..Default::default() })
                };
                let (far, near) = (term(tx, "region", "coast")?, term(tx, "category", "journal")?);
                let all = Changes {
                    title: Some("One".into()),
                    terms: Some(vec![far, near]),
                    tags: Some(vec!["ice".into()]),
                    ..Default::default()
                };
                let entry = content::save(tx, site, &Target::New("post".into()), &prepare(all, false)?, Intent::Keep)?;
                Ok((site, entry.id, far, near))
            })
            .unwrap();
        let saved = |changes: Changes| -> Vec<String> {
            store
                .write(&system, move |tx| {
                    content::save(
                        tx,
                        site,
                        &Target::Existing(entry, None),
                        &prepare(changes.clone(), false)?,
                        Intent::Keep,
                    )?;
                    Ok(content::lists::find(tx, site, entry)?.1.into_iter().map(|t| t.name).collect())
                })
                .unwrap()
        };
        let form = |terms: Vec<TermId>| Changes {
            terms: Some(terms),
            terms_of: TermsOf::Only(vec!["category".into()]),
            tags: Some(vec!["ice".into()]),
            ..Default::default()
        };
        assert_eq!(saved(form(vec![])), ["coast", "ice"]);
        assert_eq!(saved(form(vec![near])), ["coast", "ice", "journal"]);
        assert_eq!(
            saved(Changes { terms: Some(vec![near]), ..Default::default() }),
            ["ice", "journal"],
            "programs name all but tags"
        );
        assert_eq!(saved(Changes { terms: Some(vec![far]), terms_of: TermsOf::All, ..Default::default() }), ["coast"]);
    }
}

// row: CM16. A writer's second tab was saved over, and its words stood in no version: both tabs were one session.
#[test]
fn what_is_saved_over_stays_in_a_version() {
    for world in worlds() {
        let mara = Person::of(&world, "editor");
        let id = mara.writes("Two tabs", "The first words.", "save");
        let (keep, own) = (format!("/admin/s/1/entries/{id}/autosave"), format!("/admin/s/1/entries/{id}/versions"));
        assert_eq!(mara.types(&keep, 1, "Two tabs", "From the second tab.").0, 200);
        let (status, news) = mara.types(&keep, 1, "Two tabs", "From the first tab.");
        assert_eq!((status, news["version"].as_i64()), (409, Some(2)), "{news}");
        let text = json!({"type": "doc", "attrs": {"version": 1}, "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "From the first tab."}]}]});
        let mine =
            json!({"version": 2, "title": "Two tabs", "document": text, "tags": "", "new_category": "", "over": true});
        assert_eq!(mara.puts(&keep, &mine).0, 200);
        // What is typed from now on does not grow into it either.
        assert_eq!(mara.types(&keep, 3, "Two tabs", "From the first tab, and on.").0, 200);
        let page = mara.get(&own).1;
        let all: Vec<String> = links(&page, &format!("{own}/")).into_iter().map(|link| mara.get(&link).1).collect();
        assert!(
            all.iter().any(|version| version.contains("second")),
            "the second tab's words are in a version: {page}"
        );
    }
}

// row: TH06
#[test]
fn a_template_that_the_theme_does_not_offer_is_not_saved() {
    for world in worlds() {
        let mara = Person::of(&world, "editor");
        let id = mara.writes("Wide", "Words.", "save");
        let form = |version: &'static str, template: &'static str| {
            [("title", "Wide"), ("version", version), ("template", template), ("do", "save")]
        };
        let own = format!("/admin/s/1/posts/{id}");
        let refused = mara.post(&own, &form("1", "nowhere"));
        assert_eq!(refused.status(), 422);
        assert!(refused.text().unwrap().contains("a template of the theme"));
        assert_eq!(mara.post(&own, &form("1", "wide")).status(), 303);
        // One of a theme of before may stay, and the page shows it.
        let node = &world.node;
        let options =
            StoreOptions { data: node.data.path().to_owned(), database_url: node.database_url.clone(), readers: 2 };
        let store = Store::open_beside(&options, Clock::system()).unwrap();
        testing::execute(&store, "UPDATE entries SET template = 'broad' WHERE title = 'Wide'").unwrap();
        assert_eq!(mara.post(&own, &form("2", "broad")).status(), 303);
        assert!(mara.get(&own).1.contains("broad (not in this theme)"));
        // What is typed beside a refused template is not lost.
        let text = json!({"type": "doc", "attrs": {"version": 1}, "content": []});
        let typed = json!({"version": 3, "title": "Wide and typed", "document": text, "template": "nowhere",
            "tags": "", "new_category": ""});
        let (status, news) = mara.puts(&format!("/admin/s/1/entries/{id}/autosave"), &typed);
        assert_eq!((status, news["kept"].as_bool()), (200, Some(true)), "{news}");
        assert!(mara.get(&own).1.contains("Wide and typed"));
    }
}
