//! What a call of a plugin costs: `cargo bench -p freehold-plugins`. Prints figures and asserts none.
#![allow(clippy::print_stdout, clippy::expect_used, missing_docs, reason = "a program that prints figures")]

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Clock, Secret, Timestamp};
use freehold_plugins::engine::{Bounds, CompileHere, Compiled, Engine, Host, Level, NoCache, Request, Response, Setup};
use freehold_plugins::hooks::Hook;
use freehold_plugins::package::Package;

/// Text as in articles: 20 KB.
fn html() -> String {
    "<p>The tide goes out at six, and with it the boats &amp; the birds; nobody waits.</p>\n".repeat(250)
}

const SMALL: &str = "freehold.on('entry.render', () => {});";
const REGEX: &str = "freehold.on('entry.render', (e) => e.html.replace(/\\b(tide|boats)\\b/g, '<mark>$1</mark>'));";
/// 8 KB of code beside the listener.
fn long() -> String {
    let helper =
        |n: usize| format!("function helper{n}(a, b) {{ const c = a + b; return c * {n} > 7 ? [a, b] : {{ a }}; }}\n");
    (0..100).map(helper).collect::<String>() + SMALL
}

const ECHO: &str = r#"(component
  (core module $m
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (global.get $free))
      (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 7)) (i32.const -8)))
      (local.get $at))
    (global $free (mut i32) (i32.const 4096))
    (func (export "call") (param i32 i32 i32 i32) (result i32) (unreachable))
    (func (export "render") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 4) (i32.const 1)) (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "call") (param "hook" string) (param "input" string) (result (result string (error string)))
    (canon lift (core func $i "call") (memory $i "memory") (realloc (func $i "realloc"))))
  (func (export "render") (param "html" string) (param "context" string)
    (result (result (option string) (error string)))
    (canon lift (core func $i "render") (memory $i "memory") (realloc (func $i "realloc")))))"#;

struct Nobody;

impl Host for Nobody {
    fn now(&mut self) -> Timestamp {
        Timestamp(0)
    }
    fn log(&mut self, _: Level, _: &str) {}
    fn setting(&mut self, _: &str) -> Option<String> {
        None
    }
    fn secret(&mut self, _: &str) -> Result<Option<Secret>, String> {
        Ok(None)
    }
    fn kv_get(&mut self, _: &str) -> Result<Option<String>, String> {
        Ok(None)
    }
    fn kv_set(&mut self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn kv_delete(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn kv_list(&mut self, _: &str, _: Option<&str>, _: usize) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
    fn entry(&mut self, _: i64) -> Result<Option<String>, String> {
        Ok(None)
    }
    fn entries(&mut self, _: &str) -> Result<String, String> {
        Ok("[]".into())
    }
    fn fetch(&mut self, _: Request) -> Result<Response, String> {
        Ok(Response::default())
    }
    fn mail(&mut self, _: &str, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn notify(&mut self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
}

fn prepared(engine: &Engine, file: &str, bytes: &[u8]) -> Compiled {
    let manifest =
        "[plugin]\nid = \"bench\"\nname = \"Bench\"\nversion = \"1.0.0\"\napi = 1\n[hooks]\n\"entry.render\" = true\n";
    let files = [("plugin.toml".to_owned(), manifest.into()), (file.to_owned(), bytes.to_vec())];
    engine.prepare(&Package::read(files).expect("a package")).expect("prepared")
}

/// Calls for some seconds on one thread; prints calls per second of computing time, and the middle and the slow ones.
fn measure(name: &str, compiled: &Compiled, html: &str) {
    let minute = Duration::from_secs(60);
    let bounds = Bounds { computing: minute, waiting: minute, ..Bounds::of(Hook::EntryRender) };
    let mut times: Vec<Duration> = Vec::new();
    let began = Clock::instant();
    while began.elapsed() < Duration::from_secs(4) {
        let answer = compiled.render(html, "{\"id\":1,\"title\":\"Tide\"}", Box::new(Nobody), bounds).expect("drawn");
        times.push(answer.cost.spent);
    }
    times.sort_unstable();
    let sum: Duration = times.iter().sum();
    let at = |percent: usize| times[times.len() * percent / 100].as_micros();
    let rate = times.len() as f64 / sum.as_secs_f64();
    println!("{name:<36} {rate:>8.0}/s of a core   p50 {:>6} us   p99 {:>6} us", at(50), at(99));
}

fn main() {
    let setup = Setup {
        cache: Arc::new(NoCache),
        cache_key: Secret::new(vec![7; 32]),
        compiler: Arc::new(CompileHere),
        places: 8,
    };
    let engine = Engine::new(setup).expect("an engine");
    let began = Clock::instant();
    engine.warm().expect("the runner");
    println!("the script runner compiled in {} ms", began.elapsed().as_millis());
    let echo = prepared(&engine, "plugin.wasm", &wat::parse_str(ECHO).expect("WAT"));
    let html = html();
    measure("component, nothing in", &echo, "");
    measure("component, 20 KB in and out", &echo, &html);
    measure("script, nothing in", &prepared(&engine, "plugin.js", SMALL.as_bytes()), "");
    measure("script of 8 KB, nothing in", &prepared(&engine, "plugin.js", long().as_bytes()), "");
    measure("script, 20 KB in and out, a regex", &prepared(&engine, "plugin.js", REGEX.as_bytes()), &html);
}
