use std::time::Duration;

use freehold_platform::jobs::{self, Handlers, Runner};
use freehold_platform::upkeep::{self, UPKEEP};
use freehold_store::{Actor, jobs::Job};

use crate::support::*;

fn list(town: &Town) -> Vec<Job> {
    town.store.read(&Actor::system(), |tx| jobs::list(tx, None, 0, 100)).unwrap()
}

/// Waits until the one upkeep job that waits is the next one.
fn done(town: &Town, times: usize) {
    for _ in 0..3000 {
        if list(town).iter().filter(|j| j.kind == UPKEEP && j.state == "done").count() >= times {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{:?}", list(town));
}

#[test]
fn ended_sessions_and_old_jobs_go_by_themselves_and_upkeep_comes_back() {
    for town in towns() {
        town.claim();
        town.sign_in("mara@example.org");
        let sessions = || town.system(|a, tx| a.prune(tx));
        assert_eq!(sessions(), 0, "it lives");
        let mut handlers = Handlers::default();
        upkeep::register(&mut handlers, &town.accounts);
        let runner = Runner::start(&town.store, &handlers, 1).unwrap();
        let wake = runner.waker();
        town.system(|_, tx| upkeep::queue(tx, UPKEEP, Duration::ZERO));
        town.system(|_, tx| upkeep::queue(tx, UPKEEP, Duration::ZERO));
        wake();
        done(&town, 1);
        let waiting: Vec<Job> = list(&town).into_iter().filter(|j| j.state == "waiting").collect();
        assert_eq!(waiting.len(), 1, "one waits");
        assert_eq!(waiting[0].run_at.ms() - town.clock.now().ms(), 3_600_000);
        town.wait(2 * 24 * 3600);
        wake();
        done(&town, 1);
        for _ in 0..3000 {
            let all = list(&town);
            if all.len() == 2 && all[0].state == "waiting" && all[1].result.contains("\"deleted\":2") {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let all = list(&town);
        assert!(all[1].result.contains("\"deleted\":2"), "the session and the first run: {all:?}");
        runner.stop();
    }
}
