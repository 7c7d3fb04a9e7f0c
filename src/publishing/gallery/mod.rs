//! The themes that a site can choose: which there are, which one it has, and how they come and go (rows TH01, TH02).
//!
//! Themes for all sites are the hosting admin's. A site's own people add themes for that site alone, and only where the
//! configuration lets them (decision 0010).

pub mod jobs;
mod look;
pub mod texts;

pub use look::Reports;

use std::sync::Arc;

use freehold_base::{Capability, Code, Error, Result, SiteId};
use freehold_host::files::Reserve;
use freehold_host::shelf::Shelf;
use freehold_platform::sites::{Settings, settings};
use freehold_store::{ServerScope, Tx, audit, settings as rows};

use crate::themes::live::split;
use crate::themes::{Manifest, Origin, Problem, Theme, Themes};

/// Sites that are named where a theme is in use.
pub const NAMED: usize = 50;

/// Why people of a site add no themes.
pub const NOT_HERE: &str = "themes are added by whoever runs this server";

/// A theme as people choose it.
#[derive(Clone, Debug)]
pub struct Card {
    /// How it is known: its folder's name, with the site where it is the site's own.
    pub name: String,
    /// Its `theme.toml`; none where it never worked.
    pub about: Option<Arc<Theme>>,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether the site is drawn by it.
    pub active: bool,
    /// What is wrong with its newest version; visitors see its last good one.
    pub problem: Option<Problem>,
}

impl Card {
    /// Its name for people.
    pub fn title(&self) -> String {
        let title = self.about.as_ref().map(|theme| theme.manifest().theme.name.clone()).unwrap_or_default();
        if title.is_empty() { split(&self.name).0.to_owned() } else { title }
    }

    /// Its `theme.toml`, inherited parts too.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.about.as_ref().map(|theme| theme.manifest())
    }
}

/// The themes that a site can choose, the one it has first, then by their titles; those that are broken last.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, themes: &Themes, site: SiteId) -> Result<Vec<Card>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let chosen = settings::read(tx, scope)?.theme.name;
    let mut cards: Vec<Card> = themes.known(site).iter().filter_map(|name| card(themes, name, &chosen)).collect();
    // What cannot be chosen stands last.
    cards.sort_by_key(|card| (!card.active, card.about.is_none(), card.title().to_lowercase(), card.name.clone()));
    Ok(cards)
}

/// One of them.
///
/// # Errors
/// `Denied`, `NotFound("theme")`.
pub fn find(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, name: &str) -> Result<Card> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let chosen = settings::read(tx, scope)?.theme.name;
    let known = themes.known(site).iter().any(|known| known == name);
    known.then(|| card(themes, name, &chosen)).flatten().ok_or_else(|| Error::not_found("theme"))
}

/// All themes of the node, also those that sites have for themselves.
///
/// # Errors
/// `Denied`.
pub fn all(tx: &mut Tx<'_>, themes: &Themes) -> Result<Vec<Card>> {
    tx.authorize_server(Capability::ServerRead)?;
    let mut names = themes.names();
    names.extend(themes.all_problems().into_iter().map(|(name, _)| name));
    names.sort_unstable();
    names.dedup();
    Ok(names.iter().filter_map(|name| card(themes, name, "")).collect())
}

fn card(themes: &Themes, name: &str, chosen: &str) -> Option<Card> {
    let about = themes.names().iter().any(|known| known == name).then(|| themes.get(name));
    Some(Card {
        name: name.to_owned(),
        about,
        origin: themes.origin(name)?,
        active: name == chosen,
        problem: themes.problem(name),
    })
}

/// Gives a site another theme. The next page that somebody asks for is drawn by it; the settings of the one before are
/// kept, and `undo` of the settings takes it back.
///
/// # Errors
/// `Denied`; `Invalid("theme")` where the site cannot choose it.
pub fn activate(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, name: &str) -> Result<Settings> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let mut wanted = settings::read(tx, scope)?;
    if wanted.theme.name == name {
        return Ok(wanted);
    }
    if !themes.offers(site, name) {
        return Err(Error::invalid("theme", Code::NotAllowed, themes.offered(site).join(", ")));
    }
    let object = format!("{} instead of {}", name, wanted.theme.name);
    wanted.theme.change_to(name);
    settings::save_as(tx, site, &wanted, ("theme.activate", &object))
}

/// Whose a theme is, or shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// All sites'.
    Everybody,
    /// One site's.
    Site(SiteId),
}

impl Owner {
    /// Of a theme by how it is known.
    pub fn of(name: &str) -> Self {
        split(name).1.map_or(Self::Everybody, Self::Site)
    }

    /// Whether a theme of this owner can build on that one.
    fn reaches(self, parent: &str) -> bool {
        matches!(Self::of(parent), Self::Everybody) || Self::of(parent) == self
    }
}

/// Where themes lie, and who may put some there.
#[derive(Clone, Debug)]
pub struct Shelves {
    everybody: Shelf,
    of_sites: Shelf,
    /// Whether people of a site may add themes for it.
    owners_may: bool,
    /// `HOST:PORT` that may be fetched from without TLS: the configuration says so.
    plain: Vec<String>,
}

impl Shelves {
    /// Of the themes' two folders. `owners_may`: people of a site may add themes for it; `plain`: `HOST:PORT` that the
    /// configuration trusts without TLS.
    ///
    /// # Errors
    /// `Internal` where the themes are read from nowhere.
    pub fn new(themes: &Themes, reserve: Reserve, owners_may: bool, plain: &[String]) -> Result<Self> {
        let root = |root: Option<&std::path::Path>| root.map(|root| Shelf::new(root, reserve));
        let none = || Error::internal("opening the folder of themes", "there is none");
        Ok(Self {
            everybody: root(themes.root()).ok_or_else(none)?,
            of_sites: root(themes.own_root()).ok_or_else(none)?,
            owners_may,
            plain: plain.to_vec(),
        })
    }

    /// Whether a theme is fetched from this address.
    pub(crate) fn check_address(&self, address: &str) -> Result<()> {
        let plain = address.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        let trusted = plain.is_some_and(|host| self.plain.iter().any(|known| known == host));
        if address.len() > 2000 {
            return Err(Error::invalid("address", Code::TooLong, "2000"));
        }
        if address.starts_with("https://") || trusted {
            return Ok(());
        }
        Err(Error::invalid("address", Code::NotAllowed, "an address that begins with https://"))
    }

    /// Takes away what an earlier run left half written.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn sweep(&self) -> Result<()> {
        self.everybody.sweep()
    }

    /// The folder of an owner's themes.
    pub fn of(&self, owner: Owner) -> Shelf {
        match owner {
            Owner::Everybody => self.everybody.clone(),
            Owner::Site(site) => self.of_sites.below(&site.to_string()),
        }
    }

    /// For whom the actor may add a theme on a site: for all sites, for this one, or for none.
    ///
    /// # Errors
    /// `Denied` where the actor has no business with the site's settings.
    pub fn may_add(&self, tx: &mut Tx<'_>, site: SiteId) -> Result<Option<Owner>> {
        if tx.authorize_server(Capability::ServerManage).is_ok() {
            return Ok(Some(Owner::Everybody));
        }
        tx.authorize(site, Capability::SettingsManage)?;
        Ok(self.owners_may.then_some(Owner::Site(site)))
    }

    /// Whether the actor may add, replace and remove themes of this owner; where the act is written down.
    ///
    /// # Errors
    /// `Denied`.
    pub(crate) fn authorize(&self, tx: &mut Tx<'_>, owner: Owner) -> Result<audit::Chain> {
        match owner {
            Owner::Everybody => tx.authorize_server(Capability::ServerManage).map(|_| audit::Chain::Server),
            Owner::Site(site) => {
                let scope = tx.authorize(site, Capability::SettingsManage)?;
                if !self.owners_may && tx.authorize_server(Capability::ServerManage).is_err() {
                    return Err(Error::refused(Code::WrongState, NOT_HERE));
                }
                Ok(audit::Chain::Account(scope.account(), site))
            }
        }
    }

    /// Lets a theme go that was added, and writes that down. One that lies over a shipped one gives that free again.
    ///
    /// # Errors
    /// As [`Shelves::may_remove`].
    pub fn check_remove(&self, tx: &mut Tx<'_>, themes: &Themes, name: &str) -> Result<()> {
        let chain = self.may_remove(tx, themes, name)?;
        self.forget_texts(tx, name)?;
        tx.audit(chain, "theme.remove", name, "");
        Ok(())
    }

    /// Whether a theme can go; where that is written down.
    ///
    /// # Errors
    /// `Denied`; `NotFound("theme")`; `WrongState` where we ship it, or where it is in use.
    pub fn may_remove(&self, tx: &mut Tx<'_>, themes: &Themes, name: &str) -> Result<audit::Chain> {
        let owner = Owner::of(name);
        let chain = self.authorize(tx, owner)?;
        let refused = |why: String| Error::refused(Code::WrongState, why);
        match themes.origin(name) {
            None => return Err(Error::not_found("theme")),
            Some(Origin::Shipped) => return Err(refused("this theme belongs to Freehold and stays".into())),
            Some(Origin::Edited) => {}
            Some(Origin::Added | Origin::Own) => {
                let children = themes.children(name);
                if !children.is_empty() {
                    return Err(refused(format!("{} builds on it", children.join(", "))));
                }
                match users(tx, owner, name)? {
                    0 => {}
                    1 => return Err(refused("a site is drawn by it; give that site another theme first".into())),
                    n => {
                        let many = if n < NAMED { format!("{n} sites") } else { format!("{NAMED} sites or more") };
                        return Err(refused(format!("{many} are drawn by it; give them another theme first")));
                    }
                }
            }
        }
        Ok(chain)
    }

    /// Takes the folder away that [`Shelves::check_remove`] let go.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn take_away(&self, name: &str) -> Result<bool> {
        self.of(Owner::of(name)).remove(split(name).0)
    }
}

/// How many sites have chosen a theme; up to 50.
fn users(tx: &mut Tx<'_>, owner: Owner, name: &str) -> Result<usize> {
    match owner {
        Owner::Everybody => {
            let server = tx.authorize_server(Capability::ServerManage)?;
            Ok(sites_with(tx, server, name)?.len())
        }
        Owner::Site(site) => {
            let scope = tx.authorize(site, Capability::SettingsManage)?;
            Ok(usize::from(settings::read(tx, scope)?.theme.name == name))
        }
    }
}

/// Sites that have chosen a theme, at most 50 of them.
///
/// # Errors
/// Database failures.
pub fn sites_with(tx: &mut Tx<'_>, server: ServerScope, name: &str) -> Result<Vec<SiteId>> {
    let text = format!("\"name\":\"{name}\"");
    let found = rows::sites_with(tx, server, "theme", &text, NAMED as i64)?;
    let has =
        |json: &str| serde_json::from_str::<freehold_platform::sites::ThemeChoice>(json).is_ok_and(|t| t.name == name);
    Ok(found.into_iter().filter(|(_, json)| has(json)).map(|(site, _)| site).collect())
}
