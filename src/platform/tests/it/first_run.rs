use std::sync::{Arc, Barrier};

use freehold_base::Role;
use freehold_platform::accounts::{Claim, SetupCode, first_run};
use freehold_store::{Actor, roles};

use crate::support::*;

#[test]
fn the_first_person_runs_the_server_and_owns_the_first_account() {
    for town in towns() {
        assert!(!town.store.read(&Actor::system(), first_run::is_claimed).unwrap());
        let (user, account) = town.claim();
        assert!(town.store.read(&Actor::system(), first_run::is_claimed).unwrap());
        let grants = town.store.read(&Actor::system(), move |tx| roles::grants_of(tx, user)).unwrap();
        assert_eq!((grants.server, grants.accounts), (Some(Role::HostingAdmin), vec![(account, Role::Owner)]));
        assert_eq!(town.audit()[0].action, "server.claim");
        let again = Claim { email: "x@example.org".into(), name: "X".into(), password: town.password(PASSWORD) };
        let result = town.write(&Actor::system(), move |_, tx| first_run::claim(tx, &again));
        assert_eq!(refusal(result), "setup_done");
    }
}

#[test]
fn of_two_claims_at_once_exactly_one_wins() {
    for town in towns() {
        let barrier = Arc::new(Barrier::new(2));
        let password = town.password(PASSWORD);
        let claims: Vec<_> = ["a@example.org", "b@example.org"]
            .into_iter()
            .map(|email| {
                let (store, barrier) = (town.store.clone(), barrier.clone());
                let claim = Claim { email: email.into(), name: "N".into(), password: password.clone() };
                std::thread::spawn(move || {
                    barrier.wait();
                    store.write(&Actor::system(), move |tx| first_run::claim(tx, &claim))
                })
            })
            .collect();
        let results: Vec<_> = claims.into_iter().map(|c| refusal(c.join().unwrap())).collect();
        assert!(results.contains(&"none") && results.contains(&"setup_done"), "{results:?}");
    }
}

#[test]
fn nobody_without_the_code_claims() {
    let town = towns().remove(0);
    let claim = Claim { email: "x@example.org".into(), name: "X".into(), password: town.password(PASSWORD) };
    let result = town.write(&Actor::visitor("192.0.2.9"), move |_, tx| first_run::claim(tx, &claim));
    assert_eq!(refusal(result), "denied");
}

#[test]
fn the_set_up_code_ends_after_half_an_hour_after_use_and_after_many_tries() {
    let town = towns().remove(0);
    let new = || SetupCode::issue(town.keys.clone(), town.clock.clone()).unwrap();
    let (code, shown) = new();
    let shown = shown.reveal_text().to_lowercase();
    assert_eq!(&*code.check(&shown, "192.0.2.1").unwrap().address, "192.0.2.1");
    code.spend();
    assert_eq!(refusal(code.check(&shown, "")), "setup_link");

    let (code, shown) = new();
    town.wait(1801);
    assert_eq!(refusal(code.check(shown.reveal_text(), "")), "setup_link");

    let (code, shown) = new();
    for _ in 0..5 {
        assert_eq!(refusal(code.check("AAAA-AAAA", "")), "setup_link");
    }
    assert_eq!(refusal(code.check(shown.reveal_text(), "")), "too_many_attempts");
    for _ in 0..45 {
        town.wait(61);
        let _ = code.check("AAAA-AAAA", "");
    }
    town.wait(61);
    assert_eq!(refusal(code.check(shown.reveal_text(), "")), "setup_link");
}
