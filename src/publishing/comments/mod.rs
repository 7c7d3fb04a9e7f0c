//! What readers say below entries: taking it, and deciding what is shown. Knows no HTTP and no panel.
//!
//! Everything is plain text. Nobody but this installation is asked whether something is spam (row CO03).

mod say;
mod moderate;

use freehold_base::Timestamp;
use freehold_platform::sites::Discussion;
pub use freehold_store::comments::{Comment, Filter};
use freehold_store::entries::Entry;

pub use moderate::{Row, Verdict, counts, decide, delete, edit, find, list, reply, waiting};
pub use say::{Said, Shown, say};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Whether an entry takes comments at this moment.
pub fn is_open(entry: &Entry, discussion: &Discussion, now: Timestamp) -> bool {
    let days = i64::from(discussion.close_after_days);
    let fresh = days == 0 || now.ms() - entry.published_at.ms() < days * DAY_MS;
    entry.is_live() && entry.visibility == "public" && entry.comments_open && fresh
}

#[cfg(test)]
mod tests;
