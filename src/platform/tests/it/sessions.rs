use freehold_base::Secret;
use freehold_platform::accounts::SignIn;
use freehold_store::{Actor, testing};

use crate::support::*;

#[test]
fn a_session_ends_after_thirty_idle_minutes() {
    for town in towns() {
        town.claim();
        let cookie = town.sign_in("mara@example.org");
        town.wait(29 * 60);
        let me = town.signed_in(&cookie);
        assert!(me.wants_touch);
        let session = me.session;
        town.write(&me.actor, move |a, tx| a.touch_session(tx, session)).unwrap();
        town.wait(59);
        assert!(!town.signed_in(&cookie).wants_touch, "written down at most once a minute");
        town.wait(30 * 60);
        assert!(town.look(&cookie).is_none());
    }
}

#[test]
fn a_session_ends_after_twelve_hours_however_busy() {
    for town in towns() {
        town.claim();
        let cookie = town.sign_in("mara@example.org");
        for _ in 0..47 {
            town.wait(15 * 60);
            let me = town.signed_in(&cookie);
            town.write(&me.actor, move |a, tx| a.touch_session(tx, me.session)).unwrap();
        }
        town.wait(15 * 60);
        assert!(town.look(&cookie).is_none());
        assert_eq!(town.system(|a, tx| a.prune(tx)), 1);
    }
}

#[test]
fn the_database_holds_only_a_hash_of_256_bits() {
    let town = towns().remove(0);
    town.claim();
    let cookie = town.sign_in("mara@example.org");
    assert_eq!(cookie.len(), 43);
    testing::execute(&town.store, "PRAGMA wal_checkpoint(TRUNCATE)").ok();
    for file in ["freehold.db", "freehold.db-wal"] {
        let bytes = std::fs::read(town.folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(cookie.len()).any(|w| w == cookie.as_bytes()), "{file}");
    }
}

#[test]
fn the_session_that_came_along_ends_at_sign_in() {
    for town in towns() {
        town.claim();
        let old = town.sign_in("mara@example.org");
        let visitor = Actor::visitor("192.0.2.1");
        let attempt = town.store.read(&visitor, |tx| town.accounts.prepare(tx, "mara@example.org")).unwrap();
        let checked = town.accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
        let cookie = old.clone();
        let done = town.write(&visitor, move |a, tx| a.finish(tx, &checked, "", Some(&cookie))).unwrap();
        let SignIn::Full(new) = done.into_result().unwrap() else { panic!("half") };
        assert!(town.look(&old).is_none() && town.look(new.reveal_text()).is_some());
    }
}

#[test]
fn sessions_are_listed_and_revoked_by_their_person_only() {
    for town in towns() {
        town.claim();
        town.person("ben@example.org", None);
        let (first, second) = (town.sign_in("mara@example.org"), town.sign_in("mara@example.org"));
        let (me, other) = (town.signed_in(&first), town.signed_in(&second).session);
        let listed = town.store.read(&me.actor, |tx| town.accounts.list_sessions(tx)).unwrap();
        assert_eq!(listed.len(), 2);
        let ben = town.actor("ben@example.org");
        assert_eq!(refusal(town.write(&ben, move |a, tx| a.revoke_session(tx, other))), "not_found");
        town.write(&me.actor, move |a, tx| a.revoke_session(tx, other)).unwrap();
        assert!(town.look(&second).is_none() && town.look(&first).is_some());
        let third = town.sign_in("mara@example.org");
        assert_eq!(town.write(&me.actor, |a, tx| a.revoke_other_sessions(tx)).unwrap(), 1);
        assert!(town.look(&third).is_none());
        town.write(&Actor::visitor(""), move |a, tx| a.sign_out(tx, &first)).unwrap();
        assert_eq!(town.store.read(&me.actor, |tx| town.accounts.list_sessions(tx)).unwrap().len(), 0);
        let actions: Vec<String> = town.audit().into_iter().map(|r| r.action).collect();
        assert_eq!(actions.iter().filter(|a| a.starts_with("session.end")).count(), 3, "{actions:?}");
    }
}

#[test]
fn changing_the_password_needs_the_old_one_renews_the_session_and_ends_all_others() {
    for town in towns() {
        town.claim();
        let (here, elsewhere) = (town.sign_in("mara@example.org"), town.sign_in("mara@example.org"));
        let me = town.signed_in(&here).actor;
        let change = |given: &str| {
            let attempt = town.store.read(&me, |tx| town.accounts.prepare_own(tx)).unwrap();
            let checked = town.accounts.check(attempt, Secret::text(given)).unwrap();
            let new = town.password("nine grey geese at noon");
            town.write(&me, move |a, tx| a.change_password(tx, &checked, &new)).unwrap().into_result()
        };
        assert_eq!(refusal(change("not the password")), "sign_in_wrong");
        let new = change(PASSWORD).unwrap();
        assert!(town.look(&here).is_none() && town.look(&elsewhere).is_none());
        town.signed_in(new.reveal_text());
        assert_eq!(refusal(town.try_sign_in("mara@example.org", PASSWORD, "192.0.2.1")), "sign_in_wrong");
        assert!(town.try_sign_in("mara@example.org", "nine grey geese at noon", "192.0.2.1").is_ok());
    }
}

#[test]
fn a_check_of_somebody_elses_password_changes_nothing_of_mine() {
    let town = towns().remove(0);
    town.claim();
    town.person("ben@example.org", None);
    let (mara, ben) = (town.actor("mara@example.org"), town.actor("ben@example.org"));
    let attempt = town.store.read(&mara, |tx| town.accounts.prepare_own(tx)).unwrap();
    let checked = town.accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
    let new = town.password("nine grey geese at noon");
    assert_eq!(refusal(town.write(&ben, move |a, tx| a.change_password(tx, &checked, &new))), "denied");
}

#[test]
fn an_act_whose_audit_row_fails_does_not_happen() {
    let town = towns().remove(0);
    town.claim();
    let cookie = town.sign_in("mara@example.org");
    testing::execute(
        &town.store,
        "CREATE TRIGGER no_audit BEFORE INSERT ON audit_rows BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .unwrap();
    let given = cookie.clone();
    assert!(town.write(&Actor::visitor(""), move |a, tx| a.sign_out(tx, &given)).is_err());
    town.signed_in(&cookie);
}
