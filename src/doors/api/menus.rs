//! Navigation menus: made, filled, arranged, put into the places of the theme.

use actix_web::web::Payload;
use freehold_base::{Capability, Code, Error, MenuId, Result, SiteId};
use freehold_platform::sites::settings;
use freehold_publishing::content::menus::{self, Menu, MenuLine, NewLine};
use freehold_store::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, created, done, ok};
use super::strict;

/// A menu.
#[derive(Debug, Serialize, ToSchema)]
pub struct MenuView {
    /// Its number.
    pub id: i64,
    /// Its unique short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Places of the theme where it stands.
    pub places: Vec<String>,
    /// Its lines, children after their parent.
    pub lines: Vec<MenuLineView>,
}

/// A line of a menu.
#[derive(Debug, Serialize, ToSchema)]
pub struct MenuLineView {
    /// Its number.
    pub id: i64,
    /// Levels above it: 0 to 2.
    pub depth: usize,
    /// `entry`, `term` or `link`.
    pub kind: String,
    /// The entry or term; 0 for links.
    pub target: i64,
    /// Own label; empty: the target's title.
    pub label: String,
    /// What visitors read.
    pub title: String,
    /// Where it leads; empty where that is gone.
    pub url: String,
    /// Why visitors do not see it; empty where they do.
    pub hidden: &'static str,
}

/// All menus.
#[derive(Debug, Serialize, ToSchema)]
pub struct MenusView {
    /// By name.
    pub items: Vec<MenuView>,
}

/// A menu to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuInput {
    /// Its name.
    pub name: String,
    /// Fill it with the site's top pages.
    #[serde(default)]
    pub of_pages: bool,
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuChange {
    /// The name.
    pub name: String,
}

/// Which menu stands in a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuPlaceInput {
    /// Its number; null: none.
    pub menu: Option<i64>,
}

/// A line to add: one of `entry`, `term`, and `label` with `url`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MenuLineInput {
    /// To this entry.
    pub entry: Option<i64>,
    /// To the page of this term.
    pub term: Option<i64>,
    /// What visitors read of a link.
    pub label: Option<String>,
    /// Where a link leads.
    pub url: Option<String>,
}

impl MenuLineInput {
    fn line(self) -> Result<NewLine> {
        match (self.entry, self.term, self.url) {
            (Some(id), None, None) => Ok(NewLine::Entry(id.into())),
            (None, Some(id), None) => Ok(NewLine::Term(id.into())),
            (None, None, Some(url)) => Ok(NewLine::Link { label: self.label.unwrap_or_default(), url }),
            _ => Err(Error::invalid("url", Code::Required, "one of entry, term, url")),
        }
    }
}

/// What of a line is changed; what is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MenuLineChange {
    /// Own label; empty: the target's title.
    pub label: Option<String>,
    /// Where a link leads.
    pub url: Option<String>,
}

/// Order and depth of all lines.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuOrderInput {
    /// Each line once, from the top.
    pub lines: Vec<MenuLinePlace>,
}

/// Where a line stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuLinePlace {
    /// The line.
    pub id: i64,
    /// Levels above it: 0 to 2.
    #[serde(default)]
    pub depth: usize,
}

fn view(tx: &mut Tx<'_>, site: SiteId, menu: Menu) -> Result<MenuView> {
    let places = menus::places(tx, site)?.into_iter().filter(|(_, id)| *id == menu.id).map(|(place, _)| place);
    let places = places.collect();
    let lines = menus::show(tx, site, MenuId(menu.id))?.into_iter().map(line_view).collect();
    Ok(MenuView { id: menu.id, slug: menu.slug, name: menu.name, places, lines })
}

fn line_view(line: MenuLine) -> MenuLineView {
    MenuLineView {
        id: line.item.id,
        depth: line.depth,
        kind: line.item.kind,
        target: line.item.target_id,
        label: line.item.label,
        title: line.title,
        url: line.url,
        hidden: line.hidden,
    }
}

fn one(tx: &mut Tx<'_>, site: SiteId, id: MenuId) -> Result<MenuView> {
    let found = menus::list(tx, site)?.into_iter().find(|m| m.id == id.get());
    let menu = found.ok_or_else(|| Error::not_found("menu"))?;
    view(tx, site, menu)
}

fn menu_of(ctx: &ApiCtx) -> Result<MenuId> {
    ctx.id::<MenuId>("menu", "menu")
}

/// All menus with their lines.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let items = ctx
        .read(move |tx| {
            let all = menus::list(tx, site)?;
            all.into_iter().map(|menu| view(tx, site, menu)).collect::<Result<Vec<_>>>()
        })
        .await?;
    Ok(ok(&MenusView { items }, None)?)
}

/// One menu.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, menu_of(&ctx)?);
    let found = ctx.read(move |tx| one(tx, site, id)).await?;
    Ok(ok(&found, None)?)
}

/// Makes a menu.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let site = ctx.site;
    let input: MenuInput = strict::read(&ctx.body(payload).await?)?;
    let made = ctx
        .write(move |tx| {
            let make = if input.of_pages { menus::create_from_pages } else { menus::create };
            let id = make(tx, site, &input.name)?;
            one(tx, site, id)
        })
        .await?;
    let location = format!("/api/v1/sites/{site}/menus/{}", made.id);
    Ok(created(&made, &location)?)
}

/// Gives a menu another name.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, menu_of(&ctx)?);
    let MenuChange { name } = strict::read(&ctx.body(payload).await?)?;
    let changed = ctx
        .write(move |tx| {
            menus::rename(tx, site, id, &name)?;
            one(tx, site, id)
        })
        .await?;
    Ok(ok(&changed, None)?)
}

/// Deletes a menu; what it leads to stays.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, menu_of(&ctx)?);
    ctx.write(move |tx| menus::delete(tx, site, id)).await?;
    Ok(done())
}

/// Puts a menu into a place of the theme, or empties it.
pub async fn put_place(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, place) = (ctx.site, ctx.text("place"));
    let MenuPlaceInput { menu } = strict::read(&ctx.body(payload).await?)?;
    let themes = ctx.app.pages.clone();
    ctx.write(move |tx| {
        let scope = tx.authorize(site, Capability::MenusManage)?;
        let theme = settings::read(tx, scope)?.theme.name;
        if !themes.themes().get(&theme).manifest().locations.contains_key(&place) {
            return Err(Error::not_found("place"));
        }
        menus::place(tx, site, &place, menu.map(MenuId))
    })
    .await?;
    Ok(done())
}

/// Adds a line at the end of a menu.
pub async fn add_line(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, menu_of(&ctx)?);
    let line = strict::read::<MenuLineInput>(&ctx.body(payload).await?)?.line()?;
    let changed = ctx
        .write(move |tx| {
            menus::add(tx, site, id, std::slice::from_ref(&line))?;
            one(tx, site, id)
        })
        .await?;
    Ok(created(&changed, &format!("/api/v1/sites/{site}/menus/{id}"))?)
}

/// Changes the words of a line, and where a link leads.
pub async fn update_line(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id, line) = (ctx.site, menu_of(&ctx)?, ctx.id::<i64>("line", "menu item")?);
    let input: MenuLineChange = strict::read(&ctx.body(payload).await?)?;
    let changed = ctx
        .write(move |tx| {
            let lines = menus::show(tx, site, id)?;
            let old = lines.into_iter().find(|l| l.item.id == line).ok_or_else(|| Error::not_found("menu item"))?.item;
            let label = input.label.as_ref().unwrap_or(&old.label);
            menus::edit(tx, site, id, line, label, input.url.as_ref().unwrap_or(&old.url))?;
            one(tx, site, id)
        })
        .await?;
    Ok(ok(&changed, None)?)
}

/// Takes a line out; what stood below it moves up one level.
pub async fn delete_line(ctx: ApiCtx) -> ApiReply {
    let (site, id, line) = (ctx.site, menu_of(&ctx)?, ctx.id::<i64>("line", "menu item")?);
    ctx.write(move |tx| menus::remove(tx, site, id, line)).await?;
    Ok(done())
}

/// Gives all lines their order and depth.
pub async fn put_order(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, menu_of(&ctx)?);
    let MenuOrderInput { lines } = strict::read(&ctx.body(payload).await?)?;
    let wanted: Vec<(i64, usize)> = lines.iter().map(|l| (l.id, l.depth)).collect();
    let changed = ctx
        .write(move |tx| {
            menus::arrange(tx, site, id, &wanted)?;
            one(tx, site, id)
        })
        .await?;
    Ok(ok(&changed, None)?)
}
