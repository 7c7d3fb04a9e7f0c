//! What visitors do beside reading, over HTTP: comments, passwords of entries, shared previews.

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

use crate::node::{Browser, Node, location, nodes, visit};

/// Somebody with a browser of their own.
struct Reader<'a> {
    http: Client,
    node: &'a Node,
}

impl<'a> Reader<'a> {
    fn of(node: &'a Node) -> Self {
        let http = Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().build().unwrap();
        Self { http, node }
    }
    fn get(&self, path: &str) -> Response {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.node.site) };
        self.http.get(url).send().unwrap()
    }
    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.http
            .post(format!("{}{path}", self.node.site))
            .header("sec-fetch-site", "same-origin")
            .form(form)
            .send()
            .unwrap()
    }
}

/// A published post; gives its number.
fn publish(browser: &Browser, title: &str, slug: &str, more: &[(&str, &str)]) -> String {
    let mut form = vec![
        ("title", title),
        ("slug", slug),
        ("do", "publish"),
        ("source", "markdown"),
        ("markdown", "The secret word is *heron*"),
        ("comments_open", "on"),
    ];
    form.extend(more);
    let answer = browser.post("/admin/s/1/posts/new", &form);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    location(&answer).split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

// row: CO01, CO02, CO03, CO04
#[test]
fn a_comment_goes_from_a_cached_page_through_the_queue_to_everybody() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let entry = publish(&browser, "Bread", "bread", &[]);
        let reader = Reader::of(&node);
        let page = reader.get("/bread/").text().unwrap();
        assert!(page.contains("action=\"/_/comment\""), "{page}");
        let said = |body: &str| {
            let form = [("entry", entry.as_str()), ("name", "Tove"), ("email", "tove@example.org"), ("body", body)];
            reader.post("/_/comment", &form)
        };
        let answer = said("Good bread <b>here</b>");
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/bread/?said=waiting#comments".into()));
        assert!(answer.headers().get("set-cookie").is_none());
        assert!(reader.get("/bread/?said=waiting").text().unwrap().contains("somebody has looked at it"));
        assert!(!reader.get("/bread/").text().unwrap().contains("Good bread"));

        let queue = browser.get("/admin/s/1/comments").text().unwrap();
        assert!(
            queue.contains("Good bread &lt;b&gt;here&lt;&#x2F;b&gt;")
                || queue.contains("Good bread &lt;b&gt;here&lt;/b&gt;"),
            "{queue}"
        );
        assert!(browser.get("/admin/s/1").text().unwrap().contains("Good bread"), "home shows what waits");
        let id = queue.split("id=\"comment-").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let decide = format!("/admin/s/1/comments/{id}/decide");
        assert_eq!(browser.post(&decide, &[("do", "approve")]).status(), 303);
        let page = reader.get("/bread/").text().unwrap();
        assert!(page.contains("Good bread &lt;b&gt;here"), "the cache forgot the page without it: {page}");
        assert!(location(&said("And cheap")).contains("said=live#comment-"), "the same person is known");
        assert_eq!(said("And cheap").status(), 409, "a double press");

        // What is refused comes back with the reason and the words.
        let form = [("entry", entry.as_str()), ("name", ""), ("email", "x"), ("body", "My long thoughts")];
        let refused = reader.post("/_/comment", &form);
        assert_eq!(refused.status(), 422);
        assert_eq!(refused.headers()["cache-control"], "private, no-store");
        let text = refused.text().unwrap();
        assert!(text.contains("My long thoughts") && text.contains("Email: This is not"), "{text}");
        assert!(!reader.get("/bread/").text().unwrap().contains("My long thoughts"), "nobody else sees it");

        // row: CO02. An answer of the house, a correction, the trash and back.
        assert_eq!(browser.post(&format!("/admin/s/1/comments/{id}/reply"), &[("body", "Thank you")]).status(), 303);
        assert_eq!(browser.post(&format!("/admin/s/1/comments/{id}/edit"), &[("body", "Fine bread")]).status(), 303);
        let page = reader.get("/bread/").text().unwrap();
        assert!(page.contains("Thank you") && page.contains("Fine bread"), "{page}");
        assert_eq!(browser.post(&format!("/admin/s/1/comments/{id}/reply"), &[("body", " ")]).status(), 422);
        for (act, shown) in [("trash", false), ("hold", false), ("approve", true), ("spam", false)] {
            let ids = [("ids", id.as_str()), ("do", act)];
            assert_eq!(browser.post("/admin/s/1/comments/bulk", &ids).status(), 303);
            assert_eq!(reader.get("/bread/").text().unwrap().contains("Fine bread"), shown, "{act}");
        }
        assert_eq!(browser.post(&decide, &[("do", "delete"), ("sure", "1")]).status(), 303);

        // Another site's form, a closed entry, somebody without the right.
        let foreign = reader.http.post(format!("{}/_/comment", node.site)).header("origin", "http://evil.example");
        assert_eq!(foreign.form(&[("entry", entry.as_str())]).send().unwrap().status(), 403);
        assert_eq!(Browser::of(&node).post("/admin/s/1/comments/bulk", &[("do", "spam")]).status(), 401);
    }
}

// row: CM08, US03. rule: B10
#[test]
fn b10_a_password_opens_an_entry_for_who_knows_it_and_for_nobody_else() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let entry = publish(&browser, "Locked", "locked", &[("visibility", "password"), ("password", "blue heron")]);
        let edit = browser.get(&format!("/admin/s/1/posts/{entry}")).text().unwrap();
        assert!(edit.contains("blue heron"), "who writes sees it");
        let reader = Reader::of(&node);
        let closed = reader.get("/locked/").text().unwrap();
        assert!(!closed.contains("heron") && closed.contains("action=\"/_/unlock\""), "{closed}");
        let wrong = reader.post("/_/unlock", &[("entry", &entry), ("password", "grey heron")]);
        assert_eq!((wrong.status().as_u16(), location(&wrong)), (303, "/locked/?said=wrong#unlock".into()));
        assert!(wrong.headers().get("set-cookie").is_none());
        assert!(reader.get("/locked/?said=wrong").text().unwrap().contains("does not open it"));
        let right = reader.post("/_/unlock", &[("entry", &entry), ("password", "blue heron")]);
        let cookie = right.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/locked/"), "{cookie}");
        let open = reader.get("/locked/");
        assert_eq!(open.headers()["cache-control"], "private, no-store");
        assert!(open.text().unwrap().contains("<em>heron</em>"));
        assert!(!visit(&node, "/locked/").1.contains("heron"), "nobody else got it from the cache");
        let forged = reader.http.get(format!("{}/locked/", node.site));
        let forged = Client::new()
            .get(forged.build().unwrap().url().clone())
            .header("cookie", "freehold_unlock=9999999999999.x");
        assert!(!forged.send().unwrap().text().unwrap().contains("heron"));
        // A new password closes it again.
        let form = [
            ("title", "Locked"),
            ("slug", "locked"),
            ("version", "1"),
            ("do", "publish"),
            ("visibility", "password"),
            ("password", "red heron"),
        ];
        assert_eq!(browser.post(&format!("/admin/s/1/posts/{entry}"), &form).status(), 303);
        assert!(!reader.get("/locked/").text().unwrap().contains("<em>heron"));
        let mut last = 0;
        for _ in 0..12 {
            last = reader.post("/_/unlock", &[("entry", &entry), ("password", "x")]).status().as_u16();
        }
        assert_eq!(last, 429, "guessing is slowed");
    }
}

// row: ED07
#[test]
fn a_shared_preview_shows_a_draft_and_nothing_more() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let form = [("title", "Not yet"), ("do", "save"), ("source", "markdown"), ("markdown", "Hush *hush*")];
        let saved = browser.post("/admin/s/1/posts/new", &form);
        let entry = location(&saved).split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
        let share = browser.get(&format!("/admin/s/1/entries/{entry}/share?days=1")).text().unwrap();
        let link = share.split("value=\"http").nth(1).unwrap().split('"').next().unwrap().replace("&#x2F;", "/");
        let link = format!("http{link}");
        let reader = Reader::of(&node);
        let preview = reader.get(&link);
        assert_eq!(preview.status(), 200);
        for (name, part) in [
            ("cache-control", "no-store"),
            ("x-robots-tag", "noindex"),
            ("content-security-policy", "sandbox allow-forms"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert!(preview.headers()[name].to_str().unwrap().contains(part), "{name}");
        }
        let text = preview.text().unwrap();
        assert!(
            text.contains("<em>hush</em>") && text.contains("This is a preview") && text.contains("noindex"),
            "{text}"
        );
        assert!(!visit(&node, "/").1.contains("Not yet"));
        let mut forged = link.clone();
        forged.replace_range(forged.len() - 2.., "xx");
        assert_eq!(reader.get(&forged).status(), 404);
        // Of something live, the writer's own preview shows what was typed and not published.
        let live = [("title", "Not yet"), ("version", "1"), ("do", "publish"), ("visibility", "private")];
        assert_eq!(browser.post(&format!("/admin/s/1/posts/{entry}"), &live).status(), 303);
        let unsaved =
            serde_json::json!({"title": "Typed", "source": "markdown", "markdown": "Words **unsaved**", "version": 2});
        let kept = browser
            .http
            .put(format!("{}/admin/s/1/entries/{entry}/autosave", node.panel))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json")
            .body(unsaved.to_string())
            .send()
            .unwrap();
        assert_eq!(kept.status(), 200);
        let own = browser.get(&format!("/admin/s/1/entries/{entry}/preview"));
        assert_eq!(own.status(), 303);
        assert!(reader.get(&location(&own)).text().unwrap().contains("<strong>unsaved</strong>"));
        assert!(!reader.get(&link).text().unwrap().contains("unsaved"), "a shared link shows what is saved");
        assert_eq!(Browser::of(&node).get(&format!("/admin/s/1/entries/{entry}/share")).status(), 303, "sign in first");
    }
}
