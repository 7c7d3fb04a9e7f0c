//! The page cache from outside: what a change empties and what it leaves, and that a name that goes to another site takes
//! nothing along. The node's own figures tell what came from memory.

use crate::node::{Browser, Node, location, nodes, visit};

/// Answers from memory so far.
fn hits(browser: &Browser) -> f64 {
    let text = browser.get("/metrics").text().unwrap();
    let line = text.lines().find(|l| l.starts_with("freehold_page_cache_answers_total{how=\"hit\"}")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Whether an address of the first site is answered from memory now.
fn is_kept(node: &Node, browser: &Browser, path: &str) -> bool {
    let before = hits(browser);
    assert_eq!(visit(node, path).0, 200, "{path}");
    hits(browser) > before
}

/// Publishes a post; gives its number.
fn publish(browser: &Browser, title: &str, more: &[(&str, &str)]) -> String {
    let form = [&[("title", title), ("do", "publish")], more].concat();
    let answer = browser.post("/admin/s/1/posts/new", &form);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    location(&answer).split(['/', '?']).nth(5).unwrap().to_owned()
}

/// Saves an entry of the first site with another title and address.
fn rename(browser: &Browser, kind: &str, id: &str, title: &str, slug: &str, version: &str) {
    let form = [("title", title), ("slug", slug), ("version", version), ("do", "publish")];
    let answer = browser.post(&format!("/admin/s/1/{kind}/{id}"), &form);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
}

// row: OP07
#[test]
fn op07_publishing_a_post_leaves_pages_that_do_not_show_it() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let first = publish(&browser, "One", &[("tags", "boats")]);
        publish(&browser, "Two", &[]);
        publish(&browser, "Three", &[]);
        let all = ["/about/", "/one/", "/two/", "/three/", "/tag/boats/", "/"];
        for path in all {
            visit(&node, path);
            assert!(is_kept(&node, &browser, path), "{path}");
        }
        publish(&browser, "Four", &[]);
        for path in ["/about/", "/one/", "/two/", "/tag/boats/"] {
            assert!(is_kept(&node, &browser, path), "{path} shows nothing of the new post");
        }
        assert!(visit(&node, "/").1.contains("Four"));
        assert!(visit(&node, "/three/").1.contains("/four/"), "the newest post until now links to the newer one");

        // A post in between goes: its neighbours link to one another, the others stay.
        visit(&node, "/four/");
        let two = browser.get("/admin/s/1/posts").text().unwrap();
        let two =
            two.split("/posts/").find(|part| part.contains(">Two<")).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{two}/trash"), &[]).status(), 303);
        assert!(is_kept(&node, &browser, "/four/") && is_kept(&node, &browser, "/about/"));
        assert!(visit(&node, "/one/").1.contains("/three/") && visit(&node, "/three/").1.contains("/one/"));

        // Another title shows on the neighbours' pages.
        rename(&browser, "posts", &first, "First of all", "one", "1");
        assert!(visit(&node, "/three/").1.contains("First of all"));
        assert!(is_kept(&node, &browser, "/four/") && is_kept(&node, &browser, "/about/"));
    }
}

// row: OP07
#[test]
fn op07_what_stands_in_a_menu_is_new_on_every_page_at_once() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let post = publish(&browser, "One", &[("new_category", "Boats")]);
        for path in ["/one/", "/category/boats/", "/"] {
            visit(&node, path);
        }
        // Without a menu of its own a site shows its top pages.
        let answer = browser.post("/admin/s/1/pages/new", &[("title", "Harbour plan"), ("do", "publish")]);
        assert_eq!(answer.status(), 303);
        assert!(visit(&node, "/one/").1.contains("/harbour-plan/"));
        // With one, a post in it counts too, and a term.
        let made = location(&browser.post("/admin/s/1/menus", &[("name", "Main"), ("from", "pages")]));
        let menu = made.split("menu=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let terms = browser.get("/admin/s/1/terms/category").text().unwrap();
        let boats =
            terms.split("id=\"row-").find(|r| r.contains("Boats")).unwrap().split('"').next().unwrap().to_owned();
        let lines = [("target", format!("entry:{post}")), ("target", format!("term:{boats}"))];
        let lines: Vec<(&str, &str)> = lines.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(browser.post(&format!("/admin/s/1/menus/{menu}/add"), &lines).status(), 303);
        assert_eq!(browser.post("/admin/s/1/menus/places", &[("place-primary", &menu)]).status(), 303);
        assert!(visit(&node, "/about/").1.contains("href=\"/one/\""));
        rename(&browser, "posts", &post, "One renamed", "one", "1");
        assert!(visit(&node, "/about/").1.contains("One renamed"));
        let term = format!("/admin/s/1/terms/category/{boats}");
        assert_eq!(browser.post(&term, &[("name", "Ships"), ("slug", "boats")]).status(), 303);
        for path in ["/about/", "/one/", "/"] {
            assert!(visit(&node, path).1.contains("Ships"), "{path}");
        }
    }
}

#[test]
fn how_the_panel_looks_to_somebody_empties_no_cache_and_another_name_shows_where_it_stands() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        publish(&browser, "One", &[]);
        for path in ["/one/", "/", "/robots.txt"] {
            visit(&node, path);
        }
        let save = |name: &str, theme: &str| {
            let form = [("name", name), ("bio", ""), ("theme", theme), ("density", "compact")];
            assert_eq!(browser.post("/admin/me", &form).status(), 303);
        };
        let name = browser.get("/admin/me").text().unwrap();
        let name =
            name.split("name=\"name\"").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        save(name, "dark");
        assert_eq!(browser.post("/admin/me/appearance", &[("theme", "light")]).status(), 303);
        for path in ["/one/", "/", "/robots.txt"] {
            assert!(is_kept(&node, &browser, path), "{path}");
        }
        save("Mara of the Quay", "dark");
        for path in ["/one/", "/"] {
            assert!(visit(&node, path).1.contains("Mara of the Quay"), "{path}");
        }
        assert!(is_kept(&node, &browser, "/robots.txt"), "it names nobody");
    }
}

/// Asks a site by its name: status and text.
fn ask(node: &Node, host: &str, path: &str) -> (u16, String) {
    let port = node.site.rsplit(':').next().unwrap();
    let http =
        reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let answer = http.get(format!("{}{path}", node.site)).header("host", format!("{host}:{port}")).send().unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

/// The number of a site's domain.
fn domain(browser: &Browser, site: i64, host: &str) -> String {
    let page = browser.get(&format!("/admin/s/{site}/domains")).text().unwrap();
    let row = page.split("<tr").find(|r| r.contains(host)).unwrap().to_owned();
    row.split("/domains/").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn new_site(browser: &Browser, title: &str) -> i64 {
    let form = [("title", title), ("account", "1"), ("time_zone", "Europe/Oslo")];
    let made = location(&browser.post("/admin/sites/new", &form));
    made.split("/admin/s/").nth(1).unwrap().split(['?', '/']).next().unwrap().parse().unwrap()
}

/// Adds a name that serves a site.
fn serve(browser: &Browser, site: i64, host: &str) {
    assert_eq!(browser.post(&format!("/admin/s/{site}/domains"), &[("host", host)]).status(), 303);
    let id = domain(browser, site, host);
    assert_eq!(browser.post(&format!("/admin/s/{site}/domains/{id}"), &[("do", "serve")]).status(), 303);
}

// rule: B10
#[test]
fn b10_a_name_that_goes_to_another_site_takes_no_page_along() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        publish(&browser, "Only here", &[]);
        let two = new_site(&browser, "Net loft");
        let post = [("title", "Only there"), ("do", "publish")];
        assert_eq!(browser.post(&format!("/admin/s/{two}/posts/new"), &post).status(), 303);

        let name = "moving.example";
        serve(&browser, 1, name);
        for _ in 0..2 {
            assert!(ask(&node, name, "/").1.contains("Harbour &amp; Pine"));
            assert_eq!(ask(&node, name, "/only-here/").0, 200);
            assert_eq!(ask(&node, name, "/only-there/").0, 404);
        }
        let id = domain(&browser, 1, name);
        assert_eq!(browser.post(&format!("/admin/s/1/domains/{id}"), &[("do", "remove"), ("sure", "1")]).status(), 303);
        assert_eq!(ask(&node, name, "/").0, 421, "nobody is here");

        serve(&browser, two, name);
        for _ in 0..2 {
            let (status, home) = ask(&node, name, "/");
            assert!(status == 200 && home.contains("Net loft") && !home.contains("Harbour"), "{home}");
            assert_eq!(ask(&node, name, "/only-there/").0, 200, "it was known to be missing on the other site");
            let (status, missing) = ask(&node, name, "/only-here/");
            assert!(status == 404 && !missing.contains("Harbour"), "{missing}");
        }

        // The site goes, and another one comes under its name.
        let local = "net-loft.localhost";
        assert_eq!(ask(&node, local, "/only-there/").0, 200);
        assert_eq!(browser.post(&format!("/admin/s/{two}/settings/delete"), &[("typed", "Net loft")]).status(), 303);
        assert_eq!((ask(&node, name, "/").0, ask(&node, local, "/only-there/").0), (421, 421));
        let three = new_site(&browser, "Net loft");
        assert!(three != two);
        serve(&browser, three, name);
        for host in [name, local] {
            assert_eq!((ask(&node, host, "/only-there/").0, ask(&node, host, "/").0), (404, 200), "{host}");
        }
    }
}
