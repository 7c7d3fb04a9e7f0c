//! What the library announces.

use freehold_base::{EntryId, MediaId, SiteId, event};

/// A file came, went or got other words.
#[derive(Clone, Debug)]
pub struct MediaChanged {
    /// Its site.
    pub site: SiteId,
    /// Which.
    pub id: MediaId,
    /// Entries that show it: pages made from them are old.
    pub entries: Vec<EntryId>,
    /// It stands on more than entries (the site's icon, a category's picture).
    pub everywhere: bool,
}
event!(MediaChanged, "media.changed");
