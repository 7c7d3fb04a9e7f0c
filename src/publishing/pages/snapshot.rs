//! What every page of a site needs: settings and menus, read once and kept until they change.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{Result, SiteId};
use freehold_platform::sites::{Settings, settings};
use freehold_store::menus::{self, Line};
use freehold_store::{SiteScope, Tx, media};

use super::views;
use crate::content::menus::LEVELS;
use crate::themes::context::{MediaView, MenuItem};

/// Most sites whose snapshot is kept; the rest is read when asked for.
const KEPT: usize = 2000;

/// Settings and menus of a site.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub settings: Settings,
    /// By location.
    pub menus: BTreeMap<String, Vec<MenuItem>>,
    /// The site's icon.
    pub icon: Option<MediaView>,
    /// Its logo.
    pub logo: Option<MediaView>,
}

/// Snapshots by site.
#[derive(Debug, Default)]
pub struct Snapshots(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Rises whenever something is forgotten: what was read before that is not kept.
    epoch: u64,
    sites: HashMap<SiteId, Arc<Snapshot>>,
}

impl Snapshots {
    /// Forgets what is known of a site.
    pub fn forget(&self, site: SiteId) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.epoch += 1;
        kept.sites.remove(&site);
    }

    pub(super) fn get(&self, tx: &mut Tx<'_>, scope: SiteScope) -> Result<Arc<Snapshot>> {
        let epoch = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = kept.sites.get(&scope.id()) {
                return Ok(known.clone());
            }
            kept.epoch
        };
        let read = Arc::new(read(tx, scope)?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.epoch == epoch && kept.sites.len() < KEPT {
            kept.sites.insert(scope.id(), read.clone());
        }
        Ok(read)
    }
}

fn read(tx: &mut Tx<'_>, scope: SiteScope) -> Result<Snapshot> {
    let settings = settings::read(tx, scope)?;
    let lines = menus::lines(tx, scope)?;
    let places = menus::locations(tx, scope)?;
    let mut by_place = BTreeMap::new();
    for (place, menu) in places {
        by_place.insert(place, below(&lines, menu, 0, 0));
    }
    if !by_place.contains_key("primary") {
        by_place.insert("primary".to_owned(), pages_as_menu(tx, scope, settings.reading.front_page_id)?);
    }
    let general = &settings.general;
    let pictures = media::find_many(tx, scope, &[general.icon_id, general.logo_id].map(|id| id.max(0)))?;
    let picture = |id: i64| pictures.iter().find(|m| m.id.get() == id).map(|m| views::cover(&views::as_cover(m)));
    let (icon, logo) = (picture(general.icon_id), picture(general.logo_id));
    Ok(Snapshot { settings, menus: by_place, icon, logo })
}

fn below(lines: &[Line], menu: i64, parent: i64, depth: usize) -> Vec<MenuItem> {
    if depth >= LEVELS {
        return Vec::new();
    }
    lines
        .iter()
        .filter(|(item, ..)| item.menu_id == menu && item.parent_id == parent)
        .filter_map(|(item, entry, term)| {
            let (title, url) = match item.kind.as_str() {
                "entry" => entry.as_ref().and_then(|(t, p)| Some((t.clone(), p.clone()?)))?,
                "term" => term.clone()?,
                _ => (item.label.clone(), item.url.clone()),
            };
            let title = if item.label.is_empty() { title } else { item.label.clone() };
            Some(MenuItem { title, url, children: below(lines, menu, item.id, depth + 1), ..Default::default() })
        })
        .collect()
}

/// A site without a menu shows its top pages; the front page has the masthead already.
fn pages_as_menu(tx: &mut Tx<'_>, scope: SiteScope, front: i64) -> Result<Vec<MenuItem>> {
    use freehold_base::{EntryId, Page, PageSize};
    use freehold_store::entries::{self, Filter, Sort};
    let filter = Filter { kind: Some("page".into()), live: true, parent: Some(EntryId(0)), ..Default::default() };
    let pages = entries::list(tx, scope, &filter, Sort::Title, &Page { size: PageSize::new(8), after: None })?;
    Ok(pages
        .into_iter()
        .filter(|(card, ..)| card.id.get() != front)
        .filter_map(|(card, ..)| Some(MenuItem { title: card.title, url: card.path?, ..Default::default() }))
        .collect())
}
