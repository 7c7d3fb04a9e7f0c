//! WordPress exports through the real binary: everything comes in, a second run changes nothing, a killed run goes on.

use std::process::{Command, Output, Stdio};

use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use crate::export::{Export, Item, comment, file_server};
use crate::node::{Launch, Node, visit};

/// Data with a claimed site, not running.
struct Desk {
    data: tempfile::TempDir,
    database: String,
}

#[allow(clippy::disallowed_methods)] // a test of the program starts the program
fn program(data: &std::path::Path, database: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freehold"));
    command
        .args(["--data", data.to_str().unwrap(), "--database-url", database])
        .args(args)
        .env("FREEHOLD__PASSWORD__BCRYPT_COST", "4")
        .env("FREEHOLD__LIMITS__KEEP_FREE_PERCENT", "0") // the disk of a test machine may be full
        .env("FREEHOLD__LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Desk {
    fn new(database: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let desk = Self { data, database: database.to_owned() };
        let done =
            desk.run(&["setup", "--email", "mara@example.org", "--site-title", "Harbour & Pine", "--start", "blank"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        desk
    }
    fn run(&self, args: &[&str]) -> Output {
        program(self.data.path(), &self.database, args).output().unwrap()
    }
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.data.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
    /// Imports and gives the report.
    fn import(&self, file: &str, more: &[&str]) -> serde_json::Value {
        let done = self.try_import(file, more);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }
    fn try_import(&self, file: &str, more: &[&str]) -> Output {
        let mut args = vec!["--json", "import", "wxr", file, "--site", "127.0.0.1"];
        args.extend(more);
        self.run(&args)
    }
}

fn desks() -> Vec<Desk> {
    let mut all = vec![Desk::new("")];
    all.extend(crate::support::fresh_postgres().map(|url| Desk::new(&url)));
    all
}

fn tally(report: &serde_json::Value, kind: &str) -> [u64; 5] {
    ["found", "made", "unchanged", "changed", "skipped"].map(|n| report["kinds"][kind][n].as_u64().unwrap_or(0))
}

/// Every count of the file is accounted for.
fn adds_up(report: &serde_json::Value) {
    for (kind, t) in report["kinds"].as_object().unwrap() {
        let sum: u64 = ["made", "unchanged", "changed", "skipped"].iter().map(|n| t[n].as_u64().unwrap()).sum();
        assert_eq!(t["found"].as_u64().unwrap(), sum, "{kind}: {report:#}");
    }
}

fn made_or_changed(report: &serde_json::Value) -> u64 {
    let all = report["kinds"].as_object().unwrap();
    all.values().map(|t| t["made"].as_u64().unwrap() + t["changed"].as_u64().unwrap()).sum()
}

/// Where an address leads: the statuses on the way, and the last page.
fn follow(node: &Node, path: &str) -> (Vec<u16>, String) {
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let (mut at, mut way) = (format!("{}{path}", node.site), Vec::new());
    for _ in 0..5 {
        let answer = http.get(&at).send().unwrap();
        way.push(answer.status().as_u16());
        match answer.headers().get("location").map(|l| l.to_str().unwrap().to_owned()) {
            Some(to) if to.starts_with('/') => at = format!("{}{to}", node.site),
            Some(to) => at = to,
            None => return (way, String::from_utf8_lossy(&answer.bytes().unwrap()).into_owned()),
        }
    }
    panic!("{path} leads in circles");
}

/// The old permalink answers 200 or 301 to 200 with the words.
fn answers(node: &Node, path: &str, words: &str) {
    let (way, page) = follow(node, path);
    assert!(matches!(way.as_slice(), [200] | [301, 200]), "{path}: {way:?}");
    assert!(page.contains(words), "{path} lacks {words}: {page}");
}

fn post(id: i64, slug: &str, content: &str) -> Item {
    Item {
        id,
        kind: "post",
        title: format!("Title of {id}"),
        link: format!("https://old.example/2024/05/01/{slug}/"),
        slug: slug.into(),
        status: "publish",
        creator: "ida",
        content: content.into(),
        ..Default::default()
    }
}

/// One of everything.
fn sample(port: u16) -> Export {
    let mut e = Export::new("https://old.example");
    e.author(1, "ida", "ida@example.net", "Ida Berg");
    e.author(2, "quiet.man", "", "Quiet Man");
    e.category(11, "news", "", "News");
    e.category(12, "local", "news", "Local &amp; near"); // its parent stands before it; "far" comes before its own
    e.category(13, "far", "wide", "Far");
    e.category(14, "wide", "", "Wide");
    e.term(21, "mood", "calm", "Calm");
    let term = |t: &'static str, slug: &str, name: &str| (t, slug.to_owned(), name.to_owned());
    e.item(&Item {
        terms: vec![term("category", "local", "Local"), term("post_tag", "sea", "Sea"), term("mood", "calm", "Calm")],
        meta: vec![("price", "5".into()), ("_thumbnail_id", "70".into()), ("_wp_old_slug", "first-slug".into())],
        sticky: true,
        comments: comment(502, 501, "olaf", "", "1", "words-of-the-answer")
            + &comment(501, 0, "rut", "", "1", "words-of-the-question\n\nsecond paragraph")
            + &comment(503, 0, "spammer", "", "spam", "words-of-spam")
            + &comment(504, 0, "other-blog", "pingback", "1", "words-of-the-pingback"),
        ..post(
            101,
            "first",
            &format!(
                "Classic words-101.\n\nA <a href=\"https://old.example/?p=102\">link</a> and <a href=\"http://www.old.example/about/team/\">team</a>.\n\n\
                 <img class=\"wp-image-70\" src=\"http://127.0.0.1:{port}/wp-content/uploads/2024/05/cat-300x200.png\" alt=\"\"/> [slider id=\"3\"]"
            ),
        )
    });
    e.item(&post(
        102,
        "%e6%97%a5%e6%9c%ac",
        "<!-- wp:paragraph --><p>Block words-102.</p><!-- /wp:paragraph --><!-- wp:acme/box {\"a\":1} --><div>boxed</div><!-- /wp:acme/box -->",
    ));
    let link = "https://old.example/2024/05/02/first/".to_owned();
    e.item(&Item { link, ..post(103, "first", "The same slug, words-103.") });
    e.item(&Item { status: "draft", link: "https://old.example/?p=104".into(), ..post(104, "", "words-104") });
    e.item(&Item { status: "private", ..post(105, "secret", "words-105") });
    e.item(&Item { password: "open", ..post(106, "locked", "words-106") });
    e.item(&Item { status: "future", date: "2199-01-01 00:00:00".into(), ..post(107, "later", "words-107") });
    e.item(&Item { status: "trash", ..post(108, "gone", "words-108") });
    e.item(&Item { creator: "quiet.man", ..post(109, "by-quiet", "words-109") });
    let page = |id, parent, slug: &str, path: &str| Item {
        kind: "page",
        parent,
        link: format!("https://old.example/{path}/"),
        ..post(id, slug, &format!("words-{id}"))
    };
    e.item(&page(202, 201, "team", "about/team")); // before the page above it
    e.item(&page(201, 0, "about", "about"));
    e.item(&page(203, 204, "ring-a", "ring-b/ring-a"));
    e.item(&page(204, 203, "ring-b", "ring-a/ring-b"));
    e.item(&Item { kind: "recipe", link: "https://old.example/recipe/soup/".into(), ..post(301, "soup", "words-301") });
    for (id, name) in [(70, "cat.png"), (71, "price list.pdf"), (72, "gone.gif")] {
        e.item(&Item {
            kind: "attachment",
            status: "inherit",
            parent: 101,
            attachment: format!("http://127.0.0.1:{port}/wp-content/uploads/2024/05/{}", name.replace(' ', "%20")),
            link: format!("https://old.example/2024/05/01/first/file-{id}/"),
            meta: vec![("_wp_attachment_image_alt", "A grey cat".into())],
            ..post(id, name, "")
        });
    }
    e.menu_line(401, 0, "main-menu", "", ("post_type", "page", 201, ""));
    e.menu_line(402, 401, "main-menu", "Our team", ("post_type", "page", 202, ""));
    e.menu_line(403, 0, "main-menu", "Nearby", ("taxonomy", "category", 12, ""));
    e.menu_line(404, 0, "main-menu", "Soup", ("custom", "custom", 404, "https://old.example/recipe/soup/"));
    e.menu_line(405, 0, "main-menu", "Lost", ("post_type", "page", 999, ""));
    e
}

// row: IE01
#[test]
fn an_export_comes_in_whole_and_a_second_run_changes_nothing() {
    let port = file_server();
    for desk in desks() {
        let config = desk.file("config.toml", &format!("[outbound]\nallow = [\"127.0.0.1:{port}\"]\n"));
        let file = desk.file("export.xml", &sample(port).finish());
        let looked = desk.import(&file, &["--config", &config, "--dry-run"]);
        assert_eq!((tally(&looked, "post"), tally(&looked, "attachment")), ([9, 9, 0, 0, 0], [3, 3, 0, 0, 0]));
        let report = desk.import(&file, &["--config", &config]);
        adds_up(&report);
        assert_eq!(tally(&report, "post"), [9, 9, 0, 0, 0], "{report:#}");
        assert_eq!(tally(&report, "page"), [4, 4, 0, 0, 0]);
        assert_eq!(tally(&report, "recipe"), [1, 1, 0, 0, 0]);
        assert_eq!(tally(&report, "category"), [4, 4, 0, 0, 0]);
        assert_eq!(tally(&report, "mood"), [1, 1, 0, 0, 0]);
        assert_eq!(tally(&report, "author"), [2, 2, 0, 0, 0]);
        assert_eq!(tally(&report, "comment"), [4, 4, 0, 0, 0]);
        assert_eq!(tally(&report, "attachment"), [3, 2, 0, 0, 1], "one answers with 404: {report:#}");
        assert_eq!(tally(&report, "nav_menu_item"), [5, 4, 0, 0, 1], "one leads nowhere");
        assert_eq!(report["shortcodes"]["slider"], 1);
        let again = desk.import(&file, &["--config", &config]);
        adds_up(&again);
        assert_eq!(made_or_changed(&again), 0, "{again:#}");

        let node = Launch::on(desk.data, &desk.database).start();
        check_site(&node);
    }
}

fn check_site(node: &Node) {
    for (old, words) in [
        ("/2024/05/01/first/", "words-101"),
        ("/?p=101", "words-101"),
        ("/2024/05/01/first-slug/", "words-101"),
        ("/?p=102", "words-102"),
        ("/2024/05/01/%e6%97%a5%e6%9c%ac/", "words-102"),
        ("/?p=103", "words-103"),
        ("/2024/05/02/first/", "words-103"),
        ("/about/team/", "words-202"),
        ("/?page_id=202", "words-202"),
        ("/about/", "words-201"),
        ("/ring-b/ring-a/", "words-203"),
        ("/recipe/soup/", "words-301"),
        ("/category/news/local/", "Title of 101"),
        ("/category/local/", "Title of 101"),
        ("/?cat=12", "Title of 101"),
        ("/category/wide/far/", "Far"),
        ("/tag/sea/", "Title of 101"),
        ("/mood/calm/", "Title of 101"),
        ("/author/ida/", "Ida Berg"),
        ("/author/quiet.man/", "Quiet Man"),
        ("/wp-content/uploads/2024/05/price%20list.pdf", "%PDF"),
        ("/wp-content/uploads/2024/05/cat.png", "PNG"),
        ("/2024/05/01/first/file-71/", "%PDF"),
    ] {
        answers(node, old, words);
    }
    for same in ["/about/", "/about/team/", "/recipe/soup/", "/category/news/local/", "/author/ida/"] {
        assert_eq!(follow(node, same).0, [200], "{same} is where it was");
    }
    for hidden in ["/?p=104", "/2024/05/01/secret/", "/?p=105", "/?p=107", "/later/", "/?p=108", "/gone/", "/?p=70000"]
    {
        assert_eq!(follow(node, hidden).0.last(), Some(&404), "{hidden}");
    }
    assert!(!follow(node, "/2024/05/01/locked/").1.contains("words-106"), "a password keeps its words");
    let (_, first) = follow(node, "/?p=101");
    assert!(first.contains("words-of-the-question") && first.contains("words-of-the-answer"));
    assert!(first.contains("words-of-the-pingback") && !first.contains("words-of-spam"));
    assert!(
        !first.contains("old.example/?p=102") && !first.contains("old.example/about"),
        "links lead to what is here"
    );
    assert!(
        first.contains("href=\"/about/team/\"") && first.contains("/media/") && first.contains("A grey cat"),
        "{first}"
    );
    assert!(visit(node, "/?s=Classic").1.contains("Title of 101"), "found by search");
    let home = visit(node, "/").1;
    for words in ["Our team", "Nearby", "href=\"/recipe/soup/\""] {
        assert!(home.contains(words), "the menu lacks {words}: {home}");
    }
}

// row: IE01
#[test]
fn a_newer_export_updates_what_changed_there_and_leaves_alone_what_changed_here() {
    for desk in desks() {
        let mut old = Export::new("https://old.example");
        old.item(&post(1, "one", "early words-1"));
        old.item(&post(2, "two", "early words-2"));
        desk.import(&desk.file("old.xml", &old.finish()), &["--media", "skip"]);
        let mut new = Export::new("https://old.example");
        let comments = comment(9, 0, "rut", "", "1", "late-comment");
        new.item(&Item { comments, ..post(1, "one", "newer words-1") });
        new.item(&post(2, "two", "early words-2"));
        new.item(&post(3, "three", "words-3"));
        let report = desk.import(&desk.file("new.xml", &new.finish()), &["--media", "skip"]);
        adds_up(&report);
        assert_eq!(tally(&report, "post"), [3, 1, 1, 1, 0]);
        let node = Launch::on(desk.data, &desk.database).start();
        let (_, page) = follow(&node, "/?p=1");
        assert!(page.contains("newer words-1") && page.contains("late-comment"), "{page}");
    }
}

// row: IE01
#[test]
fn a_killed_import_goes_on_where_it_stood() {
    use std::io::{BufRead as _, BufReader};
    const POSTS: u64 = 900;
    for desk in desks() {
        let mut export = Export::new("https://old.example");
        for id in 1..=POSTS as i64 {
            export.item(&post(id, &format!("post-{id}"), &format!("words-{id} {}", "and more of them ".repeat(40))));
        }
        let file = desk.file("export.xml", &export.finish());
        let args = ["--json", "import", "wxr", &file, "--site", "127.0.0.1", "--media", "skip"];
        let mut child = program(desk.data.path(), &desk.database, &args).spawn().unwrap();
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            if line.contains("Entries") && !line.contains(" 0 of") {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let report = desk.import(&file, &["--media", "skip"]);
        adds_up(&report);
        let [found, made, unchanged, changed, skipped] = tally(&report, "post");
        assert_eq!((found, made + unchanged, changed, skipped), (POSTS, POSTS, 0, 0));
        assert!(unchanged > 0 && unchanged % 100 == 0, "whole batches stayed: {unchanged}");
        let node = Launch::on(desk.data, &desk.database).start();
        for id in [1, 50, 100, 101, 450, 900] {
            answers(&node, &format!("/?p={id}"), &format!("words-{id}"));
            assert_eq!(visit(&node, &format!("/post-{id}-2/")).0, 404, "nothing came twice");
        }
    }
}

// row: IE01
#[test]
fn broken_and_hostile_files_are_refused_before_anything_is_written() {
    for desk in desks() {
        let whole = sample(1);
        let bomb =
            whole.finish().replacen("<rss", "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<rss", 1);
        let deep = format!("{}<item>{}", whole.finish().split("<item>").next().unwrap(), "<a>".repeat(300_000));
        for (name, text, says) in [
            ("cut.xml", whole.cut(), "ends in the middle"),
            ("bomb.xml", bomb, "entities"),
            ("deep.xml", deep, "not a WordPress export"),
            ("page.html", "<!doctype html><title>x</title>".to_owned(), "HTML page"),
            ("empty.xml", String::new(), "empty file"),
        ] {
            let file = desk.file(name, &text);
            let refused = desk.try_import(&file, &["--media", "skip"]);
            let words = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(1), "{name}: {words}");
            assert!(words.contains(says), "{name}: {words}");
        }
        let file = desk.file("whole.xml", &whole.finish());
        assert_eq!(tally(&desk.import(&file, &["--dry-run"]), "post")[2], 0, "nothing was written");
        let cut = desk.data.path().join("cut.xml");
        let report = desk.import(cut.to_str().unwrap(), &["--media", "skip", "--partial"]);
        adds_up(&report);
        assert_eq!(tally(&report, "post"), [9, 9, 0, 0, 0]);
        assert!(report["incomplete"].as_str().unwrap().contains("ends in the middle"));
    }
}

/// The real exports in the folder that `FREEHOLD_WXR_DIR` names; nothing without it.
// row: IE01
#[test]
#[allow(clippy::disallowed_methods)] // how a person points a test at files that are not part of the project
fn real_exports_come_in_with_every_page_and_old_address() {
    use freehold_publishing::wxr::{Export as Reader, Record};
    let Ok(folder) = std::env::var("FREEHOLD_WXR_DIR") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "xml"));
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        for desk in desks() {
            let file = path.to_str().unwrap();
            let report = desk.import(file, &["--media", "skip"]);
            adds_up(&report);
            let again = desk.import(file, &["--media", "skip"]);
            assert_eq!(made_or_changed(&again), 0, "{again:#}");
            let node = Launch::on(desk.data, &desk.database).start();
            let mut asked = 0;
            for record in Reader::open(std::io::BufReader::new(std::fs::File::open(&path).unwrap())).unwrap() {
                match record.unwrap() {
                    Record::Item(i) if ["post", "page"].contains(&i.kind.as_str()) && i.status == "publish" => {
                        let old = i.link.split("://").nth(1).and_then(|l| l.find('/').map(|at| l[at..].to_owned()));
                        let words = if i.password.is_empty() { words_of(&i.content) } else { String::new() };
                        for path in old
                            .into_iter()
                            .filter(|p| p != "/")
                            .chain((i.wp_id > 0).then(|| format!("/?p={}", i.wp_id)))
                        {
                            let (way, page) = follow(&node, &path);
                            assert!(matches!(way.as_slice(), [200] | [301, 200]), "{path}: {way:?}");
                            assert!(page.contains(&words), "{path} lacks \u{201c}{words}\u{201d}");
                            asked += 1;
                        }
                    }
                    Record::Term(t) if ["category", "post_tag"].contains(&t.taxonomy.as_str()) => {
                        let base = if t.taxonomy == "category" { "category" } else { "tag" };
                        let (way, _) = follow(&node, &format!("/{base}/{}/", t.slug));
                        assert!(matches!(way.as_slice(), [200] | [301, 200]), "{}: {way:?}", t.slug);
                        asked += 1;
                    }
                    Record::Author(a) => {
                        let (way, _) = follow(&node, &format!("/author/{}/", a.login));
                        assert!(matches!(way.as_slice(), [200] | [301, 200]), "{}: {way:?}", a.login);
                        asked += 1;
                    }
                    _ => {}
                }
            }
            println!("{}: {} addresses asked\n{report:#}", path.display(), asked);
        }
    }
}

/// The longest word of letters in a text, which must be on the page.
fn words_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' | '[' | '&' => inside = true,
            '>' | ']' | ';' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    let words = text.split(|c: char| !c.is_ascii_alphabetic());
    words.max_by_key(|w| w.len()).unwrap_or_default().to_owned()
}

// rule: C10
#[test]
fn c10_the_password_of_an_imported_entry_is_sealed_and_opens_it() {
    use freehold_base::config::Config;
    use freehold_base::{Clock, SiteId};
    use freehold_publishing::content::password;
    for desk in desks() {
        let mut e = Export::new("https://old.example");
        e.author(1, "ida", "ida@example.net", "Ida Berg");
        e.item(&Item { password: "blue heron", ..post(106, "locked", "words-106") });
        let file = desk.file("export.xml", &e.finish());
        desk.import(&file, &["--media", "skip"]);
        let config =
            Config { data: desk.data.path().to_owned(), database_url: desk.database.clone(), ..Config::default() };
        let base = freehold::open(config, Clock::system()).unwrap();
        let entry = base.store.read(&freehold_store::Actor::system(), |tx| {
            let scope = tx.scope_of(SiteId(1))?;
            let all = freehold_store::entries::with_address(tx, scope, "post", freehold_base::EntryId(0), 10)?;
            Ok(all.into_iter().find(|e| e.visibility == "password").unwrap())
        });
        let stored = entry.unwrap().password;
        assert!(stored.starts_with("s1.") && !stored.contains("heron"), "{stored}");
        assert_eq!(password::open(&base.keys, SiteId(1), &stored), "blue heron");
    }
}
