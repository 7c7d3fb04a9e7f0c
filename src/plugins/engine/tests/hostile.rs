//! The hostile set: each is stopped within its bound, as the fault it is, and the next call finds everything as before.

use std::time::Duration;

use super::components::{ECHO, SAME, wat};
use super::support::*;
use crate::engine::*;
use crate::hooks::Hook;

/// Endless ones are ended by their computing time; others get as long as a slow machine may need.
fn bounds(computing: Duration) -> Bounds {
    Bounds { computing, waiting: WAITING, ..Bounds::of(Hook::CronTick) }
}
const SHORT: Duration = Duration::from_millis(20);

fn kind_of(compiled: &Compiled, bounds: Bounds) -> FaultKind {
    let host = TestHost::default();
    let fault = compiled.call(Hook::CronTick, "{}", host.boxed(), bounds).expect_err("it is stopped");
    assert!(fault.kind.is_the_plugins() && !fault.text.is_empty(), "{fault:?}");
    assert!(fault.cost.memory_peak <= 32 << 20, "{fault:?}");
    // A neighbour is as before.
    let echo = component(&["cron.tick"], "", &wat(ECHO, SAME, ""));
    let answer = echo.call(Hook::CronTick, "7", host.boxed(), self::bounds(WAITING)).expect("answer");
    assert_eq!(answer.value, "7");
    fault.kind
}

fn of_script(source: &str, bounds: Bounds) -> FaultKind {
    kind_of(&script(&["cron.tick"], ALL, source), bounds)
}

fn of_wat(call: &str, more: &str, bounds: Bounds) -> FaultKind {
    kind_of(&component(&["cron.tick"], "", &wat(call, SAME, more)), bounds)
}

// rule: D5
#[test]
fn an_endless_loop_ends() {
    for source in [
        "freehold.on('cron.tick', () => { for (;;); });",
        "for (;;);",
        "freehold.on('cron.tick', () => { for (;;) { try { for (;;); } catch {} finally { continue; } } });",
        "freehold.on('cron.tick', () => /^(a+)+$/.test('a'.repeat(40) + 'b'));",
        "freehold.on('cron.tick', () => ({ toJSON() { for (;;); } }));",
        "freehold.on('cron.tick', () => ({ get then() { for (;;); } }));",
        "freehold.on('cron.tick', () => { const e = new Error(); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e; });",
        "freehold.on('cron.tick', () => 'x'.repeat(1e6).replace(/x*y/g, ''));",
    ] {
        assert_eq!(of_script(source, bounds(SHORT)), FaultKind::Deadline, "{source}");
    }
    assert_eq!(of_wat("(loop $l (br $l)) (unreachable)", "", bounds(SHORT)), FaultKind::Deadline);
    let start = "(func $s (loop $l (br $l))) (start $s)";
    assert_eq!(of_wat(ECHO, start, bounds(SHORT)), FaultKind::Deadline, "also before anything is called");
}

// rule: D5
#[test]
fn a_host_that_waits_counts_too() {
    let compiled = script(&["cron.tick"], ALL, "freehold.on('cron.tick', () => { for (;;) Date.now(); });");
    let bounds = Bounds { computing: WAITING, waiting: SHORT, host_calls: u32::MAX, ..bounds(WAITING) };
    assert_eq!(kind_of(&compiled, bounds), FaultKind::Deadline);
}

// rule: D5
#[test]
fn a_memory_bomb_gets_no_more_than_its_share() {
    for source in [
        "freehold.on('cron.tick', () => { const a = []; for (;;) a.push(new Array(10000).fill(7)); });",
        "freehold.on('cron.tick', () => { let s = 'x'; for (;;) s += s; });",
        "freehold.on('cron.tick', () => { const a = []; for (;;) try { a.push(new Uint8Array(1e6)); } catch {} });",
    ] {
        let kind = of_script(source, bounds(WAITING));
        assert!(matches!(kind, FaultKind::Memory | FaultKind::Exception), "{source}: {kind:?}");
    }
    let grow = "(loop $l (drop (memory.grow (i32.const 16))) (br $l)) (unreachable)";
    assert_eq!(of_wat(grow, "", bounds(WAITING)), FaultKind::Memory);
    assert_eq!(of_wat("(drop (memory.grow (i32.const 65000))) (unreachable)", "", bounds(WAITING)), FaultKind::Memory);
    let table = "(loop $l (drop (table.grow $t (ref.null func) (i32.const 5000))) (br $l)) (unreachable)";
    assert_eq!(of_wat(table, "(table $t 1 funcref)", bounds(WAITING)), FaultKind::Memory);
}

// rule: D5
#[test]
fn deep_recursion_is_a_fault_of_the_plugin_alone() {
    let source = "freehold.on('cron.tick', () => { const f = (n) => f(n + 1) + 1; return f(0); });";
    let kind = of_script(source, bounds(WAITING));
    assert!(matches!(kind, FaultKind::Exception | FaultKind::Trap), "{kind:?}");
    let nested = "freehold.on('cron.tick', () => JSON.parse('['.repeat(400000)));";
    let kind = of_script(nested, bounds(WAITING));
    assert!(matches!(kind, FaultKind::Exception | FaultKind::Trap), "{kind:?}");
    let deep =
        "(func $f (param i32) (result i32) (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
    assert_eq!(of_wat("(call $f (i32.const 0))", deep, bounds(WAITING)), FaultKind::Trap);
}

// rule: D5
#[test]
fn a_giant_answer_is_not_taken() {
    let source = "freehold.on('cron.tick', () => 'x'.repeat(1 << 20));";
    assert_eq!(of_script(source, bounds(WAITING)), FaultKind::Output);
    // 30 MiB of it, and one that says it is longer than its memory.
    let grow = "(drop (memory.grow (i32.const 480)))";
    let giant = format!("{grow} (call $text (i32.const 0) (i32.const 4096) (i32.const 31000000))");
    assert_eq!(of_wat(&giant, "", bounds(WAITING)), FaultKind::Output);
    assert_eq!(
        of_wat("(call $text (i32.const 0) (i32.const 4096) (i32.const -1))", "", bounds(WAITING)),
        FaultKind::Trap
    );
    let error = format!("{grow} (call $text (i32.const 1) (i32.const 4096) (i32.const 31000000))");
    assert_eq!(of_wat(&error, "", bounds(WAITING)), FaultKind::Output, "nor as an error");
    let drawn = script(&["entry.render"], "", "freehold.on('entry.render', () => 'x'.repeat((1 << 20) + 1));");
    let fault = drawn.render("", "{}", TestHost::default().boxed(), bounds(WAITING)).expect_err("too large");
    assert_eq!(fault.kind, FaultKind::Output);
}

// rule: D5
#[test]
fn a_flood_of_calls_to_the_host_ends() {
    assert_eq!(of_wat("(loop $l (drop (call $now)) (br $l)) (unreachable)", "", bounds(WAITING)), FaultKind::HostCalls);
    for source in [
        "freehold.on('cron.tick', () => { for (;;) Date.now(); });",
        "freehold.on('cron.tick', () => { for (;;) try { freehold.kv.get('a'); } catch {} });",
        "freehold.on('cron.tick', () => { for (;;) freehold.log('x'); });",
        "freehold.on('cron.tick', () => { for (;;) freehold.settings.none; });",
    ] {
        assert_eq!(of_script(source, bounds(WAITING)), FaultKind::HostCalls, "{source}");
    }
}

// rule: D5
#[test]
fn a_trap_in_each_hook_is_that_hooks_fault() {
    let names: Vec<&str> = Hook::ALL.iter().map(|hook| hook.name()).collect();
    let compiled = component(&names, "", &wat("(unreachable)", "(unreachable)", ""));
    let host = TestHost::default();
    for hook in Hook::ALL {
        let fault = compiled.call(*hook, "{}", host.boxed(), bounds(WAITING)).expect_err("it traps");
        assert_eq!(fault.kind, FaultKind::Trap, "{hook}");
    }
    let fault = compiled.render("", "{}", host.boxed(), bounds(WAITING)).expect_err("it traps");
    assert_eq!(fault.kind, FaultKind::Trap);
    for call in
        ["(i32.div_u (i32.const 1) (i32.const 0))", "(i32.load (i32.const -4))", "(i32.const -8)", "(i32.const 1)"]
    {
        assert_eq!(of_wat(call, "", bounds(WAITING)), FaultKind::Trap, "{call}");
    }
}

// rule: D5
#[test]
fn answers_that_are_not_json_or_not_text_are_not_passed_on() {
    let store = |bytes: &str, kind: i32| {
        format!(
            "(i32.store (i32.const 64) (i32.const {bytes})) (call $text (i32.const {kind}) (i32.const 64) (i32.const 4))"
        )
    };
    assert_eq!(of_wat(&store("0x61616161", 0), "", bounds(WAITING)), FaultKind::BadAnswer);
    assert_eq!(of_wat(&store("0xffffffff", 0), "", bounds(WAITING)), FaultKind::Trap, "not UTF-8");
    assert_eq!(of_wat(&store("0x61616161", 9), "", bounds(WAITING)), FaultKind::Trap, "neither answer nor error");
}

#[test]
fn what_is_not_the_plugins_fault_is_not_counted_as_one() {
    let compiled = component(&["cron.tick"], "", &wat(ECHO, SAME, ""));
    let call = |hook, input: &str, bounds| {
        let fault = compiled.call(hook, input, TestHost::default().boxed(), bounds).expect_err("refused");
        assert!(!fault.kind.is_the_plugins());
        fault.kind
    };
    assert_eq!(call(Hook::EntryAfterSave, "{}", bounds(WAITING)), FaultKind::NotListening);
    let large = " ".repeat((1 << 20) + 1);
    assert_eq!(call(Hook::CronTick, &large, bounds(WAITING)), FaultKind::Input);
}

// rule: D5
#[test]
fn plugins_that_call_each_other_go_three_deep() {
    let source =
        "freehold.on('cron.tick', () => { try { return freehold.entries.get(7); } catch (e) { return e.message; } });";
    let compiled = script(&["cron.tick"], ALL, source);
    let host = TestHost::default();
    host.with(|world| world.runs = Some(compiled.clone()));
    let answer = compiled.call(Hook::CronTick, "{}", host.boxed(), bounds(WAITING)).expect("answer");
    host.with(|world| world.runs = None);
    assert_eq!(answer.value, "\"plugins called each other more than three deep\"");
}
