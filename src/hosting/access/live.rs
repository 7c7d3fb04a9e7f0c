//! Sessions that live: how many a name, an account and a network may have, what they may keep open, and when all of
//! them look at their rights.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{AccountId, Code, Error, Event, Result};
use tokio::sync::watch;

/// Sessions of one name at once. rclone opens one for each file that it looks at or writes at the same moment, some 70
/// by default, and waits seconds for each that is refused.
const PER_NAME: usize = 100;
/// Sessions of all logins of one account at once.
const PER_ACCOUNT: usize = 150;
/// Sessions from one network at once: an office behind one address.
const PER_NETWORK: usize = 200;
/// Sessions of the node at once.
const IN_ALL: usize = 1000;
/// Files and folders that all sessions of one account (or person) keep open at once.
const HANDLES: usize = 500;
/// News after which a right may be another one: what they begin with.
const TELLING: [&str; 5] = ["access.", "account.", "plan.", "person.", "site.deleted"];

/// The sessions of this node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    desk: Arc<LiveDesk>,
}

#[derive(Debug)]
struct LiveDesk {
    open: Mutex<HashMap<Of, usize>>,
    /// Counts news that may change rights.
    news: watch::Sender<u64>,
}

/// Whose places are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    /// Who typed this name.
    Name(String),
    /// Logins of this account.
    Account(AccountId),
    /// Who comes from this network.
    Network(String),
    /// Everybody.
    All,
    /// What somebody keeps open.
    Handles(Box<Of>),
}

impl Of {
    fn most(&self) -> usize {
        match self {
            Self::Name(_) => PER_NAME,
            Self::Account(_) => PER_ACCOUNT,
            Self::Network(_) => PER_NETWORK,
            Self::All => IN_ALL,
            Self::Handles(_) => HANDLES,
        }
    }

    fn full(&self) -> Error {
        let until = |what| Error::refused(Code::TooManyAttempts, what);
        match self {
            Self::Name(_) => until("until another connection of this login ends"),
            Self::Account(_) => until("until another connection to this account ends"),
            Self::Network(_) => until("until another connection from this network ends"),
            Self::All => Error::code(Code::Busy),
            Self::Handles(_) => Error::refused(Code::WrongState, "too many open files; close some"),
        }
    }
}

impl Default for Live {
    fn default() -> Self {
        Self { desk: Arc::new(LiveDesk { open: Mutex::default(), news: watch::Sender::new(0) }) }
    }
}

impl Live {
    /// Hears committed events: sessions look at their rights where these may have changed.
    pub fn hear(&self, events: &[Box<dyn Event>]) {
        let tells = |name: &str| TELLING.iter().any(|prefix| name.starts_with(prefix));
        if events.iter().any(|e| tells(e.name())) {
            self.desk.news.send_modify(|n| *n += 1);
        }
    }

    /// How much was heard so far.
    pub(super) fn heard(&self) -> u64 {
        *self.desk.news.borrow()
    }

    /// For waiting until more is heard.
    pub(super) fn listen(&self) -> watch::Receiver<u64> {
        self.desk.news.subscribe()
    }

    /// One of the bounded number of places of each of these, given back when dropped.
    ///
    /// # Errors
    /// `Busy` where the node has too many, `TooManyAttempts` where somebody else has; `WrongState` for handles.
    pub(super) fn sit(&self, all: Vec<Of>) -> Result<Seat> {
        let mut open = self.desk.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full) = all.iter().find(|of| open.get(of).is_some_and(|n| *n >= of.most())) {
            return Err(full.full());
        }
        for of in &all {
            *open.entry(of.clone()).or_default() += 1;
        }
        Ok(Seat { desk: Arc::clone(&self.desk), of: all })
    }
}

/// Places that are held.
#[derive(Debug)]
pub struct Seat {
    desk: Arc<LiveDesk>,
    of: Vec<Of>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.desk.open.lock().unwrap_or_else(PoisonError::into_inner);
        for of in &self.of {
            if let Some(count) = open.get_mut(of) {
                *count -= 1;
                if *count == 0 {
                    open.remove(of);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str, account: i64, network: &str) -> Vec<Of> {
        vec![Of::Name(name.into()), Of::Account(account.into()), Of::Network(network.into()), Of::All]
    }

    #[test]
    fn places_are_bounded_and_given_back() {
        let live = Live::default();
        let seats: Vec<Seat> = (0..PER_NAME).map(|_| live.sit(session("mara", 1, "a")).unwrap()).collect();
        assert_eq!(live.sit(session("mara", 1, "a")).unwrap_err().as_code(), Code::TooManyAttempts);
        assert!(live.sit(session("ida", 1, "a")).is_ok(), "another name has its own");
        drop(seats);
        assert!(live.sit(session("mara", 1, "a")).is_ok());
        assert_eq!(live.desk.open.lock().unwrap().len(), 0, "nothing stays");
    }

    #[test]
    fn many_logins_of_one_account_and_many_names_from_one_network_take_no_places_of_others() {
        let live = Live::default();
        let of = |n: usize, account: i64, network: &str| live.sit(session(&format!("login {n}"), account, network));
        let mut seats: Vec<Seat> = (0..PER_ACCOUNT).map(|n| of(n, 1, &n.to_string()).unwrap()).collect();
        assert!(of(999, 1, "x").is_err(), "the account is full");
        seats.extend((0..PER_NETWORK).map(|n| of(n, 100 + n as i64, "office").unwrap()));
        assert!(of(999, 2, "office").is_err(), "the network is full");
        assert!(of(999, 2, "home").is_ok(), "others come in");
    }

    #[test]
    fn what_somebody_keeps_open_is_bounded_over_all_sessions() {
        let live = Live::default();
        let hold = |account: i64| live.sit(vec![Of::Handles(Box::new(Of::Account(account.into())))]);
        let held: Vec<Seat> = (0..HANDLES).map(|_| hold(1).unwrap()).collect();
        assert_eq!(hold(1).unwrap_err().as_code(), Code::WrongState);
        assert!(hold(2).is_ok());
        drop(held);
        assert!(hold(1).is_ok());
    }

    #[test]
    fn only_news_about_rights_wake_sessions() {
        let live = Live::default();
        let changed = super::super::LoginChanged { account: 1.into(), login: 1.into() };
        live.hear(&[]);
        assert_eq!(live.heard(), 0);
        live.hear(&[Box::new(changed)]);
        assert_eq!(live.heard(), 1);
    }
}
