//! What a plan may give an account or keep from it. What is kept is refused by the services, so by panel, API and
//! command line alike; a menu without the entry is only the polite side of it.

use crate::capability::{Capabilities, Capability as C};

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $label:literal, [$($capability:ident),*];)*) => {
        /// One part of the product that a plan may leave out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Feature { $($(#[$doc])* $name),* }

        impl Feature {
            /// All of them, as lists show them.
            pub const ALL: &[Feature] = &[$(Feature::$name),*];
            /// The name in plans and the API: `cron`.
            pub const fn name(self) -> &'static str {
                match self { $(Feature::$name => $text),* }
            }
            /// The words on the screen.
            pub const fn label(self) -> &'static str {
                match self { $(Feature::$name => $label),* }
            }
            /// What nobody of the account may do without it.
            pub const fn capabilities(self) -> Capabilities {
                match self { $(Feature::$name => Capabilities::of(&[$(C::$capability),*])),* }
            }
            /// Finds one by its name.
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|f| f.name() == name)
            }
        }
    };
}

features! {
    /// Files in the panel.
    Files = "files", "File manager", [FilesWrite];
    /// Logins to files: SSH keys, SFTP.
    Sftp = "sftp", "SFTP", [];
    /// Files as a network drive.
    WebDav = "webdav", "Network drive (WebDAV)", [];
    /// FTP with TLS.
    Ftp = "ftp", "FTP", [];
    /// Logins beside the people of the account.
    Logins = "logins", "Own logins to files", [AccessManage];
    /// Adding domains.
    Domains = "domains", "Own domains", [DomainsManage];
    /// Changing DNS records.
    Dns = "dns", "DNS records", [DnsManage];
    /// Commands at set times.
    Cron = "cron", "Commands at set times", [CronManage];
    /// A shell in the browser.
    Terminal = "terminal", "Terminal", [TerminalUse];
    /// Inviting others.
    Team = "team", "People of the account", [AccountPeople, PeopleManage];
    /// Making further sites.
    Sites = "sites", "Further sites", [AccountSites];
    /// Bringing content in from elsewhere.
    Import = "import", "Import from elsewhere", [ImportRun];
}

/// A set of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(u32);

impl Features {
    /// All.
    pub const ALL: Self = Self(u32::MAX);
    /// None.
    pub const NONE: Self = Self(0);

    /// Those that a list names; unknown names are passed over, so that an older binary reads a newer list.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(Feature::by_name).fold(Self::NONE, Self::with)
    }
    /// This set and one more.
    #[must_use]
    pub fn with(self, feature: Feature) -> Self {
        Self(self.0 | 1 << feature as u32)
    }
    /// Whether a feature is in it.
    pub fn has(self, feature: Feature) -> bool {
        self.0 & 1 << feature as u32 != 0
    }
    /// Whether all of `other` is in it.
    pub fn contains(self, other: Self) -> bool {
        other.iter().all(|f| self.has(f))
    }
    /// What both have.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Its members.
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.iter().copied().filter(move |f| self.has(*f))
    }
    /// What nobody of an account with these features may do.
    pub fn withheld(self) -> Capabilities {
        Feature::ALL
            .iter()
            .filter(|f| !self.has(**f))
            .fold(Capabilities::NONE, |all, feature| all.union(feature.capabilities()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_withholds_what_its_missing_features_would_allow() {
        let set = Features::named(["files", "cron", "of a later release"]);
        assert!(set.has(Feature::Cron) && !set.has(Feature::Terminal));
        assert!(set.withheld().has(C::TerminalUse) && !set.withheld().has(C::CronManage));
        assert_eq!(Features::ALL.withheld(), Capabilities::NONE);
        assert!(Features::ALL.contains(set) && !set.contains(Features::ALL));
        assert_eq!(set.iter().map(Feature::name).collect::<Vec<_>>(), ["files", "cron"]);
    }
}
