//! Sites in the panel, over HTTP: domains, settings, a second site with its own people.

use crate::node::{Browser, between, location, nodes};
use crate::people::accept;
use crate::post::mailing_nodes;
use crate::support::until;

// row: CM29 (domains). rule: B1
#[test]
fn domains_are_added_made_main_and_removed() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let add = |host: &str| browser.post("/admin/s/1/domains", &[("host", host)]);
        for wrong in ["", "two words", "a.*.example.org", "example.org:80", "localhost", "co.uk"] {
            let answer = add(wrong);
            assert_eq!(answer.status(), 422, "{wrong}");
            assert!(answer.text().unwrap().contains("id=\"host-help\""), "the reason stands at the field");
        }
        assert_eq!(add("https://WWW.Example.org/about").status(), 303);
        assert_eq!(add("www.example.org").status(), 422, "it is taken");
        let host = |name: &str| {
            let port = node.site.rsplit(':').next().unwrap();
            browser.http.get(format!("{}/", node.site)).header("host", format!("{name}:{port}")).send().unwrap()
        };
        let there = host("www.example.org");
        assert_eq!((there.status().as_u16(), location(&there).starts_with(&node.site)), (301, true));
        let page = browser.get("/admin/s/1/domains").text().unwrap();
        let row = page.split("<tr").find(|r| r.contains("www.example.org")).unwrap();
        let id = between(row, "/domains/", "\"").to_owned();
        let act = |what: &str| {
            browser.post(&format!("/admin/s/1/domains/{id}"), &[("do", what), ("sure", "1")]).status().as_u16()
        };
        assert_eq!(act("main"), 303);
        assert_eq!(host("www.example.org").status(), 200);
        assert_eq!(host("127.0.0.1").status(), 301, "the old main name leads on");
        assert_eq!(act("remove"), 409, "the main one stays");
        assert_eq!(browser.post("/admin/s/1/domains/999", &[("do", "main")]).status(), 404);
    }
}

// row: CM22
#[test]
fn settings_are_saved_refused_at_the_field_and_taken_back() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let form = [("title", "Fresh bread"), ("slug", "fresh-bread"), ("version", "1"), ("do", "publish")];
        assert_eq!(browser.post(&editor, &form).status(), 303);
        let save = |page: &str, form: &[(&str, &str)]| browser.post(&format!("/admin/s/1/settings/{page}"), form);
        let general =
            |title| [("title", title), ("tagline", "By the sea"), ("locale", "sv"), ("timezone", "Europe/Oslo")];
        let refused =
            save("general", &[("title", ""), ("tagline", "By the sea"), ("locale", "sv"), ("timezone", "Mars")]);
        assert_eq!(refused.status(), 422);
        let page = refused.text().unwrap();
        assert!(page.contains("By the sea") && page.contains("title-help") && page.contains("timezone-help"));
        let saved = save("general", &general("Pine"));
        assert!(location(&saved).ends_with("/settings/general?done=settings"));
        let home = || crate::node::visit(&node, "/").1;
        assert!(home().contains("Pine") && home().contains("lang=\"sv\""));
        let page = browser.get("/admin/s/1/settings/general?done=settings").text().unwrap();
        assert!(page.contains("/admin/s/1/settings/general/undo"));
        assert_eq!(browser.post("/admin/s/1/settings/general/undo", &[]).status(), 303);
        assert!(home().contains("Harbour"), "taken back");

        let reading = |size| [("front_page_id", "0"), ("posts_page_id", "0"), ("page_size", size), ("feed_size", "20")];
        assert_eq!(save("reading", &reading("0")).status(), 422);
        assert_eq!(save("reading", &reading("5")).status(), 303);
        assert!(crate::node::visit(&node, "/robots.txt").1.contains("Disallow: /\n"), "the box was not ticked");
        assert_eq!(
            save("discussion", &[("moderation", "maybe"), ("close_after_days", "9"), ("depth", "3")]).status(),
            422
        );
        assert_eq!(save("nothing", &[]).status(), 404);

        let bases = [("category_base", "topics"), ("tag_base", "tag")];
        let wrong = save("permalinks", &[&[("post", "custom"), ("custom", "/media/{slug}")], &bases[..]].concat());
        assert_eq!(wrong.status(), 422);
        let example = browser.get("/admin/s/1/settings/example?custom=/read/{slug}/").text().unwrap();
        assert!(example.contains("/read/fresh-bread/"), "{example}");
        let form = [&[("post", "custom"), ("custom", "/read/{slug}/")], &bases[..]].concat();
        assert_eq!(save("permalinks", &form).status(), 303);
        until("posts move to their new addresses", || crate::node::visit(&node, "/read/fresh-bread/").0 == 200);
        assert_eq!(crate::node::visit(&node, "/fresh-bread/").0, 301, "the old one leads there");
        assert_eq!(crate::node::visit(&node, "/category/journal/").0, 301);
        assert_eq!(crate::node::visit(&node, "/topics/journal/").0, 200);
    }
}

/// What stands at a site in the panel: every page, every change.
const PAGES: &[&str] = &[
    "",
    "/posts",
    "/pages",
    "/posts/new",
    "/pages/new",
    "/people",
    "/domains",
    "/settings",
    "/settings/general",
    "/settings/reading",
    "/settings/permalinks",
    "/settings/discussion",
    "/settings/delete",
    "/settings/example",
];
const CHANGES: &[&str] = &[
    "/posts/new",
    "/people",
    "/people/1",
    "/domains",
    "/domains/1",
    "/settings/general",
    "/settings/general/undo",
    "/settings/delete",
    "/entries/bulk",
];

// row: CM29. rule: C1, C2
#[test]
fn a_second_site_has_its_own_people_and_neither_sees_the_other() {
    for (post, node) in mailing_nodes() {
        let mara = Browser::of(&node);
        let editor = mara.set_up(&node);
        for (form, field) in [
            (vec![("title", ""), ("account", "1")], "title-help"),
            (vec![("title", "Net loft"), ("account", "new"), ("owner", "nobody")], "owner-help"),
            (vec![("title", "Net loft"), ("account", "1"), ("host", "a b")], "host-help"),
            (vec![("title", "Net loft"), ("account", "1"), ("host", "127.0.0.1")], "host-help"),
        ] {
            let answer = mara.post("/admin/sites/new", &form);
            assert_eq!(answer.status(), 422);
            assert!(answer.text().unwrap().contains(field));
        }
        let form =
            [("title", "Net loft"), ("account", "new"), ("owner", "nils@example.org"), ("time_zone", "Europe/Oslo")];
        let made = location(&mara.post("/admin/sites/new", &form));
        let two: i64 = between(&made, "/admin/s/", "?done=site").parse().unwrap();
        let nils = accept(&node, &post.next(), "Nils");
        assert_eq!(location(&nils.get("/admin")), format!("/admin/s/{two}"));
        let sites = mara.get("/admin/server/sites").text().unwrap();
        assert!(sites.contains("Net loft") && sites.contains("Nils") && sites.contains("net-loft.localhost"));
        let there = mara.http.get(format!("{}/", node.site)).header("host", "net-loft.localhost").send().unwrap();
        assert_eq!(there.status(), 200);

        let invite = |by: &Browser, site: i64, email: &str, role: &str| {
            by.post(&format!("/admin/s/{site}/people"), &[("email", email), ("role", role)]).status().as_u16()
        };
        assert_eq!(invite(&mara, 1, "jonas@example.org", "administrator"), 303);
        let jonas = accept(&node, &post.next(), "Jonas");
        // Each is a stranger on the other's site: it does not exist for them.
        for (who, other) in [(&nils, 1), (&jonas, two)] {
            for page in PAGES {
                assert_eq!(who.get(&format!("/admin/s/{other}{page}")).status(), 404, "{other}{page}");
            }
            for change in CHANGES {
                let form = [("email", "x@example.org"), ("role", "editor"), ("do", "remove"), ("title", "x")];
                assert_eq!(who.post(&format!("/admin/s/{other}{change}"), &form).status(), 404, "{other}{change}");
            }
            for page in ["", "/sites", "/people", "/people/1", "/settings"] {
                assert_eq!(who.get(&format!("/admin/server{page}")).status(), 403, "{page}");
            }
            for page in ["/people", "/people/1", "/settings/mail"] {
                assert_eq!(who.post(&format!("/admin/server{page}"), &[("do", "disable")]).status(), 403, "{page}");
            }
            let found = who.get("/admin/search?q=net&fragment=1").text().unwrap();
            assert_eq!(found.contains("Net loft"), other == 1, "the search tells nobody of foreign sites");
        }
        let post_1 = editor.rsplit('/').next().unwrap();
        assert_eq!(
            nils.get(&format!("/admin/s/{two}/posts/{post_1}")).status(),
            404,
            "a foreign entry below an own site"
        );
        assert_eq!(
            nils.post(&format!("/admin/s/{two}/domains/1"), &[("do", "remove")]).status(),
            404,
            "a foreign domain"
        );
        let page = jonas.get("/admin/sites/new").text().unwrap();
        assert!(page.contains("Making and deleting sites needs another role"), "{page}");
        let form = [("title", "Mine"), ("account", "new"), ("owner", "jonas@example.org")];
        assert_eq!(jonas.post("/admin/sites/new", &form).status(), 403);
        assert_eq!(nils.get("/admin/sites/new").status(), 200);
        let foreign = nils.post("/admin/sites/new", &[("title", "Mine"), ("account", "1")]);
        assert_eq!(foreign.status(), 404, "an account of somebody else");

        // One person, two sites, two roles; no second password.
        assert_eq!(invite(&nils, two, "jonas@example.org", "author"), 303);
        let mail = post.next();
        assert!(mail.contains("Author") && mail.contains("Net loft") && !mail.contains("/admin/invite/"), "{mail}");
        assert_eq!(jonas.get(&format!("/admin/s/{two}/posts")).status(), 200);
        assert_eq!(jonas.get(&format!("/admin/s/{two}/people")).status(), 403);
        assert_eq!(jonas.get("/admin/s/1/people").status(), 200);

        let kept = nils.post(&format!("/admin/s/{two}/settings/delete"), &[("typed", "Net")]);
        assert_eq!(kept.status(), 422);
        assert_eq!(nils.post(&format!("/admin/s/{two}/settings/delete"), &[("typed", "Net loft")]).status(), 303);
        assert_eq!(nils.get(&format!("/admin/s/{two}")).status(), 404);
        let there = mara.http.get(format!("{}/", node.site)).header("host", "net-loft.localhost").send().unwrap();
        assert_eq!(there.status(), 421, "nothing answers there any more");
    }
}
