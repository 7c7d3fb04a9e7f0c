//! Browsers that a person signed in with before: who comes with one is not kept out by the failures of others, and who
//! comes with a new one has a mail written about it (rows H137, US07).

use std::time::Duration;

use freehold_base::secret::{random_token, token_hash};
use freehold_base::{Result, Secret, Timestamp};
use freehold_store::devices::Seen;
use freehold_store::{Tx, devices, sessions};

use super::{Accounts, HalfSession, SessionToken};
use crate::secrets::Keyring;
use crate::secrets::tokens::session_hash;

/// A browser is remembered so long after the last sign-in.
pub const REMEMBERED: Duration = Duration::from_secs(400 * 24 * 3600);
const LABEL: &str = "device";

/// What came of looking at the browser of somebody who just signed in.
#[derive(Debug, Default)]
pub struct Recognised {
    /// A cookie for the browser; none where it has a good one.
    pub cookie: Option<Secret>,
    /// The person is to be told; none where they know the browser, or it is their first.
    pub news: Option<NewDevice>,
}

/// A sign-in with a browser that its person never used.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Where the news goes.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The browser, as it names itself.
    pub agent: String,
    /// From where.
    pub address: String,
    /// When.
    pub at: Timestamp,
}

/// What is stored of a browser's cookie; none where we never gave it out.
fn hash_of(keys: &Keyring, cookie: &str) -> Option<String> {
    let (name, signature) = cookie.split_once('.')?;
    keys.verify(LABEL, name.as_bytes(), signature).then(|| token_hash(name))
}

fn new_cookie(keys: &Keyring) -> Result<(Secret, String)> {
    let name = random_token()?;
    let hash = token_hash(&name);
    Ok((Secret::text(format!("{name}.{}", keys.sign(LABEL, name.as_bytes()))), hash))
}

impl Accounts {
    /// Whether somebody with this address signed in with this browser before.
    ///
    /// # Errors
    /// Database failures.
    pub fn knows_device(&self, tx: &mut Tx<'_>, email: &str, cookie: Option<&str>) -> Result<bool> {
        let Some(hash) = cookie.and_then(|c| hash_of(&self.keys, c)) else { return Ok(false) };
        let email = freehold_base::text::email("email", email).unwrap_or_default();
        let since = tx.now().minus(REMEMBERED);
        devices::knows_email(tx, &email, &hash, since)
    }

    /// The half session, knowing whether its browser is one of its person's.
    ///
    /// # Errors
    /// Database failures.
    pub fn with_device(&self, tx: &mut Tx<'_>, half: HalfSession, cookie: Option<&str>) -> Result<HalfSession> {
        if cookie.is_none() {
            return Ok(half);
        }
        let email = freehold_store::users::find(tx, half.user)?.email;
        let known_device = self.knows_device(tx, &email, cookie)?;
        Ok(half.at_known_device(known_device))
    }

    /// Notes the browser of somebody who just signed in, in the same write. Nothing for a half session.
    ///
    /// # Errors
    /// Database failures.
    pub fn recognise(&self, tx: &mut Tx<'_>, token: &SessionToken, cookie: Option<&str>) -> Result<Recognised> {
        let found = match session_hash(token.reveal_text()) {
            Some(hash) => sessions::find_by_token(tx, &hash)?,
            None => None,
        };
        let Some((session, user)) = found.filter(|(s, _)| !s.half) else { return Ok(Recognised::default()) };
        let (cookie, hash) = match cookie.and_then(|c| hash_of(&self.keys, c)) {
            Some(hash) => (None, hash),
            None => new_cookie(&self.keys).map(|(cookie, hash)| (Some(cookie), hash))?,
        };
        let news = (devices::see(tx, user.id, &hash)? == Seen::New).then(|| NewDevice {
            email: user.email,
            name: user.name,
            agent: session.agent,
            address: tx.actor().address.to_string(),
            at: tx.now(),
        });
        Ok(Recognised { cookie, news })
    }
}
