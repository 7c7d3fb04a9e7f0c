//! What plugins are on this node: their files, how they stand, what can be called, and who shares what.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crossbeam_channel::Sender;
use freehold_base::{AccountId, Error, SiteId};
use freehold_platform::secrets::Keyring;
use freehold_plugins::breaker::Breaker;
use freehold_plugins::costs::{Costs, Figures};
use freehold_plugins::engine::Compiled;
use freehold_plugins::hooks::Hook;
use freehold_plugins::manifest::{Manifest, PublisherKey};
use freehold_plugins::package::{Package, Signed};
use freehold_plugins::update::{Installed, Reason};
use freehold_store::Store;
use freehold_store::plugins::Plugin as Row;
use serde::{Deserialize, Serialize};

use super::said::Said;
use super::settings::Values;

/// What the files of a plugin say.
#[derive(Clone, Debug)]
pub struct About {
    /// Its `plugin.toml`.
    pub manifest: Manifest,
    /// The text of it: what a person agrees to.
    pub text: String,
    /// SHA-256 over its files.
    pub digest: String,
    /// Who signed it.
    pub signed: Signed,
}

impl About {
    pub(super) fn of(package: &Package) -> Self {
        let text = package.files.get("plugin.toml").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Self {
            manifest: package.manifest.clone(),
            text: text.unwrap_or_default(),
            digest: package.digest.clone(),
            signed: package.signed,
        }
    }
}

impl About {
    /// A short form of the key that signed it, which people can compare; none where nobody did.
    pub fn publisher(&self) -> Option<String> {
        match self.signed {
            Signed::No => None,
            Signed::By(key) => Some(key.fingerprint()),
        }
    }
}

/// Where a plugin comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// We ship it.
    Shipped,
    /// It lies in the plugins' folder.
    Added,
}

/// How a plugin stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody agreed to it yet.
    New,
    /// Its files are not those that a person agreed to, for these reasons.
    Held(String),
    /// It runs where sites want it.
    Enabled,
    /// Somebody stopped it, or it failed too often.
    Stopped(String),
    /// Its files are broken or gone.
    Broken(String),
}

/// A plugin as it stands on this node.
#[derive(Debug)]
pub struct Plugin {
    /// How it is known.
    pub id: String,
    /// Where it comes from; none where its files are gone.
    pub origin: Option<Origin>,
    /// What its files say; what a person agreed to, where they are broken.
    pub about: Option<Arc<About>>,
    /// What was agreed to.
    pub row: Option<Row>,
    /// How it stands.
    pub standing: Standing,
    /// A newer version that waits, with the reasons.
    pub waiting: Option<(Arc<About>, String)>,
    pub(super) unit: Option<Arc<Unit>>,
}

impl Plugin {
    /// Its name for people.
    pub fn title(&self) -> String {
        let row = || self.row.as_ref().map(|row| row.title.clone());
        self.about.as_ref().map(|about| about.manifest.name.clone()).or_else(row).unwrap_or_else(|| self.id.clone())
    }
    /// Its manifest.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.about.as_ref().map(|about| &about.manifest)
    }
    /// Whether sites may switch it on.
    pub fn is_offered(&self) -> bool {
        self.row.is_some() && self.standing == Standing::Enabled
    }
    /// What it cost since the node started, by hook.
    pub fn costs(&self) -> Vec<(Hook, Figures)> {
        let costs = self.unit.iter().flat_map(|unit| unit.costs.iter());
        costs.map(|(hook, costs)| (*hook, costs.figures())).filter(|(_, figures)| figures.calls > 0).collect()
    }
}

/// A plugin that can be called.
pub(super) struct Unit {
    pub id: String,
    pub about: Arc<About>,
    pub compiled: Compiled,
    pub costs: BTreeMap<Hook, Costs>,
    pub breaker: Mutex<Breaker>,
}

impl std::fmt::Debug for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unit").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Unit {
    pub fn listens(&self, hook: Hook) -> bool {
        self.about.manifest.hooks.contains_key(&hook)
    }
    pub fn is_open(&self) -> bool {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).is_open()
    }
}

/// A plugin on a site.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub unit: Arc<Unit>,
    pub values: Arc<Values>,
}

/// What all calls share.
pub(super) struct Shared {
    pub store: OnceLock<Store>,
    pub keys: Arc<Keyring>,
    pub said: Said,
    /// Plugins that failed too often, with why: for the thread that writes it down.
    pub tripped: OnceLock<Sender<(String, String)>>,
    /// Microseconds that pages took in whose making plugins had a hand.
    pub page_us: AtomicU64,
}

/// A newer version that waits, as its row has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Its files.
    pub digest: String,
    /// Why it waits, for people.
    pub why: String,
}

/// The plugins of a site, while a page of it is made.
pub(crate) struct LineUp {
    pub(super) site: SiteId,
    pub(super) account: AccountId,
    pub(super) placed: Arc<[Placed]>,
    pub(super) shared: Arc<Shared>,
}

/// The reason of a refusal, without what is said around it.
pub(super) fn why_of(e: &Error) -> String {
    match e {
        Error::Refused { detail, .. } if !detail.is_empty() => detail.clone(),
        e => e.sentence(),
    }
}

/// Reasons as sentences.
pub(super) fn sentences<'a>(reasons: impl Iterator<Item = &'a Reason>, package: &Package) -> String {
    reasons.map(|reason| reason.sentence(package)).collect::<Vec<_>>().join(" ")
}

/// What a person agreed to.
pub(super) fn installed(row: &Row) -> Option<Installed> {
    let manifest = Manifest::parse(&row.granted).ok()?;
    let signed = match row.publisher.as_str() {
        "" => Signed::No,
        key => Signed::By(PublisherKey::parse(key)?),
    };
    Some(Installed { manifest, signed })
}
