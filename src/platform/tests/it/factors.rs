use freehold_base::Secret;
use freehold_platform::accounts::{FactorSet, SignIn, Wanted, people};
use freehold_store::Actor;

use crate::support::*;

/// The code an app would show now.
fn app_code(town: &Town, base32: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(base32).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(town.clock.now().ms() / 1000).unwrap()).to_string()
}

/// Sets a factor up for mara; her app's secret and what she was shown.
fn enrol(town: &Town, cookie: &str) -> (String, FactorSet) {
    let me = town.signed_in(cookie).actor;
    let shown = town.write(&me, |a, tx| a.enrol(tx)).unwrap();
    let base32 = shown.secret_text.reveal_text().to_owned();
    let code = app_code(town, &base32);
    let set = town.write(&me, move |a, tx| a.confirm_factor(tx, &code)).unwrap().into_result().unwrap();
    (base32, set)
}

fn second(town: &Town, cookie: &str, code: &str) -> Result<String, &'static str> {
    let (half, code) = (town.half(cookie), code.to_owned());
    let outcome = town.write(&Actor::visitor("192.0.2.1"), move |a, tx| a.second_factor(tx, &half, &code)).unwrap();
    match outcome.into_result() {
        Ok(done) => Ok(done.token().reveal_text().to_owned()),
        Err(e) => Err(code_of(&e)),
    }
}

fn code_of(e: &freehold_base::Error) -> &'static str {
    e.as_code().name()
}

#[test]
fn a_factor_makes_sign_in_two_steps_with_a_new_session_id() {
    for town in towns() {
        town.claim();
        let cookie = town.sign_in("mara@example.org");
        let other = town.sign_in("mara@example.org");
        let (base32, set) = enrol(&town, &cookie);
        assert!(town.look(&cookie).is_none() && town.look(&other).is_none(), "old ids end");
        town.signed_in(set.token.reveal_text());
        assert_eq!(set.recovery_codes.len(), 10);

        town.wait(60);
        let half = town.try_sign_in("mara@example.org", PASSWORD, "192.0.2.1").unwrap();
        assert!(matches!(half, SignIn::Half(_)));
        let half = half.token().reveal_text().to_owned();
        assert_eq!(town.half(&half).wanted(), Wanted::Code);
        assert_eq!(second(&town, &half, "000000x"), Err("code_wrong"));
        let whole = second(&town, &half, &app_code(&town, &base32)).unwrap();
        assert_ne!(whole, half);
        assert!(town.look(&half).is_none());
        town.signed_in(&whole);
    }
}

#[test]
fn a_code_counts_once_and_a_recovery_code_too() {
    for town in towns() {
        town.claim();
        let cookie = town.sign_in("mara@example.org");
        let (base32, set) = enrol(&town, &cookie);
        let first = town.sign_in("mara@example.org");
        let used = app_code(&town, &base32);
        assert_eq!(second(&town, &first, &used), Err("code_wrong"), "the confirming code is used");
        town.wait(30);
        let code = app_code(&town, &base32);
        second(&town, &first, &code).unwrap();
        let again = town.sign_in("mara@example.org");
        assert_eq!(second(&town, &again, &code), Err("code_wrong"), "replayed");
        assert_eq!(second(&town, &again, &used), Err("code_wrong"), "older than the last used");
        let recovery = set.recovery_codes[3].reveal_text().to_uppercase();
        let whole = second(&town, &again, &recovery).unwrap();
        let me = town.signed_in(&whole).actor;
        assert_eq!(town.store.read(&me, |tx| town.accounts.recovery_codes_left(tx)).unwrap(), 9);
        let third = town.sign_in("mara@example.org");
        assert_eq!(second(&town, &third, &recovery), Err("code_wrong"));
    }
}

#[test]
fn guessing_codes_meets_the_limits() {
    let town = towns().remove(0);
    town.claim();
    let cookie = town.sign_in("mara@example.org");
    let (base32, _) = enrol(&town, &cookie);
    town.wait(60);
    let half = town.sign_in("mara@example.org");
    for _ in 0..5 {
        assert_eq!(second(&town, &half, "not-a-code"), Err("code_wrong"));
    }
    assert_eq!(second(&town, &half, &app_code(&town, &base32)), Err("too_many_attempts"));
}

#[test]
fn a_half_session_ends_soon_and_cannot_enrol_a_new_factor() {
    let town = towns().remove(0);
    town.claim();
    let cookie = town.sign_in("mara@example.org");
    enrol(&town, &cookie);
    let cookie = town.sign_in("mara@example.org");
    let half = town.half(&cookie);
    let sly = half.clone();
    assert_eq!(refusal(town.write(&Actor::visitor(""), move |a, tx| a.enrol_half(tx, &sly))), "sign_in_required");
    town.wait(15 * 60);
    assert!(town.look(&cookie).is_none());
    let late = town.write(&Actor::visitor(""), move |a, tx| a.second_factor(tx, &half, "123456"));
    assert_eq!(refusal(late), "sign_in_required");
}

#[test]
fn removing_a_factor_takes_the_password_and_ends_other_sessions() {
    for town in towns() {
        town.claim();
        let cookie = town.sign_in("mara@example.org");
        let (_, set) = enrol(&town, &cookie);
        let me = town.signed_in(set.token.reveal_text()).actor;
        assert_eq!(refusal(town.write(&me, |a, tx| a.enrol(tx))), "wrong_state", "no silent replacement");
        let remove = |password: &str| {
            let attempt = town.store.read(&me, |tx| town.accounts.prepare_own(tx)).unwrap();
            let checked = town.accounts.check(attempt, Secret::text(password)).unwrap();
            town.write(&me, move |a, tx| a.disable_factor(tx, &checked)).unwrap().into_result()
        };
        assert_eq!(refusal(remove("wrong password")), "sign_in_wrong");
        let new = remove(PASSWORD).unwrap();
        assert!(town.look(set.token.reveal_text()).is_none());
        town.signed_in(new.reveal_text());
        assert!(matches!(town.try_sign_in("mara@example.org", PASSWORD, "").unwrap(), SignIn::Full(_)));
    }
}

#[test]
fn a_hosting_admin_reachable_from_elsewhere_sets_a_factor_up_first() {
    for mut town in towns() {
        town.claim();
        town.person("ben@example.org", None);
        let before = town.sign_in("mara@example.org");
        assert!(!town.signed_in(&before).has_totp, "only a notice on loopback");
        town.accounts = town.exposed();
        assert_eq!(town.half(&before).wanted(), Wanted::Enrolment);
        assert!(matches!(town.try_sign_in("ben@example.org", PASSWORD, "").unwrap(), SignIn::Full(_)));

        let cookie = town.sign_in("mara@example.org");
        let half = town.half(&cookie);
        let for_enrolment = half.clone();
        let visitor = Actor::visitor("192.0.2.1");
        let shown = town.write(&visitor, move |a, tx| a.enrol_half(tx, &for_enrolment)).unwrap();
        let code = app_code(&town, shown.secret_text.reveal_text());
        let set = town.write(&visitor, move |a, tx| a.confirm_factor_half(tx, &half, &code)).unwrap();
        let me = town.signed_in(set.into_result().unwrap().token.reveal_text()).actor;
        let attempt = town.store.read(&me, |tx| town.accounts.prepare_own(tx)).unwrap();
        let checked = town.accounts.check(attempt, Secret::text(PASSWORD)).unwrap();
        assert_eq!(refusal(town.write(&me, move |a, tx| a.disable_factor(tx, &checked))), "factor_needed");
    }
}

#[test]
fn a_disabled_person_is_out_at_once() {
    for town in towns() {
        town.claim();
        let ben = town.person("ben@example.org", None);
        let cookie = town.sign_in("ben@example.org");
        town.system(move |_, tx| people::disable(tx, ben));
        assert!(town.look(&cookie).is_none());
        town.system(move |_, tx| people::enable(tx, ben));
        assert!(town.try_sign_in("ben@example.org", PASSWORD, "").is_ok());
    }
}
