//! The end of accounts.

use std::time::Duration;

use freehold_base::{AccountId, Capability, JobId};
use freehold_platform::customers::graveyard;
use freehold_platform::jobs::{self, JobFilter};
use freehold_store::{Actor, testing};

use crate::support::{Town, towns};

/// The job that ends accounts, and when it runs.
fn purge(town: &Town) -> (JobId, i64) {
    let waiting = JobFilter { states: vec!["waiting"], ..JobFilter::default() };
    let all = town.store.read(&Actor::system(), |tx| jobs::search(tx, None, &waiting, 0, 50)).unwrap();
    let job = all.into_iter().find(|job| job.kind == graveyard::PURGE).unwrap();
    (job.id, job.run_at.ms())
}

fn leave(town: &Town) -> AccountId {
    let made = town.store.write(&Actor::system(), |tx| {
        let server = tx.authorize_server(Capability::ServerManage)?;
        let account = testing::account(tx, server, "leaver")?;
        graveyard::terminate(tx, account)?;
        graveyard::end_now(tx, account)?;
        Ok(account)
    });
    made.unwrap()
}

#[test]
fn what_could_not_go_with_an_account_is_tried_again_a_minute_later() {
    for town in towns() {
        let account = leave(&town);
        let folder = town.folder.path().join("accounts");
        std::fs::create_dir_all(folder.join(format!("{account}/home/site"))).unwrap();
        let in_the_way = folder.join(format!("gone-{account}"));
        std::fs::write(&in_the_way, "no folder").unwrap();
        town.works_off(purge(&town).0);
        let find = || {
            town.store.read(&Actor::system(), |tx| {
                let scope = tx.authorize_account(account, Capability::ServerManage)?;
                freehold_store::accounts::find(tx, scope)
            })
        };
        assert_eq!(find().unwrap().status, "terminated");
        let (next, at) = purge(&town);
        assert_eq!(at - town.clock.now().ms(), 60_000);
        std::fs::remove_file(&in_the_way).unwrap();
        town.clock.advance(Duration::from_secs(60));
        town.works_off(next);
        assert_eq!(crate::support::refusal(find()), "not_found");
        assert!(!folder.join(account.to_string()).exists());
    }
}
