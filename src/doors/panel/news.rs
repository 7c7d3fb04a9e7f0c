//! What goes on, for pages that show it live: jobs that began, went on or ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{Code, Error, Event, Result, SessionId};
use freehold_platform::jobs::JobChanged;
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// News that a slow reader may be behind.
const BEHIND: usize = 256;
/// Streams of one session: tabs of one browser.
const PER_SESSION: usize = 8;
/// Streams of the node.
const IN_ALL: usize = 500;

/// Where news is told and heard. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct News {
    desk: Arc<Desk>,
}

#[derive(Debug)]
struct Desk {
    sender: Mutex<Option<Sender<Arc<JobChanged>>>>,
    open: Mutex<HashMap<SessionId, usize>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { sender: Mutex::new(Some(channel(BEHIND).0)), open: Mutex::default() }
    }
}

impl News {
    /// Tells committed events to whoever listens.
    pub fn tell(&self, events: &[Box<dyn Event>]) {
        let sender = self.desk.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = sender.as_ref().filter(|sender| sender.receiver_count() > 0) else { return };
        for changed in events.iter().filter_map(|e| e.as_any().downcast_ref::<JobChanged>()) {
            let _ = sender.send(Arc::new(changed.clone())); // the last listener may just have gone
        }
    }

    /// A place to listen, for a session; it is given back when dropped.
    ///
    /// # Errors
    /// `Busy` where too many listen, or the node stops: pages then ask again by themselves.
    pub fn listen(&self, session: SessionId) -> Result<Ear> {
        let mut open = self.desk.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.get(&session).copied().unwrap_or(0);
        if mine >= PER_SESSION || open.values().sum::<usize>() >= IN_ALL {
            return Err(Error::code(Code::Busy));
        }
        let sender = self.desk.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let news = sender.as_ref().ok_or_else(|| Error::code(Code::Busy))?.subscribe();
        open.insert(session, mine + 1);
        Ok(Ear { news, seat: Seat { desk: Arc::clone(&self.desk), session } })
    }

    /// Ends all streams, and lets no new one begin: the node stops.
    pub fn close(&self) {
        self.desk.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub struct Ear {
    /// The news; closed when the node stops.
    pub news: Receiver<Arc<JobChanged>>,
    /// Held while it listens.
    pub seat: Seat,
}

/// One of the bounded number of places.
#[derive(Debug)]
pub struct Seat {
    desk: Arc<Desk>,
    session: SessionId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.desk.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let news = News::default();
        let session = SessionId(1);
        let ears: Vec<Ear> = (0..PER_SESSION).map(|_| news.listen(session).unwrap()).collect();
        assert_eq!(news.listen(session).unwrap_err().as_code(), Code::Busy);
        assert!(news.listen(SessionId(2)).is_ok(), "another session has its own");
        drop(ears);
        assert!(news.listen(session).is_ok());
        news.close();
        assert!(news.listen(session).is_err(), "a node that stops begins nothing");
    }
}
