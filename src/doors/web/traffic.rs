//! What each site's visitors were sent. Every worker adds to a book of its own, which nobody else waits for; a
//! thread elsewhere takes the books together now and then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Requests and bytes by site.
pub(crate) type Tallies = HashMap<i64, (u64, u64), foldhash::fast::RandomState>;

/// One worker's book.
#[derive(Debug, Default)]
pub struct Book(Mutex<Tallies>);

impl Book {
    /// Adds an answer of a site.
    pub fn add(&self, site: i64, bytes: u64) {
        let mut tallies = self.open();
        let (requests, sent) = tallies.entry(site).or_default();
        *requests += 1;
        *sent = sent.saturating_add(bytes);
    }
    fn open(&self) -> MutexGuard<'_, Tallies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn take(&self) -> Tallies {
        std::mem::take(&mut *self.open())
    }
}

/// The books of all workers.
#[derive(Debug, Default)]
pub struct Books(Mutex<Vec<Arc<Book>>>);

impl Books {
    /// A book for one more worker.
    pub fn join(&self) -> Arc<Book> {
        let book = Arc::new(Book::default());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&book));
        book
    }

    /// What all of them hold since the last time.
    pub(crate) fn take(&self) -> Tallies {
        let books = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut sums = Tallies::default();
        for (site, (requests, bytes)) in books.iter().flat_map(|book| book.take()) {
            let sum = sums.entry(site).or_default();
            sum.0 += requests;
            sum.1 = sum.1.saturating_add(bytes);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_are_taken_together_and_once() {
        let books = Books::default();
        let (one, two) = (books.join(), books.join());
        one.add(7, 100);
        two.add(7, 20);
        two.add(8, 1);
        let sums = books.take();
        assert_eq!((sums.get(&7), sums.get(&8)), (Some(&(2, 120)), Some(&(1, 1))));
        assert!(books.take().is_empty());
    }
}
