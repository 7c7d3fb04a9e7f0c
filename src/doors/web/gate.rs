//! Folders with a password (HTTP Basic, RFC 7617): who asks for one, and whom we have just let in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use freehold_base::secret::{random_token, token_hash};
use freehold_base::{Clock, FolderId, Result, Secret, SiteId};
use futures_util::future::LocalBoxFuture;

use super::rules::InForce;

/// Somebody who wants to open a folder.
#[derive(Clone)]
pub struct Asking {
    /// The site.
    pub site: SiteId,
    /// Its rules.
    pub rules: Arc<InForce>,
    /// The folder.
    pub folder: FolderId,
    /// The name that was typed.
    pub name: String,
    /// The password that was typed.
    pub password: Secret,
    /// Who asks.
    pub from: IpAddr,
}

/// Looks at passwords: slowly by intent, and on other threads.
pub trait Gate: Send + Sync + 'static {
    /// Whether the folder opens.
    ///
    /// # Errors
    /// `TooManyAttempts`, `Busy`; faults.
    fn opens(&self, asking: Asking) -> LocalBoxFuture<'static, Result<bool>>;
}

/// How long somebody who was let in is not asked again: each picture of a page would cost a hash.
const REMEMBERED: Duration = Duration::from_secs(300);
/// Most people remembered at once.
const MOST: usize = 4096;

/// Whom we have just let in, by a digest of what they said. In memory alone.
#[derive(Debug)]
pub struct LetIn {
    key: String,
    until: Mutex<HashMap<String, Instant>>,
}

impl Default for LetIn {
    fn default() -> Self {
        Self { key: random_token().unwrap_or_default(), until: Mutex::default() }
    }
}

impl LetIn {
    /// A change of the site's rules makes it another name: nobody is let in by what was true before.
    fn name(&self, asking: &Asking) -> String {
        let (site, folder, version) = (asking.site, asking.folder, asking.rules.version);
        token_hash(&format!(
            "{} {site} {folder} {version} {}\0{}",
            self.key,
            asking.name,
            asking.password.reveal_text()
        ))
    }

    /// Whether they were let in a moment ago.
    pub fn knows(&self, asking: &Asking) -> bool {
        let name = self.name(asking);
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(&name).is_some_and(|until| Clock::instant() < *until)
    }

    /// Remembers them.
    pub fn remember(&self, asking: &Asking) {
        let (name, now) = (self.name(asking), Clock::instant());
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, until| now < *until);
        }
        if until.len() >= MOST {
            until.clear();
        }
        until.insert(name, now + REMEMBERED);
    }
}

/// Name and password of a request; none where it brings none that can be read.
pub fn credentials(headers: &HeaderMap) -> Option<(String, Secret)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, code) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || code.len() > 2000 {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(code.trim()).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), Secret::text(password.to_owned())))
}

/// The header that makes a browser ask.
pub fn challenge(title: &str) -> HeaderValue {
    let plain: String = title.chars().filter(|c| c.is_ascii() && !c.is_control() && !matches!(c, '"' | '\\')).collect();
    let text = format!("Basic realm=\"{plain}\", charset=\"UTF-8\"");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Basic realm=\"Private\", charset=\"UTF-8\""))
}
