//! Components in any language, here as text: what a compiler would make of Rust or C.

use std::sync::{Arc, Mutex};

use freehold_base::Secret;

use super::support::*;
use crate::engine::*;
use crate::hooks::Hook;

/// A component whose `call` and `render` have these bodies. Answers stand in memory: at 0 the result, at 64 the text.
/// `now` is the host's; `$more` is what stands beside.
pub(super) fn wat(call: &str, render: &str, more: &str) -> String {
    format!(
        r#"(component
  (import "freehold:plugin/host@1.0.0" (instance $host (export "now" (func (result u64)))))
  (core func $now (canon lower (func $host "now")))
  (core module $m
    (import "host" "now" (func $now (result i64)))
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1)))))
      (local.get $at))
    (func $text (param $kind i32) (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 0) (local.get $kind))
      (i32.store (i32.const 4) (local.get $at))
      (i32.store (i32.const 8) (local.get $length))
      (i32.const 0))
    {more}
    (func (export "call") (param $hook i32) (param $hooks i32) (param $input i32) (param $inputs i32) (result i32)
      {call})
    (func (export "render") (param $html i32) (param $htmls i32) (param $context i32) (param $contexts i32) (result i32)
      {render}))
  (core instance $i (instantiate $m (with "host" (instance (export "now" (func $now))))))
  (func (export "call") (param "hook" string) (param "input" string) (result (result string (error string)))
    (canon lift (core func $i "call") (memory $i "memory") (realloc (func $i "realloc"))))
  (func (export "render") (param "html" string) (param "context" string)
    (result (result (option string) (error string)))
    (canon lift (core func $i "render") (memory $i "memory") (realloc (func $i "realloc")))))"#
    )
}

/// Answers with its input.
pub(super) const ECHO: &str = "(call $text (i32.const 0) (local.get $input) (local.get $inputs))";
/// Draws the HTML as it is.
pub(super) const SAME: &str = "(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 1)) \
     (i32.store (i32.const 8) (local.get $html)) (i32.store (i32.const 12) (local.get $htmls)) (i32.const 0)";

fn bounds(hook: Hook) -> Bounds {
    Bounds { computing: WAITING, waiting: WAITING, ..Bounds::of(hook) }
}

#[test]
fn a_component_answers_and_draws() {
    let compiled = component(&["cron.tick", "entry.render"], "", &wat(ECHO, SAME, ""));
    let host = TestHost::default();
    let answer = compiled.call(Hook::CronTick, "{\"n\":2}", host.boxed(), bounds(Hook::CronTick)).expect("answer");
    assert_eq!((answer.value.as_str(), answer.cost.memory_peak, answer.cost.host_calls), ("{\"n\":2}", 65_536, 0));
    let html = "<p>ä</p>".repeat(3_000);
    let drawn = compiled.render(&html, "{}", host.boxed(), bounds(Hook::EntryRender)).expect("drawn");
    assert_eq!(drawn.value.as_deref(), Some(html.as_str()));
}

#[test]
fn a_component_says_itself_what_is_wrong() {
    let call =
        "(i32.store (i32.const 64) (i32.const 0x776f6e)) (call $text (i32.const 1) (i32.const 64) (i32.const 3))";
    let compiled = component(&["cron.tick"], "", &wat(call, SAME, ""));
    let bounds = bounds(Hook::CronTick);
    let fault = compiled.call(Hook::CronTick, "{}", TestHost::default().boxed(), bounds).expect_err("it says so");
    assert_eq!((fault.kind, fault.text.as_str(), fault.line), (FaultKind::Exception, "now", None));
}

// rule: A5
#[test]
fn a_component_that_wants_more_than_the_host_has_is_not_prepared() {
    let manifest = manifest(&["cron.tick"], "");
    for (text, part) in [
        (
            r#"(component (import "wasi:cli/environment@0.2.0" (instance (export "get-environment" (func)))))"#,
            "wasi:cli",
        ),
        (r#"(component (import "freehold:plugin/host@1.0.0" (instance (export "run" (func)))))"#, "run"),
        (r#"(component (import "freehold:plugin/host@2.0.0" (instance (export "now" (func (result u64))))))"#, "2.0.0"),
        (
            r#"(component (import "freehold:plugin/host@1.0.0" (instance (export "now" (func (result string))))))"#,
            "now",
        ),
        ("(component)", "it has no export call"),
    ] {
        let bytes = wat::parse_str(text).expect("WAT");
        let problems = engine().prepare(&package(&manifest, "plugin.wasm", &bytes)).err().expect("not prepared");
        assert!(problems.0[0].field == "plugin.wasm" && problems.0[0].wrong.contains(part), "{part}: {problems}");
    }
    let torn = &wat::parse_str(wat(ECHO, SAME, "")).expect("WAT")[..100];
    let problems = engine().prepare(&package(&manifest, "plugin.wasm", torn)).err().expect("not prepared");
    assert_eq!(problems.0[0].field, "plugin.wasm");
}

#[test]
fn an_export_of_another_shape_is_a_fault_and_no_panic() {
    let text = r#"(component (core module $m (func (export "f")))
      (core instance $i (instantiate $m)) (func (export "call") (canon lift (core func $i "f")))
      (func (export "render") (canon lift (core func $i "f"))))"#;
    let compiled = component(&["cron.tick"], "", text);
    let fault = compiled.call(Hook::CronTick, "{}", TestHost::default().boxed(), bounds(Hook::CronTick));
    assert_eq!(fault.expect_err("wrong shape").kind, FaultKind::Trap);
}

/// A cache that counts.
#[derive(Default)]
struct Shelf(Mutex<Vec<(String, Vec<u8>)>>, Mutex<usize>);

impl CodeCache for Shelf {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let found = self.0.lock().expect("no panic").iter().find(|(known, _)| known == key).map(|(_, b)| b.clone());
        *self.1.lock().expect("no panic") += usize::from(found.is_some());
        found
    }
    fn put(&self, key: &str, bytes: &[u8]) {
        let mut shelf = self.0.lock().expect("no panic");
        shelf.retain(|(known, _)| known != key);
        shelf.push((key.to_owned(), bytes.to_vec()));
    }
}

/// Counts what is compiled.
#[derive(Default)]
struct Counting(Mutex<usize>);

impl Compiler for Counting {
    fn compile(&self, component: &[u8]) -> Result<Vec<u8>, String> {
        *self.0.lock().expect("no panic") += 1;
        machine_code(component)
    }
}

// rule: D5
#[test]
fn code_is_made_once_and_only_our_own_is_taken_from_the_cache() {
    let (shelf, compiler) = (Arc::new(Shelf::default()), Arc::new(Counting::default()));
    let package =
        package(&manifest(&["cron.tick"], ""), "plugin.wasm", &wat::parse_str(wat(ECHO, SAME, "")).expect("WAT"));
    let made = |secret: u8| {
        let setup = Setup {
            cache: shelf.clone(),
            cache_key: Secret::new(vec![secret; 32]),
            compiler: compiler.clone(),
            places: 1,
        };
        let compiled = Engine::new(setup).expect("an engine").prepare(&package).expect("prepared");
        let answer = compiled.call(Hook::CronTick, "1", TestHost::default().boxed(), bounds(Hook::CronTick));
        assert_eq!(answer.expect("answer").value, "1");
        (*compiler.0.lock().expect("no panic"), *shelf.1.lock().expect("no panic"))
    };
    assert_eq!(made(1), (1, 0));
    assert_eq!(made(1), (1, 1), "the second engine takes it from the cache");
    assert_eq!(made(2), (2, 2), "another installation's code is not run");
    shelf.0.lock().expect("no panic")[0].1[1_000] ^= 1;
    assert_eq!(made(2), (3, 3), "nor a torn one");
    assert_eq!(made(2), (3, 4), "which is replaced");
}

#[test]
fn calls_of_many_threads_do_not_meet() {
    let compiled = component(&["cron.tick"], "", &wat(ECHO, SAME, ""));
    std::thread::scope(|scope| {
        for n in 0..24 {
            let compiled = compiled.clone();
            scope.spawn(move || {
                for k in 0..20 {
                    let input = format!("[{n},{k}]");
                    let host = TestHost::default().boxed();
                    let answer = compiled.call(Hook::CronTick, &input, host, bounds(Hook::CronTick)).expect("answer");
                    assert_eq!(answer.value, input);
                }
            });
        }
    });
}
