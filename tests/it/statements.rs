//! The statements that reach the database, as the log's target `sql` tells them (without their values): how many a page
//! takes, and that each one on a tenant's table names the tenant (security rule C2).

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use freehold_base::{AccountId, Clock, CommentId, HostName, SiteId};
use freehold_doors::cli::seed;
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_publishing::content::{self, Body, Changes, Intent, Target};
use freehold_publishing::pages::{Answer, Ask, Pages};
use freehold_publishing::themes::Themes;
use freehold_store::entries::{self, Filter, Sort};
use freehold_store::{Actor, Store, comments};

use crate::support::stores;

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
    (&["from sites", "exists", "from entries"], "the sites a person wrote on: each by its own index"),
    (&["from media", "hash = "], "whether any tenant still needs these bytes"),
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

/// Whether a statement on a tenant's table names the tenant, or is the system's.
fn is_scoped(statement: &str) -> bool {
    let plain = statement.replace(['`', '"', '('], " ").to_lowercase();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = plain.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    if !TENANT_TABLES.iter().any(|table| words.contains(&table.as_str())) {
        return true;
    }
    let condition =
        if plain.starts_with("insert") { plain.as_str() } else { plain.split_once(" where ").map_or("", |w| w.1) };
    condition.contains("site_id") || SYSTEM.iter().any(|(all, _)| all.iter().all(|part| plain.contains(part)))
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
    ] {
        assert!(!is_scoped(bad), "{bad}");
    }
    for fine in [
        "SELECT `entries`.`id` FROM `entries` WHERE ((`entries`.`site_id` = ?) AND (`entries`.`id` = ?))",
        "INSERT INTO `menus` (`site_id`, `slug`) VALUES (?, ?)",
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
            let account = freehold_store::sites::create_account(tx, server, "main")?;
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
            for entry_id in [page.id, newest[1].0.id] {
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

#[test]
fn a_public_page_takes_three_statements_at_most() {
    for t in stores() {
        town(&t.store);
        let pages = Pages::new(Arc::new(Themes::open(None).unwrap()));
        let ask = |path: &str| {
            let ask = Ask {
                site: SITE,
                account: AccountId(1),
                origin: "http://a.example",
                path,
                search: None,
                before: None,
                category: None,
                number: None,
                reply: None,
                said: None,
                typed: None,
                unlocked: None,
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
            (post.as_str(), "Well said.", 3),
            ("/about/", "Well said.", 3),
            ("/category/category-0/", "Category 0", 3),
            ("/tag/tag-1/", "tag 1", 3),
            (year.as_str(), "", 3),
            ("/author/ada/", "Ada", 3),
            ("/feed/", "<item>", 3),
        ] {
            let (body, asked) = ask(path);
            assert!(asked.len() <= most, "{path}: {} statements\n{}", asked.len(), asked.join("\n"));
            assert!(words == "hentry" || body.contains(words), "{path}: {body}");
            let tenants: Vec<&String> = asked.iter().filter(|s| !is_scoped(s)).collect();
            assert!(tenants.is_empty(), "{tenants:?}");
        }
        // Both neighbours by date stand on the page of a post, and its category.
        let (body, _) = ask(&post);
        assert!(body.contains("rel=\"prev\"") || body.contains("prev"), "{body}");
    }
}
