//! What a plugin asks for, in plain words, and what an update asks for beyond that.

use std::collections::BTreeSet;

use crate::capability::Capability;
use crate::hooks::Hook;
use crate::manifest::{HostPattern, Manifest};

/// One thing that a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// A function of the host.
    Capability(Capability),
    /// A server elsewhere.
    Host(HostPattern),
    /// A place where it listens that shows or changes what is not its own.
    Hook(Hook),
}

impl Ask {
    /// The sentence of the consent screen, without a full stop.
    pub fn sentence(&self, manifest: &Manifest) -> String {
        match self {
            Self::Capability(capability) => capability.sentence().to_owned(),
            Self::Host(HostPattern::Name(host)) => format!("Talks to {host}"),
            Self::Host(HostPattern::Below(host)) => format!("Talks to every server below {host}"),
            Self::Host(HostPattern::Setting(id)) => {
                let label = manifest.setting(id).map_or(id.as_str(), |setting| setting.label.as_str());
                format!("Talks to the server whose address you type as \u{201c}{label}\u{201d}")
            }
            Self::Hook(hook) => hook.asks().unwrap_or_default().to_owned(),
        }
    }
    /// A name that stays the same, to store what a person agreed to: `capability kv`, `host *.example.org`.
    pub fn key(&self) -> String {
        match self {
            Self::Capability(capability) => format!("capability {}", capability.name()),
            Self::Host(host) => format!("host {host}"),
            Self::Hook(hook) => format!("hook {hook}"),
        }
    }
}

/// Everything that a manifest asks for, in a fixed order.
pub fn asks(manifest: &Manifest) -> BTreeSet<Ask> {
    let capabilities = manifest.capabilities.iter().copied().map(Ask::Capability);
    let hosts = manifest.hosts.iter().cloned().map(Ask::Host);
    let hooks = manifest.hooks.keys().copied().filter(|hook| hook.asks().is_some()).map(Ask::Hook);
    capabilities.chain(hosts).chain(hooks).collect()
}

/// The consent screen's sentences, one for each [`asks`].
pub fn sentences(manifest: &Manifest) -> Vec<String> {
    asks(manifest).iter().map(|ask| ask.sentence(manifest)).collect()
}

/// What two manifests of one plugin ask for differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Asked for by the new one alone.
    pub more: Vec<Ask>,
    /// Asked for by the old one alone.
    pub less: Vec<Ask>,
}

/// Compares what two manifests ask for.
pub fn difference(old: &Manifest, new: &Manifest) -> Difference {
    let (was, is) = (asks(old), asks(new));
    Difference { more: is.difference(&was).cloned().collect(), less: was.difference(&is).cloned().collect() }
}
