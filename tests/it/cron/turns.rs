//! Whose run begins when, beside what goes on already, and after a fall.

use std::time::Duration;

use freehold_base::{Code, CronJobId};
use freehold_hosting::cron::{self, Desk, Places, tick};
use freehold_store::testing;

use super::hand::{DAY, HOUR, MINE, at, places, well, worlds};

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
        let theirs = w.theirs();
        let taken = w.desk.take().unwrap();
        assert_eq!(taken.iter().map(|t| t.run.cron_job_id).collect::<Vec<_>>(), [theirs]);
        for taken in first.iter().chain(&taken) {
            w.desk.perform(taken);
        }
        assert_eq!(w.desk.take().unwrap().len(), 3, "and then it goes on where it was");
    }
}

// row: H116
#[test]
fn h116_runs_of_hours_leave_their_places_to_others_and_are_bounded() {
    // Runs that have just begun, and runs that have gone on for long: what begins beside two of them.
    for (long_after, begins) in [(Duration::from_secs(600), [0, 0]), (Duration::ZERO, [1, 1])] {
        for w in worlds() {
            let places = Places { at_once: 2, long: 2, long_after };
            let desk = Desk::new(w.t.store.clone(), w.post.clone(), w.hand.clone(), places);
            for _ in 0..2 {
                w.add(|_| {});
            }
            w.t.clock.advance(Duration::from_secs(600));
            w.tick();
            let going_on = desk.take().unwrap();
            assert_eq!(going_on.len(), 2);
            w.theirs();
            let beside = desk.take().unwrap();
            assert_eq!(beside.len(), begins[0]);
            for _ in 0..2 {
                w.theirs();
            }
            let more = desk.take().unwrap();
            assert_eq!(more.len(), begins[1], "two of three leave their places");
            for taken in going_on.iter().chain(&beside).chain(&more) {
                desk.perform(taken);
            }
            assert!(!desk.take().unwrap().is_empty(), "whoever waited begins then");
        }
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
        let again = Desk::new(w.t.store.clone(), w.post.clone(), w.hand.clone(), places());
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
        let other = Desk::new(w.t.store.clone(), w.post.clone(), w.hand.clone(), places());
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
