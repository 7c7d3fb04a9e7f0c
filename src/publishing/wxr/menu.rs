//! Lines of navigation menus, which WordPress exports as items of type `nav_menu_item`.

use super::php;
use super::record::Item;

/// One line of a menu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MenuItem {
    /// Its number; children name it as their parent.
    pub wp_id: i64,
    /// The menu's slug; empty for lines without a menu (WordPress shows them nowhere).
    pub menu: String,
    /// The menu's name.
    pub menu_name: String,
    /// What it reads; empty where the thing's own title is meant.
    pub title: String,
    /// What it leads to: "custom", "post_type", "taxonomy" or "post_type_archive".
    pub kind: String,
    /// The type or taxonomy of that thing: "page", "category".
    pub object: String,
    /// The number of that thing; for custom lines its own.
    pub object_id: i64,
    /// The address of custom lines.
    pub url: String,
    /// The number of the line above it; 0 on the top level.
    pub parent: i64,
    /// Its place.
    pub order: i64,
    /// "_blank" or empty.
    pub target: String,
    /// Classes set by hand.
    pub classes: Vec<String>,
    /// Relations (XFN), space-separated.
    pub rel: String,
    /// What is shown on hover.
    pub attr_title: String,
    /// A text below it, which some themes show.
    pub description: String,
}

impl MenuItem {
    /// Reads an item of type `nav_menu_item`; `None` for any other.
    pub fn from_item(item: &Item) -> Option<Self> {
        if item.kind != "nav_menu_item" {
            return None;
        }
        let text = |key| item.meta(key).unwrap_or_default().trim().to_owned();
        let number = |key| item.meta(key).and_then(|value| value.trim().parse().ok()).unwrap_or_default();
        let menu = item.terms.iter().find(|term| term.taxonomy == "nav_menu");
        Some(Self {
            wp_id: item.wp_id,
            menu: menu.map(|term| term.slug.clone()).unwrap_or_default(),
            menu_name: menu.map(|term| term.name.clone()).unwrap_or_default(),
            title: item.title.clone(),
            kind: text("_menu_item_type"),
            object: text("_menu_item_object"),
            object_id: number("_menu_item_object_id"),
            url: text("_menu_item_url"),
            parent: number("_menu_item_menu_item_parent"),
            order: item.menu_order,
            target: text("_menu_item_target"),
            classes: classes(&text("_menu_item_classes")),
            rel: text("_menu_item_xfn"),
            attr_title: item.excerpt.clone(),
            description: item.content.clone(),
        })
    }
}

fn classes(raw: &str) -> Vec<String> {
    let Some(php::Value::List(list)) = php::parse(raw) else { return Vec::new() };
    list.into_iter().filter_map(|(_, value)| value.as_str().filter(|c| !c.is_empty()).map(str::to_owned)).collect()
}
