//! Security rule B4: the path vectors, and any input at all.

use proptest::prelude::*;

use super::path::{CanonPath, MAX_PATH_BYTES, PathRefusal, PathRefusal::*};

/// What was sent, and its decoded form or the refusal.
const VECTORS: &[(&str, Result<&str, PathRefusal>)] = &[
    // plain
    ("/", Ok("/")),
    ("/about", Ok("/about")),
    ("/about/", Ok("/about/")),
    ("/2026/11/how-to-read-the-sea/", Ok("/2026/11/how-to-read-the-sea/")),
    ("/a.b", Ok("/a.b")),
    ("/a..b", Ok("/a..b")),
    ("/a...", Ok("/a...")),
    ("/...", Ok("/...")),
    ("/.well-known/acme-challenge/x", Ok("/.well-known/acme-challenge/x")),
    ("/.hidden", Ok("/.hidden")),
    ("/..a", Ok("/..a")),
    ("/x.jpg/y.php", Ok("/x.jpg/y.php")),
    ("/wp-content/uploads/2020/01/a.jpg", Ok("/wp-content/uploads/2020/01/a.jpg")),
    ("/a:b@c", Ok("/a:b@c")),
    ("/a;b=c", Ok("/a;b=c")),
    ("/a,b(c)!'*~", Ok("/a,b(c)!'*~")),
    ("/a+b", Ok("/a+b")),
    ("/a&b=c", Ok("/a&b=c")),
    ("/index.php/feed", Ok("/index.php/feed")),
    // one decoding
    ("/%61bout", Ok("/about")),
    ("/a%20b", Ok("/a b")),
    ("/a%2Bb", Ok("/a+b")),
    ("/%7Euser", Ok("/~user")),
    ("/%7euser", Ok("/~user")),
    ("/a%3Fb", Ok("/a?b")),
    ("/a%23b", Ok("/a#b")),
    ("/a%25b", Ok("/a%b")),
    ("/%252e%252e/x", Ok("/%2e%2e/x")),
    ("/%252fetc", Ok("/%2fetc")),
    ("/a%2500", Ok("/a%00")),
    ("/%25%32%66", Ok("/%2f")),
    ("/a%3Ab", Ok("/a:b")),
    ("/a%22b%3Cc%3E", Ok("/a\"b<c>")),
    ("/%5B1%5D", Ok("/[1]")),
    // text beyond ASCII, in NFC
    ("/caf%C3%A9", Ok("/caf\u{e9}")),
    ("/cafe%CC%81", Ok("/caf\u{e9}")),
    ("/%E2%84%AB", Ok("/\u{c5}")),
    ("/A%CC%8A", Ok("/\u{c5}")),
    ("/%E2%84%AA", Ok("/K")),
    ("/%CD%BE", Ok("/;")),
    ("/%E1%BF%AF", Ok("/`")),
    ("/%D0%BF%D1%80%D0%B8", Ok("/при")),
    ("/%E6%97%A5%E6%9C%AC", Ok("/日本")),
    ("/%F0%9F%8C%8A", Ok("/🌊")),
    ("/%EF%BC%8E%EF%BC%8E/x", Ok("/．．/x")),
    ("/%EF%BC%8Fetc", Ok("/／etc")),
    ("/%E2%80%A5/x", Ok("/‥/x")),
    ("/%E2%88%95etc", Ok("/∕etc")),
    ("/%EF%BC%BC", Ok("/＼")),
    ("/%C4%B0stanbul", Ok("/İstanbul")),
    ("/%EF%AC%81", Ok("/ﬁ")),
    ("/%F0%9D%85%9E", Ok("/\u{1d157}\u{1d165}")),
    // repeated slashes
    ("//", Ok("/")),
    ("//evil.example/x", Ok("/evil.example/x")),
    ("///a//b///", Ok("/a/b/")),
    ("/a//b", Ok("/a/b")),
    ("/a//", Ok("/a/")),
    // dot segments, in every writing
    ("/.", Err(DotSegment)),
    ("/..", Err(DotSegment)),
    ("/./", Err(DotSegment)),
    ("/../", Err(DotSegment)),
    ("/a/.", Err(DotSegment)),
    ("/a/..", Err(DotSegment)),
    ("/a/./b", Err(DotSegment)),
    ("/a/../b", Err(DotSegment)),
    ("/../../etc/passwd", Err(DotSegment)),
    ("/%2e", Err(DotSegment)),
    ("/%2E%2E/x", Err(DotSegment)),
    ("/%2e%2e/x", Err(DotSegment)),
    ("/.%2e/x", Err(DotSegment)),
    ("/%2e./x", Err(DotSegment)),
    ("/a/%2e%2e", Err(DotSegment)),
    ("/a/%2e%2e/b", Err(DotSegment)),
    ("//../x", Err(DotSegment)),
    ("/a//..//b", Err(DotSegment)),
    ("/caf%C3%A9/../x", Err(DotSegment)),
    // separators that hide
    ("/a%2fb", Err(Separator)),
    ("/a%2Fb", Err(Separator)),
    ("/%2f", Err(Separator)),
    ("/..%2f..%2fetc", Err(Separator)),
    ("/%2e%2e%2fetc", Err(Separator)),
    ("/a\\b", Err(Separator)),
    ("/a%5cb", Err(Separator)),
    ("/a%5Cb", Err(Separator)),
    ("/..\\..\\x", Err(Separator)),
    ("/..%5c..%5cx", Err(Separator)),
    ("/x.jpg%5cy.php", Err(Separator)),
    ("/x.jpg%2fy.php", Err(Separator)),
    // control characters
    ("/%00", Err(Control)),
    ("/a%00b", Err(Control)),
    ("/x.php%00.jpg", Err(Control)),
    ("/%01", Err(Control)),
    ("/a%09b", Err(Control)),
    ("/a%0Ab", Err(Control)),
    ("/a%0Db", Err(Control)),
    ("/a%0D%0ASet-Cookie:x", Err(Control)),
    ("/%1F", Err(Control)),
    ("/%7F", Err(Control)),
    ("/%C2%80", Err(Control)),
    ("/%C2%85", Err(Control)),
    ("/%C2%9F", Err(Control)),
    ("/%E2%80%A8", Err(Control)),
    ("/%E2%80%A9", Err(Control)),
    ("/%EF%BB%BFx", Err(Control)),
    // not UTF-8
    ("/%80", Err(Encoding)),
    ("/%C0%AE%C0%AE/x", Err(Encoding)),
    ("/%C0%AF", Err(Encoding)),
    ("/%E0%80%AF", Err(Encoding)),
    ("/%F0%80%80%AF", Err(Encoding)),
    ("/%C3", Err(Encoding)),
    ("/caf%E9", Err(Encoding)),
    ("/%FF%FE", Err(Encoding)),
    ("/%ED%A0%80", Err(Encoding)),
    ("/%F4%90%80%80", Err(Encoding)),
    // broken escapes
    ("/%", Err(Escape)),
    ("/%a", Err(Escape)),
    ("/a%", Err(Escape)),
    ("/%zz", Err(Escape)),
    ("/%2", Err(Escape)),
    ("/%u002e%u002e/x", Err(Escape)),
    ("/%%32%65", Err(Escape)),
    ("/%+1", Err(Escape)),
    ("/% 20", Err(Escape)),
    // not a path
    ("", Err(NotAbsolute)),
    ("*", Err(NotAbsolute)),
    ("about", Err(NotAbsolute)),
    ("http://x/", Err(NotAbsolute)),
];

#[test]
fn b4_path_vectors() {
    assert!(VECTORS.len() >= 120, "{}", VECTORS.len());
    for (raw, expected) in VECTORS {
        let got = CanonPath::parse(raw);
        assert_eq!(got.as_ref().map(CanonPath::as_str).map_err(|e| *e), *expected, "{raw}");
    }
}

#[test]
fn a_path_longer_than_the_limit_is_refused() {
    let at = |n: usize| format!("/{}", "a".repeat(n - 1));
    assert!(CanonPath::parse(&at(MAX_PATH_BYTES)).is_ok());
    assert_eq!(CanonPath::parse(&at(MAX_PATH_BYTES + 1)), Err(TooLong));
}

/// What the type promises, whatever was sent.
fn check(raw: &str) {
    let Ok(path) = CanonPath::parse(raw) else { return };
    let text = path.as_str();
    assert!(text.starts_with('/') && !text.contains("//") && !text.contains('\\'), "{raw:?} -> {text:?}");
    assert!(!text.chars().any(char::is_control), "{raw:?} -> {text:?}");
    assert!(text.split('/').all(|s| s != "." && s != ".."), "{raw:?} -> {text:?}");
    assert!(text.matches('/').count() <= raw.matches('/').count(), "{raw:?} -> {text:?}");
    // Written into an address and read again it is the same path.
    let written = path.encoded().into_owned();
    let again = CanonPath::parse(&written).expect("an encoded canonical path parses");
    assert_eq!(again.as_str(), text, "{raw:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_canonical_path_or_a_refusal(raw in ".{0,60}") {
        check(&raw);
    }

    #[test]
    fn any_mix_of_escapes_gives_a_canonical_path_or_a_refusal(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("/".to_owned()), Just(".".to_owned()), Just("%2e".to_owned()), Just("%25".to_owned()),
                Just("\\".to_owned()), Just("e\u{301}".to_owned()), any::<u8>().prop_map(|b| format!("%{b:02x}")),
                "[a-z]{1,3}",
            ],
            0..24,
        )
    ) {
        check(&format!("/{}", parts.concat()));
    }
}
