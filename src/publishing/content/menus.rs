//! Navigation menus: made, arranged, and put into the places that a theme has (row MN01).

use freehold_base::text::{line, required_line, slugify};
use freehold_base::{Capability, Code, EntryId, Error, MenuId, Page, PageSize, Result, SiteId, TermId};
use freehold_store::menus::{self as rows, Item, OpenLine};
use freehold_store::{SiteScope, Tx, entries, terms};

use super::events::MenusChanged;
pub use super::menu_order::{LEVELS, Outline, Step};
use crate::document::is_safe_url;

pub use freehold_store::menus::Menu;

/// Most lines of a menu.
pub const LINES: usize = 200;

/// A line as somebody who arranges menus sees it.
#[derive(Clone, Debug)]
pub struct MenuLine {
    /// As it is stored.
    pub item: Item,
    /// Levels above it: 0 to 2.
    pub depth: usize,
    /// What visitors read.
    pub title: String,
    /// Where it leads; empty where that is gone.
    pub url: String,
    /// Why visitors do not see it; empty where they do.
    pub hidden: &'static str,
}

/// A line to be added.
#[derive(Clone, Debug, PartialEq)]
pub enum NewLine {
    /// To an entry.
    Entry(EntryId),
    /// To the page of a term.
    Term(TermId),
    /// To an address.
    Link {
        /// What visitors read, at most 100 characters.
        label: String,
        /// `/about/`, `https://…`, `mailto:…`; at most 500 characters.
        url: String,
    },
}

/// Menus of a site by name.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Menu>> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    rows::list(tx, scope)
}

/// The lines of a menu, children after their parent.
///
/// # Errors
/// `Denied`, `NotFound("menu")`.
pub fn show(tx: &mut Tx<'_>, site: SiteId, menu: MenuId) -> Result<Vec<MenuLine>> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    rows::find(tx, scope, menu)?;
    let lines = rows::open_lines(tx, scope, menu)?;
    let outline = outline_of(&lines);
    let find = |id: i64| lines.iter().find(|(item, ..)| item.id == id).cloned();
    Ok(outline.lines().iter().filter_map(|(id, depth)| find(*id).map(|line| present(line, *depth))).collect())
}

fn outline_of(lines: &[OpenLine]) -> Outline {
    Outline::of(&lines.iter().map(|(item, ..)| (item.id, item.parent_id)).collect::<Vec<_>>())
}

fn present((item, entry, term): OpenLine, depth: usize) -> MenuLine {
    let (title, url, hidden) = match (item.kind.as_str(), entry, term) {
        ("entry", Some(e), _) => {
            let hidden = match (e.status.as_str(), e.visibility.as_str()) {
                ("published", "private") => "private",
                ("published", _) => "",
                ("trash", _) => "in the trash",
                _ => "not published",
            };
            (e.title, e.path.unwrap_or_default(), hidden)
        }
        ("term", _, Some((name, path))) => (name, path, ""),
        ("link", ..) => (item.label.clone(), item.url.clone(), ""),
        _ => (String::new(), String::new(), "deleted"),
    };
    let title = if item.label.is_empty() { title } else { item.label.clone() };
    MenuLine { item, depth, title, url, hidden }
}

/// Which menu stands where: location and menu id.
///
/// # Errors
/// `Denied`.
pub fn places(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<(String, i64)>> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    rows::locations(tx, scope)
}

/// Makes an empty menu.
///
/// # Errors
/// `Denied`, `Invalid` (name; `AlreadyExists`).
pub fn create(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<MenuId> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    let name = required_line("name", name, 60)?;
    let known = rows::list(tx, scope)?;
    if known.iter().any(|m| m.name == name) {
        return Err(Error::invalid("name", Code::AlreadyExists, name));
    }
    let base = Some(slugify(&name)).filter(|s| !s.is_empty()).unwrap_or_else(|| "menu".into());
    let numbered = (2..=known.len() + 2).map(|n| format!("{base}-{n}"));
    let free = std::iter::once(base.clone()).chain(numbered).find(|slug| known.iter().all(|m| m.slug != *slug));
    let id = rows::create(tx, scope, &free.unwrap_or(base), &name)?;
    changed(tx, scope, "menu.create", &name);
    Ok(id)
}

/// Makes a menu of the site's public top pages: what stands there while a site has no menu.
///
/// # Errors
/// As [`create`].
pub fn create_from_pages(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<MenuId> {
    let id = create(tx, site, name)?;
    let scope = tx.authorize(site, Capability::MenusManage)?;
    let filter =
        entries::Filter { kind: Some("page".into()), live: true, parent: Some(EntryId(0)), ..Default::default() };
    let page = Page { size: PageSize::new(8), after: None };
    let pages = entries::list(tx, scope, &filter, entries::Sort::Title, &page)?;
    let lines: Vec<NewLine> = pages.into_iter().map(|(card, ..)| NewLine::Entry(card.id)).collect();
    add(tx, site, id, &lines)?;
    Ok(id)
}

/// Gives a menu another name.
///
/// # Errors
/// `Denied`, `NotFound("menu")`, `Invalid` (name).
pub fn rename(tx: &mut Tx<'_>, site: SiteId, menu: MenuId, name: &str) -> Result<()> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    let name = required_line("name", name, 60)?;
    if rows::list(tx, scope)?.iter().any(|m| m.name == name && m.id != menu.get()) {
        return Err(Error::invalid("name", Code::AlreadyExists, name));
    }
    rows::rename(tx, scope, menu, &name)?;
    changed(tx, scope, "menu.rename", &name);
    Ok(())
}

/// Deletes a menu with its lines; where it stood, the theme shows what it shows without a menu.
///
/// # Errors
/// `Denied`, `NotFound("menu")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteId, menu: MenuId) -> Result<()> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    let gone = rows::find(tx, scope, menu)?;
    rows::delete(tx, scope, menu)?;
    changed(tx, scope, "menu.delete", &gone.name);
    Ok(())
}

/// Puts a menu into a place of the theme, which the caller checked; `None` empties it.
///
/// # Errors
/// `Denied`, `NotFound("menu")`.
pub fn place(tx: &mut Tx<'_>, site: SiteId, location: &str, menu: Option<MenuId>) -> Result<()> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    if let Some(menu) = menu {
        rows::find(tx, scope, menu)?;
    }
    if rows::locations(tx, scope)?.iter().any(|(l, m)| l == location && Some(MenuId(*m)) == menu) {
        return Ok(());
    }
    rows::set_location(tx, scope, location, menu)?;
    changed(tx, scope, "menu.place", location);
    Ok(())
}

/// Adds lines at the end of a menu.
///
/// # Errors
/// `Denied`, `NotFound` (`menu`, `entry`, `term`), `Invalid` (label, url; too many lines).
pub fn add(tx: &mut Tx<'_>, site: SiteId, menu: MenuId, lines: &[NewLine]) -> Result<()> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    let name = rows::find(tx, scope, menu)?.name;
    let known = rows::open_lines(tx, scope, menu)?;
    if known.len() + lines.len() > LINES {
        return Err(Error::refused(Code::WrongState, format!("a menu has at most {LINES} lines")));
    }
    for (n, new) in lines.iter().enumerate() {
        let (kind, target_id, url, label) = checked(tx, scope, new)?;
        let position = i64::try_from(known.len() + n).unwrap_or(i64::MAX);
        let id = entries::next_id(tx)?;
        let item = Item { id, menu_id: menu.get(), parent_id: 0, position, kind: kind.into(), target_id, url, label };
        rows::put_item(tx, scope, &item)?;
    }
    changed(tx, scope, "menu.save", &name);
    Ok(())
}

/// Kind, target, address and label of a new line.
fn checked(tx: &mut Tx<'_>, scope: SiteScope, new: &NewLine) -> Result<(&'static str, i64, String, String)> {
    match new {
        NewLine::Entry(id) => {
            entries::find(tx, scope, *id)?;
            Ok(("entry", id.get(), String::new(), String::new()))
        }
        NewLine::Term(id) => {
            terms::find(tx, scope, *id)?;
            Ok(("term", id.get(), String::new(), String::new()))
        }
        NewLine::Link { label, url } => {
            let mut refused = freehold_base::error::Refusals::default();
            let label = refused.take(required_line("label", label, 100))?;
            let url = refused.take(address(url))?;
            refused.check()?;
            Ok(("link", 0, url.unwrap_or_default(), label.unwrap_or_default()))
        }
    }
}

/// An address that may stand in a menu.
fn address(url: &str) -> Result<String> {
    let url = required_line("url", url, 500)?;
    let looks = url.starts_with(['/', '#', '?']) || url.contains(':');
    if looks && is_safe_url(&url) && !url.starts_with("//") {
        return Ok(url);
    }
    Err(Error::invalid("url", Code::Malformed, "an address such as /about/ or https://example.org"))
}

/// Changes what a line says and, for links, where it leads. An empty label shows the target's title.
///
/// # Errors
/// `Denied`, `NotFound` (`menu`, `menu item`), `Invalid` (label, url).
pub fn edit(tx: &mut Tx<'_>, site: SiteId, menu: MenuId, id: i64, label: &str, url: &str) -> Result<()> {
    let (scope, name, lines) = open(tx, site, menu)?;
    let (item, ..) = lines.iter().find(|(i, ..)| i.id == id).ok_or_else(|| Error::not_found("menu item"))?;
    let (label, url) = if item.kind == "link" {
        (required_line("label", label, 100)?, address(url)?)
    } else {
        (line("label", label, 100)?, String::new())
    };
    rows::edit_item(tx, scope, id, &label, &url)?;
    changed(tx, scope, "menu.save", &name);
    Ok(())
}

/// Takes a line out; what stood below it moves up one level.
///
/// # Errors
/// `Denied`, `NotFound` (`menu`, `menu item`).
pub fn remove(tx: &mut Tx<'_>, site: SiteId, menu: MenuId, id: i64) -> Result<()> {
    rearrange(tx, site, menu, |outline| outline.remove(id))?;
    let scope = tx.authorize(site, Capability::MenusManage)?;
    rows::remove_item(tx, scope, id)
}

/// Moves a line by one place, with everything below it.
///
/// # Errors
/// `Denied`, `NotFound` (`menu`, `menu item`), `Invalid` (`TooDeep`).
pub fn step(tx: &mut Tx<'_>, site: SiteId, menu: MenuId, id: i64, step: Step) -> Result<()> {
    rearrange(tx, site, menu, |outline| outline.step(id, step))
}

/// Gives all lines their order and depth at once.
///
/// # Errors
/// `Denied`, `NotFound("menu")`, `Invalid("order")` where lines are missing or nested wrongly.
pub fn arrange(tx: &mut Tx<'_>, site: SiteId, menu: MenuId, wanted: &[(i64, usize)]) -> Result<()> {
    rearrange(tx, site, menu, |outline| {
        *outline = outline.rearranged(wanted)?;
        Ok(())
    })
}

fn open(tx: &mut Tx<'_>, site: SiteId, menu: MenuId) -> Result<(SiteScope, String, Vec<OpenLine>)> {
    let scope = tx.authorize(site, Capability::MenusManage)?;
    let name = rows::find(tx, scope, menu)?.name;
    let lines = rows::open_lines(tx, scope, menu)?;
    Ok((scope, name, lines))
}

/// Changes the order and stores what is different.
fn rearrange(
    tx: &mut Tx<'_>,
    site: SiteId,
    menu: MenuId,
    change: impl FnOnce(&mut Outline) -> Result<()>,
) -> Result<()> {
    let (scope, name, lines) = open(tx, site, menu)?;
    let mut outline = outline_of(&lines);
    change(&mut outline)?;
    for (place, (id, _)) in outline.lines().iter().enumerate() {
        let parent = outline.parent_at(place);
        let position = i64::try_from(place).unwrap_or(i64::MAX);
        let same = lines.iter().any(|(i, ..)| i.id == *id && i.parent_id == parent && i.position == position);
        if !same {
            rows::move_item(tx, scope, *id, parent, position)?;
        }
    }
    changed(tx, scope, "menu.save", &name);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, scope: SiteScope, act: &'static str, name: &str) {
    tx.audit_site(scope, act, format!("\u{201c}{name}\u{201d}"));
    tx.announce(MenusChanged { site: scope.id() });
}
