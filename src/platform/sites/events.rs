//! What sites announce.

use freehold_base::{SiteId, event};

/// Hosts or sites came, went or changed: the host table must be read again.
#[derive(Clone, Copy, Debug)]
pub struct HostsChanged;
event!(HostsChanged, "hosts.changed");

/// Names of one site changed: its part of the host table must be read again.
#[derive(Clone, Copy, Debug)]
pub struct SiteHostsChanged {
    /// Which site.
    pub site: SiteId,
}
event!(SiteHostsChanged, "site.hosts_changed");

/// A site is gone for good.
#[derive(Clone, Copy, Debug)]
pub struct SiteDeleted {
    /// Which site.
    pub site: SiteId,
}
event!(SiteDeleted, "site.deleted");

/// Settings of a site changed: everything rendered from them is old.
#[derive(Clone, Copy, Debug)]
pub struct SettingsChanged {
    /// Which site.
    pub site: SiteId,
}
event!(SettingsChanged, "settings.changed");

/// Redirects, headers or private folders of a site changed: its rules must be read again.
#[derive(Clone, Copy, Debug)]
pub struct RulesChanged {
    /// Which site.
    pub site: SiteId,
}
event!(RulesChanged, "rules.changed");
