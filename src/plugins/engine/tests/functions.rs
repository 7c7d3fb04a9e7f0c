//! What the host gives only to those whose manifest asks, where the hook allows it, and in what sizes.

use super::support::*;
use crate::engine::*;
use crate::hooks::Hook;

fn bounds(hook: Hook) -> Bounds {
    Bounds { computing: WAITING, waiting: WAITING, ..Bounds::of(hook) }
}

/// What the refusals of these calls say, in order; `null` where one was not refused.
fn refusals(hook: Hook, needs: &str, calls: &[&str], host: &TestHost) -> Vec<Option<String>> {
    let list: String = calls.iter().map(|call| format!("() => {call},")).collect();
    let source = format!(
        "const h = (input) => [{list}].map((run) => {{ try {{ run(); return null; }} catch (e) {{ return e.message; }} }});\n\
         freehold.on('{hook}', h);"
    );
    let compiled = script(&[hook.name()], needs, &source);
    let answer = compiled.call(hook, "{}", host.boxed(), bounds(hook)).expect("answer");
    serde_json::from_str(&answer.value).expect("JSON")
}

const CALLS: &[&str] = &[
    "freehold.kv.get('a')",
    "freehold.kv.set('a', 1)",
    "freehold.kv.delete('a')",
    "freehold.kv.list()",
    "freehold.secret('key')",
    "freehold.entries.get(1)",
    "freehold.entries.list()",
    "freehold.fetch('https://api.example.org/')",
    "freehold.mail({ to: 'a@example.org', subject: 'S', text: 'T' })",
    "freehold.notify('T')",
];

// rule: D5
#[test]
fn without_a_capability_nothing_is_asked_of_the_node() {
    let host = TestHost::default();
    let said = refusals(Hook::CronTick, "", CALLS, &host);
    for (call, said) in CALLS.iter().zip(said) {
        assert!(said.is_some_and(|said| said.starts_with("plugin.toml does not ask for ")), "{call}");
    }
    assert_eq!(host.seen(), [""; 0]);
}

// rule: D5
#[test]
fn a_hook_before_the_commit_only_reads() {
    let host = TestHost::default();
    let said = refusals(Hook::EntryBeforeSave, ALL, CALLS, &host);
    let acts: Vec<bool> =
        said.iter().map(|s| s.as_ref().is_some_and(|s| s.starts_with("entry.before_save only reads"))).collect();
    assert_eq!(acts, [false, true, true, false, false, false, false, true, true, true]);
    assert_eq!(host.seen(), ["secret key"]);
}

// rule: D5
#[test]
fn only_hosts_of_the_manifest_are_asked() {
    let host = TestHost::default();
    host.with(|world| world.settings.insert("to".into(), "\"https://crm.example.net/in\"".into()));
    let asked = [
        "https://evil.example.org/",
        "https://api.example.org.evil.net/",
        "https://api.example.org@evil.net/",
        "https://evil.net/https://api.example.org/",
        "https://evil.net#api.example.org",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "http://[::1]/",
        "//api.example.org/",
        "https://api.example.org\\\\@evil.net/",
        "https://api.example.org/\\r\\nHost: evil.net",
        "",
    ];
    let calls: Vec<String> = asked.iter().map(|url| format!("freehold.fetch('{url}')")).collect();
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    for (url, said) in asked.iter().zip(refusals(Hook::CronTick, ALL, &calls, &host)) {
        assert!(said.as_ref().is_some_and(|s| s.starts_with("the address is not of a host")), "{url}: {said:?}");
    }
    assert_eq!(host.seen(), [""; 0]);
    let right = ["freehold.fetch('https://api.example.org/a')", "freehold.fetch('https://crm.example.net/b')"];
    assert_eq!(refusals(Hook::CronTick, ALL, &right, &host), [None, None]);
}

// rule: D5
#[test]
fn sizes_and_shapes_are_looked_at_before_the_node_is_asked() {
    let host = TestHost::default();
    for (call, part) in [
        ("freehold.kv.set('', 1)", "a key has 1 to 200 bytes"),
        ("freehold.kv.set('k'.repeat(201), 1)", "a key has 1 to 200 bytes"),
        ("freehold.kv.get('a\\0b')", "a key has 1 to 200 bytes"),
        ("freehold.kv.set('k', 'v'.repeat(65536))", "the value is larger than 64 KiB"),
        ("freehold.kv.list('k'.repeat(201))", "a key has at most 200 bytes"),
        ("freehold.entries.list([1])", "the question is a JSON object"),
        ("freehold.secret('words')", "no setting of type secret"),
        ("freehold.secret('none')", "no setting of type secret"),
        ("freehold.mail({ to: 'a\\r\\nBcc: b@c.de', subject: 'S', text: 'T' })", "to is not an email address"),
        ("freehold.mail({ to: 'a@example.org', subject: '', text: 'T' })", "the subject has 1 to 200"),
        ("freehold.mail({ to: 'a@example.org', subject: 'S', text: 'T'.repeat(102401) })", "larger than 100 KiB"),
        ("freehold.notify('')", "the title has 1 to 120"),
        ("freehold.notify('T', 'x'.repeat(2001))", "at most 2,000"),
        ("freehold.fetch('https://api.example.org/', { method: 'CONNECT' })", "the method is not one of"),
        ("freehold.fetch('https://api.example.org/', { headers: { Host: 'evil.net' } })", "a header is not allowed"),
        (
            "freehold.fetch('https://api.example.org/', { headers: { 'X-A': 'a\\r\\nB: c' } })",
            "a header is not allowed",
        ),
        ("freehold.fetch('https://api.example.org/', { headers: { 'X A': 'a' } })", "a header is not allowed"),
        ("freehold.fetch('https://api.example.org/', { body: 'x'.repeat(1048577) })", "the body is larger than 1 MiB"),
    ] {
        let said = refusals(Hook::CronTick, ALL, &[call], &host).remove(0).unwrap_or_default();
        assert!(said.contains(part), "{call}: {said}");
    }
    assert_eq!(host.seen(), [""; 0]);
    host.with(|world| world.body = vec![b'x'; (1 << 20) + 1]);
    let said = refusals(Hook::CronTick, ALL, &["freehold.fetch('https://api.example.org/')"], &host);
    assert_eq!(said, [Some("the answer is larger than 1 MiB".to_owned())]);
}

// rule: D5
#[test]
fn requests_and_lines_of_the_log_have_their_number() {
    let host = TestHost::default();
    let said = refusals(Hook::CronTick, ALL, &["freehold.fetch('https://api.example.org/')"; 7], &host);
    assert_eq!(said.iter().flatten().collect::<Vec<_>>(), ["at most 5 requests go out in one call"; 2]);
    assert_eq!(host.seen().len(), 5);
    // Over the calls of one plugin, by the node's clock.
    let source =
        "freehold.on('cron.tick', () => { for (let n = 0; n < 5; n++) freehold.fetch('https://api.example.org/'); });";
    let compiled = script(&["cron.tick"], ALL, source);
    let call = || compiled.call(Hook::CronTick, "{}", host.boxed(), bounds(Hook::CronTick));
    let ends: Vec<bool> = (0..7).map(|_| call().is_ok()).collect();
    assert_eq!(ends, [true, true, true, true, true, true, false]);
    host.with(|world| world.now = 60_000);
    assert!(call().is_ok());
    host.seen();
    let source = "freehold.on('cron.tick', () => { for (let n = 0; n < 500; n++) freehold.log('x'.repeat(80)); });";
    let compiled = script(&["cron.tick"], ALL, source);
    compiled.call(Hook::CronTick, "{}", host.boxed(), bounds(Hook::CronTick)).expect("a log that is cut is no fault");
    assert_eq!(host.seen().len(), 100);
}
