//! A site of files goes to another account, and its folder with it (row H013): nothing is lost, nothing stays with who
//! had it before, whatever ends the work early.

use std::path::{Path, PathBuf};

use freehold_base::Clock;
use freehold_store::{Store, StoreOptions, testing};
use serde_json::Value;

use crate::node::{Browser, Launch, Node, between, location};
use crate::support::until;

const FOLDER: &str = "files.localhost/public";

/// A node with a site of files of account 1, and an account 2.
struct House {
    node: Node,
    browser: Browser,
}

impl House {
    fn new(launch: &Launch) -> Self {
        let node = launch.start();
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let house = Self { node, browser };
        house.run(&["account", "create", "Net loft"]);
        house.run(&["site", "create", "--kind", "static", "--title", "Files", "--host", "files.localhost"]);
        until("the first page", || house.get("/").0 == 200);
        house.put("deep/er/a.txt", b"alpha");
        house
    }
    fn again(launch: &Launch, before: &Browser) -> Self {
        let node = launch.start();
        let browser = before.moved(&node);
        Self { node, browser }
    }
    fn run(&self, args: &[&str]) -> String {
        let said = self.node.command(args, "");
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.out
    }
    fn home(&self, account: i64) -> PathBuf {
        self.node.data.path().join(format!("accounts/{account}/home"))
    }
    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.home(1).join(FOLDER).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    fn get(&self, path: &str) -> (u16, String) {
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let answer = http.get(format!("{}{path}", self.node.site)).header("host", "files.localhost").send().unwrap();
        (answer.status().as_u16(), answer.text().unwrap())
    }
    /// Saves a text of the account of a site in the editor.
    fn saves(&self, site: i64, name: &str, text: &str) {
        let path = format!("/admin/s/{site}/files/{FOLDER}/{name}");
        let page = self.browser.get(&format!("{path}?as=edit")).text().unwrap();
        let etag = between(&page, "name=\"etag\" value=\"", "\"");
        let form = [("do", "save"), ("text", text), ("etag", etag), ("encoding", "utf-8"), ("end", "lf")];
        let answer = self.browser.post(&path, &form);
        assert!(answer.status().as_u16() < 400, "{}", answer.text().unwrap());
    }
    /// How many states a text of the account of a site has.
    fn states(&self, site: i64, name: &str) -> usize {
        let (site, path) = (site.to_string(), format!("{FOLDER}/{name}"));
        let all: Value = serde_json::from_str(&self.run(&["--json", "file", "versions", &site, &path])).unwrap();
        all.as_array().unwrap().len()
    }
    fn press(&self, account: i64, site: &str) -> (u16, String) {
        let answer = self.browser.post(&format!("/admin/server/accounts/{account}"), &[("do", "move"), ("site", site)]);
        (answer.status().as_u16(), answer.text().unwrap())
    }
    fn arrived(&self, account: i64, folder: &str) {
        let page = self.home(account).join(folder).join("index.html");
        until("the folder arrives", || page.exists());
        until("it is served", || self.get("/deep/er/a.txt") == (200, "alpha".into()));
    }
    fn jobs(&self) -> Vec<Value> {
        let all: Value = serde_json::from_str(&self.run(&["--json", "job", "list"])).unwrap();
        all.as_array().unwrap().iter().filter(|j| j["kind"] == "site.carry").cloned().collect()
    }
    fn done(&self) {
        until("the job is done", || self.jobs().iter().all(|j| j["state"] == "done"));
    }
    /// What the panel counts of an account, with what lies on its disk.
    fn counted(&self, account: i64) -> (u64, u64) {
        let store = Store::open_beside(
            &StoreOptions {
                data: self.node.data.path().to_owned(),
                database_url: self.node.database_url.clone(),
                readers: 1,
            },
            Clock::system(),
        )
        .unwrap();
        let counted = store
            .read(&freehold_store::Actor::system(), move |tx| {
                let scope = tx.authorize_account(account.into(), freehold_base::Capability::UsageRead)?;
                freehold_store::accounts::usage(tx, scope)
            })
            .unwrap();
        (u64::try_from(counted.0).unwrap(), bytes_below(&self.node.data.path().join(format!("accounts/{account}"))))
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).map(|all| all.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let of = |entry: &std::fs::DirEntry| {
        let about = entry.metadata().unwrap();
        if about.is_dir() { bytes_below(&entry.path()) } else { about.len() }
    };
    entries.iter().map(of).sum()
}

/// Everything below a folder goes to the same places below another one.
fn pour(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { pour(&path, &place) } else { std::fs::rename(path, place).unwrap() }
    }
}

// row: H013
#[test]
fn h013_a_site_of_files_moves_with_its_folder_and_the_old_account_keeps_nothing_of_it() {
    for launch in Launch::all() {
        let house = House::new(&launch);
        let page = house.browser.get("/admin/server/accounts/2").text().unwrap();
        assert!(page.contains("Move a site here") && page.contains("its content, names and files"), "{page}");
        assert!(page.contains("What lies in the trash of its old account stays there."), "{page}");
        house.put("deep/er/notes.txt", b"found");
        for text in ["one", "two"] {
            house.saves(2, "deep/er/notes.txt", text);
        }
        assert_eq!(house.states(2, "deep/er/notes.txt"), 3);
        // By the panel, named by its host.
        let answer = house.browser.post("/admin/server/accounts/2", &[("do", "move"), ("site", "files.localhost")]);
        assert_eq!(location(&answer), "/admin/server/accounts/2?done=moved-site");
        house.arrived(2, FOLDER);
        house.done();
        assert!(!house.home(1).join("files.localhost").exists(), "not even an empty folder stays");
        assert_eq!(house.states(2, "deep/er/notes.txt"), 3, "the states that a text had came along");
        house.saves(2, "deep/er/notes.txt", "three");
        assert_eq!(house.states(2, "deep/er/notes.txt"), 4);
        let shelf = house.node.data.path().join("accounts/1/versions");
        assert_eq!(bytes_below(&shelf), 0, "and none stays");
        assert_eq!(std::fs::read(house.home(2).join(FOLDER).join("deep/er/a.txt")).unwrap(), b"alpha");
        let account: Value = serde_json::from_str(&house.run(&["--json", "account", "show", "2"])).unwrap();
        assert_eq!(account["sites"][0]["host"], "files.localhost");
        until("both are counted", || {
            [1, 2].iter().all(|account| {
                let (counted, lies) = house.counted(*account);
                counted == lies
            })
        });
        assert!(house.counted(2).0 > 5, "the new account pays for it");
        // It is there already; there is no such site; there is no such account.
        assert_eq!(house.press(2, "files.localhost").0, 409);
        assert_eq!(house.press(2, "999").0, 404);
        assert_eq!(house.press(2, "").0, 422);
        assert_eq!(house.press(999, "files.localhost").0, 404);
        // Back by the API, and there again by a command.
        let token = house.run(&["token", "create", "--user", "1", "--scope", "all"]);
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let request = http.post(format!("{}/api/v1/accounts/1/sites", house.node.panel)).bearer_auth(token.trim());
        let answer = request.header("content-type", "application/json").body(r#"{"site":2}"#).send().unwrap();
        assert_eq!(answer.status(), 204, "{}", answer.text().unwrap());
        house.arrived(1, FOLDER);
        house.done();
        assert!(!house.home(2).join("files.localhost").exists());
        house.run(&["account", "move-site", "files.localhost", "2"]);
        house.arrived(2, FOLDER);
        assert_eq!(house.node.command(&["account", "move-site", "files.localhost", "2"], "").code, 3);
    }
}

// row: H014
#[test]
fn h014_an_account_is_renamed_in_the_panel_and_keeps_its_number_name_and_note() {
    for launch in Launch::all() {
        let house = House::new(&launch);
        let rename = |title: &str, note: &str| {
            house.browser.post("/admin/server/accounts/2", &[("do", "rename"), ("title", title), ("note", note)])
        };
        assert_eq!(location(&rename("Ropes & Nets", "Pays late.")), "/admin/server/accounts/2?done=changed");
        let page = house.browser.get("/admin/server/accounts/2").text().unwrap();
        assert!(page.contains("Ropes &amp; Nets") && page.contains("Pays late."), "{page}");
        let account: Value = serde_json::from_str(&house.run(&["--json", "account", "show", "2"])).unwrap();
        assert_eq!((account["name"].as_str(), account["title"].as_str()), (Some("net-loft"), Some("Ropes & Nets")));
        let refused = rename("  ", "Pays late.");
        assert_eq!(refused.status(), 422);
        assert!(refused.text().unwrap().contains("Pays late."), "what was typed is not lost");
    }
}

// row: H013
#[test]
fn h013_what_does_not_fit_or_is_not_its_own_stays_where_it_is() {
    for launch in Launch::all() {
        let house = House::new(&launch);
        house.run(&["plan", "create", "Tiny", "--disk-mb", "1"]);
        house.run(&["account", "plan", "2", "Tiny"]);
        house.put("big.bin", &vec![7; 2_000_000]);
        let (status, page) = house.press(2, "files.localhost");
        assert!(status >= 400 && page.contains("more than the account has left"), "{status} {page}");
        assert!(house.home(1).join(FOLDER).join("big.bin").exists());
        assert_eq!(house.get("/deep/er/a.txt").0, 200);
        assert!(house.jobs().is_empty(), "nothing was begun");
        house.run(&["account", "plan", "2", "0"]);
        house.run(&["account", "delete", "2", "--yes"]);
        assert_eq!(house.node.command(&["account", "move-site", "files.localhost", "2"], "").code, 3, "it is closed");
        house.run(&["account", "restore", "2"]);
        // Another site of the account shows files of the same folder.
        house.run(&["site", "create", "--kind", "static", "--title", "Shop", "--host", "shop.localhost"]);
        until("its first page", || house.home(1).join("shop.localhost/public/index.html").exists());
        change(&house.node, "UPDATE sites SET root = 'files.localhost' WHERE root = 'shop.localhost/public'");
        let refused = house.node.command(&["account", "move-site", "files.localhost", "2"], "");
        assert!(refused.code == 3 && refused.err.contains("another site"), "{}", refused.err);
        change(&house.node, "UPDATE sites SET root = 'shop.localhost/public' WHERE root = 'files.localhost'");
        // The place is taken by files of the new account: these stay, and the site's lie beside them.
        let theirs = house.home(2).join(FOLDER).join("index.html");
        std::fs::create_dir_all(theirs.parent().unwrap()).unwrap();
        std::fs::write(&theirs, "theirs").unwrap();
        house.run(&["account", "move-site", "files.localhost", "2"]);
        house.arrived(2, "files.localhost-2/public");
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "theirs");
        assert!(!house.get("/").1.contains("theirs"));
    }
}

fn change(node: &Node, sql: &'static str) {
    let options =
        StoreOptions { data: node.data.path().to_owned(), database_url: node.database_url.clone(), readers: 1 };
    testing::execute(&Store::open_beside(&options, Clock::system()).unwrap(), sql).unwrap();
}

// row: H013, rule: F3
#[test]
fn f03_a_move_that_is_cut_off_after_any_step_is_finished_at_the_next_start() {
    const AGAIN: &str = "UPDATE jobs SET state = 'waiting', run_at = 0, lease_until = 0, ended_at = 0 \
                         WHERE kind = 'site.carry'";
    // A job that was running is anybody's once its minute is over; this is that minute.
    const LOST: &str = "UPDATE jobs SET lease_until = 0 WHERE state = 'running'";
    for launch in Launch::all() {
        let mut house = House::new(&launch);
        house.put("deep/er/notes.txt", b"found");
        house.saves(2, "deep/er/notes.txt", "one");
        house.run(&["account", "move-site", "files.localhost", "2"]);
        house.node.kill(); // at whatever moment that is
        change(&house.node, LOST);
        let mut house = House::again(&launch, &house.browser);
        house.arrived(2, FOLDER);
        house.done();
        // After the rows, before the folder.
        house.node.kill();
        std::fs::create_dir_all(house.home(1).join("files.localhost")).unwrap();
        std::fs::rename(house.home(2).join(FOLDER), house.home(1).join(FOLDER)).unwrap();
        change(&house.node, AGAIN);
        let mut house = House::again(&launch, &house.browser);
        house.arrived(2, FOLDER);
        house.done();
        assert!(!house.home(1).join("files.localhost").exists());
        assert_eq!(house.states(2, "deep/er/notes.txt"), 2);
        // After the folder, before the states of its texts; the old account lays something in the old place.
        house.put("deep/er/own.txt", b"found");
        house.saves(1, "deep/er/own.txt", "own");
        assert_eq!(house.states(1, "deep/er/own.txt"), 2);
        house.node.kill();
        let own = house.home(1).join(FOLDER).join("index.html");
        std::fs::create_dir_all(own.parent().unwrap()).unwrap();
        std::fs::write(&own, "own").unwrap();
        let shelf = |account| house.node.data.path().join(format!("accounts/{account}/versions"));
        pour(&shelf(2), &shelf(1));
        change(&house.node, "UPDATE file_versions SET account_id = 1");
        change(&house.node, AGAIN);
        let house = House::again(&launch, &house.browser);
        house.arrived(2, FOLDER);
        house.done();
        assert_eq!(std::fs::read_to_string(&own).unwrap(), "own", "it is the old account's own");
        assert!(!house.get("/").1.contains("own"), "and the site never shows it");
        assert_eq!(house.states(2, "deep/er/notes.txt"), 2);
        assert_eq!(house.states(1, "deep/er/own.txt"), 2, "they are the old account's own, too");
        assert_eq!(house.states(2, "deep/er/own.txt"), 0);
    }
}
