//! The statements that reach the database, as the log's target `sql` tells them (without their values): how many a page
//! takes, and that each one on a tenant's table names the tenant (security rule C2).

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use freehold_base::{AccountId, Clock, CommentId, HostName, MediaId, SiteId};
use freehold_doors::cli::seed;
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_publishing::content::{self, Body, Changes, Intent, Target};
use freehold_publishing::pages::{Answer, Ask, Pages};
use freehold_publishing::themes::Themes;
use freehold_store::entries::{self, Filter, Sort};
use freehold_store::{Actor, Store, comments};

use crate::support::stores;
use crate::town::picture;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What `f` asks of the database on this thread.
pub fn statements<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let lines = Lines::default();
    let sink = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("sql=trace")
        .without_time()
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .finish();
    let value = tracing::subscriber::with_default(subscriber, f);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    (value, statements_in(&text).map(str::to_owned).collect())
}

/// The statements in what a node said, without those that only frame a transaction or ask whether a connection lives.
fn statements_in(log: &str) -> impl Iterator<Item = &str> {
    const FRAMES: [&str; 8] = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ", "SELECT 1"];
    log.lines()
        .filter_map(|line| line.split_once(" sql: ").map(|(_, statement)| statement.trim()))
        .filter(|statement| !FRAMES.iter().any(|frame| statement.starts_with(frame)))
}

/// Tables with a tenant's column that no tenant owns: (table, why).
const SHARED: &[(&str, &str)] = &[
    ("tokens", "a token is its person's; the site only narrows it"),
    ("audit_rows", "a row belongs to a chain; chains are per account"),
];

/// Statements that look at all tenants, for the system alone: (words in them, why).
const SYSTEM: &[(&[&str], &str)] = &[
    (&["from jobs"], "workers and the hosting admin see all jobs; a site's are listed by their site"),
    (&["update jobs"], "a worker's lease is fenced by its token, not by a tenant"),
    (&["from site_domains", "inner join sites"], "the host table: which name leads to which tenant"),
    (&["from entries", "status = ", "trashed_at <"], "the job that empties all trashes"),
    (&["from entries", "status = ", "published_at <="], "the job that publishes what is due"),
    (&["from sites", "join site_domains", "join settings"], "lists of sites: those that the actor's grants name"),
    (
        &["from sites", "exists", "from site_redirects"],
        "a node that starts reads the rules of all sites that have some",
    ),
    (&["from sites", "exists", "from entries"], "the sites a person wrote on: each by its own index"),
    (&["from access_logins", "name = "], "signing in to files: names are unique, and lead to their tenant"),
    (&["from media", "hash = "], "whether any tenant still needs these bytes"),
    (
        &["from plugin_sites", "is_on ="],
        "what each site runs: a node puts its line-ups together; a count for the hosting admin",
    ),
    (
        &["from plugin_sites", "plugin_id =", "site_id >"],
        "the sites that a plugin is told on, or forgotten for when it is removed",
    ),
    (&["from settings", "value like"], "which sites use a theme: asked before it goes, and when it changed"),
];

/// Tables that carry a tenant, read from the migrations.
static TENANT_TABLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut tables = Vec::new();
    for file in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|f| f.file_name() == "up.sql") {
        let text = std::fs::read_to_string(file.path()).unwrap();
        for table in text.split("CREATE TABLE ").skip(1) {
            let (name, columns) = table.split_once('(').unwrap();
            if columns.split(';').next().unwrap().contains("site_id INTEGER") {
                tables.push(name.trim().to_owned());
            }
        }
    }
    tables.retain(|t| !SHARED.iter().any(|(shared, _)| shared == t));
    assert!(tables.len() > 10, "{tables:?}");
    tables
});

/// A statement as words: without quotes and brackets, names with their table still before them.
fn words_of(statement: &str) -> Vec<String> {
    let plain = statement.replace(['`', '"'], "").replace(['(', ')', ','], " ").to_lowercase();
    plain.split_whitespace().map(str::to_owned).collect()
}

/// Words that may follow a table's name without being its other name.
const AFTER_A_TABLE: &[&str] = &[
    "as",
    "inner",
    "left",
    "cross",
    "join",
    "on",
    "where",
    "order",
    "set",
    "limit",
    "group",
    "union",
    "returning",
    "values",
];

/// Whether the table that stands at `place` is asked by its tenant: by a value, or by the tenant of another table of
/// the same statement.
fn names_tenant(words: &[String], place: usize) -> bool {
    let other = words.get(place + 1).filter(|w| !AFTER_A_TABLE.contains(&w.as_str()));
    let other = if words.get(place + 1).is_some_and(|w| w == "as") { words.get(place + 2) } else { other };
    let names = [Some(&words[place]), other].into_iter().flatten();
    let own: Vec<String> = names.map(|name| format!("{name}.site_id")).chain(["site_id".to_owned()]).collect();
    words[place..].iter().any(|w| own.contains(w))
}

/// Whether a statement names the tenant of every tenant's table in it, joined ones too, or is the system's.
fn is_scoped(statement: &str) -> bool {
    let words = words_of(statement);
    let tables: Vec<usize> = (1..words.len())
        .filter(|at| TENANT_TABLES.contains(&words[*at]))
        .filter(|at| ["from", "join", "update", "into"].contains(&words[at - 1].as_str()))
        .collect();
    let is_value = |w: &str| w.starts_with('?') || w.starts_with('$');
    let is_bound = |w: &[String]| w[0].ends_with("site_id") && w[1] == "=" && is_value(&w[2]);
    let bound = words.first().is_some_and(|w| w == "insert") || words.windows(3).any(is_bound);
    let plain = words.join(" ");
    tables.is_empty()
        || (bound && tables.iter().all(|at| names_tenant(&words, *at)))
        || SYSTEM.iter().any(|(all, _)| all.iter().all(|part| plain.contains(part)))
}

/// Statements of a log that reach into a tenant's table without naming the tenant.
pub fn unscoped(log: &str) -> Vec<String> {
    let mut bad: Vec<String> = statements_in(log).filter(|s| !is_scoped(s)).map(str::to_owned).collect();
    bad.sort();
    bad.dedup();
    bad
}

#[test]
fn the_watch_on_tenants_sees_what_it_should() {
    for bad in [
        "SELECT `entries`.`id`, `entries`.`site_id` FROM `entries` WHERE (`entries`.`id` = ?)",
        r#"UPDATE "terms" SET "name" = $1 WHERE ("terms"."id" = $2)"#,
        "DELETE FROM `comments`",
        "INSERT INTO `menus` (`slug`) VALUES (?)",
        "SELECT `media`.`hash` FROM (`entries` LEFT OUTER JOIN `media` ON (`media`.`id` = `entries`.`cover_id`)) \
         WHERE (`entries`.`site_id` = ?)",
        "SELECT `entries`.`id` FROM `entries` WHERE ((`entries`.`site_id` = ?) AND `entries`.`id` IN \
         (SELECT `entry_terms`.`entry_id` FROM `entry_terms` WHERE (`entry_terms`.`term_id` = ?)))",
        "SELECT t.id FROM entry_terms et JOIN terms t ON t.id = et.term_id WHERE et.site_id = $1",
        "SELECT `entries`.`id` FROM `entries` WHERE (`entries`.`site_id` = `entries`.`site_id`)",
        "SELECT `entries`.`site_id` FROM `entries` WHERE (`entries`.`path` = ?)",
    ] {
        assert!(!is_scoped(bad), "{bad}");
    }
    for fine in [
        "SELECT `entries`.`id` FROM `entries` WHERE ((`entries`.`site_id` = ?) AND (`entries`.`id` = ?))",
        "INSERT INTO `menus` (`site_id`, `slug`) VALUES (?, ?)",
        "SELECT `media`.`hash` FROM (`entries` LEFT OUTER JOIN `media` ON ((`media`.`id` = `entries`.`cover_id`) AND \
         (`media`.`site_id` = `entries`.`site_id`))) WHERE (`entries`.`site_id` = ?)",
        "SELECT t.id FROM entry_terms et JOIN terms t ON t.id = et.term_id AND t.site_id = et.site_id WHERE et.site_id = $1",
        "SELECT `users`.`id` FROM `users` WHERE (`users`.`email` = ?)",
    ] {
        assert!(is_scoped(fine), "{fine}");
    }
}

const SITE: SiteId = SiteId(1);

/// A site with posts, a page and comments on the newest post.
fn town(store: &Store) {
    store
        .write(&Actor::system(), |tx| {
            let server = tx.authorize_server(freehold_base::Capability::ServerManage)?;
            let account = freehold_store::testing::account(tx, server, "main")?;
            let host = HostName::parse("a.example")?;
            let site = sites::create(tx, &NewSite { account, title: "A".into(), host, settings: Settings::default() })?;
            assert_eq!(site, SITE);
            Ok(())
        })
        .unwrap();
    freehold_store::testing::execute(
        store,
        "INSERT INTO users (email, name, slug, bio, password_hash, password_scheme, status, locale, appearance, totp_sealed, \
         totp_pending, totp_last_step, created_at, signed_in_at) VALUES ('a@b.example', 'Ada', 'ada', '', '', '', 'active', '', \
         '', '', '', 0, 0, 0)",
    )
    .unwrap();
    seed::seed(store, SITE, 30, &mut |_| {}).unwrap();
    let picture = store.write(&Actor::system(), |tx| picture(tx, SITE, "A calm sea").map(MediaId::get));
    let document = format!(
        r#"{{"type":"doc","attrs":{{"version":1}},"content":[{{"type":"image","attrs":{{"media_id":{},"src":"/media/{}/sea.jpg"}}}}]}}"#,
        picture.unwrap(),
        "ab".repeat(32)
    );
    let pictured = Changes {
        title: Some("Pictured".into()),
        body: Some(Body::Json(document)),
        terms: Some(vec![freehold_base::TermId(1)]),
        tags: Some(vec!["tag 1".into()]),
        comments_open: Some(true),
        ..Default::default()
    };
    let pictured = content::prepare(pictured, false).unwrap();
    let about = Changes {
        title: Some("About".into()),
        body: Some(Body::Markdown("Us.".into())),
        comments_open: Some(true),
        ..Default::default()
    };
    let about = content::prepare(about, false).unwrap();
    store
        .write(&Actor::system(), move |tx| {
            let page = content::save(tx, SITE, &Target::New("page".into()), &about, Intent::Publish)?;
            let scope = tx.visit(SITE)?;
            let newest = entries::list(tx, scope, &posts(), Sort::Published, &Default::default())?;
            let pictured = content::save(tx, SITE, &Target::New("post".into()), &pictured, Intent::Publish)?;
            for entry_id in [page.id, pictured.id, newest[0].0.id] {
                let created_at = tx.now();
                let comment = comments::Comment {
                    id: CommentId(0),
                    entry_id,
                    parent_id: CommentId(0),
                    user_id: 0,
                    author_name: "Ada".into(),
                    author_email: "ada@example.net".into(),
                    author_url: String::new(),
                    address: String::new(),
                    agent: String::new(),
                    body: "Well said.".into(),
                    status: "approved".into(),
                    created_at,
                };
                comments::insert(tx, scope, &comment)?;
                entries::add_comments(tx, scope, entry_id, 1)?;
            }
            Ok(())
        })
        .unwrap();
}

fn posts() -> Filter {
    Filter { kind: Some("post".into()), live: true, ..Default::default() }
}

/// Steps that take longer the more a site has: a whole table, or all that shares a site or a status.
fn walks_all(step: &str) -> bool {
    let tables = ["entries", "entry_terms", "terms", "media", "comments", "old_paths", "users"];
    let scans =
        tables.iter().any(|table| step == format!("SCAN {table}") || step.starts_with(&format!("SCAN {table} ")));
    scans
        || ["entries", "terms", "media"].iter().any(|table| {
            step.starts_with(&format!("SEARCH {table} "))
                && (step.ends_with("(site_id=?)") || step.ends_with("(status=?)"))
                && !step.contains("entries_sticky")
        })
}

#[test]
fn a_public_page_takes_three_statements_at_most() {
    for t in stores() {
        town(&t.store);
        let pages = Pages::new(Arc::new(Themes::open(None).unwrap()));
        let ask = |path: &str| {
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let ask = Ask {
                search: query.strip_prefix("s="),
                site: SITE,
                account: AccountId(1),
                origin: "http://a.example",
                path,
                ..Ask::default()
            };
            let visitor = Actor::visitor("");
            let (answer, asked) = statements(|| t.store.peek(&visitor, |tx| pages.answer(tx, &ask)).unwrap());
            let Answer::Body { body, .. } = answer else { panic!("{path}: no page") };
            (body, asked)
        };
        ask("/"); // settings and menus are read once
        let post = t
            .store
            .read(&Actor::visitor(""), |tx| {
                let scope = tx.visit(SITE)?;
                Ok(entries::list(tx, scope, &posts(), Sort::Published, &Default::default())?
                    .swap_remove(1)
                    .0
                    .path
                    .unwrap())
            })
            .unwrap();
        let year = Clock::fixed(crate::support::START).now().utc().format("/%Y/").to_string();
        for (path, words, most) in [
            ("/", "hentry", 2),
            ("/pictured/", "alt=\"A calm sea\"", 3),
            ("/pictured/", "Well said.", 3),
            (post.as_str(), "Well said.", 3),
            ("/about/", "Well said.", 3),
            ("/category/category-0/", "Category 0", 3),
            ("/tag/tag-1/", "tag 1", 3),
            (year.as_str(), "", 3),
            ("/author/ada/", "Ada", 3),
            ("/feed/", "<item>", 3),
            ("/?s=category", "", 3),
            ("/?s=pict", "Pictured", 3),
        ] {
            let (body, asked) = ask(path);
            assert!(asked.len() <= most, "{path}: {} statements\n{}", asked.len(), asked.join("\n"));
            for statement in &asked {
                let plan = freehold_store::testing::plan(&t.store, statement).unwrap();
                let walks: Vec<&String> = plan.iter().filter(|step| walks_all(step)).collect();
                assert!(walks.is_empty(), "{path}: {walks:?}\n{statement}\n{}", plan.join("\n"));
            }
            assert!(words == "hentry" || body.contains(words), "{path}: {body}");
            let tenants: Vec<&String> = asked.iter().filter(|s| !is_scoped(s)).collect();
            assert!(tenants.is_empty(), "{tenants:?}");
        }
        // Both neighbours by date stand on the page of a post, and its category.
        let (body, _) = ask(&post);
        assert!(body.contains("rel=\"prev\"") || body.contains("prev"), "{body}");
    }
}
