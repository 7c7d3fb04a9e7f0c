//! The main way through the real binary: set-up, sign-in, write, publish, read; what strangers may not do.

use crate::node::{Browser, Node, location, nodes, visit};

// row: CM01, OP01
#[test]
fn from_the_set_up_address_to_a_page_that_visitors_read() {
    for node in nodes() {
        let browser = Browser::of(&node);
        assert_eq!(browser.get(node.setup.strip_prefix(&node.panel).unwrap()).status(), 200);
        let editor = browser.set_up(&node);
        assert!(editor.starts_with("/admin/s/1/posts/"), "{editor}");
        assert_eq!(browser.get(node.setup.strip_prefix(&node.panel).unwrap()).status(), 404, "the link works once");

        assert_eq!(visit(&node, "/hello-from-harbour-pine/").0, 404, "a draft is nobody's business");
        let form = [
            ("title", "Fresh bread"),
            ("slug", "fresh-bread"),
            ("version", "1"),
            ("do", "publish"),
            ("source", "markdown"),
            ("markdown", "From the **oven** <script>alert(1)</script>"),
        ];
        let saved = browser.post(&editor, &form);
        assert_eq!(saved.status(), 303, "{}", saved.text().unwrap());
        assert!(location(&saved).ends_with("done=published"));
        let (status, page) = visit(&node, "/fresh-bread/");
        assert_eq!(status, 200);
        assert!(page.contains("<strong>oven</strong>") && !page.contains("<script>alert"), "{page}");
        assert!(visit(&node, "/").1.contains("Fresh bread"));
        assert!(visit(&node, "/feed/").1.contains("Fresh bread"));
        assert!(visit(&node, "/?s=oven").1.contains("Fresh bread"));

        // row: CM21. An edit is there on the next request; the old address leads to the new one.
        let form = [("title", "Old bread"), ("slug", "old-bread"), ("version", "2"), ("do", "publish")];
        assert_eq!(browser.post(&editor, &form).status(), 303);
        assert!(visit(&node, "/").1.contains("Old bread"), "the cache forgot the old page");
        assert_eq!(visit(&node, "/fresh-bread/").0, 301);
        assert_eq!(visit(&node, "/old-bread/").0, 200);

        // Two tabs: the second one does not win in silence, and what it typed comes back.
        let late = browser.post(&editor, &[("title", "Late words"), ("version", "2"), ("do", "save")]);
        assert_eq!(late.status(), 409);
        assert!(late.text().unwrap().contains("Late words"));

        // row: CM17. To the trash and back to the same address.
        let id = editor.rsplit('/').next().unwrap().to_owned();
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{id}/trash"), &[]).status(), 303);
        assert_eq!(visit(&node, "/old-bread/").0, 404);
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{id}/restore"), &[]).status(), 303);
        assert_eq!(visit(&node, "/old-bread/").0, 200);
    }
}

// row: CM01. What the set-up page offers to start from is there.
#[test]
fn a_site_starts_from_what_was_chosen() {
    for (start, front, pages) in [
        ("journal", "Harbour &amp; Pine", &["/about/"][..]),
        ("business", "What we do", &["/services/", "/contact/", "/news/"]),
        ("portfolio", "Harbour &amp; Pine", &["/about/", "/contact/"]),
        ("blank", "Harbour &amp; Pine", &[]),
    ] {
        let node = Node::start("");
        let editor = Browser::of(&node).set_up_from(&node, start);
        assert!(editor.contains("/posts/"), "{start}: {editor}");
        let (status, home) = visit(&node, "/");
        assert!(status == 200 && home.contains(front), "{start}: {home}");
        for page in pages {
            assert_eq!(visit(&node, page).0, 200, "{start}: {page}");
            assert!(home.contains(page), "{start}: the menu leads to {page}");
        }
    }
}

// row: SO01
#[test]
fn titles_follow_the_sites_patterns() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let form = [("title", "Bread"), ("slug", "bread"), ("version", "1"), ("do", "publish"), ("excerpt", "Warm")];
        assert_eq!(browser.post(&editor, &form).status(), 303);
        assert!(visit(&node, "/bread/").1.contains("<title>Bread · Harbour &amp; Pine</title>"));
        let wanted = |post: &str| {
            let fields = [
                ("post_title", post),
                ("page_title", "{title}"),
                ("list_title", "{title}"),
                ("home_title", "{site}"),
                ("description", "Read: {excerpt}"),
            ];
            browser.post("/admin/s/1/settings/seo", &fields)
        };
        assert_eq!(wanted("{site} | {title} | {category}").status(), 303);
        let page = visit(&node, "/bread/").1;
        assert!(page.contains("<title>Harbour &amp; Pine | Bread</title>"), "{page}");
        assert!(page.contains("name=\"description\" content=\"Read: Warm\""), "{page}");
        let refused = wanted("{price}");
        assert_eq!(refused.status(), 422);
        assert!(refused.text().unwrap().contains("{price}"), "what was typed stays");
        let own = [("title", "Bread"), ("version", "2"), ("do", "publish"), ("seo_title", "The best bread")];
        assert_eq!(browser.post(&editor, &own).status(), 303);
        assert!(visit(&node, "/bread/").1.contains("<title>The best bread</title>"));
    }
}

// rule: C7, B1, C1
#[test]
fn c07_a_foreign_origin_changes_nothing_and_a_stranger_sees_nothing() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let http = &browser.http;
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("origin", "null"),
            ("origin", "http://evil.example"),
            ("x-nothing", "1"),
        ] {
            let answer =
                http.post(format!("{}{editor}", node.panel)).header(name, value).form(&[("title", "x")]).send();
            assert_eq!(answer.unwrap().status(), 403, "{name}: {value}");
        }
        for host in ["evil.example", "localhost", "127.0.0.1:1"] {
            let answer = http.get(format!("{}/admin/login", node.panel)).header("host", host).send().unwrap();
            assert_eq!(answer.status(), 421, "{host}");
        }
        let stranger = Browser::of(&node);
        for path in ["/admin", "/admin/s/1", "/admin/s/1/posts", editor.as_str()] {
            let answer = stranger.get(path);
            assert_eq!(
                (answer.status().as_u16(), location(&answer).starts_with("/admin/login")),
                (303, true),
                "{path}"
            );
        }
        assert_eq!(browser.get("/admin/s/99/posts").status(), 404);
    }
}

// rule: C5
#[test]
fn c05_unknown_and_wrong_get_the_same_answer() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        let try_in = |email: &str, password: &str| {
            let answer = Browser::of(&node).post("/admin/login", &[("email", email), ("password", password)]);
            (answer.status().as_u16(), answer.text().unwrap().contains("Email and password do not match"))
        };
        assert_eq!(try_in("mara@example.org", "wrong-password"), (401, true));
        assert_eq!(try_in("nobody@example.org", "wrong-password"), (401, true));
        let browser = Browser::of(&node);
        let right = [("email", "mara@example.org"), ("password", "grey-gull-over-the-quay")];
        assert_eq!(browser.post("/admin/login", &right).status(), 303);
        assert_eq!(browser.get("/admin/s/1").status(), 200);
        assert_eq!(browser.post("/admin/logout", &[]).status(), 303);
        assert_eq!(browser.get("/admin/s/1").status(), 303, "signed out");
    }
}

// rule: B7
#[test]
fn b07_panel_pages_carry_the_policy_headers() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        for path in ["/admin/login", "/admin/s/1", "/admin/s/1/posts", "/nothing"] {
            let answer = browser.get(path);
            let header =
                |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
            assert!(header("content-security-policy").contains("default-src 'none'"), "{path}");
            assert!(!header("content-security-policy").contains("unsafe-inline"), "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
}
