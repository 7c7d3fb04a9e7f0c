//! What readers say below entries: taking it, and deciding what is shown. Knows no HTTP and no panel.
//!
//! Everything is plain text. Nobody but this installation is asked whether something is spam (row CO03).

mod say;
mod moderate;

use freehold_base::{CommentId, Result, SiteId, Timestamp};
use freehold_platform::sites::{Discussion, settings};
use freehold_store::Tx;
use freehold_store::comments as rows;
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

/// Threads on one page of comments.
pub fn page_size(discussion: &Discussion) -> i64 {
    i64::from(discussion.page_size.clamp(10, 500))
}

/// The page of comments on which a comment stands; 0 where that is the entry's own address.
///
/// # Errors
/// `NotFound` where it is not there.
pub fn page_of(tx: &mut Tx<'_>, site: SiteId, id: CommentId) -> Result<i64> {
    let scope = tx.visit(site)?;
    let comment = rows::find(tx, scope, id)?;
    let entry = freehold_store::entries::find(tx, scope, comment.entry_id)?;
    let discussion = settings::read(tx, scope)?.discussion;
    let size = page_size(&discussion);
    if entry.comment_count <= size {
        return Ok(0);
    }
    let page = rows::page_of(tx, scope, &comment, size)?;
    Ok(if page == 1 && !discussion.newest_first { 0 } else { page })
}

#[cfg(test)]
mod tests;
