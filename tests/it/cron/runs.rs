//! The real binary runs real commands in the sandbox: from the panel, the API and the command line; through a fall.

use std::time::Duration;

use freehold_base::SiteId;
use serde_json::{Value, json};

use crate::api::{ALL as SCOPES, Program};
use crate::cli::run_in;
use crate::node::{Browser, Launch, Node, between, location};
use crate::post::Post;
use crate::support::until;

/// Nodes of each kind that run commands.
fn launches() -> Vec<Launch> {
    Launch::all().into_iter().map(Launch::unprivileged).collect()
}

struct Owner {
    node: Node,
    browser: Browser,
}

impl Owner {
    fn of(launch: &Launch) -> Self {
        let node = launch.start();
        let browser = Browser::of(&node);
        browser.set_up(&node);
        Self { node, browser }
    }
    /// Adds a command; gives its address.
    fn add(&self, fields: &[(&str, &str)]) -> String {
        let answer = self.browser.post("/admin/s/1/cron/new", &form(fields));
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        location(&answer).split('?').next().unwrap().to_owned()
    }
    /// Runs it now and waits for its end; gives the page of the run.
    fn run(&self, command: &str) -> String {
        let answer = self.browser.post(command, &[("do", "run")]);
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        self.ended(&location(&answer))
    }
    fn ended(&self, run: &str) -> String {
        let mut page = String::new();
        until("the run ends", || {
            page = self.browser.get(run).text().unwrap();
            !page.contains(">Running<") && !page.contains(">Waits<")
        });
        page
    }
}

fn form<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("name", "Job"),
        ("kind", "command"),
        ("command", "true"),
        ("schedule", "0 0 1 1 *"),
        ("time_zone", "UTC"),
        ("enabled", "on"),
        ("overlap", "skip"),
        ("jitter_s", "0"),
        ("timeout_s", "60"),
        ("mail_when", "never"),
        ("alive_url", ""),
        ("grace_s", "0"),
    ];
    for (name, value) in fields {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    all
}

/// What a run said, as its page shows it.
fn said(page: &str) -> String {
    let text = between(page, "<pre class=\"output\"", "</pre>");
    let text = &text[text.find('>').unwrap() + 1..];
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

// row: H115
#[test]
fn h115_a_command_runs_in_the_accounts_files_and_sees_nothing_else() {
    for launch in launches() {
        let owner = Owner::of(&launch);
        let list = owner.browser.get("/admin/s/1/cron").text().unwrap();
        assert!(list.contains("Sandboxed: a command sees") && list.contains("Nothing runs by itself yet"), "{list}");
        let overview = owner.browser.get("/admin/server").text().unwrap();
        assert!(overview.contains("commands and terminals run in a sandbox (bubblewrap)"), "{overview}");
        let doctor = run_in(owner.node.data.path(), &owner.node.database_url, &["doctor"], "");
        assert!(doctor.out.contains("commands and terminals run in a sandbox (bubblewrap)"), "{}", doctor.out);
        let data = owner.node.data.path().display().to_string();
        let text = format!(
            "echo hello > made.txt; pwd; cat {data}/key {data}/freehold.db; cat /etc/passwd; env | grep -c FREEHOLD; echo \"$TZ\"; exit 3"
        );
        let command = owner.add(&[("command", &text), ("time_zone", "Europe/Stockholm")]);
        let page = owner.run(&command);
        let words = said(&page);
        assert!(words.starts_with("/home/account\n") && words.matches("No such file").count() == 2, "{words}");
        assert!(words.ends_with("account:x:1000:1000::/home/account:/bin/sh\n0\nEurope/Stockholm\n"), "{words}");
        assert!(page.contains("Failed") && page.contains("<dt>Exit status</dt><dd>3</dd>"), "{page}");
        let made = owner.node.data.path().join("accounts/1/home/made.txt");
        assert_eq!(std::fs::read_to_string(made).unwrap(), "hello\n");
        let log = owner.browser.get("/admin/s/1/audit").text().unwrap();
        assert!(log.contains("cron.add") || log.contains("Job"), "{log}");
    }
}

/// "Every day at 03:00 · Asia/Tokyo" stood beside a next run at 18:00: that of the schedule and that of the site.
// row: H115
#[test]
fn h115_a_command_and_its_runs_are_told_in_one_zone_which_is_named() {
    let launch = launches().swap_remove(0);
    let owner = Owner::of(&launch);
    owner.add(&[("command", "true"), ("schedule", "Every day at 03:00"), ("time_zone", "Asia/Tokyo")]);
    let list = owner.browser.get("/admin/s/1/cron").text().unwrap();
    assert!(list.contains("\u{b7} Asia/Tokyo") && list.contains(", 03:00</time>"), "{list}");
}

// row: H115
#[test]
fn h115_whose_session_ended_reads_no_further_however_much_is_said() {
    use std::io::Read as _;
    let launch = launches().swap_remove(0);
    let owner = Owner::of(&launch);
    let command = owner.add(&[("command", "while :; do echo more; sleep 0.1; done")]);
    let run = location(&owner.browser.post(&command, &[("do", "run")]));
    until("it runs", || owner.browser.get(&run).text().unwrap().contains(">Running<"));
    let mut stream = owner.browser.get(&format!("{run}/live"));
    let mut heard = [0; 32];
    stream.read_exact(&mut heard).unwrap();
    assert!(heard.starts_with(b"event: text"));
    assert_eq!(owner.browser.post("/admin/logout", &[]).status(), 303);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap(); // it would go on for a minute; the client waits for half of one
    assert!(!String::from_utf8_lossy(&rest).contains("event: end"), "the run goes on");
}

// row: H006
#[test]
fn h006_what_a_command_wrote_counts_and_an_account_over_its_plan_runs_nothing() {
    for launch in launches() {
        let owner = Owner::of(&launch);
        let run = |args: &[&str]| {
            let said = run_in(owner.node.data.path(), &owner.node.database_url, args, "");
            assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        };
        run(&["plan", "create", "Small", "--disk-mb", "2"]);
        run(&["account", "plan", "1", "Small"]);
        let fill = owner.add(&[("command", "head -c 3000000 /dev/zero >> big; echo written")]);
        assert_eq!(said(&owner.run(&fill)), "written\n");
        // It is counted after the run, but not without rest.
        let big = owner.node.data.path().join("accounts/1/home/big");
        let mut before = 0;
        until("it is over its plan", || {
            before = std::fs::metadata(&big).unwrap().len();
            let page = owner.run(&fill);
            page.contains("Failed") && page.contains("MB of 2.0 MB are in use")
        });
        assert_eq!(std::fs::metadata(&big).unwrap().len(), before, "nothing ran");
    }
}

// rule: A1
#[test]
fn a01_as_root_the_panel_says_plainly_that_nothing_runs() {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return; // nobody here is root
    }
    let owner = Owner::of(&Launch::new(""));
    let list = owner.browser.get("/admin/s/1/cron").text().unwrap();
    assert!(list.contains("Freehold runs as root, so no commands and no terminals of accounts run."), "{list}");
    let command = owner.add(&[("command", "echo x > made.txt")]);
    let page = owner.run(&command);
    assert!(page.contains("Failed") && page.contains("runs as root"), "{page}");
    assert!(!owner.node.data.path().join("accounts/1/home/made.txt").exists());
    let terminal = owner.browser.get("/admin/s/1/terminal").text().unwrap();
    assert!(terminal.contains("Terminals are off on this server"), "{terminal}");
    let overview = owner.browser.get("/admin/server").text().unwrap();
    assert!(overview.contains("No commands and no terminals of customers run, because Freehold was"), "{overview}");
}

// row: H115, H116
#[test]
fn h115_a_schedule_fires_by_itself_a_time_out_ends_all_and_the_mail_tells() {
    let post = Post::open();
    for launch in launches() {
        let address = post.url.trim_start_matches("smtp://").to_owned();
        let launch = launch
            .env("FREEHOLD__MAIL__SMTP_URL", &post.url)
            .env("FREEHOLD__OUTBOUND__ALLOW", &format!("[\"{address}\"]"));
        let owner = Owner::of(&launch);
        let long = [
            ("command", "echo begun; sleep 88.101 & sleep 88.101"),
            ("timeout_s", "1"),
            ("mail_when", "failure"),
            ("name", "Slow \"one\""),
        ];
        let command = owner.add(&long);
        let page = owner.run(&command);
        assert!(page.contains("Took too long") && page.contains("It took longer than 1 s and was ended."), "{page}");
        until("all of it is gone", || processes("88.101") == 0);
        let mail = post.next();
        assert!(
            mail.contains("took too long") && mail.contains("begun") && mail.contains("/admin/s/1/cron/1"),
            "{mail}"
        );
        // Every minute: within a minute it fires, once.
        let often = owner.add(&[("command", "date +%s%N >> ticks.txt"), ("schedule", "Every minute")]);
        let ticks = owner.node.data.path().join("accounts/1/home/ticks.txt");
        let begun = freehold_base::Clock::instant();
        while !std::fs::read_to_string(&ticks).is_ok_and(|said| said.ends_with('\n')) {
            assert!(begun.elapsed() < Duration::from_secs(90), "it never fired");
            std::thread::sleep(Duration::from_millis(20));
        }
        owner.browser.post(&often, &[("do", "off")]);
        assert_eq!(std::fs::read_to_string(&ticks).unwrap().lines().count(), 1);
    }
}

/// Processes whose command line has this word.
fn processes(word: &str) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

// row: H117, rule: B9
#[test]
fn h117_an_address_is_called_and_private_ones_are_not() {
    use std::io::{Read as _, Write as _};
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut talk in server.incoming().map_while(Result::ok) {
            let mut asked = [0; 1024];
            let n = talk.read(&mut asked).unwrap_or(0);
            let bad = String::from_utf8_lossy(&asked[..n]).contains("/bad");
            let status = if bad { "500 Oh" } else { "200 OK" };
            let _ = write!(talk, "HTTP/1.1 {status}\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
        }
    });
    for launch in launches() {
        let owner = Owner::of(&launch.env("FREEHOLD__OUTBOUND__ALLOW", &format!("[\"127.0.0.1:{port}\"]")));
        let call = |url: &str| owner.run(&owner.add(&[("kind", "url"), ("command", url)]));
        let good = call(&format!("http://127.0.0.1:{port}/cron"));
        assert!(good.contains("Went well") && said(&good) == "hello", "{good}");
        let bad = call(&format!("http://127.0.0.1:{port}/bad"));
        assert!(bad.contains("Failed") && bad.contains("It answered 500."), "{bad}");
        for private in ["http://127.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "http://localhost/"] {
            let page = call(private);
            assert!(page.contains("Failed") && page.contains("cannot be fetched from here"), "{private}: {page}");
        }
    }
}

// row: H115
#[test]
fn h115_the_api_and_the_command_line_do_what_the_panel_does() {
    for launch in launches() {
        let owner = Owner::of(&launch);
        let scopes: Vec<&str> = SCOPES.iter().copied().chain(["cron.manage"]).collect();
        let program = Program::new(&owner.node, &owner.browser, &scopes, "");
        let ask = |method: &str, path: &str, body: Value| program.with(method.parse().unwrap(), path, body);
        const ALL: &str = "/api/v1/sites/1/cron";
        let new = json!({"name": "Api", "command": "echo from the api", "schedule": "every weekday at 7:30", "time_zone": "Europe/Berlin"});
        let (status, made) = ask("POST", ALL, new);
        assert_eq!((status, made["schedule"].as_str()), (201, Some("30 7 * * 1-5")), "{made}");
        assert_eq!(
            (made["words"].as_str(), made["next"].as_array().unwrap().len()),
            (Some("Every weekday at 07:30"), 5)
        );
        let one = format!("{ALL}/{}", made["id"]);
        assert_eq!(ask("PATCH", &one, json!({"enabled": false})).1["next"], json!([]));
        assert_eq!(ask("PATCH", &one, json!({"schedule": "never"})).1["fields"][0]["field"], "schedule");
        assert_eq!(ask("PATCH", &one, json!({"owner": 1})).0, 422);
        let (status, run) = ask("POST", &format!("{one}/runs"), json!({}));
        assert_eq!(status, 201, "{run}");
        let run = format!("{one}/runs/{}", run["id"]);
        until("it ended", || ask("GET", &run, Value::Null).1["state"] == "done");
        let ended = ask("GET", &run, Value::Null).1;
        assert_eq!((ended["output"].as_str(), ended["exit_status"].as_i64()), (Some("from the api\n"), Some(0)));
        assert_eq!(ask("GET", &format!("{one}/runs"), Value::Null).1["items"].as_array().unwrap().len(), 1);
        // A token that is bound to one site may not touch what is the whole account's.
        let bound = Program::new(&owner.node, &owner.browser, &["site.read", "cron.manage"], "1");
        assert_eq!(bound.with("GET".parse().unwrap(), ALL, Value::Null).0, 404);

        let cli = |words: &[&str]| {
            let said = run_in(owner.node.data.path(), &owner.node.database_url, words, "");
            said.json()
        };
        let site = ["--site", "1", "--json"];
        let added =
            cli(&[&["cron", "add", "--name", "Cli", "--command", "echo $((6*7))", "--schedule", "@daily"][..], &site]
                .concat());
        let id = added["id"].to_string();
        let run = cli(&[&["cron", "run", &id][..], &site].concat())["run"].to_string();
        let mut shown = Value::Null;
        until("it ended", || {
            shown = cli(&[&["cron", "log", &id, "--run", &run][..], &site].concat());
            shown["state"] == "done"
        });
        assert_eq!(shown["output"], "42\n");
        assert_eq!(cli(&[&["cron", "list"][..], &site].concat()).as_array().unwrap().len(), 2);
        cli(&[&["cron", "set", &id, "--enabled", "false", "--overlap", "kill"][..], &site].concat());
        assert_eq!(cli(&[&["cron", "show", &id][..], &site].concat())["overlap"], "kill");
        cli(&[&["cron", "remove", &id][..], &site].concat());
        assert_eq!(ask("DELETE", &one, Value::Null).0, 204);
        assert_eq!(cli(&["cron", "next", "every 5 minutes", "--json"])["fields"], "*/5 * * * *");
    }
}

// rule: F2
#[test]
fn f02_kill_9_at_any_moment_loses_no_run_and_doubles_none() {
    let kills: u64 = if crate::support::full() { 40 } else { 6 };
    for launch in launches() {
        let launch = launch.env("FREEHOLD__LOG", "warn");
        let mut owner = Owner::of(&launch);
        // Each run writes one line when it begins and one when it ends.
        let text = "n=$(date +%s%N); echo b $n >> log.txt; sleep 0.05; echo e $n >> log.txt";
        let commands: Vec<String> = (0..8).map(|_| owner.add(&[("command", text), ("overlap", "queue")])).collect();
        // Half of them at each turn: the page shows the newest fifty results of a command.
        let (even, odd) = commands.split_at(4);
        let mut asked = 0;
        for turn in 0..kills {
            for command in if turn.is_multiple_of(2) { even } else { odd } {
                for _ in 0..2 {
                    let form = [("do", "run")];
                    if owner.browser.try_post(command, &form).is_ok_and(|a| a.status() == 303) {
                        asked += 1;
                    }
                }
            }
            std::thread::sleep(Duration::from_millis(turn * 37 % 150));
            owner.node.kill();
            let node = launch.start();
            owner = Owner { browser: owner.browser.moved(&node), node };
        }
        // On PostgreSQL another node might be at a run: it counts as fallen when its lease is over.
        let (mut states, begun) = (vec!["Waits".to_owned()], freehold_base::Clock::instant());
        while states.iter().any(|s| s == "Waits" || s == "Running") {
            assert!(begun.elapsed() < Duration::from_secs(150), "{states:?}");
            std::thread::sleep(Duration::from_millis(50));
            states =
                commands.iter().flat_map(|command| states_of(&owner.browser.get(command).text().unwrap())).collect();
        }
        let count = |state: &str| states.iter().filter(|s| *s == state).count();
        let log = std::fs::read_to_string(owner.node.data.path().join("accounts/1/home/log.txt")).unwrap();
        let lines = |mark: &str| log.lines().filter(|l| l.starts_with(mark)).count();
        assert_eq!(states.len(), asked, "every run that was asked for has its row: {states:?}");
        // Where the queue was full, the row says so.
        assert_eq!(count("Went well") + count("Interrupted") + count("Skipped"), asked, "{states:?}");
        assert!(lines("b ") <= asked && lines("b ") >= count("Went well"), "{asked} asked, {}", lines("b "));
        assert!(lines("e ") >= count("Went well") && lines("e ") <= lines("b "));
        println!("{asked} runs, {} interrupted, 0 lost, 0 doubled", count("Interrupted"));
    }
}

/// The states in the table of results.
fn states_of(page: &str) -> Vec<String> {
    let table = page.split("aria-labelledby=\"results\"").nth(1).unwrap().split("</section>").next().unwrap();
    let states = table.split("<span class=\"st\">").skip(1);
    states.map(|part| part.split("</span>").nth(1).unwrap().split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn of_a_site_that_is_not_theirs_nobody_sees_commands() {
    for launch in launches() {
        let owner = Owner::of(&launch);
        let command = owner.add(&[("command", "echo secret-word")]);
        owner.run(&command);
        let nobody = Browser::of(&owner.node);
        assert_eq!(nobody.get(&format!("{command}/runs/1")).status(), 303);
        assert_eq!(nobody.get(&format!("{command}/runs/1/live")).status(), 303);
        assert_eq!(owner.browser.get("/admin/s/1/cron/999/runs/1").status(), 404);
        let _ = SiteId(1);
    }
}
