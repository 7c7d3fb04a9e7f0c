use std::sync::{Arc, Barrier};

use freehold_base::Secret;
use freehold_platform::accounts::{ProfileEdit, SignIn, profile};
use freehold_store::Actor;
use proptest::prelude::*;

use crate::support::*;

#[test]
fn unknown_wrong_and_disabled_get_the_same_answer_and_the_same_work() {
    for town in towns() {
        town.claim();
        let gone = town.person("gone@example.org", None);
        town.system(move |_, tx| freehold_platform::accounts::people::disable(tx, gone));
        let mut seen = Vec::new();
        for (email, password) in [
            ("mara@example.org", "wrong password here"),
            ("nobody@example.org", PASSWORD),
            ("gone@example.org", PASSWORD),
            ("no address", PASSWORD),
        ] {
            let (rounds, rows) = (town.hasher.rounds(), town.audit().len());
            let error = town.try_sign_in(email, password, "192.0.2.1").unwrap_err();
            seen.push((error.to_string(), error.status(), town.hasher.rounds() - rounds, town.audit().len() - rows));
        }
        assert!(seen.iter().all(|s| *s == seen[0]), "{seen:?}");
        assert_eq!(seen[0].1, 401);
        assert!(town.try_sign_in("Mara@Example.ORG ", PASSWORD, "192.0.2.1").is_ok());
    }
}

#[test]
fn an_account_waits_after_five_failures_known_or_not_and_a_success_forgets_them() {
    for town in towns() {
        town.claim();
        for email in ["mara@example.org", "nobody@example.org"] {
            for i in 0..5 {
                let from = format!("198.51.{i}.1");
                assert_eq!(refusal(town.try_sign_in(email, "wrong password", &from)), "sign_in_wrong");
            }
            assert_eq!(refusal(town.try_sign_in(email, PASSWORD, "203.0.113.1")), "too_many_attempts", "{email}");
        }
        town.wait(2);
        assert!(town.try_sign_in("mara@example.org", PASSWORD, "203.0.113.1").is_ok());
        assert_eq!(refusal(town.try_sign_in("mara@example.org", "wrong", "203.0.113.1")), "sign_in_wrong");
    }
}

#[test]
fn a_network_waits_after_twenty_failures_on_any_accounts() {
    for town in towns() {
        town.claim();
        for i in 0..20 {
            let result = town.try_sign_in(&format!("n{i}@example.org"), "wrong", "192.0.2.200");
            assert_eq!(refusal(result), "sign_in_wrong");
        }
        assert_eq!(refusal(town.try_sign_in("mara@example.org", PASSWORD, "192.0.2.200")), "too_many_attempts");
        assert!(town.try_sign_in("mara@example.org", PASSWORD, "198.51.100.1").is_ok());
    }
}

#[test]
fn attempts_in_flight_together_count_as_if_one_came_after_the_other() {
    let town = towns().remove(0);
    town.claim();
    let visitor = Actor::visitor("192.0.2.1");
    let prepare = || town.store.read(&visitor, |tx| town.accounts.prepare(tx, "mara@example.org")).unwrap();
    let attempts: Vec<_> = (0..8).map(|_| prepare()).collect(); // all before the first failure is known
    let mut answers = Vec::new();
    for (i, attempt) in attempts.into_iter().enumerate() {
        let password = if i == 7 { PASSWORD } else { "wrong password" };
        let checked = town.accounts.check(attempt, Secret::text(password)).unwrap();
        let outcome = town.write(&visitor, move |a, tx| a.finish(tx, &checked, "", None)).unwrap();
        answers.push(refusal(outcome.into_result()));
    }
    assert_eq!(answers[..5], ["sign_in_wrong"; 5]);
    assert_eq!(answers[5..], ["too_many_attempts"; 3]);
}

#[test]
fn a_password_changed_between_check_and_write_does_not_sign_in() {
    let town = towns().remove(0);
    town.claim();
    let visitor = Actor::visitor("192.0.2.1");
    let attempt = town.store.read(&visitor, |tx| town.accounts.prepare(tx, "mara@example.org")).unwrap();
    let checked = town.accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
    let mail = town.write(&visitor, |a, tx| a.make_reset(tx, "mara@example.org")).unwrap().unwrap();
    let new = town.password("nine grey geese at noon");
    let token = mail.link.token.reveal_text().to_owned();
    town.write(&visitor, move |a, tx| a.reset_password(tx, &token, &new)).unwrap();
    let outcome = town.write(&visitor, move |a, tx| a.finish(tx, &checked, "", None)).unwrap();
    assert_eq!(refusal(outcome.into_result()), "sign_in_wrong");
}

#[test]
fn an_imported_or_cheaper_hash_is_made_anew_at_sign_in() {
    for town in towns() {
        let (user, _) = town.claim();
        let hash_of = |town: &Town| {
            town.store.read(&Actor::system(), move |tx| freehold_store::users::find(tx, user)).unwrap().password_hash
        };
        let before = hash_of(&town);
        let dearer = freehold_platform::secrets::Hasher::start(&town.keys, 5).unwrap();
        let accounts = Town::service(&town.keys, &dearer, &town.clock, false);
        let visitor = Actor::visitor("192.0.2.1");
        let attempt = town.store.read(&visitor, |tx| accounts.prepare(tx, "mara@example.org")).unwrap();
        let checked = accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
        let outcome = town.store.write(&visitor, move |tx| accounts.finish(tx, &checked, "", None)).unwrap();
        assert!(matches!(outcome.into_result().unwrap(), SignIn::Full(_)));
        assert_ne!(hash_of(&town), before);
        assert!(town.try_sign_in("mara@example.org", PASSWORD, "192.0.2.1").is_ok());
    }
}

#[test]
fn c06_passwords_equal_in_72_bytes_do_not_open_each_other_and_256_characters_work() {
    let town = towns().remove(0);
    town.claim();
    let long: String = (0..256).map(|i| char::from(b'a' + (i * 7 % 26) as u8)).collect();
    let mut other = long.clone();
    other.replace_range(255..256, "!");
    let mail = town.write(&Actor::visitor("192.0.2.1"), |a, tx| a.make_reset(tx, "mara@example.org"));
    let token = mail.unwrap().unwrap().link.token.reveal_text().to_owned();
    let new = town.password(&long);
    town.write(&Actor::visitor("192.0.2.1"), move |a, tx| a.reset_password(tx, &token, &new)).unwrap();
    assert_eq!(refusal(town.try_sign_in("mara@example.org", &other, "192.0.2.1")), "sign_in_wrong");
    assert!(town.try_sign_in("mara@example.org", &long, "192.0.2.1").is_ok());
}

#[test]
fn signing_in_twice_at_once_gives_two_sessions() {
    for town in towns() {
        town.claim();
        let barrier = Arc::new(Barrier::new(2));
        let town = Arc::new(town);
        let both: Vec<_> = (0..2)
            .map(|_| {
                let (town, barrier) = (town.clone(), barrier.clone());
                std::thread::spawn(move || {
                    barrier.wait();
                    town.sign_in("mara@example.org")
                })
            })
            .collect();
        let cookies: Vec<String> = both.into_iter().map(|t| t.join().unwrap()).collect();
        assert_ne!(cookies[0], cookies[1]);
        for cookie in &cookies {
            town.signed_in(cookie);
        }
    }
}

/// Text with what breaks line and key=value formats.
fn nasty() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            Just("\r\n".to_owned()),
            Just("\0".to_owned()),
            Just("=".to_owned()),
            Just("status=active".to_owned()),
            Just("' OR 1=1 --".to_owned()),
            any::<char>().prop_map(String::from),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

#[test]
fn arbitrary_bytes_in_a_field_never_change_another_field() {
    for town in towns() {
        let (user, _) = town.claim();
        let me = town.actor("mara@example.org");
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: if full() { 2000 } else { 24 },
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let fields = (nasty(), nasty(), nasty(), nasty());
        runner
            .run(&fields, |(email, password, agent, name)| {
                town.wait(3600); // failures are forgotten
                let find =
                    || town.store.read(&Actor::system(), move |tx| freehold_store::users::find(tx, user)).unwrap();
                let before = find();
                let result = town.try_sign_in(&email, &password, &agent);
                prop_assert!(matches!(refusal(result), "sign_in_wrong" | "too_many_attempts"));
                prop_assert_eq!(format!("{:?}", find()), format!("{before:?}"));

                let visitor = Actor::visitor("192.0.2.1");
                let attempt = town.store.read(&visitor, |tx| town.accounts.prepare(tx, "mara@example.org")).unwrap();
                let checked = town.accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
                let (given, cookie) = (agent.clone(), email.clone());
                let done = town.write(&visitor, move |a, tx| a.finish(tx, &checked, &given, Some(&cookie))).unwrap();
                let SignIn::Full(token) = done.into_result().unwrap() else { panic!("half") };
                let me_again = town.signed_in(token.reveal_text());
                prop_assert_eq!((me_again.user, &*me_again.email), (user, "mara@example.org"));
                let session = town.store.read(&me_again.actor, |tx| town.accounts.list_sessions(tx)).unwrap();
                prop_assert!(session.iter().all(|s| s.user_id == user && !s.half && !s.agent.contains('\n')));

                let before = find();
                let edit =
                    ProfileEdit { name, bio: String::new(), locale: String::new(), appearance: Default::default() };
                let _ = town.write(&me, move |_, tx| profile::update(tx, &edit));
                let after = find();
                prop_assert_eq!(
                    (before.email, before.status, before.password_hash, before.slug),
                    (after.email, after.status, after.password_hash, after.slug)
                );
                Ok(())
            })
            .unwrap();
    }
}
