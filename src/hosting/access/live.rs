//! Sessions that live: how many a name may have, and when all of them look at their rights.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{Code, Error, Event, Result};
use tokio::sync::watch;

/// Sessions of one name at once: four windows of a program with five connections each.
const PER_NAME: usize = 20;
/// Sessions of the node at once.
const IN_ALL: usize = 500;
/// News after which a right may be another one: what they begin with.
const TELLING: [&str; 5] = ["access.", "account.", "plan.", "person.", "site.deleted"];

/// The sessions of this node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    desk: Arc<LiveDesk>,
}

#[derive(Debug)]
struct LiveDesk {
    open: Mutex<HashMap<String, usize>>,
    /// Counts news that may change rights.
    news: watch::Sender<u64>,
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

    /// One of the bounded number of places, given back when dropped.
    ///
    /// # Errors
    /// `TooManyAttempts` where the name, `Busy` where the node has too many.
    pub(super) fn sit(&self, name: &str) -> Result<Seat> {
        let mut open = self.desk.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.get(name).copied().unwrap_or(0);
        if mine >= PER_NAME {
            return Err(Error::refused(Code::TooManyAttempts, "until another connection of this login ends"));
        }
        if open.values().sum::<usize>() >= IN_ALL {
            return Err(Error::code(Code::Busy));
        }
        open.insert(name.to_owned(), mine + 1);
        Ok(Seat { desk: Arc::clone(&self.desk), name: name.to_owned() })
    }
}

/// A place that a session holds.
#[derive(Debug)]
pub(super) struct Seat {
    desk: Arc<LiveDesk>,
    name: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.desk.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let live = Live::default();
        let seats: Vec<Seat> = (0..PER_NAME).map(|_| live.sit("mara").unwrap()).collect();
        assert_eq!(live.sit("mara").unwrap_err().as_code(), Code::TooManyAttempts);
        assert!(live.sit("ida").is_ok(), "another name has its own");
        drop(seats);
        assert!(live.sit("mara").is_ok());
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
