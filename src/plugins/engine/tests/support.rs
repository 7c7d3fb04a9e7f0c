//! Plugins of tests, and a host that writes down what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use freehold_base::{Secret, Timestamp};

use crate::engine::*;
use crate::package::Package;

/// What a test host holds and saw; shared by the calls of a test.
#[derive(Default)]
pub(super) struct World {
    pub(super) kv: BTreeMap<String, String>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) seen: Vec<String>,
    pub(super) now: i64,
    /// What `fetch` answers.
    pub(super) body: Vec<u8>,
    /// The computing time that `entry` wastes.
    pub(super) runs: Option<Compiled>,
}

#[derive(Clone, Default)]
pub(super) struct TestHost(pub(super) Arc<Mutex<World>>);

impl TestHost {
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut World) -> T) -> T {
        f(&mut self.0.lock().expect("no panic"))
    }
    pub(super) fn boxed(&self) -> Box<dyn Host> {
        Box::new(self.clone())
    }
    pub(super) fn seen(&self) -> Vec<String> {
        self.with(|world| std::mem::take(&mut world.seen))
    }
    fn see(&self, what: String) {
        self.with(|world| world.seen.push(what));
    }
}

impl Host for TestHost {
    fn now(&mut self) -> Timestamp {
        self.with(|world| Timestamp(world.now))
    }
    fn log(&mut self, level: Level, line: &str) {
        self.see(format!("{level:?}: {line}"));
    }
    fn setting(&mut self, id: &str) -> Option<String> {
        self.with(|world| world.settings.get(id).cloned())
    }
    fn secret(&mut self, id: &str) -> Result<Option<Secret>, String> {
        self.see(format!("secret {id}"));
        Ok(Some(Secret::text("s3cret")))
    }
    fn kv_get(&mut self, key: &str) -> Result<Option<String>, String> {
        self.with(|world| Ok(world.kv.get(key).cloned()))
    }
    fn kv_set(&mut self, key: &str, value: &str) -> Result<(), String> {
        self.with(|world| world.kv.insert(key.into(), value.into()));
        Ok(())
    }
    fn kv_delete(&mut self, key: &str) -> Result<(), String> {
        self.with(|world| world.kv.remove(key));
        Ok(())
    }
    fn kv_list(&mut self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, String> {
        let fits = |key: &&String| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after);
        self.with(|world| Ok(world.kv.keys().filter(fits).take(limit).cloned().collect()))
    }
    fn entry(&mut self, id: i64) -> Result<Option<String>, String> {
        // Entry 7 is drawn by a plugin itself: calls inside calls.
        let inner = self.with(|world| world.runs.clone());
        if let (7, Some(compiled)) = (id, inner) {
            let bounds = Bounds { waiting: WAITING, computing: WAITING, ..Bounds::of(crate::hooks::Hook::EntryRender) };
            let answer = compiled.call(crate::hooks::Hook::CronTick, "{}", self.boxed(), bounds);
            return answer.map(|answer| Some(answer.value)).map_err(|fault| fault.text);
        }
        Ok((id == 1).then(|| r#"{"id":1,"title":"Bread"}"#.to_owned()))
    }
    fn entries(&mut self, query: &str) -> Result<String, String> {
        Ok(format!("[{query}]"))
    }
    fn fetch(&mut self, request: Request) -> Result<Response, String> {
        self.see(format!("{} {} {:?} {}", request.method, request.url, request.headers, request.body.len()));
        let body = self.with(|world| world.body.clone());
        Ok(Response { status: 201, headers: vec![("X-Kind".into(), "test".into())], body })
    }
    fn mail(&mut self, to: &str, subject: &str, text: &str) -> Result<(), String> {
        self.see(format!("mail {to} {subject} {text}"));
        Ok(())
    }
    fn notify(&mut self, title: &str, text: &str) -> Result<(), String> {
        self.see(format!("notify {title} {text}"));
        Err("the inbox is full".into())
    }
}

/// Long enough for a machine that is busy with other things; what ends in time does not notice it.
pub(super) const WAITING: std::time::Duration = std::time::Duration::from_secs(120);

/// One engine for all tests: the runner is compiled once.
pub(super) fn engine() -> Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| new_engine(Arc::new(NoCache)));
    ENGINE.clone()
}

pub(super) fn new_engine(cache: Arc<dyn CodeCache>) -> Engine {
    let setup = Setup { cache, cache_key: Secret::new(vec![7; 32]), compiler: Arc::new(CompileHere), places: 8 };
    Engine::new(setup).expect("addresses and a thread")
}

/// A manifest that listens to these hooks, with these lines more.
pub(super) fn manifest(hooks: &[&str], rest: &str) -> String {
    let hooks: String = hooks.iter().map(|hook| format!("\"{hook}\" = true\n")).collect();
    format!("[plugin]\nid = \"test\"\nname = \"Test\"\nversion = \"1.0.0\"\napi = 1\n{rest}\n[hooks]\n{hooks}")
}

pub(super) fn package(manifest: &str, file: &str, bytes: &[u8]) -> Package {
    let files = [("plugin.toml".to_owned(), manifest.as_bytes().to_vec()), (file.to_owned(), bytes.to_vec())];
    Package::read(files).expect("a sound package")
}

/// Everything that can be asked for.
pub(super) const ALL: &str = r#"
[needs]
capabilities = ["kv", "secrets", "entries:read", "http:fetch", "mail:send", "notify"]
hosts = ["api.example.org", "setting:to"]
[[settings]]
id = "to"
label = "To"
type = "url"
[[settings]]
id = "words"
label = "Words"
type = "number"
default = 200
[[settings]]
id = "key"
label = "Key"
type = "secret"
"#;

pub(super) fn script(hooks: &[&str], rest: &str, source: &str) -> Compiled {
    engine().prepare(&package(&manifest(hooks, rest), "plugin.js", source.as_bytes())).expect("the runner works")
}

pub(super) fn component(hooks: &[&str], rest: &str, wat: &str) -> Compiled {
    let bytes = wat::parse_str(wat).expect("WAT");
    engine().prepare(&package(&manifest(hooks, rest), "plugin.wasm", &bytes)).expect("a component")
}
