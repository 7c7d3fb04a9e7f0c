//! WordPress exports through the panel and the running node: sent, looked at, followed, stopped, gone on with.

use std::time::Duration;

use freehold_base::Clock;
use reqwest::blocking::Response;
use serde_json::Value;

use crate::cli::run_in;
use crate::export::{Export, Item};
use crate::node::{Browser, Launch, Node, location, nodes, visit};

fn export(posts: i64) -> String {
    let mut export = Export::new("https://old.example");
    export.author(1, "ida", "ida@example.net", "Ida Berg");
    export.category(11, "news", "", "News");
    for id in 1..=posts {
        export.item(&Item {
            id,
            kind: "post",
            title: format!("Title of {id}"),
            link: format!("https://old.example/2024/05/01/post-{id}/"),
            slug: format!("post-{id}"),
            status: "publish",
            creator: "ida",
            content: format!("words-{id} [oddity_box id=\"3\"] {}", "and more of them ".repeat(40)),
            ..Default::default()
        });
    }
    export.finish()
}

fn send(browser: &Browser, node: &Node, parts: &[(&str, &str, &str)], accept: &str) -> Response {
    let mut body = String::new();
    for (field, file, text) in parts {
        let name = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
        body.push_str(&format!("--XX\r\ncontent-disposition: form-data; name=\"{field}\"{name}\r\n\r\n{text}\r\n"));
    }
    body.push_str("--XX--\r\n");
    browser
        .http
        .post(format!("{}/admin/s/1/import", node.panel))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("accept", accept)
        .body(body)
        .send()
        .unwrap()
}

/// Asks again until the page holds one of the words.
fn wait_for(browser: &Browser, path: &str, words: &[&str]) -> String {
    let begun = Clock::instant();
    loop {
        let page = browser.get(path).text().unwrap();
        if words.iter().any(|word| page.contains(word)) {
            return page;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "none of {words:?}: {page}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends an export and waits until it was looked at; the address of its page.
fn looked_at(browser: &Browser, node: &Node, text: &str) -> String {
    let sent = send(browser, node, &[("file", "site.xml", text)], "text/html");
    assert_eq!(sent.status(), 303, "{}", sent.text().unwrap());
    let page = location(&sent);
    wait_for(browser, &page, &["Bring it in", "cannot be brought in"]);
    page
}

fn sent_files(node: &Node) -> usize {
    std::fs::read_dir(node.data.path().join("import/sent")).map_or(0, Iterator::count)
}

// row: IE01
#[test]
fn an_export_is_sent_looked_at_brought_in_and_reported() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up_from(&node, "blank");
        assert!(browser.get("/admin/s/1/import").text().unwrap().contains("Drop the export here"));
        let empty = send(&browser, &node, &[("file", "", "")], "text/html");
        assert_eq!(empty.status(), 422, "nothing was chosen");
        let looked = looked_at(&browser, &node, &export(7));
        let page = browser.get(&looked).text().unwrap();
        for word in ["What comes along", "Posts", "People", "[oddity_box]", "https://old.example", "Look"] {
            assert!(page.contains(word), "{word}: {page}");
        }
        assert_eq!(visit(&node, "/?p=3").0, 404, "nothing is written yet");
        // A role that the importer knows nothing of is refused at its field.
        let high = [("do", "run"), ("media", "skip"), ("author_role", "owner")];
        assert_eq!(browser.post(&looked, &high).status(), 422);
        let begun = browser.post(&looked, &[("do", "run"), ("media", "skip"), ("author_role", "author")]);
        let page = location(&begun);
        assert_ne!(page, looked, "the import has its own number");
        let report = wait_for(&browser, &page, &["It is here."]);
        for word in ["What came along", "9 new", "Open the site"] {
            assert!(report.contains(word), "{word}: {report}");
        }
        assert!(visit(&node, "/feed/").1.contains("Title of 7"));
        assert_eq!(sent_files(&node), 0, "the file went with its import");
        // Again: nothing comes twice.
        let looked = looked_at(&browser, &node, &export(7));
        assert!(browser.get(&looked).text().unwrap().contains("7 are here already"));
        let begun = browser.post(&looked, &[("do", "run"), ("media", "skip"), ("author_role", "author")]);
        let report = wait_for(&browser, &location(&begun), &["It is here."]);
        assert!(report.contains("0 new"), "{report}");
        assert!(browser.get("/admin/notices").text().unwrap().contains("An import is done"));
        let earlier = browser.get("/admin/s/1/import").text().unwrap();
        assert!(earlier.contains("Earlier imports"), "{earlier}");
        assert!(browser.get("/admin/s/1/audit?what=import").text().unwrap().contains("site.xml"));
    }
}

// row: IE01
#[test]
fn a_file_that_is_no_export_says_so_and_a_cut_one_is_taken_as_far_as_it_goes() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up_from(&node, "blank");
        let page = looked_at(&browser, &node, "<!doctype html><title>x</title>");
        assert!(browser.get(&page).text().unwrap().contains("HTML page"));
        let whole = export(9);
        let page = looked_at(&browser, &node, &whole[..whole.len() * 2 / 3]);
        assert!(browser.get(&page).text().unwrap().contains("ends in the middle"));
        let page = location(&browser.post(&page, &[("do", "partial")]));
        let looked = wait_for(&browser, &page, &["Bring it in"]);
        assert!(looked.contains("Only what is complete"), "{looked}");
        let page = location(&browser.post(&page, &[("do", "run"), ("media", "skip"), ("author_role", "author")]));
        wait_for(&browser, &page, &["It is here."]);
        assert_eq!(visit(&node, "/?p=1").0, 301);
    }
}

// row: IE01
#[test]
fn a_file_in_the_import_folder_is_for_who_runs_the_machine() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up_from(&node, "blank");
        std::fs::create_dir_all(node.data.path().join("import")).unwrap();
        std::fs::write(node.data.path().join("import/large.xml"), export(3)).unwrap();
        assert!(browser.get("/admin/s/1/import").text().unwrap().contains("large.xml"));
        for bad in ["../freehold.db", "/etc/passwd", "missing.xml"] {
            let sent = send(&browser, &node, &[("put", "", bad)], "text/html");
            wait_for(&browser, &location(&sent), &["cannot be brought in"]);
        }
        let made = run_in(
            node.data.path(),
            &node.database_url,
            &[
                "user",
                "create",
                "admin@example.org",
                "--site",
                "127.0.0.1",
                "--role",
                "administrator",
                "--password-stdin",
            ],
            "seven quiet herons wade",
        );
        assert_eq!(made.code, 0, "{}", made.err);
        let admin = Browser::of(&node);
        admin.post("/admin/login", &[("email", "admin@example.org"), ("password", "seven quiet herons wade")]);
        assert!(!admin.get("/admin/s/1/import").text().unwrap().contains("large.xml"));
        assert_eq!(send(&admin, &node, &[("put", "", "large.xml")], "text/html").status(), 403);
        let sent = send(&browser, &node, &[("put", "", "large.xml")], "application/json");
        let next: Value = serde_json::from_str(&sent.text().unwrap()).unwrap();
        let page = next["next"].as_str().unwrap().to_owned();
        wait_for(&browser, &page, &["Bring it in"]);
        let page = location(&browser.post(&page, &[("do", "run"), ("media", "skip"), ("author_role", "author")]));
        wait_for(&browser, &page, &["It is here."]);
        assert!(node.data.path().join("import/large.xml").exists(), "what somebody put there stays");
    }
}

// row: IE01
#[test]
fn the_first_run_may_lead_to_the_import() {
    let node = Launch::new("").start();
    let browser = Browser::of(&node);
    let form = [
        ("start", "blank"),
        ("site_title", "Harbour"),
        ("email", "mara@example.org"),
        ("password", "grey-gull-over-the-quay"),
        ("then", "import"),
    ];
    assert_eq!(location(&browser.post(&node.setup, &form)), "/admin/s/1/import");
    assert_eq!(browser.get("/admin/s/1/import").status(), 200);
}

/// Sends an export of many posts and waits until some of them are written; the address of its page.
fn running(browser: &Browser, node: &Node, posts: i64) -> String {
    let looked = looked_at(browser, node, &export(posts));
    let page = location(&browser.post(&looked, &[("do", "run"), ("media", "skip"), ("author_role", "author")]));
    let begun = Clock::instant();
    while !visit(node, "/feed/").1.contains("Title of") {
        assert!(begun.elapsed() < Duration::from_secs(120), "{}", browser.get(&page).text().unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
    page
}

// row: IE01. row: OP05
#[test]
fn an_import_is_stopped_and_goes_on_from_there() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up_from(&node, "blank");
        let page = running(&browser, &node, 800);
        let job = page.replace("/import/", "/jobs/");
        assert!(browser.get(&job).text().unwrap().contains("Import from WordPress"));
        // While it runs, another one of the same site waits for it.
        browser.post(&page, &[("do", "stop")]);
        let stopped = wait_for(&browser, &page, &["Stopped.", "It is here."]);
        if stopped.contains("Stopped.") {
            assert_eq!(sent_files(&node), 1, "the file is still needed");
            assert_eq!(location(&browser.post(&page, &[("do", "again")])), page);
        }
        wait_for(&browser, &page, &["It is here."]);
        for id in [1, 400, 800] {
            assert_eq!(visit(&node, &format!("/?p={id}")).0, 301, "{id}");
            assert_eq!(visit(&node, &format!("/post-{id}-2/")).0, 404, "nothing came twice");
        }
    }
}

// row: IE01
#[test]
fn an_import_goes_on_by_itself_after_kill_9() {
    // On PostgreSQL another node may be at it: its lease of a minute must end first.
    let launch = Launch::new("");
    let mut node = launch.start();
    let browser = Browser::of(&node);
    browser.set_up_from(&node, "blank");
    let page = running(&browser, &node, 800);
    node.kill();
    let node = launch.start();
    let browser = browser.moved(&node);
    wait_for(&browser, &page, &["It is here."]);
    for id in [1, 400, 800] {
        assert_eq!(visit(&node, &format!("/?p={id}")).0, 301, "{id}");
    }
}

// row: OP06
#[test]
fn op06_the_command_line_lets_a_running_node_import_and_follows_it() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up_from(&node, "blank");
        assert!(!visit(&node, "/feed/").1.contains("Title of 3"), "the page is in the cache");
        let file = node.data.path().join("elsewhere.xml");
        std::fs::write(&file, export(5)).unwrap();
        let run = |more: &[&str]| {
            let mut args =
                vec!["--json", "import", "wxr", file.to_str().unwrap(), "--site", "127.0.0.1", "--media", "skip"];
            args.extend(more);
            run_in(node.data.path(), &node.database_url, &args, "")
        };
        let report = |said: &crate::cli::Said| -> Value {
            assert_eq!(said.code, 0, "{}", said.err);
            serde_json::from_str(&said.out).unwrap()
        };
        let looked = report(&run(&["--dry-run"]));
        assert_eq!((looked["dry_run"].as_bool(), looked["kinds"]["post"]["made"].as_u64()), (Some(true), Some(5)));
        let said = run(&[]);
        assert!(said.err.contains("as job"), "{}", said.err);
        assert_eq!(report(&said)["kinds"]["post"]["made"], 5);
        assert!(visit(&node, "/feed/").1.contains("Title of 3"), "new at once");
        assert!(file.exists());
        std::fs::write(&file, "no export").unwrap();
        let said = run(&[]);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(said.err.contains("not a WordPress export"), "{}", said.err);
    }
}
