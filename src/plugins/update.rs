//! Whether a new package may take an installed one's place by itself, or waits for a person (security rule D6).

use crate::consent::{self, Ask};
use crate::manifest::{Manifest, Version};
use crate::package::{Package, Signed};
use crate::problem::Problems;

/// What is kept of the package that is installed.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its manifest, as people agreed to it.
    pub manifest: Manifest,
    /// Who signed it; this key is pinned.
    pub signed: Signed,
}

/// A reason to wait for a person.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It asks for more.
    AsksMore(Vec<Ask>),
    /// Another key signed it.
    OtherPublisher,
    /// It was signed before and is not now.
    NoLongerSigned,
    /// It was not signed before and is now: from here on that key is pinned.
    NewlySigned,
    /// Its author is another one.
    OtherAuthor,
    /// Its version is not later than the installed one.
    NotLater(Version),
    /// A setting whose address it may talk to has another label: people agreed to the old one.
    SettingRenamed(String),
}

/// What happens with a new package.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It may take the place of the installed one.
    Go,
    /// A person decides, for these reasons; the installed one runs on.
    Held(Vec<Reason>),
}

impl Reason {
    /// In words, for the person who decides; `new` is the package that waits.
    pub fn sentence(&self, new: &Package) -> String {
        match self {
            Self::AsksMore(asks) => {
                let sentences: Vec<String> = asks.iter().map(|ask| ask.sentence(&new.manifest)).collect();
                format!("It asks for more than before. {}.", sentences.join(". "))
            }
            Self::OtherPublisher => match new.signed {
                Signed::By(key) => {
                    format!("Somebody else signed it: the key {} is not the known one.", key.fingerprint())
                }
                Signed::No => "Somebody else signed it.".to_owned(),
            },
            Self::NoLongerSigned => "The installed version is signed by its publisher, this one by nobody.".to_owned(),
            Self::NewlySigned => {
                "The installed version is signed by nobody. From this one on only its key counts.".to_owned()
            }
            Self::OtherAuthor => format!("It names another author: {}.", or_nobody(&new.manifest.author)),
            Self::NotLater(installed) => {
                format!("Version {} is not later than the installed {installed}.", new.manifest.version)
            }
            Self::SettingRenamed(id) => format!("The setting {id} that names a server has another label now."),
        }
    }
}

fn or_nobody(author: &str) -> &str {
    if author.is_empty() { "nobody" } else { author }
}

/// Compares a new package with the installed one.
///
/// # Errors
/// It is another plugin.
pub fn judge(installed: &Installed, new: &Package) -> Result<Verdict, Problems> {
    let old = &installed.manifest;
    if old.id != new.manifest.id {
        let mut problems = Problems::default();
        let wrong = format!("is {}, but {} is to be updated", new.manifest.id, old.id);
        problems.add("plugin.id", wrong, "Install it as a plugin of its own.");
        return Err(problems);
    }
    let mut reasons = Vec::new();
    let difference = consent::difference(old, &new.manifest);
    if !difference.more.is_empty() {
        reasons.push(Reason::AsksMore(difference.more));
    }
    reasons.extend(renamed(old, &new.manifest));
    match (installed.signed, new.signed) {
        (Signed::By(pinned), Signed::By(key)) if pinned != key => reasons.push(Reason::OtherPublisher),
        (Signed::By(_), Signed::No) => reasons.push(Reason::NoLongerSigned),
        (Signed::No, Signed::By(_)) => reasons.push(Reason::NewlySigned),
        _ => {}
    }
    if old.author != new.manifest.author {
        reasons.push(Reason::OtherAuthor);
    }
    if !new.manifest.version.is_later_than(&old.version) {
        reasons.push(Reason::NotLater(old.version.clone()));
    }
    Ok(if reasons.is_empty() { Verdict::Go } else { Verdict::Held(reasons) })
}

/// Settings that name a host in both, under another label: what a person agreed to was the old one.
fn renamed(old: &Manifest, new: &Manifest) -> Vec<Reason> {
    use crate::manifest::HostPattern::Setting;
    let both = old.hosts.intersection(&new.hosts);
    both.filter_map(|host| match host {
        Setting(id) => Some(id).filter(|id| old.setting(id).map(|s| &s.label) != new.setting(id).map(|s| &s.label)),
        _ => None,
    })
    .map(|id| Reason::SettingRenamed(id.clone()))
    .collect()
}
