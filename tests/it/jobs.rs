//! Slow work: kept while it is done, prompt where it has its hour, seen and steered in the panel, followed live.

use std::io::BufRead as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use freehold_base::{Clock, Code, Error, JobId, SiteId};
use freehold_platform::jobs::{self, Failure, Handlers, Lane, NewJob, Pace, Runner};
use freehold_store::jobs::{self as rows, Kinds};
use freehold_store::{Actor, Store, StoreOptions, audit, testing};
use reqwest::Method;
use serde_json::json;

use crate::api::{ALL as SCOPES, Program};
use crate::node::{Browser, Launch, Node, nodes, visit};
use crate::support::{stores, until};

fn queue(store: &Store, kind: &'static str) -> JobId {
    store
        .write(&Actor::system(), move |tx| {
            let run_at = tx.now();
            jobs::enqueue(tx, &NewJob { site: SiteId(0), kind, payload: "{}", run_at, unique_key: None })
        })
        .unwrap()
}

fn job(store: &Store, id: JobId) -> jobs::Job {
    store.read(&Actor::system(), |tx| jobs::find(tx, None, id)).unwrap()
}

const ALL: Kinds = Kinds { named: Vec::new(), only: false };

// row: OP05
#[test]
fn a_handler_that_says_nothing_for_long_keeps_its_job() {
    for t in stores() {
        let runs = Arc::new(AtomicUsize::new(0));
        let (go_on, waits) = crossbeam_channel::bounded::<()>(0);
        let mut handlers = Handlers::default();
        let counter = Arc::clone(&runs);
        // A mail server that keeps its sender waiting.
        handlers.add("test.slow", move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            waits.recv().unwrap();
            Ok(String::new())
        });
        let id = queue(&t.store, "test.slow");
        let pace = Pace { lease: Duration::from_secs(60), beat: Duration::from_millis(5) };
        let runner = Runner::start_at(&t.store, &handlers, 1, pace).unwrap();
        until("the job runs", || runs.load(Ordering::SeqCst) == 1);
        // Two leases pass in steps.
        for _ in 0..3 {
            t.clock.advance(Duration::from_secs(45));
            let now = t.clock.now();
            until("the lease is prolonged", || job(&t.store, id).lease_until >= now.plus(Duration::from_secs(60)));
        }
        let other = t.store.write(&Actor::system(), |tx| rows::claim(tx, &ALL, "another", tx.now())).unwrap();
        assert!(other.is_none(), "nobody else gets it");
        go_on.send(()).unwrap();
        until("the job is done", || job(&t.store, id).state == "done");
        runner.stop();
        assert_eq!((runs.load(Ordering::SeqCst), job(&t.store, id).attempts), (1, 1));
    }
}

#[test]
fn a_worker_that_lost_its_job_changes_nothing_at_its_end() {
    for t in stores() {
        let id = queue(&t.store, "test.any");
        let claim = |token: &'static str| {
            let until = t.clock.now().plus(Duration::from_secs(60));
            t.store.write(&Actor::system(), move |tx| rows::claim(tx, &ALL, token, until)).unwrap()
        };
        assert!(claim("first").is_some());
        t.clock.advance(Duration::from_secs(61));
        assert!(claim("second").is_some(), "the first one's node fell silent");
        let end = |token: &'static str, ending: rows::Ending| {
            t.store.write(&Actor::system(), move |tx| rows::end(tx, id, token, &ending)).unwrap()
        };
        assert!(!end("first", rows::Ending::Failed("too late".into())));
        let now = job(&t.store, id);
        assert_eq!((now.state.as_str(), now.message.as_str()), ("running", ""));
        assert!(end("second", rows::Ending::Done("{}".into())));
        assert_eq!(job(&t.store, id).state, "done");
    }
}

// row: CM10
#[test]
fn what_has_its_hour_does_not_wait_behind_a_dead_mail_server() {
    for t in stores() {
        let (go_on, waits) = crossbeam_channel::bounded::<()>(0);
        let stuck = Arc::new(AtomicUsize::new(0));
        let mut handlers = Handlers::default();
        let counter = Arc::clone(&stuck);
        handlers.add("test.mail", move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            waits.recv().unwrap();
            Ok(String::new())
        });
        handlers.add_to(Lane::Prompt, "test.publish", |_| Ok(String::new()));
        handlers.add_to(Lane::Long, "test.import", |_| Ok(String::new()));
        for _ in 0..5 {
            queue(&t.store, "test.mail");
        }
        let runner = Runner::start(&t.store, &handlers, 4).unwrap();
        until("all usual workers are stuck", || stuck.load(Ordering::SeqCst) == 4);
        let wake = runner.waker();
        let (publish, import) = (queue(&t.store, "test.publish"), queue(&t.store, "test.import"));
        wake();
        until("it goes live", || job(&t.store, publish).state == "done");
        until("the import is done", || job(&t.store, import).state == "done");
        for _ in 0..5 {
            go_on.send(()).unwrap();
        }
        runner.stop();
    }
}

// row: OP05
#[test]
fn a_job_that_is_tried_again_has_all_its_tries() {
    for t in stores() {
        let ran = Arc::new(AtomicUsize::new(0));
        let mut handlers = Handlers::default();
        let counter = Arc::clone(&ran);
        handlers.add("test.fails", move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Err(Failure::Later(Error::code(Code::MailFailed)))
        });
        let id = queue(&t.store, "test.fails");
        let runner = Runner::start(&t.store, &handlers, 1).unwrap();
        let wake = runner.waker();
        let fail = |times: usize| {
            for n in 1..=times {
                until("a try", || job(&t.store, id).attempts == n as i64 && job(&t.store, id).state != "running");
                t.clock.advance(Duration::from_secs(3600));
                wake();
            }
        };
        fail(5);
        until("it failed for good", || job(&t.store, id).state == "failed");
        t.store.write(&Actor::system(), move |tx| jobs::retry(tx, None, id)).unwrap();
        wake();
        fail(1);
        let again = job(&t.store, id);
        assert!(again.attempts >= 1 && again.state != "failed", "one failure is not the end: {again:?}");
        runner.stop();
    }
}

#[test]
fn a_paused_job_waits_until_it_is_resumed_or_run() {
    for t in stores() {
        let id = queue(&t.store, "test.any");
        let due = || {
            let until = t.clock.now().plus(Duration::from_secs(60));
            t.store.write(&Actor::system(), move |tx| rows::claim(tx, &ALL, "me", until)).unwrap().is_some()
        };
        t.store.write(&Actor::system(), move |tx| jobs::pause(tx, id)).unwrap();
        assert!(!due());
        // Upkeep deletes what ended long ago, not what waits.
        let far = t.clock.now().plus(Duration::from_secs(99_999_999));
        t.store.write(&Actor::system(), move |tx| rows::prune(tx, far, far, &[])).unwrap();
        t.store.write(&Actor::system(), move |tx| jobs::resume(tx, id)).unwrap();
        assert!(due());
        let refused = t.store.write(&Actor::system(), move |tx| jobs::pause(tx, id)).unwrap_err();
        assert_eq!(refused.as_code(), Code::NotFound, "it runs");
    }
}

#[test]
fn the_only_node_on_a_file_takes_up_what_a_dead_one_held() {
    for t in stores().into_iter().filter(|t| t.store.is_sqlite()) {
        let id = queue(&t.store, "test.any");
        let until_then = t.clock.now().plus(Duration::from_secs(60));
        t.store.write(&Actor::system(), move |tx| rows::claim(tx, &ALL, "dead", until_then)).unwrap().unwrap();
        let mut handlers = Handlers::default();
        handlers.add("test.any", |_| Ok(String::new()));
        t.clock.advance(Duration::from_millis(1));
        let runner = Runner::start(&t.store, &handlers, 1).unwrap();
        until("it is done, long before its lease ends", || job(&t.store, id).state == "done");
        runner.stop();
    }
}

/// Schedules a post so many milliseconds from now, as a program does.
fn schedule(program: &Program, title: &str, ms: u64) {
    let at = Clock::system().now().plus(Duration::from_millis(ms)).utc().to_rfc3339();
    let post = json!({ "type": "post", "status": "published", "title": title, "slug": title, "markdown": "Words.", "published_at": at });
    let (status, made) = program.with(Method::POST, "/api/v1/sites/1/entries", post);
    assert_eq!((status, made["status"].as_str()), (201, Some("scheduled")), "{made}");
}

// row: CM10
#[test]
fn a_scheduled_post_goes_live_by_itself_also_after_a_restart() {
    for launch in Launch::all() {
        let mut node = launch.start();
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let program = Program::new(&node, &browser, SCOPES, "1");
        schedule(&program, "seabird", 3000);
        // Nobody visits: only the log of jobs is asked.
        until("the post went live", || {
            let jobs = browser.get("/admin/server/jobs?q=entry.publish&state=done").text().unwrap();
            jobs.contains("Publish a scheduled post")
        });
        let feed = visit(&node, "/feed/").1;
        assert!(feed.contains("seabird"), "{feed}");
        // One that comes due while the node is down.
        schedule(&program, "nightbird", 5000);
        node.kill();
        let due = Clock::instant() + Duration::from_millis(5000);
        until("its hour passed", || Clock::instant() > due);
        node = launch.start();
        until("it is live after the start", || visit(&node, "/feed/").1.contains("nightbird"));
    }
}

/// Rows of jobs of the installation: kind, payload, state, message, when they ended.
fn plant(node: &Node, rows: &[(&str, &str, &str, &str, i64)]) {
    let options =
        StoreOptions { data: node.data.path().to_owned(), database_url: node.database_url.clone(), readers: 2 };
    let store = Store::open_beside(&options, Clock::system()).unwrap();
    let insert = "INSERT INTO jobs (site_id, kind, payload, state, done, total, message, result, attempts, run_at, \
         lease_until, lease_token, cancel_asked, created_by, created_at, started_at, ended_at) VALUES ";
    let row = |(kind, payload, state, message, ended): &(&str, &str, &str, &str, i64)| {
        let began = ended - 2500;
        format!("(0,'{kind}','{payload}','{state}',0,0,'{message}','',5,1,0,'',false,0,1,{began},{ended})")
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    testing::execute(&store, format!("{insert}{}", rows.join(",")).leak()).unwrap();
}

// row: OP05
#[test]
fn jobs_are_seen_searched_tried_again_and_paused_in_the_panel() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let failed = browser.get("/admin/server/jobs?state=failed").text().unwrap();
        assert!(failed.contains("Nothing has failed"), "{failed}");
        plant(&node, &[("mail.send", "{}", "failed", "The mail server said no.", Clock::system().now().ms())]);
        let failed = browser.get("/admin/server/jobs?state=failed&q=mail").text().unwrap();
        assert!(failed.contains("Send a mail") && failed.contains("The mail server said no."), "{failed}");
        assert!(failed.contains("2.5 s"), "how long it took: {failed}");
        let (_, rest) = failed.split_once("href=\"/admin/server/jobs/").unwrap();
        let id = rest.split('"').next().unwrap();
        let page = format!("/admin/server/jobs/{id}");
        let shown = browser.get(&page).text().unwrap();
        assert!(shown.contains("Try again") && shown.contains("It failed."), "{shown}");
        assert_eq!(browser.post(&page, &[("do", "retry")]).status(), 303);
        until("it failed again: there is nothing in its envelope", || {
            let shown = browser.get(&page).text().unwrap();
            shown.contains("It failed.") && !shown.contains("The mail server said no.")
        });
        assert!(browser.get("/admin/notices").text().unwrap().contains(&page), "the notice leads there");
        // The recurring upkeep: next run, pause, resume, run now.
        let mut waiting = String::new();
        until("the upkeep of the start is over and waits for its next hour", || {
            waiting = browser.get("/admin/server/jobs?state=waiting&q=upkeep").text().unwrap();
            waiting.contains("href=\"/admin/server/jobs/")
        });
        let (_, rest) = waiting.split_once("href=\"/admin/server/jobs/").unwrap();
        let page = format!("/admin/server/jobs/{}", rest.split('"').next().unwrap());
        let shown = browser.get(&page).text().unwrap();
        for word in ["Next run", "Run now", "Pause", "By itself"] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
        browser.post(&page, &[("do", "pause")]);
        assert!(browser.get(&page).text().unwrap().contains("Resume"));
        browser.post(&page, &[("do", "run")]);
        until("it ran", || browser.get(&page).text().unwrap().contains("<dt>Ended</dt>"));
        assert_eq!(browser.get("/admin/server/jobs/999999").status(), 404);
        let audit = browser.get("/admin/server/audit?what=job").text().unwrap();
        assert!(audit.contains("tried again the job") && audit.contains("paused the job"), "{audit}");
    }
}

/// Looks at names come a hundred a day: what people asked for, and what failed, was nowhere to be seen among them.
// row: OP05
#[test]
fn routine_work_that_has_nothing_to_tell_stands_behind_a_switch_and_names_its_domain() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let now = Clock::system().now().ms();
        let (harbour, pine) = (r#"{"host": "harbour.example"}"#, r#"{"host": "pine.example"}"#);
        plant(&node, &[("mail.send", "{}", "failed", "The mail server said no.", now)]);
        plant(&node, &[("domain.watch", harbour, "done", "", now); 120]);
        plant(&node, &[("domain.check", pine, "failed", "Nobody answers.", now)]);
        let list = |query: &str| browser.get(&format!("/admin/server/jobs{query}")).text().unwrap();
        let folded = list("");
        assert!(folded.contains("Send a mail") && !folded.contains("harbour.example"), "{folded}");
        assert!(folded.contains("Look at the health of pine.example"), "it failed: {folded}");
        let all = list("?routine=1");
        assert!(all.contains("Look whether harbour.example points here") && !all.contains("Send a mail"), "{all}");
        assert!(list("?q=domain.watch").contains("harbour.example"), "who searches, searches all");
        for page in ["/admin/notices", "/admin/server"] {
            let shown = browser.get(page).text().unwrap();
            assert!(shown.contains("A job failed: Send a mail"), "{page}: {shown}");
        }
        let program = Program::new(&node, &browser, SCOPES, "");
        let kinds = |query: &str| -> Vec<(String, String)> {
            let (_, list) = program.get(&format!("/api/v1/jobs?limit=100{query}"));
            let text = |job: &serde_json::Value, name: &str| job[name].as_str().unwrap().to_owned();
            list["items"].as_array().unwrap().iter().map(|j| (text(j, "kind"), text(j, "about"))).collect()
        };
        let watch = ("domain.watch".to_owned(), "harbour.example".to_owned());
        assert!(kinds("").contains(&watch) && !kinds("&routine=false").contains(&watch));
        assert!(kinds("&routine=false").iter().any(|(kind, _)| kind == "mail.send"));
        let cli = |words: &[&str]| crate::cli::run_in(node.data.path(), &node.database_url, words, "").out;
        assert!(cli(&["job", "list"]).contains("harbour.example"));
        let folded = cli(&["job", "list", "--without-routine"]);
        assert!(!folded.contains("harbour.example") && folded.contains("mail.send"), "{folded}");
    }
}

/// Reads a stream of events until one holds the words; all that it said.
fn hear(browser: &Browser, node: &Node, path: &str, words: &str) -> String {
    let answer = browser.http.get(format!("{}{path}", node.panel)).timeout(Duration::from_secs(60)).send().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    for line in std::io::BufReader::new(answer).lines().map_while(Result::ok) {
        heard.push_str(&line);
        heard.push('\n');
        if heard.contains(words) {
            return heard;
        }
    }
    panic!("the stream ended: {heard}");
}

/// Somebody with a role on the first site, signed in.
fn somebody(node: &Node, email: &str, role: &str) -> Browser {
    let made = crate::cli::run_in(
        node.data.path(),
        &node.database_url,
        &["user", "create", email, "--site", "127.0.0.1", "--role", role, "--password-stdin"],
        "seven quiet herons wade",
    );
    assert_eq!(made.code, 0, "{}", made.err);
    let browser = Browser::of(node);
    let signed = browser.post("/admin/login", &[("email", email), ("password", "seven quiet herons wade")]);
    assert_eq!(signed.status(), 303);
    browser
}

fn first_job(browser: &Browser, query: &str) -> String {
    let list = browser.get(&format!("/admin/server/jobs?{query}")).text().unwrap();
    let (_, rest) = list.split_once("href=\"/admin/server/jobs/").unwrap_or_else(|| panic!("{list}"));
    rest.chars().take_while(char::is_ascii_digit).collect()
}

// row: OP05
#[test]
fn a_person_hears_of_jobs_that_they_may_see_and_of_no_others() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let author = somebody(&node, "ida@example.org", "author");
        let id = first_job(&browser, "q=upkeep&state=waiting");
        let path = format!("/admin/events?jobs={id}");
        std::thread::scope(|scope| {
            let server = scope.spawn(|| hear(&browser, &node, &path, "\"done\""));
            let writer = scope.spawn(|| hear(&author, &node, &path, ": here"));
            // What happens after the streams began is news; before, they tell how it stands.
            browser.post(&format!("/admin/server/jobs/{id}"), &[("do", "run")]);
            let heard = server.join().unwrap();
            assert!(heard.contains("event: job") && heard.contains(&format!("\"id\":{id}")), "{heard}");
            assert!(!writer.join().unwrap().contains("event:"), "the installation's work is none of an author's");
        });
        let nobody = Browser::of(&node).get("/admin/events");
        assert_eq!(nobody.status(), 303, "sign in first");
    }
}

// row: OP05
#[test]
fn a_stream_ends_with_its_session() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let author = somebody(&node, "ida@example.org", "author");
        let answer =
            author.http.get(format!("{}/admin/events", node.panel)).timeout(Duration::from_secs(60)).send().unwrap();
        assert_eq!(author.post("/admin/logout", &[]).status(), 303);
        let mut lines = std::io::BufReader::new(answer).lines();
        assert!(lines.by_ref().all(|line| line.is_ok()), "it ends by itself, long before the time-out");
    }
}

// row: OP05
#[test]
fn streams_of_a_session_are_bounded() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let open = || browser.http.get(format!("{}/admin/events", node.panel)).send().unwrap();
        let held: Vec<_> = (0..8).map(|_| open()).collect();
        assert!(held.iter().all(|answer| answer.status() == 200));
        assert_eq!(open().status(), 503);
    }
}

// rule: C9
#[test]
fn the_audit_log_is_read_filtered_exported_and_checked() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let form = [("title", "=Bread"), ("do", "publish"), ("source", "markdown"), ("markdown", "x")];
        browser.post("/admin/s/1/posts/new", &form);
        for page in ["/admin/server/audit", "/admin/s/1/audit"] {
            let all = browser.get(page).text().unwrap();
            assert!(all.contains("=Bread") && all.contains("mara%40example.org"), "{all}");
            let other = browser.get(&format!("{page}?what=menu")).text().unwrap();
            assert!(other.contains("Nothing matches"), "{other}");
            let mine = browser.get(&format!("{page}?what=entry&who=mara%40example.org")).text().unwrap();
            assert!(mine.contains("=Bread"), "{mine}");
            let nobody = browser.get(&format!("{page}?who=nobody%40example.org")).text().unwrap();
            assert!(nobody.contains("Nothing matches"), "{nobody}");
            let past = browser.get(&format!("{page}?until=2020-01-01")).text().unwrap();
            assert!(past.contains("Nothing matches"), "{past}");
            let export = browser.get(&format!("{page}/export?what=entry"));
            assert_eq!(export.headers()["content-type"], "text/csv; charset=utf-8");
            let text = export.text().unwrap();
            assert!(text.starts_with("time,person,email") && text.contains("mara@example.org"), "{text}");
            assert!(!text.contains("settings.save"), "filtered as the page: {text}");
        }
        let home = browser.get("/admin/s/1").text().unwrap();
        assert!(home.contains("/admin/s/1/audit"), "home leads there");
        assert!(browser.get("/admin/server/audit").text().unwrap().contains("has not been checked yet"));
        assert_eq!(browser.post("/admin/server/audit/check", &[]).status(), 303);
        until("it was checked", || browser.get("/admin/server/audit").text().unwrap().contains("The log is whole"));
    }
}

// rule: C9
#[test]
fn c09_a_long_chain_is_looked_at_in_many_short_reads() {
    for t in stores() {
        let rows = 12_000_i64;
        for part in 0..rows / 2000 {
            t.store
                .write(&Actor::system(), move |tx| {
                    for n in 0..2000 {
                        tx.audit(audit::Chain::Server, "job.run", format!("{part} {n}"), "");
                    }
                    Ok(())
                })
                .unwrap();
        }
        let found = freehold_platform::audit::verify_all(&t.store, &Actor::system()).unwrap();
        assert_eq!((found.chains, found.rows, found.broken.as_slice()), (1, rows, &[][..]));
        testing::execute(&t.store, "UPDATE audit_rows SET object = 'x' WHERE position = 7001").unwrap();
        let found = freehold_platform::audit::verify_all(&t.store, &Actor::system()).unwrap();
        assert_eq!((found.rows, found.broken), (7000, vec![("server".to_owned(), 7001)]));
    }
}
