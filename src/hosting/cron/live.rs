//! What runs say while they run: kept in memory by the node that runs them, for pages that follow.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::CronRunId;
use freehold_host::sandbox::Kept;
use tokio::sync::watch;

/// Bytes of each part that are stored with the result: the beginning and the end.
const STORED: usize = 64 << 10;
/// Bytes that a follower may be behind.
const RECENT: usize = 64 << 10;

/// The runs of this node.
#[derive(Clone, Debug, Default)]
pub struct Live {
    runs: Arc<Mutex<HashMap<CronRunId, One>>>,
}

#[derive(Debug)]
struct One {
    kept: Kept,
    recent: VecDeque<u8>,
    told: watch::Sender<u64>,
}

/// What a follower has not seen yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where to go on from.
    pub upto: u64,
    /// Bytes that came and went unseen before these.
    pub missed: u64,
}

impl Live {
    pub(super) fn begin(&self, run: CronRunId) {
        let one = One { kept: Kept::new(STORED), recent: VecDeque::new(), told: watch::channel(0).0 };
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).insert(run, one);
    }
    pub(super) fn hear(&self, run: CronRunId, bytes: &[u8]) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(one) = runs.get_mut(&run) else { return };
        one.kept.push(bytes);
        let bytes = &bytes[bytes.len().saturating_sub(RECENT)..];
        let over = (one.recent.len() + bytes.len()).saturating_sub(RECENT);
        one.recent.drain(..over);
        one.recent.extend(bytes);
        one.told.send_replace(one.kept.total());
    }
    /// Ends a run: followers are told.
    pub(super) fn end(&self, run: CronRunId) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
    }
    /// What a run said so far; none where this node does not run it.
    pub fn text(&self, run: CronRunId) -> Option<String> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).get(&run).map(|one| one.kept.text())
    }
    /// What came after byte `from`; none where the run is over, or elsewhere.
    pub fn since(&self, run: CronRunId, from: u64) -> Option<Heard> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let one = runs.get(&run)?;
        let (upto, first) = (one.kept.total(), one.kept.total() - one.recent.len() as u64);
        let skip = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
        let bytes = one.recent.iter().skip(skip).copied().collect();
        Some(Heard { bytes, upto, missed: first.saturating_sub(from) })
    }
    /// Wakes at each further word and at the end; none where the run is over, or elsewhere.
    pub fn follow(&self, run: CronRunId) -> Option<watch::Receiver<u64>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).get(&run).map(|one| one.told.subscribe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_gets_what_came_since_and_hears_what_it_missed() {
        let (live, run) = (Live::default(), CronRunId(1));
        assert!(live.since(run, 0).is_none() && live.text(run).is_none());
        live.begin(run);
        live.hear(run, b"one ");
        live.hear(run, b"two");
        let heard = live.since(run, 4).unwrap();
        assert_eq!(heard, Heard { bytes: b"two".to_vec(), upto: 7, missed: 0 });
        live.hear(run, &vec![b'x'; RECENT * 2]);
        let late = live.since(run, 7).unwrap();
        assert_eq!((late.bytes.len(), late.missed), (RECENT, RECENT as u64));
        assert_eq!(late.upto, 7 + RECENT as u64 * 2);
        live.end(run);
        assert!(live.follow(run).is_none());
    }
}
