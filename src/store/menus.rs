//! Navigation menus.

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{Error, MenuId, Result, TermId};

use crate::conn::OrDb as _;
use crate::schema::{entries, menu_items, menu_locations, menus, terms};
use crate::{SiteScope, Tx, each_backend};

/// A menu.
#[derive(Clone, Debug, Queryable)]
pub struct Menu {
    /// Its id.
    pub id: i64,
    /// Its unique short name.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = menu_items)]
pub struct Item {
    /// Its id.
    pub id: i64,
    /// Its menu.
    pub menu_id: i64,
    /// Line above it; 0 for none.
    pub parent_id: i64,
    /// Order among its siblings.
    pub position: i64,
    /// `entry`, `term` or `link`.
    pub kind: String,
    /// The entry or term; 0 for links.
    pub target_id: i64,
    /// Address of a link.
    pub url: String,
    /// Own label; empty for the target's title.
    pub label: String,
}

/// A line with title and address of its target.
pub type Line = (Item, Option<(String, Option<String>)>, Option<(String, String)>);

/// Menus of a site by name.
///
/// # Errors
/// Database failures.
pub fn list(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Menu>> {
    menus::table
        .filter(menus::site_id.eq(site.get()))
        .order((menus::name, menus::id))
        .limit(200)
        .select((menus::id, menus::slug, menus::name))
        .load(tx.conn())
        .or_db("listing menus")
}

/// Makes a menu, or gives the one with this slug.
///
/// # Errors
/// Database failures.
pub fn create(tx: &mut Tx<'_>, site: SiteScope, slug: &str, name: &str) -> Result<MenuId> {
    let row = (menus::site_id.eq(site.get()), menus::slug.eq(slug), menus::name.eq(name));
    let id: i64 = each_backend!(tx.conn(), |c| diesel::insert_into(menus::table)
        .values(row)
        .on_conflict((menus::site_id, menus::slug))
        .do_update()
        .set(menus::name.eq(excluded(menus::name)))
        .returning(menus::id)
        .get_result(c))
    .or_db("making the menu")?;
    Ok(MenuId(id))
}

/// Deletes a menu with its lines.
///
/// # Errors
/// `NotFound("menu")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteScope, id: MenuId) -> Result<()> {
    let gone = diesel::delete(menus::table.filter(menus::site_id.eq(site.get())).filter(menus::id.eq(id.get())))
        .execute(tx.conn())
        .or_db("deleting the menu")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("menu")) }
}

/// All lines of all menus of a site with their targets, in order, in one statement.
///
/// # Errors
/// Database failures.
pub fn lines(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<Line>> {
    menu_items::table
        .left_join(
            entries::table.on(entries::id
                .eq(menu_items::target_id)
                .and(entries::site_id.eq(menu_items::site_id))
                .and(menu_items::kind.eq("entry"))
                .and(entries::status.eq("published"))
                .and(entries::visibility.ne("private"))),
        )
        .left_join(
            terms::table.on(terms::id
                .eq(menu_items::target_id)
                .and(terms::site_id.eq(menu_items::site_id))
                .and(menu_items::kind.eq("term"))),
        )
        .filter(menu_items::site_id.eq(site.get()))
        .order((menu_items::menu_id, menu_items::position, menu_items::id))
        .limit(2000)
        .select((Item::as_select(), (entries::title, entries::path).nullable(), (terms::name, terms::path).nullable()))
        .load(tx.conn())
        .or_db("reading menus")
}

/// One menu.
///
/// # Errors
/// `NotFound("menu")`.
pub fn find(tx: &mut Tx<'_>, site: SiteScope, id: MenuId) -> Result<Menu> {
    menus::table
        .filter(menus::site_id.eq(site.get()))
        .filter(menus::id.eq(id.get()))
        .select((menus::id, menus::slug, menus::name))
        .first(tx.conn())
        .optional()
        .or_db("reading the menu")?
        .ok_or_else(|| Error::not_found("menu"))
}

/// Gives a menu another name; its slug stays.
///
/// # Errors
/// `NotFound("menu")`.
pub fn rename(tx: &mut Tx<'_>, site: SiteScope, id: MenuId, name: &str) -> Result<()> {
    let changed = diesel::update(menus::table.filter(menus::site_id.eq(site.get())).filter(menus::id.eq(id.get())))
        .set(menus::name.eq(name))
        .execute(tx.conn())
        .or_db("renaming the menu")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("menu")) }
}

/// What a line leads to, as somebody who arranges menus sees it.
#[derive(Clone, Debug, Queryable)]
pub struct EntryTarget {
    /// Title.
    pub title: String,
    /// Address; none for drafts without one.
    pub path: Option<String>,
    /// Status.
    pub status: String,
    /// Visibility.
    pub visibility: String,
}

/// A line with what it leads to, public or not.
pub type OpenLine = (Item, Option<EntryTarget>, Option<(String, String)>);

/// The lines of one menu in their order, with their targets whatever their status; at most 500.
///
/// # Errors
/// Database failures.
pub fn open_lines(tx: &mut Tx<'_>, site: SiteScope, menu: MenuId) -> Result<Vec<OpenLine>> {
    menu_items::table
        .left_join(
            entries::table.on(entries::id
                .eq(menu_items::target_id)
                .and(entries::site_id.eq(menu_items::site_id))
                .and(menu_items::kind.eq("entry"))),
        )
        .left_join(
            terms::table.on(terms::id
                .eq(menu_items::target_id)
                .and(terms::site_id.eq(menu_items::site_id))
                .and(menu_items::kind.eq("term"))),
        )
        .filter(menu_items::site_id.eq(site.get()))
        .filter(menu_items::menu_id.eq(menu.get()))
        .order((menu_items::position, menu_items::id))
        .limit(500)
        .select((
            Item::as_select(),
            (entries::title, entries::path, entries::status, entries::visibility).nullable(),
            (terms::name, terms::path).nullable(),
        ))
        .load(tx.conn())
        .or_db("reading the menu")
}

/// Puts a line to its place.
///
/// # Errors
/// `NotFound("menu item")`.
pub fn move_item(tx: &mut Tx<'_>, site: SiteScope, id: i64, parent: i64, position: i64) -> Result<()> {
    let changed =
        diesel::update(menu_items::table.filter(menu_items::site_id.eq(site.get())).filter(menu_items::id.eq(id)))
            .set((menu_items::parent_id.eq(parent), menu_items::position.eq(position)))
            .execute(tx.conn())
            .or_db("storing the menu")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("menu item")) }
}

/// Stores label and address of a line.
///
/// # Errors
/// `NotFound("menu item")`.
pub fn edit_item(tx: &mut Tx<'_>, site: SiteScope, id: i64, label: &str, url: &str) -> Result<()> {
    let changed =
        diesel::update(menu_items::table.filter(menu_items::site_id.eq(site.get())).filter(menu_items::id.eq(id)))
            .set((menu_items::label.eq(label), menu_items::url.eq(url)))
            .execute(tx.conn())
            .or_db("storing the menu")?;
    if changed == 1 { Ok(()) } else { Err(Error::not_found("menu item")) }
}

/// Drops one line.
///
/// # Errors
/// `NotFound("menu item")`.
pub fn remove_item(tx: &mut Tx<'_>, site: SiteScope, id: i64) -> Result<()> {
    let gone =
        diesel::delete(menu_items::table.filter(menu_items::site_id.eq(site.get())).filter(menu_items::id.eq(id)))
            .execute(tx.conn())
            .or_db("storing the menu")?;
    if gone == 1 { Ok(()) } else { Err(Error::not_found("menu item")) }
}

/// Lines that lead to one term lead to another one from now on.
///
/// # Errors
/// Database failures.
pub fn retarget_term(tx: &mut Tx<'_>, site: SiteScope, from: TermId, into: TermId) -> Result<()> {
    let lines = menu_items::table
        .filter(menu_items::site_id.eq(site.get()))
        .filter(menu_items::kind.eq("term"))
        .filter(menu_items::target_id.eq(from.get()));
    diesel::update(lines).set(menu_items::target_id.eq(into.get())).execute(tx.conn()).or_db("storing the menu")?;
    Ok(())
}

/// Whether a menu of the site has a line to this entry (`entry`) or term (`term`).
///
/// # Errors
/// Database failures.
pub fn name(tx: &mut Tx<'_>, site: SiteScope, kind: &str, target: i64) -> Result<bool> {
    let found: Option<i64> = menu_items::table
        .filter(menu_items::site_id.eq(site.get()))
        .filter(menu_items::kind.eq(kind))
        .filter(menu_items::target_id.eq(target))
        .select(menu_items::id)
        .first(tx.conn())
        .optional()
        .or_db("looking through the menus")?;
    Ok(found.is_some())
}

/// Stores a line.
///
/// # Errors
/// `NotFound("menu")` where the menu is another site's.
pub fn put_item(tx: &mut Tx<'_>, site: SiteScope, item: &Item) -> Result<()> {
    let own: Option<i64> = menus::table
        .filter(menus::site_id.eq(site.get()))
        .filter(menus::id.eq(item.menu_id))
        .select(menus::id)
        .first(tx.conn())
        .optional()
        .or_db("reading the menu")?;
    if own.is_none() {
        return Err(Error::not_found("menu"));
    }
    let row = (
        menu_items::id.eq(item.id),
        menu_items::site_id.eq(site.get()),
        menu_items::menu_id.eq(item.menu_id),
        menu_items::parent_id.eq(item.parent_id),
        menu_items::position.eq(item.position),
        menu_items::kind.eq(&item.kind),
        menu_items::target_id.eq(item.target_id),
        menu_items::url.eq(&item.url),
        menu_items::label.eq(&item.label),
    );
    diesel::insert_into(menu_items::table).values(row).execute(tx.conn()).or_db("storing the menu")?;
    Ok(())
}

/// Drops all lines of a menu.
///
/// # Errors
/// Database failures.
pub fn clear(tx: &mut Tx<'_>, site: SiteScope, menu: MenuId) -> Result<()> {
    diesel::delete(
        menu_items::table.filter(menu_items::site_id.eq(site.get())).filter(menu_items::menu_id.eq(menu.get())),
    )
    .execute(tx.conn())
    .or_db("storing the menu")?;
    Ok(())
}

/// Which menu stands where: location and menu id.
///
/// # Errors
/// Database failures.
pub fn locations(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<(String, i64)>> {
    menu_locations::table
        .filter(menu_locations::site_id.eq(site.get()))
        .order(menu_locations::location)
        .select((menu_locations::location, menu_locations::menu_id))
        .load(tx.conn())
        .or_db("reading menu places")
}

/// Puts a menu into a place of the theme; `None` empties it.
///
/// # Errors
/// Database failures.
pub fn set_location(tx: &mut Tx<'_>, site: SiteScope, location: &str, menu: Option<MenuId>) -> Result<()> {
    diesel::delete(
        menu_locations::table
            .filter(menu_locations::site_id.eq(site.get()))
            .filter(menu_locations::location.eq(location)),
    )
    .execute(tx.conn())
    .or_db("placing the menu")?;
    if let Some(menu) = menu {
        diesel::insert_into(menu_locations::table)
            .values((
                menu_locations::site_id.eq(site.get()),
                menu_locations::location.eq(location),
                menu_locations::menu_id.eq(menu.get()),
            ))
            .execute(tx.conn())
            .or_db("placing the menu")?;
    }
    Ok(())
}
