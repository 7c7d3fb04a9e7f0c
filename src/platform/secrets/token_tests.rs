//! Second factors, tokens and limits (security rules C4, C5, C8, F11).

use std::collections::HashSet;
use std::time::Duration;

use freehold_base::{Clock, Code, EntryId, RevisionId, Secret, SiteId, Timestamp, UserId};
use proptest::prelude::*;

use super::keyring::Keyring;
use super::limiter::{Attempts, Decision, Failures, network_of, setup_wait, sign_in_wait};
use super::tokens::*;
use super::{SteadyClock, qr, totp};

fn keys() -> Keyring {
    let folder = tempfile::tempdir().unwrap();
    Keyring::open_or_create(&folder.path().join("key")).unwrap()
}

fn seconds(s: i64) -> Timestamp {
    Timestamp(s * 1000)
}

#[test]
fn sign_in_codes_answer_the_published_vectors() {
    // RFC 6238 appendix B, SHA-1: the last six of its eight digits.
    let secret = Secret::text("12345678901234567890");
    let vectors = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    for (at, code) in vectors {
        assert_eq!(totp::verify(&secret, code, seconds(at), 0), Some(at / 30), "{at}");
    }
    assert_eq!(totp::verify(&secret, " 050 471 ", seconds(1_111_111_111), 0), Some(37_037_037));
}

#[test]
fn a_code_is_good_one_step_either_side_and_only_once() {
    let secret = Secret::text("12345678901234567890");
    let (at, code, step) = (1_111_111_109, "081804", 37_037_036);
    for (offset, wanted) in [(-30, Some(step)), (30, Some(step)), (-60, None), (60, None)] {
        assert_eq!(totp::verify(&secret, code, seconds(at + offset), 0), wanted, "{offset}");
    }
    assert_eq!(totp::verify(&secret, code, seconds(at), step - 1), Some(step));
    assert_eq!(totp::verify(&secret, code, seconds(at), step), None, "replayed");
    assert_eq!(totp::verify(&secret, code, seconds(at), step + 3), None, "replayed after a small step back");
    let ten_years = 10 * 365 * 2880;
    assert_eq!(
        totp::verify(&secret, code, seconds(at), step + ten_years),
        Some(step),
        "a wrong clock locks nobody out"
    );
}

#[test]
fn the_provisioning_address_is_what_apps_read() {
    let secret = Secret::text("12345678901234567890");
    let uri = totp::provisioning_uri(&secret, "Fresh: Bread", "a+b@example.org").unwrap();
    assert_eq!(
        uri.reveal_text(),
        "otpauth://totp/Fresh%20%20Bread:a%2Bb%40example%2Eorg?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Fresh%20%20Bread&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(totp::new_secret().unwrap().reveal().len(), 20);
    assert!(totp::provisioning_uri(&Secret::text("short"), "a", "b").is_err());
}

#[test]
fn a_qr_code_is_a_path_of_its_modules() {
    let drawn = qr::draw("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
    let code = qrcodegen::QrCode::encode_text(
        "otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        qrcodegen::QrCodeEcc::Medium,
    )
    .unwrap();
    assert_eq!(drawn.size, code.size() + 8);
    let mut dark = HashSet::new();
    for run in drawn.path.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let length: i32 = rest.split_once('v').unwrap().0.parse().unwrap();
        let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
        dark.extend((x..x + length).map(|x| (x - 4, y - 4)));
    }
    for (x, y) in (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))) {
        assert_eq!(dark.contains(&(x, y)), code.get_module(x, y), "{x} {y}");
    }
    assert!(qr::draw(&"x".repeat(5000)).is_err());
}

#[test]
fn recovery_codes_are_ten_different_and_bound_to_their_user() {
    let keys = keys();
    let codes = totp::recovery_codes().unwrap();
    let texts: HashSet<&str> = codes.iter().map(|code| code.reveal_text()).collect();
    assert_eq!(texts.len(), 10);
    for code in texts {
        assert_eq!((code.len(), code.as_bytes()[5]), (11, b'-'));
        let hash = totp::recovery_hash(&keys, UserId(1), code).unwrap();
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(totp::recovery_hash(&keys, UserId(1), &typed), Some(hash.clone()));
        assert_ne!(totp::recovery_hash(&keys, UserId(2), code), Some(hash));
    }
}

#[test]
fn session_ids_are_long_different_and_stored_hashed() {
    let (one, two) = (new_session().unwrap(), new_session().unwrap());
    assert_eq!(one.secret.reveal().len(), 43);
    assert_ne!(one.secret.reveal(), two.secret.reveal());
    assert_eq!(session_hash(one.secret.reveal_text()), Some(one.hash.clone()));
    assert!(!one.hash.contains(one.secret.reveal_text()));
    assert_eq!(session_hash(&format!("{}=", &one.secret.reveal_text()[..42])), None);
}

#[test]
fn sessions_end_idle_and_in_any_case_but_not_by_a_clock_set_back() {
    const MINUTE: i64 = 60_000;
    let live = |created, seen, now| session_is_live(Timestamp(created), Timestamp(seen), Timestamp(now));
    assert!(live(0, 0, 30 * MINUTE - 1));
    assert!(!live(0, 0, 30 * MINUTE));
    assert!(live(0, 719 * MINUTE, 720 * MINUTE - 1));
    assert!(!live(0, 719 * MINUTE, 720 * MINUTE));
    assert!(live(1 << 45, 1 << 45, 0));
    assert!(live(i64::MAX, i64::MAX, i64::MIN));
}

#[test]
fn a_clock_set_forward_or_back_does_not_move_the_steady_clock() {
    let wall = Clock::fixed(seconds(1_000_000));
    let (steady, following) = (SteadyClock::anchored(wall.clone()), SteadyClock::following(wall.clone()));
    let before = steady.now();
    wall.advance(Duration::from_secs(10 * 365 * 86_400));
    let moved = steady.now().ms() - before.ms();
    assert!((0..86_400_000).contains(&moved), "{moved}");
    assert_eq!(following.now(), wall.now());
}

#[test]
fn api_tokens_are_recognised_and_mistyped_ones_are_not_looked_up() {
    let token = new_api_token().unwrap();
    let text = token.secret.reveal_text();
    assert!(text.starts_with("fh_") && text.len() == 52);
    assert_eq!(api_token_hash(text), Some(token.hash.clone()));
    for at in 0..text.len() {
        let mut wrong = text.as_bytes().to_vec();
        wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(api_token_hash(std::str::from_utf8(&wrong).unwrap()), None, "{at}");
    }
    assert_eq!(api_token_hash(&text[..51]), None);
}

#[test]
fn a_set_up_code_is_good_for_half_an_hour_however_it_is_typed() {
    let keys = keys();
    let code = new_setup_code(&keys).unwrap();
    let text = code.secret.reveal_text();
    assert_eq!((text.len(), text.as_bytes()[4]), (9, b'-'));
    let start = seconds(1_000_000);
    let good =
        |typed: &str, later: i64| setup_code_matches(&keys, &code.hash, start, typed, Timestamp(start.ms() + later));
    assert!(good(text, 0) && good(&text.to_lowercase().replace('-', " "), SETUP_MS - 1));
    assert!(!good(text, SETUP_MS) && !good(text, -1));
    assert!(!good("2222-2222", 0) && !good("", 0) && !good(&"2".repeat(1 << 20), 0));
}

#[test]
fn a_preview_link_opens_one_revision_until_it_expires() {
    let keys = keys();
    let grant = PreviewGrant { site: SiteId(1), entry: EntryId(-2), revision: RevisionId(3), expires_at: seconds(100) };
    let token = sign_preview(&keys, &grant);
    assert_eq!(token.len(), 87);
    assert_eq!(read_preview(&keys, &token, seconds(99)), Some(grant));
    assert_eq!(read_preview(&keys, &token, seconds(100)), None);
    let other = sign_preview(&keys, &PreviewGrant { entry: EntryId(9), ..grant });
    let mixed = format!("{}.{}", other.split('.').next().unwrap(), token.split('.').nth(1).unwrap());
    assert_eq!(read_preview(&keys, &mixed, seconds(99)), None);
    assert_eq!(read_preview(&self::keys(), &token, seconds(99)), None, "another installation's key");
}

#[test]
fn the_address_of_a_themes_preview_opens_one_theme_on_one_site_until_it_expires() {
    let keys = keys();
    let grant = ThemeGrant { site: SiteId(7), theme: "meadow@7".into(), expires_at: seconds(100) };
    let token = sign_theme(&keys, &grant);
    assert_eq!(read_theme(&keys, &token, seconds(99)), Some(grant.clone()));
    assert_eq!(read_theme(&keys, &token, seconds(100)), None);
    assert_eq!(read_theme(&self::keys(), &token, seconds(99)), None, "another installation's key");
    let other = sign_theme(&keys, &ThemeGrant { theme: "croft".into(), ..grant });
    let mixed = format!("{}.{}", other.split('.').next().unwrap(), token.split('.').nth(1).unwrap());
    assert_eq!(read_theme(&keys, &mixed, seconds(99)), None);
    let preview =
        PreviewGrant { site: SiteId(7), entry: EntryId(1), revision: RevisionId(1), expires_at: seconds(100) };
    assert_eq!(read_theme(&keys, &sign_preview(&keys, &preview), seconds(99)), None, "a token of another kind");
}

#[test]
fn the_address_of_a_design_opens_one_look_at_one_site_until_it_expires() {
    let keys = keys();
    let grant = DesignGrant {
        site: SiteId(7),
        theme: "meadow@7".into(),
        link: 3,
        live: false,
        scheme: Scheme::Auto,
        expires_at: seconds(100),
    };
    for (scheme, live, link) in [(Scheme::Auto, false, 3), (Scheme::Light, true, 0), (Scheme::Dark, true, i64::MAX)] {
        let grant = DesignGrant { scheme, live, link, ..grant.clone() };
        let token = sign_design(&keys, &grant);
        assert_eq!(read_design(&keys, &token, seconds(99)), Some(grant), "each look is its own");
        assert_eq!(read_design(&keys, &token, seconds(100)), None);
    }
    let token = sign_design(&keys, &grant);
    assert_eq!(read_design(&self::keys(), &token, seconds(99)), None, "another installation's key");
    for other in [
        DesignGrant { link: 4, ..grant.clone() },
        DesignGrant { site: SiteId(8), ..grant.clone() },
        DesignGrant { theme: "croft".into(), ..grant.clone() },
        DesignGrant { expires_at: seconds(1000), ..grant.clone() },
    ] {
        let other = sign_design(&keys, &other);
        let mixed = format!("{}.{}", other.split('.').next().unwrap(), token.split('.').nth(1).unwrap());
        assert_eq!(read_design(&keys, &mixed, seconds(99)), None, "the signature of another one");
    }
    let theme = ThemeGrant { site: SiteId(7), theme: "a theme with a long name".into(), expires_at: seconds(100) };
    assert_eq!(read_design(&keys, &sign_theme(&keys, &theme), seconds(99)), None, "a token of another kind");
    assert_eq!(read_theme(&keys, &token, seconds(99)), None, "and the other way round");
}

fn wait(account: u32, network: u32, overall: u32, since_last: i64) -> u32 {
    let last = seconds(10_000);
    let failures = |count| Failures { count, last };
    let attempts = Attempts { account: failures(account), network: failures(network), overall: failures(overall) };
    match sign_in_wait(&attempts, seconds(10_000 + since_last)) {
        Decision::Allow => 0,
        Decision::Wait { seconds } => seconds,
    }
}

#[test]
fn the_wait_doubles_with_failures_ends_with_time_and_has_a_longest() {
    let table = [
        (wait(0, 0, 0, 0), 0),
        (wait(4, 19, 499, 0), 0),
        (wait(5, 0, 0, 0), 1),
        (wait(6, 0, 0, 0), 2),
        (wait(9, 0, 0, 0), 16),
        (wait(9, 0, 0, 10), 6),
        (wait(9, 0, 0, 16), 0),
        (wait(u32::MAX, 0, 0, 0), 300),
        (wait(0, 20, 0, 0), 1),
        (wait(0, u32::MAX, 0, 0), 900),
        (wait(0, 0, 500, 0), 1),
        (wait(0, 0, u32::MAX, 0), 4),
        (wait(9, 24, 600, 0), 16),
    ];
    for (i, (got, wanted)) in table.into_iter().enumerate() {
        assert_eq!(got, wanted, "row {i}");
    }
    let wait = Decision::Wait { seconds: 16 }.check().unwrap_err();
    assert_eq!(
        (wait.as_code(), wait.sentence()),
        (Code::TooManyAttempts, "Too many attempts. Wait 16 seconds and try again.".into())
    );
}

#[test]
fn a_failure_written_by_a_wrong_clock_locks_nobody_out() {
    assert_eq!(wait(100, 100, 1000, -10 * 365 * 86_400), 0);
    assert_eq!(wait(100, 0, 0, -10), 300, "a small step back keeps the wait");
}

#[test]
fn networks_are_slash_24_and_slash_48() {
    let network = |text: &str| network_of(text.parse().unwrap());
    assert_eq!(network("192.0.2.77"), "192.0.2.77/32");
    assert_eq!(network("::ffff:192.0.2.77"), "192.0.2.77/32");
    assert_eq!(network("2001:db8:7:8::1"), "2001:db8:7:8::/64");
}

proptest! {
    #[test]
    fn arbitrary_text_in_any_field_is_refused_and_never_panics(
        text in any::<String>(), lines in "[\\r\\n=\\x00A-Z2-9._-]{0,120}", now in any::<i64>(), last in any::<i64>(),
    ) {
        let keys = keys();
        for text in [&text, &lines] {
            let now = Timestamp(now);
            let _ = totp::verify(&Secret::text("12345678901234567890"), text, now, last);
            let _ = totp::provisioning_uri(&Secret::text("12345678901234567890"), text, text);
            let _ = totp::recovery_hash(&keys, UserId(last), text);
            prop_assert!(session_hash(text).is_none_or(|_| text.len() == 43));
            prop_assert_eq!(api_token_hash(text), None);
            prop_assert!(!setup_code_matches(&keys, "", Timestamp(last), text, now));
            prop_assert_eq!(read_preview(&keys, text, now), None);
            prop_assert_eq!(read_theme(&keys, text, now), None);
            prop_assert_eq!(read_design(&keys, text, now), None);
        }
        prop_assert_eq!(totp::verify(&Secret::new(Vec::new()), "000000", Timestamp(now), last), None);
    }

    #[test]
    fn no_issuer_or_account_adds_a_parameter(issuer in any::<String>(), account in any::<String>()) {
        let uri = totp::provisioning_uri(&Secret::text("12345678901234567890"), &issuer, &account).unwrap();
        prop_assert_eq!(uri.reveal_text().matches(['&', '?']).count(), 5);
        prop_assert!(!uri.reveal_text().contains(['\r', '\n', '\0', ' ', '#']));
    }

    #[test]
    fn limits_hold_for_every_count_and_clock(count in any::<u32>(), last in any::<i64>(), now in any::<i64>()) {
        let failures = Failures { count, last: Timestamp(last) };
        let attempts = Attempts { account: failures, network: failures, overall: failures };
        for (decision, longest) in [(sign_in_wait(&attempts, Timestamp(now)), 900), (setup_wait(failures, Timestamp(now)), 60)] {
            if let Decision::Wait { seconds } = decision {
                prop_assert!((1..=longest).contains(&seconds));
            }
        }
    }
}
