//! The panel as people meet it: frame, lists, refusals, what is asked before something goes.

use freehold_base::{Clock, SiteId};
use freehold_publishing::content::{self, Body, Changes, Intent, Target};
use freehold_store::{Actor, Store, StoreOptions};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

use crate::node::{Browser, Launch, Node, between, location, nodes};
use crate::support::until;
use crate::world::World;

/// Somebody of a world at the panel.
struct Desk {
    http: Client,
    panel: String,
    cookie: String,
}

impl Desk {
    fn of(world: &World, name: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let cookie = world.person(name).cookie().unwrap();
        Self { http, panel: world.node.panel.clone(), cookie: format!("freehold_session={cookie}") }
    }
    fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.panel)).header("cookie", &self.cookie).send().unwrap()
    }
    fn text(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().unwrap()
    }
    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.http.post(format!("{}{path}", self.panel)).header("cookie", &self.cookie);
        let from = format!("{}/admin/s/1/posts?status=draft", self.panel);
        request.header("sec-fetch-site", "same-origin").header("referer", from).form(form).send().unwrap()
    }
    fn writes(&self, title: &str) -> String {
        let form = [("title", title), ("source", "markdown"), ("markdown", "Words."), ("do", "save")];
        let answer = self.post("/admin/s/1/posts/new", &form);
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        location(&answer)
            .split(['?', '/'])
            .find_map(|part| part.parse::<i64>().ok().filter(|n| *n > 1))
            .unwrap()
            .to_string()
    }
}

fn worlds() -> Vec<(Launch, World)> {
    Launch::all().into_iter().map(|launch| (launch.clone(), World::start(&launch, 2))).collect()
}

/// Addresses in a page are escaped.
fn address(text: &str, before: &str) -> String {
    between(text, before, "\"").replace("&amp;", "&").replace("&#x2F;", "/").replace("&#x3D;", "=")
}

/// How many statements a node asked before now. Its lines come a moment late: a search asks for what nothing else here
/// asks for, and where that is told, all before it is.
fn statements(node: &Node, browser: &Browser) -> usize {
    let marks = |said: &str| said.matches("entry_search").count();
    let before = marks(&node.said());
    assert_eq!(browser.get("/admin/search?q=nothing&site=60&fragment=1").status(), 200);
    until("the search is told", || marks(&node.said()) > before);
    let said = node.said();
    let (mark, _) = said.match_indices("entry_search").nth(before).unwrap();
    said[..mark].matches(" sql: ").count()
}

#[test]
fn the_menu_is_there_from_the_first_site_to_the_sixtieth_for_a_few_questions() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        for n in 2..=60 {
            let form = [("title", format!("Site {n:02}")), ("account", "1".to_owned()), ("start", "blank".to_owned())];
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(browser.post("/admin/sites/new", &form).status(), 303);
        }
        let before = statements(&node, &browser);
        let page = browser.get("/admin/s/60/posts").text().unwrap();
        let asked = statements(&node, &browser) - before;
        assert!(page.contains("href=\"/admin/s/60/pages\"") && page.contains("Site 60"), "{page}");
        assert!(asked < 60, "{asked} statements");
        assert!(page.contains("Find another site"), "more sites than the switcher offers are found by name");
        let people = browser.get("/admin/me").text().unwrap();
        assert!(
            people.contains("href=\"/admin/s/60/pages\""),
            "own pages stand in the frame of the site one comes from"
        );
        let all = browser.get("/admin/server/sites?q=site+59").text().unwrap();
        assert!(all.contains("Site 59") && all.contains("1 in all"), "{all}");
        let found = browser.get("/admin/search?q=site+58&fragment=1").text().unwrap();
        assert!(found.contains("Site 58") && found.contains("role=\"option\""), "{found}");
        let as_page = browser.get("/admin/search?q=site+58").text().unwrap();
        assert!(!between(&as_page, "aria-label=\"Results\"", "</section>").contains("role=\"option\""));
    }
}

#[test]
fn a_refusal_keeps_the_menu_and_says_who_can_help() {
    for (_, world) in worlds() {
        let author = Desk::of(&world, "author");
        let answer = author.get("/admin/s/1/settings/general");
        assert_eq!(answer.status(), 403);
        let page = answer.text().unwrap();
        for words in [
            "Changing the settings needs another role",
            "You are Author here",
            "can change your role",
            "href=\"/admin/s/1/posts\"",
        ] {
            assert!(page.contains(words), "no {words} in {page}");
        }
        let admin = Desk::of(&world, "administrator");
        let answer = admin.post("/admin/s/1/terms/category/bulk", &[("do", "dance"), ("ids", "1")]);
        assert_eq!(answer.status(), 422);
        let page = answer.text().unwrap();
        assert!(page.contains("Back to what you wrote") && page.contains("data-back"), "{page}");
        assert_eq!(address(&page, "<a class=\"btn primary\" href=\""), "/admin/s/1/posts?status=draft");
        let gone = admin.get("/admin/s/1/posts/999999");
        assert_eq!(gone.status(), 404);
        assert!(gone.text().unwrap().contains("aria-label=\"Main\""), "the frame stays");
    }
}

#[test]
fn an_author_counts_own_posts_alone() {
    for (_, world) in worlds() {
        let author = Desk::of(&world, "author");
        let page = author.text("/admin/s/1/posts");
        assert!(page.contains("All<span class=\"n\">0</span>"), "{page}");
        let home = author.text("/admin/s/1");
        assert!(home.contains("0 published"), "{home}");
        author.writes("Mine");
        assert!(author.text("/admin/s/1/posts").contains("All<span class=\"n\">1</span>"));
        let editor = Desk::of(&world, "editor").text("/admin/s/1/posts");
        assert!(!editor.contains("All<span class=\"n\">1</span>"), "others see all");
    }
}

/// Titles of a list's rows, in order.
fn titles(page: &str) -> Vec<String> {
    page.split("data-open>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect()
}

/// The address of a button with this title.
fn step(page: &str, title: &str) -> String {
    let at = page.find(&format!("aria-label=\"{title}\"")).unwrap_or_else(|| panic!("no {title} in {page}"));
    let from = page[..at].rfind("href=\"").unwrap() + 6;
    address(&page[from - 6..], "href=\"")
}

#[test]
fn the_page_before_is_the_page_one_came_from() {
    for (_, world) in worlds() {
        let mara = Desk::of(&world, "administrator");
        for n in 1..=32 {
            mara.writes(&format!("Number {n:02}"));
        }
        for sort in ["title", "-title", "updated", "", "author", "-author"] {
            let first = mara.text(&format!("/admin/s/1/posts?q=number&rows=10&sort={sort}"));
            let second = mara.text(&step(&first, "Next page"));
            let third = mara.text(&step(&second, "Next page"));
            assert!(third.contains("21–30 of 32 matching"), "{sort}: {third}");
            assert_eq!(titles(&mara.text(&step(&third, "Previous page"))), titles(&second), "{sort}");
            let again = mara.text(&step(&mara.text(&step(&third, "Previous page")), "Previous page"));
            assert_eq!(titles(&again), titles(&first), "{sort}");
            assert!(again.contains("1–10 of 32 matching") && !again.contains("aria-label=\"Previous page\""), "{sort}");
        }
    }
}

#[test]
fn several_rows_are_done_and_refused_one_by_one_and_taken_back() {
    for (_, world) in worlds() {
        let mara = Desk::of(&world, "administrator");
        let (one, two) = (mara.writes("First of two"), mara.writes("Second of two"));
        let act = |ids: &[&str], act: &str| {
            let mut form: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", *id)).collect();
            form.push(("do", act));
            mara.post("/admin/s/1/entries/bulk?type=post&q=of+two", &form)
        };
        let some = act(&[&one, "999999"], "trash");
        assert_eq!(some.status(), 200);
        let page = some.text().unwrap();
        assert!(page.contains("1 changed, 1 not.") && page.contains("An entry that is gone"), "{page}");
        assert_eq!(titles(&page), ["Second of two"], "in the list it was pressed in");
        let all = act(&[&two], "trash");
        assert_eq!(all.status(), 303);
        let back = location(&all);
        assert!(back.contains("q=of+two") && back.contains("done=trashed"), "{back}");
        let undo = address(&mara.text(&back), "<form method=\"post\" action=\"/admin/s/1/entries/bulk?do=restore");
        assert_eq!(mara.post(&format!("/admin/s/1/entries/bulk?do=restore{undo}"), &[]).status(), 303);
        assert_eq!(titles(&mara.text("/admin/s/1/posts?q=of+two")), ["Second of two"]);

        // Nothing goes for good without a question, whatever script does.
        let asked = act(&[&one], "delete");
        assert_eq!(asked.status(), 200);
        let page = asked.text().unwrap();
        assert!(
            page.contains("First of two") && page.contains("Keep them") && page.contains("name=\"sure\""),
            "{page}"
        );
        assert_eq!(titles(&mara.text("/admin/s/1/posts?status=trash")), ["First of two"]);
        let asked = mara.post("/admin/s/1/entries/empty", &[("kind", "post")]).text().unwrap();
        assert!(asked.contains("Empty the trash?") && asked.contains("First of two"), "{asked}");
        let emptied = mara.post("/admin/s/1/entries/empty", &[("kind", "post"), ("sure", "1")]);
        assert!(location(&emptied).contains("done=emptied"));
        assert!(mara.text("/admin/s/1/posts?status=trash").contains("The trash is empty"));
    }
}

#[test]
fn a_list_is_filtered_answered_in_part_and_exported() {
    for (launch, world) in worlds() {
        let (mara, author) = (Desk::of(&world, "administrator"), Desk::of(&world, "author"));
        mara.writes("=1+1");
        author.writes("By the author");
        let of_author = |page: &str| {
            let option = page.find(">author</option>").map(|at| page[..at].rfind("value=\"").unwrap() + 7).unwrap();
            page[option..].split('"').next().unwrap().to_owned()
        };
        let id = of_author(&mara.text("/admin/s/1/posts"));
        let page = mara.text(&format!("/admin/s/1/posts?author={id}"));
        assert_eq!(titles(&page), ["By the author"]);
        assert!(page.contains("1 matching"), "{page}");
        assert!(mara.text("/admin/s/1/posts?tag=nothing-has-it").contains("No post matches"));
        assert!(mara.text("/admin/s/1/posts?to=2001-01-01").contains("No post matches"));

        let part = mara.http.get(format!("{}/admin/s/1/posts?q=author", mara.panel)).header("cookie", &mara.cookie);
        let part =
            part.header("hx-request", "true").header("hx-request-type", "partial").send().unwrap().text().unwrap();
        assert!(!part.contains("<html") && part.contains("1 post matches"), "{part}");

        let answer = mara.get("/admin/s/1/posts?export=csv&status=draft");
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
        let table = answer.text().unwrap();
        assert!(table.starts_with("Title,Status,Author") && table.contains("\r\n\"'=1+1\",Draft,"), "{table}");

        // What an import brought is reached too.
        let options =
            StoreOptions { data: launch.data().to_owned(), database_url: launch.database_url().to_owned(), readers: 1 };
        let store = Store::open(&options, Clock::system()).unwrap();
        let changes = Changes {
            title: Some("A bound book".into()),
            body: Some(Body::Markdown("Pages.".into())),
            ..Default::default()
        };
        let made = store.write(&Actor::system(), move |tx| {
            let target = Target::New("book_item".into());
            content::save(tx, SiteId(1), &target, &content::prepare(changes.clone(), false)?, Intent::Draft)
        });
        made.unwrap();
        let home = mara.text("/admin/s/1");
        assert!(home.contains("From import") && home.contains("href=\"/admin/s/1/types/book_item\""), "{home}");
        let list = mara.text("/admin/s/1/types/book_item");
        assert_eq!(titles(&list), ["A bound book"]);
        let edit = address(&list, "<a class=\"title trunc\" href=\"");
        assert!(edit.starts_with("/admin/s/1/types/book_item/"), "{edit}");
        assert!(mara.text(&edit).contains("A bound book"));
        assert_eq!(mara.get("/admin/s/1/types/never_seen").status(), 404);
        assert!(!author.text("/admin/s/1").contains("From import"));
    }
}

#[test]
fn comments_are_searched_decided_and_taken_back() {
    for (_, world) in worlds() {
        let mara = Desk::of(&world, "administrator");
        assert!(mara.text("/admin/s/1/comments?q=nowhere").contains("No comment matches"));
        let done = "/admin/s/1/comments?status=pending&done=spam&ids=7.8&was=pending";
        let page = mara.text(done);
        assert!(page.contains("2 marked as spam.") && page.contains("comments/bulk?do=hold"), "{page}");
        // An address that somebody made up undoes nothing but what it names.
        assert!(!mara.text("/admin/s/1/comments?done=spam&ids=7&was=elsewhere").contains("comments/bulk?do="));
    }
}

#[test]
fn the_frame_knows_where_plus_leads_and_which_way_to_read() {
    for (_, world) in worlds() {
        let mara = Desk::of(&world, "administrator");
        assert!(mara.text("/admin/s/1/pages").contains("href=\"/admin/s/1/pages/new\" data-key=\"n\""));
        assert!(mara.text("/admin/s/1/posts").contains("href=\"/admin/s/1/posts/new\" data-key=\"n\""));
        let page = mara.text("/admin/s/1/posts");
        let bar = between(&page, "aria-label=\"Quick menu\"", "</nav>");
        assert!(bar.contains("comments") && !bar.contains("/pages\""), "{bar}");
        let crumbs = between(&page, "aria-label=\"Breadcrumb\"", "</nav>");
        assert!(crumbs.contains("Harbour") && crumbs.contains("href=\"/admin/s/1\""), "{crumbs}");
        assert!(page.contains("dir=\"ltr\""));
        assert_eq!(mara.post("/admin/me", &[("name", "Mara"), ("locale", "ar")]).status(), 303);
        assert!(mara.text("/admin/s/1/posts").contains("dir=\"rtl\""));
        let colours = mara.post("/admin/me/appearance", &[("theme", "dark")]);
        assert_eq!(location(&colours), "/admin/s/1/posts?status=draft", "back to where one was");
        assert!(mara.text("/admin/search?q=dark+colours").contains("name=\"theme\" value=\"dark\""));
    }
}

#[test]
fn signing_in_leads_to_the_page_that_was_wanted_with_its_filters() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let form = [
            ("start", "journal"),
            ("site_title", "Harbour"),
            ("email", "mara@example.org"),
            ("password", "grey-gull-over-the-quay"),
            ("time_zone", "Europe/London"),
            ("language", "en-GB"),
        ];
        assert_eq!(browser.post(&node.setup, &form).status(), 303);
        let settings = browser.get("/admin/s/1/settings/general").text().unwrap();
        assert!(settings.contains("<option value=\"en-GB\" selected>"), "the language of the browser is the site's");
        browser.post("/admin/logout", &[]);
        let asked = location(&browser.get("/admin/s/1/posts?status=draft&sort=title"));
        assert_eq!(asked, "/admin/login?next=%2Fadmin%2Fs%2F1%2Fposts%3Fstatus%3Ddraft%26sort%3Dtitle");
        let next = "/admin/s/1/posts?status=draft&sort=title";
        let form = [("email", "mara@example.org"), ("password", "grey-gull-over-the-quay"), ("next", next)];
        assert_eq!(location(&browser.post("/admin/login", &form)), next);
    }
}
