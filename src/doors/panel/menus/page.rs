//! The page of menus: one menu's lines, what can be added, where menus stand.

use std::collections::BTreeMap;

use freehold_base::{Capability, Error, MenuId, Page, PageSize, Result, SiteId};
use freehold_platform::sites::settings;
use freehold_publishing::content::menus::{self, LEVELS, Menu, MenuLine};
use freehold_publishing::content::{self, Filter, Sort};
use freehold_store::Tx;
use serde::Serialize;

use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::entries::shown_title;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct MenusView {
    tabs: Vec<Tab>,
    menu: Option<MenuView>,
    places: Vec<PlaceView>,
    places_action: String,
    new_action: String,
    new_name: String,
    query: String,
    self_href: String,
    groups: Vec<Group>,
    link_label: String,
    link_url: String,
    errors: Vec<FieldText>,
    field_errors: FieldErrors,
}

#[derive(Serialize)]
struct FieldErrors {
    name: String,
    rename: String,
    label: String,
    url: String,
}

#[derive(Serialize)]
struct Tab {
    label: String,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct MenuView {
    id: i64,
    name: String,
    rename: String,
    lines: Vec<LineView>,
    shown_in: String,
    rename_action: String,
    delete_action: String,
    add_action: String,
    link_action: String,
    order_action: String,
}

#[derive(Serialize)]
struct LineView {
    id: i64,
    depth: usize,
    title: String,
    kind: &'static str,
    url: String,
    hidden: &'static str,
    is_link: bool,
    label: String,
    target: String,
    action: String,
    up: bool,
    down: bool,
    inward: bool,
    out: bool,
}

#[derive(Serialize)]
struct PlaceView {
    name: String,
    label: String,
    value: String,
    options: Vec<Choice>,
}

#[derive(Clone, Serialize)]
struct Choice {
    value: String,
    label: String,
}

#[derive(Serialize)]
struct Group {
    label: &'static str,
    items: Vec<Choice>,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let menu = ctx.param("menu").and_then(|m| m.parse().ok());
    with(&ctx, 200, menu, &Form::default(), None).await
}

/// Menu places of the site's theme: name and words.
pub(super) async fn places_of_theme(ctx: &Ctx) -> Result<BTreeMap<String, String>> {
    let site = ctx.site;
    let theme = ctx
        .read(move |tx| {
            let scope = tx.authorize(site, Capability::MenusManage)?;
            Ok(settings::read(tx, scope)?.theme.name)
        })
        .await?;
    Ok(ctx.app.pages.themes().get(&theme).manifest().locations.clone())
}

/// What the page reads.
struct Read {
    menus: Vec<Menu>,
    current: Option<(Menu, Vec<MenuLine>)>,
    standing: Vec<(String, i64)>,
    groups: Vec<Group>,
}

/// The page, with what was typed and why it was refused.
pub(super) async fn with(ctx: &Ctx, status: u16, menu: Option<MenuId>, form: &Form, e: Option<&Error>) -> Reply {
    let frame = ctx.frame("Menus", vec![crumb("Menus", None)]).await?;
    let places = places_of_theme(ctx).await?;
    let (site, query) = (ctx.site, ctx.param("q").unwrap_or_default());
    let words = query.clone();
    let read = ctx.read(move |tx| read(tx, site, menu, &words)).await?;
    let here = ctx.menus_href();
    let chosen = read.current.as_ref().map_or(0, |(m, _)| m.id);
    let options = choices(&read.menus, "No menu");
    let typed = |name: &str| form.get(name).to_owned();
    let view = MenusView {
        tabs: read
            .menus
            .iter()
            .map(|m| Tab { label: m.name.clone(), href: format!("{here}?menu={}", m.id), current: m.id == chosen })
            .collect(),
        places: main_first(&places)
            .map(|(name, label)| PlaceView {
                name: format!("place-{name}"),
                label: label.clone(),
                value: standing_in(&read.standing, name),
                options: if name == "primary" {
                    choices(&read.menus, "No menu: the top pages")
                } else {
                    options.clone()
                },
            })
            .collect(),
        menu: read.current.map(|(m, lines)| menu_view(&here, &m, &lines, &places, &read.standing, form)),
        places_action: format!("{here}/places"),
        new_action: here.clone(),
        new_name: typed("name"),
        query,
        self_href: here,
        groups: read.groups,
        link_label: typed("label"),
        link_url: typed("url"),
        errors: e.map(field_texts).unwrap_or_default(),
        field_errors: FieldErrors {
            name: error_at(e, "name"),
            rename: error_at(e, "rename"),
            label: error_at(e, "label"),
            url: error_at(e, "url"),
        },
    };
    Ok(ctx.page(status, "menus/menus.html", &frame, &view)?)
}

/// The theme's places, the main one first.
fn main_first(places: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    let is_main = |(name, _): &(&String, &String)| *name == "primary";
    places.iter().filter(is_main).chain(places.iter().filter(move |place| !is_main(place)))
}

fn standing_in(standing: &[(String, i64)], place: &str) -> String {
    standing.iter().find(|(p, _)| p == place).map(|(_, id)| id.to_string()).unwrap_or_default()
}

fn choices(menus: &[Menu], none: &str) -> Vec<Choice> {
    let mut all = vec![Choice { value: String::new(), label: none.into() }];
    all.extend(menus.iter().map(|m| Choice { value: m.id.to_string(), label: m.name.clone() }));
    all
}

fn read(tx: &mut Tx<'_>, site: SiteId, wanted: Option<MenuId>, words: &str) -> Result<Read> {
    let menus = menus::list(tx, site)?;
    let standing = menus::places(tx, site)?;
    let chosen = match wanted.filter(|w| *w != MenuId(0)) {
        Some(id) => Some(menus.iter().find(|m| m.id == id.get()).ok_or_else(|| Error::not_found("menu"))?),
        // The menu that visitors see first is shown first.
        None => standing
            .iter()
            .find(|(place, _)| place == "primary")
            .and_then(|(_, id)| menus.iter().find(|m| m.id == *id))
            .or(menus.first()),
    };
    let current = match chosen {
        Some(menu) => Some((menu.clone(), menus::show(tx, site, MenuId(menu.id))?)),
        None => None,
    };
    let groups = if current.is_some() { addable(tx, site, words)? } else { Vec::new() };
    Ok(Read { menus, current, standing, groups })
}

/// What can be added: found by words, or the likely ones.
fn addable(tx: &mut Tx<'_>, site: SiteId, words: &str) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for (label, kind, sort, many) in [("Pages", "page", Sort::Title, 20), ("Posts", "post", Sort::Published, 6)] {
        let filter = Filter { kind: Some(kind.into()), live: true, ..Default::default() };
        let page = Page { size: PageSize::new(many), after: None };
        let found = content::lists::list(tx, site, &filter, words, sort, &page)?;
        let items = found
            .into_iter()
            .map(|((card, ..), _)| Choice { value: format!("entry:{}", card.id), label: shown_title(&card.title) });
        groups.push(Group { label, items: items.collect() });
    }
    for (label, taxonomy) in [("Categories", "category"), ("Tags", "tag")] {
        let page = Page { size: PageSize::new(12), after: None };
        let found = match words.trim() {
            "" => content::terms::list(tx, site, Some(taxonomy), &page)?,
            _ => content::terms::search(tx, site, taxonomy, words, &page)?,
        };
        let items = found.into_iter().map(|t| Choice { value: format!("term:{}", t.id), label: t.name });
        groups.push(Group { label, items: items.collect() });
    }
    groups.retain(|g| !g.items.is_empty());
    Ok(groups)
}

fn menu_view(
    here: &str,
    menu: &Menu,
    lines: &[MenuLine],
    places: &BTreeMap<String, String>,
    standing: &[(String, i64)],
    form: &Form,
) -> MenuView {
    let base = format!("{here}/{}", menu.id);
    let shown: Vec<&str> = standing
        .iter()
        .filter(|(_, id)| *id == menu.id)
        .filter_map(|(place, _)| places.get(place).map(String::as_str))
        .collect();
    MenuView {
        id: menu.id,
        name: menu.name.clone(),
        rename: if form.has("rename") { form.get("rename").to_owned() } else { menu.name.clone() },
        lines: lines.iter().enumerate().map(|(at, line)| line_view(&base, lines, at, line)).collect(),
        shown_in: shown.join(", "),
        delete_action: format!("{base}/delete"),
        add_action: format!("{base}/add"),
        link_action: format!("{base}/link"),
        order_action: format!("{base}/order"),
        rename_action: base,
    }
}

fn line_view(base: &str, lines: &[MenuLine], at: usize, line: &MenuLine) -> LineView {
    let depth = line.depth;
    let above = lines.iter().take(at).rev().take_while(|l| l.depth >= depth).any(|l| l.depth == depth);
    let below = lines.iter().skip(at + 1).take_while(|l| l.depth >= depth).any(|l| l.depth == depth);
    let block = lines.iter().skip(at + 1).take_while(|l| l.depth > depth).map(|l| l.depth);
    let deepest = block.chain([depth]).max().unwrap_or(depth);
    LineView {
        id: line.item.id,
        depth,
        title: if line.title.is_empty() { "Untitled".into() } else { line.title.clone() },
        kind: match line.item.kind.as_str() {
            "entry" => "Page or post",
            "term" => "Category or tag",
            _ => "Link",
        },
        url: line.url.clone(),
        hidden: line.hidden,
        is_link: line.item.kind == "link",
        label: line.item.label.clone(),
        target: line.item.url.clone(),
        action: format!("{base}/lines/{}", line.item.id),
        up: above,
        down: below,
        inward: above && deepest + 1 < LEVELS,
        out: depth > 0,
    }
}
