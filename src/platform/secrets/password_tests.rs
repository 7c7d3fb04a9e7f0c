//! Security rules C5 and C6 at bcrypt cost 4; work is counted in bcrypt rounds, never timed.

use std::sync::mpsc;

use freehold_base::{Code, Secret};
use proptest::prelude::*;

use super::hasher::Hasher;
use super::keyring::Keyring;
use super::password::{LEAKED, Passwords, Scheme, StoredHash, Verdict, check_new};

const RIGHT: Verdict = Verdict::Right { needs_rehash: false };
const RIGHT_BUT_OLD: Verdict = Verdict::Right { needs_rehash: true };

fn keys() -> Keyring {
    let folder = tempfile::tempdir().unwrap();
    Keyring::open_or_create(&folder.path().join("key")).unwrap()
}

fn at_cost(cost: u32) -> Passwords {
    Passwords::new(&keys(), cost).unwrap()
}

fn imported(scheme: Scheme, hash: impl Into<String>) -> StoredHash {
    StoredHash { scheme, hash: hash.into() }
}

#[test]
fn c06_passwords_equal_in_the_first_72_bytes_do_not_verify_as_each_other() {
    let passwords = at_cost(4);
    let (one, two) = ("x".repeat(72) + "one", "x".repeat(72) + "two");
    let stored = passwords.hash(&Secret::text(&*one)).unwrap();
    assert_eq!(passwords.verify(&Secret::text(one), &stored), RIGHT);
    assert_eq!(passwords.verify(&Secret::text(two), &stored), Verdict::Wrong);
}

#[test]
fn c06_a_password_of_256_characters_works_and_one_more_is_refused() {
    let long: String = "\u{e4}\u{1f511}b7 pQ".chars().cycle().take(256).collect();
    let longer = Secret::text(long.clone() + "x");
    let long = Secret::text(long);
    let code = |password: &Secret| check_new(password, &[]).err().map(|e| e.as_code());
    assert_ne!(code(&long), Some(Code::TooLong));
    assert_eq!(code(&longer), Some(Code::TooLong));
    let passwords = at_cost(4);
    let stored = passwords.hash(&long).unwrap();
    assert_eq!(passwords.verify(&long, &stored), RIGHT);
    assert_eq!(passwords.verify(&longer, &stored), Verdict::Wrong);
}

#[test]
fn c06_common_short_and_personal_passwords_are_refused_and_plain_long_ones_pass() {
    let code = |text: &str, context: &[&str]| check_new(&Secret::text(text), context).err().map(|e| e.as_code());
    for common in ["password", "Password1!", "12345678", "qwertyuiop", "iloveyou1", "aaaaaaaaaaaaaaaa", "letmein123"] {
        assert_eq!(code(common, &[]), Some(Code::PasswordCommon), "{common}");
    }
    assert_eq!(code("\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}", &[]), Some(Code::TooShort));
    assert_eq!(code("wintermayer", &["maria.wintermayer@example.org"]), Some(Code::PasswordCommon));
    assert_eq!(code("correct horse battery staple", &["maria@example.org"]), None);
    assert_eq!(code("vjqkzwpxm", &[]), None, "no composition rules");
}

#[test]
fn c06_imported_hashes_verify_in_their_own_scheme_and_ask_to_be_hashed_anew() {
    let passwords = at_cost(4);
    let made = bcrypt::hash_with_salt("old secret", 4, [7; 16]).unwrap();
    let bcrypt = imported(Scheme::Bcrypt, made.format_for_version(bcrypt::Version::TwoY));
    let phpass = imported(Scheme::Phpass, "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0");
    assert!(bcrypt.hash.starts_with("$2y$"));
    assert_eq!(passwords.verify(&Secret::text("old secret"), &bcrypt), RIGHT_BUT_OLD);
    assert_eq!(passwords.verify(&Secret::text("old secret\0x"), &bcrypt), Verdict::Wrong);
    assert_eq!(passwords.verify(&Secret::text("test12345"), &phpass), RIGHT_BUT_OLD);
    assert_eq!(passwords.verify(&Secret::text("test12346"), &phpass), Verdict::Wrong);
}

#[test]
fn c06_a_changed_cost_asks_for_a_new_hash() {
    let keys = keys();
    let (low, high) = (Passwords::new(&keys, 4).unwrap(), Passwords::new(&keys, 5).unwrap());
    let secret = Secret::text("correct horse");
    assert_eq!(high.verify(&secret, &low.hash(&secret).unwrap()), RIGHT_BUT_OLD);
    assert_eq!(high.verify(&secret, &high.hash(&secret).unwrap()), RIGHT);
    assert!(Passwords::new(&keys, 3).is_err() && Passwords::new(&keys, 16).is_err());
}

#[test]
fn c06_a_hash_is_useless_without_the_key_file() {
    let secret = Secret::text("correct horse");
    let stored = at_cost(4).hash(&secret).unwrap();
    assert_eq!(at_cost(4).verify(&secret, &stored), Verdict::Wrong);
}

#[test]
fn unknown_and_wrong_cost_the_same_work_whatever_the_stored_hash() {
    let keys = keys();
    let old = Passwords::new(&keys, 4).unwrap().hash(&Secret::text("right")).unwrap();
    let passwords = Passwords::new(&keys, 6).unwrap();
    let plain = bcrypt::hash_with_salt("right", 4, [7; 16]).unwrap().to_string();
    let dear = plain.replacen("$04$", "$31$", 1);
    let stored = [
        passwords.hash(&Secret::text("right")).unwrap(),
        old,
        imported(Scheme::Bcrypt, plain),
        imported(Scheme::Bcrypt, dear),
        imported(Scheme::Phpass, "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
        imported(Scheme::BcryptHmac, ""),
        imported(Scheme::BcryptHmac, "$2b$00$"),
    ];
    let work = |attempt: &dyn Fn()| {
        let before = passwords.rounds();
        attempt();
        passwords.rounds() - before
    };
    for password in [Secret::text("wrong"), Secret::text("wr\0ng\r\n="), Secret::text("w".repeat(5000))] {
        let unknown = work(&|| passwords.verify_dummy(&password));
        assert_eq!(unknown, 1 << 6);
        for stored in &stored {
            assert_eq!(
                work(&|| assert_eq!(passwords.verify(&password, stored), Verdict::Wrong)),
                unknown,
                "{stored:?}"
            );
        }
    }
}

#[test]
fn the_pool_hashes_verifies_and_counts() {
    let hasher = Hasher::start(&keys(), 4).unwrap();
    let stored = hasher.hash(Secret::text("correct horse")).unwrap();
    assert_eq!(hasher.verify(Secret::text("correct horse"), stored.clone()).unwrap(), RIGHT);
    assert_eq!(hasher.verify_dummy(Secret::text("correct horse")).unwrap(), Verdict::Wrong);
    assert_eq!(hasher.rounds(), 3 << 4);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let again = hasher.hash_async(Secret::text("other")).await.unwrap();
        assert_eq!(hasher.verify_async(Secret::text("other"), Some(again)).await.unwrap(), RIGHT);
        assert_eq!(hasher.verify_async(Secret::text("other"), None).await.unwrap(), Verdict::Wrong);
    });
    assert_eq!(hasher.rounds(), 6 << 4);
}

#[test]
fn hashing_threads_stand_behind_all_others() {
    let priority = || rustix::process::getpriority_process(None).unwrap();
    let before = priority();
    let hasher = Hasher::with_shape(&keys(), 4, 1, 1).unwrap();
    assert!(hasher.wait(move |_| Ok(priority())).unwrap() >= 10);
    assert_eq!(priority(), before, "only its own threads");
}

#[test]
fn a_full_queue_answers_busy_at_once_and_heals() {
    let hasher = Hasher::with_shape(&keys(), 4, 1, 1).unwrap();
    let (started, has_started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let blocking = move |_: &Passwords| {
        started.send(()).unwrap();
        let _ = released.recv();
    };
    hasher.queue(Box::new(blocking)).unwrap();
    has_started.recv().unwrap();
    let (done, is_done) = mpsc::channel();
    hasher.queue(Box::new(move |_| done.send(()).unwrap())).unwrap();
    assert_eq!(hasher.hash(Secret::text("one too many")).unwrap_err().as_code(), Code::Busy);
    drop(release);
    is_done.recv().unwrap();
    hasher.hash(Secret::text("fits again")).unwrap();
}

#[test]
fn a_panic_costs_one_answer_and_not_the_thread() {
    let hasher = Hasher::with_shape(&keys(), 4, 1, 4).unwrap();
    let lost = hasher.wait::<()>(|_| panic!("planted"));
    assert_eq!(lost.unwrap_err().as_code(), Code::Internal);
    hasher.hash(Secret::text("still there")).unwrap();
}

#[test]
fn the_same_letters_typed_on_another_system_are_the_same_password() {
    let passwords = at_cost(4);
    let stored = passwords.hash(&Secret::text("caf\u{e9} au lait")).unwrap();
    assert_eq!(passwords.verify(&Secret::text("cafe\u{301} au lait"), &stored), RIGHT);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn arbitrary_bytes_in_password_and_hash_never_panic(
        password in any::<Vec<u8>>(), hash in any::<String>(), context in any::<String>(), scheme in 0..3usize,
    ) {
        let passwords = at_cost(4);
        let secret = Secret::new(password);
        let scheme = [Scheme::BcryptHmac, Scheme::Bcrypt, Scheme::Phpass][scheme];
        prop_assert_eq!(passwords.verify(&secret, &imported(scheme, hash)), Verdict::Wrong);
        let _ = check_new(&secret, &[&context]);
        let stored = passwords.hash(&secret).unwrap();
        prop_assert_eq!(passwords.verify(&secret, &stored), RIGHT);
    }

    #[test]
    fn checking_a_new_password_never_panics(text in any::<String>(), lines in "[\\r\\n=\\x000-9a-z/.-]{8,300}") {
        let _ = check_new(&Secret::text(text), &["\0\r\n="]);
        let _ = check_new(&Secret::text(lines), &[]);
    }
}

// row: US07. Drawn from the first 20,000 of the passwords that leaked most, each 8 characters or longer.
#[test]
fn c06_what_leaked_most_is_refused_offline_in_any_case() {
    let code = |text: &str| check_new(&Secret::text(text), &[]).err().map(|e| e.as_code());
    let most = [
        "123456789",
        "password",
        "12345678",
        "password1",
        "1234567890",
        "iloveyou",
        "1q2w3e4r5t",
        "qwertyuiop",
        "1qaz2wsx",
        "myspace1",
        "homelesspa",
        "1q2w3e4r",
        "qwerty123",
        "987654321",
        "target123",
        "1g2w3e4r",
        "zag12wsx",
        "gwerty123",
        "asdfghjkl",
        "123123123",
        "princess",
        "computer",
        "football",
        "1234qwer",
        "sunshine",
        "iloveyou1",
        "fuckyou1",
        "789456123",
        "princess1",
        "abcd1234",
        "11111111",
        "passer2009",
        "superman",
        "football1",
        "jordan23",
        "12qwaszx",
        "baseball",
        "123456789a",
        "q1w2e3r4t5y6",
        "88888888",
        "fqrg7cs493",
        "michael1",
        "blink182",
        "qwer1234",
        "linkedin",
        "babygirl1",
        "q1w2e3r4",
        "michelle",
        "liverpool",
        "j38ifubn",
        "0123456789",
        "iloveyou2",
        "jennifer",
        "babygirl",
        "147258369",
        "jessica1",
        "0987654321",
        "fuckyou2",
        "anthony1",
        "qazwsxedc",
        "trustno1",
        "christine",
        "pass1234",
        "1qa2ws3ed",
        "asdfasdf1",
        "akopa123",
        "monkey13",
        "1a2b3c4d5e",
        "friday13",
        "manunited",
        "brigitte",
        "qaz123456",
        "home0401",
        "mexico10",
        "19651965",
        "emachines1",
        "dutchess",
        "babygirl4",
        "cornelia",
        "nwo4life",
        "fkbyjxrf",
        "neopets12",
        "golfclub",
        "biohazard",
        "123abc456",
        "princess123",
        "sylvester1",
        "nicole08",
        "apocalypse",
        "ilovemydad",
        "macaroni",
        "chrysler",
        "sugarbear1",
        "shayne123",
        "01011981",
        "speak2me",
        "nomeacuerdo",
        "moose123",
        "wonderwoman",
        "southside2",
    ];
    for common in most {
        assert_eq!(code(common), Some(Code::PasswordCommon), "{common}");
    }
    let rest: Vec<&str> = LEAKED.lines().filter(|l| !l.starts_with("# ")).collect();
    assert!(rest.len() > 800, "{}", rest.len());
    for leaked in rest {
        assert_eq!(code(leaked), Some(Code::PasswordCommon), "{leaked}");
        assert_eq!(code(&leaked.to_uppercase()), Some(Code::PasswordCommon), "{leaked}");
    }
}
