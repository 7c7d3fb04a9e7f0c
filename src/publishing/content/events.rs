//! What entries and terms announce.

use freehold_base::{EntryId, SiteId, UserId, event};

/// An entry was saved, published, taken back, trashed, restored or deleted.
#[derive(Clone, Debug)]
pub struct EntryChanged {
    /// Its site.
    pub site: SiteId,
    /// Which.
    pub id: EntryId,
    /// Content type.
    pub kind: String,
    /// Author.
    pub author: UserId,
    /// Visitors could read it before.
    pub was_live: bool,
    /// Visitors can read it now.
    pub is_live: bool,
    /// Menus name it, or it stands where pages are shown without a menu, and what stands there is old.
    pub in_menus: bool,
    /// Terms it had or has.
    pub terms: Vec<i64>,
    /// Posts whose links to the older and the newer one are old.
    pub neighbours: Vec<EntryId>,
}
event!(EntryChanged, "entry.changed");

/// A term came, went or changed.
#[derive(Clone, Debug)]
pub struct TermChanged {
    /// Its site.
    pub site: SiteId,
    /// Which.
    pub id: i64,
    /// Whether a menu names it.
    pub in_menus: bool,
}
event!(TermChanged, "term.changed");

/// Menus changed.
#[derive(Clone, Debug)]
pub struct MenusChanged {
    /// Whose.
    pub site: SiteId,
}
event!(MenusChanged, "menus.changed");

/// A comment came, went or changed its status.
#[derive(Clone, Debug)]
pub struct CommentsChanged {
    /// Its site.
    pub site: SiteId,
    /// Its entry.
    pub entry: EntryId,
    /// Visitors see the difference.
    pub visible: bool,
}
event!(CommentsChanged, "comments.changed");
