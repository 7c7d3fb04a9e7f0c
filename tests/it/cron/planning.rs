//! What becomes of the moments of a schedule.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use freehold_base::{CronJobId, Timestamp};
use freehold_hosting::cron;
use freehold_hosting::cron::work::Outcome;
use freehold_platform::customers::suspend;
use freehold_store::Actor;
use freehold_store::roles::{self, RolePlace};

use super::hand::{DAY, HOUR, MINE, MINUTE, at, badly, well, worlds};

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
