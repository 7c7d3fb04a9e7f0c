use super::*;

fn parse(text: &str) -> Result<JailPath> {
    JailPath::parse(text)
}

// rule: B4
#[test]
fn b04_a_path_is_a_list_of_plain_names_or_it_is_refused() {
    let long = "n".repeat(NAME_BYTES);
    let deep = vec!["d"; PATH_BYTES / 2 + 1].join("/");
    let fine = [
        "",
        "a",
        "a/b",
        "a.b",
        "...",
        "..a",
        "a..",
        ". .",
        " ",
        "a b",
        "-rf",
        "~",
        "*",
        "?",
        "a:b",
        "C:",
        "a\\b",
        "..\\a",
        "%2e%2e",
        "%00",
        "a;b",
        "$HOME",
        "`x`",
        "é",
        "e\u{301}",
        "日本",
        "\u{202E}gpj",
        "\u{200B}",
        "\u{1F600}",
        "a%2fb",
        "con",
        "nul",
        "x.jpg",
        "x.jpg/y.php",
        ".htaccess",
        ".git/config",
        "\u{FF0E}\u{FF0E}",
        "\u{2025}",
        "\u{2215}etc",
        "\u{FF0F}etc",
        "a\u{A0}b",
        "İ",
        "ß",
        &long,
        &deep,
    ];
    for text in fine {
        let path = parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(path.to_string(), text);
        assert_eq!(path.as_bytes(), text.as_bytes());
        assert!(text.is_empty() || path.check_new().is_ok(), "{text:?}");
    }
    let too_long = "n".repeat(NAME_BYTES + 1);
    let too_long_in_bytes = "é".repeat(128);
    let too_deep = vec!["d"; PATH_BYTES / 2 + 2].join("/");
    let dots = [
        "..",
        ".",
        "../",
        "./",
        "/..",
        "/.",
        "a/..",
        "a/../b",
        "../a",
        "./a",
        "a/.",
        "a/./b",
        "../../etc/passwd",
        "a/b/../../..",
    ];
    let slashes = ["/", "//", "/a", "a/", "a//b", "//a", "/etc/passwd", "///", "a/b//", "/a/b/"];
    let controls = [
        "\0",
        "a\0",
        "a\0.jpg",
        "a/\0/b",
        "\u{1}",
        "a\nb",
        "a\rb",
        "a\tb",
        "\u{1B}[31m",
        "\u{7F}",
        "\u{80}",
        "\u{9F}",
        "\u{85}",
        "x\r\nSet-Cookie: a",
    ];
    let escapes = [
        "\u{FFFD}",
        "\u{FFFD}4",
        "\u{FFFD}41",
        "\u{FFFD}2F",
        "a\u{FFFD}2Fb",
        "\u{FFFD}00",
        "\u{FFFD}2E",
        "\u{FFFD}2E\u{FFFD}2E",
        ".\u{FFFD}2E",
        "\u{FFFD}ff",
        "\u{FFFD}GG",
        "\u{FFFD}+F",
        "\u{FFFD} F",
        "\u{FFFD}C3\u{FFFD}A9",
        "\u{FFFD}FFFFF/..",
        "\u{FFFD}é",
        "\u{FFFD}0a",
        "a\u{FFFD}",
        "\u{FFFD}E2\u{FFFD}82\u{FFFD}AC",
        "\u{FFFD}5C",
    ];
    let all = dots.iter().chain(&slashes).chain(&controls).chain(&escapes);
    let sizes = [too_long.as_str(), too_long_in_bytes.as_str(), too_deep.as_str()];
    let mut count = fine.len();
    for text in all.copied().chain(sizes) {
        assert!(parse(text).is_err(), "{text:?} was accepted");
        count += 1;
    }
    // A client's absolute path is the same path without its outer slashes, and nothing else.
    let absolute = [
        ("/", Some("")),
        ("/a/", Some("a")),
        ("a", Some("a")),
        ("//a", None),
        ("/a//", None),
        ("/..", None),
        ("/a/../b", None),
    ];
    for (text, expected) in absolute {
        assert_eq!(JailPath::parse_absolute(text).ok().map(|p| p.to_string()).as_deref(), expected, "{text:?}");
        count += 1;
    }
    let here = parse("a/b").unwrap();
    let leads = [
        ("", "a/b"),
        (".", "a/b"),
        ("..", "a"),
        ("../..", ""),
        ("../../../..", ""),
        ("/", ""),
        ("/..", ""),
        ("c", "a/b/c"),
        ("./c/", "a/b/c"),
        ("../c", "a/c"),
        ("/etc/passwd", "etc/passwd"),
        ("c//d", "a/b/c/d"),
        ("../../../etc", "etc"),
    ];
    for (text, expected) in leads {
        assert_eq!(here.resolve(text).unwrap().to_string(), expected, "{text:?}");
        count += 1;
    }
    assert!(here.resolve("a\0b").is_err());
    assert!(count >= 120, "{count} vectors");
}

#[test]
fn a_name_of_any_bytes_has_one_text_and_comes_back_from_it() {
    let names: &[&[u8]] = &[
        b"\xFF",
        b"caf\xE9",
        b"a\nb",
        b"\x01",
        b"\xEF\xBF\xBD",
        b"\xC3",
        b"\xED\xA0\x80",
        b"\xFF\xFE.txt",
        b"\x7F",
        "\u{85}".as_bytes(),
    ];
    for name in names {
        let path = JailPath::root().join_disk(name).unwrap();
        assert!(!path.is_clean() && path.check_new().is_err(), "{name:?}");
        let text = path.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert_eq!(parse(&text).unwrap(), path, "{text:?}");
    }
    assert_eq!(escape(b"caf\xE9"), "caf\u{FFFD}E9");
    for bad in [&b""[..], b".", b"..", b"a/b", b"a\0b", &[b'x'; 256]] {
        assert!(JailPath::root().join_disk(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn parents_names_and_places() {
    let path = parse("docs/Report.PDF").unwrap();
    assert_eq!((path.name(), path.extension(), path.depth()), ("Report.PDF".into(), "pdf".into(), 2));
    assert_eq!(path.parent().unwrap(), parse("docs").unwrap());
    assert_eq!(path.parent().unwrap().parent().unwrap(), JailPath::root());
    assert_eq!(JailPath::root().parent(), None);
    assert_eq!(parse(".bashrc").unwrap().extension(), "");
    assert!(path.is_within(&parse("docs").unwrap()) && path.is_within(&path) && path.is_within(&JailPath::root()));
    assert!(!parse("docs2/a").unwrap().is_within(&parse("docs").unwrap()));
    assert_eq!(path.strip(&parse("docs").unwrap()).unwrap(), parse("Report.PDF").unwrap());
    assert_eq!(parse("docs").unwrap().join_path(&parse("a/b").unwrap()).unwrap(), parse("docs/a/b").unwrap());
    assert!(parse("a/.git/b").unwrap().is_hidden() && !path.is_hidden());
}
