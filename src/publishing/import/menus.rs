//! Menus. A menu and all its lines are one transaction.

use std::collections::HashMap;

use freehold_base::{Capability, EntryId, MenuId, Result, SiteId, TermId};
use freehold_store::imported::{self, Imported};
use freehold_store::menus::{self as rows, Item};
use freehold_store::{Actor, SiteScope, Store, Tx, entries, terms};

use super::convert::one_line;
use super::report::Report;
use super::world::World;
use crate::content::events::MenusChanged;
use crate::wxr::menu::MenuItem;

/// Most lines of one menu.
const MAX_LINES: usize = 1000;

/// A line to be made.
#[derive(Clone, Debug)]
struct Line {
    number: i64,
    parent: i64,
    row: Item,
}

/// Makes all menus. The file does not say where a menu stands: one whose name says so goes to the theme's place of
/// that name, if that is empty.
pub(super) fn bring_all(store: &Store, world: &mut World, report: &mut Report, places: &[&str]) -> Result<()> {
    for (slug, name) in world.survey.menus.clone() {
        let lines: Vec<MenuItem> = world.survey.lines.iter().filter(|l| l.menu == slug).cloned().collect();
        menu(store, world, report, &slug, &name, lines, places)?;
    }
    for line in world.survey.lines.iter().filter(|l| l.menu.is_empty()) {
        report.skip(
            "nav_menu_item",
            format!("\u{201c}{}\u{201d} (number {})", line.title, line.wp_id),
            "it stands in no menu",
        );
    }
    Ok(())
}

fn menu(
    store: &Store,
    world: &World,
    report: &mut Report,
    slug: &str,
    name: &str,
    lines: Vec<MenuItem>,
    places: &[&str],
) -> Result<()> {
    let declared = report.kinds.contains_key("nav_menu");
    if world.others.contains_key(&("menu".to_owned(), slug.to_owned())) {
        if declared {
            report.tally("nav_menu").unchanged += 1;
        }
        report.tally("nav_menu_item").unchanged += lines.len() as u64;
        return Ok(());
    }
    let mut list: Vec<Line> = Vec::new();
    report.tally("nav_menu_item").skipped += lines.len().saturating_sub(MAX_LINES) as u64;
    for line in lines.into_iter().take(MAX_LINES) {
        let what = format!("\u{201c}{}\u{201d} (number {})", line.title, line.wp_id);
        match resolve(world, &line) {
            Some(row) => {
                list.push(Line { number: line.wp_id, parent: line.parent, row });
                report.tally("nav_menu_item").made += 1;
            }
            None => report.skip("nav_menu_item", what, "what it leads to is not here"),
        }
    }
    list.sort_by_key(|l| l.row.position);
    let (site, source) = (world.site, world.source.clone());
    let slug_here = Some(freehold_base::text::slugify(slug)).filter(|s| !s.is_empty()).unwrap_or_else(|| "menu".into());
    let name = Some(one_line(name, 100).0).filter(|n| !n.is_empty()).unwrap_or_else(|| slug_here.clone());
    let place = place_of(&format!("{slug} {name}").to_lowercase(), places);
    let thing = (slug.to_owned(), slug_here, name, list, place);
    store.write(&Actor::system(), move |tx| write(tx, site, &source, &thing))?;
    if declared {
        report.tally("nav_menu").made += 1;
    }
    Ok(())
}

/// The place of a theme that a menu's name speaks of.
fn place_of(name: &str, places: &[&str]) -> Option<String> {
    let says = |words: &[&str]| words.iter().any(|w| name.contains(w));
    let wanted = if says(&["footer", "bottom"]) {
        "footer"
    } else if says(&["social"]) {
        "social"
    } else if says(&["primary", "main", "header", "top"]) {
        "primary"
    } else {
        return None;
    };
    places.iter().find(|p| **p == wanted).map(|p| (*p).to_owned())
}

fn resolve(world: &World, line: &MenuItem) -> Option<Item> {
    let (kind, target, url) = match line.kind.as_str() {
        "post_type" => ("entry", world.items.get(&line.object_id)?.id, String::new()),
        "taxonomy" => ("term", *world.term_numbers.get(&line.object_id)?, String::new()),
        _ => {
            let url = world.link(&line.url).unwrap_or_else(|| line.url.clone());
            let fits = !url.is_empty() && url.len() <= 2000 && crate::document::is_safe_url(&url);
            ("link", 0, fits.then_some(url)?)
        }
    };
    let label = one_line(&line.title, 200).0;
    let label = if label.is_empty() && kind == "link" { one_line(&url, 200).0 } else { label };
    Some(Item {
        id: 0,
        menu_id: 0,
        parent_id: 0,
        position: line.order,
        kind: kind.into(),
        target_id: target,
        url,
        label,
    })
}

type Wanted = (String, String, String, Vec<Line>, Option<String>);

fn write(tx: &mut Tx<'_>, site: SiteId, source: &str, wanted: &Wanted) -> Result<()> {
    let (old_slug, slug, name, lines, place) = wanted;
    let scope = tx.authorize(site, Capability::ImportRun)?;
    let taken: Vec<String> = rows::list(tx, scope)?.into_iter().map(|m| m.slug).collect();
    let free = (1..).map(|n| if n == 1 { slug.clone() } else { format!("{slug}-{n}") }).find(|s| !taken.contains(s));
    let menu = rows::create(tx, scope, &free.unwrap_or_else(|| slug.clone()), name)?;
    let mut numbers: HashMap<i64, i64> = HashMap::new();
    for line in lines {
        numbers.insert(line.number, entries::next_id(tx)?);
    }
    for (place, line) in lines.iter().enumerate() {
        let mut row = line.row.clone();
        row.id = numbers.get(&line.number).copied().unwrap_or(0);
        row.menu_id = menu.get();
        row.parent_id = above(line, lines, &numbers);
        row.position = i64::try_from(place).unwrap_or(i64::MAX);
        if still_there(tx, scope, &row)? {
            rows::put_item(tx, scope, &row)?;
        }
    }
    if let Some(place) = place {
        let used = rows::locations(tx, scope)?;
        if !used.iter().any(|(name, _)| name == place) {
            rows::set_location(tx, scope, place, Some(MenuId(menu.get())))?;
        }
    }
    let thing = Imported {
        kind: "menu".into(),
        source_id: old_slug.clone(),
        target_id: menu.get(),
        fingerprint: String::new(),
    };
    imported::note(tx, scope, source, &thing)?;
    tx.audit_site(scope, "menu.import", format!("menu \u{201c}{name}\u{201d}"));
    tx.announce(MenusChanged { site });
    Ok(())
}

/// The line above; the top level where there is none, or where following it leads back.
fn above(line: &Line, lines: &[Line], numbers: &HashMap<i64, i64>) -> i64 {
    let mut at = line.parent;
    for _ in 0..lines.len() {
        if at == line.number {
            return 0;
        }
        match lines.iter().find(|l| l.number == at) {
            Some(next) => at = next.parent,
            None => return numbers.get(&line.parent).copied().unwrap_or(0),
        }
    }
    0
}

fn still_there(tx: &mut Tx<'_>, scope: SiteScope, row: &Item) -> Result<bool> {
    Ok(match row.kind.as_str() {
        "entry" => entries::find(tx, scope, EntryId(row.target_id)).is_ok(),
        "term" => terms::find(tx, scope, TermId(row.target_id)).is_ok(),
        _ => true,
    })
}
