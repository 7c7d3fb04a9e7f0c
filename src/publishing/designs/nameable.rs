//! What settings name by number and people choose by name: entries, terms and menus of the site.

use freehold_base::{Capability, Page, PageSize, Result, SiteId};
use freehold_store::{SiteScope, Tx, entries, menus, terms};

use super::Design;
use crate::themes::settings::Kind;

/// Most of each kind that are offered; others are named by their number.
const MOST: u16 = 200;

/// What can be chosen for settings that name something by its number, by kind: numbers and names. Of the kinds that the
/// theme asks for; of entries the newest that every visitor may read.
///
/// # Errors
/// `Denied`.
pub fn nameable(tx: &mut Tx<'_>, site: SiteId, design: &Design) -> Result<Vec<(Kind, Vec<(i64, String)>)>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let mut all = Vec::new();
    for kind in [Kind::Entry, Kind::Term, Kind::Menu] {
        if design.settings().iter().any(|setting| setting.kind == kind) {
            all.push((kind, of_kind(tx, scope, kind)?));
        }
    }
    Ok(all)
}

fn of_kind(tx: &mut Tx<'_>, scope: SiteScope, kind: Kind) -> Result<Vec<(i64, String)>> {
    let page = Page { size: PageSize::new(MOST), after: None };
    let live = entries::Filter { live: true, ..Default::default() };
    Ok(match kind {
        Kind::Entry => {
            let found = entries::list(tx, scope, &live, entries::Sort::Published, &page)?;
            found.into_iter().map(|(card, ..)| (card.id.get(), card.title)).collect()
        }
        Kind::Term => terms::list(tx, scope, None, &page)?.into_iter().map(|term| (term.id.get(), term.name)).collect(),
        Kind::Menu => menus::list(tx, scope)?.into_iter().map(|menu| (menu.id, menu.name)).collect(),
        _ => Vec::new(),
    })
}
