//! Who sent a request: programs send the password with each one, and it is checked once in a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use freehold_base::secret::random;
use freehold_base::{Clock, Code, Error, Result, Secret};
use freehold_hosting::access::{Desk, Guest, Knock, Service, Step};
use sha2::{Digest as _, Sha256};

/// A guest who sends nothing for so long signs in again.
const IDLE: Duration = Duration::from_secs(600);
/// Names and passwords that are remembered, right ones only.
const MOST: usize = 1000;

/// Name and password, as nobody can read them again.
type Mark = [u8; 32];
/// One name and password: whoever comes first checks it, the others wait for that.
type Place = Arc<tokio::sync::Mutex<Option<Guest>>>;

/// Those who signed in with their last requests.
pub(super) struct Signed {
    desk: Desk,
    salt: [u8; 32],
    known: Mutex<HashMap<Mark, (Place, Instant)>>,
}

impl Signed {
    pub(super) fn new(desk: Desk) -> Result<Self> {
        Ok(Self { desk, salt: random::<32>()?, known: Mutex::default() })
    }

    /// The guest behind an `Authorization` header.
    ///
    /// # Errors
    /// `SignInRequired` without one; what [`Desk::password`] says.
    pub(super) async fn guest(&self, header: Option<&str>, address: &str) -> Result<Guest> {
        let (name, password) = header.and_then(credentials).ok_or_else(|| Error::code(Code::SignInRequired))?;
        let mark = self.mark(&name, &password);
        let place = self.place(mark);
        let mut held = place.lock().await;
        if let Some(guest) = held.as_ref().filter(|guest| !guest.is_over()) {
            return Ok(guest.clone());
        }
        *held = None; // gives its seat back
        let knock = Knock { service: Service::WebDav, name, address: address.to_owned(), code_behind: false };
        match self.desk.password(&knock, password).await {
            Ok(Step::In(guest)) => {
                *held = Some(guest.clone());
                Ok(guest)
            }
            Ok(Step::CodeWanted(_)) => Err(Error::code(Code::OwnLoginNeeded)),
            Err(e) => {
                self.known().remove(&mark);
                Err(e)
            }
        }
    }

    /// Forgets those who are idle.
    pub(super) fn sweep(&self) {
        let now = Clock::instant();
        self.known().retain(|_, (place, seen)| now.duration_since(*seen) < IDLE || Arc::strong_count(place) > 1);
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Mark, (Place, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, mark: Mark) -> Place {
        let mut known = self.known();
        let now = Clock::instant();
        if known.len() >= MOST && !known.contains_key(&mark) {
            known.retain(|_, (place, _)| Arc::strong_count(place) > 1);
        }
        let entry = known.entry(mark).or_insert_with(|| (Place::default(), now));
        entry.1 = now;
        Arc::clone(&entry.0)
    }

    fn mark(&self, name: &str, password: &Secret) -> Mark {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(password.reveal());
        hash.finalize().into()
    }
}

/// Name and password of the Basic scheme.
fn credentials(header: &str) -> Option<(String, Secret)> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || rest.len() > 2000 {
        return None;
    }
    let both = Secret::new(BASE64.decode(rest.trim()).ok()?);
    let (name, password) = std::str::from_utf8(both.reveal()).ok()?.split_once(':')?;
    Some((name.to_owned(), Secret::text(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_password_are_read_from_the_header() {
        let read = |text: &str| credentials(text).map(|(n, p)| (n, p.reveal_text().to_owned()));
        let of = |pair: &str| format!("Basic {}", BASE64.encode(pair));
        assert_eq!(read(&of("mara:two:herons")), Some(("mara".into(), "two:herons".into())));
        assert_eq!(read(&of("mara")), None);
        assert_eq!(read("Bearer x"), None);
        assert_eq!(read("Basic !!!"), None);
    }
}
