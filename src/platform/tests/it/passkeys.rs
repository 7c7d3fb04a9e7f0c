//! Passkeys: added, used in all three ways, and every way in which an answer must not count.

use freehold_base::{Capability, PasskeyId, Role};
use freehold_platform::accounts::{FactorRule, Outcome, PasskeyAnswer, SignIn, Started, policy};
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, ActorKind};

use crate::soft_key::SoftKey;
use crate::support::*;

const ORIGIN: &str = "https://panel.example.org";

fn answer(started: &Started, credential: String) -> PasskeyAnswer {
    PasskeyAnswer { ceremony: started.ceremony.reveal_text().to_owned(), credential }
}

/// Adds a passkey to somebody signed in; gives the device, their new cookie and how many recovery codes came.
fn add(town: &Town, actor: &Actor) -> (SoftKey, String, usize) {
    let started = town.write(actor, |a, tx| a.begin_passkey(tx)).unwrap();
    let (key, credential) = SoftKey::make(&started.options, ORIGIN);
    let given = answer(&started, credential);
    let Outcome::Done(added) = town.write(actor, move |a, tx| a.add_passkey(tx, &given, "Phone")).unwrap() else {
        panic!("refused")
    };
    (key, added.token.reveal_text().to_owned(), added.recovery_codes.len())
}

fn start(town: &Town) -> Started {
    town.write(&Actor::visitor("192.0.2.9"), |a, tx| a.begin_passkey_sign_in(tx)).unwrap()
}

fn finish(town: &Town, given: PasskeyAnswer) -> &'static str {
    let done =
        town.write(&Actor::visitor("192.0.2.9"), move |a, tx| a.passkey_sign_in(tx, &given, "Browser", None)).unwrap();
    refusal(done.into_result())
}

fn sign_in_with(town: &Town, key: &mut SoftKey) -> &'static str {
    let started = start(town);
    let credential = key.answer(&started.options);
    finish(town, answer(&started, credential))
}

// row: H135. rule: C4
#[test]
fn a_passkey_is_added_once_shown_fresh_and_signs_in_alone() {
    for town in towns() {
        town.claim();
        let me = town.actor("mara@example.org");
        let other = town.sign_in("mara@example.org");
        let (mut key, cookie, codes) = add(&town, &me);
        assert_eq!(codes, 10, "the first factor brings recovery codes");
        assert!(town.look(&other).is_none(), "all other sessions ended");
        let signed = town.signed_in(&cookie);
        assert_eq!((signed.passkeys, signed.has_totp), (1, false));
        let list = town.store.read(&signed.actor, |tx| town.accounts.passkeys(tx)).unwrap();
        assert_eq!((list[0].name.as_str(), list[0].used_at.ms()), ("Phone", 0));

        let started = start(&town);
        let given = answer(&started, key.answer(&started.options));
        let visitor = Actor::visitor("192.0.2.9");
        let done = town.write(&visitor, move |a, tx| a.passkey_sign_in(tx, &given, "Browser", None)).unwrap();
        let SignIn::Full(token) = done.into_result().unwrap() else { panic!("a passkey is both factors") };
        assert_eq!(town.signed_in(token.reveal_text()).email, "mara@example.org");
        let list = town.store.read(&signed.actor, |tx| town.accounts.passkeys(tx)).unwrap();
        assert!(list[0].used_at.ms() > 0);
        let (_, cookie, codes) = add(&town, &town.signed_in(token.reveal_text()).actor);
        assert_eq!(codes, 0, "the codes stay");
        let signed = town.signed_in(&cookie);
        let id = list[0].id;
        town.write(&signed.actor, move |a, tx| a.rename_passkey(tx, id, "Old phone")).unwrap();
        let left = town.write(&signed.actor, move |a, tx| a.remove_passkey(tx, id)).unwrap();
        assert_eq!(town.signed_in(left.reveal_text()).passkeys, 1);
        assert_eq!(sign_in_with(&town, &mut key), "passkey_wrong", "a removed key opens nothing");
    }
}

// row: H135. rule: C5
#[test]
fn an_answer_counts_once_and_only_to_its_own_challenge() {
    for town in towns() {
        town.claim();
        let (mut key, ..) = add(&town, &town.actor("mara@example.org"));
        let started = start(&town);
        let given = answer(&started, key.answer(&started.options));
        assert_eq!(finish(&town, given.clone()), "none");
        assert_eq!(finish(&town, given), "passkey_wrong", "replayed");

        let (one, two) = (start(&town), start(&town));
        let crossed = answer(&two, key.answer(&one.options));
        assert_eq!(finish(&town, crossed), "passkey_wrong", "of another challenge");

        let late = start(&town);
        let credential = key.answer(&late.options);
        town.wait(301);
        assert_eq!(finish(&town, answer(&late, credential)), "passkey_wrong", "too old");

        let failed = start(&town);
        key.name = "evil.example".into();
        let wrong = answer(&failed, key.answer(&failed.options));
        key.name = "panel.example.org".into();
        let right = answer(&failed, key.answer(&failed.options));
        assert_eq!(finish(&town, wrong), "passkey_wrong");
        assert_eq!(finish(&town, right), "passkey_wrong", "a failure uses the challenge up too");
        assert_eq!(sign_in_with(&town, &mut key), "none");
    }
}

// row: H135
#[test]
fn wrong_origin_wrong_name_no_finger_and_a_counter_that_goes_back_are_refused() {
    for town in towns() {
        town.claim();
        let (mut key, ..) = add(&town, &town.actor("mara@example.org"));
        assert_eq!(sign_in_with(&town, &mut key), "none");
        for origin in ["https://evil.example", "https://panel.example.org.evil.example", "http://panel.example.org"] {
            key.origin = origin.into();
            assert_eq!(sign_in_with(&town, &mut key), "passkey_wrong", "{origin}");
        }
        key.origin = ORIGIN.into();
        key.name = "example.org".into();
        assert_eq!(sign_in_with(&town, &mut key), "passkey_wrong");
        key.name = "panel.example.org".into();
        key.verified = false;
        assert_eq!(sign_in_with(&town, &mut key), "passkey_wrong");
        key.verified = true;
        key.counter = 0;
        assert_eq!(sign_in_with(&town, &mut key), "passkey_wrong", "a copy of the key");
        key.counter = 100;
        assert_eq!(sign_in_with(&town, &mut key), "none");
        let told = town.audit();
        let said = |what: &str| told.iter().any(|row| row.action == "session.refuse" && row.detail.contains(what));
        assert!(said("its counter went back") && said("of another origin") && said("of another name"));
        for garbage in ["", "{}", "null", "[]", "\u{0}", "{\"id\":1}"] {
            let started = start(&town);
            assert_eq!(finish(&town, answer(&started, garbage.to_owned())), "passkey_wrong", "{garbage}");
        }
    }
}

// row: H135
#[test]
fn nobody_signs_in_or_confirms_with_the_key_of_somebody_else() {
    for town in towns() {
        town.claim();
        town.person("jo@example.org", None);
        let (mut of_mara, ..) = add(&town, &town.actor("mara@example.org"));
        let (mut of_jo, cookie, _) = add(&town, &town.actor("jo@example.org"));
        of_jo.pretend(&of_mara);
        assert_eq!(sign_in_with(&town, &mut of_jo), "passkey_wrong", "a key that says it is another's");

        // Jo's session, Mara's key: neither for the second step nor to show that it is Jo.
        let jo = town.signed_in(&cookie);
        let started = town.write(&jo.actor, |a, tx| a.begin_passkey_confirm(tx)).unwrap();
        let given = answer(&started, of_mara.answer(&started.options));
        let done = town.write(&jo.actor, move |a, tx| a.confirm_by_passkey(tx, &given)).unwrap();
        assert_eq!(refusal(done.into_result()), "passkey_wrong");

        let half_cookie = town.sign_in("jo@example.org");
        let half = town.half(&half_cookie);
        assert!(half.has_passkeys() && !half.has_totp());
        let (for_start, visitor) = (half.clone(), Actor::visitor("192.0.2.9"));
        let started = town.write(&visitor, move |a, tx| a.begin_passkey_second(tx, &for_start)).unwrap();
        let given = answer(&started, of_mara.answer(&started.options));
        let with = half.clone();
        let done = town.write(&visitor, move |a, tx| a.passkey_second(tx, &with, &given)).unwrap();
        assert_eq!(refusal(done.into_result()), "passkey_wrong");

        // A start of one kind does not end another, nor in another session.
        let sign_in = start(&town);
        let given = answer(&sign_in, of_jo.answer(&sign_in.options));
        let with = half.clone();
        let done = town.write(&visitor, move |a, tx| a.passkey_second(tx, &with, &given)).unwrap();
        assert_eq!(refusal(done.into_result()), "passkey_wrong");

        let with = half.clone();
        let started = town.write(&visitor, move |a, tx| a.begin_passkey_second(tx, &with)).unwrap();
        let mut theirs = of_jo;
        theirs.counter += 10;
        // The device offers its own handle again.
        let (fresh_key, _) = (&mut theirs, ());
        let own = town.write(&jo.actor, |a, tx| a.begin_passkey(tx)).unwrap();
        let (jo_again, _) = SoftKey::make(&own.options, ORIGIN);
        fresh_key.pretend(&jo_again);
        let given = answer(&started, fresh_key.answer(&started.options));
        let done = town.write(&visitor, move |a, tx| a.passkey_second(tx, &half, &given)).unwrap();
        let SignIn::Full(token) = done.into_result().unwrap() else { panic!("half") };
        assert_eq!(town.signed_in(token.reveal_text()).email, "jo@example.org");
    }
}

// row: H135. rule: C5
#[test]
fn recovery_codes_stand_in_for_a_passkey_and_the_last_factor_stays_where_one_is_wanted() {
    for town in towns() {
        town.claim();
        let me = town.actor("mara@example.org");
        let started = town.write(&me, |a, tx| a.begin_passkey(tx)).unwrap();
        let (_, credential) = SoftKey::make(&started.options, ORIGIN);
        let given = answer(&started, credential);
        let Outcome::Done(added) = town.write(&me, move |a, tx| a.add_passkey(tx, &given, "")).unwrap() else {
            panic!("refused")
        };
        let code = added.recovery_codes[0].reveal_text().to_owned();
        let half = town.half(&town.sign_in("mara@example.org"));
        let (with, typed) = (half.clone(), code.clone());
        let done = town.write(&Actor::visitor("192.0.2.9"), move |a, tx| a.second_factor(tx, &with, &typed)).unwrap();
        assert!(done.into_result().is_ok());
        let half = town.half(&town.sign_in("mara@example.org"));
        let done = town.write(&Actor::visitor("192.0.2.9"), move |a, tx| a.second_factor(tx, &half, &code)).unwrap();
        assert_eq!(refusal(done.into_result()), "code_wrong", "each works once");

        town.write(&me, |_, tx| policy::set_rule(tx, FactorRule { hosting_admins: true, ..Default::default() }))
            .unwrap();
        let only = PasskeyId(1);
        assert_eq!(refusal(town.write(&me, move |a, tx| a.remove_passkey(tx, only))), "factor_needed");
        town.write(&me, |_, tx| policy::set_rule(tx, FactorRule::default())).unwrap();
        assert!(town.write(&me, move |a, tx| a.remove_passkey(tx, only)).is_ok());
        let left = town.store.read(&me, |tx| town.accounts.recovery_codes_left(tx)).unwrap();
        assert_eq!(left, 0, "codes without a factor open nothing and go");
    }
}

// row: H135
#[test]
fn a_factor_can_be_wanted_of_hosting_admins_resellers_owners_or_everybody() {
    for town in towns() {
        let (_, account) = town.claim();
        town.person("owner@example.org", Some((RolePlace::Account(account), Role::Owner)));
        town.person("files@example.org", Some((RolePlace::Account(account), Role::FilesOnly)));
        let me = town.actor("mara@example.org");
        add(&town, &me);
        let whole = |email: &str| matches!(town.try_sign_in(email, PASSWORD, "192.0.2.1").unwrap(), SignIn::Full(_));
        let set = |rule| town.system(move |_, tx| policy::set_rule(tx, rule));
        assert!(whole("owner@example.org") && whole("files@example.org"));
        set(FactorRule { owners: true, ..Default::default() });
        assert!(!whole("owner@example.org") && whole("files@example.org"));
        set(FactorRule { everybody: true, ..Default::default() });
        assert!(!whole("files@example.org"));
        set(FactorRule { hosting_admins: true, resellers: true, ..Default::default() });
        assert!(whole("owner@example.org"));

        // Who lacks one sets it up before anything else; a passkey does it.
        set(FactorRule { owners: true, ..Default::default() });
        let half = town.half(&town.sign_in("owner@example.org"));
        let visitor = Actor::visitor("192.0.2.9");
        let with = half.clone();
        let started = town.write(&visitor, move |a, tx| a.begin_passkey_half(tx, &with)).unwrap();
        let (_, credential) = SoftKey::make(&started.options, ORIGIN);
        let given = answer(&started, credential);
        let done = town.write(&visitor, move |a, tx| a.add_passkey_half(tx, &half, &given, "Key")).unwrap();
        let added = done.into_result().unwrap();
        assert_eq!(added.recovery_codes.len(), 10);
        assert_eq!(town.signed_in(added.token.reveal_text()).email, "owner@example.org");
        let denied = town.actor("files@example.org");
        assert_eq!(refusal(town.write(&denied, |_, tx| policy::set_rule(tx, FactorRule::default()))), "denied");
    }
}

// rule: C8
#[test]
fn a_token_adds_no_passkey_and_a_network_opens_no_flood_of_challenges() {
    let town = towns().remove(0);
    let (user, _) = town.claim();
    let mut actor = town.actor("mara@example.org");
    let kind = ActorKind::Token {
        user,
        token: freehold_base::TokenId(1),
        scopes: freehold_base::capability::Capabilities::of(&[Capability::SelfManage, Capability::ServerManage]),
        site: None,
    };
    actor.kind = kind;
    assert_eq!(refusal(town.write(&actor, |a, tx| a.begin_passkey(tx))), "denied");
    assert_eq!(refusal(town.write(&actor, |a, tx| a.begin_passkey_confirm(tx))), "denied");
    assert_eq!(
        refusal(town.write(&actor, move |a, tx| a.link_for(tx, user))),
        "denied",
        "a link is a way to a session"
    );
    for _ in 0..100 {
        start(&town);
    }
    let flood = town.write(&Actor::visitor("192.0.2.9"), |a, tx| a.begin_passkey_sign_in(tx));
    assert_eq!(refusal(flood), "too_many_attempts");
    assert!(town.write(&Actor::visitor("192.0.2.10"), |a, tx| a.begin_passkey_sign_in(tx)).is_ok());
    town.wait(301);
    start(&town);
}
