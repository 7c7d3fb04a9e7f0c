//! What a package may hold, who signed it, and when an update waits for a person.

use super::*;
use crate::consent;
use crate::signature::SecretKey;
use crate::update::{Installed, Reason, Verdict, judge};

type Files = Vec<(String, Vec<u8>)>;

const HEAD: &str = "[plugin]\nid = \"reading-time\"\nname = \"Reading time\"\napi = 1\nauthor = \"Mara\"\n";

/// A manifest with these lines more.
fn toml(version: &str, plugin: &str, rest: &str) -> String {
    format!("{HEAD}version = \"{version}\"\n{plugin}\n[hooks]\n\"entry.render\" = true\n{rest}\n")
}

fn files(manifest: &str, more: &[(&str, &[u8])]) -> Files {
    let mut files = vec![("plugin.toml".to_owned(), manifest.as_bytes().to_vec())];
    files.extend(more.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())));
    files
}

fn script(manifest: &str) -> Files {
    files(manifest, &[("plugin.js", b"freehold.on('entry.render', (e) => e.html)")])
}

fn signed(mut files: Files, key: &SecretKey) -> Files {
    let signature = key.sign(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
    files.push((signature::FILE.to_owned(), signature.into_bytes()));
    files
}

fn published(version: &str, key: &SecretKey, rest: &str) -> Files {
    signed(script(&toml(version, &format!("publisher = \"{}\"", key.public()), rest)), key)
}

fn read(files: Files) -> Package {
    Package::read(files).expect("right")
}

fn wrong(files: Files) -> Vec<String> {
    Package::read(files).expect_err("wrong").0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_package_is_its_files() {
    let first = read(script(&toml("1.0.0", "", "")));
    assert!(matches!(&first.code, Code::Script(text) if text.starts_with("freehold.on")));
    assert_eq!((first.signed, first.files.len(), first.digest.len()), (Signed::No, 2, 64));
    let mut turned = script(&toml("1.0.0", "", ""));
    turned.reverse();
    assert_eq!(read(turned).digest, first.digest, "the order of files says nothing");
    assert_ne!(read(script(&toml("1.0.1", "", ""))).digest, first.digest);
    let component = read(files(&toml("1.0.0", "", ""), &[("plugin.wasm", b"\0asm\x0d\0\x01\0")]));
    assert!(matches!(component.code, Code::Component(_)));
}

// rule: D5
#[test]
fn path_tricks_are_refused_with_the_file() {
    let long = "x/".repeat(101);
    let manifest = toml("1.0.0", "", "");
    for (path, part) in [
        ("../plugin.js", "leads out of the package"),
        ("assets/../../x", "leads out of the package"),
        ("/etc/passwd", "absolute path"),
        ("assets\\x", "another system"),
        ("c:x", "another system"),
        ("assets//x", "an empty part"),
        ("./x", "an empty part"),
        ("assets/", "an empty part"),
        ("a\0b", "control characters"),
        ("a\nb", "control characters"),
        ("", "has no name"),
        ("x.", "ends in a dot"),
        ("x /y", "ends in a dot or a space"),
        (long.as_str(), "too long or too deep"),
        ("a/b/c/d/e/f/g/h/i", "too long or too deep"),
        ("PLUGIN.JS", "stands in the package twice"),
        ("plugin.js", "stands in the package twice"),
        ("plugin.js/x", "is a file and a folder"),
    ] {
        let said = wrong(files(&manifest, &[("plugin.js", b"1"), (path, b"x")]));
        assert!(said.len() == 1 && said[0].contains(part), "{path:?}: {said:?}");
    }
}

// rule: D5
#[test]
fn what_is_too_large_or_no_plugin_is_refused() {
    let manifest = toml("1.0.0", "", "");
    let large = vec![b' '; MAX_SCRIPT + 1];
    let mut huge = b"\0asm\x0d\0\x01\0".to_vec();
    huge.resize(MAX_COMPONENT + 1, 0);
    for (more, part) in [
        (vec![], "plugin.js: is missing, and plugin.wasm too"),
        (vec![("plugin.js", &b"1"[..]), ("plugin.wasm", b"\0asm\x0d\0\x01\0")], "plugin.js: stands beside plugin.wasm"),
        (vec![("plugin.js", &large[..])], "plugin.js: is larger than 512 KiB"),
        (vec![("plugin.js", b"\xff\xfe")], "plugin.js: is not UTF-8"),
        (vec![("plugin.wasm", &huge[..])], "plugin.wasm: is larger than 8 MiB"),
        (vec![("plugin.wasm", b"\0asm\x01\0\0\0")], "plugin.wasm: is a core module"),
        (vec![("plugin.wasm", b"MZ")], "plugin.wasm: is not WebAssembly"),
        (vec![("plugin.js", b"1"), ("plugin.sig", b"x")], "plugin.sig: is there, but the manifest names no publisher"),
    ] {
        let said = wrong(files(&manifest, &more));
        assert!(said.len() == 1 && said[0].starts_with(part), "{part}: {said:?}");
    }
    let many: Vec<_> = (0..=MAX_FILES).map(|n| (format!("f{n}"), Vec::new())).collect();
    assert!(wrong(many)[0].starts_with("the package: is larger than"));
    let filled = vec![("a".to_owned(), vec![0; MAX_PACKAGE / 2 + 1]), ("b".to_owned(), vec![0; MAX_PACKAGE / 2])];
    assert!(wrong(filled)[0].starts_with("the package: is larger than"));
    let deeper = vec![("reading-time/plugin.toml".to_owned(), manifest.into_bytes())];
    assert!(wrong(deeper)[0].contains("It is in reading-time/plugin.toml"));
    // A broken manifest and missing code are said together.
    assert_eq!(wrong(vec![("plugin.toml".into(), b"[plugin".to_vec())]).len(), 2);
}

// rule: D6
#[test]
fn a_signature_holds_for_these_files_alone() {
    let (key, other) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
    let right = published("1.0.0", &key, "");
    assert_eq!(read(right.clone()).signed, Signed::By(key.public()));
    let forged = |change: &dyn Fn(&mut Files)| {
        let mut files = right.clone();
        change(&mut files);
        let said = wrong(files);
        assert!(said.len() == 1 && said[0].starts_with("plugin.sig: is not the publisher's signature"), "{said:?}");
    };
    forged(&|files| files[1].1.push(b' '));
    forged(&|files| files[0].1.push(b'\n'));
    forged(&|files| files.push(("assets/more.css".into(), Vec::new())));
    forged(&|files| files[2].1 = b"AAAA".to_vec());
    forged(&|files| files[2].1 = vec![0xff; 88]);
    // Signed by another key than the manifest names.
    forged(&|files| {
        let text = other.sign(files[..2].iter().map(|(p, b)| (p.as_str(), b.as_slice())));
        files[2].1 = text.into_bytes();
    });
}

fn verdict(old: Files, new: Files) -> Vec<String> {
    let (old, new) = (read(old), read(new));
    match judge(&Installed { manifest: old.manifest, signed: old.signed }, &new).expect("one plugin") {
        Verdict::Go => Vec::new(),
        Verdict::Held(reasons) => reasons.iter().map(|reason| reason.sentence(&new)).collect(),
    }
}

// rule: D6
#[test]
fn an_update_goes_by_itself_only_where_nothing_but_the_version_changed() {
    let (key, other) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
    let old = published("1.0.0", &key, "[needs]\ncapabilities = [\"kv\"]");
    assert_eq!(verdict(old.clone(), published("1.0.1", &key, "[needs]\ncapabilities = [\"kv\"]")), [""; 0]);
    assert_eq!(verdict(old.clone(), published("1.1.0", &key, "")), [""; 0], "less is no reason to wait");
    let held = |new: Files, part: &str| {
        let said = verdict(old.clone(), new);
        assert!(said.len() == 1 && said[0].contains(part), "{part}: {said:?}");
    };
    held(published("1.0.0", &key, ""), "Version 1.0.0 is not later than the installed 1.0.0");
    held(published("0.9.9", &key, ""), "not later");
    held(
        published("1.0.1-rc.1", &key, "[needs]\ncapabilities = [\"mail:send\"]"),
        "Sends mail in the name of this site",
    );
    held(published("2.0.0", &key, "\"comment.changed\" = true"), "Reads comments and their writers");
    let hosts = "[needs]\ncapabilities = [\"http:fetch\"]\nhosts = [\"*.example.org\"]";
    held(published("2.0.0", &key, hosts), "Talks to every server below example.org");
    held(published("2.0.0", &other, ""), "Somebody else signed it: the key");
    held(script(&toml("2.0.0", "", "")), "signed by its publisher, this one by nobody");
    let renamed = published("2.0.0", &key, "")
        .into_iter()
        .take(2)
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("text").replace("Mara", "Eve").into_bytes()));
    held(signed(renamed.collect(), &key), "another author: Eve");
    // Everything at once is said at once.
    assert_eq!(verdict(old, script(&toml("0.1.0", "", hosts))).len(), 3);
    // From unsigned to signed: the key that counts from then on is for a person to see.
    let said = verdict(script(&toml("1.0.0", "", "")), published("2.0.0", &key, ""));
    assert!(said.len() == 1 && said[0].contains("only its key counts"), "{said:?}");
}

// rule: D6
#[test]
fn a_setting_that_names_a_host_keeps_its_meaning() {
    let with = |version: &str, label: &str| {
        let needs = "[needs]\ncapabilities = [\"http:fetch\"]\nhosts = [\"setting:to\"]";
        script(&toml(version, "", &format!("{needs}\n[[settings]]\nid = \"to\"\nlabel = \"{label}\"\ntype = \"url\"")))
    };
    assert_eq!(verdict(with("1.0.0", "Your CRM"), with("1.0.1", "Your CRM")), [""; 0]);
    let (old, new) = (read(with("1.0.0", "Your CRM")), read(with("1.0.1", "Logo")));
    let found = judge(&Installed { manifest: old.manifest, signed: old.signed }, &new).expect("one plugin");
    assert_eq!(found, Verdict::Held(vec![Reason::SettingRenamed("to".into())]));
    let sentences = consent::sentences(&new.manifest);
    assert!(sentences.contains(&"Talks to the server whose address you type as \u{201c}Logo\u{201d}".to_owned()));
}

// rule: D6
#[test]
fn another_plugin_is_no_update() {
    let (old, mut other) = (read(script(&toml("1.0.0", "", ""))), script(&toml("2.0.0", "", "")));
    other[0].1 = String::from_utf8(other[0].1.clone()).expect("text").replace("reading-time", "other").into_bytes();
    let installed = Installed { manifest: old.manifest, signed: old.signed };
    let problems = judge(&installed, &read(other)).expect_err("another");
    assert_eq!(problems.0[0].wrong, "is other, but reading-time is to be updated");
}

#[test]
fn the_consent_screen_has_a_sentence_for_everything_and_knows_the_difference() {
    let small = read(script(&toml("1.0.0", "", "")));
    assert_eq!(consent::sentences(&small.manifest), ["Changes how entries look to visitors"]);
    let needs = "[needs]\ncapabilities = [\"kv\", \"http:fetch\"]\nhosts = [\"api.example.org\"]";
    let large = read(script(&toml("1.0.0", "", needs)));
    let difference = consent::difference(&small.manifest, &large.manifest);
    let keys: Vec<String> = difference.more.iter().map(consent::Ask::key).collect();
    assert_eq!(keys, ["capability kv", "capability http:fetch", "host api.example.org"]);
    assert!(difference.less.is_empty());
    assert_eq!(consent::difference(&large.manifest, &small.manifest).less.len(), 3);
    assert!(
        crate::capability::Capability::ALL.iter().all(|c| !c.sentence().is_empty() && !c.sentence().ends_with('.'))
    );
    assert!(crate::hooks::Hook::ALL.iter().filter_map(|h| h.asks()).all(|s| !s.is_empty() && !s.ends_with('.')));
}
