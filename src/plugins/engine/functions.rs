//! The functions of the host as plugins call them: each is counted, then held against the manifest, the hook's reach and
//! its sizes; only then the node is asked.

use freehold_base::text;

use super::fault::FaultKind;
use super::host::{Allowed, Level, Request, Response};
use super::state::{State, Stop};
use super::wit::freehold::plugin::host as wit;
use crate::capability::Capability;
use crate::hooks::Reach;
use crate::manifest::{HostPattern, SettingKind};

/// Bytes of a key of the store.
const KEY: usize = 200;
/// Bytes of a value of the store, and of a question for entries.
const VALUE: usize = 64 << 10;
/// Keys of one list.
const KEYS: usize = 200;
/// Bytes of a body, out and in.
const BODY: usize = 1 << 20;
/// Bytes of a text of mail.
const MAIL: usize = 100 << 10;
/// Bytes of random at once.
const RANDOM: usize = 1_024;

/// A refusal for the plugin's author.
type Said<T> = Result<T, String>;

impl State {
    /// Counts a call of a function that everybody has.
    fn counted(&mut self) -> wasmtime::Result<()> {
        self.count().map_err(wasmtime::Error::new)
    }
    /// Counts a call of a function that needs a capability and perhaps a hook that acts, and runs it.
    fn asked<T>(
        &mut self,
        capability: Capability,
        reach: Reach,
        run: impl FnOnce(&mut Self) -> Said<T>,
    ) -> wasmtime::Result<Said<T>> {
        self.counted()?;
        if !self.plugin.manifest.may(capability) {
            let name = capability.name();
            return Ok(Err(format!("plugin.toml does not ask for {name}: add it to capabilities under [needs]")));
        }
        if reach == Reach::Act && self.hook.reach() == Reach::Read {
            return Ok(Err(format!("{} only reads: do this in an event such as entry.after_save", self.hook)));
        }
        let answer = run(self).map_err(|sentence| sentence.chars().take(1_000).collect());
        // The host may have waited.
        self.in_time().map_err(wasmtime::Error::new)?;
        Ok(answer)
    }
    fn allowed(&mut self) -> Allowed {
        let plugin = std::sync::Arc::clone(&self.plugin);
        let patterns: Vec<HostPattern> = plugin.manifest.hosts.iter().cloned().collect();
        let ids = patterns.iter().filter_map(|p| if let HostPattern::Setting(id) = p { Some(id) } else { None });
        let typed = ids.filter_map(|id| {
            let json = self.host.setting(id)?;
            serde_json::from_str::<String>(&json).ok().map(|url| (id.clone(), url))
        });
        let typed = typed.collect();
        Allowed { patterns, typed }
    }
    fn send(&mut self, request: wit::Request) -> Said<Response> {
        let allowed = self.allowed();
        let request = self.checked(request, allowed)?;
        let now = self.host.now();
        if self.fetches >= self.bounds.fetches {
            return Err(format!("at most {} requests go out in one call", self.bounds.fetches));
        }
        let rates = &self.plugin.rates;
        if !rates.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fetch(now) {
            return Err("at most 30 requests go out in a minute: try again later".into());
        }
        self.fetches += 1;
        let response = self.host.fetch(request)?;
        if response.body.len() > BODY {
            return Err("the answer is larger than 1 MiB".into());
        }
        Ok(response)
    }
    fn checked(&self, request: wit::Request, allowed: Allowed) -> Said<Request> {
        let method = request.method.to_ascii_uppercase();
        if !["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].contains(&method.as_str()) {
            return Err("the method is not one of GET, POST, PUT, PATCH, DELETE and HEAD".into());
        }
        if request.url.len() > 4_000 || !allowed.fits(&request.url) {
            return Err("the address is not of a host that plugin.toml names: add it to hosts under [needs]".into());
        }
        let size: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let token = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let ours = ["host", "content-length", "transfer-encoding", "connection", "upgrade", "proxy-authorization"];
        let wrong = |(name, value): &(String, String)| {
            !token(name) || ours.contains(&name.to_ascii_lowercase().as_str()) || value.chars().any(char::is_control)
        };
        if request.headers.len() > 50 || size > 16 << 10 || request.headers.iter().any(wrong) {
            return Err("a header is not allowed, or there are more than 50 or 16 KiB of them".into());
        }
        if request.body.len() > BODY {
            return Err("the body is larger than 1 MiB".into());
        }
        let (headers, body, within) = (request.headers, request.body, self.left());
        Ok(Request { method, url: request.url, headers, body, within, allowed })
    }
}

impl wit::Host for State {
    fn log(&mut self, level: wit::Level, line: String) -> wasmtime::Result<()> {
        self.counted()?;
        let line: String = line.chars().take(1_000).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let level = match level {
            wit::Level::Debug => Level::Debug,
            wit::Level::Info => Level::Info,
            wit::Level::Warn => Level::Warn,
            wit::Level::Error => Level::Error,
        };
        let now = self.host.now();
        let passed = self.plugin.rates.lock().unwrap_or_else(std::sync::PoisonError::into_inner).log(now, line.len());
        if let Some(dropped) = passed {
            if dropped > 0 {
                self.host.log(Level::Warn, &format!("{dropped} lines were dropped: they came too fast"));
            }
            self.host.log(level, &line);
        }
        Ok(())
    }
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.counted()?;
        Ok(u64::try_from(self.host.now().ms()).unwrap_or(0))
    }
    fn random(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        self.counted()?;
        let mut bytes = vec![0; usize::try_from(count).unwrap_or(RANDOM).min(RANDOM)];
        let filled = getrandom::fill(&mut bytes);
        filled.map_err(|e| wasmtime::Error::new(Stop(FaultKind::Trap, format!("no random bytes: {e}"))))?;
        Ok(bytes)
    }
    fn setting(&mut self, id: String) -> wasmtime::Result<Option<String>> {
        self.counted()?;
        let known = self.plugin.manifest.setting(&id).is_some_and(|s| s.kind != SettingKind::Secret);
        Ok(if known { self.host.setting(&id) } else { None })
    }
    fn secret(&mut self, id: String) -> wasmtime::Result<Said<Option<String>>> {
        self.asked(Capability::Secrets, Reach::Read, |state| {
            if state.plugin.manifest.setting(&id).is_none_or(|s| s.kind != SettingKind::Secret) {
                return Err("plugin.toml has no setting of type secret with this id".into());
            }
            Ok(state.host.secret(&id)?.map(|secret| secret.reveal_text().to_owned()))
        })
    }
    fn kv_get(&mut self, key: String) -> wasmtime::Result<Said<Option<String>>> {
        self.asked(Capability::Kv, Reach::Read, |state| state.host.kv_get(checked_key(&key)?))
    }
    fn kv_set(&mut self, key: String, value: String) -> wasmtime::Result<Said<()>> {
        self.asked(Capability::Kv, Reach::Act, |state| {
            if value.len() > VALUE {
                return Err("the value is larger than 64 KiB".into());
            }
            state.host.kv_set(checked_key(&key)?, &value)
        })
    }
    fn kv_delete(&mut self, key: String) -> wasmtime::Result<Said<()>> {
        self.asked(Capability::Kv, Reach::Act, |state| state.host.kv_delete(checked_key(&key)?))
    }
    fn kv_list(&mut self, prefix: String, after: Option<String>) -> wasmtime::Result<Said<Vec<String>>> {
        self.asked(Capability::Kv, Reach::Read, |state| {
            if prefix.len() > KEY || after.as_ref().is_some_and(|after| after.len() > KEY) {
                return Err("a key has at most 200 bytes".into());
            }
            state.host.kv_list(&prefix, after.as_deref(), KEYS)
        })
    }
    fn entries_get(&mut self, id: i64) -> wasmtime::Result<Said<Option<String>>> {
        self.asked(Capability::EntriesRead, Reach::Read, |state| state.host.entry(id))
    }
    fn entries_list(&mut self, query: String) -> wasmtime::Result<Said<String>> {
        self.asked(Capability::EntriesRead, Reach::Read, |state| {
            let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&query).is_ok();
            if query.len() > VALUE || !object {
                return Err("the question is a JSON object, such as {\"type\":\"post\",\"limit\":10}".into());
            }
            state.host.entries(&query)
        })
    }
    fn fetch(&mut self, request: wit::Request) -> wasmtime::Result<Said<wit::Response>> {
        let answer = self.asked(Capability::HttpFetch, Reach::Act, |state| state.send(request))?;
        Ok(answer.map(|Response { status, headers, body }| wit::Response { status, headers, body }))
    }
    fn mail_send(&mut self, to: String, subject: String, text: String) -> wasmtime::Result<Said<()>> {
        self.asked(Capability::MailSend, Reach::Act, |state| {
            let to = text::email("to", &to).map_err(|_| "to is not an email address".to_owned())?;
            let subject = text::required_line("subject", &subject, 200);
            let subject = subject.map_err(|_| "the subject has 1 to 200 characters".to_owned())?;
            if text.len() > MAIL {
                return Err("the text is larger than 100 KiB".into());
            }
            state.host.mail(&to, &subject, &text)
        })
    }
    fn notify(&mut self, title: String, text: String) -> wasmtime::Result<Said<()>> {
        self.asked(Capability::Notify, Reach::Act, |state| {
            let title = text::required_line("title", &title, 120);
            let title = title.map_err(|_| "the title has 1 to 120 characters".to_owned())?;
            let text = text::lines("text", &text, 2_000);
            state.host.notify(&title, &text.map_err(|_| "the text has at most 2,000 characters".to_owned())?)
        })
    }
}

fn checked_key(key: &str) -> Said<&str> {
    let fits = !key.is_empty() && key.len() <= KEY && !key.chars().any(char::is_control);
    if fits { Ok(key) } else { Err("a key has 1 to 200 bytes and no control characters".into()) }
}
