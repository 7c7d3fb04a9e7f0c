//! The command line, beside a running node (through its socket) and alone.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::node::{Browser, Node, nodes};

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

#[allow(clippy::disallowed_methods)] // a test of the program starts the program
pub fn run_in(data: &std::path::Path, database_url: &str, args: &[&str], stdin: &str) -> Said {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_freehold"))
        .args(["--data", data.to_str().unwrap(), "--database-url", database_url])
        .args(args)
        .env("FREEHOLD__PASSWORD__BCRYPT_COST", "4")
        .env("FREEHOLD__LIMITS__KEEP_FREE_PERCENT", "0") // the disk of a test machine may be full
        .env("FREEHOLD__LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
}

pub fn run(node: &Node, args: &[&str]) -> Said {
    run_in(node.data.path(), &node.database_url, args, "")
}

fn get(url: &str, host: &str) -> (u16, String) {
    let http = reqwest::blocking::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    let answer = http.unwrap().get(url).header("host", host).send().unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

// row: OP06
#[test]
fn op06_commands_beside_a_running_node_are_seen_by_it_at_once() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        // Sites and names: the node serves them without a restart.
        let port = node.site.rsplit(':').next().unwrap();
        let made = run(&node, &["--json", "site", "create", "--title", "Net loft", "--host", "loft.example"]).json();
        assert_eq!(get(&node.site, &format!("loft.example:{port}")).0, 200);
        assert_eq!(run(&node, &["domain", "add", "old.example", "--site", "loft.example"]).code, 0);
        assert_eq!(get(&node.site, &format!("old.example:{port}")).0, 301);
        assert_eq!(run(&node, &["domain", "main", "old.example"]).code, 0);
        assert_eq!(get(&node.site, &format!("old.example:{port}")).0, 200);
        assert_eq!(run(&node, &["domain", "remove", "loft.example"]).code, 0);
        assert_eq!(get(&node.site, &format!("loft.example:{port}")).0, 421);
        let names = run(&node, &["--json", "domain", "list", "--site", "old.example"]).json();
        assert_eq!(names["site"], made["id"]);
        assert_eq!(run(&node, &["domain", "remove", "old.example"]).code, 3, "a site keeps its main name");
        let unsure = run(&node, &["site", "delete", "old.example"]);
        assert!(unsure.code == 3 && unsure.err.contains("--yes"), "{}", unsure.err);
        assert_eq!(run(&node, &["site", "delete", "old.example", "--yes"]).code, 0);
        assert_eq!(get(&node.site, &format!("old.example:{port}")).0, 421);

        // The cache, with the figures of the node itself.
        let host = node.site.strip_prefix("http://").unwrap();
        get(&node.site, host);
        get(&node.site, host);
        let stats = run(&node, &["--json", "cache", "stats"]).json();
        assert!(stats["pages"].as_u64().unwrap() >= 1 && stats["answers"]["hit"].as_u64().unwrap() >= 1, "{stats}");
        assert!(run(&node, &["cache", "stats"]).out.contains("hit rate"));
        assert!(run(&node, &["--json", "cache", "purge"]).json()["pages"].as_u64().unwrap() >= 1);
        assert_eq!(run(&node, &["--json", "cache", "stats"]).json()["pages"], 0);
        get(&node.site, host);
        assert_eq!(run(&node, &["--json", "cache", "purge", "--site", "1"]).json()["pages"], 1);

        // People: who is kept out is out at their next request.
        let added = run_in(
            node.data.path(),
            &node.database_url,
            &["--json", "user", "create", "ida@example.org", "--site", "1", "--role", "editor", "--password-stdin"],
            "salt-wind-lantern-boat\n",
        );
        let ida = added.json()["id"].to_string();
        let her = Browser::of(&node);
        let form = [("email", "ida@example.org"), ("password", "salt-wind-lantern-boat")];
        assert_eq!(her.post("/admin/login", &form).status(), 303);
        assert_eq!(her.get("/admin/s/1/posts").status(), 200);
        assert_eq!(run(&node, &["user", "disable", "ida@example.org"]).code, 0);
        assert_eq!(her.get("/admin/s/1/posts").status(), 303, "signed out");
        assert_eq!(run(&node, &["user", "enable", &ida]).code, 0);
        assert_eq!(run(&node, &["user", "role", &ida, "author", "--site", "1"]).code, 0);
        let shown = run(&node, &["--json", "user", "show", &ida]).json();
        assert_eq!((shown["roles"][0]["role"].as_str(), shown["status"].as_str()), (Some("author"), Some("active")));
        assert!(run(&node, &["user", "list"]).out.contains("ida@example.org"));
        assert_eq!(run(&node, &["user", "disable", "mara@example.org"]).code, 3, "the last hosting admin stays");
        assert!(run(&node, &["user", "password", "ida@example.org"]).out.contains("/admin/"));
        assert_eq!(run(&node, &["user", "delete", &ida]).code, 0);
    }
}

// row: OP06, US06. Rule: C8
#[test]
fn op06_a_token_of_the_command_line_opens_the_api_until_it_is_revoked() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        let args = ["token", "create", "--user", "mara@example.org", "--scope", "content", "--site", "1"];
        let made = run(&node, &args);
        let token = made.out.trim().to_owned();
        assert!(made.code == 0 && token.starts_with("fh_") && !made.err.contains(&token), "{}", made.err);
        let call = || {
            let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
            let url = format!("{}/api/v1/sites/1/entries", node.panel);
            let request = http.post(url).bearer_auth(&token).header("content-type", "application/json");
            request.body("{\"title\":\"x\"}").send().unwrap().status().as_u16()
        };
        assert_eq!(call(), 201);
        let all = run(&node, &["--json", "token", "list", "--user", "1"]).json();
        let id = all[0]["id"].to_string();
        assert!(!all.to_string().contains(&token));
        assert_eq!(run(&node, &["token", "revoke", &id, "--user", "1"]).code, 0);
        assert_eq!(call(), 401);
        assert_eq!(run(&node, &["token", "revoke", &id, "--user", "1"]).code, 1);
        assert_eq!(run(&node, &["token", "create", "--user", "1", "--scope", "everything"]).code, 1);
    }
}

// row: OP06
#[test]
fn op06_audit_doctor_and_jobs_answer_with_exit_codes_that_scripts_can_use() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        assert_eq!(run(&node, &["audit", "verify"]).code, 0);
        let doctor = run(&node, &["--json", "doctor"]).json();
        assert!(doctor["good"] == true && doctor["checks"].as_array().unwrap().len() >= 6, "{doctor}");
        let sandbox = doctor["checks"].as_array().unwrap().iter().find(|c| c["check"] == "sandbox").unwrap();
        assert!(sandbox["detail"].as_str().unwrap().contains("commands"), "how customers are kept apart: {sandbox}");
        let wrong = run(&node, &["job", "retry", "999"]);
        assert!(wrong.code == 1 && wrong.err.contains("no such job"), "{}", wrong.err);
        assert!(run(&node, &["--json", "job", "list"]).json().is_array());
        assert_eq!(run(&node, &["user", "show", "nobody@example.org"]).code, 1);
        assert_eq!(run(&node, &["domain", "list", "--site", "nowhere.example"]).code, 1);
        assert_eq!(run(&node, &["job", "burn"]).code, 2, "wrong usage");
        assert_eq!(run(&node, &["user", "create", "x"]).code, 1, "no address");
    }
}

// row: OP06
#[test]
fn op06_beside_a_node_that_takes_no_commands_nothing_writes_to_its_sqlite() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        std::fs::remove_file(node.data.path().join("run/freehold.sock")).unwrap();
        let said = run(&node, &["site", "create", "--title", "Loft", "--host", "loft.example"]);
        if node.database_url.is_empty() {
            assert!(said.code == 1 && said.err.contains("takes no commands"), "{}", said.err);
        } else {
            assert_eq!(said.code, 0, "there it is one more node: {}", said.err);
        }
    }
}

// row: OP06
#[test]
fn op06_commands_work_without_a_node_too() {
    let mut databases = vec![String::new()];
    databases.extend(crate::support::fresh_postgres());
    for url in databases {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str], stdin: &str| run_in(folder.path(), &url, args, stdin);
        let setup = ["setup", "--email", "mara@example.org", "--site-title", "Harbour", "--password-stdin"];
        assert_eq!(run(&setup, "grey-gull-over-the-quay\n").code, 0);
        assert_eq!(run(&setup, "grey-gull-over-the-quay\n").code, 3, "done already");
        let made = run(&["--json", "user", "create", "ida@example.org"], "").json();
        assert_eq!(made["password"].as_str().unwrap().len(), 20, "one was made");
        assert_eq!(run(&["user", "create", "ida@example.org"], "").code, 3, "taken");
        assert_eq!(run(&["site", "create", "--title", "Loft", "--host", "loft.example"], "").code, 0);
        assert_eq!(run(&["--json", "site", "list"], "").json().as_array().unwrap().len(), 2);
        let cache = run(&["cache", "purge"], "");
        assert!(cache.code == 3 && cache.err.contains("no node runs"), "{}", cache.err);
        assert_eq!(run(&["doctor"], "").code, 0);
        assert!(run(&["token", "create", "--user", "1", "--scope", "read"], "").out.starts_with("fh_"));
    }
}

// row: OP06
#[test]
fn op06_content_is_written_published_and_thrown_away_on_the_command_line() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        let host = node.site.strip_prefix("http://").unwrap();
        let site = ["--site", "1"];
        let with = |args: &[&str], stdin: &str| {
            let all: Vec<&str> = ["--json"].iter().chain(args).chain(&site).copied().collect();
            run_in(node.data.path(), &node.database_url, &all, stdin)
        };
        let made =
            with(&["content", "create", "--title", "Nets", "--tag", "sea,boats"], "Some **nets** to mend.").json();
        let id = made["id"].to_string();
        assert_eq!((made["status"].as_str(), get(&format!("{}/nets/", node.site), host).0), (Some("draft"), 404));
        assert_eq!(with(&["content", "publish", &id], "").json()["path"], "/nets/");
        assert!(get(&format!("{}/nets/", node.site), host).1.contains("<strong>nets</strong>"), "it is read at once");
        let wrong = with(&["content", "publish", &id, "--at", "tomorrow"], "");
        assert!(wrong.code == 1 && wrong.err.contains("at"), "{}", wrong.err);
        let later = with(&["content", "publish", &id, "--at", "2999-01-01T08:00:00Z"], "").json();
        assert_eq!((later["status"].as_str(), get(&format!("{}/nets/", node.site), host).0), (Some("scheduled"), 404));
        assert_eq!(with(&["content", "unpublish", &id], "").json()["status"], "draft");
        let all = with(&["content", "list", "--type", "post", "--status", "draft"], "").json();
        assert!(all.as_array().unwrap().iter().any(|e| e["title"] == "Nets"), "{all}");
        assert_eq!(with(&["content", "delete", &id, "--for-good"], "").code, 3, "not before it is in the trash");
        assert_eq!(with(&["content", "delete", &id], "").json()["status"], "trash");
        assert_eq!(with(&["content", "restore", &id], "").json()["status"], "draft");
        assert_eq!(with(&["content", "delete", &id], "").code, 0);
        assert_eq!(with(&["content", "delete", &id, "--for-good"], "").code, 0);
        assert_eq!(with(&["content", "publish", &id], "").code, 1, "it is gone");
    }
}

// row: OP06
#[test]
fn op06_accounts_own_the_sites_that_are_made_for_them() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        let id = run(&node, &["--json", "account", "create", "Net loft"]).json()["id"].to_string();
        assert_eq!(
            run(&node, &["site", "create", "--title", "Loft", "--host", "loft.example", "--account", &id]).code,
            0
        );
        let account = run(&node, &["--json", "account", "show", &id]).json();
        let sites = &account["sites"];
        assert_eq!((sites.as_array().unwrap().len(), sites[0]["host"].as_str()), (1, Some("loft.example")));
        assert_eq!(run(&node, &["--json", "account", "list"]).json().as_array().unwrap().len(), 2);
        assert_eq!(run(&node, &["account", "show", "999"]).code, 1);
    }
}

// rows: H001 H002 H003 H004 H005 H018 H019
#[test]
fn h001_customers_are_made_suspended_closed_and_taken_back_by_commands() {
    for node in nodes() {
        Browser::of(&node).set_up(&node);
        let json = |args: &[&str]| run(&node, &[&["--json"], args].concat()).json();
        let plan = json(&["plan", "create", "Small", "--sites", "1", "--without", "cron,terminal"])["id"].to_string();
        let plans = json(&["plan", "list"]);
        assert_eq!((plans[0]["limits"]["sites"].as_i64(), plans[0]["accounts"].as_i64()), (Some(1), Some(0)));
        let features = plans[0]["features"].as_array().unwrap();
        assert!(features.iter().any(|f| f == "files") && !features.iter().any(|f| f == "cron"), "{features:?}");
        let made = json(&["account", "create", "Kvarnby Bageri", "--owner", "info@kvarnby.example", "--plan", "Small"]);
        assert!(made["invitation"].as_str().unwrap().contains("/admin/invite/"), "{made}");
        let site = |host| run(&node, &["site", "create", "--title", "K", "--host", host, "--account", "2"]);
        assert_eq!((site("kvarnby.example").code, site("second.example").code), (0, 3), "the plan allows one");
        let status = |host: &str| get(&node.site, host).0;
        assert_eq!(status("kvarnby.example"), 200);

        assert_eq!(run(&node, &["account", "suspend", "kvarnby-bageri", "--reason", "unpaid"]).code, 0);
        assert_eq!(status("kvarnby.example"), 503);
        assert_eq!(run(&node, &["account", "suspend", "kvarnby-bageri", "--reason", "unpaid"]).code, 3);
        assert_eq!(run(&node, &["account", "unsuspend", "kvarnby-bageri"]).code, 0);
        assert_eq!(status("kvarnby.example"), 200);

        let goes = json(&["account", "delete", "2"]);
        assert_eq!(goes["people"][0], "info@kvarnby.example", "without --yes it only says what goes");
        assert_eq!(status("kvarnby.example"), 200);
        assert_eq!(run(&node, &["account", "delete", "2", "--yes"]).code, 0);
        assert_eq!(status("kvarnby.example"), 421);
        assert_eq!(json(&["account", "list"]).as_array().unwrap().len(), 1);
        assert_eq!(run(&node, &["account", "restore", "2"]).code, 0);
        assert_eq!(status("kvarnby.example"), 200);
        assert_eq!(run(&node, &["plan", "delete", &plan]).code, 3, "an account has it");
        assert_eq!(run(&node, &["account", "plan", "2", "0"]).code, 0);
        assert_eq!(site("second.example").code, 0, "without a plan nothing is limited");

        let reseller = json(&["reseller", "create", "Kust", "--accounts", "1"])["id"].to_string();
        let sell = |title| run(&node, &["account", "create", title, "--plan", "Small", "--reseller", &reseller]).code;
        assert_eq!((sell("One"), sell("Two")), (0, 3));
        assert_eq!(run(&node, &["reseller", "suspend", "Kust", "--with-customers"]).code, 0);
        assert_eq!(json(&["account", "list", "--status", "suspended"]).as_array().unwrap().len(), 1);
    }
}

// row: OP06. Rule: F12
#[test]
fn op06_migrations_are_taken_back_by_number_and_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str], stdin: &str| run_in(folder.path(), "", args, stdin);
    let setup = ["setup", "--email", "mara@example.org", "--site-title", "Harbour", "--password-stdin"];
    assert_eq!(run(&setup, "grey-gull-over-the-quay\n").code, 0);
    assert_eq!(run(&["migrate", "--to", "4711"], "").code, 1, "there is none of that number");
    let back = run(&["--json", "migrate", "--to", "0001"], "").json();
    assert!(!back["undone"].as_array().unwrap().is_empty(), "{back}");
    assert!(folder.path().join("snapshots").is_dir(), "a snapshot was taken before");
    assert_eq!(run(&["migrate"], "").code, 0);
    let sites = run(&["--json", "site", "list"], "").json();
    assert_eq!(sites.as_array().unwrap().len(), 1, "what was there is there");
}

// row: OP06
#[test]
fn op06_posts_for_trials_are_made_by_the_running_node() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let before = crate::node::visit(&node, "/feed/").1;
        assert_eq!(run(&node, &["content", "seed", "--posts", "7", "--site", "127.0.0.1"]).code, 0);
        assert_ne!(crate::node::visit(&node, "/feed/").1, before, "new at once");
        let missing = run(&node, &["content", "seed", "--posts", "1", "--site", "nowhere.example"]);
        assert_eq!(missing.code, 1, "{}", missing.err);
    }
}
