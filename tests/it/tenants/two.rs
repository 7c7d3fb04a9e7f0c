//! Two tenants who have one thing of every kind each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use freehold_base::{Clock, SiteId, Timestamp};
use freehold_store::jobs::NewJob;
use freehold_store::{Actor, Store, StoreOptions, Tx, jobs, testing};
use reqwest::Method;
use serde_json::{Value, json};

use super::ask::Person;
use crate::transfer::harbour::{Harbour, PASSWORD};

/// A number that nothing has; as long as those of the second tenant.
pub const MISSING: &str = "799999";
/// A name that nothing has; as long as the second tenant's word.
pub const NOBODY: &str = "petrelled";
/// Stands in everything that is the second tenant's.
pub const MARKER: &str = "kittiwake";

/// One of both.
pub struct Tenant {
    /// The word that stands in all that is theirs.
    pub word: &'static str,
    /// Their numbers and names by what they are of.
    pub ids: BTreeMap<&'static str, String>,
    /// Who owns the account.
    pub owner: Person,
    /// Who sells to it.
    pub seller: Person,
}

impl Tenant {
    /// The number or name of something.
    pub fn id(&self, noun: &str) -> &str {
        self.ids.get(noun).unwrap_or_else(|| panic!("{} has no {noun}", self.word))
    }
}

/// The node with both.
pub struct Two {
    pub harbour: Harbour,
    /// Who asks.
    pub ours: Tenant,
    /// Who is asked about; everything of theirs holds [`MARKER`].
    pub theirs: Tenant,
    store: Store,
}

impl Two {
    /// Runs a walk on each kind of database, at once.
    pub fn walk(walk: impl Fn(&Self) + Sync) {
        let urls: Vec<String> = std::iter::once(String::new()).chain(crate::support::fresh_postgres()).collect();
        std::thread::scope(|scope| {
            for url in &urls {
                let walk = &walk;
                scope.spawn(move || walk(&Self::start(url)));
            }
        });
    }

    /// With names that nobody can be asked about.
    fn start(url: &str) -> Self {
        let nowhere = "[\"127.0.0.1:9\"]";
        let quiet = [
            ("FREEHOLD__DNS__RESOLVERS", nowhere),
            ("FREEHOLD__OUTBOUND__ALLOW", nowhere),
            ("FREEHOLD__THEMES__OWNERS_MAY_ADD", "true"),
        ];
        let harbour = Harbour::with(url, &quiet);
        let options =
            StoreOptions { data: harbour.node.data.path().to_owned(), database_url: url.to_owned(), readers: 2 };
        let store = Store::open_beside(&options, Clock::system()).unwrap();
        let maker = Maker { harbour: &harbour, store: &store };
        let ours = maker.tenant("pelicaned");
        let leap = if store.is_sqlite() { LEAP_SQLITE } else { LEAP_POSTGRES };
        for statement in leap {
            testing::execute(&store, statement).unwrap();
        }
        let theirs = maker.tenant(MARKER);
        Self { harbour, ours, theirs, store }
    }

    /// Everything of theirs: rows by table, and files with what is in them.
    pub fn state(&self) -> BTreeMap<String, String> {
        let (t, is_counted) = (&self.theirs, |column: &String| !COUNTED.contains(&column.as_str()));
        let sites = format!("({}, {})", t.id("site"), t.id("files site"));
        let users = format!("({}, {}, {})", t.id("user"), t.id("seller"), t.id("editor"));
        let mut all = testing::rows(&self.store, |table, columns| {
            let has = |column: &str| columns.iter().any(|c| c == column);
            let one = |column: &str, noun: &str| (column.to_owned(), format!("= {}", t.id(noun)));
            let many = |column: &str, all: &str| (column.to_owned(), format!("IN {all}"));
            let (column, condition) = match table {
                "accounts" => one("id", "account"),
                "plans" => one("id", "plan"),
                "resellers" => one("id", "reseller"),
                "sites" => many("id", &sites),
                "users" => many("id", &users),
                "traffic_days" | "domain_looks" | "account_usage" => return None,
                _ if has("account_id") => one("account_id", "account"),
                _ if has("site_id") => many("site_id", &sites),
                _ if has("user_id") => many("user_id", &users),
                _ => return None,
            };
            Some((columns.iter().filter(|c| is_counted(c)).cloned().collect(), format!("{column} {condition}")))
        })
        .unwrap();
        let home = self.folder();
        for entry in walkdir::WalkDir::new(&home).sort_by_file_name() {
            let entry = entry.unwrap();
            let text = if entry.file_type().is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            let path = entry.path().strip_prefix(&home).unwrap().display().to_string();
            all.insert(format!("file {path}"), String::from_utf8_lossy(&text).into_owned());
        }
        all
    }

    /// The folder of their account: files, trash, versions.
    pub fn folder(&self) -> PathBuf {
        self.harbour.node.data.path().join("accounts").join(self.theirs.id("account"))
    }

    /// Runs something, and everything of theirs is as it was.
    #[track_caller]
    pub fn unchanged(&self, what: &str, f: impl FnOnce()) {
        let before = self.state();
        assert!(before.len() > 40 && before.values().filter(|text| text.contains(MARKER)).count() > 20, "{before:?}");
        f();
        let after = self.state();
        let names: Vec<_> = before.iter().filter(|(name, text)| after.get(*name) != Some(text)).collect();
        let changed: Vec<String> =
            names.iter().map(|(name, text)| format!("{name}\n- {text}\n+ {:?}", after.get(*name))).collect();
        assert!(changed.is_empty() && before.len() == after.len(), "{what}: {}", changed.join("\n"));
    }
}

/// Columns that the node itself goes on writing.
const COUNTED: [&str; 6] = ["looked_at", "counted_at", "is_exact", "seen_at", "used_at", "used_from"];

/// Makes tenants.
struct Maker<'a> {
    harbour: &'a Harbour,
    store: &'a Store,
}

impl Maker<'_> {
    fn said(&self, words: &[&str], stdin: &str) -> Value {
        let said = self.harbour.node.command(&[&["--json"], words].concat(), stdin);
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        serde_json::from_str(&said.out).unwrap_or_default()
    }

    fn found(&self, sql: &str) -> String {
        testing::text(self.store, sql).unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    fn person(&self, name: &str, place: [&str; 2], role: &str) -> Person {
        let email = format!("{name}@example.org");
        self.said(&["user", "create", &email, "--name", name, "--password-stdin"], PASSWORD);
        self.said(&["user", "role", &email, role, place[0], place[1]], "");
        let token = self.harbour.node.command(&["token", "create", "--user", &email, "--scope", "all"], "");
        assert_eq!(token.code, 0, "{}", token.err);
        Person::sign_in(&self.harbour.node, &email, token.out.trim())
    }

    fn tenant(&self, word: &'static str) -> Tenant {
        let number = |value: &Value| value["id"].to_string();
        let reseller = number(&self.said(&["reseller", "create", &format!("{word} AB")], ""));
        let seller = self.person(&format!("{word}-seller"), ["--reseller", &reseller], "reseller");
        let plan = number(&seller.made("/api/v1/plans", json!({ "name": format!("{word} small") })));
        let host = format!("{word}.example");
        let opening = json!({ "title": format!("{word} ltd"), "plan": plan.parse::<i64>().unwrap(),
            "host": host, "start": "journal" });
        let opened = seller.made("/api/v1/accounts", opening);
        let (account, site) = (number(&opened), opened["site"].to_string());
        let owner = self.person(&format!("{word}-owner"), ["--account", &account], "owner");
        self.person(&format!("{word}-editor"), ["--site", &site], "editor");
        let files = json!({ "account": account.parse::<i64>().unwrap(), "title": format!("{word} files"),
            "host": format!("files.{word}.example"), "kind": "static" });
        let files = number(&owner.made("/api/v1/sites", files));
        let ids = [("account", account), ("site", site), ("files site", files), ("reseller", reseller), ("plan", plan)];
        let mut tenant = Tenant { word, ids: ids.into_iter().chain([("host", host)]).collect(), owner, seller };
        self.writes(&tenant);
        self.keeps(&tenant);
        self.commands(&tenant);
        let theme = self.theme(&tenant);
        self.design(&tenant);
        tenant.ids.insert("theme", theme);
        for (noun, sql) in self.numbers(&tenant) {
            tenant.ids.insert(noun, self.found(&sql));
        }
        self.deeper(&mut tenant);
        tenant
    }

    /// What an editor makes.
    fn writes(&self, t: &Tenant) {
        let (word, site) = (t.word, format!("/api/v1/sites/{}", t.id("site")));
        let entries = format!("{site}/entries");
        let post = json!({ "title": format!("{word} post"), "markdown": format!("Words of {word}."),
            "status": "published", "tags": [format!("{word} tag")] });
        let post = t.owner.made(&entries, post)["id"].to_string();
        let change = json!({ "excerpt": format!("{word} again") });
        assert_eq!(t.owner.api(Method::PATCH, &format!("{entries}/{post}"), Some(&change)).status, 200);
        let page = json!({ "type": "page", "title": format!("{word} page"), "status": "published" });
        let page = t.owner.made(&entries, page)["id"].clone();
        t.owner.made(&entries, json!({ "type": "page", "title": format!("{word} below"), "parent": page }));
        let term = |name: &str| {
            let term = json!({ "taxonomy": "category", "name": format!("{word} {name}") });
            t.owner.made(&format!("{site}/terms"), term)["id"].clone()
        };
        let (_, _, things) = (term("others"), term("thirds"), term("things"));
        t.owner.made(&entries, json!({ "title": format!("{word} more"), "terms": [things] }));
        // A picture for each: the same bytes have the same hash.
        t.owner.upload(&format!("{site}/media"), &format!("{word}.gif"), &picture(word));
        let now = Clock::system().now().ms();
        let id = t.id("site");
        self.run(format!(
            "INSERT INTO comments (site_id, entry_id, parent_id, user_id, author_name, author_email, author_url, \
             address, agent, body, status, created_at) VALUES ({id}, {post}, 0, 0, '{word}', 'a@{word}.example', '', \
             '', '', 'Well said, {word}.', 'pending', {now})"
        ));
        let menus = format!("/admin/s/{id}/menus");
        t.owner.posted(&menus, &[("name", &format!("{word} menu"))]);
        let menu = self.found(&format!("SELECT CAST(max(id) AS TEXT) AS t FROM menus WHERE site_id = {id}"));
        let line = [("label", format!("{word} line")), ("url", format!("/{word}/"))];
        t.owner.posted(&format!("{menus}/{menu}/link"), &[("label", &line[0].1), ("url", &line[1].1)]);
    }

    /// Rules, names, files, logins.
    fn keeps(&self, t: &Tenant) {
        let (word, site) = (t.word, format!("/api/v1/sites/{}", t.id("site")));
        let redirect = json!({ "source": format!("/old-{word}/"), "target": "/", "how": "exact" });
        t.owner.made(&format!("{site}/redirects"), redirect);
        t.owner.made(&format!("{site}/headers"), json!({ "name": "x-bird", "value": word, "folder": "/" }));
        let folder = json!({ "folder": format!("/{word}/"), "title": word });
        let folder = t.owner.made(&format!("{site}/private-folders"), folder)["id"].to_string();
        let guest = json!({ "name": word, "password": PASSWORD });
        t.owner.made(&format!("{site}/private-folders/{folder}/people"), guest);
        self.said(&["domain", "add", &format!("also-{word}.example"), "--site", t.id("site")], "");

        let files = format!("{site}/files");
        t.owner.made(&format!("{files}/folders"), json!({ "path": format!("{word}/docs") }));
        for name in ["kept.txt", "gone.txt", "docs/deep.txt"] {
            t.owner.put(&format!("{files}/content?path={word}/{name}"), &format!("{word}: {name}\n"));
        }
        let listed = t.owner.api(Method::GET, &format!("{files}?path={word}&q=kept"), None).body;
        let etag = crate::node::between(&listed, "\"etag\":\"", "\"").to_owned();
        let save = [("do", "save"), ("encoding", "utf-8"), ("end", "lf"), ("text", word), ("etag", &etag)];
        t.owner.got(&format!("/admin/s/{}/files/{word}/kept.txt", t.id("site")), &save);
        let gone = json!({ "paths": [format!("{word}/gone.txt")] });
        assert_eq!(t.owner.api(Method::POST, &format!("{files}/trash"), Some(&gone)).status, 200);
        let begun = json!({ "path": format!("{word}/film.bin"), "bytes": 5000 });
        assert_eq!(t.owner.api(Method::POST, &format!("{files}/uploads"), Some(&begun)).status, 200);
        let pack = json!({ "paths": [format!("{word}/docs")], "archive": format!("{word}/docs.zip") });
        assert_eq!(t.owner.api(Method::POST, &format!("{files}/pack"), Some(&pack)).status, 200);

        let services = ["sftp", "webdav", "ftp"];
        let login = json!({ "name": word, "services": services, "password": PASSWORD });
        let login = t.owner.made(&format!("{site}/logins"), login)["id"].to_string();
        let narrow = json!({ "name": format!("{word}-docs"), "services": services, "password": PASSWORD,
            "folder": format!("{word}/docs") });
        t.owner.made(&format!("{site}/logins"), narrow);
        let key = [("do", "make-key"), ("key_name", word)];
        t.owner.got(&format!("/admin/s/{}/access/{login}", t.id("site")), &key);
    }

    /// Commands, imports, and what belongs to a person.
    fn commands(&self, t: &Tenant) {
        let (word, site, files) = (t.word, t.id("site"), t.id("files site"));
        let cron = format!("/api/v1/sites/{site}/cron");
        let command = json!({ "name": word, "command": format!("echo {word}"), "schedule": "0 0 1 1 *" });
        let command = t.owner.made(&cron, command)["id"].to_string();
        t.owner.made(&format!("{cron}/{command}/runs"), Value::Null);
        let export = format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\
             <title>{word}</title><wp:wxr_version>1.2</wp:wxr_version></channel></rss>"
        );
        let export = self.harbour.file(&format!("{word}.xml"), export.as_bytes());
        self.harbour.node.command(&["import", "wxr", &export, "--site", site, "--dry-run"], "");
        t.owner.got("/admin/me/keys", &[("do", "make-key"), ("key_name", word)]);
        // A session and a token beside those that the walk itself needs.
        let email = format!("{word}-owner@example.org");
        Person::sign_in(&self.harbour.node, &email, "");
        self.said(&["token", "create", "--user", &email, "--scope", "read", "--name", word], "");
        let table = format!("title,owner,plan,domain,action\n{word} none,,,,suspend\n");
        t.seller.posted("/admin/server/accounts/import/run", &[("text", &table)]);
        let owner =
            self.found(&format!("SELECT CAST(id AS TEXT) AS t FROM users WHERE email = '{word}-owner@example.org'"));
        self.run(format!(
            "INSERT INTO passkeys (user_id, name, credential_id, credential, created_at, used_at) VALUES \
             ({owner}, '{word}', '{word}', '', 0, 0)"
        ));
        let waits = format!(
            "SELECT CAST(count(*) AS TEXT) AS t FROM jobs WHERE site_id IN ({site}, {files}) AND state NOT IN ('done', 'failed', 'succeeded')"
        );
        crate::support::until("their jobs are done", || self.found(&waits) == "0");
        let runs =
            format!("SELECT CAST(count(*) AS TEXT) AS t FROM cron_runs WHERE cron_job_id = {command} AND ended_at = 0");
        crate::support::until("their runs are done", || self.found(&runs) == "0");
        let site = SiteId(site.parse().unwrap());
        let order = json!({ "place": { "sent": "none" }, "source": format!("{word}.zip"), "name": "", "site": site,
            "replace": false })
        .to_string();
        let wait = move |tx: &mut Tx<'_>| {
            let run_at = Timestamp(tx.now().ms() + 1_000_000_000);
            for (kind, payload) in [("content.publish_due", "{}"), ("files.pack", "{}"), ("theme.install", &order)] {
                jobs::enqueue(tx, &NewJob { site, kind, payload, run_at, unique_key: None })?;
            }
            Ok(())
        };
        self.store.write(&Actor::system(), wait).unwrap();
    }

    /// A theme that the site has for itself; how it is known.
    fn theme(&self, t: &Tenant) -> String {
        let about = format!("[theme]\nname = \"{}\"\nversion = \"1\"\napi = 1\n", t.word);
        let files = [("theme.toml".to_owned(), about.as_bytes())];
        let zip = freehold_host::archive::zip_of(files, Vec::new()).unwrap();
        let zip = self.harbour.file(&format!("{}.zip", t.word), &zip);
        let said = self.said(&["theme", "install", &zip, "--site", t.id("site")], "");
        said["theme"].as_str().unwrap().to_owned()
    }

    /// A design that was published, and another one that is tried out.
    fn design(&self, t: &Tenant) {
        let footer = format!("footer_text={} footer", t.word);
        let next = format!("{footer}, next");
        let publish = ["design", "publish"].to_vec();
        for words in [vec!["design", "set", &footer], publish, vec!["design", "set", &next]] {
            self.said(&[&words[..], &["--site", t.id("site")]].concat(), "");
        }
    }

    fn numbers(&self, t: &Tenant) -> Vec<(&'static str, String)> {
        let (site, account, word) = (t.id("site"), t.id("account"), t.word);
        let newest = |noun, table: &str, which: String| {
            (noun, format!("SELECT CAST(max(id) AS TEXT) AS t FROM {table} WHERE {which}"))
        };
        let of_site = |noun, table: &str, more: &str| newest(noun, table, format!("site_id = {site}{more}"));
        let of_account = |noun, table: &str, more: &str| newest(noun, table, format!("account_id = {account}{more}"));
        let of_user = |noun, table: &str| {
            newest(noun, table, format!("user_id = (SELECT id FROM users WHERE email = '{word}-owner@example.org')"))
        };
        vec![
            of_site("post", "entries", &format!(" AND title = '{word} post'")),
            of_site("page", "entries", &format!(" AND title = '{word} page'")),
            of_site("term", "terms", &format!(" AND name = '{word} things'")),
            of_site("third term", "terms", &format!(" AND name = '{word} thirds'")),
            of_site("other term", "terms", &format!(" AND name = '{word} others'")),
            of_site("media", "media", ""),
            of_site("comment", "comments", ""),
            of_site("menu", "menus", ""),
            of_site("line", "menu_items", &format!(" AND label = '{word} line'")),
            of_site("job", "jobs", " AND kind = 'content.publish_due'"),
            newest(
                "table",
                "jobs",
                format!("created_by = (SELECT id FROM users WHERE email = '{word}-seller@example.org')"),
            ),
            of_site("files job", "jobs", " AND kind = 'files.pack'"),
            of_site("theme job", "jobs", " AND kind = 'theme.install'"),
            of_site("design", "design_states", ""),
            of_site("import", "jobs", " AND kind LIKE '%import%'"),
            of_site("domain", "site_domains", &format!(" AND host = 'also-{word}.example'")),
            of_site("redirect", "site_redirects", ""),
            of_site("header", "site_headers", ""),
            of_site("folder", "private_folders", ""),
            of_site("folder person", "private_folder_users", ""),
            of_account("trash", "file_trash", ""),
            of_account("state", "file_versions", ""),
            of_account("upload", "file_uploads", ""),
            of_account("login", "access_logins", &format!(" AND name = '{word}'")),
            of_account("login key", "login_keys", ""),
            of_account("cron", "cron_jobs", ""),
            of_account("run", "cron_runs", ""),
            newest("editor", "users", format!("email = '{word}-editor@example.org'")),
            newest("user", "users", format!("email = '{word}-owner@example.org'")),
            newest("seller", "users", format!("email = '{word}-seller@example.org'")),
            of_user("session", "sessions"),
            of_user("token", "tokens"),
            of_user("passkey", "passkeys"),
            of_user("user key", "user_keys"),
        ]
    }

    /// What is found by what was found.
    fn deeper(&self, t: &mut Tenant) {
        let (post, media) = (t.id("post").to_owned(), t.id("media").to_owned());
        let revision = self.found(&format!("SELECT CAST(min(id) AS TEXT) AS t FROM revisions WHERE entry_id = {post}"));
        let hash = self.found(&format!("SELECT hash AS t FROM media WHERE id = {media}"));
        let word = t.word;
        t.ids.extend([("revision", revision), ("hash", hash), ("filename", format!("{word}.gif"))]);
        t.ids.extend([
            ("also", format!("also-{word}.example")),
            ("path", format!("{word}/kept.txt")),
            ("dir", word.to_owned()),
        ]);
    }

    fn run(&self, sql: String) {
        testing::execute(self.store, Box::leak(sql.into_boxed_str())).unwrap();
    }
}

/// A picture of one point, in a colour of the word's own.
fn picture(word: &str) -> Vec<u8> {
    let mut gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00".to_vec();
    gif.extend(&word.as_bytes()[..6]);
    gif.extend(b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;");
    gif
}

/// Numbers leap, so that no number of theirs is one of ours, nor any other number in an answer.
const LEAP_SQLITE: &[&str] = &[
    "INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM sqlite_master WHERE type = 'table' \
     AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)",
    "UPDATE sqlite_sequence SET seq = 710000",
    "UPDATE content_ids SET next = 710000",
];
const LEAP_POSTGRES: &[&str] = &[
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 710000) FROM pg_sequences WHERE schemaname = 'public'",
];
