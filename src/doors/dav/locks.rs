//! Locks of WebDAV (RFC 4918 section 6), by account and path below its home: two logins with different folders see each
//! other's. They live in memory: a restart forgets them, and each ends by itself after ten minutes at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dav_server::davpath::DavPath;
use dav_server::ls::{DavLock, DavLockSystem, LsFuture};
use freehold_base::{AccountId, Clock, text};
use freehold_hosting::access::Tree;
use xmltree::Element;

use super::fs::path_of;

/// A program refreshes a lock that it still needs.
const LONGEST: Duration = Duration::from_secs(600);
/// Locks of one account.
const MOST: usize = 1000;

/// All locks of this node.
#[derive(Clone, Debug, Default)]
pub struct Locks(Arc<Mutex<HashMap<AccountId, Vec<Held>>>>);

#[derive(Debug)]
struct Held {
    /// Below the account's home.
    path: Vec<u8>,
    until: Instant,
    lock: DavLock,
}

/// The locks as one request sees them.
#[derive(Clone)]
pub struct LocksOf {
    locks: Locks,
    tree: Tree,
}

impl std::fmt::Debug for LocksOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocksOf")
    }
}

impl Locks {
    /// For a request of whoever sees this tree.
    pub fn of(&self, tree: Tree) -> Box<LocksOf> {
        Box::new(LocksOf { locks: self.clone(), tree })
    }
}

/// Whether `path` is `folder` or below it.
fn is_within(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
}

impl LocksOf {
    /// Runs `f` on the locks of the path's account; at the top of several accounts there are none.
    fn with<T>(&self, path: &DavPath, f: impl FnOnce(&mut Vec<Held>, &[u8]) -> T) -> Option<T> {
        let (account, below) = path_of(path).and_then(|path| self.tree.place(&path)).ok()?;
        let mut all = self.locks.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.entry(account).or_default();
        let now = Clock::instant();
        held.retain(|h| h.until > now);
        let result = f(held, below.as_bytes());
        if held.is_empty() {
            all.remove(&account);
        }
        Some(result)
    }
}

/// The first lock that stands in the way of a change at `path` (of everything below it where `deep`) for somebody who
/// shows `tokens`.
fn in_the_way<'a>(
    held: &'a [Held],
    path: &[u8],
    deep: bool,
    holds: impl Fn(&DavLock) -> bool,
    shared_ok: bool,
) -> Option<&'a DavLock> {
    let touches =
        |h: &&Held| h.path == path || (h.lock.deep && is_within(path, &h.path)) || (deep && is_within(&h.path, path));
    let touching: Vec<&Held> = held.iter().filter(touches).collect();
    let holds_one_here = touching.iter().any(|h| is_within(path, &h.path) && holds(&h.lock));
    let stands = |h: &&&Held| !holds(&h.lock) && if h.lock.shared { !shared_ok && !holds_one_here } else { true };
    touching.iter().find(stands).map(|h| &h.lock)
}

fn ready<'a, T: Send + 'a>(value: T) -> LsFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

impl DavLockSystem for LocksOf {
    fn lock(
        &'_ self,
        path: &DavPath,
        principal: Option<&str>,
        owner: Option<&Element>,
        timeout: Option<Duration>,
        shared: bool,
        deep: bool,
    ) -> LsFuture<'_, Result<DavLock, DavLock>> {
        let timeout = timeout.map_or(LONGEST, |t| t.min(LONGEST));
        let lock = DavLock {
            token: format!("urn:uuid:{}", text::uuid()),
            path: Box::new(path.clone()),
            principal: principal.map(str::to_owned),
            owner: owner.map(|o| Box::new(o.clone())),
            timeout_at: None,
            timeout: Some(timeout),
            shared,
            deep,
        };
        let made = self.with(path, |held, below| {
            if let Some(other) = in_the_way(held, below, deep, |_| false, shared) {
                return Err(other.clone());
            }
            if held.len() >= MOST {
                return Err(lock.clone());
            }
            let until = Clock::instant() + timeout;
            held.push(Held { path: below.to_vec(), until, lock: lock.clone() });
            Ok(lock.clone())
        });
        ready(made.unwrap_or(Err(lock)))
    }

    fn unlock(&'_ self, path: &DavPath, token: &str) -> LsFuture<'_, Result<(), ()>> {
        let gone = self.with(path, |held, below| {
            let before = held.len();
            held.retain(|h| h.lock.token != token || !is_within(below, &h.path));
            held.len() < before
        });
        ready(if gone == Some(true) { Ok(()) } else { Err(()) })
    }

    fn refresh(&'_ self, path: &DavPath, token: &str, timeout: Option<Duration>) -> LsFuture<'_, Result<DavLock, ()>> {
        let timeout = timeout.map_or(LONGEST, |t| t.min(LONGEST));
        let found = self.with(path, |held, below| {
            let mine = held.iter_mut().find(|h| h.lock.token == token && is_within(below, &h.path))?;
            mine.until = Clock::instant() + timeout;
            mine.lock.timeout = Some(timeout);
            Some(mine.lock.clone())
        });
        ready(found.flatten().ok_or(()))
    }

    fn check(
        &'_ self,
        path: &DavPath,
        principal: Option<&str>,
        ignore_principal: bool,
        deep: bool,
        submitted_tokens: &[String],
    ) -> LsFuture<'_, Result<(), DavLock>> {
        let holds = |lock: &DavLock| {
            let shown = submitted_tokens.contains(&lock.token);
            shown && (ignore_principal || principal == lock.principal.as_deref())
        };
        let other = self.with(path, |held, below| in_the_way(held, below, deep, holds, false).cloned());
        ready(other.flatten().map_or(Ok(()), Err))
    }

    fn discover(&'_ self, path: &DavPath) -> LsFuture<'_, Vec<DavLock>> {
        let reaches = |h: &&Held, below: &[u8]| h.path == below || (h.lock.deep && is_within(below, &h.path));
        let found =
            self.with(path, |held, below| held.iter().filter(|h| reaches(h, below)).map(|h| h.lock.clone()).collect());
        ready(found.unwrap_or_default())
    }

    fn delete(&'_ self, path: &DavPath) -> LsFuture<'_, Result<(), ()>> {
        self.with(path, |held, below| held.retain(|h| !is_within(&h.path, below)));
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(path: &str, shared: bool, deep: bool) -> Held {
        let lock = DavLock {
            token: path.to_owned(),
            path: Box::new(DavPath::new("/").unwrap()),
            principal: None,
            owner: None,
            timeout_at: None,
            timeout: None,
            shared,
            deep,
        };
        Held { path: path.as_bytes().to_vec(), until: Clock::instant() + LONGEST, lock }
    }

    #[test]
    fn locks_stand_in_the_way_of_what_they_cover() {
        let all = [held("docs", false, true), held("a.txt", false, false), held("pool", true, false)];
        let blocked = |path: &str, deep| in_the_way(&all, path.as_bytes(), deep, |_| false, false).is_some();
        assert!(blocked("docs", false) && blocked("docs/deep/file", false) && !blocked("docs2", false));
        assert!(blocked("a.txt", false) && !blocked("b.txt", false));
        assert!(!blocked("", false) && blocked("", true), "the folder above, and with all below it");
        assert!(blocked("pool", false));
        assert!(in_the_way(&all, b"pool", false, |_| false, true).is_none(), "shared beside shared");
        assert!(in_the_way(&all, b"docs/x", false, |l| l.token == "docs", false).is_none(), "its own holder");
    }
}
