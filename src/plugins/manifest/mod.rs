//! `plugin.toml`: who a plugin is, what it asks for and where it listens. Reading it finds everything that is wrong at
//! once, with the nearest right name; a [`Manifest`] that exists is checked.

mod identity;
mod reader;
mod hosts;
mod hook_list;
mod settings;
mod places;
mod parse;

pub use hook_list::Listens;
pub use hosts::HostPattern;
pub(crate) use hosts::host_of;
pub use identity::{PluginId, PublisherKey, Version};
#[cfg(test)]
pub(crate) use parse::{NEEDS, PARTS, PLUGIN};
pub use places::{AdminPage, AdminWidget, Order, Schedule};
#[cfg(test)]
pub(crate) use settings::SETTING;
pub use settings::{Choice, Setting, SettingKind};

use std::collections::{BTreeMap, BTreeSet};

use crate::capability::Capability;
use crate::hooks::Hook;
use crate::problem::Problems;

/// The interface's version that this program speaks (`freehold:plugin@1`).
pub const API: i64 = 1;
/// The longest `plugin.toml`, in bytes.
pub const MAX_BYTES: usize = 64 << 10;

/// A checked `plugin.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Its name for programs; the folder's name.
    pub id: PluginId,
    /// Its name for people, to 60 characters.
    pub name: String,
    /// Its version; an update has a later one.
    pub version: Version,
    /// Who wrote it, to 120 characters.
    pub author: String,
    /// One sentence, to 300 characters.
    pub description: String,
    /// The licence's short name, to 60 characters.
    pub license: String,
    /// The key that its packages are signed with, if it has one.
    pub publisher: Option<PublisherKey>,
    /// What it asks for.
    pub capabilities: BTreeSet<Capability>,
    /// Where it may fetch from; not empty where `http:fetch` is asked for.
    pub hosts: BTreeSet<HostPattern>,
    /// Where it listens.
    pub hooks: BTreeMap<Hook, Listens>,
    /// What the people who use it may set, in order; at most 50.
    pub settings: Vec<Setting>,
    /// When `cron.tick` comes; at most 10.
    pub cron: Vec<Schedule>,
    /// Its pages in the panel; at most 10.
    pub pages: Vec<AdminPage>,
    /// Its widgets on the dashboard; at most 10.
    pub widgets: Vec<AdminWidget>,
    /// Which plugins it wants to run before and after.
    pub order: Order,
}

impl Manifest {
    /// Reads a `plugin.toml`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its key, what is wrong and the next step.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        parse::manifest(text)
    }
    /// Whether it asked for this.
    pub fn may(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
    /// The setting of this id.
    pub fn setting(&self, id: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.id == id)
    }
}

#[cfg(test)]
mod tests;
