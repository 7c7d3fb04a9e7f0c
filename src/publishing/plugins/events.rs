//! What plugins announce.

use freehold_base::{SiteId, event};

/// Plugins came, went or changed, or what a site wants of them did: line-ups are put together anew, and pages that they
/// had a hand in are old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginsChanged {
    /// The site that it is about; `SiteId(0)`: all.
    pub site: SiteId,
}
event!(PluginsChanged, "plugins.changed");
