//! Mail on its way: queued in the transaction that it tells of, sent by a worker, never while somebody waits.
//!
//! Letters hold links that open doors, so they wait sealed by the key file (security rule C10).

mod letter;

use std::sync::Arc;

use freehold_base::{Error, Result, SiteId};
use freehold_host::mail::{Mailer, Message};
use freehold_store::{Actor, Tx};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::jobs::{self, Context, Failure, Handlers, NewJob};
use crate::secrets::Keyring;

pub use letter::{Letter, Sender};

/// Sends one letter.
pub const SEND: &str = "mail.send";
/// Looks up who asked for a new password, and mails the link.
pub const RESET: &str = "mail.reset";

/// The job's arguments as they are stored.
#[derive(Serialize, Deserialize)]
struct Sealed {
    sealed: String,
}

/// Who asked for a new password, from where.
#[derive(Serialize, Deserialize)]
struct Asked {
    email: String,
    address: String,
}

/// Where letters are put. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    keys: Arc<Keyring>,
    mailer: Mailer,
}

impl Outbox {
    /// Letters go by this mailer.
    pub fn new(keys: Arc<Keyring>, mailer: Mailer) -> Self {
        Self { keys, mailer }
    }

    /// Whether a mail server is configured; without one nothing is queued.
    pub fn is_on(&self) -> bool {
        self.mailer.is_on()
    }

    /// Queues a letter with the caller's change. Does nothing where mail is off.
    ///
    /// # Errors
    /// Database failures.
    pub fn queue(&self, tx: &mut Tx<'_>, letter: &Letter) -> Result<()> {
        if self.is_on() { self.enqueue(tx, SEND, letter) } else { Ok(()) }
    }

    /// Queues looking up who asked for a new password. The same work for every address (security rule C5).
    ///
    /// # Errors
    /// Database failures.
    pub fn queue_reset(&self, tx: &mut Tx<'_>, email: &str) -> Result<()> {
        let asked = Asked { email: email.to_owned(), address: tx.actor().address.to_string() };
        self.enqueue(tx, RESET, &asked)
    }

    fn enqueue<T: Serialize>(&self, tx: &mut Tx<'_>, kind: &'static str, what: &T) -> Result<()> {
        let plain = serde_json::to_vec(what).map_err(|e| Error::internal("writing a mail", e))?;
        let sealed = Sealed { sealed: self.keys.seal(kind, &plain)? };
        let payload = serde_json::to_string(&sealed).map_err(|e| Error::internal("writing a mail", e))?;
        let run_at = tx.now();
        jobs::enqueue(tx, &NewJob { site: SiteId(0), kind, payload: &payload, run_at, unique_key: None })?;
        Ok(())
    }

    fn unseal<T: DeserializeOwned>(&self, job: &Context<'_>, kind: &str) -> Result<T, Failure> {
        let Sealed { sealed } = job.payload()?;
        // A letter that cannot be opened never will be.
        let plain = self.keys.open(kind, &sealed).map_err(Failure::Final)?;
        serde_json::from_slice(plain.reveal()).map_err(|e| Failure::Final(Error::internal("reading a mail", e)))
    }

    /// Sends a letter while the caller waits: for trying out the mail server. Blocks for up to a minute.
    ///
    /// # Errors
    /// `MailFailed` with the server's words, `Invalid("to")`.
    pub fn send(&self, letter: &Letter) -> Result<()> {
        let Letter { to, subject, text, from } = letter.clone();
        self.mailer.send(&Message { to, subject, text, html: None, from })
    }

    /// Adds the handlers.
    pub fn register(&self, handlers: &mut Handlers, accounts: &Accounts) {
        let outbox = self.clone();
        handlers.add(SEND, move |job| {
            let letter: Letter = outbox.unseal(job, SEND)?;
            outbox.send(&letter)?;
            Ok(String::new())
        });
        let (outbox, accounts) = (self.clone(), accounts.clone());
        handlers.add(RESET, move |job| outbox.reset(&accounts, job));
    }

    fn reset(&self, accounts: &Accounts, job: &Context<'_>) -> Result<String, Failure> {
        let Asked { email, address } = self.unseal(job, RESET)?;
        let (accounts, on) = (accounts.clone(), self.is_on());
        let mail = job.store.write(&Actor::visitor(&address), move |tx| match on {
            true => accounts.make_reset(tx, &email),
            // The hosting admin sees in the audit log who asked, and makes a link.
            false => accounts.note_reset(tx, &email).map(|_| None),
        })?;
        if let Some(mail) = mail {
            self.send(&Letter::reset(&mail.email, &mail.name, mail.link.url.reveal_text()))?;
        }
        Ok(String::new())
    }
}
