//! What a `plugin.js` can do, and how its mistakes are told.

use super::support::*;
use crate::engine::*;
use crate::hooks::Hook;

/// Generous bounds: these tests are about what scripts do, not how fast.
fn bounds(hook: Hook) -> Bounds {
    Bounds { computing: WAITING, waiting: WAITING, ..Bounds::of(hook) }
}

fn tick(source: &str, host: &TestHost) -> Result<String, Fault> {
    let compiled = script(&["cron.tick"], ALL, source);
    compiled.call(Hook::CronTick, "{\"n\":2}", host.boxed(), bounds(Hook::CronTick)).map(|answer| answer.value)
}

fn fails(source: &str) -> Fault {
    tick(source, &TestHost::default()).expect_err("it fails")
}

#[test]
fn an_entry_is_drawn_by_a_script() {
    let source = "freehold.on('entry.render', (entry) => {\n  const words = entry.html.split(/\\s+/).length;\n  \
                  if (entry.id !== 3) return;\n  return `<p>${words} of ${freehold.settings.words}</p>` + entry.html;\n});";
    let compiled = script(&["entry.render"], ALL, source);
    let host = TestHost::default();
    host.with(|world| world.settings.insert("words".into(), "200".into()));
    let drawn = |context| {
        let bounds = bounds(Hook::EntryRender);
        compiled.render("<p>one two “three” 🐟</p>", context, host.boxed(), bounds).expect("drawn").value
    };
    assert_eq!(drawn("{\"id\":3}").as_deref(), Some("<p>4 of 200</p><p>one two “three” 🐟</p>"));
    assert_eq!(drawn("{\"id\":4}"), None);
}

#[test]
fn a_script_answers_with_json_and_begins_anew_each_time() {
    let source = "let count = 0;\nfreehold.on('cron.tick', (input) => ({ n: input.n + 1, count: ++count }));";
    let compiled = script(&["cron.tick"], "", source);
    for _ in 0..3 {
        let host = TestHost::default();
        let answer = compiled.call(Hook::CronTick, "{\"n\":2}", host.boxed(), bounds(Hook::CronTick)).expect("answer");
        assert_eq!(answer.value, r#"{"n":3,"count":1}"#);
        assert!(answer.cost.memory_peak > 0 && answer.cost.memory_peak <= 32 << 20, "{:?}", answer.cost);
    }
    assert_eq!(tick("freehold.on('cron.tick', () => {})", &TestHost::default()).expect("nothing"), "null");
    assert_eq!(tick("freehold.on('cron.tick', () => () => 1)", &TestHost::default()).expect("nothing"), "null");
}

#[test]
fn the_functions_of_the_host_work_from_a_script() {
    let host = TestHost::default();
    host.with(|world| {
        world.now = 1_700_000_000_000;
        world.body = "{\"is\":\"gut: ä 🐟\"}".into();
        world.settings.insert("to".into(), "\"https://crm.example.net/in\"".into());
    });
    let source = r#"
freehold.on("cron.tick", () => {
  freehold.log("hello", { a: 1 }, new Error("x"));
  console.warn("line\nbreak");
  freehold.kv.set("b", { deep: ["ä"] });
  freehold.kv.set("a", 1);
  freehold.kv.set("gone", 1);
  freehold.kv.delete("gone");
  const answer = freehold.fetch("https://api.example.org/x", { method: "post", body: { q: "ü" } });
  freehold.fetch("https://crm.example.net/in", { headers: { "X-A": 1 }, body: "text" });
  freehold.mail({ to: "a@example.org", subject: "S", text: "T" });
  let refused;
  try { freehold.notify("N"); } catch (error) { refused = error.message; }
  const chances = new Set();
  for (let n = 0; n < 300; n++) chances.add(Math.random());
  return {
    kv: [freehold.kv.get("b"), freehold.kv.get("none"), freehold.kv.list(), freehold.kv.list("", "a")],
    json: answer.json(), ok: answer.ok, kind: answer.headers["x-kind"],
    entries: [freehold.entries.get(1).title, freehold.entries.get(2), freehold.entries.list({ limit: 1 })],
    settings: [freehold.settings.to, freehold.settings.words, freehold.settings.key, freehold.settings.none],
    secret: freehold.secret("key"), refused,
    time: [Date.now(), new Date().getTime(), new Date(5).getTime(), typeof Date(), new Date() instanceof Date],
    chances: chances.size, low: Math.min(...chances) >= 0, high: Math.max(...chances) < 1,
    escaped: freehold.escape("<a href='\"'>&"),
  };
});"#;
    let value: serde_json::Value = serde_json::from_str(&tick(source, &host).expect("answer")).expect("JSON");
    assert_eq!(value["kv"], serde_json::json!([{ "deep": ["ä"] }, null, ["a", "b"], ["b"]]));
    assert_eq!(
        (&value["json"]["is"], &value["ok"], &value["kind"]),
        (&"gut: ä 🐟".into(), &true.into(), &"test".into())
    );
    assert_eq!(value["entries"], serde_json::json!(["Bread", null, [{ "limit": 1 }]]));
    assert_eq!(value["settings"], serde_json::json!(["https://crm.example.net/in", null, null, null]));
    assert_eq!((&value["secret"], &value["refused"]), (&"s3cret".into(), &"the inbox is full".into()));
    let time = serde_json::json!([1_700_000_000_000_i64, 1_700_000_000_000_i64, 5, "string", true]);
    assert_eq!(value["time"], time);
    assert!(value["chances"].as_u64() > Some(290) && value["low"] == true && value["high"] == true, "{value}");
    assert_eq!(value["escaped"], "&lt;a href=&#39;&quot;&#39;&gt;&amp;");
    let seen = [
        "Info: hello {\"a\":1} Error: x",
        "Warn: line break",
        "POST https://api.example.org/x [(\"content-type\", \"application/json\")] 10",
        "GET https://crm.example.net/in [(\"X-A\", \"1\")] 4",
        "mail a@example.org S T",
        "notify N ",
        "secret key",
    ];
    assert_eq!(host.seen(), seen);
}

#[test]
fn two_instances_have_different_chances() {
    let source = "freehold.on('cron.tick', () => Math.random());";
    let [a, b] = [0, 1].map(|_| tick(source, &TestHost::default()).expect("a number"));
    assert_ne!(a, b);
}

#[test]
fn a_mistake_names_its_line() {
    for (source, line, text) in [
        ("\n\nfreehold.on('cron.tick', () => {\n  return missing.length;\n});", Some(4), "ReferenceError"),
        ("freehold.on('cron.tick', () => {\n  const f = (x) => x.a.b;\n  return f({});\n});", Some(2), "TypeError"),
        ("let a = 1;\nlet b = ;", Some(2), "SyntaxError"),
        ("export default {};", Some(1), "A plugin.js is one plain script"),
        ("\nthrow new Error('so \\\"it\\\" \\\\ is\\nnot');", Some(2), "Error: so \"it\" \\ is not"),
        ("freehold.on('cron.tick', () => { throw 'plain'; });", None, "plain"),
        ("freehold.on('cron.tick', async () => 1);", None, "a promise is no answer"),
        ("freehold.on('cron.tick', 1);", Some(1), "write freehold.on"),
        ("freehold.on('cron.tick', () => 1);\nfreehold.on('cron.tick', () => 2);", Some(2), "stands there twice"),
        ("// nothing", None, "plugin.js does not listen to cron.tick"),
        ("freehold.on('cron.tick', () => 1n);", None, "TypeError"),
    ] {
        let fault = fails(source);
        assert_eq!((fault.kind, fault.line), (FaultKind::Exception, line), "{source}: {fault:?}");
        assert!(fault.text.contains(text), "{source}: {fault:?}");
    }
}

#[test]
fn a_script_is_compared_with_its_manifest() {
    let check = |hooks: &[&str], source: &str| {
        let problems = script(hooks, "", source).check(TestHost::default().boxed());
        problems.map_err(|p| p.0.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(check(&["cron.tick"], "freehold.on('cron.tick', () => 1)"), Ok(()));
    let said = check(&["cron.tick"], "freehold.on('entry.rendr', () => 1);\nfreehold.on('entry.render', () => 1);");
    let said = said.expect_err("wrong");
    assert!(said[0].contains("`entry.rendr` is not a hook. Did you mean `entry.render`?"), "{said:?}");
    assert!(said[1].contains("listens to entry.render, which plugin.toml does not name"), "{said:?}");
    assert!(said[2].contains("does not listen to cron.tick, which plugin.toml names"), "{said:?}");
    let said = check(&["cron.tick"], "\nlet = 1;").expect_err("wrong");
    assert!(said.len() == 1 && said[0].starts_with("plugin.js, line 2: SyntaxError"), "{said:?}");
}

// rule: D5
#[test]
fn a_script_that_changes_what_all_use_changes_its_own_call_alone() {
    let source = r#"
JSON.stringify = () => "no"; JSON.parse = () => { throw 1; };
Map.prototype.get = Map.prototype.set = Map.prototype.keys = () => { throw 2; };
Array.prototype.map = Array.prototype.join = Array.prototype[Symbol.iterator] = () => { throw 3; };
String.prototype.toJSON = () => "changed"; RegExp.prototype.exec = () => { throw 4; };
Object.prototype.then = 5; Object.prototype.id = 6;
globalThis.console = globalThis.Date = globalThis.Math = globalThis.eval = undefined;
try { freehold = null; } catch {}
try { freehold.on = null; } catch {}
freehold.on("cron.tick", (input) => input.n === 2 ? { fine: 1 } : 0);
"#;
    assert_eq!(tick(source, &TestHost::default()).expect("its own answer"), r#"{"fine":1}"#);
    assert_eq!(
        tick("freehold.on('cron.tick', (i) => [i.n, typeof Math])", &TestHost::default()).expect("clean"),
        r#"[2,"object"]"#
    );
    let fault = fails(
        "freehold.on('cron.tick', () => { const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw e; } }); throw e; });",
    );
    assert_eq!((fault.kind, fault.line), (FaultKind::Exception, None));
}

// rule: A5
#[test]
fn a_script_finds_nothing_of_the_machine() {
    let source = r#"
const names = ["process", "require", "Deno", "std", "os", "bjson", "XMLHttpRequest", "WebSocket", "fetch", "navigator",
  "scriptArgs", "print", "importScripts", "performance", "setTimeout", "Worker", "wasi", "host"];
freehold.on("cron.tick", () => names.filter((name) => name in globalThis));
"#;
    assert_eq!(tick(source, &TestHost::default()).expect("a list"), "[]");
    for source in [
        "import fs from 'fs';",
        "freehold.on('cron.tick', () => import('freehold:plugin/host@1.0.0'));",
        "freehold.on('cron.tick', () => import('/etc/passwd'));",
    ] {
        assert_eq!(fails(source).kind, FaultKind::Exception, "{source}");
    }
}

#[test]
fn the_script_of_the_guide_works() {
    let toml = crate::guide_tests::shown("plugin.toml");
    let compiled = engine()
        .prepare(&package(toml, "plugin.js", crate::guide_tests::shown("plugin.js").as_bytes()))
        .expect("ready");
    let host = TestHost::default();
    assert_eq!(compiled.check(host.boxed()), Ok(()));
    host.with(|world| world.settings.insert("words".into(), "100".into()));
    let html = format!("<p>{}</p>", "word ".repeat(260));
    let drawn = compiled.render(&html, "{\"id\":1}", host.boxed(), bounds(Hook::EntryRender)).expect("drawn");
    assert_eq!(drawn.value, Some(format!("<p class=\"reading-time\">3 min to read</p>{html}")));
}
