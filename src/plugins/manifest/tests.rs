//! What a manifest may say, and how it is told what is wrong.

use super::*;

const WHOLE: &str = r##"
[plugin]
id = "crm-hook"
name = "CRM hook"
version = "1.2.0"
api = 1
author = "Mara"
description = "Sends forms to a CRM."
license = "MIT"
publisher = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

[needs]
capabilities = ["http:fetch", "secrets", "kv"]
hosts = ["api.example.org", "*.example.net", "setting:endpoint"]

[hooks]
"form.submitted" = true
entry.before_save = { optional = true }
cron.tick = true
admin.view = true

[[settings]]
id = "endpoint"
label = "Address"
type = "url"
required = true

[[settings]]
id = "key"
label = "Key"
type = "secret"

[[settings]]
id = "size"
label = "Size"
type = "select"
options = [{ value = "s", label = "Small" }, { value = "l" }]
default = "l"

[[settings]]
id = "count"
label = "Count"
type = "number"
min = 1
max = 10
default = 3

[[cron]]
id = "weekly"
schedule = "0 8 * * 1"

[[admin.pages]]
id = "log"
label = "What was sent"

[order]
after = ["spam-guard"]
"##;

fn wrong(text: &str) -> Vec<String> {
    Manifest::parse(text).expect_err("it is wrong").0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_whole_manifest_is_read() {
    let manifest = Manifest::parse(WHOLE).expect("right");
    assert_eq!((manifest.id.as_str(), manifest.version.to_string().as_str()), ("crm-hook", "1.2.0"));
    assert!(manifest.hooks[&Hook::EntryBeforeSave].optional && !manifest.hooks[&Hook::FormSubmitted].optional);
    assert_eq!((manifest.hooks.len(), manifest.hosts.len(), manifest.capabilities.len()), (4, 3, 3));
    assert_eq!(manifest.setting("size").expect("there").default, "l");
    assert_eq!(manifest.setting("count").expect("there").default, 3);
    assert_eq!(manifest.setting("size").expect("there").options[1].label, "l");
    assert_eq!((manifest.cron[0].fields.as_str(), manifest.pages[0].id.as_str()), ("0 8 * * 1", "log"));
    assert_eq!(manifest.order.after[0].as_str(), "spam-guard");
    assert!(manifest.publisher.is_some_and(|key| key.to_string().ends_with("AAA=")));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_the_nearest_right_name() {
    let text = r#"
[plugin]
id = "Reading Time"
nmae = "x"
version = "1"
api = 2
[needs]
capabilities = ["entries:raed", 3, "kv", "kv"]
hosts = ["https://x.org/"]
[hooks]
"entry.rendr" = true
entry.after_save = "yes"
[[settings]]
id = "a b"
label = ""
type = "color"
[[settings]]
label = "L"
id = "n"
type = "number"
default = "many"
[[cron]]
id = "c"
schedule = "every day"
[order]
before = ["Nobody!"]
[extra]
"#;
    let said = wrong(text);
    for part in [
        "plugin.id: `Reading Time` is not an id",
        "plugin.nmae: `nmae` is not a key of plugin. Did you mean `name`?",
        "plugin.name: is missing",
        "plugin.version: `1` is not a version",
        "plugin.api: 2 is newer than this Freehold",
        "needs.capabilities[0]: `entries:raed` is not a capability. Did you mean `entries:read`?",
        "needs.capabilities[1]: is a number, not text",
        "needs.capabilities[3]: stands there twice",
        "needs.hosts[0]: `https://x.org/` is not a host",
        "hooks.entry.rendr: `entry.rendr` is not a hook. Did you mean `entry.render`?",
        "hooks.entry.after_save: is text, not true",
        "settings[0].id: `a b` is not an id",
        "settings[0].label: is empty",
        "settings[0].type: `color` is not a kind of setting. Did you mean `colour`?",
        "settings[1].default: is not a number",
        "cron[0].schedule: `every day` is not a schedule",
        "order.before[0]: `Nobody!` is not the id of another plugin",
        "extra: `extra` is not a part of plugin.toml.",
    ] {
        assert!(said.iter().any(|s| s.starts_with(part)), "{part} in {said:#?}");
    }
    assert_eq!(said.len(), 18, "{said:#?}");
}

// rule: D5
#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let base = "[plugin]\nid = \"aa\"\nname = \"A\"\nversion = \"1.0.0\"\napi = 1\n";
    for (rest, part) in [
        ("", "hooks: the plugin listens to nothing"),
        ("[needs]\ncapabilities = [\"http:fetch\"]\n[hooks]\ncron.tick = true", "needs.hosts: is empty"),
        ("[needs]\nhosts = [\"a.org\"]\n[hooks]\ncron.tick = true", "needs.hosts: names hosts"),
        (
            "[needs]\ncapabilities = [\"http:fetch\"]\nhosts = [\"setting:x\"]\n[hooks]\ncron.tick = true",
            "needs.hosts: `x` is not a setting",
        ),
        (
            "[hooks]\ncron.tick = true\n[[settings]]\nid = \"k\"\nlabel = \"K\"\ntype = \"secret\"",
            "needs.capabilities: a setting is a secret",
        ),
        (
            "[hooks]\nentry.render = true\n[[cron]]\nid = \"c\"\nschedule = \"* * * * *\"",
            "cron: needs the hook cron.tick",
        ),
        (
            "[hooks]\nentry.render = true\n[[admin.widgets]]\nid = \"c\"\nlabel = \"C\"",
            "admin: needs the hook admin.view",
        ),
        ("[hooks]\nentry.render = true\n[order]\nbefore = [\"bb\"]\nafter = [\"bb\"]", "order: bb stands in before"),
        ("[hooks]\nentry.render = true\n[order]\nbefore = [\"aa\"]", "order.before[0]: `aa` is not the id of another"),
    ] {
        let said = wrong(&format!("{base}{rest}"));
        assert!(said.len() == 1 && said[0].starts_with(part), "{rest}: {said:?}");
    }
}

#[test]
fn broken_toml_names_its_line() {
    let said = wrong("[plugin]\nid = \"a\"\nname = \n");
    assert!(said[0].starts_with("plugin.toml, line 3: this is not TOML"), "{said:?}");
    assert!(wrong(&"#".repeat(MAX_BYTES + 1))[0].starts_with("plugin.toml: is too long"));
    assert!(wrong("")[0].starts_with("plugin: is missing"));
    for deep in [format!("x = {}", "[".repeat(60_000)), format!("x = {}", "{a=".repeat(20_000))] {
        assert!(wrong(&deep)[0].contains("this is not TOML"), "nested without an end");
    }
    let keys = format!("[{}b]\n", "a.".repeat(20_000));
    assert!(wrong(&keys).iter().any(|said| said.contains("not TOML") || said.contains("not a part")));
}

#[test]
fn what_people_type_is_checked_by_its_kind() {
    let text = |kind: &str, more: &str| {
        let base = "[plugin]\nid = \"aa\"\nname = \"A\"\nversion = \"1.0.0\"\napi = 1\n[hooks]\nentry.render = true\n";
        let needs = "[needs]\ncapabilities = [\"secrets\"]\n";
        let text = format!("{base}{needs}[[settings]]\nid = \"x\"\nlabel = \"X\"\ntype = \"{kind}\"\n{more}");
        Manifest::parse(&text).expect("right").settings.remove(0)
    };
    let numbers = text("number", "min = 1\nmax = 2.5");
    assert_eq!(numbers.read(" 2 ").expect("right"), 2);
    for (typed, wrong) in [("0", "is too small"), ("3", "is too large"), ("two", "is not a number")] {
        assert_eq!(numbers.read(typed).expect_err(typed).wrong, wrong);
    }
    for (kind, right, wrong) in [
        ("url", "https://a.example.org/x", "javascript:alert(1)"),
        ("email", "a@example.org", "a"),
        ("colour", "#0b5d6b", "#0b5d6"),
        ("bool", "on", "perhaps"),
    ] {
        assert!(text(kind, "").read(right).is_ok(), "{kind}");
        assert!(text(kind, "").read(wrong).is_err(), "{kind}");
    }
    assert!(text("text", "").read("").expect("may be empty").is_null());
    assert_eq!(text("text", "required = true").read(" ").expect_err("needed").wrong, "is needed");
    assert_eq!(text("text", "").read(&"x".repeat(501)).expect_err("long").wrong, "is too long");
    assert_eq!(text("textarea", "").read("a\r\nb").expect("right"), "a\nb");
    let select = text("select", "options = [{ value = \"s\" }]");
    assert_eq!(select.read("m").expect_err("no choice").next, "Choose one of s.");
}

#[test]
fn versions_are_ordered_as_semantic_versioning_says() {
    let later = |a: &str, b: &str| Version::parse(a).expect(a).is_later_than(&Version::parse(b).expect(b));
    assert!(later("1.10.0", "1.9.0") && later("2.0.0", "2.0.0-beta.1") && !later("1.0.0", "1.0.0"));
    assert!(!later("1.0.0+b", "1.0.0+a"));
    assert!(["1", "1.0", "v1.0.0", "1.0.0.0", ""].iter().all(|text| Version::parse(text).is_none()));
}
