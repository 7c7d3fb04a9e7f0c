//! One guard for every door, fresh proof, browsers that are known.

use freehold_base::{Network, PlanId, ResellerId, Role, Secret};
use freehold_platform::accounts::attempts::{self, Door};
use freehold_platform::accounts::networks::{self, Why};
use freehold_platform::accounts::{Outcome, people, roles, tokens};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::resellers::{self, Customers};
use freehold_platform::customers::{acting, graveyard};
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, tx::audit};

use crate::support::*;

const MARA: &str = "mara@example.org";

// row: H137. rule: C5
#[test]
fn all_doors_share_one_list_and_a_known_browser_is_never_locked_out() {
    for town in towns() {
        town.claim();
        let cookie = {
            let token = town.sign_in(MARA);
            let visitor = Actor::visitor("192.0.2.1");
            let found = town.write(&visitor, move |a, tx| a.recognise(tx, &Secret::text(token.clone()), None)).unwrap();
            assert!(found.news.is_none(), "the first browser is no news");
            found.cookie.unwrap().reveal_text().to_owned()
        };
        for _ in 0..5 {
            town.write(&Actor::visitor("203.0.113.5"), |a, tx| {
                attempts::failed(a, tx, Door::Sftp, ("Mara@example.org", None), "203.0.113.5", false)
            })
            .unwrap();
        }
        assert_eq!(refusal(town.try_sign_in(MARA, PASSWORD, "198.51.100.1")), "too_many_attempts", "counted together");
        let visitor = Actor::visitor("198.51.100.1");
        let known = |email: &'static str, cookie: &str| {
            let cookie = cookie.to_owned();
            town.store.read(&visitor, |tx| town.accounts.knows_device(tx, email, Some(&cookie))).unwrap()
        };
        assert!(known(MARA, &cookie));
        assert!(!known("jo@example.org", &cookie) && !known(MARA, "forged.signature") && !known(MARA, ""));
        let attempt = town.store.read(&visitor, |tx| town.accounts.prepare_from(tx, MARA, true)).unwrap();
        let checked = town.accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
        let done = town.write(&visitor, move |a, tx| a.finish(tx, &checked, "", None)).unwrap();
        assert!(done.into_result().is_ok(), "the owner comes in");

        // Whoever stole the browser's cookie guesses no more than others.
        for _ in 0..5 {
            let attempt = town.store.read(&visitor, |tx| town.accounts.prepare_from(tx, MARA, true)).unwrap();
            let checked = town.accounts.check(attempt, Secret::text("wrong password")).unwrap();
            let done = town.write(&visitor, move |a, tx| a.finish(tx, &checked, "", None)).unwrap();
            assert_eq!(refusal(done.into_result()), "sign_in_wrong");
        }
        let next = town.store.read(&visitor, |tx| town.accounts.prepare_from(tx, MARA, true));
        assert_eq!(refusal(next), "too_many_attempts");
    }
}

// row: H137
#[test]
fn an_address_and_a_64_of_ipv6_wait_after_twenty_failures_and_are_let_in_blocked_or_always_allowed() {
    for town in towns() {
        town.claim();
        let me = town.actor(MARA);
        let try_at = |address: &str| refusal(town.try_sign_in(MARA, PASSWORD, address));
        for i in 0..20 {
            let of_v6 = format!("2001:db8:7:8::{i:x}");
            for address in ["203.0.113.5", of_v6.as_str()] {
                let email = format!("n{i}@example.org");
                assert_eq!(refusal(town.try_sign_in(&email, "wrong", address)), "sign_in_wrong");
            }
        }
        assert_eq!((try_at("203.0.113.5"), try_at("203.0.113.6")), ("too_many_attempts", "none"));
        assert_eq!((try_at("2001:db8:7:8:ffff::1"), try_at("2001:db8:7:9::1")), ("too_many_attempts", "none"));
        let list = town.store.read(&me, networks::list).unwrap();
        let names: Vec<&str> = list.iter().map(|k| k.network.as_str()).collect();
        assert_eq!(names, ["2001:db8:7:8::/64", "203.0.113.5/32"]);
        assert!(list.iter().all(|k| matches!(k.why, Why::Failures { count: 20, seconds: 1.. })));
        town.write(&me, |_, tx| networks::let_in(tx, "203.0.113.5")).unwrap();
        assert_eq!(try_at("203.0.113.5"), "none");

        assert_eq!(town.write(&me, |_, tx| networks::block(tx, "198.51.100.77/24")).unwrap(), "198.51.100.0/24");
        assert_eq!((try_at("198.51.100.1"), try_at("198.51.101.1")), ("network_blocked", "none"));
        let begun = town.write(&Actor::visitor("198.51.100.1"), |a, tx| a.begin_passkey_sign_in(tx));
        assert_eq!(refusal(begun), "network_blocked");
        let visitor = Actor::visitor("198.51.100.1");
        assert!(
            town.store.read(&visitor, |tx| town.accounts.prepare_from(tx, MARA, true)).is_ok(),
            "known browsers pass"
        );
        let allowed = town.accounts.clone().allowing(vec![Network::parse("a", "198.51.100.0/28").unwrap()]);
        assert!(town.store.read(&visitor, |tx| allowed.prepare(tx, MARA)).is_ok(), "the configuration wins");
        town.write(&me, |_, tx| networks::let_in(tx, "198.51.100.0/24")).unwrap();
        assert_eq!(try_at("198.51.100.1"), "none");
        assert_eq!(refusal(town.write(&me, |_, tx| networks::block(tx, "everybody"))), "malformed");
        let hours = town.store.read(&me, |tx| networks::failures_by_hour(tx, 24)).unwrap();
        assert_eq!((hours.len(), hours[23].1, hours[22].1), (24, 40, 0));
        town.person("jo@example.org", None);
        let jo = town.actor("jo@example.org");
        assert_eq!(refusal(town.store.read(&jo, networks::list)), "denied");
        assert_eq!(refusal(town.write(&jo, |_, tx| networks::block(tx, "192.0.2.1"))), "denied");
    }
}

// row: US07
#[test]
fn only_a_browser_that_is_new_to_its_person_is_news() {
    for town in towns() {
        town.claim();
        let see = |cookie: Option<String>| {
            let token = town.sign_in(MARA);
            let visitor = Actor::visitor("192.0.2.7");
            town.write(&visitor, move |a, tx| a.recognise(tx, &Secret::text(token.clone()), cookie.as_deref())).unwrap()
        };
        let first = see(None);
        assert!(first.news.is_none());
        let cookie = first.cookie.unwrap().reveal_text().to_owned();
        let again = see(Some(cookie.clone()));
        assert!(again.news.is_none() && again.cookie.is_none());
        let second = see(None);
        let news = second.news.unwrap();
        assert_eq!((news.email.as_str(), news.address.as_str(), news.agent.as_str()), (MARA, "192.0.2.7", "Browser"));
        let forged = see(Some(format!("{}x", cookie)));
        assert!(forged.news.is_some() && forged.cookie.is_some(), "a cookie that we did not sign is none");
    }
}

// rule: C4. row: H135
#[test]
fn what_cannot_be_taken_back_wants_a_fresh_proof_and_a_held_form_is_good_once_for_its_session() {
    for town in towns() {
        let (user, _) = town.claim();
        let jo = town.person("jo@example.org", None);
        let cookie = town.sign_in(MARA);
        let me = town.signed_in(&cookie).actor;
        town.write(&me, move |_, tx| people::disable(tx, jo)).unwrap();
        town.write(&me, move |_, tx| people::enable(tx, jo)).unwrap();
        town.wait(600);
        let disable = || town.write(&me, move |_, tx| people::disable(tx, jo));
        let e = disable().unwrap_err();
        assert_eq!(code(&e), "confirm_needed");
        assert!(e.sentence().contains("keep this person out"), "{}", e.sentence());
        let request = tokens::TokenRequest {
            name: "x".into(),
            scopes: vec![freehold_base::Capability::SiteRead],
            site: None,
            expires_at: None,
            addresses: Vec::new(),
        };
        assert_eq!(refusal(town.write(&me, move |_, tx| tokens::create(tx, &request))), "confirm_needed");
        assert_eq!(refusal(town.write(&me, |a, tx| a.begin_passkey(tx))), "confirm_needed");
        assert_eq!(refusal(town.write(&me, |a, tx| a.enrol(tx).map(|_| ()))), "confirm_needed");
        assert_eq!(refusal(town.write(&me, move |a, tx| a.link_for(tx, jo))), "confirm_needed");
        assert!(town.write(&Actor::system(), move |_, tx| tx.need_fresh("x")).is_ok(), "the machine has nobody to ask");
        let (old, kust, ada) = (town.account("old"), ResellerId(1), town.person("ada@example.org", None));
        town.wait(1);
        let place = RolePlace::Account(old);
        let customers = [
            refusal(town.write(&me, move |_, tx| graveyard::terminate(tx, old))),
            refusal(town.write(&me, move |_, tx| graveyard::end_now(tx, old))),
            refusal(town.write(&me, move |_, tx| resellers::delete(tx, kust, Customers::Keep))),
            refusal(town.write(&me, move |_, tx| acting::open_as_owner(tx, old))),
            refusal(town.write(&me, move |_, tx| roles::set_role(tx, place, jo, Some(Role::Owner)))),
        ];
        assert_eq!(customers, ["confirm_needed"; 5]);
        // An account that is made this moment has nothing to take; nor is anything taken by a lesser role.
        town.write(&me, move |_, tx| roles::set_role(tx, place, jo, Some(Role::Billing))).unwrap();
        let new = town.write(&me, move |_, tx| {
            let opening = Opening { title: "New".into(), plan: PlanId(0), reseller: ResellerId(0) };
            let new = accounts::open(tx, &opening)?;
            roles::set_role(tx, RolePlace::Account(new), ada, Some(Role::Owner))
        });
        assert_eq!(refusal(new), "none");

        let held = town.write(&me, |a, tx| a.hold(tx, "/admin/x", "keep this person out", "{\"a\":\"1\"}")).unwrap();
        let name = held.reveal_text().to_owned();
        let shown = town.store.read(&me, |tx| town.accounts.held(tx, &name)).unwrap();
        assert_eq!((shown.path.as_str(), shown.doing.as_str()), ("/admin/x", "keep this person out"));
        let other = town.signed_in(&town.sign_in(MARA)).actor;
        assert_eq!(
            refusal(town.store.read(&other, |tx| town.accounts.held(tx, &name))),
            "link_used",
            "another session"
        );

        let confirm = |password: &str| {
            let attempt = town.store.read(&me, |tx| town.accounts.prepare_proof(tx)).unwrap();
            let checked = town.accounts.check(attempt, Secret::text(password)).unwrap();
            town.write(&me, move |a, tx| a.confirm_by_password(tx, &checked, "")).unwrap()
        };
        assert_eq!(refusal(confirm("wrong password").into_result()), "sign_in_wrong");
        let Outcome::Done(token) = confirm(PASSWORD) else { panic!("refused") };
        assert!(town.look(&cookie).is_none(), "a new cookie with the new rights");
        assert_eq!(town.signed_in(token.reveal_text()).user, user);
        assert!(disable().is_ok());

        let take = |path: &'static str| {
            let name = name.clone();
            town.write(&me, move |a, tx| a.take_held(tx, &name, path))
        };
        assert_eq!(take("/admin/x").unwrap().reveal_text(), "{\"a\":\"1\"}");
        assert_eq!(refusal(take("/admin/x")), "link_used");
        let held = town.write(&me, |a, tx| a.hold(tx, "/admin/x", "y", "{}")).unwrap().reveal_text().to_owned();
        let elsewhere = held.clone();
        assert_eq!(refusal(town.write(&me, move |a, tx| a.take_held(tx, &elsewhere, "/admin/y"))), "link_used");
        let late = town.write(&me, |a, tx| a.hold(tx, "/admin/x", "y", "{}")).unwrap().reveal_text().to_owned();
        town.wait(901);
        assert_eq!(refusal(town.write(&me, move |a, tx| a.take_held(tx, &late, "/admin/x"))), "link_used");
    }
}

// row: H142. rule: C8
#[test]
fn a_token_works_from_its_own_addresses_only_and_a_wrong_one_is_written_down_once_a_minute() {
    for town in towns() {
        let (user, _) = town.claim();
        let request = tokens::TokenRequest {
            name: "builder".into(),
            scopes: vec![freehold_base::Capability::SiteRead],
            site: None,
            expires_at: None,
            addresses: Network::parse_list("addresses", "192.0.2.0/28, 2001:db8::/32").unwrap(),
        };
        let made = town.system(move |_, tx| tokens::create_for(tx, user, &request));
        let secret = made.secret.reveal_text().to_owned();
        let from = |address: &str| {
            town.store
                .read(&Actor::visitor(address), |tx| tokens::authenticate(tx, &secret))
                .map(|found| found.is_some())
        };
        for address in ["192.0.2.15", "::ffff:192.0.2.1", "2001:db8:1::7"] {
            assert!(from(address).unwrap(), "{address}");
        }
        for address in ["192.0.2.16", "2001:db9::1", "", "nonsense"] {
            assert_eq!(refusal(from(address)), "token_elsewhere", "{address}");
        }
        let before = town.audit().len();
        for _ in 0..3 {
            let given = secret.clone();
            town.write(&Actor::visitor("203.0.113.9"), move |_, tx| tokens::note_elsewhere(tx, &given)).unwrap();
        }
        assert_eq!(town.audit().len(), before + 1);
        let row: audit::Row = town.audit().remove(0);
        assert_eq!((row.action.as_str(), row.address.as_str()), ("token.refuse", "203.0.113.9"));
        town.wait(61);
        let given = secret.clone();
        town.write(&Actor::visitor("203.0.113.9"), move |_, tx| tokens::note_elsewhere(tx, &given)).unwrap();
        assert_eq!(town.audit().len(), before + 2);
    }
}
