//! What plugins said of late: the last lines of each, in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use freehold_base::{SiteId, Timestamp};
pub use freehold_plugins::engine::Level;

/// Lines that are kept of a plugin.
const KEPT: usize = 200;

/// A line of a plugin's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The site that it worked for.
    pub site: SiteId,
    /// How much it matters.
    pub level: Level,
    /// What it said, or why it failed.
    pub text: String,
}

/// The lines, by plugin.
#[derive(Debug, Default)]
pub struct Said(Mutex<HashMap<String, VecDeque<Line>>>);

impl Said {
    /// Keeps a line.
    pub(super) fn add(&self, plugin: &str, line: Line) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = all.entry(plugin.to_owned()).or_default();
        if lines.len() >= KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The newest lines of a plugin, newest first; of one site only, where one is given.
    pub fn newest(&self, plugin: &str, site: Option<SiteId>, most: usize) -> Vec<Line> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = all.get(plugin).into_iter().flatten().rev();
        lines.filter(|line| site.is_none_or(|site| line.site == site)).take(most).cloned().collect()
    }
}
