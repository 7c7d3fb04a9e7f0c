//! However many ask for a page that is not there, it is made once; the others wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::page::CachedPage;

const SHARDS: u64 = 16;

/// What those who waited get.
#[derive(Clone, Debug)]
pub enum Landing {
    /// The page; it may be sent to all of them.
    Page(Arc<CachedPage>),
    /// There is no such address.
    Missing,
    /// It was made for one request only, each makes its own.
    Alone,
    /// It could not be made.
    Failed,
}

type Board = HashMap<u64, (u64, watch::Receiver<Option<Landing>>)>;

/// Pages being made now.
#[derive(Debug)]
pub struct Flights(Box<[Mutex<Board>]>);

/// Make it, or wait for it.
pub enum Turn<'a> {
    /// Make the page, then [`Lead::land`].
    Lead(Lead<'a>),
    /// Somebody makes it: [`wait`].
    Wait(watch::Receiver<Option<Landing>>),
}

/// The duty to make a page. Dropped without landing (a panic, a client that left), those who wait try again.
pub struct Lead<'a> {
    flights: &'a Flights,
    hash: u64,
    epoch: u64,
    done: watch::Sender<Option<Landing>>,
}

impl Default for Flights {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

impl Flights {
    /// Joins the making of the page with this key. `epoch` is the cache's now: what began before a purge is not
    /// waited for by those who came after it.
    pub fn join(&self, hash: u64, epoch: u64) -> Turn<'_> {
        let (done, landing) = watch::channel(None);
        self.with(hash, |board| {
            if let Some((began, landing)) = board.get(&hash)
                && *began == epoch
                && landing.has_changed().is_ok()
            {
                return Turn::Wait(landing.clone());
            }
            board.insert(hash, (epoch, landing));
            Turn::Lead(Lead { flights: self, hash, epoch, done })
        })
    }

    fn with<R>(&self, hash: u64, work: impl FnOnce(&mut Board) -> R) -> R {
        let place = usize::try_from(hash % SHARDS).unwrap_or_default();
        match self.0.get(place) {
            Some(board) => work(&mut board.lock().unwrap_or_else(PoisonError::into_inner)),
            None => work(&mut Board::new()),
        }
    }
}

impl Lead<'_> {
    /// Tells everybody who waits.
    pub fn land(self, landing: Landing) {
        self.done.send_replace(Some(landing));
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.flights.with(self.hash, |board| {
            if board.get(&self.hash).is_some_and(|(began, _)| *began == self.epoch) {
                board.remove(&self.hash);
            }
        });
    }
}

/// Waits for the landing; `None` where it never comes.
pub async fn wait(mut landing: watch::Receiver<Option<Landing>>) -> Option<Landing> {
    landing.wait_for(Option::is_some).await.ok()?.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn one_makes_it_and_the_others_wait() {
        let flights = Flights::default();
        let Turn::Lead(lead) = flights.join(7, 1) else { panic!("the first leads") };
        let Turn::Wait(second) = flights.join(7, 1) else { panic!("the second waits") };
        assert!(matches!(flights.join(8, 1), Turn::Lead(_)), "another page");
        lead.land(Landing::Missing);
        assert!(matches!(wait(second).await, Some(Landing::Missing)));
        assert!(matches!(flights.join(7, 1), Turn::Lead(_)), "it is over");
    }

    #[actix_web::test]
    async fn who_comes_after_a_purge_does_not_wait_for_what_began_before() {
        let flights = Flights::default();
        let Turn::Lead(old) = flights.join(7, 1) else { panic!("the first leads") };
        let Turn::Lead(new) = flights.join(7, 2) else { panic!("after a purge a new one leads") };
        drop(old);
        let Turn::Wait(waiter) = flights.join(7, 2) else { panic!("the new flight is on the board") };
        drop(new);
        assert!(wait(waiter).await.is_none(), "a lead that was dropped frees those who wait");
    }
}
