//! Texts of themes changed in the panel (row TH09), and parents that change what a child took over (row TH04).

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{ALL as SCOPES, Program};
use crate::node::{Browser, Launch, Node, between, location, nodes, visit};
use crate::support::until;

const CODE: &str = "/admin/s/1/theme/shore/code";
const INDEX: &str = "templates/index.html";

/// A node whose site is drawn by `shore`, a theme that builds on `meadow`, which lies in the folder of themes.
fn shore(node: &Node) -> Browser {
    let browser = Browser::of(node);
    browser.set_up(node);
    let meadow = [
        ("theme.toml", "[theme]\nname = \"Meadow\"\nversion = \"1.0\"\nauthor = \"Ida\"\napi = 1\n".to_owned()),
        (
            "templates/base.html",
            "<!doctype html><html lang=\"en\"><head>{{ head() }}</head><body><main>\n{% block main %}{% endblock %}\n</main></body></html>\n".to_owned(),
        ),
        (INDEX, index("the meadow", "two", "three")),
        ("templates/home.html", "{% extends \"index.html\" %}".to_owned()),
    ];
    let aside = node.data.path().join("aside");
    for (path, text) in &meadow {
        let to = aside.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, text).unwrap();
    }
    std::fs::rename(aside, node.data.path().join("themes/meadow")).unwrap();
    until("meadow is known", || browser.get("/admin/s/1/theme/meadow").status() == 200);
    let begun = browser.post("/admin/s/1/theme/meadow", &[("do", "child"), ("name", "shore")]);
    assert_eq!(location(&begun), CODE);
    browser.post("/admin/s/1/theme/shore", &[("do", "activate")]);
    assert!(visit(node, "/").1.contains("the meadow"), "it draws what its parent draws");
    browser
}

fn index(first: &str, second: &str, third: &str) -> String {
    format!(
        "{{% extends \"base.html\" %}}\n{{% block main %}}\n<h1>{first}</h1>\n\n\n<p>{second}</p>\n\n\n<p>{third}</p>\n{{% endblock %}}\n"
    )
}

fn editor(browser: &Browser, path: &str) -> String {
    browser.get(&format!("{CODE}?file={}", path.replace('/', "%2F"))).text().unwrap()
}

fn etag(page: &str) -> String {
    between(page, "name=\"etag\" value=\"", "\"").to_owned()
}

/// Saves a text as a form does; status and page.
fn save(browser: &Browser, path: &str, etag: &str, text: &str) -> (u16, String) {
    let form = [("do", "save"), ("path", path), ("etag", etag), ("text", text)];
    let answer = browser.post(CODE, &form);
    (answer.status().as_u16(), answer.text().unwrap())
}

/// The site has two themes more; one is the parent of the other.
// row: TH09. rule: F9
#[test]
fn th09_a_text_is_kept_only_where_the_theme_works_with_it() {
    for node in nodes() {
        let browser = shore(&node);
        let list = browser.get(CODE).text().unwrap();
        assert!(list.contains("of meadow") && list.contains("index.html"), "{list}");
        let page = editor(&browser, INDEX);
        assert!(page.contains("This is the file of meadow.") && etag(&page).is_empty(), "{page}");
        let (status, _) = save(&browser, INDEX, "", &index("the shore", "two", "three"));
        assert_eq!(status, 303);
        assert!(visit(&node, "/").1.contains("the shore"), "the next page is drawn by it");

        // What does not work is not kept, and is still there to be mended.
        let tag = etag(&editor(&browser, INDEX));
        for (text, why) in [
            ("{% for x in %}", "templates/index.html:1"),
            ("{{ entry.titel | shout }}", "shout"),
            ("{% extends \"index.html\" %}", "It extends itself"),
        ] {
            let (status, page) = save(&browser, INDEX, &tag, text);
            assert_eq!(status, 422, "{text}: {page}");
            assert!(page.contains("Not saved") && page.contains(why), "{why}: {page}");
            assert!(page.contains("<textarea") && page.contains(&text.replace('"', "&quot;").replace('<', "&lt;")));
        }
        assert!(visit(&node, "/").1.contains("the shore"));

        // Two people: the second one sees both texts.
        assert_eq!(save(&browser, INDEX, &tag, &index("first hand", "two", "three")).0, 303);
        let (status, page) = save(&browser, INDEX, &tag, &index("second hand", "two", "three"));
        assert_eq!(status, 409);
        assert!(
            page.contains("was changed meanwhile") && page.contains("first") && page.contains("second hand"),
            "{page}"
        );
        assert_eq!(save(&browser, INDEX, &etag(&page), &index("second hand", "two", "three")).0, 303);
        assert!(visit(&node, "/").1.contains("second hand"));

        // What it said before comes back.
        let states = browser.get(&format!("/admin/s/1/theme/shore/states?file={INDEX}")).text().unwrap();
        assert!(states.contains("<del>first</del> hand") && states.contains("Restore this one"), "{states}");
        let version = between(&states, "name=\"version\" value=\"", "\"").to_owned();
        let form = [("do", "restore"), ("path", INDEX), ("etag", &etag(&states)), ("version", &version)];
        assert_eq!(browser.post(CODE, &form).status(), 303);
        assert!(visit(&node, "/").1.contains("first hand"));

        // Without a file of its own the parent's counts again.
        let tag = etag(&editor(&browser, INDEX));
        assert_eq!(browser.post(CODE, &[("do", "delete"), ("path", INDEX), ("etag", &tag)]).status(), 303);
        assert!(visit(&node, "/").1.contains("the meadow"));
        let audit = browser.get("/admin/server/audit?what=theme").text().unwrap();
        for words in ["began the theme", "changed a file of the theme", "deleted a file of the theme"] {
            assert!(audit.contains(words), "{words}: {audit}");
        }
    }
}

// row: TH09. rules: D1, C1
#[test]
fn th09_places_that_lead_elsewhere_and_themes_of_ours_stay_as_they_are() {
    let node = Launch::all().first().unwrap().start();
    let browser = shore(&node);
    for path in
        ["../meadow/theme.toml", "templates/../../x.html", "/etc/passwd", "static/shell.php", "x.html", ".env.txt", ""]
    {
        let (status, page) = save(&browser, path, "", "ours");
        assert_eq!(status, 422, "{path}: {page}");
    }
    let large = "x".repeat(257 * 1024);
    assert_eq!(save(&browser, "templates/large.html", "", &large).0, 413);
    let own = browser.post(
        "/admin/s/1/theme/croft/code",
        &[("do", "save"), ("path", "templates/index.html"), ("etag", ""), ("text", "ours")],
    );
    assert_eq!(own.status(), 409, "what we ship is not changed");
    let (status, page) =
        save(&browser, "theme.toml", &etag(&editor(&browser, "theme.toml")), "[theme]\nname = \"x\"\napi = 9\n");
    assert_eq!(status, 422, "{page}");
    let tag = etag(&editor(&browser, "theme.toml"));
    let gone = browser.post(CODE, &[("do", "delete"), ("path", "theme.toml"), ("etag", &tag)]);
    assert_eq!(gone.status(), 409);
    let again = browser.post("/admin/s/1/theme/meadow", &[("do", "child"), ("name", "shore")]);
    assert_eq!(again.status(), 409);
    assert!(again.text().unwrap().contains("exists already"));
    let missing = browser.get(&format!("{CODE}?file=templates%2Fnothing.html"));
    assert_eq!(missing.status(), 404);
}

// row: TH04
#[test]
fn th04_a_parent_that_changes_what_a_child_took_over_is_seen_with_its_change() {
    for node in nodes() {
        let browser = shore(&node);
        assert_eq!(save(&browser, INDEX, "", &index("the shore", "two", "three")).0, 303);
        let meadow = node.data.path().join("themes/meadow").join(INDEX);
        let program = Program::new(&node, &browser, SCOPES, "");
        let changes = || program.get("/api/v1/sites/1/themes/shore/parent-changes").1["items"].clone();
        assert_eq!(changes(), json!([]));

        // On other lines: both fit together.
        std::fs::write(&meadow, index("the meadow", "two", "a better third")).unwrap();
        until("the change is seen", || changes().as_array().unwrap().len() == 1);
        let one = browser.get("/admin/s/1/theme/shore").text().unwrap();
        assert!(one.contains("changed files that this theme took over"), "{one}");
        let at = format!("/admin/s/1/theme/shore/parent?file={INDEX}");
        let page = browser.get(&at).text().unwrap();
        assert!(page.contains("a better third") && page.contains("Take it over"), "{page}");
        let keep =
            |word: &str| browser.post("/admin/s/1/theme/shore/parent", &[("keep", word), ("path", INDEX)]).status();
        assert_eq!(keep("nothing"), 422);
        assert_eq!(keep("both"), 303);
        let home = visit(&node, "/").1;
        assert!(home.contains("the shore") && home.contains("a better third"), "{home}");
        assert_eq!(browser.get(&at).status(), 404, "it is settled");

        // On the same line: by hand, or what is there stays.
        std::fs::write(&meadow, index("another meadow", "two", "a better third")).unwrap();
        until("the change is seen", || changes().as_array().unwrap().len() == 1);
        assert!(browser.get(&at).text().unwrap().contains("Both changed the same lines."));
        assert_eq!(keep("both"), 409);
        assert_eq!(keep("own"), 303);
        assert_eq!(changes(), json!([]));
        assert!(visit(&node, "/").1.contains("the shore"));

        // The parent's counts again.
        std::fs::write(&meadow, index("the last meadow", "two", "three")).unwrap();
        until("the change is seen", || changes().as_array().unwrap().len() == 1);
        let said = node.command(&["theme", "settle", "shore", INDEX, "--keep", "theirs"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        until("it is drawn", || visit(&node, "/").1.contains("the last meadow"));
    }
}

// rows: TH09, AP01, OP06
#[test]
fn th09_programs_and_commands_do_the_same() {
    for node in nodes() {
        let browser = shore(&node);
        let program = Program::new(&node, &browser, SCOPES, "");
        let base = "/api/v1/sites/1/themes/shore";
        let (_, files) = program.get(&format!("{base}/files"));
        let of_parent = |files: &Value| {
            files["items"].as_array().unwrap().iter().find(|f| f["path"] == INDEX).unwrap()["from"].clone()
        };
        assert_eq!(of_parent(&files), "meadow");
        let body = json!({ "path": INDEX, "text": index("by a program", "two", "three") });
        let (status, text) = program.with(Method::PUT, &format!("{base}/text"), body.clone());
        assert_eq!(status, 200, "{text}");
        assert!(visit(&node, "/").1.contains("by a program"));
        let (status, text) = program.with(Method::PUT, &format!("{base}/text"), body);
        assert_eq!((status, text["code"].as_str()), (409, Some("version_conflict")));
        let (_, read) = program.get(&format!("{base}/text?path={INDEX}"));
        assert!(read["text"].as_str().unwrap().contains("by a program") && read["from"] == "");

        let file = node.data.path().join("new.html");
        std::fs::write(&file, index("by a command", "two", "three")).unwrap();
        let run = |args: &[&str]| {
            let done = node.command(args, "");
            assert_eq!(done.code, 0, "{args:?}: {}", done.err);
            done.out
        };
        run(&["theme", "write", "shore", INDEX, file.to_str().unwrap()]);
        assert!(visit(&node, "/").1.contains("by a command"));
        assert!(run(&["theme", "files", "shore"]).contains(INDEX));
        assert!(run(&["theme", "read", "shore", INDEX]).contains("by a command"));
        let (_, states) = program.get(&format!("{base}/states?path={INDEX}"));
        let newest = states["items"][0].clone();
        assert!(newest["text"].as_str().unwrap().contains("by a program"));
        assert!(run(&["theme", "states", "shore", INDEX]).contains(&newest["id"].to_string()));
        run(&["theme", "restore", "shore", INDEX, &newest["id"].to_string()]);
        assert!(visit(&node, "/").1.contains("by a program"));
        run(&["theme", "drop", "shore", INDEX]);
        assert!(visit(&node, "/").1.contains("the meadow"));
        assert!(run(&["theme", "parent-changes", "shore"]).contains("changed by"));
        std::fs::write(&file, "{% for x in %}").unwrap();
        let broken = node.command(&["theme", "write", "shore", INDEX, file.to_str().unwrap()], "");
        assert_eq!(broken.code, 1, "{}", broken.out);
        assert!(broken.err.contains("Not saved"), "{}", broken.err);
        // A site's own theme has children of that site alone.
        run(&["theme", "new", "cove", "--child-of", "meadow", "--site", "1"]);
        let stray = node.command(&["theme", "new", "stray", "--child-of", "cove@1"], "");
        assert_ne!(stray.code, 0, "{}", stray.out);
        assert!(stray.err.contains("meadow") && !stray.err.contains("cove@1"), "what fits is named: {}", stray.err);
        assert!(!node.data.path().join("themes/stray").exists());
        let (status, child) =
            program.with(Method::POST, "/api/v1/sites/1/themes/cove@1/children", json!({ "name": "rill" }));
        assert_eq!((status, &child["name"]), (201, &json!("rill@1")));
        let began = browser.get("/admin/server/audit?what=theme").text().unwrap();
        assert!(!began.contains("stray"), "what was refused was not begun");
        let child = program.with(Method::POST, &format!("{base}/children"), json!({ "name": "shoal" }));
        assert_eq!((child.0, &child.1["name"]), (201, &json!("shoal")));
        assert_eq!(browser.get("/admin/s/1/theme/shoal/code").status(), 200);
    }
}
