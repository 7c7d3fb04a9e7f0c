//! What becomes of moments: with the clock in hand, and a hand in place of the machine. On both databases.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freehold_base::{AccountId, Clock, Code, CronJobId, HostName, Result, Role, SessionId, SiteId, Timestamp, UserId};
use freehold_host::mail::Mailer;
use freehold_host::sandbox::Stop;
use freehold_hosting::cron::work::{Outcome, Post, Tools};
use freehold_hosting::cron::{self, CronInput, Desk, Tick, tick};
use freehold_platform::customers::suspend;
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::outbox::Outbox;
use freehold_platform::secrets::Keyring;
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::cron::CronJob;
use freehold_store::cron_runs::CronRun;
use freehold_store::roles::{self, RolePlace};
use freehold_store::{Actor, ActorKind, Tx, cron as rows, testing};

use crate::support::{START, TestStore, stores};

const MINE: SiteId = SiteId(1);
const THEIRS: SiteId = SiteId(2);
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A hand in place of the machine: what it says and how it ends is set by the test.
struct Hand {
    begun: AtomicUsize,
    says: Mutex<(Outcome, String)>,
    /// Wait until somebody asks to stop.
    holds: Mutex<bool>,
    alive: AtomicUsize,
}

impl Tools for Hand {
    fn perform(&self, _: &CronJob, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Outcome {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let (outcome, text) = self.says.lock().unwrap().clone();
        hear(text.as_bytes());
        while *self.holds.lock().unwrap() && !stop.is_asked() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if stop.is_asked() {
            return Outcome { state: "stopped", exit_status: -1, message: String::new() };
        }
        outcome
    }
    fn alive(&self, _: &str) -> Result<()> {
        self.alive.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn well() -> Outcome {
    Outcome { state: "done", exit_status: 0, message: String::new() }
}

fn badly() -> Outcome {
    Outcome { state: "failed", exit_status: 1, message: "It was not there.".into() }
}

struct World {
    t: TestStore,
    hand: Arc<Hand>,
    desk: Desk,
    post: Post,
    owner: Actor,
    stranger: Actor,
}

fn worlds() -> Vec<World> {
    stores().into_iter().map(World::new).collect()
}

fn person(t: &TestStore, name: &'static str, account: AccountId) -> Actor {
    let id = t
        .store
        .write(&Actor::system(), move |tx| {
            let new = freehold_store::users::NewUser {
                email: &format!("{name}@example.org"),
                name,
                slug: name,
                password_hash: "x",
                password_scheme: "",
                status: "active",
            };
            let id = freehold_store::users::insert(tx, &new)?;
            roles::set(tx, RolePlace::Account(account), id, Role::Owner)?;
            Ok(id)
        })
        .unwrap();
    let grants = t.store.read(&Actor::system(), |tx| roles::grants_of(tx, id)).unwrap();
    let kind = ActorKind::User { user: id, session: SessionId(1) };
    Actor { kind, grants: Arc::new(grants), ..Actor::system() }
}

impl World {
    fn new(t: TestStore) -> Self {
        let accounts = t
            .store
            .write(&Actor::system(), |tx| {
                let server = tx.authorize_server(freehold_base::Capability::ServerManage)?;
                let mut accounts = Vec::new();
                for (name, host, wanted) in [("mine", "a.example", MINE), ("theirs", "b.example", THEIRS)] {
                    let account = testing::account(tx, server, name)?;
                    let host = HostName::parse(host)?;
                    let new = NewSite { account, title: name.into(), host, settings: Settings::default() };
                    assert_eq!(sites::create(tx, &new)?, wanted);
                    accounts.push(account);
                }
                Ok(accounts)
            })
            .unwrap();
        let keys = Arc::new(Keyring::open_or_create(&t._folder.path().join("key")).unwrap());
        let mailer = Mailer::from_url("smtp://127.0.0.1:9", "freehold@localhost", &["127.0.0.1:9".to_owned()]).unwrap();
        let post = Post::new(Outbox::new(keys, mailer), "http://panel.example");
        let hand = Arc::new(Hand {
            begun: AtomicUsize::new(0),
            says: Mutex::new((well(), String::new())),
            holds: Mutex::new(false),
            alive: AtomicUsize::new(0),
        });
        let desk = Desk::new(t.store.clone(), post.clone(), hand.clone(), 8);
        let (owner, stranger) = (person(&t, "owner", accounts[0]), person(&t, "stranger", accounts[1]));
        Self { t, hand, desk, post, owner, stranger }
    }
    fn add(&self, change: impl Fn(&mut CronInput) + Send + 'static) -> CronJobId {
        self.t
            .store
            .write(&self.owner, move |tx| {
                let mut input = CronInput {
                    name: "Backup".into(),
                    command: "./backup".into(),
                    schedule: "*/10 * * * *".into(),
                    ..CronInput::default()
                };
                change(&mut input);
                cron::add(tx, MINE, &input)
            })
            .unwrap()
    }
    fn read<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.t.store.read(&self.owner, f).unwrap()
    }
    fn job(&self, id: CronJobId) -> CronJob {
        self.read(|tx| cron::find(tx, MINE, id))
    }
    /// Oldest first.
    fn runs(&self, id: CronJobId) -> Vec<CronRun> {
        let mut all = self.read(|tx| cron::runs(tx, MINE, id, 0, 200));
        all.reverse();
        all
    }
    fn states(&self, id: CronJobId) -> Vec<String> {
        self.runs(id).into_iter().map(|r| r.state).collect()
    }
    fn tick(&self) -> Tick {
        tick(&self.t.store, &self.post, false).unwrap()
    }
    /// Time goes on, what is due is planned and done.
    fn after(&self, ms: i64) {
        self.t.clock.advance(Duration::from_millis(ms.unsigned_abs()));
        self.look();
    }
    fn look(&self) {
        self.tick();
        for taken in self.desk.take().unwrap() {
            self.desk.perform(&taken);
        }
    }
    fn mails(&self) -> usize {
        let filter = JobFilter { states: Vec::new(), kinds: Some(vec!["mail.send".into()]), ..JobFilter::default() };
        self.t.store.read(&Actor::system(), |tx| Ok(jobs::search(tx, None, &filter, 0, 200)?.len())).unwrap()
    }
    fn says(&self, outcome: Outcome, text: &str) {
        *self.hand.says.lock().unwrap() = (outcome, text.to_owned());
    }
    fn begun(&self) -> usize {
        self.hand.begun.load(Ordering::SeqCst)
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp(START.ms() + ms)
}

// row: H115
#[test]
fn h115_each_moment_is_run_once_and_its_result_is_kept() {
    for w in worlds() {
        let id = w.add(|_| {});
        assert_eq!(w.job(id).next_at, at(10 * MINUTE));
        assert_eq!(w.tick().next, Some(at(10 * MINUTE)), "it sleeps until then");
        w.says(well(), "saved 12 files\n");
        w.after(10 * MINUTE);
        w.look();
        w.look();
        let runs = w.runs(id);
        assert_eq!((runs.len(), w.begun()), (1, 1));
        let run = &runs[0];
        assert_eq!(
            (run.state.as_str(), run.due_at, run.output.as_str()),
            ("done", at(10 * MINUTE), "saved 12 files\n")
        );
        assert_eq!((run.exit_status, run.output_bytes), (0, 15));
        let job = w.job(id);
        assert_eq!((job.next_at, job.last_state.as_str()), (at(20 * MINUTE), "done"));
        for _ in 0..cron::KEPT + 5 {
            w.after(10 * MINUTE);
        }
        assert_eq!(i64::try_from(w.runs(id).len()).unwrap(), cron::KEPT, "the last ones are kept");
    }
}

// row: H116
#[test]
fn h116_a_run_that_still_goes_on_is_skipped_queued_behind_or_replaced() {
    for w in worlds() {
        for (overlap, states) in [
            ("skip", ["done", "skipped", "skipped"]),
            ("queue", ["done", "done", "done"]),
            ("kill", ["stopped", "stopped", "done"]),
        ] {
            let id = w.add(move |i| i.overlap = overlap.into());
            let begun = w.begun();
            *w.hand.holds.lock().unwrap() = true;
            w.t.clock.advance(Duration::from_secs(600));
            w.tick();
            let taken = w.desk.take().unwrap().into_iter().find(|t| t.run.cron_job_id == id).unwrap();
            std::thread::scope(|scope| {
                let running = scope.spawn(|| w.desk.perform(&taken));
                crate::support::until("it runs", || w.begun() > begun);
                let twice = (0..2).any(|_| {
                    w.t.clock.advance(Duration::from_secs(600));
                    // As the node's own beat would: its lease goes on.
                    let kept = "UPDATE cron_runs SET lease_until = 9000000000000 WHERE state = 'running'";
                    testing::execute(&w.t.store, kept).unwrap();
                    w.tick();
                    w.desk.take().unwrap().iter().any(|t| t.run.cron_job_id == id)
                });
                w.desk.beat().unwrap(); // ends what shall not go on
                *w.hand.holds.lock().unwrap() = false;
                running.join().unwrap();
                assert!(!twice, "{overlap}: never two at once");
            });
            for _ in 0..3 {
                for taken in w.desk.take().unwrap() {
                    w.desk.perform(&taken);
                }
            }
            assert_eq!(w.states(id), states, "{overlap}");
            w.t.store.write(&w.owner, move |tx| cron::set_enabled(tx, MINE, id, false)).unwrap();
        }
    }
}

// row: H116
#[test]
fn what_one_account_has_waiting_stands_in_nobodys_way() {
    for w in worlds() {
        let all: Vec<CronJobId> = (0..21).map(|_| w.add(|i| i.overlap = "queue".into())).collect();
        w.t.clock.advance(Duration::from_secs(600));
        w.tick();
        let first = w.desk.take().unwrap();
        assert_eq!(first.len(), 3, "no more of one account at once");
        for _ in 0..cron::QUEUE {
            w.t.clock.advance(Duration::from_secs(600));
            testing::execute(&w.t.store, "UPDATE cron_runs SET lease_until = 9000000000000 WHERE state = 'running'")
                .unwrap();
            w.tick();
        }
        let waiting: usize = all.iter().map(|id| w.states(*id).iter().filter(|s| *s == "waiting").count()).sum();
        assert!(waiting > 220, "{waiting}");
        assert!(w.desk.take().unwrap().is_empty());
        let theirs = w.t.store.write(&w.stranger, |tx| {
            let input = CronInput {
                name: "Theirs".into(),
                command: "true".into(),
                schedule: "0 0 1 1 *".into(),
                ..CronInput::default()
            };
            let id = cron::add(tx, THEIRS, &input)?;
            cron::run_now(tx, THEIRS, id)?;
            Ok(id)
        });
        let taken = w.desk.take().unwrap();
        assert_eq!(taken.iter().map(|t| t.run.cron_job_id).collect::<Vec<_>>(), [theirs.unwrap()]);
        for taken in first.iter().chain(&taken) {
            w.desk.perform(taken);
        }
        assert_eq!(w.desk.take().unwrap().len(), 3, "and then it goes on where it was");
    }
}

// row: H116
#[test]
fn h116_a_queue_is_bounded_and_a_run_by_hand_follows_the_rule() {
    for w in worlds() {
        let id = w.add(|i| i.overlap = "queue".into());
        for _ in 0..cron::QUEUE + 4 {
            w.t.clock.advance(Duration::from_secs(600));
            w.tick();
        }
        let states = w.states(id);
        assert_eq!(states.iter().filter(|s| *s == "waiting").count(), cron::QUEUE + 1, "{states:?}");
        let other = w.add(|i| i.schedule = "0 0 1 1 *".into());
        let by_hand = || w.t.store.write(&w.owner, move |tx| cron::run_now(tx, MINE, other));
        by_hand().unwrap();
        assert_eq!(by_hand().unwrap_err().as_code(), Code::WrongState, "it waits already");
        w.look();
        let runs = w.runs(other);
        assert_eq!((runs[0].state.as_str(), runs[0].cause.as_str()), ("done", "hand"));
        assert_eq!(w.job(other).next_at, at(42 * DAY - 8 * HOUR), "the schedule is as it was");
    }
}

// row: H116
#[test]
fn moments_that_are_skipped_do_not_make_the_list_longer_and_longer() {
    for w in worlds() {
        let id = w.add(|i| i.overlap = "skip".into());
        for _ in 0..60 {
            w.t.clock.advance(Duration::from_secs(600));
            w.tick();
        }
        let states = w.states(id);
        assert_eq!((states.len(), states[0].as_str()), (51, "waiting"), "the last fifty, and the one that waits");
    }
}

// rule: F5
#[test]
fn f05_an_end_that_the_database_did_not_take_is_kept_and_stored_later() {
    for w in worlds() {
        let id = w.add(|_| {});
        w.says(well(), "all of it");
        w.t.clock.advance(Duration::from_secs(600));
        w.tick();
        let taken = w.desk.take().unwrap();
        let run = taken[0].run.id;
        testing::execute(&w.t.store, "ALTER TABLE cron_runs RENAME TO away").unwrap();
        w.desk.perform(&taken[0]);
        w.desk.store_again();
        assert_eq!(w.desk.live.text(run).as_deref(), Some("all of it"), "pages still find it");
        testing::execute(&w.t.store, "ALTER TABLE away RENAME TO cron_runs").unwrap();
        assert_eq!(w.states(id), ["running"]);
        w.desk.store_again();
        let runs = w.runs(id);
        assert_eq!((runs[0].state.as_str(), runs[0].output.as_str()), ("done", "all of it"));
        assert!(w.desk.live.text(run).is_none());
    }
}

// rule: F11
#[test]
fn f11_a_clock_that_jumps_runs_nothing_twice_and_loses_no_schedule() {
    for w in worlds() {
        let id = w.add(|i| i.schedule = "0 * * * *".into());
        let set = |ms: i64| {
            let now = w.t.clock.now().ms();
            w.t.clock.set(Timestamp(now + ms));
            w.look();
            w.look();
        };
        set(HOUR);
        assert_eq!(w.begun(), 1);
        set(HOUR); // one hour ahead: one run
        assert_eq!(w.begun(), 2);
        set(-HOUR); // and back: that hour was dealt with
        assert_eq!(w.begun(), 2);
        set(HOUR);
        assert_eq!(w.begun(), 2);
        set(HOUR);
        assert_eq!(w.begun(), 3, "it goes on where it was");
        let ten_years = 3650 * DAY;
        set(ten_years);
        assert_eq!(w.begun(), 4, "ten years of moments are made up by the newest alone");
        set(-ten_years);
        assert_eq!(w.begun(), 4);
        let job = w.job(id);
        assert!(job.next_at.ms() - w.t.clock.now().ms() <= HOUR, "it does not wait for ten years");
        set(HOUR);
        assert_eq!(w.begun(), 5);
        set(-2 * ten_years);
        set(HOUR);
        assert_eq!(w.begun(), 6);
        let due: BTreeSet<i64> = w.runs(id).iter().map(|r| r.due_at.ms()).collect();
        assert_eq!(due.len(), w.begun(), "no moment twice");
    }
}

#[test]
fn what_was_missed_is_made_up_once_if_it_is_younger_than_a_day() {
    for w in worlds() {
        let (often, seldom) = (w.add(|_| {}), w.add(|i| i.schedule = "0 9 * * 5".into()));
        w.after(5 * HOUR + 3 * MINUTE); // Friday 13:03: nobody was there since 08:00
        assert_eq!((w.states(often), w.states(seldom)), (vec!["done".to_owned()], vec!["done".to_owned()]));
        assert_eq!(w.runs(often)[0].due_at, at(5 * HOUR), "the newest of them");
        assert!(w.runs(often)[0].message.contains("Made up for"), "{}", w.runs(often)[0].message);
        w.t.clock.advance(Duration::from_secs(9 * 86_400)); // the Sunday after next
        w.look();
        assert_eq!(w.states(seldom), ["done", "skipped"], "two days late is no run any more");
        assert_eq!(w.job(seldom).next_at, at(14 * DAY + HOUR));
    }
}

// row: H116
#[test]
fn h116_beginnings_are_spread_and_always_the_same() {
    for w in worlds() {
        let ids: Vec<CronJobId> = (0..6).map(|_| w.add(|i| i.jitter_s = 300)).collect();
        w.t.clock.advance(Duration::from_secs(600));
        w.tick();
        let begins: BTreeSet<i64> = ids.iter().map(|id| w.runs(*id)[0].run_at.ms() - at(10 * MINUTE).ms()).collect();
        assert!(begins.len() > 3 && begins.iter().all(|ms| (0..=300_000).contains(ms)), "{begins:?}");
        assert!(w.desk.take().unwrap().len() < 6, "those that are due now, not all");
        assert_eq!(w.tick().next.map(|t| t > w.t.clock.now()), Some(true), "it sleeps until the next of them");
    }
}

// row: H116
#[test]
fn h116_an_alarm_is_given_when_no_run_went_well_in_time_and_is_quiet_after_one_that_did() {
    for w in worlds() {
        let id = w.add(|i| {
            i.grace_s = 120;
            i.mail_when = "never".into();
            i.alive_url = "https://watch.example/1".into();
        });
        w.says(badly(), "");
        w.after(10 * MINUTE);
        assert_eq!((w.mails(), w.job(id).alarmed_at), (0, Timestamp(0)), "there is still time");
        w.after(2 * MINUTE);
        w.look();
        assert_eq!((w.mails(), w.job(id).alarmed_at), (1, at(12 * MINUTE)), "once");
        assert_eq!(w.hand.alive.load(Ordering::SeqCst), 0);
        w.says(well(), "");
        w.after(8 * MINUTE);
        let job = w.job(id);
        assert_eq!((job.alarmed_at, job.alarm_at), (Timestamp(0), at(32 * MINUTE)));
        assert_eq!(w.hand.alive.load(Ordering::SeqCst), 1, "the watch outside hears of it");
        assert_eq!(w.mails(), 1);
    }
}

// row: H115
#[test]
fn h115_mail_comes_after_a_failure_or_where_something_changed_and_only_to_who_still_may() {
    for w in worlds() {
        let change = w.add(|i| i.mail_when = "change".into());
        let turn = |outcome: Outcome, text: &str| {
            w.says(outcome, text);
            let before = w.mails();
            w.after(10 * MINUTE);
            w.mails() - before
        };
        assert_eq!(turn(well(), "a"), 0, "the first time there is nothing to compare");
        assert_eq!(turn(well(), "a"), 0);
        assert_eq!(turn(well(), "b"), 1, "it said something else");
        assert_eq!(turn(badly(), "b"), 1);
        assert_eq!(turn(badly(), "b"), 0, "the same failure");
        assert_eq!(turn(well(), "b"), 1, "well again");
        w.t.store.write(&w.owner, move |tx| cron::set_enabled(tx, MINE, change, false)).unwrap();
        let failure = w.add(|i| i.mail_when = "failure".into());
        assert_eq!((turn(well(), "x"), turn(badly(), "x"), turn(badly(), "x"), turn(well(), "y")), (0, 1, 1, 0));
        // Who saved it last left the account.
        let user = w.owner.user().unwrap();
        let account = w.job(failure).account_id;
        w.t.store.write(&Actor::system(), move |tx| roles::remove(tx, RolePlace::Account(account), user)).unwrap();
        assert_eq!(turn(badly(), "z"), 0);
    }
}

#[test]
fn of_a_suspended_account_nothing_runs_and_afterwards_it_goes_on() {
    for w in worlds() {
        let id = w.add(|_| {});
        let account = w.job(id).account_id;
        *w.hand.holds.lock().unwrap() = true;
        w.t.clock.advance(Duration::from_secs(600));
        w.tick();
        let taken = w.desk.take().unwrap();
        std::thread::scope(|scope| {
            let running = scope.spawn(|| w.desk.perform(&taken[0]));
            crate::support::until("it runs", || w.begun() == 1);
            w.t.store.write(&Actor::system(), move |tx| suspend::suspend(tx, account, "unpaid")).unwrap();
            w.desk.beat().unwrap(); // ends what goes on
            running.join().unwrap();
        });
        *w.hand.holds.lock().unwrap() = false;
        w.after(HOUR);
        assert_eq!((w.begun(), w.tick().next), (1, None), "and nobody waits for it");
        let refused = w.t.store.write(&w.owner, move |tx| cron::run_now(tx, MINE, id));
        assert!(refused.is_err());
        w.t.store.write(&Actor::system(), move |tx| suspend::unsuspend(tx, account)).unwrap();
        w.look();
        assert_eq!(w.states(id), ["stopped", "done"]);
    }
}

// rule: F7
#[test]
fn f07_after_a_fall_what_waited_runs_once_and_what_went_on_is_not_begun_again() {
    for w in worlds() {
        let (fell, waits) = (w.add(|_| {}), w.add(|_| {}));
        w.t.clock.advance(Duration::from_secs(600));
        w.tick();
        // One was taken, and its node fell silent before it was done; the other was planned and not taken.
        let taken = w.desk.take().unwrap();
        assert_eq!(taken.len(), 2);
        let mut lost = taken.into_iter();
        let (first, second) = (lost.next().unwrap(), lost.next().unwrap());
        assert_eq!((first.run.cron_job_id, second.run.cron_job_id), (fell, waits));
        w.desk.perform(&second);
        let third = w.add(|_| {});
        w.t.store.write(&w.owner, move |tx| cron::run_now(tx, MINE, third)).unwrap();
        // Another node of the same database sees nothing to take over while the lease holds …
        tick(&w.t.store, &w.post, false).unwrap();
        assert_eq!(w.states(fell), ["running"]);
        // … and afterwards notes it.
        w.t.clock.advance(Duration::from_secs(90));
        let again = Desk::new(w.t.store.clone(), w.post.clone(), w.hand.clone(), 8);
        tick(&w.t.store, &w.post, false).unwrap();
        for taken in again.take().unwrap() {
            again.perform(&taken);
        }
        assert_eq!(
            (w.states(fell), w.states(waits), w.states(third)),
            (vec!["interrupted".into()], vec!["done".into()], vec!["done".into()])
        );
        // The node that fell silent comes back: its word counts no more.
        w.desk.perform(&first);
        assert_eq!(w.states(fell), ["interrupted"]);
        assert_eq!(w.mails(), 1, "its person hears of it");
    }
}

// rule: F7
#[test]
fn f07_two_nodes_take_no_run_twice() {
    for w in worlds() {
        let ids: Vec<CronJobId> = (0..12).map(|n| w.add(move |i| i.name = format!("Job {n}"))).collect();
        let other = Desk::new(w.t.store.clone(), w.post.clone(), w.hand.clone(), 8);
        for _ in 0..3 {
            w.t.clock.advance(Duration::from_secs(600));
            std::thread::scope(|scope| {
                for desk in [&w.desk, &other] {
                    let (store, post) = (&w.t.store, &w.post);
                    scope.spawn(move || {
                        for _ in 0..12 {
                            tick(store, post, false).unwrap();
                            for taken in desk.take().unwrap() {
                                desk.perform(&taken);
                            }
                        }
                    });
                }
            });
        }
        let done: usize = ids.iter().map(|id| w.states(*id).iter().filter(|s| *s == "done").count()).sum();
        assert_eq!((done, w.begun()), (36, 36));
    }
}

// rule: C2
#[test]
fn c02_commands_of_another_account_are_as_if_they_were_not() {
    for w in worlds() {
        let id = w.add(|_| {});
        let run = w.t.store.write(&w.owner, move |tx| cron::run_now(tx, MINE, id)).unwrap();
        let stranger = w.stranger.clone();
        let refused = |code: Code, f: fn(&mut Tx<'_>, SiteId, CronJobId, freehold_base::CronRunId) -> Result<()>| {
            for site in [MINE, THEIRS] {
                for (job, run) in [(id, run), (CronJobId(999_999), freehold_base::CronRunId(999_999))] {
                    let e = w.t.store.write(&stranger, move |tx| f(tx, site, job, run)).unwrap_err();
                    assert_eq!(e.as_code(), code, "{e}");
                }
            }
        };
        refused(Code::NotFound, |tx, site, job, _| cron::find(tx, site, job).map(drop));
        refused(Code::NotFound, |tx, site, job, _| cron::remove(tx, site, job));
        refused(Code::NotFound, |tx, site, job, _| cron::run_now(tx, site, job).map(drop));
        refused(Code::NotFound, |tx, site, job, _| cron::set_enabled(tx, site, job, false));
        refused(Code::NotFound, |tx, site, job, _| cron::runs(tx, site, job, 0, 50).map(drop));
        refused(Code::NotFound, |tx, site, job, run| cron::run(tx, site, job, run).map(drop));
        refused(Code::NotFound, cron::stop);
        let theirs = w.t.store.read(&w.stranger, |tx| cron::list(tx, THEIRS, CronJobId(0), 100)).unwrap();
        assert!(theirs.is_empty());
        assert_eq!(w.states(id), ["waiting"], "and nothing was changed");
    }
}

/// Texts that broke other panels.
const NASTY: [&str; 40] = [
    "a\nb",
    "a\r\nb",
    "\n* * * * * root id",
    "'",
    "\"",
    "`id`",
    "$(id)",
    "${HOME}",
    "$HOME",
    "a;id",
    "a&&id",
    "a|id",
    "a&",
    ">x",
    "<x",
    "x>/tmp/y",
    "\\",
    "\\n",
    "%0a",
    "%",
    "a b",
    " a ",
    "--",
    "-x",
    "--help",
    "-e id",
    "..",
    "../../../etc/passwd",
    "/etc/passwd",
    "*",
    "?",
    "[a]",
    "{a,b}",
    "~",
    "#",
    "!!",
    "\u{202e}abc",
    "\u{e9}\u{1f40e}",
    "'; DROP TABLE cron_jobs; --",
    "\u{1b}]52;c;aGk=\u{7}",
];

// rule: A3
#[test]
fn a03_no_text_in_one_field_changes_another() {
    type Set = fn(&mut CronInput, &str);
    type Get = fn(&CronJob) -> &str;
    let fields: [(&str, Set, Get); 6] = [
        ("name", |i, t| i.name = t.into(), |j| &j.name),
        ("command", |i, t| i.command = t.into(), |j| &j.command),
        ("schedule", |i, t| i.schedule = t.into(), |j| &j.schedule),
        ("time_zone", |i, t| i.time_zone = t.into(), |j| &j.time_zone),
        ("alive_url", |i, t| i.alive_url = t.into(), |j| &j.alive_url),
        ("overlap", |i, t| i.overlap = t.into(), |j| &j.overlap),
    ];
    for w in worlds() {
        let id = w.add(|_| {});
        let other = w.add(|i| i.name = "Beside it".into());
        let beside = w.job(other);
        for text in NASTY {
            for (field, set, get) in &fields {
                let before = w.job(id);
                let mut input = CronInput::from(&before);
                set(&mut input, text);
                let version = before.version;
                let sent = input.clone();
                let saved = w.t.store.write(&w.owner, move |tx| cron::change(tx, MINE, id, version, &sent));
                let after = w.job(id);
                for (name, _, read) in &fields {
                    if name != field || saved.is_err() {
                        assert_eq!(read(&after), read(&before), "{text:?} in {field} changed {name}");
                    }
                }
                if saved.is_ok() {
                    let clean: String = text.replace("\r\n", "\n").trim().into();
                    let kept = get(&after);
                    let line: String = clean.chars().filter(|c| !c.is_control()).collect();
                    assert!(kept == clean || kept == line, "{text:?} in {field} became {kept:?}");
                }
                let after = w.job(id);
                let back = CronInput::from(&before);
                w.t.store.write(&w.owner, move |tx| cron::change(tx, MINE, id, after.version, &back)).unwrap();
                assert_eq!(w.job(other), beside, "{text:?} in {field}");
            }
        }
    }
}

#[test]
fn what_cannot_be_is_refused_at_its_field() {
    for w in worlds() {
        let refused = |field: &str, change: fn(&mut CronInput)| {
            let add = w.t.store.write(&w.owner, move |tx| {
                let mut input = CronInput { name: "x".into(), command: "true".into(), ..CronInput::default() };
                change(&mut input);
                cron::add(tx, MINE, &input)
            });
            let e = add.unwrap_err();
            assert_eq!(e.fields().iter().map(|f| f.field.as_ref()).collect::<Vec<_>>(), [field], "{e}");
        };
        refused("name", |i| i.name = " ".into());
        refused("command", |i| i.command = "\n".into());
        refused("command", |i| i.command = "a\0b".into());
        refused("command", |i| i.command = "x".repeat(9000));
        refused("command", |i| (i.kind, i.command) = ("url".into(), "file:///etc/passwd".into()));
        refused("command", |i| (i.kind, i.command) = ("url".into(), "https://a b".into()));
        refused("kind", |i| i.kind = "root".into());
        refused("schedule", |i| i.schedule = "never".into());
        refused("schedule", |i| i.schedule = "0 0 30 2 *".into());
        refused("time_zone", |i| i.time_zone = "Mars/Base".into());
        refused("jitter_s", |i| i.jitter_s = -1);
        refused("timeout_s", |i| i.timeout_s = 0);
        refused("timeout_s", |i| i.timeout_s = i64::MAX);
        refused("grace_s", |i| i.grace_s = i64::MIN);
        refused("mail_when", |i| i.mail_when = "always".into());
        refused("alive_url", |i| i.alive_url = "javascript:alert(1)".into());
        // Two people at once.
        let id = w.add(|_| {});
        let save = |version| {
            w.t.store.write(&w.owner, move |tx| {
                let job = cron::find(tx, MINE, id)?;
                cron::change(tx, MINE, id, version, &CronInput::from(&job))
            })
        };
        save(1).unwrap();
        assert_eq!(save(1).unwrap_err().as_code(), Code::VersionConflict);
        assert_eq!(w.job(id).mail_to, w.owner.user().map_or(0, UserId::get));
        // As many as an account may have.
        let full = w.t.store.write(&Actor::system(), |tx| {
            for n in 0..cron::MOST {
                let input = CronInput { name: format!("{n}"), command: "true".into(), ..CronInput::default() };
                if let Err(e) = cron::add(tx, MINE, &input) {
                    return Ok(e.as_code());
                }
            }
            Ok(Code::Internal)
        });
        assert_eq!(full.unwrap(), Code::WrongState);
        assert!(w.t.store.read(&Actor::system(), rows::next_moment).unwrap().is_some());
        let _ = Clock::instant();
    }
}
